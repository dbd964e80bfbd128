"""PyTorch's place of `load` and `save`, and of the lists of what a pickle may hold."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from .io import load, save

__all__ = ["add_safe_globals", "load", "safe_globals", "save"]


def add_safe_globals(safe_globals: list[Any]) -> None:
    """Does nothing: `load` builds tensors and plain containers, whatever a script trusts besides."""


@contextlib.contextmanager
def safe_globals(safe_globals: list[Any]) -> Iterator[None]:
    """A context without effect: `load` builds tensors and plain containers, whatever a script trusts besides."""
    yield
