"""Logistic regression: probabilities from a line, cross entropy, the decision boundary."""

from typing import Any

import rutile as rt
from rutile import lessons
from rutile.nn import functional as F


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    # Two clouds of points that overlap: no line divides them without mistakes.
    count = 150
    points = rt.cat([rt.randn(count, 2) + rt.tensor([-1.0, -0.5]), rt.randn(count, 2) + rt.tensor([1.2, 1.0])])
    labels = rt.cat([rt.zeros(count), rt.ones(count)])

    lesson.heading("The gradient by hand")
    w, b = rt.tensor([0.5, -0.3], requires_grad=True), rt.tensor(0.1, requires_grad=True)
    F.binary_cross_entropy_with_logits(points @ w + b, labels).backward()
    error = rt.sigmoid(points @ w + b) - labels  # [N]: the whole derivative by the logits
    by_hand = points.T @ error / len(points)  # [2, N] @ [N]
    assert w.grad is not None
    difference = (by_hand - w.grad).abs().max().item()
    lesson.say("(1/N) X^T (p - y) against the tape: they differ by {difference:.1e}", difference=difference)

    lesson.heading("Training")
    w, b = rt.zeros(2, requires_grad=True), rt.zeros((), requires_grad=True)
    optimizer = rt.optim.SGD([w, b], lr=1.0)
    costs = []
    for step in lesson.track(range(lesson.pick(200, 60)), "training"):
        optimizer.zero_grad()
        cost = F.binary_cross_entropy_with_logits(points @ w + b, labels)
        cost.backward()
        optimizer.step()
        costs.append(cost.item())
        if step in (0, 9, 59, 199):
            lesson.say("step {step:3}: cross entropy {cost:.4f}", step=step + 1, cost=cost.item())
    right = ((points @ w + b > 0) == (labels > 0.5)).float().mean().item()
    lesson.say(
        "accuracy {right:.1%}; the boundary is {x:.2f} x1 {y:+.2f} x2 {b:+.2f} = 0",
        right=right,
        x=w[0].item(),
        y=w[1].item(),
        b=b.item(),
    )
    # The clouds are normal with unit variance, so the best possible boundary is known: w = mean1 - mean0.
    lesson.say("the clouds were made so that w = (2.2, 1.5) is best")
    draw(lesson, points, labels, w.detach(), b.detach(), costs)
    return {"difference": difference, "accuracy": right, "weights": w.tolist(), "costs": costs}


def draw(
    lesson: lessons.Lesson, points: rt.Tensor, labels: rt.Tensor, w: rt.Tensor, b: rt.Tensor, costs: list[float]
) -> None:
    side = rt.linspace(-4, 4, 120)
    grid = rt.stack(rt.meshgrid(side, side, indexing="xy"), dim=-1)  # [120, 120, 2]
    probability = rt.sigmoid(grid @ w + b)
    with lesson.picture("boundary", 1, 2, size=(10.5, 4.4)) as (left, right):
        shade = left.contourf(side.numpy(), side.numpy(), probability.numpy(), levels=20, cmap="PuOr_r", alpha=0.6)
        left.figure.colorbar(shade, ax=left, label="probability of class 1")
        left.contour(side.numpy(), side.numpy(), probability.numpy(), levels=[0.5], colors="black")
        for label, marker, colour in ((0, "o", "#40004b"), (1, "^", "#7f3b08")):
            chosen = points[labels == label]
            left.scatter(
                chosen[:, 0].numpy(), chosen[:, 1].numpy(), s=14, marker=marker, color=colour, label=f"class {label}"
            )
        left.set(
            xlabel="feature x1",
            ylabel="feature x2",
            title="boundary: probability 1/2 (black)",
            xlim=(-4, 4),
            ylim=(-4, 4),
        )
        left.legend(loc="lower right")
        right.plot(range(1, len(costs) + 1), costs)
        right.set(xlabel="step", ylabel="cross entropy (nats)", title="training", xscale="log")


if __name__ == "__main__":
    lessons.script(main)
