"""Normalisation over the batch, over features, over groups of channels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import rutile as rt

from . import functional as F
from . import init
from ._arguments import check_positive
from .lazy import LazyModuleMixin
from .module import Module
from .parameter import Parameter, UninitializedBuffer, UninitializedParameter

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "CrossMapLRN2d",
    "GroupNorm",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "LayerNorm",
    "LazyBatchNorm1d",
    "LazyBatchNorm2d",
    "LazyBatchNorm3d",
    "LazyInstanceNorm1d",
    "LazyInstanceNorm2d",
    "LazyInstanceNorm3d",
    "LocalResponseNorm",
    "RMSNorm",
    "SyncBatchNorm",
]


class _RunningNorm(Module):
    """Scale, shift and running statistics per channel; `_dims` are the ranks of input that `forward` accepts."""

    _version = 2
    _dims: ClassVar[tuple[int, ...]]

    weight: Parameter | None
    bias: Parameter | None
    running_mean: rt.Tensor | None
    running_var: rt.Tensor | None
    num_batches_tracked: rt.Tensor | None

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: rt.dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        check_positive(type(self).__name__, "num_features", num_features, least=0)
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        self.weight = Parameter(rt.empty(num_features, device=device, dtype=dtype)) if affine else None
        self.bias = Parameter(rt.empty(num_features, device=device, dtype=dtype)) if affine and bias else None
        if track_running_stats:
            self.register_buffer("running_mean", rt.zeros(num_features, device=device, dtype=dtype))
            self.register_buffer("running_var", rt.ones(num_features, device=device, dtype=dtype))
            self.register_buffer("num_batches_tracked", rt.tensor(0, dtype=rt.int64))
        else:
            for name in ("running_mean", "running_var", "num_batches_tracked"):
                self.register_buffer(name, None)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Forgets the collected statistics: mean 0, variance 1."""
        for buffer, value in ((self.running_mean, 0), (self.running_var, 1), (self.num_batches_tracked, 0)):
            if buffer is not None:
                buffer.fill_(value)

    def reset_parameters(self) -> None:
        """Sets scale 1 and shift 0, and forgets the collected statistics."""
        self.reset_running_stats()
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def _check_input_dim(self, input: rt.Tensor) -> None:
        if input.dim() not in self._dims:
            expected = " or ".join(f"{dims}D" for dims in self._dims)
            raise ValueError(f"expected {expected} input (got {input.dim()}D input)")

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )

    def _load_from_state_dict(
        self, state_dict: Mapping[str, Any], prefix: str, local_metadata: dict[str, Any], *rest: Any
    ) -> None:
        # States of before version 2 do not count batches.
        key = prefix + "num_batches_tracked"
        if local_metadata.get("version", 1) < 2 and self.track_running_stats and key not in state_dict:
            assert isinstance(state_dict, dict)
            state_dict[key] = rt.tensor(0, dtype=rt.int64)
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *rest)


class _BatchNorm(_RunningNorm):
    def forward(self, input: rt.Tensor) -> rt.Tensor:
        self._check_input_dim(input)
        momentum = self.momentum
        if self.training and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
            if momentum is None:
                momentum = 1.0 / self.num_batches_tracked.item()
        collects = not self.training or self.track_running_stats
        return F.batch_norm(
            input,
            self.running_mean if collects else None,
            self.running_var if collects else None,
            self.weight,
            self.bias,
            self.training or self.running_mean is None,
            0.0 if momentum is None else momentum,
            self.eps,
        )


