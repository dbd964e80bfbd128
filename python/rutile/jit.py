"""`torch.jit` for scripts that compile what also runs without: functions and modules come back as they are.

There is no compiler. `script` and `trace` return their argument, which computes the same, in Python. `save` and `load`
of compiled programs raise, because a program can't be written to a file.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any, Final, NoReturn, TypeVar, get_origin

from .nn import Module as ScriptModule

__all__ = [
    "Final",
    "ScriptModule",
    "annotate",
    "export",
    "fork",
    "freeze",
    "ignore",
    "is_scripting",
    "is_tracing",
    "isinstance",
    "load",
    "optimize_for_inference",
    "save",
    "script",
    "script_if_tracing",
    "script_method",
    "trace",
    "trace_module",
    "unused",
    "wait",
]

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


def script(obj: T, *args: Any, **kwargs: Any) -> T:
    """`obj`, not compiled."""
    return obj


def trace(func: T, example_inputs: Any = None, *args: Any, **kwargs: Any) -> T:
    """`func`, not compiled and not run: unlike a trace, it still follows branches that depend on data."""
    return func


def trace_module(mod: T, inputs: Any = None, *args: Any, **kwargs: Any) -> T:
    """`mod`, not compiled and not run."""
    return mod


def script_if_tracing(fn: F) -> F:
    """`fn`, not compiled."""
    return fn


def annotate(the_type: Any, the_value: T) -> T:
    """`the_value`: the type is for a compiler."""
    return the_value


def isinstance(obj: Any, target_type: Any) -> bool:  # noqa: A001 - PyTorch's name
    """Whether `obj` is of a type, or of one of several; of `List[int]` and its like, whether it is a list."""
    types = target_type if builtins.isinstance(target_type, tuple) else (target_type,)
    plain: tuple[Any, ...] = tuple(get_origin(kind) or kind for kind in types)
    return builtins.isinstance(obj, plain)


class _Done:
    """What a task has given."""

    def __init__(self, result: Any) -> None:
        self._result = result

    def wait(self) -> Any:
        return self._result


def fork(func: Callable[..., Any], *args: Any, **kwargs: Any) -> _Done:
    """Calls `func` at once: its operations use all cores by themselves. `wait` gives the result."""
    return _Done(func(*args, **kwargs))


def wait(future: _Done) -> Any:
    """The result of what `fork` called."""
    return future.wait()


def script_method(fn: F) -> F:
    """`fn`, not compiled."""
    return fn


def export(fn: F) -> F:
    """`fn`: a mark for the compiler."""
    return fn


def unused(fn: F) -> F:
    """`fn`: a mark for the compiler."""
    return fn


def ignore(drop: Any = False, **kwargs: Any) -> Any:
    """A mark for the compiler: the function itself, or a decorator that returns it."""
    return drop if callable(drop) else lambda fn: fn


def freeze(mod: T, *args: Any, **kwargs: Any) -> T:
    """`mod` as it is."""
    return mod


def optimize_for_inference(mod: T, *args: Any, **kwargs: Any) -> T:
    """`mod` as it is."""
    return mod


def is_scripting() -> bool:
    """False: there is no compiler."""
    return False


def is_tracing() -> bool:
    """False: there is no tracer."""
    return False


def save(m: Any, f: Any, **kwargs: Any) -> NoReturn:
    """Raises: save the `state_dict()` in place of the program."""
    raise NotImplementedError("jit.save: programs cannot be saved; use rutile.save(model.state_dict(), path)")


def load(f: Any, map_location: Any = None, **kwargs: Any) -> NoReturn:
    """Raises: build the model in Python and load its `state_dict()`."""
    raise NotImplementedError(
        "jit.load: programs cannot be loaded; with PyTorch, save torch.jit.load(path).state_dict() and load that"
    )
