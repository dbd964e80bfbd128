"""Losses as modules: `loss(input, target)` is a number (or with `reduction="none"`, one per element)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

import rutile as rt

from . import functional as F
from ._losses import reduction_name
from .distance import PairwiseDistance
from .linear import Linear
from .module import Module

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CTCLoss",
    "CosineEmbeddingLoss",
    "CrossEntropyLoss",
    "GaussianNLLLoss",
    "HingeEmbeddingLoss",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "LinearCrossEntropyLoss",
    "MSELoss",
    "MarginRankingLoss",
    "MultiLabelMarginLoss",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "NLLLoss",
    "NLLLoss2d",
    "PoissonNLLLoss",
    "SmoothL1Loss",
    "SoftMarginLoss",
    "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
]

Tensor = rt.Tensor


class _Loss(Module):
    """What losses share: how they are reduced."""

    def __init__(self, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = reduction_name(size_average, reduce, reduction)


class _WeightedLoss(_Loss):
    weight: Tensor | None

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)


class _PairLoss(_Loss):
    """A loss of input and target that takes no more than the reduction."""

    _function: ClassVar[Callable[..., Tensor]]

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return self._function(input, target, reduction=self.reduction)


class L1Loss(_PairLoss):
    """Absolute error `|input - target|`.

    Args:
        reduction: `"mean"` (default), `"sum"` or `"none"`.

    Example:
        >>> nn.L1Loss()(rt.tensor([1.0, 2.0]), rt.tensor([0.0, 4.0]))
        tensor(1.5000)
    """

    _function = staticmethod(F.l1_loss)


class MSELoss(_PairLoss):
    """Squared error `(input - target)²`.

    Args:
        reduction: `"mean"` (default), `"sum"` or `"none"`.

    Example:
        >>> rt.nn.MSELoss()(rt.tensor([1.0, 3.0]), rt.tensor([1.0, 1.0])).item()
        2.0
    """

    _function = staticmethod(F.mse_loss)


class SoftMarginLoss(_PairLoss):
    """Logistic loss `ln(1 + exp(-target input))` for targets 1 and -1.

    Example:
        >>> nn.SoftMarginLoss()(rt.tensor([2.0, 2.0]), rt.tensor([1.0, -1.0]))
        tensor(1.1269)
    """

    _function = staticmethod(F.soft_margin_loss)


class MultiLabelMarginLoss(_PairLoss):
    """Hinge loss between every target class and every other one; see `functional.multilabel_margin_loss`.

    Example:
        >>> nn.MultiLabelMarginLoss()(rt.tensor([[0.1, 0.2, 0.4, 0.8]]), rt.tensor([[3, 0, -1, 1]]))
        tensor(0.8500)
    """

    _function = staticmethod(F.multilabel_margin_loss)


class SmoothL1Loss(_Loss):
    """Squared error below `beta` (default 1), absolute error above (Girshick, Fast R-CNN, 2015).

    Example:
        >>> nn.SmoothL1Loss()(rt.tensor([0.5, 3.0]), rt.zeros(2))
        tensor(1.3125)
    """

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        beta: float = 1.0,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.beta = beta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class HuberLoss(_Loss):
    """`d² / 2` up to `delta` (default 1), `δ (d - δ/2)` above (Huber, 1964).

    Example:
        >>> nn.HuberLoss()(rt.tensor([0.5, 3.0]), rt.zeros(2))
        tensor(1.3125)
    """

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        self.delta = delta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.huber_loss(input, target, reduction=self.reduction, delta=self.delta)


class CrossEntropyLoss(_WeightedLoss):
    """Cross entropy between logits and class indices or class probabilities: `-log_softmax(input)[target]`.

    Args:
        weight: (C), factor of each class.
        ignore_index: target that counts as missing (default: -100).
        reduction: `"mean"` (default; over the targets that count, weighted), `"sum"` or `"none"`.
        label_smoothing: share of the target spread evenly over all classes (Szegedy et al., 2016).

    Shapes: input (N, C), (N, C, d1, ...) or (C); target the same without C (int64), or as the input (probabilities).

    Example:
        >>> loss = rt.nn.CrossEntropyLoss()(rt.zeros(3, 4), rt.tensor([0, 1, 3]))
        >>> round(loss.item(), 4)
        1.3863
    """

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.cross_entropy(
            input,
            target,
            weight=self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )


class LinearCrossEntropyLoss(Module):
    """A linear layer and the cross entropy of its logits.

    Args:
        in_features: features of the input.
        num_classes: C.
        out_features: further axes of the logits, d1, ...
        bias: whether the layer has a bias (default: False).
        weight, reduction, ignore_index, label_smoothing: as in `CrossEntropyLoss`.
        options: not supported.

    Shapes: input (in_features) or (N, in_features); target () or (N, d1, ...), or probabilities.

    Example:
        >>> loss = nn.LinearCrossEntropyLoss(in_features=4, num_classes=3)
        >>> loss(rt.randn(8, 4), rt.randint(3, (8,))).dim(), [name for name, _ in loss.named_parameters()]
        (0, ['linear.weight'])
    """

    weight: Tensor | None

    def __init__(
        self,
        in_features: int,
        num_classes: int,
        *,
        out_features: tuple[int, ...] = (),
        bias: bool = False,
        device: Any = None,
        dtype: rt.dtype | None = None,
        reduction: str = "mean",
        weight: Tensor | None = None,
        ignore_index: int | None = None,
        label_smoothing: float = 0.0,
        options: None = None,
    ) -> None:
        super().__init__()
        if options is not None:
            raise ValueError("LinearCrossEntropyLoss: options are not supported; split the batch to save memory")
        self.in_features, self.num_classes, self.out_features = in_features, num_classes, tuple(out_features)
        self.reduction, self.ignore_index, self.label_smoothing = reduction, ignore_index, label_smoothing
        self.linear = Linear(in_features, num_classes * math.prod(out_features), bias, device, dtype)
        self.register_buffer("weight", weight)

    def extra_repr(self) -> str:
        return (
            f"in_features={self.in_features}, num_classes={self.num_classes}, out_features={self.out_features}, "
            f"bias={self.linear.bias is not None}, reduction={self.reduction}, ignore_index={self.ignore_index}, "
            f"label_smoothing={self.label_smoothing}, options=None"
        )

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        shape = (self.num_classes, *self.out_features)
        bias = self.linear.bias
        return F.linear_cross_entropy(
            input,
            self.linear.weight.reshape(*shape, self.in_features),
            target,
            linear_bias=None if bias is None else bias.reshape(shape),
            weight=self.weight,
            reduction=self.reduction,
            ignore_index=self.ignore_index,
            label_smoothing=self.label_smoothing,
        )


class NLLLoss(_WeightedLoss):
    """Negative log likelihood `-input[target]` of log-probabilities; arguments as in `CrossEntropyLoss`.

    Example:
        >>> nn.NLLLoss()(rt.tensor([[0.25, 0.75], [0.5, 0.5]]).log(), rt.tensor([1, 0]))
        tensor(0.4904)
    """

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.nll_loss(input, target, weight=self.weight, ignore_index=self.ignore_index, reduction=self.reduction)


class BCELoss(_WeightedLoss):
    """Binary cross entropy of probabilities in [0, 1]; logarithms are kept above -100.

    Args:
        weight: factors that broadcast to the input.
        reduction: `"mean"` (default), `"sum"` or `"none"`.

    Example:
        >>> nn.BCELoss()(rt.tensor([0.9, 0.2]), rt.tensor([1.0, 0.0]))
        tensor(0.1643)
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.binary_cross_entropy(input, target, weight=self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(_WeightedLoss):
    """Binary cross entropy of `sigmoid(input)`, without loss of precision.

    Args:
        weight: factors that broadcast to the input.
        reduction: `"mean"` (default), `"sum"` or `"none"`.
        pos_weight: factor of the positive class; broadcasts to the input.

    Example:
        >>> nn.BCEWithLogitsLoss()(rt.tensor([2.0, -1.0]), rt.tensor([1.0, 0.0]))
        tensor(0.2201)
        >>> nn.BCEWithLogitsLoss(pos_weight=rt.tensor([3.0]))(rt.tensor([2.0]), rt.tensor([1.0]))
        tensor(0.3808)
    """

    pos_weight: Tensor | None

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        pos_weight: Tensor | None = None,
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(
            input, target, weight=self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )


class KLDivLoss(_Loss):
    """Kullback-Leibler divergence of log-probabilities `input` from probabilities `target`.

    Args:
        reduction: `"mean"` (default; over elements), `"batchmean"` (the divergence as defined), `"sum"` or `"none"`.
        log_target: the target holds log-probabilities too.

    Example:
        >>> p, q = rt.tensor([[0.5, 0.5]]), rt.tensor([[0.25, 0.75]])
        >>> nn.KLDivLoss(reduction="batchmean")(q.log(), p)
        tensor(0.1438)
    """

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        log_target: bool = False,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.log_target = log_target

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)


