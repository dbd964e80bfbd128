"""New tensors and dtypes by the array API standard."""

from __future__ import annotations

from typing import Any

import rutile as rt
from rutile import Tensor

__all__ = [
    "arange",
    "asarray",
    "astype",
    "can_cast",
    "empty",
    "empty_like",
    "eye",
    "full",
    "full_like",
    "isdtype",
    "linspace",
    "meshgrid",
    "ones",
    "ones_like",
    "result_type",
    "tril",
    "triu",
    "zeros",
    "zeros_like",
]

empty_like, full, full_like = rt.empty_like, rt.full, rt.full_like
ones_like, zeros_like = rt.ones_like, rt.zeros_like


def asarray(obj: Any, /, *, dtype: Any = None, device: Any = None, copy: bool | None = None) -> Tensor:
    """A tensor of anything, on the same memory where possible unless `copy=True`."""
    return rt.asarray(obj, dtype=dtype, device=device, copy=copy)


def astype(x: Tensor, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Tensor:
    """`x` with another dtype; a copy also without need unless `copy=False`."""
    return x.to(device, dtype=dtype, copy=copy) if device is not None else x.to(dtype=dtype, copy=copy)


def arange(start: Any, /, stop: Any = None, step: Any = 1, *, dtype: Any = None, device: Any = None) -> Tensor:
    """`start, start + step, ...` up to but without `stop`; nothing if the step leads away from it."""
    start, stop = (0, start) if stop is None else (start, stop)
    if step != 0 and (stop - start) * step < 0:
        stop = start
    return rt.arange(start, stop, step, dtype=dtype, device=device)


def linspace(
    start: Any, stop: Any, /, num: int, *, dtype: Any = None, device: Any = None, endpoint: bool = True
) -> Tensor:
    """`num` numbers from `start` to `stop`, evenly spaced; `stop` is one of them unless `endpoint=False`."""
    if endpoint:
        return rt.linspace(start, stop, num, dtype=dtype, device=device)
    return rt.linspace(start, stop, num + 1, dtype=dtype, device=device)[:-1]


def _of_size(make: Any) -> Any:
    def made(shape: int | tuple[int, ...], *, dtype: Any = None, device: Any = None) -> Tensor:
        result: Tensor = make((shape,) if isinstance(shape, int) else tuple(shape), dtype=dtype, device=device)
        return result

    made.__name__, made.__doc__ = make.__name__, make.__doc__
    return made


empty, ones, zeros = _of_size(rt.empty), _of_size(rt.ones), _of_size(rt.zeros)


def eye(n_rows: int, n_cols: int | None = None, /, *, k: int = 0, dtype: Any = None, device: Any = None) -> Tensor:
    """Ones on diagonal `k` of a matrix, zeros elsewhere."""
    columns = n_rows if n_cols is None else n_cols
    result = rt.zeros(n_rows, columns, dtype=dtype, device=device)
    if -n_rows < k < columns:
        result.diagonal(k).fill_(1)
    return result


def tril(x: Tensor, /, *, k: int = 0) -> Tensor:
    """The lower triangles of matrices, zeros above diagonal `k`."""
    return rt.tril(x, k)


def triu(x: Tensor, /, *, k: int = 0) -> Tensor:
    """The upper triangles of matrices, zeros below diagonal `k`."""
    return rt.triu(x, k)


def meshgrid(*arrays: Tensor, indexing: str = "xy") -> list[Tensor]:
    """Coordinates of all points of a grid, one tensor per axis."""
    return list(rt.meshgrid(*arrays, indexing=indexing))


def isdtype(dtype: Any, kind: Any) -> bool:
    """Whether `dtype` is `kind`: a dtype, a word of the standard (`"real floating"`), or any of a tuple of those."""
    if isinstance(kind, tuple):
        return any(isdtype(dtype, one) for one in kind)
    if isinstance(kind, rt.dtype):
        return bool(dtype == kind)
    whole = not (dtype.is_floating_point or dtype.is_complex or dtype is rt.bool)
    kinds = {
        "bool": dtype is rt.bool,
        "signed integer": whole and dtype.is_signed,
        "unsigned integer": whole and not dtype.is_signed,
        "integral": whole,
        "real floating": dtype.is_floating_point,
        "complex floating": dtype.is_complex,
        "numeric": dtype is not rt.bool,
    }
    if kind not in kinds:
        raise ValueError(f"isdtype: kind must be a dtype or one of {', '.join(kinds)}, got {kind!r}")
    return bool(kinds[kind])


def can_cast(from_: Any, to: Any, /) -> bool:
    """Whether values of `from_` (a dtype or a tensor) may become `to` by promotion."""
    source = from_.dtype if isinstance(from_, Tensor) else from_
    return bool(rt.promote_types(source, to) == to)


def result_type(*arrays_and_dtypes: Any) -> rt.dtype:
    """The dtype that an operation on all of these computes in."""
    if not arrays_and_dtypes:
        raise ValueError("result_type: wants at least one tensor or dtype")
    kinds = [one if isinstance(one, rt.dtype) else getattr(one, "dtype", None) for one in arrays_and_dtypes]
    known = [kind for kind in kinds if kind is not None]
    if not known:
        raise ValueError("result_type: wants at least one tensor or dtype beside numbers")
    result = known[0]
    for kind in known[1:]:
        result = rt.promote_types(result, kind)
    for number in (one for one, kind in zip(arrays_and_dtypes, kinds, strict=True) if kind is None):
        result = rt.result_type(rt.empty(1, dtype=result), number)
    return result
