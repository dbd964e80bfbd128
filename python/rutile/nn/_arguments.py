"""Arguments that layers have in common: sizes per axis, and their checks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias, TypeVar

__all__ = ["OneOrMany", "check_positive", "per_axis"]

T = TypeVar("T")
OneOrMany: TypeAlias = T | tuple[T, ...]


def per_axis(layer: str, name: str, value: OneOrMany[int] | Iterable[int], axes: int) -> tuple[int, ...]:
    """One integer per axis: a single one is repeated, several must be as many as there are axes."""
    values = tuple(value) if isinstance(value, Iterable) else (value,) * axes
    if len(values) != axes:
        raise ValueError(f"{layer}: {name} must be an integer or {axes} of them, got {values}")
    if any(isinstance(v, float) for v in values):
        raise TypeError(f"{layer}: {name} must be integers, got {values}")
    return values


def check_positive(layer: str, name: str, values: int | Iterable[int], least: int = 1) -> None:
    """Raises unless all `values` are at least `least`."""
    for value in values if isinstance(values, Iterable) else (values,):
        if value < least:
            raise ValueError(f"{layer}: {name} must be {'positive' if least == 1 else 'non-negative'}, got {values}")
