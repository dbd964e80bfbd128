"""Help around training: datasets and loaders (`rutile.utils.data`), TensorBoard (`rutile.utils.tensorboard`),
recomputing activations (`rutile.utils.checkpoint`), DLPack (`rutile.utils.dlpack`) and hook handles."""

import importlib
from types import ModuleType

__all__ = ["checkpoint", "data", "dlpack", "hooks", "model_zoo", "tensorboard"]


def __getattr__(name: str) -> ModuleType:
    # On first use: `rutile.nn` needs only the handles, and multiprocessing takes long to import.
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    from rutile.compat.missing import missing

    raise missing(f"module {__name__!r}", name, __all__)
