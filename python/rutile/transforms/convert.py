"""Between PIL images, arrays and tensors, and what is done to tensors alone."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from typing import Any

from .. import _rutile, nn
from . import _draw
from . import functional as F


class ToTensor:
    """An image (PIL, or a NumPy array height x width, or with channels last) as a tensor (channels, height, width).
    8-bit pixels become floats from 0 to 1; other types keep their values.
    """

    def __call__(self, pic: Any) -> _rutile.Tensor:
        return F.to_tensor(pic)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class PILToTensor:
    """A PIL image or array as a tensor (channels, height, width) of the same numbers."""

    def __call__(self, pic: Any) -> _rutile.Tensor:
        return F.pil_to_tensor(pic)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class ToPILImage:
    """A tensor (channels, height, width), or an array with channels last, as a PIL image; floats from 0 to 1 become 0
    to 255.

    Args:
        mode: of the image, by default what fits the channels.
    """

    def __init__(self, mode: str | None = None) -> None:
        self.mode = mode

    def __call__(self, pic: Any) -> Any:
        return F.to_pil_image(pic, self.mode)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({'' if self.mode is None else f'mode={self.mode}'})"


class ConvertImageDtype(nn.Module):
    """A tensor image in another dtype, with values stretched from the range of one to that of the other.

    Args:
        dtype: the new one.
    """

    def __init__(self, dtype: _rutile.dtype) -> None:
        super().__init__()
        self.dtype = dtype

    def forward(self, image: _rutile.Tensor) -> _rutile.Tensor:
        return F.convert_image_dtype(image, self.dtype)


class Normalize(nn.Module):
    """`(image - mean) / std`, channel by channel.

    Args:
        mean: a number per channel.
        std: a number per channel, none of them 0.
        inplace: write to the image itself.
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float], inplace: bool = False) -> None:
        super().__init__()
        values = [std] if isinstance(std, numbers.Number) else list(std)
        if any(float(value) == 0 for value in values):  # type: ignore[arg-type]
            raise ValueError(f"Normalize: std {tuple(values)} has a zero, division by it is undefined")
        self.mean, self.std, self.inplace = mean, std, inplace

    def forward(self, tensor: _rutile.Tensor) -> _rutile.Tensor:
        return F.normalize(tensor, self.mean, self.std, self.inplace)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(mean={self.mean}, std={self.std})"


class RandomErasing(nn.Module):
    """A random rectangle of a tensor image overwritten (Z. Zhong et al., *Random Erasing Data Augmentation*, 2017).

    Args:
        p: how probable it is.
        scale: smallest and largest area, as a share of the image.
        ratio: smallest and largest ratio of height to width.
        value: what is written: a number, a number per channel, or "random" for a normal number per pixel.
        inplace: write to the image itself.
    """

    def __init__(
        self,
        p: float = 0.5,
        scale: Sequence[float] = (0.02, 0.33),
        ratio: Sequence[float] = (0.3, 3.3),
        value: float | str | Sequence[float] = 0,
        inplace: bool = False,
    ) -> None:
        super().__init__()
        if isinstance(value, str) and value != "random":
            raise ValueError("If value is str, it should be 'random'")
        if not 0 <= scale[0] <= scale[1] <= 1:
            raise ValueError(f"RandomErasing: scale should be between 0 and 1, ascending, got {scale}")
        if not 0 < ratio[0] <= ratio[1]:
            raise ValueError(f"RandomErasing: ratio should be positive and ascending, got {ratio}")
        if not 0 <= p <= 1:
            raise ValueError("Random erasing probability should be between 0 and 1")
        self.p, self.scale, self.ratio, self.value, self.inplace = p, scale, ratio, value, inplace

    @staticmethod
    def get_params(
        img: _rutile.Tensor, scale: Sequence[float], ratio: Sequence[float], value: Sequence[float] | None = None
    ) -> tuple[int, int, int, int, _rutile.Tensor]:
        """Row, column, height, width and content of a rectangle; the whole image unchanged if none fits in ten tries.

        `value` None draws normal numbers.
        """
        channels, height, width = img.shape[-3:]
        low, high = math.log(ratio[0]), math.log(ratio[1])
        for _ in range(10):
            area = height * width * _draw.uniform(scale[0], scale[1])
            aspect = math.exp(_draw.uniform(low, high))
            h, w = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
            if not (h < height and w < width):
                continue
            if value is None:
                content = _rutile.randn(channels, h, w)
            else:
                content = _rutile.tensor([float(v) for v in value]).reshape(-1, 1, 1)
            row, column = _draw.integer(0, height - h + 1), _draw.integer(0, width - w + 1)
            return row, column, h, w, content
        return 0, 0, height, width, img

    def forward(self, img: _rutile.Tensor) -> _rutile.Tensor:
        if not _draw.chance(self.p):
            return img
        value: Sequence[float] | None
        if isinstance(self.value, str):
            value = None
        elif isinstance(self.value, int | float):
            value = [float(self.value)]
        else:
            value = self.value
            if len(value) not in (1, img.shape[-3]):
                raise ValueError(
                    f"If value is a sequence, it should have either a single value or {img.shape[-3]} (number of input "
                    "channels)"
                )
        row, column, height, width, content = self.get_params(img, self.scale, self.ratio, value)
        return F.erase(img, row, column, height, width, content, self.inplace)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(p={self.p}, scale={self.scale}, ratio={self.ratio}, value={self.value}, "
            f"inplace={self.inplace})"
        )
