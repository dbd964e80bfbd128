"""Schedules that go up and down: cosines, triangles, one cycle."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..optimizer import Optimizer
from .base import LRScheduler, per_group, set_option

__all__ = ["CosineAnnealingLR", "CosineAnnealingWarmRestarts", "CyclicLR", "OneCycleLR"]


class CosineAnnealingLR(LRScheduler):
    """Half a cosine from the base rate down to `eta_min` in `T_max` epochs, and up again (Loshchilov and Hutter, 2017).

    `eta_min + (base - eta_min) (1 + cos(π epoch / T_max)) / 2`.
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:  # noqa: N803
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def _height(self, epoch: int) -> float:
        return (1 + math.cos(math.pi * epoch / self.T_max)) / 2

    def get_lr(self) -> list[Any]:
        rates, epoch, low = self._current(), self.last_epoch, self.eta_min
        if self._is_initial:
            return rates
        if (epoch - 1 - self.T_max) % (2 * self.T_max) == 0:
            # At the bottom there is nothing to multiply; the way up starts from the base rate.
            rise = 1 - self._height(1)
            return [rate + (base - low) * rise for rate, base in zip(rates, self.base_lrs, strict=True)]
        ratio = self._height(epoch) / self._height(epoch - 1)
        return [low + (rate - low) * ratio for rate in rates]

    def _get_closed_form_lr(self) -> list[Any]:
        low = self.eta_min
        return [low + (base - low) * self._height(self.last_epoch) for base in self.base_lrs]


