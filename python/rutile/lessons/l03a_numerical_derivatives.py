"""Numerical derivatives: differences against the exact derivative, and the best step."""

import math
from typing import Any

import rutile as rt
from rutile import lessons

X = 1.0


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    lesson.say("f(x) = exp(sin x) at x = 1; the exact derivative is f(x) cos x = {value:.10f}", value=exact())
    exponents = rt.arange(-15, 0, lesson.pick(0.25, 0.5)).tolist()
    steps = [10.0**exponent for exponent in exponents]
    curves = {
        "one-sided, float64": [abs(one_sided(eps, rt.float64) - exact()) for eps in steps],
        "central, float64": [abs(central(eps, rt.float64) - exact()) for eps in steps],
        "central, float32": [abs(central(eps, rt.float32) - exact()) for eps in steps],
    }
    orders, best = {}, {}
    for name, errors in curves.items():
        best[name] = steps[errors.index(min(errors))]
        # The straight part of the curve: where rounding does not count yet.
        straight = [i for i, eps in enumerate(steps) if eps > (30 * best[name] if "32" not in name else 0.02)]
        orders[name] = slope([math.log(steps[i]) for i in straight], [math.log(errors[i]) for i in straight])
    lesson.table(
        ["difference", "order", "best step", "its error"],
        [
            (lesson.text(name), f"{orders[name]:.2f}", f"{best[name]:.0e}", f"{min(errors):.0e}")
            for name, errors in curves.items()
        ],
    )
    with lesson.picture("error", size=(7, 4.6)) as axes:
        for name, errors in curves.items():
            shown = [(eps, error) for eps, error in zip(steps, errors, strict=True) if error > 0]
            axes.loglog(*zip(*shown, strict=True), marker="o", markersize=3, label=name)
        for order, constant in ((1, 0.7), (2, 0.35)):
            guide = [eps for eps in steps if constant * eps**order > (1e-9, 1e-12)[order - 1]]
            axes.loglog(guide, [constant * eps**order for eps in guide], color="grey", linestyle=":", linewidth=1)
        axes.annotate("∝ ε", (1e-5, 2.5e-5), color="grey")
        axes.annotate("∝ ε²", (3e-4, 2e-9), color="grey")
        axes.set(xlabel="step ε", ylabel="absolute error of the derivative", title="f(x) = exp(sin x) at x = 1")
        axes.legend(loc="lower left")
    return {"orders": orders, "best": best, "errors": {name: min(errors) for name, errors in curves.items()}}


def one_sided(eps: float, dtype: rt.dtype) -> float:
    return (f(X + eps, dtype) - f(X, dtype)) / eps


def central(eps: float, dtype: rt.dtype) -> float:
    return (f(X + eps, dtype) - f(X - eps, dtype)) / (2 * eps)


def f(x: float, dtype: rt.dtype) -> float:
    return rt.tensor(x, dtype=dtype).sin().exp().item()


def exact() -> float:
    return math.exp(math.sin(X)) * math.cos(X)


def slope(x: list[float], y: list[float]) -> float:
    """The slope of the line through the points in least squares."""
    points = rt.tensor([x, y], dtype=rt.float64)
    covariance = rt.cov(points)
    return (covariance[0, 1] / covariance[0, 0]).item()


if __name__ == "__main__":
    lessons.script(main)
