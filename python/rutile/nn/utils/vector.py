"""All parameters as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable

import rutile as rt

__all__ = ["parameters_to_vector", "vector_to_parameters"]


def parameters_to_vector(parameters: Iterable[rt.Tensor]) -> rt.Tensor:
    """The parameters, flattened, one behind the other.

    Example:
        >>> list(rt.nn.utils.parameters_to_vector(rt.nn.Linear(3, 2).parameters()).shape)
        [8]
    """
    return rt.cat([parameter.reshape(-1) for parameter in parameters])


def vector_to_parameters(vec: rt.Tensor, parameters: Iterable[rt.Tensor]) -> None:
    """Makes each parameter a view of its part of `vec`, in the order of `parameters_to_vector`.

    Example:
        >>> layer = nn.Linear(2, 1)
        >>> nn.utils.vector_to_parameters(rt.tensor([1.0, 2.0, 3.0]), layer.parameters())
        >>> layer.bias.item()
        3.0
    """
    if not isinstance(vec, rt.Tensor):
        raise TypeError(f"expected a Tensor, but got: {type(vec).__name__}")
    start = 0
    for parameter in parameters:
        parameter.data = vec[start : start + parameter.numel()].view_as(parameter).data
        start += parameter.numel()
