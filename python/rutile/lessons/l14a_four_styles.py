"""The same model four ways: raw tape, modules, pure functions, a gradient tape; and the same lines in PyTorch."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

import rutile as rt
from rutile import autograd, datasets, lessons, nn
from rutile.func import functional_call, grad_and_value
from rutile.nn import functional as F

RATE = 0.5
Weights = dict[str, rt.Tensor]

# What people write for PyTorch. `torch` is the real one or Rutile: `import rutile as torch`.
SOURCE = """\
model = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10))
model.load_state_dict({name: torch.from_numpy(value.copy()) for name, value in weights.items()})
optimizer = torch.optim.SGD(model.parameters(), lr=rate)
x, y = torch.from_numpy(images), torch.from_numpy(labels)
losses = []
for start in range(0, steps * 100, 100):
    i = start % 1400
    loss = torch.nn.functional.cross_entropy(model(x[i : i + 100]), y[i : i + 100])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
"""


class Tape:
    """`with Tape() as tape`, then `tape.gradient(loss, variables)`, as TensorFlow has it, on Rutile's own tape."""

    def __enter__(self) -> "Tape":
        self.recording = rt.enable_grad()
        self.recording.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.recording.__exit__(*error)

    def gradient(self, loss: rt.Tensor, variables: Iterable[rt.Tensor]) -> tuple[rt.Tensor, ...]:
        return autograd.grad(loss, list(variables))


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    digits, test = datasets.Digits(), datasets.Digits(train=False)
    x, y = digits.data.flatten(1).float() / digits.peak, digits.targets
    steps = lesson.pick(400, 150)
    start = make().state_dict()
    batches = [slice(i * 100 % 1400, i * 100 % 1400 + 100) for i in range(steps)]

    lesson.heading("Four styles, one result")
    ways: dict[str, Callable[..., tuple[list[float], Weights]]] = {
        "raw tape": raw_tape, "modules": modules, "functions": functions, "gradient tape": gradient_tape,
    }  # fmt: skip
    curves, ends, rows = {}, {}, []
    for name, way in ways.items():
        curves[name], ends[name] = way({key: value.clone() for key, value in start.items()}, x, y, batches)
        said = forward(ends[name], test.data.flatten(1).float() / digits.peak).argmax(1)
        right = (said == test.targets).float().mean().item()
        rows.append((lesson.text(name), f"{curves[name][0]:.6f}", f"{curves[name][-1]:.6f}", f"{right:.1%}"))
    lesson.table(["style", "first loss", "last loss", "test accuracy"], rows)
    found: dict[str, Any] = {"accuracy": right}
    found["difference"] = max(
        (ends[name][key] - ends["modules"][key]).abs().max().item() for name in ways for key in start
    )
    lesson.say("largest difference of any weight between the styles: {e:.0e}", e=found["difference"])

    lesson.heading("PyTorch and Rutile, line by line")
    print("    " + SOURCE.replace("\n", "\n    ").rstrip())
    arguments = (
        {key: value.numpy() for key, value in start.items()}, x.numpy(), y.numpy(), RATE, steps,
    )  # fmt: skip
    with_rutile = run_source(rt, *arguments)
    try:
        import torch
    except ImportError:
        lesson.say("PyTorch is not installed: the lines ran on Rutile only")
        found["torch"] = None
    else:
        with_torch = run_source(torch, *arguments)
        curves["PyTorch"] = with_torch
        found["torch"] = max(abs(a - b) for a, b in zip(with_rutile, with_torch, strict=True))
        lesson.say("the losses of {steps} steps in both differ by {e:.0e} at most", steps=steps, e=found["torch"])

    with lesson.picture("losses", size=(7, 3.8)) as axes:
        for number, (name, losses) in enumerate(curves.items()):
            axes.semilogy(*lessons.smooth(losses, 14, 14), label=name, linewidth=9 - 1.7 * number)
        axes.set(
            xlabel="step (100 images each)",
            ylabel="cross entropy (nats), mean of an epoch",
            title="they lie on one another",
        )
        axes.legend()
    return found


def make() -> nn.Sequential:
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))


def forward(weights: Weights, x: rt.Tensor) -> rt.Tensor:
    """The same network, written out: [N, 64] to [N, 32] to [N, 10]."""
    hidden = (x @ weights["0.weight"].T + weights["0.bias"]).relu()
    return hidden @ weights["2.weight"].T + weights["2.bias"]


def raw_tape(weights: Weights, x: rt.Tensor, y: rt.Tensor, batches: list[slice]) -> tuple[list[float], Weights]:
    """Tensors and `backward`, nothing else."""
    losses = []
    for weight in weights.values():
        weight.requires_grad_()
    for batch in batches:
        logits = forward(weights, x[batch])
        logp = logits - logits.logsumexp(1, keepdim=True)
        loss = -logp.gather(1, y[batch].unsqueeze(1)).mean()
        loss.backward()
        with rt.no_grad():
            for weight in weights.values():
                weight -= RATE * weight.grad
                weight.grad = None
        losses.append(loss.item())
    return losses, {key: value.detach() for key, value in weights.items()}


def modules(weights: Weights, x: rt.Tensor, y: rt.Tensor, batches: list[slice]) -> tuple[list[float], Weights]:
    """Modules that own their weights, an optimizer that changes them."""
    model, losses = make(), []
    model.load_state_dict(weights)
    optimizer = rt.optim.SGD(model.parameters(), lr=RATE)
    for batch in batches:
        loss = F.cross_entropy(model(x[batch]), y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, {key: value.detach() for key, value in model.state_dict().items()}


def functions(weights: Weights, x: rt.Tensor, y: rt.Tensor, batches: list[slice]) -> tuple[list[float], Weights]:
    """Weights go in, gradients come out, nothing is changed in place, as in JAX."""
    model, losses = make(), []

    def cost(weights: Weights, x: rt.Tensor, y: rt.Tensor) -> rt.Tensor:
        return F.cross_entropy(functional_call(model, weights, (x,)), y)

    step = grad_and_value(cost)
    for batch in batches:
        gradients, loss = step(weights, x[batch], y[batch])
        weights = {key: weight - RATE * gradients[key] for key, weight in weights.items()}
        losses.append(loss.item())
    return losses, weights


def gradient_tape(weights: Weights, x: rt.Tensor, y: rt.Tensor, batches: list[slice]) -> tuple[list[float], Weights]:
    """What is recorded stands in a block, as in TensorFlow."""
    losses = []
    variables = {key: value.requires_grad_() for key, value in weights.items()}
    with rt.no_grad():
        for batch in batches:
            with Tape() as tape:
                loss = F.cross_entropy(forward(variables, x[batch]), y[batch])
            for variable, gradient in zip(variables.values(), tape.gradient(loss, variables.values()), strict=True):
                variable -= RATE * gradient
            losses.append(loss.item())
    return losses, {key: value.detach() for key, value in variables.items()}


def run_source(
    torch: Any, weights: dict[str, np.ndarray[Any, Any]], images: Any, labels: Any, rate: float, steps: int
) -> list[float]:
    """Runs SOURCE with this library under the name of torch; the losses."""
    names = {"torch": torch, "weights": weights, "images": images, "labels": labels, "rate": rate, "steps": steps}
    exec(SOURCE, names)
    losses: list[float] = names["losses"]
    return losses


if __name__ == "__main__":
    lessons.script(main)
