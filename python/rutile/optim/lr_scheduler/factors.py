"""Schedules that multiply the rate by a factor of the epoch."""

from __future__ import annotations

import math
import types
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..optimizer import Optimizer
from .base import LRScheduler, per_group

__all__ = [
    "ConstantLR",
    "ExponentialLR",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "PolynomialLR",
    "StepLR",
]


class _Lambdas(LRScheduler):
    """Schedules by functions of the epoch, one for all groups or one each."""

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | Sequence[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        self.lr_lambdas = per_group("lr_lambda", optimizer, lr_lambda)
        super().__init__(optimizer, last_epoch)

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimizer and plain functions; of callable objects, the attributes."""
        state = {key: value for key, value in self.__dict__.items() if key not in ("optimizer", "lr_lambdas")}
        plain = types.FunctionType | types.BuiltinFunctionType | types.MethodType
        state["lr_lambdas"] = [None if isinstance(f, plain) else dict(f.__dict__) for f in self.lr_lambdas]
        return state

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes over what `state_dict` gave; plain functions stay."""
        self.__dict__.update((key, value) for key, value in state_dict.items() if key != "lr_lambdas")
        for function, attributes in zip(self.lr_lambdas, state_dict["lr_lambdas"], strict=True):
            if attributes is not None:
                function.__dict__.update(attributes)


class LambdaLR(_Lambdas):
    """The base rate times `lr_lambda(epoch)`.

    Args:
        lr_lambda: a function, or one per group.
    """

    def get_lr(self) -> list[Any]:
        return [base * f(self.last_epoch) for base, f in zip(self.base_lrs, self.lr_lambdas, strict=True)]


class MultiplicativeLR(_Lambdas):
    """At each step, the rate times `lr_lambda(epoch)`.

    Args:
        lr_lambda: a function, or one per group.
    """

    def get_lr(self) -> list[Any]:
        rates = self._current()
        if self._is_initial:
            return rates
        return [rate * f(self.last_epoch) for rate, f in zip(rates, self.lr_lambdas, strict=True)]


class _Factor(LRScheduler):
    """The base rate times a factor of the epoch, applied as the ratio of neighbouring factors."""

    _keeps_first = False
    """Whether a schedule that goes on at `last_epoch` takes the rates as they are, as PyTorch's does."""

    def _factor(self, epoch: int) -> float:
        raise NotImplementedError

    def get_lr(self) -> list[Any]:
        if self._keeps_first and self._is_initial and self.last_epoch > 0:
            return self._current()
        before = 1.0 if self.last_epoch == 0 else self._factor(self.last_epoch - 1)
        # From 0 there is no way back.
        ratio = self._factor(self.last_epoch) / before if before else 1.0
        return [rate * ratio for rate in self._current()]

    def _get_closed_form_lr(self) -> list[Any]:
        return [base * self._factor(self.last_epoch) for base in self.base_lrs]


class _Drops(_Factor):
    """The rate times `gamma` at certain epochs."""

    gamma: float

    def _drops(self, epoch: int) -> int:
        """How often up to an epoch."""
        raise NotImplementedError

    def _factor(self, epoch: int) -> float:
        return self.gamma ** self._drops(epoch)

    def get_lr(self) -> list[Any]:
        # Not by the ratio of powers, which differs in the last digit, and vanishes if gamma is small.
        drops = self._drops(self.last_epoch) - (self._drops(self.last_epoch - 1) if self.last_epoch > 0 else 0)
        return [rate * self.gamma**drops if drops else rate for rate in self._current()]


class StepLR(_Drops):
    """The rate times `gamma` (default: 0.1) every `step_size` epochs."""

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _drops(self, epoch: int) -> int:
        return epoch // self.step_size


class MultiStepLR(_Drops):
    """The rate times `gamma` (default: 0.1) at each of the epochs `milestones`."""

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.milestones = Counter(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _drops(self, epoch: int) -> int:
        return sum(count for milestone, count in self.milestones.items() if milestone <= epoch)


class ConstantLR(_Factor):
    """The base rate times `factor` (default: 1/3) for the first `total_iters` epochs (default: 5)."""

    def __init__(
        self, optimizer: Optimizer, factor: float = 1.0 / 3, total_iters: int = 5, last_epoch: int = -1
    ) -> None:
        if not 0 <= factor <= 1:
            raise ValueError(f"ConstantLR: factor must be between 0 and 1, got {factor}")
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def _factor(self, epoch: int) -> float:
        return self.factor if epoch < self.total_iters else 1.0

    def get_lr(self) -> list[Any]:
        if self.factor == 0 and self.last_epoch == self.total_iters:
            return list(self.base_lrs)
        return super().get_lr()


class LinearLR(_Factor):
    """The base rate times a factor that goes from `start_factor` to `end_factor` in `total_iters` epochs."""

    _keeps_first = True

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 < start_factor <= 1:
            raise ValueError(f"LinearLR: start_factor must be above 0 and at most 1, got {start_factor}")
        if not 0 <= end_factor <= 1:
            raise ValueError(f"LinearLR: end_factor must be between 0 and 1, got {end_factor}")
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def _factor(self, epoch: int) -> float:
        share = min(epoch, self.total_iters) / self.total_iters if self.total_iters else 1.0
        return self.start_factor + (self.end_factor - self.start_factor) * share


class ExponentialLR(_Factor):
    """The rate times `gamma` every epoch."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _factor(self, epoch: int) -> float:
        return self.gamma**epoch

    def get_lr(self) -> list[Any]:
        # Not by the ratio of powers, which vanish after some thousand epochs.
        return [rate if self._is_initial else rate * self.gamma for rate in self._current()]


class PolynomialLR(_Factor):
    """The base rate times `(1 - epoch / total_iters)^power`, which ends at 0."""

    _keeps_first = True

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1) -> None:
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def _factor(self, epoch: int) -> float:
        return math.pow(1.0 - min(epoch, self.total_iters) / self.total_iters, self.power)
