"""A convolutional network on MNIST: 98 % with two layers, 99 % deeper; its filters, feature maps, what it looks at."""

from typing import Any

import rutile as rt
from rutile import datasets, lessons, nn
from rutile.nn import functional as F


def two_layers() -> nn.Sequential:
    """Two convolutions and one linear layer."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * 7 * 7, 10),
    )  # fmt: skip


class Deeper(nn.Module):
    """Five convolutions; the logits are means over the last feature maps, which a class activation map undoes."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            *block(1, 32), *block(32, 32), nn.MaxPool2d(2), *block(32, 64), *block(64, 64), nn.MaxPool2d(2),
            *block(64, 128),
        )  # fmt: skip
        self.head = nn.Linear(128, 10)

    def forward(self, x: rt.Tensor) -> rt.Tensor:
        logits: rt.Tensor = self.head(self.features(x).mean((2, 3)))
        return logits

    def activation_map(self, x: rt.Tensor, label: int) -> rt.Tensor:
        """How much each place adds to the logit of `label`, [H, W] (B. Zhou et al., 2016)."""
        features = self.features(x[None])[0]
        return (self.head.weight[label, :, None, None] * features).sum(0)


def block(inside: int, outside: int) -> list[nn.Module]:
    return [nn.Conv2d(inside, outside, 3, padding=1, bias=False), nn.BatchNorm2d(outside), nn.ReLU()]


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    train, test = datasets.MNIST(), datasets.MNIST(train=False)
    count, tests = lesson.pick((60_000, 10_000), (3_000, 1_000))
    images, labels = standard(train)[:count], train.targets[:count]
    test_images, test_labels = standard(test)[:tests], test.targets[:tests]

    lesson.heading("Training")
    curves, rows, found = {}, [], {}
    models: dict[str, Any] = {"two layers": two_layers(), "deeper": Deeper()}
    for (name, model), epochs in zip(models.items(), lesson.pick((2, 2), (2, 2)), strict=True):
        curves[name] = fit(lesson, model, images, labels, epochs)
        right = predict(model, test_images).argmax(1) == test_labels
        found[name] = right.float().mean().item()
        parameters = sum(p.numel() for p in model.parameters())
        rows.append((lesson.text(name), f"{parameters:,}", epochs, f"{100 * found[name]:.2f}", int((~right).sum())))
    lesson.table(["network", "parameters", "epochs", "test accuracy (%)", "wrong"], rows)

    with lesson.picture("training", size=(6, 3.6)) as axes:
        for name, losses in curves.items():
            axes.plot(*lessons.smooth(losses, 20, 5), label=name)
        axes.set(yscale="log", xlabel="step (128 images each)", ylabel="cross entropy (nats)", title="mean of 20 steps")
        axes.legend()

    small, deeper = models["two layers"], models["deeper"]
    filters, example = small[0].weight.detach()[:, 0], test_images[0]
    with rt.no_grad():
        first = small[:2](example[None])[0]
        second = small[:5](example[None])[0]
    with lesson.picture("filters", 4, 12, size=(11, 4.4)) as axes:
        limit = filters.abs().max().item()
        for axis, kernel in zip(axes[0], filters, strict=False):
            lesson.show(axis, kernel, vmin=-limit, vmax=limit)
        for axis, feature in zip(axes[1], first, strict=False):
            lesson.show(axis, feature)
        for axis, feature in zip(axes[2:].flat, second, strict=False):
            lesson.show(axis, feature)
        for row, name in enumerate(["filters,\n5 x 5", "layer 1,\n28 x 28", "layer 2,\n14 x 14", "layer 2,\n14 x 14"]):
            axes[row, 0].set_ylabel(name)

    logits = predict(deeper, test_images)
    guesses = logits.argmax(1)
    wrong = (guesses != test_labels).nonzero()[:, 0].tolist()
    # Two that are right for each row of mistakes.
    shown = (wrong[:5] + [i for i in range(20) if i not in wrong])[:10]
    with lesson.picture("where", 2, 5, size=(9, 4.2)) as axes, rt.no_grad():
        for axis, index in zip(axes.flat, shown, strict=True):
            image, guess, truth = test_images[index], int(guesses[index]), int(test_labels[index])
            heat = deeper.activation_map(image, guess)
            heat = F.interpolate(heat[None, None], size=(28, 28), mode="bilinear", align_corners=False)[0, 0]
            lesson.show(axis, heat, f"says {guess}" + ("" if guess == truth else f", is {truth}"), cmap="cividis")
            axis.contour(image[0].numpy(), levels=[0.5], colors="white", linewidths=1)
    with rt.no_grad():
        heat = deeper.activation_map(test_images[0], int(guesses[0]))
        logit = heat.mean() + deeper.head.bias[int(guesses[0])]
    found["map_error"] = abs(logit.item() - logits[0, int(guesses[0])].item())
    lesson.say(
        "the mean of a class activation map and the bias give the logit, within {error:.0e}", error=found["map_error"]
    )
    return found


def standard(digits: datasets.MNIST) -> rt.Tensor:
    """Images with mean 0 and deviation 1, [N, 1, 28, 28]."""
    return ((digits.data.float() - digits.mean) / digits.std).unsqueeze(1)


def fit(lesson: lessons.Lesson, model: nn.Module, images: rt.Tensor, labels: rt.Tensor, epochs: int) -> list[float]:
    """Adam on batches of 128 at a rate that falls to 0; the loss of each step."""
    steps = epochs * (len(images) // 128)
    optimizer = rt.optim.Adam(model.parameters(), lr=2e-3)
    schedule = rt.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=4e-3, total_steps=steps)
    losses: list[float] = []
    batches = [batch for _ in range(epochs) for batch in rt.randperm(len(images)).split(128) if len(batch) == 128]
    for batch in lesson.track(batches, "training"):
        loss = F.cross_entropy(model(images[batch]), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    model.eval()
    return losses


@rt.no_grad()
def predict(model: nn.Module, images: rt.Tensor) -> rt.Tensor:
    """Logits, 500 images at a time."""
    return rt.cat([model(part) for part in images.split(500)])


if __name__ == "__main__":
    lessons.script(main)
