# Written by tools/stubs.py: do not edit. `make stubs` writes it again.

from collections.abc import Sequence

from . import Tensor, _Number

__all__ = ["cross", "multi_dot", "vander", "vecdot"]

def cross(input: Tensor, other: Tensor | _Number, *, dim: int = -1, out: Tensor | None = None) -> Tensor:
    """The cross products of the vectors of length 3 along axis `dim`."""

def multi_dot(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """The product of two or more matrices, in the order of the fewest multiplications (Cormen et al., Introduction to
    Algorithms, 15.2). The first and the last may be vectors."""

def vander(x: Tensor, *, N: int | None = None, out: Tensor | None = None) -> Tensor:
    """Vandermonde matrices of the vectors along the last axis: `V[..., i, j] = x[..., i] ** j` for `j` below `N` (by default
    their length)."""

def vecdot(x: Tensor, y: Tensor | _Number, *, dim: int = -1, out: Tensor | None = None) -> Tensor:
    """The inner products of the vectors along axis `dim` of two tensors, which broadcast."""
