"""The default stream of random numbers in `torch.random`'s shape; the same functions are in `rutile`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from ._rutile import get_rng_state as get_rng_state
from ._rutile import initial_seed as initial_seed
from ._rutile import manual_seed as manual_seed
from ._rutile import seed as seed
from ._rutile import set_rng_state as set_rng_state

__all__ = ["fork_rng", "get_rng_state", "initial_seed", "manual_seed", "seed", "set_rng_state"]


@contextlib.contextmanager
def fork_rng(devices: Any = None, enabled: bool = True, device_type: str = "cpu") -> Iterator[None]:
    """Within it random numbers are drawn as usual; behind it the stream goes on as if they had not been.

    Args:
        devices: of other kinds than the CPU there are none, so an empty list or None.
        enabled: False does nothing.
        device_type: any name; the stream is the CPU's.

    Example:
        >>> with rt.random.fork_rng():
        ...     _ = rt.manual_seed(0)
        ...     inside = rt.rand(1)
    """
    if devices:
        raise RuntimeError(f"fork_rng: there are no other devices than the CPU, got {devices!r}")
    if not enabled:
        yield
        return
    state = get_rng_state()
    try:
        yield
    finally:
        set_rng_state(state)
