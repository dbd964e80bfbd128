"""Backpropagation: a computational graph of scalars, walked backwards and drawn node by node."""

import math
from collections.abc import Callable
from typing import Any

import rutile as rt
from rutile import lessons


class Node:
    """A number, where it came from, and how a change of it is passed on to those."""

    def __init__(self, value: float, name: str, sources: tuple["Node", ...] = (), *slopes: Callable[[], float]) -> None:
        self.value, self.name, self.sources, self.slopes = value, name, sources, slopes
        self.grad = 0.0

    def __add__(self, other: "Node") -> "Node":
        return Node(self.value + other.value, "+", (self, other), lambda: 1.0, lambda: 1.0)

    def __mul__(self, other: "Node") -> "Node":
        return Node(self.value * other.value, "×", (self, other), lambda: other.value, lambda: self.value)

    def sigmoid(self) -> "Node":
        y = 1 / (1 + math.exp(-self.value))
        return Node(y, "σ", (self,), lambda: y * (1 - y))

    def order(self) -> list["Node"]:
        """All nodes below this one, each after its sources."""
        found: list[Node] = []

        def visit(node: Node) -> None:
            if node not in found:
                for source in node.sources:
                    visit(source)
                found.append(node)

        visit(self)
        return found

    def backward(self) -> list["Node"]:
        """Fills in `grad` of all nodes: from the last to the first, each hands its gradient on by the chain rule."""
        walk = self.order()[::-1]
        self.grad = 1.0
        for node in walk:
            for source, slope in zip(node.sources, node.slopes, strict=True):
                source.grad += node.grad * slope()  # a sum, because a node may be used several times
        return walk


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    values = {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "b": -3.0}
    nodes = {name: Node(value, name) for name, value in values.items()}
    out = (nodes["w0"] * nodes["x0"] + nodes["w1"] * nodes["x1"] + nodes["b"]).sigmoid()

    lesson.heading("The walk backwards")
    walk = out.backward()
    lesson.table(["node", "value", "gradient"], [(n.name, f"{n.value:.4f}", f"{n.grad:.4f}") for n in walk])

    lesson.heading("The same by Rutile's tape")
    leaves = {name: rt.tensor(value, requires_grad=True) for name, value in values.items()}
    y = rt.sigmoid(leaves["w0"] * leaves["x0"] + leaves["w1"] * leaves["x1"] + leaves["b"])
    y.backward()
    difference = max(abs(leaves[name].grad.item() - nodes[name].grad) for name in values)
    lesson.say("largest difference of the gradients: {difference:.1e}", difference=difference)

    lesson.heading("A node that is used twice")
    x = Node(3.0, "x")
    (x * x + x).backward()
    lesson.say("d(x^2 + x)/dx at 3 = {grad}: both uses add up", grad=x.grad)
    draw(lesson, out)
    return {"difference": difference, "grads": {name: node.grad for name, node in nodes.items()}, "twice": x.grad}


def draw(lesson: lessons.Lesson, out: Node) -> None:
    """The graph from left to right: values above the line of each node, gradients below."""
    depth: dict[int, int] = {}
    for node in out.order():
        depth[id(node)] = 1 + max((depth[id(source)] for source in node.sources), default=-1)
    place: dict[int, tuple[float, float]] = {}
    leaves = [node for node in out.order() if not node.sources]
    for row, node in enumerate(leaves):
        place[id(node)] = (0.0, -1.4 * row)
    for node in out.order():
        if node.sources:
            place[id(node)] = (
                2.0 * depth[id(node)],
                sum(place[id(source)][1] for source in node.sources) / len(node.sources),
            )
    with lesson.picture("graph", size=(10, 6)) as axes:
        for node in out.order():
            x, y = place[id(node)]
            for source in node.sources:
                axes.annotate(
                    "",
                    (x - 0.45, y),
                    (place[id(source)][0] + 0.45, place[id(source)][1]),
                    arrowprops={"arrowstyle": "->", "color": "grey"},
                )
            axes.text(
                x,
                y,
                node.name,
                ha="center",
                va="center",
                fontsize=13,
                bbox={"boxstyle": "circle,pad=0.35", "facecolor": "white" if node.sources else "#dddddd"},
            )
            axes.text(x, y + 0.3, f"{node.value:.2f}", ha="center", va="bottom", color="#0072B2")
            axes.text(x, y - 0.3, f"{node.grad:.2f}", ha="center", va="top", color="#D55E00", style="italic")
        axes.set(xlim=(-0.8, 2.0 * depth[id(out)] + 0.8), ylim=(-1.4 * len(leaves) + 0.6, 0.8))
        axes.set_title("value (upright, above) and gradient of the output by it (italic, below)")
        axes.set_axis_off()


if __name__ == "__main__":
    lessons.script(main)
