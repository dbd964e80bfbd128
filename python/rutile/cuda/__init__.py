"""There is no GPU here: `is_available()` is False, so guarded code takes its CPU branch.

What scripts call without a guard does nothing where nothing is right (`synchronize`, seeds, caches), tells the truth
where there is one (counts are 0), and raises where a device is asked for.
"""

from __future__ import annotations

import importlib
from typing import Any, NoReturn

__all__ = ["amp", "device_count", "is_available"]


def is_available() -> bool:
    """False: Rutile computes on the CPU."""
    return False


def is_initialized() -> bool:
    """False: there is nothing to initialise."""
    return False


def is_bf16_supported(including_emulation: bool = True) -> bool:
    """False: no GPU, no bfloat16 on it. On the CPU, `rutile.bfloat16` tensors work."""
    return False


def device_count() -> int:
    """0: Rutile computes on the CPU."""
    return 0


def manual_seed(seed: int) -> None:
    """Does nothing: there are no GPU generators. `rutile.manual_seed` seeds the CPU's."""


def manual_seed_all(seed: int) -> None:
    """Does nothing: there are no GPU generators. `rutile.manual_seed` seeds the CPU's."""


def seed() -> None:
    """Does nothing: there are no GPU generators."""


def seed_all() -> None:
    """Does nothing: there are no GPU generators."""


def get_rng_state_all() -> list[Any]:
    """Empty: there are no GPU generators."""
    return []


def set_rng_state_all(new_states: list[Any]) -> None:
    """Does nothing: there are no GPU generators."""


def synchronize(device: object = None) -> None:
    """Does nothing: operations are done when they return."""


def empty_cache() -> None:
    """Does nothing: there is no GPU memory."""


def ipc_collect() -> None:
    """Does nothing: there is no GPU memory."""


def memory_allocated(device: object = None) -> int:
    """0: there is no GPU memory."""
    return 0


max_memory_allocated = memory_reserved = max_memory_reserved = memory_cached = memory_allocated


def reset_peak_memory_stats(device: object = None) -> None:
    """Does nothing: there is no GPU memory."""


def memory_summary(device: object = None, abbreviated: bool = False) -> str:
    """Says that there is no GPU memory."""
    return "no GPU: Rutile computes on the CPU"


def _absent(what: str) -> NoReturn:
    raise RuntimeError(f"{what}: there is no GPU, Rutile computes on the CPU; guard it by cuda.is_available()")


def current_device() -> int:
    """Raises: there is no GPU."""
    _absent("cuda.current_device()")


def set_device(device: object) -> None:
    """Raises: there is no GPU."""
    _absent(f"cuda.set_device({device!r})")


def get_device_name(device: object = None) -> str:
    """Raises: there is no GPU."""
    _absent("cuda.get_device_name()")


def get_device_capability(device: object = None) -> tuple[int, int]:
    """Raises: there is no GPU."""
    _absent("cuda.get_device_capability()")


def get_device_properties(device: object = None) -> Any:
    """Raises: there is no GPU."""
    _absent("cuda.get_device_properties()")


def __getattr__(name: str) -> Any:
    if name == "amp":
        return importlib.import_module(f"{__name__}.{name}")
    from rutile.compat.missing import missing

    raise missing(f"module {__name__!r}", name, globals())
