"""Pixel by pixel: NADE and a PixelCNN on small digits; exact log-likelihoods, samples, half an image completed."""

import itertools
from collections.abc import Callable
from typing import Any

import rutile as rt
from rutile import datasets, lessons, nn
from rutile.nn import functional as F


class NADE(nn.Module):
    """A logit for each pixel, given those before it: [N, D] to [N, D] (H. Larochelle, I. Murray, 2011)."""

    def __init__(self, pixels: int, hidden: int) -> None:
        super().__init__()
        self.inside = nn.Parameter(0.01 * rt.randn(pixels, hidden))
        self.outside = nn.Parameter(0.01 * rt.randn(pixels, hidden))
        self.hidden_bias, self.bias = nn.Parameter(rt.zeros(hidden)), nn.Parameter(rt.zeros(pixels))

    def forward(self, x: rt.Tensor) -> rt.Tensor:
        seen = (x.unsqueeze(2) * self.inside).cumsum(1)  # [N, D, H]: up to and including each pixel
        before = F.pad(seen[:, :-1], (0, 0, 1, 0))  # without the pixel itself
        return (rt.sigmoid(self.hidden_bias + before) * self.outside).sum(2) + self.bias


class MaskedConv(nn.Conv2d):
    """A convolution that sees rows above and pixels to the left; with `itself` its own place too."""

    def __init__(self, inside: int, outside: int, size: int, itself: bool) -> None:
        super().__init__(inside, outside, size, padding=size // 2)
        mask = rt.ones(size, size)
        mask[size // 2, size // 2 + itself :] = 0
        mask[size // 2 + 1 :] = 0
        self.register_buffer("mask", mask)

    def forward(self, x: rt.Tensor) -> rt.Tensor:
        return F.conv2d(x, self.weight * self.mask, self.bias, padding=self.padding)


class PixelCNN(nn.Module):
    """The same promise as NADE, kept by masks (A. van den Oord et al., 2016)."""

    def __init__(self, side: int, channels: int) -> None:
        super().__init__()
        self.side, self.first = side, MaskedConv(1, channels, 5, itself=False)
        self.middle = nn.ModuleList([MaskedConv(channels, channels, 3, itself=True) for _ in range(4)])
        self.last = nn.Conv2d(channels, 1, 1)

    def forward(self, x: rt.Tensor) -> rt.Tensor:
        features = self.first(x.reshape(-1, 1, self.side, self.side))
        for layer in self.middle:
            features = features + layer(F.relu(features))
        logits: rt.Tensor = self.last(F.relu(features)).flatten(1)
        return logits


def log_likelihood(logits: rt.Tensor, x: rt.Tensor) -> rt.Tensor:
    """log p(x) of each image: the sum of its pixels' conditional log-probabilities, [N]."""
    return -F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1)


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    train, test = ((datasets.Digits(train=part).data.flatten(1) > 7).float() for part in (True, False))
    found: dict[str, Any] = {}

    lesson.heading("Probabilities sum to one")
    tiny = rt.tensor(list(itertools.product([0.0, 1.0], repeat=9)))
    for name, model in [("NADE", NADE(9, 8)), ("PixelCNN", PixelCNN(3, 8))]:
        with rt.no_grad():
            found[f"{name} total"] = log_likelihood(model(tiny), tiny).exp().sum().item()
        lesson.say("{name}: {total:.6f} over all 512 images of 3 x 3", name=name, total=found[f"{name} total"])

    lesson.heading("Log-likelihood of test images")
    ink = train.mean(0).clamp(0.001, 0.999)
    found["pixels"] = log_likelihood(ink.logit().expand_as(test), test).mean().item()
    rows: list[tuple[object, ...]] = [(lesson.text("independent pixels"), 64, f"{found['pixels']:.1f}")]
    curves, models = {}, {"NADE": NADE(64, 64), "PixelCNN": PixelCNN(8, 32)}
    for name, model in models.items():
        curves[name] = fit(lesson, model, train, test, lesson.pick(60, 8))
        found[name] = curves[name][-1]
        rows.append((name, f"{sum(p.numel() for p in model.parameters()):,}", f"{found[name]:.1f}"))
    lesson.table(["model", "parameters", "nats an image"], rows)
    lesson.say("guessing each pixel with a coin would give {coin:.1f}", coin=-64 * 0.693147)

    shown: dict[str, rt.Tensor] = {"real": test[:12]}
    for name, model in models.items():
        shown[name] = write(model, rt.zeros(12, 64), 0)
    shown["completed"] = write(models["PixelCNN"], test[:12], 32)
    with lesson.picture("samples", 4, 12, size=(11, 4.2)) as axes:
        for row, (name, images) in zip(axes, shown.items(), strict=True):
            for axis, image in zip(row, images, strict=True):
                lesson.show(axis, image.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
                if name == "completed":
                    axis.axhline(3.5, color="#D55E00")
            row[0].set_ylabel(name)
    with lesson.picture("learning", size=(6.4, 3.8)) as axes:
        for name, values in curves.items():
            axes.plot(range(1, len(values) + 1), values, label=name)
        axes.axhline(found["pixels"], color="gray", label="independent pixels")
        axes.set(xlabel="epoch", ylabel="log-likelihood (nats an image)", title="test images", ylim=(-31, None))
        axes.legend()
    return found


def fit(lesson: lessons.Lesson, model: nn.Module, train: rt.Tensor, test: rt.Tensor, epochs: int) -> list[float]:
    """The log-likelihood of the test images after each epoch."""
    optimizer = rt.optim.Adam(model.parameters(), lr=5e-3)
    schedule = rt.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    values = []
    for _ in lesson.track(range(epochs), "training"):
        for batch in rt.randperm(len(train)).split(32):
            loss = -log_likelihood(model(train[batch]), train[batch]).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        schedule.step()
        with rt.no_grad():
            values.append(log_likelihood(model(test), test).mean().item())
    return values


@rt.no_grad()
def write(model: Callable[[rt.Tensor], rt.Tensor], images: rt.Tensor, start: int) -> rt.Tensor:
    """Images with the pixels from `start` on drawn one after the other."""
    images = images.clone()
    for pixel in range(start, images.shape[1]):
        images[:, pixel] = rt.bernoulli(model(images)[:, pixel].sigmoid())
    return images


if __name__ == "__main__":
    lessons.script(main)
