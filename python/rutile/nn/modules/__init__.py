"""PyTorch's places of layers: `rutile.nn.modules.linear.Linear` is `rutile.nn.Linear`, and so on.

Only the place differs, so each of these modules is made here and looks its names up in `rutile.nn` and in the files
that stand behind it.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

_HOMES = {
    "activation": ["activation", "attention"],
    "adaptive": [],
    "batchnorm": ["norm"],
    "channelshuffle": ["shuffle"],
    "container": ["container"],
    "conv": ["conv", "conv_transpose"],
    "distance": ["distance"],
    "dropout": ["dropout"],
    "flatten": ["flatten"],
    "fold": [],
    "instancenorm": ["norm"],
    "lazy": ["lazy"],
    "linear": ["linear"],
    "loss": ["loss"],
    "module": ["module"],
    "normalization": ["norm"],
    "padding": ["padding"],
    "pixelshuffle": ["shuffle"],
    "pooling": ["pool"],
    "rnn": ["rnn"],
    "sparse": ["embedding"],
    "transformer": ["transformer"],
    "upsampling": [],
    "utils": [],
}
"""PyTorch's file, and those of `rutile.nn` whose private names it also shows."""


class _Place(ModuleType):
    """A module whose names are those of `rutile.nn`."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{__name__}.{name}", f"PyTorch's place `nn.modules.{name}`: layers of `rutile.nn`.")
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _find(name, self.__name__, _HOMES[self._name])


def _find(name: str, owner: str, homes: list[str]) -> Any:
    from rutile import nn

    if not name.startswith("_") and hasattr(nn, name):
        return getattr(nn, name)
    for home in homes:
        try:
            module = importlib.import_module(f"rutile.nn.{home}")
        except ModuleNotFoundError:
            continue
        if hasattr(module, name):
            return getattr(module, name)
    from rutile.compat.missing import missing

    raise missing(f"module {owner!r}", name, dir(nn))


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return _find(name, __name__, [])


for _name in _HOMES:
    _place = _Place(_name)
    sys.modules[_place.__name__] = _place
    globals()[_name] = _place
