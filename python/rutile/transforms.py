"""Transforms of images, with torchvision's names: `Compose`, `ToTensor`, `Normalize`, `Lambda`.

Example:
    >>> from rutile import datasets, transforms
    >>> transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
    >>> image, target = datasets.Digits(train=True, transform=transform)[0]
    >>> image.shape
    rutile.Size([1, 8, 8])
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from . import _rutile
from ._rutile import Tensor

__all__ = ["Compose", "Lambda", "Normalize", "ToTensor"]


class Compose:
    """Several transforms, one after the other.

    Args:
        transforms: functions of one argument.
    """

    def __init__(self, transforms: Sequence[Callable[[Any], Any]]) -> None:
        self.transforms = list(transforms)

    def __call__(self, image: Any) -> Any:
        for transform in self.transforms:
            image = transform(image)
        return image

    def __repr__(self) -> str:
        lines = "".join(f"\n    {transform}" for transform in self.transforms)
        return f"{type(self).__name__}({lines}\n)"


class ToTensor:
    """An image (NumPy array or PIL image, height x width or height x width x channels) as a tensor (channels, height,
    width). 8-bit pixels become floats from 0 to 1; other types keep their values.
    """

    def __call__(self, image: Any) -> Tensor:
        pixels = _rutile.tensor(image)
        if pixels.dim() not in (2, 3):
            raise ValueError(f"ToTensor: an image has 2 or 3 axes, got shape {tuple(pixels.shape)}")
        planes = pixels.unsqueeze(0) if pixels.dim() == 2 else pixels.permute(2, 0, 1).contiguous()
        if planes.dtype == _rutile.uint8:
            return planes.to(_rutile.get_default_dtype()) / 255
        return planes

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Normalize:
    """`(image - mean) / std`, channel by channel.

    Args:
        mean: a number per channel.
        std: a number per channel, none of them 0.
        inplace: write to the image itself.
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float], inplace: bool = False) -> None:
        if any(value == 0 for value in std):
            raise ValueError(f"Normalize: std {tuple(std)} has a zero, division by it is undefined")
        self.mean, self.std, self.inplace = mean, std, inplace
        self._mean = _rutile.tensor(list(mean)).reshape(-1, 1, 1)
        self._std = _rutile.tensor(list(std)).reshape(-1, 1, 1)

    def __call__(self, image: Tensor) -> Tensor:
        if not image.is_floating_point():
            raise TypeError(f"Normalize: the image must be of floats, not {image.dtype}; ToTensor makes it so")
        if self.inplace:
            return image.sub_(self._mean).div_(self._std)
        return (image - self._mean) / self._std

    def __repr__(self) -> str:
        return f"{type(self).__name__}(mean={self.mean}, std={self.std})"


class Lambda:
    """Any function as a transform.

    Args:
        lambd: a function of one argument.
    """

    def __init__(self, lambd: Callable[[Any], Any]) -> None:
        if not callable(lambd):
            raise TypeError(f"Lambda: a function is expected, not {type(lambd).__name__}")
        self.lambd = lambd

    def __call__(self, image: Any) -> Any:
        return self.lambd(image)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"
