"""Images to train on: `Digits` ships with the package, `MNIST` is read from IDX files or downloaded.

Both are `rutile.utils.data.Dataset`s with the interface of torchvision's, and hold the whole set in memory:
`data` (uint8, images x height x width) and `targets` (int64).
"""

from rutile.datasets.images import DataError, ImageDataset
from rutile.datasets.mnist import MNIST
from rutile.datasets.optical_digits import Digits

__all__ = ["MNIST", "DataError", "Digits", "ImageDataset"]
