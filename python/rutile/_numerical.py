"""Differences, reductions of segments, norms of slices: rare functions of the root that are compositions."""

from __future__ import annotations

import math
from collections.abc import Sequence

import rutile as rt

from . import _rutile
from ._rutile import Tensor

Number = int | float


def gradient(
    input: Tensor,
    *,
    spacing: Number | Sequence[Number] | Sequence[Tensor] | None = None,
    dim: int | Sequence[int] | None = None,
    edge_order: int = 1,
) -> tuple[Tensor, ...]:
    """The derivatives of a function of which `input` holds samples, one tensor of its shape per axis, as NumPy's.

    Central differences inside, one-sided ones at both ends: of second order, at the ends of order `edge_order`.

    Args:
        input: the samples; at least `edge_order + 1` along each axis that counts.
        spacing: the distance of samples (default: 1), one for all axes or one each; or their places along each axis.
        dim: the axes (default: all).
        edge_order: 1 or 2.

    Source: Quarteroni, Sacco and Saleri, Numerical Mathematics, 2007, 10.10.

    Example:
        >>> rt.gradient(rt.tensor([0.0, 1.0, 4.0, 9.0]))
        (tensor([1., 2., 4., 5.]),)
    """
    if input.dtype in (_rutile.uint8, _rutile.bool):
        raise RuntimeError(
            f"gradient: {input.dtype} has no differences; convert the samples to a signed type or to floats"
        )
    if edge_order not in (1, 2):
        raise RuntimeError(f"gradient: there are edge_order=1 and edge_order=2, not {edge_order}")
    dims = range(input.dim()) if dim is None else [dim] if isinstance(dim, int) else list(dim)
    axes = []
    for d in dims:
        if not -input.dim() <= d < input.dim():
            raise IndexError(f"gradient: dim {d} is not in the range of [{-input.dim()}, {input.dim() - 1}]")
        axes.append(d % input.dim())
    if len(set(axes)) < len(axes):
        raise RuntimeError(f"gradient: an axis is named multiple times in dim={list(dims)}")
    if any(input.shape[axis] <= edge_order for axis in axes):
        raise RuntimeError(
            f"gradient: axes {axes} need at least edge_order + 1 = {edge_order + 1} samples, got {tuple(input.shape)}"
        )
    if isinstance(spacing, Tensor):
        raise TypeError("gradient: spacing is a number, a list of numbers or a list of tensors, got a Tensor")
    steps = list(spacing) if isinstance(spacing, Sequence) else [1 if spacing is None else spacing] * len(axes)
    if len(steps) != len(axes):
        raise RuntimeError(
            f"gradient: spacing is one number or one entry for each of {len(axes)} axes, got a list of length "
            f"{len(steps)}"
        )
    return tuple(_slope(input, axis, step, edge_order) for axis, step in zip(axes, steps, strict=True))


def _slope(x: Tensor, axis: int, step: Number | Tensor, edge_order: int) -> Tensor:
    count = x.shape[axis]

    def part(start: int, length: int = 1) -> Tensor:
        return x.narrow(axis, start % count, length)

    if isinstance(step, Tensor):
        if step.dim() != 1 or len(step) != count:
            raise RuntimeError(
                f"gradient: an entry of spacing has one place per sample of its axis, {count}, got shape "
                f"{tuple(step.shape)}"
            )
        gaps = step.diff()
        gaps = gaps.reshape([-1 if d == axis else 1 for d in range(x.dim())])
    else:
        gaps = rt.full([1] * x.dim(), step, dtype=_rutile.float64 if x.dtype == _rutile.float64 else None)
        gaps = gaps.expand([count - 1 if d == axis else 1 for d in range(x.dim())])

    def gap(start: int, length: int = 1) -> Tensor:
        return gaps.narrow(axis, start % (count - 1), length)

    inside = []
    if count > 2:
        # The parabola through three points (Fornberg, 1988), which for equal gaps is (right - left) / (2 gap).
        before, after = gap(0, count - 2), gap(1, count - 2)
        left, middle, right = part(0, count - 2), part(1, count - 2), part(2, count - 2)
        if isinstance(step, Tensor):
            both = before + after
            inside.append(
                (-after / (before * both)) * left
                + ((after - before) / (before * after)) * middle
                + (before / (after * both)) * right
            )
        else:
            inside.append((right - left) / (2 * before))
    if edge_order == 1:
        ends = [(part(1) - part(0)) / gap(0), (part(-1) - part(-2)) / gap(-1)]
    else:
        ends = []
        for near, far, places, sign in ((gap(0), gap(1), (0, 1, 2), 1.0), (gap(-1), gap(-2), (-1, -2, -3), -1.0)):
            both = near + far
            a, b, c = (part(place) for place in places)
            slope = -(near + both) / (near * both) * a + both / (near * far) * b - near / (far * both) * c
            ends.append(sign * slope)
    first, last = ends
    return rt.cat([first, *inside, last], axis).to(first.dtype if x.is_complex() else (x[:0].sum() / 1).dtype)


