"""Operations with their backward: of every input, by a given gradient of the result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .convolution import SHAPES
from .libraries import Jax, Library, Run, Torch
from .rows import Row, section

Shape = tuple[int, ...]
Function = Callable[..., Any]
"""Of a library and tensors."""


def both(
    name: str,
    inputs: Sequence[Shape],
    torch: Function,
    jax: Function | None = None,
    *,
    integers: tuple[int, Shape] | None = None,
    images: bool = False,
    flops: float = 0.0,
    goal: float | None = None,
    compare: bool = True,
) -> Row:
    """Forward and backward. `integers`: an upper bound and a shape, for a last input of indices."""

    def others(lib: Library) -> list[Any]:
        return [lib.integers(integers[0], *integers[1])] if integers else []

    def run_torch(lib: Torch) -> Run:
        tensors = [lib.parameter(*shape) for shape in inputs]
        rest = others(lib)
        given = lib.normal(*torch(lib, *tensors, *rest).shape)

        def run() -> Any:
            for tensor in tensors:
                tensor.grad = None
            torch(lib, *tensors, *rest).backward(given)
            return tensors[0].grad

        return run

    def run_jax(lib: Jax) -> Run:
        tensors = [lib.normal(*shape) for shape in inputs]
        rest = others(lib)
        return lib.gradients(lambda *x: (jax or torch)(lib, *x, *rest), *tensors)

    flavours = ("channels_last",) if images else ()
    return Row(name, run_torch, None, run_jax if jax else None, None, flavours, flops=flops, goal=goal, compare=compare)


def forward(name: str, inputs: Sequence[Shape], torch: Function, jax: Function | None = None, **options: Any) -> Row:
    """Forward alone, of what `both` has with its backward."""

    def run_torch(lib: Torch) -> Run:
        tensors = [lib.normal(*shape) for shape in inputs]
        return lambda: torch(lib, *tensors)

    def run_jax(lib: Jax) -> Run:
        return lib.jit(lambda *x: (jax or torch)(lib, *x), *(lib.normal(*shape) for shape in inputs))

    flavours = ("channels_last",) if options.pop("images", False) else ()
    return Row(name, run_torch, None, run_jax if jax else None, flavours=flavours, **options)


def pool(kind: str, size: int, stride: int, goals: tuple[float, float]) -> list[Row]:
    """Windows of images, which PyTorch does several times faster with channels last."""

    def torch(lib: Torch, x: Any) -> Any:
        padding = 1 if size == 3 else 0
        return getattr(lib.functional, f"{kind}_pool2d")(x, size, stride, padding)

    def jax(lib: Jax, x: Any) -> Any:
        edge = (1, 1) if size == 3 else (0, 0)
        window, steps, padding = (1, 1, size, size), (1, 1, stride, stride), ((0, 0), (0, 0), edge, edge)
        if kind == "max":
            return lib.lax.reduce_window(x, -np.inf, lib.lax.max, window, steps, padding)
        return lib.lax.reduce_window(x, 0.0, lib.lax.add, window, steps, padding) / size**2

    name = f"{kind}_pool {size}x{size} s{stride}, 32x64x56x56"
    inputs = [(32, 64, 56, 56)]
    return [
        forward(name, inputs, torch, jax, images=True, goal=goals[0]),
        both(f"{name}, both", inputs, torch, jax, images=True, goal=goals[1]),
    ]


def convolutions() -> list[Row]:
    """Those of `convolution.py`."""
    return [
        both(
            f"{shape}, both",
            [shape.input, shape.weight],
            shape.torch,
            shape.jax,
            images=True,
            flops=3 * shape.flops,
            goal=goal,
        )
        for shape, (_, goal) in SHAPES.items()
    ]


def attention(causal: bool, goal: float) -> list[Row]:
    """Scaled dot-product attention, 8 sequences of 256 with 8 heads of 64."""

    def torch(lib: Torch, q: Any, k: Any, v: Any) -> Any:
        return lib.functional.scaled_dot_product_attention(q, k, v, is_causal=causal)

    def jax(lib: Jax, q: Any, k: Any, v: Any) -> Any:
        q, k, v = (x.swapaxes(1, 2) for x in (q, k, v))
        return lib.nn.dot_product_attention(q, k, v, is_causal=causal).swapaxes(1, 2)

    name = "attention (8, 8, 256, 64)" + ", causal" * causal
    inputs = [(8, 8, 256, 64)] * 3
    return [forward(name, inputs, torch, jax), both(f"{name}, both", inputs, torch, jax, goal=goal)]


def transposed(lib: Jax, x: Any, w: Any) -> Any:
    """PyTorch's `conv_transpose2d(x, w, stride=2, padding=1)`, kernel 4: the input gradient of a convolution."""
    turned = w.swapaxes(0, 1)[:, :, ::-1, ::-1]
    return lib.lax.conv_general_dilated(x, turned, (1, 1), ((2, 2), (2, 2)), lhs_dilation=(2, 2))


