"""Adam, and Adam with decoupled weight decay."""

from __future__ import annotations

from typing import Any

import rutile as rt

from .. import _rutile
from .optimizer import Group, Optimizer, Params, State, check_options, count_step, prepared

__all__ = ["Adam", "AdamW"]


class Adam(Optimizer):
    """Steps of about `lr` per element, from running means of gradient and squared gradient (Kingma and Ba, 2015).

    `m = β1 m + (1 - β1) g`, `v = β2 v + (1 - β2) g²`, `p = p - lr (m / (1 - β1^t)) / (√(v / (1 - β2^t)) + eps)`.

    Args:
        params: tensors or groups.
        lr: step size (default: 1e-3).
        betas: β1 and β2 (default: 0.9 and 0.999).
        eps: added to the denominator (default: 1e-8).
        weight_decay: L2 penalty, added to the gradient (default: 0).
        amsgrad: divide by the largest `v` so far (Reddi et al., 2018).
        foreach, capturable: accepted for PyTorch's sake.
        maximize: climb instead.
        differentiable: record the step, so that gradients pass through it.
        fused: False takes the rule in tensor operations instead of the fused kernel.
        decoupled_weight_decay: shrink the parameters instead of changing the gradient, as `AdamW`.

    Example:
        >>> w = rt.nn.Parameter(rt.tensor([1.0]))
        >>> adam = rt.optim.Adam([w], lr=0.1)
        >>> w.square().sum().backward()
        >>> adam.step()
        >>> round(w.item(), 4)
        0.9
    """

    def __init__(
        self,
        params: Params,
        lr: float | rt.Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        check_options(lr, betas, epsilon=eps, weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
            "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults)

    def _start(self, param: rt.Tensor, state: State, amsgrad: bool) -> int:
        if not state:
            state["step"] = rt.tensor(0.0)
            state["exp_avg"] = rt.zeros_like(param.detach())
            state["exp_avg_sq"] = rt.zeros_like(param.detach())
            if amsgrad:
                state["max_exp_avg_sq"] = rt.zeros_like(param.detach())
        return count_step(state)

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
        amsgrad: bool,
        maximize: bool,
        decoupled_weight_decay: bool,
        **_: Any,
    ) -> None:
        step = self._start(param, state, amsgrad)
        beta1, beta2 = betas
        grad = prepared(param, grad, 0 if decoupled_weight_decay else weight_decay, maximize)
        if weight_decay and decoupled_weight_decay:
            param.mul_(1 - lr * weight_decay)
        mean = state["exp_avg"] = beta1 * state["exp_avg"] + (1 - beta1) * grad
        square = state["exp_avg_sq"] = beta2 * state["exp_avg_sq"] + (1 - beta2) * grad.square()
        if amsgrad:
            square = state["max_exp_avg_sq"] = rt.maximum(state["max_exp_avg_sq"], square)
        denominator = square.sqrt() / (1 - beta2**step) ** 0.5 + eps
        param.sub_(lr / (1 - beta1**step) * (mean / denominator))

    def age(self, param: rt.Tensor, state: State, group: Group) -> int:
        return self._start(param, state, group["amsgrad"])

    @staticmethod
    def fused(params: list[rt.Tensor], grads: list[rt.Tensor], states: list[State], age: int, group: Group) -> None:
        beta1, beta2 = group["betas"]
        _rutile._fused_adam(
            params,
            grads,
            [state["exp_avg"] for state in states],
            [state["exp_avg_sq"] for state in states],
            [state["max_exp_avg_sq"] for state in states] if group["amsgrad"] else [],
            step=age,
            lr=group["lr"],
            beta1=beta1,
            beta2=beta2,
            eps=group["eps"],
            weight_decay=group["weight_decay"],
            amsgrad=group["amsgrad"],
            maximize=group["maximize"],
            decoupled=group["decoupled_weight_decay"],
        )


class AdamW(Adam):
    """`Adam` whose weight decay shrinks the parameters by `lr weight_decay` (Loshchilov and Hutter, 2019).

    Arguments as in `Adam`, with `weight_decay=1e-2`.

    Example:
        >>> w = rt.nn.Parameter(rt.tensor([1.0]))
        >>> w.grad = rt.zeros(1)
        >>> rt.optim.AdamW([w], lr=0.1, weight_decay=0.5).step()
        >>> round(w.item(), 4)
        0.95
    """

    def __init__(
        self,
        params: Params,
        lr: float | rt.Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            foreach=foreach,
            maximize=maximize,
            capturable=capturable,
            differentiable=differentiable,
            fused=fused,
            decoupled_weight_decay=True,
        )
