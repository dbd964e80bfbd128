"""What a small call costs: one-element sums, 8x8 products, indexing, short lists, a chain with gradient, the import.

    python benches/overhead.py [--quick]

Beside NumPy, and PyTorch where it is installed. The libraries take turns, so that a slow moment of the machine hits all
of them; the best of all rounds counts. Numbers of different machines, or of different runs, do not compare: ratios do.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

LIBRARIES = ("rutile", "numpy", "torch")
SECONDS = 0.02
"""How long one measurement takes at least."""

Case = dict[str, Callable[[], Any]]


def cases(torches: dict[str, Any], numpy: Any) -> dict[str, Case]:
    """The calls, by what they do and by library; `torches` are rutile and what has the same interface."""
    table: dict[str, Case] = {}

    def add(name: str, make: Callable[[Any], Callable[[], Any]], beside: Callable[[], Any] | None = None) -> None:
        table[name] = {library: make(module) for library, module in torches.items()}
        if beside is not None:
            table[name]["numpy"] = beside

    def one_element(rt: Any) -> Callable[[], Any]:
        a, b = rt.ones(1), rt.ones(1)
        return lambda: a + b

    def as_function(rt: Any) -> Callable[[], Any]:
        a, b, function = rt.ones(1), rt.ones(1), rt.add
        return lambda: function(a, b)

    def product(rt: Any) -> Callable[[], Any]:
        a, b = rt.ones(8, 8), rt.ones(8, 8)
        return lambda: a @ b

    def row(rt: Any) -> Callable[[], Any]:
        a = rt.ones(8, 8)
        return lambda: a[3]

    def block(rt: Any) -> Callable[[], Any]:
        a = rt.ones(8, 8)
        return lambda: a[2:6, 1]

    def from_list(rt: Any) -> Callable[[], Any]:
        numbers = [1.0, 2.0, 3.0, 4.0]
        return lambda: rt.tensor(numbers)

    def item(rt: Any) -> Callable[[], Any]:
        a = rt.ones(1)
        return lambda: a.item()

    def chain(rt: Any) -> Callable[[], Any]:
        w, b = rt.ones(4, requires_grad=True), rt.ones(4, requires_grad=True)

        def run() -> Any:
            x = (w * b + w).sin().exp()
            y = ((x - b) * x).tanh() + w
            (y * y).sum().backward()  # ten operations, and their derivatives
            w.grad = b.grad = None

        return run

    a1, b1 = numpy.ones(1, "f4"), numpy.ones(1, "f4")
    a8, b8 = numpy.ones((8, 8), "f4"), numpy.ones((8, 8), "f4")
    add("a + b, one element", one_element, lambda: a1 + b1)
    add("add(a, b), one element", as_function, lambda: numpy.add(a1, b1))
    add("a @ b, 8 x 8", product, lambda: a8 @ b8)
    add("a[3]", row, lambda: a8[3])
    add("a[2:6, 1]", block, lambda: a8[2:6, 1])
    add("tensor([4 numbers])", from_list, lambda: numpy.array([1.0, 2.0, 3.0, 4.0], "f4"))
    add("a.item()", item, lambda: a1.item())
    add("10 operations, backward", chain)
    return table


def measure(functions: Case, rounds: int) -> dict[str, float]:
    """Seconds per call: the best of `rounds`, in turns."""
    best = dict.fromkeys(functions, float("inf"))
    repeats: dict[str, int] = {}
    for library, function in functions.items():  # also warms up
        count, elapsed = 1, 0.0
        while elapsed < SECONDS:
            count *= 2
            elapsed = _time(function, count)
        repeats[library] = count
    for _ in range(rounds):
        for library, function in functions.items():
            best[library] = min(best[library], _time(function, repeats[library]) / repeats[library])
    return best


def _time(function: Callable[[], Any], count: int) -> float:
    turns = range(count)
    start = time.perf_counter()
    for _ in turns:
        function()
    return time.perf_counter() - start


def measure_imports(libraries: list[str], rounds: int) -> dict[str, float]:
    """Seconds that a fresh interpreter takes to import each and to end; under "python", to do nothing."""
    commands = {"python": "pass"} | {library: f"import {library}" for library in libraries}
    best = dict.fromkeys(commands, float("inf"))
    for _ in range(rounds + 1):  # the first round fills the file cache
        for library, command in commands.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", command], check=True)
            best[library] = min(best[library], time.perf_counter() - start)
    return best


def print_row(name: str, seconds: dict[str, float], libraries: list[str], unit: float) -> None:
    """One line: times, and how many times longer the others take."""
    cells = [f"{seconds[library] / unit:10.3f}" if library in seconds else f"{'-':>10}" for library in libraries]
    ours = seconds["rutile"]
    ratios = [
        f"{seconds[library] / ours:9.2f}x" if library in seconds else f"{'-':>10}"
        for library in libraries
        if library != "rutile"
    ]
    print(f"{name:<26}", *cells, *ratios)


def main() -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description="The cost of small calls and of the import.")
    parser.add_argument("--quick", action="store_true", help="few rounds: shows that it runs, measures little")
    rounds = 2 if parser.parse_args().quick else 15
    libraries = [library for library in LIBRARIES if importlib.util.find_spec(library)]
    imports = measure_imports(libraries, rounds)

    import numpy
    import rutile

    torches = {"rutile": rutile}
    if "torch" in libraries:
        import torch

        torches["torch"] = torch
    for module in torches.values():
        module.set_num_threads(1)
    others = [library for library in libraries if library != "rutile"]
    print(f"{'':<26}", *(f"{library:>10}" for library in libraries), *(f"{f'/ {library}':>10}" for library in others))
    for name, functions in cases(torches, numpy).items():
        print_row(f"{name} (us)", measure(functions, rounds), libraries, 1e-6)
    print_row("import (ms)", imports, libraries, 1e-3)
    print(
        f"\nA column `/ library` says how many times longer it takes than rutile. An interpreter that imports nothing"
        f" takes {imports['python'] * 1e3:.0f} ms."
    )


if __name__ == "__main__":
    main()
