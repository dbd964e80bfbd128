"""Adagrad."""

from __future__ import annotations

from typing import Any

import rutile as rt

from .. import _rutile
from .optimizer import Group, Optimizer, Params, State, check_options, count_step, prepared

__all__ = ["Adagrad"]


class Adagrad(Optimizer):
    """Divides the gradient by the root of the sum of all its squares so far (Duchi et al., 2011).

    `s = s + g²`, `p = p - lr / (1 + (t - 1) lr_decay) g / (√s + eps)`.

    Args:
        params: tensors or groups.
        lr: step size (default: 1e-2).
        lr_decay: how fast it falls (default: 0).
        weight_decay: L2 penalty (default: 0).
        initial_accumulator_value: start of the sum (default: 0).
        eps: added to the denominator (default: 1e-10).
        foreach: accepted for PyTorch's sake.
        maximize: climb instead.
        differentiable: record the step, so that gradients pass through it.
        fused: False takes the rule in tensor operations instead of the fused kernel.
    """

    def __init__(
        self,
        params: Params,
        lr: float | rt.Tensor = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_options(
            lr,
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            epsilon=eps,
        )
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)

    def add_param_group(self, param_group: Group) -> None:
        super().add_param_group(param_group)
        group = self.param_groups[-1]
        for param in group["params"]:
            start = rt.full_like(param.detach(), group["initial_accumulator_value"])
            self.state[param] = {"step": rt.tensor(0.0), "sum": start}

    def update(  # type: ignore[override]
        self,
        param: rt.Tensor,
        grad: rt.Tensor,
        state: State,
        *,
        lr: float | rt.Tensor,
        lr_decay: float,
        weight_decay: float,
        eps: float,
        maximize: bool,
        **_: Any,
    ) -> None:
        step = count_step(state)
        grad = prepared(param, grad, weight_decay, maximize)
        total = state["sum"] = state["sum"] + grad.square()
        param.sub_(lr / (1 + (step - 1) * lr_decay) * (grad / (total.sqrt() + eps)))

    def age(self, param: rt.Tensor, state: State, group: Group) -> int:
        return count_step(state)

    @staticmethod
    def fused(params: list[rt.Tensor], grads: list[rt.Tensor], states: list[State], age: int, group: Group) -> None:
        _rutile._fused_adagrad(
            params,
            grads,
            [state["sum"] for state in states],
            step=age,
            lr=group["lr"],
            lr_decay=group["lr_decay"],
            weight_decay=group["weight_decay"],
            eps=group["eps"],
            maximize=group["maximize"],
        )
