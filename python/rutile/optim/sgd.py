"""Stochastic gradient descent."""

from __future__ import annotations

from typing import Any

import rutile as rt

from .. import _rutile
from .optimizer import Group, Optimizer, Params, State, check_options, prepared

__all__ = ["SGD"]


class SGD(Optimizer):
    """Gradient descent, by default plain, with momentum or Nesterov's momentum (Sutskever et al., 2013).

    `v = momentum v + (1 - dampening) g`, at the first step `v = g`; then `p = p - lr v`, with Nesterov
    `p = p - lr (g + momentum v)`. Weight decay adds `weight_decay p` to `g` first.

    Args:
        params: tensors or groups.
        lr: step size (default: 1e-3).
        momentum: how much of the last step is kept (default: 0).
        dampening: how much of the gradient is left out of the momentum (default: 0).
        weight_decay: L2 penalty (default: 0).
        nesterov: look ahead by the momentum.
        maximize: climb instead.
        foreach: accepted for PyTorch's sake.
        differentiable: record the step, so that gradients pass through it.
        fused: False takes the rule in tensor operations instead of the fused kernel.

    Example:
        >>> w = rt.nn.Parameter(rt.tensor([1.0]))
        >>> sgd = rt.optim.SGD([w], lr=0.1, momentum=0.9)
        >>> w.square().sum().backward()
        >>> sgd.step()
        >>> round(w.item(), 2)
        0.8
    """

    def __init__(
        self,
        params: Params,
        lr: float | rt.Tensor = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_options(lr, momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError(
                "Nesterov momentum requires a momentum and zero dampening, "
                f"got momentum={momentum} and dampening={dampening}"
            )
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
            "foreach": foreach,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)

    def update(  # type: ignore[override]
        self,
        param: rt.Tensor,
        grad: rt.Tensor,
        state: State,
        *,
        lr: float | rt.Tensor,
        momentum: float,
        dampening: float,
        weight_decay: float,
        nesterov: bool,
        maximize: bool,
        **_: Any,
    ) -> None:
        grad = prepared(param, grad, weight_decay, maximize)
        if momentum:
            last = state.get("momentum_buffer")
            velocity = grad.clone() if last is None else momentum * last + (1 - dampening) * grad
            state["momentum_buffer"] = velocity
            grad = grad + momentum * velocity if nesterov else velocity
        param.sub_(lr * grad)

    def age(self, param: rt.Tensor, state: State, group: Group) -> int:
        if not group["momentum"]:
            return 0
        if state.get("momentum_buffer") is not None:
            return 2
        state["momentum_buffer"] = rt.empty_like(param.detach())
        return 1

    @staticmethod
    def fused(params: list[rt.Tensor], grads: list[rt.Tensor], states: list[State], age: int, group: Group) -> None:
        _rutile._fused_sgd(
            params,
            grads,
            [state["momentum_buffer"] for state in states] if group["momentum"] else [],
            lr=group["lr"],
            momentum=group["momentum"],
            dampening=group["dampening"],
            weight_decay=group["weight_decay"],
            nesterov=group["nesterov"],
            maximize=group["maximize"],
            first_step=age == 1,
        )
