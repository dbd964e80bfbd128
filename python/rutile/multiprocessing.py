"""Python's `multiprocessing`, and `spawn`. Tensors are sent by copy.

PyTorch's tensors can also lie in memory that processes share; these can't, so training one model from many processes
(Hogwild) does not work: `share_memory_()` raises.
"""

from __future__ import annotations

import multiprocessing as _multiprocessing
from collections.abc import Callable
from multiprocessing import *  # noqa: F403 - the same module under PyTorch's name
from typing import Any

__all__ = [*_multiprocessing.__all__, "spawn"]


def spawn(
    fn: Callable[..., Any],
    args: tuple[Any, ...] = (),
    nprocs: int = 1,
    join: bool = True,
    daemon: bool = False,
    start_method: str = "spawn",
) -> list[Any] | None:
    """Runs `fn(i, *args)` in `nprocs` new processes.

    Args:
        join: wait for all; then the return value is None, and a process that fails ends the others and raises
            RuntimeError. Otherwise the processes are returned.
    """
    context = _multiprocessing.get_context(start_method)
    processes = [context.Process(target=fn, args=(rank, *args), daemon=daemon) for rank in range(nprocs)]  # type: ignore[attr-defined]
    for process in processes:
        process.start()
    if not join:
        return processes
    from multiprocessing.connection import wait

    failed: dict[int, Any] = {}
    try:
        while running := [process for process in processes if process.is_alive()]:
            wait([process.sentinel for process in running])
            failed = {rank: p.exitcode for rank, p in enumerate(processes) if p.exitcode not in (None, 0)}
            if failed:
                break
    finally:
        for process in processes:
            if process.is_alive():
                process.terminate()
            process.join()
    failed = failed or {rank: process.exitcode for rank, process in enumerate(processes) if process.exitcode}
    for rank, code in failed.items():
        raise RuntimeError(f"multiprocessing.spawn: process {rank} ended with exit code {code}; its traceback is above")
    return None


def get_sharing_strategy() -> str:
    """`"copy"`: tensors are sent by copy."""
    return "copy"


def set_sharing_strategy(new_strategy: str) -> None:
    """Does nothing: tensors are sent by copy, so no strategy can run out of file descriptors or shared memory."""
