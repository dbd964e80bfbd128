"""Feature inversion: what does a network still know of an image after each layer? Images made from features alone."""

from typing import Any

import rutile as rt
from rutile import datasets, lessons, nn
from rutile.nn import functional as F


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    digits, tests = datasets.Digits(), datasets.Digits(train=False)
    x, test = (enlarge(part) for part in (digits, tests))
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),
        nn.MaxPool2d(2), nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(1024, 64), nn.ReLU(),
        nn.Linear(64, 10),
    )  # fmt: skip
    optimizer = rt.optim.Adam(model.parameters(), lr=2e-3)
    for _ in lesson.track(range(lesson.pick(8, 4)), "training"):
        for batch in rt.randperm(len(x)).split(64):
            loss = F.cross_entropy(model(x[batch]), digits.targets[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    model.requires_grad_(False)
    found: dict[str, Any] = {"accuracy": (model(test).argmax(1) == tests.targets).float().mean().item()}
    lesson.say("test accuracy {accuracy:.1%}", accuracy=found["accuracy"])

    lesson.heading("Images from features")
    images = test[:8]
    depths = {"layer 1": 2, "layer 2": 5, "layer 3": 8, "64 numbers": 11, "logits": 12}
    made, rows, errors = {}, [], []
    for name, depth in depths.items():
        part = model[:depth]
        wanted = part(images)
        made[name], apart = invert(lesson, part, wanted, lesson.pick(400, 120))
        error = (made[name] - images).square().mean().sqrt().item()
        same = (model(made[name]).argmax(1) == model(images).argmax(1)).float().mean().item()
        errors.append(error)
        rows.append((lesson.text(name), wanted[0].numel(), f"{apart:.4f}", f"{error:.3f}", f"{same:.0%}"))
    lesson.table(["features of", "numbers", "features differ by", "images differ by", "same answer"], rows)
    found["errors"] = errors
    with lesson.picture("inversion", len(depths) + 1, 8, size=(8.4, 6.6)) as axes:
        for row, (name, pictures) in zip(axes, {"image": images, **made}.items(), strict=True):
            for axis, picture in zip(row, pictures[:, 0], strict=True):
                lesson.show(axis, picture, cmap="gray_r", vmin=0, vmax=1)
            row[0].set_ylabel(name, fontsize="small")
    return found


def enlarge(digits: datasets.Digits) -> rt.Tensor:
    """Digits of 16 x 16 pixels from 0 to 1, [N, 1, 16, 16]."""
    return F.interpolate(digits.data.float().unsqueeze(1) / digits.peak, size=(16, 16), mode="bilinear")


def invert(lesson: lessons.Lesson, part: nn.Module, wanted: rt.Tensor, steps: int) -> tuple[rt.Tensor, float]:
    """Images whose features are `wanted`, found by descent on pixels, and how far off their features are."""
    pixels = rt.full((len(wanted), 1, 16, 16), -1.0).requires_grad_()  # before a sigmoid
    optimizer = rt.optim.Adam([pixels], lr=0.1)
    scale = wanted.square().mean()
    for _ in lesson.track(range(steps), "inverting"):
        image = pixels.sigmoid()
        apart = (part(image) - wanted).square().mean() / scale
        # Neighbours should be alike: of all images with these features, a smooth one.
        rough = (image[..., 1:] - image[..., :-1]).square().mean() + (
            image[:, :, 1:] - image[:, :, :-1]
        ).square().mean()
        optimizer.zero_grad()
        (apart + 0.02 * rough).backward()
        optimizer.step()
    return pixels.detach().sigmoid(), apart.item()


if __name__ == "__main__":
    lessons.script(main)
