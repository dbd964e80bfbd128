"""Operations on tensors, as functions: the engine's, and compositions of them.

Everything the engine offers for networks (`relu`, `conv2d`, `cross_entropy` ...) is here under its own name, without a
Python frame in between. What is defined in this file is one expression of such operations.

Example:
    >>> F = rt.nn.functional
    >>> F.relu(rt.tensor([-1.0, 2.0])).tolist()
    [0.0, 2.0]
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence

import rutile as rt

from .._rutile import functional as engine
from .._rutile.functional import *  # noqa: F403
from ._attention import multi_head_attention_forward as multi_head_attention_forward
from ._losses import *  # noqa: F403
from ._pooling import *  # noqa: F403
from ._resize import *  # noqa: F403

Tensor = rt.Tensor


def conv_tbc(input: Tensor, weight: Tensor, bias: Tensor, pad: int = 0) -> Tensor:
    """`conv1d` of sequences (time, batch, channels) with a weight (width, channels, out); the result is likewise.

    Raises:
        RuntimeError: input or weight is not 3-d, or their channels differ.

    Example:
        >>> F.conv_tbc(rt.ones(10, 2, 3), rt.ones(5, 3, 4), rt.zeros(4), pad=2).shape
        rutile.Size([10, 2, 4])
    """
    if input.dim() != 3 or weight.dim() != 3:
        raise rt.ShapeError(
            "conv_tbc: wants input (time, batch, channels) and weight (width, channels, out), "
            f"got {list(input.shape)} and {list(weight.shape)}"
        )
    result = engine.conv1d(input.permute(1, 2, 0), weight.permute(2, 1, 0), bias, padding=pad)
    return result.permute(2, 0, 1)


# Activations

tanh = rt.tanh


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """Gated linear unit: the first half along `dim` times the sigmoid of the second (Dauphin et al., 2017).

    Example:
        >>> list(rt.nn.functional.glu(rt.zeros(3, 8)).shape)
        [3, 4]
    """
    if input.dim() == 0:
        raise RuntimeError("glu does not support 0-dimensional tensors")
    if input.shape[dim] % 2:
        raise RuntimeError(f"Halving dimension must be even, but dimension {dim} is size {input.shape[dim]}")
    half = input.shape[dim] // 2
    return input.narrow(dim, 0, half) * input.narrow(dim, half, half).sigmoid()


def softmin(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: rt.dtype | None = None) -> Tensor:
    """Softmax of `-input` along `dim`: the smallest element has the largest share.

    Example:
        >>> F.softmin(rt.tensor([0.0, 1.0, 2.0]), dim=0)
        tensor([0.6652, 0.2447, 0.0900])
    """
    return engine.softmax(-input, dim=dim, dtype=dtype)


def rrelu(
    input: Tensor, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False, inplace: bool = False
) -> Tensor:
    """Leaky ReLU with slopes drawn from U(lower, upper) per element in training, else their mean (Xu et al., 2015).

    Raises:
        RuntimeError: `lower` is above `upper`.

    Example:
        >>> F.rrelu(rt.tensor([-8.0, 2.0]), 0.25, 0.75)
        tensor([-4.,  2.])
    """
    if lower > upper:
        raise RuntimeError(f"Lower bound should be less than or equal to the upper bound, got {lower} and {upper}")
    if training:
        slope = rt.empty_like(input).uniform_(lower, upper)
        output = rt.where(input >= 0, input, input * slope)
        return input.copy_(output) if inplace else output
    return engine.leaky_relu(input, (lower + upper) / 2, inplace)


def rrelu_(input: Tensor, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False) -> Tensor:
    """`rrelu` in place.

    Example:
        >>> F.rrelu_(rt.tensor([-8.0, 2.0]), 0.25, 0.75)
        tensor([-4.,  2.])
    """
    return rrelu(input, lower, upper, training, inplace=True)


def gumbel_softmax(logits: Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1) -> Tensor:
    """Differentiable sample of a categorical distribution (Jang et al.; Maddison et al., 2017).

    Args:
        logits: unnormalised log-probabilities.
        tau: temperature; low values are close to one-hot.
        hard: give the one-hot sample, with the gradient of the soft one.
        dim: axis of the classes (default: the last).

    Example:
        >>> logits = rt.tensor([[0.0, 50.0, 0.0]])
        >>> F.gumbel_softmax(logits, hard=True)
        tensor([[0., 1., 0.]])
    """
    noise = -rt.empty_like(logits).exponential_().log()
    soft = engine.softmax((logits + noise) / tau, dim=dim)
    if not hard:
        return soft
    index = soft.argmax(dim, keepdim=True)
    one_hot = rt.zeros_like(soft).scatter(dim, index, rt.ones_like(index, dtype=soft.dtype))
    return one_hot - soft.detach() + soft


# Dropout of whole channels


def _drop_channels(input: Tensor, p: float, training: bool, inplace: bool) -> Tensor:
    mask = engine.dropout(input.new_ones([*input.shape[:2], *[1] * (input.dim() - 2)]), p, training)
    return input.mul_(mask) if inplace else input * mask


def _check_probability(p: float) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def dropout1d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Zeroes whole channels of (N, C, L) or (C, L) with probability `p`; the others are scaled by `1 / (1 - p)`.

    Raises:
        ValueError: `p` is outside [0, 1].

    Example:
        >>> x = F.dropout1d(rt.ones(8, 100, 5), 0.5)
        >>> (x == x[..., :1]).all()
        tensor(True)
    """
    _check_probability(p)
    if input.dim() not in (2, 3):
        raise RuntimeError(f"dropout1d: Expected 2D or 3D input, but received a {input.dim()}D input")
    if not training:
        return input
    if input.dim() == 2:
        return _drop_channels(input.unsqueeze(0), p, training, inplace).squeeze(0)
    return _drop_channels(input, p, training, inplace)


