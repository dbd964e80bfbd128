"""Linear algebra by the array API standard: `xp.linalg`."""

from __future__ import annotations

from typing import Any

import rutile as rt
from rutile import Tensor
from rutile.linalg import det as det
from rutile.linalg import eigh as eigh
from rutile.linalg import eigvalsh as eigvalsh
from rutile.linalg import inv as inv
from rutile.linalg import matmul as matmul
from rutile.linalg import matrix_power as matrix_power
from rutile.linalg import qr as qr
from rutile.linalg import slogdet as slogdet
from rutile.linalg import svdvals as svdvals

from ._shape import matrix_transpose as matrix_transpose
from ._shape import tensordot as tensordot
from ._shape import vecdot as vecdot


def cholesky(x: Tensor, /, *, upper: bool = False) -> Tensor:
    """The triangular factor of symmetric positive-definite matrices."""
    return rt.linalg.cholesky(x, upper=upper)


def cross(x1: Tensor, x2: Tensor, /, *, axis: int = -1) -> Tensor:
    """Cross products of vectors of three numbers."""
    return rt.linalg.cross(x1, x2, dim=axis)


def diagonal(x: Tensor, /, *, offset: int = 0) -> Tensor:
    """Diagonals of matrices."""
    return rt.diagonal(x, offset, -2, -1)


def matrix_norm(x: Tensor, /, *, keepdims: bool = False, ord: Any = "fro") -> Tensor:
    """Norms of matrices."""
    return rt.linalg.matrix_norm(x, ord, (-2, -1), keepdims)


def matrix_rank(x: Tensor, /, *, rtol: Any = None) -> Tensor:
    """How many singular values are above `rtol` times the largest."""
    return rt.linalg.matrix_rank(x, rtol=rtol)


def outer(x1: Tensor, x2: Tensor, /) -> Tensor:
    """All products of the elements of two vectors."""
    return rt.outer(x1, x2)


def pinv(x: Tensor, /, *, rtol: Any = None) -> Tensor:
    """Pseudo-inverses of matrices."""
    return rt.linalg.pinv(x, rtol=rtol)


def solve(x1: Tensor, x2: Tensor, /) -> Tensor:
    """The solutions of linear equations with matrices `x1`; `x2` is one vector or (a stack of) matrices."""
    return rt.linalg.solve(x1, x2) if x2.dim() > 1 else rt.linalg.solve(x1, x2.unsqueeze(-1)).squeeze(-1)


def svd(x: Tensor, /, *, full_matrices: bool = True) -> Any:
    """Singular value decompositions `(U, S, Vh)`."""
    return rt.linalg.svd(x, full_matrices)


def trace(x: Tensor, /, *, offset: int = 0, dtype: Any = None) -> Tensor:
    """Sums of diagonals of matrices."""
    return rt.sum(diagonal(x, offset=offset), -1, dtype=dtype)


def vector_norm(x: Tensor, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Tensor:
    """Norms of vectors; of all elements without `axis`."""
    return rt.linalg.vector_norm(x, ord, axis, keepdims)
