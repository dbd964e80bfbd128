"""Run scripts that were written for PyTorch: `python -m rutile.compat script.py arguments`.

`install()` makes `import torch`, `torch.*`, `torchvision` and `torchvision.*` yield `rutile` and its parts, in this
process only. Names that Rutile lacks fail at the line that uses them, with what to use instead; a package that it lacks
(`torch.fx`, say) fails at its import.

Example:
    >>> import rutile.compat
    >>> rutile.compat.install()  # doctest: +SKIP
    >>> import torch.nn.functional as F  # doctest: +SKIP
    >>> F is rutile.nn.functional  # doctest: +SKIP
    True
"""

from __future__ import annotations

import sys

from .aliases import AliasFinder
from .missing import hint, missing

__all__ = ["LIKE", "hint", "install", "missing", "uninstall"]

LIKE = "2.13.0"
"""The version of PyTorch whose names are here; what `torch.__version__` begins with in a script."""

_FINDER = AliasFinder({"torch": "rutile", "torchvision": "rutile.vision", "functorch": "rutile.func"})


def install() -> None:
    """From now on `torch`, `torchvision` and `functorch` are names of `rutile`, `rutile.vision` and `rutile.func`.

    Raises:
        RuntimeError: the real PyTorch is already imported; two libraries of one name would be mixed.
    """
    from rutile import __name__ as own

    for name in _FINDER.names:
        module = sys.modules.get(name)
        if module is not None and not module.__name__.startswith(own):
            raise RuntimeError(f"rutile.compat: {name} itself is already imported; install() has to come before it")
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)


def uninstall() -> None:
    """Undoes `install`: the next `import torch` looks for PyTorch again."""
    if _FINDER in sys.meta_path:
        sys.meta_path.remove(_FINDER)
        for name in [name for name in sys.modules if _FINDER.target(name) is not None]:
            del sys.modules[name]
