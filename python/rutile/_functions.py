"""Small functions of `rutile` that are compositions or questions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from . import _rutile
from ._rutile import Tensor, dtype
from ._size import Size


def _at_least(axes: int, tensors: tuple[Any, ...]) -> Any:
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        return tuple(_at_least(axes, (x,)) for x in tensors[0])
    if len(tensors) > 1:
        return tuple(_at_least(axes, (x,)) for x in tensors)
    (x,) = tensors
    if not isinstance(x, Tensor):
        raise TypeError(f"atleast_{axes}d: takes tensors, got {type(x).__name__}")
    while x.dim() < axes:
        x = x.unsqueeze(2 if x.dim() == 2 else 0)
    return x


def atleast_1d(*tensors: Any) -> Any:
    """The tensor with at least one axis; of several (or a sequence of them), a tuple."""
    return _at_least(1, tensors)


def atleast_2d(*tensors: Any) -> Any:
    """The tensor with at least two axes, vectors as rows; of several (or a sequence of them), a tuple."""
    return _at_least(2, tensors)


def atleast_3d(*tensors: Any) -> Any:
    """The tensor with at least three axes, matrices as (rows, columns, 1); of several (or a sequence), a tuple."""
    return _at_least(3, tensors)


def broadcast_shapes(*shapes: int | Sequence[int]) -> Size:
    """The shape to which tensors of the given shapes broadcast.

    Example:
        >>> import rutile as rt
        >>> rt.broadcast_shapes((2, 1), (3,))
        rutile.Size([2, 3])
    """
    rows = [(shape,) if isinstance(shape, int) else tuple(shape) for shape in shapes]
    result: list[int] = []
    for row in rows:
        if any(n < 0 for n in row):
            raise RuntimeError(f"broadcast_shapes: negative size in {row}")
        result = [1] * (len(row) - len(result)) + result
        for axis, n in enumerate(row, len(result) - len(row)):
            if n != 1 and result[axis] not in (1, n):
                raise RuntimeError(f"broadcast_shapes: shapes {rows} cannot be broadcast to a single shape")
            result[axis] = n if result[axis] == 1 else result[axis]
    return Size(result)


def can_cast(from_: dtype, to: dtype) -> bool:
    """Whether PyTorch's promotion allows a result of type `from_` to be written to a tensor of type `to`: complex
    numbers do not become real, floats do not become integers, and nothing but bools becomes bool."""
    if to is _rutile.bool:
        return from_ is _rutile.bool
    if to.is_complex or from_.is_complex:
        return to.is_complex
    return to.is_floating_point or not from_.is_floating_point


def is_complex(input: Tensor) -> bool:
    """Whether the elements are complex numbers."""
    return input.is_complex()


def is_conj(input: Tensor) -> bool:
    """False: conjugates are computed at once, in memory of their own."""
    return input.is_conj()


def is_neg(input: Tensor) -> bool:
    """False: negations are computed at once, in memory of their own."""
    return input.is_neg()


def is_floating_point(input: Tensor) -> bool:
    """Whether the elements are floats."""
    return input.is_floating_point()


def numel(input: Tensor) -> int:
    """The number of elements."""
    return input.numel()


def typename(obj: Any) -> str:
    """The name of a tensor's type (`"torch.FloatTensor"`), or of anything's class with its module."""
    if isinstance(obj, Tensor):
        return str(obj.type())
    kind = obj if isinstance(obj, type) else type(obj)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    return f"{module}{kind.__qualname__}"


def range(  # noqa: A001
    start: float = 0,
    end: float | None = None,
    step: float = 1,
    *,
    dtype: dtype | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """`start, start + step, ...` up to and including `end`, as floats: PyTorch's old function; prefer `arange`."""
    if end is None:
        start, end = 0, start
    if step == 0 or (end - start) * step < 0:
        raise RuntimeError(f"range: step {step} does not lead from {start} to {end}")
    count = math.floor((end - start) / step) + 1
    places = _rutile.arange(count, dtype=_rutile.float64) * step + start
    return places.to(dtype or _rutile.get_default_dtype()).requires_grad_(requires_grad)


def asarray(
    obj: Any,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    copy: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor of anything, on the same memory where possible unless `copy=True`; `copy=False` refuses to copy."""
    result = _rutile.as_tensor(obj, dtype=dtype, device=device)
    shares = isinstance(obj, Tensor) and result.data_ptr() == obj.data_ptr()
    interface = getattr(obj, "__array_interface__", None) if not isinstance(obj, Tensor) else None
    shares = shares or (interface is not None and interface["data"][0] == result.data_ptr())
    if copy is False and not shares and result.numel():
        raise ValueError("asarray: can't alias arbitrary memory into a tensor; leave out copy=False")
    if copy and shares:
        result = result.detach().clone()
    return result.detach().requires_grad_() if requires_grad and not result.requires_grad else result


def zero_(input: Tensor) -> Tensor:
    """Writes 0 everywhere; returns the tensor."""
    return input.zero_()
