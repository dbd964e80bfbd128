"""RMSprop."""

from __future__ import annotations

from typing import Any

import rutile as rt

from .. import _rutile
from .optimizer import Group, Optimizer, Params, State, check_options, count_step, prepared

__all__ = ["RMSprop"]


class RMSprop(Optimizer):
    """Divides the gradient by the root of a running mean of its square (Tieleman and Hinton, 2012).

    `v = alpha v + (1 - alpha) g²`, `p = p - lr g / (√v + eps)`; centred, `v` is reduced by the squared running mean of
    `g` (Graves, 2013); with momentum the quotient is collected as `b = momentum b + g / (√v + eps)`.

    Args:
        params: tensors or groups.
        lr: step size (default: 1e-2).
        alpha: how much of the running mean is kept (default: 0.99).
        eps: added to the denominator (default: 1e-8).
        weight_decay: L2 penalty (default: 0).
        momentum: how much of the last step is kept (default: 0).
        centered: use the variance.
        capturable, foreach: accepted for PyTorch's sake.
        maximize: climb instead.
        differentiable: record the step, so that gradients pass through it.
    """

    def __init__(
        self,
        params: Params,
        lr: float | rt.Tensor = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_options(lr, epsilon=eps, momentum=momentum, weight_decay=weight_decay, alpha=alpha)
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
            "capturable": capturable,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _start(self, param: rt.Tensor, state: State, momentum: float, centered: bool) -> None:
        if not state:
            state["step"] = rt.tensor(0.0)
            state["square_avg"] = rt.zeros_like(param.detach())
            if momentum > 0:
                state["momentum_buffer"] = rt.zeros_like(param.detach())
            if centered:
                state["grad_avg"] = rt.zeros_like(param.detach())
        count_step(state)

    def update(  # type: ignore[override]
        self,
        param: rt.Tensor,
        grad: rt.Tensor,
        state: State,
        *,
        lr: float | rt.Tensor,
        alpha: float,
        eps: float,
        weight_decay: float,
        momentum: float,
        centered: bool,
        maximize: bool,
        **_: Any,
    ) -> None:
        self._start(param, state, momentum, centered)
        grad = prepared(param, grad, weight_decay, maximize)
        square = state["square_avg"] = alpha * state["square_avg"] + (1 - alpha) * grad.square()
        if centered:
            mean = state["grad_avg"] = alpha * state["grad_avg"] + (1 - alpha) * grad
            square = square - mean.square()
        step = grad / (square.sqrt() + eps)
        if momentum > 0:
            step = state["momentum_buffer"] = momentum * state["momentum_buffer"] + step
        param.sub_(lr * step)

    def age(self, param: rt.Tensor, state: State, group: Group) -> int:
        self._start(param, state, group["momentum"], group["centered"])
        return 0

    @staticmethod
    def fused(params: list[rt.Tensor], grads: list[rt.Tensor], states: list[State], age: int, group: Group) -> None:
        _rutile._fused_rmsprop(
            params,
            grads,
            [state["square_avg"] for state in states],
            [state["momentum_buffer"] for state in states] if group["momentum"] > 0 else [],
            [state["grad_avg"] for state in states] if group["centered"] else [],
            lr=group["lr"],
            alpha=group["alpha"],
            eps=group["eps"],
            weight_decay=group["weight_decay"],
            momentum=group["momentum"],
            centered=group["centered"],
            maximize=group["maximize"],
        )
