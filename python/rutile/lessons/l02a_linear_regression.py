"""Linear regression: the cost surface, the way down, three learning rates, and many variables."""

from typing import Any

import rutile as rt
from rutile import lessons


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    # The price of a flat by its area: both in units near 1, so that one learning rate suits both parameters.
    x = rt.rand(80) * 2
    y = 1.0 + 1.5 * x + 0.3 * rt.randn(80)

    lesson.heading("One variable")
    hessian = rt.stack([rt.stack([(x * x).mean(), x.mean()]), rt.stack([x.mean(), rt.tensor(1.0)])])
    limit = 2 / rt.linalg.eigvalsh(hessian).max().item()
    lesson.say("rates from {limit:.2f} on must diverge: 2 / the largest curvature of the cost", limit=limit)
    rates = {"too small": 0.02 * limit, "right": 0.5 * limit, "too large": 1.02 * limit}
    paths = {name: descend(x, y, rate, lesson.pick(60, 40)) for name, rate in rates.items()}
    lesson.table(
        ["learning rate", "value", "w", "b", "cost"],
        [
            (lesson.text(name), f"{rates[name]:.3f}", *(f"{number:.3f}" for number in path[-1]))
            for name, path in paths.items()
        ],
    )
    draw(lesson, x, y, paths)

    lesson.heading("Many variables")
    features, weights = rt.randn(300, 5), rt.tensor([2.0, -1.0, 0.5, 0.0, 3.0])
    target = features @ weights + 4.0 + 0.5 * rt.randn(300)
    design = rt.cat([features, rt.ones(300, 1)], dim=1)  # a column of ones: its weight is the intercept
    exact = rt.linalg.lstsq(design, target.unsqueeze(1)).solution.squeeze(1)
    found = rt.zeros(6, requires_grad=True)
    for _ in lesson.track(range(200), "descending"):
        cost = ((design @ found - target) ** 2).mean() / 2
        (slope,) = rt.autograd.grad(cost, found)
        found = (found - 0.3 * slope).detach().requires_grad_()
    rows = zip(
        ["w1", "w2", "w3", "w4", "w5", "b"], [*weights.tolist(), 4.0], found.tolist(), exact.tolist(), strict=True
    )
    lesson.table(
        ["parameter", "true", "descent", "least squares"],
        [(name, *(f"{number:.3f}" for number in numbers)) for name, *numbers in rows],
    )
    explained = 1 - (design @ exact - target).var().item() / target.var().item()
    lesson.say("the line explains {share:.1%} of the variance", share=explained)
    return {
        "limit": limit,
        "costs": {name: path[-1][2] for name, path in paths.items()},
        "difference": (found - exact).abs().max().item(),
        "explained": explained,
    }


def descend(x: rt.Tensor, y: rt.Tensor, rate: float, steps: int) -> list[tuple[float, float, float]]:
    """Gradient descent on J(w, b) = mean (w x + b - y)^2 / 2: each point (w, b) with its cost."""
    w, b = rt.tensor(-1.0, requires_grad=True), rt.tensor(3.0, requires_grad=True)
    path = []
    for _ in range(steps):
        cost = ((w * x + b - y) ** 2).mean() / 2
        path.append((w.item(), b.item(), cost.item()))
        cost.backward()
        with rt.no_grad():
            for parameter in (w, b):
                parameter -= rate * parameter.grad
                parameter.grad = None
    return path


def draw(
    lesson: lessons.Lesson, x: rt.Tensor, y: rt.Tensor, paths: dict[str, list[tuple[float, float, float]]]
) -> None:
    w, b = rt.meshgrid(rt.linspace(-1.5, 4, 80), rt.linspace(-2, 4, 80), indexing="ij")
    surface = ((w.unsqueeze(2) * x + b.unsqueeze(2) - y) ** 2).mean(2) / 2
    with lesson.picture("descent", 1, 3, size=(14, 4)) as (left, middle, right):
        left.scatter(x.numpy(), y.numpy(), s=12, color="grey", label="data")
        for count in (0, 2, 59):
            slope, intercept, _ = paths["right"][min(count, len(paths["right"]) - 1)]
            left.plot([0, 2], [intercept, intercept + 2 * slope], label=f"after {count} steps")
        left.set(xlabel="area (100 m²)", ylabel="price (100,000)", title="the line on its way")
        left.legend()
        lines = middle.contour(
            w.numpy(),
            b.numpy(),
            surface.numpy(),
            levels=[0.05, 0.1, 0.3, 1, 2, 4, 8, 16],
            colors="grey",
            linewidths=0.8,
        )
        middle.clabel(lines, fontsize=7)
        for name, marker in (("too small", "^"), ("right", "o"), ("too large", "x")):
            points = paths[name][:25]
            middle.plot([p[0] for p in points], [p[1] for p in points], marker=marker, markersize=4, label=name)
        middle.set(xlabel="slope w", ylabel="intercept b", title="cost surface and paths", xlim=(-1.5, 4), ylim=(-2, 4))
        middle.legend(loc="lower left")
        for name, path in paths.items():
            right.semilogy([cost for *_, cost in path], label=name)
        right.set(xlabel="step", ylabel="cost J", title="cost over the steps")
        right.legend()


if __name__ == "__main__":
    lessons.script(main)
