"""Averages of weights over training: `AveragedModel`, `SWALR`, `update_bn`.

P. Izmailov et al., *Averaging Weights Leads to Wider Optima and Better Generalization*, 2018.
"""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import rutile as rt
from rutile._modes import no_grad

from .. import nn
from .lr_scheduler import LRScheduler
from .optimizer import Optimizer

__all__ = [
    "SWALR",
    "AveragedModel",
    "get_ema_avg_fn",
    "get_ema_multi_avg_fn",
    "get_swa_avg_fn",
    "get_swa_multi_avg_fn",
    "update_bn",
]

Average = Callable[[rt.Tensor, rt.Tensor, Any], Any]
Averages = Callable[[Sequence[rt.Tensor], Sequence[rt.Tensor], Any], None]


def get_ema_avg_fn(decay: float = 0.999) -> Average:
    """An `avg_fn` for exponential averages: `decay` of the average stays at each update."""
    _check_decay(decay)

    @no_grad()
    def update(averaged: rt.Tensor, current: rt.Tensor, num_averaged: Any) -> rt.Tensor:
        mixed: rt.Tensor = decay * averaged + (1 - decay) * current
        return mixed

    return update


def get_swa_avg_fn() -> Average:
    """An `avg_fn` for the mean of all updates."""

    @no_grad()
    def update(averaged: rt.Tensor, current: rt.Tensor, num_averaged: Any) -> rt.Tensor:
        mixed: rt.Tensor = averaged + (current - averaged) / (num_averaged + 1)
        return mixed

    return update


def get_ema_multi_avg_fn(decay: float = 0.999) -> Averages:
    """A `multi_avg_fn` for exponential averages: `decay` of the averages stays at each update."""
    return _multi(get_ema_avg_fn(decay))


def get_swa_multi_avg_fn() -> Averages:
    """A `multi_avg_fn` for the means of all updates."""
    return _multi(get_swa_avg_fn())


def _multi(average: Average) -> Averages:
    @no_grad()
    def update(averaged: Sequence[rt.Tensor], current: Sequence[rt.Tensor], num_averaged: Any) -> None:
        for mean, fresh in zip(averaged, current, strict=True):
            mean.copy_(average(mean, fresh, num_averaged) if mean.is_floating_point() else fresh)

    return update


def _check_decay(decay: float) -> None:
    if not 0.0 <= decay <= 1.0:
        raise ValueError(f"Invalid decay value {decay} provided. Please provide a value in [0,1] range.")


class AveragedModel(nn.Module):
    """A copy of a model whose parameters are averages of the model's.

    Args:
        model: the model; its copy is the attribute `module`.
        device: only the CPU.
        avg_fn: new average from the average, the current value and the number of updates so far; by default the mean.
        multi_avg_fn: the same for lists, in place.
        use_buffers: average buffers too; else they are copied from the model at each update.

    Example:
        >>> model = rt.nn.Linear(1, 1)
        >>> averaged = rt.optim.swa_utils.AveragedModel(model)
        >>> for value in (1.0, 2.0, 6.0):
        ...     _ = rt.nn.init.constant_(model.weight, value)
        ...     averaged.update_parameters(model)
        >>> averaged.module.weight.item()
        3.0
    """

    n_averaged: rt.Tensor

    def __init__(
        self,
        model: nn.Module,
        device: Any = None,
        avg_fn: Average | None = None,
        multi_avg_fn: Averages | None = None,
        use_buffers: bool = False,
    ) -> None:
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise AssertionError("Only one of avg_fn and multi_avg_fn should be provided")
        self.module = copy.deepcopy(model)
        if device is not None:
            self.module = self.module.to(device)
        self.register_buffer("n_averaged", rt.tensor(0, dtype=rt.long))
        self.avg_fn = avg_fn
        self.multi_avg_fn = multi_avg_fn
        self.use_buffers = use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.module(*args, **kwargs)

    @no_grad()
    def update_parameters(self, model: nn.Module) -> None:
        """Takes the parameters of `model` into the averages; the first time they are copied."""
        averages, current = self._values(self.module), self._values(model)
        pairs = list(zip(averages, current, strict=True))
        if int(self.n_averaged) == 0:
            for mean, fresh in pairs:
                mean.copy_(fresh)
        elif self.multi_avg_fn is not None:
            self.multi_avg_fn(averages, current, self.n_averaged)
        else:
            average = self.avg_fn or get_swa_avg_fn()
            for mean, fresh in pairs:
                mean.copy_(average(mean, fresh, self.n_averaged))
        if not self.use_buffers:
            for mean, fresh in zip(self.module.buffers(), model.buffers(), strict=True):
                mean.copy_(fresh)
        self.n_averaged += 1

    def _values(self, model: nn.Module) -> list[rt.Tensor]:
        buffers = model.buffers() if self.use_buffers else ()
        return [value.detach() for value in itertools.chain(model.parameters(), buffers)]


