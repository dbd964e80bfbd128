"""`rutile bench`: matrix products, convolutions and pooling beside NumPy and PyTorch.

Every case runs once in each library first, and the results are compared: a fast wrong answer is no result. Then the
libraries take turns, so that a slow moment of the machine hits all of them; the best of all rounds counts.
"""

from __future__ import annotations

import csv
import dataclasses
import functools
import importlib.util
import math
import operator
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from rutile._files import replacing

RUN_SECONDS = 0.05
"""Time one measurement takes at least: short operations are repeated within it."""

LIBRARIES = ("rutile", "numpy", "torch")


class DisagreementError(RuntimeError):
    """Two libraries gave different results."""


@dataclasses.dataclass(frozen=True)
class Case:
    """One operation in several libraries."""

    family: str
    name: str
    work: float
    """Floating-point operations; 0 where memory, not arithmetic, is the limit."""
    functions: dict[str, Callable[[], Any]]
    """By library. Each returns the result of the forward operation."""
    compare: bool = True
    """Whether the libraries' results are to be the same: random numbers are not."""


@dataclasses.dataclass(frozen=True)
class Row:
    """What was measured for a case."""

    case: Case
    seconds: dict[str, float]
    """By library, the best round."""
    medians: dict[str, float]
    """By library, the round in the middle."""

    def ratio(self, library: str) -> float:
        """How many times longer `library` takes than rutile."""
        return self.seconds[library] / self.seconds["rutile"]


def run(
    only: str | None = None, quick: bool = False, threads: int | None = None, out: Path = Path("runs/bench")
) -> list[Row]:
    """Measures, prints the table while it grows, and writes bench.csv and bench.png to `out`.

    Args:
        only: matmul, conv or pool; by default all three.
        quick: small sizes, few rounds.
        threads: of every library; by default rutile's own choice.
        out: folder for the results.
    """
    import rutile

    if threads is not None:
        rutile.set_num_threads(threads)
    threads = rutile.get_num_threads()
    libraries = prepare(threads)
    peak = threads * rutile._rutile._multiply_add_peak()
    print(f"best of {'3' if quick else '9'} rounds, {threads} threads, milliseconds; x: times as long as rutile takes")
    print(
        f"%: share of {peak / 1e9:.0f} GFLOP/s, the multiply-add peak of {threads} cores; above 100 if fewer are done"
    )
    print(_head(libraries), flush=True)
    rows = []
    for case in _cases(libraries, quick):
        if only in (None, case.family):
            rows.append(measure(case, rounds=3 if quick else 9))
            print(_line(rows[-1], libraries, peak), flush=True)
    for library in libraries[1:]:
        ratios = [row.ratio(library) for row in rows if library in row.seconds]
        if ratios:
            mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
            print(f"{library} takes {mean:.2f} times as long as rutile (geometric mean of {len(ratios)})")
    _write_table(rows, out / "bench.csv")
    written = "bench.csv"
    if importlib.util.find_spec("matplotlib"):
        _draw(rows, libraries, threads, out / "bench.png")
        written += ", bench.png"
    else:
        print("no chart: matplotlib is not installed. pip install 'rutile[plots]'")
    print(f"{out} has {written}")
    return rows


def measure(case: Case, rounds: int, run_seconds: float = RUN_SECONDS, budget: float = math.inf) -> Row:
    """Compares the results of a case, then times it in turns: `rounds` of them, or at least three if they take
    longer than `budget` seconds.
    """
    if case.compare:
        _compare(case)
    repeats = {library: _repeats(function, run_seconds) for library, function in case.functions.items()}
    times: dict[str, list[float]] = {library: [] for library in case.functions}
    began = time.perf_counter()
    for turn in range(rounds):
        if turn >= 3 and time.perf_counter() - began > budget:
            break
        for library, function in case.functions.items():
            times[library].append(_time(function, repeats[library]))
    best = {library: min(found) for library, found in times.items()}
    return Row(case, best, {library: statistics.median(found) for library, found in times.items()})


