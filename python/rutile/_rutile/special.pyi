# Written by tools/stubs.py: do not edit. `make stubs` writes it again.

from collections.abc import Sequence

from . import Tensor, _Number, dtype

__all__ = [
    "bessel_j0",
    "bessel_j1",
    "bessel_y0",
    "bessel_y1",
    "chebyshev_polynomial_t",
    "chebyshev_polynomial_u",
    "chebyshev_polynomial_v",
    "chebyshev_polynomial_w",
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfcx",
    "erfinv",
    "exp2",
    "expit",
    "expm1",
    "gammainc",
    "gammaincc",
    "gammaln",
    "hermite_polynomial_h",
    "hermite_polynomial_he",
    "i0",
    "i0e",
    "i1",
    "i1e",
    "laguerre_polynomial_l",
    "legendre_polynomial_p",
    "log1p",
    "log_ndtr",
    "log_softmax",
    "logit",
    "logsumexp",
    "modified_bessel_i0",
    "modified_bessel_i1",
    "modified_bessel_k0",
    "modified_bessel_k1",
    "multigammaln",
    "ndtr",
    "ndtri",
    "polygamma",
    "psi",
    "round",
    "scaled_modified_bessel_k0",
    "scaled_modified_bessel_k1",
    "shifted_chebyshev_polynomial_t",
    "shifted_chebyshev_polynomial_u",
    "shifted_chebyshev_polynomial_v",
    "shifted_chebyshev_polynomial_w",
    "sinc",
    "softmax",
    "spherical_bessel_j0",
    "xlog1py",
    "xlogy",
    "zeta",
]

def bessel_j0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Bessel function of the first kind, order 0. It has no derivative here, as in PyTorch.

    >>> rt.special.bessel_j0(rt.tensor([0.0, 1.0, 5.0]))
    tensor([ 1.0000,  0.7652, -0.1776])"""

def bessel_j1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Bessel function of the first kind, order 1. It has no derivative here, as in PyTorch.

    >>> rt.special.bessel_j1(rt.tensor([0.0, 1.0, 5.0]))
    tensor([ 0.0000,  0.4401, -0.3276])"""

def bessel_y0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Bessel function of the second kind, order 0: minus infinity at 0, NaN below. It has no derivative here, as in
    PyTorch.

    >>> rt.special.bessel_y0(rt.tensor([0.0, 1.0, 5.0]))
    tensor([   -inf,  0.0883, -0.3085])"""

def bessel_y1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Bessel function of the second kind, order 1: minus infinity at 0, NaN below. It has no derivative here, as in
    PyTorch.

    >>> rt.special.bessel_y1(rt.tensor([0.0, 1.0, 5.0]))
    tensor([   -inf, -0.7812,  0.1479])"""

