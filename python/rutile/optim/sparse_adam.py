"""Adam for tables of which a step uses few rows."""

from __future__ import annotations

from typing import Any

import rutile as rt

from .optimizer import Optimizer, Params, State, check_options, count_step

__all__ = ["SparseAdam"]


class SparseAdam(Optimizer):
    """`Adam` that leaves alone the rows of a parameter whose gradient is zero: neither they nor their running means
    change. For embeddings of which a batch looks up a few.

    PyTorch's takes gradients from `Embedding(sparse=True)`; here they are dense, and a row counts as looked up if its
    gradient has an element other than 0.

    Args:
        params: tensors or groups.
        lr: step size (default: 1e-3).
        betas: how much running means of gradient and squared gradient keep (default: 0.9 and 0.999).
        eps: added to the denominator (default: 1e-8).
        maximize: climb instead.

    Example:
        >>> table = nn.Embedding(4, 2, sparse=True)
        >>> before = table.weight.detach().clone()
        >>> adam = rt.optim.SparseAdam(table.parameters())
        >>> table(rt.tensor([1, 3])).sum().backward()
        >>> adam.step()
        >>> (table.weight != before).any(1)
        tensor([False,  True, False,  True])
    """

    def __init__(
        self,
        params: Params,
        lr: float | rt.Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        maximize: bool = False,
    ) -> None:
        check_options(lr, betas, epsilon=eps)
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "maximize": maximize})

    def update(  # type: ignore[override]
        self,
        param: rt.Tensor,
        grad: rt.Tensor,
        state: State,
        *,
        lr: float | rt.Tensor,
        betas: tuple[float, float],
        eps: float,
        maximize: bool,
        **_: Any,
    ) -> None:
        if not state:
            state["step"] = 0
            state["exp_avg"] = rt.zeros_like(param.detach())
            state["exp_avg_sq"] = rt.zeros_like(param.detach())
        step = count_step(state)
        rows = grad.reshape(grad.shape[0] if grad.dim() else 1, -1).ne(0).any(1).nonzero().flatten()
        if not grad.dim():
            param, grad = param.unsqueeze(0), grad.unsqueeze(0)
        grad = (-grad if maximize else grad).index_select(0, rows)
        beta1, beta2 = betas
        means = []
        for name, beta, value in (("exp_avg", beta1, grad), ("exp_avg_sq", beta2, grad.square())):
            kept = state[name] if state[name].dim() else state[name].unsqueeze(0)
            means.append(kept.index_select(0, rows).lerp(value, 1 - beta))
            kept.index_copy_(0, rows, means[-1])
        size = lr * (1 - beta2**step) ** 0.5 / (1 - beta1**step)
        param.index_add_(0, rows, -size * means[0] / (means[1].sqrt() + eps))
