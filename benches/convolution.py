"""Convolutions, forward; `gradients.py` has them with their backward."""

from __future__ import annotations

import dataclasses

from .libraries import Jax, Numpy, Run, Torch
from .rows import Row, section


@dataclasses.dataclass(frozen=True)
class Shape:
    """A convolution of square images."""

    images: int
    channels: int
    size: int
    out: int
    kernel: int
    stride: int = 1
    dilation: int = 1
    groups: int = 1

    @property
    def padding(self) -> int:
        """Keeps the size at stride 1."""
        return self.dilation * (self.kernel // 2)

    @property
    def flops(self) -> float:
        """Of the plain sums; Winograd's method needs fewer."""
        size = self.size // self.stride
        per_output = self.channels // self.groups * self.kernel**2
        return 2.0 * self.images * self.out * size * size * per_output

    @property
    def input(self) -> tuple[int, ...]:
        """Shape of the images."""
        return (self.images, self.channels, self.size, self.size)

    @property
    def weight(self) -> tuple[int, ...]:
        """Shape of the kernels."""
        return (self.out, self.channels // self.groups, self.kernel, self.kernel)

    def __str__(self) -> str:
        text = f"{self.images}x{self.channels}x{self.size}x{self.size} -> {self.out}, k{self.kernel}"
        text += f" s{self.stride}" * (self.stride > 1) + f" d{self.dilation}" * (self.dilation > 1)
        return ("depthwise " if self.groups > 1 else "conv ") + text

    def torch(self, lib: Torch, x: object, w: object) -> object:
        """By PyTorch's interface."""
        s = self
        return lib.functional.conv2d(x, w, None, s.stride, s.padding, s.dilation, s.groups)

    def jax(self, lib: Jax, x: object, w: object) -> object:
        """By JAX."""
        return lib.lax.conv_general_dilated(
            x,
            w,
            (self.stride,) * 2,
            ((self.padding,) * 2,) * 2,
            rhs_dilation=(self.dilation,) * 2,
            feature_group_count=self.groups,
        )


SHAPES = {
    Shape(64, 1, 28, 32, 3): (1.8, 4.1),
    Shape(64, 32, 14, 64, 3): (2.1, 1.9),
    Shape(16, 64, 56, 64, 3): (2.2, 2.0),
    Shape(16, 128, 28, 128, 3): (2.7, 1.9),
    Shape(16, 256, 14, 256, 3): (2.2, 1.9),
    Shape(16, 512, 7, 512, 3): (1.7, 1.55),
    Shape(16, 256, 56, 64, 1): (3.5, 3.3),
    Shape(16, 3, 224, 64, 7, stride=2): (3.1, 3.2),
    Shape(16, 128, 56, 128, 3, groups=128): (16.5, 2.2),
    Shape(16, 128, 28, 128, 3, dilation=2): (1.2, None),
    Shape(1, 64, 56, 64, 3): (1.85, None),
}
"""The convolutions with their goals: forward, and with both gradients."""


def forward(shape: Shape, goal: float | None) -> Row:
    """One convolution."""

    def torch(lib: Torch) -> Run:
        x, w = lib.normal(*shape.input), lib.normal(*shape.weight)
        return lambda: shape.torch(lib, x, w)

    def jax(lib: Jax) -> Run:
        x, w = lib.normal(*shape.input), lib.normal(*shape.weight)
        return lib.jit(lambda x, w: shape.jax(lib, x, w), x, w)

    def numpy(lib: Numpy) -> Run:
        """Windows as a view, then one matrix product: the usual way in NumPy."""
        import numpy as np

        x, w = lib.normal(*shape.input), lib.normal(*shape.weight)
        padding, reach = (shape.padding,) * 2, shape.dilation * (shape.kernel - 1) + 1

        def run() -> object:
            padded = np.pad(x, ((0, 0), (0, 0), padding, padding))
            windows = np.lib.stride_tricks.sliding_window_view(padded, (reach, reach), axis=(2, 3))
            windows = windows[:, :, :: shape.stride, :: shape.stride, :: shape.dilation, :: shape.dilation]
            if shape.groups > 1:
                return np.einsum("nchwij,cij->nchw", windows, w[:, 0])
            return np.tensordot(windows, w, axes=((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2)

        return run

    return Row(str(shape), torch, numpy, jax, flavours=("channels_last",), flops=shape.flops, goal=goal)


SECTION = section(
    "convolution",
    "Convolutions",
    [forward(shape, goal) for shape, (goal, _) in SHAPES.items()],
    note="The share of the multiply-add peak counts the plain sums: Winograd's method can exceed it.",
)
