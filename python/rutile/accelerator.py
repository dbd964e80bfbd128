"""There is no accelerator here: `is_available()` is False, so guarded code takes its CPU branch."""

from __future__ import annotations

from typing import NoReturn


def is_available() -> bool:
    """False: Rutile computes on the CPU."""
    return False


def device_count() -> int:
    """0: Rutile computes on the CPU."""
    return 0


def current_accelerator(check_available: bool = False) -> None:
    """None: Rutile computes on the CPU."""


def synchronize(device: object = None) -> None:
    """Does nothing: operations are done when they return."""


def current_device_index() -> NoReturn:
    """Raises: there is no accelerator."""
    raise RuntimeError("accelerator.current_device_index(): there is no accelerator, Rutile computes on the CPU")


def set_device_index(device: object) -> NoReturn:
    """Raises: there is no accelerator."""
    raise RuntimeError(f"accelerator.set_device_index({device!r}): there is no accelerator, Rutile computes on the CPU")
