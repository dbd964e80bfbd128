"""Transforms that change colours, and blur."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import nn
from . import _draw
from . import functional as F

Range = tuple[float, float] | None


class ColorJitter(nn.Module):
    """Brightness, contrast, saturation and hue changed at random, in random order.

    Args:
        brightness, contrast, saturation: a number v for factors from 1 - v (at least 0) to 1 + v, or smallest and
            largest factor.
        hue: a number v up to 0.5 for shares of the circle from -v to v, or smallest and largest.
    """

    def __init__(
        self,
        brightness: float | Sequence[float] = 0,
        contrast: float | Sequence[float] = 0,
        saturation: float | Sequence[float] = 0,
        hue: float | Sequence[float] = 0,
    ) -> None:
        super().__init__()
        self.brightness = self._check(brightness, "brightness")
        self.contrast = self._check(contrast, "contrast")
        self.saturation = self._check(saturation, "saturation")
        self.hue = self._check(hue, "hue", 0.0, (-0.5, 0.5), clip=False)

    @staticmethod
    def _check(
        value: float | Sequence[float],
        name: str,
        center: float = 1.0,
        bound: tuple[float, float] = (0.0, float("inf")),
        clip: bool = True,
    ) -> Range:
        if isinstance(value, int | float):
            if value < 0:
                raise ValueError(f"If {name} is a single number, it must be non negative.")
            low, high = center - value, center + value
            low = max(low, 0.0) if clip else low
        elif isinstance(value, Sequence) and len(value) == 2:
            low, high = float(value[0]), float(value[1])
        else:
            raise TypeError(f"{name} should be a single number or a list/tuple with length 2.")
        if not bound[0] <= low <= high <= bound[1]:
            raise ValueError(f"{name} values should be between {bound}, but got {(low, high)}.")
        return None if low == high == center else (low, high)

    @staticmethod
    def get_params(
        brightness: Range, contrast: Range, saturation: Range, hue: Range
    ) -> tuple[list[int], float | None, float | None, float | None, float | None]:
        """The order of the four changes, and a factor for each that has a range."""
        order = _draw.order(4)
        b, c, s, h = (
            None if limits is None else _draw.uniform(*limits) for limits in (brightness, contrast, saturation, hue)
        )
        return order, b, c, s, h

    def forward(self, img: Any) -> Any:
        order, *factors = self.get_params(self.brightness, self.contrast, self.saturation, self.hue)
        changes: list[Callable[..., Any]] = [F.adjust_brightness, F.adjust_contrast, F.adjust_saturation, F.adjust_hue]
        for number in order:
            factor = factors[number]
            if factor is not None:
                img = changes[number](img, factor)
        return img

    def __repr__(self) -> str:
        detail = f"brightness={self.brightness}, contrast={self.contrast}, saturation={self.saturation}"
        return f"{type(self).__name__}({detail}, hue={self.hue})"


class Grayscale(nn.Module):
    """The image in grey.

    Args:
        num_output_channels: 1, or 3 equal ones.
    """

    def __init__(self, num_output_channels: int = 1) -> None:
        super().__init__()
        self.num_output_channels = num_output_channels

    def forward(self, img: Any) -> Any:
        return F.rgb_to_grayscale(img, self.num_output_channels)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(num_output_channels={self.num_output_channels})"


class GaussianBlur(nn.Module):
    """The image blurred by a random amount.

    Args:
        kernel_size: width and height of the filter, odd, or one number for both.
        sigma: its standard deviation in pixels, or smallest and largest.
    """

    def __init__(self, kernel_size: int | Sequence[int], sigma: float | Sequence[float] = (0.1, 2.0)) -> None:
        super().__init__()
        self.kernel_size = F.pair(kernel_size)
        if any(size <= 0 or size % 2 == 0 for size in self.kernel_size):
            raise ValueError("Kernel size value should be an odd and positive number.")
        self.sigma = (float(sigma),) * 2 if isinstance(sigma, int | float) else (float(sigma[0]), float(sigma[1]))
        if not 0 < self.sigma[0] <= self.sigma[1]:
            raise ValueError("sigma values should be positive and of the form (min, max).")

    def forward(self, img: Any) -> Any:
        sigma = _draw.uniform(self.sigma[0], self.sigma[1])
        return F.gaussian_blur(img, self.kernel_size, [sigma, sigma])

    def __repr__(self) -> str:
        return f"{type(self).__name__}(kernel_size={self.kernel_size}, sigma={self.sigma})"


class _Sometimes(nn.Module):
    """A change with probability `p`; subclasses say which."""

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = p

    def change(self, img: Any) -> Any:
        raise NotImplementedError

    def forward(self, img: Any) -> Any:
        return self.change(img) if _draw.chance(self.p) else img

    def __repr__(self) -> str:
        options = {name: value for name, value in vars(self).items() if not name.startswith("_") and name != "training"}
        return f"{type(self).__name__}({', '.join(f'{name}={value}' for name, value in options.items())})"


class RandomGrayscale(_Sometimes):
    """Grey with probability `p`, with as many channels as before."""

    def __init__(self, p: float = 0.1) -> None:
        super().__init__(p)

    def change(self, img: Any) -> Any:
        return F.rgb_to_grayscale(img, F.get_image_num_channels(img))


class RandomInvert(_Sometimes):
    """The negative with probability `p`."""

    def change(self, img: Any) -> Any:
        return F.invert(img)


class RandomAutocontrast(_Sometimes):
    """Channels stretched to the whole range with probability `p`."""

    def change(self, img: Any) -> Any:
        return F.autocontrast(img)


class RandomEqualize(_Sometimes):
    """Channels with flat histograms with probability `p`."""

    def change(self, img: Any) -> Any:
        return F.equalize(img)


class RandomPosterize(_Sometimes):
    """Only the `bits` highest bits with probability `p`."""

    def __init__(self, bits: int, p: float = 0.5) -> None:
        super().__init__(p)
        self.bits = bits

    def change(self, img: Any) -> Any:
        return F.posterize(img, self.bits)


class RandomSolarize(_Sometimes):
    """Values from `threshold` on inverted with probability `p`."""

    def __init__(self, threshold: float, p: float = 0.5) -> None:
        super().__init__(p)
        self.threshold = threshold

    def change(self, img: Any) -> Any:
        return F.solarize(img, self.threshold)


class RandomAdjustSharpness(_Sometimes):
    """Sharper (above 1) or smoother (below) with probability `p`."""

    def __init__(self, sharpness_factor: float, p: float = 0.5) -> None:
        super().__init__(p)
        self.sharpness_factor = sharpness_factor

    def change(self, img: Any) -> Any:
        return F.adjust_sharpness(img, self.sharpness_factor)
