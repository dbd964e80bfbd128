"""Where a run stands, and the file that holds it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import rutile
from rutile import _rutile, io
from rutile.training.config import UsageError

CHECKPOINT = "checkpoint.safetensors"


@dataclasses.dataclass
class Epoch:
    """What one pass over the training images gave; a row of metrics.csv."""

    epoch: int
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    rate: float
    seconds: float
    samples_per_second: float


@dataclasses.dataclass
class State:
    """Everything a run knows besides its model, optimizer, scheduler and random state."""

    epoch: int = 1
    """The epoch under way, counted from 1."""
    position: int = 0
    """Batches of this epoch that are done."""
    loss_sum: float = 0.0
    """Sum of the losses of this epoch's images."""
    correct: int = 0
    """Images of this epoch that were classified right, at the time of their step."""
    seen: int = 0
    """Images of this epoch."""
    seconds: float = 0.0
    """Time spent in this epoch, over all sittings."""
    history: list[Epoch] = dataclasses.field(default_factory=list)
    """The finished epochs."""
    best: int = 0
    """The best epoch, by validation accuracy, then validation loss; the later one when equal."""
    finished: bool = False
    """Whether training is over."""

    def close_epoch(self, row: Epoch) -> bool:
        """Appends the row of the epoch under way and moves on to the next. True if it is the best so far."""
        self.history.append(row)
        improved = not self.best or _quality(row) >= _quality(self.history[self.best - 1])
        if improved:
            self.best = row.epoch
        self.epoch = row.epoch + 1
        self.position = self.correct = self.seen = 0
        self.loss_sum = self.seconds = 0.0
        return improved

    def to_dict(self) -> dict[str, Any]:
        """The state as plain values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> State:
        """The inverse of `to_dict`."""
        return cls(**values | {"history": [Epoch(**row) for row in values["history"]]})


def _quality(row: Epoch) -> tuple[float, float]:
    return row.validation_accuracy, -row.validation_loss


@dataclasses.dataclass
class Checkpoint:
    """A run between two batches, complete: what follows from it has the same bits as if it had never been written."""

    state: State
    model: dict[str, _rutile.Tensor]
    best: dict[str, _rutile.Tensor]
    """The weights of the best epoch; empty before the first one ends, and where they are not wanted (patience 0)."""
    optimizer: dict[str, Any]
    scheduler: dict[str, Any] | None
    random: _rutile.Tensor
    """State of the global generator, which drives dropout."""

    def write(self, folder: Path) -> None:
        """Replaces the checkpoint in `folder`; at every moment there is the old one or the new one."""
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        fields |= {"state": self.state.to_dict(), "version": rutile.__version__}
        io.save(fields, folder / CHECKPOINT)

    @classmethod
    def read(cls, folder: Path) -> Checkpoint:
        """The checkpoint in `folder`; UsageError if it cannot be read or comes from another version of rutile."""
        try:
            fields = io.load(folder / CHECKPOINT)
            version = fields.pop("version")
        except (ValueError, RuntimeError, KeyError, TypeError) as error:
            raise UsageError(f"{folder / CHECKPOINT} is no checkpoint of a run ({error})") from error
        if version != rutile.__version__:
            raise UsageError(
                f"{folder} was written by rutile {version}, this is {rutile.__version__}: "
                "finish it with that version, or start again with another --out"
            )
        fields["state"] = State.from_dict(fields["state"])
        return cls(**fields)
