"""Filters: edges by hand-made and learned ones; padding, stride, pooling, 1x1; sizes and parameters by formula."""

import itertools
from typing import Any

import rutile as rt
from rutile import lessons, nn
from rutile.nn import functional as F

# Three columns (or rows, transposed): how fast the picture changes from left to right.
FILTERS = {
    "vertical": rt.tensor([[1.0, 0, -1], [1, 0, -1], [1, 0, -1]]),
    "horizontal": rt.tensor([[1.0, 1, 1], [0, 0, 0], [-1, -1, -1]]),
    "Sobel": rt.tensor([[1.0, 0, -1], [2, 0, -2], [1, 0, -1]]),
    "Scharr": rt.tensor([[3.0, 0, -3], [10, 0, -10], [3, 0, -3]]),
}


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    found: dict[str, Any] = {}
    picture = scene()

    lesson.heading("A convolution is a window that slides")
    x, kernel = rt.randn(2, 3, 7, 9), rt.randn(4, 3, 3, 3)
    found["by_hand"] = (by_hand(x, kernel) - F.conv2d(x, kernel)).abs().max().item()
    lesson.say(
        "{x} by filters {kernel} gives {out}; the loop and the library differ by {error:.0e} at most",
        x=tuple(x.shape), kernel=tuple(kernel.shape), out=tuple(F.conv2d(x, kernel).shape), error=found["by_hand"],
    )  # fmt: skip

    lesson.heading("Edges")
    edges = {name: F.conv2d(picture, kernel[None, None], padding=1)[0, 0] for name, kernel in FILTERS.items()}
    weights = nn.Conv2d(1, 1, 3, padding=1)
    errors = learn(lesson, weights, edges["Sobel"][None, None], picture)
    learned = weights.weight[0, 0].detach()
    found["learned"] = (learned - FILTERS["Sobel"]).abs().max().item()
    lesson.say("a filter that saw only pictures and their Sobel edges:")
    for row in learned.tolist():
        lesson.say("    " + "  ".join(f"{value:6.3f}" for value in row))
    with lesson.picture("edges", 2, 4, size=(11, 5.8)) as axes:
        lesson.show(axes[0, 0], picture[0, 0], "the picture", cmap="gray")
        for axis, (name, edge) in zip(list(axes.flat)[1:5], edges.items(), strict=True):
            limit = edge.abs().max().item()
            lesson.show(axis, edge, name, vmin=-limit, vmax=limit)
        strength = (
            edges["Sobel"] ** 2 + F.conv2d(picture, FILTERS["Sobel"].T[None, None], padding=1)[0, 0] ** 2
        ).sqrt()
        lesson.show(axes[1, 1], strength, "length of both Sobel edges")
        lesson.show(axes[1, 2], learned, "the learned filter", vmin=-2, vmax=2)
        for i, j in itertools.product(range(3), range(3)):
            value = learned[i, j].item()
            colour = "white" if value < 0.5 else "black"
            axes[1, 2].text(j, i, f"{value:.2f}", ha="center", va="center", color=colour)
        axes[1, 3].semilogy(errors)
        axes[1, 3].set(xlabel="step", ylabel="mean squared error", title="learning it")

    lesson.heading("Sizes: floor((n + 2p - k) / s) + 1")
    rows = []
    for name, n, k, p, s in [
        ("valid", 28, 5, 0, 1), ("same", 28, 5, 2, 1), ("stride 2", 28, 3, 1, 2), ("AlexNet's first", 227, 11, 0, 4),
    ]:  # fmt: skip
        layer = nn.Conv2d(1, 1, k, stride=s, padding=p)
        rows.append((lesson.text(name), n, k, p, s, (n + 2 * p - k) // s + 1, layer(rt.zeros(1, 1, n, n)).shape[-1]))
    for name, k, s in [("max pooling", 2, 2), ("overlapping pooling", 3, 2)]:
        pooled = F.max_pool2d(rt.zeros(1, 1, 55, 55), k, s)
        rows.append((lesson.text(name), 55, k, 0, s, (55 - k) // s + 1, pooled.shape[-1]))
    lesson.table(["layer", "n", "k", "p", "s", "formula", "measured"], rows)
    found["sizes"] = [row[-2] == row[-1] for row in rows]

    lesson.heading("Parameters: k k in out, and a bias per filter")
    counts = []
    for k, inside, outside, bias in [(3, 128, 64, False), (5, 1, 6, True), (1, 192, 32, True), (3, 3, 64, True)]:
        layer = nn.Conv2d(inside, outside, k, bias=bias)
        real = sum(p.numel() for p in layer.parameters())
        counts.append((f"{k} x {k}", inside, outside, k * k * inside * outside + outside * bias, real))
    lesson.table(
        ["filter", "in", "out", "formula", "measured"], [(*row[:3], f"{row[3]:,}", f"{row[4]:,}") for row in counts]
    )
    found["parameters"] = {row[:3]: row[4] for row in counts}
    found["counts"] = [row[3] == row[4] for row in counts]
    dense = 28 * 28 * 128 * 28 * 28 * 64
    lesson.say("a fully connected layer from 28 x 28 x 128 to 28 x 28 x 64 would have {dense:,} weights", dense=dense)

    lesson.heading("1 x 1: one linear layer for every pixel")
    x, one = rt.randn(2, 192, 8, 8), nn.Conv2d(192, 32, 1)
    last = x.permute(0, 2, 3, 1)  # NHWC: the channels of a pixel stand together
    linear = last @ one.weight[:, :, 0, 0].T + one.bias
    found["one_by_one"] = (linear.permute(0, 3, 1, 2) - one(x)).abs().max().item()
    lesson.table(
        ["order", "shape", "strides"],
        [("NCHW", tuple(x.shape), x.stride()), ("NHWC", tuple(last.shape), last.stride())],
    )
    lesson.say(
        "the matrix product on NHWC and the convolution on NCHW differ by {error:.0e} at most",
        error=found["one_by_one"],
    )

    pools = {
        "|Sobel|": edges["Sobel"].abs()[None, None],
        "max 2 x 2, stride 2": F.max_pool2d(edges["Sobel"].abs()[None, None], 2),
        "max 3 x 3, stride 2 (overlapping)": F.max_pool2d(edges["Sobel"].abs()[None, None], 3, 2),
        "mean 4 x 4, stride 4": F.avg_pool2d(edges["Sobel"].abs()[None, None], 4),
    }
    with lesson.picture("pooling", 1, 4, size=(11, 3.4)) as axes:
        for axis, (name, pooled) in zip(axes, pools.items(), strict=True):
            lesson.show(axis, pooled[0, 0], f"{name}\n{pooled.shape[2]} x {pooled.shape[3]}")
    return found


def scene() -> rt.Tensor:
    """A disc, a bar, a square that fades, 64 x 64 with values 0 to 1, shape (1, 1, 64, 64)."""
    y, x = rt.meshgrid(rt.arange(64.0), rt.arange(64.0), indexing="ij")
    picture = 0.9 * ((x - 18) ** 2 + (y - 20) ** 2 < 12**2).float()
    picture = picture + 0.7 * ((x - y - 6).abs() < 3).float() * (y > 20).float()
    fading = ((x > 38) & (x < 58) & (y > 8) & (y < 26)).float() * (x - 36) / 24
    return (picture + fading).clamp(0, 1)[None, None]


def by_hand(x: rt.Tensor, kernel: rt.Tensor) -> rt.Tensor:
    """The definition: one product for each place of the kernel, [N, C, H, W] by [F, C, k, k] to [N, F, H', W']."""
    size = kernel.shape[-1]
    height, width = x.shape[2] - size + 1, x.shape[3] - size + 1
    out = rt.zeros(len(x), len(kernel), height, width)
    for i, j in itertools.product(range(size), range(size)):
        window = x[:, :, i : i + height, j : j + width]
        out += rt.einsum("nchw,fc->nfhw", window, kernel[:, :, i, j])
    return out


def learn(lesson: lessons.Lesson, layer: nn.Conv2d, target: rt.Tensor, picture: rt.Tensor) -> list[float]:
    """Fits a layer to a target by gradient descent; the error of each step."""
    optimizer = rt.optim.Adam(layer.parameters(), lr=0.05)
    errors = []
    for _ in lesson.track(range(400), "learning a filter"):
        loss = F.mse_loss(layer(picture), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        errors.append(loss.item())
    return errors


if __name__ == "__main__":
    lessons.script(main)
