"""Baselines: k nearest neighbours and a linear support vector machine, tuned by cross validation."""

from collections.abc import Callable
from typing import Any

import rutile as rt
from rutile import datasets, lessons

FOLDS = 5
Classifier = Callable[[rt.Tensor], rt.Tensor]


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    train, test = datasets.Digits(train=True), datasets.Digits(train=False)
    x, y = train.data.float().flatten(1) / 16, train.targets
    x_test, y_test = test.data.float().flatten(1) / 16, test.targets

    lesson.heading("Cross validation")
    neighbours = [1, 2, 3, 5, 8, 13, 21, 34, 55]
    penalties = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1]
    steps = lesson.pick(300, 80)
    by_count = [validate(x, y, lambda a, b, k=k: nearest(a, b, k)) for k in lesson.track(neighbours, "neighbours")]
    by_penalty = [
        validate(x, y, lambda a, b, penalty=penalty: machine(a, b, penalty, steps))
        for penalty in lesson.track(penalties, "support vector machine")
    ]
    lesson.table(["k", "accuracy", "deviation"], table(neighbours, by_count))
    lesson.table(["penalty", "accuracy", "deviation"], table(penalties, by_penalty))
    k = neighbours[max(range(len(neighbours)), key=lambda i: by_count[i].mean().item())]
    penalty = penalties[max(range(len(penalties)), key=lambda i: by_penalty[i].mean().item())]

    lesson.heading("On the test images, once")
    results = {
        "nearest neighbours": accuracy(nearest(x, y, k), x_test, y_test),
        "support vector machine": accuracy(machine(x, y, penalty, steps), x_test, y_test),
    }
    lesson.say("chosen: k = {k}, penalty = {penalty:g}", k=k, penalty=penalty)
    for name, value in results.items():
        lesson.say("{name}: {value:.1%}", name=lesson.text(name), value=value)

    with lesson.picture("validation", 1, 2) as axes:
        panels = ((neighbours, by_count, "neighbours k"), (penalties, by_penalty, "penalty λ"))
        for axis, (values, scores, label) in zip(axes, panels, strict=True):
            axis.errorbar(
                values,
                [100 * s.mean().item() for s in scores],
                [100 * s.std().item() for s in scores],
                marker="o",
                capsize=3,
                label=f"mean and deviation of {FOLDS} folds",
            )
            axis.set(xscale="log", xlabel=label, ylabel="validation accuracy (%)")
            axis.legend(loc="lower left")
        axes[0].set_title("k nearest neighbours")
        axes[1].set_title("linear support vector machine")
    return {"k": k, "penalty": penalty, **results}


def nearest(x: rt.Tensor, y: rt.Tensor, k: int) -> Classifier:
    """The class that is most frequent among the k nearest images; nothing is learned."""

    def classify(images: rt.Tensor) -> rt.Tensor:
        indices = rt.cdist(images, x).topk(k, dim=1, largest=False).indices  # [M, N] -> [M, k]
        return rt.mode(y[indices], dim=1).values

    return classify


def machine(x: rt.Tensor, y: rt.Tensor, penalty: float, steps: int) -> Classifier:
    """A linear classifier per class against all others: mean hinge max(0, 1 - t s) plus penalty |W|^2 / 2."""
    target = 2.0 * rt.nn.functional.one_hot(y, 10) - 1  # +1 for the class, -1 for the others
    w, b = rt.zeros(x.shape[1], 10, requires_grad=True), rt.zeros(10, requires_grad=True)
    optimizer = rt.optim.Adam([w, b], lr=0.05)
    for _ in range(steps):
        optimizer.zero_grad()
        hinge = (1 - target * (x @ w + b)).clamp(min=0).sum(1).mean()
        (hinge + penalty / 2 * (w * w).sum()).backward()
        optimizer.step()
    return lambda images: (images @ w + b).argmax(1)


def validate(x: rt.Tensor, y: rt.Tensor, fit: Callable[[rt.Tensor, rt.Tensor], Classifier]) -> rt.Tensor:
    """Accuracy on each of five parts, by a classifier that saw the other four."""
    parts = rt.arange(len(x)) % FOLDS
    return rt.tensor([accuracy(fit(x[parts != i], y[parts != i]), x[parts == i], y[parts == i]) for i in range(FOLDS)])


def accuracy(classify: Classifier, x: rt.Tensor, y: rt.Tensor) -> float:
    return (classify(x) == y).float().mean().item()


def table(values: list[Any], scores: list[rt.Tensor]) -> list[tuple[str, str, str]]:
    return [(f"{v:g}", f"{s.mean().item():.3f}", f"{s.std().item():.3f}") for v, s in zip(values, scores, strict=True)]


if __name__ == "__main__":
    lessons.script(main)
