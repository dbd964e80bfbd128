"""Images from and to files, as tensors; wants Pillow."""

from __future__ import annotations

import io as _io
import os
from enum import Enum
from typing import Any

from .. import _rutile
from ..transforms import functional as F

__all__ = ["ImageReadMode", "decode_image", "read_image", "write_jpeg", "write_png"]


class ImageReadMode(Enum):
    """What colours a read image has."""

    UNCHANGED = 0
    GRAY = 1
    GRAY_ALPHA = 2
    RGB = 3
    RGB_ALPHA = 4


_MODES = {"GRAY": "L", "GRAY_ALPHA": "LA", "RGB": "RGB", "RGB_ALPHA": "RGBA"}


def _decode(source: Any, mode: ImageReadMode | str) -> _rutile.Tensor:
    from PIL import Image

    name = mode if isinstance(mode, str) else mode.name
    with Image.open(source) as image:
        if name in _MODES:
            image = image.convert(_MODES[name])  # type: ignore[assignment]
        elif image.mode == "P":
            image = image.convert("RGBA" if "transparency" in image.info else "RGB")  # type: ignore[assignment]
        return F.pil_to_tensor(image)


def read_image(
    path: str | os.PathLike[str],
    mode: ImageReadMode | str = ImageReadMode.UNCHANGED,
    apply_exif_orientation: bool = False,
) -> _rutile.Tensor:
    """The image in a file (PNG, JPEG and whatever else Pillow reads), uint8, `(channels, height, width)`."""
    if apply_exif_orientation:
        from PIL import Image, ImageOps

        with Image.open(path) as image:
            turned = ImageOps.exif_transpose(image)
        buffer = _io.BytesIO()
        turned.save(buffer, "PNG")
        buffer.seek(0)
        return _decode(buffer, mode)
    return _decode(path, mode)


def decode_image(
    input: _rutile.Tensor | str,
    mode: ImageReadMode | str = ImageReadMode.UNCHANGED,
    apply_exif_orientation: bool = False,
) -> _rutile.Tensor:
    """The image in the bytes (uint8, one axis) of a file, or at a path."""
    if isinstance(input, str):
        return read_image(input, mode, apply_exif_orientation)
    return _decode(_io.BytesIO(input.numpy().tobytes()), mode)


def write_png(input: _rutile.Tensor, filename: str, compression_level: int = 6) -> None:
    """Writes an image, uint8 `(channels, height, width)`, to a PNG file."""
    F.to_pil_image(input).save(filename, "PNG", compress_level=compression_level)


def write_jpeg(input: _rutile.Tensor, filename: str, quality: int = 75) -> None:
    """Writes an image, uint8 `(channels, height, width)`, to a JPEG file."""
    F.to_pil_image(input).save(filename, "JPEG", quality=quality)