class PoissonNLLLoss(_Loss):
    """Negative log likelihood of counts under a Poisson distribution; see `functional.poisson_nll_loss`.

    Example:
        >>> nn.PoissonNLLLoss()(rt.tensor([0.0, 1.0]), rt.tensor([1.0, 3.0]))
        tensor(0.3591)
    """

    def __init__(
        self,
        log_input: bool = True,
        full: bool = False,
        size_average: bool | None = None,
        eps: float = 1e-8,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.log_input = log_input
        self.full = full
        self.eps = eps

    def forward(self, log_input: Tensor, target: Tensor) -> Tensor:
        return F.poisson_nll_loss(
            log_input, target, log_input=self.log_input, full=self.full, eps=self.eps, reduction=self.reduction
        )


class GaussianNLLLoss(_Loss):
    """Negative log likelihood under normal distributions; see `functional.gaussian_nll_loss`.

    Example:
        >>> nn.GaussianNLLLoss()(rt.tensor([0.0]), rt.tensor([1.0]), rt.tensor([1.0]))
        tensor(0.5000)
    """

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.full = full
        self.eps = eps

    def forward(self, input: Tensor, target: Tensor, var: Tensor | float) -> Tensor:
        return F.gaussian_nll_loss(input, target, var, full=self.full, eps=self.eps, reduction=self.reduction)


class _MarginLoss(_Loss):
    def __init__(
        self,
        margin: float = 0.0,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.margin = margin


class HingeEmbeddingLoss(_MarginLoss):
    """Distance where the target is 1, `max(0, margin - distance)` where it is -1 (default margin: 1).

    Example:
        >>> nn.HingeEmbeddingLoss()(rt.tensor([0.2, 0.3]), rt.tensor([1, -1]))
        tensor(0.4500)
    """

    def __init__(
        self,
        margin: float = 1.0,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(margin, size_average, reduce, reduction)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.hinge_embedding_loss(input, target, margin=self.margin, reduction=self.reduction)


class MarginRankingLoss(_MarginLoss):
    """`max(0, -target (input1 - input2) + margin)`: target 1 wants `input1` above `input2` (default margin: 0).

    Example:
        >>> nn.MarginRankingLoss()(rt.tensor([1.0]), rt.tensor([3.0]), rt.tensor([1]))
        tensor(2.)
    """

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor) -> Tensor:
        return F.margin_ranking_loss(input1, input2, target, margin=self.margin, reduction=self.reduction)


class CosineEmbeddingLoss(_MarginLoss):
    """`1 - cos` where the target is 1, `max(0, cos - margin)` where it is -1 (default margin: 0).

    Example:
        >>> a, b = rt.tensor([[1.0, 0.0]]), rt.tensor([[1.0, 1.0]])
        >>> nn.CosineEmbeddingLoss()(a, b, rt.tensor([1]))
        tensor(0.2929)
    """

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor) -> Tensor:
        return F.cosine_embedding_loss(input1, input2, target, margin=self.margin, reduction=self.reduction)


class MultiMarginLoss(_WeightedLoss):
    """Hinge loss over classes; see `functional.multi_margin_loss`.

    Example:
        >>> nn.MultiMarginLoss()(rt.tensor([[0.0, 2.0, 1.5]]), rt.tensor([1]))
        tensor(0.1667)
    """

    def __init__(
        self,
        p: int = 1,
        margin: float = 1.0,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        if p not in (1, 2):
            raise ValueError(f"only p == 1 and p == 2 supported, got {p}")
        self.p = p
        self.margin = margin

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.multi_margin_loss(
            input, target, p=self.p, margin=self.margin, weight=self.weight, reduction=self.reduction
        )


class MultiLabelSoftMarginLoss(_WeightedLoss):
    """Binary cross entropy of logits, averaged over the classes (last axis).

    Example:
        >>> nn.MultiLabelSoftMarginLoss()(rt.tensor([[2.0, -1.0]]), rt.tensor([[1.0, 0.0]]))
        tensor(0.2201)
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.multilabel_soft_margin_loss(input, target, weight=self.weight, reduction=self.reduction)


class TripletMarginLoss(_Loss):
    """`max(0, d(anchor, positive) - d(anchor, negative) + margin)`; see `functional.triplet_margin_loss`.

    Example:
        >>> a, p, n = rt.tensor([[0.0, 0.0]]), rt.tensor([[1.0, 0.0]]), rt.tensor([[0.0, 1.5]])
        >>> nn.TripletMarginLoss()(a, p, n)
        tensor(0.5000)
    """

    def __init__(
        self,
        margin: float = 1.0,
        p: float = 2.0,
        eps: float = 1e-6,
        swap: bool = False,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        if margin <= 0:
            raise ValueError(f"TripletMarginLoss: expected margin to be greater than 0, got {margin} instead")
        self.margin = margin
        self.p = p
        self.eps = eps
        self.swap = swap

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        return F.triplet_margin_loss(
            anchor, positive, negative, self.margin, self.p, self.eps, self.swap, reduction=self.reduction
        )


class TripletMarginWithDistanceLoss(_Loss):
    """`TripletMarginLoss` with any distance (default: Euclidean).

    Example:
        >>> a, p, n = rt.tensor([[0.0, 0.0]]), rt.tensor([[1.0, 0.0]]), rt.tensor([[0.0, 1.5]])
        >>> nn.TripletMarginWithDistanceLoss(distance_function=lambda x, y: (x - y).abs().amax(-1))(a, p, n)
        tensor(0.5000)
    """

    def __init__(
        self,
        *,
        distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
        margin: float = 1.0,
        swap: bool = False,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction=reduction)
        if margin <= 0:
            raise ValueError(
                f"TripletMarginWithDistanceLoss: expected margin to be greater than 0, got {margin} instead"
            )
        self.distance_function = PairwiseDistance() if distance_function is None else distance_function
        self.margin = margin
        self.swap = swap

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        return F.triplet_margin_with_distance_loss(
            anchor,
            positive,
            negative,
            distance_function=self.distance_function,
            margin=self.margin,
            swap=self.swap,
            reduction=self.reduction,
        )


class NLLLoss2d(NLLLoss):
    """`NLLLoss` under the name that old scripts use for images.

    Example:
        >>> nn.NLLLoss2d()(F.log_softmax(rt.zeros(1, 4, 2, 2), dim=1), rt.zeros(1, 2, 2, dtype=rt.int64))
        tensor(1.3863)
    """


class CTCLoss(_Loss):
    """Minus the log-probability of label sequences, summed over their alignments (Graves et al., 2006).

    Args:
        blank: the class of blanks (default: 0).
        reduction: `"mean"` (default; of the losses divided by the numbers of labels), `"sum"` or `"none"`.
        zero_infinity: labels that do not fit count as zero, with zero gradients (default: False).

    Inputs: log-probabilities (T, N, C) or (T, C); labels (N, S) or one behind the other; steps and labels of each
    sequence.

    Example:
        >>> log_probs = rt.full((4, 1, 2), 0.5).log()
        >>> loss = rt.nn.CTCLoss()(log_probs, rt.tensor([[1]]), (4,), (1,))
        >>> round(loss.exp().item(), 3)  # 10 of 16 paths
        1.6
    """

    def __init__(self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False) -> None:
        super().__init__(reduction=reduction)
        self.blank = blank
        self.zero_infinity = zero_infinity

    def forward(self, log_probs: Tensor, targets: Tensor, input_lengths: Any, target_lengths: Any) -> Tensor:
        return F.ctc_loss(
            log_probs, targets, input_lengths, target_lengths, self.blank, self.reduction, self.zero_infinity
        )
