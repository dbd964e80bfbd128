"""Adafactor."""

from __future__ import annotations

from typing import Any

import rutile as rt

from .optimizer import Optimizer, Params, State, check_options, count_step, prepared

__all__ = ["Adafactor"]


class Adafactor(Optimizer):
    """Adam without a mean, whose squared gradients of a matrix are kept as rows and columns (Shazeer and Stern, 2018).

    Of a matrix, only the means over rows and over columns of the squared gradient are remembered; their outer product
    stands for the squares. Steps are relative to the size of the parameters, and cut where they are unusually large.

    Args:
        params: tensors or groups.
        lr: bound of the relative step; it falls as `1 / √t` when that is smaller (default: 1e-2).
        beta2_decay: the running means forget by `t^beta2_decay` (default: -0.8).
        eps: least squared gradient (None: the dtype's precision), and least size of parameters (default: 1e-3).
        d: root mean square to which steps are cut (default: 1).
        weight_decay: shrinks the parameters (default: 0).
        foreach: accepted for PyTorch's sake.
        maximize: climb instead.
    """

    def __init__(
        self,
        params: Params,
        lr: float | rt.Tensor = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
    ) -> None:
        check_options(lr, epsilon1=eps[0] or 0.0, epsilon2=eps[1], weight_decay=weight_decay)
        if beta2_decay > 0.0:
            raise ValueError(f"beta2_decay should be <= 0 but is: {beta2_decay}")
        if d < 1.0:
            raise ValueError(f"Clipping threshold d should be >= 1 but is: {d}")
        defaults = {
            "lr": lr,
            "beta2_decay": beta2_decay,
            "eps": eps,
            "d": d,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _update_parts(self, param: rt.Tensor, grad: rt.Tensor, options: dict[str, Any]) -> None:
        raise RuntimeError("Adafactor does not support complex parameters: its rule is about matrices of reals")

    def update(  # type: ignore[override]
        self,
        param: rt.Tensor,
        grad: rt.Tensor,
        state: State,
        *,
        lr: float | rt.Tensor,
        beta2_decay: float,
        eps: tuple[float | None, float],
        d: float,
        weight_decay: float,
        maximize: bool,
        **_: Any,
    ) -> None:
        matrix = grad.dim() > 1
        if not state:
            state["step"] = rt.tensor(0.0)
            if matrix:
                state["row_var"] = rt.zeros_like(grad[..., :1])
                state["col_var"] = rt.zeros_like(grad[..., :1, :])
            else:
                state["variance"] = rt.zeros_like(grad)
        step = count_step(state)
        grad = prepared(param, grad, 0, maximize)
        least = _PRECISION[param.dtype] if eps[0] is None else eps[0]
        fresh = float(step) ** beta2_decay
        size = float(param.norm()) / param.numel() ** 0.5
        rate = max(eps[1], size) * min(float(lr), 1 / step**0.5)
        if weight_decay:
            param.mul_(1 - lr * weight_decay)
        square = grad.square()
        if matrix:
            rows = state["row_var"] = state["row_var"].lerp(square.mean(-1, keepdim=True), fresh)
            columns = state["col_var"] = state["col_var"].lerp(square.mean(-2, keepdim=True), fresh)
            variance = rows * columns / rows.mean(-2, keepdim=True).clamp(min=least)
        else:
            variance = state["variance"] = state["variance"].lerp(square, fresh)
        change = variance.clamp(min=least * least).rsqrt() * grad
        cut = max(1.0, float(change.norm()) / (param.numel() ** 0.5 * d))
        param.sub_(rate / cut * change)


_PRECISION = {rt.float64: 2.0**-52, rt.float32: 2.0**-23, rt.float16: 2.0**-10, rt.bfloat16: 2.0**-7}
"""The distance from 1 to the next number."""
