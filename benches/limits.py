"""What the machine can do: multiply-adds and memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import rutile

from . import libraries

_LEN = 16 << 20
"""Elements per operand: 64 MiB, more than most caches hold."""


def peak(threads: int) -> float:
    """Floating-point operations per second of `threads` cores that only multiply and add."""
    best = max(rutile._rutile._multiply_add_peak() for _ in range(5))
    return float(threads * best)


def bandwidth(names: list[str]) -> float:
    """Bytes per second of the quickest `a + b` into memory that is there already: 64 MiB each, so from main memory."""
    best = float("inf")
    for name in ("rutile", "torch", "numpy"):
        if name in names:
            library = libraries.make(name)
            a, b, out = library.normal(_LEN), library.normal(_LEN), library.normal(_LEN)
            add = np.add if name == "numpy" else library.lib.add
            best = min(best, _quickest(lambda add=add, a=a, b=b, out=out: add(a, b, out=out)))  # type: ignore[misc]
    return 3 * 4 * _LEN / best


def _quickest(function: Callable[[], Any]) -> float:
    best = float("inf")
    for _ in range(10):
        began = time.perf_counter()
        function()
        best = min(best, time.perf_counter() - began)
    return best
