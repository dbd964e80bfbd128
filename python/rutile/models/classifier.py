"""What the image networks have in common."""

from __future__ import annotations

from rutile import _rutile, nn, no_grad

_BATCH = 1000


class ImageClassifier(nn.Module):
    """A network from images `(n, channels, height, width)` to logits `(n, classes)`.

    `forward` takes normalised images; `normalize` makes them from pixels, and `predict` goes from pixels to classes.

    Args:
        image: channels, height and width.
        classes: number of classes.
        mean, std: of the pixels the network is trained on.
    """

    def __init__(self, image: tuple[int, int, int], classes: int, mean: float = 0.0, std: float = 1.0) -> None:
        super().__init__()
        self.image = image
        self.classes = classes
        self.mean = mean
        self.std = std

    def normalize(self, pixels: _rutile.Tensor) -> _rutile.Tensor:
        """Pixels of any dtype, `(n, height, width)` or `(n, channels, height, width)`, as the float32 images that
        `forward` takes.
        """
        return ((pixels.float() - self.mean) / self.std).reshape(-1, *self.image)

    def probabilities(self, pixels: _rutile.Tensor) -> _rutile.Tensor:
        """The probability of each class, float32 `(n, classes)`, for images as the dataset's `data` holds them."""
        from rutile import cat

        training = self.training
        self.eval()
        try:
            with no_grad():
                images = self.normalize(pixels)
                parts = [self(images[start : start + _BATCH]) for start in range(0, len(images), _BATCH)]
                return nn.functional.softmax(cat(parts), dim=1)
        finally:
            self.train(training)

    def predict(self, pixels: _rutile.Tensor) -> _rutile.Tensor:
        """The class of each image, int64 `(n,)`, for images as the dataset's `data` holds them.

        >>> model.predict(rutile.datasets.Digits(train=False).data[:5])  # doctest: +SKIP
        """
        return self.probabilities(pixels).argmax(dim=1)
