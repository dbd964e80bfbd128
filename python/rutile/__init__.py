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
    cdouble,
    cfloat,
    char,
    complex64,
    complex128,
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
    is_winograd_enabled,
    long,
    manual_seed,
    promote_types,
    result_type,
    seed,
    set_default_dtype,
    set_num_threads,
    set_rng_state,
    set_winograd_enabled,
    short,
    tensor,
    uint8,
)
from ._size import Size
from ._statistics import histogramdd

if TYPE_CHECKING:
    from builtins import bool as _bool

    from . import accelerator as accelerator
    from . import amp as amp
    from . import autograd as autograd
    from . import backends as backends
    from . import compat as compat
    from . import cuda as cuda
    from . import datasets as datasets
    from . import distributed as distributed
    from . import distributions as distributions
    from . import func as func
    from . import hub as hub
    from . import io as io
    from . import jit as jit
    from . import lessons as lessons
    from . import linalg as linalg
    from . import models as models
    from . import multiprocessing as multiprocessing
    from . import nn as nn
    from . import optim as optim
    from . import serialization as serialization
    from . import special as special
    from . import testing as testing
    from . import training as training
    from . import transforms as transforms
    from . import utils as utils
    from . import version as version
    from . import vision as vision
    from ._accepted import (
        are_deterministic_algorithms_enabled,
        autocast,
        compile,  # noqa: A004 - PyTorch's name
        get_default_device,
        get_float32_matmul_precision,
        get_num_interop_threads,
        is_autocast_enabled,
        is_deterministic_algorithms_warn_only_enabled,
        set_default_device,
        set_default_tensor_type,
        set_float32_matmul_precision,
        set_flush_denormal,
        set_num_interop_threads,
        use_deterministic_algorithms,
    )
    from ._layers import (
        adaptive_max_pool1d,
        alpha_dropout,
        batch_norm,
        bilinear,
        channel_shuffle,
        constant_pad_nd,
        cosine_similarity,
        feature_alpha_dropout,
        feature_dropout,
        gru_cell,
        instance_norm,
        lstm_cell,
        max_pool1d_with_indices,
        pairwise_distance,
        pixel_shuffle,
        pixel_unshuffle,
        rnn_relu_cell,
        rnn_tanh_cell,
        rrelu,
        rrelu_,
    )
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
        "amp",
        "autograd",
        "backends",
        "compat",
        "cuda",
        "datasets",
        "distributed",
        "distributions",
        "func",
        "hub",
        "io",
        "jit",
        "lessons",
        "linalg",
        "models",
        "multiprocessing",
        "nn",
        "optim",
        "special",
        "serialization",
        "testing",
        "training",
        "transforms",
        "utils",
        "version",
        "vision",
    ]
)
# Functions of layers with other arguments than in `nn.functional`.
_LAYERS = [
    "adaptive_max_pool1d",
    "alpha_dropout",
    "batch_norm",
    "bilinear",
    "channel_shuffle",
    "constant_pad_nd",
    "cosine_similarity",
    "feature_alpha_dropout",
    "feature_dropout",
    "gru_cell",
    "instance_norm",
    "lstm_cell",
    "max_pool1d_with_indices",
    "pairwise_distance",
    "pixel_shuffle",
    "pixel_unshuffle",
    "rnn_relu_cell",
    "rnn_tanh_cell",
    "rrelu",
    "rrelu_",
]
_FUNCTIONS = [
    "asarray",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "broadcast_shapes",
    "can_cast",
    "is_complex",
    "is_conj",
    "is_floating_point",
    "is_neg",
    "numel",
    "range",
    "typename",
    "zero_",
]
_LAZY_NAMES = {
    **dict.fromkeys(_FUNCTIONS, "_functions"),
    **dict.fromkeys(_LAYERS, "_layers"),
    "save": "io",
    "vmap": "func",
    "load": "io",
    **dict.fromkeys(
        [
            "are_deterministic_algorithms_enabled",
            "autocast",
            "compile",
            "get_default_device",
            "get_float32_matmul_precision",
            "get_num_interop_threads",
            "is_autocast_enabled",
            "is_deterministic_algorithms_warn_only_enabled",
            "set_default_device",
            "set_default_tensor_type",
            "set_float32_matmul_precision",
            "set_flush_denormal",
            "set_num_interop_threads",
            "use_deterministic_algorithms",
        ],
        "_accepted",
    ),
    **dict.fromkeys(
        [
            "BFloat16Tensor",
            "BoolTensor",
            "ByteTensor",
            "CharTensor",
            "DoubleTensor",
            "FloatTensor",
            "HalfTensor",
            "IntTensor",
            "LongTensor",
            "ShortTensor",
            "finfo",
            "iinfo",
        ],
        "_typed",
    ),
}

__all__ = [
    *_rutile.__all__,
    "adaptive_max_pool1d",
    "alpha_dropout",
    "batch_norm",
    "bilinear",
    "channel_shuffle",
    "constant_pad_nd",
    "cosine_similarity",
    "feature_alpha_dropout",
    "feature_dropout",
    "gru_cell",
    "instance_norm",
    "lstm_cell",
    "max_pool1d_with_indices",
    "pairwise_distance",
    "pixel_shuffle",
    "pixel_unshuffle",
    "rnn_relu_cell",
    "rnn_tanh_cell",
    "rrelu",
    "rrelu_",
    "use_deterministic_algorithms",
    "set_num_interop_threads",
    "set_flush_denormal",
    "set_float32_matmul_precision",
    "set_default_tensor_type",
    "set_default_device",
    "is_deterministic_algorithms_warn_only_enabled",
    "is_autocast_enabled",
    "get_num_interop_threads",
    "get_float32_matmul_precision",
    "get_default_device",
    "compile",
    "autocast",
    "are_deterministic_algorithms_enabled",
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
    "complex128",
    "complex64",
    "cdouble",
    "cfloat",
    "float32",
    "float64",
    "from_numpy",
    "get_default_dtype",
    "get_num_threads",
    "is_winograd_enabled",
    "get_rng_state",
    "half",
    "histogramdd",
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
    "set_winograd_enabled",
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
    from rutile.compat.missing import missing

    raise missing(f"module {__name__!r}", name, __dir__())


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY_MODULES, *_LAZY_NAMES})


def is_tensor(obj: object) -> _bool:
    """Whether `obj` is a tensor."""
    return isinstance(obj, Tensor)
