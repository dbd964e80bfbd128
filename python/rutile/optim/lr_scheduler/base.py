"""What all schedules share."""

from __future__ import annotations

import warnings
from typing import Any

import rutile as rt

from ..optimizer import Optimizer

__all__ = ["LRScheduler", "copy_of", "per_group", "set_option"]


def set_option(group: dict[str, Any], name: str, value: Any) -> None:
    """Sets an option; a tensor keeps its identity, since others may hold it."""
    if isinstance(group[name], rt.Tensor):
        with rt.no_grad():
            group[name].fill_(float(value))
    else:
        group[name] = value


def per_group(name: str, optimizer: Optimizer, value: Any) -> list[Any]:
    """One value per parameter group: a single one is repeated."""
    count = len(optimizer.param_groups)
    if not isinstance(value, list | tuple):
        return [value] * count
    if len(value) != count:
        raise ValueError(f"{name} must have the same length as optimizer.param_groups: {count}, got {len(value)}")
    return list(value)


class LRScheduler:
    """Base class of schedules. A subclass defines `get_lr`, the rates of all groups at `self.last_epoch`.

    Args:
        optimizer: whose groups to change. The rate it has now is the base rate (kept as `group["initial_lr"]`).
        last_epoch: -1 to start, or where to go on.

    Attributes:
        last_epoch: how often `step` was called.
        base_lrs: the base rate of each group.

    Example:
        >>> sgd = rt.optim.SGD([rt.nn.Parameter(rt.zeros(1))], lr=1.0)
        >>> schedule = rt.optim.lr_scheduler.StepLR(sgd, step_size=2)
        >>> rates = []
        >>> for _ in range(4):
        ...     sgd.step()
        ...     schedule.step()
        ...     rates += [round(rate, 4) for rate in schedule.get_last_lr()]
        >>> rates
        [1.0, 0.1, 0.1, 0.01]
    """

    _is_initial = False

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
        self.optimizer = optimizer
        for number, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", copy_of(group["lr"]))
            elif "initial_lr" not in group:
                raise KeyError(
                    f"param 'initial_lr' is not specified in param_groups[{number}] when resuming scheduler with "
                    "last_epoch >= 0: load the optimizer's state first"
                )
        self.base_lrs = [copy_of(group["initial_lr"]) for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._initial_step()

    def _initial_step(self) -> None:
        self._step_count = 0
        # A schedule that goes on at `last_epoch` finds the rates as the one before it left them.
        self._is_initial = True
        self.step()
        self._is_initial = False

    def get_lr(self) -> list[Any]:
        """The rates of all groups at `self.last_epoch`, given those of the step before. Users want `get_last_lr`."""
        raise NotImplementedError

    def get_last_lr(self) -> list[Any]:
        """The rates that were set last."""
        return self._last_lr

    def step(self, epoch: int | None = None) -> None:
        """Goes on by one epoch (or, deprecated, to `epoch`) and sets the rates."""
        if self._step_count == 1 and not self.optimizer._opt_called:
            warnings.warn(
                "Detected call of `lr_scheduler.step()` before `optimizer.step()`: call them in the opposite order, "
                "or the first value of the learning rate schedule is skipped.",
                stacklevel=2,
            )
        self._step_count += 1
        if epoch is not None:
            warnings.warn("The epoch parameter in `scheduler.step()` is deprecated: call it without.", stacklevel=2)
        self._update_lr(epoch)

    def _update_lr(self, epoch: int | None = None) -> None:
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        rates = self.get_lr() if epoch is None else self._get_closed_form_lr()
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            set_option(group, "lr", rate)
        self._last_lr = self._current()

    def _get_closed_form_lr(self) -> list[Any]:
        """The rates at `self.last_epoch`, whatever they are now."""
        return self.get_lr()

    def _current(self) -> list[Any]:
        return [copy_of(group["lr"]) for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimizer."""
        return {key: value for key, value in self.__dict__.items() if key != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes over what `state_dict` gave."""
        self.__dict__.update(state_dict)


def copy_of(rate: Any) -> Any:
    """A copy of a rate: tensors are changed in place."""
    return rate.detach().clone() if isinstance(rate, rt.Tensor) else rate


class _LRScheduler(LRScheduler):
    """Older name of `LRScheduler`."""
