"""`autocast` and its marks for functions, which change nothing."""

from __future__ import annotations

import contextlib
from typing import Any

__all__ = ["autocast", "custom_bwd", "custom_fwd", "is_autocast_available"]


class autocast(contextlib.ContextDecorator):  # noqa: N801 - PyTorch's name
    """A context manager and decorator that leaves operations in the dtype of their tensors.

    Args:
        device_type, dtype, enabled, cache_enabled: PyTorch's, accepted; see the module's text.

    Example:
        >>> from rutile.amp import autocast
        >>> with autocast("cpu", dtype=rt.bfloat16):
        ...     rt.ones(2).dot(rt.ones(2)).dtype
        rutile.float32
    """

    def __init__(
        self, device_type: str = "cpu", dtype: Any = None, enabled: bool = True, cache_enabled: bool | None = None
    ) -> None:
        if not isinstance(device_type, str | bool):
            raise ValueError(f"expected `device_type` of type `str`, got: `{type(device_type)}`")
        self.device_type = device_type
        self.dtype = dtype
        self.enabled = enabled

    def __enter__(self) -> None:
        return None

    def __exit__(self, *error: object) -> None:
        return None


def is_autocast_available(device_type: str) -> bool:
    """False: no device computes in another dtype than its tensors'."""
    return False


def custom_fwd(fwd: Any = None, *, device_type: str = "cpu", cast_inputs: Any = None) -> Any:
    """`fwd`, the `forward` of an `autograd.Function`, or a decorator that returns it.

    Raises:
        NotImplementedError: for `cast_inputs`: it applies only where autocast changes dtypes.
    """
    if cast_inputs is not None:
        raise NotImplementedError("custom_fwd: cast_inputs has no meaning without mixed precision; call x.to(dtype)")
    return fwd if fwd is not None else lambda function: function


def custom_bwd(bwd: Any = None, *, device_type: str = "cpu") -> Any:
    """`bwd`, the `backward` of an `autograd.Function`, or a decorator that returns it."""
    return bwd if bwd is not None else lambda function: function
