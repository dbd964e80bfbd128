"""Losses that are compositions of engine operations; `functional` offers them."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import rutile as rt

from .._rutile import functional as engine

__all__ = [
    "binary_cross_entropy_with_logits",
    "cosine_embedding_loss",
    "gaussian_nll_loss",
    "hinge_embedding_loss",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "linear_cross_entropy",
    "margin_ranking_loss",
    "mse_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "poisson_nll_loss",
    "smooth_l1_loss",
    "soft_margin_loss",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
]

Tensor = rt.Tensor


def reduction_name(size_average: bool | None, reduce: bool | None, reduction: str) -> str:
    """The `reduction` that PyTorch's older arguments `size_average` and `reduce` mean, if one of them is given."""
    if size_average is None and reduce is None:
        return reduction
    name = "none" if reduce is False else "sum" if size_average is False else "mean"
    warnings.warn(f"size_average and reduce are deprecated, please use reduction='{name}' instead", stacklevel=3)
    return name


def _reduce(loss: Tensor, reduction: str) -> Tensor:
    if reduction == "mean":
        return loss.mean()
    if reduction == "sum":
        return loss.sum()
    if reduction == "none":
        return loss
    raise ValueError(f"{reduction} is not a valid value for reduction: expected 'none', 'mean' or 'sum'")


def _weighted(loss: Tensor, weight: Tensor | None, reduction: str) -> Tensor:
    """Reduces `loss`; with weights, the mean is the weighted mean."""
    if weight is None:
        return _reduce(loss, reduction)
    if weight.shape != loss.shape:
        raise ValueError(f"Weights and input must have the same size, got {weight.shape} and {loss.shape}")
    weighted = loss * weight
    return weighted.sum() / weight.sum() if reduction == "mean" else _reduce(weighted, reduction)


def _warn_of_broadcast(input: Tensor, target: Tensor) -> None:
    if input.shape != target.shape:
        warnings.warn(
            f"Using a target size ({target.shape}) that is different to the input size ({input.shape}). "
            "This will likely lead to incorrect results due to broadcasting. Please ensure they have the same size.",
            stacklevel=3,
        )


def mse_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """Squared error `(input - target)²`.

    Args:
        input, target: same shape; other shapes that broadcast give a warning.
        reduction: `"mean"` (default), `"sum"` or `"none"`.
        weight: factors per element; the mean is then divided by their sum.

    Example:
        >>> rt.nn.functional.mse_loss(rt.tensor([1.0, 3.0]), rt.tensor([1.0, 1.0])).item()
        2.0
    """
    _warn_of_broadcast(input, target)
    return _weighted((input - target).square(), weight, reduction_name(size_average, reduce, reduction))


def l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """Absolute error `|input - target|`; arguments as in `mse_loss`.

    Example:
        >>> F.l1_loss(rt.tensor([1.0, 2.0]), rt.tensor([0.0, 4.0]))
        tensor(1.5000)
    """
    _warn_of_broadcast(input, target)
    return _weighted((input - target).abs(), weight, reduction_name(size_average, reduce, reduction))


def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Tensor:
    """Squared error `d² / 2β` below `beta`, absolute error `d - β/2` above (Girshick, Fast R-CNN, 2015, eq. 3).

    Raises:
        RuntimeError: `beta` is negative.

    Example:
        >>> F.smooth_l1_loss(rt.tensor([0.5, 3.0]), rt.zeros(2), reduction="none")
        tensor([0.1250, 2.5000])
    """
    _warn_of_broadcast(input, target)
    reduction = reduction_name(size_average, reduce, reduction)
    if beta < 0:
        raise RuntimeError(f"smooth_l1_loss: beta must not be negative, got {beta}")
    distance = (input - target).abs()
    if beta == 0:
        return _reduce(distance, reduction)
    return _reduce(rt.where(distance < beta, distance.square() * (0.5 / beta), distance - 0.5 * beta), reduction)


