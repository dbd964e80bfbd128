"""Six architectures, scaled to CIFAR-10 and to about the same size, trained alike and compared."""

from collections.abc import Callable
from typing import Any

import rutile as rt
from rutile import datasets, lessons, nn
from rutile.nn import functional as F


def conv(inside: int, outside: int, size: int = 3, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, size, stride, size // 2, bias=False), nn.BatchNorm2d(outside), nn.ReLU()
    )


class Inception(nn.Module):
    """1 x 1, 3 x 3, 5 x 5 pooling side by side, the wide ones behind a narrow 1 x 1 (C. Szegedy et al., 2015)."""

    def __init__(self, inside: int, width: int) -> None:
        super().__init__()
        self.ways = nn.ModuleList([
            conv(inside, width, 1), nn.Sequential(conv(inside, width, 1), conv(width, 2 * width)),
            nn.Sequential(conv(inside, width // 2, 1), conv(width // 2, width // 2, 5)),
            nn.Sequential(nn.MaxPool2d(3, 1, 1), conv(inside, width // 2, 1)),
        ])  # fmt: skip

    def forward(self, x: rt.Tensor) -> rt.Tensor:
        return rt.cat([way(x) for way in self.ways], 1)  # 4 times the width


class Residual(nn.Module):
    """Two convolutions added to what came in, through a 1 x 1 where the shape changes."""

    def __init__(self, inside: int, outside: int, stride: int) -> None:
        super().__init__()
        self.pair = nn.Sequential(conv(inside, outside, 3, stride), conv(outside, outside)[:2])
        same = inside == outside and stride == 1
        self.skip = nn.Identity() if same else nn.Conv2d(inside, outside, 1, stride)

    def forward(self, x: rt.Tensor) -> rt.Tensor:
        return F.relu(self.pair(x) + self.skip(x))


class Dense(nn.Module):
    """Each convolution sees everything before it and adds a few channels (G. Huang et al., 2017)."""

    def __init__(self, inside: int, growth: int, layers: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList([conv(inside + i * growth, growth) for i in range(layers)])

    def forward(self, x: rt.Tensor) -> rt.Tensor:
        for layer in self.layers:
            x = rt.cat([x, layer(x)], 1)
        return x


def head(channels: int) -> list[nn.Module]:
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10)]


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "LeNet": lambda: nn.Sequential(
        nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    ),
    "AlexNet": lambda: nn.Sequential(
        nn.Conv2d(3, 24, 5, padding=2), nn.ReLU(), nn.LocalResponseNorm(5), nn.MaxPool2d(3, 2),
        nn.Conv2d(24, 32, 5, padding=2), nn.ReLU(), nn.LocalResponseNorm(5), nn.MaxPool2d(3, 2),
        nn.Conv2d(32, 48, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Flatten(), nn.Dropout(0.2), nn.Linear(432, 96), nn.ReLU(), nn.Linear(96, 10),
    ),
    "VGG": lambda: nn.Sequential(
        conv(3, 16), conv(16, 16), nn.MaxPool2d(2), conv(16, 32), conv(32, 32), nn.MaxPool2d(2),
        conv(32, 64), conv(64, 48), *head(48),
    ),
    "GoogLeNet": lambda: nn.Sequential(
        conv(3, 16), nn.MaxPool2d(2), Inception(16, 16), Inception(64, 16), nn.MaxPool2d(2), Inception(64, 24),
        Inception(96, 24), *head(96),
    ),
    "ResNet": lambda: nn.Sequential(
        conv(3, 16), Residual(16, 16, 1), Residual(16, 32, 2), Residual(32, 48, 2), *head(48)
    ),
    "DenseNet": lambda: nn.Sequential(
        conv(3, 16), nn.MaxPool2d(2), Dense(16, 12, 5), conv(76, 38, 1), nn.AvgPool2d(2), Dense(38, 12, 5), *head(98)
    ),
}  # fmt: skip


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    count, tests = lesson.pick((12_000, 5_000), (640, 500))
    data = []
    for train, wanted in [(True, count), (False, tests)]:
        pictures = datasets.CIFAR10(train=train)
        chosen = rt.randperm(len(pictures))[:wanted]
        pixels = rt.tensor(pictures.data)[chosen].permute(0, 3, 1, 2).float() / 255
        data.append(((pixels - 0.47) / 0.25, rt.tensor(pictures.targets)[chosen]))
    (x, labels), (test, test_labels) = data
    rows, found, history = [], {}, {}
    for name, make in NETWORKS.items():
        rt.manual_seed(0)
        network = make()
        parameters = sum(p.numel() for p in network.parameters())
        history[name] = fit(lesson, network, x, labels, test, test_labels, lesson.pick(4, 2))
        found[name] = {"parameters": parameters, "losses": history[name][0], "accuracy": history[name][1][-1]}
        rows.append((name, f"{parameters:,}", f"{history[name][0][-1]:.3f}", f"{found[name]['accuracy']:.1%}"))
    lesson.table(["network", "parameters", "training loss", "test accuracy"], rows)
    with lesson.picture("training", 1, 2, size=(11, 4)) as (left, right):
        for (name, (losses, accuracies)), marker in zip(history.items(), "osD^vP", strict=True):
            epochs = range(1, len(losses) + 1)
            left.plot(epochs, losses, marker=marker, label=name)
            right.plot(epochs, [100 * value for value in accuracies], marker=marker, label=name)
        left.set(xlabel="epoch", ylabel="cross entropy (nats)", title="training", xticks=epochs)
        right.set(xlabel="epoch", ylabel="accuracy (%)", title="test", xticks=epochs)
        right.legend()
    return found


def fit(
    lesson: lessons.Lesson,
    network: nn.Module,
    x: rt.Tensor,
    labels: rt.Tensor,
    test: rt.Tensor,
    truth: rt.Tensor,
    epochs: int,
) -> tuple[list[float], list[float]]:
    """The loss and the test accuracy of each epoch."""
    steps = epochs * (len(x) // 64)
    optimizer = rt.optim.Adam(network.parameters(), lr=2e-3)
    schedule = rt.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
    losses: list[float] = []
    accuracies: list[float] = []
    for epoch in range(epochs):
        total = []
        network.train()
        batches = [batch for batch in rt.randperm(len(x)).split(64) if len(batch) == 64]
        for batch in lesson.track(batches, "training"):
            images = x[batch].flip(3) if epoch % 2 else x[batch]  # every other epoch mirrored
            loss = F.cross_entropy(network(images), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total.append(loss.item())
        losses.append(sum(total) / len(total))
        network.eval()
        with rt.no_grad():
            said = rt.cat([network(part).argmax(1) for part in test.split(250)])
        accuracies.append((said == truth).float().mean().item())
    return losses, accuracies


if __name__ == "__main__":
    lessons.script(main)
