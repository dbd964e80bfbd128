"""Tensors as text, in PyTorch's form: `tensor([1.0000, 2.5000])`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from . import _rutile
from ._rutile import Tensor

PRECISION = 4
THRESHOLD = 1000
EDGE_ITEMS = 3
LINE_WIDTH = 80

Number = bool | int | float | complex


def tensor_text(tensor: Tensor) -> str:
    """The text of `repr(tensor)`: elements (a summary beyond 1000), an unusual dtype, the place on the tape."""
    prefix = "tensor("
    plain = tensor.detach()
    if plain.numel() == 0:
        body = "[]" if plain.dim() == 1 else f"[], size={tuple(plain.shape)}"
    else:
        summarize = plain.numel() > THRESHOLD
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
        if last + len(suffix) + 2 > LINE_WIDTH:
            text, last = f"{text},\n{' ' * len(prefix)}{suffix}", len(prefix) + len(suffix)
        else:
            text, last = f"{text}, {suffix}", last + len(suffix) + 2
    return f"{text})"


def _edges(items: list[Any], summarize: bool) -> list[Any]:
    """The items that are shown of a row, with None where some are left out."""
    if summarize and len(items) > 2 * EDGE_ITEMS:
        return [*items[:EDGE_ITEMS], None, *items[-EDGE_ITEMS:]]
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
        if finite and (high / low > 1000 or high > 1e8 or low < 1e-4):
            write = f"{{:.{PRECISION}e}}".format
        elif all(x == int(x) for x in finite):
            write = _whole
        else:
            write = f"{{:.{PRECISION}f}}".format
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
        per_line = max(1, (LINE_WIDTH - indent) // (width + 2))
        lines = [words[i : i + per_line] for i in range(0, len(words), per_line)]
        return "[" + (",\n" + " " * (indent + 1)).join(", ".join(line) for line in lines) + "]"
    parts = ["..." if item is None else _write(item, depth - 1, indent + 1, summarize, width, write) for item in items]
    return "[" + ("," + "\n" * (depth - 1) + " " * (indent + 1)).join(parts) + "]"
