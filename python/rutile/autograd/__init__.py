"""Gradients: `backward`, `grad`, `Function`, and checks of derivatives."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from contextlib import ContextDecorator
from typing import Any

from .. import _rutile
from .._modes import enable_grad, inference_mode, no_grad, set_grad_enabled
from .._places import add_places
from .._rutile import Node, Tensor
from ..testing import gradcheck, gradgradcheck
from .function import Function

__all__ = [
    "Function",
    "Node",
    "Variable",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "inference_mode",
    "no_grad",
    "set_detect_anomaly",
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


class detect_anomaly(ContextDecorator):  # noqa: N801 - PyTorch's name
    """Inside, `backward` stops with an error at the first derivative that gives NaN, and names its operation.

    Args:
        check_nan: whether to look; the walk back is slower with it.

    Example:
        >>> x = rt.tensor(0.0, requires_grad=True)
        >>> with rt.autograd.detect_anomaly():
        ...     (x * x.sqrt()).backward()
        Traceback (most recent call last):
        ...
        RuntimeError: Function 'sqrt' returned nan values in its 0th output.
    """

    def __init__(self, check_nan: bool = True) -> None:
        self.check_nan = check_nan

    def __enter__(self) -> None:
        self._before = _rutile._set_anomaly(self.check_nan)

    def __exit__(self, *error: object) -> None:
        _rutile._set_anomaly(self._before)


class set_detect_anomaly(detect_anomaly):  # noqa: N801 - PyTorch's name
    """Turns the search of `detect_anomaly` on or off, at once; as a context manager, until its end.

    Args:
        mode: on or off.
        check_nan: False: do not look after all.
    """

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        super().__init__(mode and check_nan)
        self._before = _rutile._set_anomaly(self.check_nan)

    def __enter__(self) -> None:
        return None


def __getattr__(name: str) -> Any:
    if name in ("functional", "profiler"):  # loaded when first used: the first needs the transforms, which need `grad`
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


add_places(__name__, {name: [__name__] for name in ("variable", "grad_mode", "anomaly_mode", "graph")})
add_places(__name__, {"gradcheck": ["rutile.testing"]}, attributes=False)
