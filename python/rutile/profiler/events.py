"""What a profile has recorded: events, sums by name, and the table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["EventList", "FunctionEvent", "FunctionEventAvg"]

OPERATION, BACKWARD, USER = "cpu_op", "backward", "user_annotation"


@dataclass(eq=False)
class FunctionEvent:
    """One call. Times are microseconds since the profile began, memory is in bytes.

    `flops` counts the multiplications and additions of matrix products, convolutions and recurrent layers.
    """

    name: str
    kind: str
    thread: int
    start: float
    end: float
    input_shapes: list[list[int]] = field(default_factory=list)
    cpu_memory_usage: int = 0
    flops: int = 0
    cpu_parent: FunctionEvent | None = None
    cpu_children: list[FunctionEvent] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The name."""
        return self.name

    @property
    def cpu_time_total(self) -> float:
        """How long it took."""
        return self.end - self.start

    @property
    def self_cpu_time_total(self) -> float:
        """How long it took without the events inside it."""
        return self.cpu_time_total - sum(child.cpu_time_total for child in self.cpu_children)

    @property
    def self_cpu_memory_usage(self) -> int:
        """What it took in memory (and kept) without the events inside it."""
        return self.cpu_memory_usage - sum(child.cpu_memory_usage for child in self.cpu_children)

    def __repr__(self) -> str:
        return f"<FunctionEvent {self.name} {_time(self.cpu_time_total)} thread={self.thread}>"


def nested(events: Iterable[FunctionEvent]) -> list[FunctionEvent]:
    """The events by start, each with its parent: the one on its thread that was running when it began."""
    ordered = sorted(events, key=lambda event: (event.start, -event.end))
    open_: dict[int, list[FunctionEvent]] = {}
    for event in ordered:
        stack = open_.setdefault(event.thread, [])
        while stack and stack[-1].end < event.end:
            stack.pop()
        if stack and event.start < stack[-1].end:
            event.cpu_parent = stack[-1]
            stack[-1].cpu_children.append(event)
        stack.append(event)
    return ordered


@dataclass
class FunctionEventAvg:
    """All calls of one name (and, if grouped so, of the same shapes)."""

    key: str
    kind: str = OPERATION
    count: int = 0
    cpu_time_total: float = 0.0
    self_cpu_time_total: float = 0.0
    cpu_memory_usage: int = 0
    self_cpu_memory_usage: int = 0
    flops: int = 0
    input_shapes: list[list[int]] = field(default_factory=list)

    @property
    def cpu_time(self) -> float:
        """Microseconds of one call, on average."""
        return self.cpu_time_total / self.count if self.count else 0.0

    def add(self, event: FunctionEvent) -> None:
        """Counts one more call. Inside a call of the same name only the time of the outer one counts."""
        self.count += 1
        parent = event.cpu_parent
        while parent is not None and parent.name != event.name:
            parent = parent.cpu_parent
        if parent is None:
            self.cpu_time_total += event.cpu_time_total
            self.cpu_memory_usage += event.cpu_memory_usage
            self.flops += event.flops
        self.self_cpu_time_total += event.self_cpu_time_total
        self.self_cpu_memory_usage += event.self_cpu_memory_usage


