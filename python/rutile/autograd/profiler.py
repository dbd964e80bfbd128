"""PyTorch's older place of the profiler; see `rutile.profiler`."""

from __future__ import annotations

from typing import Any

from rutile.profiler import profile as _profile
from rutile.profiler import record_function as record_function

__all__ = ["profile", "record_function"]


class profile(_profile):  # noqa: N801 - PyTorch's name
    """`rutile.profiler.profile` with the older arguments; `enabled=False` records nothing."""

    def __init__(self, enabled: bool = True, *, use_cpu: bool = True, **options: Any) -> None:
        options = {name: value for name, value in options.items() if name not in ("use_kineto", "use_device")}
        super().__init__(**options)
        self.enabled = enabled and use_cpu

    def start(self) -> None:
        """Begins, unless `enabled=False`."""
        if self.enabled:
            super().start()

    def table(self, *args: Any, **options: Any) -> str:
        """`key_averages().table(...)` of single events."""
        return self.events().table(*args, **options)