@no_grad()
def update_bn(loader: Iterable[Any], model: nn.Module, device: Any = None) -> None:
    """Computes the running statistics of batch norms anew, as means over all batches of `loader`.

    Averaged weights see other activations than those the statistics were collected from.

    Args:
        loader: batches; of a list or tuple the first item goes into the model.
        model: the averaged model; it is in training mode meanwhile.
        device: only the CPU.
    """
    norms = [module for module in model.modules() if hasattr(module, "running_mean") and hasattr(module, "momentum")]
    norms = [norm for norm in norms if "BatchNorm" in type(norm).__name__]
    if not norms:
        return
    momenta = [norm.momentum for norm in norms]
    training = model.training
    model.train()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean over all batches
    try:
        for batch in loader:
            first = batch[0] if isinstance(batch, list | tuple) else batch
            model(first if device is None else first.to(device))
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
        model.train(training)


class SWALR(LRScheduler):
    """Leads the rate from where it is to a constant one for averaging.

    Args:
        optimizer: whose rates.
        swa_lr: the final rate, or one per group.
        anneal_epochs: steps on the way (default: 10).
        anneal_strategy: "cos" or "linear".
        last_epoch: -1 to begin.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: float | Sequence[float],
        anneal_epochs: int = 10,
        anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ) -> None:
        rates = list(swa_lr) if isinstance(swa_lr, Sequence) else [swa_lr] * len(optimizer.param_groups)
        if len(rates) != len(optimizer.param_groups):
            raise ValueError(f"swa_lr has {len(rates)} values, the optimizer {len(optimizer.param_groups)} groups")
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["swa_lr"] = rate
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must by one of 'cos' or 'linear', instead got {anneal_strategy}")
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"anneal_epochs must be equal or greater than 0, got {anneal_epochs}")
        self._anneal_strategy = anneal_strategy
        self.anneal_epochs = anneal_epochs
        super().__init__(optimizer, last_epoch)

    def _share(self, step: int) -> float:
        """How much of the way to the final rate is behind after `step` steps."""
        way = max(0.0, min(1.0, step / max(1, self.anneal_epochs)))
        return (1 - math.cos(math.pi * way)) / 2 if self._anneal_strategy == "cos" else way

    def get_lr(self) -> list[Any]:
        """The rates of this step, from those of the last."""
        if not self.anneal_epochs:
            return [group["swa_lr"] for group in self.optimizer.param_groups]
        step = self._step_count - 1
        before, now = self._share(max(0, step - 1)), self._share(max(0, step))
        rates = []
        for group in self.optimizer.param_groups:
            # The first rate, from the last one: it is nowhere else if another schedule was there before.
            first = group["swa_lr"] if before == 1 else (group["lr"] - before * group["swa_lr"]) / (1 - before)
            rates.append(now * group["swa_lr"] + (1 - now) * first)
        return rates
