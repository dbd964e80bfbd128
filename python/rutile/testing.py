"""Checks: of derivatives against numerical ones, and of tensors against each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from . import _rutile
from ._modes import no_grad
from ._rutile import Tensor

Output = Tensor | Sequence[Tensor]


class GradcheckError(RuntimeError):
    """An analytic derivative that differs from the numerical one."""


def _inputs(inputs: Tensor | Sequence[Any]) -> tuple[Any, ...]:
    return (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)


def _outputs(output: Any) -> list[Tensor]:
    listed = [output] if isinstance(output, Tensor) else list(output)
    return [tensor for tensor in listed if isinstance(tensor, Tensor) and tensor.requires_grad]


def _checked(inputs: tuple[Any, ...]) -> list[int]:
    places = [i for i, x in enumerate(inputs) if isinstance(x, Tensor) and x.requires_grad]
    if not places:
        raise ValueError("gradcheck expects at least one input that requires grad")
    for i in places:
        if inputs[i].dtype not in (_rutile.float64, _rutile.complex128):
            raise ValueError(
                f"gradcheck needs float64 or complex128 (a numerical derivative has no digits left in "
                f"{inputs[i].dtype}): input {i}; use x.double()"
            )
    return places


def _by_parts(
    func: Callable[..., Any], arguments: tuple[Any, ...], places: list[int]
) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """`func` as a function of the parts of its complex inputs to the parts of its complex outputs, and those inputs.

    The gradient of a real loss by `x + iy` is `dL/dx + i dL/dy`: right if its parts are.
    """
    complex_places = [i for i in places if arguments[i].is_complex()]

    def real(*args: Any) -> tuple[Any, ...]:
        moved = list(args)
        for i in complex_places:
            moved[i] = _rutile.view_as_complex(args[i])
        output = func(*moved)
        listed = [output] if isinstance(output, Tensor) else list(output)
        return tuple(_parts(x) if isinstance(x, Tensor) else x for x in listed)

    parts = list(arguments)
    for i in complex_places:
        parts[i] = _parts(arguments[i].detach().clone().contiguous()).requires_grad_()
    return real, tuple(parts)


def _parts(x: Tensor) -> Tensor:
    return _rutile.view_as_real(x) if x.is_complex() else x


def _numerical(
    function: Callable[..., Any], inputs: tuple[Any, ...], place: int, outputs: int, eps: float
) -> Iterator[list[list[float]]]:
    """For every element of an input: central differences of all outputs, by formula (f(x+e) - f(x-e)) / 2e."""
    source = inputs[place].detach().clone().contiguous()
    flat = source.reshape(-1)

    def evaluate() -> list[list[float]]:
        moved = list(inputs)
        moved[place] = source.clone().requires_grad_()
        return [out.detach().reshape(-1).tolist() for out in _outputs(function(*moved))]

    for i in range(flat.numel()):
        value = float(flat[i])
        flat[i] = value + eps
        above = evaluate()
        flat[i] = value - eps
        below = evaluate()
        flat[i] = value
        yield [[(a - b) / (2 * eps) for a, b in zip(above[k], below[k], strict=True)] for k in range(outputs)]


def gradcheck(
    func: Callable[..., Any],
    inputs: Tensor | Sequence[Any],
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
) -> bool:
    """Whether the derivatives of `func` at `inputs` agree with central differences. Complex numbers are checked by
    their parts, of which errors give the places.

    Args:
        func: takes `inputs`, gives a tensor or several.
        inputs: tensors (float64 or complex128 where they require grad) and anything else.
        eps: the step of the difference.
        atol, rtol: what may differ: `|analytic - numerical| <= atol + rtol * |numerical|`.
        raise_exception: raise `GradcheckError` with the place and both numbers instead of returning False.
        nondet_tol: how far two runs of the derivative may differ.

    Example:
        >>> import rutile as rt
        >>> x = rt.randn(3, dtype=rt.float64, requires_grad=True)
        >>> rt.autograd.gradcheck(lambda x: x.sin().sum(), x)
        True
    """
    arguments = _inputs(inputs)
    places = _checked(arguments)
    func, arguments = _by_parts(func, arguments, places)
    outputs = _outputs(func(*arguments))
    if not outputs:
        raise ValueError("gradcheck: no output requires grad, there is nothing to check")
    analytic = _analytic(outputs, [arguments[i] for i in places])
    again = _analytic(_outputs(func(*arguments)), [arguments[i] for i in places])
    problem = _difference(analytic, again, nondet_tol)
    if problem is not None:
        if raise_exception:
            raise GradcheckError(f"two runs of the derivative differ: {problem}")
        return False
    for at, place in enumerate(places):
        for element, columns in enumerate(_numerical(func, arguments, place, len(outputs), eps)):
            for k, column in enumerate(columns):
                for row, expected in enumerate(column):
                    got = analytic[k][row][at][element]
                    if not abs(got - expected) <= atol + rtol * abs(expected):
                        if not raise_exception:
                            return False
                        raise GradcheckError(
                            f"Jacobian mismatch for output {k} with respect to input {place}, at output element {row} "
                            f"and input element {element}: analytical {got:.10g}, numerical {expected:.10g}"
                        )
    return True


Jacobian = list[list[list[list[float]]]]


def _analytic(outputs: list[Tensor], inputs: list[Tensor]) -> Jacobian:
    """Rows of the Jacobian by the tape: output, element, input, element."""
    rows: Jacobian = []
    for output in outputs:
        rows.append([])
        for i in range(output.numel()):
            with no_grad():
                start = _rutile.zeros_like(output).contiguous()
                start.reshape(-1)[i] = 1.0
            grads = _rutile._grad([output], inputs, [start], True, False, True, True)
            rows[-1].append([grad.reshape(-1).tolist() for grad in grads])
    return rows


def _difference(one: Jacobian, other: Jacobian, tolerance: float) -> str | None:
    for k, (rows, others) in enumerate(zip(one, other, strict=True)):
        for row, other_row in zip(rows, others, strict=True):
            for values, other_values in zip(row, other_row, strict=True):
                for a, b in zip(values, other_values, strict=True):
                    if abs(a - b) > tolerance:
                        return f"output {k}: {a!r} and {b!r}"
    return None


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Tensor | Sequence[Any],
    grad_outputs: Tensor | Sequence[Tensor] | None = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """Whether the second derivatives of `func` agree with central differences of the first.

    The arguments are those of `gradcheck`; `grad_outputs` are the gradients that the outputs start with, by default
    random.

    Raises:
        GradcheckError: they do not agree, unless `raise_exception` is False.

    Example:
        >>> x = rt.tensor([0.5, 1.0], dtype=rt.float64, requires_grad=True)
        >>> rt.autograd.gradgradcheck(rt.sin, x)
        True
    """
    arguments = _inputs(inputs)
    places = _checked(arguments)
    func, arguments = _by_parts(func, arguments, places)
    outputs = _outputs(func(*arguments))
    if grad_outputs is None:
        starts = [(_rutile.rand_like(out.detach()) + 0.5).requires_grad_() for out in outputs]
    else:
        starts = [_parts(g.detach().clone()).requires_grad_() for g in _inputs(grad_outputs)]
    count = len(arguments)

    def first_derivative(*args: Any) -> tuple[Tensor, ...]:
        moved, gradients = args[:count], list(args[count:])
        wanted = [moved[i] for i in places]
        grads = _rutile._grad(_outputs(func(*moved)), wanted, gradients, True, True, True, True)
        return tuple(grad for grad in grads if grad.requires_grad)

    return gradcheck(
        first_derivative, (*arguments, *starts), eps=eps, atol=atol, rtol=rtol, raise_exception=raise_exception
    )


def assert_close(
    actual: Any,
    expected: Any,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_dtype: bool = True,
    msg: str | None = None,
) -> None:
    """Raises `AssertionError` unless both have the same shape, dtype and (nearly) the same elements.

    The tolerances are by default those of the dtype: float64 1e-7, float32 1.3e-6, float16 1e-3, bfloat16 1.6e-2
    (relative) and 1e-7, 1e-5, 1e-5, 1e-5 (absolute), of complex numbers those of their parts; integers and
    bool are equal or not.

    Raises:
        AssertionError: they differ; the message says where and by how much.

    Example:
        >>> rt.testing.assert_close(rt.tensor([1.0, 2.0]), rt.tensor([1.0, 2.0 + 1e-6]))
    """
    if isinstance(expected, Sequence) and not isinstance(expected, str):
        assert len(actual) == len(expected), msg or f"lengths differ: {len(actual)} and {len(expected)}"
        for a, b in zip(actual, expected, strict=True):
            assert_close(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan, check_dtype=check_dtype, msg=msg)
        return
    a, b = _rutile.as_tensor(actual).detach(), _rutile.as_tensor(expected).detach()
    assert a.shape == b.shape, msg or f"shapes differ: {tuple(a.shape)} and {tuple(b.shape)}"
    assert not check_dtype or a.dtype == b.dtype, msg or f"dtypes differ: {a.dtype} and {b.dtype}"
    usual = {"float64": (1e-7, 1e-7), "float32": (1.3e-6, 1e-5), "float16": (1e-3, 1e-5), "bfloat16": (1.6e-2, 1e-5)}
    default_rtol, default_atol = usual.get(str(a.dtype.to_real()).removeprefix("rutile."), (0.0, 0.0))
    relative = default_rtol if rtol is None else rtol
    absolute = default_atol if atol is None else atol
    a, b = (x.cdouble() if a.is_complex() or b.is_complex() else x.double() for x in (a, b))
    close = _rutile.isclose(a, b, relative, absolute, equal_nan)
    if not bool(close.all()):
        wrong = int((~close).sum())
        largest = float((a - b).abs().max())
        raise AssertionError(
            msg
            or f"{wrong} of {close.numel()} elements differ, by up to {largest:.3g} (rtol={relative}, atol={absolute})"
        )