class CosineAnnealingWarmRestarts(LRScheduler):
    """Half cosines from the base rate to `eta_min`, started again after `T_0`, `T_0 T_mult`, ... epochs (SGDR, 2017).

    `step(epoch)` takes fractions of an epoch.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,  # noqa: N803
        T_mult: int = 1,  # noqa: N803
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        if T_0 <= 0 or not isinstance(T_0, int):
            raise ValueError(f"Expected positive integer T_0, but got {T_0}")
        if T_mult < 1 or not isinstance(T_mult, int):
            raise ValueError(f"Expected integer T_mult >= 1, but got {T_mult}")
        if not isinstance(eta_min, float | int):
            raise ValueError(f"Expected float or int eta_min, but got {eta_min} of type {type(eta_min)}")
        self.T_0 = T_0
        self.T_i = T_0
        self.T_mult = T_mult
        self.eta_min = eta_min
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        height = (1 + math.cos(math.pi * self.T_cur / self.T_i)) / 2
        return [self.eta_min + (base - self.eta_min) * height for base in self.base_lrs]

    def step(self, epoch: float | None = None) -> None:
        """Goes on by one epoch, or to `epoch`."""
        if epoch is None and self.last_epoch < 0:
            epoch = 0
        if epoch is None:
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur %= self.T_i
                self.T_i *= self.T_mult
            self.last_epoch = math.floor(self.last_epoch + 1)
        else:
            if epoch < 0:
                raise ValueError(f"Expected non-negative epoch, but got {epoch}")
            self.T_cur, self.T_i = float(epoch) if isinstance(epoch, float) else epoch, self.T_0
            while self.T_cur >= self.T_i:
                self.T_cur -= self.T_i
                self.T_i *= self.T_mult
            self.last_epoch = math.floor(epoch)
        for group, rate in zip(self.optimizer.param_groups, self.get_lr(), strict=True):
            set_option(group, "lr", rate)
        self._last_lr = self._current()


class _Momentum(LRScheduler):
    """Schedules that move the momentum (or β1) against the rate."""

    use_beta1: bool

    def _check_momentum(self, optimizer: Optimizer, kind: str) -> None:
        if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
            raise ValueError(f"optimizer must support momentum or beta1 with `cycle_momentum` option enabled ({kind})")
        self.use_beta1 = "betas" in optimizer.defaults

    def _set_momentum(self, group: dict[str, Any], momentum: float) -> None:
        if self.use_beta1:
            group["betas"] = (momentum, *group["betas"][1:])
        else:
            group["momentum"] = momentum


class OneCycleLR(_Momentum):
    """One cycle: up from `max_lr / div_factor` to `max_lr`, then down far below (Smith and Topin, 2018).

    Args:
        max_lr: the top, one for all groups or one each.
        total_steps: length of the cycle; or give `epochs` and `steps_per_epoch`.
        pct_start: share of the cycle that goes up (default: 0.3).
        anneal_strategy: `"cos"` (default) or `"linear"`.
        cycle_momentum: move momentum (or β1) from `max_momentum` to `base_momentum` and back (default: True).
        div_factor: top divided by the start (default: 25).
        final_div_factor: start divided by the end (default: 1e4).
        three_phase: go down to the start as fast as up, then to the end.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError("You must define either total_steps OR (epochs AND steps_per_epoch)")
            for name, number in (("epochs", epochs), ("steps_per_epoch", steps_per_epoch)):
                if not isinstance(number, int) or number <= 0:
                    raise ValueError(f"Expected positive integer {name}, but got {number}")
            total_steps = epochs * steps_per_epoch
        if not isinstance(total_steps, int) or total_steps <= 0:
            raise ValueError(f"Expected positive integer total_steps, but got {total_steps}")
        if not isinstance(pct_start, float) or not 0 <= pct_start <= 1:
            raise ValueError(f"Expected float between 0 and 1 pct_start, but got {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        self.total_steps = total_steps
        self._anneal_func_type = anneal_strategy
        self.cycle_momentum = cycle_momentum
        # Each phase: its last step, and between which options of the group rate and momentum move.
        up = (pct_start * total_steps - 1, ("initial_lr", "max_lr"), ("max_momentum", "base_momentum"))
        last = total_steps - 1
        if three_phase:
            down = (2 * pct_start * total_steps - 2, ("max_lr", "initial_lr"), ("base_momentum", "max_momentum"))
            self._phases = [up, down, (last, ("initial_lr", "min_lr"), ("max_momentum", "max_momentum"))]
        else:
            self._phases = [up, (last, ("max_lr", "min_lr"), ("base_momentum", "max_momentum"))]
        if cycle_momentum:
            self._check_momentum(optimizer, "OneCycleLR")
        if last_epoch == -1:
            rates = per_group("max_lr", optimizer, max_lr)
            highs = per_group("max_momentum", optimizer, max_momentum)
            lows = per_group("base_momentum", optimizer, base_momentum)
            for group, rate, high, low in zip(optimizer.param_groups, rates, highs, lows, strict=True):
                group["initial_lr"] = rate / div_factor
                group["max_lr"] = rate
                group["min_lr"] = group["initial_lr"] / final_div_factor
                if cycle_momentum:
                    self._set_momentum(group, high)
                    group["max_momentum"] = high
                    group["base_momentum"] = low
        super().__init__(optimizer, last_epoch)

    def _between(self, start: float, end: float, share: float) -> float:
        if self._anneal_func_type == "cos":
            return end + (start - end) / 2.0 * (math.cos(math.pi * share) + 1)
        return (end - start) * share + start

    def get_lr(self) -> list[Any]:
        step = self.last_epoch
        if step > self.total_steps:
            raise ValueError(f"Tried to step {step} times. The specified number of total steps is {self.total_steps}")
        number = next((i for i, phase in enumerate(self._phases) if step <= phase[0]), len(self._phases) - 1)
        end, rates, momenta = self._phases[number]
        begin = self._phases[number - 1][0] if number else 0.0
        share = (step - begin) / (end - begin)
        values = []
        for group in self.optimizer.param_groups:
            values.append(self._between(group[rates[0]], group[rates[1]], share))
            if self.cycle_momentum:
                self._set_momentum(group, self._between(group[momenta[0]], group[momenta[1]], share))
        return values


class CyclicLR(_Momentum):
    """Up and down between `base_lr` and `max_lr`, again and again (Smith, 2017).

    Args:
        base_lr, max_lr: limits, one for all groups or one each.
        step_size_up, step_size_down: steps of the two halves (default: 2000, and the same).
        mode: `"triangular"` (default), `"triangular2"` (half the height each cycle) or `"exp_range"` (`gamma^step`).
        gamma: for `"exp_range"`.
        scale_fn: own factor of the height, of the cycle or with `scale_mode="iterations"` of the step.
        cycle_momentum: move momentum (or β1) from `max_momentum` to `base_momentum` and back (default: True).
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | list[float],
        max_lr: float | list[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.8,
        max_momentum: float | list[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
        if mode not in ("triangular", "triangular2", "exp_range") and scale_fn is None:
            raise ValueError("mode is invalid and scale_fn is None")
        if last_epoch == -1:
            for group, rate in zip(optimizer.param_groups, per_group("base_lr", optimizer, base_lr), strict=True):
                set_option(group, "lr", rate)
        self.max_lrs = per_group("max_lr", optimizer, max_lr)
        self.step_size_up = step_size_up
        self.step_size_down = step_size_up if step_size_down is None else step_size_down
        self.mode = mode
        self.gamma = gamma
        self.scale_fn = scale_fn
        self.scale_mode = scale_mode if scale_fn else "iterations" if mode == "exp_range" else "cycle"
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self._check_momentum(optimizer, "CyclicLR")
            self.base_momentums = per_group("base_momentum", optimizer, base_momentum)
            self.max_momentums = per_group("max_momentum", optimizer, max_momentum)
            if last_epoch == -1:
                for high, group in zip(self.max_momentums, optimizer.param_groups, strict=True):
                    self._set_momentum(group, high)
        super().__init__(optimizer, last_epoch)

    def _scale(self, x: float) -> float:
        if self.scale_fn is not None:
            return self.scale_fn(x)
        if self.mode == "triangular":
            return 1.0
        return 1 / (2.0 ** (x - 1)) if self.mode == "triangular2" else float(self.gamma**x)

    def get_lr(self) -> list[Any]:
        up, down = self.step_size_up, self.step_size_down
        cycle, place = divmod(self.last_epoch, up + down)
        height = place / up if place <= up else (up + down - place) / down
        height *= self._scale(cycle + 1 if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            limits = zip(self.base_momentums, self.max_momentums, strict=True)
            for group, (low, high) in zip(self.optimizer.param_groups, limits, strict=True):
                self._set_momentum(group, high - (high - low) * height)
        return [low + (high - low) * height for low, high in zip(self.base_lrs, self.max_lrs, strict=True)]

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimizer and a plain `scale_fn`."""
        return {key: value for key, value in super().state_dict().items() if key != "scale_fn"}
