"""Transforms that move pixels: sizes, crops, flips, rotations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .. import nn
from . import _draw
from . import functional as F
from .functional import InterpolationMode

Fill = float | Sequence[float]


class Resize(nn.Module):
    """The image at another size.

    Args:
        size: height and width, or a number for the shorter edge (the ratio stays).
        interpolation: nearest, bilinear or bicubic.
        max_size: the longest that the longer edge may become, when `size` is a number.
        antialias: widen the filter when shrinking, as Pillow always does.
    """

    def __init__(
        self,
        size: int | Sequence[int],
        interpolation: InterpolationMode | int = InterpolationMode.BILINEAR,
        max_size: int | None = None,
        antialias: bool | None = True,
    ) -> None:
        super().__init__()
        if not isinstance(size, int | Sequence):
            raise TypeError(f"Size should be int or sequence. Got {type(size)}")
        if isinstance(size, Sequence) and len(size) not in (1, 2):
            raise ValueError("If size is a sequence, it should have 1 or 2 values")
        self.size, self.interpolation, self.max_size, self.antialias = size, interpolation, max_size, antialias

    def forward(self, img: Any) -> Any:
        return F.resize(img, self.size, self.interpolation, self.max_size, self.antialias)

    def __repr__(self) -> str:
        detail = f"size={self.size}, interpolation={F.mode_name(self.interpolation)}, max_size={self.max_size}"
        return f"{type(self).__name__}({detail}, antialias={self.antialias})"


class CenterCrop(nn.Module):
    """The middle of the image; smaller images are padded with black.

    Args:
        size: height and width, or one number for both.
    """

    def __init__(self, size: int | Sequence[int]) -> None:
        super().__init__()
        self.size = F.pair(size)

    def forward(self, img: Any) -> Any:
        return F.center_crop(img, self.size)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(size={self.size})"


class Pad(nn.Module):
    """The image with a frame.

    Args:
        padding: on all sides, (left and right, top and bottom), or (left, top, right, bottom).
        fill: value of a constant frame, or one per channel.
        padding_mode: constant, edge, reflect or symmetric.
    """

    def __init__(self, padding: int | Sequence[int], fill: Fill = 0, padding_mode: str = "constant") -> None:
        super().__init__()
        self.padding, self.fill, self.padding_mode = padding, fill, padding_mode
        if not isinstance(padding, int) and len(padding) not in (1, 2, 4):
            raise ValueError(
                f"Padding must be an int or a 1, 2, or 4 element tuple, not a {len(padding)} element tuple"
            )

    def forward(self, img: Any) -> Any:
        return F.pad(img, self.padding, self.fill, self.padding_mode)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(padding={self.padding}, fill={self.fill}, padding_mode={self.padding_mode})"


class RandomCrop(nn.Module):
    """A part of the image at a random place.

    Args:
        size: height and width, or one number for both.
        padding: a frame before the crop, as in `Pad`.
        pad_if_needed: pad images that are too small; else they are an error.
        fill, padding_mode: as in `Pad`.
    """

    def __init__(
        self,
        size: int | Sequence[int],
        padding: int | Sequence[int] | None = None,
        pad_if_needed: bool = False,
        fill: Fill = 0,
        padding_mode: str = "constant",
    ) -> None:
        super().__init__()
        self.size = F.pair(size)
        self.padding, self.pad_if_needed, self.fill, self.padding_mode = padding, pad_if_needed, fill, padding_mode

    @staticmethod
    def get_params(img: Any, output_size: tuple[int, int]) -> tuple[int, int, int, int]:
        """Row, column, height and width of a random part."""
        _, height, width = F.get_dimensions(img)
        target_height, target_width = output_size
        if height < target_height or width < target_width:
            raise ValueError(
                f"Required crop size {(target_height, target_width)} is larger than input image size {(height, width)}"
            )
        if (height, width) == (target_height, target_width):
            return 0, 0, height, width
        row = _draw.integer(0, height - target_height + 1)
        return row, _draw.integer(0, width - target_width + 1), target_height, target_width

    def forward(self, img: Any) -> Any:
        if self.padding is not None:
            img = F.pad(img, self.padding, self.fill, self.padding_mode)
        _, height, width = F.get_dimensions(img)
        if self.pad_if_needed and (width < self.size[1] or height < self.size[0]):
            frame = [max(self.size[1] - width, 0), max(self.size[0] - height, 0)]
            img = F.pad(img, frame, self.fill, self.padding_mode)
        return F.crop(img, *self.get_params(img, self.size))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(size={self.size}, padding={self.padding})"


class RandomResizedCrop(nn.Module):
    """A part of random area and ratio, resized (C. Szegedy et al., *Going Deeper with Convolutions*, 2014).

    Args:
        size: height and width of the result, or one number for both.
        scale: smallest and largest area of the part, as a share of the image.
        ratio: smallest and largest ratio of its width to its height.
        interpolation, antialias: as in `Resize`.
    """

    def __init__(
        self,
        size: int | Sequence[int],
        scale: Sequence[float] = (0.08, 1.0),
        ratio: Sequence[float] = (3.0 / 4.0, 4.0 / 3.0),
        interpolation: InterpolationMode | int = InterpolationMode.BILINEAR,
        antialias: bool | None = True,
    ) -> None:
        super().__init__()
        self.size = F.pair(size)
        if scale[0] > scale[1] or ratio[0] > ratio[1]:
            raise ValueError(f"RandomResizedCrop: scale and ratio should be (min, max), got {scale} and {ratio}")
        self.scale, self.ratio, self.interpolation, self.antialias = scale, ratio, interpolation, antialias

    @staticmethod
    def get_params(img: Any, scale: Sequence[float], ratio: Sequence[float]) -> tuple[int, int, int, int]:
        """Row, column, height and width of a random part; the largest middle part if none fits in ten tries."""
        _, height, width = F.get_dimensions(img)
        low, high = math.log(ratio[0]), math.log(ratio[1])
        for _ in range(10):
            area = height * width * _draw.uniform(scale[0], scale[1])
            aspect = math.exp(_draw.uniform(low, high))
            w, h = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
            if 0 < w <= width and 0 < h <= height:
                return _draw.integer(0, height - h + 1), _draw.integer(0, width - w + 1), h, w
        if width / height < min(ratio):
            w, h = width, round(width / min(ratio))
        elif width / height > max(ratio):
            w, h = round(height * max(ratio)), height
        else:
            w, h = width, height
        return (height - h) // 2, (width - w) // 2, h, w

    def forward(self, img: Any) -> Any:
        part = self.get_params(img, self.scale, self.ratio)
        return F.resized_crop(img, *part, self.size, self.interpolation, self.antialias)  # type: ignore[arg-type]

    def __repr__(self) -> str:
        scale, ratio = (tuple(round(value, 4) for value in values) for values in (self.scale, self.ratio))
        detail = f"size={self.size}, scale={scale}, ratio={ratio}, interpolation={F.mode_name(self.interpolation)}"
        return f"{type(self).__name__}({detail}, antialias={self.antialias})"


class RandomHorizontalFlip(nn.Module):
    """Left and right exchanged with probability `p`."""

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = p

    def forward(self, img: Any) -> Any:
        return F.hflip(img) if _draw.chance(self.p) else img

    def __repr__(self) -> str:
        return f"{type(self).__name__}(p={self.p})"


class RandomVerticalFlip(nn.Module):
    """Top and bottom exchanged with probability `p`."""

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = p

    def forward(self, img: Any) -> Any:
        return F.vflip(img) if _draw.chance(self.p) else img

    def __repr__(self) -> str:
        return f"{type(self).__name__}(p={self.p})"


def _range(value: float | Sequence[float], name: str) -> tuple[float, float]:
    """(-value, value) for a number, else the two given."""
    if isinstance(value, int | float):
        if value < 0:
            raise ValueError(f"If {name} is a single number, it must be positive.")
        return -float(value), float(value)
    if len(value) != 2:
        raise ValueError(f"{name} should be a sequence of length 2.")
    return float(value[0]), float(value[1])


class RandomRotation(nn.Module):
    """The image turned by a random angle.

    Args:
        degrees: the largest angle either way, or smallest and largest.
        interpolation, expand, center, fill: as in `functional.rotate`.
    """

    def __init__(
        self,
        degrees: float | Sequence[float],
        interpolation: InterpolationMode | int = InterpolationMode.NEAREST,
        expand: bool = False,
        center: Sequence[float] | None = None,
        fill: Fill = 0,
    ) -> None:
        super().__init__()
        self.degrees = list(_range(degrees, "degrees"))
        self.interpolation, self.expand, self.center, self.fill = interpolation, expand, center, fill

    @staticmethod
    def get_params(degrees: Sequence[float]) -> float:
        """A random angle."""
        return _draw.uniform(degrees[0], degrees[1])

    def forward(self, img: Any) -> Any:
        angle = self.get_params(self.degrees)
        return F.rotate(img, angle, self.interpolation, self.expand, self.center, self.fill)

    def __repr__(self) -> str:
        detail = f"degrees={self.degrees}, interpolation={F.mode_name(self.interpolation)}, expand={self.expand}"
        return f"{type(self).__name__}({detail}, fill={self.fill})"


class RandomAffine(nn.Module):
    """The image turned, moved, scaled and sheared at random.

    Args:
        degrees: the largest angle either way, or smallest and largest.
        translate: the largest moves, as shares of width and height.
        scale: smallest and largest factor.
        shear: the largest angle along x either way, or smallest and largest along x, or also along y.
        interpolation, fill, center: as in `functional.affine`.
    """

    def __init__(
        self,
        degrees: float | Sequence[float],
        translate: Sequence[float] | None = None,
        scale: Sequence[float] | None = None,
        shear: float | Sequence[float] | None = None,
        interpolation: InterpolationMode | int = InterpolationMode.NEAREST,
        fill: Fill = 0,
        center: Sequence[float] | None = None,
    ) -> None:
        super().__init__()
        self.degrees = _range(degrees, "degrees")
        if translate is not None and not all(0.0 <= share <= 1.0 for share in translate):
            raise ValueError("translation values should be between 0 and 1")
        if scale is not None and not all(factor > 0 for factor in scale):
            raise ValueError("scale values should be positive")
        self.translate, self.scale = translate, scale
        if shear is None or (isinstance(shear, Sequence) and len(shear) == 4):
            self.shear = shear
        else:
            self.shear = _range(shear, "shear")
        self.interpolation, self.fill, self.center = interpolation, fill, center

    @staticmethod
    def get_params(
        degrees: Sequence[float],
        translate: Sequence[float] | None,
        scale_ranges: Sequence[float] | None,
        shears: Sequence[float] | None,
        img_size: Sequence[int],
    ) -> tuple[float, tuple[int, int], float, tuple[float, float]]:
        """Angle, moves, scale and shear; `img_size` is (width, height)."""
        angle = _draw.uniform(degrees[0], degrees[1])
        moves = (0, 0)
        if translate is not None:
            largest = [share * size for share, size in zip(translate, img_size, strict=True)]
            moves = (round(_draw.uniform(-largest[0], largest[0])), round(_draw.uniform(-largest[1], largest[1])))
        scale = _draw.uniform(scale_ranges[0], scale_ranges[1]) if scale_ranges is not None else 1.0
        shear_x = _draw.uniform(shears[0], shears[1]) if shears is not None else 0.0
        shear_y = _draw.uniform(shears[2], shears[3]) if shears is not None and len(shears) == 4 else 0.0
        return angle, moves, scale, (shear_x, shear_y)

    def forward(self, img: Any) -> Any:
        chosen = self.get_params(self.degrees, self.translate, self.scale, self.shear, F.get_image_size(img))
        return F.affine(img, *chosen, interpolation=self.interpolation, fill=self.fill, center=self.center)

    def __repr__(self) -> str:
        detail = f"degrees={self.degrees}, translate={self.translate}, scale={self.scale}, shear={self.shear}"
        return f"{type(self).__name__}({detail}, interpolation={F.mode_name(self.interpolation)}, fill={self.fill})"


class FiveCrop(nn.Module):
    """The four corners and the middle, as a tuple.

    Args:
        size: height and width of each, or one number for both.
    """

    def __init__(self, size: int | Sequence[int]) -> None:
        super().__init__()
        self.size = F.pair(size)

    def forward(self, img: Any) -> tuple[Any, ...]:
        return F.five_crop(img, self.size)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(size={self.size})"


class TenCrop(nn.Module):
    """`FiveCrop` of the image and of its mirror image.

    Args:
        size: height and width of each, or one number for both.
        vertical_flip: mirror top and bottom in place of left and right.
    """

    def __init__(self, size: int | Sequence[int], vertical_flip: bool = False) -> None:
        super().__init__()
        self.size, self.vertical_flip = F.pair(size), vertical_flip

    def forward(self, img: Any) -> tuple[Any, ...]:
        return F.ten_crop(img, self.size, self.vertical_flip)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(size={self.size}, vertical_flip={self.vertical_flip})"
