# Written by tools/stubs.py: do not edit. `make stubs` writes it again.

from collections.abc import Sequence
from typing import Any

from . import (
    _P_L_U,
    _Q_R,
    Tensor,
    _eigenvalues_eigenvectors,
    _inverse_info,
    _L_info,
    _LU_pivots,
    _LU_pivots_info,
    _Number,
    _result_info,
    _sign_logabsdet,
    _solution_residuals_rank_singular_values,
    _U_S_Vh,
    dtype,
)

__all__ = [
    "cholesky",
    "cholesky_ex",
    "cond",
    "cross",
    "det",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "inv",
    "inv_ex",
    "lstsq",
    "lu",
    "lu_factor",
    "lu_factor_ex",
    "lu_solve",
    "matrix_exp",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "multi_dot",
    "norm",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "solve_ex",
    "solve_triangular",
    "svd",
    "svdvals",
    "vander",
    "vecdot",
    "vector_norm",
]

def cholesky(A: Tensor, *, upper: bool = False, out: Tensor | None = None) -> Tensor:
    """The lower triangular `L` with `A = L L'` of symmetric (complex: Hermitian) positive-definite matrices (..., n, n), or,
    if `upper`, its conjugate transpose. Only the lower triangle of `A` is read; the gradient is symmetric (Murray, 2016).
    Raises: LinAlgError if a matrix is not positive-definite; RuntimeError if it is not square.

    >>> rt.linalg.cholesky(rt.tensor([[4.0, 2.0], [2.0, 5.0]]))
    tensor([[2., 0.],
            [1., 2.]])"""

def cholesky_ex(A: Tensor, *, upper: bool = False, check_errors: bool = False) -> _L_info:
    """The Cholesky factors, and per matrix 0 or the order of the first leading minor that is not positive: such a matrix
    has no factor.
    Raises: LinAlgError in that case, with `check_errors`.

    >>> rt.linalg.cholesky_ex(rt.tensor([[1.0, 0.0], [0.0, -1.0]])).info
    tensor(2, dtype=rutile.int32)"""

def cond(A: Tensor, p: Any = None, *, out: Tensor | None = None) -> Tensor:
    """The condition number of matrices in the norm `p`: that of the matrix times that of its inverse. None and 2: the
    largest singular value over the smallest (-2: the smallest over the largest), also of matrices that are not square.
    A singular matrix has the condition inf.
    Raises: RuntimeError for another `p`, or a matrix that is not square with a norm other than 2 and -2.

    >>> rt.linalg.cond(rt.tensor([[2.0, 0.0], [0.0, 0.5]]))
    tensor(4.)"""

def cross(input: Tensor, other: Tensor | _Number, *, dim: int = -1, out: Tensor | None = None) -> Tensor:
    """The cross products of the vectors of length 3 along axis `dim`; the other axes broadcast.
    Raises: RuntimeError if the axis has another length.

    >>> rt.linalg.cross(rt.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]), rt.tensor([[0.0, 0.0, 1.0]]))
    tensor([[ 0., -1.,  0.],
            [ 1.,  0.,  0.]])"""

