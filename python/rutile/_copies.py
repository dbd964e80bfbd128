"""Copies of views: for each view, the function that gives the same elements in memory of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import _rutile
from ._rutile import Tensor


def _copied(result: Any) -> Any:
    return result.clone() if isinstance(result, Tensor) else tuple(part.clone() for part in result)


def _slice(input: Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1) -> Tensor:
    dim = dim + input.dim() if dim < 0 else dim
    return input[(slice(None),) * dim + (slice(start, end, step),)]


def _copy(name: str, view: Callable[..., Any]) -> Callable[..., Any]:
    def function(input: Tensor, *args: Any, **kwargs: Any) -> Any:
        return _copied(view(input, *args, **kwargs))

    function.__name__ = function.__qualname__ = f"{name}_copy"
    function.__doc__ = f"""What `Tensor.{name}` shows, in memory of its own; same arguments, differentiable.

    Example:
        >>> x = rt.zeros(2)
        >>> y = rt.expand_copy(x, (1, 2))  # as x.expand(1, 2), but
        >>> y += 1
        >>> x
        tensor([0., 0.])
    """
    return function


alias_copy = _copy("alias", lambda x: x)
as_strided_copy = _copy("as_strided", Tensor.as_strided)
detach_copy = _copy("detach", Tensor.detach)
diagonal_copy = _copy("diagonal", Tensor.diagonal)
expand_copy = _copy("expand", Tensor.expand)
permute_copy = _copy("permute", Tensor.permute)
select_copy = _copy("select", Tensor.select)
slice_copy = _copy("slice", _slice)
split_copy = _copy("split", Tensor.split)
split_with_sizes_copy = _copy("split_with_sizes", Tensor.split_with_sizes)
squeeze_copy = _copy("squeeze", Tensor.squeeze)
t_copy = _copy("t", Tensor.t)
transpose_copy = _copy("transpose", Tensor.transpose)
unbind_copy = _copy("unbind", Tensor.unbind)
unfold_copy = _copy("unfold", Tensor.unfold)
unsqueeze_copy = _copy("unsqueeze", Tensor.unsqueeze)
view_as_complex_copy = _copy("view_as_complex", _rutile.view_as_complex)
view_as_real_copy = _copy("view_as_real", _rutile.view_as_real)
view_copy = _copy("view", Tensor.view)
