"""DenseNet (G. Huang et al., *Densely Connected Convolutional Networks*, 2016)."""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import Any

from .. import _rutile, nn
from .._rutile import cat
from ..utils.checkpoint import checkpoint
from ._weights import with_weights

__all__ = ["DenseNet", "densenet121", "densenet161", "densenet169", "densenet201"]


class _DenseLayer(nn.Module):
    """A 1 x 1 and a 3 x 3 convolution on everything that came before in the block."""

    def __init__(
        self, num_input_features: int, growth_rate: int, bn_size: int, drop_rate: float, memory_efficient: bool
    ) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(num_input_features)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(num_input_features, bn_size * growth_rate, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(bn_size * growth_rate)
        self.relu2 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(bn_size * growth_rate, growth_rate, 3, padding=1, bias=False)
        self.drop_rate = float(drop_rate)
        self.memory_efficient = memory_efficient

    def _bottleneck(self, *features: _rutile.Tensor) -> _rutile.Tensor:
        out: _rutile.Tensor = self.conv1(self.relu1(self.norm1(cat(list(features), 1))))
        return out

    def forward(self, features: list[_rutile.Tensor]) -> _rutile.Tensor:
        if self.memory_efficient and any(feature.requires_grad for feature in features):
            between = checkpoint(self._bottleneck, *features)
        else:
            between = self._bottleneck(*features)
        out: _rutile.Tensor = self.conv2(self.relu2(self.norm2(between)))
        return nn.functional.dropout(out, self.drop_rate, self.training) if self.drop_rate > 0 else out


class _DenseBlock(nn.ModuleDict):
    def __init__(
        self,
        num_layers: int,
        num_input_features: int,
        bn_size: int,
        growth_rate: int,
        drop_rate: float,
        memory_efficient: bool,
    ) -> None:
        super().__init__()
        for number in range(num_layers):
            channels = num_input_features + number * growth_rate
            layer = _DenseLayer(channels, growth_rate, bn_size, drop_rate, memory_efficient)
            self.add_module(f"denselayer{number + 1}", layer)

    def forward(self, x: _rutile.Tensor) -> _rutile.Tensor:
        features = [x]
        for layer in self.values():
            features.append(layer(features))
        return cat(features, 1)


class _Transition(nn.Sequential):
    def __init__(self, num_input_features: int, num_output_features: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(num_input_features)
        self.relu = nn.ReLU(inplace=True)
        self.conv = nn.Conv2d(num_input_features, num_output_features, 1, bias=False)
        self.pool = nn.AvgPool2d(2, 2)


class DenseNet(nn.Module):
    """Blocks in which each layer sees all before it, for images `(n, 3, 224, 224)`, from 29 pixels on.

    Args:
        growth_rate: channels that each layer adds.
        block_config: layers in each block.
        num_init_features: channels of the first convolution.
        bn_size: channels between the two convolutions of a layer, in units of `growth_rate`.
        drop_rate: dropout after each layer.
        num_classes: number of logits.
        memory_efficient: compute concatenations again in `backward` (G. Pleiss et al., 2017).
    """

    def __init__(
        self,
        growth_rate: int = 32,
        block_config: tuple[int, ...] = (6, 12, 24, 16),
        num_init_features: int = 64,
        bn_size: int = 4,
        drop_rate: float = 0,
        num_classes: int = 1000,
        memory_efficient: bool = False,
    ) -> None:
        super().__init__()
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        layers["conv0"] = nn.Conv2d(3, num_init_features, 7, 2, 3, bias=False)
        layers["norm0"] = nn.BatchNorm2d(num_init_features)
        layers["relu0"] = nn.ReLU(inplace=True)
        layers["pool0"] = nn.MaxPool2d(3, 2, 1)
        channels = num_init_features
        for number, count in enumerate(block_config):
            layers[f"denseblock{number + 1}"] = _DenseBlock(
                count, channels, bn_size, growth_rate, drop_rate, memory_efficient
            )
            channels += count * growth_rate
            if number != len(block_config) - 1:
                layers[f"transition{number + 1}"] = _Transition(channels, channels // 2)
                channels //= 2
        layers["norm5"] = nn.BatchNorm2d(channels)
        self.features = nn.Sequential(layers)
        self.classifier = nn.Linear(channels, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)
        nn.init.zeros_(self.classifier.bias)  # type: ignore[arg-type]

    def forward(self, x: _rutile.Tensor) -> _rutile.Tensor:
        out = nn.functional.relu(self.features(x), inplace=True)
        logits: _rutile.Tensor = self.classifier(nn.functional.adaptive_avg_pool2d(out, (1, 1)).flatten(1))
        return logits

    @staticmethod
    def renamed(state: dict[str, Any]) -> dict[str, Any]:
        """The published files write `norm.1` where the network says `norm1`."""
        old = re.compile(r"(denselayer\d+\.(?:norm|relu|conv))\.(\d\.)")
        return {old.sub(r"\1\2", key): value for key, value in state.items()}


def _densenet(
    name: str, growth: int, blocks: tuple[int, ...], first: int, weights: Any, progress: bool,
    pretrained: bool | None, options: dict[str, Any],
) -> DenseNet:  # fmt: skip
    def build(**options: Any) -> DenseNet:
        return DenseNet(growth, blocks, first, **options)

    model: DenseNet = with_weights(name, build, weights, pretrained, progress, options)
    return model


def densenet121(
    *, weights: Any = None, progress: bool = True, pretrained: bool | None = None, **kwargs: Any
) -> DenseNet:
    """DenseNet with 121 layers, 7,978,856 parameters."""
    return _densenet("densenet121", 32, (6, 12, 24, 16), 64, weights, progress, pretrained, kwargs)


def densenet161(
    *, weights: Any = None, progress: bool = True, pretrained: bool | None = None, **kwargs: Any
) -> DenseNet:
    """DenseNet with 161 layers, 28,681,000 parameters."""
    return _densenet("densenet161", 48, (6, 12, 36, 24), 96, weights, progress, pretrained, kwargs)


def densenet169(
    *, weights: Any = None, progress: bool = True, pretrained: bool | None = None, **kwargs: Any
) -> DenseNet:
    """DenseNet with 169 layers, 14,149,480 parameters."""
    return _densenet("densenet169", 32, (6, 12, 32, 32), 64, weights, progress, pretrained, kwargs)


def densenet201(
    *, weights: Any = None, progress: bool = True, pretrained: bool | None = None, **kwargs: Any
) -> DenseNet:
    """DenseNet with 201 layers, 20,013,928 parameters."""
    return _densenet("densenet201", 32, (6, 12, 48, 32), 64, weights, progress, pretrained, kwargs)
