"""The pictures of a run. They need matplotlib, which comes with the extra `plots`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rutile import _rutile
from rutile._files import replacing
from rutile.training.state import Epoch

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAMES = ("curves.png", "confusion.png", "mistakes.png")
_SHOWN = 25


def available() -> bool:
    """Whether matplotlib is installed."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        return False
    return True


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
    shown, truth, answer = images.numpy(), labels.numpy(), probabilities.numpy()
    _write(curves(history, chosen), folder / NAMES[0])
    _write(confusion(truth, answer, classes), folder / NAMES[1])
    _write(mistakes(shown, truth, answer, classes), folder / NAMES[2])


def curves(history: Sequence[Epoch], chosen: int) -> Figure:
    """Loss and accuracy over the epochs."""
    figure = _figure(11, 4.2)
    epochs = [row.epoch for row in history]
    loss, accuracy = figure.subplots(1, 2)
    for axes, name, scale in ((loss, "loss", 1), (accuracy, "accuracy", 100)):
        for part, colour in (("train", "tab:blue"), ("validation", "tab:orange")):
            values = [scale * getattr(row, f"{part}_{name}") for row in history]
            axes.plot(epochs, values, color=colour, marker="o", markersize=3, label=part)
        axes.axvline(chosen, color="grey", linestyle=":", linewidth=1, label=f"weights of epoch {chosen}")
        axes.set_xlabel("epoch")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(alpha=0.3)
    loss.set_yscale("log")
    loss.set_ylabel("cross entropy")
    accuracy.set_ylabel("accuracy (%)")
    accuracy.legend(loc="lower right", frameon=False)
    return figure


def confusion(truth: Any, probabilities: Any, classes: Sequence[str]) -> Figure:
    """How often each class was taken for which; the shade is the share of its row."""
    import numpy as np

    count = len(classes)
    answer = probabilities.argmax(axis=1)
    table = np.bincount(truth * count + answer, minlength=count * count).reshape(count, count)
    share = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    figure = _figure(6.4, 6)
    axes = figure.subplots()
    # The square root lets a single mistake among a thousand be seen.
    axes.imshow(np.sqrt(share), cmap="Blues", vmin=0, vmax=1)
    for row, column in zip(*np.nonzero(table), strict=True):
        colour = "white" if share[row, column] > 0.4 else "black"
        axes.text(column, row, str(table[row, column]), ha="center", va="center", color=colour, fontsize=9)
    axes.set_xticks(range(count), classes)
    axes.set_yticks(range(count), classes)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    axes.set_title(
        f"{int(np.trace(table)):,} of {len(truth):,} test images right ({100 * np.mean(truth == answer):.2f} %)"
    )
    return figure


def mistakes(images: Any, truth: Any, probabilities: Any, classes: Sequence[str]) -> Figure:
    """The test images of which the model was surest, and wrong."""
    import numpy as np

    answer = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    wrong = np.flatnonzero(answer != truth)
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:_SHOWN]
    columns = max(1, min(5, len(worst)))
    rows = max(1, -(-len(worst) // columns))
    figure = _figure(1.9 * max(columns, 3), 2.1 * rows + 0.5)
    figure.suptitle(f"the surest of {len(wrong)} mistakes" if len(wrong) else "no mistake on the test images")
    for axes in figure.subplots(rows, columns, squeeze=False).flat:
        axes.set_axis_off()
    for axes, index in zip(figure.axes, worst, strict=False):
        axes.imshow(images[index], cmap="gray_r")
        said, true = classes[answer[index]], classes[truth[index]]
        axes.set_title(f"{said}, {100 * confidence[index]:.1f} % sure\nis {true} (#{index})", fontsize=9)
    return figure


def _figure(width: float, height: float) -> Figure:
    # Without pyplot no display is asked for and no global state is touched.
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def _write(figure: Figure, path: Path) -> None:
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=120)
