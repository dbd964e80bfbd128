"""GoogLeNet, also called Inception v1 (C. Szegedy et al., *Going Deeper with Convolutions*, 2014), with batch norm."""

from __future__ import annotations

from typing import Any, NamedTuple

from .. import _rutile, nn
from .._rutile import cat
from ._weights import wanted

__all__ = ["GoogLeNet", "GoogLeNetOutputs", "googlenet"]


class GoogLeNetOutputs(NamedTuple):
    """What `GoogLeNet` gives in training: logits, and those of the two classifiers on the way."""

    logits: _rutile.Tensor
    aux_logits2: _rutile.Tensor | None
    aux_logits1: _rutile.Tensor | None


class BasicConv2d(nn.Module):
    """A convolution without bias, batch norm, ReLU."""

    def __init__(self, in_channels: int, out_channels: int, **kwargs: Any) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, bias=False, **kwargs)
        self.bn = nn.BatchNorm2d(out_channels, eps=0.001)

    def forward(self, x: _rutile.Tensor) -> _rutile.Tensor:
        return nn.functional.relu(self.bn(self.conv(x)), inplace=True)


class Inception(nn.Module):
    """1 x 1, 3 x 3 and (as a second) 3 x 3 convolutions and a pooling side by side.

    The paper has 5 x 5 in the third branch; the published weights have 3 x 3.
    """

    def __init__(
        self, in_channels: int, ch1x1: int, ch3x3red: int, ch3x3: int, ch5x5red: int, ch5x5: int, pool_proj: int
    ) -> None:
        super().__init__()
        self.branch1 = BasicConv2d(in_channels, ch1x1, kernel_size=1)
        self.branch2 = nn.Sequential(
            BasicConv2d(in_channels, ch3x3red, kernel_size=1), BasicConv2d(ch3x3red, ch3x3, kernel_size=3, padding=1)
        )
        self.branch3 = nn.Sequential(
            BasicConv2d(in_channels, ch5x5red, kernel_size=1), BasicConv2d(ch5x5red, ch5x5, kernel_size=3, padding=1)
        )
        self.branch4 = nn.Sequential(
            nn.MaxPool2d(3, 1, 1, ceil_mode=True), BasicConv2d(in_channels, pool_proj, kernel_size=1)
        )

    def forward(self, x: _rutile.Tensor) -> _rutile.Tensor:
        return cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class InceptionAux(nn.Module):
    """A classifier on the way, whose loss helps the first layers."""

    def __init__(self, in_channels: int, num_classes: int, dropout: float = 0.7) -> None:
        super().__init__()
        self.conv = BasicConv2d(in_channels, 128, kernel_size=1)
        self.fc1 = nn.Linear(2048, 1024)
        self.fc2 = nn.Linear(1024, num_classes)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: _rutile.Tensor) -> _rutile.Tensor:
        x = self.conv(nn.functional.adaptive_avg_pool2d(x, (4, 4))).flatten(1)
        logits: _rutile.Tensor = self.fc2(self.dropout(nn.functional.relu(self.fc1(x), inplace=True)))
        return logits


class GoogLeNet(nn.Module):
    """Nine `Inception` modules, for images `(n, 3, 224, 224)`, from 15 pixels on.

    In training with `aux_logits` the output is a `GoogLeNetOutputs`, else the logits.

    Args:
        num_classes: number of logits.
        aux_logits: have two classifiers on the way.
        transform_input: take images normalised for ImageNet, and normalise them as the first weights were trained.
        init_weights: draw weights from a cut normal distribution of deviation 0.01, else as each layer does by itself.
        dropout, dropout_aux: before the last layers.
    """

    def __init__(
        self,
        num_classes: int = 1000,
        aux_logits: bool = True,
        transform_input: bool = False,
        init_weights: bool | None = None,
        dropout: float = 0.2,
        dropout_aux: float = 0.7,
    ) -> None:
        super().__init__()
        self.aux_logits = aux_logits
        self.transform_input = transform_input
        self.conv1 = BasicConv2d(3, 64, kernel_size=7, stride=2, padding=3)
        self.maxpool1 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.conv2 = BasicConv2d(64, 64, kernel_size=1)
        self.conv3 = BasicConv2d(64, 192, kernel_size=3, padding=1)
        self.maxpool2 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.inception3a = Inception(192, 64, 96, 128, 16, 32, 32)
        self.inception3b = Inception(256, 128, 128, 192, 32, 96, 64)
        self.maxpool3 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.inception4a = Inception(480, 192, 96, 208, 16, 48, 64)
        self.inception4b = Inception(512, 160, 112, 224, 24, 64, 64)
        self.inception4c = Inception(512, 128, 128, 256, 24, 64, 64)
        self.inception4d = Inception(512, 112, 144, 288, 32, 64, 64)
        self.inception4e = Inception(528, 256, 160, 320, 32, 128, 128)
        self.maxpool4 = nn.MaxPool2d(2, 2, ceil_mode=True)
        self.inception5a = Inception(832, 256, 160, 320, 32, 128, 128)
        self.inception5b = Inception(832, 384, 192, 384, 48, 128, 128)
        self.aux1 = InceptionAux(512, num_classes, dropout_aux) if aux_logits else None
        self.aux2 = InceptionAux(528, num_classes, dropout_aux) if aux_logits else None
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(1024, num_classes)
        if init_weights is None or init_weights:
            for module in self.modules():
                if isinstance(module, nn.Conv2d | nn.Linear):
                    nn.init.trunc_normal_(module.weight, mean=0.0, std=0.01, a=-2, b=2)

    def _transformed(self, x: _rutile.Tensor) -> _rutile.Tensor:
        mean, std = (_rutile.tensor(v).reshape(3, 1, 1) for v in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
        return x * (std / 0.5) + (mean - 0.5) / 0.5

    def forward(self, x: _rutile.Tensor) -> Any:
        x = self._transformed(x) if self.transform_input else x
        x = self.maxpool1(self.conv1(x))
        x = self.maxpool2(self.conv3(self.conv2(x)))
        x = self.inception4a(self.maxpool3(self.inception3b(self.inception3a(x))))
        aux1 = self.aux1(x) if self.aux1 is not None and self.training else None
        x = self.inception4d(self.inception4c(self.inception4b(x)))
        aux2 = self.aux2(x) if self.aux2 is not None and self.training else None
        x = self.inception5b(self.inception5a(self.maxpool4(self.inception4e(x))))
        logits = self.fc(self.dropout(self.avgpool(x).flatten(1)))
        return GoogLeNetOutputs(logits, aux2, aux1) if self.training and self.aux_logits else logits


def googlenet(
    *, weights: Any = None, progress: bool = True, pretrained: bool | None = None, **kwargs: Any
) -> GoogLeNet:
    """GoogLeNet, 6,624,904 parameters, and 6,379,984 of the two classifiers on the way.

    With published weights there are no classifiers on the way unless `aux_logits=True`, and they are untrained then.
    """
    member = wanted("googlenet", weights, pretrained)
    if member is None:
        return GoogLeNet(**kwargs)
    if kwargs.get("num_classes", 1000) != 1000:
        raise ValueError("googlenet: published weights have 1000 classes")
    aux_logits = kwargs.pop("aux_logits", False)
    model = GoogLeNet(**{"transform_input": True, "init_weights": False, **kwargs, "aux_logits": True})
    model.load_state_dict(member.get_state_dict(progress))
    if not aux_logits:
        model.aux_logits, model.aux1, model.aux2 = False, None, None
    return model
