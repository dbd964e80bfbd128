"""VGG (K. Simonyan, A. Zisserman, *Very Deep Convolutional Networks for Large-Scale Image Recognition*, 2014)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import _rutile, nn
from ._weights import with_weights

__all__ = ["VGG", "vgg11", "vgg11_bn", "vgg13", "vgg13_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn"]

# Channels of the 3 x 3 convolutions of each block; a pooling follows each.
_BLOCKS = {
    11: ([64], [128], [256] * 2, [512] * 2, [512] * 2),
    13: ([64] * 2, [128] * 2, [256] * 2, [512] * 2, [512] * 2),
    16: ([64] * 2, [128] * 2, [256] * 3, [512] * 3, [512] * 3),
    19: ([64] * 2, [128] * 2, [256] * 4, [512] * 4, [512] * 4),
}


class VGG(nn.Module):
    """Blocks of 3 x 3 convolutions, then three linear layers, for images `(n, 3, 224, 224)`, from 32 pixels on.

    Args:
        features: the convolutions.
        num_classes: number of logits.
        init_weights: draw weights as He et al. (2015) advise, else as each layer does by itself.
        dropout: after the first two linear layers.
    """

    def __init__(
        self, features: nn.Module, num_classes: int = 1000, init_weights: bool = True, dropout: float = 0.5
    ) -> None:
        super().__init__()
        self.features = features
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        self.classifier = nn.Sequential(
            nn.Linear(512 * 7 * 7, 4096), nn.ReLU(True), nn.Dropout(dropout),
            nn.Linear(4096, 4096), nn.ReLU(True), nn.Dropout(dropout),
            nn.Linear(4096, num_classes),
        )  # fmt: skip
        if init_weights:
            for module in self.modules():
                if isinstance(module, nn.Conv2d):
                    nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
                    if module.bias is not None:
                        nn.init.zeros_(module.bias)
                elif isinstance(module, nn.Linear):
                    nn.init.normal_(module.weight, 0, 0.01)
                    nn.init.zeros_(module.bias)  # type: ignore[arg-type]

    def forward(self, x: _rutile.Tensor) -> _rutile.Tensor:
        logits: _rutile.Tensor = self.classifier(self.avgpool(self.features(x)).flatten(1))
        return logits


def _features(blocks: Sequence[Sequence[int]], norm: bool) -> nn.Sequential:
    layers: list[nn.Module] = []
    before = 3
    for block in blocks:
        for channels in block:
            layers.append(nn.Conv2d(before, channels, 3, padding=1))
            layers += [nn.BatchNorm2d(channels), nn.ReLU(True)] if norm else [nn.ReLU(True)]
            before = channels
        layers.append(nn.MaxPool2d(2, 2))
    return nn.Sequential(*layers)


def _vgg(depth: int, norm: bool, weights: Any, progress: bool, pretrained: bool | None, options: dict[str, Any]) -> VGG:
    name = f"vgg{depth}{'_bn' if norm else ''}"

    def build(**options: Any) -> VGG:
        return VGG(_features(_BLOCKS[depth], norm), **options)

    model: VGG = with_weights(name, build, weights, pretrained, progress, options)
    return model


def vgg11(*, weights: Any = None, progress: bool = True, pretrained: bool | None = None, **kwargs: Any) -> VGG:
    """VGG with 8 convolutions, 132,863,336 parameters."""
    return _vgg(11, False, weights, progress, pretrained, kwargs)


def vgg11_bn(*, weights: Any = None, progress: bool = True, pretrained: bool | None = None, **kwargs: Any) -> VGG:
    """VGG with 8 convolutions and batch norm, 132,868,840 parameters."""
    return _vgg(11, True, weights, progress, pretrained, kwargs)


def vgg13(*, weights: Any = None, progress: bool = True, pretrained: bool | None = None, **kwargs: Any) -> VGG:
    """VGG with 10 convolutions, 133,047,848 parameters."""
    return _vgg(13, False, weights, progress, pretrained, kwargs)


def vgg13_bn(*, weights: Any = None, progress: bool = True, pretrained: bool | None = None, **kwargs: Any) -> VGG:
    """VGG with 10 convolutions and batch norm, 133,053,736 parameters."""
    return _vgg(13, True, weights, progress, pretrained, kwargs)


def vgg16(*, weights: Any = None, progress: bool = True, pretrained: bool | None = None, **kwargs: Any) -> VGG:
    """VGG with 13 convolutions, 138,357,544 parameters."""
    return _vgg(16, False, weights, progress, pretrained, kwargs)


def vgg16_bn(*, weights: Any = None, progress: bool = True, pretrained: bool | None = None, **kwargs: Any) -> VGG:
    """VGG with 13 convolutions and batch norm, 138,365,992 parameters."""
    return _vgg(16, True, weights, progress, pretrained, kwargs)


def vgg19(*, weights: Any = None, progress: bool = True, pretrained: bool | None = None, **kwargs: Any) -> VGG:
    """VGG with 16 convolutions, 143,667,240 parameters."""
    return _vgg(19, False, weights, progress, pretrained, kwargs)


def vgg19_bn(*, weights: Any = None, progress: bool = True, pretrained: bool | None = None, **kwargs: Any) -> VGG:
    """VGG with 16 convolutions and batch norm, 143,678,248 parameters."""
    return _vgg(19, True, weights, progress, pretrained, kwargs)
