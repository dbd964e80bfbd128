"""The images of a run: normalised once, divided in training, validation and test part, all in memory."""

from __future__ import annotations

import dataclasses

from rutile import Generator, _rutile, full, randperm
from rutile.datasets import MNIST, Digits, ImageDataset
from rutile.models import ImageClassifier
from rutile.training.config import Config, UsageError


@dataclasses.dataclass(frozen=True)
class Part:
    """Images as the model takes them, and their classes."""

    images: _rutile.Tensor
    labels: _rutile.Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, rows: _rutile.Tensor) -> Part:
        """The images of these rows, as copies."""
        return Part(self.images.index_select(0, rows), self.labels.index_select(0, rows))


@dataclasses.dataclass(frozen=True)
class Data:
    """The three parts. The validation part is a random share of the dataset's training part, drawn with the seed.

    The training images have a border of `config.shift` blank pixels, so that a window on them is a shifted image.
    """

    train: Part
    validation: Part
    test: Part


def load(config: Config) -> tuple[ImageDataset, ImageDataset]:
    """The training and test part of the run's dataset."""
    if config.dataset == "digits":
        return Digits(train=True), Digits(train=False)
    return MNIST(config.data, train=True, download=True), MNIST(config.data, train=False, download=True)


def divide(train: ImageDataset, test: ImageDataset, model: ImageClassifier, config: Config) -> Data:
    """Normalises the images for `model` and sets the validation part aside."""
    whole = Part(model.normalize(train.data), train.targets)
    kept = round(len(whole) * config.validation)
    if not 0 < kept < len(whole):
        raise UsageError(f"--validation: {config.validation} of {len(whole)} images leaves a part without images")
    rows = shuffled(len(whole), config.seed, 0)
    training = whole.take(rows[kept:])
    if config.shift:
        training = Part(_bordered(training.images, config.shift, (0 - train.mean) / train.std), training.labels)
    return Data(training, whole.take(rows[:kept]), Part(model.normalize(test.data), test.targets))


def _bordered(images: _rutile.Tensor, width: int, blank: float) -> _rutile.Tensor:
    count, channels, rows, columns = images.shape
    result = full((count, channels, rows + 2 * width, columns + 2 * width), blank)
    result[:, :, width : width + rows, width : width + columns] = images
    return result


def shuffled(count: int, seed: int, stream: int) -> _rutile.Tensor:
    """The numbers below `count` in an order that depends on nothing but the arguments.

    The order of each epoch is thus known to a resumed run without being stored, and dropout's random numbers do not
    move it.
    """
    generator = Generator()
    generator.manual_seed((seed * 1_000_003 + stream) % (1 << 63))
    return randperm(count, generator=generator)
