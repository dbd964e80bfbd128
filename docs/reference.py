"""Writes the API reference from the docstrings of the installed package: a Markdown page per module.

Docstrings are Markdown with sections (`Args:`, `Example:`), and many objects are C functions that carry their signature
as text; both are simpler to read from the live package than to teach to a general tool.
"""

import importlib
import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import rutile

MODULES = {
    "rutile": "Tensors and operations",
    "rutile.Tensor": "The class Tensor",
    "rutile.nn": "Layers and losses",
    "rutile.nn.functional": "Layers as functions",
    "rutile.nn.init": "Initialisation",
    "rutile.nn.utils": "Tools for networks",
    "rutile.optim": "Optimizers",
    "rutile.optim.lr_scheduler": "Schedules of the learning rate",
    "rutile.autograd": "Gradients",
    "rutile.func": "Functions of functions",
    "rutile.linalg": "Linear algebra",
    "rutile.special": "Special functions",
    "rutile.fft": "Fourier transforms",
    "rutile.distributions": "Distributions",
    "rutile.utils.data": "Datasets and loaders",
    "rutile.utils.tensorboard": "Event files",
    "rutile.datasets": "Images to train on",
    "rutile.transforms": "Transforms of images",
    "rutile.vision.utils": "Pictures of tensors",
    "rutile.models": "Networks",
    "rutile.training": "Runs that resume",
    "rutile.io": "Files",
    "rutile.profiler": "Where time goes",
    "rutile.testing": "Tests",
    "rutile.lessons": "The course",
}
STAR = re.compile(r"`[^`]*`|(?<=[(\s\[])\*(?=[,)\s])")  # "(*, in)" is a shape, not emphasis; code is code
RAISES = re.compile(r"^Raises: ", re.MULTILINE)  # in one line, as operations of the engine say it
SECTION = re.compile(r"^(Args|Arguments|Attributes|Example|Examples|Raises|Returns|Shape|Shapes|Yields|Note):$")


def write(folder: Path) -> None:
    """Writes a page for each module that is there, and the list of them, into `folder`."""
    folder.mkdir(exist_ok=True)
    names = []
    for name, title in MODULES.items():
        try:
            scope = rutile.Tensor if name == "rutile.Tensor" else importlib.import_module(name)
        except ModuleNotFoundError:
            continue
        names.append(name)
        text = f"# `{name}`: {title[0].lower() + title[1:]}\n\n{markdown(scope.__doc__ or '')}\n\n"
        _update(folder / f"{name}.md", text + "\n\n".join(entries(name, scope)) + "\n")
    listed = "\n".join(f"{MODULES[name]} (`{name}`) <{name}>" for name in names)
    _update(
        folder / "index.md", f"# Reference\n\nFrom the docstrings of the package.\n\n```{{toctree}}\n{listed}\n```\n"
    )


def _update(page: Path, text: str) -> None:
    # An unchanged page keeps its time, so that only what changed is built again.
    if not page.exists() or page.read_text("utf-8") != text:
        page.write_text(text, "utf-8")


def entries(name: str, scope: ModuleType | type) -> Iterator[str]:
    """The objects of a module, or the methods of a class, in alphabetical order."""
    for member in sorted(set(getattr(scope, "__all__", None) or dir(scope)), key=str.lower):
        thing = getattr(scope, member, None)
        if member.startswith("_") or isinstance(thing, ModuleType) or not (inspect.getdoc(thing) or "").strip():
            continue
        if name == "rutile.testing" and thing is getattr(rutile, member, None):
            continue  # it keeps the package's names at hand
        if isinstance(scope, type):
            yield from method(name, scope, member, 4)
        elif inspect.isclass(thing):
            if thing.__module__.split(".")[0] == "rutile" and not (name == "rutile" and member == "Tensor"):
                yield class_entry(name, member, thing)
        elif callable(thing):
            yield block("py:function", f"{name}.{member}{signature(thing)}", markdown(inspect.getdoc(thing) or ""), 4)