def huber_loss(
    input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0, weight: Tensor | None = None
) -> Tensor:
    """`d² / 2` for the difference `d` up to `delta`, `delta (d - delta/2)` above (Huber, 1964).

    Raises:
        RuntimeError: `delta` is not positive.

    Example:
        >>> F.huber_loss(rt.tensor([0.5, 3.0]), rt.zeros(2), reduction="none")
        tensor([0.1250, 2.5000])
    """
    _warn_of_broadcast(input, target)
    if delta <= 0:
        raise RuntimeError(f"huber_loss: delta must be positive, got {delta}")
    distance = (input - target).abs()
    loss = rt.where(distance <= delta, distance.square() * 0.5, (distance - 0.5 * delta) * delta)
    return _weighted(loss, weight, reduction)


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """Binary cross entropy of `sigmoid(input)`, without overflow: `(1 - t) x - (1 + (w - 1) t) ln sigmoid(x)`.

    Args:
        input: logits.
        target: same shape, in [0, 1].
        weight: factors that broadcast to `input`.
        pos_weight: factor `w` of the positive class; broadcasts to `input`.
        reduction: `"mean"` (default), `"sum"` or `"none"`.

    Raises:
        ValueError: the shapes of `input` and `target` differ.

    Example:
        >>> F.binary_cross_entropy_with_logits(rt.tensor([2.0, -1.0]), rt.tensor([1.0, 0.0]), reduction="none")
        tensor([0.1269, 0.3133])
        >>> F.binary_cross_entropy_with_logits(rt.tensor([200.0]), rt.tensor([0.0]))
        tensor(200.)
    """
    reduction = reduction_name(size_average, reduce, reduction)
    if input.shape != target.shape:
        raise ValueError(f"Target size ({target.shape}) must be the same as input size ({input.shape})")
    log_probability = engine.logsigmoid(input)
    if pos_weight is not None:
        log_probability = log_probability * (1 + (pos_weight - 1) * target)
    loss = (1 - target) * input - log_probability
    return _reduce(loss if weight is None else loss * weight, reduction)


def kl_div(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Tensor:
    """Kullback-Leibler divergence, pointwise `target (ln target - input)`.

    Args:
        input: log-probabilities.
        target: probabilities, or with `log_target` log-probabilities.
        reduction: `"mean"` (over elements), `"batchmean"` (the divergence as defined), `"sum"` or `"none"`.

    Raises:
        ValueError: `reduction` is another word.

    Example:
        >>> p, q = rt.tensor([[0.5, 0.5]]), rt.tensor([[0.25, 0.75]])
        >>> F.kl_div(q.log(), p, reduction="batchmean")
        tensor(0.1438)
    """
    reduction = reduction_name(size_average, reduce, reduction)
    if reduction == "mean":
        warnings.warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size."
            "'batchmean' divides only by the batch size, and aligns with the KL div math definition."
            "'mean' will be changed to behave the same as 'batchmean' in the next major release.",
            stacklevel=2,
        )
    loss = target.exp() * (target - input) if log_target else rt.xlogy(target, target) - target * input
    if reduction == "batchmean":
        return loss.sum() / input.shape[0] if input.dim() else loss.sum()
    return _reduce(loss, reduction)


def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    size_average: bool | None = None,
    eps: float = 1e-8,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Negative log likelihood of counts `target` under a Poisson distribution of rate `exp(input)`.

    Args:
        log_input: False takes `input` as the rate itself; `eps` then keeps its logarithm finite.
        full: add Stirling's approximation of `ln target!`.

    Example:
        >>> F.poisson_nll_loss(rt.tensor([0.0, 1.0]), rt.tensor([1.0, 3.0]), reduction="none")
        tensor([ 1.0000, -0.2817])
    """
    loss = input.exp() - target * input if log_input else input - target * (input + eps).log()
    if full:
        positive = target.clamp(min=1)
        stirling = target * positive.log() - target + 0.5 * (2 * math.pi * positive).log()
        loss = loss + rt.where(target > 1, stirling, 0.0)
    return _reduce(loss, reduction_name(size_average, reduce, reduction))


def gaussian_nll_loss(
    input: Tensor, target: Tensor, var: Tensor | float, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Tensor:
    """Negative log likelihood of `target` under normal distributions of mean `input` and variance `var`.

    Source: Nix and Weigend, 1994, eq. 8. The variance is kept above `eps`, without a gradient for that.

    Args:
        var: one variance for all, one per element, or one per row (last axis missing or of length 1).
        full: add the constant `ln(2π) / 2`.

    Raises:
        ValueError: a variance is negative, or the shape of `var` does not fit.

    Example:
        >>> F.gaussian_nll_loss(rt.tensor([0.0, 1.0]), rt.tensor([1.0, 1.0]), rt.tensor([1.0, 4.0]), reduction="none")
        tensor([0.5000, 0.6931])
    """
    if not isinstance(var, rt.Tensor):
        var = rt.full_like(input, var)
    if bool((var < 0).any()):
        raise ValueError("var has negative entry/entries")
    if var.shape != input.shape:
        if input.shape[:-1] == var.shape:
            var = var.unsqueeze(-1)
        elif input.shape[:-1] != var.shape[:-1] or var.shape[-1] != 1:
            raise ValueError(f"var is of incorrect size: {var.shape} for input {input.shape}")
    var = var + (var.clamp(min=eps) - var).detach()
    loss = 0.5 * (var.log() + (input - target).square() / var)
    return _reduce(loss + 0.5 * math.log(2 * math.pi) if full else loss, reduction)


def hinge_embedding_loss(
    input: Tensor,
    target: Tensor,
    margin: float = 1.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Distance `input` where `target` is 1, `max(0, margin - input)` where it is -1.

    Example:
        >>> F.hinge_embedding_loss(rt.tensor([0.2, 0.3]), rt.tensor([1, -1]), reduction="none")
        tensor([0.2000, 0.7000])
    """
    # A target that is neither counts as both, as in PyTorch.
    loss = rt.where(target != 1, (margin - input).clamp(min=0), 0.0) + rt.where(target != -1, input, 0.0)
    return _reduce(loss, reduction_name(size_average, reduce, reduction))


