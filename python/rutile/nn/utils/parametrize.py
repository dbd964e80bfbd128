"""Parameters that are functions of others: `register_parametrization`.

The parameter `name` of a module becomes a property that is computed, at each access, from what is stored in
`module.parametrizations.name` as `original` (or `original0`, `original1`, ... if there are several), so the
`state_dict` has PyTorch's keys.

Example:
    >>> class Symmetric(rt.nn.Module):
    ...     def forward(self, x):
    ...         return x.triu() + x.triu(1).t()
    >>> layer = rt.nn.Linear(3, 3)
    >>> _ = rt.nn.utils.parametrize.register_parametrization(layer, "weight", Symmetric())
    >>> layer.weight.equal(layer.weight.t())
    True
    >>> sorted(layer.state_dict())
    ['bias', 'parametrizations.weight.original']
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import rutile as rt

from ..container import ModuleDict, ModuleList
from ..module import Module
from ..parameter import Parameter

__all__ = ["ParametrizationList", "cached", "is_parametrized", "register_parametrization", "remove_parametrizations"]

_cache: dict[tuple[int, str], rt.Tensor] | None = None


@contextlib.contextmanager
def cached() -> Iterator[None]:
    """Within it, each parametrized tensor is computed once, for networks that use one several times.

    Example:
        >>> layer = nn.utils.parametrizations.weight_norm(nn.Linear(2, 2))
        >>> with nn.utils.parametrize.cached():
        ...     layer.weight is layer.weight
        True
        >>> layer.weight is layer.weight
        False
    """
    global _cache
    outer = _cache
    _cache = {} if outer is None else outer
    try:
        yield
    finally:
        _cache = outer


class ParametrizationList(ModuleList):
    """The functions of one tensor, and what they start from.

    Args:
        modules: the functions, applied one after the other.
        original: the tensor they replace; the last function's `right_inverse`, if there is one, makes of it what is
        stored.
        unsafe: accept functions that change shape or dtype.

    Example:
        >>> layer = nn.utils.parametrizations.weight_norm(nn.Linear(2, 3))
        >>> layer.parametrizations.weight.original0.shape
        rutile.Size([3, 1])
    """

    def __init__(self, modules: Sequence[Module], original: rt.Tensor, unsafe: bool = False) -> None:
        if not modules:
            raise ValueError("ParametrizationList requires one or more modules.")
        super().__init__(modules)
        self.unsafe = unsafe
        try:
            start = self._inverted(original)
        except NotImplementedError:  # assigning is not possible, but the tensor may be a start as it is
            start = original
        self.is_tensor = isinstance(start, rt.Tensor)
        if self.is_tensor:
            self.ntensors = 1
            self._store("original", start, original)
        else:
            self.ntensors = len(start)
            for number, value in enumerate(start):
                self._store(f"original{number}", value, original)
        if not unsafe:
            self._check(original)

    def _check(self, original: rt.Tensor) -> None:
        found = self()
        if found.shape != original.shape or found.dtype != original.dtype:
            raise ValueError(
                "Registering a parametrization may not change the shape or dtype of the tensor, unless the `unsafe` "
                f"flag is enabled: {list(original.shape)} {original.dtype} became {list(found.shape)} {found.dtype}"
            )

    def _store(self, name: str, value: rt.Tensor, like: rt.Tensor) -> None:
        value = value.detach()
        if isinstance(like, Parameter):
            self.register_parameter(name, Parameter(value, like.requires_grad))
        else:
            self.register_buffer(name, value)

    def _inverted(self, value: rt.Tensor) -> Any:
        """What the functions make `value` of."""
        with rt.no_grad():
            start: Any = value
            for module in reversed(list(self)):
                if hasattr(module, "right_inverse"):
                    start = module.right_inverse(start)
        return start

    def originals(self) -> list[rt.Tensor]:
        """What is stored."""
        names = ["original"] if self.is_tensor else [f"original{number}" for number in range(self.ntensors)]
        return [getattr(self, name) for name in names]

    def right_inverse(self, value: rt.Tensor) -> None:
        """Sets what is stored so that the functions give `value`."""
        start = self._inverted(value)
        with rt.no_grad():
            for stored, new in zip(self.originals(), [start] if self.is_tensor else start, strict=True):
                stored.copy_(new)

    def forward(self) -> rt.Tensor:
        first, *rest = list(self)
        value: rt.Tensor = first(*self.originals())
        for module in rest:
            value = module(value)
        return value


def _property(name: str) -> property:
    def get(self: Any) -> rt.Tensor:
        parametrization = self.parametrizations[name]
        if _cache is None:
            return parametrization()  # type: ignore[no-any-return]
        key = (id(self), name)
        if key not in _cache:
            _cache[key] = parametrization()
        return _cache[key]

    def set_value(self: Any, value: rt.Tensor) -> None:
        self.parametrizations[name].right_inverse(value)

    return property(get, set_value)


def _plain_set(self: Any, name: str, value: Any) -> None:
    """Modules keep tensors in their registries, except where the class has a property."""
    if isinstance(getattr(type(self), name, None), property):
        object.__setattr__(self, name, value)
    else:
        super(type(self), self).__setattr__(name, value)


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Whether a module has parametrized tensors, or this one.

    Example:
        >>> layer = nn.utils.parametrizations.weight_norm(nn.Linear(2, 2))
        >>> nn.utils.parametrize.is_parametrized(layer, "weight"), nn.utils.parametrize.is_parametrized(layer, "bias")
        (True, False)
    """
    lists = module._modules.get("parametrizations")
    return lists is not None and (len(lists) > 0 if tensor_name is None else tensor_name in lists)  # type: ignore


