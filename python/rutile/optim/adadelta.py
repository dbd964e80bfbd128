"""Adadelta."""

from __future__ import annotations

from typing import Any

import rutile as rt

from .. import _rutile
from .optimizer import Group, Optimizer, Params, State, check_options, count_step, prepared

__all__ = ["Adadelta"]


class Adadelta(Optimizer):
    """Steps in the ratio of running root mean squares of steps and gradients (Zeiler, 2012).

    `v = rho v + (1 - rho) g²`, `d = √(u + eps) / √(v + eps) g`, `u = rho u + (1 - rho) d²`, `p = p - lr d`.

    Args:
        params: tensors or groups.
        lr: factor of the step (default: 1).
        rho: how much of the running means is kept (default: 0.9).
        eps: added under both roots (default: 1e-6).
        weight_decay: L2 penalty (default: 0).
        foreach, capturable: accepted for PyTorch's sake.
        maximize: climb instead.
        differentiable: record the step, so that gradients pass through it.
    """

    def __init__(
        self,
        params: Params,
        lr: float | rt.Tensor = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        if not 0.0 <= rho <= 1.0:
            raise ValueError(f"Invalid rho value: {rho}")
        check_options(lr, epsilon=eps, weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "capturable": capturable,
            "foreach": foreach,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _start(self, param: rt.Tensor, state: State) -> None:
        if not state:
            state["step"] = rt.tensor(0.0)
            state["square_avg"] = rt.zeros_like(param.detach())
            state["acc_delta"] = rt.zeros_like(param.detach())
        count_step(state)

    def update(  # type: ignore[override]
        self,
        param: rt.Tensor,
        grad: rt.Tensor,
        state: State,
        *,
        lr: float | rt.Tensor,
        rho: float,
        eps: float,
        weight_decay: float,
        maximize: bool,
        **_: Any,
    ) -> None:
        self._start(param, state)
        grad = prepared(param, grad, weight_decay, maximize)
        square = state["square_avg"] = rho * state["square_avg"] + (1 - rho) * grad.square()
        delta = (state["acc_delta"] + eps).sqrt() / (square + eps).sqrt() * grad
        state["acc_delta"] = rho * state["acc_delta"] + (1 - rho) * delta.square()
        param.sub_(lr * delta)

    def age(self, param: rt.Tensor, state: State, group: Group) -> int:
        self._start(param, state)
        return 0

    @staticmethod
    def fused(params: list[rt.Tensor], grads: list[rt.Tensor], states: list[State], age: int, group: Group) -> None:
        _rutile._fused_adadelta(
            params,
            grads,
            [state["square_avg"] for state in states],
            [state["acc_delta"] for state in states],
            lr=group["lr"],
            rho=group["rho"],
            eps=group["eps"],
            weight_decay=group["weight_decay"],
            maximize=group["maximize"],
        )
