"""The part of `Module` that registers hooks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from ..utils.hooks import RemovableHandle

Hook = Callable[..., Any]


class Hooks:
    """Registries of hooks, and the methods that fill them. Every method returns a handle whose `remove()` undoes it."""

    _backward_pre_hooks: OrderedDict[int, Hook]
    _backward_hooks: OrderedDict[int, Hook]
    _forward_hooks: OrderedDict[int, Hook]
    _forward_hooks_with_kwargs: OrderedDict[int, bool]
    _forward_hooks_always_called: OrderedDict[int, bool]
    _forward_pre_hooks: OrderedDict[int, Hook]
    _forward_pre_hooks_with_kwargs: OrderedDict[int, bool]
    _state_dict_hooks: OrderedDict[int, Hook]
    _state_dict_pre_hooks: OrderedDict[int, Hook]
    _load_state_dict_pre_hooks: OrderedDict[int, Hook]
    _load_state_dict_post_hooks: OrderedDict[int, Hook]

    def __init__(self) -> None:
        # Straight into __dict__: a module's __setattr__ is not ready yet. OrderedDict, for it can be weakly referenced.
        self.__dict__.update((name, OrderedDict()) for name in Hooks.__annotations__)

    def register_forward_pre_hook(
        self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Calls `hook(module, args)` before `forward`; what it returns replaces the arguments.

        Args:
            hook: with `with_kwargs`, it is called as `hook(module, args, kwargs)` and returns None or `(args, kwargs)`.
            prepend: run before the hooks that are already there.
            with_kwargs: whether the hook is given the keyword arguments.
        """
        flags = self._forward_pre_hooks_with_kwargs
        handle = _register(self._forward_pre_hooks, hook, prepend, flags)
        if with_kwargs:
            flags[handle.id] = True
        return handle

    def register_forward_hook(
        self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> RemovableHandle:
        """Calls `hook(module, args, output)` after `forward`; what it returns replaces the output.

        Args:
            hook: with `with_kwargs`, it is called as `hook(module, args, kwargs, output)`.
            prepend: run before the hooks that are already there.
            with_kwargs: whether the hook is given the keyword arguments.
            always_call: run the hook also when `forward` or another hook raises.

        Example:
            >>> layer = rt.nn.Linear(2, 3)
            >>> handle = layer.register_forward_hook(lambda module, args, output: print(list(output.shape)))
            >>> y = layer(rt.zeros(1, 2))
            [1, 3]
            >>> handle.remove()
        """
        flags = self._forward_hooks_with_kwargs, self._forward_hooks_always_called
        handle = _register(self._forward_hooks, hook, prepend, *flags)
        for wanted, registry in zip((with_kwargs, always_call), flags, strict=True):
            if wanted:
                registry[handle.id] = True
        return handle

    def register_full_backward_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Calls `hook(module, grad_output)` before gradients pass the module; what it returns replaces them."""
        return _register(self._backward_pre_hooks, hook, prepend)

    def register_full_backward_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Calls `hook(module, grad_input, grad_output)` when the gradients of the positional inputs are known.

        What it returns replaces `grad_input`. Both are tuples with None where an argument wants no gradient.
        """
        return _register(self._backward_hooks, hook, prepend)

    def register_backward_hook(self, hook: Hook) -> RemovableHandle:
        """Older name of `register_full_backward_hook`."""
        return self.register_full_backward_hook(hook)

    def register_state_dict_pre_hook(self, hook: Hook) -> RemovableHandle:
        """Calls `hook(module, prefix, keep_vars)` before `state_dict` collects this module."""
        return _register(self._state_dict_pre_hooks, hook)

    def register_state_dict_post_hook(self, hook: Hook) -> RemovableHandle:
        """Calls `hook(module, state_dict, prefix, local_metadata)` afterwards; it changes the dictionary in place."""

        def in_place(*args: Any) -> None:
            if hook(*args) is not None:
                raise RuntimeError("state_dict post-hook must return None")

        return _register(self._state_dict_hooks, in_place)

    def _register_state_dict_hook(self, hook: Hook) -> RemovableHandle:
        """As `register_state_dict_post_hook`, for a hook that may return another dictionary."""
        return _register(self._state_dict_hooks, hook)

    def register_load_state_dict_pre_hook(self, hook: Hook) -> RemovableHandle:
        """Calls `hook` before this module is loaded, so that it may rename keys of the dictionary in place.

        The arguments are `(module, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys,
        error_msgs)`.
        """
        return self._register_load_state_dict_pre_hook(hook, with_module=True)

    def _register_load_state_dict_pre_hook(self, hook: Hook, with_module: bool = False) -> RemovableHandle:
        """As `register_load_state_dict_pre_hook`; the module is passed only if asked for."""
        return _register(self._load_state_dict_pre_hooks, _LoadPreHook(hook, with_module))

    def register_load_state_dict_post_hook(self, hook: Hook) -> RemovableHandle:
        """Calls `hook(module, incompatible_keys)` after this module is loaded; it may change the lists in place."""
        return _register(self._load_state_dict_post_hooks, hook)


class _LoadPreHook:
    """Not a closure, so that a module with such hooks can be copied and pickled."""

    def __init__(self, hook: Hook, with_module: bool) -> None:
        self.hook = hook
        self.with_module = with_module

    def __call__(self, module: Any, *args: Any) -> Any:
        return self.hook(module, *args) if self.with_module else self.hook(*args)


def _register(
    hooks: OrderedDict[int, Hook], hook: Hook, prepend: bool = False, *flags: OrderedDict[int, bool]
) -> RemovableHandle:
    handle = RemovableHandle(hooks, *flags)
    hooks[handle.id] = hook
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle
