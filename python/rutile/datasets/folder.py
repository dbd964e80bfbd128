"""Images in folders by class: `ImageFolder`, `DatasetFolder`; and `FakeData`, which needs none."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import rutile as rt
from rutile.datasets.images import VisionDataset

__all__ = ["DatasetFolder", "FakeData", "ImageFolder", "default_loader", "find_classes", "make_dataset", "pil_loader"]

IMG_EXTENSIONS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")


def has_file_allowed_extension(filename: str, extensions: str | tuple[str, ...]) -> bool:
    """Whether a name ends like one of `extensions`, in capitals or not."""
    return filename.lower().endswith(extensions)


def is_image_file(filename: str) -> bool:
    """Whether a name ends like that of an image."""
    return has_file_allowed_extension(filename, IMG_EXTENSIONS)


def find_classes(directory: str | os.PathLike[str]) -> tuple[list[str], dict[str, int]]:
    """The folders in `directory` in alphabetical order, and their numbers."""
    classes = sorted(entry.name for entry in os.scandir(directory) if entry.is_dir())
    if not classes:
        raise FileNotFoundError(f"Couldn't find any class folder in {os.fspath(directory)}.")
    return classes, {name: number for number, name in enumerate(classes)}


def make_dataset(
    directory: str | os.PathLike[str],
    class_to_idx: dict[str, int] | None = None,
    extensions: str | tuple[str, ...] | None = None,
    is_valid_file: Callable[[str], bool] | None = None,
    allow_empty: bool = False,
) -> list[tuple[str, int]]:
    """Path and class of each file below `directory/CLASS`, in order; a class without files is an error.

    Which files: those with one of `extensions`, or for which `is_valid_file` holds.
    """
    if (extensions is None) == (is_valid_file is None):
        raise ValueError("Both extensions and is_valid_file cannot be None or not None at the same time")
    if class_to_idx is None:
        class_to_idx = find_classes(directory)[1]
    elif not class_to_idx:
        raise ValueError("'class_to_index' must have at least one entry to collect any samples.")
    ends = extensions

    def valid(path: str) -> bool:
        return is_valid_file(path) if ends is None else has_file_allowed_extension(path, ends)  # type: ignore[misc]

    samples: list[tuple[str, int]] = []
    empty = []
    for name in sorted(class_to_idx):
        before = len(samples)
        for folder, _, files in sorted(os.walk(os.path.join(directory, name), followlinks=True)):
            paths = (os.path.join(folder, file) for file in sorted(files))
            samples += [(path, class_to_idx[name]) for path in paths if valid(path)]
        if len(samples) == before:
            empty.append(name)
    if empty and not allow_empty:
        wanted = f" Supported extensions are: {ends if isinstance(ends, str) else ', '.join(ends)}" if ends else ""
        raise FileNotFoundError(f"Found no valid file for the classes {', '.join(empty)}.{wanted}")
    return samples


def pil_loader(path: str | os.PathLike[str]) -> Any:
    """The image in a file, RGB."""
    from rutile.transforms.functional import pil_image_module

    with open(path, "rb") as file:
        return pil_image_module().open(file).convert("RGB")


default_loader = pil_loader


class DatasetFolder(VisionDataset):
    """Files in `root/CLASS/...`; the class is the target.

    Args:
        root: the folder.
        loader: makes the sample from a path.
        extensions: which files, by how their names end.
        transform, target_transform: functions of sample and target.
        is_valid_file: which files, by their path, in place of `extensions`.
        allow_empty: take classes without files; else they are an error.

    Attributes:
        classes: names in alphabetical order; `class_to_idx` has their numbers.
        samples: `(path, class)` of each file.
        targets: the class of each file.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        loader: Callable[[str], Any],
        extensions: tuple[str, ...] | None = None,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        is_valid_file: Callable[[str], bool] | None = None,
        allow_empty: bool = False,
    ) -> None:
        super().__init__(root, None, transform, target_transform)
        self.classes, self.class_to_idx = self.find_classes(root)
        self.samples = self.make_dataset(root, self.class_to_idx, extensions, is_valid_file, allow_empty)
        self.loader = loader
        self.extensions = extensions
        self.targets = [target for _, target in self.samples]

    @staticmethod
    def make_dataset(
        directory: str | os.PathLike[str],
        class_to_idx: dict[str, int],
        extensions: tuple[str, ...] | None = None,
        is_valid_file: Callable[[str], bool] | None = None,
        allow_empty: bool = False,
    ) -> list[tuple[str, int]]:
        """Path and class of each file; to be overridden for other layouts."""
        return make_dataset(directory, class_to_idx, extensions, is_valid_file, allow_empty)

    def find_classes(self, directory: str | os.PathLike[str]) -> tuple[list[str], dict[str, int]]:
        """Names and numbers of the classes; to be overridden for other layouts."""
        return find_classes(directory)

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        path, target = self.samples[index]
        return self.transformed(self.loader(path), target)


class ImageFolder(DatasetFolder):
    """Image files in `root/CLASS/...`, read as RGB by Pillow; the class is the target.

    Args:
        root: the folder.
        transform, target_transform: functions of image and target.
        loader: makes the image from a path.
        is_valid_file: which files, by their path; by default those whose names end like an image's.
        allow_empty: take classes without files; else they are an error.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        loader: Callable[[str], Any] = default_loader,
        is_valid_file: Callable[[str], bool] | None = None,
        allow_empty: bool = False,
    ) -> None:
        extensions = IMG_EXTENSIONS if is_valid_file is None else None
        super().__init__(root, loader, extensions, transform, target_transform, is_valid_file, allow_empty)
        self.imgs = self.samples


class FakeData(VisionDataset):
    """Random images and targets that are the same each time, for trying out a training script.

    Args:
        size: number of images.
        image_size: channels, height, width.
        num_classes: number of classes.
        transform, target_transform: functions of image (PIL) and target (int).
        random_offset: added to the number of an image before it seeds its content.
    """

    def __init__(
        self,
        size: int = 1000,
        image_size: Sequence[int] = (3, 224, 224),
        num_classes: int = 10,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        random_offset: int = 0,
    ) -> None:
        super().__init__(None, None, transform, target_transform)
        self.size, self.num_classes, self.image_size = size, num_classes, tuple(image_size)
        self.random_offset = random_offset

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        if index >= len(self):
            raise IndexError(f"FakeData: index {index} out of range")
        from rutile.transforms.functional import to_pil_image

        generator = rt.Generator().manual_seed(index + self.random_offset)
        image = rt.randn(*self.image_size, generator=generator).clamp(-4, 4).add(4).div(8)
        target = int(rt.randint(0, self.num_classes, (1,), generator=generator).item())
        return self.transformed(to_pil_image(image), target)
