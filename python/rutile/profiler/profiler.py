"""The context manager that records, the calendar of its steps, and annotations."""

from __future__ import annotations

import functools
import gzip
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable
from enum import Enum
from pathlib import Path
from typing import Any, Self, TypeVar

from rutile import _rutile
from rutile._files import replacing

from .events import BACKWARD, OPERATION, USER, EventList, FunctionEvent, nested

__all__ = [
    "ProfilerAction",
    "ProfilerActivity",
    "profile",
    "record_function",
    "schedule",
    "supported_activities",
    "tensorboard_trace_handler",
]

F = TypeVar("F", bound=Callable[..., Any])


class ProfilerActivity(Enum):
    """What can be watched: there is only the CPU."""

    CPU = 0
    CUDA = 2


class ProfilerAction(Enum):
    """What a schedule says of a step."""

    NONE = 0
    WARMUP = 1
    RECORD = 2
    RECORD_AND_SAVE = 3


def supported_activities() -> set[ProfilerActivity]:
    """`{ProfilerActivity.CPU}`."""
    return {ProfilerActivity.CPU}


def schedule(
    *, wait: int, warmup: int, active: int, repeat: int = 0, skip_first: int = 0, skip_first_wait: int = 0
) -> Callable[[int], ProfilerAction]:
    """Which steps are recorded: after the first `skip_first`, cycles of `wait` idle steps, `warmup` steps and `active`
    recorded ones; `repeat` cycles, or (0) without end. `skip_first_wait=1` leaves out the first cycle's wait.
    """
    if min(wait, warmup, repeat, skip_first) < 0 or active <= 0:
        raise ValueError("schedule: wait, warmup, repeat and skip_first must be 0 or more, active more than 0")

    def action(step: int) -> ProfilerAction:
        step -= skip_first
        if step < 0:
            return ProfilerAction.NONE
        if skip_first_wait:
            step += wait
        length = wait + warmup + active
        cycle, place = divmod(step, length)
        if (repeat and cycle >= repeat) or place < wait:
            return ProfilerAction.NONE
        if place < wait + warmup:
            return ProfilerAction.WARMUP
        return ProfilerAction.RECORD_AND_SAVE if place == length - 1 else ProfilerAction.RECORD

    return action


def tensorboard_trace_handler(
    dir_name: str, worker_name: str | None = None, use_gzip: bool = False
) -> Callable[[profile], None]:
    """For `on_trace_ready`: writes each trace to a file of its own in `dir_name`."""
    os.makedirs(dir_name, exist_ok=True)

    def write(prof: profile) -> None:
        worker = worker_name or f"{socket.gethostname()}_{os.getpid()}"
        name = f"{worker}.{time.time_ns()}.pt.trace.json{'.gz' if use_gzip else ''}"
        prof.export_chrome_trace(os.path.join(dir_name, name))

    return write


# The profile that is recording, for annotations. There is one at a time: the engine has one record.
_current: profile | None = None
_lock = threading.Lock()


