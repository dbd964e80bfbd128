"""The parts of Rutile that torchvision has, under torchvision's names: what `import torchvision` yields in
`python -m rutile.compat`.
"""

from .. import datasets, models, transforms
from . import io, utils

__all__ = ["datasets", "io", "models", "transforms", "utils"]

__version__ = "0.28.0+rutile"  # the torchvision whose names these are


def set_image_backend(backend: str) -> None:
    """Accepts PIL, the one library that images are read with."""
    if backend != "PIL":
        raise ValueError(f"set_image_backend: images are read with PIL, there is no {backend!r}")


def get_image_backend() -> str:
    """`"PIL"`."""
    return "PIL"
