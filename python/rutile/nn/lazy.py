"""Layers that learn their input size from the first batch."""

from __future__ import annotations

from typing import Any

import rutile as rt

from .module import Module
from .parameter import is_lazy

__all__ = ["LazyModuleMixin"]


class LazyModuleMixin:
    """Makes a layer lazy: its parameters have no shape until `initialize_parameters` has seen the first input.

    A lazy class names the layer that it turns into as `cls_to_become`.
    """

    cls_to_become: type[Module]

    def _start_lazy(self) -> None:
        assert isinstance(self, Module)
        self._first_call = self.register_forward_pre_hook(_materialize, with_kwargs=True)
        self._first_load = self._register_load_state_dict_pre_hook(_load_materialized, with_module=True)

    def initialize_parameters(self, input: rt.Tensor) -> None:
        """Gives the parameters their shapes and values, given the first input."""
        raise NotImplementedError

    def has_uninitialized_params(self) -> bool:
        """Whether some parameter still waits for its shape."""
        assert isinstance(self, Module)
        return any(is_lazy(t) for t in (*self._parameters.values(), *self._buffers.values()))

    def _finish_lazy(self) -> None:
        assert isinstance(self, Module)
        self._first_call.remove()
        self._first_load.remove()
        del self._first_call, self._first_load
        self.__class__ = self.cls_to_become  # type: ignore[assignment]


def _materialize(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    if module.has_uninitialized_params():
        module.initialize_parameters(*args, **kwargs)
    module._finish_lazy()


def _load_materialized(module: Any, state: dict[str, Any], prefix: str, *rest: Any) -> None:
    """A checkpoint with shapes decides the input size as a first batch would (the loader makes room)."""
    weight = state.get(prefix + "weight")
    if weight is not None and not is_lazy(weight):
        module.infer_sizes(weight)
