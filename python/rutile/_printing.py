"""Tensors as text, in PyTorch's form: `tensor([1.0000, 2.5000])`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from . import _rutile
from ._rutile import Tensor

Number = bool | int | float | complex


@dataclass(frozen=True)
class PrintOptions:
    """How tensors are written: see `set_printoptions`."""

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None


PROFILES = {
    "default": PrintOptions(),
    "short": PrintOptions(precision=2, edgeitems=2),
    "full": PrintOptions(threshold=math.inf),
}
_options = PROFILES["default"]


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Sets how tensors are written from now on, in all threads; what is not given stays.

    Args:
        precision: digits after the point (default: 4).
        threshold: elements beyond which the middle is left out (default: 1000).
        edgeitems: how many are shown at each end then (default: 3).
        linewidth: characters per line (default: 80).
        profile: "default", "short" or "full", to start from.
        sci_mode: whether floats have exponents; None (default) decides by their range.

    Raises:
        ValueError: an unknown profile.

    Example:
        >>> rt.set_printoptions(precision=2)
        >>> rt.tensor([3.14159])
        tensor([3.14])
        >>> rt.set_printoptions(profile="default")
    """
    global _options
    if profile is not None and profile not in PROFILES:
        raise ValueError(f"set_printoptions: no profile {profile!r}; there are {', '.join(PROFILES)}")
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    start = _options if profile is None else PROFILES[profile]
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    _options = replace(start, **changes, sci_mode=sci_mode)


def tensor_text(tensor: Tensor) -> str:
    """The text of `repr(tensor)`: elements (a summary of many), an unusual dtype, the place on the tape."""
    prefix = "tensor("
    plain = tensor.detach()
    if plain.numel() == 0:
        body = "[]" if plain.dim() == 1 else f"[], size={tuple(plain.shape)}"
    else:
        summarize = plain.numel() > _options.threshold
        shown = list(_shown(plain.tolist(), plain.dim(), summarize))
        width, write = _formatter(shown, plain.dtype)
        body = _write(plain.tolist(), plain.dim(), len(prefix), summarize, width, write)
    suffixes = []
    default = _rutile.get_default_dtype()
    usual = (default, default.to_complex(), _rutile.int64, _rutile.bool)
    if tensor.dtype not in usual or (plain.numel() == 0 and tensor.dtype != _rutile.get_default_dtype()):
        suffixes.append(f"dtype={tensor.dtype}")
    if tensor.grad_fn is not None:
        suffixes.append(f"grad_fn={tensor.grad_fn!r}")
    elif tensor.requires_grad:
        suffixes.append("requires_grad=True")
    text = f"{prefix}{body}"
    last = len(text) - text.rfind("\n") + 1
    for suffix in suffixes:
        if last + len(suffix) + 2 > _options.linewidth:
            text, last = f"{text},\n{' ' * len(prefix)}{suffix}", len(prefix) + len(suffix)
        else:
            text, last = f"{text}, {suffix}", last + len(suffix) + 2
    return f"{text})"


def _edges(items: list[Any], summarize: bool) -> list[Any]:
    """The items that are shown of a row, with None where some are left out."""
    edge = _options.edgeitems
    if summarize and len(items) > 2 * edge:
        return [*items[:edge], None, *items[len(items) - edge :]]
    return items


def _shown(data: Any, depth: int, summarize: bool) -> Iterator[Number]:
    if depth == 0:
        yield data
        return
    for item in _edges(data, summarize):
        if item is not None:
            yield from _shown(item, depth - 1, summarize)


def _formatter(numbers: list[Any], dtype: _rutile.dtype) -> tuple[int, Callable[[Any], str]]:
    """How every number is written, and how wide the widest is."""
    if dtype.is_complex:
        real_width, write_real = _formatter([x.real for x in numbers], dtype.to_real())
        imag_width, write_imag = _formatter([x.imag for x in numbers], dtype.to_real())

        def write_parts(x: complex) -> str:
            imag = write_imag(x.imag).lstrip()
            return f"{write_real(x.real)}{'' if imag[0] in '+-' else '+'}{imag}j"

        return real_width + imag_width + 1, write_parts
    write: Callable[[Any], str]
    if not dtype.is_floating_point:
        write = str
    else:
        numbers = [x for x in numbers if math.isfinite(x) and x != 0]
        finite = [abs(x) for x in numbers]
        low, high = (min(finite), max(finite)) if finite else (0.0, 0.0)
        exponents = _options.sci_mode
        if exponents is None:
            exponents = bool(finite) and (high / low > 1000 or high > 1e8 or low < 1e-4)
        if exponents:
            write = f"{{:.{_options.precision}e}}".format
        elif all(x == int(x) for x in finite):
            write = _whole
        else:
            write = f"{{:.{_options.precision}f}}".format
    width = max((len(write(x)) for x in numbers), default=1)
    return width, lambda x: write(x).rjust(width)


def _whole(x: float) -> str:
    return f"{x:.0f}." if math.isfinite(x) else str(x)


def _write(data: Any, depth: int, indent: int, summarize: bool, width: int, write: Callable[[Number], str]) -> str:
    if depth == 0:
        return write(data)
    items = _edges(data, summarize)
    if depth == 1:
        words = [" ..." if item is None else write(item) for item in items]
        per_line = max(1, (_options.linewidth - indent) // (width + 2))
        lines = [words[i : i + per_line] for i in range(0, len(words), per_line)]
        return "[" + (",\n" + " " * (indent + 1)).join(", ".join(line) for line in lines) + "]"
    parts = ["..." if item is None else _write(item, depth - 1, indent + 1, summarize, width, write) for item in items]
    return "[" + ("," + "\n" * (depth - 1) + " " * (indent + 1)).join(parts) + "]"
