"""Gradient checking: a layer with its backward pass written by hand, and a bug that only the check finds."""

from typing import Any

import rutile as rt
from rutile import lessons
from rutile.autograd import Function


class TanhLayer(Function):
    """tanh(x W^T + b): x [N, D], W [M, D], b [M]."""

    @staticmethod
    def forward(ctx: Any, x: rt.Tensor, w: rt.Tensor, b: rt.Tensor) -> rt.Tensor:
        y = rt.tanh(x @ w.T + b)
        ctx.save_for_backward(x, w, y)
        return y

    @staticmethod
    def backward(ctx: Any, grad: rt.Tensor) -> tuple[rt.Tensor, ...]:
        x, w, y = ctx.saved_tensors
        before = grad * (1 - y * y)  # [N, M]: through tanh
        return before @ w, before.T @ x, before.sum(0)  # [N, D], [M, D], [M]


class WrongLayer(TanhLayer):
    """The same with a slip: b is shared by all examples, so its gradients must be added, not averaged."""

    @staticmethod
    def backward(ctx: Any, grad: rt.Tensor) -> tuple[rt.Tensor, ...]:
        x, w, y = ctx.saved_tensors
        before = grad * (1 - y * y)
        return before @ w, before.T @ x, before.mean(0)


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    # Doubles: in single precision differences are too inexact to tell a bug from rounding.
    inputs = [rt.randn(*shape, dtype=rt.float64).requires_grad_() for shape in ((6, 4), (3, 4), (3,))]
    names = ("x", "W", "b")
    weight = rt.randn(6, 3, dtype=rt.float64)  # a loss with another slope at every output
    errors: dict[str, dict[str, float]] = {}
    for layer in (TanhLayer, WrongLayer):
        loss = (layer.apply(*inputs) * weight).sum()
        analytic = rt.autograd.grad(loss, inputs)
        numeric = [differences(lambda layer=layer: (layer.apply(*inputs) * weight).sum().item(), t) for t in inputs]
        errors[layer.__name__] = {
            name: ((a - n).norm() / (a.norm() + n.norm())).item()
            for name, a, n in zip(names, analytic, numeric, strict=True)
        }
    lesson.table(
        ["gradient by", *errors],
        [(name, *(f"{errors[layer][name]:.1e}" for layer in errors)) for name in names],
    )
    lesson.say("below 1e-7: right; above 1e-3: a bug")

    lesson.heading("Would training have shown it?")
    losses = {layer.__name__: train(lesson, layer) for layer in (TanhLayer, WrongLayer)}
    for name, values in losses.items():
        lesson.say("{name}: loss from {first:.4f} to {last:.4f}", name=name, first=values[0], last=values[-1])
    lesson.say("the wrong layer learns as well: a falling loss proves nothing")

    lesson.heading("The check that ships")
    passes = {}
    for layer in (TanhLayer, WrongLayer):
        passes[layer.__name__] = rt.autograd.gradcheck(layer.apply, inputs, raise_exception=False)
        lesson.say("autograd.gradcheck({name}): {result}", name=layer.__name__, result=passes[layer.__name__])

    with lesson.picture("check", 1, 2) as (left, right):
        for shift, (name, sizes) in zip((-0.18, 0.18), errors.items(), strict=True):
            left.bar(
                [i + shift for i in range(3)],
                list(sizes.values()),
                0.34,
                label=name,
                hatch="" if shift < 0 else "//",
                color="#0072B2" if shift < 0 else "#E69F00",
                edgecolor="black",
            )
        left.axhline(1e-7, color="grey", linestyle=":")
        left.set(yscale="log", ylabel="relative difference", xlabel="gradient by", title="numerical against written")
        left.set_xticks(range(3), names)
        left.set_ylim(1e-13, 10)
        left.legend(loc="upper left")
        for name, history in losses.items():
            right.plot(history, label=name)
        right.set(yscale="log", xlabel="step", ylabel="mean squared error", title="the wrong one learns too, but worse")
        right.legend()
    return {"errors": errors, "losses": losses, "passes": passes}


def differences(f: Any, tensor: rt.Tensor, eps: float = 1e-5) -> rt.Tensor:
    """The gradient of `f()` by each element of `tensor`, by central differences."""
    result = rt.zeros_like(tensor)
    with rt.no_grad():
        for i in range(tensor.numel()):
            element, place = tensor.view(-1), result.view(-1)
            kept = element[i].item()
            element[i] = kept + eps
            above = f()
            element[i] = kept - eps
            below = f()
            element[i] = kept
            place[i] = (above - below) / (2 * eps)
    return result


def train(lesson: lessons.Lesson, layer: type[TanhLayer]) -> list[float]:
    """Learns a layer's own outputs back from another start."""
    rt.manual_seed(1)
    x, goal = rt.randn(200, 4), rt.randn(3, 4)
    target = rt.tanh(x @ goal.T + 0.5)
    w, b = (0.1 * rt.randn(3, 4)).requires_grad_(), rt.zeros(3, requires_grad=True)
    optimizer = rt.optim.SGD([w, b], lr=0.5)
    values = []
    for _ in range(lesson.pick(300, 100)):
        optimizer.zero_grad()
        loss = ((layer.apply(x, w, b) - target) ** 2).mean()
        loss.backward()
        optimizer.step()
        values.append(loss.item())
    return values


if __name__ == "__main__":
    lessons.script(main)
