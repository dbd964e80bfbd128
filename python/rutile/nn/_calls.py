"""Calling a module that has hooks. A module without hooks never comes here."""

from __future__ import annotations

import functools
import warnings
from typing import TYPE_CHECKING, Any

import rutile as rt

if TYPE_CHECKING:
    from .module import Module


def call_with_hooks(module: Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Runs pre-hooks, `forward` and hooks; when one of them raises, hooks with `always_call` still run."""
    pending = dict.fromkeys(module._forward_hooks_always_called)
    output: Any = None
    try:
        args, kwargs = _before(module, args, kwargs)
        backward = _Backward(module) if module._backward_hooks or module._backward_pre_hooks else None
        if backward:
            args = backward.watch_inputs(args)
        output = module.forward(*args, **kwargs)
        for identity in list(module._forward_hooks):
            pending.pop(identity, None)
            output = _after(module, identity, args, kwargs, output)
        return backward.watch_output(output) if backward else output
    except Exception:
        for identity in pending:
            try:
                output = _after(module, identity, args, kwargs, output)
            except Exception as error:
                warnings.warn(f"a forward hook with always_call=True raised and was silenced: {error}", stacklevel=3)
        raise


def _before(module: Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    for identity, hook in list(module._forward_pre_hooks.items()):
        if identity in module._forward_pre_hooks_with_kwargs:
            changed = hook(module, args, kwargs)
            if changed is not None:
                if not (isinstance(changed, tuple) and len(changed) == 2):
                    raise RuntimeError(
                        f"forward pre-hook with kwargs must return None or (args, kwargs), got {changed!r}"
                    )
                args, kwargs = changed
        else:
            changed = hook(module, args)
            if changed is not None:
                args = changed if isinstance(changed, tuple) else (changed,)
    return args, kwargs


def _after(module: Module, identity: int, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> Any:
    hook = module._forward_hooks[identity]
    if identity in module._forward_hooks_with_kwargs:
        changed = hook(module, args, kwargs, output)
    else:
        changed = hook(module, args, output)
    return output if changed is None else changed


class _Backward:
    """Brings the gradients at the two borders of one call to the module's backward hooks.

    The tensors that enter and leave pass through one identity node each, so that the gradients of all inputs (and of
    all outputs) arrive together, once they are complete.
    """

    def __init__(self, module: Module) -> None:
        self.module = module
        self.grad_output: tuple[Any, ...] | None = None
        self.inputs: tuple[int, ...] | None = None
        self.arguments = 0

    def watch_inputs(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        self.arguments = len(args)
        watched, self.inputs = _through_identity(args, self._at_inputs)
        return watched

    def watch_output(self, output: Any) -> Any:
        if isinstance(output, rt.Tensor):
            return _through_identity((output,), self._at_outputs)[0][0]
        if isinstance(output, tuple | list):
            watched = _through_identity(tuple(output), self._at_outputs)[0]
            # A named tuple takes its fields one by one.
            return type(output)(*watched) if hasattr(output, "_fields") else type(output)(watched)
        if isinstance(output, dict):
            watched = _through_identity(tuple(output.values()), self._at_outputs)[0]
            return type(output)(zip(output, watched, strict=True))
        return output

    def _at_outputs(self, grads: tuple[Any, ...]) -> tuple[Any, ...]:
        for hook in list(self.module._backward_pre_hooks.values()):
            changed = hook(self.module, grads)
            if changed is not None:
                grads = _same_count("full_backward_pre_hook", grads, changed)
        self.grad_output = grads
        if not self.inputs:
            # No input wants a gradient, so this is the last that is seen of this call.
            self._run((None,) * self.arguments)
        return grads

    def _at_inputs(self, grads: tuple[Any, ...]) -> tuple[Any, ...]:
        return self._run(grads)

    def _run(self, grads: tuple[Any, ...]) -> tuple[Any, ...]:
        if self.grad_output is None:
            return grads
        for hook in list(self.module._backward_hooks.values()):
            changed = hook(self.module, grads, self.grad_output)
            if changed is not None:
                grads = _same_count("full_backward_hook", grads, changed)
        self.grad_output = None
        return grads


def _same_count(kind: str, grads: tuple[Any, ...], changed: Any) -> tuple[Any, ...]:
    new: tuple[Any, ...] = changed if isinstance(changed, tuple) else (changed,)
    if len(new) != len(grads):
        raise RuntimeError(f"{kind}: must return {len(grads)} gradients, as many as it was given, got {len(new)}")
    return new


def _through_identity(values: tuple[Any, ...], at_grads: Any) -> tuple[tuple[Any, ...], tuple[int, ...]]:
    """Leads the tensors among `values` that want gradients through one node; `at_grads` sees all their gradients.

    Returns the values with those tensors replaced, and the positions of the replaced ones.
    """
    places = tuple(i for i, v in enumerate(values) if isinstance(v, rt.Tensor) and v.requires_grad)
    if not places or not rt.is_grad_enabled():
        return values, ()

    def spread(grads: tuple[Any, ...]) -> tuple[Any, ...]:
        whole: list[Any] = [None] * len(values)
        for place, grad in zip(places, grads, strict=True):
            whole[place] = grad
        changed = at_grads(tuple(whole))
        return tuple(changed[place] for place in places)

    replaced = list(values)
    outputs = _identity_function().apply(spread, *(values[place] for place in places))
    for place, output in zip(places, outputs, strict=True):
        replaced[place] = output
    return tuple(replaced), places


@functools.cache
def _identity_function() -> Any:
    class Identity(rt.autograd.Function):
        @staticmethod
        def forward(ctx: Any, at_grads: Any, *tensors: rt.Tensor) -> tuple[rt.Tensor, ...]:
            ctx.at_grads = at_grads
            return tuple(tensor.view_as(tensor) for tensor in tensors)

        @staticmethod
        def backward(ctx: Any, *grads: Any) -> tuple[Any, ...]:
            return (None, *ctx.at_grads(grads))

    return Identity
