"""SqueezeNet (F. Iandola et al., *AlexNet-level accuracy with 50x fewer parameters*, 2016)."""

from __future__ import annotations

from typing import Any

from .. import _rutile, nn
from .._rutile import cat
from ._weights import with_weights

__all__ = ["Fire", "SqueezeNet", "squeezenet1_0", "squeezenet1_1"]


class Fire(nn.Module):
    """A 1 x 1 convolution to few channels, then 1 x 1 and 3 x 3 ones side by side."""

    def __init__(self, inplanes: int, squeeze_planes: int, expand1x1_planes: int, expand3x3_planes: int) -> None:
        super().__init__()
        self.inplanes = inplanes
        self.squeeze = nn.Conv2d(inplanes, squeeze_planes, 1)
        self.squeeze_activation = nn.ReLU(inplace=True)
        self.expand1x1 = nn.Conv2d(squeeze_planes, expand1x1_planes, 1)
        self.expand1x1_activation = nn.ReLU(inplace=True)
        self.expand3x3 = nn.Conv2d(squeeze_planes, expand3x3_planes, 3, padding=1)
        self.expand3x3_activation = nn.ReLU(inplace=True)

    def forward(self, x: _rutile.Tensor) -> _rutile.Tensor:
        x = self.squeeze_activation(self.squeeze(x))
        return cat([self.expand1x1_activation(self.expand1x1(x)), self.expand3x3_activation(self.expand3x3(x))], 1)


class SqueezeNet(nn.Module):
    """Eight `Fire` modules, for images `(n, 3, 224, 224)`, from 21 pixels on.

    Args:
        version: "1_0" as published, or "1_1", which wants 2.4 times less computation.
        num_classes: number of logits.
        dropout: before the last convolution.
    """

    def __init__(self, version: str = "1_0", num_classes: int = 1000, dropout: float = 0.5) -> None:
        super().__init__()
        self.num_classes = num_classes

        def pool() -> nn.Module:
            return nn.MaxPool2d(3, 2, ceil_mode=True)

        if version == "1_0":
            layers = [
                nn.Conv2d(3, 96, 7, 2), nn.ReLU(inplace=True), pool(),
                Fire(96, 16, 64, 64), Fire(128, 16, 64, 64), Fire(128, 32, 128, 128), pool(),
                Fire(256, 32, 128, 128), Fire(256, 48, 192, 192), Fire(384, 48, 192, 192), Fire(384, 64, 256, 256),
                pool(), Fire(512, 64, 256, 256),
            ]  # fmt: skip
        elif version == "1_1":
            layers = [
                nn.Conv2d(3, 64, 3, 2), nn.ReLU(inplace=True), pool(),
                Fire(64, 16, 64, 64), Fire(128, 16, 64, 64), pool(),
                Fire(128, 32, 128, 128), Fire(256, 32, 128, 128), pool(),
                Fire(256, 48, 192, 192), Fire(384, 48, 192, 192), Fire(384, 64, 256, 256), Fire(512, 64, 256, 256),
            ]  # fmt: skip
        else:
            raise ValueError(f"Unsupported SqueezeNet version {version}: 1_0 or 1_1 expected")
        self.features = nn.Sequential(*layers)
        last = nn.Conv2d(512, num_classes, 1)
        self.classifier = nn.Sequential(nn.Dropout(dropout), last, nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d((1, 1)))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                if module is last:
                    nn.init.normal_(module.weight, mean=0.0, std=0.01)
                else:
                    nn.init.kaiming_uniform_(module.weight)
                nn.init.zeros_(module.bias)  # type: ignore[arg-type]

    def forward(self, x: _rutile.Tensor) -> _rutile.Tensor:
        logits: _rutile.Tensor = self.classifier(self.features(x)).flatten(1)
        return logits


def _squeezenet(
    version: str, weights: Any, progress: bool, pretrained: bool | None, options: dict[str, Any]
) -> SqueezeNet:
    def build(**options: Any) -> SqueezeNet:
        return SqueezeNet(version, **options)

    model: SqueezeNet = with_weights(f"squeezenet{version}", build, weights, pretrained, progress, options)
    return model


def squeezenet1_0(
    *, weights: Any = None, progress: bool = True, pretrained: bool | None = None, **kwargs: Any
) -> SqueezeNet:
    """SqueezeNet as published, 1,248,424 parameters."""
    return _squeezenet("1_0", weights, progress, pretrained, kwargs)


def squeezenet1_1(
    *, weights: Any = None, progress: bool = True, pretrained: bool | None = None, **kwargs: Any
) -> SqueezeNet:
    """SqueezeNet 1.1, 1,235,496 parameters and 2.4 times less computation."""
    return _squeezenet("1_1", weights, progress, pretrained, kwargs)
