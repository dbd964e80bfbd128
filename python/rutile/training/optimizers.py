"""Optimizers and schedules by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from rutile import nn, optim
from rutile.optim import lr_scheduler
from rutile.training.config import Config


def make_optimizer(parameters: Iterable[nn.Parameter], config: Config) -> optim.Optimizer:
    """The optimizer that the configuration names."""
    kinds: dict[str, Callable[..., optim.Optimizer]] = {
        "adam": optim.Adam,
        "adamw": optim.AdamW,
        "sgd": optim.SGD,
        "momentum": lambda p, lr: optim.SGD(p, lr=lr, momentum=0.9),
        "nesterov": lambda p, lr: optim.SGD(p, lr=lr, momentum=0.9, nesterov=True),
        "rmsprop": optim.RMSprop,
        "adagrad": optim.Adagrad,
        "adadelta": optim.Adadelta,
    }
    return kinds[config.optimizer](parameters, lr=config.rate)


def make_scheduler(optimizer: optim.Optimizer, config: Config, steps: int) -> Any | None:
    """The schedule over a run of `steps` batches, stepped after each one; None where the rate stays."""
    match config.schedule:
        case "cosine":
            return lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps)
        case "step":
            return lr_scheduler.StepLR(optimizer, step_size=max(1, steps // 3), gamma=0.1)
        case "onecycle":
            # Only the rate moves: momentum and betas stay what the optimizer's name promises.
            return lr_scheduler.OneCycleLR(optimizer, max_lr=config.rate, total_steps=steps + 1, cycle_momentum=False)
        case _:
            return None
