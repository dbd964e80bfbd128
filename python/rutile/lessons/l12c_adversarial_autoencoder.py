"""An adversarial autoencoder: a critic, in place of a formula, gives the codes the shape that was asked for."""

import itertools
import math
from typing import Any

import rutile as rt
from rutile import datasets, lessons, nn
from rutile.nn import functional as F


def perceptron(*widths: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for inside, outside in itertools.pairwise(widths):
        layers += [nn.Linear(inside, outside), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def normal(count: int) -> rt.Tensor:
    return rt.randn(count, 2)


def ring(count: int) -> rt.Tensor:
    """Points around a circle of radius 2: a prior for which there is no formula of a divergence."""
    angle = 2 * math.pi * rt.rand(count, 1)
    return (2 + 0.15 * rt.randn(count, 1)) * rt.cat([angle.cos(), angle.sin()], 1)


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    digits = datasets.Digits()
    x, labels = digits.data.float().flatten(1) / digits.peak, digits.targets
    test = datasets.Digits(train=False).data.float().flatten(1) / digits.peak
    found: dict[str, Any] = {}
    codes, curves, draws, rows = {}, {}, {}, []
    for name, prior in [("none", None), ("normal", normal), ("ring", ring)]:
        rt.manual_seed(0)
        encoder, decoder, critic = perceptron(64, 128, 64, 2), perceptron(2, 64, 128, 64), perceptron(2, 64, 64, 1)
        curves[name] = fit(lesson, encoder, decoder, critic, prior, x, lesson.pick(120, 40))
        with rt.no_grad():
            codes[name] = encoder(x)
            error = F.mse_loss(decoder(encoder(test)), test).sqrt().item()
            wanted = prior or normal
            gap = energy_distance(codes[name][:700], wanted(700)).item()
            draws[name] = decoder(wanted(12)).clamp(0, 1)
        rows.append((lesson.text(name), f"{error:.3f}", f"{gap:.3f}"))
        found[name] = {"error": error, "gap": gap}
    found["same"] = energy_distance(normal(700), normal(700)).item()
    lesson.table(["prior", "error of a pixel (0 to 1)", "distance of codes from the prior"], rows)
    lesson.say("two samples of 700 from the same distribution have a distance of {same:.3f}", same=found["same"])

    with lesson.picture("codes", 1, 3, size=(12, 4.2)) as axes:
        for axis, (name, points) in zip(axes, codes.items(), strict=True):
            for digit in range(10):
                chosen = points[labels == digit][:60]
                axis.scatter(chosen[:, 0].numpy(), chosen[:, 1].numpy(), s=28, marker=f"${digit}$")
            axis.set(xlabel="z1", ylabel="z2", title=f"prior: {name}", aspect="equal")
    with lesson.picture("samples", 3, 12, size=(11, 3.2)) as axes:
        for row, (name, images) in zip(axes, draws.items(), strict=True):
            for axis, image in zip(row, images, strict=True):
                lesson.show(axis, image.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
            row[0].set_ylabel(name)
    with lesson.picture("learning", size=(6.4, 3.8)) as axes:
        for name, values in curves.items():
            axes.plot(range(1, len(values) + 1), values, label=f"prior: {name}")
        axes.set(xlabel="epoch", ylabel="mean squared error of a pixel", yscale="log", title="reconstruction")
        axes.legend()
    return found


def fit(
    lesson: lessons.Lesson,
    encoder: nn.Module,
    decoder: nn.Module,
    critic: nn.Module,
    prior: Any,
    x: rt.Tensor,
    epochs: int,
) -> list[float]:
    """Reconstruct; teach the critic to tell codes from the prior; teach the encoder to fool it."""
    both = rt.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=2e-3)
    judging = rt.optim.Adam(critic.parameters(), lr=1e-3)
    fooling = rt.optim.Adam(encoder.parameters(), lr=1e-3)
    yes, no = rt.ones(64, 1), rt.zeros(64, 1)
    errors = []
    for _ in lesson.track(range(epochs), "training"):
        total = []
        for batch in rt.randperm(len(x)).split(64):
            if len(batch) < 64:
                continue
            image = x[batch]
            loss = F.mse_loss(decoder(encoder(image)), image)
            both.zero_grad()
            loss.backward()
            both.step()
            total.append(loss.item())
            if prior is None:
                continue
            code = encoder(image)
            doubt = F.binary_cross_entropy_with_logits
            judged = doubt(critic(prior(64)), yes) + doubt(critic(code.detach()), no)
            judging.zero_grad()
            judged.backward()
            judging.step()
            fooled = 0.05 * doubt(critic(code), yes)
            fooling.zero_grad()
            fooled.backward()
            fooling.step()
        errors.append(sum(total) / len(total))
    return errors


def energy_distance(a: rt.Tensor, b: rt.Tensor) -> rt.Tensor:
    """2 E|a - b| - E|a - a'| - E|b - b'|: 0 if and only if both come from one distribution."""
    return 2 * rt.cdist(a, b).mean() - rt.cdist(a, a).mean() - rt.cdist(b, b).mean()


if __name__ == "__main__":
    lessons.script(main)
