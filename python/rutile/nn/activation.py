"""Activations as modules; shapes stay as they are unless it says otherwise."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, ClassVar

import rutile as rt

from . import functional as F
from .module import Module
from .parameter import Parameter

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "SELU",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "LogSigmoid",
    "LogSoftmax",
    "Mish",
    "PReLU",
    "RReLU",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softmax2d",
    "Softmin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Tanh",
    "Tanhshrink",
    "Threshold",
]


class _Plain(Module):
    """An activation without arguments."""

    _function: ClassVar[Callable[..., rt.Tensor]]

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return self._function(input)


class Sigmoid(_Plain):
    """`1 / (1 + exp(-x))`.

    Example:
        >>> rt.nn.Sigmoid()(rt.tensor(0.0)).item()
        0.5
    """

    _function = staticmethod(rt.sigmoid)


class Tanh(_Plain):
    """Hyperbolic tangent.

    Example:
        >>> nn.Tanh()(rt.tensor([-1.0, 0.0, 1.0]))
        tensor([-0.7616,  0.0000,  0.7616])
    """

    _function = staticmethod(rt.tanh)


class LogSigmoid(_Plain):
    """`ln(1 / (1 + exp(-x)))`, without overflow.

    Example:
        >>> nn.LogSigmoid()(rt.tensor([0.0, -1000.0]))
        tensor([-6.9315e-01, -1.0000e+03])
    """

    _function = staticmethod(F.logsigmoid)


class Softsign(_Plain):
    """`x / (1 + |x|)`.

    Example:
        >>> nn.Softsign()(rt.tensor([-1.0, 3.0]))
        tensor([-0.5000,  0.7500])
    """

    _function = staticmethod(F.softsign)


class Tanhshrink(_Plain):
    """`x - tanh(x)`.

    Example:
        >>> nn.Tanhshrink()(rt.tensor([-1.0, 0.0, 1.0]))
        tensor([-0.2384,  0.0000,  0.2384])
    """

    _function = staticmethod(F.tanhshrink)


class _InPlace(Module):
    """An activation whose only argument is whether it overwrites its input."""

    _function: ClassVar[Callable[..., rt.Tensor]]

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return self._function(input, inplace=self.inplace)

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


class ReLU(_InPlace):
    """`max(0, x)`.

    Args:
        inplace: overwrite the input (default: False).

    Example:
        >>> rt.nn.ReLU()(rt.tensor([-1.0, 2.0])).tolist()
        [0.0, 2.0]
    """

    _function = staticmethod(F.relu)


class SiLU(_InPlace):
    """`x sigmoid(x)`, also called swish (Hendrycks and Gimpel, 2016; Ramachandran et al., 2017).

    Example:
        >>> nn.SiLU()(rt.tensor([-1.0, 0.0, 1.0]))
        tensor([-0.2689,  0.0000,  0.7311])
    """

    _function = staticmethod(F.silu)


class Mish(_InPlace):
    """`x tanh(softplus(x))` (Misra, 2019).

    Example:
        >>> nn.Mish()(rt.tensor([-1.0, 0.0, 1.0]))
        tensor([-0.3034,  0.0000,  0.8651])
    """

    _function = staticmethod(F.mish)


class SELU(_InPlace):
    """`1.0507 ELU(x, 1.6733)`, which keeps mean 0 and variance 1 (Klambauer et al., 2017).

    Example:
        >>> nn.SELU()(rt.tensor([-1.0, 0.0, 1.0]))
        tensor([-1.1113,  0.0000,  1.0507])
    """

    _function = staticmethod(F.selu)


class Hardsigmoid(_InPlace):
    """`x / 6 + 1 / 2`, kept in [0, 1].

    Example:
        >>> nn.Hardsigmoid()(rt.tensor([-4.0, 0.0, 1.5]))
        tensor([0.0000, 0.5000, 0.7500])
    """

    _function = staticmethod(F.hardsigmoid)

    def extra_repr(self) -> str:
        return ""


class Hardswish(_InPlace):
    """`x hardsigmoid(x)` (Howard et al., MobileNetV3, 2019).

    Example:
        >>> nn.Hardswish()(rt.tensor([-1.0, 1.0, 4.0]))
        tensor([-0.3333,  0.6667,  4.0000])
    """

    _function = staticmethod(F.hardswish)

    def extra_repr(self) -> str:
        return ""


def _with_inplace(text: str, inplace: bool) -> str:
    return text + ", inplace=True" if inplace else text


class LeakyReLU(Module):
    """`x` where positive, `negative_slope * x` elsewhere (Maas et al., 2013).

    Args:
        negative_slope: default 0.01.
        inplace: overwrite the input (default: False).

    Example:
        >>> nn.LeakyReLU(0.1)(rt.tensor([-2.0, 3.0]))
        tensor([-0.2000,  3.0000])
    """

    def __init__(self, negative_slope: float = 1e-2, inplace: bool = False) -> None:
        super().__init__()
        self.negative_slope = negative_slope
        self.inplace = inplace

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return F.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self) -> str:
        return _with_inplace(f"negative_slope={self.negative_slope}", self.inplace)


class _Exponential(Module):
    """ELU and CELU: a scale `alpha` of the negative part."""

    _function: ClassVar[Callable[..., rt.Tensor]]

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha = alpha
        self.inplace = inplace

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return self._function(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        return _with_inplace(f"alpha={self.alpha}", self.inplace)


class ELU(_Exponential):
    """`x` where positive, `alpha (exp(x) - 1)` elsewhere (Clevert et al., 2016).

    Args:
        alpha: default 1.
        inplace: overwrite the input (default: False).

    Example:
        >>> nn.ELU()(rt.tensor([-1.0, 0.0, 2.0]))
        tensor([-0.6321,  0.0000,  2.0000])
    """

    _function = staticmethod(F.elu)


class CELU(_Exponential):
    """`max(0, x) + min(0, alpha (exp(x / alpha) - 1))` (Barron, 2017).

    Args:
        alpha: default 1.
        inplace: overwrite the input (default: False).

    Example:
        >>> nn.CELU()(rt.tensor([-1.0, 0.0, 2.0]))
        tensor([-0.6321,  0.0000,  2.0000])
    """

    _function = staticmethod(F.celu)


class GELU(Module):
    """`x Φ(x)` with the normal distribution function `Φ` (Hendrycks and Gimpel, 2016).

    Args:
        approximate: `"none"` (default), or `"tanh"` for `x / 2 (1 + tanh(√(2/π) (x + 0.044715 x³)))`.

    Example:
        >>> nn.GELU()(rt.tensor([-1.0, 0.0, 1.0]))
        tensor([-0.1587,  0.0000,  0.8413])
        >>> nn.GELU("tanh")(rt.tensor([-1.0, 0.0, 1.0]))
        tensor([-0.1588,  0.0000,  0.8412])
    """

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return F.gelu(input, approximate=self.approximate)

    def extra_repr(self) -> str:
        return f"approximate={self.approximate!r}"


class GLU(Module):
    """The first half along `dim` times the sigmoid of the second (Dauphin et al., 2017); halves that axis.

    Args:
        dim: the axis (default: the last).

    Example:
        >>> nn.GLU()(rt.tensor([[1.0, 2.0, 0.0, 100.0]]))
        tensor([[0.5000, 2.0000]])
    """

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return F.glu(input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class Hardtanh(Module):
    """`x`, kept in [min_val, max_val].

    Args:
        min_val, max_val: limits (default: -1 and 1).
        inplace: overwrite the input (default: False).

    Example:
        >>> nn.Hardtanh()(rt.tensor([-2.0, 0.5, 2.0]))
        tensor([-1.0000,  0.5000,  1.0000])
    """

    def __init__(
        self,
        min_val: float = -1.0,
        max_val: float = 1.0,
        inplace: bool = False,
        min_value: float | None = None,
        max_value: float | None = None,
    ) -> None:
        super().__init__()
        if min_value is not None:
            warnings.warn("keyword argument `min_value` is deprecated, use `min_val`", FutureWarning, stacklevel=2)
            min_val = min_value
        if max_value is not None:
            warnings.warn("keyword argument `max_value` is deprecated, use `max_val`", FutureWarning, stacklevel=2)
            max_val = max_value
        if max_val <= min_val:
            raise ValueError(f"Hardtanh: max_val must be larger than min_val, got {min_val} and {max_val}")
        self.min_val = min_val
        self.max_val = max_val
        self.inplace = inplace

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)

    def extra_repr(self) -> str:
        return _with_inplace(f"min_val={self.min_val}, max_val={self.max_val}", self.inplace)


class ReLU6(Hardtanh):
    """`min(max(0, x), 6)` (Krizhevsky, 2010).

    Args:
        inplace: overwrite the input (default: False).

    Example:
        >>> nn.ReLU6()(rt.tensor([-1.0, 3.0, 9.0]))
        tensor([0., 3., 6.])
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(0.0, 6.0, inplace)

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


