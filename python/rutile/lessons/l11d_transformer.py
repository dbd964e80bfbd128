"""A Transformer from its parts: attention, heads, positions, a block; equal to the library's; it learns to sort."""

import math
from typing import Any

import rutile as rt
from rutile import lessons, nn
from rutile.nn import functional as F


def attention(query: rt.Tensor, key: rt.Tensor, value: rt.Tensor) -> tuple[rt.Tensor, rt.Tensor]:
    """Means of the values, weighted by how well keys fit the query: [..., T, D] each."""
    weights = F.softmax(query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1]), -1)
    return weights @ value, weights


class SelfAttention(nn.Module):
    """Several attentions side by side, each on its own part of the width."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.inside, self.outside = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.weights = rt.empty(0)

    def forward(self, x: rt.Tensor) -> rt.Tensor:
        n, t, width = x.shape
        parts = self.inside(x).reshape(n, t, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)  # each [N, heads, T, width / heads]
        mixed, weights = attention(query, key, value)
        self.weights = weights.detach()
        return self.outside(mixed.transpose(1, 2).reshape(n, t, width))


class Block(nn.Module):
    """Look around, then think: both are added to what was there."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(width), SelfAttention(width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.think = nn.Sequential(nn.Linear(width, 4 * width), nn.ReLU(), nn.Linear(4 * width, width))

    def forward(self, x: rt.Tensor) -> rt.Tensor:
        x = x + self.attention(self.norm1(x))
        out: rt.Tensor = x + self.think(self.norm2(x))
        return out


class Sorter(nn.Module):
    """Ten digits to logits of the same digits in order: [N, 10] to [N, 10, 10]."""

    def __init__(self, positions: bool, width: int = 32, heads: int = 4, layers: int = 2) -> None:
        super().__init__()
        self.digits = nn.Embedding(10, width)
        self.positions = sines(10, width) if positions else rt.zeros(10, width)
        self.blocks = nn.Sequential(*(Block(width, heads) for _ in range(layers)))
        self.head = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 10))

    def forward(self, x: rt.Tensor) -> rt.Tensor:
        logits: rt.Tensor = self.head(self.blocks(self.digits(x) + self.positions))
        return logits


def sines(length: int, width: int) -> rt.Tensor:
    """A vector for each position, of sines and cosines from fast to slow (A. Vaswani et al., 2017), [T, D]."""
    rates = 10_000 ** (-rt.arange(0, width, 2) / width)
    angles = rt.arange(float(length)).unsqueeze(1) * rates
    return rt.stack([angles.sin(), angles.cos()], 2).reshape(length, width)


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    found: dict[str, Any] = {}

    lesson.heading("The parts against the library's")
    query, key, value = rt.randn(3, 2, 4, 6, 8)
    mixed, _ = attention(query, key, value)
    found["attention"] = (mixed - F.scaled_dot_product_attention(query, key, value)).abs().max().item()
    own, theirs, x = SelfAttention(32, 4), nn.MultiheadAttention(32, 4, batch_first=True), rt.randn(2, 6, 32)
    copy_attention(own, theirs)
    found["heads"] = (own(x) - theirs(x, x, x)[0]).abs().max().item()
    block, layer = Block(32, 4), nn.TransformerEncoderLayer(32, 4, 128, 0.0, batch_first=True, norm_first=True)
    copy_attention(block.attention, layer.self_attn)
    for mine, other in [("norm1", "norm1"), ("norm2", "norm2"), ("think.0", "linear1"), ("think.2", "linear2")]:
        layer.get_submodule(other).load_state_dict(block.get_submodule(mine).state_dict())
    found["block"] = (block(x) - layer(x)).abs().max().item()
    lesson.table(
        ["part", "largest difference"],
        [(lesson.text(name), f"{found[name]:.0e}") for name in ("attention", "heads", "block")],
    )

    lesson.heading("Without positions, order is invisible")
    shuffle = rt.randperm(6)
    found["permutation"] = (block(x[:, shuffle]) - block(x)[:, shuffle]).abs().max().item()
    lesson.say("shuffled input gives the shuffled output, within {error:.0e}", error=found["permutation"])

    lesson.heading("Learning to sort")
    rows, curves = [], {}
    for name, positions in [("with positions", True), ("without", False)]:
        rt.manual_seed(0)
        model = Sorter(positions)
        curves[name] = fit(lesson, model, lesson.pick(1000, 300))
        rt.manual_seed(1)
        x = rt.randint(0, 10, (1000, 10))
        with rt.no_grad():
            said = model(x).argmax(2)
        right = said == x.sort(1).values
        found[name] = right.float().mean().item()
        rows.append((lesson.text(name), f"{found[name]:.1%}", f"{right.all(1).float().mean().item():.1%}"))
        if positions:
            sorter = model
            shown = rt.tensor([[3, 1, 4, 1, 5, 9, 2, 6, 5, 8]])
            with rt.no_grad():
                answer = sorter(shown).argmax(2)[0].tolist()
            lesson.say("{x} becomes {answer}", x=shown[0].tolist(), answer=answer)
    lesson.table(["network", "digits right", "rows right"], rows)

    with lesson.picture("positions", size=(6.4, 3.6)) as axes:
        drawn = axes.imshow(sines(60, 32).T.numpy(), aspect="auto", vmin=-1, vmax=1)
        axes.set(xlabel="position", ylabel="component", title="position vectors")
        axes.grid(visible=False)
        axes.figure.colorbar(drawn, label="value")
    with rt.no_grad():
        sorter(shown)
    with lesson.picture("attention", 2, 4, size=(12, 6)) as axes:
        for row, layer in zip(axes, sorter.blocks, strict=True):
            for head, axis in enumerate(row):
                drawn = axis.imshow(layer.attention.weights[0, head].numpy(), vmin=0, vmax=1)
                axis.set(xticks=range(10), yticks=range(10), xticklabels=shown[0].tolist(), yticklabels=answer)
                axis.set(title=f"head {head + 1}")
                axis.grid(visible=False)
        for number, row in enumerate(axes):
            row[0].set_ylabel(f"layer {number + 1}\nplace: sorted digit")
        for axis in axes[1]:
            axis.set_xlabel("looks at: digit given")
        axes[0, 0].figure.colorbar(drawn, ax=axes, label="attention", shrink=0.8)
    with lesson.picture("learning", size=(6, 3.6)) as axes:
        for name, losses in curves.items():
            axes.semilogy(*lessons.smooth(losses, 20, 10), label=name)
        axes.set(xlabel="step", ylabel="cross entropy (nats a digit)", title="sorting ten digits")
        axes.legend()
    return found


def copy_attention(own: SelfAttention, theirs: nn.MultiheadAttention) -> None:
    """Gives the library's attention our weights."""
    theirs.load_state_dict(
        {
            "in_proj_weight": own.inside.weight,
            "in_proj_bias": own.inside.bias,
            "out_proj.weight": own.outside.weight,
            "out_proj.bias": own.outside.bias,
        }
    )


def fit(lesson: lessons.Lesson, model: Sorter, steps: int) -> list[float]:
    optimizer = rt.optim.Adam(model.parameters(), lr=3e-3)
    schedule = rt.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, total_steps=steps)
    losses = []
    for _ in lesson.track(range(steps), "training"):
        x = rt.randint(0, 10, (64, 10))
        loss = F.cross_entropy(model(x).flatten(0, 1), x.sort(1).values.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return losses


if __name__ == "__main__":
    lessons.script(main)
