"""Hyperparameter search: grid against random, then coarse to fine."""

import math
from typing import Any

import rutile as rt
from rutile import datasets, lessons, nn
from rutile.nn import functional as F

RANGES = {"rate": (1e-4, 1e0), "decay": (1e-6, 1e-1)}


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    digits = datasets.Digits()
    order = rt.randperm(len(digits.targets))
    x, y = ((digits.data.float().flatten(1) - 4.88) / 6.01)[order], digits.targets[order]
    parts = x[:1000], y[:1000], x[1000:], y[1000:]  # train, dev; the test images are not touched here
    side, epochs = lesson.pick(5, 3), lesson.pick(8, 3)

    def even(low: float, high: float) -> list[float]:
        """`side` values at equal distances of their logarithms."""
        return [low * (high / low) ** (i / (side - 1)) for i in range(side)]

    grid = [(rate, decay) for rate in even(*RANGES["rate"]) for decay in even(*RANGES["decay"])]
    random = [(draw(*RANGES["rate"]), draw(*RANGES["decay"])) for _ in grid]
    searches = {
        name: [(rate, decay, trial(parts, rate, decay, epochs)) for rate, decay in lesson.track(points, "searching")]
        for name, points in (("grid", grid), ("random", random))
    }
    # Fine: around the best random points, a factor of three to both sides.
    best = sorted(searches["random"], key=lambda row: -row[2])[:3]
    fine = [(draw(r / 3, 3 * r), draw(d / 3, 3 * d)) for r, d, _ in best for _ in range(lesson.pick(5, 2))]
    searches["fine"] = [
        (rate, decay, trial(parts, rate, decay, epochs)) for rate, decay in lesson.track(fine, "searching")
    ]

    lesson.heading("The best three of each search")
    rows = [
        (lesson.text(name), f"{rate:.1e}", f"{decay:.1e}", f"{accuracy:.2%}")
        for name, results in searches.items()
        for rate, decay, accuracy in sorted(results, key=lambda row: -row[2])[:3]
    ]
    lesson.table(["search", "learning rate", "weight decay", "dev accuracy"], rows)
    lesson.say(
        "values of the learning rate that were tried: grid {grid}, random {random}",
        grid=len({row[0] for row in searches["grid"]}),
        random=len({row[0] for row in searches["random"]}),
    )
    with lesson.picture("search", 1, 3, size=(14, 4.2), sharey=True) as axes:
        for axis, (name, results) in zip(axes, searches.items(), strict=True):
            rates, decays, scores = zip(*results, strict=True)
            shown = axis.scatter(
                rates,
                decays,
                c=[100 * score for score in scores],
                s=120,
                vmin=80,
                vmax=99,
                cmap="cividis",
                edgecolor="black",
                linewidth=0.5,
            )
            top = max(results, key=lambda row: row[2])
            axis.plot(*top[:2], marker="*", markersize=9, color="white", markeredgecolor="black")
            axis.set(xscale="log", yscale="log", xlabel="learning rate", title=f"{name}: best {top[2]:.1%}")
            axis.set(xlim=(5e-5, 2), ylim=(5e-7, 0.5))
        axes[0].set_ylabel("weight decay")
        axes[0].figure.colorbar(shown, ax=axes, label="dev accuracy (%), 80 and below dark")
    return {
        "best": {name: max(row[2] for row in results) for name, results in searches.items()},
        "rate": max(searches["fine"], key=lambda row: row[2])[0],
        "distinct": {name: len({row[0] for row in results}) for name, results in searches.items()},
    }


def draw(low: float, high: float) -> float:
    """A random number whose logarithm is uniform: 1e-4 to 1e-3 is as likely as 0.1 to 1."""
    return math.exp(math.log(low) + rt.rand(()).item() * math.log(high / low))


def trial(parts: tuple[rt.Tensor, ...], rate: float, decay: float, epochs: int) -> float:
    """Accuracy on the dev images after a short training."""
    x, y, x_dev, y_dev = parts
    state = rt.get_rng_state()
    rt.manual_seed(0)  # every trial starts with the same weights
    model = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10))
    optimizer = rt.optim.SGD(model.parameters(), lr=rate, momentum=0.9, weight_decay=decay)
    for _ in range(epochs):
        for rows in rt.randperm(len(x)).split(64):
            optimizer.zero_grad()
            F.cross_entropy(model(x[rows]), y[rows]).backward()
            optimizer.step()
    rt.set_rng_state(state)
    with rt.no_grad():
        return (model(x_dev).argmax(1) == y_dev).float().mean().item()


if __name__ == "__main__":
    lessons.script(main)
