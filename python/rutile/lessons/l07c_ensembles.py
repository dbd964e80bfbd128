"""Ensembles: bagging and boosting of small networks."""

from typing import Any

import rutile as rt
from rutile import datasets, lessons, nn
from rutile.nn import functional as F


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    train, test = datasets.Digits(), datasets.Digits(train=False)
    x, y = (train.data.float().flatten(1) - 4.88) / 6.01, train.targets
    x_test, y_test = (test.data.float().flatten(1) - 4.88) / 6.01, test.targets
    x, y = x[:600], y[:600]
    members, epochs = lesson.pick(15, 10), lesson.pick(25, 15)

    lesson.heading("Bagging")
    votes = rt.zeros(len(x_test), 10)
    alone, bagged = [], []
    for _ in lesson.track(range(members), "training"):
        rows = rt.randint(0, len(x), (len(x),))  # drawn with replacement: 63 % of the images, some twice
        model = learn(x[rows], y[rows], rt.ones(len(x)), width=12, epochs=epochs)
        probability = model(x_test).softmax(1).detach()
        votes += probability
        alone.append(error(probability, y_test))
        bagged.append(error(votes, y_test))
    lesson.say(
        "one network alone: {alone:.1%} wrong; the mean of {members}: {together:.1%}",
        alone=sum(alone) / members,
        members=members,
        together=bagged[-1],
    )

    lesson.heading("Boosting")
    weight, score = rt.ones(len(x)), rt.zeros(len(x_test), 10)
    weak, boosted, heavy = [], [], weight
    for _ in lesson.track(range(members), "training"):
        model = learn(x, y, weight, width=4, epochs=epochs)  # weaker than above
        wrong = model(x).argmax(1) != y
        share = ((weight * wrong).sum() / weight.sum()).clamp(1e-4, 0.89).item()
        # SAMME: for ten classes, better than guessing means an error under 90 %. Zhu et al., 2009.
        say = rt.tensor((1 - share) / share).log().item() + rt.tensor(9.0).log().item()
        weight = weight * (say * wrong).exp()
        weight = weight * len(x) / weight.sum()
        answer = model(x_test).argmax(1)
        score += say * F.one_hot(answer, 10)
        weak.append((answer != y_test).float().mean().item())
        boosted.append(error(score, y_test))
    heavy = weight.topk(10).indices
    lesson.say(
        "the first weak network: {first:.1%} wrong; boosted with {members}: {together:.1%}",
        first=weak[0],
        members=members,
        together=boosted[-1],
    )

    with lesson.picture("ensembles", 1, 2, size=(10.5, 4.2)) as (left, right):
        counts = range(1, members + 1)
        for axis, single, together, name in (
            (left, alone, bagged, "bagging, 12 hidden units"),
            (right, weak, boosted, "boosting, 4 hidden units"),
        ):
            axis.plot(counts, [100 * e for e in single], marker="x", linestyle="none", label="this network alone")
            axis.plot(counts, [100 * e for e in together], marker="o", label="all so far")
            axis.set(xlabel="networks", title=name)
        left.set(ylabel="test error (%)")
        left.figure.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    with lesson.picture("hardest", 1, 10, size=(11, 1.7)) as axes:
        for axis, row in zip(axes, heavy.tolist(), strict=True):
            lesson.show(axis, train.data[row], f"a {y[row].item()}", cmap="gray_r")
    return {"alone": sum(alone) / members, "bagged": bagged[-1], "weak": weak[0], "boosted": boosted[-1]}


def learn(x: rt.Tensor, y: rt.Tensor, weight: rt.Tensor, width: int, epochs: int) -> nn.Module:
    """A network with one hidden layer, trained on examples that count by their weight."""
    model = nn.Sequential(nn.Linear(64, width), nn.Tanh(), nn.Linear(width, 10))
    optimizer = rt.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(epochs):
        for rows in rt.randperm(len(x)).split(50):
            optimizer.zero_grad()
            (weight[rows] * F.cross_entropy(model(x[rows]), y[rows], reduction="none")).mean().backward()
            optimizer.step()
    return model.requires_grad_(False)


def error(scores: rt.Tensor, y: rt.Tensor) -> float:
    return (scores.argmax(1) != y).float().mean().item()


if __name__ == "__main__":
    lessons.script(main)
