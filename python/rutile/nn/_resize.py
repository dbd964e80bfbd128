"""Changing the size of images, and reading them at computed places; `functional` offers it."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence

import rutile as rt

__all__ = ["affine_grid", "interpolate", "upsample", "upsample_bilinear", "upsample_nearest"]

Tensor = rt.Tensor
_MODES = ("nearest", "nearest-exact", "linear", "bilinear", "bicubic", "trilinear", "area")


def interpolate(
    input: Tensor,
    size: int | Sequence[int] | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """Resizes the last one to three axes of (N, C, ...).

    Args:
        size: the new extents; or
        scale_factor: by which to multiply the old ones (the result is rounded down).
        mode: `"nearest"` (rounded down, as OpenCV has it), `"nearest-exact"`, `"linear"` (3-D), `"bilinear"` or
            `"bicubic"` (4-D), `"trilinear"` (5-D), `"area"` (the mean of nearly equal parts).
        align_corners: map the centres of the outermost elements onto each other instead of their edges.
        recompute_scale_factor: compute coordinates with the ratio of the extents, not with `scale_factor`.
        antialias: widen the filter when the image shrinks (bilinear and bicubic), as PIL does.

    Source of the cubic: Keys, Cubic Convolution Interpolation, 1981 (a = -3/4; with antialias -1/2).

    Example:
        >>> x = rt.tensor([[[1.0, 2.0]]])
        >>> rt.nn.functional.interpolate(x, scale_factor=2, mode="linear").tolist()
        [[[1.0, 1.25, 1.75, 2.0]]]
    """
    if mode not in _MODES:
        raise NotImplementedError(f"interpolate: mode must be one of {', '.join(_MODES)}, got {mode!r}")
    if align_corners is not None and mode in ("nearest", "area", "nearest-exact"):
        raise ValueError(
            "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear"
        )
    axes = input.dim() - 2
    if axes not in (1, 2, 3):
        raise NotImplementedError(
            f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {input.dim()}D) for the modes: "
            f"{' | '.join(_MODES)} (got {mode})"
        )
    if antialias and not (mode in ("bilinear", "bicubic") and axes == 2):
        raise ValueError("Anti-alias option is restricted to bilinear and bicubic modes and requires a 4-D tensor")
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    scales = None
    if size is not None:
        extents = [size] * axes if isinstance(size, int) else [int(n) for n in size]
        if len(extents) != axes:
            raise ValueError(
                f"Input and output must have the same number of spatial dimensions, but got input with spatial "
                f"dimensions of {list(input.shape[2:])} and output size of {size}"
            )
        if recompute_scale_factor:
            raise ValueError("recompute_scale_factor is not meaningful with an explicit size.")
    elif scale_factor is not None:
        scales = (
            [float(f) for f in scale_factor] if isinstance(scale_factor, Sequence) else [float(scale_factor)] * axes
        )
        if len(scales) != axes:
            raise ValueError(
                f"Input and scale_factor must have the same number of spatial dimensions, but got input with spatial "
                f"dimensions of {list(input.shape[2:])} and scale_factor of shape {scale_factor}"
            )
        extents = [math.floor(n * f) for n, f in zip(input.shape[2:], scales, strict=True)]
        if recompute_scale_factor:
            scales = None
    else:
        raise ValueError("either size or scale_factor should be defined")
    return rt._rutile._interpolate(input, extents, scales, mode, bool(align_corners), antialias)


def upsample(
    input: Tensor,
    size: int | Sequence[int] | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Tensor:
    """The older name of `interpolate`; with a warning, as in PyTorch. The same without:

    Example:
        >>> F.interpolate(rt.tensor([[[1.0, 2.0]]]), scale_factor=2)
        tensor([[[1., 1., 2., 2.]]])
    """
    warnings.warn("`nn.functional.upsample` is deprecated. Use `nn.functional.interpolate` instead.", stacklevel=2)
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(
    input: Tensor, size: int | Sequence[int] | None = None, scale_factor: float | Sequence[float] | None = None
) -> Tensor:
    """`interpolate` with `mode="nearest"`; with a warning, as in PyTorch. The same without:

    Example:
        >>> F.interpolate(rt.tensor([[[[0.0, 2.0]]]]), size=(1, 4), mode="nearest")
        tensor([[[[0., 0., 2., 2.]]]])
    """
    return interpolate(input, size, scale_factor, "nearest")


def upsample_bilinear(
    input: Tensor, size: int | Sequence[int] | None = None, scale_factor: float | Sequence[float] | None = None
) -> Tensor:
    """`interpolate` with `mode="bilinear"` and `align_corners=True`; with a warning, as in PyTorch. The same without:

    Example:
        >>> F.interpolate(rt.tensor([[[[0.0, 2.0]]]]), size=(1, 3), mode="bilinear", align_corners=True)
        tensor([[[[0., 1., 2.]]]])
    """
    return interpolate(input, size, scale_factor, "bilinear", align_corners=True)


def affine_grid(theta: Tensor, size: Sequence[int], align_corners: bool | None = None) -> Tensor:
    """The places that `grid_sample` reads to transform images by the matrices `theta`.

    Args:
        theta: (N, 2, 3), which maps (x, y, 1) of the result to (x, y) of the image; or (N, 3, 4) for volumes.
        size: the result's shape (N, C, H, W) or (N, C, D, H, W).
        align_corners: as in `grid_sample`.

    Returns (N, H, W, 2) or (N, D, H, W, 3).

    Example:
        >>> theta = rt.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
        >>> rt.nn.functional.affine_grid(theta, (1, 1, 1, 2), align_corners=False).tolist()
        [[[[-0.5, 0.0], [0.5, 0.0]]]]
    """
    if not theta.is_floating_point():
        raise ValueError(f"Expected theta to have floating point type, but got {theta.dtype}")
    axes = len(size) - 2
    if axes not in (2, 3):
        raise NotImplementedError(
            f"affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size {size}"
        )
    if tuple(theta.shape[1:]) != (axes, axes + 1) or theta.dim() != 3 or theta.shape[0] != size[0]:
        raise ValueError(
            f"Expected a batch of {axes}D affine matrices of shape {size[0]}x{axes}x{axes + 1} for size {size}. Got "
            f"{theta.shape}."
        )
    if min(size) <= 0:
        raise ValueError(f"Expected non-zero, positive output size. Got {size}")
    lines = []
    for n in size[2:]:
        line = rt.linspace(-1, 1, n, dtype=theta.dtype) if n > 1 else rt.zeros(1, dtype=theta.dtype)
        lines.append(line if align_corners else line * ((n - 1) / n))
    places = rt.stack([*reversed(rt.meshgrid(*lines, indexing="ij")), rt.ones(*size[2:], dtype=theta.dtype)], -1)
    grid = places.reshape(1, -1, axes + 1).expand(size[0], -1, -1) @ theta.transpose(1, 2)
    return grid.reshape(size[0], *size[2:], axes)
