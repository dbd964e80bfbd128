"""The networks: a perceptron, a convolutional network, LeNet-5."""

from __future__ import annotations

from rutile import _rutile, nn
from rutile.models.classifier import ImageClassifier


class MLP(ImageClassifier):
    """A perceptron with one hidden layer (784-256-10 for MNIST), ReLU, He et al. (2015) initialisation."""

    def __init__(
        self, image: tuple[int, int, int], classes: int, mean: float = 0.0, std: float = 1.0, hidden: int = 256
    ) -> None:
        super().__init__(image, classes, mean, std)
        channels, height, width = image
        self.layers = nn.Sequential(
            nn.Flatten(), nn.Linear(channels * height * width, hidden), nn.ReLU(), nn.Linear(hidden, classes)
        )
        for layer in self.layers:
            if isinstance(layer, nn.Linear):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)

    def forward(self, images: _rutile.Tensor) -> _rutile.Tensor:
        logits: _rutile.Tensor = self.layers(images)
        return logits


class CNN(ImageClassifier):
    """Two blocks of convolution, batch norm, ReLU, max pooling and channel dropout, then two linear layers."""

    def __init__(
        self,
        image: tuple[int, int, int],
        classes: int,
        mean: float = 0.0,
        std: float = 1.0,
        channels: tuple[int, int] = (32, 64),
        hidden: int = 256,
        dropout: float = 0.1,
    ) -> None:
        super().__init__(image, classes, mean, std)
        depth, height, width = image
        first, second = channels
        self.features = nn.Sequential(
            nn.Conv2d(depth, first, 3, padding=1), nn.BatchNorm2d(first), nn.ReLU(),
            nn.MaxPool2d(2), nn.Dropout2d(dropout),
            nn.Conv2d(first, second, 3, padding=1), nn.BatchNorm2d(second), nn.ReLU(),
            nn.MaxPool2d(2), nn.Dropout2d(dropout),
        )  # fmt: skip
        self.head = nn.Sequential(
            nn.Flatten(),
            nn.Linear(second * (height // 4) * (width // 4), hidden),
            nn.ReLU(),
            nn.Linear(hidden, classes),
        )

    def forward(self, images: _rutile.Tensor) -> _rutile.Tensor:
        logits: _rutile.Tensor = self.head(self.features(images))
        return logits


class LeNet(ImageClassifier):
    """LeNet-5 (LeCun et al., 1998) with ReLU and max pooling; smaller images are padded to its 32 x 32."""

    def __init__(self, image: tuple[int, int, int], classes: int, mean: float = 0.0, std: float = 1.0) -> None:
        super().__init__(image, classes, mean, std)
        channels, height, width = image
        if height > 32 or width > 32 or height % 2 or width % 2:
            raise ValueError(f"LeNet: wants even extents up to 32 x 32, got {height} x {width}")
        self.features = nn.Sequential(
            nn.Conv2d(channels, 6, 5, padding=((32 - height) // 2, (32 - width) // 2)), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        )  # fmt: skip
        self.head = nn.Sequential(
            nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, classes)
        )

    def forward(self, images: _rutile.Tensor) -> _rutile.Tensor:
        logits: _rutile.Tensor = self.head(self.features(images))
        return logits
