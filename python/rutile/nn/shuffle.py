"""Moving values between channels and space."""

from __future__ import annotations

import rutile as rt

from . import functional as F
from ._arguments import check_positive
from .module import Module

__all__ = ["ChannelShuffle", "PixelShuffle", "PixelUnshuffle"]


class PixelShuffle(Module):
    """Moves channels into space: (*, C r², H, W) becomes (*, C, H r, W r) (Shi et al., 2016).

    Example:
        >>> list(rt.nn.PixelShuffle(3)(rt.zeros(1, 9, 4, 4)).shape)
        [1, 1, 12, 12]
    """

    def __init__(self, upscale_factor: int) -> None:
        super().__init__()
        check_positive("PixelShuffle", "upscale_factor", upscale_factor)
        self.upscale_factor = upscale_factor

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return F.pixel_shuffle(input, self.upscale_factor)

    def extra_repr(self) -> str:
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    """Moves space into channels: (*, C, H r, W r) becomes (*, C r², H, W); undoes `PixelShuffle`.

    Example:
        >>> nn.PixelUnshuffle(2)(rt.randn(1, 3, 8, 8)).shape
        rutile.Size([1, 12, 4, 4])
    """

    def __init__(self, downscale_factor: int) -> None:
        super().__init__()
        check_positive("PixelUnshuffle", "downscale_factor", downscale_factor)
        self.downscale_factor = downscale_factor

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return F.pixel_unshuffle(input, self.downscale_factor)

    def extra_repr(self) -> str:
        return f"downscale_factor={self.downscale_factor}"


class ChannelShuffle(Module):
    """Interleaves groups of channels of (N, C, ...) (Zhang et al., ShuffleNet, 2018).

    Example:
        >>> nn.ChannelShuffle(2)(rt.arange(6).reshape(1, 6, 1)).flatten()
        tensor([0, 3, 1, 4, 2, 5])
    """

    def __init__(self, groups: int) -> None:
        super().__init__()
        check_positive("ChannelShuffle", "groups", groups)
        self.groups = groups

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return F.channel_shuffle(input, self.groups)

    def extra_repr(self) -> str:
        return f"groups={self.groups}"
