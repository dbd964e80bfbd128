"""What runs in a worker process of a loader."""

from __future__ import annotations

import multiprocessing
import queue
import random
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import rutile as rt

from .collate import Collate
from .fetch import fetcher

__all__ = ["Ended", "Failure", "Resume", "WorkerInfo", "get_worker_info", "run"]

# How often an idle worker looks whether its parent is still there, in seconds.
_PATIENCE = 5.0


@dataclass(frozen=True)
class WorkerInfo:
    """Who a worker is.

    Attributes:
        id: its number, from 0.
        num_workers: how many there are.
        seed: what its random generators were seeded with.
        dataset: its copy of the dataset.
    """

    id: int
    num_workers: int
    seed: int
    dataset: Any


_info: WorkerInfo | None = None


def get_worker_info() -> WorkerInfo | None:
    """In a worker process, who it is; None elsewhere."""
    return _info


@dataclass(frozen=True)
class Resume:
    """Asks a persistent worker to begin another epoch."""

    seed: int


@dataclass(frozen=True)
class Ended:
    """Says that a worker's iterable dataset has no more samples."""

    worker: int


class Failure:
    """An exception on its way to the parent, as its type and the text of its traceback."""

    def __init__(self, error: BaseException, where: str) -> None:
        self.kind = type(error)
        self.where = where
        self.text = "".join(traceback.format_exception(error))

    def reraise(self) -> None:
        """Raises the same kind of exception, with the worker's traceback as its message."""
        message = f"Caught {self.kind.__name__} {self.where}.\nOriginal {self.text}"
        if self.kind is KeyError:
            # A KeyError shows the repr of its message, which would hide the line breaks.
            raise KeyError(_Verbatim(message)) from None
        try:
            error = self.kind(message)
        except Exception:
            # Exceptions with a constructor of their own.
            raise RuntimeError(message) from None
        raise error


class _Verbatim(str):
    def __repr__(self) -> str:
        return str(self)


def run(
    dataset: Any,
    tasks: Any,
    results: Any,
    batched: bool,
    collate: Collate,
    drop_last: bool,
    seed: int,
    init: Callable[[int], None] | None,
    number: int,
    num_workers: int,
) -> None:
    """Answers tasks `(number, indices)` by `(number, batch)` until the task None comes."""
    global _info
    where = f"in DataLoader worker process {number}"
    rt.set_num_threads(1)

    def begin(seed: int, init: Callable[[int], None] | None) -> Callable[[Any], Any]:
        """Prepares an epoch; what goes wrong in it is the answer to every task."""
        _seed(seed)
        try:
            if init is not None:
                init(number)
            return fetcher(dataset, batched, collate, drop_last)
        except Exception as error:
            failure = Failure(error, where)
            return lambda indices: failure

    _info = WorkerInfo(number, num_workers, seed + number, dataset)
    fetch = begin(seed + number, init)
    try:
        while True:
            task = _next(tasks)
            if task is None:
                # Nobody reads any more: do not wait until answers are through the pipe.
                results.cancel_join_thread()
                break
            if isinstance(task, Resume):
                fetch = begin(task.seed + number, None)
                continue
            order, indices = task
            try:
                answer = fetch(indices)
            except StopIteration:
                answer = Ended(number)
            except Exception as error:
                answer = Failure(error, where)
            results.put((order, answer))
    except KeyboardInterrupt:
        pass  # The parent reports it.
    finally:
        results.close()


def _next(tasks: Any) -> Any:
    """The next task; None if the parent is gone."""
    parent = multiprocessing.parent_process()
    while True:
        try:
            return tasks.get(timeout=_PATIENCE)
        except queue.Empty:
            if parent is not None and not parent.is_alive():
                return None


def _seed(seed: int) -> None:
    """Seeds every generator a dataset is likely to use."""
    random.seed(seed)
    rt.manual_seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed % 2**32)