def margin_ranking_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """`max(0, -target (input1 - input2) + margin)`: `target` 1 wants `input1` above `input2`, -1 below.

    Raises:
        RuntimeError: the numbers of axes differ, or the shapes do not broadcast.

    Example:
        >>> F.margin_ranking_loss(rt.tensor([1.0, 1.0]), rt.tensor([3.0, 3.0]), rt.tensor([1, -1]), reduction="none")
        tensor([2., 0.])
    """
    if input1.dim() != input2.dim() or input1.dim() != target.dim():
        raise RuntimeError(
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: "
            f"input1: {input1.shape}, input2: {input2.shape}, target: {target.shape} "
        )
    loss = (-target * (input1 - input2) + margin).clamp(min=0)
    return _reduce(loss, reduction_name(size_average, reduce, reduction))


def soft_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Logistic loss `ln(1 + exp(-target input))` for targets 1 and -1.

    Example:
        >>> F.soft_margin_loss(rt.tensor([2.0, 2.0]), rt.tensor([1.0, -1.0]), reduction="none")
        tensor([0.1269, 2.1269])
    """
    return _reduce(-engine.logsigmoid(target * input), reduction_name(size_average, reduce, reduction))


def cosine_embedding_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """`1 - cos` where `target` is 1, `max(0, cos - margin)` where it is -1.

    Args:
        input1, input2: (N, D) with `target` (N), or (D) with a scalar target.

    Example:
        >>> a, b = rt.tensor([[1.0, 0.0], [1.0, 0.0]]), rt.tensor([[1.0, 1.0], [1.0, 1.0]])
        >>> F.cosine_embedding_loss(a, b, rt.tensor([1, -1]), reduction="none")
        tensor([0.2929, 0.7071])
    """
    eps = 1e-12
    product = (input1 * input2).sum(-1)
    norms = ((input1.square().sum(-1) + eps) * (input2.square().sum(-1) + eps)).sqrt()
    cosine = product / norms
    zeros = rt.zeros_like(cosine)
    loss = rt.where(target == 1, 1 - cosine, zeros) + rt.where(target == -1, (cosine - margin).clamp(min=0), zeros)
    return _reduce(loss, reduction_name(size_average, reduce, reduction))


def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """`max(0, d(anchor, positive) - d(anchor, negative) + margin)` with the p-norm distance (Balntas et al., 2016).

    Args:
        anchor, positive, negative: (N, D) or (D).
        eps: added to the differences, so that the norm has a derivative.
        swap: use the distance of positive and negative where it is the smaller one.

    Raises:
        ValueError: `margin` is not positive.

    Example:
        >>> a, p, n = rt.tensor([[0.0, 0.0]]), rt.tensor([[1.0, 0.0]]), rt.tensor([[0.0, 1.5]])
        >>> F.triplet_margin_loss(a, p, n)
        tensor(0.5000)
    """

    def distance(a: Tensor, b: Tensor) -> Tensor:
        return (a - b + eps).norm(p, -1)

    return triplet_margin_with_distance_loss(
        anchor,
        positive,
        negative,
        distance_function=distance,
        margin=margin,
        swap=swap,
        reduction=reduction_name(size_average, reduce, reduction),
    )


def triplet_margin_with_distance_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """Triplet loss `max(0, d(anchor, positive) - d(anchor, negative) + margin)` with any distance (default: Euclidean).

    Example:
        >>> a, p, n = rt.tensor([[0.0, 0.0]]), rt.tensor([[1.0, 0.0]]), rt.tensor([[0.0, 1.5]])
        >>> F.triplet_margin_with_distance_loss(a, p, n, distance_function=lambda x, y: (x - y).abs().amax(-1))
        tensor(0.5000)
    """
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    distance: Callable[[Tensor, Tensor], Any] = distance_function or (lambda a, b: (a - b + 1e-6).norm(2, -1))
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = rt.minimum(far, distance(positive, negative))
    return _reduce((margin + near - far).clamp(min=0), reduction)


def multi_margin_loss(
    input: Tensor,
    target: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Hinge loss over classes: mean over the classes of `max(0, margin - x[target] + x[i])^p`, `i` not the target.

    Args:
        input: (N, C) or (C); target: (N) or scalar, class indices.
        p: 1 or 2.
        weight: (C), factor of each target class.

    Raises:
        ValueError: `p` is neither 1 nor 2.
        IndexError: a class index is out of range.

    Example:
        >>> F.multi_margin_loss(rt.tensor([[0.0, 2.0, 1.5]]), rt.tensor([1]))
        tensor(0.1667)
    """
    if p not in (1, 2):
        raise ValueError(f"only p == 1 and p == 2 supported, got {p}")
    index = target.unsqueeze(-1)
    gaps = (margin - input.gather(-1, index) + input).clamp(min=0)
    if p == 2:
        gaps = gaps.square()
    if weight is not None:
        gaps = gaps * weight[index]
    others = rt.arange(input.shape[-1]) != index
    return _reduce((gaps * others).sum(-1) / input.shape[-1], reduction_name(size_average, reduce, reduction))