def class_entry(name: str, member: str, thing: type) -> str:
    """A class with the methods that it defines itself."""
    inside = [markdown(inspect.getdoc(thing) or "")]
    for attribute in thing.__dict__:
        if not attribute.startswith("_") and not isinstance(thing.__dict__[attribute], type):
            inside.extend(method(f"{name}.{member}", thing, attribute, 4))
    kind = "py:exception" if issubclass(thing, BaseException) else "py:class"
    return block(kind, f"{name}.{member}{signature(thing)}", "\n\n".join(inside), 5)


def method(owner: str, scope: type, member: str, fence: int) -> Iterator[str]:
    """One method or property, if it has a docstring of its own."""
    thing = inspect.getattr_static(scope, member)
    text = (
        inspect.getdoc(getattr(scope, member, None))
        if callable(getattr(scope, member, None))
        else inspect.getdoc(thing)
    )
    if isinstance(thing, property) or inspect.isgetsetdescriptor(thing):
        if text:
            yield block("py:property", f"{owner}.{member}", markdown(text), fence)
    elif callable(getattr(scope, member, None)) and text and member in scope.__dict__:
        yield block("py:method", f"{owner}.{member}{signature(getattr(scope, member), True)}", markdown(text), fence)


def block(kind: str, head: str, body: str, fence: int) -> str:
    """A directive of the Python domain."""
    return f"{'`' * fence}{{{kind}}} {head}\n\n{body}\n{'`' * fence}"


def signature(thing: object, drop_self: bool = False) -> str:
    """The arguments in parentheses, without annotations of this package's internals; nothing if they are unknown."""
    try:
        found = inspect.signature(thing)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return "(...)"
    plain = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in found.parameters.values()
        if not (drop_self and parameter.name == "self")
    ]
    text = str(found.replace(parameters=plain, return_annotation=inspect.Signature.empty))
    return re.sub(
        r"<(?:class|function|built-in function) '?([\w.]+).*?>", r"\1", re.sub(r"<[^<>]* object[^<>]*>", "...", text)
    )


def markdown(text: str) -> str:
    """A docstring as Markdown: sections become bold lines with lists, examples code."""
    lines = inspect.cleandoc(text).replace("\t", "    ").split("\n")
    out: list[str] = []
    i = 0
    while i < len(lines):
        line = lines[i]
        heading = SECTION.match(line)
        if heading:
            j = i + 1
            while j < len(lines) and (not lines[j].strip() or lines[j].startswith(" ")):
                j += 1
            body = textwrap.dedent("\n".join(lines[i + 1 : j])).strip("\n")
            out += ["", f"**{heading[1]}**", "", *section(heading[1], body).split("\n"), ""]
            i = j
        elif line.lstrip().startswith(">>>"):
            j = i
            while j < len(lines) and lines[j].strip():
                j += 1
            out += ["", "```pycon", *textwrap.dedent("\n".join(lines[i:j])).split("\n"), "```", ""]
            i = j
        else:
            j = i + 1
            while j < len(lines) and lines[j].strip() and not SECTION.match(lines[j]) and ">>>" not in lines[j]:
                j += 1
            out.append(RAISES.sub("\n**Raises:** ", prose("\n".join(lines[i:j]))))
            i = j
    return "\n".join(out).strip()


def prose(text: str) -> str:
    """Text whose stars are stars."""
    return STAR.sub(lambda found: "\\*" if found[0] == "*" else found[0], text)


def section(name: str, body: str) -> str:
    """What stands below `Args:` and the like."""
    if name in ("Args", "Arguments", "Attributes", "Raises"):
        items = re.split(r"\n(?=\S)", prose(body))
        return "\n".join("- " + re.sub(r"^([^\n:`]+):", r"`\1`:", item).replace("\n", "\n  ") for item in items if item)
    return markdown(body)
