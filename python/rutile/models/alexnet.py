"""AlexNet (A. Krizhevsky, *One weird trick for parallelizing convolutional neural networks*, 2014)."""

from __future__ import annotations

from typing import Any

from .. import _rutile, nn
from ._weights import with_weights

__all__ = ["AlexNet", "alexnet"]


class AlexNet(nn.Module):
    """Five convolutions and three linear layers, for images `(n, 3, 224, 224)`, from 63 pixels on.

    Args:
        num_classes: number of logits.
        dropout: before the first two linear layers.
    """

    def __init__(self, num_classes: int = 1000, dropout: float = 0.5) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(True), nn.MaxPool2d(3, 2),
            nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(True), nn.MaxPool2d(3, 2),
            nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(True),
            nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(True),
            nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(True), nn.MaxPool2d(3, 2),
        )  # fmt: skip
        self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
        self.classifier = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(256 * 6 * 6, 4096), nn.ReLU(True),
            nn.Dropout(dropout), nn.Linear(4096, 4096), nn.ReLU(True),
            nn.Linear(4096, num_classes),
        )  # fmt: skip

    def forward(self, x: _rutile.Tensor) -> _rutile.Tensor:
        logits: _rutile.Tensor = self.classifier(self.avgpool(self.features(x)).flatten(1))
        return logits


def alexnet(*, weights: Any = None, progress: bool = True, pretrained: bool | None = None, **kwargs: Any) -> AlexNet:
    """`AlexNet`, with 61,100,840 parameters."""
    model: AlexNet = with_weights("alexnet", AlexNet, weights, pretrained, progress, kwargs)
    return model
