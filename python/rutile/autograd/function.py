"""Operations whose derivatives are written in Python."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from .. import _rutile
from .._modes import no_grad
from .._rutile import Tensor

__all__ = ["Function", "FunctionCtx", "InplaceFunction", "once_differentiable"]

B = TypeVar("B", bound=Callable[..., Any])


class FunctionCtx:
    """What `forward` leaves for `backward`."""

    def __init__(self) -> None:
        self._saved: tuple[Tensor | None, ...] = ()
        self._versions: tuple[int, ...] = ()
        self._not_differentiable: tuple[int, ...] = ()
        self.needs_input_grad: tuple[bool, ...] = ()
        self.materialize_grads = True

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Saves tensors; changing them in place before `backward` is an error there."""
        self._saved = tensors
        self._versions = tuple(-1 if t is None else t._version for t in tensors)

    @property
    def saved_tensors(self) -> tuple[Tensor | None, ...]:
        """What `save_for_backward` saved."""
        for tensor, version in zip(self._saved, self._versions, strict=True):
            if tensor is not None and tensor._version != version:
                raise RuntimeError(
                    "one of the variables needed for gradient computation has been modified by an inplace operation: "
                    f"a saved tensor of shape {tuple(tensor.shape)} is at version {tensor._version}, saved at {version}"
                )
        return self._saved

    def mark_dirty(self, *tensors: Tensor) -> None:
        """Says that `forward` wrote to these arguments. Use what `apply` returns in their place: an argument itself
        does not learn of the derivative."""

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """Says that these outputs have no gradient."""
        self._not_differentiable = tuple(id(tensor) for tensor in tensors)

    def set_materialize_grads(self, value: bool) -> None:
        """Whether `backward` sees zeros (True) or None for outputs without a gradient."""
        self.materialize_grads = value


class Function:
    """An operation whose derivative is written in Python. Subclass it, and call `apply`.

    Example:
        >>> import rutile as rt
        >>> class Cube(rt.autograd.Function):
        ...     @staticmethod
        ...     def forward(ctx, x):
        ...         ctx.save_for_backward(x)
        ...         return x**3
        ...     @staticmethod
        ...     def backward(ctx, g):
        ...         (x,) = ctx.saved_tensors
        ...         return g * 3 * x**2
        >>> x = rt.tensor(2.0, requires_grad=True)
        >>> Cube.apply(x).backward()
        >>> x.grad
        tensor(12.)
    """

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Computes the outputs: `forward(ctx, *args)`, or `forward(*args)` together with `setup_context`."""
        raise NotImplementedError("a Function defines forward")

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        """Gives a gradient, or None, per argument of `forward`."""
        raise NotImplementedError("a Function defines backward")

    setup_context: Callable[..., Any] | None = None

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Runs `forward` and records `backward`."""
        ctx = FunctionCtx()
        places = [i for i, arg in enumerate(args) if isinstance(arg, Tensor)]
        ctx.needs_input_grad = tuple(isinstance(arg, Tensor) and arg.requires_grad for arg in args)
        with no_grad():
            if cls.setup_context is not None:
                outputs = cls.forward(*args)
                cls.setup_context(ctx, args, outputs)
            else:
                outputs = cls.forward(ctx, *args)
        if not (_rutile.is_grad_enabled() and any(ctx.needs_input_grad)):
            return outputs
        single = isinstance(outputs, Tensor)
        listed = [outputs] if single else list(outputs)
        tracked = [
            i
            for i, out in enumerate(listed)
            if isinstance(out, Tensor) and out.is_floating_point() and id(out) not in ctx._not_differentiable
        ]

        def run(*gradients: Tensor | None) -> list[Tensor | None]:
            full: list[Tensor | None] = [None] * len(listed)
            for i, gradient in zip(tracked, gradients, strict=True):
                full[i] = _rutile.zeros_like(shapes[i]) if gradient is None and ctx.materialize_grads else gradient
            results = cls.backward(ctx, *full)
            results = results if isinstance(results, tuple) else (results,)
            if len(results) != len(args):
                raise RuntimeError(
                    f"{cls.__name__}.backward returned {len(results)} gradients, forward took {len(args)} arguments"
                )
            return [results[i] for i in places]

        shapes = {i: listed[i].detach() for i in tracked}
        recorded = _rutile._record([listed[i] for i in tracked], [args[i] for i in places], run)
        for i, tensor in zip(tracked, recorded, strict=True):
            listed[i] = tensor
        return listed[0] if single else tuple(listed)


class InplaceFunction(Function):
    """PyTorch's old base class of functions that may write to their input.

    Args:
        inplace: kept as an attribute.
    """

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace


def once_differentiable(fn: B) -> B:
    """A decorator of `backward` for derivatives that can't be differentiated again: they run without recording, and
    gradients of the gradient are an error instead of wrong.

    Example:
        >>> import rutile as rt
        >>> class Double(rt.autograd.Function):
        ...     @staticmethod
        ...     def forward(ctx, x):
        ...         return 2 * x
        ...     @staticmethod
        ...     @rt.autograd.function.once_differentiable
        ...     def backward(ctx, g):
        ...         return 2 * g
        >>> x = rt.tensor(3.0, requires_grad=True)
        >>> Double.apply(x).backward()
        >>> x.grad
        tensor(2.)
    """

    @functools.wraps(fn)
    def run(ctx: Any, *args: Any) -> Any:
        with no_grad():
            outputs = fn(ctx, *args)
        if not (_rutile.is_grad_enabled() and any(isinstance(a, Tensor) and a.requires_grad for a in args)):
            return outputs
        single = not isinstance(outputs, tuple)
        listed = [outputs] if single else list(outputs)
        places = [i for i, output in enumerate(listed) if isinstance(output, Tensor)]

        def refuse(*grads: Any) -> Any:
            raise RuntimeError("trying to differentiate twice a function that was marked with @once_differentiable")

        inputs = [a for a in args if isinstance(a, Tensor)]
        for i, tensor in zip(
            places, _rutile._record([listed[i].detach() for i in places], inputs, refuse), strict=True
        ):
            listed[i] = tensor
        return listed[0] if single else tuple(listed)

    return run  # type: ignore[return-value]
