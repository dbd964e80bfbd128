"""There is no GPU here: `is_available()` is False, so guarded code takes its CPU branch."""

from __future__ import annotations


def is_available() -> bool:
    """False: Rutile computes on the CPU."""
    return False


def device_count() -> int:
    """0: Rutile computes on the CPU."""
    return 0


def manual_seed(seed: int) -> None:
    """Does nothing: there are no GPU generators. `rutile.manual_seed` seeds the CPU's."""


def manual_seed_all(seed: int) -> None:
    """Does nothing: there are no GPU generators. `rutile.manual_seed` seeds the CPU's."""


def synchronize(device: object = None) -> None:
    """Does nothing: operations are done when they return."""


def empty_cache() -> None:
    """Does nothing: there is no GPU memory."""
