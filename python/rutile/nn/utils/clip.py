"""Keeping gradients small."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

import rutile as rt

__all__ = ["clip_grad_norm", "clip_grad_norm_", "clip_grad_value_", "clip_grads_with_norm_", "get_total_norm"]

Tensors = rt.Tensor | Iterable[rt.Tensor]


def _listed(tensors: Tensors) -> list[rt.Tensor]:
    return [tensors] if isinstance(tensors, rt.Tensor) else list(tensors)


def get_total_norm(
    tensors: Tensors, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: bool | None = None
) -> rt.Tensor:
    """The norm of all tensors together, as if they were one vector; 0 if there are none.

    Args:
        norm_type: which norm; `float("inf")` is the largest absolute value.
        error_if_nonfinite: raise if the norm is NaN or infinite.
        foreach: accepted for PyTorch's sake.

    Raises:
        RuntimeError: the norm is not finite, with `error_if_nonfinite`.

    Example:
        >>> nn.utils.get_total_norm([rt.tensor([1.0, 2.0]), rt.tensor([[2.0]])], norm_type=float("inf"))
        tensor(2.)
    """
    norm_type = float(norm_type)
    norms = [tensor.norm(norm_type) for tensor in _listed(tensors)]
    if not norms:
        return rt.tensor(0.0)
    total = rt.stack(norms).norm(norm_type)
    if error_if_nonfinite and not bool(total.isfinite()):
        raise RuntimeError(
            f"The total norm of order {norm_type} for gradients from `parameters` is non-finite, so it cannot be "
            "clipped. To disable this error and scale the gradients by the non-finite norm anyway, set "
            "`error_if_nonfinite=False`"
        )
    return total


def clip_grads_with_norm_(
    parameters: Tensors, max_norm: float, total_norm: rt.Tensor, foreach: bool | None = None
) -> None:
    """Scales gradients in place by `max_norm / total_norm` if that is less than 1; with `get_total_norm`, in two steps
    what `clip_grad_norm_` does.

    Example:
        >>> w = rt.zeros(2, requires_grad=True)
        >>> w.grad = rt.tensor([3.0, 4.0])
        >>> norm = nn.utils.get_total_norm([w.grad])
        >>> nn.utils.clip_grads_with_norm_([w], 2.5, norm)
        >>> w.grad
        tensor([1.5000, 2.0000])
    """
    scale = (float(max_norm) / (total_norm + 1e-6)).clamp(max=1.0)
    for parameter in _listed(parameters):
        if parameter.grad is not None:
            parameter.grad.mul_(scale)


def clip_grad_norm_(
    parameters: Tensors,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> rt.Tensor:
    """Scales all gradients in place so that their norm together is at most `max_norm` (Pascanu et al., 2013).

    Args:
        parameters: those without a gradient are skipped.
        max_norm: the limit.
        norm_type: which norm (default: 2); `float("inf")` is the largest absolute value.
        error_if_nonfinite: raise if the norm is NaN or infinite.
        foreach: accepted for PyTorch's sake.

    Returns:
        The norm before.

    Example:
        >>> w = rt.nn.Parameter(rt.zeros(2))
        >>> w.grad = rt.tensor([3.0, 4.0])
        >>> rt.nn.utils.clip_grad_norm_([w], 1.0).item()
        5.0
    """
    parameters = _listed(parameters)
    with rt.no_grad():
        grads = [parameter.grad for parameter in parameters if parameter.grad is not None]
        total = get_total_norm(grads, norm_type, error_if_nonfinite)
        clip_grads_with_norm_(parameters, max_norm, total)
    return total


def clip_grad_norm(
    parameters: Tensors,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> rt.Tensor:
    """The older name of `clip_grad_norm_`; with a warning, as in PyTorch. The same without:

    Example:
        >>> w = rt.zeros(2, requires_grad=True)
        >>> w.grad = rt.tensor([3.0, 4.0])
        >>> nn.utils.clip_grad_norm_(w, max_norm=1.0)
        tensor(5.)
    """
    warnings.warn("clip_grad_norm is now deprecated in favor of clip_grad_norm_.", category=FutureWarning, stacklevel=2)
    return clip_grad_norm_(parameters, max_norm, norm_type, error_if_nonfinite, foreach)


def clip_grad_value_(parameters: Tensors, clip_value: float, foreach: bool | None = None) -> None:
    """Keeps every element of the gradients in [-clip_value, clip_value], in place.

    Example:
        >>> w = rt.zeros(3, requires_grad=True)
        >>> w.grad = rt.tensor([-3.0, 0.5, 2.0])
        >>> nn.utils.clip_grad_value_([w], 1.0)
        >>> w.grad
        tensor([-1.0000,  0.5000,  1.0000])
    """
    limit = float(clip_value)
    with rt.no_grad():
        for parameter in _listed(parameters):
            if parameter.grad is not None:
                parameter.grad.clamp_(-limit, limit)