def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Zeroes whole channels of (N, C, H, W) with probability `p`; the others are scaled by `1 / (1 - p)`.

    Source: Tompson et al., Efficient Object Localization Using Convolutional Networks, 2015.

    Raises:
        ValueError: `p` is outside [0, 1].

    Example:
        >>> x = F.dropout2d(rt.ones(8, 100, 4, 4), 0.5)
        >>> x.amax((2, 3)).unique()
        tensor([0., 2.])
    """
    _check_probability(p)
    if input.dim() not in (3, 4):
        warnings.warn(
            f"dropout2d: Received a {input.dim()}-D input to dropout2d, which is deprecated; use dropout for 2-D input",
            stacklevel=2,
        )
    return _drop_channels(input, p, training, inplace) if training else input


def dropout3d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Zeroes whole channels of (N, C, D, H, W) or (C, D, H, W) with probability `p`; the others are scaled by
    `1 / (1 - p)`.

    Raises:
        ValueError: `p` is outside [0, 1].

    Example:
        >>> x = F.dropout3d(rt.ones(8, 100, 2, 2, 2), 0.5)
        >>> x.amax((2, 3, 4)).unique()
        tensor([0., 2.])
    """
    _check_probability(p)
    if not training:
        return input
    if input.dim() == 4:
        return _drop_channels(input.unsqueeze(0), p, training, inplace).squeeze(0)
    return _drop_channels(input, p, training, inplace)


def _alpha_dropout(input: Tensor, shape: Sequence[int], p: float, training: bool, inplace: bool) -> Tensor:
    _check_probability(p)
    if not training or p == 0:
        return input
    if p == 1:
        return input.mul_(0) if inplace else input * 0
    low = -1.7580993408473766  # The limit of SELU at minus infinity: -scale * alpha.
    scale = (low * low * p + 1) ** -0.5 * (1 - p) ** -0.5
    kept = input.new_empty(shape).bernoulli_(1 - p)
    output = input * (kept * scale) + ((1 - kept) * low * scale - low * scale * p)
    return input.copy_(output) if inplace else output


def alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """Dropout for SELU networks: keeps mean 0 and variance 1 (Klambauer et al., 2017).

    Raises:
        ValueError: `p` is outside [0, 1].

    Example:
        >>> x = F.alpha_dropout(rt.randn(10000), p=0.2, training=True)
        >>> abs(x.mean().item()) < 0.05, abs(x.var().item() - 1) < 0.1
        (True, True)
    """
    return _alpha_dropout(input, input.shape, p, training, inplace)


def feature_alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """`alpha_dropout` of whole channels of (N, C, ...).

    Example:
        >>> x = F.feature_alpha_dropout(rt.ones(8, 100, 5), 0.5, training=True)
        >>> (x == x[..., :1]).all()
        tensor(True)
    """
    return _alpha_dropout(input, [*input.shape[:2], *[1] * (input.dim() - 2)], p, training, inplace)


