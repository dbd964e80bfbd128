"""Convolutions and linear layers that take the batch norm behind them in, for inference; and `skip_init`."""

from __future__ import annotations

import copy
from typing import Any, TypeVar

import rutile as rt

from ..module import Module
from ..parameter import Parameter

__all__ = ["fuse_conv_bn_eval", "fuse_conv_bn_weights", "fuse_linear_bn_eval", "fuse_linear_bn_weights", "skip_init"]

M = TypeVar("M", bound=Module)


def fuse_conv_bn_weights(
    conv_w: rt.Tensor,
    conv_b: rt.Tensor | None,
    bn_rm: rt.Tensor,
    bn_rv: rt.Tensor,
    bn_eps: float,
    bn_w: rt.Tensor | None,
    bn_b: rt.Tensor | None,
    transpose: bool = False,
) -> tuple[Parameter, Parameter]:
    """Weight and bias of the layer that does both: `w gamma / √(v + eps)` and `(b - m) gamma / √(v + eps) + beta`.

    Args:
        conv_w, conv_b: of the layer.
        bn_rm, bn_rv, bn_eps, bn_w, bn_b: running mean and variance, eps, weight and bias of the norm.
        transpose: the layer's outputs are axis 1, as in transposed convolutions.

    Example:
        >>> conv, bn = nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8).eval()
        >>> weight, bias = nn.utils.fuse_conv_bn_weights(
        ...     conv.weight, conv.bias, bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias)
        >>> x = rt.randn(1, 3, 8, 8)
        >>> rt.allclose(F.conv2d(x, weight, bias), bn(conv(x)), atol=1e-5)
        True
    """
    scale = (bn_rv + bn_eps).rsqrt()
    scale = scale if bn_w is None else scale * bn_w
    axis = 1 if transpose else 0
    shape = [-1 if dim == axis else 1 for dim in range(conv_w.dim())]
    shift = -bn_rm if conv_b is None else conv_b - bn_rm
    bias = shift * scale if bn_b is None else shift * scale + bn_b
    return Parameter((conv_w * scale.reshape(shape)).detach()), Parameter(bias.detach())


def fuse_linear_bn_weights(
    linear_w: rt.Tensor,
    linear_b: rt.Tensor | None,
    bn_rm: rt.Tensor,
    bn_rv: rt.Tensor,
    bn_eps: float,
    bn_w: rt.Tensor | None,
    bn_b: rt.Tensor | None,
) -> tuple[Parameter, Parameter]:
    """As `fuse_conv_bn_weights`, of a linear layer.

    Example:
        >>> mean, var = rt.tensor([1.0]), rt.tensor([4.0])
        >>> one = rt.ones(1)
        >>> weight, bias = nn.utils.fuse_linear_bn_weights(rt.tensor([[2.0]]), None, mean, var, 0.0, one, one)
        >>> weight.item(), bias.item()
        (1.0, 0.5)
    """
    return fuse_conv_bn_weights(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b)


def fuse_conv_bn_eval(conv: M, bn: Any, transpose: bool = False) -> M:
    """A copy of the convolution that gives what `bn(conv(x))` gives; both must be in evaluation mode.

    Example:
        >>> conv, bn = rt.nn.Conv2d(3, 4, 3).eval(), rt.nn.BatchNorm2d(4).eval()
        >>> fused, x = rt.nn.utils.fuse_conv_bn_eval(conv, bn), rt.rand(1, 3, 8, 8)
        >>> fused(x).allclose(bn(conv(x)), atol=1e-5)
        True
    """
    if conv.training or bn.training:
        raise AssertionError("Fusion only for eval!")
    if bn.running_mean is None or bn.running_var is None:
        raise AssertionError("fusion wants running statistics; the norm has none (track_running_stats=False)")
    fused: Any = copy.deepcopy(conv)
    fused.weight, fused.bias = fuse_conv_bn_weights(
        fused.weight, fused.bias, bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias, transpose
    )
    result: M = fused
    return result


def fuse_linear_bn_eval(linear: M, bn: Any) -> M:
    """A copy of the linear layer that gives what `bn(linear(x))` gives; both must be in evaluation mode.

    Raises:
        AssertionError: one of them is in training mode.

    Example:
        >>> linear, bn = nn.Linear(4, 8).eval(), nn.BatchNorm1d(8).eval()
        >>> x = rt.randn(2, 4)
        >>> rt.allclose(nn.utils.fuse_linear_bn_eval(linear, bn)(x), bn(linear(x)), atol=1e-5)
        True
    """
    return fuse_conv_bn_eval(linear, bn)


def skip_init(module_cls: type[M], *args: Any, **kwargs: Any) -> M:
    """A module on whose initial values nobody relies, because they are loaded at once.

    PyTorch leaves the memory as it is; here the values are those of `module_cls(*args, **kwargs)`.

    Example:
        >>> nn.utils.skip_init(nn.Linear, 2, 3).weight.shape
        rutile.Size([3, 2])
    """
    return module_cls(*args, **kwargs)
