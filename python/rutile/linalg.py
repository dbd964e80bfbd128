"""Linear algebra in `torch.linalg`'s shape: products, decompositions, solvers, norms.

Matrices lie on the last two axes, all others are batches. They are of real or complex
numbers; float32 and complex64 are computed in double precision and rounded at the end.

Example:
    >>> rt.linalg.vecdot(rt.tensor([1.0, 2.0]), rt.tensor([3.0, 4.0]))
    tensor(11.)
"""

from __future__ import annotations

import rutile as rt

from . import _rutile
from ._rutile import LinAlgError, Tensor
from ._rutile.linalg import *  # noqa: F403 - the engine's operations
from ._rutile.linalg import inv, solve

__all__ = [
    *_rutile.linalg.__all__,
    "LinAlgError",
    "diagonal",
    "householder_product",
    "matmul",
    "tensorinv",
    "tensorsolve",
]

matmul = rt.matmul


def householder_product(A: Tensor, tau: Tensor) -> Tensor:  # noqa: N803 - PyTorch's name
    """The first columns of a product of reflections `I - tau[i] v v'`: `v` is 1 at row `i`, below it column `i` of `A`.

    Example:
        >>> rt.linalg.householder_product(rt.zeros(3, 2), rt.tensor([0.0, 0.0])).tolist()
        [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]
    """
    rows, columns = A.shape[-2:]
    if rows < columns or tau.shape[-1] > columns:
        raise rt.ShapeError(
            f"householder_product: {tuple(A.shape)} must have at least as many rows as columns, and as many columns as "
            f"there are reflections, {tau.shape[-1]}"
        )
    out = rt.eye(rows, columns, dtype=A.dtype).expand(A.shape)
    vectors = A.tril(-1) + rt.eye(rows, columns, dtype=A.dtype)
    for i in reversed(range(tau.shape[-1])):
        v = vectors[..., i : i + 1]
        out = out - tau[..., i, None, None] * (v @ (v.mH @ out))
    return out


def diagonal(A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:  # noqa: N803 - PyTorch's name
    """The diagonals of matrices, by default on the last two axes, as a view. See `rutile.diagonal`.

    Raises:
        IndexError: an axis is out of range.

    Example:
        >>> rt.linalg.diagonal(rt.tensor([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]))
        tensor([[1, 4],
                [5, 8]])
    """
    return rt.diagonal(A, offset, dim1, dim2)


def tensorinv(A: Tensor, ind: int = 2) -> Tensor:  # noqa: N803
    """The inverse of `tensordot(A, ., dims=A.ndim - ind)`: the first `ind` axes are rows, the others columns.

    Example:
        >>> list(rt.linalg.tensorinv(rt.eye(4).reshape(2, 2, 4), ind=2).shape)
        [4, 2, 2]
    """
    if ind <= 0:
        raise RuntimeError(f"Expected a strictly positive integer for 'ind', got {ind}")
    rows, columns = A.shape[:ind], A.shape[ind:]
    if rows.numel() != columns.numel():
        raise rt.ShapeError(
            f"tensorinv: expected the product of the first {ind} sizes of {tuple(A.shape)} to equal that of the others"
        )
    return inv(A.reshape(rows.numel(), -1)).reshape(*columns, *rows)


def tensorsolve(A: Tensor, B: Tensor, dims: tuple[int, ...] | None = None) -> Tensor:  # noqa: N803
    """The `X` with `tensordot(A, X, dims=X.ndim) == B`; the axes `dims` of `A` are moved to its end before.

    Example:
        >>> rt.linalg.tensorsolve(2 * rt.eye(4).reshape(2, 2, 4), rt.ones(2, 2)).tolist()
        [0.5, 0.5, 0.5, 0.5]
    """
    moved = A if dims is None else A.movedim(tuple(dims), tuple(range(A.dim() - len(dims), A.dim())))
    shape = moved.shape[B.dim() :]
    if shape.numel() != B.numel():
        raise rt.ShapeError(
            f"tensorsolve: expected the product of the last {len(shape)} sizes of {tuple(moved.shape)} to be the "
            f"number of elements of B, {B.numel()}"
        )
    return solve(moved.reshape(B.numel(), -1), B.reshape(-1)).reshape(*shape)
