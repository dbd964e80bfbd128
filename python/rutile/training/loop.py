"""The training loop: steps, epochs, checkpoints."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import NamedTuple

from rutile import _rutile, cat, get_rng_state, nn, no_grad, randint, set_rng_state
from rutile.models import ImageClassifier
from rutile.training.config import Config
from rutile.training.data import Data, Part, shuffled
from rutile.training.interrupt import Interrupted, Interrupts
from rutile.training.optimizers import make_optimizer, make_scheduler
from rutile.training.progress import Progress
from rutile.training.state import Checkpoint, Epoch, State

_EVALUATION_BATCH = 1000


class DivergedError(RuntimeError):
    """The loss is no number any more."""


class Evaluation(NamedTuple):
    """How a model does on a part of the data."""

    loss: float
    accuracy: float
    probabilities: _rutile.Tensor
    """Float32 `(images, classes)`."""


def evaluate(model: ImageClassifier, part: Part, interrupts: Interrupts | None = None) -> Evaluation:
    """Runs a model in evaluation mode over a part of the data."""
    model.eval()
    loss_sum, correct, probabilities = 0.0, 0, []
    with no_grad():
        for start in range(0, len(part), _EVALUATION_BATCH):
            labels = part.labels[start : start + _EVALUATION_BATCH]
            logits = model(part.images[start : start + _EVALUATION_BATCH])
            loss_sum += nn.functional.cross_entropy(logits, labels).item() * len(labels)
            correct += int((logits.argmax(dim=1) == labels).sum().item())
            probabilities.append(nn.functional.softmax(logits, dim=1))
            if interrupts:
                interrupts.check()
    return Evaluation(loss_sum / len(part), correct / len(part), cat(probabilities))


class Trainer:
    """A run in memory. `train` goes on from where it stands to the end and keeps the checkpoint in `folder` fresh."""

    def __init__(self, config: Config, model: ImageClassifier, data: Data, folder: Path) -> None:
        self.config = config
        self.model = model
        self.data = data
        self.folder = folder
        self.state = State()
        self.best: dict[str, _rutile.Tensor] = {}
        self.batches = math.ceil(len(data.train) / config.batch)
        self.optimizer = make_optimizer(model.parameters(), config)
        self.scheduler = make_scheduler(self.optimizer, config, config.epochs * self.batches)
        self._written = time.monotonic()

    def restore(self, checkpoint: Checkpoint) -> None:
        """Puts the run where the checkpoint was taken."""
        self.state = checkpoint.state
        self.best = checkpoint.best
        self.model.load_state_dict(checkpoint.model)
        self.optimizer.load_state_dict(checkpoint.optimizer)
        if self.scheduler and checkpoint.scheduler:
            self.scheduler.load_state_dict(checkpoint.scheduler)
        set_rng_state(checkpoint.random)

    def save(self) -> None:
        """Writes the checkpoint. Only to be called between two batches."""
        Checkpoint(
            state=self.state,
            model=self.model.state_dict(),
            best=self.best,
            optimizer=self.optimizer.state_dict(),
            scheduler=self.scheduler.state_dict() if self.scheduler else None,
            random=get_rng_state(),
        ).write(self.folder)
        self._written = time.monotonic()

    def train(self, progress: Progress, interrupts: Interrupts) -> None:
        """Trains until the last epoch, or until `patience` epochs brought nothing.

        After Ctrl-C the batch under way is finished, the checkpoint written and Interrupted raised. Raises
        `DivergedError` when the loss is infinite or NaN.
        """
        state = self.state
        while not state.finished:
            try:
                progress.start(state, self.batches, self.config)
                self._steps(progress, interrupts)
                validation = evaluate(self.model, self.data.validation, interrupts)
            except Interrupted:
                self.save()
                raise
            finally:
                progress.stop()
            row = Epoch(
                epoch=state.epoch,
                train_loss=state.loss_sum / state.seen,
                train_accuracy=state.correct / state.seen,
                validation_loss=validation.loss,
                validation_accuracy=validation.accuracy,
                rate=float(self.optimizer.param_groups[0]["lr"]),
                seconds=state.seconds,
                samples_per_second=state.seen / max(state.seconds, 1e-9),
            )
            improved = state.close_epoch(row)
            if improved and self.config.patience:
                self.best = {name: tensor.detach().clone() for name, tensor in self.model.state_dict().items()}
            stale = row.epoch - state.best
            state.finished = state.epoch > self.config.epochs or 0 < self.config.patience <= stale
            self.save()
            progress.epoch(row, improved)
            if state.finished and row.epoch < self.config.epochs:
                progress.note(f"stopped early: no better validation accuracy since epoch {state.best}")

    def _steps(self, progress: Progress, interrupts: Interrupts) -> None:
        """The rest of the epoch's batches."""
        state, train, size = self.state, self.data.train, self.config.batch
        order = shuffled(len(train), self.config.seed, state.epoch)
        self.model.train()
        before = state.seconds
        began = time.perf_counter()
        while state.position < self.batches:
            start = state.position * size
            batch = train.take(order[start : start + size])
            loss = self._step(batch)
            state.position += 1
            state.seen += len(batch)
            state.loss_sum += loss * len(batch)
            state.seconds = before + time.perf_counter() - began
            progress.step(state)
            interrupts.check()
            if time.monotonic() - self._written >= self.config.checkpoint_seconds:
                self.save()

    def _step(self, batch: Part) -> float:
        """One step of the optimizer; returns the loss before it and counts the hits."""
        self.optimizer.zero_grad()
        logits = self.model(self._shifted(batch.images))
        loss = nn.functional.cross_entropy(logits, batch.labels)
        value = float(loss.item())
        if not math.isfinite(value):
            raise DivergedError(
                f"the loss became {value} in epoch {self.state.epoch}, batch {self.state.position + 1}: "
                f"try a lower --rate than {self.config.rate:g}"
            )
        loss.backward()
        self.optimizer.step()
        if self.scheduler:
            self.scheduler.step()
        self.state.correct += int((logits.argmax(dim=1) == batch.labels).sum().item())
        return value

    def _shifted(self, images: _rutile.Tensor) -> _rutile.Tensor:
        """A window on the bordered images, at a random place."""
        if not self.config.shift:
            return images
        _, height, width = self.model.image
        down, right = randint(0, 2 * self.config.shift + 1, (2,)).tolist()
        return images[:, :, down : down + height, right : right + width]

    def use_chosen_weights(self) -> int:
        """Ends a run: the model gets the weights that count. Returns their epoch."""
        if not self.config.patience:
            return len(self.state.history)
        self.model.load_state_dict(self.best)
        return self.state.best
