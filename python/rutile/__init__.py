"""Deep learning on CPUs in one small wheel: tensors, a tape, networks, in PyTorch's shape.

Example:
    >>> import rutile as rt
    >>> x = rt.tensor([1.0, 2.0], requires_grad=True)
    >>> (x**2).sum().backward()
    >>> x.grad
    tensor([2., 4.])
"""

from __future__ import annotations

import importlib
import math as _math
from typing import TYPE_CHECKING, Any

from . import _rutile
from ._modes import enable_grad, inference_mode, no_grad, set_grad_enabled
from ._rutile import *  # noqa: F403 - the engine's operations
from ._rutile import (
    ArgumentError,
    DTypeError,
    Generator,
    InternalError,
    ShapeError,
    Tensor,
    as_tensor,
    bfloat16,
    bool,  # noqa: A004 - PyTorch's name
    byte,
    char,
    default_generator,
    device,
    double,
    dtype,
    float,  # noqa: A004 - PyTorch's name
    float16,
    float32,
    float64,
    from_numpy,
    get_default_dtype,
    get_num_threads,
    get_rng_state,
    half,
    initial_seed,
    int,  # noqa: A004 - PyTorch's name
    int8,
    int16,
    int32,
    int64,
    is_grad_enabled,
    long,
    manual_seed,
    promote_types,
    result_type,
    seed,
    set_default_dtype,
    set_num_threads,
    set_rng_state,
    short,
    tensor,
    uint8,
)
from ._size import Size

if TYPE_CHECKING:
    from builtins import bool as _bool

    from . import autograd as autograd
    from . import cuda as cuda
    from . import datasets as datasets
    from . import io as io
    from . import models as models
    from . import nn as nn
    from . import optim as optim
    from . import special as special
    from . import testing as testing
    from . import training as training
    from . import utils as utils
    from .io import load, save

__version__: str = "0.1.0"

pi = _math.pi
e = _math.e
inf = _math.inf
nan = _math.nan
newaxis = None

# Loaded when first used, so that `import rutile` stays quick.
_LAZY_MODULES = frozenset(
    [
        "accelerator",
        "autograd",
        "cuda",
        "datasets",
        "io",
        "models",
        "nn",
        "optim",
        "special",
        "testing",
        "training",
        "transforms",
        "utils",
    ]
)
_LAZY_NAMES = {"save": "io", "load": "io"}

__all__ = [
    *_rutile.__all__,
    "ArgumentError",
    "DTypeError",
    "Generator",
    "InternalError",
    "ShapeError",
    "Size",
    "Tensor",
    "as_tensor",
    "bfloat16",
    "bool",
    "byte",
    "char",
    "default_generator",
    "device",
    "double",
    "dtype",
    "enable_grad",
    "float",
    "float16",
    "float32",
    "float64",
    "from_numpy",
    "get_default_dtype",
    "get_num_threads",
    "get_rng_state",
    "half",
    "inference_mode",
    "initial_seed",
    "int",
    "int8",
    "int16",
    "int32",
    "int64",
    "is_grad_enabled",
    "is_tensor",
    "load",
    "long",
    "manual_seed",
    "no_grad",
    "promote_types",
    "result_type",
    "save",
    "seed",
    "set_default_dtype",
    "set_grad_enabled",
    "set_num_threads",
    "set_rng_state",
    "short",
    "tensor",
    "uint8",
]


def __getattr__(name: str) -> Any:
    if name in _LAZY_MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _LAZY_NAMES:
        return getattr(importlib.import_module(f"{__name__}.{_LAZY_NAMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY_MODULES, *_LAZY_NAMES})


def is_tensor(obj: object) -> _bool:
    """Whether `obj` is a tensor."""
    return isinstance(obj, Tensor)
