"""What a training run is: every choice that its result depends on, with defaults for each dataset and model."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

DATASETS = ("digits", "mnist")
MODELS = ("cnn", "mlp", "lenet")
SCHEDULES = ("constant", "cosine", "step", "onecycle")
RATES = {
    "adam": 1e-3,
    "adamw": 1e-3,
    "sgd": 0.1,
    "momentum": 0.02,
    "nesterov": 0.02,
    "rmsprop": 1e-3,
    "adagrad": 0.02,
    "adadelta": 1.0,
}
"""The optimizers and their default learning rates."""

FREE = ("threads", "data", "checkpoint_seconds")
"""Choices that do not change the result: they may differ when a run is resumed."""


class UsageError(ValueError):
    """A choice that cannot be: the message says which, and what to do."""


@dataclasses.dataclass(frozen=True)
class Config:
    """The choices of a run. `Config.make` fills in what depends on the dataset and the model; UsageError for impossible
    values.
    """

    dataset: str
    """`digits` (ships with the package) or `mnist`."""
    model: str
    """`cnn`, `mlp` or `lenet`."""
    epochs: int
    """Passes over the training images."""
    batch: int
    """Images per step."""
    optimizer: str
    """A key of `RATES`."""
    rate: float
    """Learning rate; the highest one where a schedule changes it."""
    schedule: str
    """How the rate moves over the run: constant, cosine (to 0), step (a tenth after each third), onecycle (up, then
    down).
    """
    seed: int
    """Fixes the initial weights, the division, the order of the images and dropout."""
    validation: float
    """Share of the training images that is kept aside to watch the training."""
    shift: int
    """Pixels by which the training images are moved at random, in each direction, anew for every batch."""
    patience: int
    """Epochs without improvement on the validation images after which training stops, to go back to the best epoch's
    weights. 0: never; then the last epoch's weights count (choosing among epochs by a few images is mostly choosing
    noise)."""
    threads: int | None = None
    """Threads of the engine; None: one per core. The result is the same for any number."""
    data: str | None = None
    """Folder of the MNIST files; None: RUTILE_DATA or the user's cache folder, downloaded when missing."""
    checkpoint_seconds: float = 5.0
    """Longest time between two checkpoints."""

    @classmethod
    def make(cls, **given: Any) -> Config:
        """A configuration from the choices made, and defaults for the others.

        >>> Config.make(dataset="mnist", model="mlp", epochs=3).batch
        256
        """
        dataset, model = given.get("dataset", "digits"), given.get("model", "cnn")
        defaults: dict[str, Any] = {"dataset": dataset, "model": model, "seed": 0, "validation": 0.1, "patience": 0}
        defaults |= {"optimizer": "adam", "schedule": "onecycle"}
        if dataset == "digits":
            defaults |= {"epochs": 30, "batch": 32, "shift": 1 if model == "cnn" else 0}
        elif model == "mlp":
            defaults |= {"epochs": 10, "batch": 256, "shift": 0}
        else:
            defaults |= {"epochs": 5, "batch": 128, "shift": 0}
        merged = defaults | given
        rate = RATES.get(merged["optimizer"], math.nan)
        # One cycle bears a higher peak, because it begins and ends far below it.
        defaults["rate"] = 2 * rate if merged["schedule"] == "onecycle" else rate
        return cls(**defaults | given)

    def __post_init__(self) -> None:
        for name, choices in (("dataset", DATASETS), ("model", MODELS), ("optimizer", RATES), ("schedule", SCHEDULES)):
            if getattr(self, name) not in choices:
                raise UsageError(f"--{name}: no {getattr(self, name)!r}; there are {', '.join(choices)}")
        for name, least in (("epochs", 1), ("batch", 1), ("seed", 0), ("shift", 0), ("patience", 0), ("threads", 1)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise UsageError(f"--{name}: wants at least {least}, got {value}")
        if not 0 < self.rate < math.inf:
            raise UsageError(f"--rate: wants a positive number, got {self.rate}")
        if not 0 < self.validation < 1:
            raise UsageError(f"--validation: wants a share between 0 and 1, got {self.validation}")
        if not self.checkpoint_seconds >= 0:
            raise UsageError(f"--checkpoint-seconds: wants a time of 0 or more, got {self.checkpoint_seconds}")

    def to_dict(self) -> dict[str, Any]:
        """The choices as plain values."""
        return dataclasses.asdict(self)

    def differences(self, given: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
        """The choices in `given` that would change this run's result: name, then the value here and the one given."""
        mine = self.to_dict()
        return {name: (mine[name], value) for name, value in given.items() if name not in FREE and mine[name] != value}
