"""Help around training: datasets and loaders (`rutile.utils.data`) and hook handles."""

import importlib
from types import ModuleType

__all__ = ["data", "hooks"]


def __getattr__(name: str) -> ModuleType:
    # On first use: `rutile.nn` needs only the handles, and multiprocessing takes long to import.
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
