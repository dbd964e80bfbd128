"""Names of `torchvision.transforms.v2` for images: the transforms of `rutile.transforms`, `ToImage` and `ToDtype`."""

from __future__ import annotations

from typing import Any

from .. import _rutile
from . import *  # noqa: F403
from . import __all__ as _all
from . import functional

__all__ = [*_all, "ToDtype", "ToImage"]


class ToImage:
    """A PIL image or NumPy array as a tensor of the same pixels, `(channels, height, width)`."""

    def __call__(self, image: Any) -> _rutile.Tensor:
        return image if isinstance(image, _rutile.Tensor) else functional.pil_to_tensor(image)

    def __repr__(self) -> str:
        return "ToImage()"


class ToDtype:
    """A tensor in another dtype.

    Args:
        dtype: the new one.
        scale: also stretch the values from the range of one dtype to that of the other (0 ... 255 to 0 ... 1).
    """

    def __init__(self, dtype: _rutile.dtype, scale: bool = False) -> None:
        self.dtype, self.scale = dtype, scale

    def __call__(self, image: _rutile.Tensor) -> _rutile.Tensor:
        return functional.convert_image_dtype(image, self.dtype) if self.scale else image.to(self.dtype)

    def __repr__(self) -> str:
        return f"ToDtype(dtype={self.dtype}, scale={self.scale})"
