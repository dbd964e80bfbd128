"""Transposed convolutions over 1, 2 and 3 axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import rutile as rt

from . import functional as F
from ._arguments import OneOrMany
from .conv import LazyChannels, _ConvNd

__all__ = [
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "LazyConvTranspose1d",
    "LazyConvTranspose2d",
    "LazyConvTranspose3d",
]


class _ConvTransposeNd(_ConvNd):
    """The gradient of a convolution by its input, as a layer: it spreads every input over a kernel of outputs."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: OneOrMany[int],
        stride: OneOrMany[int] = 1,
        padding: OneOrMany[int] = 0,
        output_padding: OneOrMany[int] = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: OneOrMany[int] = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: rt.dtype | None = None,
    ) -> None:
        name = type(self).__name__
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {name}, got {padding_mode!r}')
        if isinstance(padding, str):
            raise ValueError(f"{name}: padding must be integers, got {padding!r}")
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, True, output_padding, groups, bias,
            padding_mode, device, dtype,
        )  # fmt: skip

    def _output_padding(self, input: rt.Tensor, output_size: Sequence[int] | None) -> tuple[int, ...]:
        """How much to add behind, so that the output has the wanted size."""
        if output_size is None:
            return self.output_padding
        wanted = tuple(output_size)[-self._axes :]
        assert isinstance(self.padding, tuple)
        least = tuple(
            (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1
            for size, stride, padding, dilation, kernel in zip(
                input.shape[-self._axes :], self.stride, self.padding, self.dilation, self.kernel_size, strict=True
            )
        )
        extra = tuple(want - low for want, low in zip(wanted, least, strict=True))
        if any(not 0 <= more < stride for more, stride in zip(extra, self.stride, strict=True)):
            most = tuple(low + stride - 1 for low, stride in zip(least, self.stride, strict=True))
            raise ValueError(
                f"{type(self).__name__}: requested an output size of {wanted}, but valid sizes range from {least} to "
                f"{most} (for an input of {tuple(input.shape[-self._axes :])})"
            )
        return extra

    def forward(self, input: rt.Tensor, output_size: Sequence[int] | None = None) -> rt.Tensor:
        return self._convolve(
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            self._output_padding(input, output_size),
            self.groups,
            self.dilation,
        )


class ConvTranspose1d(_ConvTransposeNd):
    """Transposed convolution over one axis: a convolution's way back from output to input size.

    Args:
        in_channels, out_channels: channels of input (N, C, L) or (C, L) and of output.
        kernel_size: positions in the kernel.
        stride: steps between the places of neighbouring inputs (default: 1).
        padding: width cut from each end (default: 0).
        output_padding: width added behind, to choose between the sizes that one stride allows (default: 0).
        groups: blocks of channels that do not see each other (default: 1).
        bias: whether to add one number per output channel (default: True).
        dilation: distance between kernel positions (default: 1).

    Attributes:
        weight: (in_channels, out_channels / groups, kernel). bias: (out_channels) or None.

    Output length: `(L - 1) stride - 2 padding + dilation (kernel - 1) + output_padding + 1`; `forward` takes a wanted
    `output_size` instead of `output_padding`.

    Example:
        >>> list(rt.nn.ConvTranspose1d(4, 2, 3, stride=2)(rt.randn(1, 4, 5), output_size=[12]).shape)
        [1, 2, 12]
    """

    _axes = 1
    _convolve = staticmethod(F.conv_transpose1d)


class ConvTranspose2d(_ConvTransposeNd):
    """Transposed convolution of (N, C, H, W) or (C, H, W); arguments as in `ConvTranspose1d`, or pairs.

    Example:
        >>> list(rt.nn.ConvTranspose2d(16, 8, 4, stride=2, padding=1)(rt.randn(1, 16, 7, 7)).shape)
        [1, 8, 14, 14]
    """

    _axes = 2
    _convolve = staticmethod(F.conv_transpose2d)


class ConvTranspose3d(_ConvTransposeNd):
    """Transposed convolution of (N, C, D, H, W) or (C, D, H, W); arguments as in `ConvTranspose1d`, or triples.

    Example:
        >>> nn.ConvTranspose3d(8, 4, kernel_size=2, stride=2)(rt.randn(1, 8, 3, 4, 5)).shape
        rutile.Size([1, 4, 6, 8, 10])
    """

    _axes = 3
    _convolve = staticmethod(F.conv_transpose3d)


class _LazyConvTransposeNd(LazyChannels, _ConvTransposeNd):
    def __init__(
        self,
        out_channels: int,
        kernel_size: OneOrMany[int],
        stride: OneOrMany[int] = 1,
        padding: OneOrMany[int] = 0,
        output_padding: OneOrMany[int] = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: int = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: rt.dtype | None = None,
    ) -> None:
        _ConvTransposeNd.__init__(
            self,
            0,
            out_channels,
            kernel_size,
            stride,
            padding,
            output_padding,
            groups,
            bias,
            dilation,
            padding_mode,
            device,
            dtype,
        )
        self._start_lazy()

    def infer_sizes(self, weight: rt.Tensor) -> None:
        self.in_channels = weight.shape[0]


class LazyConvTranspose1d(_LazyConvTransposeNd, ConvTranspose1d):
    """`ConvTranspose1d` that takes `in_channels` from its first input, and is a `ConvTranspose1d` from then on.

    Example:
        >>> layer = nn.LazyConvTranspose1d(4, kernel_size=2)
        >>> _ = layer(rt.randn(1, 8, 5))
        >>> layer.in_channels
        8
    """

    cls_to_become = ConvTranspose1d


class LazyConvTranspose2d(_LazyConvTransposeNd, ConvTranspose2d):
    """`ConvTranspose2d` that takes `in_channels` from its first input, and is a `ConvTranspose2d` from then on.

    Example:
        >>> list(rt.nn.LazyConvTranspose2d(8, 2, stride=2)(rt.randn(1, 3, 4, 4)).shape)
        [1, 8, 8, 8]
    """

    cls_to_become = ConvTranspose2d


class LazyConvTranspose3d(_LazyConvTransposeNd, ConvTranspose3d):
    """`ConvTranspose3d` that takes `in_channels` from its first input, and is a `ConvTranspose3d` from then on.

    Example:
        >>> layer = nn.LazyConvTranspose3d(4, kernel_size=2)
        >>> _ = layer(rt.randn(1, 8, 3, 4, 5))
        >>> layer.in_channels
        8
    """

    cls_to_become = ConvTranspose3d
