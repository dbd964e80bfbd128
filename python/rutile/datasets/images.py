"""What image classification datasets share: pixels and classes in memory, and the IDX file format."""

from __future__ import annotations

import functools
import gzip
import math
import os
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from rutile import _rutile
from rutile.utils.data import Dataset


class DataError(RuntimeError):
    """A dataset is missing, damaged or cannot be downloaded; the message says what to do."""


class StandardTransform:
    """A transform of the image and one of the target as one function of both."""

    def __init__(
        self, transform: Callable[[Any], Any] | None = None, target_transform: Callable[[Any], Any] | None = None
    ) -> None:
        self.transform = transform
        self.target_transform = target_transform

    def __call__(self, input: Any, target: Any) -> tuple[Any, Any]:
        return (
            input if self.transform is None else self.transform(input),
            target if self.target_transform is None else self.target_transform(target),
        )

    def __repr__(self) -> str:
        lines = [type(self).__name__]
        for head, transform in (("Transform: ", self.transform), ("Target transform: ", self.target_transform)):
            if transform is not None:
                first, *rest = repr(transform).splitlines()
                lines += [head + first, *(" " * len(head) + line for line in rest)]
        return "\n".join(lines)


class VisionDataset(Dataset[tuple[Any, Any]]):
    """What datasets of images share: where they lie, and the transforms of images and targets.

    Args:
        root: the folder.
        transforms: a function of image and target together, in place of the other two.
        transform: a function of the image.
        target_transform: a function of the target.
    """

    def __init__(
        self,
        root: str | os.PathLike[str] | None = None,
        transforms: Callable[[Any, Any], tuple[Any, Any]] | None = None,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
    ) -> None:
        if transforms is not None and (transform is not None or target_transform is not None):
            raise ValueError("Only transforms or transform/target_transform can be passed as argument")
        self.root = root
        self.transform = transform
        self.target_transform = target_transform
        if transforms is None and (transform is not None or target_transform is not None):
            transforms = StandardTransform(transform, target_transform)
        self.transforms = transforms

    def transformed(self, image: Any, target: Any) -> tuple[Any, Any]:
        """The item made of an image and its target."""
        if self.transforms is not None and not isinstance(self.transforms, StandardTransform):
            return self.transforms(image, target)
        # The attributes may have been changed since.
        return (
            image if self.transform is None else self.transform(image),
            target if self.target_transform is None else self.target_transform(target),
        )

    def __len__(self) -> int:
        raise NotImplementedError

    def extra_repr(self) -> str:
        """More lines for `repr`."""
        return ""

    def __repr__(self) -> str:
        lines = [f"Number of datapoints: {len(self)}"]
        if self.root is not None:
            lines.append(f"Root location: {os.fspath(self.root)}")
        lines += self.extra_repr().splitlines()
        transforms = self.transforms
        if transforms is None or isinstance(transforms, StandardTransform):
            transforms = StandardTransform(self.transform, self.target_transform)
        if repr(transforms) != StandardTransform.__name__:
            lines += repr(transforms).splitlines()
        return "\n".join([f"Dataset {type(self).__name__}", *(f"    {line}" for line in lines)])


class ImageDataset(VisionDataset):
    """Grey images and their classes, in memory.

    `dataset[i]` is `(image, target)`: a PIL image (without Pillow, a NumPy array, uint8, height x width), or what
    `transform` makes of it, and an int, or what `target_transform` makes of it. Loops that train on the whole set index
    `data` and `targets`, which is many times faster.
    """

    data: _rutile.Tensor
    """Pixels, uint8, `(images, height, width)`, 0 to `peak`."""
    targets: _rutile.Tensor
    """Classes, int64, `(images,)`."""
    classes: Sequence[str]
    """Names of the classes."""
    peak: ClassVar[int] = 255
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
        target_transform: Callable[[Any], Any] | None = None,
        root: str | os.PathLike[str] | None = None,
    ) -> None:
        """Takes the contents of two IDX files."""
        super().__init__(root, None, transform, target_transform)
        self.data = parse_idx(images)
        self.targets = parse_idx(labels).long()
        if self.targets.dim() != 1 or self.data.dim() != 3 or len(self.data) != len(self.targets):
            raise DataError(
                f"images {list(self.data.shape)} and labels {list(self.targets.shape)} do not belong together"
            )
        self._images = self.data.numpy()

    @property
    def class_to_idx(self) -> dict[str, int]:
        """The number of each class."""
        return {name: number for number, name in enumerate(self.classes)}

    @property
    def train_data(self) -> _rutile.Tensor:
        """Old name of `data`."""
        return self.data

    @property
    def train_labels(self) -> _rutile.Tensor:
        """Old name of `targets`."""
        return self.targets

    test_data, test_labels = train_data, train_labels

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        return self.transformed(as_image(self._images[index]), int(self.targets[index]))


def as_image(pixels: Any) -> Any:
    """A uint8 array as the image that datasets hand out: PIL, or without Pillow the array itself."""
    fromarray = _pillow()
    return pixels if fromarray is None else fromarray(pixels)


@functools.cache
def _pillow() -> Callable[[Any], Any] | None:
    try:
        from PIL import Image
    except ImportError:
        return None
    return Image.fromarray


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
