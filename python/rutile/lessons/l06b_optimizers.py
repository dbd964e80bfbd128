"""Optimizers: seven of them in the same narrow valley, at a saddle, and on a regression with noise."""

from collections.abc import Callable
from typing import Any

import rutile as rt
from rutile import lessons, optim

# Each with a rate that suits it: the best of a coarse search on the valley.
OPTIMIZERS: dict[str, Callable[[list[rt.Tensor]], optim.Optimizer]] = {
    "SGD": lambda p: optim.SGD(p, lr=0.035),
    "momentum": lambda p: optim.SGD(p, lr=0.02, momentum=0.8),
    "Nesterov": lambda p: optim.SGD(p, lr=0.02, momentum=0.8, nesterov=True),
    "Adagrad": lambda p: optim.Adagrad(p, lr=1.0),
    "Adadelta": lambda p: optim.Adadelta(p, lr=8.0),
    "RMSprop": lambda p: optim.RMSprop(p, lr=0.1, alpha=0.9),
    "Adam": lambda p: optim.Adam(p, lr=0.4),
}
START = (-4.0, 1.2)


def valley(p: rt.Tensor) -> rt.Tensor:
    """Fifty times as steep across as along."""
    return 0.5 * (p[..., 0] ** 2 + 50 * p[..., 1] ** 2)


def saddle(p: rt.Tensor) -> rt.Tensor:
    """Down along the second coordinate, up along the first."""
    return 0.5 * (p[..., 0] ** 2 - p[..., 1] ** 2)


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    paths = {name: walk(make, valley, START, 150) for name, make in OPTIMIZERS.items()}
    heights = {name: [valley(rt.tensor(point)).item() for point in path] for name, path in paths.items()}
    arrival = {name: next((i for i, h in enumerate(values) if h < 0.01), None) for name, values in heights.items()}

    # 0.001 beside the ridge: the slope towards the way out is tiny.
    leaving = {name: walk(make, saddle, (1.0, 1e-3), 400) for name, make in OPTIMIZERS.items()}
    left = {
        name: next((i for i, point in enumerate(path) if abs(point[1]) > 1), None) for name, path in leaving.items()
    }

    losses = {
        name: regression(make, lesson.pick(300, 150))
        for name, make in lesson.track(list(OPTIMIZERS.items()), "training")
    }
    lesson.table(
        ["optimizer", "steps down the valley", "steps off the saddle", "error of the regression"],
        [
            (lesson.text(name), arrival[name] or "> 150", left[name] or "> 400", f"{losses[name][-1]:.1e}")
            for name in OPTIMIZERS
        ],
    )
    draw(lesson, paths, heights, leaving, losses)
    return {"arrival": arrival, "left": left, "errors": {name: values[-1] for name, values in losses.items()}}


def walk(
    make: Callable[..., optim.Optimizer],
    height: Callable[[rt.Tensor], rt.Tensor],
    start: tuple[float, float],
    steps: int,
) -> list[list[float]]:
    """The points that an optimizer visits."""
    p = rt.tensor(start, requires_grad=True)
    optimizer = make([p])
    path = [p.tolist()]
    for _ in range(steps):
        optimizer.zero_grad()
        height(p).backward()
        optimizer.step()
        path.append(p.tolist())
    return path


def regression(make: Callable[..., optim.Optimizer], steps: int) -> list[float]:
    """Distance to the true weights, with batches of 16 examples and features of very different scale."""
    rt.manual_seed(0)
    scale = rt.tensor([3.0, 1.0, 0.3])
    true = rt.tensor([1.0, -2.0, 3.0])
    w = rt.zeros(3, requires_grad=True)
    optimizer = make([w])
    distances = []
    for _ in range(steps):
        x = rt.randn(16, 3) * scale
        y = x @ true + 0.5 * rt.randn(16)
        optimizer.zero_grad()
        ((x @ w - y) ** 2).mean().div(2).backward()
        optimizer.step()
        # The error that matters: of the prediction on new examples, without their noise.
        distances.append((((w.detach() - true) * scale) ** 2).sum().item())
    return distances


def draw(
    lesson: lessons.Lesson,
    paths: dict[str, list[list[float]]],
    heights: dict[str, list[float]],
    leaving: dict[str, list[list[float]]],
    losses: dict[str, list[float]],
) -> None:
    a, b = rt.linspace(-4.5, 2, 120), rt.linspace(-1.6, 1.6, 120)
    surface = valley(rt.stack(rt.meshgrid(a, b, indexing="xy"), dim=-1))
    with lesson.picture("paths", 2, 4, size=(14, 6), sharex=True, sharey=True) as axes:
        for axis, (name, path) in zip(axes.flat, paths.items(), strict=False):
            axis.contour(
                a.numpy(),
                b.numpy(),
                surface.numpy(),
                levels=[0.1, 0.5, 1, 2, 4, 8, 16, 32],
                colors="grey",
                linewidths=0.6,
            )
            axis.plot(*zip(*path[:60], strict=True), marker="o", markersize=3, linewidth=1)
            axis.plot(0, 0, marker="*", markersize=11, color="#D55E00", linestyle="none", label="minimum")
            axis.set(title=name, xlim=(-4.5, 2), ylim=(-1.6, 1.6))
        axes[0, 0].legend(loc="lower right")
        axes[1, 3].set_axis_off()
        axes[0, 3].tick_params(labelbottom=True)
        axes[0, 0].figure.supxlabel("along the valley (60 steps)")
        axes[0, 0].figure.supylabel("across")
    with lesson.picture("curves", 1, 3, size=(15, 4.2)) as (left, middle, right):
        for name in paths:
            middle.semilogy([abs(point[1]) for point in leaving[name][:220]], label=name)
            left.semilogy([max(h, 1e-8) for h in heights[name]], label=name)
            right.semilogy(*lessons.smooth(losses[name], 10), label=name)
        left.set(xlabel="step", ylabel="height", title="in the valley")
        right.set(
            xlabel="step", ylabel="squared error of the prediction", title="regression with noise (mean of 10 steps)"
        )
        middle.set(xlabel="step", ylabel="distance from the ridge", title="leaving the saddle", ylim=(5e-4, 30))
        middle.legend(fontsize=8, loc="lower right")


if __name__ == "__main__":
    lessons.script(main)