class EventList(list[Any]):
    """Events (`profile.events()`) or their sums (`profile.key_averages()`), with a table."""

    def __init__(self, rows: Iterable[Any] = (), memory: bool = False) -> None:
        super().__init__(rows)
        self._memory = memory

    @property
    def self_cpu_time_total(self) -> float:
        """Microseconds inside of operations and annotations, each counted once."""
        return float(sum(row.self_cpu_time_total for row in self))

    def total_average(self) -> FunctionEventAvg:
        """Everything as one row."""
        total = FunctionEventAvg("Total", count=sum(getattr(row, "count", 1) for row in self))
        for name in ("self_cpu_time_total", "self_cpu_memory_usage"):
            setattr(total, name, sum(getattr(row, name) for row in self))
        total.cpu_time_total, total.cpu_memory_usage = total.self_cpu_time_total, total.self_cpu_memory_usage
        return total

    def key_averages(self, group_by_input_shape: bool = False) -> EventList:
        """Sums of events by name, and by shapes if `group_by_input_shape`."""
        rows: dict[Any, FunctionEventAvg] = {}
        for event in self:
            shapes = event.input_shapes if group_by_input_shape else []
            row = rows.setdefault(
                (event.name, str(shapes)), FunctionEventAvg(event.name, event.kind, input_shapes=shapes)
            )
            row.add(event)
        return EventList(rows.values(), self._memory)

    def table(
        self,
        sort_by: str | None = None,
        row_limit: int = 100,
        max_src_column_width: int = 75,
        max_name_column_width: int = 55,
        max_shapes_column_width: int = 80,
        header: str | None = None,
        top_level_events_only: bool = False,
    ) -> str:
        """The rows as text, the largest `sort_by` first: `"cpu_time_total"`, `"self_cpu_time_total"`, `"cpu_time"`,
        `"count"`, `"flops"`, `"cpu_memory_usage"`, `"self_cpu_memory_usage"` or `"key"` (alphabetically).
        """
        rows = list(self)
        if top_level_events_only:
            rows = [row for row in rows if getattr(row, "cpu_parent", None) is None]
        if sort_by is not None:
            if sort_by not in _SORTS:
                raise ValueError(f"table: sort_by wants one of {', '.join(_SORTS)}, got {sort_by!r}")
            rows.sort(key=lambda row: getattr(row, sort_by), reverse=sort_by != "key")
        total = self.self_cpu_time_total
        columns: list[tuple[str, list[str]]] = [
            ("Name", [_cut(row.key, max_name_column_width) for row in rows]),
            ("Self CPU %", [_percent(row.self_cpu_time_total, total) for row in rows]),
            ("Self CPU", [_time(row.self_cpu_time_total) for row in rows]),
            ("CPU total %", [_percent(row.cpu_time_total, total) for row in rows]),
            ("CPU total", [_time(row.cpu_time_total) for row in rows]),
            ("CPU time avg", [_time(getattr(row, "cpu_time", row.cpu_time_total)) for row in rows]),
            ("# of Calls", [str(getattr(row, "count", 1)) for row in rows]),
        ]
        if self._memory:
            columns.append(("CPU Mem", [size(row.cpu_memory_usage) for row in rows]))
            columns.append(("Self CPU Mem", [size(row.self_cpu_memory_usage) for row in rows]))
        if any(row.input_shapes for row in rows):
            columns.append(("Input Shapes", [_cut(str(row.input_shapes), max_shapes_column_width) for row in rows]))
        if any(row.flops for row in rows):
            columns.append(("GFLOP", [f"{row.flops / 1e9:.3f}" if row.flops else "--" for row in rows]))
        if 0 <= row_limit < len(rows):
            columns = [(name, cells[:row_limit]) for name, cells in columns]
        text = grid(columns, left=("Name", "Input Shapes"))
        return f"{header}\n{text}" * bool(header) + text * (not header) + f"\nSelf CPU time total: {_time(total)}\n"

    def __str__(self) -> str:
        return self.table()


_SORTS = (
    "cpu_time_total",
    "self_cpu_time_total",
    "cpu_time",
    "count",
    "flops",
    "cpu_memory_usage",
    "self_cpu_memory_usage",
    "key",
)


def grid(columns: Sequence[tuple[str, Sequence[str]]], left: Sequence[str] = ()) -> str:
    """Columns of text under their names; those of `left` start at their left."""
    widths = [max(len(name), *map(len, cells), 1) if cells else len(name) for name, cells in columns]
    sides = ["<" if name in left else ">" for name, _ in columns]
    rows = [[name for name, _ in columns], *map(list, zip(*(cells for _, cells in columns), strict=True))]
    lines = [
        "  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(row, sides, widths, strict=True)).rstrip()
        for row in rows
    ]
    rule = "  ".join("-" * width for width in widths)
    return "\n".join([rule, lines[0], rule, *lines[1:], rule])


def size(bytes_: int) -> str:
    """Bytes with a unit."""
    value = float(bytes_)
    for unit in ("B", "KB", "MB"):
        if abs(value) < 1024:
            return f"{bytes_} B" if unit == "B" else f"{value:.2f} {unit}"
        value /= 1024
    return f"{value:.2f} GB"


def _time(microseconds: float) -> str:
    for limit, scale, unit in ((1e3, 1.0, "us"), (1e6, 1e3, "ms")):
        if microseconds < limit:
            return f"{microseconds / scale:.3f}{unit}"
    return f"{microseconds / 1e6:.3f}s"


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.2f}%" if whole else "--"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(width - 3, 0)] + "..."
