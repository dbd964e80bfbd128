"""Handles by which registered hooks are removed again."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, Self

__all__ = ["RemovableHandle"]

_identities = itertools.count()


class RemovableHandle:
    """Takes a hook out of the dictionaries it was put into; also a context manager that does so at its end.

    Args:
        *registries: the dictionaries (or those keyed by the same `id`) that mention the hook. Only weak references are
            kept, so that a handle does not keep a module alive.

    Example:
        >>> with rt.nn.ReLU().register_forward_hook(lambda module, args, output: print(output.sum().item())):
        ...     pass
    """

    def __init__(self, *registries: MutableMapping[int, Any]) -> None:
        self.id = next(_identities)
        self._registries = tuple(weakref.ref(registry) for registry in registries)

    def remove(self) -> None:
        """Takes the hook out; a second call does nothing."""
        for reference in self._registries:
            registry = reference()
            if registry is not None:
                registry.pop(self.id, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.remove()

    def __getstate__(self) -> tuple[Any, ...]:
        return tuple(reference() for reference in self._registries), self.id

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        registries, self.id = state
        self._registries = tuple(weakref.ref(registry) for registry in registries if registry is not None)