def segment_reduce(
    data: Tensor,
    reduce: str,
    *,
    lengths: Tensor | None = None,
    indices: Tensor | None = None,
    offsets: Tensor | None = None,
    axis: int = 0,
    unsafe: bool = False,
    initial: Number | None = None,
) -> Tensor:
    """Reduces consecutive pieces of `data` along `axis`: the result has one place there per piece.

    Args:
        data: floats.
        reduce: `"sum"`, `"mean"`, `"max"`, `"min"` or `"prod"`. Equal extremes share the gradient.
        lengths: how long the pieces are; of `axis + 1` axes, the leading ones as those of `data`.
        indices: not supported, as in PyTorch.
        offsets: in place of lengths, where each piece starts and, behind, where the last ends.
        axis: the axis, which must be the last of `lengths`.
        unsafe: do not check that the lengths add up.
        initial: what a piece's reduction starts with; an empty piece gives this, by default 0, NaN, -inf, inf or 1.

    Example:
        >>> rt.segment_reduce(rt.tensor([1.0, 2.0, 3.0]), "sum", lengths=rt.tensor([2, 0, 1]))
        tensor([3., 0., 3.])
    """
    neutral = {"sum": 0.0, "mean": math.nan, "max": -math.inf, "min": math.inf, "prod": 1.0}
    names = {**{name: name for name in neutral}, "amax": "max", "amin": "min"}
    if reduce not in names:
        raise RuntimeError(f"segment_reduce: the reduce argument is one of {', '.join(neutral)}, got {reduce!r}")
    if indices is not None:
        raise RuntimeError("segment_reduce: indices are not supported; pass lengths or offsets")
    if offsets is not None and lengths is None:
        lengths = offsets.diff(dim=-1)
        start = offsets.narrow(-1, 0, 1)
    elif lengths is not None:
        start = rt.zeros_like(lengths.narrow(-1, 0, 1)) if lengths.shape[-1] else lengths
    else:
        raise RuntimeError("segment_reduce: Either lengths or offsets say where the pieces are; both are missing")
    if not data.is_floating_point():
        raise rt.DTypeError(f"segment_reduce: takes floats, got {data.dtype}")
    axis = axis + data.dim() if axis < 0 else axis
    if lengths.dim() != axis + 1 or lengths.shape[:-1] != data.shape[:axis]:
        raise RuntimeError(
            f"segment_reduce: axis is the last dimension of lengths, whose others are those of data before it; got "
            f"axis {axis}, lengths {tuple(lengths.shape)}, data {tuple(data.shape)}"
        )
    size, pieces = data.shape[axis], lengths.shape[-1]
    if not unsafe:
        if bool((lengths < 0).any()):
            raise RuntimeError(f"segment_reduce: a length is negative, {int(lengths.min())}")
        if bool((start.sum(-1) + lengths.sum(-1) > size).any()) or (
            offsets is None and bool((lengths.sum(-1) != size).any())
        ):
            raise RuntimeError(
                f"segment_reduce: lengths must sum to {size}, the size of axis {axis} of data, unless unsafe=True"
            )
    # Which piece each place belongs to; places of none go to one more, which is cut off.
    ends = (start + lengths.cumsum(-1)).contiguous() if pieces else lengths
    places = rt.arange(size).expand([*lengths.shape[:-1], size]).contiguous()
    piece = rt.searchsorted(ends, places, right=True)
    piece = rt.where(places < start, pieces, piece) if pieces else piece
    piece = piece.reshape([*piece.shape, *[1] * (data.dim() - axis - 1)]).expand(data.shape)
    shape = [*data.shape[:axis], pieces + 1, *data.shape[axis + 1 :]]
    name = names[reduce]
    how = {"max": "amax", "min": "amin", "mean": "sum"}.get(name, name)
    first = initial if initial is not None else 0.0 if name == "mean" else neutral[name]
    out = data.new_full(shape, first).scatter_reduce(axis, piece, data, how).narrow(axis, 0, pieces)
    if name != "mean":
        return out
    counts = lengths.reshape([*lengths.shape, *[1] * (data.dim() - axis - 1)])
    empty = out if initial is not None else rt.full_like(out, math.nan)
    return rt.where(counts > 0, out / counts.clamp(min=1).to(data.dtype), empty)


def norm_except_dim(v: Tensor, pow: int = 2, dim: int = 0) -> Tensor:
    """The norm of order `pow` over all axes but `dim`, which stays, the others with extent 1; with `dim=-1` over all.

    Example:
        >>> rt.norm_except_dim(rt.tensor([[3.0, 4.0], [6.0, 8.0]]))
        tensor([[ 5.],
                [10.]])
    """
    if dim == -1:
        return v.norm(pow)
    if not 0 <= dim < v.dim():
        raise IndexError(f"norm_except_dim: expected dim to be -1 or in [0, {v.dim() - 1}], got {dim}")
    others = [axis for axis in range(v.dim()) if axis != dim]
    return v.norm(pow, others, keepdim=True) if others else v.abs()
