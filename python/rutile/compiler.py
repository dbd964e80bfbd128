"""What `torch.compiler` has, as far as it means something without a compiler: functions are what they are."""

from __future__ import annotations

from typing import Any

from ._accepted import compile as compile  # noqa: A004 - PyTorch's name

__all__ = ["allow_in_graph", "compile", "disable", "is_compiling", "is_exporting", "reset"]


def is_compiling() -> bool:
    """False: there is no compiler.

    >>> rt.compiler.is_compiling()
    False
    """
    return False


def is_exporting() -> bool:
    """False: there is no graph capture."""
    return False


def disable(fn: Any = None, recursive: bool = True, *, reason: str | None = None) -> Any:
    """`fn` as it is, which is never compiled; without it, a decorator that returns its function."""
    return (lambda fn: fn) if fn is None else fn


def allow_in_graph(fn: Any) -> Any:
    """`fn` as it is."""
    return fn


def reset() -> None:
    """Does nothing: nothing was compiled."""