def chebyshev_polynomial_t(input: Tensor, n: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Chebyshev polynomial of the first kind of degree `n`, `cos(n acos(input))`, by recurrence; both broadcast. No
    derivative, as in PyTorch.

    >>> x = rt.tensor([0.0, 0.5, 1.0])
    >>> rt.special.chebyshev_polynomial_t(x, 2) == 2 * x**2 - 1
    tensor([True, True, True])"""

def chebyshev_polynomial_u(input: Tensor, n: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Chebyshev polynomial of the second kind of degree `n`, by recurrence; both broadcast. No derivative, as in
    PyTorch.

    >>> x = rt.tensor([0.0, 0.5, 1.0])
    >>> rt.special.chebyshev_polynomial_u(x, 2) == 4 * x**2 - 1
    tensor([True, True, True])"""

def chebyshev_polynomial_v(input: Tensor, n: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Chebyshev polynomial of the third kind of degree `n`, by recurrence; both broadcast. No derivative, as in
    PyTorch.

    >>> x = rt.tensor([0.0, 0.5, 1.0])
    >>> rt.special.chebyshev_polynomial_v(x, 2) == 4 * x**2 - 2 * x - 1
    tensor([True, True, True])"""

def chebyshev_polynomial_w(input: Tensor, n: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Chebyshev polynomial of the fourth kind of degree `n`, by recurrence; both broadcast. No derivative, as in
    PyTorch.

    >>> x = rt.tensor([0.0, 0.5, 1.0])
    >>> rt.special.chebyshev_polynomial_w(x, 2) == 4 * x**2 + 2 * x - 1
    tensor([True, True, True])"""

def digamma(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The derivative of `lgamma`, by reflection, recurrence and the asymptotic series (DLMF 5.5.2, 5.5.4, 5.11.2)."""

def psi(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The derivative of `lgamma`, by reflection, recurrence and the asymptotic series (DLMF 5.5.2, 5.5.4, 5.11.2)."""

def entr(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """`-input * log(input)`: 0 at 0, minus infinity below. Its sum over probabilities is their entropy.

    >>> rt.special.entr(rt.tensor([0.0, 0.5, 0.5])).sum()
    tensor(0.6931)"""

def erf(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Gauss error function, `2 / sqrt(pi)` times the integral of `e**(-t**2)` from 0 to `input`."""

def erfc(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`1 - erf(input)`, accurate for large arguments."""

def erfcx(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The scaled complementary error function `e**(input**2) * erfc(input)`, which stays finite where `erfc` vanishes.

    >>> rt.special.erfcx(rt.tensor([0.0, 1.0, 100.0]))
    tensor([1.0000, 0.4276, 0.0056])"""

def erfinv(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of `erf`: infinite at -1 and 1, NaN outside."""

def exp2(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`2 ** input`."""

def expm1(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`e ** input - 1`, accurate near 0."""

def hermite_polynomial_h(input: Tensor, n: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Physicists' Hermite polynomial of degree `n`, by recurrence; both broadcast. No derivative, as in PyTorch.

    >>> x = rt.tensor([0.0, 1.0, 2.0])
    >>> rt.special.hermite_polynomial_h(x, 2) == 4 * x**2 - 2
    tensor([True, True, True])"""

def hermite_polynomial_he(input: Tensor, n: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Probabilists' Hermite polynomial of degree `n`, by recurrence; both broadcast. No derivative, as in PyTorch.

    >>> x = rt.tensor([0.0, 1.0, 2.0])
    >>> rt.special.hermite_polynomial_he(x, 2) == x**2 - 1
    tensor([True, True, True])"""

def i0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Modified Bessel function of the first kind, order 0. From about 91 (float32) on it overflows; see `special.i0e`."""

def i0e(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The scaled `e**-|input| * i0(input)`, which does not overflow.

    >>> rt.special.i0e(rt.tensor([0.0, 1.0, 1000.0]))
    tensor([1.0000, 0.4658, 0.0126])"""

def i1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Modified Bessel function of the first kind, order 1.

    >>> rt.special.i1(rt.tensor([0.0, 1.0, 2.0]))
    tensor([0.0000, 0.5652, 1.5906])"""

def i1e(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The scaled `e**-|input| * i1(input)`, which does not overflow.

    >>> rt.special.i1e(rt.tensor([0.0, 1.0, 1000.0]))
    tensor([0.0000, 0.2079, 0.0126])"""

def gammainc(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Regularised lower incomplete gamma function of parameter `input` at `other`, by its power series (DLMF 8.11.4) or
    the continued fraction of the upper one (DLMF 8.9.2); differentiable by `other`."""

def gammaincc(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Regularised upper incomplete gamma function, `1 - igamma(input, other)`; differentiable by `other`."""

def laguerre_polynomial_l(input: Tensor, n: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Laguerre polynomial of degree `n`, by recurrence; both broadcast. No derivative, as in PyTorch.

    >>> rt.special.laguerre_polynomial_l(rt.tensor([0.0, 1.0, 2.0]), rt.tensor([[1], [2]]))
    tensor([[ 1.0000,  0.0000, -1.0000],
            [ 1.0000, -0.5000, -1.0000]])"""

def legendre_polynomial_p(input: Tensor, n: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Legendre polynomial of degree `n`, by recurrence; both broadcast. No derivative, as in PyTorch.

    >>> rt.special.legendre_polynomial_p(rt.tensor([-1.0, 0.0, 1.0]), rt.tensor([[1], [2]]))
    tensor([[-1.0000,  0.0000,  1.0000],
            [ 1.0000, -0.5000,  1.0000]])"""

def gammaln(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The logarithm of the gamma function, `ln |Gamma(input)|`; infinite at 0, -1, -2 ..."""

def log1p(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`log(1 + input)`, accurate near 0."""

def log_ndtr(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """`log(ndtr(input))`, also where `ndtr` rounds to 0.

    >>> rt.special.log_ndtr(rt.tensor([0.0, -50.0]))
    tensor([-6.9315e-01, -1.2548e+03])"""

def log_softmax(input: Tensor, dim: int, dtype: dtype | None = None, *, out: Tensor | None = None) -> Tensor:
    """`log(softmax(input))` along axis `dim`, without overflow: `input - logsumexp(input)`. `dtype` converts the input
    first.
    Raises: IndexError if `dim` is out of range; RuntimeError for integers without `dtype`."""

def logit(input: Tensor, eps: float | None = None, *, out: Tensor | None = None) -> Tensor:
    """`log(input / (1 - input))`, the inverse of `sigmoid`. With `eps`, elements are first limited to `[eps, 1 - eps]`;
    without, those outside [0, 1] give NaN."""

def logsumexp(input: Tensor, dim: int | Sequence[int], keepdim: bool = False, *, out: Tensor | None = None) -> Tensor:
    """`log(sum(exp(input)))` over axes `dim` without overflow; minus infinity of nothing.
    Raises: IndexError if an axis is out of range."""

def modified_bessel_i0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Modified Bessel function of the first kind, order 0. It has no derivative here, `i0` has.

    >>> rt.special.modified_bessel_i0(rt.tensor([0.0, 1.0, 2.0]))
    tensor([1.0000, 1.2661, 2.2796])"""

def modified_bessel_i1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Modified Bessel function of the first kind, order 1. It has no derivative here, `i1` has.

    >>> rt.special.modified_bessel_i1(rt.tensor([0.0, 1.0, 2.0]))
    tensor([0.0000, 0.5652, 1.5906])"""

def modified_bessel_k0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Modified Bessel function of the second kind, order 0: infinite at 0, NaN below. It has no derivative here, as in
    PyTorch.

    >>> rt.special.modified_bessel_k0(rt.tensor([0.0, 1.0, 2.0]))
    tensor([   inf, 0.4210, 0.1139])"""

def modified_bessel_k1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Modified Bessel function of the second kind, order 1: infinite at 0, NaN below. It has no derivative here, as in
    PyTorch.

    >>> rt.special.modified_bessel_k1(rt.tensor([0.0, 1.0, 2.0]))
    tensor([   inf, 0.6019, 0.1399])"""

def multigammaln(input: Tensor, p: int, *, out: Tensor | None = None) -> Tensor:
    """The logarithm of the multivariate gamma function of dimension `p`,
    `p (p - 1) / 4 * log(pi) + sum(lgamma(input - j / 2) for j in range(p))`; elements are above `(p - 1) / 2`.
    Raises: ValueError if `p` is below 1."""

def ndtr(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The distribution function of the normal distribution: the probability of a value up to `input`.

    >>> rt.special.ndtr(rt.tensor([-1.96, 0.0, 1.96]))
    tensor([0.0250, 0.5000, 0.9750])"""

def ndtri(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of `ndtr`: the quantile of the normal distribution. NaN outside [0, 1].

    >>> rt.special.ndtri(rt.tensor([0.025, 0.5, 1.0]))
    tensor([-1.9600,  0.0000,     inf])"""

def polygamma(n: int, input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Derivative number `n` of `digamma`: `(-1)**(n+1) n! zeta(n+1, input)` for `n > 0`.
    Raises: ValueError if `n` is negative."""

def round(input: Tensor, *, decimals: int = 0, out: Tensor | None = None) -> Tensor:
    """Nearest number with `decimals` decimal places (left of the point if negative); ties go to even."""

def scaled_modified_bessel_k0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """`e**input * modified_bessel_k0(input)`. It has no derivative here, as in PyTorch.

    >>> rt.special.scaled_modified_bessel_k0(rt.tensor([1.0, 1000.0]))
    tensor([1.1445, 0.0396])"""

def scaled_modified_bessel_k1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """`e**input * modified_bessel_k1(input)`. It has no derivative here, as in PyTorch.

    >>> rt.special.scaled_modified_bessel_k1(rt.tensor([1.0, 1000.0]))
    tensor([1.6362, 0.0396])"""

def shifted_chebyshev_polynomial_t(input: Tensor, n: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The first kind on [0, 1]: `chebyshev_polynomial_t(2 * input - 1, n)`. No derivative, as in PyTorch.

    >>> rt.special.shifted_chebyshev_polynomial_t(rt.tensor([0.0, 0.5, 1.0]), 2)
    tensor([ 1., -1.,  1.])"""

def shifted_chebyshev_polynomial_u(input: Tensor, n: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The second kind on [0, 1]: `chebyshev_polynomial_u(2 * input - 1, n)`. No derivative, as in PyTorch.

    >>> rt.special.shifted_chebyshev_polynomial_u(rt.tensor([0.0, 0.5, 1.0]), 2)
    tensor([ 3., -1.,  3.])"""

def shifted_chebyshev_polynomial_v(input: Tensor, n: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The third kind on [0, 1]: `chebyshev_polynomial_v(2 * input - 1, n)`. No derivative, as in PyTorch.

    >>> rt.special.shifted_chebyshev_polynomial_v(rt.tensor([0.0, 0.5, 1.0]), 2)
    tensor([ 5., -1.,  1.])"""

def shifted_chebyshev_polynomial_w(input: Tensor, n: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The fourth kind on [0, 1]: `chebyshev_polynomial_w(2 * input - 1, n)`. No derivative, as in PyTorch.

    >>> rt.special.shifted_chebyshev_polynomial_w(rt.tensor([0.0, 0.5, 1.0]), 2)
    tensor([ 1., -1.,  5.])"""

def expit(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The logistic function, `1 / (1 + e**-input)`."""

def sinc(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """`sin(pi input) / (pi input)`, 1 at 0."""

def softmax(input: Tensor, dim: int, dtype: dtype | None = None, *, out: Tensor | None = None) -> Tensor:
    """`exp(input) / sum(exp(input))` along axis `dim`, without overflow. `dtype` converts the input first.
    Raises: IndexError if `dim` is out of range; RuntimeError for integers without `dtype`."""

def spherical_bessel_j0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Spherical Bessel function of the first kind, order 0: `sin(input) / input`, 1 at 0. It has no derivative here,
    as in PyTorch.

    >>> rt.special.spherical_bessel_j0(rt.tensor([0.0, 1.0, 2.0]))
    tensor([1.0000, 0.8415, 0.4546])"""

def xlog1py(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input * log1p(other)`, and 0 where `input` is 0; both broadcast.

    >>> rt.special.xlog1py(rt.tensor([0.0, 2.0]), rt.tensor([-1.0, 1.0]))
    tensor([0.0000, 1.3863])"""

def xlogy(input: Tensor | _Number, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input * log(other)`, and 0 where `input` is 0; both broadcast."""

def zeta(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Hurwitz's zeta function, the sum of `(other + k) ** -input` over `k >= 0`, by the Euler-Maclaurin formula; with
    `other` 1 it is Riemann's. Differentiable by `other`.

    >>> rt.special.zeta(rt.tensor([2.0, 4.0]), 1.0)
    tensor([1.6449, 1.0823])"""
