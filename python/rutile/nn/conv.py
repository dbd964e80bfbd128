"""Convolutions over 1, 2 and 3 axes: one body, three faces."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

import rutile as rt

from . import functional as F
from . import init
from ._arguments import OneOrMany, check_positive, per_axis
from .lazy import LazyModuleMixin
from .module import Module
from .parameter import Parameter, UninitializedParameter

__all__ = ["Conv1d", "Conv2d", "Conv3d", "LazyConv1d", "LazyConv2d", "LazyConv3d"]

_PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


class _ConvNd(Module):
    """What the convolutions share. `_axes` is the number of position axes, `_convolve` the operation.

    People's own layers build on it, so the arguments are PyTorch's, in its order; without `_axes`, the kernel's sizes
    say how many there are.
    """

    _axes: int
    _convolve: ClassVar[Callable[..., rt.Tensor]]

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: OneOrMany[int],
        stride: OneOrMany[int],
        padding: OneOrMany[int] | str,
        dilation: OneOrMany[int],
        transposed: bool,
        output_padding: OneOrMany[int],
        groups: int,
        bias: bool,
        padding_mode: str,
        device: Any = None,
        dtype: rt.dtype | None = None,
    ) -> None:
        super().__init__()
        if not hasattr(type(self), "_axes"):
            self._axes = len(tuple(kernel_size))  # type: ignore[arg-type]
        name, axes = type(self).__name__, self._axes
        check_positive(name, "groups", groups)
        check_positive(name, "in_channels", in_channels, least=0)
        for what, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
            if channels % groups:
                raise ValueError(f"{name}: {what}={channels} must be divisible by groups={groups}")
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = per_axis(name, "kernel_size", kernel_size, axes)
        self.stride = per_axis(name, "stride", stride, axes)
        self.padding = padding if isinstance(padding, str) else per_axis(name, "padding", padding, axes)
        self.dilation = per_axis(name, "dilation", dilation, axes)
        self.transposed = transposed
        self.output_padding = per_axis(name, "output_padding", output_padding, axes)
        self.groups = groups
        self.padding_mode = padding_mode
        check_positive(name, "kernel_size", self.kernel_size)
        check_positive(name, "stride", self.stride)
        check_positive(name, "dilation", self.dilation)
        if isinstance(self.padding, tuple):
            check_positive(name, "padding", self.padding, least=0)
        elif self.padding not in ("same", "valid"):
            raise ValueError(f"{name}: padding must be integers, 'same' or 'valid', got {padding!r}")
        elif self.padding == "same" and any(s != 1 for s in self.stride):
            raise ValueError(f"{name}: padding='same' is not supported for strided convolutions, got stride={stride}")
        if padding_mode not in _PADDING_MODES:
            raise ValueError(f"{name}: padding_mode must be one of {_PADDING_MODES}, got {padding_mode!r}")
        self._reversed_padding_repeated_twice = self._edge_widths()
        self._make_parameters(bias, device, dtype)

    def _weight_shape(self) -> tuple[int, ...]:
        first, second = self.out_channels, self.in_channels
        if self.transposed:
            first, second = second, first
        return (first, second // self.groups, *self.kernel_size)

    def _make_parameters(self, bias: bool, device: Any, dtype: rt.dtype | None) -> None:
        self.weight = Parameter(rt.empty(self._weight_shape(), device=device, dtype=dtype))
        self.bias = Parameter(rt.empty(self.out_channels, device=device, dtype=dtype)) if bias else None
        self.reset_parameters()

    def _edge_widths(self) -> list[int]:
        """The padding as `F.pad` wants it; of an odd width, `"same"` puts the larger half behind."""
        if isinstance(self.padding, tuple):
            return [width for width in reversed(self.padding) for _ in range(2)]
        edges = []
        for dilation, kernel in zip(reversed(self.dilation), reversed(self.kernel_size), strict=True):
            total = dilation * (kernel - 1) if self.padding == "same" else 0
            edges += [total // 2, total - total // 2]
        return edges

    def reset_parameters(self) -> None:
        """Draws weight and bias from U(-k, k) with `k = 1 / √(in_channels / groups * kernel positions)`."""
        if self.weight.numel():
            init.kaiming_uniform_(self.weight, a=math.sqrt(5))
            if self.bias is not None:
                fan_in, _ = init._calculate_fan_in_and_fan_out(self.weight)
                init.uniform_(self.bias, -1 / math.sqrt(fan_in), 1 / math.sqrt(fan_in))

    def extra_repr(self) -> str:
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        nothing = (0,) * self._axes
        if self.padding != nothing:
            text += f", padding={self.padding}"
        if self.dilation != (1,) * self._axes:
            text += f", dilation={self.dilation}"
        if self.output_padding != nothing:
            text += f", output_padding={self.output_padding}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        if self.bias is None:
            text += ", bias=False"
        if self.padding_mode != "zeros":
            text += f", padding_mode={self.padding_mode}"
        return text


class _Conv(_ConvNd):
    """The convolutions that are not transposed."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: OneOrMany[int],
        stride: OneOrMany[int] = 1,
        padding: OneOrMany[int] | str = 0,
        dilation: OneOrMany[int] = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: rt.dtype | None = None,
    ) -> None:
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, False, 0, groups, bias, padding_mode,
            device, dtype,
        )  # fmt: skip

    def _conv_forward(self, input: rt.Tensor, weight: rt.Tensor, bias: rt.Tensor | None) -> rt.Tensor:
        """The convolution with these parameters; layers that change the weight call it."""
        if self.padding_mode == "zeros":
            return self._convolve(input, weight, bias, self.stride, self.padding, self.dilation, self.groups)
        padded = F.pad(input, self._reversed_padding_repeated_twice, mode=self.padding_mode)
        return self._convolve(padded, weight, bias, self.stride, 0, self.dilation, self.groups)

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return self._conv_forward(input, self.weight, self.bias)


