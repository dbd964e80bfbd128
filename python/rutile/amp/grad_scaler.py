"""`GradScaler` with the scale 1."""

from __future__ import annotations

from typing import Any

from rutile import _rutile

__all__ = ["GradScaler"]


class GradScaler:
    """Scales a loss by 1 and steps the optimizer: gradients of float32 need no scaling.

    It does what PyTorch's does with `enabled=False`, whatever it is given, so a training loop written with a scaler
    runs as one without.

    Example:
        >>> w = rt.nn.Parameter(rt.ones(1))
        >>> optimizer, scaler = rt.optim.SGD([w], lr=0.5), rt.amp.GradScaler()
        >>> scaler.scale((w * 3).sum()).backward()
        >>> scaler.step(optimizer)
        >>> scaler.update()
        >>> w.item(), scaler.get_scale()
        (-0.5, 1.0)
    """

    def __init__(
        self,
        device: str = "cpu",
        init_scale: float = 65536.0,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None:
        self._growth_factor = growth_factor
        self._backoff_factor = backoff_factor
        self._growth_interval = growth_interval

    def scale(self, outputs: Any) -> Any:
        """`outputs` themselves."""
        return outputs

    def unscale_(self, optimizer: Any) -> None:
        """Does nothing: the gradients are not scaled."""

    def step(self, optimizer: Any, *args: Any, **kwargs: Any) -> Any:
        """`optimizer.step(*args, **kwargs)`."""
        return optimizer.step(*args, **kwargs)

    def update(self, new_scale: float | _rutile.Tensor | None = None) -> None:
        """Does nothing: the scale stays 1."""

    def get_scale(self) -> float:
        """1.0."""
        return 1.0

    def is_enabled(self) -> bool:
        """False: there is no scaling."""
        return False

    def get_growth_factor(self) -> float:
        """What the constructor was given; nothing grows."""
        return self._growth_factor

    def get_backoff_factor(self) -> float:
        """What the constructor was given; nothing shrinks."""
        return self._backoff_factor

    def get_growth_interval(self) -> int:
        """What the constructor was given."""
        return self._growth_interval

    def state_dict(self) -> dict[str, Any]:
        """Empty, as that of a disabled scaler of PyTorch."""
        return {}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Ignores the scale of another run: it has no effect on what the optimizer sees."""
