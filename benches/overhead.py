"""What a small call costs: one-element sums, 8 x 8 products, indexing, short lists, a chain with gradient.

All libraries use all threads here: deciding that a call is too small for them is part of its cost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .libraries import Jax, Library, Run, Torch
from .rows import Row, section


def call(
    name: str, shape: tuple[int, ...], function: Callable[..., Any], *, numpy: bool = True, goal: float | None = None
) -> Row:
    """A function of two tensors that reads the same in all libraries."""

    def setup(lib: Library) -> Run:
        a, b = lib.normal(*shape), lib.normal(*shape)
        return lambda: function(a, b)

    return Row(name, setup, setup if numpy else None, goal=goal)


def as_function(lib: Torch) -> Run:
    """`add(a, b)`."""
    add, a, b = lib.lib.add, lib.normal(1), lib.normal(1)
    return lambda: add(a, b)


def from_list(lib: Torch) -> Run:
    """`tensor([...])`."""
    tensor, numbers = lib.lib.tensor, [1.0, 2.0, 3.0, 4.0]
    return lambda: tensor(numbers)


def array_from_list(lib: Library) -> Run:
    """`numpy.array([...])`."""
    import numpy as np

    numbers = [1.0, 2.0, 3.0, 4.0]
    return lambda: np.array(numbers, "f4")


def linear(lib: Torch) -> Run:
    """A small layer, by its module."""
    layer, x = lib.nn.Linear(8, 8), lib.normal(8, 8)
    return lambda: layer(x)


def chain(lib: Torch) -> Run:
    """Ten operations and their derivatives."""
    w, b = lib.parameter(4), lib.parameter(4)

    def run() -> Any:
        x = (w * b + w).sin().exp()
        y = ((x - b) * x).tanh() + w
        (y * y).sum().backward()
        grad = w.grad
        w.grad = b.grad = None
        return grad

    return run


def chain_jax(lib: Jax) -> Run:
    """The same, compiled to one call."""

    def loss(w: Any, b: Any) -> Any:
        x = lib.np.exp(lib.np.sin(w * b + w))
        y = lib.np.tanh((x - b) * x) + w
        return (y * y).sum()

    run = lib.jit(lib.jax.grad(loss, argnums=(0, 1)), lib.normal(4), lib.normal(4))
    return lambda: run()[0]


def optimizer(lib: Torch) -> Run:
    """`Adam.step` over eight small parameters."""
    parameters = [lib.parameter(16) for _ in range(8)]
    for parameter in parameters:
        parameter.grad = lib.normal(16)
    step = lib.lib.optim.Adam(parameters, fused=True if lib.flavour == "fused" else None).step
    return lambda: step()


SECTION = section(
    "overhead",
    "Small calls",
    [
        call("a + b, one element", (1,), lambda a, b: a + b, goal=6.2),
        call("a + b, 8x8", (8, 8), lambda a, b: a + b, goal=6.2),
        Row("add(a, b), one element", as_function),
        call("a * 2.0, 8x8", (8, 8), lambda a, b: a * 2.0),
        call("a @ b, 8x8", (8, 8), lambda a, b: a @ b, goal=3.6),
        call("a[0], 8x8", (8, 8), lambda a, b: a[0], goal=6.0),
        call("a[2:6, 1], 8x8", (8, 8), lambda a, b: a[2:6, 1]),
        call("a.reshape(4, 16)", (8, 8), lambda a, b: a.reshape(4, 16), goal=6.0),
        call("a.sum().item(), 8x8", (8, 8), lambda a, b: a.sum().item(), goal=5.8),
        call("a.item()", (1,), lambda a, b: a.item()),
        call("a.shape", (8, 8), lambda a, b: a.shape),
        Row("tensor([4 numbers])", from_list, array_from_list, goal=4.1),
        Row("nn.Linear(8, 8), 8 rows", linear, compare=False, goal=11.8),
        Row("10 operations, both", chain, jax=chain_jax, goal=13.9),
        Row("Adam.step, 8 parameters", optimizer, flavours=("fused",), compare=False),
    ],
    unit="us",
)
