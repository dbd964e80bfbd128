"""Rate decay: why a constant rate stops short of the minimum, and five schedules."""

import math
from collections.abc import Callable
from typing import Any

import rutile as rt
from rutile import lessons
from rutile.optim import SGD, lr_scheduler

SCHEDULES: dict[str, Callable[[SGD, int], Any]] = {
    "constant": lambda optimizer, steps: lr_scheduler.ConstantLR(optimizer, factor=1.0),
    "1 / t": lambda optimizer, steps: lr_scheduler.LambdaLR(optimizer, lambda t: 1 / (1 + 20 * t / steps)),
    "steps": lambda optimizer, steps: lr_scheduler.StepLR(optimizer, steps // 4, gamma=0.3),
    "exponential": lambda optimizer, steps: lr_scheduler.ExponentialLR(optimizer, 0.01 ** (1 / steps)),
    "cosine": lambda optimizer, steps: lr_scheduler.CosineAnnealingLR(optimizer, steps),
    "warm-up and cosine": lambda optimizer, steps: lr_scheduler.LambdaLR(
        optimizer, lambda t: min(1, t / (0.1 * steps)) * (1 + math.cos(math.pi * t / steps)) / 2
    ),
}


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    steps, runs = lesson.pick(1000, 400), lesson.pick(20, 8)
    rates, errors = {}, {}
    for name, make in lesson.track(list(SCHEDULES.items()), "training"):
        rates[name], errors[name] = descend(make, steps, runs)
    lesson.say("mean of {runs} runs, {steps} steps", runs=runs, steps=steps)
    tail = steps // 20
    final = {name: sum(values[-tail:]) / tail for name, values in errors.items()}
    lesson.table(
        ["schedule", "first rate", "last rate", "error after a tenth", "at the end"],
        [
            (
                lesson.text(name),
                *(f"{rates[name][i]:.4f}" for i in (0, -1)),
                f"{errors[name][steps // 10]:.1e}",
                f"{final[name]:.1e}",
            )
            for name in SCHEDULES
        ],
    )
    with lesson.picture("schedules", 1, 2, size=(11, 4.2)) as (left, right):
        for name in SCHEDULES:
            left.plot(rates[name], label=name)
            right.semilogy(errors[name], label=name)
        left.set(xlabel="step", ylabel="learning rate", title="schedules")
        right.set(
            xlabel="step", ylabel="squared error of the prediction", title=f"regression with noise, mean of {runs} runs"
        )
        left.legend(fontsize=8)
    return {"final": final, "last_rates": {name: values[-1] for name, values in rates.items()}}


def descend(make: Callable[[SGD, int], Any], steps: int, runs: int) -> tuple[list[float], list[float]]:
    """The rate of each step, and the error after it: `runs` regressions side by side, [runs, 5] weights."""
    rt.manual_seed(0)
    true = rt.randn(5)
    w = rt.zeros(runs, 5, requires_grad=True)
    optimizer = SGD([w], lr=0.15)
    schedule = make(optimizer, steps)
    rates, errors = [], []
    for _ in range(steps):
        x = rt.randn(runs, 4, 5)  # a batch of four examples for each run
        y = x @ true + rt.randn(runs, 4)
        optimizer.zero_grad()
        prediction = (x @ w.unsqueeze(2)).squeeze(2)  # [runs, 4, 5] @ [runs, 5, 1]
        ((prediction - y) ** 2).mean(1).sum().div(2).backward()
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
        errors.append(((w.detach() - true) ** 2).sum(1).mean().item())
    return rates, errors


if __name__ == "__main__":
    lessons.script(main)
