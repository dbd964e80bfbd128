"""A run from its folder's point of view: begin or resume, train, leave the results."""

from __future__ import annotations

import csv
import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import rutile
from rutile import models
from rutile._files import remove_leftovers, replacing
from rutile.datasets import ImageDataset
from rutile.training import data, figures
from rutile.training.config import FREE, Config, UsageError
from rutile.training.interrupt import Interrupted, Interrupts
from rutile.training.loop import Trainer, evaluate
from rutile.training.progress import Progress, clock
from rutile.training.state import CHECKPOINT, Checkpoint, Epoch

RUNS = Path("runs")
"""Where runs lie that are given no folder."""

CONFIG = "config.json"
RESULTS = "results.json"


@dataclasses.dataclass(frozen=True)
class Result:
    """What a finished run gave."""

    folder: Path
    """Holds model.safetensors, metrics.csv, results.json, the checkpoint and, with matplotlib, the pictures."""
    model: models.ImageClassifier
    """The network, with the weights that model.safetensors holds."""
    history: list[Epoch]
    """The epochs."""
    test_loss: float
    """Cross entropy on the test images."""
    test_accuracy: float
    """Share of the test images that are classified right."""


def train(
    given: Mapping[str, Any] | None = None,
    out: Path | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> Result:
    """Trains a network on a dataset and leaves weights, metrics and pictures in a folder.

    Args:
        given: choices of `Config` by name; the others have defaults.
        out: folder of the run. By default a new one in `runs`, or, when resuming, the last begun unfinished one there.
        resume: goes on from the checkpoint in the folder, to the same bits as without a break. Choices in `given` must
            be those of the run, except `threads`, `data` and `checkpoint_seconds`. Without a checkpoint the run begins
            at the beginning.
        progress: where to report; by default standard output.

    Raises UsageError for impossible choices or a folder that another run occupies, `rutile.datasets.DataError` when
    images are missing, `DivergedError` when the loss is no number any more, Interrupted (a KeyboardInterrupt) after
    Ctrl-C.

    >>> result = train({"dataset": "digits", "epochs": 5})  # doctest: +SKIP
    >>> result.test_accuracy  # doctest: +SKIP
    """
    given = dict(given or {})
    progress = progress or Progress()
    folder = out or (resume and _newest_unfinished()) or _new_folder(Config.make(**given))
    config = _settle(given, folder, resume)
    checkpoint = Checkpoint.read(folder) if (folder / CHECKPOINT).is_file() else None
    if resume and checkpoint is None:
        progress.note(f"nothing to resume in {folder}: starting from the beginning")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        remove_leftovers(folder)
        if checkpoint is None:
            # First of all, so that even a run that is killed while it begins is resumed with its own choices.
            _write_json(folder / CONFIG, config.to_dict())
        return _run(config, folder, checkpoint, progress)
    except KeyboardInterrupt as stop:
        interrupted = stop if isinstance(stop, Interrupted) else Interrupted()
        interrupted.folder = folder
        raise interrupted from None


def _run(config: Config, folder: Path, checkpoint: Checkpoint | None, progress: Progress) -> Result:
    """Trains from the checkpoint or the beginning."""
    if config.threads:
        rutile.set_num_threads(config.threads)
    rutile.manual_seed(config.seed)
    train_set, test_set = data.load(config)
    image = (1, train_set.data.shape[1], train_set.data.shape[2])
    model = models.build(config.model, image, len(train_set.classes), train_set.mean, train_set.std)
    parts = data.divide(train_set, test_set, model, config)
    trainer = Trainer(config, model, parts, folder)
    if checkpoint:
        trainer.restore(checkpoint)
    else:
        trainer.save()
    progress.note(_headline(config, folder, model, parts, trainer))
    with Interrupts() as interrupts:
        trainer.train(progress, interrupts)
    return _leave_results(trainer, train_set, test_set, progress)


def _settle(given: dict[str, Any], folder: Path, resume: bool) -> Config:
    """The configuration of the run, or UsageError where the folder holds another run."""
    if not resume and (folder / CHECKPOINT).is_file():
        state = "a finished" if (folder / RESULTS).is_file() else "an unfinished"
        raise UsageError(
            f"{folder} holds {state} run: go on with --resume {folder}, or choose another folder with --out"
        )
    if not resume or not (folder / CONFIG).is_file():
        return Config.make(**given)
    try:
        stored = Config(**json.loads((folder / CONFIG).read_text()))
    except (ValueError, TypeError) as error:
        raise UsageError(f"{folder / CONFIG} is no configuration of a run ({error})") from error
    if different := stored.differences(given):
        wrong = ", ".join(f"--{name} {mine} (now {value})" for name, (mine, value) in different.items())
        raise UsageError(
            f"{folder} was started with {wrong}: resume it without these options, or start a new run with another --out"
        )
    return dataclasses.replace(stored, **{name: given[name] for name in FREE if name in given})


def _new_folder(config: Config) -> Path:
    """The first of runs/NAME-1, runs/NAME-2, ... that does not exist."""
    number = 1
    while (folder := RUNS / f"{config.dataset}-{config.model}-{number}").exists():
        number += 1
    return folder


def _newest_unfinished() -> Path | None:
    """The folder in `runs` of the run that was begun last, among those without results."""
    unfinished = [path for path in RUNS.glob(f"*/{CONFIG}") if not (path.parent / RESULTS).exists()]
    return max(unfinished, key=lambda path: path.stat().st_mtime).parent if unfinished else None


def _headline(config: Config, folder: Path, model: models.ImageClassifier, parts: data.Data, trainer: Trainer) -> str:
    parameters = sum(parameter.numel() for parameter in model.parameters())
    state = trainer.state
    if state.finished:
        where = "training is over, "
    elif state.history or state.position:
        where = f"resumed in epoch {state.epoch} after {state.position} of {trainer.batches} batches, "
    else:
        where = ""
    return (
        f"{config.dataset}: {len(parts.train):,} training, {len(parts.validation):,} validation, "
        f"{len(parts.test):,} test images\n"
        f"{config.model}: {parameters:,} parameters; {config.optimizer}, rate {config.rate:g} ({config.schedule}), "
        f"batch {config.batch}, up to {config.epochs} epochs, seed {config.seed}, {rutile.get_num_threads()} threads\n"
        f"{where}results go to {folder}"
    )


def _leave_results(trainer: Trainer, train_set: ImageDataset, test_set: ImageDataset, progress: Progress) -> Result:
    """Tests the best weights and writes every result. Doing it again gives the same files."""
    folder, state, model = trainer.folder, trainer.state, trainer.model
    chosen = trainer.use_chosen_weights()
    test = evaluate(model, trainer.data.test)
    models.save(model, folder / "model.safetensors")
    _write_metrics(folder, state.history)
    if figures.available():
        figures.draw(
            folder, state.history, chosen, test_set.data, test_set.targets, test.probabilities, train_set.classes
        )
    else:
        progress.note(
            "no pictures: matplotlib is not installed. pip install 'rutile[plots]', "
            f"then draw them with: rutile train --resume {folder}"
        )
    # Last, because a folder with this file counts as finished.
    summary = {
        "config": trainer.config.to_dict(),
        "epochs": len(state.history),
        "weights_of_epoch": chosen,
        "test_loss": test.loss,
        "test_accuracy": test.accuracy,
        "seconds": sum(row.seconds for row in state.history),
        "rutile": rutile.__version__,
    }
    _write_json(folder / RESULTS, summary)
    progress.note(_ending(trainer, train_set, chosen, test.loss, test.accuracy))
    return Result(folder, model, state.history, test.loss, test.accuracy)


def _write_json(path: Path, values: Mapping[str, Any]) -> None:
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(values, indent=2) + "\n")


