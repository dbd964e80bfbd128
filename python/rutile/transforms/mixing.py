"""Transforms of whole batches that mix images and their labels: `MixUp`, `CutMix`."""

from __future__ import annotations

import math

import numpy as np

import rutile as rt

from .. import nn
from . import _draw

__all__ = ["CutMix", "MixUp"]


class _Mixing(nn.Module):
    """What both share.

    Args:
        alpha: of the Beta(alpha, alpha) distribution from which the share of the first image is drawn.
        num_classes: needed where labels are class numbers, which become one-hot.
    """

    def __init__(self, *, alpha: float = 1.0, num_classes: int | None = None) -> None:
        super().__init__()
        if alpha <= 0:
            raise ValueError(f"{type(self).__name__}: alpha should be positive, got {alpha}")
        self.alpha = float(alpha)
        self.num_classes = num_classes

    def forward(self, images: rt.Tensor, labels: rt.Tensor) -> tuple[rt.Tensor, rt.Tensor]:
        if images.dim() < 4 or len(images) != len(labels) or not images.is_floating_point():
            raise ValueError(
                f"{type(self).__name__}: wants a batch of float images (n, channels, height, width) and n labels, "
                f"got {list(images.shape)} and {list(labels.shape)}"
            )
        if labels.dim() == 1:
            if self.num_classes is None:
                raise ValueError(f"{type(self).__name__}: class numbers want num_classes=")
            labels = (labels.unsqueeze(1) == rt.arange(self.num_classes)).to(images.dtype)
        share = self._beta()
        images, share = self.mix(images, images.roll(1, 0), share)
        return images, labels.roll(1, 0) * (1.0 - share) + labels * share

    def _beta(self) -> float:
        """A draw from Beta(alpha, alpha): NumPy's, seeded by Rutile's generator."""
        return float(np.random.default_rng(_draw.integer(0, 2**62)).beta(self.alpha, self.alpha))

    def mix(self, images: rt.Tensor, others: rt.Tensor, share: float) -> tuple[rt.Tensor, float]:
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__}(alpha={self.alpha}, num_classes={self.num_classes})"


class MixUp(_Mixing):
    """Each image blended with its neighbour in the batch, labels alike (H. Zhang et al., *mixup*, 2017).

    Args:
        alpha: of the Beta(alpha, alpha) distribution from which the share of the first image is drawn.
        num_classes: needed where labels are class numbers, which become one-hot.

    Example:
        >>> from rutile import transforms
        >>> images, labels = transforms.MixUp(num_classes=3)(rt.rand(4, 1, 8, 8), rt.tensor([0, 1, 2, 0]))
        >>> labels.sum(1).allclose(rt.ones(4))
        True
    """

    def mix(self, images: rt.Tensor, others: rt.Tensor, share: float) -> tuple[rt.Tensor, float]:
        return images * share + others * (1.0 - share), share


class CutMix(_Mixing):
    """A rectangle of each image from its neighbour in the batch, labels by area (S. Yun et al., *CutMix*, 2019).

    Args:
        alpha: of the Beta(alpha, alpha) distribution from which the share of the first image is drawn.
        num_classes: needed where labels are class numbers, which become one-hot.
    """

    def mix(self, images: rt.Tensor, others: rt.Tensor, share: float) -> tuple[rt.Tensor, float]:
        height, width = images.shape[-2:]
        y, x = _draw.integer(0, height), _draw.integer(0, width)
        half = 0.5 * math.sqrt(1.0 - share)
        top, bottom = max(y - int(half * height), 0), min(y + int(half * height), height)
        left, right = max(x - int(half * width), 0), min(x + int(half * width), width)
        out = images.clone()
        out[..., top:bottom, left:right] = others[..., top:bottom, left:right]
        return out, 1.0 - (bottom - top) * (right - left) / (height * width)
