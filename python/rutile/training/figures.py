"""The pictures of a run. They need matplotlib, which comes with the extra `plots`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rutile import _rutile
from rutile._files import replacing
from rutile.training.state import Epoch
from rutile.viz import available, confusion_matrix, curves, mistakes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["NAMES", "available", "draw"]

NAMES = ("curves.png", "confusion.png", "mistakes.png")


def draw(
    folder: Path,
    history: Sequence[Epoch],
    chosen: int,
    images: _rutile.Tensor,
    labels: _rutile.Tensor,
    probabilities: _rutile.Tensor,
    classes: Sequence[str],
) -> None:
    """Writes the pictures of `NAMES` to `folder`: `images` (pixels) and `labels` are the test part, `probabilities` the
    model's answer.
    """

    def values(name: str, scale: float = 1) -> dict[str, list[float]]:
        return {part: [scale * getattr(row, f"{part}_{name}") for row in history] for part in ("train", "validation")}

    panels = {"cross entropy": values("loss"), "accuracy (%)": values("accuracy", 100)}
    mark = (chosen, f"weights of epoch {chosen}")
    drawn = curves(panels, [row.epoch for row in history], log=["cross entropy"], mark=mark)
    _write(drawn, folder / NAMES[0])
    _write(confusion_matrix(labels, probabilities, classes), folder / NAMES[1])
    _write(mistakes(images, labels, probabilities, classes), folder / NAMES[2])


def _write(figure: Figure, path: Path) -> None:
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=120)
