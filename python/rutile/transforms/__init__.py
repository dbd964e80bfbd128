"""Transforms of images, with torchvision's names and arguments, for PIL images and tensors.

A tensor image has the axes (..., channels, height, width). Random transforms draw from Rutile's generator, so
`rutile.manual_seed` fixes them; workers of a `DataLoader` have a seed each.

PIL images need Pillow (`pip install rutile[vision]`); everything works on tensors without it. `transforms.functional`
has the deterministic parts as functions.

Example:
    >>> from rutile import datasets, transforms
    >>> transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
    >>> image, target = datasets.Digits(train=True, transform=transform)[0]
    >>> image.shape
    rutile.Size([1, 8, 8])
"""

from . import functional, transforms
from .autoaugment import RandAugment, TrivialAugmentWide
from .functional import InterpolationMode
from .mixing import CutMix, MixUp
from .transforms import *  # noqa: F403
from .transforms import __all__ as _all

__all__ = [
    "CutMix",
    "InterpolationMode",
    "MixUp",
    "RandAugment",
    "TrivialAugmentWide",
    "functional",
    "transforms",
    *_all,
]


def __getattr__(name: str) -> object:
    import importlib

    if name in ("autoaugment", "v2"):
        return importlib.import_module(f"{__name__}.{name}")
    from rutile.compat.missing import missing

    raise missing(f"module {__name__!r}", name, globals())
