"""Functions on images, PIL or tensors `(..., channels, height, width)`, with torchvision's names and arguments.

Geometry and colours of PIL images are Pillow's (`_pil.py`), those of tensors are written with tensor operations
(`_pixels.py`); the two agree up to rounding.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import Enum
from types import ModuleType
from typing import Any, TypeAlias

from .. import _rutile
from . import _pixels

Tensor: TypeAlias = _rutile.Tensor
Image: TypeAlias = Any
"""A PIL image or a tensor."""


class InterpolationMode(Enum):
    """How pixels between pixels are computed; the last three are for PIL images only."""

    NEAREST = "nearest"
    NEAREST_EXACT = "nearest-exact"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"
    BOX = "box"
    HAMMING = "hamming"
    LANCZOS = "lanczos"


_PIL_CODES = ["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"]


def pil_image_module() -> ModuleType:
    """`PIL.Image`; ImportError says how to get it."""
    try:
        import PIL.Image
    except ImportError as error:
        raise ImportError("images as PIL images want Pillow: pip install rutile[vision]") from error
    return PIL.Image


def is_pil(image: object) -> bool:
    """Whether `image` is a PIL image; does not import Pillow."""
    import sys

    module = sys.modules.get("PIL.Image")
    return module is not None and isinstance(image, module.Image)


def _pil(image: object, name: str) -> Any:
    """The module `_pil` for a PIL image, None for a tensor; TypeError for anything else."""
    if isinstance(image, _rutile.Tensor):
        if image.dim() < 2:
            raise TypeError(f"{name}: a tensor image has at least 2 axes, got shape {list(image.shape)}")
        return None
    if is_pil(image):
        from . import _pil

        return _pil
    raise TypeError(f"{name}: wants a PIL image or a tensor, got {type(image).__name__}; ToTensor makes a tensor")


def mode_name(interpolation: InterpolationMode | int | str) -> str:
    """The name of an interpolation given as torchvision or Pillow do."""
    if isinstance(interpolation, InterpolationMode):
        return str(interpolation.value)
    return interpolation if isinstance(interpolation, str) else _PIL_CODES[int(interpolation)]


# Sizes


def get_dimensions(img: Image) -> list[int]:
    """Channels, height, width."""
    if _pil(img, "get_dimensions"):
        return [len(img.getbands()), img.height, img.width]
    return [1 if img.dim() == 2 else img.shape[-3], img.shape[-2], img.shape[-1]]


def get_image_size(img: Image) -> list[int]:
    """Width, height."""
    _, height, width = get_dimensions(img)
    return [width, height]


def get_image_num_channels(img: Image) -> int:
    """The number of channels."""
    return get_dimensions(img)[0]


# Conversions


def pil_to_tensor(pic: Image) -> Tensor:
    """A PIL image or a NumPy array (height x width, or with channels last) as a tensor of the same numbers, channels
    first.
    """
    import numpy as np

    if not (is_pil(pic) or isinstance(pic, np.ndarray)):
        raise TypeError(f"pil_to_tensor: wants a PIL image or an array, got {type(pic).__name__}")
    if is_pil(pic) and pic.mode == "1":
        pic = pic.convert("L")
    pixels = np.array(pic)  # a copy: Pillow's memory is not to be written to
    if pixels.ndim not in (2, 3):
        raise ValueError(f"an image has 2 or 3 axes, got shape {tuple(pixels.shape)}")
    if pixels.dtype == np.uint16:
        pixels = pixels.astype(np.int32)
    planes = pixels[None] if pixels.ndim == 2 else np.ascontiguousarray(pixels.transpose(2, 0, 1))
    return _rutile.from_numpy(planes)


def to_tensor(pic: Image) -> Tensor:
    """An image (PIL, or a NumPy array height x width, or with channels last) as a tensor (channels, height, width).
    8-bit pixels become floats from 0 to 1, black and white become 0 and 1; other types keep their values.
    """
    if is_pil(pic) and pic.mode == "1":
        return pil_to_tensor(pic).to(_rutile.get_default_dtype()) / 255
    planes = pil_to_tensor(pic)
    return planes.to(_rutile.get_default_dtype()) / 255 if planes.dtype == _rutile.uint8 else planes


def to_pil_image(pic: Any, mode: str | None = None) -> Any:
    """A tensor `(channels, height, width)` or `(height, width)`, or a NumPy array with channels last, as a PIL image.
    Floats from 0 to 1 become 0 to 255.
    """
    import numpy as np

    Image = pil_image_module()  # noqa: N806 - as everybody writes it
    if isinstance(pic, _rutile.Tensor):
        if pic.dim() not in (2, 3):
            raise ValueError(f"pic should be 2/3 dimensional. Got {pic.dim()} dimensions.")
        pic = pic.detach()
        if pic.is_floating_point() and mode != "F":
            pic = pic.float().mul(255).to(_rutile.uint8)
        array = pic.numpy()
        array = array.transpose(1, 2, 0) if array.ndim == 3 else array
    elif isinstance(pic, np.ndarray):
        array = pic
    else:
        raise TypeError(f"pic should be Tensor or ndarray. Got {type(pic)}.")
    if array.ndim == 3 and array.shape[2] > 4:
        raise ValueError(f"pic should not have > 4 channels. Got {array.shape[2]} channels.")
    array = array[:, :, 0] if array.ndim == 3 and array.shape[2] == 1 else np.ascontiguousarray(array)
    if array.ndim == 3 and array.shape[2] == 2:
        image = Image.merge("LA", [Image.fromarray(np.ascontiguousarray(array[:, :, i])) for i in range(2)])
    else:
        image = Image.fromarray(array)
    return image if mode is None or image.mode == mode else image.convert(mode)


def convert_image_dtype(image: Tensor, dtype: _rutile.dtype | None = None) -> Tensor:
    """A tensor image in another dtype, with values stretched from the range of one to that of the other: 0 to 1 for
    floats, 0 to the largest number for integers.
    """
    return _pixels.convert_dtype(image, dtype or _rutile.get_default_dtype())


def normalize(tensor: Tensor, mean: Sequence[float], std: Sequence[float], inplace: bool = False) -> Tensor:
    """`(image - mean) / std`, channel by channel, of an image of floats."""
    if not isinstance(tensor, _rutile.Tensor):
        raise TypeError(f"normalize: the image must be a tensor, got {type(tensor).__name__}; ToTensor makes it so")
    if not tensor.is_floating_point():
        raise TypeError(f"normalize: the image must be of floats, not {tensor.dtype}; ToTensor makes it so")
    if any(value == 0 for value in (std if isinstance(std, Sequence) else [float(v) for v in std])):
        raise ValueError(f"normalize: std {std} has a zero, division by it is undefined")
    shift, scale = (_rutile.as_tensor(value, dtype=tensor.dtype).reshape(-1, 1, 1) for value in (mean, std))
    return tensor.sub_(shift).div_(scale) if inplace else (tensor - shift).div_(scale)


# Geometry


def _output_size(size: Any, height: int, width: int, max_size: int | None) -> tuple[int, int]:
    """Height and width after a resize: a single number is the shorter edge."""
    values = [size] if isinstance(size, int) else list(size) if size is not None else []
    if len(values) == 2:
        if max_size is not None:
            raise ValueError("max_size should only be passed if size specifies the length of the smaller edge")
        return int(values[0]), int(values[1])
    short, long = sorted((height, width))
    if values:
        new_short = int(values[0])
        new_long = int(new_short * long / short)
        if max_size is not None:
            if max_size <= new_short:
                raise ValueError(f"max_size = {max_size} must be strictly greater than the smaller edge size = {size}")
            if new_long > max_size:
                new_short, new_long = int(max_size * new_short / new_long), max_size
    elif max_size is not None:
        new_short, new_long = int(max_size * short / long), max_size
    else:
        raise ValueError("resize: wants size or max_size")
    return (new_short, new_long) if height <= width else (new_long, new_short)


def resize(
    img: Image,
    size: int | Sequence[int],
    interpolation: InterpolationMode | int = InterpolationMode.BILINEAR,
    max_size: int | None = None,
    antialias: bool | None = True,
) -> Image:
    """The image at another size.

    Args:
        size: height and width, or a number for the shorter edge (the ratio stays).
        max_size: the longest that the longer edge may become.
        antialias: widen the filter when shrinking, as Pillow always does; False leaves it narrow (tensors only).
    """
    pil = _pil(img, "resize")
    _, height, width = get_dimensions(img)
    target = _output_size(size, height, width, max_size)
    if target == (height, width):
        return img
    mode = mode_name(interpolation)
    return pil.resize(img, target, mode) if pil else _pixels.resize(img, target, mode, bool(antialias))


def crop(img: Image, top: int, left: int, height: int, width: int) -> Image:
    """A part of the image; what lies outside of it is black."""
    pil = _pil(img, "crop")
    if pil:
        return img.crop((left, top, left + width, top + height))
    return _pixels.crop(img, top, left, height, width)


def center_crop(img: Image, output_size: int | Sequence[int]) -> Image:
    """The middle of the image; a smaller image is padded with black."""
    target_height, target_width = pair(output_size)
    _, height, width = get_dimensions(img)
    if target_width > width or target_height > height:
        spare_x, spare_y = max(target_width - width, 0), max(target_height - height, 0)
        img = pad(img, [spare_x // 2, spare_y // 2, (spare_x + 1) // 2, (spare_y + 1) // 2])
        _, height, width = get_dimensions(img)
        if (target_width, target_height) == (width, height):
            return img
    top, left = round((height - target_height) / 2.0), round((width - target_width) / 2.0)
    return crop(img, top, left, target_height, target_width)


def resized_crop(
    img: Image,
    top: int,
    left: int,
    height: int,
    width: int,
    size: int | Sequence[int],
    interpolation: InterpolationMode = InterpolationMode.BILINEAR,
    antialias: bool | None = True,
) -> Image:
    """`resize` of a `crop`."""
    return resize(crop(img, top, left, height, width), size, interpolation, antialias=antialias)


def pad(
    img: Image, padding: int | Sequence[int], fill: float | Sequence[float] = 0, padding_mode: str = "constant"
) -> Image:
    """The image with a frame.

    Args:
        padding: on all sides, (left and right, top and bottom), or (left, top, right, bottom).
        fill: value of a constant frame, or one per channel.
        padding_mode: constant, edge, reflect or symmetric.
    """
    values = [padding] if isinstance(padding, int) else list(padding)
    if len(values) not in (1, 2, 4):
        raise ValueError(f"Padding must be an int or a 1, 2, or 4 element tuple, not a {len(values)} element tuple")
    if padding_mode not in ("constant", "edge", "reflect", "symmetric"):
        raise ValueError("Padding mode should be either constant, edge, reflect or symmetric")
    left, top, right, bottom = values * (4 // len(values))
    pil = _pil(img, "pad")
    return (pil or _pixels).pad(img, left, top, right, bottom, fill, padding_mode)


def hflip(img: Image) -> Image:
    """Left and right exchanged."""
    pil = _pil(img, "hflip")
    return pil.flip(img, horizontal=True) if pil else img.flip(-1)


def vflip(img: Image) -> Image:
    """Top and bottom exchanged."""
    pil = _pil(img, "vflip")
    return pil.flip(img, horizontal=False) if pil else img.flip(-2)


def five_crop(img: Image, size: int | Sequence[int]) -> tuple[Image, Image, Image, Image, Image]:
    """The four corners and the middle."""
    height, width = pair(size)
    _, full_height, full_width = get_dimensions(img)
    if width > full_width or height > full_height:
        raise ValueError(f"Requested crop size {(height, width)} is bigger than input size {(full_height, full_width)}")
    bottom, right = full_height - height, full_width - width
    corners = [crop(img, top, left, height, width) for top, left in ((0, 0), (0, right), (bottom, 0), (bottom, right))]
    return corners[0], corners[1], corners[2], corners[3], center_crop(img, [height, width])


def ten_crop(img: Image, size: int | Sequence[int], vertical_flip: bool = False) -> tuple[Image, ...]:
    """`five_crop` of the image and of its mirror image."""
    return five_crop(img, size) + five_crop(vflip(img) if vertical_flip else hflip(img), size)


def _inverse_matrix(
    center: tuple[float, float], angle: float, translate: tuple[float, float], scale: float, shear: tuple[float, float]
) -> list[float]:
    """Six numbers that take a point of the result to its place in the image: the inverse of T * C * RSS * C^-1, with
    rotation, shear and scale about the centre C and translation T.
    """
    rotation, shear_x, shear_y = math.radians(angle), math.radians(shear[0]), math.radians(shear[1])
    a = math.cos(rotation - shear_y) / math.cos(shear_y)
    b = -math.cos(rotation - shear_y) * math.tan(shear_x) / math.cos(shear_y) - math.sin(rotation)
    c = math.sin(rotation - shear_y) / math.cos(shear_y)
    d = -math.sin(rotation - shear_y) * math.tan(shear_x) / math.cos(shear_y) + math.cos(rotation)
    inverse = [d / scale, -b / scale, -c / scale, a / scale]  # the determinant of a, b, c, d is 1
    x, y = -center[0] - translate[0], -center[1] - translate[1]
    return [
        inverse[0], inverse[1], inverse[0] * x + inverse[1] * y + center[0],
        inverse[2], inverse[3], inverse[2] * x + inverse[3] * y + center[1],
    ]  # fmt: skip


def rotate(
    img: Image,
    angle: float,
    interpolation: InterpolationMode | int = InterpolationMode.NEAREST,
    expand: bool = False,
    center: Sequence[float] | None = None,
    fill: float | Sequence[float] | None = None,
) -> Image:
    """The image turned by `angle` degrees against the clock.

    Args:
        expand: make the result as large as the turned image; else corners are lost.
        center: x and y of the fixed point, by default the middle.
        fill: value of new pixels, or one per channel; 0 by default.
    """
    pil = _pil(img, "rotate")
    if pil:
        return pil.rotate(img, angle, mode_name(interpolation), expand, center, fill)
    _, height, width = get_dimensions(img)
    middle = (0.0, 0.0) if center is None else (center[0] - width * 0.5, center[1] - height * 0.5)
    matrix = _inverse_matrix(middle, -angle, (0.0, 0.0), 1.0, (0.0, 0.0))
    return _pixels.affine(img, matrix, mode_name(interpolation), fill, expand)


def affine(
    img: Image,
    angle: float,
    translate: Sequence[float],
    scale: float,
    shear: float | Sequence[float],
    interpolation: InterpolationMode | int = InterpolationMode.NEAREST,
    fill: float | Sequence[float] | None = None,
    center: Sequence[float] | None = None,
) -> Image:
    """The image turned (degrees, with the clock), scaled and sheared about its middle, and moved.

    Args:
        translate: pixels to the right and down.
        shear: degrees along x, or along x and y.
        fill: value of new pixels, or one per channel; 0 by default.
        center: x and y of the fixed point, by default the middle.
    """
    if scale <= 0:
        raise ValueError("Argument scale should be positive")
    shears = [float(shear), 0.0] if isinstance(shear, int | float) else [float(value) for value in shear]
    shears = [shears[0], 0.0] if len(shears) == 1 else shears
    move = (float(translate[0]), float(translate[1]))
    pil = _pil(img, "affine")
    _, height, width = get_dimensions(img)
    if pil:
        middle = (width * 0.5, height * 0.5) if center is None else (center[0], center[1])
        matrix = _inverse_matrix(middle, angle, move, scale, (shears[0], shears[1]))
        return pil.affine(img, matrix, mode_name(interpolation), fill)
    middle = (0.0, 0.0) if center is None else (center[0] - width * 0.5, center[1] - height * 0.5)
    matrix = _inverse_matrix(middle, angle, move, scale, (shears[0], shears[1]))
    return _pixels.affine(img, matrix, mode_name(interpolation), fill, False)


def erase(img: Tensor, i: int, j: int, h: int, w: int, v: Any, inplace: bool = False) -> Tensor:
    """The tensor image with `v` in the rectangle of height `h` and width `w` at row `i`, column `j`."""
    if not isinstance(img, _rutile.Tensor):
        raise TypeError(f"erase: wants a tensor, got {type(img).__name__}; ToTensor makes one")
    out = img if inplace else img.clone()
    out[..., i : i + h, j : j + w] = v
    return out


# Colours


def rgb_to_grayscale(img: Image, num_output_channels: int = 1) -> Image:
    """Grey, with the weights 0.299, 0.587 and 0.114 of red, green and blue (ITU-R BT.601); 1 or 3 equal channels."""
    if num_output_channels not in (1, 3):
        raise ValueError("num_output_channels should be either 1 or 3")
    pil = _pil(img, "rgb_to_grayscale")
    return (pil or _pixels).grayscale(img, num_output_channels)


to_grayscale = rgb_to_grayscale


def _positive(name: str, factor: float) -> None:
    if factor < 0:
        raise ValueError(f"{name}: the factor {factor} is not non-negative")


def adjust_brightness(img: Image, brightness_factor: float) -> Image:
    """0 is black, 1 the image, 2 twice as bright."""
    _positive("adjust_brightness", brightness_factor)
    return (_pil(img, "adjust_brightness") or _pixels).brightness(img, brightness_factor)


def adjust_contrast(img: Image, contrast_factor: float) -> Image:
    """0 is all of the mean grey, 1 the image, 2 twice the contrast."""
    _positive("adjust_contrast", contrast_factor)
    return (_pil(img, "adjust_contrast") or _pixels).contrast(img, contrast_factor)


def adjust_saturation(img: Image, saturation_factor: float) -> Image:
    """0 is grey, 1 the image, 2 twice the colour."""
    _positive("adjust_saturation", saturation_factor)
    return (_pil(img, "adjust_saturation") or _pixels).saturation(img, saturation_factor)


def adjust_hue(img: Image, hue_factor: float) -> Image:
    """Hues turned by `hue_factor` (-0.5 to 0.5) of the circle; grey images stay."""
    if not -0.5 <= hue_factor <= 0.5:
        raise ValueError(f"hue_factor ({hue_factor}) is not in [-0.5, 0.5].")
    return (_pil(img, "adjust_hue") or _pixels).hue(img, hue_factor)


def adjust_gamma(img: Image, gamma: float, gain: float = 1) -> Image:
    """`gain * image ** gamma`, for values from 0 to 1: below 1, shadows become lighter."""
    _positive("adjust_gamma", gamma)
    return (_pil(img, "adjust_gamma") or _pixels).gamma(img, gamma, gain)


def adjust_sharpness(img: Image, sharpness_factor: float) -> Image:
    """0 is blurred, 1 the image, 2 twice as sharp."""
    _positive("adjust_sharpness", sharpness_factor)
    return (_pil(img, "adjust_sharpness") or _pixels).sharpness(img, sharpness_factor)


def invert(img: Image) -> Image:
    """Negative of the image."""
    return (_pil(img, "invert") or _pixels).invert(img)


def posterize(img: Image, bits: int) -> Image:
    """Only the `bits` highest bits of each 8-bit value."""
    return (_pil(img, "posterize") or _pixels).posterize(img, bits)


def solarize(img: Image, threshold: float) -> Image:
    """Values from `threshold` on inverted."""
    return (_pil(img, "solarize") or _pixels).solarize(img, threshold)


def autocontrast(img: Image) -> Image:
    """Each channel stretched so that its darkest value is black and its lightest white."""
    return (_pil(img, "autocontrast") or _pixels).autocontrast(img)


def equalize(img: Image) -> Image:
    """Each 8-bit channel with a flat histogram."""
    return (_pil(img, "equalize") or _pixels).equalize(img)


def gaussian_blur(img: Image, kernel_size: int | Sequence[int], sigma: float | Sequence[float] | None = None) -> Image:
    """The image blurred; `kernel_size` (width, height) odd, `sigma` by default `0.15 * size + 0.35`."""
    sizes = pair(kernel_size)
    if any(size <= 0 or size % 2 == 0 for size in sizes):
        raise ValueError(f"kernel_size should have odd and positive integers. Got {kernel_size}")
    if sigma is None:
        sigmas = [size * 0.15 + 0.35 for size in sizes]
    else:
        sigmas = [float(sigma)] * 2 if isinstance(sigma, int | float) else [float(value) for value in sigma]
        sigmas = sigmas * 2 if len(sigmas) == 1 else sigmas
    if any(value <= 0 for value in sigmas):
        raise ValueError(f"sigma should have positive values. Got {sigma}")
    if _pil(img, "gaussian_blur"):
        return to_pil_image(_pixels.blur(pil_to_tensor(img), sizes, sigmas), img.mode)
    return _pixels.blur(img, sizes, sigmas)


def pair(size: int | Sequence[int]) -> tuple[int, int]:
    """Height and width from a number, a list of one, or both."""
    if isinstance(size, int):
        return size, size
    if len(size) == 1:
        return size[0], size[0]
    if len(size) != 2:
        raise ValueError(f"a size is a number or (height, width), got {size}")
    return size[0], size[1]
