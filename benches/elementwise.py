"""Elementwise operations, reductions, scans, copies, sorting, random numbers: mostly memory-bound."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

from .libraries import Jax, Library, Run, Torch
from .rows import Row, section

SIZES = {"1 M": 1 << 20, "16 M": 1 << 24}
Function = Callable[..., Any]


def row(
    name: str,
    inputs: Sequence[tuple[int, ...]],
    torch: Function,
    numpy: Function | None = None,
    jax: Function | None = None,
    *,
    out: int = 0,
    goal: float | None = None,
    compare: bool = True,
    integers: tuple[int, tuple[int, ...]] | None = None,
) -> Row:
    """One function per library, of the library and tensors of these shapes; `out`: elements of the result.

    `integers`: an upper bound and a shape, for a last input of indices.
    """

    def data(lib: Library) -> list[Any]:
        return [lib.normal(*shape) for shape in inputs] + (
            [lib.integers(integers[0], *integers[1])] if integers else []
        )

    def run(function: Function) -> Callable[[Any], Run]:
        def setup(lib: Any) -> Run:
            module, tensors = getattr(lib, "lib", None), data(lib)
            return lambda: function(module, *tensors)

        return setup

    def run_torch(lib: Torch) -> Run:
        return run(torch)(lib)

    def run_numpy(lib: Library) -> Run:
        import numpy as np

        tensors = data(lib)
        return lambda: (numpy or torch)(np, *tensors)

    def run_jax(lib: Jax) -> Run:
        return lib.jit(lambda *x: (jax or torch)(lib, *x), *data(lib))

    elements = sum(math.prod(shape) for shape in inputs) + out
    return Row(
        name,
        run_torch,
        run_numpy if numpy else None,
        run_jax if jax else None,
        bytes=4.0 * elements,
        goal=goal,
        compare=compare,
    )


def unary(name: str, numpy: Function | None, jax: Function, goals: tuple[float, float]) -> list[Row]:
    """A function of one tensor, in both sizes."""

    @functools.cache  # a name that is not there costs a search for what was meant
    def function(lib: Any) -> Any:
        return getattr(lib, name, None) or getattr(lib.nn.functional, name)

    def torch(lib: Any, x: Any) -> Any:
        return function(lib)(x)

    return [
        row(f"{name}, {label}", [(size,)], torch, numpy, jax, out=size, goal=goal)
        for (label, size), goal in zip(SIZES.items(), goals, strict=True)
    ]


MATRIX = [(4096, 1024)]
WIDE = 4096 * 1024
LOGITS = [(1024, 1000)]
IMAGES = (32, 64, 56, 56)
PIXELS = math.prod(IMAGES)


def softmax(np: Any, x: Any) -> Any:
    """In NumPy."""
    e = np.exp(x - x.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def log_softmax(np: Any, x: Any) -> Any:
    """In NumPy."""
    x = x - x.max(1, keepdims=True)
    return x - np.log(np.exp(x).sum(1, keepdims=True))


def reduce(name: str, dim: int | None, label: str, goal: float | None = None) -> Row:
    """A reduction of a matrix; JAX and NumPy say axis instead of dim."""

    def torch(lib: Any, x: Any) -> Any:
        return getattr(x, name)() if dim is None else getattr(x, name)(dim)

    def with_axis(lib: Any, x: Any) -> Any:
        return getattr(x, name)(axis=dim)

    return row(f"{name} 4096x1024, {label}", MATRIX, torch, with_axis, with_axis, goal=goal)


ROWS = [
    *(
        row(
            f"add, {label}",
            [(size,), (size,)],
            lambda lib, a, b: a + b,
            lambda np, a, b: a + b,
            lambda lib, a, b: a + b,
            out=size,
            goal=goal,
        )
        for (label, size), goal in zip(SIZES.items(), (1.2, 6.4), strict=True)
    ),
    *unary("relu", lambda np, x: np.maximum(x, 0), lambda lib, x: lib.nn.relu(x), (1.1, 8.2)),
    *unary("exp", lambda np, x: np.exp(x), lambda lib, x: lib.np.exp(x), (2.9, 8.8)),
    *unary("tanh", lambda np, x: np.tanh(x), lambda lib, x: lib.np.tanh(x), (7.5, 10.8)),
    *unary("gelu", None, lambda lib, x: lib.nn.gelu(x, approximate=False), (1.6, 5.1)),
    *unary("sigmoid", lambda np, x: 1 / (1 + np.exp(-x)), lambda lib, x: lib.nn.sigmoid(x), (2.4, 7.8)),
    row(
        "where, 1 M", [(1 << 20,)] * 2, lambda lib, a, b: lib.where(a > b, a, b), lambda np, a, b: np.where(a > b, a, b)
    ),
    row("a[mask], 1 M", [(1 << 20,)], lambda lib, x: x[x > 0], lambda np, x: x[x > 0]),
    row(
        "row + column, 4096x1024",
        [(4096, 1), (1024,)],
        lambda lib, a, b: a + b,
        lambda np, a, b: a + b,
        lambda lib, a, b: a + b,
        out=WIDE,
    ),
    reduce("sum", 1, "last", 1.2),
    reduce("sum", 0, "first", 2.3),
    reduce("sum", None, "all", 1.2),
    reduce("mean", 1, "last"),
    row(
        "var 4096x1024, last",
        MATRIX,
        lambda lib, x: x.var(1),
        lambda np, x: x.var(axis=1, ddof=1),
        lambda lib, x: x.var(1, ddof=1),
    ),
    row(
        "max 4096x1024, last, values and indices",
        MATRIX,
        lambda lib, x: x.max(1).values,
    ),
    reduce("argmax", 1, "last", 8.7),
    reduce("argmax", 0, "first"),
    reduce("cumsum", 1, "last", 1.8),
    reduce("cumsum", 0, "first"),
    row(
        "sort, 1 M",
        [(1 << 20,)],
        lambda lib, x: x.sort().values,
        lambda np, x: np.sort(x),
        lambda lib, x: lib.np.sort(x),
        goal=19.0,
    ),
    row(
        "argsort, 1 M",
        [(1 << 20,)],
        lambda lib, x: x.argsort(),
        lambda np, x: np.argsort(x),
        lambda lib, x: lib.np.argsort(x),
        compare=False,  # equal numbers may come in any order
    ),
    row(
        "sort 1024x1000, last",
        LOGITS,
        lambda lib, x: x.sort(1).values,
        lambda np, x: np.sort(x, 1),
        lambda lib, x: lib.np.sort(x, 1),
    ),
    row("topk(5) 1024x1000", LOGITS, lambda lib, x: x.topk(5).values, None, lambda lib, x: lib.lax.top_k(x, 5)[0]),
    row(
        "softmax 1024x1000",
        LOGITS,
        lambda lib, x: x.softmax(1),
        softmax,
        lambda lib, x: lib.nn.softmax(x),
        out=1024000,
        goal=2.2,
    ),
    row(
        "log_softmax 1024x1000",
        LOGITS,
        lambda lib, x: x.log_softmax(1),
        log_softmax,
        lambda lib, x: lib.nn.log_softmax(x),
        out=1024000,
        goal=1.8,
    ),
    row(
        "NCHW -> NHWC 32x64x56x56, copied",
        [IMAGES],
        lambda lib, x: x.permute(0, 2, 3, 1).contiguous(),
        lambda np, x: np.ascontiguousarray(x.transpose(0, 2, 3, 1)),
        lambda lib, x: x.transpose(0, 2, 3, 1),
        out=PIXELS,
        goal=1.8,
    ),
    row(
        "transpose 2048x2048, copied",
        [(2048, 2048)],
        lambda lib, x: x.t().contiguous(),
        lambda np, x: np.ascontiguousarray(x.T),
        lambda lib, x: x.T,
        out=2048 * 2048,
        goal=3.4,
    ),
    row(
        "cat of two 32x64x56x56, channels",
        [IMAGES, IMAGES],
        lambda lib, a, b: lib.cat([a, b], 1),
        lambda np, a, b: np.concatenate([a, b], 1),
        lambda lib, a, b: lib.np.concatenate([a, b], 1),
        out=2 * PIXELS,
        goal=5.8,
    ),
    row(
        "take rows, 8192 of 50257x768",
        [(50257, 768)],
        lambda lib, x, i: x[i],
        lambda np, x, i: x[i],
        lambda lib, x, i: x[i],
        integers=(50257, (8192,)),
    ),
    row(
        "gather 4096x1024, last",
        MATRIX,
        lambda lib, x, i: x.gather(1, i),
        lambda np, x, i: np.take_along_axis(x, i, 1),
        integers=(1024, (4096, 1024)),
    ),
    row(
        "dropout, 4 M",
        [(1 << 22,)],
        lambda lib, x: lib.nn.functional.dropout(x, 0.5),
        out=1 << 22,
        goal=31.0,
        compare=False,
    ),
    row("randn, 4 M", [], lambda lib: lib.randn(1 << 22), out=1 << 22, goal=2.8, compare=False),
    row("rand, 4 M", [], lambda lib: lib.rand(1 << 22), out=1 << 22, compare=False),
    row(
        "randperm, 1 M", [], lambda lib: lib.randperm(1 << 20), lambda np: np.random.permutation(1 << 20), compare=False
    ),
]

SECTION = section("elementwise", "Elementwise and the rest", ROWS)
