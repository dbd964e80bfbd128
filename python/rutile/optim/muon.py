"""Muon."""

from __future__ import annotations

from typing import Any

import rutile as rt

from .optimizer import Optimizer, Params, State, check_options

__all__ = ["Muon"]


class Muon(Optimizer):
    """Momentum whose steps on matrices are made orthogonal (Jordan et al., 2024): `p = p - lr' O(m)`.

    `O` is an approximation of `U Vᵀ` of the singular value decomposition by `ns_steps` of a Newton-Schulz iteration (in
    float32; PyTorch's is in bfloat16, to whose precision the steps agree).
    Only for matrices, that is weights of linear layers; give the rest of a network to `AdamW`.

    Args:
        params: tensors with two axes, or groups of them.
        lr: step size (default: 1e-3).
        weight_decay: shrinks the parameters (default: 0.1).
        momentum: how much of the mean is kept (default: 0.95).
        nesterov: look ahead by the momentum.
        ns_coefficients: of the polynomial `a X + b X XᵀX + c X (XᵀX)²`.
        eps: least norm that the gradient is divided by (default: 1e-7).
        ns_steps: number of iterations (default: 5).
        adjust_lr_fn: "original" or None: the rate times `√max(1, rows / columns)`; "match_rms_adamw": times
            `0.2 √max(rows, columns)`, so that rates of AdamW fit.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.7750, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ) -> None:
        check_options(lr, momentum=momentum, weight_decay=weight_decay)
        if adjust_lr_fn not in (None, "original", "match_rms_adamw"):
            raise ValueError(f"Adjust learning rate function {adjust_lr_fn} is not supported")
        defaults = {
            "lr": lr,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "nesterov": nesterov,
            "ns_coefficients": ns_coefficients,
            "eps": eps,
            "ns_steps": ns_steps,
            "adjust_lr_fn": adjust_lr_fn,
        }
        super().__init__(params, defaults)
        for group in self.param_groups:
            for param in group["params"]:
                if param.dim() != 2:
                    raise ValueError(f"Muon only supports 2D parameters, got one of size {list(param.shape)}")

    def _update_parts(self, param: rt.Tensor, grad: rt.Tensor, options: dict[str, Any]) -> None:
        raise RuntimeError("Muon does not support complex parameters: its rule is about matrices of reals")

    def update(  # type: ignore[override]
        self,
        param: rt.Tensor,
        grad: rt.Tensor,
        state: State,
        *,
        lr: float,
        weight_decay: float,
        momentum: float,
        nesterov: bool,
        ns_coefficients: tuple[float, float, float],
        eps: float,
        ns_steps: int,
        adjust_lr_fn: str | None,
        **_: Any,
    ) -> None:
        mean = state["momentum_buffer"] = state.get("momentum_buffer", rt.zeros_like(grad)).lerp(grad, 1 - momentum)
        change = _orthogonal(grad.lerp(mean, momentum) if nesterov else mean, ns_coefficients, ns_steps, eps)
        rows, columns = param.shape
        factor = 0.2 * max(rows, columns) ** 0.5 if adjust_lr_fn == "match_rms_adamw" else max(1, rows / columns) ** 0.5
        param.mul_(1 - lr * weight_decay)
        param.sub_(lr * factor * change.to(param.dtype))


def _orthogonal(matrix: rt.Tensor, coefficients: tuple[float, float, float], steps: int, eps: float) -> rt.Tensor:
    """A matrix with the same singular vectors, and singular values near 1."""
    a, b, c = coefficients
    x = matrix if matrix.dtype == rt.float64 else matrix.float()
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.t()
    x = x / x.norm().clamp(min=eps)
    for _ in range(steps):
        gram = x @ x.t()
        x = a * x + (b * gram + c * (gram @ gram)) @ x
    return x.t() if tall else x
