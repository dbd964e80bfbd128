"""What a network is made of and what it costs, found out by running it once."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import rutile as rt
from rutile import _rutile
from rutile.nn.parameter import is_lazy
from rutile.profiler.events import grid, size

__all__ = ["Layer", "Summary", "summary"]


@dataclass
class Layer:
    """A module of the network.

    Attributes:
        name: its path from the network, as in `named_modules()`; the network itself is `""`.
        kind: its class.
        depth: how many modules it is inside of.
        input, output: what its first call took and gave, with shapes for tensors; None if it was not called.
        parameters, trainable: numbers in its parameters and those of the modules inside of it, each counted once.
        multiply_adds: multiplications of products, convolutions and recurrent layers in all its calls.
        calls: how often it ran.
    """

    name: str
    kind: str
    depth: int
    parameters: int
    trainable: int
    input: Any = None
    output: Any = None
    multiply_adds: int = 0
    calls: int = 0

    @property
    def title(self) -> str:
        """The class and the last part of the path, as in the table."""
        last = self.name.rpartition(".")[2]
        return (
            f"{'  ' * self.depth}{last + ': ' if last else ''}{self.kind}{f' x{self.calls}' if self.calls > 1 else ''}"
        )


@dataclass
class Summary:
    """What `summary` has found; `print` shows it as a table, a notebook too.

    Attributes:
        layers: the modules, in the order of `named_modules()`.
        parameters, trainable: numbers in all parameters, and in those that require grad.
        buffers: numbers in all buffers.
        parameter_bytes: memory of parameters and buffers.
        multiply_adds: multiplications of products, convolutions and recurrent layers in one forward pass.
        input_bytes: memory of the input's tensors.
        forward_bytes: the most memory that a forward pass without gradients takes at any moment, the output included.
        training_bytes: memory that is held between forward and backward pass: the output and what derivatives need.
            Results of up to 32 bytes do not count in either.
    """

    layers: list[Layer]
    parameters: int
    trainable: int
    buffers: int
    parameter_bytes: int
    multiply_adds: int | None = None
    input_bytes: int | None = None
    forward_bytes: int | None = None
    training_bytes: int | None = None
    depth: int | None = field(default=None, repr=False)

    def _rows(self) -> tuple[list[str], list[list[str]]]:
        ran = self.multiply_adds is not None
        names = ["Layer", *(["Input", "Output"] if ran else []), "Parameters", *(["Multiply-adds"] if ran else [])]
        rows = []
        for layer in self.layers:
            if self.depth is None or layer.depth <= self.depth:
                row = [layer.title]
                if ran:
                    row += [_text(layer.input), _text(layer.output)] if layer.calls else ["--", "not called"]
                row.append(f"{layer.parameters:,}" if layer.parameters else "--")
                if ran:
                    row.append(f"{layer.multiply_adds:,}" if layer.multiply_adds else "--")
                rows.append(row)
        return names, rows

    def _totals(self) -> list[tuple[str, str]]:
        fixed = self.parameters - self.trainable
        rows = [("Parameters", f"{self.parameters:,} ({self.trainable:,} trainable, {fixed:,} fixed)")]
        if self.buffers:
            rows.append(("Buffers", f"{self.buffers:,}"))
        rows.append(("Memory of parameters and buffers", size(self.parameter_bytes)))
        if self.multiply_adds is not None:
            rows.append(("Multiply-adds", f"{self.multiply_adds:,}"))
        for name, value in (
            ("Input", self.input_bytes),
            ("Memory of activations, forward only", self.forward_bytes),
            ("Memory of activations, training", self.training_bytes),
        ):
            if value is not None:
                rows.append((name, size(value)))
        return rows

    def __str__(self) -> str:
        names, rows = self._rows()
        columns = [(name, [row[i] for row in rows]) for i, name in enumerate(names)]
        totals = "\n".join(f"{name}: {value}" for name, value in self._totals())
        return f"{grid(columns, left=('Layer', 'Input', 'Output'))}\n{totals}"

    def _repr_html_(self) -> str:
        """The table for notebooks."""
        names, rows = self._rows()
        numbers = {"Parameters", "Multiply-adds"}

        def cells(tag: str, row: Sequence[str]) -> str:
            sides = ["right" if name in numbers else "left" for name in names]
            return "".join(
                f'<{tag} style="text-align:{side};white-space:pre">{html.escape(cell)}</{tag}>'
                for cell, side in zip(row, sides, strict=True)
            )

        body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
        totals = "<br>".join(f"{html.escape(name)}: {html.escape(value)}" for name, value in self._totals())
        return f"<table><thead><tr>{cells('th', names)}</tr></thead><tbody>{body}</tbody></table><p>{totals}</p>"


def summary(
    model: rt.nn.Module,
    input: Any = None,
    *,
    input_size: Sequence[int] | Sequence[Sequence[int]] | None = None,
    depth: int | None = None,
) -> Summary:
    """The layers of `model` with the shapes they take and give, their parameters and multiply-adds, and the memory of
    activations. `print` it, or read its fields (`Summary`, `Layer`).

    The model runs twice on `input`, in the mode in which it is (`train` or `eval`), with and without gradients; buffers
    and random numbers are put back after it.

    Args:
        model: any module.
        input: a tensor; a tuple or list of arguments; a dict of named arguments; None counts parameters only.
        input_size: instead, the shape of a float tensor, or a list of shapes.
        depth: how deep the table goes into modules inside of modules (default: all the way).

    Raises:
        RuntimeError: a profile is recording; and what the model raises.

    Example:
        >>> model = rt.nn.Sequential(rt.nn.Flatten(), rt.nn.Linear(784, 10))
        >>> report = rt.summary(model, rt.ones(2, 1, 28, 28))
        >>> report.parameters, report.multiply_adds, report.layers[2].output
        (7850, 15680, [2, 10])
    """
    args, kwargs = _arguments(input, input_size)
    ran = bool(args or kwargs)
    calls: dict[int, Layer] = {}
    forward = training = multiply_adds = None
    if ran:
        with _unchanged(model):
            if any(is_lazy(p) for p in model.parameters()):
                with rt.no_grad():
                    model(*args, **kwargs)  # lazy parameters are no activations
            forward, training, multiply_adds = _measure(model, args, kwargs, calls)
    layers = []
    for name, module in model.named_modules():
        counted = {id(p): p for p in module.parameters() if not is_lazy(p)}.values()
        layer = calls.get(id(module), Layer("", "", 0, 0, 0))
        layer.name, layer.kind, layer.depth = name, type(module).__name__, name.count(".") + bool(name)
        layer.parameters = sum(p.numel() for p in counted)
        layer.trainable = sum(p.numel() for p in counted if p.requires_grad)
        layers.append(layer)
    buffers = [b for b in model.buffers() if not is_lazy(b)]
    parameters = [p for p in model.parameters() if not is_lazy(p)]
    return Summary(
        layers=layers,
        parameters=layers[0].parameters,
        trainable=layers[0].trainable,
        buffers=sum(b.numel() for b in buffers),
        parameter_bytes=sum(_bytes(tensor) for tensor in [*parameters, *buffers]),
        multiply_adds=multiply_adds,
        input_bytes=sum(map(_bytes, _tensors([args, kwargs]))) if ran else None,
        forward_bytes=forward,
        training_bytes=training,
        depth=depth,
    )


def _arguments(input: Any, sizes: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    if input is not None and sizes is not None:
        raise ValueError("summary: wants input or input_size, got both")
    if sizes is not None:
        shapes = [sizes] if all(isinstance(n, int) for n in sizes) else sizes
        return tuple(rt.zeros(*shape) for shape in shapes), {}
    if input is None:
        return (), {}
    if isinstance(input, Mapping):
        return (), dict(input)
    return (tuple(input), {}) if isinstance(input, (tuple, list)) else ((input,), {})


def _measure(
    model: rt.nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], calls: dict[int, Layer]
) -> tuple[int, int, int]:
    """Bytes forward, bytes in training, multiply-adds; `calls` gets what each module did."""
    began: list[int] = []

    def before(module: rt.nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        layer = calls.setdefault(id(module), Layer("", "", 0, 0, 0))
        if not layer.calls:
            given = [*args, *kwargs.values()]
            layer.input = _shapes(given[0] if len(given) == 1 else tuple(given))
        began.append(_rutile._profile_counts()[2])

    def after(module: rt.nn.Module, args: tuple[Any, ...], output: Any) -> None:
        layer = calls[id(module)]
        if not layer.calls:
            layer.output = _shapes(output)
        layer.calls += 1
        layer.multiply_adds += _rutile._profile_counts()[2] - began.pop()

    if not _rutile._profile_start(False, False):
        raise RuntimeError("summary: a profile is recording; make the summary outside of it")
    handles = []
    try:
        for module in set(model.modules()):
            handles.append(module.register_forward_pre_hook(before, with_kwargs=True))
            handles.append(module.register_forward_hook(after))
        with rt.no_grad():
            start = _rutile._profile_counts(reset=True)[0]
            output = model(*args, **kwargs)
            _, peak, products = _rutile._profile_counts()
            del output
        while handles:
            handles.pop().remove()
        with rt.enable_grad():
            held = _rutile._profile_counts()[0]
            output = model(*args, **kwargs)
            training = _rutile._profile_counts()[0] - held
            del output
    finally:
        for handle in handles:
            handle.remove()
        _rutile._profile_stop()
    return peak - start, training, products


@contextmanager
def _unchanged(model: rt.nn.Module) -> Iterator[None]:
    """Puts buffers and the random numbers back afterwards."""
    kept = [(buffer, buffer.clone()) for buffer in model.buffers() if not is_lazy(buffer)]
    state = rt.get_rng_state()
    try:
        yield
    finally:
        rt.set_rng_state(state)
        with rt.no_grad():
            for buffer, value in kept:
                buffer.copy_(value)


def _tensors(value: Any) -> Iterator[rt.Tensor]:
    if isinstance(value, rt.Tensor):
        yield value
    elif isinstance(value, Mapping):
        yield from _tensors(list(value.values()))
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _tensors(item)


def _bytes(tensor: rt.Tensor) -> int:
    return tensor.numel() * tensor.element_size()


def _shapes(value: Any) -> Any:
    """`value` with shapes (as lists) in the place of tensors and names of classes in that of other objects."""
    if isinstance(value, rt.Tensor):
        return list(value.shape)
    if isinstance(value, Mapping):
        return {key: _shapes(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return tuple(_shapes(item) for item in value)
    return value if value is None or isinstance(value, (bool, int, float, str)) else type(value).__name__


def _text(shapes: Any) -> str:
    if isinstance(shapes, dict):
        return "{" + ", ".join(f"{key}: {_text(item)}" for key, item in shapes.items()) + "}"
    if isinstance(shapes, tuple):
        return "(" + ", ".join(map(_text, shapes)) + ")"
    return str(shapes)
