"""Images to train on, with torchvision's names and arguments.

`Digits` ships with the package. `MNIST`, `FashionMNIST`, `KMNIST`, `EMNIST`, `CIFAR10` and `CIFAR100` are read from
`root` or from the folder that the environment variable RUTILE_DATA names, or downloaded; `ImageFolder` and
`DatasetFolder` read a folder per class; `FakeData` needs nothing. All are `rutile.utils.data.Dataset`s.
"""

from rutile._places import add_places
from rutile.datasets.cifar import CIFAR10, CIFAR100
from rutile.datasets.folder import DatasetFolder, FakeData, ImageFolder
from rutile.datasets.images import DataError, ImageDataset, VisionDataset
from rutile.datasets.mnist import EMNIST, KMNIST, MNIST, FashionMNIST
from rutile.datasets.optical_digits import Digits

__all__ = [
    "CIFAR10",
    "CIFAR100",
    "EMNIST",
    "KMNIST",
    "MNIST",
    "DataError",
    "DatasetFolder",
    "Digits",
    "FakeData",
    "FashionMNIST",
    "ImageDataset",
    "ImageFolder",
    "VisionDataset",
]


add_places(__name__, {"vision": ["rutile.datasets.images"], "fakedata": ["rutile.datasets.folder"]})


def __getattr__(name: str) -> object:
    from rutile.compat.missing import missing

    raise missing(f"module {__name__!r}", name, globals())
