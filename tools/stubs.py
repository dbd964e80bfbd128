"""Writes the engine's stubs: what is not an operation from `_rutile_header.pyi`, operations from the registry.

    python tools/stubs.py            # writes python/rutile/_rutile/*.pyi
    python tools/stubs.py --check    # fails if they are not up to date, or do not describe the built engine

They lie in a folder beside the extension: without an `__init__.py` it does not hide the extension from Python, and type
checkers find `rutile._rutile` and its submodules.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import re
import subprocess
import sys
from pathlib import Path

from rutile import _rutile

HERE = Path(__file__).resolve().parent
STUBS = HERE.parent / "python" / "rutile" / "_rutile"
NOTICE = "# Written by tools/stubs.py: do not edit. `make stubs` writes it again.\n"
MARK = "# ---- operations ----"

# Differences that stubtest may find. The engine takes `out=` everywhere, and `layout=` and `pin_memory=` where tensors
# are made, and does not show them in its signatures.
TOLERATED = tuple(f'runtime does not have parameter "{name}"' for name in ("out", "layout", "pin_memory"))

# Places that are modules of their own, `rutile._rutile.functional` and so on.
SUBMODULES = ("nn.functional", "special", "linalg", "fft")


# What a call gives where its arguments decide: for each operation, the parameters after the tensor, and the result.
BY_AXIS = [
    ("dim: None = None, keepdim: bool = False", "Tensor"),
    ("dim: int, keepdim: bool = False", "_values_indices"),
]
OVERLOADS = {
    "max": [*BY_AXIS, ("dim: Tensor", "Tensor")],
    "min": [*BY_AXIS, ("dim: Tensor", "Tensor")],
    "median": BY_AXIS,
    "nanmedian": BY_AXIS,
    "nonzero": [
        ("*, as_tuple: Literal[False] = False", "Tensor"),
        ("*, as_tuple: Literal[True]", "tuple[Tensor, ...]"),
    ],
    "where": [
        ("input: None = None, other: None = None", "tuple[Tensor, ...]"),
        ("input: Tensor | Number, other: Tensor | Number, *, out: Tensor | None = None", "Tensor"),
    ],
}
# Results that do not depend on arguments, where the engine's function is of several types.
RETURNS = {"argwhere": "Tensor", "lstsq": "_solution_residuals_rank_singular_values"}


def _named_tuples() -> dict[str, list[str]]:
    """The classes of results with named parts, by the names that `_stubs` gives them."""
    return {"_".join(["", *op["fields"]]): op["fields"] for op in _rutile.ops() if op["fields"]}


def _class(name: str, fields: list[str]) -> str:
    return "\n".join([f"class {name}(NamedTuple):", *(f"    {field}: Tensor" for field in fields)])


def _overloaded(function: ast.FunctionDef) -> list[ast.FunctionDef]:
    """The function, or what `OVERLOADS` says of it; the docstring stays with the last."""
    if function.name in RETURNS:
        function.returns = ast.Name(RETURNS[function.name])
    method = function.args.args[0].arg == "self" if function.args.args else False
    if function.name not in OVERLOADS or (function.name == "where" and method):
        return [function]
    first = "self" if method else ast.unparse(function.args.args[0])
    made = []
    for parameters, returns in OVERLOADS[function.name]:
        joined = ", ".join(part for part in (first, parameters) if part)
        [one] = ast.parse(f"def {function.name}({joined}) -> {returns}: ...").body
        assert isinstance(one, ast.FunctionDef)
        one.decorator_list = [ast.Name("overload")]
        made.append(one)
    made[-1].body = function.body
    return made


def _imports(functions: str) -> str:
    """The imports that the signatures of a submodule need."""
    sources = {
        "collections.abc": ["Sequence"],
        "typing": ["Any"],
        ".": ["Tensor", "_Number", "_layout", "dtype", *_named_tuples()],
    }
    lines = []
    for source, names in sources.items():
        used = [name for name in names if re.search(rf"\b{name}\b", functions)]
        if used:
            lines.append(f"from {source} import {', '.join(used)}")
    return "\n".join(lines).replace("from . ", "\nfrom . ")  # ours stand apart


class _Annotations(ast.NodeTransformer):
    """Brings the registry's signatures into the stub."""

    def __init__(self, renamed: dict[str, str]) -> None:
        self.renamed = renamed

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        arguments = node.args
        method = bool(arguments.args) and arguments.args[0].arg == "self"
        if method and node.name.endswith("_") and isinstance(node.returns, ast.Name) and node.returns.id == "Tensor":
            node.returns = ast.Name("Self")  # in-place: a parameter stays a parameter
        elif node.returns is not None:
            node.returns = self._renamed(node.returns)
        for argument in [*arguments.args, *arguments.kwonlyargs, arguments.vararg]:
            if argument is not None and argument.annotation is not None:
                argument.annotation = self._renamed(argument.annotation)
        # The engine takes a number for every tensor but the first; overloads say what they take.
        for argument in [] if node.decorator_list else arguments.args[1:]:
            if argument.annotation is not None and ast.unparse(argument.annotation) in ("Tensor", "Tensor | None"):
                wider = ast.unparse(argument.annotation).replace("Tensor", "Tensor | _Number")
                argument.annotation = ast.parse(wider, mode="eval").body
        return node

    def _renamed(self, annotation: ast.expr) -> ast.expr:
        for node in ast.walk(annotation):
            if isinstance(node, ast.Name):
                node.id = self.renamed.get(node.id, node.id)
        return annotation


