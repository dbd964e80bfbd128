"""Activations: eight functions, their slopes, and gradients that vanish or explode with depth."""

from collections.abc import Callable
from typing import Any

import rutile as rt
from rutile import datasets, lessons, nn
from rutile.nn import functional as F


class Maxout(nn.Module):
    """The larger of each pair of inputs: a layer before it has twice the outputs. Goodfellow et al., 2013."""

    def forward(self, x: rt.Tensor) -> rt.Tensor:
        return x.unflatten(-1, (-1, 2)).amax(-1)  # [N, 2 M] -> [N, M, 2] -> [N, M]


ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "leaky relu": lambda: nn.LeakyReLU(0.1),
    "prelu": nn.PReLU,
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "maxout": Maxout,
}
DEPTH, WIDTH = 20, 128


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    draw_functions(lesson)
    digits, held_out = datasets.Digits(), datasets.Digits(train=False)
    x, y = (digits.data.float().flatten(1) - 4.88) / 6.01, digits.targets
    x_test, y_test = (held_out.data.float().flatten(1) - 4.88) / 6.01, held_out.targets

    lesson.heading("Gradients through twenty layers")
    norms = {}
    for gain, label in ((0.5, "weights x 0.5"), (1.0, "He"), (2.0, "weights x 2")):
        for name in ("sigmoid", "tanh", "relu"):
            model = network(name, DEPTH, gain)
            F.cross_entropy(model(x[:256]), y[:256]).backward()
            norms[name, label] = [
                layer.weight.grad.norm().item()
                for layer in model
                if isinstance(layer, nn.Linear) and layer.out_features > 10
            ]
    lesson.table(
        ["activation", "start", "gradient, layer 1", "layer 10", "layer 20"],
        [(name, lesson.text(label), *(f"{v[i]:.1e}" for i in (0, 9, 19))) for (name, label), v in norms.items()],
    )

    lesson.heading("Training with each")
    curves, rows = {}, []
    for name in lesson.track(list(ACTIVATIONS), "training"):
        model = network(name, 5, 1.0)
        curves[name] = train(model, x, y, lesson.pick(12, 3))
        with rt.no_grad():
            accuracy = (model(x_test).argmax(1) == y_test).float().mean().item()
        rows.append((name, f"{curves[name][-1]:.4f}", f"{accuracy:.1%}"))
    lesson.table(["activation", "loss", "test accuracy"], rows)

    with lesson.picture("gradients", 1, 3, size=(13, 4), sharey=True) as axes:
        for axis, name in zip(axes, ("sigmoid", "tanh", "relu"), strict=True):
            for label, marker in (("weights x 0.5", "v"), ("He", "o"), ("weights x 2", "^")):
                axis.semilogy(range(1, DEPTH + 1), norms[name, label], marker=marker, markersize=4, label=label)
            axis.set(xlabel="layer", title=name)
            axis.set_xticks(range(1, DEPTH + 1, 3))
        axes[0].set_ylabel("norm of the weights' gradient")
        axes[0].legend()
    with lesson.picture("training", size=(7, 4.4)) as axes:
        for (name, values), marker in zip(curves.items(), "osv^D*xP", strict=True):
            axes.semilogy(range(1, len(values) + 1), values, marker=marker, markersize=4, label=name)
        axes.set(xlabel="epoch", ylabel="cross entropy (nats)", title="five layers on digits")
        axes.legend(ncols=2)
    return {
        "vanishing": norms["sigmoid", "He"][0] / norms["sigmoid", "He"][-1],
        "kept": norms["relu", "He"][0] / norms["relu", "He"][-1],
        "exploding": norms["relu", "weights x 2"][0] / norms["relu", "He"][0],
        "losses": {name: values[-1] for name, values in curves.items()},
    }


def network(name: str, depth: int, gain: float) -> nn.Sequential:
    """`depth` hidden layers; weights after He, times `gain`."""
    rt.manual_seed(0)
    pairs = 2 if name == "maxout" else 1
    model = nn.Sequential()
    for layer in range(depth):
        linear = nn.Linear(64 if layer == 0 else WIDTH, pairs * WIDTH)
        nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
        nn.init.zeros_(linear.bias)
        with rt.no_grad():
            linear.weight *= gain / pairs**0.5
        model.append(linear).append(ACTIVATIONS[name]())
    return model.append(nn.Linear(WIDTH, 10))


def train(model: nn.Module, x: rt.Tensor, y: rt.Tensor, epochs: int) -> list[float]:
    """The mean loss of each epoch."""
    optimizer = rt.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    means = []
    for _ in range(epochs):
        losses = []
        for rows in rt.randperm(len(x)).split(64):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        means.append(sum(losses) / len(losses))
    return means


def draw_functions(lesson: lessons.Lesson) -> None:
    """Each function and its derivative, by the tape."""
    with lesson.picture("functions", 2, 4, size=(12, 5.6), sharex=True) as axes:
        for axis, (name, make) in zip(axes.flat, ACTIVATIONS.items(), strict=True):
            z = rt.linspace(-4, 4, 200).requires_grad_()
            activation = make()
            # Maxout wants pairs; here of z and -z / 2, two lines through 0.
            pair = rt.stack([z, -z / 2], dim=1) if name == "maxout" else z
            value = activation(pair).flatten()
            (slope,) = rt.autograd.grad(value.sum(), z)
            axis.plot(z.detach().numpy(), value.detach().numpy(), label="value")
            axis.plot(z.detach().numpy(), slope.numpy(), label="slope")
            axis.set(title=name + (" of z and -z/2" if name == "maxout" else ""), ylim=(-1.5, 3))
        for axis in axes[1]:
            axis.set_xlabel("input z")
        axes[0, 0].legend(loc="upper left")


if __name__ == "__main__":
    lessons.script(main)
