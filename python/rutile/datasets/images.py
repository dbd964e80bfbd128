"""What image classification datasets share: pixels and classes in memory, and the IDX file format."""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from rutile import _rutile
from rutile.utils.data import Dataset


class DataError(RuntimeError):
    """A dataset is missing, damaged or cannot be downloaded; the message says what to do."""


class ImageDataset(Dataset[tuple[Any, Any]]):
    """Grey images and their classes.

    `dataset[i]` is `(image, target)`: a NumPy array (uint8, height x width), or what `transform` makes of it, and an
    int, or what `target_transform` makes of it. Loops that train on the whole set index `data` and `targets`, which is
    many times faster.
    """

    data: _rutile.Tensor
    """Pixels, uint8, `(images, height, width)`, 0 to `peak`."""
    targets: _rutile.Tensor
    """Classes, int64, `(images,)`."""
    classes: ClassVar[tuple[str, ...]]
    """Names of the classes."""
    peak: ClassVar[int]
    """The value of the strongest pixel."""
    mean: ClassVar[float]
    """Mean pixel of the training part."""
    std: ClassVar[float]
    """Standard deviation of the pixels of the training part."""

    def __init__(
        self,
        images: bytes,
        labels: bytes,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[int], Any] | None = None,
    ) -> None:
        """Takes the contents of two IDX files."""
        self.data = parse_idx(images)
        self.targets = parse_idx(labels).long()
        if self.data.ndim != 3 or self.targets.ndim != 1 or len(self.data) != len(self.targets):
            raise DataError(
                f"images {list(self.data.shape)} and labels {list(self.targets.shape)} do not belong together"
            )
        self.transform = transform
        self.target_transform = target_transform
        self._images = self.data.numpy()

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        image, target = self._images[index], int(self.targets[index])
        return (
            image if self.transform is None else self.transform(image),
            target if self.target_transform is None else self.target_transform(target),
        )


def parse_idx(content: bytes) -> _rutile.Tensor:
    """The uint8 array of an IDX file: two zeros, the type 8, the number of axes, big-endian extents, the elements."""
    import numpy as np

    from rutile import from_numpy

    if len(content) < 4 or content[:3] != b"\x00\x00\x08":
        raise DataError(f"not an IDX file of bytes: it begins with {content[:4].hex(' ') or 'nothing'}, not 00 00 08")
    start = 4 + 4 * content[3]
    shape = tuple(int.from_bytes(content[i : i + 4], "big") for i in range(4, start, 4))
    if len(content) != start + math.prod(shape):
        raise DataError(
            f"an IDX file of shape {list(shape)} has {start + math.prod(shape)} bytes, this one {len(content)}"
        )
    return from_numpy(np.frombuffer(content, np.uint8, offset=start).reshape(shape).copy())


def read_maybe_gzip(path: Path) -> bytes:
    """The content of a file, unpacked if it is gzip."""
    content = path.read_bytes()
    try:
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path} is damaged ({error}); remove it and fetch it again") from error