def _compare(case: Case) -> None:
    import numpy as np

    expected = np.asarray(case.functions["rutile"]())
    for library, function in case.functions.items():
        found = np.asarray(function())
        # Sums in float32 that differ in order: the error grows with the size of the terms, not of the result.
        if expected.shape != found.shape or not np.allclose(
            expected, found, rtol=1e-3, atol=1e-4 * np.abs(found).max()
        ):
            raise DisagreementError(f"{case.name}: rutile and {library} give different results")


def _time(function: Callable[[], Any], repeats: int) -> float:
    function()  # untimed: threads of the library before may still be spinning
    began = time.perf_counter()
    for _ in range(repeats):
        function()
    return (time.perf_counter() - began) / repeats


def _repeats(function: Callable[[], Any], run_seconds: float) -> int:
    seconds = _time(function, 1)
    if seconds < 1e-3:  # too short to be timed alone
        seconds = _time(function, 100)
    return max(1, math.ceil(run_seconds / seconds))


def prepare(threads: int) -> list[str]:
    """The libraries at hand, each told how many threads to use."""
    if "numpy" not in sys.modules:
        # NumPy's BLAS reads these once, when it is loaded.
        for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
            os.environ.setdefault(name, str(threads))
    found = ["rutile", "numpy"]
    if importlib.util.find_spec("torch"):
        import torch

        torch.set_num_threads(threads)
        found.append("torch")
    return found


def _cases(libraries: list[str], quick: bool) -> Iterable[Case]:
    yield from (_matmul(n, libraries) for n in ((64, 256) if quick else (64, 256, 512, 1024, 2048)))
    # images, channels in, height = width, channels out, kernel
    shapes = [(64, 1, 28, 32, 3), (64, 32, 14, 64, 3)]
    if not quick:
        shapes += [(16, 64, 56, 64, 3), (16, 128, 28, 128, 3), (16, 256, 14, 256, 3), (16, 256, 56, 64, 1)]
    for shape in shapes:
        yield _conv(*shape, libraries=libraries)
        yield _conv_backward(*shape, libraries=libraries)
    for planes in ((8, 16, 28),) if quick else ((64, 32, 28), (32, 64, 56)):
        yield _pool("max", *planes, libraries=libraries)
        yield _pool("avg", *planes, libraries=libraries)


def _inputs(libraries: list[str], *arrays: Any) -> dict[str, list[Any]]:
    """The same arrays in every library."""
    import rutile

    inputs: dict[str, list[Any]] = {"rutile": [rutile.from_numpy(a) for a in arrays], "numpy": list(arrays)}
    if "torch" in libraries:
        import torch

        inputs["torch"] = [torch.from_numpy(a) for a in arrays]
    return inputs


def _normal(*shape: int) -> Any:
    import numpy as np

    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)


def _functional(library: str) -> Any:
    if library == "torch":
        import torch.nn.functional

        return torch.nn.functional
    import rutile.nn.functional

    return rutile.nn.functional


def _matmul(n: int, libraries: list[str]) -> Case:
    inputs = _inputs(libraries, _normal(n, n), _normal(n, n))
    functions: dict[str, Callable[[], Any]] = {
        library: functools.partial(operator.matmul, a, b) for library, (a, b) in inputs.items()
    }
    return Case("matmul", f"matmul {n} x {n}", 2.0 * n**3, functions)


