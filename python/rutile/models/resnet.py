"""Residual networks: ResNet (K. He et al., 2015), ResNeXt (S. Xie et al., 2016), Wide ResNet (S. Zagoruyko, N.
Komodakis, 2016).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import _rutile, nn
from ._weights import with_weights

__all__ = [
    "BasicBlock",
    "Bottleneck",
    "ResNet",
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
    "resnext50_32x4d",
    "resnext101_32x8d",
    "resnext101_64x4d",
    "wide_resnet50_2",
    "wide_resnet101_2",
]

Norm = Callable[[int], nn.Module]


def conv3x3(in_planes: int, out_planes: int, stride: int = 1, groups: int = 1, dilation: int = 1) -> nn.Conv2d:
    """A 3 x 3 convolution that keeps the size (at stride 1), without bias."""
    return nn.Conv2d(in_planes, out_planes, 3, stride, dilation, dilation, groups, bias=False)


def conv1x1(in_planes: int, out_planes: int, stride: int = 1) -> nn.Conv2d:
    """A 1 x 1 convolution without bias."""
    return nn.Conv2d(in_planes, out_planes, 1, stride, bias=False)


class BasicBlock(nn.Module):
    """Two 3 x 3 convolutions and a way around them."""

    expansion = 1

    def __init__(
        self,
        inplanes: int,
        planes: int,
        stride: int = 1,
        downsample: nn.Module | None = None,
        groups: int = 1,
        base_width: int = 64,
        dilation: int = 1,
        norm_layer: Norm | None = None,
    ) -> None:
        super().__init__()
        norm = norm_layer or nn.BatchNorm2d
        if groups != 1 or base_width != 64:
            raise ValueError("BasicBlock only supports groups=1 and base_width=64")
        if dilation > 1:
            raise NotImplementedError("Dilation > 1 not supported in BasicBlock")
        self.conv1 = conv3x3(inplanes, planes, stride)
        self.bn1 = norm(planes)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = conv3x3(planes, planes)
        self.bn2 = norm(planes)
        self.downsample = downsample
        self.stride = stride

    def forward(self, x: _rutile.Tensor) -> _rutile.Tensor:
        around = x if self.downsample is None else self.downsample(x)
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        summed: _rutile.Tensor = self.relu(out + around)
        return summed


class Bottleneck(nn.Module):
    """A 3 x 3 convolution between two 1 x 1 ones, and a way around them; the stride is that of the 3 x 3 one."""

    expansion = 4

    def __init__(
        self,
        inplanes: int,
        planes: int,
        stride: int = 1,
        downsample: nn.Module | None = None,
        groups: int = 1,
        base_width: int = 64,
        dilation: int = 1,
        norm_layer: Norm | None = None,
    ) -> None:
        super().__init__()
        norm = norm_layer or nn.BatchNorm2d
        width = int(planes * (base_width / 64.0)) * groups
        self.conv1 = conv1x1(inplanes, width)
        self.bn1 = norm(width)
        self.conv2 = conv3x3(width, width, stride, groups, dilation)
        self.bn2 = norm(width)
        self.conv3 = conv1x1(width, planes * self.expansion)
        self.bn3 = norm(planes * self.expansion)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample
        self.stride = stride

    def forward(self, x: _rutile.Tensor) -> _rutile.Tensor:
        around = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        summed: _rutile.Tensor = self.relu(self.bn3(self.conv3(out)) + around)
        return summed


class ResNet(nn.Module):
    """Four stages of residual blocks, for images `(n, 3, 224, 224)` or other sizes.

    Args:
        block: `BasicBlock` or `Bottleneck`.
        layers: blocks in each stage.
        num_classes: number of logits.
        zero_init_residual: begin with blocks that pass on their input (P. Goyal et al., 2017).
        groups, width_per_group: of the 3 x 3 convolutions in `Bottleneck`.
        replace_stride_with_dilation: for each of the last three stages, dilation in place of a stride.
        norm_layer: makes a norm from a number of channels.
    """

    def __init__(
        self,
        block: type[BasicBlock] | type[Bottleneck],
        layers: Sequence[int],
        num_classes: int = 1000,
        zero_init_residual: bool = False,
        groups: int = 1,
        width_per_group: int = 64,
        replace_stride_with_dilation: Sequence[bool] | None = None,
        norm_layer: Norm | None = None,
    ) -> None:
        super().__init__()
        self._norm_layer: Norm = norm_layer or nn.BatchNorm2d
        self.inplanes = 64
        self.dilation = 1
        dilate = replace_stride_with_dilation or [False, False, False]
        if len(dilate) != 3:
            raise ValueError(f"replace_stride_with_dilation should be None or a 3-element tuple, got {dilate}")
        self.groups = groups
        self.base_width = width_per_group
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = self._norm_layer(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.layer1 = self._make_layer(block, 64, layers[0])
        self.layer2 = self._make_layer(block, 128, layers[1], 2, dilate[0])
        self.layer3 = self._make_layer(block, 256, layers[2], 2, dilate[1])
        self.layer4 = self._make_layer(block, 512, layers[3], 2, dilate[2])
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(512 * block.expansion, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if zero_init_residual and isinstance(module, BasicBlock | Bottleneck):
                last = module.bn2 if isinstance(module, BasicBlock) else module.bn3
                nn.init.zeros_(last.weight)

    def _make_layer(
        self,
        block: type[BasicBlock] | type[Bottleneck],
        planes: int,
        blocks: int,
        stride: int = 1,
        dilate: bool = False,
    ) -> nn.Sequential:
        before = self.dilation
        if dilate:
            self.dilation *= stride
            stride = 1
        downsample = None
        if stride != 1 or self.inplanes != planes * block.expansion:
            downsample = nn.Sequential(
                conv1x1(self.inplanes, planes * block.expansion, stride), self._norm_layer(planes * block.expansion)
            )
        shared = (self.groups, self.base_width)
        first = block(self.inplanes, planes, stride, downsample, *shared, before, self._norm_layer)
        self.inplanes = planes * block.expansion
        rest = [
            block(self.inplanes, planes, 1, None, *shared, self.dilation, self._norm_layer) for _ in range(1, blocks)
        ]
        return nn.Sequential(first, *rest)

    def forward(self, x: _rutile.Tensor) -> _rutile.Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        logits: _rutile.Tensor = self.fc(self.avgpool(x).flatten(1))
        return logits


def _resnet(
    name: str,
    block: type[BasicBlock] | type[Bottleneck],
    layers: Sequence[int],
    weights: Any,
    progress: bool,
    pretrained: bool | None,
    options: dict[str, Any],
) -> ResNet:
    def build(**options: Any) -> ResNet:
        return ResNet(block, layers, **options)

    model: ResNet = with_weights(name, build, weights, pretrained, progress, options)
    return model


def resnet18(*, weights: Any = None, progress: bool = True, pretrained: bool | None = None, **kwargs: Any) -> ResNet:
    """ResNet with 18 layers, 11,689,512 parameters."""
    return _resnet("resnet18", BasicBlock, [2, 2, 2, 2], weights, progress, pretrained, kwargs)


def resnet34(*, weights: Any = None, progress: bool = True, pretrained: bool | None = None, **kwargs: Any) -> ResNet:
    """ResNet with 34 layers, 21,797,672 parameters."""
    return _resnet("resnet34", BasicBlock, [3, 4, 6, 3], weights, progress, pretrained, kwargs)


def resnet50(*, weights: Any = None, progress: bool = True, pretrained: bool | None = None, **kwargs: Any) -> ResNet:
    """ResNet with 50 layers, 25,557,032 parameters."""
    return _resnet("resnet50", Bottleneck, [3, 4, 6, 3], weights, progress, pretrained, kwargs)


def resnet101(*, weights: Any = None, progress: bool = True, pretrained: bool | None = None, **kwargs: Any) -> ResNet:
    """ResNet with 101 layers, 44,549,160 parameters."""
    return _resnet("resnet101", Bottleneck, [3, 4, 23, 3], weights, progress, pretrained, kwargs)


def resnet152(*, weights: Any = None, progress: bool = True, pretrained: bool | None = None, **kwargs: Any) -> ResNet:
    """ResNet with 152 layers, 60,192,808 parameters."""
    return _resnet("resnet152", Bottleneck, [3, 8, 36, 3], weights, progress, pretrained, kwargs)


def resnext50_32x4d(
    *, weights: Any = None, progress: bool = True, pretrained: bool | None = None, **kwargs: Any
) -> ResNet:
    """ResNeXt with 50 layers, 32 groups of 4 channels, 25,028,904 parameters."""
    return _resnet(
        "resnext50_32x4d",
        Bottleneck,
        [3, 4, 6, 3],
        weights,
        progress,
        pretrained,
        {"groups": 32, "width_per_group": 4, **kwargs},
    )


def resnext101_32x8d(
    *, weights: Any = None, progress: bool = True, pretrained: bool | None = None, **kwargs: Any
) -> ResNet:
    """ResNeXt with 101 layers, 32 groups of 8 channels, 88,791,336 parameters."""
    return _resnet(
        "resnext101_32x8d",
        Bottleneck,
        [3, 4, 23, 3],
        weights,
        progress,
        pretrained,
        {"groups": 32, "width_per_group": 8, **kwargs},
    )


def resnext101_64x4d(
    *, weights: Any = None, progress: bool = True, pretrained: bool | None = None, **kwargs: Any
) -> ResNet:
    """ResNeXt with 101 layers, 64 groups of 4 channels, 83,455,272 parameters."""
    return _resnet(
        "resnext101_64x4d",
        Bottleneck,
        [3, 4, 23, 3],
        weights,
        progress,
        pretrained,
        {"groups": 64, "width_per_group": 4, **kwargs},
    )


def wide_resnet50_2(
    *, weights: Any = None, progress: bool = True, pretrained: bool | None = None, **kwargs: Any
) -> ResNet:
    """ResNet with 50 layers, twice as wide inside of the blocks, 68,883,240 parameters."""
    return _resnet(
        "wide_resnet50_2", Bottleneck, [3, 4, 6, 3], weights, progress, pretrained, {"width_per_group": 128, **kwargs}
    )


def wide_resnet101_2(
    *, weights: Any = None, progress: bool = True, pretrained: bool | None = None, **kwargs: Any
) -> ResNet:
    """ResNet with 101 layers, twice as wide inside of the blocks, 126,886,696 parameters."""
    return _resnet(
        "wide_resnet101_2", Bottleneck, [3, 4, 23, 3], weights, progress, pretrained, {"width_per_group": 128, **kwargs}
    )