class Softplus(Module):
    """`ln(1 + exp(beta x)) / beta`; `x` itself where `beta x` exceeds `threshold`.

    Args:
        beta: default 1.
        threshold: default 20.

    Example:
        >>> nn.Softplus()(rt.tensor([-1.0, 0.0, 50.0]))
        tensor([ 0.3133,  0.6931, 50.0000])
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        return f"beta={self.beta}, threshold={self.threshold}"


class _Shrink(Module):
    _function: ClassVar[Callable[..., rt.Tensor]]

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return self._function(input, self.lambd)

    def extra_repr(self) -> str:
        return f"{self.lambd}"


class Hardshrink(_Shrink):
    """`x` where `|x| > lambd` (default 0.5), 0 elsewhere.

    Example:
        >>> nn.Hardshrink()(rt.tensor([-1.0, 0.3, 2.0]))
        tensor([-1.,  0.,  2.])
    """

    _function = staticmethod(F.hardshrink)


class Softshrink(_Shrink):
    """`x` moved towards 0 by `lambd` (default 0.5), and not beyond.

    Example:
        >>> nn.Softshrink()(rt.tensor([-1.0, 0.3, 2.0]))
        tensor([-0.5000,  0.0000,  1.5000])
    """

    _function = staticmethod(F.softshrink)


class Threshold(Module):
    """`x` where it exceeds `threshold`, `value` elsewhere.

    Args:
        threshold, value: numbers.
        inplace: overwrite the input (default: False).

    Example:
        >>> nn.Threshold(0.5, -1.0)(rt.tensor([0.2, 0.7]))
        tensor([-1.0000,  0.7000])
    """

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__()
        self.threshold = threshold
        self.value = value
        self.inplace = inplace

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return F.threshold(input, self.threshold, self.value, self.inplace)

    def extra_repr(self) -> str:
        return _with_inplace(f"threshold={self.threshold}, value={self.value}", self.inplace)


class RReLU(Module):
    """Leaky ReLU whose slope is drawn from U(lower, upper) per element in training, else their mean (Xu et al., 2015).

    Args:
        lower, upper: limits of the slope (default: 1/8 and 1/3).
        inplace: overwrite the input (default: False).

    Example:
        >>> nn.RReLU(0.25, 0.75).eval()(rt.tensor([-8.0, 2.0]))
        tensor([-4.,  2.])
    """

    def __init__(self, lower: float = 1.0 / 8, upper: float = 1.0 / 3, inplace: bool = False) -> None:
        super().__init__()
        self.lower = lower
        self.upper = upper
        self.inplace = inplace

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self) -> str:
        return _with_inplace(f"lower={self.lower}, upper={self.upper}", self.inplace)


class PReLU(Module):
    """`x` where positive, `weight * x` elsewhere, with learned `weight` (He et al., 2015).

    Args:
        num_parameters: 1 (default), or one per channel (axis 1).
        init: start of the slope (default: 0.25).

    Example:
        >>> layer = nn.PReLU()
        >>> layer(rt.tensor([-2.0, 3.0])).tolist(), layer.weight.shape
        ([-0.5, 3.0], rutile.Size([1]))
    """

    weight: Parameter

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: rt.dtype | None = None
    ) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.init = init
        self.weight = Parameter(rt.empty(num_parameters, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Sets the slope to its start."""
        with rt.no_grad():
            self.weight.fill_(self.init)

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