def multilabel_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Hinge loss between every target class and every other one.

    Args:
        input: (N, C) or (C), scores.
        target: same shape; class indices, of which those from the first -1 on are ignored.

    Example:
        >>> F.multilabel_margin_loss(rt.tensor([[0.1, 0.2, 0.4, 0.8]]), rt.tensor([[3, 0, -1, 1]]))
        tensor(0.8500)
    """
    classes = target.shape[-1]
    # Counts the negative targets up to each place.
    ended = (target < 0).to(input.dtype) @ rt.ones(classes, classes, dtype=input.dtype).triu()
    valid = ended == 0
    index = target.clamp(min=0)
    is_target = rt.zeros_like(target).scatter_add(-1, index, valid.to(target.dtype)) > 0
    gaps = (1 - input.gather(-1, index).unsqueeze(-1) + input.unsqueeze(-2)).clamp(min=0)
    counted = valid.unsqueeze(-1) & ~is_target.unsqueeze(-2)
    loss = (gaps * counted).sum((-1, -2)) / input.shape[-1]
    return _reduce(loss, reduction_name(size_average, reduce, reduction))


def multilabel_soft_margin_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Binary cross entropy of logits, averaged over the classes (last axis).

    Example:
        >>> F.multilabel_soft_margin_loss(rt.tensor([[2.0, -1.0]]), rt.tensor([[1.0, 0.0]]))
        tensor(0.2201)
    """
    loss = -(target * engine.logsigmoid(input) + (1 - target) * engine.logsigmoid(-input))
    if weight is not None:
        loss = loss * weight
    return _reduce(loss.mean(-1), reduction_name(size_average, reduce, reduction))


def linear_cross_entropy(
    input: Tensor,
    linear_weight: Tensor,
    target: Tensor,
    *,
    linear_bias: Tensor | None = None,
    weight: Tensor | None = None,
    reduction: str = "mean",
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    options: None = None,
) -> Tensor:
    """Cross entropy of the logits `linear(input, linear_weight, linear_bias)`.

    `input` is (features) or (N, features), `linear_weight` (C, d1, ..., features), `linear_bias` (C, d1, ...), `target`
    as in `cross_entropy` for logits (C) or (N, C, d1, ...). `ignore_index=None` is -100 for class indices. `options`
    (parts of the batch at a time) are not supported.

    Raises:
        IndexError: a class index is out of range.

    Example:
        >>> x, weight, target = rt.randn(8, 4), rt.randn(3, 4), rt.randint(3, (8,))
        >>> loss = F.linear_cross_entropy(x, weight, target)
        >>> rt.allclose(loss, F.cross_entropy(F.linear(x, weight), target))
        True
    """
    if options is not None:
        raise ValueError("linear_cross_entropy: options are not supported; split the batch to save memory")
    if ignore_index is not None and target.is_floating_point():
        raise ValueError("linear_cross_entropy: ignore_index is for class indices, the target has probabilities")
    shape = linear_weight.shape[:-1]
    bias = None if linear_bias is None else linear_bias.flatten()
    logits = engine.linear(input, linear_weight.flatten(0, -2), bias).reshape(*input.shape[:-1], *shape)
    return engine.cross_entropy(
        logits,
        target,
        weight=weight,
        ignore_index=-100 if ignore_index is None else ignore_index,
        reduction=reduction,
        label_smoothing=label_smoothing,
    )
