"""Softmax over very many classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import rutile as rt

from .container import ModuleList, Sequential
from .linear import Linear
from .module import Module

__all__ = ["AdaptiveLogSoftmaxWithLoss"]


class _ASMoutput(NamedTuple):
    """The log-probability of each target, and their mean, negated."""

    output: rt.Tensor
    loss: rt.Tensor


class AdaptiveLogSoftmaxWithLoss(Module):
    """Log-softmax over very many classes, sorted by falling frequency, in clusters.

    Frequent classes are in the head; each cluster of rarer ones is one more class of the head, and its own softmax has
    fewer features. Source: Grave et al., Efficient softmax approximation for GPUs, 2017.

    Args:
        in_features: features of the input.
        n_classes: number of classes.
        cutoffs: where the clusters start.
        div_value: by which the features shrink from cluster to cluster (default: 4).
        head_bias: whether the head adds a bias (default: False).

    Example:
        >>> loss = rt.nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5, 10])
        >>> result = loss(rt.randn(3, 8), rt.tensor([1, 7, 19]))
        >>> list(result.output.shape), list(result.loss.shape)
        ([3], [])
    """

    def __init__(
        self,
        in_features: int,
        n_classes: int,
        cutoffs: Sequence[int],
        div_value: float = 4.0,
        head_bias: bool = False,
        device: Any = None,
        dtype: rt.dtype | None = None,
    ) -> None:
        super().__init__()
        cutoffs = list(cutoffs)
        if not cutoffs:
            raise ValueError("cutoffs should be a sequence of length larger than 0")
        if (
            cutoffs != sorted(cutoffs)
            or min(cutoffs) <= 0
            or max(cutoffs) > n_classes - 1
            or len(set(cutoffs)) != len(cutoffs)
            or any(int(c) != c for c in cutoffs)
        ):
            raise ValueError(
                "cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each "
                f"value is between 1 and n_classes-1, got {cutoffs} for {n_classes} classes"
            )
        self.in_features = in_features
        self.n_classes = n_classes
        self.cutoffs = [*cutoffs, n_classes]
        self.div_value = div_value
        self.head_bias = head_bias
        self.shortlist_size = self.cutoffs[0]
        self.n_clusters = len(self.cutoffs) - 1
        self.head_size = self.shortlist_size + self.n_clusters
        self.head = Linear(in_features, self.head_size, bias=head_bias, device=device, dtype=dtype)
        self.tail = ModuleList()
        for i in range(self.n_clusters):
            features = int(in_features // div_value ** (i + 1))
            classes = self.cutoffs[i + 1] - self.cutoffs[i]
            self.tail.append(
                Sequential(
                    Linear(in_features, features, bias=False, device=device, dtype=dtype),
                    Linear(features, classes, bias=False, device=device, dtype=dtype),
                )
            )

    def reset_parameters(self) -> None:
        """Draws new values for all layers."""
        self.head.reset_parameters()
        for cluster in self.tail:
            for layer in cluster:
                layer.reset_parameters()

    def forward(self, input_: rt.Tensor, target_: rt.Tensor) -> _ASMoutput:
        """The log-probability of each target, and their mean, negated.

        Args:
            input_: (N, in_features) or (in_features). target_: (N) classes, or one.
        """
        if target_.dim() not in (0, 1) or input_.dim() != target_.dim() + 1:
            raise RuntimeError(
                "1D target tensor expects 2D input tensors, 0D target 1D input, but found inputs with sizes "
                f"{input_.shape} and {target_.shape}"
            )
        if target_.dim() == 1 and input_.shape[0] != target_.shape[0]:
            raise RuntimeError(
                f"Input and target should have the same size in the batch dimension, got {input_.shape} and "
                f"{target_.shape}"
            )
        batched = target_.dim() == 1
        x, target = (input_, target_) if batched else (input_.unsqueeze(0), target_.unsqueeze(0))
        if target.numel() and not 0 <= int(target.min()) <= int(target.max()) < self.n_classes:
            raise RuntimeError(
                f"Target values should be in [0, {self.n_classes - 1}], but values in range "
                f"[{int(target.min())}, {int(target.max())}] were found."
            )
        heads = target.clone()
        output = x.new_zeros(target.shape[0])
        for i in range(self.n_clusters):
            inside = (target >= self.cutoffs[i]) & (target < self.cutoffs[i + 1])
            rows = inside.nonzero().squeeze(1)
            if rows.numel():
                heads = heads.masked_fill(inside, self.shortlist_size + i)
                places = (target.index_select(0, rows) - self.cutoffs[i]).unsqueeze(1)
                inner = self.tail[i](x.index_select(0, rows)).log_softmax(1).gather(1, places).squeeze(1)
                output = output.index_add(0, rows, inner)
        output = output + self.head(x).log_softmax(1).gather(1, heads.unsqueeze(1)).squeeze(1)
        loss = (-output).mean()
        return _ASMoutput(output if batched else output.squeeze(0), loss)

    def log_prob(self, input: rt.Tensor) -> rt.Tensor:
        """Log-probabilities of all classes, (N, n_classes), of input (N, in_features)."""
        head = self.head(input).log_softmax(1)
        parts = [head[:, : self.shortlist_size]]
        for i, cluster in enumerate(self.tail):
            parts.append(cluster(input).log_softmax(1) + head[:, self.shortlist_size + i].unsqueeze(1))
        return rt.cat(parts, 1)

    def predict(self, input: rt.Tensor) -> rt.Tensor:
        """The likeliest class of each row of input (N, in_features)."""
        return self.log_prob(input).argmax(1)
