"""Flags of cuDNN, kept and without effect: convolutions run on the CPU and give the same bits every time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

enabled = False
benchmark = False
deterministic = True
allow_tf32 = False
fp32_precision = "none"


def is_available() -> bool:
    """False: there is no cuDNN."""
    return False


def version() -> None:
    """None: there is no cuDNN."""


@contextlib.contextmanager
def flags(
    enabled: bool = False, benchmark: bool = False, deterministic: bool = False, allow_tf32: bool = True
) -> Iterator[None]:
    """A context without effect."""
    yield
