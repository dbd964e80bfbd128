"""Geometry and colours of tensor images `(..., channels, height, width)`, by tensor operations.

Integer images are computed in float32, rounded and clamped. Values lie between 0 and `peak`: 1 for floats, the largest
number for integers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

import rutile as rt
from rutile import _rutile

Tensor = _rutile.Tensor

_PEAKS = {rt.uint8: 255, rt.int8: 127, rt.int16: 32767, rt.int32: 2147483647, rt.int64: 9223372036854775807}


def peak(image: Tensor) -> int:
    """The value of white."""
    return 1 if image.is_floating_point() else _PEAKS[image.dtype]


def _computed(image: Tensor, compute: Callable[[Tensor], Tensor], rounded: bool = True) -> Tensor:
    """`compute` on the image as floats; the result in the image's dtype, rounded (or cut) if that is of integers."""
    if image.is_floating_point():
        return compute(image)
    out = compute(image.float())
    return (out.round() if rounded else out).clamp(0, peak(image)).to(image.dtype)


def convert_dtype(image: Tensor, dtype: rt.dtype) -> Tensor:
    if image.dtype == dtype:
        return image
    floats = dtype.is_floating_point
    if image.is_floating_point():
        if floats:
            return image.to(dtype)
        if (image.dtype == rt.float32 and dtype in (rt.int32, rt.int64)) or dtype == rt.int64:
            raise RuntimeError(f"The cast from {image.dtype} to {dtype} cannot be performed safely")
        # A little less than peak + 1: each whole number gets an equal share of 0 ... 1.
        return image.mul(_PEAKS[dtype] + 1 - 1e-3).to(dtype)
    if floats:
        return image.to(dtype) / peak(image)
    old, new = peak(image), _PEAKS[dtype]
    if old > new:
        return image.floor_divide((old + 1) // (new + 1)).to(dtype)
    return image.to(dtype) * ((new + 1) // (old + 1))


# Geometry


def crop(image: Tensor, top: int, left: int, height: int, width: int) -> Tensor:
    full_height, full_width = image.shape[-2:]
    inside = image[..., max(top, 0) : max(top + height, 0), max(left, 0) : max(left + width, 0)]
    if top >= 0 and left >= 0 and top + height <= full_height and left + width <= full_width:
        return inside
    out = rt.zeros((*image.shape[:-2], height, width), dtype=image.dtype)
    y, x = max(-top, 0), max(-left, 0)
    out[..., y : y + inside.shape[-2], x : x + inside.shape[-1]] = inside
    return out


def pad(
    image: Tensor, left: int, top: int, right: int, bottom: int, fill: float | Sequence[float], mode: str
) -> Tensor:
    rows = _sources(image.shape[-2], top, bottom, mode)
    columns = _sources(image.shape[-1], left, right, mode)
    if mode != "constant":
        return image.index_select(-2, rt.tensor(rows)).index_select(-1, rt.tensor(columns))
    out = rt.empty((*image.shape[:-2], len(rows), len(columns)), dtype=image.dtype)
    out[...] = _colour(image, fill)
    y, x = max(top, 0), max(left, 0)
    inside = image[
        ..., max(-top, 0) : image.shape[-2] - max(-bottom, 0), max(-left, 0) : image.shape[-1] - max(-right, 0)
    ]
    out[..., y : y + inside.shape[-2], x : x + inside.shape[-1]] = inside
    return out


def _sources(size: int, before: int, after: int, mode: str) -> list[int]:
    """Which row of the image each row of the padded one shows."""
    places = range(-before, size + after)
    if mode == "edge":
        return [min(max(place, 0), size - 1) for place in places]
    if mode == "reflect":
        if max(before, after) >= size:
            raise ValueError(f"pad: reflection wants less than {size} pixels of padding, got {max(before, after)}")
        return [abs(size - 1 - abs(size - 1 - place)) for place in places]
    if mode == "symmetric":
        return [min(place % (2 * size), 2 * size - 1 - place % (2 * size)) for place in places]
    return list(places)


def _colour(image: Tensor, fill: float | Sequence[float] | None) -> Tensor:
    values = [float(v) for v in (fill if isinstance(fill, Sequence) else [0.0 if fill is None else fill])]
    if image.dim() > 2 and len(values) not in (1, image.shape[-3]):
        raise ValueError(f"fill has {len(values)} values, the image {image.shape[-3]} channels")
    return rt.tensor(values).reshape(-1, 1, 1).to(image.dtype) if image.dim() > 2 else rt.tensor(values).to(image.dtype)


def resize(image: Tensor, size: tuple[int, int], mode: str, antialias: bool) -> Tensor:
    """Along each axis a product with a matrix of filter weights: the triangle (bilinear), or Keys' cubic; with
    `antialias` widened by the factor of shrinking, as in Pillow.
    """
    if mode in ("nearest", "nearest-exact"):
        for dim, target in ((-2, size[0]), (-1, size[1])):
            shift = 0.5 if mode == "nearest-exact" else 0.0
            ratio = image.shape[dim] / target
            places = [min(int((place + shift) * ratio), image.shape[dim] - 1) for place in range(target)]
            image = image.index_select(dim, rt.tensor(places))
        return image
    if mode not in ("bilinear", "bicubic"):
        raise ValueError(f"resize: tensors are resized by nearest, bilinear or bicubic, got {mode}; or use PIL images")

    def weights(old: int, new: int, dtype: rt.dtype) -> Tensor:
        # The cubic has a = -0.75 without antialias and -0.5 with it: PyTorch's choice, and Pillow's.
        return rt.tensor(_filter(old, new, mode, antialias)).to(dtype)

    def compute(floats: Tensor) -> Tensor:
        rows = weights(image.shape[-2], size[0], floats.dtype)
        columns = weights(image.shape[-1], size[1], floats.dtype)
        return rt.matmul(rt.matmul(rows, floats), columns.t())

    return _computed(image, compute)


def _filter(old: int, new: int, mode: str, antialias: bool) -> np.ndarray:
    ratio = old / new
    scale = max(ratio, 1.0) if antialias else 1.0
    a = -0.5 if antialias else -0.75
    radius = (1.0 if mode == "bilinear" else 2.0) * scale
    matrix = np.zeros((new, old))
    for place in range(new):
        middle = (place + 0.5) * ratio
        if not antialias and mode == "bilinear":
            middle = max(middle, 0.5)
        first, last = math.floor(middle - 0.5 - radius) - 1, math.ceil(middle - 0.5 + radius) + 2
        taps = np.arange(first, last)
        distance = np.abs(taps + 0.5 - middle) / scale
        if mode == "bilinear":
            weight = np.clip(1 - distance, 0, None)
        else:
            near = ((a + 2) * distance - (a + 3)) * distance**2 + 1
            far = ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a
            weight = np.where(distance <= 1, near, np.where(distance < 2, far, 0.0))
        if antialias:
            weight = np.where((taps >= 0) & (taps < old), weight, 0)
        np.add.at(matrix[place], np.clip(taps, 0, old - 1), weight / weight.sum())
    return matrix


def affine(image: Tensor, matrix: list[float], mode: str, fill: float | Sequence[float] | None, expand: bool) -> Tensor:
    """Pixel centres of the result go through `matrix` (about the middle) to where they come from."""
    height, width = image.shape[-2:]
    out_height, out_width = height, width
    if expand:
        # The matrix is a rotation, so its transpose takes the corners to where they will be.
        corners = [(x * width / 2, y * height / 2) for x in (-1, 1) for y in (-1, 1)]
        xs = [matrix[0] * x + matrix[3] * y for x, y in corners]
        ys = [matrix[1] * x + matrix[4] * y for x, y in corners]
        out_width, out_height = (math.ceil(round(max(v) - min(v), 4)) for v in (xs, ys))
    x = rt.arange(out_width, dtype=rt.float32) + (0.5 - out_width / 2)
    y = (rt.arange(out_height, dtype=rt.float32) + (0.5 - out_height / 2)).unsqueeze(1)
    source_x = x * matrix[0] + y * matrix[1] + (matrix[2] + width / 2 - 0.5)
    source_y = x * matrix[3] + y * matrix[4] + (matrix[5] + height / 2 - 0.5)
    outside = _colour(image, fill).float()

    def tap(floats: Tensor, column: Tensor, row: Tensor) -> tuple[Tensor, Tensor]:
        inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
        place = (row.clamp(0, height - 1) * width + column.clamp(0, width - 1)).long()
        taken = floats.flatten(-2).index_select(-1, place.flatten()).unflatten(-1, (out_height, out_width))
        return taken, inside.float()

    def compute(floats: Tensor) -> Tensor:
        if mode == "nearest":
            taken, inside = tap(floats, source_x.round(), source_y.round())
            chosen: Tensor = rt.where(inside.bool(), taken, outside)
            return chosen
        if mode != "bilinear":
            raise ValueError(f"tensors are turned with nearest or bilinear, got {mode}; or use PIL images")
        left, top = source_x.floor(), source_y.floor()
        share_x, share_y = source_x - left, source_y - top
        total, covered = rt.zeros_like(floats[..., :1, :1]), rt.zeros(1)
        for dx, weight_x in ((0, 1 - share_x), (1, share_x)):
            for dy, weight_y in ((0, 1 - share_y), (1, share_y)):
                taken, inside = tap(floats, left + dx, top + dy)
                weight = weight_x * weight_y * inside
                total, covered = total + taken * weight, covered + weight
        return total + outside * (1 - covered)

    return _computed(image, compute)


def blur(image: Tensor, sizes: Sequence[int], sigmas: Sequence[float]) -> Tensor:
    """Products with a band matrix along each axis, over the image reflected at its edges."""

    def band(size: int, kernel: int, sigma: float) -> np.ndarray:
        half = kernel // 2
        taps = np.exp(-0.5 * (np.arange(-half, half + 1) / sigma) ** 2)
        taps /= taps.sum()
        matrix = np.zeros((size, size))
        sources = _sources(size, half, half, "reflect")
        for place in range(size):
            np.add.at(matrix[place], sources[place : place + kernel], taps)
        return matrix

    def compute(floats: Tensor) -> Tensor:
        rows = rt.tensor(band(image.shape[-2], sizes[1], sigmas[1])).to(floats.dtype)
        columns = rt.tensor(band(image.shape[-1], sizes[0], sigmas[0])).to(floats.dtype)
        return rt.matmul(rt.matmul(rows, floats), columns.t())

    return _computed(image, compute)


# Colours


def _rgb(image: Tensor, name: str) -> None:
    if image.dim() < 3 or image.shape[-3] not in (1, 3):
        raise TypeError(f"{name}: wants 1 or 3 channels, got shape {list(image.shape)}")


def _luma(floats: Tensor) -> Tensor:
    if floats.shape[-3] == 1:
        return floats
    weights = rt.tensor([0.2989, 0.587, 0.114], dtype=floats.dtype).reshape(3, 1, 1)
    return (floats * weights).sum(-3, keepdim=True)


def grayscale(image: Tensor, channels: int) -> Tensor:
    _rgb(image, "rgb_to_grayscale")
    grey = _computed(image, _luma, rounded=False)
    return grey if channels == 1 else rt.cat([grey] * 3, -3)


def _blend(image: Tensor, other: Callable[[Tensor], Tensor], factor: float) -> Tensor:
    """`factor` of the image and `1 - factor` of another one."""
    white = peak(image)
    return _computed(
        image, lambda floats: (floats * factor + other(floats) * (1.0 - factor)).clamp(0, white), rounded=False
    )


def brightness(image: Tensor, factor: float) -> Tensor:
    _rgb(image, "adjust_brightness")
    return _blend(image, rt.zeros_like, factor)


def contrast(image: Tensor, factor: float) -> Tensor:
    _rgb(image, "adjust_contrast")

    def mean(floats: Tensor) -> Tensor:
        grey = _luma(floats)
        return (grey if image.is_floating_point() else grey.floor()).mean((-3, -2, -1), keepdim=True)

    return _blend(image, mean, factor)


def saturation(image: Tensor, factor: float) -> Tensor:
    _rgb(image, "adjust_saturation")
    if image.shape[-3] == 1:
        return image
    return _blend(image, lambda floats: _luma(floats) if image.is_floating_point() else _luma(floats).floor(), factor)


def hue(image: Tensor, factor: float) -> Tensor:
    _rgb(image, "adjust_hue")
    if image.shape[-3] == 1:
        return image
    white = peak(image)

    def compute(floats: Tensor) -> Tensor:
        h, s, v = _to_hsv(floats / white)
        return _from_hsv((h + factor) % 1.0, s, v) * white

    return _computed(image, compute, rounded=False)


def _to_hsv(image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Hue, saturation and value, each from 0 to 1 (A. R. Smith, *Color Gamut Transform Pairs*, 1978)."""
    r, g, b = image.unbind(-3)
    high, low = image.amax(-3), image.amin(-3)
    spread = high - low
    safe = rt.where(spread == 0, rt.ones_like(spread), spread)
    saturation = spread / rt.where(high == 0, rt.ones_like(high), high)
    red, green, blue = (high - r) / safe, (high - g) / safe, (high - b) / safe
    hue = rt.where(high == r, blue - green, rt.where(high == g, 2.0 + red - blue, 4.0 + green - red))
    hue = rt.where(spread == 0, rt.zeros_like(hue), hue)
    return (hue / 6.0 + 1.0) % 1.0, saturation, high


def _from_hsv(hue: Tensor, saturation: Tensor, value: Tensor) -> Tensor:
    """Each channel is `value` less what the distance of the hue to the channel's own sector takes away."""
    channels = []
    for sector in (5.0, 3.0, 1.0):
        place = (sector + hue * 6.0) % 6.0
        channels.append(value - value * saturation * rt.minimum(place, 4.0 - place).clamp(0, 1))
    return rt.stack(channels, -3)


def gamma(image: Tensor, power: float, gain: float) -> Tensor:
    floats = convert_dtype(image, rt.float32) if not image.is_floating_point() else image
    return convert_dtype((gain * floats**power).clamp(0, 1), image.dtype)


def sharpness(image: Tensor, factor: float) -> Tensor:
    """Blends with the image smoothed by (1 1 1; 1 5 1; 1 1 1) / 13; the border stays."""
    if image.shape[-1] <= 2 or image.shape[-2] <= 2:
        return image

    def smooth(floats: Tensor) -> Tensor:
        out = floats.clone()
        height, width = floats.shape[-2:]
        total = 4 * floats[..., 1:-1, 1:-1]
        for dy in range(3):
            for dx in range(3):
                total = total + floats[..., dy : height - 2 + dy, dx : width - 2 + dx]
        inner = total / 13
        out[..., 1:-1, 1:-1] = inner if image.is_floating_point() else inner.round()
        return out

    return _blend(image, smooth, factor)


def invert(image: Tensor) -> Tensor:
    return peak(image) - image


def _bytes(image: Tensor, name: str) -> None:
    if image.dtype != rt.uint8:
        raise TypeError(f"{name}: wants a uint8 image, got {image.dtype}")


def posterize(image: Tensor, bits: int) -> Tensor:
    _bytes(image, "posterize")
    return image.bitwise_and(256 - (1 << (8 - bits)))


def solarize(image: Tensor, threshold: float) -> Tensor:
    if threshold > peak(image):
        raise TypeError("Threshold should be less than bound of img.")
    chosen: Tensor = rt.where(image >= threshold, invert(image), image)
    return chosen


def autocontrast(image: Tensor) -> Tensor:
    white = peak(image)

    def compute(floats: Tensor) -> Tensor:
        low, high = floats.amin((-2, -1), keepdim=True), floats.amax((-2, -1), keepdim=True)
        flat = high == low
        scale = white / rt.where(flat, rt.ones_like(high), high - low)
        chosen: Tensor = rt.where(flat, floats, ((floats - low) * scale).clamp(0, white))
        return chosen

    return _computed(image, compute, rounded=False)


def equalize(image: Tensor) -> Tensor:
    _bytes(image, "equalize")
    planes = image.numpy().reshape(-1, image.shape[-2] * image.shape[-1])
    out = np.empty_like(planes)
    for number, plane in enumerate(planes):
        counts = np.bincount(plane, minlength=256)
        used = counts[counts > 0]
        step = (plane.size - used[-1]) // 255
        table = np.arange(256)
        if step:
            table = np.clip((np.cumsum(counts) - counts + step // 2) // step, 0, 255)
        out[number] = table.astype(np.uint8)[plane]
    return rt.from_numpy(out).reshape(image.shape)
