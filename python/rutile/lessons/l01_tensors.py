"""Tensors: axes, broadcasting, stacking, one-hot, standardisation; loops against whole-array code."""

import time
from collections.abc import Callable

import numpy as np

import rutile as rt
from rutile import datasets, lessons
from rutile.nn import functional as F


def main(lesson: lessons.Lesson) -> dict[str, float]:
    digits = datasets.Digits()
    images, labels = digits.data.float(), digits.targets

    lesson.heading("Axes")
    lesson.say(
        "{count} images in one tensor of rank {rank}: shape {shape}",
        count=len(images),
        rank=images.ndim,
        shape=tuple(images.shape),
    )
    reductions = {"none": images, "0": images.mean(0), "(1, 2)": images.mean((1, 2)), "(0, 1, 2)": images.mean()}
    lesson.table(
        ["mean over axes", "rank", "shape"],
        [(lesson.text(axes), result.ndim, tuple(result.shape)) for axes, result in reductions.items()],
    )

    lesson.heading("Broadcasting")
    shapes = [((5, 4), (4,)), ((5, 1), (4,)), ((1442, 8, 8), (8, 8)), ((1442, 8, 8), (1442, 1, 1)), ((5, 4), (5,))]
    lesson.table(["left", "right", "result"], [(*pair, broadcast(lesson, *pair)) for pair in shapes])

    lesson.heading("Stacking and one-hot")
    first, second = images[0], images[1]
    lesson.table(
        ["call", "shape"],
        [
            ("stack([a, b])", tuple(rt.stack([first, second]).shape)),
            ("cat([a, b])", tuple(rt.cat([first, second]).shape)),
            ("cat([a, b], dim=1)", tuple(rt.cat([first, second], dim=1).shape)),
        ],
    )
    one_hot = F.one_hot(labels, 10)
    for label, row in zip(labels[:3].tolist(), one_hot[:3].tolist(), strict=True):
        lesson.say("class {label} as a row: {row}", label=label, row=row)
    # One product sums the images of each class: [10, N] @ [N, 64].
    class_means = (one_hot.float().T @ images.flatten(1) / one_hot.sum(0).unsqueeze(1)).reshape(10, 8, 8)

    lesson.heading("Standardisation")
    pixels = images.flatten(1)
    deviation = pixels.std(0)
    constant = deviation == 0  # border pixels that no image uses: 0 / 0 would be NaN
    standard = (pixels - pixels.mean(0)) / deviation.masked_fill(constant, 1.0)
    lesson.say("{count} of 64 pixels never change", count=int(constant.sum()))
    lesson.say(
        "afterwards: largest |mean| {mean:.1e}, deviations {low:.4f} to {high:.4f}",
        mean=standard.mean(0).abs().max().item(),
        low=standard.std(0)[~constant].min().item(),
        high=standard.std(0).max().item(),
    )

    with lesson.picture("digits", 2, 5, size=(9, 4.2)) as axes:
        for digit, axis in enumerate(axes.flat):
            lesson.show(axis, class_means[digit], f"mean of the {digit}s", cmap="gray_r", vmin=0, vmax=16)

    lesson.heading("Loops against whole-array code")
    times = race(lesson)
    fastest = {name: min(seconds) for name, seconds in times.items()}
    loop = fastest["Python loop"]
    lesson.table(
        ["dot product", "ms", "times faster"],
        [(lesson.text(name), f"{1e3 * s:.3f}", f"{loop / s:,.0f}") for name, s in fastest.items()],
    )
    with lesson.picture("speed", size=(7, 2.4)) as axes:
        milliseconds = [1e3 * seconds for seconds in fastest.values()]
        axes.plot(milliseconds, list(fastest), "o", markersize=9)
        for name, value in zip(fastest, milliseconds, strict=True):
            axes.annotate(f"{value:.3g} ms", (value, name), xytext=(10, -4), textcoords="offset points")
        axes.set(xscale="log", xlabel="time of one dot product (ms)", title=f"{SIZES[lesson.quick]:,} terms")
        axes.set(xlim=(0.3 * min(milliseconds), 5 * max(milliseconds)), ylim=(2.5, -0.5))

    return {
        "largest_mean": standard.mean(0).abs().max().item(),
        "class_means_error": float((class_means[3] - images[labels == 3].mean(0)).abs().max()),
        "speedup": loop / fastest["Rutile"],
    }


def broadcast(lesson: lessons.Lesson, left: tuple[int, ...], right: tuple[int, ...]) -> str:
    """The shape of a sum of tensors of these shapes."""
    try:
        return str(tuple((rt.zeros(left) + rt.zeros(right)).shape))
    except rt.ShapeError:
        return lesson.text("error: 4 and 5 do not match")


SIZES = (1_000_000, 100_000)


def race(lesson: lessons.Lesson) -> dict[str, list[float]]:
    """Seconds that each way of computing sum(a[i] * b[i]) takes, in several rounds."""
    a, b = rt.rand(SIZES[lesson.quick]), rt.rand(SIZES[lesson.quick])
    left, right = a.tolist(), b.tolist()
    a_numpy, b_numpy = a.numpy(), b.numpy()

    def loop() -> float:
        total = 0.0
        for x, y in zip(left, right, strict=True):
            total += x * y
        return total

    ways: dict[str, Callable[[], float]] = {
        "Python loop": loop,
        "NumPy": lambda: np.dot(a_numpy, b_numpy),
        "Rutile": lambda: (a @ b).item(),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in lesson.track(range(7), "timing"):
        for name, compute in ways.items():
            began = time.perf_counter()
            result = compute()
            times[name].append(time.perf_counter() - began)
            assert abs(result / loop() - 1) < 1e-3, "all ways must give the same number"
    return times


if __name__ == "__main__":
    lessons.script(main)