def register_parametrization(
    module: Module, tensor_name: str, parametrization: Module, *, unsafe: bool = False
) -> Module:
    """Makes the parameter or buffer `tensor_name` of `module` the value of `parametrization`; another one comes on top.

    Args:
        parametrization: takes a tensor, gives one. If it has a `right_inverse`, the stored tensor (or tensors) begin
            with that of the current value, and assigning to the parameter goes through it.
        unsafe: accept another shape or dtype.

    Raises:
        ValueError: there is no such parameter or buffer, or shape or dtype change without `unsafe`.

    Example:
        >>> class Symmetric(nn.Module):
        ...     def forward(self, x):
        ...         return x.triu() + x.triu(1).T
        >>> layer = nn.Linear(3, 3)
        >>> _ = nn.utils.parametrize.register_parametrization(layer, "weight", Symmetric())
        >>> rt.equal(layer.weight, layer.weight.T)
        True
    """
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        lists: Any = module.parametrizations
        old = lists[tensor_name]
        before = old().detach()
        if hasattr(parametrization, "right_inverse"):
            with rt.no_grad():
                old.right_inverse(parametrization.right_inverse(before))
        old.append(parametrization)
        if not (unsafe or old.unsafe):
            old._check(before)
        return module
    tensor = module._parameters.get(tensor_name)
    if tensor is None:
        tensor = module._buffers.get(tensor_name)  # type: ignore[assignment]
    if tensor is None:
        raise ValueError(f"Module '{type(module).__name__}' does not have a parameter or buffer named '{tensor_name}'")
    stored = ParametrizationList([parametrization], tensor, unsafe=unsafe)
    delattr(module, tensor_name)
    if not is_parametrized(module):
        cls = type(module)
        module.__class__ = type(f"Parametrized{cls.__name__}", (cls,), {"__setattr__": _plain_set})
        module.add_module("parametrizations", ModuleDict())
    setattr(type(module), tensor_name, _property(tensor_name))
    lists = module.parametrizations
    lists[tensor_name] = stored
    return module


def remove_parametrizations(module: Module, tensor_name: str, leave_parametrized: bool = True) -> Module:
    """Makes `tensor_name` a plain parameter or buffer again.

    Args:
        leave_parametrized: with the computed value; else with what is stored (there must be one tensor then).

    Raises:
        ValueError: it is not parametrized.

    Example:
        >>> layer = nn.utils.parametrizations.weight_norm(nn.Linear(2, 2))
        >>> _ = nn.utils.parametrize.remove_parametrizations(layer, "weight")
        >>> isinstance(layer.weight, nn.Parameter)
        True
    """
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"Module {type(module).__name__} does not have a parametrization on {tensor_name}")
    lists: Any = module.parametrizations
    stored = lists[tensor_name]
    originals = stored.originals()
    if not leave_parametrized and not stored.is_tensor:
        raise ValueError("Cannot leave unparametrized a tensor that is made of several")
    value = (stored() if leave_parametrized else originals[0]).detach()
    del lists[tensor_name]
    delattr(type(module), tensor_name)
    if len(lists) == 0:
        del module._modules["parametrizations"]
        module.__class__ = type(module).__mro__[1]
    if any(isinstance(original, Parameter) for original in originals):
        wanted = any(original.requires_grad for original in originals)
        module.register_parameter(tensor_name, Parameter(value, wanted))
    else:
        module.register_buffer(tensor_name, value)
    return module
