"""There is no accelerator here: `is_available()` is False, so guarded code takes its CPU branch."""

from __future__ import annotations


def is_available() -> bool:
    """False: Rutile computes on the CPU."""
    return False


def device_count() -> int:
    """0: Rutile computes on the CPU."""
    return 0


def current_accelerator(check_available: bool = False) -> None:
    """None: Rutile computes on the CPU."""