class _AlongDim(Module):
    _function: ClassVar[Callable[..., rt.Tensor]]

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return self._function(input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class Softmax(_AlongDim):
    """`exp(x)` divided by its sum along `dim`.

    Example:
        >>> rt.nn.Softmax(dim=1)(rt.zeros(1, 4)).tolist()
        [[0.25, 0.25, 0.25, 0.25]]
    """

    _function = staticmethod(F.softmax)


class Softmin(_AlongDim):
    """`Softmax` of `-x`.

    Example:
        >>> nn.Softmin(dim=0)(rt.tensor([0.0, 1.0, 2.0]))
        tensor([0.6652, 0.2447, 0.0900])
    """

    _function = staticmethod(F.softmin)


class LogSoftmax(_AlongDim):
    """Logarithm of `Softmax`, without overflow.

    Example:
        >>> nn.LogSoftmax(dim=1)(rt.tensor([[0.0, 0.0], [1.0, 3.0]]))
        tensor([[-0.6931, -0.6931],
                [-2.1269, -0.1269]])
    """

    _function = staticmethod(F.log_softmax)


class Softmax2d(Module):
    """`Softmax` over the channels of (N, C, H, W) or (C, H, W).

    Example:
        >>> nn.Softmax2d()(rt.zeros(1, 4, 2, 2)).unique()
        tensor([0.2500])
    """

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        if input.dim() not in (3, 4):
            raise ValueError(f"Softmax2d: expected input to be 3D or 4D, got {input.dim()}D instead")
        return F.softmax(input, -3)