# Normalisation


def local_response_norm(input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Tensor:
    """Divides by `(k + alpha * mean of squares over size neighbouring channels) ** beta` (Krizhevsky et al., 2012).

    Args:
        input: (N, C, ...) with at least one position axis.
        size: channels in the window.

    Raises:
        ValueError: `input` has fewer than three axes.

    Example:
        >>> F.local_response_norm(rt.ones(1, 3, 1), size=1, alpha=3.0, beta=1.0)
        tensor([[[0.2500],
                 [0.2500],
                 [0.2500]]])
    """
    if input.dim() < 3:
        raise ValueError(f"Expected 3D or higher dimensionality input (got {input.dim()} dimensions)")
    squares = input.square().reshape(input.shape[0], 1, input.shape[1], -1)
    padded = engine.pad(squares, (0, 0, size // 2, (size - 1) // 2))
    means = engine.avg_pool2d(padded, (size, 1), stride=1).reshape(input.shape)
    return input / (means * alpha + k) ** beta


def normalize(input: Tensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12, out: Tensor | None = None) -> Tensor:
    """Divides by the p-norm along `dim`, which is kept above `eps`.

    Example:
        >>> rt.nn.functional.normalize(rt.tensor([[3.0, 4.0]])).norm().item()
        1.0
    """
    output = input / input.norm(p, dim, keepdim=True).clamp(min=eps)
    return output if out is None else out.copy_(output)


# Distances


def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """Cosine of the angle between `x1` and `x2`, which broadcast, along `dim`, which goes; norms are kept above `eps`.

    Example:
        >>> F.cosine_similarity(rt.tensor([[1.0, 0.0]]), rt.tensor([[1.0, 1.0], [0.0, -2.0]]))
        tensor([0.7071, 0.0000])
    """
    norms = x1.norm(2, dim).clamp(min=eps) * x2.norm(2, dim).clamp(min=eps)
    return (x1 * x2).sum(dim) / norms


def pairwise_distance(x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Tensor:
    """The p-norm of `x1 - x2 + eps` along the last axis, which goes unless `keepdim`; `x1` and `x2` broadcast.

    Example:
        >>> F.pairwise_distance(rt.tensor([[0.0, 1.0]]), rt.tensor([[1.0, 0.0], [1.0, 2.0]]))
        tensor([1.4142, 1.4142])
    """
    return (x1 - x2 + eps).norm(p, -1, keepdim=keepdim)


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """`x1ᵀ W_k x2 + b_k` for every output `k`.

    Args:
        input1: (*, I); input2: (*, J); weight: (K, I, J); bias: (K). Returns (*, K).

    Raises:
        RuntimeError: the shapes do not fit.

    Example:
        >>> weight = rt.tensor([[[1.0, 0.0], [0.0, 10.0]]])
        >>> F.bilinear(rt.tensor([1.0, 2.0]), rt.tensor([3.0, 4.0]), weight)
        tensor([83.])
    """
    if weight.dim() != 3:
        raise rt.ShapeError(f"bilinear: weight must be (outputs, features 1, features 2), got {list(weight.shape)}")
    outputs, size1, size2 = weight.shape
    for name, x, size in (("input1", input1, size1), ("input2", input2, size2)):
        if x.dim() == 0 or x.shape[-1] != size:
            raise rt.ShapeError(
                f"bilinear: {name} {list(x.shape)} must have {size} features, as weight {[*weight.shape]}"
            )
    if input1.shape[:-1] != input2.shape[:-1]:
        raise rt.ShapeError(f"bilinear: inputs {[*input1.shape]} and {[*input2.shape]} have different leading axes")
    if bias is not None and bias.shape != (outputs,):
        raise rt.ShapeError(f"bilinear: bias must be [{outputs}], got {list(bias.shape)}")
    halfway = input1 @ weight.transpose(0, 1).reshape(size1, outputs * size2)
    output = (halfway.reshape(*input1.shape[:-1], outputs, size2) * input2.unsqueeze(-2)).sum(-1)
    return output if bias is None else output + bias


# Rearrangement


def pad(  # type: ignore[no-redef]  # The engine's knows the constant mode only.
    input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None
) -> Tensor:
    """Widens the last axes of `input`; negative widths cut.

    Args:
        pad: widths `(left, right, top, bottom, ...)`, the last axis first.
        mode: `"constant"` (any axes), `"reflect"`, `"replicate"` or `"circular"` (the axes after N and C, or after C).
        value: the constant (default: 0).

    Example:
        >>> rt.nn.functional.pad(rt.tensor([[1.0, 2.0, 3.0]]), (1, 2), mode="circular").tolist()
        [[3.0, 1.0, 2.0, 3.0, 1.0, 2.0]]
    """
    if mode == "constant":
        return engine.pad(input, tuple(pad), "constant", value)
    if mode not in ("reflect", "replicate", "circular"):
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    if value is not None and value != 0:
        raise ValueError(f'Padding mode "{mode}" doesn\'t take in value argument')
    axes = len(pad) // 2
    if len(pad) % 2 or axes > 3 or input.dim() not in (axes + 1, axes + 2):
        raise NotImplementedError(
            f"{mode} padding {tuple(pad)} needs {axes + 1} or {axes + 2} dimensions, got input {list(input.shape)}"
        )
    output = input
    for i in range(axes):
        axis, before, after = input.dim() - 1 - i, pad[2 * i], pad[2 * i + 1]
        if before or after:
            output = output.index_select(axis, _source_index(input, axis, before, after, mode))
    return output


def _source_index(input: Tensor, axis: int, before: int, after: int, mode: str) -> Tensor:
    """Where each place of the widened axis comes from."""
    size = input.shape[axis]
    limit = {"reflect": size - 1, "circular": size, "replicate": math.inf if size else 0}[mode]
    if max(before, after) > limit:
        raise RuntimeError(
            f"pad: {mode} padding ({before}, {after}) must not exceed {limit} at dimension {axis} of input "
            f"{list(input.shape)}"
        )
    index = rt.arange(-before, size + after)
    if mode == "replicate":
        return index.clamp(0, size - 1)
    if mode == "circular":
        return index % size
    return size - 1 - (size - 1 - index.abs()).abs()


def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    """Moves channels into space: (*, C r², H, W) becomes (*, C, H r, W r) (Shi et al., 2016).

    Raises:
        RuntimeError: r² does not divide the channels.

    Example:
        >>> x = rt.arange(4).reshape(4, 1, 1)
        >>> F.pixel_shuffle(x, 2)
        tensor([[[0, 1],
                 [2, 3]]])
    """
    *batch, channels, height, width = input.shape
    r = upscale_factor
    if r <= 0 or channels % (r * r):
        raise RuntimeError(
            "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, "
            f"but input.size(-3)={channels} is not divisible by {r * r}"
        )
    parts = input.reshape(-1, channels // (r * r), r, r, height, width).permute(0, 1, 4, 2, 5, 3)
    return parts.reshape(*batch, channels // (r * r), height * r, width * r)


def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    """Moves space into channels: (*, C, H r, W r) becomes (*, C r², H, W); undoes `pixel_shuffle`.

    Raises:
        RuntimeError: r does not divide height and width.

    Example:
        >>> x = rt.tensor([[[0, 1], [2, 3]]])
        >>> F.pixel_unshuffle(x, 2).shape
        rutile.Size([4, 1, 1])
    """
    *batch, channels, height, width = input.shape
    r = downscale_factor
    if r <= 0 or height % r or width % r:
        raise RuntimeError(
            f"pixel_unshuffle expects height and width to be divisible by downscale_factor={r}, got {height}x{width}"
        )
    parts = input.reshape(-1, channels, height // r, r, width // r, r).permute(0, 1, 3, 5, 2, 4)
    return parts.reshape(*batch, channels * r * r, height // r, width // r)


def channel_shuffle(input: Tensor, groups: int) -> Tensor:
    """Interleaves groups of channels of (N, C, ...) (Zhang et al., ShuffleNet, 2018).

    Raises:
        RuntimeError: `groups` does not divide C.

    Example:
        >>> F.channel_shuffle(rt.arange(6).reshape(1, 6, 1), 2).flatten()
        tensor([0, 3, 1, 4, 2, 5])
    """
    samples, channels = input.shape[:2]
    if groups <= 0 or channels % groups:
        raise RuntimeError(f"number of channels must be divisible by groups, got {channels} and {groups}")
    return input.reshape(samples, groups, channels // groups, -1).transpose(1, 2).reshape(input.shape)


def __getattr__(name: str) -> object:
    from rutile.compat.missing import missing

    raise missing(f"module {__name__!r}", name, globals())
