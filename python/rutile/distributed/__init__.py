"""Training in one process: `is_available()` is False, and whatever would need a second process raises when called.

Scripts import these names at their top and use them behind a check of `WORLD_SIZE`, a `--distributed` option or
`is_initialized()`, so the import works. Spread work over cores with threads (`rutile.set_num_threads`), over data with
`DataLoader(num_workers=...)`.
"""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = [
    "all_gather",
    "all_reduce",
    "barrier",
    "broadcast",
    "destroy_process_group",
    "get_rank",
    "get_world_size",
    "init_process_group",
    "is_available",
    "is_initialized",
    "is_torchelastic_launched",
    "new_group",
    "reduce",
]


def is_available() -> bool:
    """False: training runs in one process."""
    return False


def is_initialized() -> bool:
    """False: training runs in one process."""
    return False


def is_nccl_available() -> bool:
    """False: there is no GPU."""
    return False


def is_gloo_available() -> bool:
    """False: training runs in one process."""
    return False


def is_mpi_available() -> bool:
    """False: training runs in one process."""
    return False


def is_torchelastic_launched() -> bool:
    """False: training runs in one process."""
    return False


def get_rank(group: object = None) -> int:
    """Raises, as PyTorch does before `init_process_group`; guard it by `is_initialized()`."""
    _absent("get_rank")


def get_world_size(group: object = None) -> int:
    """Raises, as PyTorch does before `init_process_group`; guard it by `is_initialized()`."""
    _absent("get_world_size")


def init_process_group(*args: Any, **kwargs: Any) -> None:
    """Raises: training runs in one process."""
    _absent("init_process_group")


def destroy_process_group(group: object = None) -> None:
    """Raises: there is no process group."""
    _absent("destroy_process_group")


def new_group(*args: Any, **kwargs: Any) -> Any:
    """Raises: there is no process group."""
    _absent("new_group")


def barrier(*args: Any, **kwargs: Any) -> None:
    """Raises: there is no process group."""
    _absent("barrier")


def broadcast(*args: Any, **kwargs: Any) -> Any:
    """Raises: there is no process group."""
    _absent("broadcast")


def all_reduce(*args: Any, **kwargs: Any) -> Any:
    """Raises: there is no process group."""
    _absent("all_reduce")


def all_gather(*args: Any, **kwargs: Any) -> Any:
    """Raises: there is no process group."""
    _absent("all_gather")


def reduce(*args: Any, **kwargs: Any) -> Any:
    """Raises: there is no process group."""
    _absent("reduce")


class ReduceOp:
    """Names of reductions, for code that mentions them."""

    SUM, PRODUCT, MIN, MAX, AVG = "sum", "product", "min", "max", "avg"


def _absent(name: str) -> NoReturn:
    raise RuntimeError(
        f"distributed.{name}: Rutile trains in one process; guard it by distributed.is_available(). Threads are set by "
        "rutile.set_num_threads, processes that load data by DataLoader(num_workers=...)"
    )


def __getattr__(name: str) -> Any:
    from rutile.compat.missing import missing

    raise missing(f"module {__name__!r}", name, globals())
