"""Resilient backpropagation."""

from __future__ import annotations

from typing import Any

import rutile as rt

from .optimizer import Optimizer, Params, State, check_options, count_step, prepared

__all__ = ["Rprop"]


class Rprop(Optimizer):
    """Steps of a size of their own per element, which grows while the gradient keeps its sign (Riedmiller and Braun,
    1993).

    Where the sign changes, the size shrinks and the element rests for a step. For whole datasets, not for mini-batches.

    Args:
        params: tensors or groups.
        lr: first step size (default: 1e-2).
        etas: factors of shrinking and growing (default: 0.5 and 1.2).
        step_sizes: smallest and largest size (default: 1e-6 and 50).
        foreach, capturable: accepted for PyTorch's sake.
        maximize: climb instead.
        differentiable: record the step, so that gradients pass through it.
    """

    def __init__(
        self,
        params: Params,
        lr: float | rt.Tensor = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_options(lr)
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}")
        defaults = {
            "lr": lr,
            "etas": etas,
            "step_sizes": step_sizes,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def update(  # type: ignore[override]
        self,
        param: rt.Tensor,
        grad: rt.Tensor,
        state: State,
        *,
        lr: float | rt.Tensor,
        etas: tuple[float, float],
        step_sizes: tuple[float, float],
        maximize: bool,
        **_: Any,
    ) -> None:
        if not state:
            state["step"] = rt.tensor(0.0)
            state["prev"] = rt.zeros_like(param.detach())
            state["step_size"] = rt.full_like(param.detach(), float(lr))
        count_step(state)
        grad = prepared(param, grad, 0, maximize)
        agreement = grad * state["prev"]
        size = state["step_size"]
        size = rt.where(agreement > 0, size * etas[1], rt.where(agreement < 0, size * etas[0], size))
        size = state["step_size"] = size.clamp(step_sizes[0], step_sizes[1])
        grad = state["prev"] = rt.where(agreement < 0, rt.zeros_like(grad), grad)
        param.sub_(grad.sign() * size)
