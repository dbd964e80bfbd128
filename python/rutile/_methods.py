"""Methods of `Tensor` that are written in Python: rare ones, and what they return."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import _rutile
from ._rutile import Tensor
from .storage import TypedStorage, UntypedStorage

Number = bool | int | float | complex


def untyped_storage(tensor: Tensor) -> UntypedStorage:
    """The bytes that `tensor` and its views share."""
    return UntypedStorage(tensor._storage_bytes())


def storage(tensor: Tensor) -> TypedStorage:
    """The elements that `tensor` and its views share."""
    return TypedStorage(UntypedStorage(tensor._storage_bytes()), tensor.dtype)


def storage_type(tensor: Tensor) -> str:
    """PyTorch's name of the class of `tensor.storage()`."""
    return str(tensor.type()).replace("Tensor", "Storage")


def new(tensor: Tensor, *args: Any) -> Tensor:
    """A new tensor of the dtype of `tensor`: of a size (holds anything), of another tensor's elements, or of data."""
    if not args:
        return _rutile.empty(0, dtype=tensor.dtype)
    first = args[0]
    if isinstance(first, Tensor) and len(args) == 1:
        if first.dtype != tensor.dtype:
            raise TypeError(f"new(): wants a tensor of {tensor.dtype}, got one of {first.dtype}; use first.to(...)")
        return first.detach()
    if all(isinstance(n, int) for n in args) or (len(args) == 1 and type(first).__name__ == "Size"):
        return _rutile.empty(*args, dtype=tensor.dtype)
    if len(args) > 1:
        raise TypeError("new(): takes sizes as ints, one tensor or one sequence of data")
    return _rutile.tensor(first, dtype=tensor.dtype)


def apply_(tensor: Tensor, callable: Callable[[Any], Number]) -> Tensor:
    """Replaces each element by `callable(element)`, one Python call each; for tensors without history."""
    return map_(tensor, callable)


def map_(tensor: Tensor, *rest: Any) -> Tensor:
    """`map_(x, y, ..., callable)`: replaces each element of x by `callable(x's, y's, ...)`; the others broadcast."""
    *others, call = rest
    name = "map_" if others else "apply_"
    if not callable(call):
        raise TypeError(f"{name}(): wants a callable, got {type(call).__name__}")
    if tensor.requires_grad or any(other.requires_grad for other in others):
        raise RuntimeError(f"Can't call {name}() on Variable that requires grad. Use var.detach().{name}() instead.")
    for other in others:
        if other.dtype != tensor.dtype:
            raise TypeError(f"{name}(): expected a tensor of {tensor.dtype}, got one of {other.dtype}")
    columns = [tensor.flatten().tolist(), *(other.expand(tensor.shape).flatten().tolist() for other in others)]
    made = [call(*row) for row in zip(*columns, strict=True)]
    tensor.copy_(_rutile.tensor(made, dtype=tensor.dtype).reshape(tensor.shape))
    return tensor
