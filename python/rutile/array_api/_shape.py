"""Shapes, joining, products and places by the array API standard."""

from __future__ import annotations

from typing import Any

import rutile as rt
from rutile import Tensor

__all__ = [
    "bitwise_invert",
    "broadcast_arrays",
    "concat",
    "conj",
    "equal",
    "expand_dims",
    "flip",
    "matrix_transpose",
    "moveaxis",
    "nonzero",
    "permute_dims",
    "repeat",
    "reshape",
    "roll",
    "squeeze",
    "stack",
    "take",
    "take_along_axis",
    "tensordot",
    "tile",
    "unstack",
    "vecdot",
]

bitwise_invert, equal, moveaxis = rt.bitwise_not, rt.eq, rt.moveaxis


def conj(x: Tensor, /) -> Tensor:
    """Complex conjugates."""
    result: Tensor = rt.conj(x) if x.is_complex() else x  # type: ignore[attr-defined, unused-ignore]
    return result


def broadcast_arrays(*arrays: Tensor) -> tuple[Tensor, ...]:
    """All expanded to one shape."""
    return tuple(rt.broadcast_tensors(*arrays))


def concat(arrays: Any, /, *, axis: int | None = 0) -> Tensor:
    """Joined along an axis, in the dtype that holds all; flattened first if `axis` is None."""
    if axis is None:
        return rt.cat([x.flatten() for x in arrays], 0)
    return rt.cat(list(arrays), axis)


def stack(arrays: Any, /, *, axis: int = 0) -> Tensor:
    """Joined along a new axis."""
    return rt.stack(list(arrays), axis)


def unstack(x: Tensor, /, *, axis: int = 0) -> tuple[Tensor, ...]:
    """The parts along an axis."""
    return tuple(rt.unbind(x, axis))


def expand_dims(x: Tensor, /, *, axis: int = 0) -> Tensor:
    """With a new axis of length one."""
    return rt.unsqueeze(x, axis)


def squeeze(x: Tensor, /, axis: int | tuple[int, ...]) -> Tensor:
    """Without these axes, each of length one."""
    for one in axis if isinstance(axis, tuple) else (axis,):
        if x.shape[one] != 1:
            raise ValueError(f"squeeze: axis {one} of {tuple(x.shape)} has length {x.shape[one]}, not 1")
    return rt.squeeze(x, axis)


def permute_dims(x: Tensor, /, axes: tuple[int, ...]) -> Tensor:
    """With the axes in another order."""
    return rt.permute(x, axes)


def matrix_transpose(x: Tensor, /) -> Tensor:
    """Rows and columns exchanged, in the last two axes."""
    return x.mT


def reshape(x: Tensor, /, shape: tuple[int, ...], *, copy: bool | None = None) -> Tensor:
    """The same elements under another shape; `copy=False` refuses to copy."""
    if copy is False:
        return x.view(shape)
    return rt.reshape(x.clone() if copy else x, shape)


def flip(x: Tensor, /, *, axis: int | tuple[int, ...] | None = None) -> Tensor:
    """In reverse order along axes, all of them by default."""
    axes = tuple(range(x.dim())) if axis is None else axis
    return rt.flip(x, (axes,) if isinstance(axes, int) else axes)


def roll(x: Tensor, /, shift: Any, *, axis: Any = None) -> Tensor:
    """Shifted around along axes; without them as one long row."""
    return rt.roll(x, shift, axis)


def repeat(x: Tensor, repeats: Any, /, *, axis: int | None = None) -> Tensor:
    """Each element (or part along an axis) several times."""
    return rt.repeat_interleave(x, repeats, axis)


def tile(x: Tensor, repetitions: tuple[int, ...], /) -> Tensor:
    """Copies of `x` side by side."""
    return rt.tile(x, repetitions)


def take(x: Tensor, indices: Tensor, /, *, axis: int | None = None) -> Tensor:
    """The parts along an axis at `indices`, which has one axis."""
    if axis is None:
        if x.dim() != 1:
            raise ValueError(f"take: axis must be given for an array of {x.dim()} axes")
        axis = 0
    return rt.index_select(x, axis, rt.where(indices < 0, indices + x.shape[axis], indices))


def take_along_axis(x: Tensor, indices: Tensor, /, *, axis: int = -1) -> Tensor:
    """The elements at `indices` along an axis; the other axes broadcast."""
    return rt.take_along_dim(x, rt.where(indices < 0, indices + x.shape[axis], indices), axis)


def nonzero(x: Tensor, /) -> tuple[Tensor, ...]:
    """Where elements are nonzero: a tensor of indices per axis."""
    return tuple(rt.nonzero(x, as_tuple=True))


def tensordot(x1: Tensor, x2: Tensor, /, *, axes: Any = 2) -> Tensor:
    """Sums of products over several axes."""
    kind = rt.promote_types(x1.dtype, x2.dtype)
    return rt.tensordot(x1.to(kind), x2.to(kind), axes)


def vecdot(x1: Tensor, x2: Tensor, /, *, axis: int = -1) -> Tensor:
    """Dot products along an axis; the other axes broadcast."""
    return rt.linalg.vecdot(*rt.broadcast_tensors(x1, x2), dim=axis)
