"""Order, search and sets by the array API standard."""

from __future__ import annotations

from typing import Any, NamedTuple

import rutile as rt
from rutile import Tensor

__all__ = [
    "argsort",
    "searchsorted",
    "sort",
    "unique_all",
    "unique_counts",
    "unique_inverse",
    "unique_values",
]


def sort(x: Tensor, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
    """In order along an axis."""
    return rt.sort(x, dim=axis, descending=descending, stable=stable)[0]


def argsort(x: Tensor, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
    """The places that bring `x` in order along an axis."""
    return rt.sort(x, dim=axis, descending=descending, stable=stable)[1]


def searchsorted(x1: Tensor, x2: Tensor, /, *, side: str = "left", sorter: Tensor | None = None) -> Tensor:
    """Where the numbers of `x2` belong in the ordered `x1`."""
    return rt.searchsorted(x1, x2, side=side, sorter=sorter)


class _All(NamedTuple):
    values: Tensor
    indices: Tensor
    inverse_indices: Tensor
    counts: Tensor


class _Counts(NamedTuple):
    values: Tensor
    counts: Tensor


class _Inverse(NamedTuple):
    values: Tensor
    inverse_indices: Tensor


def _unique(x: Tensor) -> Any:
    values, inverse, counts = rt.unique(x, return_inverse=True, return_counts=True)
    return values, inverse.reshape(x.shape), counts


def unique_values(x: Tensor, /) -> Tensor:
    """The different numbers in order."""
    result: Tensor = rt.unique(x)
    return result


def unique_counts(x: Tensor, /) -> _Counts:
    """The different numbers in order, and how often each is there."""
    values, _, counts = _unique(x)
    return _Counts(values, counts)


def unique_inverse(x: Tensor, /) -> _Inverse:
    """The different numbers in order, and which of them each element is."""
    values, inverse, _ = _unique(x)
    return _Inverse(values, inverse)


def unique_all(x: Tensor, /) -> _All:
    """The different numbers in order; where each is first, which of them each element is, how often each is there."""
    values, inverse, counts = _unique(x)
    places = rt.argsort(inverse.flatten(), stable=True)
    first = places[rt.cumsum(counts, 0) - counts]
    return _All(values, first, inverse, counts)