def _operations(text: str, renamed: dict[str, str]) -> tuple[str, list[str]]:
    """The declarations of one place, and their names."""
    # `from` is a keyword of Python, and a parameter of PyTorch's `uniform_` and `random_`.
    text = re.sub(r"\bfrom: ", "from_: ", text)
    # Methods come indented: they need a class around them.
    indented = text.startswith(" ")
    tree = ast.parse("class _:\n" + text if indented else text)
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else tree.body
    nodes = [one for node in body if isinstance(node, ast.FunctionDef) for one in _overloaded(node)]
    functions = [_Annotations(renamed).visit(node) for node in nodes]
    indent = "    " if indented else ""
    lines = "\n".join(ast.unparse(function) for function in functions).splitlines()
    return "\n".join(indent + line if line else line for line in lines), [function.name for function in functions]


def _formatted(text: str, name: str) -> str:
    for command in (["check", "--quiet", "--select=I", "--fix"], ["format"]):
        call = [sys.executable, "-m", "ruff", *command, "--stdin-filename", str(STUBS / name), "-"]
        text = subprocess.run(call, input=text, capture_output=True, text=True, check=True, cwd=HERE.parent).stdout
    return text


def _all(names: list[str]) -> str:
    return f"__all__ = {sorted(set(names))!r}\n"


def stubs() -> dict[str, str]:
    """The files' texts by name."""
    parts: dict[str, str] = _rutile._stubs()
    renamed = {name: f"_{name}" for name in ("bool", "int", "float", "layout", "Number", "memory_format")}
    methods, _ = _operations(parts["Tensor"], {**renamed, "dtype": "_dtype", "device": "_device"})
    functions, _ = _operations(parts["rutile"], renamed)
    header = (HERE / "_rutile_header.pyi").read_text(encoding="utf-8")
    _, head, rest = header.split("\n", 2)  # its first lines speak about itself
    in_class, in_module, end = rest.split(MARK)
    assert not end.strip(), f"nothing follows the second {MARK!r} of the header"
    classes = "\n".join(_class(name, fields) for name, fields in sorted(_named_tuples().items()))
    after = f"{in_module}{_all(_rutile.__all__)}\n{classes}\n{functions}"
    main = f"{NOTICE}{head}\n{in_class}{methods.strip()}\n{after}\n"
    texts = {"__init__.pyi": main}
    for place in SUBMODULES:
        functions, names = _operations(
            parts[place], {"Number": "_Number", "layout": "_layout", "memory_format": "_memory_format"}
        )
        texts[f"{place.split('.')[-1]}.pyi"] = f"{NOTICE}\n{_imports(functions)}\n\n{_all(names)}\n{functions}\n"
    return {name: _formatted(text, name) for name, text in texts.items()}


def _check(texts: dict[str, str]) -> bool:
    fresh = True
    for name, text in texts.items():
        path = STUBS / name
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        if old != text:
            fresh = False
            sys.stdout.writelines(
                difflib.unified_diff(old.splitlines(True), text.splitlines(True), str(path), "the registry")
            )
            print(f"{path} is not up to date: run `make stubs`")
    command = [sys.executable, "-m", "mypy.stubtest", "rutile._rutile", "--concise"]
    result = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True)
    lines = result.stdout.splitlines()
    differences = [line for line in lines if not line.endswith(TOLERATED)]
    # Without any line it failed for another reason.
    failed = bool(differences) or (result.returncode != 0 and not lines)
    if failed:
        print(*differences, result.stderr, sep="\n")
    return fresh and not failed


def main() -> int:
    """Writes or checks; the exit status."""
    parser = argparse.ArgumentParser(description="Writes the stubs of the engine.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the stubs are not up to date")
    options = parser.parse_args()
    texts = stubs()
    if options.check:
        return 0 if _check(texts) else 1
    STUBS.mkdir(exist_ok=True)
    for name, text in texts.items():
        (STUBS / name).write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
