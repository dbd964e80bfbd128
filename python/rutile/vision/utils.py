"""Pictures of batches: `make_grid` and `save_image`."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from typing import IO, Any

import rutile as rt

__all__ = ["make_grid", "save_image"]


def make_grid(
    tensor: rt.Tensor | Sequence[rt.Tensor],
    nrow: int = 8,
    padding: int = 2,
    normalize: bool = False,
    value_range: tuple[float, float] | None = None,
    scale_each: bool = False,
    pad_value: float = 0.0,
) -> rt.Tensor:
    """Images side by side as one image, `(channels, height, width)`; grey ones become RGB.

    Args:
        tensor: `(images, channels, height, width)`, a list of images of one size, or one image.
        nrow: images in a row.
        padding: pixels around each image.
        normalize: stretch the values to 0 ... 1, from `value_range` (or the smallest and largest value).
        value_range: what becomes 0 and 1.
        scale_each: stretch each image by itself.
        pad_value: value of the padding.

    Example:
        >>> from rutile.vision.utils import make_grid
        >>> make_grid(rt.rand(5, 1, 8, 8), nrow=3).shape
        rutile.Size([3, 22, 32])
    """
    if not isinstance(tensor, rt.Tensor):
        images = list(tensor)
        if not all(isinstance(image, rt.Tensor) for image in images):
            raise TypeError(f"make_grid: wants a tensor or a list of tensors, got {type(tensor).__name__}")
        tensor = rt.stack(images)
    tensor = tensor.detach()
    if tensor.dim() == 2:
        tensor = tensor.unsqueeze(0)
    if tensor.dim() == 3:
        tensor = tensor.unsqueeze(0)
    if tensor.dim() != 4:
        raise ValueError(f"make_grid: wants images (n, channels, height, width), got shape {list(tensor.shape)}")
    if tensor.shape[1] == 1:
        tensor = rt.cat([tensor] * 3, 1)
    if normalize:
        if value_range is not None and not isinstance(value_range, tuple):
            raise TypeError("make_grid: value_range has to be a tuple (min, max)")
        parts = list(tensor) if scale_each else [tensor]
        scaled = [_stretch(part, value_range) for part in parts]
        tensor = rt.stack(scaled) if scale_each else scaled[0]
    if len(tensor) == 1:
        return tensor[0]
    count, channels, height, width = tensor.shape
    columns = min(nrow, count)
    rows = math.ceil(count / columns)
    height, width = height + padding, width + padding
    grid = rt.full((channels, height * rows + padding, width * columns + padding), pad_value, dtype=tensor.dtype)
    for number in range(count):
        y, x = number // columns * height + padding, number % columns * width + padding
        grid[:, y : y + height - padding, x : x + width - padding] = tensor[number]
    return grid


def _stretch(image: rt.Tensor, value_range: tuple[float, float] | None) -> rt.Tensor:
    low, high = value_range or (image.min().item(), image.max().item())
    return (image.clamp(low, high) - low) / max(high - low, 1e-5)


def save_image(
    tensor: rt.Tensor | Sequence[rt.Tensor],
    fp: str | os.PathLike[str] | IO[bytes],
    format: str | None = None,
    **kwargs: Any,
) -> None:
    """Writes images, with values from 0 to 1, as one picture; wants Pillow.

    Args:
        tensor, kwargs: as `make_grid`.
        fp: a path or an open file.
        format: PNG, JPEG ...; by default what the path's ending says.
    """
    from ..transforms.functional import pil_image_module

    grid = make_grid(tensor, **kwargs)
    pixels = grid.float().mul(255).add(0.5).clamp(0, 255).permute(1, 2, 0).to(rt.uint8).numpy()
    pil_image_module().fromarray(pixels).save(fp, format=format)
