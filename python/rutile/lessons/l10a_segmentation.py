"""Segmentation: a small U-Net says for every pixel what it belongs to, on drawn shapes and over photographs."""

from typing import Any

import rutile as rt
from rutile import datasets, lessons, nn
from rutile.nn import functional as F

CLASSES = ("background", "disc", "square", "ring")


def twice(inside: int, outside: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, padding=1), nn.BatchNorm2d(outside), nn.ReLU(),
        nn.Conv2d(outside, outside, 3, padding=1), nn.BatchNorm2d(outside), nn.ReLU(),
    )  # fmt: skip


class SmallUNet(nn.Module):
    """Three levels down and up, [N, 3, H, W] to [N, 4, H, W]; `bridges` hand what was seen going down to the way up."""

    def __init__(self, bridges: bool, width: int = 12) -> None:
        super().__init__()
        self.bridges = bridges
        w = width
        self.down = nn.ModuleList([twice(3, w), twice(w, 2 * w), twice(2 * w, 4 * w)])
        self.rise = nn.ModuleList([nn.ConvTranspose2d(4 * w, 2 * w, 2, 2), nn.ConvTranspose2d(2 * w, w, 2, 2)])
        self.up = nn.ModuleList([twice(4 * w if bridges else 2 * w, 2 * w), twice(2 * w if bridges else w, w)])
        self.head = nn.Conv2d(w, len(CLASSES), 1)

    def forward(self, x: rt.Tensor) -> rt.Tensor:
        levels = []
        for level, layer in enumerate(self.down):
            x = layer(F.max_pool2d(x, 2) if level else x)
            levels.append(x)
        for rise, layer, seen in zip(self.rise, self.up, (levels[1], levels[0]), strict=True):
            x = rise(x)
            x = layer(rt.cat([seen, x], 1) if self.bridges else x)
        logits: rt.Tensor = self.head(x)
        return logits


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    from matplotlib.patches import Patch

    count = lesson.pick(3000, 300)
    sources: dict[str, rt.Tensor | None] = {"noise": None}
    if not lesson.quick:
        try:
            pixels = rt.tensor(datasets.CIFAR10(train=False).data[: 2 * count])
            sources["photographs"] = pixels.permute(0, 3, 1, 2).float() / 255
        except datasets.DataError:
            lesson.say("no CIFAR-10 in RUTILE_DATA: shapes over noise only")
    rows, taken, found = [], [], {}
    shown: list[tuple[str, rt.Tensor]] = []
    for source, backgrounds in sources.items():
        x, y = scenes(count, backgrounds)
        test, truth = scenes(200, None if backgrounds is None else backgrounds.flip(0))
        shown += [(f"over {source}", test), ("truth", truth)]
        for name, bridges in [("U-Net", True), ("no bridges", False)]:
            if source == "photographs" and not bridges:
                continue
            rt.manual_seed(0)
            model = SmallUNet(bridges)
            fit(lesson, model, x, y, lesson.pick(1000, 150))
            model.eval()
            with rt.no_grad():
                said = model(test).argmax(1)
            right, scores, shares = (said == truth).float().mean().item(), overlap(said, truth), confusion(said, truth)
            key, words = f"{source}, {name}", (lesson.text(source), lesson.text(name))
            found[key] = {"pixels": right, "overlap": sum(scores[1:]) / 3, "confusion": shares}
            shown.append((name, said))
            rows.append((*words, *(f"{100 * v:.1f}" for v in (right, *scores))))
            taken += [
                (*words, lesson.text(is_), *(f"{100 * v:.1f}" for v in row))
                for is_, row in zip(CLASSES, shares, strict=True)
            ]
    found["nothing"] = (truth == 0).float().mean().item()
    lesson.table(["shapes over", "network", "pixels right (%)", *CLASSES], rows)
    lesson.say("the last columns: overlap (intersection over union, %) by class")
    lesson.say("calling everything background is right for {share:.1%} of the pixels", share=found["nothing"])
    lesson.heading("Which class is taken for which: of the pixels of each, how many are called what (%)")
    lesson.table(["shapes over", "network", "is \\ said", *CLASSES], taken)
    with lesson.picture("masks", len(shown), 8, size=(9, 1.2 * len(shown) + 0.4)) as axes:
        for row, (name, images) in zip(axes, shown, strict=True):
            for axis, image in zip(row, images, strict=False):
                lesson.show(axis, image.permute(1, 2, 0).clamp(0, 1) if image.dim() == 3 else image, vmin=0, vmax=3)
            row[0].set_ylabel(name, fontsize="small")
        colours = axes[1, 0].images[0].cmap
        patches = [Patch(facecolor=colours(k / 3), edgecolor="black", label=name) for k, name in enumerate(CLASSES)]
        axes[0, 0].figure.legend(handles=patches, loc="outside upper center", ncols=len(CLASSES))
    return found


def scenes(count: int, backgrounds: rt.Tensor | None) -> tuple[rt.Tensor, rt.Tensor]:
    """Images [N, 3, 32, 32] with a disc, a square and a ring in random places, sizes and colours, and their classes."""
    grid = rt.arange(32.0)
    masks = rt.zeros(count, 32, 32, dtype=rt.int64)
    images = 0.5 + 0.2 * rt.randn(count, 3, 32, 32) if backgrounds is None else backgrounds[:count].clone()
    for kind in (1, 2, 3):
        centre, radius = rt.randint(6, 26, (count, 2)).float(), rt.randint(4, 8, (count, 1, 1)).float()
        dy, dx = grid.reshape(1, 32, 1) - centre[:, :1, None], grid.reshape(1, 1, 32) - centre[:, 1:, None]
        far = (dy**2 + dx**2).sqrt()
        inside = rt.maximum(dy.abs(), dx.abs()) < 0.85 * radius if kind == 2 else far < radius
        if kind == 3:
            inside = inside & (far > radius - 2.5)
        colour = rt.rand(count, 3, 1, 1)
        images = rt.where(inside.unsqueeze(1), 0.85 * colour + 0.15 * images, images)
        masks = masks.masked_fill(inside, kind)
    return images, masks


def overlap(said: rt.Tensor, truth: rt.Tensor) -> list[float]:
    """Intersection over union for each class."""
    both = [((said == k) & (truth == k)).sum().item() for k in range(len(CLASSES))]
    either = [((said == k) | (truth == k)).sum().item() for k in range(len(CLASSES))]
    return [a / b for a, b in zip(both, either, strict=True)]


def confusion(said: rt.Tensor, truth: rt.Tensor) -> list[list[float]]:
    """For each class (rows) the share of its pixels that was called each class (columns)."""
    size = len(CLASSES)
    counts = rt.bincount((size * truth + said).flatten(), minlength=size * size).reshape(size, size)
    return (counts / counts.sum(1, keepdim=True)).tolist()


def fit(lesson: lessons.Lesson, model: nn.Module, x: rt.Tensor, y: rt.Tensor, steps: int) -> None:
    optimizer = rt.optim.Adam(model.parameters(), lr=1e-2)
    schedule = rt.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, total_steps=steps)
    for _ in lesson.track(range(steps), "training"):
        batch = rt.randint(0, len(x), (16,))
        loss = F.cross_entropy(model(x[batch]), y[batch])  # [N, 4, H, W] against [N, H, W]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()


if __name__ == "__main__":
    lessons.script(main)
