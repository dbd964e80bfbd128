"""MobileNetV2 (M. Sandler et al., *Inverted Residuals and Linear Bottlenecks*, 2018)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import _rutile, nn
from ._weights import with_weights

__all__ = ["InvertedResidual", "MobileNetV2", "mobilenet_v2"]


def _divisible(value: float, divisor: int) -> int:
    """The nearest multiple of `divisor` that is not below 90 % of `value`."""
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded


class _ConvNormActivation(nn.Sequential):
    def __init__(
        self, inp: int, out: int, kernel: int, norm: Callable[[int], nn.Module], stride: int = 1, groups: int = 1
    ) -> None:
        convolution = nn.Conv2d(inp, out, kernel, stride, (kernel - 1) // 2, groups=groups, bias=False)
        super().__init__(convolution, norm(out), nn.ReLU6(inplace=True))
        self.out_channels = out


class InvertedResidual(nn.Module):
    """A 1 x 1 convolution to more channels, a depthwise 3 x 3 one, and a linear one back to few, with a way around."""

    def __init__(
        self, inp: int, oup: int, stride: int, expand_ratio: int, norm_layer: Callable[[int], nn.Module] | None = None
    ) -> None:
        super().__init__()
        if stride not in (1, 2):
            raise ValueError(f"stride should be 1 or 2 instead of {stride}")
        norm = norm_layer or nn.BatchNorm2d
        hidden = round(inp * expand_ratio)
        self.stride = stride
        self.use_res_connect = stride == 1 and inp == oup
        layers: list[nn.Module] = [] if expand_ratio == 1 else [_ConvNormActivation(inp, hidden, 1, norm)]
        layers += [
            _ConvNormActivation(hidden, hidden, 3, norm, stride, hidden),
            nn.Conv2d(hidden, oup, 1, bias=False),
            norm(oup),
        ]
        self.conv = nn.Sequential(*layers)
        self.out_channels = oup

    def forward(self, x: _rutile.Tensor) -> _rutile.Tensor:
        out: _rutile.Tensor = self.conv(x)
        return x + out if self.use_res_connect else out


class MobileNetV2(nn.Module):
    """17 inverted residual blocks, for images `(n, 3, 224, 224)` or other sizes.

    Args:
        num_classes: number of logits.
        width_mult: factor of all numbers of channels.
        inverted_residual_setting: rows of (expansion, channels, blocks, stride).
        round_nearest: numbers of channels are multiples of this.
        block: makes a block.
        norm_layer: makes a norm from a number of channels.
        dropout: before the last layer.
    """

    def __init__(
        self,
        num_classes: int = 1000,
        width_mult: float = 1.0,
        inverted_residual_setting: Sequence[Sequence[int]] | None = None,
        round_nearest: int = 8,
        block: Callable[..., nn.Module] | None = None,
        norm_layer: Callable[[int], nn.Module] | None = None,
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        block, norm = block or InvertedResidual, norm_layer or nn.BatchNorm2d
        setting = inverted_residual_setting or [
            (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
        ]  # fmt: skip
        if any(len(row) != 4 for row in setting):
            raise ValueError(f"inverted_residual_setting should be a list of 4 numbers each, got {setting}")
        channels = _divisible(32 * width_mult, round_nearest)
        self.last_channel = _divisible(1280 * max(1.0, width_mult), round_nearest)
        layers: list[nn.Module] = [_ConvNormActivation(3, channels, 3, norm, 2)]
        for expansion, width, count, stride in setting:
            out = _divisible(width * width_mult, round_nearest)
            for number in range(count):
                layers.append(block(channels, out, stride if number == 0 else 1, expansion, norm))
                channels = out
        layers.append(_ConvNormActivation(channels, self.last_channel, 1, norm))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(self.last_channel, num_classes))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, 0, 0.01)
                nn.init.zeros_(module.bias)  # type: ignore[arg-type]

    def forward(self, x: _rutile.Tensor) -> _rutile.Tensor:
        pooled = nn.functional.adaptive_avg_pool2d(self.features(x), (1, 1)).flatten(1)
        logits: _rutile.Tensor = self.classifier(pooled)
        return logits


def mobilenet_v2(
    *, weights: Any = None, progress: bool = True, pretrained: bool | None = None, **kwargs: Any
) -> MobileNetV2:
    """MobileNetV2, 3,504,872 parameters."""
    model: MobileNetV2 = with_weights("mobilenet_v2", MobileNetV2, weights, pretrained, progress, kwargs)
    return model
