"""Pictures of a network: what its filters look for, and what they find."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import rutile as rt

from ._drawing import array, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["feature_maps", "filters"]


def filters(weight: rt.Tensor | rt.nn.Module, count: int = 64, title: str | None = None) -> Figure:
    """The kernels of a convolution: in colours if there are three input channels, else one picture for each pair of
    output and input channel, blue below and red above zero.

    Args:
        weight: (out, in, height, width), or a module with such a `weight`.
        count: how many pictures at most.
    """
    import numpy as np

    values = array(weight.weight if isinstance(weight, rt.nn.Module) else weight)
    if values.ndim != 4:
        raise ValueError(
            f"filters: wants the weight of a 2-d convolution, (out, in, height, width), got {values.shape}"
        )
    coloured = values.shape[1] == 3
    pictures = values.transpose(0, 2, 3, 1) if coloured else values.reshape(-1, *values.shape[2:])
    shown = pictures[:count]
    columns = min(len(shown), 8 if coloured or values.shape[1] == 1 else max(4, min(values.shape[1], 16)))
    rows = -(-len(shown) // columns)
    figure = new_figure(0.8 * columns + 1.4, 0.8 * rows + 0.8)
    limit = float(np.abs(shown).max()) or 1.0
    drawn = None
    for number, axes in enumerate(figure.subplots(rows, columns, squeeze=False).flat):
        axes.set_axis_off()
        if number < len(shown):
            picture = shown[number]
            if coloured:  # each to its own range: the grey of zero is the same for all
                axes.imshow(0.5 + picture / (2 * (np.abs(picture).max() or 1.0)))
            else:
                drawn = axes.imshow(picture, cmap="RdBu_r", vmin=-limit, vmax=limit)
    if drawn is not None:
        figure.colorbar(drawn, ax=figure.axes, label="weight", shrink=0.8)
    left = "" if len(shown) == len(pictures) else f", the first {len(shown)} of {len(pictures)}"
    figure.suptitle(title or f"filters {list(values.shape)}{left}", fontsize=10)
    return figure


def feature_maps(model: rt.nn.Module, input: rt.Tensor, layers: Sequence[str] | None = None, count: int = 8) -> Figure:
    """What the layers make of the first image of `input`: a row for each layer, its first `count` channels.

    Args:
        layers: their paths, as in `named_modules()` (default: the convolutions, the first six).
        count: channels per layer.
    """
    modules = dict(model.named_modules())
    if layers is None:
        layers = [name for name, module in modules.items() if isinstance(module, rt.nn.Conv2d)][:6]
    missing = [name for name in layers if name not in modules]
    if missing or not layers:
        raise ValueError(f"feature_maps: no layers {missing}; there are {', '.join(filter(None, modules))}")
    found: dict[str, rt.Tensor] = {}

    def watch(name: str) -> Any:
        return lambda module, args, output: found.setdefault(name, output.detach())

    handles = [modules[name].register_forward_hook(watch(name)) for name in layers]
    training = model.training
    try:
        model.eval()
        with rt.no_grad():
            model(input)
    finally:
        model.train(training)
        for handle in handles:
            handle.remove()
    shown = [(name, array(found[name])[0]) for name in layers if name in found and found[name].dim() == 4]
    if not shown:
        raise ValueError(f"feature_maps: none of {', '.join(layers)} gave feature maps (n, channels, height, width)")
    figure = new_figure(1.1 * count + 1.6, 1.25 * len(shown) + 0.5)
    grid = figure.subplots(len(shown), count, squeeze=False)
    for row, (name, maps) in zip(grid, shown, strict=True):
        for channel, axes in enumerate(row):
            axes.set_xticks([])
            axes.set_yticks([])
            if channel < len(maps):
                axes.imshow(maps[channel], cmap="viridis")
                axes.set_title(f"channel {channel}", fontsize=7)
            else:
                axes.set_axis_off()
        row[0].set_ylabel(f"{name}\n{' x '.join(map(str, maps.shape))}", fontsize=8)
    figure.suptitle("feature maps, each from its least (dark) to its largest value (bright)", fontsize=10)
    return figure
