# Written by tools/stubs.py: do not edit. `make stubs` writes it again.

from collections.abc import Sequence

from . import Tensor, _Number, dtype

__all__ = ["erf", "erfc", "exp2", "expit", "expm1", "log1p", "log_softmax", "logsumexp", "softmax", "xlogy"]

def erf(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Gauss error function."""

def erfc(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`1 - erf(input)`, accurate for large arguments."""

def exp2(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`2 ** input`."""

def expm1(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`e ** input - 1`, accurate near 0."""

def log1p(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`log(1 + input)`, accurate near 0."""

def log_softmax(input: Tensor, dim: int, dtype: dtype | None = None, *, out: Tensor | None = None) -> Tensor:
    """`log(softmax(input))` along axis `dim`, without overflow. `dtype` converts the input first."""

def logsumexp(input: Tensor, dim: int | Sequence[int], keepdim: bool = False, *, out: Tensor | None = None) -> Tensor:
    """`log(sum(exp(input)))` over axes `dim` without overflow."""

def expit(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`1 / (1 + e**-input)`."""

def softmax(input: Tensor, dim: int, dtype: dtype | None = None, *, out: Tensor | None = None) -> Tensor:
    """`exp(input) / sum(exp(input))` along axis `dim`, without overflow. `dtype` converts the input first."""

def xlogy(input: Tensor | _Number, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input * log(other)`, and 0 where `input` is 0."""