class BatchNorm1d(_BatchNorm):
    """Normalises each channel over the batch: `y = (x - mean) / √(var + eps) * weight + bias`.

    In training the statistics are those of the batch (variance with divisor N), and the running ones move towards
    them: `running = (1 - momentum) running + momentum batch` (variance with divisor N - 1). In evaluation the running
    ones are used. Source: Ioffe and Szegedy, Batch Normalization, 2015.

    Args:
        num_features: channels C of input (N, C) or (N, C, L).
        eps: added to the variance (default: 1e-5).
        momentum: weight of the new batch (default: 0.1); None averages all batches equally.
        affine: learn `weight` and `bias` (default: True).
        track_running_stats: False uses batch statistics always.
        bias: False leaves the shift out (default: True).

    Attributes:
        weight, bias: (C), start at 1 and 0. running_mean, running_var: (C). num_batches_tracked: a count.

    Example:
        >>> y = rt.nn.BatchNorm1d(3)(rt.randn(20, 3))
        >>> bool(y.mean(0).abs().max() < 1e-5)
        True
    """

    _dims = (2, 3)


class BatchNorm2d(_BatchNorm):
    """`BatchNorm1d` for images (N, C, H, W).

    Example:
        >>> list(rt.nn.BatchNorm2d(100)(rt.randn(20, 100, 5, 4)).shape)
        [20, 100, 5, 4]
    """

    _dims = (4,)


class BatchNorm3d(_BatchNorm):
    """`BatchNorm1d` for volumes (N, C, D, H, W).

    Example:
        >>> nn.BatchNorm3d(8)(rt.randn(2, 8, 4, 5, 5)).shape
        rutile.Size([2, 8, 4, 5, 5])
    """

    _dims = (5,)


