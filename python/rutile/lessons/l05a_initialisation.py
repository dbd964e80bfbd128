"""Initialisation: zero, small, Xavier and He weights, and what becomes of activations through twelve layers."""

from collections.abc import Callable
from typing import Any

import rutile as rt
from rutile import datasets, lessons, nn
from rutile.nn import functional as F

DEPTH, WIDTH = 12, 256
STARTS: dict[str, Callable[[rt.Tensor], Any]] = {
    "zero": nn.init.zeros_,
    "small (0.01)": lambda w: nn.init.normal_(w, std=0.01),
    "large (1)": lambda w: nn.init.normal_(w, std=1.0),
    "Xavier": nn.init.xavier_normal_,
    "He": lambda w: nn.init.kaiming_normal_(w, nonlinearity="relu"),
}


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    digits = datasets.Digits()
    x, y = (digits.data.float().flatten(1) - 4.88) / 6.01, digits.targets
    spread: dict[str, dict[str, list[float]]] = {}
    for name, activation in (("tanh", rt.tanh), ("relu", rt.relu)):
        lesson.heading("Standard deviation of the activations")
        spread[name] = {}
        for start in STARTS:
            outputs = forward(x[:500], weights(start), activation)
            spread[name][start] = [output.std().item() for output in outputs]
        lesson.table(
            ["start", "activation", "layer 1", "layer 6", "layer 12"],
            [(lesson.text(start), name, *(f"{v[i]:.1e}" for i in (0, 5, 11))) for start, v in spread[name].items()],
        )
        draw(lesson, name, x[:500], activation)

    lesson.heading("Training the relu network")
    losses = {}
    for start in lesson.track(list(STARTS), "training"):
        losses[start] = train(x, y, weights(start), lesson.pick(150, 40))
        lesson.say(
            "{start}: loss {first:.3g} at first, {last:.4g} at last",
            start=lesson.text(start),
            first=losses[start][0],
            last=losses[start][-1],
        )
    with lesson.picture("training", size=(7, 4.4)) as axes:
        for start, values in losses.items():
            axes.plot(values, label=start)
        axes.axhline(2.3026, color="grey", linewidth=0.8)
        axes.annotate("log 10: guessing", (0, 2.3026), xytext=(4, 4), textcoords="offset points", fontsize=8)
        axes.set(xlabel="step", ylabel="cross entropy (nats)", yscale="log", title="twelve relu layers")
        axes.legend()
    return {"spread": spread, "losses": {start: values[-1] for start, values in losses.items()}}


def weights(start: str) -> list[rt.Tensor]:
    """The matrices of the network: [256, 64], then eleven [256, 256]."""
    rt.manual_seed(0)
    matrices = [rt.empty(WIDTH, 64 if layer == 0 else WIDTH) for layer in range(DEPTH)]
    for matrix in matrices:
        STARTS[start](matrix)
    return matrices


def forward(x: rt.Tensor, matrices: list[rt.Tensor], activation: Callable[[rt.Tensor], rt.Tensor]) -> list[rt.Tensor]:
    """The output of every layer."""
    outputs = []
    for matrix in matrices:
        x = activation(x @ matrix.T)
        outputs.append(x)
    return outputs


def train(x: rt.Tensor, y: rt.Tensor, matrices: list[rt.Tensor], steps: int) -> list[float]:
    """The loss of each step with a last layer of ten classes."""
    last = 0.01 * rt.randn(10, WIDTH)
    parameters = [matrix.requires_grad_() for matrix in (*matrices, last)]
    optimizer = rt.optim.SGD(parameters, lr=0.02, momentum=0.9)
    losses = []
    for _ in range(steps):
        rows = rt.randint(0, len(x), (128,))
        optimizer.zero_grad()
        loss = F.cross_entropy(forward(x[rows], matrices, rt.relu)[-1] @ last.T, y[rows])
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)  # the large start would overflow
        optimizer.step()
        losses.append(loss.item())
    return losses


def draw(lesson: lessons.Lesson, name: str, x: rt.Tensor, activation: Callable[[rt.Tensor], rt.Tensor]) -> None:
    """Histograms of the activations of layers 1, 4, 8 and 12, a row per start."""
    layers = (1, 4, 8, 12)
    with lesson.picture(f"activations-{name}", len(STARTS), len(layers), size=(10, 9)) as axes:
        for row, start in zip(axes, STARTS, strict=True):
            outputs = forward(x, weights(start), activation)
            for axis, layer in zip(row, layers, strict=True):
                values = outputs[layer - 1]
                if name == "relu":
                    dead = (values == 0).float().mean().item()
                    axis.annotate(f"{dead:.0%} zero", (0.95, 0.85), xycoords="axes fraction", ha="right", fontsize=8)
                    values = values[values > 0]
                if values.numel():
                    axis.hist(values.flatten().numpy(), bins=50, color="#0072B2")
                axis.set(yticks=[], title=f"layer {layer}" if start == "zero" else "")
                axis.tick_params(labelsize=7)
                axis.locator_params(axis="x", nbins=4)
                axis.ticklabel_format(axis="x", scilimits=(-2, 3))
            row[0].set_ylabel(start)
        axes[-1][0].figure.supxlabel(f"activation ({name}{', zeros left out' if name == 'relu' else ''})")
        axes[-1][0].figure.supylabel("start, frequency")


if __name__ == "__main__":
    lessons.script(main)
