"""The tape of a network as a picture."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import rutile as rt

from ._drawing import COLOURS, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["graph"]

# Kind of box: what the legend says, colour.
_KINDS = {
    "output": ("result", COLOURS[2]),
    "operation": ("operation", COLOURS[0]),
    "leaf": ("parameter or input", COLOURS[1]),
}


@dataclass(eq=False)
class _Box:
    """A node of the tape, or a tensor at its start."""

    text: str
    kind: str
    sources: list[_Box] = field(default_factory=list)
    layer: int = 0
    place: float = 0.0


def graph(output: rt.Tensor, model: rt.nn.Module | None = None, limit: int = 300) -> Figure:
    """The operations that `output` was made by, from parameters and inputs at the top down to it.

    Args:
        output: a tensor with history: what a network gave, or its loss.
        model: names the parameters.
        limit: how many boxes at most; more is an error, because nobody could read them.

    Example:
        >>> layer = rt.nn.Linear(3, 2)
        >>> figure = rt.viz.graph(layer(rt.ones(1, 3)).relu().sum(), layer)
    """
    if output.grad_fn is None:
        raise ValueError("graph: the tensor has no history; it must come from operations that record (no no_grad)")
    names = {} if model is None else {p.data_ptr(): name for name, p in model.named_parameters()}
    boxes = _boxes(output, names, limit)
    rows = _arranged(boxes)
    width = max(len(row) for row in rows)
    figure = new_figure(min(max(4.0, 1.7 * width + 0.5), 40.0), min(max(2.5, 0.62 * len(rows) + 0.9), 60.0))
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_xlim(-0.6, width - 0.4)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    for box in boxes:
        colour = _KINDS[box.kind][1]
        axes.text(
            box.place,
            box.layer,
            box.text,
            ha="center",
            va="center",
            fontsize=7,
            color="black",
            bbox={"boxstyle": "round", "facecolor": "white", "edgecolor": colour, "linewidth": 1.6},
            zorder=3,
        )
        for source in box.sources:
            # A straight line over several rows would hide behind the boxes between.
            hidden = box.layer - source.layer > 1 and abs(box.place - source.place) < 0.5
            axes.annotate(
                "",
                (box.place, box.layer - 0.22),
                (source.place, source.layer + 0.22),
                arrowprops={
                    "arrowstyle": "-|>",
                    "color": "grey",
                    "linewidth": 0.8,
                    "connectionstyle": f"arc3,rad={-0.35 if hidden else 0}",
                },
                zorder=1,
            )
    from matplotlib.lines import Line2D

    used = [kind for kind in _KINDS if any(box.kind == kind for box in boxes)]
    marks = [
        Line2D([], [], marker="s", linestyle="", markerfacecolor="white", markeredgecolor=_KINDS[k][1]) for k in used
    ]
    figure.legend(
        marks, [_KINDS[kind][0] for kind in used], loc="outside lower center", ncols=3, frameon=False, fontsize=8
    )
    return figure


def _boxes(output: rt.Tensor, names: dict[int, str], limit: int) -> list[_Box]:
    """The boxes, each after its sources."""
    made: dict[Any, _Box] = {}

    def box(node: Any) -> _Box:
        if isinstance(node, rt.Tensor):
            key: Any = ("leaf", node.data_ptr())
            text = f"{names.get(node.data_ptr(), 'tensor')}\n{' x '.join(map(str, node.shape)) or 'number'}"
            return made.setdefault(key, _Box(text, "leaf"))
        return made.setdefault(node, _Box(node.name().removesuffix("Backward"), "operation"))

    # Depth first without recursion: a tape may be deep. A node is complete when its sources are.
    order: list[_Box] = []
    done: set[int] = set()
    stack: list[tuple[_Box, Iterator[Any]]] = []

    def enter(node: Any) -> None:
        entered = box(node)
        if id(entered) not in done:
            done.add(id(entered))
            stack.append((entered, iter([] if isinstance(node, rt.Tensor) else node._inputs)))

    enter(output.grad_fn)
    while stack:
        if len(made) > limit:
            raise ValueError(f"graph: more than {limit} boxes; draw a part of the network, or raise limit")
        current, sources = stack[-1]
        source = next((source for source in sources if source is not None), None)
        if source is None:
            order.append(current)
            stack.pop()
        else:
            current.sources.append(box(source))
            enter(source)
    result = _Box(f"result\n{' x '.join(map(str, output.shape)) or 'number'}", "output", [order[-1]])
    return [*order, result]


def _arranged(boxes: list[_Box]) -> list[list[_Box]]:
    """Rows of boxes: each below all of its sources, leaves just above their first use, near what they are joined to."""
    for box in boxes:
        box.layer = 1 + max((source.layer for source in box.sources), default=-1)
    uses: dict[int, list[_Box]] = {}
    for box in boxes:
        for source in box.sources:
            uses.setdefault(id(source), []).append(box)
    for box in boxes:
        if box.kind == "leaf":
            box.layer = max(0, min(user.layer for user in uses[id(box)]) - 1)
    first = min(box.layer for box in boxes)
    rows: list[list[_Box]] = [[] for _ in range(max(box.layer for box in boxes) - first + 1)]
    for box in boxes:
        box.layer -= first
        rows[box.layer].append(box)
    width = max(len(row) for row in rows)
    for row in rows:
        _spread(row, width)
    # Sweeps down and up bring boxes near the mean of their neighbours (Sugiyama, Tagawa and Toda, 1981).
    for sweep in range(8):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            for box in row:
                near = box.sources if sweep % 2 == 0 else uses.get(id(box), [])
                if near:
                    box.place = sum(other.place for other in near) / len(near)
            row.sort(key=lambda box: box.place)
            _apart(row, width)
    return rows


def _spread(row: list[_Box], width: int) -> None:
    """Side by side, in the middle."""
    for number, box in enumerate(row):
        box.place = number + (width - len(row)) / 2


def _apart(row: list[_Box], width: int) -> None:
    """Moves neighbours to a distance of 1 at least, inside of the picture."""
    for left, right in itertools.pairwise(row):
        right.place = max(right.place, left.place + 1)
    surplus = row[-1].place - (width - 1)
    if surplus > 0:
        row[-1].place -= surplus
        for right, left in zip(reversed(row), list(reversed(row))[1:], strict=False):
            left.place = min(left.place, right.place - 1)
