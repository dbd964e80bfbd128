"""Augmentations that pick from a fixed set of changes: `RandAugment`, `TrivialAugmentWide`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .. import nn
from . import _draw
from . import functional as F
from .functional import InterpolationMode

__all__ = ["RandAugment", "TrivialAugmentWide"]

Table = dict[str, tuple[list[float], bool]]
"""What a change is called, its strength by level, and whether it also goes the other way."""


def _even(low: float, high: float, count: int) -> list[float]:
    return [low + (high - low) * level / max(count - 1, 1) for level in range(count)]


def _table(bins: int, shear: float, move_x: float, move_y: float, turn: float, factor: float, bits: int) -> Table:
    return {
        "Identity": ([0.0], False),
        "ShearX": (_even(0.0, shear, bins), True),
        "ShearY": (_even(0.0, shear, bins), True),
        "TranslateX": (_even(0.0, move_x, bins), True),
        "TranslateY": (_even(0.0, move_y, bins), True),
        "Rotate": (_even(0.0, turn, bins), True),
        "Brightness": (_even(0.0, factor, bins), True),
        "Color": (_even(0.0, factor, bins), True),
        "Contrast": (_even(0.0, factor, bins), True),
        "Sharpness": (_even(0.0, factor, bins), True),
        "Posterize": ([float(8 - round(level / ((bins - 1) / bits))) for level in range(bins)], False),
        "Solarize": (_even(255.0, 0.0, bins), False),
        "AutoContrast": ([0.0], False),
        "Equalize": ([0.0], False),
    }


def _change(img: Any, name: str, strength: float, interpolation: InterpolationMode, fill: Any) -> Any:
    options = {"interpolation": interpolation, "fill": fill}
    match name:
        case "ShearX":
            return F.affine(img, 0.0, [0, 0], 1.0, [math.degrees(math.atan(strength)), 0.0], center=[0, 0], **options)
        case "ShearY":
            return F.affine(img, 0.0, [0, 0], 1.0, [0.0, math.degrees(math.atan(strength))], center=[0, 0], **options)
        case "TranslateX":
            return F.affine(img, 0.0, [int(strength), 0], 1.0, [0.0, 0.0], **options)
        case "TranslateY":
            return F.affine(img, 0.0, [0, int(strength)], 1.0, [0.0, 0.0], **options)
        case "Rotate":
            return F.rotate(img, strength, **options)
        case "Brightness":
            return F.adjust_brightness(img, 1.0 + strength)
        case "Color":
            return F.adjust_saturation(img, 1.0 + strength)
        case "Contrast":
            return F.adjust_contrast(img, 1.0 + strength)
        case "Sharpness":
            return F.adjust_sharpness(img, 1.0 + strength)
        case "Posterize":
            return F.posterize(img, int(strength))
        case "Solarize":
            return F.solarize(img, strength)
        case "AutoContrast":
            return F.autocontrast(img)
        case "Equalize":
            return F.equalize(img)
        case _:
            return img


class RandAugment(nn.Module):
    """`num_ops` random changes of one strength (E. D. Cubuk et al., *RandAugment*, 2019), of 8-bit images.

    Args:
        num_ops: how many changes.
        magnitude: their strength, below `num_magnitude_bins`.
        num_magnitude_bins: number of strengths.
        interpolation: of rotations and shears.
        fill: value of new pixels, or one per channel.
    """

    def __init__(
        self,
        num_ops: int = 2,
        magnitude: int = 9,
        num_magnitude_bins: int = 31,
        interpolation: InterpolationMode = InterpolationMode.NEAREST,
        fill: float | Sequence[float] | None = None,
    ) -> None:
        super().__init__()
        if not 0 <= magnitude < num_magnitude_bins:
            raise ValueError(f"RandAugment: magnitude {magnitude} is not below {num_magnitude_bins}")
        self.num_ops, self.magnitude, self.num_magnitude_bins = num_ops, magnitude, num_magnitude_bins
        self.interpolation, self.fill = interpolation, fill

    def forward(self, img: Any) -> Any:
        _, height, width = F.get_dimensions(img)
        share = 150.0 / 331.0
        table = _table(self.num_magnitude_bins, 0.3, share * width, share * height, 30.0, 0.9, 4)
        for _ in range(self.num_ops):
            name = list(table)[_draw.integer(0, len(table))]
            strengths, both = table[name]
            strength = strengths[self.magnitude] if len(strengths) > 1 else 0.0
            if both and _draw.chance(0.5):
                strength = -strength
            img = _change(img, name, strength, self.interpolation, self.fill)
        return img

    def __repr__(self) -> str:
        detail = f"num_ops={self.num_ops}, magnitude={self.magnitude}, num_magnitude_bins={self.num_magnitude_bins}"
        return f"{type(self).__name__}({detail}, interpolation={self.interpolation}, fill={self.fill})"


class TrivialAugmentWide(nn.Module):
    """One random change of random strength (S. G. Müller, F. Hutter, *TrivialAugment*, 2021), of 8-bit images.

    Args:
        num_magnitude_bins: number of strengths.
        interpolation: of rotations and shears.
        fill: value of new pixels, or one per channel.
    """

    def __init__(
        self,
        num_magnitude_bins: int = 31,
        interpolation: InterpolationMode = InterpolationMode.NEAREST,
        fill: float | Sequence[float] | None = None,
    ) -> None:
        super().__init__()
        self.num_magnitude_bins, self.interpolation, self.fill = num_magnitude_bins, interpolation, fill

    def forward(self, img: Any) -> Any:
        table = _table(self.num_magnitude_bins, 0.99, 32.0, 32.0, 135.0, 0.99, 6)
        name = list(table)[_draw.integer(0, len(table))]
        strengths, both = table[name]
        strength = strengths[_draw.integer(0, len(strengths))]
        if both and _draw.chance(0.5):
            strength = -strength
        return _change(img, name, strength, self.interpolation, self.fill)

    def __repr__(self) -> str:
        detail = f"num_magnitude_bins={self.num_magnitude_bins}, interpolation={self.interpolation}, fill={self.fill}"
        return f"{type(self).__name__}({detail})"
