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
from ._rutile import *  # noqa: F403 - the engine: operations, dtypes, random numbers, settings
from ._rutile import Tensor
from ._size import Size
from ._statistics import histogramdd

if TYPE_CHECKING:
    from builtins import bool as _bool

    from . import accelerator as accelerator
    from . import amp as amp
    from . import array_api as array_api
    from . import autograd as autograd
    from . import backends as backends
    from . import compat as compat
    from . import compiler as compiler
    from . import cuda as cuda
    from . import datasets as datasets
    from . import distributed as distributed
    from . import distributions as distributions
    from . import fft as fft
    from . import func as func
    from . import hub as hub
    from . import io as io
    from . import jit as jit
    from . import lessons as lessons
    from . import linalg as linalg
    from . import models as models
    from . import multiprocessing as multiprocessing
    from . import nn as nn
    from . import onnx as onnx
    from . import optim as optim
    from . import profiler as profiler
    from . import random as random
    from . import serialization as serialization
    from . import special as special
    from . import storage as storage
    from . import testing as testing
    from . import training as training
    from . import transforms as transforms
    from . import utils as utils
    from . import version as version
    from . import vision as vision
    from . import viz as viz
    from ._accepted import *  # noqa: F403
    from ._copies import *  # noqa: F403
    from ._factors import orgqr as orgqr
    from ._factors import ormqr as ormqr
    from ._factors import pca_lowrank as pca_lowrank
    from ._factors import svd_lowrank as svd_lowrank
    from ._functions import *  # noqa: F403
    from ._layer_calls import *  # noqa: F403
    from ._layers import *  # noqa: F403
    from ._lobpcg import lobpcg as lobpcg
    from ._numerical import gradient as gradient
    from ._numerical import norm_except_dim as norm_except_dim
    from ._numerical import segment_reduce as segment_reduce
    from ._printing import set_printoptions as set_printoptions
    from ._summary import summary as summary
    from ._typed import *  # noqa: F403
    from .func import vmap as vmap
    from .io import load as load
    from .io import save as save

__version__: str = "0.1.0"

pi = _math.pi
e = _math.e
inf = _math.inf
nan = _math.nan
newaxis = None

# Loaded when first used, so that `import rutile` stays quick: modules, and names by the module that has them. Type
# checkers read the imports above instead.
_MODULES = """accelerator amp array_api autograd backends compat compiler cuda datasets distributed distributions
fft func hub io jit lessons linalg models multiprocessing nn onnx optim profiler random serialization special
storage testing training transforms utils version vision viz"""
_LAZY_MODULES = frozenset(_MODULES.split())
_LAZY = {
    # Settings that mean nothing on a CPU.
    "_accepted": """are_deterministic_algorithms_enabled autocast compile get_default_device
    get_float32_matmul_precision get_num_interop_threads is_autocast_enabled
    is_deterministic_algorithms_warn_only_enabled set_default_device set_default_tensor_type
    set_float32_matmul_precision set_flush_denormal set_num_interop_threads use_deterministic_algorithms""",
    "_copies": """alias_copy as_strided_copy detach_copy diagonal_copy expand_copy permute_copy select_copy slice_copy
    split_copy split_with_sizes_copy squeeze_copy t_copy transpose_copy unbind_copy unfold_copy unsqueeze_copy
    view_as_complex_copy view_as_real_copy view_copy""",
    "_factors": """orgqr ormqr pca_lowrank svd_lowrank""",
    "_functions": """asarray atleast_1d atleast_2d atleast_3d broadcast_shapes can_cast is_complex is_conj
    is_floating_point is_neg numel range typename zero_""",
    # Functions of layers with other arguments than in `nn.functional`.
    "_layer_calls": """affine_grid_generator alpha_dropout_ binary_cross_entropy_with_logits conv_tbc convolution
    cosine_embedding_loss ctc_loss dropout_ embedding_bag embedding_renorm_ feature_alpha_dropout_ feature_dropout_
    grid_sampler grid_sampler_2d grid_sampler_3d gru hinge_embedding_loss kl_div lstm margin_ranking_loss
    native_channel_shuffle poisson_nll_loss rnn_relu rnn_tanh triplet_margin_loss""",
    "_layers": """adaptive_max_pool1d alpha_dropout batch_norm bilinear channel_shuffle constant_pad_nd
    cosine_similarity feature_alpha_dropout feature_dropout gru_cell instance_norm lstm_cell
    max_pool1d_with_indices pairwise_distance pixel_shuffle pixel_unshuffle rnn_relu_cell rnn_tanh_cell rrelu
    rrelu_""",
    "_lobpcg": "lobpcg",
    "_numerical": "gradient norm_except_dim segment_reduce",
    "_printing": "set_printoptions",
    "_summary": "summary",
    "_typed": """BFloat16Tensor BoolTensor ByteTensor CharTensor DoubleTensor FloatTensor HalfTensor IntTensor
    LongTensor ShortTensor finfo iinfo""",
    "func": "vmap",
    "io": "load save",
}
_LAZY_NAMES = {name: module for module, names in _LAZY.items() for name in names.split()}


def _tensor_html(tensor: Tensor) -> str:
    """A table for notebooks."""
    from ._notebook import tensor_html

    return tensor_html(tensor)


Tensor._repr_html_ = _tensor_html  # type: ignore[attr-defined]


def is_tensor(obj: object) -> _bool:
    """Whether `obj` is a tensor.

    Example:
        >>> rt.is_tensor(rt.ones(2)), rt.is_tensor([1, 2])
        (True, False)
    """
    return isinstance(obj, Tensor)


__all__ = [
    *_rutile.__all__,
    *(
        name
        for name, module in _LAZY_NAMES.items()
        if module in ("_accepted", "_layer_calls", "_layers", "_printing", "_summary", "io")
    ),
    "Size",
    "enable_grad",
    "histogramdd",
    "inference_mode",
    "is_tensor",
    "no_grad",
    "set_grad_enabled",
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
