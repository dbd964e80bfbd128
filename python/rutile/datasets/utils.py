"""Downloads and archives for people's own datasets, with the names of `torchvision.datasets.utils`."""

from __future__ import annotations

import hashlib
import importlib
import os
import shutil
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from .download import check_md5 as _md5_check
from .download import fetch

__all__ = [
    "calculate_md5",
    "check_integrity",
    "check_md5",
    "download_and_extract_archive",
    "download_url",
    "extract_archive",
    "list_dir",
    "list_files",
    "verify_str_arg",
]

T = TypeVar("T", str, bytes)
_PACKERS = {".gz": "gzip", ".bz2": "bz2", ".xz": "lzma"}
StrPath = str | os.PathLike[str]


def calculate_md5(fpath: StrPath, chunk_size: int = 1024 * 1024) -> str:
    """The MD5 of a file, in hexadecimal digits."""
    with open(fpath, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def check_md5(fpath: StrPath, md5: str) -> bool:
    """Whether a file has this MD5."""
    return calculate_md5(fpath) == md5


def check_integrity(fpath: StrPath, md5: str | None = None) -> bool:
    """Whether a file is there, and has the MD5 if one is given."""
    return os.path.isfile(fpath) and (md5 is None or check_md5(fpath, md5))


def download_url(
    url: str, root: StrPath, filename: str | None = None, md5: str | None = None, max_redirect_hops: int = 3
) -> None:
    """Downloads a file to `root/filename`, unless it is there and has the MD5.

    It arrives whole or not at all; what an interrupted download has brought, the next one goes on from.

    Raises:
        RuntimeError: no answer, or another MD5.
    """
    path = Path(os.path.expanduser(root)) / (filename or os.path.basename(url))

    def anything(part: Path) -> None:
        return None

    if not check_integrity(path, md5):
        fetch([url], path, anything if md5 is None else _md5_check(md5))


def extract_archive(from_path: StrPath, to_path: StrPath | None = None, remove_finished: bool = False) -> str:
    """Unpacks a zip or tar archive (packed by gzip, bzip2 or xz too), or one packed file, and gives where to.

    Members that would lie outside `to_path` are an error.
    """
    source = Path(from_path)
    target = source.parent if to_path is None else Path(to_path)
    if zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as zipped:
            zipped.extractall(target)
    elif tarfile.is_tarfile(source):
        with tarfile.open(source) as tape:
            tape.extractall(target, filter="data")
    else:
        if source.suffix not in _PACKERS:
            raise RuntimeError(f"extract_archive: {source.name} is no archive that is known here")
        target = source.with_suffix("") if to_path is None else target
        with importlib.import_module(_PACKERS[source.suffix]).open(source, "rb") as packed, open(target, "wb") as plain:
            shutil.copyfileobj(packed, plain)
    if remove_finished:
        source.unlink()
    return os.fspath(target)


def download_and_extract_archive(
    url: str,
    download_root: StrPath,
    extract_root: StrPath | None = None,
    filename: str | None = None,
    md5: str | None = None,
    remove_finished: bool = False,
) -> None:
    """`download_url`, then `extract_archive` to `extract_root` (default: `download_root`)."""
    root = os.path.expanduser(download_root)
    name = filename or os.path.basename(url)
    download_url(url, root, name, md5)
    archive = os.path.join(root, name)
    print(f"Extracting {archive} to {extract_root or root}")
    extract_archive(archive, extract_root or root, remove_finished)


def list_dir(root: StrPath, prefix: bool = False) -> list[str]:
    """The folders in a folder; with `prefix`, their paths."""
    root = os.path.expanduser(root)
    names = [name for name in os.listdir(root) if os.path.isdir(os.path.join(root, name))]
    return [os.path.join(root, name) for name in names] if prefix else names


def list_files(root: StrPath, suffix: str | tuple[str, ...], prefix: bool = False) -> list[str]:
    """The files in a folder whose names end so; with `prefix`, their paths."""
    root = os.path.expanduser(root)
    names = [name for name in os.listdir(root) if name.endswith(suffix) and os.path.isfile(os.path.join(root, name))]
    return [os.path.join(root, name) for name in names] if prefix else names


def verify_str_arg(
    value: T, arg: str | None = None, valid_values: Iterable[T] | None = None, custom_msg: str | None = None
) -> T:
    """`value`, if it is a word and one of `valid_values`; else a ValueError that names the argument."""
    if not isinstance(value, str | bytes):
        raise ValueError(f"Expected type str{f' for argument {arg}' if arg else ''}, but got type {type(value)}.")
    known = None if valid_values is None else list(valid_values)
    if known is not None and value not in known:
        raise ValueError(custom_msg or f"Unknown value {value!r} for argument {arg}. Valid values are {known}.")
    return value
