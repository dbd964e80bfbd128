"""Gradients: `backward`, `grad`, `Function`, and checks of derivatives."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from .. import _rutile
from .._modes import enable_grad, inference_mode, no_grad, set_grad_enabled
from .._rutile import Node, Tensor
from ..testing import gradcheck, gradgradcheck

__all__ = [
    "Function",
    "Node",
    "Variable",
    "backward",
    "enable_grad",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "inference_mode",
    "no_grad",
    "set_grad_enabled",
]

Tensors = Tensor | Sequence[Tensor]
Gradients = Tensor | Sequence[Tensor | None] | None


def _tensors(tensors: Tensors) -> list[Tensor]:
    return [tensors] if isinstance(tensors, Tensor) else list(tensors)


def _gradients(gradients: Gradients, count: int) -> list[Tensor | None]:
    if gradients is None:
        return [None] * count
    listed: list[Tensor | None] = [gradients] if isinstance(gradients, Tensor) else list(gradients)
    if len(listed) != count:
        raise RuntimeError(f"got {count} tensors and {len(listed)} gradients")
    return listed


def backward(
    tensors: Tensors,
    grad_tensors: Gradients = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Tensors | None = None,
) -> None:
    """Adds the gradients of `tensors` to the `grad` of the leaves that they were made of.

    Args:
        tensors: where to start; those with more than one element need a gradient.
        grad_tensors: the gradient of each, by default 1.
        retain_graph: keep what the derivatives saved, to walk again; by default as `create_graph`.
        create_graph: record the walk, for derivatives of derivatives.
        inputs: accumulate into these only.

    Raises:
        RuntimeError: a tensor of more than one element has no gradient given, nothing requires grad, or the
            derivatives were walked before and not retained.

    Example:
        >>> x = rt.tensor([1.0, 2.0], requires_grad=True)
        >>> rt.autograd.backward([x.sum(), x**2], [None, rt.tensor([1.0, 10.0])])
        >>> x.grad
        tensor([ 3., 41.])
    """
    roots = _tensors(tensors)
    keep = create_graph if retain_graph is None else retain_graph
    _rutile._backward(roots, _gradients(grad_tensors, len(roots)), keep, create_graph, inputs)


def grad(
    outputs: Tensors,
    inputs: Tensors,
    grad_outputs: Gradients = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Tensor, ...]:
    """The gradients of the sum of `outputs` by each of `inputs`, without touching any `grad`.

    Args:
        outputs: where to start; those with more than one element need a gradient.
        inputs: by what to differentiate; leaves or not.
        grad_outputs: the gradient of each output, by default 1.
        retain_graph: keep what the derivatives saved, to walk again; by default as `create_graph`.
        create_graph: record the walk, for derivatives of derivatives.
        allow_unused: None instead of an error for inputs that the outputs do not depend on.
        materialize_grads: zeros instead of None for those.

    Example:
        >>> import rutile as rt
        >>> x = rt.tensor(3.0, requires_grad=True)
        >>> (dy,) = rt.autograd.grad(x**3, x, create_graph=True)
        >>> dy.item(), rt.autograd.grad(dy, x)[0].item()
        (27.0, 18.0)
    """
    if is_grads_batched:
        raise NotImplementedError("grad(is_grads_batched=True) is not there; call grad once per gradient")
    roots, leaves = _tensors(outputs), _tensors(inputs)
    keep = create_graph if retain_graph is None else retain_graph
    unused = materialize_grads if allow_unused is None else allow_unused
    gradients = _gradients(grad_outputs, len(roots))
    return _rutile._grad(roots, leaves, gradients, keep, create_graph, unused, materialize_grads)


class _Context:
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

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """Says that these outputs have no gradient."""
        self._not_differentiable = tuple(id(tensor) for tensor in tensors)

    def set_materialize_grads(self, value: bool) -> None:
        """Whether `backward` sees zeros (True) or None for outputs without a gradient."""
        self.materialize_grads = value


class _VariableType(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, Tensor)


class Variable(metaclass=_VariableType):
    """PyTorch's old name for a tensor that wants gradients: `Variable(x)` is `x`, and every tensor is an instance.

    Args:
        data: a tensor.
        requires_grad: whether the result records; it shares its memory with `data`.
        volatile: accepted for very old code; use `no_grad`.
    """

    def __new__(cls, data: Tensor, requires_grad: bool = False, volatile: bool = False) -> Tensor:  # type: ignore[misc]
        if not requires_grad or data.requires_grad:
            return data
        return data.detach().requires_grad_()


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
        ctx = _Context()
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


def __getattr__(name: str) -> Any:
    if name in ("functional", "profiler"):  # loaded when first used: the first needs the transforms, which need `grad`
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
