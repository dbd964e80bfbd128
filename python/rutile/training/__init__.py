"""Training runs: `train`, the function behind `rutile train`, leaves a network, metrics and pictures in a folder."""

from rutile.training.config import Config, UsageError
from rutile.training.interrupt import Interrupted
from rutile.training.loop import DivergedError, Evaluation, evaluate
from rutile.training.progress import Progress
from rutile.training.run import Result, train
from rutile.training.state import Epoch

__all__ = [
    "Config",
    "DivergedError",
    "Epoch",
    "Evaluation",
    "Interrupted",
    "Progress",
    "Result",
    "UsageError",
    "evaluate",
    "train",
]
