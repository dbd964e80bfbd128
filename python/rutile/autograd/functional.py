"""Jacobians and products with them, of functions of tensors, as `torch.autograd.functional` has them.

Example:
    >>> import rutile as rt
    >>> from rutile.autograd.functional import hessian, jacobian
    >>> jacobian(lambda x: x**2, rt.tensor([1.0, 3.0]))
    tensor([[2., 0.],
            [0., 6.]])
    >>> hessian(lambda x: (x**3).sum(), rt.tensor([1.0, 3.0]))
    tensor([[ 6.,  0.],
            [ 0., 18.]])
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import rutile as rt

from .. import func as transforms
from .._rutile import Tensor

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

_Inputs = Tensor | tuple[Tensor, ...]


def _prepare(who: str, inputs: Any, create_graph: bool) -> tuple[tuple[Tensor, ...], bool]:
    """The inputs as a tuple, outside the tape unless the results shall be differentiated, and whether they were one."""
    values = tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)
    for i, x in enumerate(values):
        if not isinstance(x, Tensor):
            raise TypeError(
                f"{who}: the inputs must be a tensor or a tuple of tensors, input {i} is {type(x).__name__}"
            )
    if create_graph:
        values = tuple(x if x.requires_grad else x.detach().requires_grad_() for x in values)
    else:
        values = tuple(x.detach() for x in values)
    return values, isinstance(inputs, (tuple, list))


def _vectors(who: str, v: Any, like: Any) -> Any:
    """The vectors of a product, of the structure of `like`; without any, one for a single number."""
    if v is None:
        if isinstance(like, tuple) or like.numel() != 1:
            raise RuntimeError(f"{who}: v may only be left out for one value with one element")
        return rt.ones_like(like)
    given = tuple(v) if isinstance(v, (tuple, list)) else (v,)
    wanted = like if isinstance(like, tuple) else (like,)
    shapes = [tuple(x.shape) for x in given], [tuple(x.shape) for x in wanted]
    if shapes[0] != shapes[1]:
        raise RuntimeError(f"{who}: v has shapes {shapes[0]}, expected {shapes[1]}")
    return given if isinstance(like, tuple) else given[0]


def _one(tree: Any, several: bool) -> Any:
    return tree if several else tree[0]


def _check_strict(who: str, func: Callable[..., Any], values: tuple[Tensor, ...], strict: bool) -> None:
    if not strict:
        return
    with rt.enable_grad():
        inputs = tuple(x.detach().requires_grad_() for x in values)
        output = func(*inputs)
        for number, y in enumerate(output if isinstance(output, tuple) else (output,)):
            gradients = rt.autograd.grad(y.sum(), inputs, allow_unused=True) if y.requires_grad else [None]
            if any(gradient is None for gradient in gradients):
                raise RuntimeError(f"{who}: output {number} does not depend on every input (strict=True)")


def jacobian(
    func: Callable[..., Any],
    inputs: _Inputs,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """The derivatives of all outputs by all inputs: shape (*output, *input), in tuples as outputs and inputs come.

    Args:
        create_graph: the result can be differentiated.
        strict: an error if an output does not depend on an input, instead of zeros.
        vectorize: accepted; rows are computed one by one.
        strategy: "reverse-mode" takes a walk per element of the output, "forward-mode" two per element of the inputs.

    Raises:
        RuntimeError: with `strict`, an output does not depend on an input.

    Example:
        >>> rt.autograd.functional.jacobian(lambda x: x**2, rt.tensor([1.0, 3.0]))
        tensor([[2., 0.],
                [0., 6.]])
        >>> rt.autograd.functional.jacobian(lambda x, y: x * y.sum(), (rt.tensor([1.0, 3.0]), rt.tensor([2.0, 5.0])))[1]
        tensor([[1., 1.],
                [3., 3.]])
    """
    if strategy not in ("reverse-mode", "forward-mode"):
        raise ValueError(f"jacobian: strategy must be 'reverse-mode' or 'forward-mode', got {strategy!r}")
    values, several = _prepare("jacobian", inputs, create_graph)
    _check_strict("jacobian", func, values, strict)
    argnums = tuple(range(len(values))) if several else 0
    transform = transforms.jacrev if strategy == "reverse-mode" else transforms.jacfwd
    return transform(func, argnums)(*values)


def hessian(
    func: Callable[..., Tensor],
    inputs: _Inputs,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """The second derivatives of a function with one number as its value: by two inputs in tuples of tuples.

    Raises:
        RuntimeError: `func` gives more than one number.

    Example:
        >>> rt.autograd.functional.hessian(lambda x: x[0] ** 2 * x[1], rt.tensor([3.0, 5.0]))
        tensor([[10.,  6.],
                [ 6.,  0.]])
    """
    values, several = _prepare("hessian", inputs, create_graph)
    _check_strict("hessian", func, values, strict)
    argnums = tuple(range(len(values))) if several else 0
    transform = transforms.jacrev if outer_jacobian_strategy == "reverse-mode" else transforms.jacfwd
    return transform(transforms.grad(_scalar("hessian", func), argnums), argnums)(*values)


def _scalar(who: str, func: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def checked(*args: Any) -> Tensor:
        value = func(*args)
        if not isinstance(value, Tensor) or value.numel() != 1:
            raise RuntimeError(f"{who}: the function must return a tensor with a single element")
        return value.reshape(())

    return checked


def vjp(
    func: Callable[..., Any], inputs: _Inputs, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """`(func(*inputs), product)`: the product of `v`, shaped as the output, and the Jacobian.

    Example:
        >>> x, v = rt.tensor([1.0, 3.0]), rt.tensor([1.0, 0.5])
        >>> rt.autograd.functional.vjp(lambda x: x**2, x, v)
        (tensor([1., 9.]), tensor([2., 3.]))
    """
    values, several = _prepare("vjp", inputs, create_graph)
    _check_strict("vjp", func, values, strict)
    output, product = transforms.vjp(func, *values)
    return output, _one(product(_vectors("vjp", v, output)), several)


def jvp(
    func: Callable[..., Any], inputs: _Inputs, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """`(func(*inputs), product)`: the product of the Jacobian and `v`, shaped as the inputs.

    Example:
        >>> x, v = rt.tensor([1.0, 3.0]), rt.tensor([1.0, 0.5])
        >>> rt.autograd.functional.jvp(lambda x: x**2, x, v)
        (tensor([1., 9.]), tensor([2., 3.]))
    """
    values, several = _prepare("jvp", inputs, create_graph)
    _check_strict("jvp", func, values, strict)
    vectors = _vectors("jvp", v, values if several else values[0])
    output, product = transforms.jvp(func, values, vectors if several else (vectors,))
    return output, product


def vhp(
    func: Callable[..., Tensor], inputs: _Inputs, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Tensor, Any]:
    """`(func(*inputs), product)`: the product of `v`, shaped as the inputs, and the Hessian.

    Example:
        >>> x, v = rt.tensor([3.0, 5.0]), rt.tensor([1.0, 0.0])
        >>> rt.autograd.functional.vhp(lambda x: x[0] ** 2 * x[1], x, v)
        (tensor(45.), tensor([10.,  6.]))
    """
    values, several = _prepare("vhp", inputs, create_graph)
    _check_strict("vhp", func, values, strict)
    vectors = _vectors("vhp", v, values if several else values[0])
    gradient = transforms.grad(_scalar("vhp", func), tuple(range(len(values))))
    _, product = transforms.vjp(gradient, *values)
    with rt.set_grad_enabled(create_graph):
        value = func(*values)
    return value, _one(product(vectors if several else (vectors,)), several)


def hvp(
    func: Callable[..., Tensor], inputs: _Inputs, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Tensor, Any]:
    """`(func(*inputs), product)`: the product of the Hessian and `v`. The Hessian is symmetric, so it is `vhp`'s.

    Example:
        >>> x, v = rt.tensor([3.0, 5.0]), rt.tensor([1.0, 0.0])
        >>> rt.autograd.functional.hvp(lambda x: x[0] ** 2 * x[1], x, v)
        (tensor(45.), tensor([10.,  6.]))
    """
    return vhp(func, inputs, v, create_graph, strict)
