"""Downloads of weights: `download_url_to_file` and `load_state_dict_from_url`, with PyTorch's signatures.

`torch.hub.load`, which runs code from a repository, is absent.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from . import io
from .datasets.download import fetch
from .datasets.images import DataError
from .datasets.mnist import data_folder

__all__ = ["download_url_to_file", "get_dir", "load_state_dict_from_url"]

_HASH = re.compile(r"-([a-f0-9]{8,})\.")


def get_dir() -> str:
    """The folder where weights are kept: `hub` in the folder of datasets (see `rutile.datasets`)."""
    return str(data_folder() / "hub")


def download_url_to_file(
    url: str, dst: str | os.PathLike[str], hash_prefix: str | None = None, progress: bool = True
) -> None:
    """Fetches `url` to the path `dst`, whole or not at all.

    Args:
        hash_prefix: how the SHA-256 of the file must begin; DataError if it does not.
        progress: show how far it is, on a terminal.
    """

    def check(path: Path) -> None:
        if hash_prefix:
            with open(path, "rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            if not found.startswith(hash_prefix):
                raise DataError(f"its SHA-256 begins with {found[: len(hash_prefix)]}, not {hash_prefix}")

    fetch([url], Path(dst), check, progress)


def load_state_dict_from_url(
    url: str,
    model_dir: str | os.PathLike[str] | None = None,
    map_location: Any = None,
    progress: bool = True,
    check_hash: bool = False,
    file_name: str | None = None,
    weights_only: bool = True,
) -> dict[str, Any]:
    """The weights at `url`, fetched into `model_dir` unless they are there already.

    Args:
        check_hash: compare the SHA-256 with the letters in the name, as in `resnet18-f37072fd.pth`.
    """
    folder = Path(model_dir or Path(get_dir()) / "checkpoints")
    name = file_name or Path(urlparse(url).path).name
    path = folder / name
    if not path.exists():
        found = _HASH.search(name) if check_hash else None
        download_url_to_file(url, path, found.group(1) if found else None, progress)
    weights: dict[str, Any] = io.load(path, map_location, weights_only=weights_only)
    return weights
