"""Error analysis: the confusion matrix, mistakes by category, and what each fix could gain at most."""

from typing import Any

import rutile as rt
from rutile import datasets, lessons, nn
from rutile.nn import functional as F


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    train, test = datasets.Digits(), datasets.Digits(train=False)
    order = rt.randperm(len(train.targets))
    raw, y = train.data[order], train.targets[order]
    x = (raw.float().flatten(1) - 4.88) / 6.01
    x, y, x_dev, y_dev, dev_images = x[:700], y[:700], x[700:], y[700:], raw[700:]
    model = learn(lesson, x, y)
    with rt.no_grad():
        probability = model(x_dev).softmax(1)
    sure, answer = probability.max(1)
    wrong = answer != y_dev

    lesson.heading("The confusion matrix of the dev images")
    confusion = rt.bincount(10 * y_dev + answer, minlength=100).reshape(10, 10)
    lesson.table(["is \\ said", *map(str, range(10))], [(str(i), *confusion[i].tolist()) for i in range(10)])
    count = int(wrong.sum())
    lesson.say("{count} of {total} wrong: {error:.1%}", count=count, total=len(y_dev), error=count / len(y_dev))
    precision = confusion.diag() / confusion.sum(0).clamp(min=1)
    recall = confusion.diag() / confusion.sum(1)
    f1 = (2 * precision * recall / (precision + recall)).mean().item()
    lesson.say(
        "one number to steer by: accuracy {accuracy:.2%} (or mean F1 {f1:.4f}, if classes were of different size)",
        accuracy=1 - count / len(y_dev),
        f1=f1,
    )

    lesson.heading("Mistakes by category, and the ceiling of each fix")
    ink = dev_images.float().sum((1, 2))
    rows = dev_images.float().sum(2)
    centre = (rows * rt.arange(8)).sum(1) / rows.sum(1)
    pair = off_diagonal(confusion)
    categories = {
        "faint (least tenth of ink)": ink < ink.quantile(0.1),
        "heavy (most tenth of ink)": ink > ink.quantile(0.9),
        "off centre (a tenth)": (centre - centre.mean()).abs() > (centre - centre.mean()).abs().quantile(0.9),
        "unsure (below 60 %)": sure < 0.6,
        "the most confused pair": ((y_dev == pair[0]) & (answer == pair[1]))
        | ((y_dev == pair[1]) & (answer == pair[0])),
    }
    lines = []
    for name, mask in categories.items():
        hits = int((wrong & mask).sum())
        lines.append((lesson.text(name), hits, f"{hits / max(count, 1):.0%}", f"{(count - hits) / len(y_dev):.2%}"))
    lines.sort(key=lambda line: -line[1])
    lesson.table(["category", "mistakes", "share", "error if all were fixed"], lines)
    lesson.say("a mistake can be in several categories; the most confused pair is {a} and {b}", a=pair[0], b=pair[1])

    x_test, y_test = (test.data.float().flatten(1) - 4.88) / 6.01, test.targets
    with rt.no_grad():
        final = (model(x_test).argmax(1) == y_test).float().mean().item()
    lesson.say("test accuracy, for the report only: {final:.2%}", final=final)

    with lesson.picture("confusion", size=(5.6, 5)) as axes:
        shown = lesson.show(axes, (confusion / confusion.sum(1, keepdim=True)).sqrt(), cmap="Blues", vmin=0, vmax=1)
        for i, j in confusion.nonzero().tolist():
            axes.text(
                j, i, confusion[i, j].item(), ha="center", va="center", fontsize=8, color="white" if i == j else "black"
            )
        axes.figure.colorbar(shown, ax=axes, label="root of the share of the row", shrink=0.8)
        axes.set(xlabel="said", ylabel="is", xticks=range(10), yticks=range(10), title="dev images")
    worst = wrong.nonzero().flatten()[sure[wrong].argsort(descending=True)][:14].tolist()
    with lesson.picture("worst", 2, 7, size=(11, 4)) as axes:
        for axis in axes.flat:
            axis.set_axis_off()
        for axis, index in zip(axes.flat, worst, strict=False):
            axis.set_axis_on()
            title = f"{answer[index].item()} ({sure[index].item():.0%})\nis {y_dev[index].item()}"
            lesson.show(axis, dev_images[index], title, cmap="gray_r")
    return {"confusion": confusion.tolist(), "wrong": count, "lines": lines, "accuracy": final}


def off_diagonal(confusion: rt.Tensor) -> tuple[int, int]:
    """The two classes that are taken for each other most often."""
    both = (confusion + confusion.T).triu(1)
    return divmod(int(both.argmax()), 10)


def learn(lesson: lessons.Lesson, x: rt.Tensor, y: rt.Tensor) -> nn.Module:
    model = nn.Sequential(nn.Linear(64, 24), nn.ReLU(), nn.Linear(24, 10))
    optimizer = rt.optim.Adam(model.parameters(), lr=0.01)
    for _ in lesson.track(range(lesson.pick(40, 15)), "training"):
        for rows in rt.randperm(len(x)).split(50):
            optimizer.zero_grad()
            F.cross_entropy(model(x[rows]), y[rows]).backward()
            optimizer.step()
    return model


if __name__ == "__main__":
    lessons.script(main)
