"""Random choices of transforms, from Rutile's generator."""

from __future__ import annotations

from rutile import _rutile


def uniform(low: float, high: float) -> float:
    """A number from `low` to `high`."""
    return low + (high - low) * float(_rutile.rand(1).item())


def integer(low: int, high: int) -> int:
    """A whole number from `low` up to, without, `high`."""
    return int(_rutile.randint(low, high, (1,)).item())


def chance(p: float) -> bool:
    """True with probability `p`."""
    return float(_rutile.rand(1).item()) < p


def order(count: int) -> list[int]:
    """The numbers below `count` in random order."""
    return [int(place) for place in _rutile.randperm(count).tolist()]
