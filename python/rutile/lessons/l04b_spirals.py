"""Spirals: a network with one hidden layer, and the boundaries it can draw with 2 to 64 units."""

from typing import Any

import rutile as rt
from rutile import lessons, nn
from rutile.nn import functional as F


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    x, y = spirals(120)
    sizes = lesson.pick([2, 4, 8, 16, 32, 64], [2, 32])
    rows, results = [], {}
    models = {}
    for size in lesson.track(sizes, "training"):
        rt.manual_seed(0)
        model = nn.Sequential(nn.Linear(2, size), nn.Tanh(), nn.Linear(size, 3))
        optimizer = rt.optim.Adam(model.parameters(), lr=0.03)
        for _ in range(lesson.pick(1500, 500)):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
        with rt.no_grad():
            accuracy = (model(x).argmax(1) == y).float().mean().item()
        count = sum(parameter.numel() for parameter in model.parameters())
        rows.append((size, count, f"{loss.item():.3f}", f"{accuracy:.1%}"))
        models[size], results[size] = model, accuracy
    lesson.table(["hidden units", "parameters", "loss", "accuracy"], rows)

    side = rt.linspace(-1.2, 1.2, 150)
    grid = rt.stack(rt.meshgrid(side, side, indexing="xy"), dim=-1)
    with lesson.picture(
        "boundaries", -(-len(sizes) // 3), 3, size=(11, 3.7 * -(-len(sizes) // 3)), squeeze=False
    ) as axes:
        for axis, (size, model) in zip(axes.flat, models.items(), strict=False):
            with rt.no_grad():
                answer = model(grid).argmax(-1)
            axis.contourf(
                side.numpy(),
                side.numpy(),
                answer.numpy(),
                levels=[-0.5, 0.5, 1.5, 2.5],
                colors=["#9ecae1", "#fdd0a2", "#c7e9c0"],
            )
            for label, (marker, colour) in enumerate((("o", "#0072B2"), ("^", "#D55E00"), ("s", "#005f40"))):
                px, py = x[y == label].T.numpy()
                axis.scatter(px, py, s=9, marker=marker, color=colour, label=f"class {label}")
            axis.set(title=f"{size} hidden units: {results[size]:.1%}", xlabel="x1", ylabel="x2", aspect="equal")
        axes[0, 0].legend(loc="lower left", fontsize=8)
        for axis in axes.flat[len(sizes) :]:
            axis.set_axis_off()
    return {"accuracy": results, "parameters": {row[0]: row[1] for row in rows}}


def spirals(count: int) -> tuple[rt.Tensor, rt.Tensor]:
    """Three arms of `count` points each, with noise in the angle: [3 count, 2] and the arm of each point."""
    radius = rt.linspace(0.05, 1, count)
    arms = []
    for arm in range(3):
        angle = 2 * rt.pi * arm / 3 + 7 * radius + 0.15 * rt.randn(count)
        arms.append(rt.stack([radius * angle.cos(), radius * angle.sin()], dim=1))
    return rt.cat(arms), rt.arange(3).repeat_interleave(count)


if __name__ == "__main__":
    lessons.script(main)
