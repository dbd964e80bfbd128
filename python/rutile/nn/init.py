"""Starting values for parameters. All functions write in place, without recording, and return the tensor."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable
from typing import Any

import rutile as rt

__all__ = [
    "calculate_gain",
    "constant_",
    "dirac_",
    "eye_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "normal_",
    "ones_",
    "orthogonal_",
    "sparse_",
    "trunc_normal_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]

Tensor = rt.Tensor
Generator = rt.Generator | None


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Factor by which a layer's weights grow to keep the variance through `nonlinearity`.

    1 for linear layers and `sigmoid`, 5/3 for `tanh`, √2 for `relu`, `√(2 / (1 + slope²))` for `leaky_relu`
    (slope `param`, default 0.01), 3/4 for `selu`.

    Example:
        >>> rt.nn.init.calculate_gain("leaky_relu", 0.2)
        1.3867504905630728
    """
    if nonlinearity in ("linear", "sigmoid") or re.fullmatch(r"conv(_transpose)?[123]d", nonlinearity):
        return 1.0
    if nonlinearity == "leaky_relu":
        if param is not None and (isinstance(param, bool) or not isinstance(param, int | float)):
            raise ValueError(f"negative_slope {param} not a valid number")
        slope = 0.01 if param is None else param
        return math.sqrt(2.0 / (1 + slope**2))
    gains = {"tanh": 5.0 / 3, "relu": math.sqrt(2.0), "selu": 3.0 / 4}
    if nonlinearity not in gains:
        raise ValueError(f"Unsupported nonlinearity {nonlinearity}")
    return gains[nonlinearity]


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator = None) -> Tensor:
    """Fills with values from U(a, b).

    Example:
        >>> x = nn.init.uniform_(rt.empty(1000), -0.1, 0.1)
        >>> x.abs().max().item() <= 0.1
        True
    """
    with rt.no_grad():
        return tensor.uniform_(a, b, generator=generator)


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator = None) -> Tensor:
    """Fills with values from N(mean, std²).

    Example:
        >>> x = nn.init.normal_(rt.empty(10000), mean=5.0, std=0.1)
        >>> abs(x.mean().item() - 5) < 0.01
        True
    """
    with rt.no_grad():
        return tensor.normal_(mean, std, generator=generator)


