"""Names that PyTorch keeps to itself and that public code imports all the same: sizes per axis, copies of layers, base
classes. The places in `nn.modules` show them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any

import rutile as rt

from ._losses import reduction_name
from ._state import IncompatibleKeys as _IncompatibleKeys
from .container import ModuleList
from .dropout import _Dropout as _DropoutNd
from .init import _calculate_correct_fan
from .module import Module
from .pool import _AdaptiveAvgPool as _AdaptiveAvgPoolNd
from .pool import _AdaptiveMaxPool as _AdaptiveMaxPoolNd
from .pool import _AvgPool as _AvgPoolNd
from .pool import _MaxPool as _MaxPoolNd
from .transformer import _get_activation_fn

__all__ = [
    "_AdaptiveAvgPoolNd",
    "_AdaptiveMaxPoolNd",
    "_AvgPoolNd",
    "_DropoutNd",
    "_IncompatibleKeys",
    "_MaxPoolNd",
    "_calculate_correct_fan",
    "_get_activation_fn",
    "_get_clones",
    "_ntuple",
    "_pair",
    "_quadruple",
    "_reverse_repeat_tuple",
    "_single",
    "_size_1_t",
    "_size_2_t",
    "_size_3_t",
    "_size_4_t",
    "_size_6_t",
    "_size_any_opt_t",
    "_size_any_t",
    "_tensor_list_t",
    "_triple",
    "get_enum",
    "legacy_get_enum",
    "legacy_get_string",
]


_size_1_t = int | tuple[int]
_size_2_t = int | tuple[int, int]
_size_3_t = int | tuple[int, int, int]
_size_4_t = int | tuple[int, int, int, int]
_size_6_t = int | tuple[int, int, int, int, int, int]
_size_any_t = int | tuple[int, ...]
_size_any_opt_t = int | tuple[int | None, ...]
_tensor_list_t = rt.Tensor | list[rt.Tensor]


def _ntuple(n: int, name: str = "parse") -> Callable[[Any], tuple[Any, ...]]:
    """A function that repeats a number `n` times and makes a tuple of what is several already."""

    def parse(x: Any) -> tuple[Any, ...]:
        return tuple(x) if isinstance(x, Iterable) else (x,) * n

    parse.__name__ = name
    return parse


_single = _ntuple(1, "_single")
_pair = _ntuple(2, "_pair")
_triple = _ntuple(3, "_triple")
_quadruple = _ntuple(4, "_quadruple")


def _reverse_repeat_tuple(t: Iterable[int], n: int) -> tuple[int, ...]:
    """The last first, each `n` times: widths per axis as `F.pad` wants them."""
    return tuple(x for x in reversed(tuple(t)) for _ in range(n))


def _get_clones(module: Module, N: int) -> ModuleList:  # noqa: N803 - PyTorch's name
    """`N` copies with parameters of their own."""
    return ModuleList([copy.deepcopy(module) for _ in range(N)])


def get_enum(reduction: str) -> int:
    """The number of "none", "mean" or "sum"."""
    names = ("none", "mean", "sum")
    if reduction not in names:
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return names.index(reduction)


def legacy_get_string(size_average: bool | None, reduce: bool | None, emit_warning: bool = True) -> str:
    """What the old flags of a loss say: "none", "mean" or "sum"."""
    return reduction_name(size_average, reduce, "mean")


def legacy_get_enum(size_average: bool | None, reduce: bool | None, emit_warning: bool = True) -> int:
    """The number of what the old flags of a loss say."""
    return get_enum(legacy_get_string(size_average, reduce, emit_warning))
