"""Filling one module from a state dictionary, and what `load_state_dict` reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import rutile as rt

from .parameter import Parameter, UninitializedParameter, is_lazy

if TYPE_CHECKING:
    from .module import Module


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict(strict=False)` could not match."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"

    def __str__(self) -> str:
        return repr(self)


def load_own(
    module: Module,
    state: Mapping[str, Any],
    prefix: str,
    metadata: Mapping[str, Any],
    missing: list[str],
    errors: list[str],
) -> None:
    """Copies (or with `assign_to_params_buffers` in `metadata`, assigns) `state[prefix + name]` to own tensors."""
    assign = metadata.get("assign_to_params_buffers", False)
    for name, own in _persistent(module):
        key = prefix + name
        if key not in state:
            missing.append(key)
            continue
        value = state[key]
        if not isinstance(value, rt.Tensor):
            errors.append(f'While copying the parameter named "{key}", expected a Tensor but got {type(value)}')
            continue
        if is_lazy(own) and not is_lazy(value):
            own.materialize(value.shape, dtype=value.dtype)
        if own.dim() == 0 and value.dim() == 1 and value.shape[0] == 1:
            value = value[0]
        if not (is_lazy(own) or is_lazy(value)) and value.shape != own.shape:
            errors.append(
                f"size mismatch for {key}: copying a param with shape {value.shape} from checkpoint, "
                f"the shape in current model is {own.shape}."
            )
            continue
        try:
            if assign:
                _assign(module, name, own, value)
            elif not is_lazy(own):
                with rt.no_grad():
                    own.copy_(value)
        except Exception as error:
            errors.append(f'While copying the parameter named "{key}": {type(error).__name__}: {error}')


def load_extra(
    module: Module, state: Mapping[str, Any], prefix: str, wanted: bool, missing: list[str], unexpected: list[str]
) -> None:
    """Hands the extra state to the module if it wants one; reports it where only one side has it."""
    key = prefix + "_extra_state"
    if wanted:
        if key in state:
            module.set_extra_state(state[key])
        else:
            missing.append(key)
    elif key in state:
        unexpected.append(key)


def unexpected_keys(module: Module, state: Iterable[str], prefix: str) -> list[str]:
    """Keys below `prefix` that neither a tensor nor a child of `module` answers to."""
    own = {name for name, _ in _persistent(module)}
    found = []
    for key in state:
        if key.startswith(prefix) and key != prefix + "_extra_state":
            first, _, rest = key[len(prefix) :].partition(".")
            if not (first in module._modules if rest else first in own):
                found.append(key)
    return found


def _persistent(module: Module) -> list[tuple[str, Any]]:
    buffers = ((k, b) for k, b in module._buffers.items() if k not in module._non_persistent_buffers_set)
    return [(name, own) for name, own in (*module._parameters.items(), *buffers) if own is not None]


def _assign(module: Module, name: str, own: Any, value: Any) -> None:
    if isinstance(own, Parameter):
        if not isinstance(value, Parameter):
            value = Parameter(value, requires_grad=own.requires_grad)
        elif not isinstance(value, UninitializedParameter):
            value.requires_grad_(own.requires_grad)
    setattr(module, name, value)