def batch_norm(lib: Jax, x: Any, w: Any, b: Any) -> Any:
    """By the statistics of the batch."""
    mean, variance = x.mean((0, 2, 3), keepdims=True), x.var((0, 2, 3), keepdims=True)
    return (x - mean) * lib.lax.rsqrt(variance + 1e-5) * w[:, None, None] + b[:, None, None]


def layer_norm(lib: Jax, x: Any, w: Any, b: Any) -> Any:
    """Of rows."""
    mean, variance = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    return (x - mean) * lib.lax.rsqrt(variance + 1e-5) * w + b


def cross_entropy(lib: Jax, x: Any, target: Any) -> Any:
    """The mean over rows."""
    return -lib.np.take_along_axis(lib.nn.log_softmax(x), target[:, None], 1).mean()


def layer(kind: str, width: int) -> Function:
    """The layer of `width` in and out, with each library's own weights; they want gradients, too."""
    made: dict[int, Any] = {}

    def run(lib: Torch, x: Any) -> Any:
        if id(lib) not in made:
            made[id(lib)] = getattr(lib.nn, kind)(width, width, batch_first=True)
        return made[id(lib)](x)[0]

    return run


SECTION = section(
    "gradients",
    "Forward and backward",
    [
        *convolutions(),
        both(
            "conv_transpose 16x64x14x14 -> 32, k4 s2, both",
            [(16, 64, 14, 14), (64, 32, 4, 4)],
            lambda lib, x, w: lib.functional.conv_transpose2d(x, w, stride=2, padding=1),
            transposed,
            images=True,
            flops=3 * 2.0 * 16 * 64 * 14 * 14 * 32 * 16,
            goal=1.4,
        ),
        *pool("max", 2, 2, (14.0, 8.4)),
        *pool("max", 3, 2, (16.0, 9.3)),
        *pool("avg", 2, 2, (8.6, 6.3)),
        both(
            "global average pool, 32x64x56x56, both",
            [(32, 64, 56, 56)],
            lambda lib, x: lib.functional.adaptive_avg_pool2d(x, 1),
            lambda lib, x: x.mean((2, 3), keepdims=True),
            images=True,
            goal=1.7,
        ),
        forward(
            "batch_norm training, 32x64x56x56",
            [(32, 64, 56, 56), (64,), (64,)],
            lambda lib, x, w, b: lib.functional.batch_norm(x, None, None, w, b, True),
            batch_norm,
        ),
        both(
            "batch_norm training, 32x64x56x56, both",
            [(32, 64, 56, 56), (64,), (64,)],
            lambda lib, x, w, b: lib.functional.batch_norm(x, None, None, w, b, True),
            batch_norm,
            goal=2.0,
        ),
        forward(
            "layer_norm 4096x768",
            [(4096, 768), (768,), (768,)],
            lambda lib, x, w, b: lib.functional.layer_norm(x, (768,), w, b),
            layer_norm,
        ),
        both(
            "layer_norm 4096x768, both",
            [(4096, 768), (768,), (768,)],
            lambda lib, x, w, b: lib.functional.layer_norm(x, (768,), w, b),
            layer_norm,
            goal=1.9,
        ),
        both(
            "cross_entropy 1024x1000, both",
            [(1024, 1000)],
            lambda lib, x, target: lib.functional.cross_entropy(x, target),
            cross_entropy,
            integers=(1000, (1024,)),
            goal=2.0,
        ),
        both(
            "embedding 16x512 of 50257x768, both",
            [(50257, 768)],
            lambda lib, table, tokens: lib.functional.embedding(tokens, table),
            lambda lib, table, tokens: table[tokens],
            integers=(50257, (16, 512)),
            goal=6.0,
        ),
        *attention(False, 1.5),
        *attention(True, 2.4),
        both("LSTM 256, 64 steps of 32, both", [(32, 64, 256)], layer("LSTM", 256), goal=2.0, compare=False),
        both("GRU 256, 64 steps of 32, both", [(32, 64, 256)], layer("GRU", 256), goal=2.5, compare=False),
    ],
)
