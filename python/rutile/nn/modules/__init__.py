"""PyTorch's places of layers: `rutile.nn.modules.linear.Linear` is `rutile.nn.Linear`, and so on."""

from __future__ import annotations

from typing import Any

from rutile._places import add_places, find

_HOMES = {
    "activation": ["activation", "attention"],
    "adaptive": [],
    "batchnorm": ["norm"],
    "channelshuffle": ["shuffle"],
    "container": ["container"],
    "conv": ["conv", "conv_transpose"],
    "distance": ["distance"],
    "dropout": ["dropout", "_private"],
    "flatten": ["flatten"],
    "fold": [],
    "instancenorm": ["norm"],
    "lazy": ["lazy"],
    "linear": ["linear"],
    "loss": ["loss"],
    "module": ["module", "_private"],
    "normalization": ["norm"],
    "padding": ["padding"],
    "pixelshuffle": ["shuffle"],
    "pooling": ["pool", "_private"],
    "rnn": ["rnn"],
    "sparse": ["embedding"],
    "transformer": ["transformer", "_private"],
    "upsampling": [],
    "utils": ["_private", "utils"],
}
"""PyTorch's file, and those of `rutile.nn` whose private names it also shows."""


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return find(name, __name__, ["rutile.nn"])


add_places(
    __name__,
    {name: ["rutile.nn", *(f"rutile.nn.{home}" for home in homes)] for name, homes in _HOMES.items()},
)
