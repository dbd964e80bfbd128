"""What a run shows while it runs: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import functools
import shutil
import sys
import time
from typing import Any, Protocol, TextIO

from rutile.training.config import Config
from rutile.training.state import Epoch, State

_LINE_SECONDS = 10.0
_BAR_SECONDS = 0.1


class Bar(Protocol):
    """Shows how far an epoch is."""

    def show(self, done: int, total: int, head: str, tail: str) -> None:
        """Shows `done` of `total` batches."""

    def close(self) -> None:
        """Clears what `show` left on the screen."""


class Progress:
    """Reports a run on a stream: within an epoch the loss, accuracy, speed and time left, then a line per epoch.

    On a terminal the state of the epoch is a bar (tqdm's where it is installed); elsewhere a line every ten seconds.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stdout
        self._bar: Bar | None = None
        self._interval = _BAR_SECONDS if self.stream.isatty() else _LINE_SECONDS
        self._shown = 0.0

    def note(self, text: str) -> None:
        """Prints a line."""
        print(text, file=self.stream, flush=True)

    def start(self, state: State, batches: int, config: Config) -> None:
        """An epoch begins, or goes on."""
        self._batches = batches
        self._epochs = config.epochs
        self._began = time.perf_counter()
        self._done_before = state.position
        self._shown = self._began if self._interval == _LINE_SECONDS else 0.0
        self._bar = make_bar(self.stream)

    def step(self, state: State) -> None:
        """A batch is done."""
        now = time.perf_counter()
        if self._bar is None or now - self._shown < self._interval:
            return
        self._shown = now
        each = (now - self._began) / (state.position - self._done_before)
        left = each * (self._batches - state.position + self._batches * (self._epochs - state.epoch))
        speed = state.seen / max(state.seconds, 1e-9)
        self._bar.show(
            state.position,
            self._batches,
            f"epoch {state.epoch:>{len(str(self._epochs))}}/{self._epochs}",
            f"loss {state.loss_sum / state.seen:.4f}  accuracy {100 * state.correct / state.seen:.2f} %  "
            f"{speed:,.0f} samples/s  {clock(left)} left",
        )

    def stop(self) -> None:
        """The steps of an epoch are over or cut short."""
        if self._bar:
            self._bar.close()
            self._bar = None

    def epoch(self, row: Epoch, improved: bool) -> None:
        """An epoch is complete: its line."""
        self.note(
            f"epoch {row.epoch:>{len(str(self._epochs))}}/{self._epochs}  "
            f"loss {row.train_loss:.4f}  accuracy {100 * row.train_accuracy:6.2f} %  |  "
            f"validation loss {row.validation_loss:.4f}  accuracy {100 * row.validation_accuracy:6.2f} %  |  "
            f"{row.seconds:.1f} s  {row.samples_per_second:,.0f} samples/s{'  *' if improved else ''}"
        )


def clock(seconds: float) -> str:
    """A duration as 0:05, 12:34 or 1:02:03."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


class _Lines:
    """A line at a time, for files and pipes."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def show(self, done: int, total: int, head: str, tail: str) -> None:
        print(f"{head}  {100 * done // total:3d} %  {tail}", file=self.stream, flush=True)

    def close(self) -> None:
        pass


class _PlainBar:
    """A bar drawn over itself, with nothing but a carriage return."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def show(self, done: int, total: int, head: str, tail: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        bar = max(0, min(30, width - len(head) - len(tail) - 6))
        filled = bar * done // total
        line = f"{head}  [{'#' * filled}{'.' * (bar - filled)}]  {tail}" if bar else f"{head}  {tail}"
        self.stream.write("\r" + line[:width].ljust(width))
        self.stream.flush()

    def close(self) -> None:
        self.stream.write("\r" + " " * (shutil.get_terminal_size().columns - 1) + "\r")
        self.stream.flush()


class _TqdmBar:
    """tqdm's bar."""

    def __init__(self, stream: TextIO, tqdm: Any) -> None:
        self.make = functools.partial(tqdm, file=stream, leave=False, dynamic_ncols=True)
        self.bar: Any = None

    def show(self, done: int, total: int, head: str, tail: str) -> None:
        # Within the format, because tqdm puts a comma before its postfix.
        layout = f"{head}  {{percentage:3.0f}} % {{bar}}  {tail}"
        if self.bar is None:
            self.bar = self.make(total=total, initial=done, bar_format=layout)
        else:
            self.bar.bar_format = layout
            self.bar.n = done
            self.bar.refresh()

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()


def make_bar(stream: TextIO) -> Bar:
    """A bar for this stream: tqdm's, a plain one, or lines where it is no terminal."""
    if not stream.isatty():
        return _Lines(stream)
    try:
        from tqdm import tqdm
    except ImportError:
        return _PlainBar(stream)
    return _TqdmBar(stream, tqdm)
