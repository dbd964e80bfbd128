"""Pooling over 1, 2 and 3 axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import rutile as rt

from . import functional as F
from ._arguments import OneOrMany, check_positive, per_axis
from .module import Module

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "FractionalMaxPool2d",
    "FractionalMaxPool3d",
    "LPPool1d",
    "LPPool2d",
    "LPPool3d",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "MaxUnpool1d",
    "MaxUnpool2d",
    "MaxUnpool3d",
]


class _Pool(Module):
    """A window that moves over the last `_axes` axes; `_pool` is the operation."""

    _axes: ClassVar[int]
    _pool: ClassVar[Callable[..., Any]]

    def _check(self, kernel_size: Any, stride: Any, padding: Any, dilation: Any = 1) -> None:
        name, axes = type(self).__name__, self._axes
        kernel = per_axis(name, "kernel_size", kernel_size, axes)
        pads = per_axis(name, "padding", padding, axes)
        steps = per_axis(name, "dilation", dilation, axes)
        check_positive(name, "kernel_size", kernel)
        check_positive(name, "stride", per_axis(name, "stride", stride, axes))
        check_positive(name, "padding", pads, least=0)
        check_positive(name, "dilation", steps)
        for pad, size, step in zip(pads, kernel, steps, strict=True):
            if pad > (step * (size - 1) + 1) // 2:
                raise ValueError(
                    f"{name}: padding must be at most half of the window, got padding={padding}, "
                    f"kernel_size={kernel_size}, dilation={dilation}"
                )


class _MaxPool(_Pool):
    def __init__(
        self,
        kernel_size: OneOrMany[int],
        stride: OneOrMany[int] | None = None,
        padding: OneOrMany[int] = 0,
        dilation: OneOrMany[int] = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode
        self._check(kernel_size, self.stride, padding, dilation)

    def forward(self, input: rt.Tensor) -> Any:
        return self._pool(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            ceil_mode=self.ceil_mode,
            return_indices=self.return_indices,
        )

    def extra_repr(self) -> str:
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(_MaxPool):
    """Largest value in each window of (N, C, L) or (C, L).

    Args:
        kernel_size: width of the window.
        stride: step between windows (default: `kernel_size`).
        padding: places of minus infinity added to each end, at most half a window (default: 0).
        dilation: distance between the places of a window (default: 1).
        return_indices: also return where the values were.
        ceil_mode: keep the last window if it starts inside the input or left padding.

    Output length: `(L + 2 padding - dilation (kernel_size - 1) - 1) // stride + 1`.

    Example:
        >>> rt.nn.MaxPool1d(2)(rt.tensor([[1.0, 5.0, 2.0, 3.0]])).tolist()
        [[5.0, 3.0]]
    """

    _axes = 1
    _pool = staticmethod(F.max_pool1d)


class MaxPool2d(_MaxPool):
    """Largest value in each window of (N, C, H, W) or (C, H, W); arguments as in `MaxPool1d`, or pairs.

    Example:
        >>> list(rt.nn.MaxPool2d((3, 2), stride=(2, 1))(rt.randn(2, 16, 50, 32)).shape)
        [2, 16, 24, 31]
    """

    _axes = 2
    _pool = staticmethod(F.max_pool2d)


class MaxPool3d(_MaxPool):
    """Largest value in each window of (N, C, D, H, W) or (C, D, H, W); arguments as in `MaxPool1d`, or triples.

    Example:
        >>> nn.MaxPool3d((1, 2, 2))(rt.randn(2, 8, 4, 10, 10)).shape
        rutile.Size([2, 8, 4, 5, 5])
    """

    _axes = 3
    _pool = staticmethod(F.max_pool3d)


class _AvgPool(_Pool):
    _pool: ClassVar[Callable[..., rt.Tensor]]

    def __init__(
        self,
        kernel_size: OneOrMany[int],
        stride: OneOrMany[int] | None = None,
        padding: OneOrMany[int] = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override
        self._check(kernel_size, self.stride, padding)
        if divisor_override is not None and divisor_override == 0:
            raise ValueError(f"{type(self).__name__}: divisor_override must not be zero")

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return self._pool(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool1d(_AvgPool):
    """Mean of each window of (N, C, L) or (C, L).

    Args:
        kernel_size: width of the window.
        stride: step between windows (default: `kernel_size`).
        padding: zeros added to each end, at most half a window (default: 0).
        ceil_mode: keep the last window if it starts inside the input or left padding.
        count_include_pad: divide by the window's size, padding included (default: True).

    Example:
        >>> rt.nn.AvgPool1d(3, stride=2)(rt.tensor([[1.0, 2.0, 3.0, 4.0, 5.0]])).tolist()
        [[2.0, 4.0]]
    """

    _axes = 1
    _pool = staticmethod(F.avg_pool1d)

    def __init__(
        self,
        kernel_size: OneOrMany[int],
        stride: OneOrMany[int] | None = None,
        padding: OneOrMany[int] = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode, count_include_pad)
        self.kernel_size = per_axis("AvgPool1d", "kernel_size", kernel_size, 1)
        self.stride = per_axis("AvgPool1d", "stride", self.stride, 1)
        self.padding = per_axis("AvgPool1d", "padding", padding, 1)

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return F.avg_pool1d(input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad)


class AvgPool2d(_AvgPool):
    """Mean of each window of (N, C, H, W) or (C, H, W).

    Arguments as in `AvgPool1d`, or pairs; `divisor_override` divides by this number instead.

    Example:
        >>> list(rt.nn.AvgPool2d(3, stride=2)(rt.randn(20, 16, 50, 32)).shape)
        [20, 16, 24, 15]
    """

    _axes = 2
    _pool = staticmethod(F.avg_pool2d)


class AvgPool3d(_AvgPool):
    """Mean of each window of (N, C, D, H, W) or (C, D, H, W); arguments as in `AvgPool2d`, or triples.

    Example:
        >>> nn.AvgPool3d(2)(rt.randn(2, 8, 4, 10, 10)).shape
        rutile.Size([2, 8, 2, 5, 5])
    """

    _axes = 3
    _pool = staticmethod(F.avg_pool3d)


class _AdaptiveAvgPool(Module):
    _pool: ClassVar[Callable[..., rt.Tensor]]

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return self._pool(input, self.output_size)

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """Mean of `output_size` windows that cover (N, C, L) or (C, L) as evenly as possible.

    Window `i` reaches from `floor(i L / output_size)` to `ceil((i + 1) L / output_size)`.

    Example:
        >>> rt.nn.AdaptiveAvgPool1d(2)(rt.tensor([[1.0, 2.0, 3.0, 4.0]])).tolist()
        [[1.5, 3.5]]
    """

    _pool = staticmethod(F.adaptive_avg_pool1d)


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """As `AdaptiveAvgPool1d`, on (N, C, H, W) or (C, H, W); `output_size` is an integer or pair, None keeps an axis.

    Example:
        >>> list(rt.nn.AdaptiveAvgPool2d((5, 1))(rt.randn(1, 64, 8, 9)).shape)
        [1, 64, 5, 1]
    """

    _pool = staticmethod(F.adaptive_avg_pool2d)


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """As `AdaptiveAvgPool2d`, on (N, C, D, H, W) or (C, D, H, W).

    Example:
        >>> nn.AdaptiveAvgPool3d(1)(rt.randn(2, 8, 4, 10, 10)).shape
        rutile.Size([2, 8, 1, 1, 1])
    """

    _pool = staticmethod(F.adaptive_avg_pool3d)


class _AdaptiveMaxPool(Module):
    _pool: ClassVar[Callable[..., Any]]

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__()
        self.output_size = output_size
        self.return_indices = return_indices

    def forward(self, input: rt.Tensor) -> Any:
        return self._pool(input, self.output_size, self.return_indices)

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """Largest value in each of the windows of `AdaptiveAvgPool1d`; with `return_indices`, also where it was.

    Example:
        >>> nn.AdaptiveMaxPool1d(2)(rt.tensor([[1.0, 5.0, 3.0, 4.0]]))
        tensor([[5., 4.]])
    """

    _pool = staticmethod(F.adaptive_max_pool1d)


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """Largest value in each of the windows of `AdaptiveAvgPool2d`; with `return_indices`, also where it was.

    Example:
        >>> nn.AdaptiveMaxPool2d((5, None))(rt.randn(2, 8, 10, 9)).shape
        rutile.Size([2, 8, 5, 9])
    """

    _pool = staticmethod(F.adaptive_max_pool2d)


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """Largest value in each of the windows of `AdaptiveAvgPool3d`; with `return_indices`, also where it was.

    Example:
        >>> nn.AdaptiveMaxPool3d(2)(rt.randn(2, 8, 4, 10, 10)).shape
        rutile.Size([2, 8, 2, 2, 2])
    """

    _pool = staticmethod(F.adaptive_max_pool3d)


class _LPPool(Module):
    _pool: ClassVar[Callable[..., rt.Tensor]]

    def __init__(
        self,
        norm_type: float,
        kernel_size: OneOrMany[int],
        stride: OneOrMany[int] | None = None,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return self._pool(input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)

    def extra_repr(self) -> str:
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"ceil_mode={self.ceil_mode}"
        )


class LPPool1d(_LPPool):
    """The `norm_type`-norm of each window of (N, C, L) or (C, L); other arguments as in `MaxPool1d`.

    Example:
        >>> rt.nn.LPPool1d(2, 2)(rt.tensor([[3.0, 4.0]])).tolist()
        [[5.0]]
    """

    _pool = staticmethod(F.lp_pool1d)


class LPPool2d(_LPPool):
    """The `norm_type`-norm of each window of (N, C, H, W) or (C, H, W).

    Example:
        >>> nn.LPPool2d(2, kernel_size=3, stride=2)(rt.randn(2, 8, 9, 9)).shape
        rutile.Size([2, 8, 4, 4])
    """

    _pool = staticmethod(F.lp_pool2d)


class LPPool3d(_LPPool):
    """The `norm_type`-norm of each window of (N, C, D, H, W) or (C, D, H, W).

    Example:
        >>> nn.LPPool3d(2, kernel_size=2)(rt.randn(2, 8, 4, 10, 10)).shape
        rutile.Size([2, 8, 2, 5, 5])
    """

    _pool = staticmethod(F.lp_pool3d)


class _MaxUnpool(Module):
    _axes: ClassVar[int]
    _unpool: ClassVar[Callable[..., rt.Tensor]]

    def __init__(
        self, kernel_size: OneOrMany[int], stride: OneOrMany[int] | None = None, padding: OneOrMany[int] = 0
    ) -> None:
        super().__init__()
        name = type(self).__name__
        self.kernel_size = per_axis(name, "kernel_size", kernel_size, self._axes)
        self.stride = per_axis(name, "stride", kernel_size if stride is None else stride, self._axes)
        self.padding = per_axis(name, "padding", padding, self._axes)

    def forward(self, input: rt.Tensor, indices: rt.Tensor, output_size: Sequence[int] | None = None) -> rt.Tensor:
        return self._unpool(input, indices, self.kernel_size, self.stride, self.padding, output_size)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(_MaxUnpool):
    """Puts the values that `MaxPool1d` kept back to where they were; zeros elsewhere.

    Args:
        kernel_size, stride, padding: as in the pooling.

    Inputs: the values, their `indices`, and perhaps the `output_size` where several are possible.

    Example:
        >>> x = rt.tensor([[[1.0, 5.0, 2.0, 3.0]]])
        >>> values, indices = rt.nn.MaxPool1d(2, return_indices=True)(x)
        >>> rt.nn.MaxUnpool1d(2)(values, indices).tolist()
        [[[0.0, 5.0, 0.0, 3.0]]]
    """

    _axes = 1
    _unpool = staticmethod(F.max_unpool1d)


class MaxUnpool2d(_MaxUnpool):
    """Puts the values that `MaxPool2d` kept back to where they were; see `MaxUnpool1d`.

    Example:
        >>> pooled, indices = nn.MaxPool2d(2, return_indices=True)(rt.tensor([[[1.0, 2.0], [4.0, 3.0]]]))
        >>> nn.MaxUnpool2d(2)(pooled, indices)
        tensor([[[0., 0.],
                 [4., 0.]]])
    """

    _axes = 2
    _unpool = staticmethod(F.max_unpool2d)


class MaxUnpool3d(_MaxUnpool):
    """Puts the values that `MaxPool3d` kept back to where they were; see `MaxUnpool1d`.

    Example:
        >>> pooled, indices = nn.MaxPool3d(2, return_indices=True)(rt.randn(1, 4, 4, 4))
        >>> nn.MaxUnpool3d(2)(pooled, indices).shape
        rutile.Size([1, 4, 4, 4])
    """

    _axes = 3
    _unpool = staticmethod(F.max_unpool3d)


class _FractionalMaxPool(Module):
    _axes: ClassVar[int]
    _pool: ClassVar[Callable[..., Any]]

    def __init__(
        self,
        kernel_size: OneOrMany[int],
        output_size: OneOrMany[int] | None = None,
        output_ratio: OneOrMany[float] | None = None,
        return_indices: bool = False,
        _random_samples: rt.Tensor | None = None,
    ) -> None:
        super().__init__()
        name, axes = type(self).__name__, self._axes
        if (output_size is None) == (output_ratio is None):
            raise ValueError(f"{name}: give either output_size or output_ratio")
        self.kernel_size = per_axis(name, "kernel_size", kernel_size, axes)
        self.return_indices = return_indices
        self.register_buffer("_random_samples", _random_samples)
        self.output_size = None if output_size is None else per_axis(name, "output_size", output_size, axes)
        self.output_ratio: tuple[float, ...] | None = None
        if output_ratio is not None:
            ratios = tuple(output_ratio) if isinstance(output_ratio, tuple | list) else (output_ratio,) * axes
            if not all(0 < ratio < 1 for ratio in ratios):
                raise ValueError(f"{name}: output_ratio must be between 0 and 1 (got {output_ratio})")
            self.output_ratio = ratios

    def forward(self, input: rt.Tensor) -> Any:
        return self._pool(
            input, self.kernel_size, self.output_size, self.output_ratio, self.return_indices, self._random_samples
        )


class FractionalMaxPool2d(_FractionalMaxPool):
    """Largest value in each of `output_size` windows at random steps (Graham, Fractional Max-Pooling, 2014).

    Args:
        kernel_size: extents of a window.
        output_size: extents of the result of (N, C, H, W) or (C, H, W); or
        output_ratio: those relative to the input's, between 0 and 1.
        return_indices: also return where the values were.

    Example:
        >>> list(rt.nn.FractionalMaxPool2d(2, output_ratio=0.7)(rt.randn(1, 3, 10, 10)).shape)
        [1, 3, 7, 7]
    """

    _axes = 2
    _pool = staticmethod(F.fractional_max_pool2d)


class FractionalMaxPool3d(_FractionalMaxPool):
    """As `FractionalMaxPool2d`, on (N, C, D, H, W) or (C, D, H, W).

    Example:
        >>> nn.FractionalMaxPool3d(2, output_size=(3, 5, 5))(rt.randn(2, 8, 6, 10, 10)).shape
        rutile.Size([2, 8, 3, 5, 5])
    """

    _axes = 3
    _pool = staticmethod(F.fractional_max_pool3d)
