"""MNIST and its relatives: found on this machine or downloaded, and checked."""

from __future__ import annotations

import hashlib
import math
import os
import string
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from rutile._files import replacing
from rutile.datasets.download import check_md5, fetch
from rutile.datasets.images import DataError, ImageDataset, read_maybe_gzip

# SHA-256 of the uncompressed IDX files: it holds however a file was packed.
FILES = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)


def data_folder(root: str | os.PathLike[str] | None = None) -> Path:
    """Where datasets lie: `root`, else RUTILE_DATA, else `rutile` in the user's cache folder."""
    given = root or os.environ.get("RUTILE_DATA")
    if given:
        return Path(given).expanduser()
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "rutile"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rutile"


def search_folders(root: str | os.PathLike[str] | None, subfolders: Sequence[str]) -> list[Path]:
    """Where to look for a dataset: below `root`, then below RUTILE_DATA."""
    folders = [data_folder(root)]
    shared = os.environ.get("RUTILE_DATA")
    if root is not None and shared:
        folders.append(Path(shared).expanduser())
    return [folder / subfolder for folder in folders for subfolder in subfolders]


class MNIST(ImageDataset):
    """70,000 handwritten digits, 28 x 28 pixels of 0 to 255: 60,000 to train on, 10,000 to test on.

    The four IDX files (plain or `.gz`) are looked for in `root`, `root/mnist` and `root/MNIST/raw`, then in the same
    places of the folder that the environment variable RUTILE_DATA names. `root` is by default RUTILE_DATA, else
    `rutile` in the user's cache folder. With `download=True` missing files are fetched into `root/mnist`. Every file is
    compared with its SHA-256, whatever its origin; missing or damaged files raise `DataError`.

    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, *Gradient-based learning applied to document recognition*, 1998.

    >>> train = rutile.datasets.MNIST("data", train=True, download=True)  # doctest: +SKIP
    >>> train.data.shape  # doctest: +SKIP
    rutile.Size([60000, 28, 28])
    """

    classes: Sequence[str] = tuple(str(digit) for digit in range(10))
    mean = 33.3184
    std = 78.5675
    subfolders: ClassVar[Sequence[str]] = ("", "mnist", "MNIST/raw")
    download_folder: ClassVar[str] = "mnist"

    def __init__(
        self,
        root: str | os.PathLike[str] | None = None,
        train: bool = True,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        download: bool = False,
    ) -> None:
        self.train = train
        images, labels = (self._read(root, name, download) for name in self._names())
        super().__init__(images, labels, transform, target_transform, root)

    def extra_repr(self) -> str:
        return f"Split: {'Train' if self.train else 'Test'}"

    def _names(self) -> tuple[str, str]:
        """The files of images and labels, without `.gz`."""
        part = "train" if self.train else "t10k"
        return f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte"

    def _read(self, root: str | os.PathLike[str] | None, name: str, download: bool) -> bytes:
        """The checked content of one IDX file."""
        for folder in search_folders(root, self.subfolders):
            for path in (folder / f"{name}.gz", folder / name):
                if path.is_file():
                    content = read_maybe_gzip(path)
                    self._check(content, name, path)
                    return content
        folder = data_folder(root) / self.download_folder
        if not download:
            raise DataError(
                f"{type(self).__name__}: no {name}.gz in {data_folder(root)} or {folder}; name its folder with "
                f"RUTILE_DATA (rutile train: --data), or let {type(self).__name__}(..., download=True) fetch it"
            )
        self._download(folder, name)
        return read_maybe_gzip(folder / f"{name}.gz")

    def _check(self, content: bytes, name: str, path: Path) -> None:
        found = hashlib.sha256(content).hexdigest()
        if found != FILES[name]:
            raise DataError(
                f"{path} is not MNIST's {name} (SHA-256 {found[:12]}..., not {FILES[name][:12]}...); "
                "remove it and fetch it again"
            )

    def _download(self, folder: Path, name: str) -> None:
        def check(path: Path) -> None:
            if hashlib.sha256(read_maybe_gzip(path)).hexdigest() != FILES[name]:
                raise DataError(f"what was downloaded is not MNIST's {name}")

        fetch([f"{mirror}{name}.gz" for mirror in MIRRORS], folder / f"{name}.gz", check)


class _Relative(MNIST):
    """A dataset in MNIST's format, whose makers published the MD5 of the packed files."""

    mirror: ClassVar[str]
    sums: ClassVar[dict[str, str]]

    def _check(self, content: bytes, name: str, path: Path) -> None:
        if path.suffix == ".gz":
            try:
                check_md5(self.sums[name])(path)
            except DataError as error:
                raise DataError(
                    f"{path} is not {type(self).__name__}'s: {error}; remove it and fetch it again"
                ) from None

    def _download(self, folder: Path, name: str) -> None:
        fetch([f"{self.mirror}{name}.gz"], folder / f"{name}.gz", check_md5(self.sums[name]))


