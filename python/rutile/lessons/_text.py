"""Text for the lessons, from the folder that RUTILE_DATA names."""

from rutile.datasets.images import DataError
from rutile.datasets.mnist import data_folder


def read(name: str) -> str:
    """The contents of `text/NAME`; `DataError` if it is not there."""
    path = data_folder() / "text" / name
    if not path.is_file():
        raise DataError(f"no {path}: name a folder that has text/{name} with the environment variable RUTILE_DATA")
    return path.read_text("utf-8")
