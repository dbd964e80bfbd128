"""Plain against residual: thirty layers that stall, and thirty that learn; gradients through depth."""

from typing import Any

import rutile as rt
from rutile import datasets, lessons, nn
from rutile.nn import functional as F


class Deep(nn.Module):
    """`depth` convolutions; with `residual`, each pair adds its result to what it was given (K. He et al., 2016)."""

    def __init__(self, depth: int, residual: bool, norm: bool, channels: int = 16) -> None:
        super().__init__()
        self.residual = residual
        self.first = nn.Conv2d(1, channels, 3, padding=1)
        self.pairs = nn.ModuleList()
        for _ in range((depth - 2) // 2):
            layers: list[nn.Module] = []
            for _ in range(2):
                layers += [
                    nn.Conv2d(channels, channels, 3, padding=1),
                    *([nn.BatchNorm2d(channels)] if norm else []),
                    nn.ReLU(),
                ]
            self.pairs.append(nn.Sequential(*layers[:-1]))
        self.head = nn.Linear(channels, 10)

    def forward(self, x: rt.Tensor) -> rt.Tensor:
        x = F.relu(self.first(x))
        for pair in self.pairs:
            x = F.relu(x + pair(x)) if self.residual else F.relu(pair(x))
        logits: rt.Tensor = self.head(x.mean((2, 3)))
        return logits


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    train, test = datasets.Digits(), datasets.Digits(train=False)
    x, y = ((part.data.float().unsqueeze(1) - train.mean) / train.std for part in (train, test))
    steps = lesson.pick(200, 40)
    rows, curves, gradients, found = [], {}, {}, {}
    for name, depth, residual, norm in [
        ("plain, 6 layers", 6, False, False), ("plain, 30 layers", 30, False, False),
        ("plain, 30, batch norm", 30, False, True), ("residual, 30 layers", 30, True, False),
        ("residual, 30, batch norm", 30, True, True),
    ]:  # fmt: skip
        rt.manual_seed(0)
        network = Deep(depth, residual, norm)
        F.cross_entropy(network(x[:128]), train.targets[:128]).backward()
        gradients[name] = [p.grad.norm().item() for p in network.parameters() if p.dim() == 4]
        curves[name] = fit(lesson, network, x, train.targets, steps)
        with rt.no_grad():
            right = (network.eval()(y).argmax(1) == test.targets).float().mean().item()
        end = sum(curves[name][-10:]) / 10
        found[name] = {"loss": end, "accuracy": right, "ratio": gradients[name][0] / gradients[name][-1]}
        rows.append((lesson.text(name), f"{end:.3f}", f"{right:.1%}", f"{found[name]['ratio']:.0e}"))
    lesson.table(["network", "training loss", "test accuracy", "gradient, first / last layer"], rows)
    with lesson.picture("depth", 1, 2, size=(11, 4.4)) as (left, right_axis):
        for name, values in curves.items():
            left.plot(*lessons.smooth(values, 10, 5), label=name)
            right_axis.semilogy(range(1, len(gradients[name]) + 1), gradients[name])
        left.axhline(2.303, color="gray", linewidth=1)
        left.set(xlabel="step", ylabel="cross entropy (nats)", title="training (grey: guessing)")
        left.figure.legend(loc="outside lower center", ncols=len(curves))
        right_axis.set(xlabel="convolution, from the input", ylabel="norm of the gradient", title="before training")
    return found


def fit(lesson: lessons.Lesson, network: Deep, x: rt.Tensor, labels: rt.Tensor, steps: int) -> list[float]:
    optimizer = rt.optim.Adam(network.parameters(), lr=1e-3)
    losses = []
    for _ in lesson.track(range(steps), "training"):
        batch = rt.randint(0, len(x), (64,))
        loss = F.cross_entropy(network(x[batch]), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


if __name__ == "__main__":
    lessons.script(main)