def trunc_normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0, generator: Generator = None
) -> Tensor:
    """Fills with values from N(mean, std²) restricted to [a, b] (limits are values, not multiples of `std`).

    Draws uniformly between the limits, and accepts a value in proportion to its density; draws the rest again.

    Example:
        >>> x = nn.init.trunc_normal_(rt.empty(1000), std=2.0, a=-1.0, b=1.0)
        >>> x.abs().max().item() <= 1
        True
    """
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. "
            "The distribution of values may be incorrect.",
            stacklevel=2,
        )
    # Where the density is largest. What lies more than 6 std further out has less than 1e-8 of the probability.
    mode = min(max(mean, a), b)
    low, high = max(a, mode - 6 * std), min(b, mode + 6 * std)
    exponent = -0.5 / std**2
    with rt.no_grad():
        values = rt.empty(tensor.numel(), dtype=tensor.dtype)
        left = rt.arange(tensor.numel())
        while left.numel():
            drawn = rt.empty(left.numel(), dtype=tensor.dtype).uniform_(low, high, generator=generator)
            density = (((drawn - mean) ** 2 - (mode - mean) ** 2) * exponent).exp()
            # Written so that NaN is accepted: NaN limits give NaN, not an endless loop.
            accepted = ~(rt.rand(left.numel(), generator=generator) >= density)
            values[left[accepted]] = drawn[accepted]
            left = left[~accepted]
        return tensor.copy_(values.view(tensor.shape))


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fills with `val`.

    Example:
        >>> nn.init.constant_(rt.empty(3), 0.5)
        tensor([0.5000, 0.5000, 0.5000])
    """
    with rt.no_grad():
        return tensor.fill_(val)


def ones_(tensor: Tensor) -> Tensor:
    """Fills with ones.

    Example:
        >>> nn.init.ones_(rt.empty(3))
        tensor([1., 1., 1.])
    """
    return constant_(tensor, 1.0)


def zeros_(tensor: Tensor) -> Tensor:
    """Fills with zeros.

    Example:
        >>> nn.init.zeros_(rt.empty(3))
        tensor([0., 0., 0.])
    """
    return constant_(tensor, 0.0)


def eye_(tensor: Tensor) -> Tensor:
    """Makes a matrix the identity.

    Raises:
        ValueError: `tensor` is no matrix.

    Example:
        >>> nn.init.eye_(rt.empty(2, 3))
        tensor([[1., 0., 0.],
                [0., 1., 0.]])
    """
    if tensor.dim() != 2:
        raise ValueError(f"Only tensors with 2 dimensions are supported, got {list(tensor.shape)}")
    with rt.no_grad():
        return tensor.copy_(rt.eye(*tensor.shape))


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """Makes a convolution's weight (3 to 5 axes) pass its input channels on unchanged, as many as there are.

    Raises:
        ValueError: `tensor` has another number of axes, or `groups` does not divide the outputs.

    Example:
        >>> weight = nn.init.dirac_(rt.empty(2, 2, 3))
        >>> F.conv1d(rt.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), weight, padding=1)
        tensor([[1., 2., 3.],
                [4., 5., 6.]])
    """
    if tensor.dim() not in (3, 4, 5):
        raise ValueError(f"Only tensors with 3, 4, or 5 dimensions are supported, got {list(tensor.shape)}")
    if tensor.shape[0] % groups:
        raise ValueError(f"dim 0 must be divisible by groups, got {tensor.shape[0]} and {groups}")
    per_group = tensor.shape[0] // groups
    centre = [size // 2 for size in tensor.shape[2:]]
    with rt.no_grad():
        tensor.zero_()
        for group in range(groups):
            for channel in range(min(per_group, tensor.shape[1])):
                tensor[(group * per_group + channel, channel, *centre)] = 1
    return tensor


def _calculate_fan_in_and_fan_out(tensor: Tensor) -> tuple[int, int]:
    """How many inputs reach an output, and how many outputs an input reaches; weights are (out, in, *kernel)."""
    if tensor.dim() < 2:
        raise ValueError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    receptive = math.prod(tensor.shape[2:])
    return tensor.shape[1] * receptive, tensor.shape[0] * receptive


def _calculate_correct_fan(tensor: Tensor, mode: str) -> int:
    mode = mode.lower()
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    return _calculate_fan_in_and_fan_out(tensor)[mode == "fan_out"]


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Generator = None) -> Tensor:
    """Fills from U(-a, a) with `a = gain √(6 / (fan_in + fan_out))` (Glorot and Bengio, 2010).

    Example:
        >>> w = rt.nn.init.xavier_uniform_(rt.empty(3, 5))
        >>> bool((w.abs() <= (6 / 8) ** 0.5).all())
        True
    """
    bound = gain * math.sqrt(6.0 / sum(_calculate_fan_in_and_fan_out(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator = None) -> Tensor:
    """Fills from N(0, std²) with `std = gain √(2 / (fan_in + fan_out))` (Glorot and Bengio, 2010).

    Raises:
        ValueError: `tensor` has fewer than two axes.

    Example:
        >>> weight = nn.init.xavier_normal_(rt.empty(300, 200))
        >>> abs(weight.std().item() - (2 / 500) ** 0.5) < 0.002
        True
    """
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / sum(_calculate_fan_in_and_fan_out(tensor))), generator)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator = None,
) -> Tensor:
    """Fills from U(-b, b) with `b = gain √(3 / fan)` (He et al., 2015).

    Args:
        a: slope of the leaky ReLU behind the layer (default: 0, a plain ReLU).
        mode: `"fan_in"` keeps the variance forward, `"fan_out"` backward.
        nonlinearity: as in `calculate_gain`.

    Raises:
        ValueError: `mode` or `nonlinearity` is unknown, or `tensor` has fewer than two axes.

    Example:
        >>> weight = nn.init.kaiming_uniform_(rt.empty(64, 3, 3, 3), mode="fan_out", nonlinearity="relu")
        >>> weight.abs().max().item() <= (6 / (64 * 9)) ** 0.5
        True
    """
    if 0 in tensor.shape:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=2)
        return tensor
    bound = calculate_gain(nonlinearity, a) * math.sqrt(3.0 / _calculate_correct_fan(tensor, mode))
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator = None,
) -> Tensor:
    """Fills from N(0, std²) with `std = gain / √fan` (He et al., 2015); arguments as in `kaiming_uniform_`.

    Raises:
        ValueError: `mode` or `nonlinearity` is unknown, or `tensor` has fewer than two axes.

    Example:
        >>> weight = nn.init.kaiming_normal_(rt.empty(300, 200), nonlinearity="relu")
        >>> abs(weight.std().item() - (2 / 200) ** 0.5) < 0.002
        True
    """
    if 0 in tensor.shape:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=2)
        return tensor
    return normal_(
        tensor, 0.0, calculate_gain(nonlinearity, a) / math.sqrt(_calculate_correct_fan(tensor, mode)), generator
    )


def orthogonal_(tensor: Tensor, gain: float = 1, generator: Generator = None) -> Tensor:
    """Makes rows or columns (whichever are fewer) orthonormal, times `gain`; axes behind the first count as one.

    Source: Saxe et al., Exact solutions to the nonlinear dynamics of learning in deep linear neural networks, 2013.

    Raises:
        ValueError: `tensor` has fewer than two axes.

    Example:
        >>> weight = nn.init.orthogonal_(rt.empty(3, 5))
        >>> rt.allclose(weight @ weight.T, rt.eye(3), atol=1e-5)
        True
    """
    if tensor.dim() < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    if tensor.numel() == 0:
        return tensor
    rows, columns = tensor.shape[0], tensor.numel() // tensor.shape[0]
    with rt.no_grad():
        vectors = tensor.new_empty((min(rows, columns), max(rows, columns))).normal_(0, 1, generator=generator)
        # Gram and Schmidt's process, each vector twice, since once loses orthogonality to rounding.
        for number, vector in enumerate(vectors):
            for _ in range(2):
                done = vectors[:number]
                vector.sub_(done.t() @ (done @ vector))
            vector.div_(vector.norm())
        return tensor.copy_((vectors if rows <= columns else vectors.t()).reshape(tensor.shape) * gain)


def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: Generator = None) -> Tensor:
    """Fills a matrix from N(0, std²), then zeroes the share `sparsity` of each column (Martens, 2010).

    Raises:
        ValueError: `tensor` is no matrix.

    Example:
        >>> weight = nn.init.sparse_(rt.empty(10, 4), sparsity=0.3)
        >>> (weight == 0).sum(0)
        tensor([3, 3, 3, 3])
    """
    if tensor.dim() != 2:
        raise ValueError(f"Only tensors with 2 dimensions are supported, got {list(tensor.shape)}")
    rows, columns = tensor.shape
    zeros = math.ceil(sparsity * rows)
    with rt.no_grad():
        normal_(tensor, 0.0, std, generator)
        for column in range(columns):
            tensor[rt.randperm(rows)[:zeros], column] = 0
    return tensor


def _deprecated(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    new = function.__name__
    old = new[:-1]

    def renamed(*args: Any, **kwargs: Any) -> Tensor:
        warnings.warn(f"`nn.init.{old}` is now deprecated in favor of `nn.init.{new}`.", FutureWarning, stacklevel=2)
        return function(*args, **kwargs)

    renamed.__name__ = old
    renamed.__doc__ = f"Older name of `{new}`."
    return renamed


uniform = _deprecated(uniform_)
normal = _deprecated(normal_)
constant = _deprecated(constant_)
eye = _deprecated(eye_)
dirac = _deprecated(dirac_)
xavier_uniform = _deprecated(xavier_uniform_)
xavier_normal = _deprecated(xavier_normal_)
kaiming_uniform = _deprecated(kaiming_uniform_)
kaiming_normal = _deprecated(kaiming_normal_)
orthogonal = _deprecated(orthogonal_)
sparse = _deprecated(sparse_)
