"""Softmax regression: ten classes at once, on handwritten digits, and what the weights look like."""

from typing import Any

import rutile as rt
from rutile import datasets, lessons, nn
from rutile.nn import functional as F


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    train, test = datasets.Digits(train=True), datasets.Digits(train=False)
    x, y = train.data.float().flatten(1) / 16, train.targets
    x_test, y_test = test.data.float().flatten(1) / 16, test.targets
    model = nn.Linear(64, 10)
    count = sum(parameter.numel() for parameter in model.parameters())
    lesson.say("{count} parameters: 64 x 10 weights and 10 biases", count=count)
    start = F.cross_entropy(model(x), y).item()
    lesson.say("before training the loss is {loss:.3f}; guessing gives log 10 = 2.303", loss=start)

    optimizer = rt.optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
    history = []
    epochs = lesson.pick(40, 15)
    for epoch in lesson.track(range(1, epochs + 1), "training"):
        for rows in rt.randperm(len(x)).split(64):
            optimizer.zero_grad()
            F.cross_entropy(model(x[rows]), y[rows]).backward()
            optimizer.step()
        with rt.no_grad():
            history.append(
                [F.cross_entropy(model(x), y).item(), accuracy(model, x, y), accuracy(model, x_test, y_test)]
            )
        if epoch in (1, 2, 5, 10, 20, 40):
            lesson.say(
                "epoch {epoch:2}: loss {loss:.4f}, accuracy {train:.1%} on training images, {test:.1%} on test images",
                epoch=epoch,
                loss=history[-1][0],
                train=history[-1][1],
                test=history[-1][2],
            )

    with lesson.picture("weights", 2, 5, size=(9, 4.2)) as axes:
        weights = model.weight.detach().reshape(10, 8, 8)
        peak = weights.abs().max().item()
        for digit, axis in enumerate(axes.flat):
            shown = lesson.show(axis, weights[digit], f"speaks for {digit}", vmin=-peak, vmax=peak)
        axis.figure.colorbar(shown, ax=axes, label="weight (bright: for, dark: against)", shrink=0.8)
    with lesson.picture("training", 1, 2) as (left, right):
        left.semilogy(range(1, epochs + 1), [row[0] for row in history])
        left.set(xlabel="epoch", ylabel="cross entropy (nats)", title="training loss")
        for column, label in ((1, "training images"), (2, "test images")):
            right.plot(range(1, epochs + 1), [100 * row[column] for row in history], label=label)
        right.set(xlabel="epoch", ylabel="accuracy (%)", title="images classified correctly")
        right.legend(loc="lower right")
    return {"parameters": count, "start": start, "loss": history[-1][0], "accuracy": history[-1][2]}


@rt.no_grad()
def accuracy(model: nn.Module, x: rt.Tensor, y: rt.Tensor) -> float:
    return (model(x).argmax(1) == y).float().mean().item()


if __name__ == "__main__":
    lessons.script(main)