class Conv1d(_Conv):
    """Convolution (cross-correlation) over one axis.

    Args:
        in_channels, out_channels: channels of input (N, C, L) or (C, L) and of output.
        kernel_size: positions in the kernel.
        stride: steps between outputs (default: 1).
        padding: width added to each end (default: 0), `"valid"` (none) or `"same"` (output as long as the input).
        dilation: distance between kernel positions (default: 1).
        groups: blocks of channels that do not see each other; divides both channel numbers (default: 1).
        bias: whether to add one number per output channel (default: True).
        padding_mode: `"zeros"` (default), `"reflect"`, `"replicate"` or `"circular"`.

    Attributes:
        weight: (out_channels, in_channels / groups, kernel), from U(-k, k), `k = 1 / √(in_channels / groups * kernel)`.
        bias: (out_channels), from the same distribution, or None.

    Output length: `(L + 2 padding - dilation (kernel - 1) - 1) // stride + 1`.

    Example:
        >>> list(rt.nn.Conv1d(16, 33, 3, stride=2)(rt.randn(20, 16, 50)).shape)
        [20, 33, 24]
    """

    _axes = 1
    _convolve = staticmethod(F.conv1d)


class Conv2d(_Conv):
    """Convolution (cross-correlation) over two axes.

    Arguments as in `Conv1d`; sizes are integers or pairs (height, width). Input (N, C, H, W) or (C, H, W).

    Attributes:
        weight: (out_channels, in_channels / groups, kernel height, kernel width).
        bias: (out_channels) or None.

    Example:
        >>> list(rt.nn.Conv2d(16, 33, (3, 5), stride=(2, 1), padding=(4, 2))(rt.randn(2, 16, 50, 10)).shape)
        [2, 33, 28, 10]
    """

    _axes = 2
    _convolve = staticmethod(F.conv2d)


class Conv3d(_Conv):
    """Convolution (cross-correlation) over three axes.

    Arguments as in `Conv1d`; sizes are integers or triples (depth, height, width).
    Input (N, C, D, H, W) or (C, D, H, W).

    Example:
        >>> list(rt.nn.Conv3d(2, 3, 3, padding="same")(rt.randn(1, 2, 4, 5, 6)).shape)
        [1, 3, 4, 5, 6]
    """

    _axes = 3
    _convolve = staticmethod(F.conv3d)


class LazyChannels(LazyModuleMixin, _ConvNd):
    """A convolution that takes the number of input channels from its first input."""

    def _make_parameters(self, bias: bool, device: Any, dtype: rt.dtype | None) -> None:
        self.weight = UninitializedParameter(device=device, dtype=dtype)
        self.bias = UninitializedParameter(device=device, dtype=dtype) if bias else None

    def initialize_parameters(self, input: rt.Tensor, *rest: Any, **options: Any) -> None:
        if input.dim() not in (self._axes + 1, self._axes + 2):
            raise RuntimeError(
                f"{type(self).__name__}: expected {self._axes + 1} or {self._axes + 2} dimensions, "
                f"got input {list(input.shape)}"
            )
        self.in_channels = input.shape[-self._axes - 1]
        if self.in_channels % self.groups:
            raise ValueError(
                f"{type(self).__name__}: in_channels={self.in_channels} must be divisible by groups={self.groups}"
            )
        assert isinstance(self.weight, UninitializedParameter)
        self.weight.materialize(self._weight_shape())
        if isinstance(self.bias, UninitializedParameter):
            self.bias.materialize((self.out_channels,))
        self.reset_parameters()

    def infer_sizes(self, weight: rt.Tensor) -> None:
        self.in_channels = weight.shape[1] * self.groups


class _LazyConvNd(LazyChannels, _Conv):
    def __init__(
        self,
        out_channels: int,
        kernel_size: OneOrMany[int],
        stride: OneOrMany[int] = 1,
        padding: OneOrMany[int] | str = 0,
        dilation: OneOrMany[int] = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: rt.dtype | None = None,
    ) -> None:
        super().__init__(
            0, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, device, dtype
        )
        self._start_lazy()


class LazyConv1d(_LazyConvNd, Conv1d):
    """`Conv1d` that takes `in_channels` from its first input, and is a `Conv1d` from then on.

    Example:
        >>> layer = nn.LazyConv1d(4, kernel_size=3)
        >>> _ = layer(rt.randn(1, 8, 5))
        >>> layer.in_channels
        8
    """

    cls_to_become = Conv1d


class LazyConv2d(_LazyConvNd, Conv2d):
    """`Conv2d` that takes `in_channels` from its first input, and is a `Conv2d` from then on.

    Example:
        >>> layer = rt.nn.LazyConv2d(8, kernel_size=3)
        >>> list(layer(rt.randn(1, 3, 5, 5)).shape), type(layer).__name__
        ([1, 8, 3, 3], 'Conv2d')
    """

    cls_to_become = Conv2d


class LazyConv3d(_LazyConvNd, Conv3d):
    """`Conv3d` that takes `in_channels` from its first input, and is a `Conv3d` from then on.

    Example:
        >>> layer = nn.LazyConv3d(4, kernel_size=3)
        >>> _ = layer(rt.randn(1, 8, 3, 4, 5))
        >>> layer.in_channels
        8
    """

    cls_to_become = Conv3d
