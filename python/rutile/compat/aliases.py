"""An import hook that serves modules under other names."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from .missing import PACKAGES


class AliasFinder(MetaPathFinder):
    """Serves `old` and `old.*` from `new` and `new.*`: the same module objects under a second name.

    Args:
        names: `{old: new}`.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = dict(names)

    def target(self, name: str) -> str | None:
        """The name that stands behind `name`, or None if it is not ours."""
        head, dot, tail = name.partition(".")
        return f"{self.names[head]}{dot}{tail}" if head in self.names else None

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        real = self.target(fullname)
        if real is None:
            return None
        module = _lookup(real)
        if module is None:
            # Not None: the next finder might be the real library's, and half of it would be mixed in.
            remedy = PACKAGES.get(fullname, "")
            raise ModuleNotFoundError(
                f"No module named {real!r} (imported as {fullname!r}){': ' if remedy else ''}{remedy}", name=fullname
            )
        return ModuleSpec(fullname, _Served(module, fullname), is_package=hasattr(module, "__path__"))


class _Served(Loader):
    """Hands out a module that is loaded already."""

    def __init__(self, module: ModuleType, alias: str) -> None:
        self.module = module
        self.alias = alias
        self.spec = getattr(module, "__spec__", None)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self.module

    def exec_module(self, module: ModuleType) -> None:
        # The import machinery has just given it the alias's spec, which would break reload and pickling.
        module.__spec__ = self.spec
        # Parts that are loaded go by the alias at once: when it loads a part by itself, the machinery sets the part as
        # an attribute of its package, in place of a function of the same name (`nn.utils.weight_norm`).
        real = module.__name__ + "."
        for name, part in list(sys.modules.items()):
            if name.startswith(real):
                sys.modules.setdefault(f"{self.alias}.{name.removeprefix(real)}", part)


def _lookup(name: str) -> Any:
    """The module `name`, or the namespace that attributes lead to, or None."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not name.startswith(error.name):
            raise
    head, _, last = name.rpartition(".")
    parent = _lookup(head) if head else None
    found = getattr(parent, last, None)
    if isinstance(found, ModuleType) or not isinstance(parent, ModuleType) or parent.__name__ == head:
        return found if isinstance(found, ModuleType) else None
    return _lookup(f"{parent.__name__}.{last}")  # `rutile.vision.models` is `rutile.models`
