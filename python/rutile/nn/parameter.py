"""Tensors that a module owns: `Parameter` is learned, `Buffer` is only remembered."""

from __future__ import annotations

import copy
from typing import Any, Self, TypeVar

import rutile as rt

__all__ = ["Buffer", "Parameter", "UninitializedBuffer", "UninitializedParameter", "is_lazy"]


T = TypeVar("T", bound=rt.Tensor)


def _make(cls: type[T], data: rt.Tensor, requires_grad: bool) -> T:
    """A leaf of class `cls` that shares the memory of `data`."""
    tensor = rt.Tensor.__new__(cls, data.detach())
    tensor.requires_grad_(requires_grad)
    return tensor


class Parameter(rt.Tensor):
    """A tensor that registers itself as learned when assigned to an attribute of a `Module`.

    It shares memory with `data` and is a leaf of the tape, whatever `data` was computed from.

    Args:
        data: values; an empty tensor if left out.
        requires_grad: whether gradients are collected (default: True).

    Example:
        >>> class Scale(rt.nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.factor = rt.nn.Parameter(rt.ones(3))
        >>> [name for name, _ in Scale().named_parameters()]
        ['factor']
    """

    def __new__(cls, data: rt.Tensor | None = None, requires_grad: bool = True) -> Self:
        if data is None:
            data = rt.empty(0)
        if not isinstance(data, rt.Tensor):
            raise TypeError(f"{cls.__name__}: data must be a Tensor, got {type(data).__name__}")
        return _make(cls, data, requires_grad)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return _copy(self, memo)

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.data, self.requires_grad, dict(self.__dict__))

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()


class Buffer(rt.Tensor):
    """A tensor that registers itself as a buffer when assigned to an attribute of a `Module`.

    A buffer moves, casts and is saved with its module, but is not learned: running statistics, masks, tables.

    Args:
        data: values; an empty tensor if left out.
        persistent: whether it is part of `state_dict` (default: True).

    Example:
        >>> m = rt.nn.Module()
        >>> m.table = rt.nn.Buffer(rt.arange(3))
        >>> list(m.state_dict())
        ['table']
    """

    persistent: bool

    def __new__(cls, data: rt.Tensor | None = None, *, persistent: bool = True) -> Self:
        buffer = _make(cls, rt.empty(0) if data is None else data, False)
        buffer.persistent = persistent
        return buffer

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return _copy(self, memo)

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.data, False, dict(self.__dict__))


def _copy(tensor: Parameter | Buffer, memo: dict[int, Any]) -> Any:
    """A deep copy: new memory, the same attributes, no gradient."""
    if id(tensor) not in memo:
        state = copy.deepcopy(tensor.__dict__, memo)
        memo[id(tensor)] = _rebuild(type(tensor), tensor.data.clone(), tensor.requires_grad, state)
    return memo[id(tensor)]


def _rebuild(
    cls: type[Parameter] | type[Buffer], data: rt.Tensor, requires_grad: bool, state: dict[str, Any]
) -> rt.Tensor:
    """Undoes pickling."""
    tensor = _make(cls, data, requires_grad)
    tensor.__dict__.update(state)
    return tensor


class _Uninitialized:
    """What `UninitializedParameter` and `UninitializedBuffer` share: no shape until `materialize`."""

    _final: type[rt.Tensor]
    data: rt.Tensor

    def materialize(self, shape: tuple[int, ...], device: Any = None, dtype: rt.dtype | None = None) -> None:
        """Gives this tensor uninitialised memory of `shape`; from then on it is an ordinary one."""
        assert isinstance(self, rt.Tensor)
        self.data = rt.empty(shape, device=device, dtype=dtype or self.dtype)
        self.__class__ = self._final  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    @property
    def shape(self) -> rt.Size:
        raise RuntimeError(
            f"{type(self).__name__}: no shape yet; run one batch through the module, so that a lazy layer learns its "
            "input size, before looking at its parameters or counting them"
        )


class UninitializedParameter(_Uninitialized, Parameter):
    """A parameter of a lazy module, whose shape the first batch decides.

    Example:
        >>> weight = nn.LazyLinear(3).weight
        >>> isinstance(weight, nn.UninitializedParameter)
        True
    """

    _final = Parameter

    def __new__(cls, requires_grad: bool = True, device: Any = None, dtype: rt.dtype | None = None) -> Self:
        return _make(cls, rt.empty(0, device=device, dtype=dtype), requires_grad)


class UninitializedBuffer(_Uninitialized, Buffer):
    """A buffer of a lazy module, whose shape the first batch decides.

    Example:
        >>> mean = nn.LazyBatchNorm1d().running_mean
        >>> isinstance(mean, nn.UninitializedBuffer)
        True
    """

    _final = Buffer

    def __new__(
        cls, requires_grad: bool = False, device: Any = None, dtype: rt.dtype | None = None, persistent: bool = True
    ) -> Self:
        buffer = _make(cls, rt.empty(0, device=device, dtype=dtype), requires_grad)
        buffer.persistent = persistent
        return buffer


def is_lazy(tensor: object) -> bool:
    """Whether `tensor` still waits for its shape.

    Example:
        >>> nn.parameter.is_lazy(nn.LazyLinear(3).weight), nn.parameter.is_lazy(nn.Linear(2, 3).weight)
        (True, False)
    """
    return isinstance(tensor, _Uninitialized)
