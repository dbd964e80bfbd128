"""Averaged stochastic gradient descent."""

from __future__ import annotations

from typing import Any

import rutile as rt

from .optimizer import Optimizer, Params, State, check_options, count_step, prepared

__all__ = ["ASGD"]


class ASGD(Optimizer):
    """Gradient descent with a falling rate that also averages its parameters (Polyak and Juditsky, 1992).

    `η_t = lr / (1 + lambd lr t)^alpha`; the average over all steps after `t0` is in the state as `"ax"`.

    Args:
        params: tensors or groups.
        lr: first step size (default: 1e-2).
        lambd: decay of parameters and rate (default: 1e-4).
        alpha: power of the rate (default: 0.75).
        t0: where averaging begins (default: 1e6).
        weight_decay: L2 penalty (default: 0).
        foreach, capturable: accepted for PyTorch's sake.
        maximize: climb instead.
        differentiable: record the step, so that gradients pass through it.
    """

    def __init__(
        self,
        params: Params,
        lr: float | rt.Tensor = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_options(lr, weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
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
        lambd: float,
        alpha: float,
        t0: float,
        weight_decay: float,
        maximize: bool,
        **_: Any,
    ) -> None:
        if not state:
            state["step"] = rt.tensor(0.0)
            state["eta"] = rt.tensor(float(lr))
            state["mu"] = rt.tensor(1.0)
            state["ax"] = rt.zeros_like(param.detach())
        step = count_step(state)
        grad = prepared(param, grad, weight_decay, maximize)
        rate, share = float(state["eta"]), float(state["mu"])
        param.mul_(1 - lambd * rate)
        param.sub_(rate * grad)
        state["ax"] = param.clone() if share == 1 else state["ax"] + share * (param - state["ax"])
        state["eta"] = rt.tensor(float(lr / (1 + lambd * lr * step) ** alpha))
        state["mu"] = rt.tensor(1 / max(1, step - t0))
