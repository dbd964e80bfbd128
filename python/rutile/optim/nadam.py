"""Adam with Nesterov momentum."""

from __future__ import annotations

from typing import Any

import rutile as rt

from .optimizer import Optimizer, Params, State, check_options, count_step, prepared

__all__ = ["NAdam"]


class NAdam(Optimizer):
    """Adam that looks ahead by its momentum (Dozat, 2016).

    With `μ_t = β1 (1 - 0.96^(t momentum_decay) / 2)`, the mean `m` and root mean square `v` of Adam:
    `p = p - lr / (√(v / (1 - β2^t)) + eps) ((1 - μ_t) g / (1 - Π μ) + μ_(t+1) m / (1 - μ_(t+1) Π μ))`.

    Args:
        params: tensors or groups.
        lr: step size (default: 2e-3).
        betas: β1 and β2 (default: 0.9 and 0.999).
        eps: added to the denominator (default: 1e-8).
        weight_decay: L2 penalty, added to the gradient (default: 0).
        momentum_decay: how quickly the momentum grows (default: 4e-3).
        decoupled_weight_decay: shrink the parameters instead of changing the gradient, as `AdamW`.
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
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_options(lr, betas, epsilon=eps, weight_decay=weight_decay, momentum_decay=momentum_decay)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
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
        momentum_decay: float,
        decoupled_weight_decay: bool,
        maximize: bool,
        **_: Any,
    ) -> None:
        if not state:
            state["step"] = rt.tensor(0.0)
            state["mu_product"] = rt.tensor(1.0)
            state["exp_avg"] = rt.zeros_like(param.detach())
            state["exp_avg_sq"] = rt.zeros_like(param.detach())
        step = count_step(state)
        beta1, beta2 = betas
        grad = prepared(param, grad, 0 if decoupled_weight_decay else weight_decay, maximize)
        if weight_decay and decoupled_weight_decay:
            param.mul_(1 - lr * weight_decay)
        momentum, following = (beta1 * (1 - 0.5 * 0.96 ** (t * momentum_decay)) for t in (step, step + 1))
        state["mu_product"] *= momentum
        product = float(state["mu_product"])
        mean = state["exp_avg"] = beta1 * state["exp_avg"] + (1 - beta1) * grad
        square = state["exp_avg_sq"] = beta2 * state["exp_avg_sq"] + (1 - beta2) * grad.square()
        denominator = (square / (1 - beta2**step)).sqrt() + eps
        ahead = (1 - momentum) / (1 - product) * grad + following / (1 - product * following) * mean
        param.sub_(lr * (ahead / denominator))
