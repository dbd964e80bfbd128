"""`DataLoader`: batches of a dataset, in this process or by workers."""

from __future__ import annotations

import itertools
import multiprocessing
import queue
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

import rutile as rt

from . import worker
from .collate import Collate, default_collate, default_convert
from .dataset import Dataset, IterableDataset
from .fetch import fetcher
from .sampler import BatchSampler, RandomSampler, Sampler, SequentialSampler

__all__ = ["DataLoader", "default_collate", "default_convert", "get_worker_info"]

get_worker_info = worker.get_worker_info

T_co = TypeVar("T_co", covariant=True)

# How often to look whether a worker has died while waiting for a batch, in seconds.
_PATIENCE = 2.0

# How long a worker may take to finish its sample when it is told to end, in seconds.
_GRACE = 1.0


class DataLoader(Generic[T_co]):
    """Iterates over a dataset in batches.

    Args:
        dataset: by index (`__getitem__`, `__len__`) or an `IterableDataset`.
        batch_size: samples per batch (default: 1); None gives single samples.
        shuffle: another random order every epoch (default: False).
        sampler: the order, as an iterable of indices; not with `shuffle`.
        batch_sampler: the batches, as an iterable of lists of indices; not with `batch_size`, `shuffle`, `sampler`,
            `drop_last`.
        num_workers: processes that make batches ahead (default: 0, this process makes them).
        collate_fn: makes a batch of a list of samples (default: `default_collate`).
        pin_memory, pin_memory_device: accepted for PyTorch's sake; there is no device to copy to.
        drop_last: leave out a last batch that is smaller.
        timeout: seconds to wait for a batch of a worker (default: 0, for ever).
        worker_init_fn: called with the worker's number in each worker, before it begins.
        multiprocessing_context: how workers start (`"fork"`, `"spawn"`, ...; default: as the platform does).
        generator: source of the order and of the workers' seeds (default: the global one).
        prefetch_factor: batches made ahead per worker (default: 2).
        persistent_workers: keep the workers from one epoch to the next.
        in_order: False hands out batches as they come from the workers.

    Example:
        >>> data = rt.utils.data.TensorDataset(rt.arange(5), rt.arange(5) * 10)
        >>> for x, y in rt.utils.data.DataLoader(data, batch_size=2):
        ...     print(x.tolist(), y.tolist())
        [0, 1] [0, 10]
        [2, 3] [20, 30]
        [4] [40]
    """

    dataset: Dataset[T_co]
    batch_size: int | None
    sampler: Any
    batch_sampler: Any

    def __init__(
        self,
        dataset: Dataset[T_co],
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Sampler[Any] | Iterable[Any] | None = None,
        batch_sampler: Sampler[list[Any]] | Iterable[list[Any]] | None = None,
        num_workers: int = 0,
        collate_fn: Collate | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: Any = None,
        generator: rt.Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        if num_workers < 0:
            raise ValueError("num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.")
        if timeout < 0:
            raise ValueError("timeout option should be non-negative")
        if num_workers == 0:
            if prefetch_factor is not None:
                raise ValueError(
                    "prefetch_factor option could only be specified in multiprocessing: let num_workers > 0"
                )
            if persistent_workers:
                raise ValueError("persistent_workers option needs num_workers > 0")
        elif prefetch_factor is not None and prefetch_factor < 0:
            raise ValueError("prefetch_factor option should be non-negative")
        if sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle")
        iterable = isinstance(dataset, IterableDataset)
        if iterable and (shuffle or sampler is not None or batch_sampler is not None):
            raise ValueError(
                "DataLoader with IterableDataset: expected unspecified shuffle, sampler and batch_sampler options, got "
                f"shuffle={shuffle}, sampler={sampler}, batch_sampler={batch_sampler}"
            )
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError(
                    "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last"
                )
            batch_size = None
        elif batch_size is None and drop_last:
            raise ValueError("batch_size=None option disables auto-batching and is mutually exclusive with drop_last")

        order: Any = sampler
        if order is None:
            if iterable:
                order = _Endless()
            elif shuffle:
                order = RandomSampler(dataset, generator=generator)  # type: ignore[arg-type]
            else:
                order = SequentialSampler(dataset)  # type: ignore[arg-type]
        if batch_size is not None:
            batch_sampler = BatchSampler(order, batch_size, drop_last)
        self.dataset = dataset
        self.batch_size = batch_size
        self.sampler = order
        self.batch_sampler = batch_sampler
        self.num_workers = num_workers
        self.collate_fn = collate_fn or (default_convert if batch_sampler is None else default_collate)
        self.pin_memory = pin_memory
        self.pin_memory_device = pin_memory_device
        self.drop_last = drop_last
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.multiprocessing_context = multiprocessing_context
        self.generator = generator
        self.prefetch_factor = (2 if prefetch_factor is None else prefetch_factor) if num_workers else None
        self.persistent_workers = persistent_workers
        self.in_order = in_order
        self._workers: _Workers | None = None

    @property
    def batched(self) -> bool:
        """Whether it gives batches and not single samples."""
        return self.batch_sampler is not None

    def __len__(self) -> int:
        if isinstance(self.dataset, IterableDataset):
            length = len(self.dataset)  # type: ignore[arg-type]
            if self.batch_size is None:
                return length
            whole, rest = divmod(length, self.batch_size)
            return whole + bool(rest and not self.drop_last)
        return len(self.batch_sampler if self.batched else self.sampler)

    def __iter__(self) -> Iterator[Any]:
        # One number per epoch, whether workers need it or not, so that random numbers do not depend on their count.
        seed = int(rt.randint(2**62, (), dtype=rt.int64, generator=self.generator))
        if self.num_workers == 0:
            return self._here()
        if not self.persistent_workers:
            return _Workers(self, seed).epoch()
        if self._workers is None or self._workers.closed:
            self._workers = _Workers(self, seed)
        else:
            self._workers.restart(seed)
        return self._workers.epoch()

    def _indices(self) -> Iterator[Any]:
        return iter(self.batch_sampler if self.batched else self.sampler)

    def _here(self) -> Iterator[Any]:
        fetch = fetcher(self.dataset, self.batched, self.collate_fn, self.drop_last)
        for indices in self._indices():
            try:
                batch = fetch(indices)
            except StopIteration:
                return
            yield batch

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_workers": None}


class _Endless(Sampler[None]):
    """Stands in for indices where there are none."""

    def __iter__(self) -> Iterator[None]:
        return itertools.repeat(None)


class _Workers:
    """The processes of a loader, and the batches under way between them and this one.

    Every worker has its own queue of tasks and is given them in turn; all answer into one queue. Answers that come too
    early wait in `early`.
    """

    def __init__(self, loader: DataLoader[Any], seed: int) -> None:
        self.loader = loader
        self.closed = False
        self.tasks: list[Any] = []
        self.processes: list[Any] = []
        context = loader.multiprocessing_context
        if context is None or isinstance(context, str):
            context = multiprocessing.get_context(context)
        self.results = context.Queue()
        self.tasks = [context.Queue() for _ in range(loader.num_workers)]
        for number, tasks in enumerate(self.tasks):
            process = context.Process(
                target=worker.run,
                args=(
                    loader.dataset,
                    tasks,
                    self.results,
                    loader.batched,
                    loader.collate_fn,
                    loader.drop_last,
                    seed,
                    loader.worker_init_fn,
                    number,
                    loader.num_workers,
                ),
                daemon=True,
            )
            process.start()
            self.processes.append(process)
        self._begin()

    def _begin(self) -> None:
        self.indices = self.loader._indices()
        self.turns = itertools.cycle(range(len(self.tasks)))
        self.running = set(range(len(self.tasks)))
        self.sent = 0
        self.received = 0
        self.early: dict[int, Any] = {}
        self.pending: set[int] = set()
        for _ in range(max(1, self.loader.prefetch_factor or 1) * len(self.tasks)):
            self._send()

    def restart(self, seed: int) -> None:
        """Begins another epoch with the same processes; what is left of the last one is dropped."""
        while self.pending:
            self._receive()
        for tasks in self.tasks:
            tasks.put(worker.Resume(seed))
        self._begin()

    def epoch(self) -> Iterator[Any]:
        """The batches of one epoch; the processes end with it, unless they are persistent."""
        try:
            while self.pending or self.early:
                answer = self._next()
                if isinstance(answer, worker.Failure):
                    answer.reraise()
                if isinstance(answer, worker.Ended):
                    self.running.discard(answer.worker)
                self._send()
                if not isinstance(answer, worker.Ended):
                    yield answer
        finally:
            if not self.loader.persistent_workers:
                self.close()

    def _send(self) -> None:
        """Gives the next task to the next worker that still has samples."""
        if not self.running:
            return
        try:
            indices = next(self.indices)
        except StopIteration:
            return
        turn = next(turn for turn in self.turns if turn in self.running)
        self.tasks[turn].put((self.sent, indices))
        self.pending.add(self.sent)
        self.sent += 1

    def _next(self) -> Any:
        """The next answer, in the order of the tasks if that is wanted."""
        if not self.loader.in_order:
            return self._receive()[1]
        while self.received not in self.early:
            order, answer = self._receive()
            self.early[order] = answer
        self.received += 1
        return self.early.pop(self.received - 1)

    def _receive(self) -> tuple[int, Any]:
        """Waits for any answer, watching over the workers."""
        timeout = self.loader.timeout
        end = time.monotonic() + timeout
        while True:
            wait = min(_PATIENCE, max(end - time.monotonic(), 0.0)) if timeout else _PATIENCE
            try:
                order, answer = self.results.get(timeout=wait)
            except queue.Empty:
                dead = [str(process.pid) for process in self.processes if not process.is_alive()]
                if dead:
                    self.close()
                    raise RuntimeError(f"DataLoader worker (pid(s) {', '.join(dead)}) exited unexpectedly") from None
                if timeout and time.monotonic() >= end:
                    self.close()
                    raise RuntimeError(f"DataLoader timed out after {timeout} seconds") from None
            else:
                self.pending.remove(order)
                return order, answer

    def close(self) -> None:
        """Ends the processes."""
        if self.closed:
            return
        self.closed = True
        for tasks in self.tasks:
            tasks.put(None)
        deadline = time.monotonic() + _GRACE
        for process in self.processes:
            process.join(max(0.0, deadline - time.monotonic()))
            if process.is_alive():
                process.terminate()
                process.join()
        for channel in (*self.tasks, self.results):
            channel.cancel_join_thread()
            channel.close()

    def __del__(self) -> None:
        self.close()
