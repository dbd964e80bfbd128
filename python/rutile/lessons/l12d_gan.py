"""GAN and DCGAN: a forger and a detective learn from each other; samples over time, judged by a third network."""

from typing import Any

import rutile as rt
from rutile import datasets, lessons, models, nn
from rutile.nn import functional as F

NOISE = 32


def dense() -> tuple[nn.Module, nn.Module]:
    """Generator [N, 32] to [N, 1, 28, 28] and discriminator, fully connected (I. Goodfellow et al., 2014)."""
    generator = nn.Sequential(
        nn.Linear(NOISE, 256), nn.LeakyReLU(0.2), nn.Linear(256, 512), nn.LeakyReLU(0.2), nn.Linear(512, 784),
        nn.Tanh(), nn.Unflatten(1, (1, 28, 28)),
    )  # fmt: skip
    discriminator = nn.Sequential(
        nn.Flatten(), nn.Linear(784, 256), nn.LeakyReLU(0.2), nn.Dropout(0.3), nn.Linear(256, 128), nn.LeakyReLU(0.2),
        nn.Linear(128, 1),
    )  # fmt: skip
    return generator, discriminator


def convolutional() -> tuple[nn.Module, nn.Module]:
    """The same with convolutions, strides and batch norm (A. Radford et al., 2016)."""
    generator = nn.Sequential(
        nn.Linear(NOISE, 64 * 49, bias=False), nn.Unflatten(1, (64, 7, 7)), nn.BatchNorm2d(64), nn.ReLU(),
        nn.ConvTranspose2d(64, 32, 4, 2, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU(),
        nn.ConvTranspose2d(32, 1, 4, 2, 1), nn.Tanh(),
    )  # fmt: skip
    discriminator = nn.Sequential(
        nn.Conv2d(1, 32, 4, 2, 1), nn.LeakyReLU(0.2),
        nn.Conv2d(32, 64, 4, 2, 1, bias=False), nn.BatchNorm2d(64), nn.LeakyReLU(0.2),
        nn.Flatten(), nn.Linear(64 * 49, 1),
    )  # fmt: skip
    for network in (generator, discriminator):
        for module in network.modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
                nn.init.normal_(module.weight, 0, 0.02)
    return generator, discriminator


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    digits = datasets.MNIST()
    count = lesson.pick(30_000, 4_000)
    x = digits.data[:count].unsqueeze(1).float() / 127.5 - 1  # -1 to 1, as tanh draws
    judge = train_judge(lesson, x, digits.targets[:count])
    steps = lesson.pick({"GAN": 3000, "DCGAN": 1200}, {"GAN": 250, "DCGAN": 100})
    fixed = rt.randn(10, NOISE)

    found: dict[str, Any] = {
        "real": verdict(judge, x[:1000]),
        "noise": verdict(judge, 2 * rt.rand(1000, 1, 28, 28) - 1),
    }
    history, curves = {}, {}
    for name, make in [("GAN", dense), ("DCGAN", convolutional)]:
        rt.manual_seed(0)
        generator, discriminator = make()
        history[name], curves[name] = fit(lesson, generator, discriminator, x, steps[name], fixed)
        generator.eval()
        with rt.no_grad():
            found[name] = verdict(judge, generator(rt.randn(1000, NOISE)))
    lesson.heading("The judge")
    lesson.table(
        ["images", "confidence", "evenness of classes", "ink"],
        [
            (lesson.text(name), *(f"{value[key]:.2f}" for key in ("confidence", "evenness", "ink")))
            for name, value in found.items()
        ],
    )
    lesson.say("evenness: entropy of the judge's classes, 1 if all ten come equally often, 0 if only one does")

    for name, moments in history.items():
        with lesson.picture(f"{name.lower()}-over-time", len(moments), 10, size=(9, 0.95 * len(moments))) as axes:
            for row, (step, images) in zip(axes, moments.items(), strict=True):
                for axis, image in zip(row, images[:, 0], strict=True):
                    lesson.show(axis, image, cmap="gray_r", vmin=-1, vmax=1)
                row[0].set_ylabel(f"step\n{step}", rotation=0, ha="right", va="center")
    with lesson.picture("game", 1, 2, size=(11, 3.8)) as axes:
        for axis, (name, sides) in zip(axes, curves.items(), strict=True):
            for side, values in sides.items():
                axis.plot(*lessons.smooth(values, 20, 10), label=side)
            axis.axhline(0.5, color="gray", linewidth=1)
            axis.set(xlabel="step", ylabel="probability of being real", title=f"{name}: the discriminator's belief")
            axis.set(ylim=(0, 1))
            axis.legend()
    return found


def fit(
    lesson: lessons.Lesson, generator: nn.Module, discriminator: nn.Module, x: rt.Tensor, steps: int, fixed: rt.Tensor
) -> tuple[dict[int, rt.Tensor], dict[str, list[float]]]:
    """Plays the game; the images of `fixed` at some moments, and what the discriminator believes."""
    forging = rt.optim.Adam(generator.parameters(), lr=3e-4, betas=(0.5, 0.999))
    judging = rt.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
    moments = {0, steps // 20, steps // 8, steps // 4, steps // 2, steps - 1}
    history: dict[int, rt.Tensor] = {}
    curves: dict[str, list[float]] = {"real images": [], "forged images": []}
    for step in lesson.track(range(steps), "training"):
        real, forged = x[rt.randint(0, len(x), (64,))], generator(rt.randn(64, NOISE))
        on_real, on_forged = discriminator(real), discriminator(forged.detach())
        # Labels of 0.9 keep the discriminator from being too sure (T. Salimans et al., 2016).
        loss = F.binary_cross_entropy_with_logits(on_real, rt.full_like(on_real, 0.9))
        loss = loss + F.binary_cross_entropy_with_logits(on_forged, rt.zeros_like(on_forged))
        judging.zero_grad()
        loss.backward()
        judging.step()
        # The generator wants "real" to be said: a gradient that does not vanish when it is bad.
        fooled = discriminator(forged)
        loss = F.binary_cross_entropy_with_logits(fooled, rt.ones_like(fooled))
        forging.zero_grad()
        loss.backward()
        forging.step()
        curves["real images"].append(on_real.sigmoid().mean().item())
        curves["forged images"].append(on_forged.sigmoid().mean().item())
        if step in moments:
            generator.eval()
            with rt.no_grad():
                history[step + 1] = generator(fixed)
            generator.train()
    return history, curves


def train_judge(lesson: lessons.Lesson, x: rt.Tensor, labels: rt.Tensor) -> nn.Module:
    """A classifier of real digits that has no part in the game."""
    judge = models.LeNet((1, 28, 28), 10)
    optimizer = rt.optim.Adam(judge.parameters(), lr=2e-3)
    for batch in lesson.track(rt.randperm(len(x)).split(64), "training the judge"):
        loss = F.cross_entropy(judge(x[batch]), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return judge.eval()


@rt.no_grad()
def verdict(judge: nn.Module, images: rt.Tensor) -> dict[str, float]:
    likely = F.softmax(judge(images), 1)
    share = F.one_hot(likely.argmax(1), 10).float().mean(0)
    entropy = -(share * share.clamp(min=1e-9).log()).sum() / rt.tensor(10.0).log()
    return {
        "confidence": likely.max(1).values.mean().item(),
        "evenness": entropy.item(),
        "ink": ((images + 1) / 2).mean().item(),
    }


if __name__ == "__main__":
    lessons.script(main)
