"""A deep network: the shapes of L layers, then 784-256-10 on MNIST."""

import itertools
import time
from typing import Any

import rutile as rt
from rutile import datasets, lessons, nn
from rutile.nn import functional as F


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    lesson.heading("Shapes of an L-layer network")
    shapes(lesson, [784, 256, 128, 64, 10], batch=256)

    lesson.heading("784-256-10 on MNIST")
    train, test = datasets.MNIST(train=True), datasets.MNIST(train=False)
    limit = lesson.pick(len(train), 12_800)
    x, y = (train.data[:limit].float() / 255 - 0.1307).flatten(1) / 0.3081, train.targets[:limit]
    x_test, y_test = (test.data.float() / 255 - 0.1307).flatten(1) / 0.3081, test.targets
    model = network([784, 256, 10])
    count = sum(parameter.numel() for parameter in model.parameters())
    lesson.say("{count:,} parameters; {steps} steps of 256 images per epoch", count=count, steps=-(-limit // 256))
    optimizer = rt.optim.Adam(model.parameters(), lr=1e-3)
    losses, scores = [], []
    for epoch in range(1, lesson.pick(6, 4)):
        began = time.perf_counter()
        for rows in lesson.track(rt.randperm(limit).split(256), "epoch"):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        with rt.no_grad():
            answer = model(x_test).argmax(1)
        scores.append((answer == y_test).float().mean().item())
        lesson.say(
            "epoch {epoch}: loss {loss:.4f}, test accuracy {accuracy:.2%}, {seconds:.1f} s",
            epoch=epoch,
            loss=losses[-1],
            accuracy=scores[-1],
            seconds=time.perf_counter() - began,
        )

    with lesson.picture("training", 1, 2) as (left, right):
        left.plot(range(1, len(losses) + 1), losses, linewidth=0.6, label="each batch")
        left.plot(*lessons.smooth(losses, 20), label="mean of 20")
        left.set(xlabel="step", ylabel="cross entropy (nats)", yscale="log", title="training loss")
        left.legend()
        right.plot(range(1, len(scores) + 1), [100 * score for score in scores], marker="o")
        right.set(xlabel="epoch", ylabel="test accuracy (%)", title="784-256-10 on MNIST")
        right.set_xticks(range(1, len(scores) + 1))
    with lesson.picture("mistakes", 2, 6, size=(9, 3.6)) as axes:
        wrong = (answer != y_test).nonzero().flatten()[:12].tolist()
        for axis, index in zip(axes.flat, wrong, strict=False):
            title = f"{answer[index].item()}, is {y_test[index].item()}"
            lesson.show(axis, test.data[index], title, cmap="gray_r")
    return {"parameters": count, "accuracy": scores[-1], "losses": losses}


def network(sizes: list[int]) -> nn.Sequential:
    """Linear layers with relu between them; weights after Kaiming He for relu, biases zero."""
    model = nn.Sequential()
    for i, (inputs, outputs) in enumerate(itertools.pairwise(sizes)):
        layer = nn.Linear(inputs, outputs)
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        nn.init.zeros_(layer.bias)
        model.append(layer)
        if i < len(sizes) - 2:
            model.append(nn.ReLU())
    return model


def shapes(lesson: lessons.Lesson, sizes: list[int], batch: int) -> None:
    """What each layer holds and produces, from the running network."""
    model, rows, a = network(sizes), [], rt.zeros(batch, sizes[0])
    for layer in model:
        a = layer(a)
        if isinstance(layer, nn.Linear):
            count = layer.weight.numel() + layer.bias.numel()
            rows.append((len(rows) + 1, list(layer.weight.shape), list(layer.bias.shape), list(a.shape), f"{count:,}"))
    lesson.table(["layer", "weight", "bias", "output", "parameters"], rows)


if __name__ == "__main__":
    lessons.script(main)
