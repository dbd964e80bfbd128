"""CIFAR-10 and CIFAR-100, from the binary or Python batches or from folders of images."""

from __future__ import annotations

import io
import os
import pickle
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from rutile._files import replacing
from rutile.datasets.download import check_md5, fetch
from rutile.datasets.images import DataError, VisionDataset, as_image
from rutile.datasets.mnist import data_folder, search_folders

_PIXELS = 3 * 32 * 32


class CIFAR10(VisionDataset):
    """60,000 colour pictures, 32 x 32 pixels, of ten classes: 50,000 to train on, 10,000 to test on.

    Looked for in `root`, then in the folder that RUTILE_DATA names, are: `cifar-10-batches-bin` (the binary version),
    `cifar-10-batches-py` (the Python version, as torchvision keeps it), a folder `cifar10` with `train/CLASS/*` and
    `test/CLASS/*` as image files, and a tar archive of these two in `cifar10`. Image files want Pillow.
    `download=True` fetches the binary version (170 MB), compared with its MD5. What is missing raises `DataError`.

    `dataset[i]` is `(image, target)`: a PIL image (without Pillow, a NumPy array, uint8, 32 x 32 x 3) or what
    `transform` makes of it, and an int. `data` holds all pixels as a NumPy array `(n, 32, 32, 3)`, `targets` the
    classes as a list.

    A. Krizhevsky, *Learning Multiple Layers of Features from Tiny Images*, 2009.
    """

    base_folder: ClassVar[str] = "cifar-10-batches-bin"
    python_folder: ClassVar[str] = "cifar-10-batches-py"
    image_folder: ClassVar[str] = "cifar10"
    url: ClassVar[str] = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
    md5: ClassVar[str] = "c32a1d4ab5d03f1284b67883e8d87530"
    label_bytes: ClassVar[int] = 1
    label_key: ClassVar[str] = "labels"
    names_file: ClassVar[str] = "batches.meta.txt"
    train_files: ClassVar[list[str]] = [f"data_batch_{number}" for number in range(1, 6)]
    test_files: ClassVar[list[str]] = ["test_batch"]

    def __init__(
        self,
        root: str | os.PathLike[str] | None = None,
        train: bool = True,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        download: bool = False,
    ) -> None:
        super().__init__(root, None, transform, target_transform)
        self.train = train
        self.classes = list(_CLASSES[type(self).__name__ if type(self).__name__ in _CLASSES else "CIFAR10"])
        found = self._find()
        if found is None and download:
            self._download()
            found = self._find()
        if found is None:
            places = f"{self.base_folder}, {self.python_folder} or {self.image_folder}"
            raise DataError(
                f"{type(self).__name__}: no {places} in {data_folder(root)}; name its folder with RUTILE_DATA, or let "
                f"{type(self).__name__}(..., download=True) fetch it"
            )
        self.data, self.targets = found

    @property
    def class_to_idx(self) -> dict[str, int]:
        """The number of each class."""
        return {name: number for number, name in enumerate(self.classes)}

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        return self.transformed(as_image(self.data[index]), self.targets[index])

    def extra_repr(self) -> str:
        return f"Split: {'Train' if self.train else 'Test'}"

    def _find(self) -> tuple[np.ndarray, list[int]] | None:
        files = self.train_files if self.train else self.test_files
        for folder in search_folders(self.root, ("", self.image_folder)):
            binary, python = folder / self.base_folder, folder / self.python_folder
            if all((binary / f"{name}.bin").is_file() for name in files):
                return self._planes([self._binary(binary / f"{name}.bin") for name in files])
            if all((python / name).is_file() for name in files):
                return self._planes([self._python(python / name) for name in files])
            part = "train" if self.train else "test"
            if folder.name == self.image_folder and (folder / part).is_dir():
                return self._images(_folder_images(folder / part))
            if folder.name == self.image_folder:
                for archive in sorted(folder.glob("*.tar*")):
                    return self._images(_archive_images(archive, part))
        return None

    def _binary(self, path: Path) -> tuple[np.ndarray, np.ndarray]:
        """Rows of labels (the fine one is last) and pixels."""
        content = np.fromfile(path, np.uint8)
        row = self.label_bytes + _PIXELS
        if len(content) == 0 or len(content) % row:
            raise DataError(f"{path} is damaged: {len(content)} bytes are no multiple of {row}; fetch it again")
        rows = content.reshape(-1, row)
        return rows[:, self.label_bytes :], rows[:, self.label_bytes - 1]

    def _python(self, path: Path) -> tuple[np.ndarray, np.ndarray]:
        try:
            with open(path, "rb") as file:
                batch = _ArrayUnpickler(file, encoding="latin1").load()
            return np.asarray(batch["data"], np.uint8).reshape(-1, _PIXELS), np.asarray(batch[self.label_key])
        except (pickle.UnpicklingError, EOFError, KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise DataError(f"{path} is damaged ({error}); fetch it again") from error

    def _planes(self, batches: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, list[int]]:
        planes = np.concatenate([pixels for pixels, _ in batches]).reshape(-1, 3, 32, 32)
        labels = [int(label) for _, batch in batches for label in batch]
        return self._checked(np.ascontiguousarray(planes.transpose(0, 2, 3, 1)), labels)

    def _images(self, images: Iterator[tuple[str, bytes]]) -> tuple[np.ndarray, list[int]]:
        """From class names and image files; the numbers of the classes are the official ones, alphabetical."""
        from rutile.transforms.functional import pil_image_module

        Image = pil_image_module()  # noqa: N806 - as everybody writes it
        pixels, labels = [], []
        for name, content in sorted(images, key=lambda image: image[0]):
            kind = name.split("/")[0]
            if kind not in self.class_to_idx:
                raise DataError(f"{type(self).__name__}: the folder {kind!r} is no class; there are {self.classes}")
            with Image.open(io.BytesIO(content)) as image:
                pixels.append(np.asarray(image.convert("RGB")))
            labels.append(self.class_to_idx[kind])
        return self._checked(np.stack(pixels) if pixels else np.empty((0, 32, 32, 3), np.uint8), labels)

    def _checked(self, pixels: np.ndarray, labels: list[int]) -> tuple[np.ndarray, list[int]]:
        if (
            len(pixels) != len(labels)
            or not labels
            or max(labels) >= len(self.classes)
            or pixels.shape[1:] != (32, 32, 3)
        ):
            raise DataError(f"{type(self).__name__}: {list(pixels.shape)} pixels and {len(labels)} labels do not fit")
        return pixels, labels

    def _download(self) -> None:
        folder = data_folder(self.root)
        archive = folder / self.url.rpartition("/")[2]
        if not archive.exists():
            fetch([self.url], archive, check_md5(self.md5))
        with tarfile.open(archive) as packed:
            for name in self.train_files + self.test_files:
                file = packed.extractfile(f"{self.base_folder}/{name}.bin")
                if file is None:
                    raise DataError(f"{archive} has no {name}.bin; remove it and fetch it again")
                with replacing(folder / self.base_folder / f"{name}.bin") as temporary:
                    temporary.write_bytes(file.read())


class CIFAR100(CIFAR10):
    """60,000 colour pictures, 32 x 32 pixels, of a hundred classes: 50,000 to train on, 10,000 to test on.

    As `CIFAR10`, with `cifar-100-binary`, `cifar-100-python` and `cifar100`; targets are the fine labels.
    """

    base_folder = "cifar-100-binary"
    python_folder = "cifar-100-python"
    image_folder = "cifar100"
    url = "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz"
    md5 = "03b5dce01913d631647c71ecec9e9cb8"
    label_bytes = 2
    label_key = "fine_labels"
    train_files: ClassVar[list[str]] = ["train"]
    test_files: ClassVar[list[str]] = ["test"]


def _folder_images(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in folder.glob("*/*"):
        yield f"{path.parent.name}/{path.name}", path.read_bytes()


def _archive_images(archive: Path, part: str) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(archive) as packed:
        for member in packed:
            if member.isfile() and member.name.startswith(f"{part}/"):
                file = packed.extractfile(member)
                assert file is not None  # members that are files have a content
                yield member.name.removeprefix(f"{part}/"), file.read()


class _ArrayUnpickler(pickle.Unpickler):
    """Builds containers, strings and NumPy arrays, nothing else: a batch file can't run code."""

    def find_class(self, module: str, name: str) -> Any:
        if module in ("numpy.core.multiarray", "numpy._core.multiarray") and name == "_reconstruct":
            return np.empty(0).__reduce__()[0]
        if module == "numpy" and name in ("ndarray", "dtype"):
            return getattr(np, name)
        if (module, name) == ("_codecs", "encode"):
            return lambda text, encoding="latin1": text.encode(encoding)
        raise pickle.UnpicklingError(f"it names {module}.{name}, which is neither a container nor an array")


# fmt: off
_CIFAR10 = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
]
_CIFAR100 = [
    "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle", "bowl", "boy",
    "bridge", "bus", "butterfly", "camel", "can", "castle", "caterpillar", "cattle", "chair", "chimpanzee", "clock",
    "cloud", "cockroach", "couch", "crab", "crocodile", "cup", "dinosaur", "dolphin", "elephant", "flatfish",
    "forest", "fox", "girl", "hamster", "house", "kangaroo", "keyboard", "lamp", "lawn_mower", "leopard", "lion",
    "lizard", "lobster", "man", "maple_tree", "motorcycle", "mountain", "mouse", "mushroom", "oak_tree", "orange",
    "orchid", "otter", "palm_tree", "pear", "pickup_truck", "pine_tree", "plain", "plate", "poppy", "porcupine",
    "possum", "rabbit", "raccoon", "ray", "road", "rocket", "rose", "sea", "seal", "shark", "shrew", "skunk",
    "skyscraper", "snail", "snake", "spider", "squirrel", "streetcar", "sunflower", "sweet_pepper", "table", "tank",
    "telephone", "television", "tiger", "tractor", "train", "trout", "tulip", "turtle", "wardrobe", "whale",
    "willow_tree", "wolf", "woman", "worm",
]
# fmt: on
_CLASSES = {"CIFAR10": _CIFAR10, "CIFAR100": _CIFAR100}