def _write_metrics(folder: Path, history: list[Epoch]) -> None:
    with replacing(folder / "metrics.csv") as temporary, open(temporary, "w", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in dataclasses.fields(Epoch)])
        writer.writeheader()
        writer.writerows(dataclasses.asdict(row) for row in history)


def _ending(trainer: Trainer, train_set: ImageDataset, chosen: int, loss: float, accuracy: float) -> str:
    """The last lines: how good the network is, where the files are, and how to use them."""
    config, folder, state = trainer.config, trainer.folder, trainer.state
    names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    if config.dataset == "digits":
        arguments = "train=False"
    else:
        arguments = f"{config.data!r}, train=False" if config.data else "train=False"
    seconds = sum(row.seconds for row in state.history)
    path = str(folder / "model.safetensors")
    return (
        f"\ntest accuracy {100 * accuracy:.2f} %, loss {loss:.4f} (weights of epoch {chosen}; "
        f"{len(state.history)} epochs in {clock(seconds)})\n"
        f"{folder} has {', '.join(names)}\n\n"
        "Use the network:\n\n"
        f"    from rutile import datasets, models\n\n"
        f"    model = models.load({path!r})\n"
        f"    test = datasets.{type(train_set).__name__}({arguments})\n"
        f"    print(model.predict(test.data[:10]), test.targets[:10])\n"
    )
