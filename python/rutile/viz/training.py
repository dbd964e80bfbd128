"""Pictures of a training: curves, confusions, mistakes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ._drawing import COLOURS, array, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["confusion_matrix", "curves", "mistakes"]


def curves(
    panels: Mapping[str, Mapping[str, Sequence[float]]],
    x: Sequence[float] | None = None,
    *,
    xlabel: str = "epoch",
    log: Collection[str] = (),
    mark: tuple[float, str] | None = None,
    title: str | None = None,
) -> Figure:
    """Numbers over the epochs (or steps): a panel for each quantity, a curve for each part.

    Args:
        panels: `{quantity with its unit: {name of the curve: values}}`, as in
            `{"cross entropy": {"training": [...], "validation": [...]}, "accuracy (%)": {"validation": [...]}}`.
        x: where the values are (default: 1, 2, ...).
        log: the quantities with a logarithmic axis.
        mark: a place on the horizontal axis and what is there; a dotted line.
    """
    if not panels or not all(panels.values()):
        raise ValueError("curves: wants at least one panel, and a curve in each")
    figure = new_figure(5.5 * len(panels), 4.2)
    for axes, (quantity, lines) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True):
        for i, (name, values) in enumerate(lines.items()):
            heights = array(values)
            places = range(1, len(heights) + 1) if x is None else x
            dots = "o" if len(heights) <= 60 else None
            style = ("-", "--", "-.", ":")[i // len(COLOURS) % 4]
            colour = COLOURS[i % len(COLOURS)]
            axes.plot(places, heights, style, color=colour, marker=dots, markersize=3, label=name)
        if mark is not None:
            axes.axvline(mark[0], color="grey", linestyle=":", linewidth=1, label=mark[1])
        if quantity in log:
            axes.set_yscale("log")
        axes.set_xlabel(xlabel)
        axes.set_ylabel(quantity)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)
    if title:
        figure.suptitle(title)
    return figure


def confusion_matrix(truth: Any, predicted: Any, classes: Sequence[str] | None = None) -> Figure:
    """How often each class was taken for which; the shade is the share of its row.

    Args:
        truth: the numbers of the true classes, (N).
        predicted: those of the predicted ones, (N), or a score for each class, (N, C).
        classes: their names (default: the numbers).
    """
    import numpy as np

    truth, answer = array(truth), array(predicted)
    count = answer.shape[1] if answer.ndim == 2 else int(max(truth.max(initial=-1), answer.max(initial=-1))) + 1
    answer = answer.argmax(axis=1) if answer.ndim == 2 else answer
    if truth.shape != answer.shape:
        raise ValueError(f"confusion_matrix: {truth.shape} true classes do not fit {answer.shape} predicted ones")
    names = [str(number) for number in range(count)] if classes is None else list(classes)
    if len(names) < count:
        raise ValueError(f"confusion_matrix: {count} classes, but {len(names)} names")
    count = len(names)
    table = np.bincount(truth * count + answer, minlength=count * count).reshape(count, count)
    share = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    side = max(4.0, 1.4 + 0.5 * count)
    figure = new_figure(side, side - 0.4)
    axes = figure.subplots()
    # The square root lets a single mistake among a thousand be seen.
    axes.imshow(np.sqrt(share), cmap="Blues", vmin=0, vmax=1)
    if count <= 40:  # more numbers would not be legible
        for row, column in zip(*np.nonzero(table), strict=True):
            colour = "white" if share[row, column] > 0.4 else "black"
            axes.text(column, row, str(table[row, column]), ha="center", va="center", color=colour, fontsize=9)
    turned = 45 if max(map(len, names), default=0) > 4 else 0
    axes.set_xticks(range(count), names, rotation=turned, ha="right" if turned else "center")
    axes.set_yticks(range(count), names)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    right = 100 * float(np.mean(truth == answer)) if len(truth) else 0.0
    axes.set_title(f"{int(np.trace(table)):,} of {len(truth):,} right ({right:.2f} %)")
    return figure


def mistakes(
    images: Any, truth: Any, probabilities: Any, classes: Sequence[str] | None = None, count: int = 25
) -> Figure:
    """The images of which the model was surest, and wrong.

    Args:
        images: (N, H, W) or (N, 1, H, W) grey, or (N, 3, H, W) with values from 0 to 1 (or bytes).
        truth: the numbers of the true classes, (N).
        probabilities: (N, C).
        count: how many at most.
    """
    import numpy as np

    images, truth, probabilities = array(images), array(truth), array(probabilities)
    names = [str(number) for number in range(probabilities.shape[1])] if classes is None else classes
    answer = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    wrong = np.flatnonzero(answer != truth)
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:count]
    columns = max(1, min(5, len(worst)))
    rows = max(1, -(-len(worst) // columns))
    figure = new_figure(1.9 * max(columns, 3), 2.1 * rows + 0.5)
    figure.suptitle(f"the surest of {len(wrong)} mistakes" if len(wrong) else "no mistake on these images")
    for axes in figure.subplots(rows, columns, squeeze=False).flat:
        axes.set_axis_off()
    for axes, index in zip(figure.axes, worst, strict=False):
        picture = images[index]
        if picture.ndim == 3:
            picture = picture[0] if len(picture) == 1 else picture.transpose(1, 2, 0)
        axes.imshow(picture, cmap="gray_r")
        said, true = names[answer[index]], names[truth[index]]
        axes.set_title(f"{said}, {100 * confidence[index]:.1f} % sure\nis {true} (#{index})", fontsize=9)
    return figure
