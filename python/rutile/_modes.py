"""Turning the tape on and off: `no_grad`, `enable_grad`, `set_grad_enabled`, `inference_mode`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, overload

from . import _rutile

P = ParamSpec("P")
R = TypeVar("R")


class _Mode:
    """A context manager that also decorates functions and generator functions."""

    _enabled: bool

    def __init__(self) -> None:
        self._before: list[bool] = []

    def _fresh(self) -> _Mode:
        return type(self)()

    def __enter__(self) -> None:
        self._before.append(_rutile._set_grad_enabled(self._enabled))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _rutile._set_grad_enabled(self._before.pop())

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        import inspect  # here, because it would be a quarter of the time of `import rutile`

        if inspect.isgeneratorfunction(function):
            return self._generator(function)

        @functools.wraps(function)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            with self._fresh():
                return function(*args, **kwargs)

        return wrapper

    def _generator(self, function: Callable[P, Any]) -> Callable[P, Any]:
        @functools.wraps(function)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> Generator[Any, Any, Any]:
            # The mode holds while the generator runs, not while its consumer does.
            generator = function(*args, **kwargs)
            step = functools.partial(next, generator)
            while True:
                try:
                    with self._fresh():
                        item = step()
                except StopIteration as stop:
                    return stop.value
                try:
                    sent = yield item
                    step = functools.partial(generator.send, sent)
                except GeneratorExit:
                    with self._fresh():
                        generator.close()
                    raise
                except BaseException as error:
                    step = functools.partial(generator.throw, error)

        return wrapper


class no_grad(_Mode):  # noqa: N801 - PyTorch's name
    """Within it operations are not recorded: faster, no memory for the tape. Also a decorator.

    Example:
        >>> import rutile as rt
        >>> w = rt.ones(2, requires_grad=True)
        >>> with rt.no_grad():
        ...     (w * 2).requires_grad
        False
    """

    _enabled = False

    @overload
    def __new__(cls) -> no_grad: ...
    @overload
    def __new__(cls, function: Callable[P, R]) -> Callable[P, R]: ...  # type: ignore[misc] # it decorates
    def __new__(cls, function: Callable[..., Any] | None = None) -> Any:
        mode = super().__new__(cls)
        if function is None:
            return mode
        mode.__init__()  # type: ignore[misc] # used as a bare decorator: @no_grad
        return mode(function)

    def __init__(self, function: Callable[..., Any] | None = None) -> None:
        super().__init__()


class enable_grad(_Mode):  # noqa: N801 - PyTorch's name
    """Within it operations are recorded again, inside `no_grad`. Also a decorator.

    Example:
        >>> x = rt.ones(1, requires_grad=True)
        >>> with rt.no_grad():
        ...     with rt.enable_grad():
        ...         y = 2 * x
        >>> y.requires_grad
        True
    """

    _enabled = True


class set_grad_enabled(_Mode):  # noqa: N801 - PyTorch's name
    """Turns recording on or off: as a function at once, as a context manager until its end. Also a decorator.

    Args:
        mode: whether operations are recorded.

    Example:
        >>> x = rt.ones(1, requires_grad=True)
        >>> with rt.set_grad_enabled(False):
        ...     y = 2 * x
        >>> y.requires_grad, rt.is_grad_enabled()
        (False, True)
    """

    def __init__(self, mode: bool) -> None:
        super().__init__()
        self._enabled = bool(mode)
        self._outer: bool | None = _rutile._set_grad_enabled(self._enabled)

    def _fresh(self) -> _Mode:
        return set_grad_enabled(self._enabled)

    def __enter__(self) -> None:
        before = self._outer if self._outer is not None else _rutile.is_grad_enabled()
        self._outer = None
        _rutile._set_grad_enabled(self._enabled)
        self._before.append(before)

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        if self._outer is not None:  # a decorator changes nothing until the function runs
            _rutile._set_grad_enabled(self._outer)
            self._outer = None
        return super().__call__(function)


class inference_mode(_Mode):  # noqa: N801 - PyTorch's name
    """As `no_grad` (as `enable_grad` for `mode=False`). Also a decorator.

    Tensors made in it may be used on the tape later, unlike PyTorch's.

    Example:
        >>> x = rt.ones(1, requires_grad=True)
        >>> with rt.inference_mode():
        ...     y = 2 * x
        >>> y.requires_grad
        False
    """

    def __init__(self, mode: bool = True) -> None:
        super().__init__()
        self._enabled = not mode

    def _fresh(self) -> _Mode:
        return inference_mode(not self._enabled)
