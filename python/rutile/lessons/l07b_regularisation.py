"""Regularisation: eight ways against overfitting, where a fifth of the labels is wrong."""

from collections.abc import Callable
from typing import Any

import rutile as rt
from rutile import datasets, lessons, nn
from rutile.nn import functional as F

METHODS = (
    "none",
    "L2 penalty",
    "dropout",
    "early stopping",
    "shifted images",
    "noise",
    "label smoothing",
    "mixup",
    "batch norm",
)
Batch = tuple[rt.Tensor, rt.Tensor]


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    train, test = datasets.Digits(), datasets.Digits(train=False)
    x, y = (train.data.float() - 4.88) / 6.01, train.targets
    held_out = (test.data.float() - 4.88) / 6.01, test.targets
    few, seeds, epochs = 400, lesson.pick(5, 2), lesson.pick(60, 30)
    lesson.say("{few} training images, a fifth with a random label; {seeds} runs of each method", few=few, seeds=seeds)

    errors: dict[str, list[list[float]]] = {method: [] for method in METHODS}
    for method in lesson.track(METHODS, "training"):
        for seed in range(seeds):
            rt.manual_seed(seed)
            rows = rt.randperm(len(x))
            labels = rt.where(rt.rand(len(y)) < 0.2, rt.randint(0, 10, (len(y),)), y)[rows]
            data, dev = (x[rows[:few]], labels[:few]), (x[rows[few : few + 300]], labels[few : few + 300])
            errors[method].append(learn(method, data, dev, held_out, epochs))
    means = {method: rt.tensor(rows).mean(0).tolist() for method, rows in errors.items()}
    spread = {method: rt.tensor(rows).std(0)[1].item() / seeds**0.5 for method, rows in errors.items()}
    lesson.table(
        ["method", "train error", "test error", "standard error", "loss on test images"],
        [(lesson.text(m), f"{a:.1%}", f"{b:.2%}", f"{spread[m]:.2%}", f"{c:.3f}") for m, (a, b, c) in means.items()],
    )
    with lesson.picture("methods", 1, 2, size=(11, 4.2), sharey=True) as (left, right):
        left.errorbar(
            [100 * means[m][1] for m in METHODS], METHODS, xerr=[100 * spread[m] for m in METHODS], fmt="o", capsize=3
        )
        left.axvline(100 * means["none"][1], color="grey", linestyle=":")
        left.set(xlabel="test error (%), mean and standard error", title="mistakes")
        right.plot([means[m][2] for m in METHODS], METHODS, "o", color="#D55E00")
        right.axvline(means["none"][2], color="grey", linestyle=":")
        right.set(xlabel="cross entropy on test images (nats)", title="how wrong, how sure")
        left.invert_yaxis()
    return {
        "errors": {method: values[1] for method, values in means.items()},
        "losses": {m: v[2] for m, v in means.items()},
    }


def learn(method: str, data: Batch, dev: Batch, test: Batch, epochs: int) -> list[float]:
    """Errors on training and test images and the loss on the latter, after training with one method."""
    model = nn.Sequential(
        nn.Flatten(), nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10)
    )
    if method == "dropout":
        for place in (3, 6):  # behind each relu
            model.insert(place, nn.Dropout(0.5))
    if method == "batch norm":
        for place in (2, 5):  # before each relu
            model.insert(place, nn.BatchNorm1d(128))
    optimizer = rt.optim.AdamW(model.parameters(), lr=0.003, weight_decay=1.0 if method == "L2 penalty" else 0.0)
    change: dict[str, Callable[[rt.Tensor, rt.Tensor], Batch]] = {
        "shifted images": shift,
        "noise": noise,
        "mixup": mixup,
    }
    x, y = data[0], F.one_hot(data[1], 10).float()
    best, kept = float("inf"), {}
    for _ in range(epochs):
        model.train()
        for rows in rt.randperm(len(x)).split(25):
            images, targets = change.get(method, lambda a, b: (a, b))(x[rows], y[rows])
            optimizer.zero_grad()
            F.cross_entropy(
                model(images), targets, label_smoothing=0.1 if method == "label smoothing" else 0.0
            ).backward()
            optimizer.step()
        if method == "early stopping":
            loss = measure(model, *dev)[1]
            if loss < best:
                best, kept = loss, {name: value.clone() for name, value in model.state_dict().items()}
    if kept:
        model.load_state_dict(kept)
    return [measure(model, *data)[0], *measure(model, *test)]


def shift(images: rt.Tensor, targets: rt.Tensor) -> Batch:
    """Each image moved by up to one pixel: the same digit, another input."""
    padded = F.pad(images, (1, 1, 1, 1), value=-4.88 / 6.01)
    offsets = rt.randint(0, 3, (len(images), 2)).tolist()
    return rt.stack([padded[i, r : r + 8, c : c + 8] for i, (r, c) in enumerate(offsets)]), targets


def noise(images: rt.Tensor, targets: rt.Tensor) -> Batch:
    return images + 0.4 * rt.randn_like(images), targets


def mixup(images: rt.Tensor, targets: rt.Tensor) -> Batch:
    """Images and targets mixed with those of another example, in a random ratio. Zhang et al., 2018."""
    share = rt.distributions.Beta(0.4, 0.4).sample()
    other = rt.randperm(len(images))
    return share * images + (1 - share) * images[other], share * targets + (1 - share) * targets[other]


@rt.no_grad()
def measure(model: nn.Module, images: rt.Tensor, labels: rt.Tensor) -> tuple[float, float]:
    model.eval()
    logits = model(images)
    return (logits.argmax(1) != labels).float().mean().item(), F.cross_entropy(logits, labels).item()


if __name__ == "__main__":
    lessons.script(main)
