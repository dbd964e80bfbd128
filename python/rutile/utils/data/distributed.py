"""A part of a dataset for each of several processes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sized

import rutile as rt

from .sampler import Sampler

__all__ = ["DistributedSampler"]


class DistributedSampler(Sampler[int]):
    """Every `num_replicas`-th index, from `rank` on, of all indices in one order: each process sees its own part.

    Args:
        dataset: what has a length.
        num_replicas: how many parts (default: as many as `rutile.distributed` has processes, which raises without
            any, as in PyTorch).
        rank: which part, from 0.
        shuffle: a random order, the same in all parts (default: True). Call `set_epoch` for another one.
        seed: of the order (default: 0).
        drop_last: drop what is left over, else some indices come twice (default: False).

    Example:
        >>> from rutile.utils.data.distributed import DistributedSampler
        >>> list(DistributedSampler(range(5), num_replicas=2, rank=1, shuffle=False))
        [1, 3, 0]
    """

    def __init__(
        self,
        dataset: Sized,
        num_replicas: int | None = None,
        rank: int | None = None,
        shuffle: bool = True,
        seed: int = 0,
        drop_last: bool = False,
    ) -> None:
        if num_replicas is None:
            num_replicas = rt.distributed.get_world_size()
        if rank is None:
            rank = rt.distributed.get_rank()
        if not 0 <= rank < num_replicas:
            raise ValueError(f"Invalid rank {rank}, rank should be in the interval [0, {num_replicas - 1}]")
        self.dataset = dataset
        self.num_replicas = num_replicas
        self.rank = rank
        self.epoch = 0
        self.drop_last = drop_last
        self.shuffle = shuffle
        self.seed = seed
        count = len(dataset)
        short = drop_last and count % num_replicas
        self.num_samples = math.ceil((count - num_replicas if short else count) / num_replicas)
        self.total_size = self.num_samples * num_replicas

    def __iter__(self) -> Iterator[int]:
        count = len(self.dataset)
        if self.shuffle:
            indices = rt.randperm(count, generator=rt.Generator().manual_seed(self.seed + self.epoch)).tolist()
        else:
            indices = list(range(count))
        if not self.drop_last and indices:
            indices = (indices * math.ceil(self.total_size / count))[: self.total_size]
        return iter(indices[self.rank : self.total_size : self.num_replicas])

    def __len__(self) -> int:
        return self.num_samples

    def set_epoch(self, epoch: int) -> None:
        """Another order for another epoch."""
        self.epoch = epoch
