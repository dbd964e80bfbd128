"""A few eigenvalues of a large matrix, by a small search space that moves: a composition of `rutile.linalg`."""

from __future__ import annotations

import math
from typing import Any

import rutile as rt

from ._rutile import Tensor


def lobpcg(
    A: Tensor,  # noqa: N803 - PyTorch's names
    k: int | None = None,
    B: Tensor | None = None,  # noqa: N803
    X: Tensor | None = None,  # noqa: N803
    n: int | None = None,
    iK: Tensor | None = None,  # noqa: N803
    niter: int | None = None,
    tol: float | None = None,
    largest: bool | None = None,
    method: str | None = None,
    tracker: None = None,
    ortho_iparams: None = None,
    ortho_fparams: None = None,
    ortho_bparams: None = None,
) -> tuple[Tensor, Tensor]:
    """The `k` largest (or smallest) eigenvalues of `A x = e B x`, and their eigenvectors as columns, nearly.

    Each step looks for the best vectors in the span of the last ones, their residuals and the last change, which an
    orthonormal basis makes robust (Knyazev, Toward the optimal preconditioned eigensolver, 2001; Duersch et al., A
    robust and efficient implementation of LOBPCG, 2018). Where `A` or `B` requires a gradient, the whole problem is
    solved by `linalg.eigh` instead, which has one.

    Args:
        A: symmetric or Hermitian matrices (..., m, m).
        k: how many (default: the columns of `X`, or 1).
        B: positive-definite matrices (..., m, m) (default: the identity).
        X: where the search begins, (..., m, n) (default: random numbers).
        n: vectors to iterate, at least `k` (default: `k`); `m` is at least `3 n`.
        iK: approximates the inverse of `A` and speeds the search up, (..., m, m).
        niter: the most steps (default: 1000; -1: until all have converged).
        tol: residuals relative to the norms of `A` and `B` at which a vector counts as found (default: the root of the
            dtype's precision).
        largest: the largest eigenvalues (default), in descending order; or the smallest, ascending.
        method: `"ortho"` (default) or `"basic"`; both use an orthonormal basis here.
        tracker, ortho_iparams, ortho_fparams, ortho_bparams: not supported; they raise.

    Example:
        >>> E, V = rt.lobpcg(rt.diag(rt.arange(1.0, 10.0)), k=2)
        >>> [round(e, 3) for e in E.tolist()]
        [9.0, 8.0]
    """
    others = {
        "tracker": tracker,
        "ortho_iparams": ortho_iparams,
        "ortho_fparams": ortho_fparams,
        "ortho_bparams": ortho_bparams,
    }
    for name, value in others.items():
        if value is not None:
            raise NotImplementedError(f"lobpcg: {name} is not supported; leave it out")
    if method not in (None, "ortho", "basic"):
        raise ValueError(f"lobpcg: method is 'ortho' or 'basic', got {method!r}")
    if A.dim() < 2 or A.shape[-1] != A.shape[-2]:
        raise rt.ShapeError(f"lobpcg: A must be square matrices, got shape {tuple(A.shape)}")
    m = A.shape[-1]
    k = (1 if X is None else X.shape[-1]) if k is None else k
    n = (k if n is None else n) if X is None else X.shape[-1]
    if not 0 < k <= n:
        raise ValueError(f"lobpcg: wants 0 < k <= n, got k={k} and n={n}")
    if m < 3 * n:
        raise ValueError(
            f"lobpcg: n = {n} vectors are searched for in matrices of at least 3 n = {3 * n} rows, got {m}; "
            "use linalg.eigh"
        )
    descending = largest is None or largest
    if A.requires_grad or (B is not None and B.requires_grad):
        return _ritz(rt.eye(m, dtype=A.dtype), (A + A.mH) / 2, B, k, descending)
    with rt.no_grad():
        start = rt.randn(*A.shape[:-1], n, dtype=A.dtype) if X is None else X
        tolerance = math.sqrt(rt.finfo(A.dtype).eps) if tol is None else tol
        return _search(A, B, start, iK, k, 1000 if niter is None else niter, tolerance, descending)


def _ritz(basis: Tensor, A: Tensor, B: Tensor | None, count: int, descending: bool) -> tuple[Tensor, Tensor]:  # noqa: N803
    """The best approximations of eigenvectors in the span of independent columns."""
    inner = basis.mH @ A @ basis
    factor = None if B is None else rt.linalg.cholesky(basis.mH @ B @ basis)
    if factor is not None:
        half = rt.linalg.solve_triangular(factor, inner, upper=False)
        inner = rt.linalg.solve_triangular(factor, half.mH, upper=False)
    values, vectors = rt.linalg.eigh((inner + inner.mH) / 2)
    if descending:
        values, vectors = values.flip(-1), vectors.flip(-1)
    values, vectors = values[..., :count], vectors[..., :count]
    if factor is not None:
        vectors = rt.linalg.solve_triangular(factor.mH, vectors, upper=True)
    return values, basis @ vectors


def _search(
    A: Tensor,  # noqa: N803
    B: Tensor | None,  # noqa: N803
    start: Tensor,
    iK: Tensor | None,  # noqa: N803
    k: int,
    niter: int,
    tol: float,
    descending: bool,
) -> tuple[Tensor, Tensor]:
    n = start.shape[-1]
    size_a = rt.linalg.matrix_norm(A).unsqueeze(-1)
    size_b: Any = 1.0 if B is None else rt.linalg.matrix_norm(B).unsqueeze(-1)
    values, x = _ritz(rt.linalg.qr(start)[0], A, B, n, descending)
    change = x[..., :0]
    step = 0
    while True:
        weighted = x if B is None else B @ x
        residual = A @ x - weighted * values.unsqueeze(-2)
        error = residual.norm(dim=-2) / (x.norm(dim=-2) * (size_a + values.abs() * size_b))
        if step == niter or bool((error[..., :k] < tol).all()):
            return values[..., :k], x[..., :k]
        step += 1
        # Householder's Q has orthonormal columns whatever these are.
        basis = rt.linalg.qr(rt.cat([x, residual if iK is None else iK @ residual, change], -1))[0]
        values, after = _ritz(basis, A, B, n, descending)
        change = after - x @ (weighted.mH @ after)
        x = after
