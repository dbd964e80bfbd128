"""Matrix products of many shapes, to find cliffs: `python -m benches sweep`."""

from __future__ import annotations

import operator
import random
from collections.abc import Iterator
from functools import partial

from rutile import bench

from . import libraries

WANTED = 0.9
"""A shape is listed if the better of PyTorch and NumPy takes less than this part of Rutile's time."""

_WORK = 2048 * 2048 * 64
"""Most multiply-adds of a shape, so that the sweep ends."""


def shapes(count: int) -> Iterator[tuple[int, int, int]]:
    """Extents m, n, k: half of them from 1 to 64, half powers of two and their neighbours up to 2048."""
    chosen = random.Random(0)
    large = sorted({1, 2, 3, *(2**i + j for i in range(2, 12) for j in (-1, 0, 1) if 2**i + j <= 2048)})
    for _ in range(count // 2):
        yield chosen.randint(1, 64), chosen.randint(1, 64), chosen.randint(1, 64)
    for _ in range(count - count // 2):
        while True:
            m, n, k = (chosen.choice(large) for _ in range(3))
            if m * n * k <= _WORK:
                break
        yield m, n, k


def run(names: list[str], count: int, only: str | None = None) -> int:
    """Prints the shapes that are slow; gives how many there are."""
    names = [name for name in ("rutile", "torch", "numpy") if name in names]
    slow = 0
    for m, n, k in shapes(count):
        if only is not None and only != f"{m},{n},{k}":
            continue
        ratio, row = _ratio(names, m, n, k, rounds=5)
        if ratio < WANTED:  # measured again, longer: most of these are a moment of the machine
            again, row_again = _ratio(names, m, n, k, rounds=25)
            if again > ratio:
                ratio, row = again, row_again
        if ratio < WANTED or only:
            slow += 1
            times = ", ".join(f"{name} {1e6 * seconds:.2f}" for name, seconds in row.seconds.items())
            print(f"({m}, {k}) @ ({k}, {n}): {ratio:.2f}   us: {times}", flush=True)
    print(f"{slow} of {count} shapes are slower than {WANTED} of the better peer")
    return slow


def _ratio(names: list[str], m: int, n: int, k: int, rounds: int) -> tuple[float, bench.Row]:
    functions: dict[str, libraries.Run] = {}
    for name in names:
        lib = libraries.make(name)
        functions[name] = partial(operator.matmul, lib.normal(m, k), lib.normal(k, n))
    row = bench.measure(bench.Case("sweep", f"{m} {n} {k}", 2.0 * m * n * k, functions), rounds, run_seconds=0.002)
    return min(row.seconds[name] for name in names if name != "rutile") / row.seconds["rutile"], row
