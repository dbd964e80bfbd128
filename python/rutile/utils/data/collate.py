"""Making one batch of several samples."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import rutile as rt

__all__ = ["default_collate", "default_convert"]

_HINT = "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {}"


def _is_array(value: Any) -> bool:
    # NumPy is not imported for this: what is not imported has no arrays.
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray | numpy.generic)


def _rebuilt(like: Any, values: list[Any]) -> Any:
    """A sequence of the type of `like`; named tuples keep their names."""
    if hasattr(like, "_fields"):
        return type(like)(*values)
    if isinstance(like, tuple):
        return values
    try:
        return type(like)(values)
    except TypeError:
        return values  # A sequence that cannot be built from a list, such as a range.


def default_collate(batch: Sequence[Any]) -> Any:
    """Stacks samples along a new first axis, inside whatever structure they have.

    Tensors and arrays are stacked, numbers become tensors (float64, int64 or bool), strings stay a list;
    dictionaries, tuples and lists are collated member by member (tuples become lists, named tuples stay).

    Example:
        >>> rt.utils.data.default_collate([(1, "a"), (2, "b")])[0].tolist()
        [1, 2]
    """
    first = batch[0]
    if isinstance(first, rt.Tensor):
        return rt.stack(list(batch))
    if _is_array(first):
        if getattr(first, "shape", ()) == ():
            return rt.as_tensor([value.item() for value in batch], dtype=rt.as_tensor(first).dtype)
        if first.dtype.kind in "USO":
            raise TypeError(_HINT.format(first.dtype))
        return rt.stack([rt.as_tensor(array) for array in batch])
    if isinstance(first, bool):
        return rt.tensor(list(batch))
    if isinstance(first, float):
        return rt.tensor(list(batch), dtype=rt.float64)
    if isinstance(first, int):
        return rt.tensor(list(batch))
    if isinstance(first, str | bytes):
        return batch
    if isinstance(first, Mapping):
        collated = {key: default_collate([sample[key] for sample in batch]) for key in first}
        try:
            return type(first)(collated)  # type: ignore[call-arg]
        except TypeError:
            return collated
    if isinstance(first, Sequence):
        if any(len(sample) != len(first) for sample in batch):
            raise RuntimeError(
                f"each element in list of batch should be of equal size, got {[len(sample) for sample in batch]}"
            )
        return _rebuilt(first, [default_collate(members) for members in zip(*batch, strict=True)])
    raise TypeError(_HINT.format(type(first)))


def default_convert(data: Any) -> Any:
    """Makes arrays tensors, inside whatever structure they have; what a loader without batches does to samples."""
    if isinstance(data, rt.Tensor | str | bytes):
        return data
    if _is_array(data):
        return data if data.dtype.kind in "USO" else rt.as_tensor(data)
    if isinstance(data, Mapping):
        converted = {key: default_convert(value) for key, value in data.items()}
        try:
            return type(data)(converted)  # type: ignore[call-arg]
        except TypeError:
            return converted
    if isinstance(data, Sequence):
        return _rebuilt(data, [default_convert(value) for value in data])
    return data


Collate = Callable[[Any], Any]
