"""Reductions and running sums by the array API standard: `axis` is an int, a tuple or None for all."""

from __future__ import annotations

from typing import Any

import rutile as rt
from rutile import Tensor

__all__ = [
    "all",
    "any",
    "argmax",
    "argmin",
    "count_nonzero",
    "cumulative_prod",
    "cumulative_sum",
    "diff",
    "max",
    "mean",
    "min",
    "prod",
    "std",
    "sum",
    "var",
]


def _axes(x: Tensor, axis: Any) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(x.dim()))
    return axis if isinstance(axis, tuple) else (axis,)


def _over(reduce: Any, x: Tensor, axis: Any, keepdims: bool, **keywords: Any) -> Tensor:
    axes = _axes(x, axis)
    # Without axes there is nothing to reduce, where PyTorch's functions reduce everything.
    return x.clone() if not axes and x.dim() else reduce(x, axes, keepdims, **keywords)


def sum(x: Tensor, /, *, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Tensor:  # noqa: A001
    """Sums over axes."""
    return _over(lambda x, axes, keep: rt.sum(x, axes, keep, dtype=dtype), x, axis, keepdims)


def mean(x: Tensor, /, *, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Means over axes."""
    return _over(rt.mean, x, axis, keepdims)


def max(x: Tensor, /, *, axis: Any = None, keepdims: bool = False) -> Tensor:  # noqa: A001
    """The largest numbers over axes."""
    return _over(rt.amax, x, axis, keepdims)


def min(x: Tensor, /, *, axis: Any = None, keepdims: bool = False) -> Tensor:  # noqa: A001
    """The smallest numbers over axes."""
    return _over(rt.amin, x, axis, keepdims)


def prod(x: Tensor, /, *, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Tensor:
    """Products over axes."""

    def reduce(x: Tensor, axes: tuple[int, ...], keep: bool) -> Tensor:
        x = x if dtype is None else x.to(dtype)
        for axis in sorted((axis % x.dim() for axis in axes), reverse=True):
            x = rt.prod(x, axis, keep)
        return x if axes else rt.prod(x)

    return _over(reduce, x, axis, keepdims)


def all(x: Tensor, /, *, axis: Any = None, keepdims: bool = False) -> Tensor:  # noqa: A001
    """Whether all elements over axes are nonzero."""
    return _over(rt.all, x.bool(), axis, keepdims)


def any(x: Tensor, /, *, axis: Any = None, keepdims: bool = False) -> Tensor:  # noqa: A001
    """Whether any element over axes is nonzero."""
    return _over(rt.any, x.bool(), axis, keepdims)


def count_nonzero(x: Tensor, /, *, axis: Any = None, keepdims: bool = False) -> Tensor:
    """How many elements over axes are nonzero."""
    return sum((x != 0).long(), axis=axis, keepdims=keepdims)


def _spread(name: str, x: Tensor, axis: Any, correction: float, keepdims: bool) -> Tensor:
    result: Tensor = getattr(rt, name)(x, _axes(x, axis), correction=correction, keepdim=keepdims)
    return result


def std(x: Tensor, /, *, axis: Any = None, correction: float = 0.0, keepdims: bool = False) -> Tensor:
    """Standard deviations over axes; `correction` is taken from the number of elements."""
    return _spread("std", x, axis, correction, keepdims)


def var(x: Tensor, /, *, axis: Any = None, correction: float = 0.0, keepdims: bool = False) -> Tensor:
    """Variances over axes; `correction` is taken from the number of elements."""
    return _spread("var", x, axis, correction, keepdims)


def _extreme(find: Any, x: Tensor, axis: int | None, keepdims: bool) -> Tensor:
    if axis is None:
        place: Tensor = find(x.flatten(), 0)
        return place.reshape((1,) * x.dim()) if keepdims else place
    result: Tensor = find(x, axis, keepdims)
    return result


def argmax(x: Tensor, /, *, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Where the largest number is, the first if there are several; in row-major order without `axis`."""
    return _extreme(rt.argmax, x, axis, keepdims)


def argmin(x: Tensor, /, *, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Where the smallest number is, the first if there are several; in row-major order without `axis`."""
    return _extreme(rt.argmin, x, axis, keepdims)


def _running(scan: Any, first: int, x: Tensor, axis: int | None, dtype: Any, include_initial: bool) -> Tensor:
    if axis is None:
        if x.dim() > 1:
            raise ValueError(f"axis must be given for an array of {x.dim()} axes")
        axis, x = 0, x.reshape(-1)
    result: Tensor = scan(x, axis, dtype=dtype)
    if include_initial:
        shape = list(result.shape)
        shape[axis] = 1
        result = rt.cat([rt.full(shape, first, dtype=result.dtype), result], axis)
    return result


def cumulative_sum(
    x: Tensor, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Tensor:
    """Running sums; from 0 on with `include_initial`."""
    return _running(rt.cumsum, 0, x, axis, dtype, include_initial)


def cumulative_prod(
    x: Tensor, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Tensor:
    """Running products; from 1 on with `include_initial`."""
    return _running(rt.cumprod, 1, x, axis, dtype, include_initial)


def diff(
    x: Tensor, /, *, axis: int = -1, n: int = 1, prepend: Tensor | None = None, append: Tensor | None = None
) -> Tensor:
    """Differences of neighbours, `n` times."""
    return rt.diff(x, n, axis, prepend=prepend, append=append)