def det(A: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The determinants (...) of square matrices (..., n, n), 1 for those of no rows. The derivative is right for singular
    matrices too.
    Raises: RuntimeError if a matrix is not square.

    >>> rt.linalg.det(rt.tensor([[1.0, 2.0], [3.0, 4.0]]))
    tensor(-2.)"""

def eig(A: Tensor) -> _eigenvalues_eigenvectors:
    """The eigenvalues and, in the columns of the second result, eigenvectors of square matrices (..., n, n): both complex.
    Vectors have length one, and their largest element is real. Those of a real matrix come in conjugate pairs, side by
    side. Vectors are unique only up to a factor of absolute value one: gradients are of functions that such factors do
    not change, and want eigenvalues that differ.

    Hessenberg form and Francis's double steps (Golub and Van Loan, 7.5). For symmetric matrices use `eigh`.
    Raises: RuntimeError if a matrix is not square; LinAlgError if it is not finite.

    >>> rt.linalg.eig(rt.tensor([[0.0, 1.0], [-1.0, 0.0]])).eigenvalues
    tensor([0.+1.j, 0.-1.j])"""

def eigh(A: Tensor, UPLO: str = "L") -> _eigenvalues_eigenvectors:
    """The eigenvalues (..., n), ascending, and, in the columns of the second result (..., n, n), the orthonormal
    eigenvectors of symmetric (complex: Hermitian) matrices. Only the lower triangle is read (`UPLO="U"`: the upper); the
    gradient is that of a function of symmetric matrices. Eigenvectors are unique up to their sign (complex: a factor of
    absolute value one, which a loss must not depend on); gradients through them want eigenvalues that differ.

    Householder tridiagonalisation and implicit QL (Golub and Van Loan, 8.3).
    Raises: RuntimeError if a matrix is not square, or `UPLO` neither "L" nor "U"; LinAlgError if it is not finite.

    >>> values, vectors = rt.linalg.eigh(rt.tensor([[2.0, 0.0], [0.0, 1.0]]))
    >>> values
    tensor([1., 2.])
    >>> vectors.abs()
    tensor([[0., 1.],
            [1., 0.]])"""

def eigvals(A: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The eigenvalues (..., n) of square matrices (..., n, n), complex, in no particular order; see `eig`, also for
    errors.

    >>> rt.linalg.eigvals(rt.tensor([[2.0, 1.0], [0.0, 3.0]]))
    tensor([2.+0.j, 3.+0.j])"""

def eigvalsh(A: Tensor, UPLO: str = "L", *, out: Tensor | None = None) -> Tensor:
    """The eigenvalues (..., n) of symmetric matrices (..., n, n), ascending; see `eigh`, also for errors.

    >>> rt.linalg.eigvalsh(rt.tensor([[2.0, 1.0], [1.0, 2.0]]))
    tensor([1., 3.])"""

def inv(A: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverses of square matrices (..., n, n). To solve a system, `solve` is quicker and more exact than multiplying
    by the inverse.
    Raises: LinAlgError if a matrix is singular; RuntimeError if it is not square.

    >>> rt.linalg.inv(rt.tensor([[2.0, 0.0], [1.0, 4.0]]))
    tensor([[ 0.5000,  0.0000],
            [-0.1250,  0.2500]])"""

def inv_ex(A: Tensor, *, check_errors: bool = False) -> _inverse_info:
    """The inverses, and per matrix 0 or the place (from 1) of the pivot that is zero: of such a matrix the inverse means
    nothing.
    Raises: LinAlgError in that case, with `check_errors`.

    >>> rt.linalg.inv_ex(rt.tensor([[1.0, 2.0], [2.0, 4.0]])).info
    tensor(2, dtype=rutile.int32)"""

def lstsq(
    input: Tensor, b: Tensor | _Number, rcond: float | None = None, *, driver: str | None = None
) -> _solution_residuals_rank_singular_values:
    """The `X` that makes `|A X - B|` least, the shortest if there are several, for `A` (..., m, n) and `B` (..., m, k).

    A named tuple: `solution` (..., n, k); `residuals`, the squares of what is left per column, for m > n and full rank
    with a `driver` other than `"gelsy"` (the default), else empty; `rank`, empty for `"gels"`; `singular_values` for
    `"gelsd"` and `"gelss"`, else empty. Whatever the driver, the solution comes from the pseudoinverse, whose singular
    values up to `rcond` times the largest count as zero.
    Raises: RuntimeError if rows or dtypes do not fit, or for another `driver`.

    >>> x, y = rt.tensor([0.0, 1.0, 2.0]), rt.tensor([[1.5], [2.0], [2.5]])
    >>> rt.linalg.lstsq(rt.stack([x, rt.ones(3)], dim=1), y).solution  # y = x / 2 + 3 / 2
    tensor([[0.5000],
            [1.5000]])"""

def lu(A: Tensor, *, pivot: bool = True) -> _P_L_U:
    """`A = P L U` of matrices (..., m, n): a permutation (..., m, m), a lower triangle with ones on its diagonal (..., m,
    k) and an upper triangle (..., k, n), where `k = min(m, n)`.
    Raises: RuntimeError if there are fewer than 2 axes, or for `pivot=False`.

    >>> P, L, U = rt.linalg.lu(rt.tensor([[1.0, 2.0], [4.0, 6.0]]))
    >>> L
    tensor([[1.0000, 0.0000],
            [0.2500, 1.0000]])
    >>> U
    tensor([[4.0000, 6.0000],
            [0.0000, 0.5000]])"""

def lu_factor(A: Tensor, *, pivot: bool = True) -> _LU_pivots:
    """The LU factors of matrices (..., m, n) packed in one: `U` on and above the diagonal, `L` below it (its diagonal is
    1), and the pivots: row `i` was exchanged with row `pivots[i]`, counted from 1. Partial pivoting.
    Raises: RuntimeError for `pivot=False`.

    >>> LU, pivots = rt.linalg.lu_factor(rt.tensor([[1.0, 2.0], [4.0, 6.0]]))
    >>> LU
    tensor([[4.0000, 6.0000],
            [0.2500, 0.5000]])
    >>> pivots
    tensor([2, 2], dtype=rutile.int32)"""

def lu_factor_ex(A: Tensor, *, pivot: bool = True, check_errors: bool = False) -> _LU_pivots_info:
    """As `lu_factor`, and per matrix 0 or the place (from 1) of a zero pivot.
    Raises: LinAlgError in that case, with `check_errors`.

    >>> rt.linalg.lu_factor_ex(rt.tensor([[1.0, 2.0], [2.0, 4.0]])).info
    tensor(2, dtype=rutile.int32)"""

def lu_solve(
    LU: Tensor,
    pivots: Tensor | _Number,
    B: Tensor | _Number,
    *,
    left: bool = True,
    adjoint: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """The solution of `A X = B` from the factors that `lu_factor` gave; of `X A = B` unless `left`, with `A` transposed if
    `adjoint`. `B` is (..., n, k).
    Raises: RuntimeError if shapes do not fit, or the pivots hold no integers.

    >>> LU, pivots = rt.linalg.lu_factor(rt.tensor([[1.0, 2.0], [4.0, 6.0]]))
    >>> rt.linalg.lu_solve(LU, pivots, rt.tensor([[5.0], [16.0]]))
    tensor([[1.],
            [2.]])"""

def matrix_exp(A: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The exponential of square matrices: `I + A + A A / 2 + ...`, by scaling and squaring with a Padé approximant
    (Higham, 2005). The derivative is a block of the exponential of a matrix twice as large (Van Loan, 1978).
    Raises: RuntimeError if a matrix is not square.

    >>> rt.linalg.matrix_exp(rt.tensor([[0.0, 1.0], [0.0, 0.0]]))
    tensor([[1., 1.],
            [0., 1.]])
    >>> rt.linalg.matrix_exp(rt.tensor([[0.0, -1.0], [1.0, 0.0]]) * rt.pi / 3)  # a rotation by pi / 3
    tensor([[ 0.5000, -0.8660],
            [ 0.8660,  0.5000]])"""

def matrix_norm(
    A: Tensor,
    ord: Any = "fro",
    dim: int | Sequence[int] | None = None,
    keepdim: bool = False,
    *,
    dtype: dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """A norm of matrices on the two axes `dim`: `"fro"` (the root of the sum of squares), `"nuc"` (the sum of the singular
    values), 2 and -2 (the largest and the smallest of them), 1 and -1 (the largest and the smallest sum of a column's
    sizes), inf and -inf (of a row's). `dtype` converts the input first.
    Raises: RuntimeError for another `ord`, if there are fewer than 2 axes, or for integers without `dtype`.

    >>> A = rt.tensor([[3.0, 0.0], [4.0, 0.0]])
    >>> rt.linalg.matrix_norm(A), rt.linalg.matrix_norm(A, ord=1), rt.linalg.matrix_norm(A, ord=rt.inf)
    (tensor(5.), tensor(7.), tensor(4.))"""

def matrix_power(input: Tensor, n: int, *, out: Tensor | None = None) -> Tensor:
    """The `n`-th power of square matrices by repeated squaring; negative powers are those of the inverse, and the power 0
    is the identity.
    Raises: RuntimeError if a matrix is not square; LinAlgError for negative powers of a singular one."""

def matrix_rank(
    A: Tensor,
    tol: float | None = None,
    hermitian: bool = False,
    *,
    atol: float | None = None,
    rtol: float | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """How many singular values of each matrix are larger than `max(atol, rtol * largest)`; by default `rtol` is `max(m,
    n)` times the dtype's precision. `tol` is the older name of `atol`.

    >>> rt.linalg.matrix_rank(rt.tensor([[1.0, 2.0], [2.0, 4.0]]))
    tensor(1)"""

def multi_dot(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """The product of two or more matrices, in the order of the fewest multiplications (Cormen et al., Introduction to
    Algorithms, 15.2). The first and the last may be vectors.
    Raises: ValueError for fewer than two tensors; RuntimeError if neighbours do not fit.

    >>> rt.linalg.multi_dot([rt.ones(10, 100), rt.ones(100, 5), rt.ones(5, 50)]).shape
    rutile.Size([10, 50])"""

def norm(
    A: Tensor,
    ord: Any = None,
    dim: int | Sequence[int] | None = None,
    keepdim: bool = False,
    *,
    dtype: dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """A norm of vectors or matrices. With neither `ord` nor `dim`, the 2-norm of all elements; with two axes in `dim`, or
    `ord` and 2 dimensions, a norm of matrices (`matrix_norm`), else one of vectors (`vector_norm`).
    Raises: RuntimeError if `ord` is given without `dim` for more than 2 axes.

    >>> A = rt.tensor([[3.0, 0.0], [4.0, 0.0]])
    >>> rt.linalg.norm(A), rt.linalg.norm(A, ord=1), rt.linalg.norm(A, dim=1)
    (tensor(5.), tensor(7.), tensor([3., 4.]))"""

def pinv(
    A: Tensor,
    *,
    atol: float | None = None,
    rtol: float | None = None,
    hermitian: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """The pseudoinverse (Moore and Penrose) of matrices (..., m, n), as (..., n, m). Singular values up to `max(atol, rtol
    * largest)` count as zero; by default `rtol` is `max(m, n)` times the dtype's precision. With `hermitian` the lower
    triangle stands for a symmetric matrix. The derivative is that at constant rank (Golub and Pereyra, 1973).

    >>> rt.linalg.pinv(rt.tensor([[2.0, 0.0], [0.0, 0.0]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.0000]])"""

def qr(A: Tensor, mode: str = "reduced") -> _Q_R:
    """`A = Q R` with orthonormal columns in `Q` and an upper triangle `R`, of matrices (..., m, n). `mode`: `"reduced"`
    gives `min(m, n)` columns of `Q`, `"complete"` all `m`, `"r"` only `R` (`Q` is empty). By Householder reflections;
    the signs are LAPACK's. Differentiable if `mode` is `"reduced"`, or `"complete"` for m <= n, and the first columns
    are independent.
    Raises: ValueError for another `mode`.

    >>> A = rt.tensor([[3.0, 1.0], [4.0, 2.0]])
    >>> Q, R = rt.linalg.qr(A)
    >>> R
    tensor([[-5.0000, -2.2000],
            [ 0.0000,  0.4000]])
    >>> rt.allclose(Q @ R, A)
    True"""

def slogdet(A: Tensor) -> _sign_logabsdet:
    """The sign (-1, 0 or 1) of each determinant and the logarithm of its size, where the determinant itself might
    overflow.
    Raises: RuntimeError if a matrix is not square.

    >>> sign, logabsdet = rt.linalg.slogdet(rt.eye(200) * -10.0)  # the determinant is 10**200
    >>> sign, logabsdet
    (tensor(1.), tensor(460.5170))"""

def solve(A: Tensor, B: Tensor | _Number, *, left: bool = True, out: Tensor | None = None) -> Tensor:
    """The solution `X` of `A X = B` (of `X A = B` unless `left`) for square matrices `A` (..., n, n). `B` is (..., n, k),
    or (..., n): one vector per matrix. Batches broadcast. By LU with partial pivoting.
    Raises: LinAlgError if a matrix is singular; RuntimeError if shapes do not fit.

    >>> rt.linalg.solve(rt.tensor([[2.0, 0.0], [0.0, 4.0]]), rt.tensor([2.0, 2.0]))
    tensor([1.0000, 0.5000])"""

def solve_ex(A: Tensor, B: Tensor | _Number, *, left: bool = True, check_errors: bool = False) -> _result_info:
    """As `solve`, and per matrix 0 or the place (from 1) of the pivot that is zero: such a system's solution means
    nothing.
    Raises: LinAlgError in that case, with `check_errors`.

    >>> rt.linalg.solve_ex(rt.tensor([[1.0, 2.0], [2.0, 4.0]]), rt.ones(2)).info
    tensor(2, dtype=rutile.int32)"""

def solve_triangular(
    A: Tensor,
    B: Tensor | _Number,
    *,
    upper: bool,
    left: bool = True,
    unitriangular: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """The solution `X` of `A X = B` (of `X A = B` unless `left`) for triangular matrices: only the upper or lower triangle
    of `A` is read, and not its diagonal if it is `unitriangular`. A zero on the diagonal gives infinities.
    Raises: RuntimeError if shapes do not fit.

    >>> rt.linalg.solve_triangular(rt.tensor([[2.0, 0.0], [1.0, 4.0]]), rt.tensor([[2.0], [9.0]]), upper=False)
    tensor([[1.],
            [2.]])"""

def svd(A: Tensor, full_matrices: bool = True) -> _U_S_Vh:
    """`A = U diag(S) Vh` of matrices (..., m, n): orthonormal columns in `U`, orthonormal rows in `Vh`, and singular
    values `S` in descending order. `U` is (..., m, m) and `Vh` (..., n, n), or, unless `full_matrices`, (..., m, k) and
    (..., k, n) with `k = min(m, n)`. Pairs of vectors are unique up to their sign (complex: a factor of absolute value
    one, which a loss must not depend on); gradients through them want singular values that differ, and for matrices
    that are not square `full_matrices=False`.

    A QR factorisation and one-sided Jacobi rotations (Drmac and Veselic, 2008).
    Raises: LinAlgError if a matrix is not finite.

    >>> U, S, Vh = rt.linalg.svd(rt.tensor([[0.0, 2.0], [3.0, 0.0], [0.0, 0.0]]), full_matrices=False)
    >>> S
    tensor([3., 2.])
    >>> U @ rt.diag(S) @ Vh
    tensor([[0., 2.],
            [3., 0.],
            [0., 0.]])"""

def svdvals(A: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The singular values (..., min(m, n)) of matrices (..., m, n), in descending order.

    >>> rt.linalg.svdvals(rt.tensor([[0.0, 2.0], [-3.0, 0.0]]))
    tensor([3., 2.])"""

def vander(x: Tensor, *, N: int | None = None, out: Tensor | None = None) -> Tensor:
    """Vandermonde matrices of the vectors along the last axis: `V[..., i, j] = x[..., i] ** j` for `j` below `N` (by
    default their length).
    Raises: RuntimeError for a 0-d tensor, or `N` below 2.

    >>> rt.linalg.vander(rt.tensor([1, 2, 3]), N=4)
    tensor([[ 1,  1,  1,  1],
            [ 1,  2,  4,  8],
            [ 1,  3,  9, 27]])"""

def vecdot(x: Tensor, y: Tensor | _Number, *, dim: int = -1, out: Tensor | None = None) -> Tensor:
    """The inner products of the vectors along axis `dim` of two tensors, which broadcast; `x` is conjugated. The axis
    goes.
    Raises: RuntimeError if the shapes do not broadcast.

    >>> rt.linalg.vecdot(rt.tensor([[1.0, 2.0], [3.0, 4.0]]), rt.tensor([1.0, 10.0]))
    tensor([21., 43.])"""

def vector_norm(
    x: Tensor,
    ord: Any = 2,
    dim: int | Sequence[int] | None = None,
    keepdim: bool = False,
    *,
    dtype: dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The norm of order `ord` over axes `dim`, all as one vector if None: `sum(|x|**ord) ** (1/ord)`; `inf` and `-inf`
    give the extremes, 0 counts what is not zero. `dtype` converts the input first.
    Raises: IndexError if there is no such axis; RuntimeError for integers without `dtype`.

    >>> x = rt.tensor([[3.0, 4.0], [0.0, -2.0]])
    >>> rt.linalg.vector_norm(x, dim=1), rt.linalg.vector_norm(x, ord=1)
    (tensor([5., 2.]), tensor(9.))"""
