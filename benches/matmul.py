"""Matrix products."""

from __future__ import annotations

import operator
from functools import partial

from .libraries import Jax, Numpy, Run, Torch
from .rows import Row, section


def product(name: str, a: tuple[int, ...], b: tuple[int, ...], goal: float) -> Row:
    """`a @ b`."""

    def setup(lib: Numpy | Torch) -> Run:
        return partial(operator.matmul, lib.normal(*a), lib.normal(*b))

    def jax(lib: Jax) -> Run:
        return lib.jit(operator.matmul, lib.normal(*a), lib.normal(*b))

    flops = 2.0 * b[-1]
    for extent in a:
        flops *= extent
    return Row(name, setup, setup, jax, flops=flops, goal=goal)


def linear(rows: int, features: int, out: int, goal: float) -> Row:
    """`F.linear`: the weight is transposed."""

    def torch(lib: Torch) -> Run:
        return partial(lib.functional.linear, lib.normal(rows, features), lib.normal(out, features), lib.normal(out))

    def numpy(lib: Numpy) -> Run:
        x, w, b = lib.normal(rows, features), lib.normal(out, features), lib.normal(out)
        return lambda: x @ w.T + b

    def jax(lib: Jax) -> Run:
        x, w, b = lib.normal(rows, features), lib.normal(out, features), lib.normal(out)
        return lib.jit(lambda x, w, b: x @ w.T + b, x, w, b)

    name = f"linear ({rows}, {features}) -> {out}"
    return Row(name, torch, numpy, jax, flops=2.0 * rows * features * out, goal=goal)


SECTION = section(
    "matmul",
    "Matrix products",
    [
        product("matmul 64", (64, 64), (64, 64), 1.75),
        product("matmul 128", (128, 128), (128, 128), 1.4),
        product("matmul 256", (256, 256), (256, 256), 1.05),
        product("matmul 512", (512, 512), (512, 512), 1.05),
        product("matmul 1024", (1024, 1024), (1024, 1024), 1.05),
        product("matmul 2048", (2048, 2048), (2048, 2048), 1.0),
        product("(256, 784) @ (784, 256)", (256, 784), (784, 256), 1.1),
        linear(256, 784, 256, 1.1),
        product("(1, 4096) @ (4096, 4096)", (1, 4096), (4096, 4096), 2.5),
        product("bmm (32, 128, 64) @ (32, 64, 128)", (32, 128, 64), (32, 64, 128), 1.1),
    ],
)