class profile:  # noqa: N801 - PyTorch's name
    """Records the operations that run inside of it, on all threads, with their derivatives.

    Args:
        activities: has to contain `ProfilerActivity.CPU` if given.
        schedule: which steps are recorded, as `schedule` makes it; without one, all. `step()` ends a step.
        on_trace_ready: called with this profile when a recorded cycle is complete, or at the end.
        record_shapes: keep the shapes of the operations' tensors.
        profile_memory: show in tables what was allocated and kept.
        with_flops: taken for compatibility, operations are always counted.
        with_stack, with_modules: not supported; True is an error.

    Raises:
        RuntimeError: another profile is recording.
    """

    def __init__(
        self,
        *,
        activities: Iterable[ProfilerActivity] | None = None,
        schedule: Callable[[int], ProfilerAction] | None = None,
        on_trace_ready: Callable[[profile], Any] | None = None,
        record_shapes: bool = False,
        profile_memory: bool = False,
        with_stack: bool = False,
        with_flops: bool = False,
        with_modules: bool = False,
        use_cuda: bool | None = None,
    ) -> None:
        if activities is not None and ProfilerActivity.CPU not in set(activities):
            raise ValueError("profile: activities must contain ProfilerActivity.CPU; there is no other device")
        if use_cuda:
            raise ValueError("profile: use_cuda=True is not supported, there is only the CPU")
        if with_stack or with_modules:
            name = "with_stack" if with_stack else "with_modules"
            raise ValueError(f"profile: {name}=True is not supported; name parts of the code by record_function")
        self._schedule = schedule
        self._on_trace_ready = on_trace_ready
        self._shapes = record_shapes
        self._memory = profile_memory
        self.step_num = 0
        self._action = ProfilerAction.NONE
        self._notes: list[tuple[str, int, int, int]] = []
        self._metadata: dict[str, Any] = {}
        self._events: EventList | None = None
        self._step_began = (0, 0)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Begins, as entering the `with` block does."""
        self._follow(self._wanted(self.step_num))

    def stop(self) -> None:
        """Ends, as leaving the `with` block does."""
        if self._recording:
            self._end_step()
            self._collect()
            if self._on_trace_ready is not None:
                self._on_trace_ready(self)
        self._action = ProfilerAction.NONE

    def step(self) -> None:
        """The next step of the schedule."""
        if self._recording:
            self._end_step()
        done = self._action is ProfilerAction.RECORD_AND_SAVE
        self.step_num += 1
        if done:
            self._collect()
            if self._on_trace_ready is not None:
                self._on_trace_ready(self)
            self._action = ProfilerAction.NONE
        self._follow(self._wanted(self.step_num))

    @property
    def _recording(self) -> bool:
        return self._action in (ProfilerAction.RECORD, ProfilerAction.RECORD_AND_SAVE)

    def _wanted(self, step: int) -> ProfilerAction:
        return ProfilerAction.RECORD if self._schedule is None else self._schedule(step)

    def _follow(self, action: ProfilerAction) -> None:
        global _current
        before, self._action = self._recording, action
        if self._recording and not before:
            with _lock:
                if not _rutile._profile_start(True, self._shapes):
                    self._action = ProfilerAction.NONE
                    raise RuntimeError("profile: another profile (or a summary) is recording; one can at a time")
                _current = self
            self._notes = []
        elif before and not self._recording:
            self._collect()
        self._step_began = _rutile._profile_now()

    def _end_step(self) -> None:
        if self._schedule is not None:
            start, thread = self._step_began
            self._notes.append((f"ProfilerStep#{self.step_num}", thread, start, _rutile._profile_now()[0]))

    def _collect(self) -> None:
        global _current
        with _lock:
            _current = None
            rows = _rutile._profile_stop()
        events = []
        for name, derivative, thread, start, end, shapes, memory, products in rows:
            title = f"{name[:1].upper()}{name[1:]}Backward" if derivative else name
            kind = BACKWARD if derivative else OPERATION
            events.append(FunctionEvent(title, kind, thread, start / 1e3, end / 1e3, shapes, memory, 2 * products))
        for name, thread, start, end in self._notes:
            events.append(FunctionEvent(name, USER, thread, start / 1e3, end / 1e3))
        events = nested(events)
        origin = events[0].start if events else 0.0
        for event in events:
            event.start -= origin
            event.end -= origin
        for event in reversed(events):  # children begin after their parent
            if event.kind == USER:
                event.cpu_memory_usage = sum(child.cpu_memory_usage for child in event.cpu_children)
                event.flops = sum(child.flops for child in event.cpu_children)
        self._events = EventList(events, self._memory)

    def events(self) -> EventList:
        """The events by their start."""
        if self._events is None:
            raise RuntimeError("profile: nothing is recorded yet; ask after the with block (or in on_trace_ready)")
        return self._events

    def key_averages(self, group_by_input_shape: bool = False, group_by_stack_n: int = 0) -> EventList:
        """Sums by name, and by shapes if `group_by_input_shape` (with `record_shapes=True`)."""
        if group_by_stack_n:
            raise ValueError("key_averages: group_by_stack_n is not supported, stacks are not recorded")
        return self.events().key_averages(group_by_input_shape)

    def total_average(self) -> Any:
        """Everything as one row."""
        return self.events().total_average()

    def add_metadata(self, key: str, value: str) -> None:
        """A text that the trace keeps."""
        self._metadata[key] = value

    def add_metadata_json(self, key: str, value: str) -> None:
        """A value that the trace keeps, as JSON."""
        self._metadata[key] = json.loads(value)

    def export_chrome_trace(self, path: str | os.PathLike[str]) -> None:
        """Writes the events as JSON for chrome://tracing and https://ui.perfetto.dev, compressed if it ends in .gz."""
        process = os.getpid()
        rows = [
            {
                "ph": "X",
                "cat": event.kind,
                "name": event.name,
                "pid": process,
                "tid": event.thread,
                "ts": round(event.start, 3),
                "dur": round(event.cpu_time_total, 3),
                "args": {
                    key: value
                    for key, value in (
                        ("Input Dims", event.input_shapes),
                        ("Bytes", event.cpu_memory_usage if self._memory else 0),
                        ("FLOP", event.flops),
                    )
                    if value
                },
            }
            for event in self.events()
        ]
        names = [
            {"ph": "M", "name": "thread_name", "pid": process, "tid": thread, "args": {"name": f"thread {thread}"}}
            for thread in sorted({event.thread for event in self.events()})
        ]
        text = json.dumps({"displayTimeUnit": "ms", **self._metadata, "traceEvents": names + rows}).encode()
        with replacing(Path(path)) as temporary:
            temporary.write_bytes(gzip.compress(text) if str(path).endswith(".gz") else text)


class record_function:  # noqa: N801 - PyTorch's name
    """Names a part of the code in the profile: a context manager, or a decorator.

    Outside of a profile it does nothing.
    """

    def __init__(self, name: str, args: str | None = None) -> None:
        self.name = name
        self.args = args
        self._began: list[tuple[int, int]] = []

    def __enter__(self) -> Self:
        self._began.append(_rutile._profile_now())
        return self

    def __exit__(self, *exception: object) -> None:
        start, thread = self._began.pop()
        if _current is not None:
            _current._notes.append((self.name, thread, start, _rutile._profile_now()[0]))

    def __call__(self, function: F) -> F:
        @functools.wraps(function)
        def named(*args: Any, **kwargs: Any) -> Any:
            with record_function(self.name, self.args):
                return function(*args, **kwargs)

        return named  # type: ignore[return-value]
