"""Sets of values, as `torch.distributions.constraints` names them: `constraint.check(value)` says what is inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import rutile as rt

__all__ = [
    "Constraint",
    "boolean",
    "greater_than",
    "greater_than_eq",
    "half_open_interval",
    "independent",
    "integer_interval",
    "interval",
    "less_than",
    "nonnegative",
    "nonnegative_integer",
    "positive",
    "positive_integer",
    "real",
    "real_vector",
    "simplex",
    "unit_interval",
]


class Constraint:
    """A set of values.

    Args:
        inside: says which elements of a tensor belong to it.
        text: how it prints.
        event_dim: how many axes, the last ones, a value has.

    Example:
        >>> from rutile.distributions import constraints
        >>> constraints.unit_interval.check(rt.tensor([0.5, 2.0]))
        tensor([ True, False])
    """

    is_discrete = False

    def __init__(
        self, inside: Callable[[rt.Tensor], Any] | None = None, text: str = "Constraint()", event_dim: int = 0
    ) -> None:
        self._inside = inside
        self._text = text
        self.event_dim = event_dim

    def check(self, value: rt.Tensor) -> rt.Tensor:
        """Which values are in the set, without the axes of a value."""
        if self._inside is None:
            raise NotImplementedError(f"{type(self).__name__} defines no check")
        inside: rt.Tensor = self._inside(value)
        return inside.flatten(-self.event_dim).all(-1) if self.event_dim else inside

    def __repr__(self) -> str:
        return self._text


def greater_than(lower_bound: Any) -> Constraint:
    """Numbers above `lower_bound`."""
    return Constraint(lambda x: x > lower_bound, f"GreaterThan(lower_bound={lower_bound})")


def greater_than_eq(lower_bound: Any) -> Constraint:
    """Numbers from `lower_bound` on."""
    return Constraint(lambda x: x >= lower_bound, f"GreaterThanEq(lower_bound={lower_bound})")


def less_than(upper_bound: Any) -> Constraint:
    """Numbers below `upper_bound`."""
    return Constraint(lambda x: x < upper_bound, f"LessThan(upper_bound={upper_bound})")


def interval(lower_bound: Any, upper_bound: Any) -> Constraint:
    """Numbers between two bounds, with both."""
    text = f"Interval(lower_bound={lower_bound}, upper_bound={upper_bound})"
    return Constraint(lambda x: (x >= lower_bound) & (x <= upper_bound), text)


def half_open_interval(lower_bound: Any, upper_bound: Any) -> Constraint:
    """Numbers between two bounds, without the upper one."""
    text = f"HalfOpenInterval(lower_bound={lower_bound}, upper_bound={upper_bound})"
    return Constraint(lambda x: (x >= lower_bound) & (x < upper_bound), text)


def integer_interval(lower_bound: Any, upper_bound: Any) -> Constraint:
    """Whole numbers between two bounds, with both."""
    text = f"IntegerInterval(lower_bound={lower_bound}, upper_bound={upper_bound})"
    return Constraint(lambda x: (x % 1 == 0) & (x >= lower_bound) & (x <= upper_bound), text)


def independent(base_constraint: Constraint, reinterpreted_batch_ndims: int) -> Constraint:
    """Values whose last axes are in `base_constraint` throughout."""
    axes = base_constraint.event_dim + reinterpreted_batch_ndims
    return Constraint(base_constraint._inside, f"IndependentConstraint({base_constraint}, {axes})", axes)


real = Constraint(lambda x: x == x, "Real()")
real_vector = independent(real, 1)
positive = greater_than(0.0)
nonnegative = greater_than_eq(0.0)
unit_interval = interval(0.0, 1.0)
boolean = Constraint(lambda x: (x == 0) | (x == 1), "Boolean()")
nonnegative_integer = Constraint(lambda x: (x % 1 == 0) & (x >= 0), "IntegerGreaterThan(lower_bound=0)")
positive_integer = Constraint(lambda x: (x % 1 == 0) & (x >= 1), "IntegerGreaterThan(lower_bound=1)")
simplex = Constraint(lambda x: (x >= 0) & ((x.sum(-1, keepdim=True) - 1).abs() < 1e-6), "Simplex()", 1)
