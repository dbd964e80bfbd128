"""Ctrl-C and SIGTERM between two batches, never within one."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from types import FrameType


class Interrupted(KeyboardInterrupt):
    """Ctrl-C was pressed, and the work stopped between two batches."""

    folder: Path | None = None
    """The run to resume."""


class Terminated(Interrupted):
    """SIGTERM came, and the work stopped between two batches."""


class Interrupts:
    """A context in which Ctrl-C and SIGTERM wait for the next `check`, so that no step of the optimizer is cut in two.

    A second Ctrl-C is not held back and raises a plain KeyboardInterrupt at once. Outside the main thread, where Python
    has no signals, nothing is held back.

    >>> with Interrupts() as interrupts:
    ...     for batch in range(3):  # one step of the optimizer each
    ...         interrupts.check()
    """

    def __init__(self) -> None:
        self._pending: Interrupted | None = None
        self._before: dict[int, object] = {}

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal.signal returned
        self._before.clear()

    def check(self) -> None:
        """Raises Interrupted if Ctrl-C was pressed, Terminated after SIGTERM."""
        if self._pending:
            pending, self._pending = self._pending, None
            raise pending

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self._pending and number == signal.SIGINT:
            raise KeyboardInterrupt
        self._pending = Terminated() if number == signal.SIGTERM else Interrupted()
