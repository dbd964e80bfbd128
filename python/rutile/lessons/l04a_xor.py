"""XOR: what one layer cannot do and two layers can."""

from typing import Any

import rutile as rt
from rutile import lessons, nn

POINTS = rt.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
LABELS = rt.tensor([0.0, 1.0, 1.0, 0.0])


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    one = nn.Linear(2, 1)
    two = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
    losses = {"one layer": train(lesson, one), "two layers": train(lesson, two)}
    with rt.no_grad():
        answers = [rt.sigmoid(model(POINTS)).flatten().tolist() for model in (one, two)]
    lesson.table(
        ["x1, x2", "XOR", "one layer", "two layers"],
        [
            (f"{a:.0f}, {b:.0f}", f"{LABELS[i].item():.0f}", *(f"{answer[i]:.3f}" for answer in answers))
            for i, (a, b) in enumerate(POINTS.tolist())
        ],
    )
    for name, values in losses.items():
        lesson.say("{name}: loss {loss:.4f}", name=lesson.text(name), loss=values[-1])
    lesson.say("one layer cannot get below log 2 = 0.6931: it answers 1/2 everywhere")

    side = rt.linspace(-0.6, 1.6, 100)
    grid = rt.stack(rt.meshgrid(side, side, indexing="xy"), dim=-1)
    with lesson.picture("boundaries", 1, 3, size=(14, 4)) as axes:
        for axis, model, name in zip(axes, (one, two), losses, strict=False):
            with rt.no_grad():
                probability = rt.sigmoid(model(grid)).squeeze(-1)
            shade = axis.contourf(
                side.numpy(),
                side.numpy(),
                probability.numpy(),
                levels=rt.linspace(0, 1, 21).numpy(),
                cmap="PuOr_r",
                alpha=0.7,
            )
            for label, marker in ((0, "o"), (1, "^")):
                x, y = POINTS[label == LABELS].T.numpy()
                axis.scatter(x, y, marker=marker, s=90, color="black", label=f"XOR = {label}")
            axis.set(xlabel="x1", ylabel="x2", title=name)
            axis.legend(loc="lower left")
        axes[1].figure.colorbar(shade, ax=axes[1], label="probability of 1")
        for name, values in losses.items():
            axes[2].semilogy(values, label=name)
        axes[2].set(xlabel="step", ylabel="cross entropy (nats)", title="training")
        axes[2].legend()
    return {"losses": {name: values[-1] for name, values in losses.items()}, "answers": answers[1]}


def train(lesson: lessons.Lesson, model: nn.Module) -> list[float]:
    optimizer = rt.optim.Adam(model.parameters(), lr=0.05)
    values = []
    for _ in lesson.track(range(400), "training"):
        optimizer.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(model(POINTS).squeeze(1), LABELS)
        loss.backward()
        optimizer.step()
        values.append(loss.item())
    return values


if __name__ == "__main__":
    lessons.script(main)
