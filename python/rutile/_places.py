"""PyTorch's places of names that live elsewhere here: `rutile.nn.utils.clip_grad.clip_grad_norm_` is
`rutile.nn.utils.clip_grad_norm_`, and so on. Only the place differs, so such a module is made when its package is
loaded, and looks its names up in the modules that stand behind it.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

__all__ = ["add_places", "find"]


def find(name: str, owner: str, homes: Iterable[str]) -> Any:
    """`name` in the first of the modules `homes` that has it.

    Raises:
        AttributeError: none has it; says what to use instead.
    """
    modules = [importlib.import_module(home) for home in homes]
    for module in modules:
        try:
            return getattr(module, name)
        except AttributeError:
            continue
    from .compat.missing import missing

    raise missing(f"module {owner!r}", name, [known for module in modules for known in dir(module)])


class Place(ModuleType):
    """A module whose names are those of others."""

    def __init__(self, name: str, homes: Iterable[str]) -> None:
        homes = tuple(homes)
        super().__init__(name, f"PyTorch's place of names that are in {', '.join(homes)}.")
        self._homes = homes

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return find(name, self.__name__, self._homes)

    def __dir__(self) -> list[str]:
        return sorted({name for home in self._homes for name in dir(importlib.import_module(home))})


def add_places(package: str, places: Mapping[str, Iterable[str]], attributes: bool = True) -> None:
    """Makes the modules `package.name` for each `{name: homes}`.

    Args:
        package: its full name; it is being loaded.
        places: a name, and the full names of the modules in which to look.
        attributes: whether `package.name` is the module; without, only `import package.name` finds it (the package has
            a function of that name).
    """
    for name, homes in places.items():
        place = Place(f"{package}.{name}", homes)
        sys.modules[place.__name__] = place
        if attributes and name not in vars(sys.modules[package]):
            setattr(sys.modules[package], name, place)
