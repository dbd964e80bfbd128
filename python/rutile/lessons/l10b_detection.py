"""Detection: where are digits in a picture, and which? One network, one look, a grid of boxes."""

from typing import Any

import rutile as rt
from rutile import datasets, lessons, nn
from rutile.nn import functional as F

SIDE, CELL = 48, 8
GRID = SIDE // CELL
Box = tuple[float, float, float, float]
Found = tuple[float, int, Box]  # score, digit, box


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    train, test = datasets.Digits(), datasets.Digits(train=False)
    images, truth = compose(train, lesson.pick(2000, 800))
    tests, test_truth = compose(test, lesson.pick(200, 60))
    model = nn.Sequential(
        *layer(1, 16), nn.MaxPool2d(2), *layer(16, 32), nn.MaxPool2d(2),
        *layer(32, 64), nn.MaxPool2d(2), *layer(64, 64),
        nn.Conv2d(64, 14, 1),  # for each of 6 x 6 cells: is there a digit, where, how large, which
    )  # fmt: skip
    lesson.say("{count:,} parameters", count=sum(p.numel() for p in model.parameters()))
    losses = fit(lesson, model, images, targets(truth), lesson.pick(1000, 300))
    model.eval()
    with rt.no_grad():
        out = model(tests)
    found = [suppress(decode(one)) for one in out]
    raw = [decode(one) for one in out]
    precision, recall, average = judge(found, test_truth)
    result = {
        "average": average,
        "average_raw": judge(raw, test_truth)[2],
        "overlap_self": overlap((0, 0, 2, 2), (0, 0, 2, 2)),
        "overlap_half": overlap((0, 0, 2, 2), (0, 1, 2, 3)),
    }
    lesson.table(
        ["boxes", "count", "average precision"],
        [
            (lesson.text("all above the threshold"), sum(map(len, raw)), f"{result['average_raw']:.3f}"),
            (lesson.text("without overlapping ones"), sum(map(len, found)), f"{average:.3f}"),
        ],
    )
    lesson.say(
        "right: the digit, and an overlap of at least one half; {count} digits were there",
        count=sum(map(len, test_truth)),
    )
    with lesson.picture("boxes", 2, 4, size=(10, 5.4)) as axes:
        from matplotlib.patches import Rectangle

        for axis, image, boxes, real in zip(axes.flat, tests, found, test_truth, strict=False):
            lesson.show(axis, image[0], cmap="gray_r")
            for score, digit, (x0, y0, x1, y1) in boxes:
                if score > 0.5:
                    right = any(digit == k and overlap(box, (x0, y0, x1, y1)) >= 0.5 for k, box in real)
                    corner, look = (x0 - 0.5, y0 - 0.5), "-" if right else ":"
                    axis.add_patch(Rectangle(corner, x1 - x0, y1 - y0, fill=False, color="#D55E00", linestyle=look))
                    above = y0 if y0 > 6 else y1 + 4
                    axis.text(x0 - 0.5, above - 1.2, f"{digit}: {score:.0%}", color="#D55E00", fontsize="small")
        axes[0, 0].figure.suptitle("boxes with a score above one half (dotted: wrong)", fontsize="medium")
    with lesson.picture("precision", 1, 2, size=(10, 3.8)) as (left, right):
        left.semilogy(*lessons.smooth(losses, 10, 5))
        left.set(xlabel="step", ylabel="loss", title="training")
        right.plot(recall, precision)
        right.set(xlabel="recall", ylabel="precision", title=f"average precision {average:.2f}", ylim=(0, 1.05))
    return result


def layer(inside: int, outside: int) -> list[nn.Module]:
    return [nn.Conv2d(inside, outside, 3, padding=1), nn.BatchNorm2d(outside), nn.ReLU()]


