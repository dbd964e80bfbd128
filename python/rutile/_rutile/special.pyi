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
    """Bessel function of the first kind, order 0. It has no derivative here, as in PyTorch."""

def bessel_j1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Bessel function of the first kind, order 1. It has no derivative here, as in PyTorch."""

def bessel_y0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Bessel function of the second kind, order 0. It has no derivative here, as in PyTorch."""

def bessel_y1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Bessel function of the second kind, order 1. It has no derivative here, as in PyTorch."""

def chebyshev_polynomial_t(input: Tensor, n: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Chebyshev polynomial of the first kind of degree `n`, by recurrence; both broadcast. No derivative, as in PyTorch."""

def chebyshev_polynomial_u(input: Tensor, n: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Chebyshev polynomial of the second kind of degree `n`, by recurrence; both broadcast. No derivative, as in PyTorch."""

def chebyshev_polynomial_v(input: Tensor, n: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Chebyshev polynomial of the third kind of degree `n`, by recurrence; both broadcast. No derivative, as in PyTorch."""

def chebyshev_polynomial_w(input: Tensor, n: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Chebyshev polynomial of the fourth kind of degree `n`, by recurrence; both broadcast. No derivative, as in PyTorch."""

def digamma(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The derivative of [`lgamma()`]."""

def psi(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The derivative of [`lgamma()`]."""

def entr(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """`-input * log(input)`: 0 at 0, minus infinity below."""

def erf(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Gauss error function."""

def erfc(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`1 - erf(input)`, accurate for large arguments."""

def erfcx(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """`e**(input**2) * erfc(input)`, which stays finite where `erfc` vanishes."""

def erfinv(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of `erf`, infinite at -1 and 1."""

def exp2(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`2 ** input`."""

def expm1(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`e ** input - 1`, accurate near 0."""

def hermite_polynomial_h(input: Tensor, n: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Physicists' Hermite polynomial of degree `n`, by recurrence; both broadcast. No derivative, as in PyTorch."""

def hermite_polynomial_he(input: Tensor, n: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Probabilists' Hermite polynomial of degree `n`, by recurrence; both broadcast. No derivative, as in PyTorch."""

def i0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Modified Bessel function of the first kind, order 0."""

def i0e(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """`e**-|input| * i0(input)`."""

def i1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Modified Bessel function of the first kind, order 1."""

def i1e(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """`e**-|input| * i1(input)`."""

def gammainc(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Regularised lower incomplete gamma function of parameter `input` at `other`; differentiable by `other`."""

def gammaincc(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Regularised upper incomplete gamma function, `1 - igamma(input, other)`; differentiable by `other`."""

def laguerre_polynomial_l(input: Tensor, n: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Laguerre polynomial of degree `n`, by recurrence; both broadcast. No derivative, as in PyTorch."""

def legendre_polynomial_p(input: Tensor, n: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Legendre polynomial of degree `n`, by recurrence; both broadcast. No derivative, as in PyTorch."""

def gammaln(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """`ln |Gamma(input)|`."""

def log1p(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`log(1 + input)`, accurate near 0."""

def log_ndtr(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """`log(ndtr(input))`, also where `ndtr` rounds to 0."""

def log_softmax(input: Tensor, dim: int, dtype: dtype | None = None, *, out: Tensor | None = None) -> Tensor:
    """`log(softmax(input))` along axis `dim`, without overflow. `dtype` converts the input first."""

def logit(input: Tensor, eps: float | None = None, *, out: Tensor | None = None) -> Tensor:
    """`log(input / (1 - input))`, the inverse of `sigmoid`. With `eps`, elements are first limited to `[eps, 1 - eps]`;
    without, those outside [0, 1] give NaN."""

def logsumexp(input: Tensor, dim: int | Sequence[int], keepdim: bool = False, *, out: Tensor | None = None) -> Tensor:
    """`log(sum(exp(input)))` over axes `dim` without overflow."""

def modified_bessel_i0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Modified Bessel function of the first kind, order 0. It has no derivative here, `i0` has."""

def modified_bessel_i1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Modified Bessel function of the first kind, order 1. It has no derivative here, `i1` has."""

def modified_bessel_k0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Modified Bessel function of the second kind, order 0. It has no derivative here, as in PyTorch."""

def modified_bessel_k1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Modified Bessel function of the second kind, order 1. It has no derivative here, as in PyTorch."""

def multigammaln(input: Tensor, p: int, *, out: Tensor | None = None) -> Tensor:
    """The logarithm of the multivariate gamma function of dimension `p`; elements are above `(p - 1) / 2`."""

def ndtr(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The distribution function of the normal distribution."""

def ndtri(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of [`ndtr()`]: the quantile of the normal distribution."""

def polygamma(n: int, input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Derivative number `n` of [`digamma()`]."""

def round(input: Tensor, *, decimals: int = 0, out: Tensor | None = None) -> Tensor:
    """Nearest number with `decimals` decimal places (left of the point if negative); ties go to even."""

def scaled_modified_bessel_k0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """`e**input * modified_bessel_k0(input)`. It has no derivative here, as in PyTorch."""

def scaled_modified_bessel_k1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """`e**input * modified_bessel_k1(input)`. It has no derivative here, as in PyTorch."""

def shifted_chebyshev_polynomial_t(input: Tensor, n: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`chebyshev_polynomial_t(2 * input - 1, n)`."""

def shifted_chebyshev_polynomial_u(input: Tensor, n: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`chebyshev_polynomial_u(2 * input - 1, n)`."""

def shifted_chebyshev_polynomial_v(input: Tensor, n: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`chebyshev_polynomial_v(2 * input - 1, n)`."""

def shifted_chebyshev_polynomial_w(input: Tensor, n: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`chebyshev_polynomial_w(2 * input - 1, n)`."""

def expit(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`1 / (1 + e**-input)`."""

def sinc(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """`sin(pi input) / (pi input)`, 1 at 0."""

def softmax(input: Tensor, dim: int, dtype: dtype | None = None, *, out: Tensor | None = None) -> Tensor:
    """`exp(input) / sum(exp(input))` along axis `dim`, without overflow. `dtype` converts the input first."""

def spherical_bessel_j0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """`sin(input) / input`. It has no derivative here, as in PyTorch."""

def xlog1py(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input * log1p(other)`, and 0 where `input` is 0."""

def xlogy(input: Tensor | _Number, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input * log(other)`, and 0 where `input` is 0."""

def zeta(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Hurwitz's zeta function, the sum of `(other + k) ** -input` over `k >= 0`; differentiable by `other`."""
