"""Bias and variance: train, dev and test parts, and what their curves say."""

from typing import Any

import rutile as rt
from rutile import datasets, lessons, nn
from rutile.nn import functional as F


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    train, test = datasets.Digits(), datasets.Digits(train=False)
    order = rt.randperm(len(train.targets))
    x, y = ((train.data.float().flatten(1) - 4.88) / 6.01)[order], train.targets[order]
    parts = {
        "train": (x[:1000], y[:1000]),
        "dev": (x[1000:], y[1000:]),
        "test": ((test.data.float().flatten(1) - 4.88) / 6.01, test.targets),
    }
    lesson.say(
        "{train} images to learn from, {dev} to choose by, {test} to report", **{k: len(v[1]) for k, v in parts.items()}
    )

    lesson.heading("Three networks")
    epochs = lesson.pick(60, 25)
    curves = {}
    for name, width, count in (("too small", 3, 1000), ("fitting", 64, 1000), ("too few data", 64, 100)):
        curves[name] = learn(width, tuple(t[:count] for t in parts["train"]), parts, epochs)
    rows = []
    for name, history in curves.items():
        errors = {part: 1 - values[-1] for part, values in history.items()}
        bias, variance = errors["train"], errors["dev"] - errors["train"]
        # People read these digits almost without mistakes, so the avoidable bias is the training error itself.
        advice = (
            "a larger network, or longer"
            if bias > 0.05
            else "more data, or regularisation"
            if variance > 0.05
            else "done"
        )
        rows.append(
            (
                lesson.text(name),
                *(f"{errors[p]:.1%}" for p in parts),
                f"{bias:.1%}",
                f"{variance:.1%}",
                lesson.text(advice),
            )
        )
    lesson.table(["network", "train error", "dev error", "test error", "bias", "variance", "what would help"], rows)

    lesson.heading("The same network on more and more data")
    counts = lesson.pick([30, 60, 125, 250, 500, 1000], [60, 1000])
    by_count = []
    for count in lesson.track(counts, "training"):
        history = learn(64, tuple(t[:count] for t in parts["train"]), parts, epochs)
        by_count.append({part: 1 - values[-1] for part, values in history.items()})
    lesson.table(
        ["images", "train error", "dev error"],
        [(n, f"{r['train']:.1%}", f"{r['dev']:.1%}") for n, r in zip(counts, by_count, strict=True)],
    )

    with lesson.picture("curves", 1, 3, size=(13, 4), sharey=True) as axes:
        for axis, (name, history) in zip(axes, curves.items(), strict=True):
            for part in ("train", "dev"):
                axis.plot(range(1, epochs + 1), [100 * (1 - v) for v in history[part]], label=part)
            axis.set(xlabel="epoch", title=name, ylim=(-2, 60))
        axes[0].set_ylabel("error (%)")
        axes[0].legend()
    with lesson.picture("learning-curve", size=(6, 4)) as axes:
        for part, marker in (("train", "o"), ("dev", "s")):
            axes.plot(counts, [100 * row[part] for row in by_count], marker=marker, label=part)
        axes.set(xscale="log", xlabel="training images", ylabel="error (%)", title="learning curve, 64 hidden units")
        axes.legend()
    return {
        "errors": {
            name: {part: 1 - values[-1] for part, values in history.items()} for name, history in curves.items()
        },
        "dev": [row["dev"] for row in by_count],
    }


def learn(
    width: int, data: tuple[rt.Tensor, ...], parts: dict[str, tuple[rt.Tensor, rt.Tensor]], epochs: int
) -> dict[str, list[float]]:
    """Accuracy on each part after every epoch; `train` is the part that was learned from."""
    rt.manual_seed(1)
    model = nn.Sequential(nn.Linear(64, width), nn.Tanh(), nn.Linear(width, 10))
    optimizer = rt.optim.Adam(model.parameters(), lr=0.005)
    x, y = data
    history: dict[str, list[float]] = {part: [] for part in parts}
    for _ in range(epochs):
        for rows in rt.randperm(len(x)).split(50):
            optimizer.zero_grad()
            F.cross_entropy(model(x[rows]), y[rows]).backward()
            optimizer.step()
        with rt.no_grad():
            for part, (images, labels) in {**parts, "train": (x, y)}.items():
                history[part].append((model(images).argmax(1) == labels).float().mean().item())
    return history


if __name__ == "__main__":
    lessons.script(main)
