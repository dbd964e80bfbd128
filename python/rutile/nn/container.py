"""Modules that hold modules or parameters."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from itertools import groupby
from operator import index as as_index
from typing import Any, Self, overload

import rutile as rt

from .module import Module
from .parameter import Parameter

__all__ = ["ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential"]


class _Numbered(Module):
    """Children named "0", "1", ... and reached by position."""

    def _name(self, position: int) -> str:
        position, length = as_index(position), len(self)
        if not -length <= position < length:
            raise IndexError(f"index {position} is out of range")
        return str(position % length)

    def _renumber(self, modules: Iterable[Module]) -> None:
        self._modules = {str(i): module for i, module in enumerate(modules)}

    def _list(self) -> list[Any]:
        return list(self._modules.values())

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._modules.values())

    def __contains__(self, module: object) -> bool:
        return any(module is own for own in self)

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if not name.isdigit()]

    def __delitem__(self, position: int | slice) -> None:
        modules = self._list()
        if isinstance(position, slice):
            del modules[position]
        else:
            del modules[int(self._name(position))]
        self._renumber(modules)

    def extend(self, modules: Iterable[Module]) -> Self:
        """Adds several modules at the end."""
        if not isinstance(modules, Iterable):
            raise TypeError(f"{type(self).__name__}.extend should be called with an iterable, got {modules!r}")
        for module in list(modules):
            self.add_module(str(len(self)), module)
        return self

    def append(self, module: Module) -> Self:
        """Adds a module at the end."""
        self.add_module(str(len(self)), module)
        return self

    def insert(self, index: int, module: Module) -> Any:
        """Puts a module before position `index`."""
        if not isinstance(module, Module):
            raise TypeError(f"{type(module).__name__} is not a Module subclass")
        modules = self._list()
        if not -len(modules) <= index <= len(modules):
            raise IndexError(f"index {index} is out of range")
        modules.insert(index, module)
        self._renumber(modules)
        return self

    def pop(self, key: int | slice) -> Any:
        """Removes and returns the module at position `key`."""
        module = self[key]  # type: ignore[index]
        del self[key]
        return module

    def __iadd__(self, modules: Iterable[Module]) -> Self:
        return self.extend(modules)


class Sequential(_Numbered):
    """Runs modules one after the other, each on the output of the last.

    Args:
        *modules: the modules, or one dictionary of them, whose keys become their names.

    Example:
        >>> net = rt.nn.Sequential(rt.nn.Linear(4, 8), rt.nn.ReLU(), rt.nn.Linear(8, 2))
        >>> list(net(rt.randn(3, 4)).shape), len(net[:2])
        ([3, 2], 2)
    """

    @overload
    def __init__(self, *modules: Module) -> None: ...
    @overload
    def __init__(self, modules: Mapping[str, Module], /) -> None: ...
    def __init__(self, *modules: Any) -> None:
        super().__init__()
        named = modules[0] if len(modules) == 1 and isinstance(modules[0], Mapping) else None
        for name, module in named.items() if named is not None else enumerate(modules):
            self.add_module(str(name), module)

    def _name(self, position: int) -> str:
        return list(self._modules)[int(super()._name(position))]

    @overload
    def __getitem__(self, position: int) -> Any: ...
    @overload
    def __getitem__(self, position: slice) -> Sequential: ...
    def __getitem__(self, position: int | slice) -> Any:
        if isinstance(position, slice):
            return type(self)(dict(list(self._modules.items())[position]))  # type: ignore[arg-type]
        return self._modules[self._name(position)]

    def __setitem__(self, position: int, module: Module) -> None:
        setattr(self, self._name(position), module)

    def __delitem__(self, position: int | slice) -> None:
        names = list(self._modules)
        for name in names[position] if isinstance(position, slice) else [self._name(position)]:
            delattr(self, name)
        # Numbered names stay gapless, given ones stay.
        if all(name.isdigit() for name in names):
            self._renumber(self._list())

    def __add__(self, other: Sequential) -> Sequential:
        if not isinstance(other, Sequential):
            raise ValueError(f"add operator supports only objects of Sequential class, but {type(other)} is given.")
        return Sequential(*self, *other)

    def __iadd__(self, other: Iterable[Module]) -> Self:  # type: ignore[misc]
        if not isinstance(other, Sequential):
            raise ValueError(f"add operator supports only objects of Sequential class, but {type(other)} is given.")
        return self.extend(other)

    def __mul__(self, times: int) -> Sequential:
        if not isinstance(times, int):
            raise TypeError(f"unsupported operand type(s) for *: {type(self)} and {type(times)}")
        if times <= 0:
            raise ValueError(f"Non-positive multiplication factor {times} for {type(self)}")
        return Sequential(*(module for _ in range(times) for module in self))

    __rmul__ = __mul__

    def __imul__(self, times: int) -> Self:
        return self.extend((self * times)[len(self) :])

    def forward(self, input: Any) -> Any:
        output = input
        for module in self._modules.values():
            output = module(output)  # type: ignore[misc]
        return output


class ModuleList(_Numbered):
    """A list of modules that registers them; it has no `forward`.

    Args:
        modules: what to start with.

    Example:
        >>> layers = rt.nn.ModuleList(rt.nn.Linear(10, 10) for _ in range(3))
        >>> len(layers), len(list(layers.parameters()))
        (3, 6)
    """

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self.extend(modules)

    @overload
    def __getitem__(self, position: int) -> Any: ...
    @overload
    def __getitem__(self, position: slice) -> Self: ...
    def __getitem__(self, position: int | slice) -> Any:
        if isinstance(position, slice):
            return type(self)(self._list()[position])
        return self._modules[self._name(position)]

    def __setitem__(self, position: int, module: Module) -> None:
        setattr(self, self._name(position), module)

    def insert(self, index: int, module: Module) -> None:
        """Puts a module before position `index`."""
        modules = self._list()
        modules.insert(index, module)
        self._renumber(modules)

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList([*self, *other])

    def __repr__(self) -> str:
        """Equal neighbours are shown once, with their count."""
        if not len(self):
            return f"{self._get_name()}()"
        lines, position = [], 0
        for text, run in groupby(map(repr, self)):
            count = len(list(run))
            head = f"({position}): " if count == 1 else f"({position}-{position + count - 1}): {count} x "
            lines.append(head + text.replace("\n", "\n  "))
            position += count
        return f"{self._get_name()}(\n  " + "\n  ".join(lines) + "\n)"


class ModuleDict(Module):
    """A dictionary of modules that registers them, in the order they were added; it has no `forward`.

    Args:
        modules: a dictionary, or pairs of name and module.

    Example:
        >>> heads = rt.nn.ModuleDict({"class": rt.nn.Linear(8, 10), "box": rt.nn.Linear(8, 4)})
        >>> list(heads["box"](rt.zeros(1, 8)).shape), "class" in heads
        ([1, 4], True)
    """

    def __init__(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self.update(modules)

    def __getitem__(self, key: str) -> Any:
        return self._modules[key]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, key: object) -> bool:
        return key in self._modules

    def clear(self) -> None:
        """Removes all modules."""
        self._modules.clear()

    def pop(self, key: str) -> Any:
        """Removes and returns the module under `key`."""
        return self._modules.pop(key)

    def keys(self) -> KeysView[str]:
        """The names."""
        return self._modules.keys()

    def items(self) -> ItemsView[str, Any]:
        """Pairs of name and module."""
        return self._modules.items()

    def values(self) -> ValuesView[Any]:
        """The modules."""
        return self._modules.values()

    def update(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]]) -> None:
        """Adds modules from a dictionary or from pairs, replacing those of the same name."""
        for key, module in _pairs(modules, "ModuleDict"):
            self[key] = module


def _pairs(source: Any, name: str) -> Iterator[tuple[str, Any]]:
    if not isinstance(source, Iterable):
        raise TypeError(f"{name}.update should be called with an iterable of key/value pairs, got {source!r}")
    if isinstance(source, Mapping | ModuleDict | ParameterDict):
        yield from source.items()
        return
    for position, pair in enumerate(source):
        if not isinstance(pair, Iterable):
            raise TypeError(f"{name} update sequence element #{position} should be Iterable; is {type(pair).__name__}")
        pair = tuple(pair)
        if len(pair) != 2:
            raise ValueError(f"{name} update sequence element #{position} has length {len(pair)}; 2 is required")
        yield pair


def _as_parameter(value: Any) -> Any:
    """A tensor becomes a parameter; anything else is kept as it is."""
    return Parameter(value) if isinstance(value, rt.Tensor) and not isinstance(value, Parameter) else value


def _described(name: Any, value: Any) -> str:
    if isinstance(value, rt.Tensor):
        kind = "Parameter" if isinstance(value, Parameter) else "Tensor"
        size = "x".join(map(str, value.shape))
        return f"({name}): {kind} containing: [{value.dtype} of size {size}]"
    return f"({name}): Object of type: {type(value).__name__}"


class ParameterList(Module):
    """A list of parameters that registers them; tensors become parameters, other values are kept.

    Args:
        values: what to start with.

    Example:
        >>> weights = rt.nn.ParameterList([rt.zeros(2), rt.ones(3)])
        >>> len(list(weights.parameters())), weights[1].sum().item()
        (2, 3.0)
    """

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        self._size = 0
        if values is not None:
            self.extend(values)

    def _name(self, position: int) -> str:
        position = as_index(position)
        if not -self._size <= position < self._size:
            raise IndexError(f"index {position} is out of range")
        return str(position % self._size)

    @overload
    def __getitem__(self, position: int) -> Any: ...
    @overload
    def __getitem__(self, position: slice) -> Self: ...
    def __getitem__(self, position: int | slice) -> Any:
        if isinstance(position, slice):
            return type(self)([self[i] for i in range(self._size)[position]])
        return getattr(self, self._name(position))

    def __setitem__(self, position: int, value: Any) -> None:
        setattr(self, self._name(position), _as_parameter(value))

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(self._size))

    def append(self, value: Any) -> Self:
        """Adds a value at the end."""
        self._size += 1
        self[-1] = value
        return self

    def extend(self, values: Iterable[Any]) -> Self:
        """Adds several values at the end."""
        if not isinstance(values, Iterable) or isinstance(values, rt.Tensor):
            raise TypeError(f"ParameterList.extend should be called with an iterable, but got {type(values).__name__}")
        for value in list(values):
            self.append(value)
        return self

    def __iadd__(self, values: Iterable[Any]) -> Self:
        return self.extend(values)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("ParameterList should not be called.")

    def extra_repr(self) -> str:
        return "\n".join(_described(position, value) for position, value in enumerate(self))


class ParameterDict(Module):
    """A dictionary of parameters that registers them; tensors become parameters, other values are kept.

    Args:
        parameters: a dictionary, or pairs of name and value.

    Example:
        >>> table = rt.nn.ParameterDict({"left": rt.zeros(5, 10)})
        >>> [name for name, _ in table.named_parameters()]
        ['left']
    """

    def __init__(self, parameters: Any = None) -> None:
        super().__init__()
        self._keys: dict[str, None] = {}
        if parameters is not None:
            self.update(parameters)

    def __getitem__(self, key: str) -> Any:
        if key not in self._keys:
            raise KeyError(key)
        return getattr(self, key)

    def __setitem__(self, key: str, value: Any) -> None:
        if not isinstance(key, str):
            raise TypeError(f"ParameterDict: the key must be a string, got {type(key).__name__}")
        if key not in self._keys and hasattr(self, key):
            raise KeyError(f"attribute '{key}' already exists")
        self._keys[key] = None
        setattr(self, key, _as_parameter(value))

    def __delitem__(self, key: str) -> None:
        del self._keys[key]
        delattr(self, key)

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._keys)

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def keys(self) -> KeysView[str]:
        """The names."""
        return self._keys.keys()

    def items(self) -> list[tuple[str, Any]]:
        """Pairs of name and value."""
        return [(key, self[key]) for key in self._keys]

    def values(self) -> list[Any]:
        """The values."""
        return [self[key] for key in self._keys]

    def copy(self) -> ParameterDict:
        """A new dictionary of the same values."""
        return ParameterDict(self.items())

    def get(self, key: str, default: Any = None) -> Any:
        """The value under `key`, or `default`."""
        return self[key] if key in self else default  # noqa: SIM401

    def setdefault(self, key: str, default: Any = None) -> Any:
        """The value under `key`, which is added as `default` if it is not there."""
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key: str) -> Any:
        """Removes and returns the value under `key`."""
        value = self[key]
        del self[key]
        return value

    def popitem(self) -> tuple[str, Any]:
        """Removes and returns the last pair."""
        key = next(reversed(self._keys))
        return key, self.pop(key)

    def clear(self) -> None:
        """Removes all values."""
        for key in list(self):
            del self[key]

    def fromkeys(self, keys: Iterable[str], default: Any = None) -> ParameterDict:
        """A new dictionary with `default` under each of `keys`."""
        return ParameterDict((key, default) for key in keys)

    def update(self, parameters: Any) -> None:
        """Adds values from a dictionary or from pairs, replacing those of the same name."""
        for key, value in _pairs(parameters, "ParameterDict"):
            self[key] = value

    def __or__(self, other: ParameterDict) -> ParameterDict:
        new = self.copy()
        new.update(other)
        return new

    def __ior__(self, other: ParameterDict) -> Self:
        self.update(other)
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("ParameterDict should not be called.")

    def extra_repr(self) -> str:
        return "\n".join(_described(key, value) for key, value in self.items())
