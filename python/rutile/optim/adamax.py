"""Adamax."""

from __future__ import annotations

from typing import Any

import rutile as rt

from .optimizer import Optimizer, Params, State, check_options, count_step, prepared

__all__ = ["Adamax"]


class Adamax(Optimizer):
    """Adam with the largest gradient in place of the root mean square (Kingma and Ba, 2015, section 7.1).

    `m = β1 m + (1 - β1) g`, `u = max(β2 u, |g| + eps)`, `p = p - lr / (1 - β1^t) m / u`.

    Args:
        params: tensors or groups.
        lr: step size (default: 2e-3).
        betas: β1 and β2 (default: 0.9 and 0.999).
        eps: added to the gradient's size (default: 1e-8).
        weight_decay: L2 penalty, added to the gradient (default: 0).
        foreach, capturable: accepted for PyTorch's sake.
        maximize: climb instead.
        differentiable: record the step, so that gradients pass through it.
    """

    def __init__(
        self,
        params: Params,
        lr: float | rt.Tensor = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_options(lr, betas, epsilon=eps, weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
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
        betas: tuple[float, float],
        eps: float,
        weight_decay: float,
        maximize: bool,
        **_: Any,
    ) -> None:
        if not state:
            state["step"] = rt.tensor(0.0)
            state["exp_avg"] = rt.zeros_like(param.detach())
            state["exp_inf"] = rt.zeros_like(param.detach())
        step = count_step(state)
        beta1, beta2 = betas
        grad = prepared(param, grad, weight_decay, maximize)
        mean = state["exp_avg"] = beta1 * state["exp_avg"] + (1 - beta1) * grad
        largest = state["exp_inf"] = rt.maximum(beta2 * state["exp_inf"], grad.abs() + eps)
        param.sub_(lr / (1 - beta1**step) * (mean / largest))