class FashionMNIST(_Relative):
    """70,000 pictures of clothes in MNIST's format: 60,000 to train on, 10,000 to test on.

    Files are looked for in `fashion-mnist` and `FashionMNIST/raw` of `root` and of RUTILE_DATA; packed ones are
    compared with their MD5. See `MNIST` for the arguments.

    H. Xiao, K. Rasul, R. Vollgraf, *Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms*,
    2017.
    """

    classes = (
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    )  # fmt: skip
    mean = 72.9404
    std = 90.0212
    subfolders = ("fashion-mnist", "FashionMNIST/raw")
    download_folder = "fashion-mnist"
    mirror = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
    sums: ClassVar[dict[str, str]] = {
        "train-images-idx3-ubyte": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "train-labels-idx1-ubyte": "25c81989df183df01b3e8a0aad5dffbe",
        "t10k-images-idx3-ubyte": "bef4ecab320f06d8554ea6380940ec79",
        "t10k-labels-idx1-ubyte": "bb300cfdad3c16e7a12a480ee83cd310",
    }


class KMNIST(_Relative):
    """70,000 cursive Japanese characters of ten classes in MNIST's format: 60,000 to train on, 10,000 to test on.

    Files are looked for in `kmnist` and `KMNIST/raw` of `root` and of RUTILE_DATA; packed ones are compared with their
    MD5. See `MNIST` for the arguments.

    T. Clanuwat et al., *Deep Learning for Classical Japanese Literature*, 2018.
    """

    classes = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
    mean = 48.8978
    std = 88.7955
    subfolders = ("kmnist", "KMNIST/raw")
    download_folder = "kmnist"
    mirror = "http://codh.rois.ac.jp/kmnist/dataset/kmnist/"
    sums: ClassVar[dict[str, str]] = {
        "train-images-idx3-ubyte": "bdb82020997e1d708af4cf47b453dcf7",
        "train-labels-idx1-ubyte": "e144d726b3acfaa3e44228e80efcd344",
        "t10k-images-idx3-ubyte": "5c965bf0a639b31b8f53240b1b52f4d7",
        "t10k-labels-idx1-ubyte": "7320c461ea6c1c855c0b718fb2a4b134",
    }


class EMNIST(MNIST):
    """Handwritten letters and digits in MNIST's format (the images lie on their side, as in the original files).

    Args:
        root: the folder; files are looked for in its `emnist` and `EMNIST/raw`, and in those of RUTILE_DATA.
        split: byclass (62 classes), bymerge (47), balanced (47), letters (26, numbered from 1), digits or mnist (10).
        train, transform, target_transform, download: as for `MNIST`. What is fetched is one archive (560 MB), compared
            with its MD5.

    G. Cohen, S. Afshar, J. Tapson, A. van Schaik, *EMNIST: an extension of MNIST to handwritten letters*, 2017.
    """

    mean = std = math.nan  # they differ by split, and the makers gave none
    subfolders = ("emnist", "EMNIST/raw", "emnist/gzip", "EMNIST/raw/gzip")
    download_folder = "emnist"
    url = "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip"
    md5 = "58c8d27c78d21e728a6bc7b3cc06412e"
    splits = ("byclass", "bymerge", "balanced", "letters", "digits", "mnist")

    def __init__(self, root: str | os.PathLike[str] | None, split: str, **kwargs: Any) -> None:
        if split not in self.splits:
            raise ValueError(f"EMNIST: unknown split {split!r}; there are {', '.join(self.splits)}")
        self.split = split
        # Capital and small letters that look alike are one class.
        merged = sorted(set(string.digits + string.ascii_letters) - set("cijklmopsuvwxyz"))
        self.classes = {
            "byclass": [*string.digits, *string.ascii_uppercase, *string.ascii_lowercase],
            "bymerge": merged,
            "balanced": merged,
            "letters": ["N/A", *string.ascii_lowercase],
        }.get(split, list(string.digits))
        super().__init__(root, **kwargs)

    def _names(self) -> tuple[str, str]:
        start = f"emnist-{self.split}-{'train' if self.train else 'test'}"
        return f"{start}-images-idx3-ubyte", f"{start}-labels-idx1-ubyte"

    def _check(self, content: bytes, name: str, path: Path) -> None:
        """The single files have no published sums; their format is checked when they are parsed."""

    def _download(self, folder: Path, name: str) -> None:
        archive = folder / "gzip.zip"
        if not archive.exists():
            fetch([self.url], archive, check_md5(self.md5))
        with zipfile.ZipFile(archive) as packed, replacing(folder / f"{name}.gz") as temporary:
            temporary.write_bytes(packed.read(f"gzip/{name}.gz"))
