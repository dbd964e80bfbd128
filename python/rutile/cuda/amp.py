"""`torch.cuda.amp`'s spelling of `rutile.amp`: `autocast(enabled)` and `GradScaler(init_scale, ...)` pass through."""

from __future__ import annotations

from typing import Any

from ..amp import GradScaler as _GradScaler
from ..amp import autocast as _autocast
from ..amp import custom_bwd, custom_fwd, grad_scaler

__all__ = ["GradScaler", "autocast", "custom_bwd", "custom_fwd", "grad_scaler"]


class autocast(_autocast):  # noqa: N801 - PyTorch's name
    """`rutile.amp.autocast` whose first argument is `enabled`."""

    def __init__(self, enabled: bool = True, dtype: Any = None, cache_enabled: bool = True) -> None:
        super().__init__("cuda", dtype, enabled, cache_enabled)


class GradScaler(_GradScaler):
    """`rutile.amp.GradScaler` whose first argument is the scale."""

    def __init__(
        self,
        init_scale: float = 65536.0,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None:
        super().__init__("cuda", init_scale, growth_factor, backoff_factor, growth_interval, enabled)
