"""Getting samples out of a dataset and into a batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import rutile as rt

from .collate import Collate, default_collate
from .dataset import IterableDataset, Subset, TensorDataset

__all__ = ["fetcher"]


class _ByIndex:
    def __init__(self, dataset: Any, batched: bool, collate: Collate) -> None:
        self.dataset = dataset
        self.batched = batched
        self.collate = collate

    def __call__(self, indices: Any) -> Any:
        if not self.batched:
            return self.collate(self.dataset[indices])
        if self.collate is default_collate:
            batch = _whole_batch(self.dataset, indices)
            if batch is not None:
                return batch
        if hasattr(self.dataset, "__getitems__") and self.dataset.__getitems__:
            return self.collate(self.dataset.__getitems__(indices))
        return self.collate([self.dataset[index] for index in indices])


class _ByIteration:
    def __init__(self, dataset: Any, batched: bool, collate: Collate, drop_last: bool) -> None:
        self.samples: Iterator[Any] = iter(dataset)
        self.batched = batched
        self.collate = collate
        self.drop_last = drop_last
        self.ended = False

    def __call__(self, indices: Any) -> Any:
        if self.ended:
            raise StopIteration
        if not self.batched:
            return self.collate(next(self.samples))
        batch = []
        for _ in indices:
            try:
                batch.append(next(self.samples))
            except StopIteration:
                self.ended = True
                break
        if not batch or (self.drop_last and len(batch) < len(indices)):
            raise StopIteration
        return self.collate(batch)


def fetcher(dataset: Any, batched: bool, collate: Collate, drop_last: bool) -> _ByIndex | _ByIteration:
    """A function from indices to a batch; for an iterable dataset, only their number counts."""
    if isinstance(dataset, IterableDataset):
        return _ByIteration(dataset, batched, collate, drop_last)
    return _ByIndex(dataset, batched, collate)


def _whole_batch(dataset: Any, indices: list[int]) -> list[rt.Tensor] | None:
    """What the default collation makes of rows of a `TensorDataset`, by one operation per tensor.

    Stacking 256 rows one by one takes a hundred times as long.
    """
    while type(dataset) is Subset:
        indices = [dataset.indices[index] for index in indices]
        dataset = dataset.dataset
    if type(dataset) is not TensorDataset:
        return None
    return [tensor[rt.tensor(indices, dtype=rt.int64)] for tensor in dataset.tensors]
