"""Geometry and colours of PIL images, by Pillow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageEnhance, ImageOps

_MODES = {
    "nearest": Image.Resampling.NEAREST,
    "nearest-exact": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "box": Image.Resampling.BOX,
    "hamming": Image.Resampling.HAMMING,
    "lanczos": Image.Resampling.LANCZOS,
}


def _fill(image: Image.Image, fill: float | Sequence[float] | None) -> Any:
    """The colour in the form the image's mode wants."""
    channels = len(image.getbands())
    if fill is None:
        fill = 0
    whole = (lambda value: value) if image.mode == "F" else int
    if isinstance(fill, int | float):
        return whole(fill) if channels == 1 else (whole(fill),) * channels
    if len(fill) not in (1, channels):
        raise ValueError(f"fill has {len(fill)} values, the image {channels} channels")
    values = tuple(whole(value) for value in fill) * (channels // len(fill))
    return values[0] if channels == 1 else values


def resize(image: Image.Image, size: tuple[int, int], mode: str) -> Image.Image:
    return image.resize((size[1], size[0]), _MODES[mode])


def flip(image: Image.Image, horizontal: bool) -> Image.Image:
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT if horizontal else Image.Transpose.FLIP_TOP_BOTTOM)


def pad(
    image: Image.Image, left: int, top: int, right: int, bottom: int, fill: float | Sequence[float], mode: str
) -> Image.Image:
    if mode == "constant":
        framed = Image.new(image.mode, (image.width + left + right, image.height + top + bottom), _fill(image, fill))
        if image.mode == "P" and image.palette is not None:
            framed.putpalette(image.palette)
        framed.paste(image, (left, top))
        return framed
    import numpy as np

    cut = (max(-left, 0), max(-top, 0), image.width - max(-right, 0), image.height - max(-bottom, 0))
    pixels = np.asarray(image.crop(cut))
    widths = [(max(top, 0), max(bottom, 0)), (max(left, 0), max(right, 0))] + [(0, 0)] * (pixels.ndim - 2)
    return Image.fromarray(np.pad(pixels, widths, mode=mode))  # type: ignore[call-overload]


def rotate(
    image: Image.Image,
    angle: float,
    mode: str,
    expand: bool,
    center: Sequence[float] | None,
    fill: float | Sequence[float] | None,
) -> Image.Image:
    middle = None if center is None else (center[0], center[1])
    return image.rotate(angle, _MODES[mode], expand, middle, fillcolor=_fill(image, fill))


def affine(image: Image.Image, matrix: list[float], mode: str, fill: float | Sequence[float] | None) -> Image.Image:
    return image.transform(
        image.size,
        Image.Transform.AFFINE,
        matrix,
        _MODES[mode],
        fillcolor=_fill(image, fill),
    )


def grayscale(image: Image.Image, channels: int) -> Image.Image:
    grey = image.convert("L")
    return grey if channels == 1 else Image.merge("RGB", [grey] * 3)


def brightness(image: Image.Image, factor: float) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(factor)


def contrast(image: Image.Image, factor: float) -> Image.Image:
    return ImageEnhance.Contrast(image).enhance(factor)


def saturation(image: Image.Image, factor: float) -> Image.Image:
    return ImageEnhance.Color(image).enhance(factor)


def sharpness(image: Image.Image, factor: float) -> Image.Image:
    return ImageEnhance.Sharpness(image).enhance(factor)


def hue(image: Image.Image, factor: float) -> Image.Image:
    if image.mode in ("L", "1", "I", "F"):
        return image
    hues, saturations, values = image.convert("HSV").split()
    turned = hues.point([(level + int(factor * 255)) % 256 for level in range(256)])
    return Image.merge("HSV", (turned, saturations, values)).convert(image.mode)


def gamma(image: Image.Image, power: float, gain: float) -> Image.Image:
    mode = image.mode
    table = [int((255 + 1 - 1e-3) * gain * pow(level / 255.0, power)) for level in range(256)]
    changed = image.convert("RGB").point([min(max(value, 0), 255) for value in table] * 3)
    return changed.convert(mode)


def invert(image: Image.Image) -> Image.Image:
    return ImageOps.invert(image)


def posterize(image: Image.Image, bits: int) -> Image.Image:
    return ImageOps.posterize(image, bits)


def solarize(image: Image.Image, threshold: float) -> Image.Image:
    return ImageOps.solarize(image, int(threshold))


def autocontrast(image: Image.Image) -> Image.Image:
    return ImageOps.autocontrast(image)


def equalize(image: Image.Image) -> Image.Image:
    return ImageOps.equalize(image)
