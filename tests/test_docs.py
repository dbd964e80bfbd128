"""What the documentation shows is what happens."""

import contextlib
import doctest
import importlib
import importlib.util
import inspect
import io
import pkgutil
import re
from pathlib import Path

import pytest
import rutile as rt

ROOT = Path(__file__).parents[1]
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(rt.__path__, "rutile.")
    if module.name not in ("rutile.__main__", "rutile._rutile")
)
MODULES.insert(0, "rutile")


def run_examples(test):
    output = io.StringIO()
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    runner.run(test, out=output.write)
    assert not runner.failures, output.getvalue()
    return runner.tries


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_docstrings(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    for test in doctest.DocTestFinder(exclude_empty=True).find(module):
        if test.examples:
            rt.manual_seed(0)
            test.globs.update(rt=rt, nn=rt.nn, F=rt.nn.functional)  # as in the user's file
            run_examples(test)


def test_the_finder_finds_examples():
    found = sum(
        bool(test.examples) for name in MODULES for test in doctest.DocTestFinder().find(importlib.import_module(name))
    )
    assert found > 20


# Where users look functions up.
PLACES = [
    "rutile",
    "rutile.autograd",
    "rutile.autograd.functional",
    "rutile.fft",
    "rutile.func",
    "rutile.linalg",
    "rutile.nn.functional",
    "rutile.nn.init",
    "rutile.nn.utils",
    "rutile.nn.utils.parametrizations",
    "rutile.nn.utils.parametrize",
    "rutile.nn.utils.prune",
    "rutile.nn.utils.rnn",
    "rutile.special",
    "rutile.testing",
    "rutile.utils.checkpoint",
]


# Methods whose only use is an error.
WITHOUT_EXAMPLE = {"cuda", "share_memory_"}


def functions_of(place):
    """What users call there, from Python or from the engine, by name."""
    for name in getattr(place, "__all__", dir(place)):
        function = getattr(place, name)
        home = getattr(function, "__module__", None) or "rutile"
        if inspect.isroutine(function) and home.startswith("rutile") and not name.startswith("_"):
            yield name, function


@pytest.mark.parametrize("place", [*PLACES, "rutile.Tensor"])
def test_every_function_has_an_example(place):
    place = rt.Tensor if place == "rutile.Tensor" else importlib.import_module(place)
    bare = {name for name, function in functions_of(place) if ">>>" not in (function.__doc__ or "")}
    assert bare <= WITHOUT_EXAMPLE


# What layers are made from.
BASES = {"LazyModuleMixin", "RNNBase", "RNNCellBase"}


def test_every_layer_has_an_example():
    layers = [
        value for value in vars(rt.nn).values() if inspect.isclass(value) and value.__module__.startswith("rutile")
    ]
    assert {layer.__name__ for layer in layers if ">>>" not in (layer.__doc__ or "")} <= BASES


def test_examples_of_the_binding():
    """Functions in Rust that are no operations; those that are methods the finder sees."""
    parser = doctest.DocTestParser()
    examples = 0
    for name, function in functions_of(rt):
        if function.__module__ == "rutile._rutile" and inspect.isbuiltin(function):
            names = {"rt": rt, "F": rt.nn.functional, "nn": rt.nn}
            examples += run_examples(parser.get_doctest(function.__doc__, names, name, None, 0))
    assert examples > 20


def test_examples_of_the_operations():
    """Docstrings of the engine's operations; `rt` and `F` are there, as in the user's file."""
    parser = doctest.DocTestParser()
    for op in rt._rutile.ops():
        names = {"rt": rt, "F": rt.nn.functional, "nn": rt.nn}
        test = parser.get_doctest(op["doc"], names, op["name"], None, 0)
        if test.examples:
            run_examples(test)


def test_docstrings_end_with_what_the_registry_knows():
    def footer(function):
        return function.__doc__.rpartition("\n\n")[2]

    others = "Also `Tensor.abs`, `absolute`. In place: `abs_`."
    assert footer(rt.abs) == f"{others} Differentiable; integers stay integers; takes complex numbers."
    assert footer(rt.special.expit).startswith("Also `Tensor.sigmoid`, `nn.functional.sigmoid`, `rutile.sigmoid`. ")
    assert "written to the tensor itself" in footer(rt.Tensor.abs_)
    assert footer(rt.argmax).endswith("The result has no gradient; real numbers only.")
    assert "gradient" not in footer(rt.zeros_like)  # its `requires_grad` says it
    engine = rt._rutile
    places = {"Tensor": rt.Tensor, "rutile": engine, "nn.functional": engine.functional}
    places |= {place: getattr(engine, place) for place in ("special", "linalg", "fft")}
    mentioned = 0
    for op in engine.ops():
        for place in op["at"]:
            sentences = footer(getattr(places[place], op["name"])).split(". ")
            told = " ".join(text for text in sentences if text.startswith(("Also", "In place")))
            for name in re.findall("`(.+?)`", told):
                at, _, own = name.rpartition(".")
                assert callable(getattr(places[at or place], own)), (place, op["name"], name)
                mentioned += 1
    assert mentioned > 400


def test_the_reference_keeps_code_and_shapes():
    spec = importlib.util.spec_from_file_location("reference", ROOT / "docs/reference.py")
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)
    text = "Sums `a * b *\nc` of (*, n).\nRaises: ValueError for `*`.\n\n>>> 2 * 3\n6\n\nMore."
    assert reference.markdown(text).split("\n") == [
        *("Sums `a * b *", "c` of (\\*, n).", "", "**Raises:** ValueError for `*`.", ""),
        *("", "```pycon", ">>> 2 * 3", "6", "```", "", "", "More."),
    ]


def blocks(path):
    """The python blocks of a Markdown file, with the line where each begins."""
    text = path.read_text(encoding="utf-8")
    for match in re.finditer(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield text[: match.start()].count("\n") + 1, match.group(1)


PAGES = [
    page
    for page in (ROOT / "README.md", ROOT / "README.ko.md", ROOT / "CONTRIBUTING.md", ROOT / "docs/index.md")
    if page.exists()
]
BLOCKS = [(page.name, line, code) for page in PAGES for line, code in blocks(page)]


@pytest.mark.parametrize(("page", "line", "code"), BLOCKS, ids=[f"{page}:{line}" for page, line, _ in BLOCKS])
def test_python_blocks_of_the_pages_run(page, line, code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if ">>>" in code:
        run_examples(doctest.DocTestParser().get_doctest(code, {}, f"{page}:{line}", page, line))
    else:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(code, f"{page}:{line}", "exec"), {"__name__": "__main__"})
