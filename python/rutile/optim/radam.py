"""Adam with a rectified start."""

from __future__ import annotations

from typing import Any

import rutile as rt

from .optimizer import Optimizer, Params, State, check_options, count_step, prepared

__all__ = ["RAdam"]


class RAdam(Optimizer):
    """Adam whose first steps, while the variance of gradients is not yet known, are those of momentum (Liu et al.,
    2020).

    With `rho_t = rho_∞ - 2 t β2^t / (1 - β2^t)` and `rho_∞ = 2 / (1 - β2) - 1`, the step of Adam is taken, times
    `√((rho_t - 4)(rho_t - 2) rho_∞ / ((rho_∞ - 4)(rho_∞ - 2) rho_t))`, when `rho_t > 5`, else `lr m / (1 - β1^t)`.

    Args:
        params: tensors or groups.
        lr: step size (default: 1e-3).
        betas: β1 and β2 (default: 0.9 and 0.999).
        eps: added to the denominator (default: 1e-8).
        weight_decay: L2 penalty, added to the gradient (default: 0).
        decoupled_weight_decay: shrink the parameters instead of changing the gradient, as `AdamW`.
        foreach, capturable: accepted for PyTorch's sake.
        maximize: climb instead.
        differentiable: record the step, so that gradients pass through it.
    """

    def __init__(
        self,
        params: Params,
        lr: float | rt.Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_options(lr, betas, epsilon=eps, weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "decoupled_weight_decay": decoupled_weight_decay,
            "differentiable": differentiable,
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
        decoupled_weight_decay: bool,
        maximize: bool,
        **_: Any,
    ) -> None:
        if not state:
            state["step"] = rt.tensor(0.0)
            state["exp_avg"] = rt.zeros_like(param.detach())
            state["exp_avg_sq"] = rt.zeros_like(param.detach())
        step = count_step(state)
        beta1, beta2 = betas
        grad = prepared(param, grad, 0 if decoupled_weight_decay else weight_decay, maximize)
        if weight_decay and decoupled_weight_decay:
            param.mul_(1 - lr * weight_decay)
        mean = state["exp_avg"] = beta1 * state["exp_avg"] + (1 - beta1) * grad
        square = state["exp_avg_sq"] = beta2 * state["exp_avg_sq"] + (1 - beta2) * grad.square()
        unbiased = mean / (1 - beta1**step)
        correction = 1 - beta2**step
        longest = 2 / (1 - beta2) - 1
        length = longest - 2 * step * beta2**step / correction
        if length > 5:
            factor = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
            unbiased = unbiased * (factor**0.5 * correction**0.5 / (square.sqrt() + eps))
        param.sub_(lr * unbiased)