class _LazyNorm(LazyModuleMixin, _RunningNorm):
    def __init__(
        self,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: rt.dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(0, eps, momentum, False, False)
        self.affine = affine
        self.track_running_stats = track_running_stats
        if affine:
            self.weight = UninitializedParameter(device=device, dtype=dtype)
            self.bias = UninitializedParameter(device=device, dtype=dtype) if bias else None
        if track_running_stats:
            self.running_mean = UninitializedBuffer(device=device, dtype=dtype)
            self.running_var = UninitializedBuffer(device=device, dtype=dtype)
            self.num_batches_tracked = rt.tensor(0, dtype=rt.int64)
        self._start_lazy()

    def initialize_parameters(self, input: rt.Tensor) -> None:
        self.num_features = input.shape[1]
        for tensor in (self.weight, self.bias, self.running_mean, self.running_var):
            if isinstance(tensor, UninitializedParameter | UninitializedBuffer):
                tensor.materialize((self.num_features,))
        self.reset_parameters()

    def infer_sizes(self, weight: rt.Tensor) -> None:
        self.num_features = weight.shape[0]


class LazyBatchNorm1d(_LazyNorm, BatchNorm1d):
    """`BatchNorm1d` that takes `num_features` from its first input, and is a `BatchNorm1d` from then on.

    Example:
        >>> layer = nn.LazyBatchNorm1d()
        >>> _ = layer(rt.randn(4, 8))
        >>> layer.num_features
        8
    """

    cls_to_become = BatchNorm1d


class LazyBatchNorm2d(_LazyNorm, BatchNorm2d):
    """`BatchNorm2d` that takes `num_features` from its first input, and is a `BatchNorm2d` from then on.

    Example:
        >>> layer = rt.nn.LazyBatchNorm2d()
        >>> list(layer(rt.randn(2, 3, 4, 4)).shape), layer.num_features
        ([2, 3, 4, 4], 3)
    """

    cls_to_become = BatchNorm2d


class LazyBatchNorm3d(_LazyNorm, BatchNorm3d):
    """`BatchNorm3d` that takes `num_features` from its first input, and is a `BatchNorm3d` from then on.

    Example:
        >>> layer = nn.LazyBatchNorm3d()
        >>> _ = layer(rt.randn(2, 8, 4, 5, 5))
        >>> layer.num_features
        8
    """

    cls_to_become = BatchNorm3d


class _InstanceNorm(_RunningNorm):
    _version = 1

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: rt.dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        self._check_input_dim(input)
        unbatched = input.dim() == self._dims[0]
        output = F.instance_norm(
            input.unsqueeze(0) if unbatched else input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            0.0 if self.momentum is None else self.momentum,
            self.eps,
        )
        return output.squeeze(0) if unbatched else output


class InstanceNorm1d(_InstanceNorm):
    """Normalises each channel of each sample of (N, C, L) or (C, L) over its positions (Ulyanov et al., 2016).

    Args:
        num_features: channels C.
        eps: added to the variance (default: 1e-5).
        momentum: weight of the new statistics, if tracked.
        affine: learn scale and shift (default: False).
        track_running_stats: collect statistics for evaluation (default: False).

    Example:
        >>> list(rt.nn.InstanceNorm1d(3)(rt.randn(2, 3, 5)).shape)
        [2, 3, 5]
    """

    _dims = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    """`InstanceNorm1d` for images (N, C, H, W) or (C, H, W).

    Example:
        >>> nn.InstanceNorm2d(8)(rt.randn(2, 8, 5, 5)).shape
        rutile.Size([2, 8, 5, 5])
    """

    _dims = (3, 4)


class InstanceNorm3d(_InstanceNorm):
    """`InstanceNorm1d` for volumes (N, C, D, H, W) or (C, D, H, W).

    Example:
        >>> nn.InstanceNorm3d(8)(rt.randn(2, 8, 4, 5, 5)).shape
        rutile.Size([2, 8, 4, 5, 5])
    """

    _dims = (4, 5)


def _shape(normalized_shape: int | Sequence[int]) -> tuple[int, ...]:
    return (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)


class LayerNorm(Module):
    """Normalises over the last axes: `y = (x - mean) / √(var + eps) * weight + bias` (Ba et al., 2016).

    Args:
        normalized_shape: lengths of the last axes, or of the last one.
        eps: added to the variance, whose divisor is N (default: 1e-5).
        elementwise_affine: learn `weight` and `bias` of that shape (default: True).
        bias: False leaves the shift out (default: True).

    Example:
        >>> y = rt.nn.LayerNorm([5, 10])(rt.randn(20, 5, 10))
        >>> bool(y.mean((1, 2)).abs().max() < 1e-5)
        True
    """

    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: rt.dtype | None = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = _shape(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        shape = self.normalized_shape
        self.weight = Parameter(rt.empty(shape, device=device, dtype=dtype)) if elementwise_affine else None
        self.bias = Parameter(rt.empty(shape, device=device, dtype=dtype)) if elementwise_affine and bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Sets scale 1 and shift 0."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}, "
            f"bias={self.bias is not None}"
        )


class RMSNorm(Module):
    """Divides by the root mean square over the last axes and scales (Zhang and Sennrich, 2019).

    Args:
        normalized_shape: lengths of the last axes, or of the last one.
        eps: added to the mean square (default: machine epsilon of the input's dtype).
        elementwise_affine: learn `weight` of that shape (default: True).

    Example:
        >>> nn.RMSNorm(2)(rt.tensor([[3.0, 4.0]])).shape
        rutile.Size([1, 2])
    """

    weight: Parameter | None

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Any = None,
        dtype: rt.dtype | None = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = _shape(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        shape = self.normalized_shape
        self.weight = Parameter(rt.empty(shape, device=device, dtype=dtype)) if elementwise_affine else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Sets scale 1."""
        if self.weight is not None:
            init.ones_(self.weight)

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return F.rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class GroupNorm(Module):
    """Normalises each group of channels of each sample, then scales and shifts each channel (Wu and He, 2018).

    Args:
        num_groups: groups; divides `num_channels`.
        num_channels: channels C of input (N, C, ...).
        eps: added to the variance (default: 1e-5).
        affine: learn `weight` and `bias` (default: True).
        bias: False leaves the shift out (default: True).

    Example:
        >>> list(rt.nn.GroupNorm(3, 6)(rt.randn(20, 6, 10, 10)).shape)
        [20, 6, 10, 10]
    """

    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Any = None,
        dtype: rt.dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        check_positive("GroupNorm", "num_groups", num_groups)
        if num_channels % num_groups:
            raise ValueError(f"num_channels ({num_channels}) must be divisible by num_groups ({num_groups})")
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        self.weight = Parameter(rt.empty(num_channels, device=device, dtype=dtype)) if affine else None
        self.bias = Parameter(rt.empty(num_channels, device=device, dtype=dtype)) if affine and bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Sets scale 1 and shift 0."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )


class LocalResponseNorm(Module):
    """Divides by `(k + alpha * mean of squares over size neighbouring channels) ** beta` (Krizhevsky et al., 2012).

    Example:
        >>> nn.LocalResponseNorm(5)(rt.randn(2, 8, 5, 5)).shape
        rutile.Size([2, 8, 5, 5])
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        check_positive("LocalResponseNorm", "size", size)
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


class CrossMapLRN2d(LocalResponseNorm):
    """`LocalResponseNorm` of images (N, C, H, W), under the name that old networks use.

    With more than `size` channels results differ from PyTorch's, whose window never loses the first channel.

    Example:
        >>> nn.CrossMapLRN2d(3)(rt.randn(2, 8, 5, 5)).shape
        rutile.Size([2, 8, 5, 5])
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1) -> None:
        super().__init__(size, alpha, beta, k)


class SyncBatchNorm(_BatchNorm):
    """`BatchNorm1d` for input (N, C, ...) of any rank. There is one process, so there is nobody to synchronise with.

    Args:
        process_group: taken for compatibility.

    Example:
        >>> net = rt.nn.Sequential(rt.nn.Conv2d(3, 8, 3), rt.nn.BatchNorm2d(8))
        >>> rt.nn.SyncBatchNorm.convert_sync_batchnorm(net)[1]
        SyncBatchNorm(8, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        process_group: Any = None,
        device: Any = None,
        dtype: rt.dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)
        self.process_group = process_group

    def _check_input_dim(self, input: rt.Tensor) -> None:
        if input.dim() < 2:
            raise ValueError(f"expected at least 2D input (got {input.dim()}D input)")

    @classmethod
    def convert_sync_batchnorm(cls, module: Module, process_group: Any = None) -> Module:
        """`module` with every batch norm in it replaced by a `SyncBatchNorm` that shares its parameters."""
        output = module
        if isinstance(module, _BatchNorm):
            output = cls(module.num_features, module.eps, module.momentum, False, False, process_group)
            output.affine, output.track_running_stats = module.affine, module.track_running_stats
            output.weight, output.bias, output.training = module.weight, module.bias, module.training
            for name in ("running_mean", "running_var", "num_batches_tracked"):
                setattr(output, name, getattr(module, name))
        for name, child in module.named_children():
            output.add_module(name, cls.convert_sync_batchnorm(child, process_group))
        return output


class LazyInstanceNorm1d(_LazyNorm, InstanceNorm1d):
    """`InstanceNorm1d` that takes `num_features` from its first input, and is an `InstanceNorm1d` from then on.

    Example:
        >>> layer = nn.LazyInstanceNorm1d()
        >>> layer(rt.randn(2, 8, 5)).shape
        rutile.Size([2, 8, 5])
    """

    cls_to_become = InstanceNorm1d


class LazyInstanceNorm2d(_LazyNorm, InstanceNorm2d):
    """`InstanceNorm2d` that takes `num_features` from its first input, and is an `InstanceNorm2d` from then on.

    Example:
        >>> layer = nn.LazyInstanceNorm2d()
        >>> layer(rt.randn(2, 8, 5, 5)).shape
        rutile.Size([2, 8, 5, 5])
    """

    cls_to_become = InstanceNorm2d


class LazyInstanceNorm3d(_LazyNorm, InstanceNorm3d):
    """`InstanceNorm3d` that takes `num_features` from its first input, and is an `InstanceNorm3d` from then on.

    Example:
        >>> layer = nn.LazyInstanceNorm3d()
        >>> layer(rt.randn(2, 8, 4, 5, 5)).shape
        rutile.Size([2, 8, 4, 5, 5])
    """

    cls_to_become = InstanceNorm3d
