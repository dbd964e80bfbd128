"""`python -m rutile.compat script.py arguments`, or `-m module arguments`: a PyTorch script on Rutile."""

from __future__ import annotations

import os
import runpy
import sys
from types import ModuleType
from typing import Any

import rutile

from . import LIKE, hint, install

_USAGE = """usage: python -m rutile.compat [-m] SCRIPT [arguments]

Runs a Python script (or, with -m, a module) that was written for PyTorch: `import torch` and `import torchvision` yield
Rutile. Nothing of the script is changed."""


def main(arguments: list[str]) -> None:
    """Runs the script as `__main__` with its own folder first on the path, as `python script.py` does."""
    if not arguments or arguments[0] in ("-h", "--help") or arguments == ["-m"]:
        print(_USAGE, file=sys.stdout if arguments and arguments != ["-m"] else sys.stderr)
        raise SystemExit(0 if arguments and arguments != ["-m"] else 2)
    install()
    _install_in_children()
    # Scripts ask whether PyTorch is new enough for a name: the answer is the version whose names are here.
    rutile.__version__ = f"{LIKE}+rutile.{rutile.__version__}"
    try:
        if arguments[0] == "-m":
            sys.argv = arguments[1:]
            sys.path[0] = os.getcwd()
            runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        else:
            script = arguments[0]
            if not os.path.exists(script):
                raise SystemExit(f"rutile.compat: no file {script}")
            sys.argv = arguments
            sys.path[0] = os.path.dirname(os.path.abspath(script))
            _run(script)
    except AttributeError as error:
        # Modules give the advice themselves; this is for tensors and classes, which don't know about PyTorch.
        advice = "" if isinstance(error.obj, ModuleType) or error.name is None else hint(error.name, dir(error.obj))
        if advice and type(error.obj).__module__.startswith("rutile") and advice not in str(error):
            error.add_note(advice)
        raise


class _Hook:
    """Unpickled, it is a call of `install`."""

    def __reduce__(self) -> tuple[Any, ...]:
        return install, ()


def _install_in_children() -> None:
    """Makes worker processes that are started afresh (not forked) import the script with the hook in place: what they
    are told about the parent comes to them as a pickle, before they import the script.
    """
    from multiprocessing import spawn

    prepare = spawn.get_preparation_data

    def with_hook(name: str) -> dict[str, Any]:
        return {**prepare(name), "rutile.compat": _Hook()}

    spawn.get_preparation_data = with_hook


def _run(script: str) -> None:
    """Executes a file in a fresh `__main__`, which stays in `sys.modules`: workers that are not forked, and pickled
    classes of the script, look for it there (`runpy.run_path` would take it away).
    """
    module = ModuleType("__main__")
    module.__dict__.update(__file__=script, __builtins__=__builtins__, __cached__=None)
    sys.modules["__main__"] = module
    with open(script, "rb") as file:
        code = compile(file.read(), script, "exec")
    exec(code, module.__dict__)


if __name__ == "__main__":
    main(sys.argv[1:])
