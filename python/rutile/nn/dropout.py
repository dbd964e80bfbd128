"""Dropping values or channels at random, in training only."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import rutile as rt

from . import functional as F
from .module import Module

__all__ = ["AlphaDropout", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "FeatureAlphaDropout"]


class _Dropout(Module):
    _drop: ClassVar[Callable[..., rt.Tensor]]

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p = p
        self.inplace = inplace

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return self._drop(input, self.p, self.training, self.inplace)

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_Dropout):
    """Zeroes each value with probability `p` in training and scales the others by `1 / (1 - p)`.

    Source: Srivastava et al., Dropout: A Simple Way to Prevent Neural Networks from Overfitting, 2014.

    Args:
        p: probability of a zero (default: 0.5).
        inplace: change the input itself.

    Example:
        >>> sorted(set(rt.nn.Dropout(0.5)(rt.ones(1000)).tolist()))
        [0.0, 2.0]
        >>> rt.nn.Dropout(0.5).eval()(rt.ones(2)).tolist()
        [1.0, 1.0]
    """

    _drop = staticmethod(F.dropout)


class Dropout1d(_Dropout):
    """Zeroes whole channels of (N, C, L) or (C, L) with probability `p` in training; arguments as in `Dropout`.

    Example:
        >>> nn.Dropout1d()(rt.ones(8, 100, 5)).amax(2).unique()
        tensor([0., 2.])
    """

    _drop = staticmethod(F.dropout1d)


class Dropout2d(_Dropout):
    """Zeroes whole channels of (N, C, H, W) with probability `p` in training; arguments as in `Dropout`.

    Source: Tompson et al., Efficient Object Localization Using Convolutional Networks, 2015.

    Example:
        >>> nn.Dropout2d()(rt.ones(8, 100, 4, 4)).amax((2, 3)).unique()
        tensor([0., 2.])
    """

    _drop = staticmethod(F.dropout2d)


class Dropout3d(_Dropout):
    """Zeroes whole channels of (N, C, D, H, W) or (C, D, H, W) in training; arguments as in `Dropout`.

    Example:
        >>> nn.Dropout3d()(rt.ones(8, 100, 2, 2, 2)).amax((2, 3, 4)).unique()
        tensor([0., 2.])
    """

    _drop = staticmethod(F.dropout3d)


class AlphaDropout(_Dropout):
    """Dropout that keeps mean 0 and variance 1, to go with `SELU` (Klambauer et al., 2017).

    Example:
        >>> layer = nn.AlphaDropout(0.2).eval()
        >>> layer(rt.ones(2))
        tensor([1., 1.])
    """

    _drop = staticmethod(F.alpha_dropout)


class FeatureAlphaDropout(_Dropout):
    """`AlphaDropout` of whole channels.

    Example:
        >>> x = nn.FeatureAlphaDropout()(rt.ones(8, 100, 5))
        >>> (x == x[..., :1]).all()
        tensor(True)
    """

    _drop = staticmethod(F.feature_alpha_dropout)
