"""A variational autoencoder: digits on a plane, drawn; its bound on the log-likelihood, and a closer one."""

import math
from typing import Any

import rutile as rt
from rutile import datasets, lessons, nn
from rutile.nn import functional as F


class VAE(nn.Module):
    """784 pixels to a normal distribution over two numbers, and back (D. Kingma, M. Welling, 2014)."""

    def __init__(self, hidden: int = 256, latent: int = 2) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(784, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 2 * latent)
        )
        self.decoder = nn.Sequential(
            nn.Linear(latent, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 784)
        )

    def terms(self, x: rt.Tensor) -> tuple[rt.Tensor, rt.Tensor]:
        """What is lost by encoding and decoding, and the distance of the code from the prior: nats, [N] each."""
        mean, log_variance = self.encoder(x).chunk(2, 1)
        z = mean + (0.5 * log_variance).exp() * rt.randn(mean.shape)  # differentiable by mean and variance
        lost = F.binary_cross_entropy_with_logits(self.decoder(z), x, reduction="none").sum(1)
        divergence = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(1)
        return lost, divergence

    def log_likelihood(self, x: rt.Tensor, draws: int) -> rt.Tensor:
        """log p(x) by importance sampling (Y. Burda et al., 2016), a bound that gets closer with `draws`, [N]."""
        mean, log_variance = self.encoder(x).chunk(2, 1)
        noise = rt.randn(draws, *mean.shape)
        z = mean + (0.5 * log_variance).exp() * noise
        # log of p(x | z) p(z) / q(z | x); the normal distributions' constants cancel
        given = -F.binary_cross_entropy_with_logits(self.decoder(z), x.expand(draws, *x.shape), reduction="none").sum(2)
        ratio = (-0.5 * z**2 + 0.5 * noise**2 + 0.5 * log_variance).sum(2)
        return rt.logsumexp(given + ratio, 0) - math.log(draws)


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    digits, tests = datasets.MNIST(), datasets.MNIST(train=False)
    count = lesson.pick(30_000, 4_000)
    x = (digits.data[:count].flatten(1) > 127).float()
    test, labels = (tests.data[:2000].flatten(1) > 127).float(), tests.targets[:2000]

    lesson.heading("Training")
    model = VAE()
    lesson.say("{count:,} parameters", count=sum(p.numel() for p in model.parameters()))
    curves = fit(lesson, model, x, lesson.pick(20, 5))
    with rt.no_grad():
        some = test[:500]
        lost, divergence = (term.mean().item() for term in model.terms(some))
        closer = {
            draws: rt.cat([model.log_likelihood(part, draws) for part in some.split(100)]).mean().item()
            for draws in (1, 10, 100)
        }
    ink = x.mean(0).clamp(0.001, 0.999).logit().expand_as(some)
    pixels = -F.binary_cross_entropy_with_logits(ink, some, reduction="none").sum(1).mean().item()
    lesson.table(
        ["test images", "nats"],
        [
            (lesson.text("reconstruction"), f"{-lost:.1f}"),
            (lesson.text("divergence from the prior"), f"{divergence:.1f}"),
            (lesson.text("lower bound on log p(x)"), f"{-lost - divergence:.1f}"),
            *(
                (lesson.text("closer bound, K = {draws}", draws=draws), f"{value:.1f}")
                for draws, value in closer.items()
            ),
            (lesson.text("independent pixels"), f"{pixels:.1f}"),
        ],
    )

    with rt.no_grad():
        codes = model.encoder(test).chunk(2, 1)[0]
        # Equal steps of probability, not of distance: corners of the prior are empty.
        steps = rt.linspace(0.04, 0.96, 16)
        places = math.sqrt(2) * rt.erfinv(2 * steps - 1)
        grid = rt.stack(rt.meshgrid(places, places, indexing="ij"), 2)
        drawn = model.decoder(rt.stack([grid[..., 1], grid[..., 0].flip(0)], 2)).sigmoid()  # z1 to the right, z2 up
        back = model.decoder(codes[:10]).sigmoid()
    sheet = drawn.reshape(16, 16, 28, 28).transpose(1, 2).reshape(448, 448)
    with lesson.picture("plane", 1, 2, size=(11, 5.2)) as (left, right):
        for digit in range(10):
            chosen = 50 * (1 + rt.erf(codes[labels == digit][:70] / math.sqrt(2)))
            left.scatter(chosen[:, 0].numpy(), chosen[:, 1].numpy(), s=34, linewidth=0, marker=f"${digit}$")
        left.set(title="where the test images lie", aspect="equal", xlim=(0, 100), ylim=(0, 100))
        lesson.show(right, sheet, "what the decoder draws there", cmap="gray_r", extent=(1, 99, 1, 99))
        right.set(xlim=(0, 100), ylim=(0, 100), xticks=range(0, 101, 20), yticks=range(0, 101, 20))
        for axis in (left, right):
            axis.set(xlabel="z1: share of the prior below it (%)", ylabel="z2: share of the prior below it (%)")
    with lesson.picture("reconstructions", 2, 10, size=(10, 2.4)) as axes:
        for column in range(10):
            lesson.show(axes[0, column], test[column].reshape(28, 28), cmap="gray_r")
            lesson.show(axes[1, column], back[column].reshape(28, 28), cmap="gray_r", vmin=0, vmax=1)
        axes[0, 0].set_ylabel("image")
        axes[1, 0].set_ylabel("decoded")
    with lesson.picture("learning", size=(6.4, 3.8)) as axes:
        for name, values in curves.items():
            axes.plot(range(1, len(values) + 1), values, label=name)
        axes.set(xlabel="epoch", ylabel="nats an image", title="training images", yscale="log")
        axes.legend()
    near = rt.cdist(codes, codes) + 1e9 * rt.eye(len(codes))
    neighbours = (labels[near.argmin(1)] == labels).float().mean().item()
    lesson.say("nearest neighbour on the plane: the same digit for {share:.0%} of the images", share=neighbours)
    return {
        "bound": -lost - divergence, "closer": closer, "pixels": pixels, "divergence": divergence,
        "neighbours": neighbours,
    }  # fmt: skip


def fit(lesson: lessons.Lesson, model: VAE, x: rt.Tensor, epochs: int) -> dict[str, list[float]]:
    optimizer = rt.optim.Adam(model.parameters(), lr=1e-3)
    curves: dict[str, list[float]] = {"reconstruction": [], "divergence": []}
    for _ in lesson.track(range(epochs), "training"):
        sums = [0.0, 0.0]
        for batch in rt.randperm(len(x)).split(128):
            terms = model.terms(x[batch])
            loss = (terms[0] + terms[1]).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            sums = [total + term.sum().item() for total, term in zip(sums, terms, strict=True)]
        for values, total in zip(curves.values(), sums, strict=True):
            values.append(total / len(x))
    return curves


if __name__ == "__main__":
    lessons.script(main)
