"""Distances between batches of vectors."""

from __future__ import annotations

import rutile as rt

from . import functional as F
from .module import Module

__all__ = ["CosineSimilarity", "PairwiseDistance"]


class CosineSimilarity(Module):
    """Cosine of the angle between two tensors along `dim` (default: 1); norms are kept above `eps`.

    Example:
        >>> nn.CosineSimilarity()(rt.tensor([[1.0, 0.0]]), rt.tensor([[1.0, 1.0]]))
        tensor([0.7071])
    """

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        super().__init__()
        self.dim = dim
        self.eps = eps

    def forward(self, x1: rt.Tensor, x2: rt.Tensor) -> rt.Tensor:
        return F.cosine_similarity(x1, x2, self.dim, self.eps)


class PairwiseDistance(Module):
    """The `p`-norm of `x1 - x2 + eps` along the last axis.

    Example:
        >>> nn.PairwiseDistance()(rt.tensor([[0.0, 1.0]]), rt.tensor([[1.0, 0.0]]))
        tensor([1.4142])
    """

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        super().__init__()
        self.norm = p
        self.eps = eps
        self.keepdim = keepdim

    def forward(self, x1: rt.Tensor, x2: rt.Tensor) -> rt.Tensor:
        return F.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)
