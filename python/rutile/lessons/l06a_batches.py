"""Batches: whole, mini and single-example steps; averages with and without bias correction."""

import time
from typing import Any

import rutile as rt
from rutile import datasets, lessons, nn
from rutile.nn import functional as F


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    digits = datasets.Digits()
    x, y = (digits.data.float().flatten(1) - 4.88) / 6.01, digits.targets

    lesson.heading("Twelve passes with batches of every size")
    epochs = lesson.pick(12, 4)
    curves: dict[int, tuple[list[float], list[float]]] = {}
    for size, rate in ((1, 0.005), (8, 0.03), (64, 0.2), (512, 0.5), (len(x), 0.5)):
        curves[size] = train(lesson, x, y, size, rate, epochs)
    lesson.table(
        ["batch", "steps per pass", "loss at the end", "seconds"],
        [
            (size, -(-len(x) // size), f"{losses[-1]:.4f}", f"{times[-1]:.2f}")
            for size, (losses, times) in curves.items()
        ],
    )
    names = {1: "1 (stochastic)", len(x): f"{len(x)} (whole)"}
    with lesson.picture("batches", 1, 2) as (left, right):
        for size, (losses, times) in curves.items():
            left.semilogy(range(len(losses)), losses, label=names.get(size, str(size)))
            right.loglog(times[1:], losses[1:], label=names.get(size, str(size)))
        left.set(xlabel="passes over the data", ylabel="cross entropy of all images (nats)", title="per pass")
        right.set(xlabel="time (s)", title="per second")
        left.legend(title="batch", fontsize=8)

    lesson.heading("Exponentially weighted averages")
    day = rt.arange(1, 201).float()
    true = 12 - 9 * (2 * rt.pi * day / 365).cos()
    noisy = true + 2.5 * rt.randn(200)
    averages = {(beta, fix): average(noisy.tolist(), beta, fix) for beta in (0.9, 0.98) for fix in (False, True)}
    lesson.table(
        ["beta", "about the last", "first value, plain", "corrected", "measured"],
        [
            (
                beta,
                f"{1 / (1 - beta):.0f}",
                *(f"{averages[beta, fix][0]:.2f}" for fix in (False, True)),
                f"{noisy[0].item():.2f}",
            )
            for beta in (0.9, 0.98)
        ],
    )
    with lesson.picture("averages", size=(8, 4.4)) as axes:
        axes.scatter(day.numpy(), noisy.numpy(), s=8, color="grey", label="measured")
        for (beta, fix), values in averages.items():
            axes.plot(day.numpy(), values, label=f"β = {beta}, {'corrected' if fix else 'plain'}")
        axes.set(xlabel="day", ylabel="temperature (°C)", title="averages of a year's first 200 days")
        axes.legend(loc="lower right")
    return {
        "losses": {size: losses[-1] for size, (losses, _) in curves.items()},
        "first": [averages[0.98, False][0] / noisy[0].item(), averages[0.98, True][0] / noisy[0].item()],
    }


def train(
    lesson: lessons.Lesson, x: rt.Tensor, y: rt.Tensor, size: int, rate: float, epochs: int
) -> tuple[list[float], list[float]]:
    """The loss on all images after each pass, and when it was reached."""
    rt.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    optimizer = rt.optim.SGD(model.parameters(), lr=rate)
    losses, times, spent = [F.cross_entropy(model(x), y).item()], [0.0], 0.0
    for _ in lesson.track(range(epochs), "training"):
        began = time.perf_counter()
        for rows in rt.randperm(len(x)).split(size):
            optimizer.zero_grad()
            F.cross_entropy(model(x[rows]), y[rows]).backward()
            optimizer.step()
        spent += time.perf_counter() - began
        with rt.no_grad():
            losses.append(F.cross_entropy(model(x), y).item())
        times.append(spent)
    return losses, times


def average(values: list[float], beta: float, corrected: bool) -> list[float]:
    """v = beta v + (1 - beta) value from v = 0; the correction divides by 1 - beta^t, the weight given so far."""
    v, found = 0.0, []
    for t, value in enumerate(values, start=1):
        v = beta * v + (1 - beta) * value
        found.append(v / (1 - beta**t) if corrected else v)
    return found


if __name__ == "__main__":
    lessons.script(main)
