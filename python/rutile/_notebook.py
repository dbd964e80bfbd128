"""How tensors and modules look in a notebook: tables with a line about shape and dtype, trees that open."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from ._printing import tensor_text
from ._rutile import Tensor

if TYPE_CHECKING:
    from .nn import Module

__all__ = ["module_html", "tensor_html"]

_ROWS, _COLUMNS = 12, 12
_EDGE = 5


def _places(count: int, most: int) -> list[int | None]:
    """Which of `count` rows are shown; None stands for those left out."""
    if count <= most:
        return list(range(count))
    return [*range(_EDGE), None, *range(count - _EDGE, count)]


def tensor_html(tensor: Tensor) -> str:
    """A table of a tensor with one or two axes, with numbers of rows and columns; the text of any other.

    Large ones show their edges. A line tells shape, dtype and whether it requires grad.
    """
    facts = [" x ".join(map(str, tensor.shape)) if tensor.dim() else "number", str(tensor.dtype).partition(".")[2]]
    if tensor.requires_grad:
        facts.append("requires grad")
    caption = f'<div style="opacity:0.7">tensor: {html.escape(", ".join(facts))}</div>'
    if tensor.dim() not in (1, 2) or not tensor.numel():
        return f"<div>{caption}<pre>{html.escape(repr(tensor))}</pre></div>"
    grid = tensor.detach() if tensor.dim() == 2 else tensor.detach().unsqueeze(0)
    rows, columns = _places(grid.shape[0], _ROWS), _places(grid.shape[1], _COLUMNS)

    def cells(tag: str, texts: list[Any]) -> str:
        return "".join(f'<{tag} style="text-align:right">{html.escape(str(text))}</{tag}>' for text in texts)

    def row(number: int) -> list[str]:
        return ["…" if c is None else number_text(grid[number, c]) for c in columns]

    head = f"<tr><th></th>{cells('th', ['…' if c is None else c for c in columns])}</tr>"
    body = ""
    for r in rows:
        shown = ["…"] * len(columns) if r is None else row(r)
        name = "" if tensor.dim() == 1 else "…" if r is None else r
        body += f"<tr>{cells('th', [name])}{cells('td', shown)}</tr>"
    return f"<div>{caption}<table><thead>{head}</thead><tbody>{body}</tbody></table></div>"


def number_text(element: Tensor) -> str:
    """One element as `print` writes it."""
    return tensor_text(element).removeprefix("tensor(").partition(")")[0].partition(", dtype")[0]


def module_html(module: Module, name: str = "", *, top: bool = True) -> str:
    """A tree of a module and its parts that opens and closes, with how many parameters each has."""
    count = sum(p.numel() for p in module.parameters())
    label = html.escape(f"{f'({name}): ' if name else ''}{module._get_name()}({' '.join(module.extra_repr().split())})")
    numbers = f' <span style="opacity:0.6">{count:,} parameters</span>' if count else ""
    parts = [module_html(part, key, top=False) for key, part in module._modules.items() if part is not None]
    if not parts:
        return f'<div style="margin-left:1.2em"><code>{label}</code>{numbers}</div>'
    opened = " open" if top else ""
    inside = "".join(parts)
    return (
        f'<details{opened} style="margin-left:{0 if top else 1.2}em"><summary><code>{label}</code>{numbers}</summary>'
        f"{inside}</details>"
    )
