"""Changing the size of images; windows of images as columns."""

from __future__ import annotations

from collections.abc import Sequence

import rutile as rt

from . import functional as F
from ._arguments import OneOrMany
from .module import Module

__all__ = ["Fold", "Unfold", "Upsample", "UpsamplingBilinear2d", "UpsamplingNearest2d"]


class Upsample(Module):
    """Resizes the last axes of (N, C, L), (N, C, H, W) or (N, C, D, H, W); see `functional.interpolate`.

    Args:
        size: the new extents; or
        scale_factor: by which to multiply the old ones.
        mode: `"nearest"` (default), `"linear"`, `"bilinear"`, `"bicubic"` or `"trilinear"`.
        align_corners: map the centres of the outermost elements onto each other instead of their edges.
        recompute_scale_factor: compute coordinates with the ratio of the extents, not with `scale_factor`.

    Example:
        >>> rt.nn.Upsample(scale_factor=2)(rt.tensor([[[1.0, 2.0]]])).tolist()
        [[[1.0, 1.0, 2.0, 2.0]]]
    """

    scale_factor: float | tuple[float, ...] | None

    def __init__(
        self,
        size: OneOrMany[int] | None = None,
        scale_factor: OneOrMany[float] | None = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        super().__init__()
        self.name = type(self).__name__
        self.size = size
        if isinstance(scale_factor, Sequence):
            self.scale_factor = tuple(float(factor) for factor in scale_factor)
        else:
            self.scale_factor = float(scale_factor) if scale_factor else None
        self.mode = mode
        self.align_corners = align_corners
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return F.interpolate(
            input,
            self.size,
            self.scale_factor,
            self.mode,
            self.align_corners,
            recompute_scale_factor=self.recompute_scale_factor,
        )

    def extra_repr(self) -> str:
        size = f"size={self.size!r}" if self.scale_factor is None else f"scale_factor={self.scale_factor!r}"
        return f"{size}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """`Upsample` of (N, C, H, W) with `mode="nearest"`.

    Example:
        >>> nn.UpsamplingNearest2d(scale_factor=2)(rt.tensor([[[[1.0, 2.0]]]]))
        tensor([[[[1., 1., 2., 2.],
                  [1., 1., 2., 2.]]]])
    """

    def __init__(self, size: OneOrMany[int] | None = None, scale_factor: OneOrMany[float] | None = None) -> None:
        super().__init__(size, scale_factor, "nearest")


class UpsamplingBilinear2d(Upsample):
    """`Upsample` of (N, C, H, W) with `mode="bilinear"` and `align_corners=True`.

    Example:
        >>> nn.UpsamplingBilinear2d(scale_factor=2)(rt.randn(1, 3, 4, 4)).shape
        rutile.Size([1, 3, 8, 8])
    """

    def __init__(self, size: OneOrMany[int] | None = None, scale_factor: OneOrMany[float] | None = None) -> None:
        super().__init__(size, scale_factor, "bilinear", align_corners=True)


class Unfold(Module):
    """The windows of images (N, C, H, W) as columns (N, C * taps, windows); see `functional.unfold`.

    Args:
        kernel_size: extents of a window.
        dilation: distance between the taps of a window (default: 1).
        padding: zeros around the image (default: 0).
        stride: distance between windows (default: 1).

    Example:
        >>> list(rt.nn.Unfold((2, 3))(rt.randn(2, 5, 3, 4)).shape)
        [2, 30, 4]
    """

    def __init__(
        self,
        kernel_size: OneOrMany[int],
        dilation: OneOrMany[int] = 1,
        padding: OneOrMany[int] = 0,
        stride: OneOrMany[int] = 1,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return F.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.padding}, stride={self.stride}"


class Fold(Module):
    """Adds columns (N, C * taps, windows) up to images (N, C, H, W); see `functional.fold`.

    Args:
        output_size: (H, W).
        kernel_size, dilation, padding, stride: as in `Unfold`.

    Example:
        >>> list(rt.nn.Fold((4, 5), (2, 2))(rt.randn(1, 12, 12)).shape)
        [1, 3, 4, 5]
    """

    def __init__(
        self,
        output_size: OneOrMany[int],
        kernel_size: OneOrMany[int],
        dilation: OneOrMany[int] = 1,
        padding: OneOrMany[int] = 0,
        stride: OneOrMany[int] = 1,
    ) -> None:
        super().__init__()
        self.output_size = output_size
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return F.fold(input, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        return (
            f"output_size={self.output_size}, kernel_size={self.kernel_size}, dilation={self.dilation}, "
            f"padding={self.padding}, stride={self.stride}"
        )