def _conv(images: int, channels: int, size: int, out: int, kernel: int, *, libraries: list[str]) -> Case:
    import numpy as np

    inputs = _inputs(libraries, _normal(images, channels, size, size), _normal(out, channels, kernel, kernel))
    padding = kernel // 2
    functions: dict[str, Callable[[], Any]] = {}
    for library, (x, w) in inputs.items():
        if library != "numpy":
            functions[library] = functools.partial(_functional(library).conv2d, x, w, padding=padding)
    x, w = inputs["numpy"]

    def numpy_conv() -> Any:
        """Windows as a view, then one matrix product: the usual way in NumPy."""
        padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel), axis=(2, 3))
        return np.tensordot(windows, w, axes=((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2)

    functions["numpy"] = numpy_conv
    name = f"conv {images}x{channels}x{size}x{size} -> {out}, k{kernel}"
    return Case("conv", name, _conv_work(images, channels, size, out, kernel), functions)


def _conv_backward(images: int, channels: int, size: int, out: int, kernel: int, *, libraries: list[str]) -> Case:
    inputs = _inputs(libraries, _normal(images, channels, size, size), _normal(out, channels, kernel, kernel))
    padding = kernel // 2
    functions: dict[str, Callable[[], Any]] = {}
    for library, (x, w) in inputs.items():
        if library != "numpy":
            x.requires_grad_()
            w.requires_grad_()
            functions[library] = functools.partial(_forward_and_back, _functional(library).conv2d, x, w, padding)
    name = f"conv {images}x{channels}x{size}x{size} -> {out}, k{kernel}, and back"
    return Case("conv", name, 3 * _conv_work(images, channels, size, out, kernel), functions)


def _forward_and_back(conv2d: Callable[..., Any], x: Any, w: Any, padding: int) -> Any:
    x.grad = w.grad = None
    y = conv2d(x, w, padding=padding)
    y.backward(y.detach())
    return w.grad


def _conv_work(images: int, channels: int, size: int, out: int, kernel: int) -> float:
    return 2.0 * images * channels * size * size * out * kernel * kernel


def _pool(kind: str, images: int, channels: int, size: int, *, libraries: list[str]) -> Case:
    inputs = _inputs(libraries, _normal(images, channels, size, size))
    functions: dict[str, Callable[[], Any]] = {}
    for library, (x,) in inputs.items():
        if library == "numpy":
            windows = x.reshape(images, channels, size // 2, 2, size // 2, 2)
            reduce = windows.max if kind == "max" else windows.mean
            functions[library] = functools.partial(reduce, axis=(3, 5))
        else:
            functions[library] = functools.partial(getattr(_functional(library), f"{kind}_pool2d"), x, 2)
    return Case("pool", f"{kind} pool 2x2, {images}x{channels}x{size}x{size}", 0.0, functions)


def _head(libraries: list[str]) -> str:
    others = "".join(f"{library:>11}{'x':>7}" for library in libraries[1:])
    return f"{'':42}{'rutile':>10}{'GFLOP/s':>9}{'%':>5}{others}"


def _line(row: Row, libraries: list[str], peak: float) -> str:
    flops = row.case.work / row.seconds["rutile"]
    rate = f"{flops / 1e9:9.0f}{100 * flops / peak:5.0f}" if row.case.work else " " * 14
    others = "".join(
        f"{1e3 * row.seconds[library]:11.3f}{row.ratio(library):7.2f}" if library in row.seconds else " " * 18
        for library in libraries[1:]
    )
    return f"{row.case.name:42}{1e3 * row.seconds['rutile']:10.3f}{rate}{others}".rstrip()


def _write_table(rows: list[Row], path: Path) -> None:
    with replacing(path) as temporary, open(temporary, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["family", "case", *(f"{library}_seconds" for library in LIBRARIES)])
        for row in rows:
            writer.writerow([row.case.family, row.case.name, *(row.seconds.get(library, "") for library in LIBRARIES)])


def _draw(rows: list[Row], libraries: list[str], threads: int, path: Path) -> None:
    """Bars of speed relative to rutile: longer is faster."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 1.2 + 0.22 * len(rows) * len(libraries)), layout="constrained")
    axes = figure.subplots()
    thickness = 0.8 / len(libraries)
    for place, library in enumerate(libraries):
        bars = [(y, 1 / row.ratio(library)) for y, row in enumerate(rows) if library in row.seconds]
        places = [y + (place - (len(libraries) - 1) / 2) * thickness for y, _ in bars]
        drawn = axes.barh(places, [speed for _, speed in bars], thickness, label=library, color=f"C{place}")
        axes.bar_label(drawn, [f"{1e3 * rows[y].seconds[library]:.3g} ms" for y, _ in bars], fontsize=7, padding=2)
    axes.set_yticks(range(len(rows)), [row.case.name for row in rows])
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.axvline(1, color="grey", linewidth=0.8)
    axes.set_xlabel(f"speed, rutile = 1 (longer is faster; {threads} threads)")
    axes.legend(loc="upper right", bbox_to_anchor=(1, -0.02 - 0.4 / len(rows)), ncols=len(libraries), frameon=False)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=120)
