"""Products with reflections, and factors of low rank: compositions of `rutile.linalg`."""

from __future__ import annotations

import rutile as rt

from ._rutile import Tensor


def orgqr(input: Tensor, tau: Tensor) -> Tensor:
    """As `rutile.linalg.householder_product`."""
    return rt.linalg.householder_product(input, tau)


def ormqr(input: Tensor, tau: Tensor, other: Tensor, left: bool = True, transpose: bool = False) -> Tensor:
    """`Q @ other`, where `Q` (m, m) is the product of reflections `I - tau[i] v v'`; see `householder_product`.

    With `transpose` by the (conjugate) transpose of `Q`, unless `left` from the other side. `Q` is never formed.

    Example:
        >>> rt.ormqr(rt.zeros(2, 1), rt.tensor([2.0]), rt.eye(2)).tolist()
        [[-1.0, 0.0], [0.0, 1.0]]
    """
    if input.dim() < 2 or other.dim() < 2:
        raise rt.ShapeError(f"ormqr: input and other must be matrices, got {tuple(input.shape)}, {tuple(other.shape)}")
    rows, columns = input.shape[-2:]
    if tau.shape[-1] > min(rows, columns):
        raise rt.ShapeError(f"ormqr: {tuple(input.shape)} has not as many columns as tau reflections, {tau.shape[-1]}")
    if other.shape[-2 if left else -1] != rows:
        side = "rows" if left else "columns"
        raise rt.ShapeError(f"ormqr: other must have as many {side} as input rows, {rows}, got {tuple(other.shape)}")
    out = other if left else other.mH
    vectors = input.tril(-1) + rt.eye(rows, columns, dtype=input.dtype)
    first_to_last = range(tau.shape[-1])
    # Q = H1 H2 ...: the last reflection meets a matrix on its right first.
    for i in first_to_last if transpose == left else reversed(first_to_last):
        v = vectors[..., i : i + 1]
        factor = tau[..., i, None, None]
        out = out - (factor.conj() if transpose == left else factor) * (v @ (v.mH @ out))
    return out if left else out.mH


def _basis(A: Tensor, q: int, niter: int) -> Tensor:  # noqa: N803 - PyTorch's name
    """Orthonormal columns that nearly span those of `A` (Halko, Martinsson and Tropp, 2011, algorithm 4.4)."""
    basis = rt.linalg.qr(A @ rt.randn(A.shape[-1], q, dtype=A.dtype))[0]
    for _ in range(niter):
        basis = rt.linalg.qr(A.mH @ basis)[0]
        basis = rt.linalg.qr(A @ basis)[0]
    return basis


def svd_lowrank(
    A: Tensor,  # noqa: N803
    q: int | None = 6,
    niter: int | None = 2,
    M: Tensor | None = None,  # noqa: N803
) -> tuple[Tensor, Tensor, Tensor]:
    """The `q` largest singular values of `A` (or `A - M`), nearly: `(U, S, V)` with `A` near `U @ diag(S) @ V.mH`.

    By random projection with `niter` power steps (Halko, Martinsson and Tropp, 2011, algorithm 5.1): exact up to
    rounding for matrices of rank `q` at most. Take `q` a little larger than the rank that is wanted.

    Example:
        >>> U, S, V = rt.svd_lowrank(rt.ones(3, 4), q=1)
        >>> rt.allclose(U @ rt.diag(S) @ V.mT, rt.ones(3, 4), atol=1e-5)
        True
    """
    q, niter = 6 if q is None else q, 2 if niter is None else niter
    if A.dim() < 2:
        raise rt.ShapeError(f"svd_lowrank: takes matrices, got shape {tuple(A.shape)}")
    A = A if M is None else A - M  # noqa: N806
    if not 0 <= q <= min(A.shape[-2:]):
        raise ValueError(f"svd_lowrank: q(={q}) must be non-negative integer and not greater than {min(A.shape[-2:])}")
    if A.shape[-2] < A.shape[-1]:
        v, s, u = svd_lowrank(A.mH, q, niter)
        return u, s, v
    basis = _basis(A, q, niter)
    u, s, vh = rt.linalg.svd(basis.mH @ A, full_matrices=False)
    return basis @ u, s, vh.mH


def pca_lowrank(
    A: Tensor,  # noqa: N803
    q: int | None = None,
    center: bool = True,
    niter: int = 2,
) -> tuple[Tensor, Tensor, Tensor]:
    """Principal components of the rows of `A` (..., m, n): `svd_lowrank` of them, less their mean if `center`.

    The columns of the last result are the directions, `A @ V[:, :k]` the coordinates. `q` is by default `min(6, m, n)`.

    Example:
        >>> U, S, V = rt.pca_lowrank(rt.randn(20, 5), q=2)
        >>> V.shape
        rutile.Size([5, 2])
    """
    least = min(A.shape[-2:])
    q = min(6, least) if q is None else q
    if not 0 <= q <= least:
        raise ValueError(f"q(={q}) must be non-negative integer and not greater than min(m, n)={least}")
    if niter < 0:
        raise ValueError(f"niter(={niter}) must be non-negative integer")
    return svd_lowrank(A - A.mean(dim=-2, keepdim=True) if center else A, q, niter)
