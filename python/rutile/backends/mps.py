"""Apple's Metal is not used here."""

from __future__ import annotations


def is_available() -> bool:
    """False: Rutile brings its own kernels for the CPU."""
    return False


def is_built() -> bool:
    """False: Rutile brings its own kernels for the CPU."""
    return False
