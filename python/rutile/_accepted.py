"""Settings of PyTorch's that mean nothing here, or say what is always so; accepted, and each says what it does."""

from __future__ import annotations

from typing import Any

from . import _rutile
from .amp import autocast as autocast


def compile(model: Any = None, **kwargs: Any) -> Any:  # noqa: A001 - PyTorch's name
    """`model` as it is: there is no compiler. Without `model`, a decorator that returns its function.

    Example:
        >>> rt.compile(rt.relu) is rt.relu
        True
    """
    return (lambda model: model) if model is None else model


def set_float32_matmul_precision(precision: str) -> None:
    """Checks `precision` ("highest", "high" or "medium"); products of float32 are always computed in float32.

    Raises:
        ValueError: for another word.

    Example:
        >>> rt.set_float32_matmul_precision("high")
        >>> rt.get_float32_matmul_precision()
        'highest'
    """
    if precision not in ("highest", "high", "medium"):
        raise ValueError(f"set_float32_matmul_precision: wants highest, high or medium, got {precision!r}")


def get_float32_matmul_precision() -> str:
    """`"highest"`: products of float32 are computed in float32.

    Example:
        >>> rt.get_float32_matmul_precision()
        'highest'
    """
    return "highest"


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Does nothing: every operation gives the same bits each time, for any number of threads.

    Example:
        >>> rt.use_deterministic_algorithms(True)
    """


def are_deterministic_algorithms_enabled() -> bool:
    """True: every operation gives the same bits each time, for any number of threads.

    Example:
        >>> rt.are_deterministic_algorithms_enabled()
        True
    """
    return True


def is_deterministic_algorithms_warn_only_enabled() -> bool:
    """False: there is nothing to warn of.

    Example:
        >>> rt.is_deterministic_algorithms_warn_only_enabled()
        False
    """
    return False


def is_autocast_enabled(device_type: str | None = None) -> bool:
    """False: operations keep the dtype of their tensors, inside of `autocast` too.

    Example:
        >>> with rt.autocast("cpu", dtype=rt.bfloat16):
        ...     rt.is_autocast_enabled(), rt.mm(rt.eye(2), rt.eye(2)).dtype
        (False, rutile.float32)
    """
    return False


def set_flush_denormal(mode: bool) -> bool:
    """False: denormal numbers are always computed with, the mode cannot be changed.

    Example:
        >>> rt.set_flush_denormal(True)
        False
    """
    return False


def get_num_interop_threads() -> int:
    """1: operations run one after the other, each on all threads of `set_num_threads`.

    Example:
        >>> rt.get_num_interop_threads()
        1
    """
    return 1


def set_num_interop_threads(num: int) -> None:
    """Does nothing: operations run one after the other, each on all threads of `set_num_threads`.

    Example:
        >>> rt.set_num_interop_threads(4)
        >>> rt.get_num_interop_threads()
        1
    """


def get_default_device() -> _rutile.device:
    """`device("cpu")`.

    Example:
        >>> rt.get_default_device()
        device(type='cpu')
    """
    return _rutile.device("cpu")


def set_default_device(device: Any) -> None:
    """Accepts the CPU.

    Raises:
        RuntimeError: for every other device.

    Example:
        >>> rt.set_default_device("cpu")
    """
    if device is not None:
        _rutile.device(device if isinstance(device, str) else str(device))


def set_default_tensor_type(t: Any) -> None:
    """Sets the default dtype by PyTorch's old names: `"torch.DoubleTensor"`, `rutile.DoubleTensor`, or a dtype.

    Raises:
        TypeError: for other types.

    Example:
        >>> rt.set_default_tensor_type("torch.DoubleTensor")
        >>> rt.ones(1).dtype
        rutile.float64
        >>> rt.set_default_dtype(rt.float32)
    """
    if isinstance(t, _rutile.dtype):
        _rutile.set_default_dtype(t)
        return
    name = t if isinstance(t, str) else getattr(t, "__name__", str(t))
    kinds = {
        "FloatTensor": _rutile.float32,
        "DoubleTensor": _rutile.float64,
        "HalfTensor": _rutile.float16,
        "BFloat16Tensor": _rutile.bfloat16,
    }
    kind = kinds.get(name.rpartition(".")[2])
    if kind is None or ".cuda." in name:
        raise TypeError(f"set_default_tensor_type: wants one of {', '.join(kinds)}, got {name!r}")
    _rutile.set_default_dtype(kind)
