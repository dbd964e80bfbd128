"""Pooling that is a composition of engine operations; `functional` offers it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import rutile as rt

from .._rutile import functional as engine
from ._arguments import per_axis

__all__ = [
    "adaptive_max_pool1d_with_indices",
    "adaptive_max_pool2d_with_indices",
    "adaptive_max_pool3d_with_indices",
    "fractional_max_pool2d",
    "fractional_max_pool2d_with_indices",
    "fractional_max_pool3d",
    "fractional_max_pool3d_with_indices",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "max_pool1d_with_indices",
    "max_pool2d_with_indices",
    "max_pool3d_with_indices",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
]

Tensor = rt.Tensor
Sizes = int | Sequence[int]


# With indices


def max_pool1d_with_indices(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """`max_pool1d` with `return_indices=True`.

    Example:
        >>> F.max_pool1d_with_indices(rt.tensor([[1.0, 5.0, 3.0, 4.0]]), 2)
        (tensor([[5., 4.]]), tensor([[1, 3]]))
    """
    return engine.max_pool1d(input, kernel_size, stride, padding, dilation, ceil_mode, return_indices=True)


def max_pool2d_with_indices(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """`max_pool2d` with `return_indices=True`.

    Example:
        >>> F.max_pool2d_with_indices(rt.arange(16.0).reshape(1, 4, 4), (4, 2))
        (tensor([[[13., 15.]]]), tensor([[[13, 15]]]))
    """
    return engine.max_pool2d(input, kernel_size, stride, padding, dilation, ceil_mode, return_indices=True)


def max_pool3d_with_indices(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """`max_pool3d` with `return_indices=True`.

    Example:
        >>> values, indices = F.max_pool3d_with_indices(rt.rand(1, 4, 4, 4), 2)
        >>> values.shape, indices.dtype
        (rutile.Size([1, 2, 2, 2]), rutile.int64)
    """
    return engine.max_pool3d(input, kernel_size, stride, padding, dilation, ceil_mode, return_indices=True)


def adaptive_max_pool1d_with_indices(input: Tensor, output_size: Sizes, return_indices: bool = False) -> Any:
    """`adaptive_max_pool1d` with `return_indices=True`.

    Example:
        >>> F.adaptive_max_pool1d_with_indices(rt.tensor([[1.0, 5.0, 3.0, 4.0]]), 2)
        (tensor([[5., 4.]]), tensor([[1, 3]]))
    """
    return engine.adaptive_max_pool1d(input, output_size, return_indices=True)


def adaptive_max_pool2d_with_indices(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """`adaptive_max_pool2d` with `return_indices=True`.

    Example:
        >>> F.adaptive_max_pool2d_with_indices(rt.arange(16.0).reshape(1, 4, 4), (1, 2))
        (tensor([[[13., 15.]]]), tensor([[[13, 15]]]))
    """
    return engine.adaptive_max_pool2d(input, output_size, return_indices=True)


def adaptive_max_pool3d_with_indices(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """`adaptive_max_pool3d` with `return_indices=True`.

    Example:
        >>> values, indices = F.adaptive_max_pool3d_with_indices(rt.rand(1, 4, 4, 4), 2)
        >>> values.shape, indices.dtype
        (rutile.Size([1, 2, 2, 2]), rutile.int64)
    """
    return engine.adaptive_max_pool3d(input, output_size, return_indices=True)


# Putting back


def _unpool(
    name: str,
    axes: int,
    input: Tensor,
    indices: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None,
    padding: Sizes,
    output_size: Sequence[int] | None,
) -> Tensor:
    kernel = per_axis(name, "kernel_size", kernel_size, axes)
    steps = kernel if stride is None else per_axis(name, "stride", stride, axes)
    pads = per_axis(name, "padding", padding, axes)
    if input.dim() not in (axes + 1, axes + 2) or input.shape != indices.shape:
        raise RuntimeError(
            f"{name}: expected input and indices of one shape with {axes + 1} or {axes + 2} dimensions, got "
            f"{input.shape} and {indices.shape}"
        )
    if indices.dtype != rt.int64:
        raise RuntimeError(f"elements in indices should be type int64 but got: {indices.dtype}")
    extents = input.shape[-axes:]
    default = [(n - 1) * s + k - 2 * p for n, s, k, p in zip(extents, steps, kernel, pads, strict=True)]
    size = default
    if output_size is not None:
        size = [int(n) for n in output_size][-axes:]
        if len(output_size) not in (axes, axes + 2):
            raise ValueError(
                f"output_size should be a sequence containing {axes} or {axes + 2} elements, but it has a length of "
                f"'{len(output_size)}'"
            )
        for d, (wanted, usual, step) in enumerate(zip(size, default, steps, strict=True)):
            if not usual - step < wanted < usual + step:
                raise ValueError(
                    f"invalid output_size {tuple(size)} (dim {d} must be between {usual - step} and {usual + step})"
                )
    count = 1
    for n in size:
        count *= n
    lead = input.shape[:-axes]
    at = indices.reshape(*lead, -1)
    if at.numel() and not 0 <= int(at.min()) <= int(at.max()) < count:
        raise RuntimeError(f"{name}: found an invalid max index: not in 0 to {count - 1} for output size {size}")
    flat = input.new_zeros((*lead, count)).scatter(-1, at, input.reshape(*lead, -1))
    return flat.reshape(*lead, *size)


def max_unpool1d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor:
    """Puts the values that `max_pool1d` kept back to `indices`, in zeros.

    Args:
        kernel_size, stride, padding: as in the pooling, which decide the output's size; or
        output_size: if several sizes are possible, the wanted one.

    Raises:
        RuntimeError: an index is outside the output.
        ValueError: `output_size` is not one of the possible ones.

    Example:
        >>> pooled, indices = F.max_pool1d(rt.tensor([[1.0, 2.0, 4.0, 3.0]]), 2, return_indices=True)
        >>> F.max_unpool1d(pooled, indices, 2)
        tensor([[0., 2., 4., 0.]])
    """
    return _unpool("max_unpool1d", 1, input, indices, kernel_size, stride, padding, output_size)


def max_unpool2d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor:
    """Puts the values that `max_pool2d` kept back to `indices`, in zeros; arguments as in `max_unpool1d`.

    Example:
        >>> x = rt.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
        >>> values, indices = rt.nn.functional.max_pool2d(x, 2, return_indices=True)
        >>> rt.nn.functional.max_unpool2d(values, indices, 2).tolist()
        [[[[0.0, 0.0], [0.0, 4.0]]]]
    """
    return _unpool("max_unpool2d", 2, input, indices, kernel_size, stride, padding, output_size)


def max_unpool3d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor:
    """Puts the values that `max_pool3d` kept back to `indices`, in zeros; arguments as in `max_unpool1d`.

    Example:
        >>> pooled, indices = F.max_pool3d(rt.rand(1, 4, 4, 4), 2, return_indices=True)
        >>> F.max_unpool3d(pooled, indices, 2).shape
        rutile.Size([1, 4, 4, 4])
    """
    return _unpool("max_unpool3d", 3, input, indices, kernel_size, stride, padding, output_size)


# Norms


def _norm_of_windows(means: Tensor, norm_type: float, taps: int) -> Tensor:
    return (means.sign() * engine.relu(means.abs())).mul(taps).pow(1.0 / norm_type)


def lp_pool1d(
    input: Tensor, norm_type: float, kernel_size: int, stride: Sizes | None = None, ceil_mode: bool = False
) -> Tensor:
    """The `norm_type`-norm of each window of (N, C, L) or (C, L).

    Example:
        >>> rt.nn.functional.lp_pool1d(rt.tensor([[3.0, 4.0]]), 2, 2).tolist()
        [[5.0]]
    """
    (taps,) = per_axis("lp_pool1d", "kernel_size", kernel_size, 1)
    return _norm_of_windows(engine.avg_pool1d(input.pow(norm_type), taps, stride, 0, ceil_mode), norm_type, taps)


def lp_pool2d(
    input: Tensor, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
) -> Tensor:
    """The `norm_type`-norm of each window of (N, C, H, W) or (C, H, W); sizes as in `avg_pool2d`.

    Example:
        >>> F.lp_pool2d(rt.tensor([[[1.0, 2.0], [2.0, 1.0]]]), 2, kernel_size=2)
        tensor([[[3.1623]]])
    """
    kernel = per_axis("lp_pool2d", "kernel_size", kernel_size, 2)
    means = engine.avg_pool2d(input.pow(norm_type), kernel, stride, 0, ceil_mode)
    return _norm_of_windows(means, norm_type, kernel[0] * kernel[1])


def lp_pool3d(
    input: Tensor, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
) -> Tensor:
    """The `norm_type`-norm of each window of (N, C, D, H, W) or (C, D, H, W); sizes as in `avg_pool3d`.

    Example:
        >>> F.lp_pool3d(rt.ones(1, 4, 4, 4), 2, kernel_size=2).shape
        rutile.Size([1, 2, 2, 2])
    """
    kernel = per_axis("lp_pool3d", "kernel_size", kernel_size, 3)
    means = engine.avg_pool3d(input.pow(norm_type), kernel, stride, 0, ceil_mode)
    return _norm_of_windows(means, norm_type, kernel[0] * kernel[1] * kernel[2])


# At random steps


def _starts(samples: Tensor, extent: int, size: int, kernel: int) -> Tensor:
    """Where the windows of one axis start, (N, C, size): increasing, the last one at the end."""
    last = rt.full((*samples.shape, 1), extent - kernel, dtype=rt.int64)
    if size == 1:
        return last
    step = (extent - kernel) / (size - 1)
    u = samples.unsqueeze(-1)
    places = ((rt.arange(size - 1, dtype=u.dtype) + u) * step).long() - (u * step).long()
    return rt.cat([places, last], -1)


def _fractional(
    axes: int,
    input: Tensor,
    kernel_size: Sizes,
    output_size: Sizes | None,
    output_ratio: float | Sequence[float] | None,
    samples: Tensor | None,
) -> tuple[Tensor, Tensor]:
    name = f"fractional_max_pool{axes}d"
    if input.dim() not in (axes + 1, axes + 2):
        raise RuntimeError(f"{name}: Expected {axes + 1}D or {axes + 2}D input, but got {input.shape}")
    if output_size is None and output_ratio is None:
        raise ValueError(f"{name} requires specifying either an output_size or an output_ratio")
    kernel = per_axis(name, "kernel_size", kernel_size, axes)
    extents = input.shape[-axes:]
    if output_size is None:
        ratios = tuple(output_ratio) if isinstance(output_ratio, Sequence) else (output_ratio,) * axes
        size = tuple(int(n * float(ratio)) for n, ratio in zip(extents, ratios, strict=True))  # type: ignore[arg-type]
    else:
        size = per_axis(name, "output_size", output_size, axes)
    for n, k, o in zip(extents, kernel, size, strict=True):
        if o < 1 or o + k - 1 > n:
            raise RuntimeError(f"{name}: windows of {kernel} and output {size} do not fit into input {tuple(extents)}")
    x = input if input.dim() == axes + 2 else input.unsqueeze(0)
    n, c = x.shape[:2]
    if samples is None:
        samples = rt.rand(n, c, axes, dtype=input.dtype)
    elif tuple(samples.shape) != (n, c, axes):
        raise RuntimeError(f"{name}: expected _random_samples of shape {(n, c, axes)}, got {tuple(samples.shape)}")
    flat = rt.zeros(n, c, *[1] * (2 * axes), dtype=rt.int64)
    for axis, (extent, k, o) in enumerate(zip(extents, kernel, size, strict=True)):
        # PyTorch's samples of images name the last axis first, those of volumes the first one.
        sample = samples[..., axes - 1 - axis if axes == 2 else axis]
        places = _starts(sample, extent, o, k).unsqueeze(-1) + rt.arange(k)
        shape = [n, c, *[1] * (2 * axes)]
        shape[2 + axis], shape[2 + axes + axis] = o, k
        flat = flat * extent + places.reshape(shape)
    windows = flat.reshape(n, c, -1)
    values = x.reshape(n, c, -1).gather(2, windows).reshape(n, c, *size, -1)
    best, at = values.max(-1)
    indices = windows.reshape(values.shape).gather(-1, at.unsqueeze(-1)).squeeze(-1)
    return (best, indices) if input.dim() == axes + 2 else (best.squeeze(0), indices.squeeze(0))


def fractional_max_pool2d_with_indices(
    input: Tensor,
    kernel_size: Sizes,
    output_size: Sizes | None = None,
    output_ratio: float | Sequence[float] | None = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """`fractional_max_pool2d` with `return_indices=True`.

    Example:
        >>> values, indices = F.fractional_max_pool2d_with_indices(rt.rand(1, 8, 8), 2, output_size=5)
        >>> values.shape, indices.shape
        (rutile.Size([1, 5, 5]), rutile.Size([1, 5, 5]))
    """
    return _fractional(2, input, kernel_size, output_size, output_ratio, _random_samples)


def fractional_max_pool3d_with_indices(
    input: Tensor,
    kernel_size: Sizes,
    output_size: Sizes | None = None,
    output_ratio: float | Sequence[float] | None = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """`fractional_max_pool3d` with `return_indices=True`.

    Example:
        >>> values, indices = F.fractional_max_pool3d_with_indices(rt.rand(1, 8, 8, 8), 2, output_size=5)
        >>> values.shape, indices.shape
        (rutile.Size([1, 5, 5, 5]), rutile.Size([1, 5, 5, 5]))
    """
    return _fractional(3, input, kernel_size, output_size, output_ratio, _random_samples)


def fractional_max_pool2d(
    input: Tensor,
    kernel_size: Sizes,
    output_size: Sizes | None = None,
    output_ratio: float | Sequence[float] | None = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> Any:
    """The largest element of each of `output_size` windows of (N, C, H, W) or (C, H, W), at random steps.

    Args:
        output_size: extents of the result; or
        output_ratio: those relative to the input's.
        return_indices: also return where in the plane the values were.
        _random_samples: (N, C, 2) numbers in [0, 1) that decide the steps (default: drawn).

    Source: Graham, Fractional Max-Pooling, 2014.

    Raises:
        ValueError: neither or both of `output_size` and `output_ratio` are given.
        RuntimeError: that many windows do not fit.

    Example:
        >>> F.fractional_max_pool2d(rt.rand(1, 8, 8), 2, output_size=(5, 5)).shape
        rutile.Size([1, 5, 5])
        >>> F.fractional_max_pool2d(rt.rand(1, 8, 8), 2, output_ratio=(0.5, 0.25)).shape
        rutile.Size([1, 4, 2])
    """
    found = _fractional(2, input, kernel_size, output_size, output_ratio, _random_samples)
    return found if return_indices else found[0]


def fractional_max_pool3d(
    input: Tensor,
    kernel_size: Sizes,
    output_size: Sizes | None = None,
    output_ratio: float | Sequence[float] | None = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> Any:
    """As `fractional_max_pool2d`, on (N, C, D, H, W) or (C, D, H, W).

    Example:
        >>> F.fractional_max_pool3d(rt.rand(1, 8, 8, 8), 2, output_size=(3, 4, 5)).shape
        rutile.Size([1, 3, 4, 5])
    """
    found = _fractional(3, input, kernel_size, output_size, output_ratio, _random_samples)
    return found if return_indices else found[0]
