"""MNIST: found on this machine or downloaded, and always checked."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rutile.datasets.download import fetch
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
SUBFOLDERS = ("", "mnist", "MNIST/raw")


class MNIST(ImageDataset):
    """70,000 handwritten digits, 28 x 28 pixels of 0 to 255: 60,000 to train on, 10,000 to test on.

    The four IDX files (plain or `.gz`) are looked for in `root`, `root/mnist` and `root/MNIST/raw`. `root` is by
    default the environment variable RUTILE_DATA, else `rutile` in the user's cache folder. With `download=True` missing
    files are fetched into `root/mnist`. Every file is compared with its SHA-256, whatever its origin; missing or
    damaged files raise `DataError`.

    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, *Gradient-based learning applied to document recognition*, 1998.

    >>> train = rutile.datasets.MNIST("data", train=True, download=True)  # doctest: +SKIP
    >>> train.data.shape  # doctest: +SKIP
    rutile.Size([60000, 28, 28])
    """

    classes = tuple(str(digit) for digit in range(10))
    peak = 255
    mean = 33.3184
    std = 78.5675

    def __init__(
        self,
        root: str | os.PathLike[str] | None = None,
        train: bool = True,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[int], Any] | None = None,
        download: bool = False,
    ) -> None:
        folder, part = data_folder(root), "train" if train else "t10k"
        images, labels = (
            _read(folder, f"{part}-{content}-ubyte", download) for content in ("images-idx3", "labels-idx1")
        )
        super().__init__(images, labels, transform, target_transform)
        self.train = train


def data_folder(root: str | os.PathLike[str] | None = None) -> Path:
    """Where datasets lie: `root`, else RUTILE_DATA, else `rutile` in the user's cache folder."""
    given = root or os.environ.get("RUTILE_DATA")
    if given:
        return Path(given).expanduser()
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "rutile"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rutile"


def _read(folder: Path, name: str, download: bool) -> bytes:
    """The checked content of one IDX file."""
    for subfolder in SUBFOLDERS:
        for path in (folder / subfolder / f"{name}.gz", folder / subfolder / name):
            if path.is_file():
                content = read_maybe_gzip(path)
                found = hashlib.sha256(content).hexdigest()
                if found != FILES[name]:
                    raise DataError(
                        f"{path} is not MNIST's {name} (SHA-256 {found[:12]}..., not {FILES[name][:12]}...); "
                        "remove it and fetch it again"
                    )
                return content
    if not download:
        raise DataError(
            f"MNIST: no {name}.gz in {folder} or {folder / 'mnist'}; name its folder with --data or RUTILE_DATA, "
            "or let MNIST(..., download=True) fetch it"
        )
    path = folder / "mnist" / f"{name}.gz"
    fetch([f"{mirror}{name}.gz" for mirror in MIRRORS], path, lambda content: _check(content, name))
    return read_maybe_gzip(path)


def _check(path: Path, name: str) -> None:
    if hashlib.sha256(read_maybe_gzip(path)).hexdigest() != FILES[name]:
        raise DataError(f"what was downloaded is not MNIST's {name}")
