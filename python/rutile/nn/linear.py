"""Affine maps."""

from __future__ import annotations

import math
from typing import Any

import rutile as rt

from . import functional as F
from . import init
from ._arguments import check_positive
from .lazy import LazyModuleMixin
from .module import Module
from .parameter import Parameter, UninitializedParameter

__all__ = ["Bilinear", "Identity", "LazyLinear", "Linear"]


class Identity(Module):
    """Returns its input; takes and ignores any arguments, so that it can stand in for another layer.

    Example:
        >>> rt.nn.Identity(54, unused=True)(rt.tensor(3.0)).item()
        3.0
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return input


class Linear(Module):
    """`y = x Wᵀ + b` on the last axis.

    Args:
        in_features, out_features: lengths of the last axis of input (*, in) and output (*, out).
        bias: whether to add `b` (default: True).

    Attributes:
        weight: (out, in), from U(-k, k) with `k = 1 / √in`.
        bias: (out), from the same distribution, or None.

    Example:
        >>> list(rt.nn.Linear(20, 30)(rt.randn(128, 20)).shape)
        [128, 30]
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, device: Any = None, dtype: rt.dtype | None = None
    ) -> None:
        check_positive("Linear", "in_features", in_features, least=0)
        check_positive("Linear", "out_features", out_features, least=0)
        super().__init__()
        self.in_features = in_features
        self.out_features = out_features
        self.weight = Parameter(rt.empty(out_features, in_features, device=device, dtype=dtype))
        self.bias = Parameter(rt.empty(out_features, device=device, dtype=dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draws new values: He's uniform distribution with slope √5, which is U(-k, k) with `k = 1 / √in`."""
        if self.weight.numel():
            init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(self.in_features) if self.in_features > 0 else 0
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class LazyLinear(LazyModuleMixin, Linear):
    """`Linear` that takes `in_features` from its first input, and is a `Linear` from then on.

    Example:
        >>> layer = rt.nn.LazyLinear(5)
        >>> list(layer(rt.randn(2, 7)).shape), layer
        ([2, 5], Linear(in_features=7, out_features=5, bias=True))
    """

    cls_to_become = Linear

    def __init__(self, out_features: int, bias: bool = True, device: Any = None, dtype: rt.dtype | None = None) -> None:
        super().__init__(0, 0, bias=False)
        self.out_features = out_features
        self.weight = UninitializedParameter(device=device, dtype=dtype)
        if bias:
            self.bias = UninitializedParameter(device=device, dtype=dtype)
        self._start_lazy()

    def initialize_parameters(self, input: rt.Tensor) -> None:
        self.in_features = input.shape[-1]
        assert isinstance(self.weight, UninitializedParameter)
        self.weight.materialize((self.out_features, self.in_features))
        if isinstance(self.bias, UninitializedParameter):
            self.bias.materialize((self.out_features,))
        self.reset_parameters()

    def infer_sizes(self, weight: rt.Tensor) -> None:
        self.in_features = weight.shape[1]


class Bilinear(Module):
    """`y_k = x1ᵀ W_k x2 + b_k` on the last axes.

    Args:
        in1_features, in2_features, out_features: lengths of the last axes.
        bias: whether to add `b` (default: True).

    Attributes:
        weight: (out, in1, in2), from U(-k, k) with `k = 1 / √in1`.
        bias: (out), from the same distribution, or None.

    Example:
        >>> list(rt.nn.Bilinear(2, 3, 4)(rt.randn(5, 2), rt.randn(5, 3)).shape)
        [5, 4]
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: rt.dtype | None = None,
    ) -> None:
        check_positive("Bilinear", "in1_features", in1_features)
        super().__init__()
        self.in1_features = in1_features
        self.in2_features = in2_features
        self.out_features = out_features
        self.weight = Parameter(rt.empty(out_features, in1_features, in2_features, device=device, dtype=dtype))
        self.bias = Parameter(rt.empty(out_features, device=device, dtype=dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draws new values from U(-k, k) with `k = 1 / √in1`."""
        bound = 1 / math.sqrt(self.in1_features)
        init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input1: rt.Tensor, input2: rt.Tensor) -> rt.Tensor:
        return F.bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )
