"""Handwritten digits that ship with the package; PROVENANCE.md beside this file says where they come from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rutile.datasets.images import ImageDataset, read_maybe_gzip


class Digits(ImageDataset):
    """1797 handwritten digits, 8 x 8 pixels of 0 to 16: 1442 to train on, 355 to test on (a fixed division, even over
    the classes).

    E. Alpaydin, C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning Repository,
    <https://doi.org/10.24432/C50P49>, CC BY 4.0.

    >>> import rutile as rt
    >>> test = rt.datasets.Digits(train=False)
    >>> test.data.shape, len(test)
    (rutile.Size([355, 8, 8]), 355)
    """

    classes = tuple(str(digit) for digit in range(10))
    peak = 16
    mean = 4.8815
    std = 6.0126

    def __init__(
        self,
        train: bool = True,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[int], Any] | None = None,
    ) -> None:
        folder, part = Path(__file__).parent, "train" if train else "test"
        images, labels = (
            read_maybe_gzip(folder / f"{part}-{content}-ubyte.gz") for content in ("images-idx3", "labels-idx1")
        )
        super().__init__(images, labels, transform, target_transform)
        self.train = train