def compose(digits: datasets.Digits, count: int) -> tuple[rt.Tensor, list[list[tuple[int, Box]]]]:
    """Pictures of 48 x 48 with one to four digits of 12 to 18 pixels that do not overlap, and where they are."""
    pictures, truth = 0.05 * rt.rand(count, 1, SIDE, SIDE), []
    for picture in pictures:
        boxes: list[tuple[int, Box]] = []
        for _ in range(int(rt.randint(1, 5, ()))):
            size = int(rt.randint(12, 19, ()))
            x, y = rt.randint(0, SIDE - size + 1, (2,)).tolist()
            box = (float(x), float(y), float(x + size), float(y + size))
            if any(overlap(box, other) > 0 for _, other in boxes):
                continue
            index = int(rt.randint(0, len(digits), ()))
            pixels = digits.data[index].float()[None, None] / digits.peak
            picture[:, y : y + size, x : x + size] += F.interpolate(pixels, size=(size, size), mode="bilinear")[0]
            boxes.append((int(digits.targets[index]), box))
        truth.append(boxes)
    return pictures, truth


def targets(truth: list[list[tuple[int, Box]]]) -> rt.Tensor:
    """What each cell should say, [N, 5, 6, 6]: digit or -1, centre in the cell (2), half its size in cells, 1 or 0."""
    wanted = rt.zeros(len(truth), 5, GRID, GRID)
    wanted[:, 0] = -1
    for n, boxes in enumerate(truth):
        for digit, (x0, y0, x1, y1) in boxes:
            x, y = (x0 + x1) / 2 / CELL, (y0 + y1) / 2 / CELL
            values = [float(digit), x - int(x), y - int(y), (x1 - x0) / CELL / 2, 1.0]
            wanted[n, :, int(y), int(x)] = rt.tensor(values)
    return wanted


def fit(lesson: lessons.Lesson, model: nn.Module, images: rt.Tensor, wanted: rt.Tensor, steps: int) -> list[float]:
    """Three losses in one: is there a digit (all cells); where, and which (cells that have one)."""
    optimizer = rt.optim.Adam(model.parameters(), lr=3e-3)
    schedule = rt.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    losses = []
    for _ in lesson.track(range(steps), "training"):
        batch = rt.randint(0, len(images), (32,))
        out, want = model(images[batch]).permute(0, 2, 3, 1), wanted[batch].permute(0, 2, 3, 1)
        there = want[..., 4] > 0
        loss = F.binary_cross_entropy_with_logits(out[..., 0], want[..., 4], pos_weight=rt.tensor(5.0))
        loss = loss + 5 * F.mse_loss(out[there][:, 1:4], want[there][:, 1:4])
        loss = loss + 0.5 * F.cross_entropy(out[there][:, 4:], want[there][:, 0].long())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return losses


def decode(out: rt.Tensor) -> list[Found]:
    """Boxes of one picture from [14, 6, 6], the surest first."""
    found: list[Found] = []
    likely, digit = out[4:].softmax(0).max(0)
    score = out[0].sigmoid() * likely  # a digit, and this one
    for row, column in (score > 0.1).nonzero().tolist():
        dx, dy, size = out[1:4, row, column].tolist()
        x, y, half = (column + dx) * CELL, (row + dy) * CELL, size * CELL
        found.append((score[row, column].item(), int(digit[row, column]), (x - half, y - half, x + half, y + half)))
    return sorted(found, reverse=True)


def suppress(boxes: list[Found]) -> list[Found]:
    """Without those that overlap a surer one."""
    kept: list[Found] = []
    for box in boxes:
        if all(overlap(box[2], other[2]) < 0.3 for other in kept):
            kept.append(box)
    return kept


def overlap(a: Box, b: Box) -> float:
    """Area of the intersection over area of the union."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    both = max(0.0, width) * max(0.0, height)
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def judge(found: list[list[Found]], truth: list[list[tuple[int, Box]]]) -> tuple[list[float], list[float], float]:
    """Precision and recall as more and more boxes are taken, the surest first; the area below the curve."""
    hits = []
    for boxes, real in zip(found, truth, strict=True):
        free = list(real)
        for score, digit, box in boxes:
            match = next((one for one in free if one[0] == digit and overlap(one[1], box) >= 0.5), None)
            if match:
                free.remove(match)
            hits.append((score, match is not None))
    right, precision, recall, area, total = 0, [], [], 0.0, sum(map(len, truth))
    for taken, (_, hit) in enumerate(sorted(hits, reverse=True), 1):
        right += hit
        precision.append(right / taken)
        recall.append(right / total)
        area += hit * precision[-1] / total
    return precision, recall, area


if __name__ == "__main__":
    lessons.script(main)
