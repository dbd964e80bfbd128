"""Statistics whose results are nested, around the engine's operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from . import _rutile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._rutile import Tensor


class _HistogramDD(NamedTuple):
    hist: Tensor
    bin_edges: tuple[Tensor, ...]


def histogramdd(
    input: Tensor,
    bins: int | Sequence[int] | Sequence[Tensor],
    *,
    range: Sequence[float] | None = None,
    weight: Tensor | None = None,
    density: bool = False,
) -> _HistogramDD:
    """How many points lie in each cell of a grid, and the edges of the grid.

    Args:
        input: points, shape (..., dimensions), floats.
        bins: number of bins, the same in all dimensions or one for each, or the edges in each dimension.
        range: lower and upper end in each dimension, one after the other; by default the extremes.
        weight: counts each point by its weight, shape (...).
        density: divides by the sum and by the volumes of the cells.

    Returns:
        `hist`, with an axis per dimension, and `bin_edges`, a tensor per dimension.

    Example:
        >>> import rutile as rt
        >>> rt.histogramdd(rt.tensor([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), bins=2).hist
        tensor([[0., 1.],
                [1., 1.]])
    """
    hist, *edges = _rutile._histogramdd(input, bins, range=range, weight=weight, density=density)
    return _HistogramDD(hist, tuple(edges))
