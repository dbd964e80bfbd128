"""ResNet-20 on CIFAR-10, as He et al. (2016), section 4.2, with a one-cycle schedule: over 82 % in 20 epochs.

    RUTILE_DATA=... python -m rutile.compat examples/resnet20_cifar10.py --out runs/resnet20      # on Rutile
    RUTILE_DATA=... python examples/resnet20_cifar10.py --out runs/resnet20-torch                 # on PyTorch

An epoch on two cores takes minutes; `--epochs 1 --steps 20` tries it out. Writes `log.csv`, `curves.png` and after each
epoch `checkpoint.pt`, from which `--resume` goes on.
"""

import argparse
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F
from common import Log, cifar10, parse


class Block(nn.Module):
    """Two 3x3 convolutions beside a shortcut that subsamples and pads with zero channels (option A of the paper)."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.stride = stride
        self.extra = outputs - inputs

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        if self.extra:
            x = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.extra // 2, self.extra // 2))
        return F.relu(out + x)


class ResNet(nn.Module):
    def __init__(self, blocks=3, classes=10):
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(16)
        layers, inputs = [], 16
        for outputs, stride in ((16, 1), (32, 2), (64, 2)):
            for i in range(blocks):
                layers.append(Block(inputs, outputs, stride if i == 0 else 1))
                inputs = outputs
        self.layers = nn.Sequential(*layers)
        self.fc = nn.Linear(64, classes)
        for module in self.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_normal_(module.weight)

    def forward(self, x):
        x = F.relu(self.bn(self.conv(x)))
        x = self.layers(x)
        return self.fc(x.mean(dim=(2, 3)))


MEAN = torch.tensor([0.4914, 0.4822, 0.4465]).view(3, 1, 1)
STD = torch.tensor([0.2470, 0.2435, 0.2616]).view(3, 1, 1)


def normalize(images):
    return (images.float() / 255 - MEAN) / STD


def augment(padded):
    """A random 32x32 window of each padded image, mirrored or not."""
    n = len(padded)
    rows = torch.randint(0, 9, (n, 1)) + torch.arange(32)
    columns = torch.randint(0, 9, (n, 1)) + torch.arange(32)
    columns = torch.where(torch.rand(n, 1) < 0.5, columns.flip(1), columns)
    return padded[
        torch.arange(n)[:, None, None, None],
        torch.arange(3)[:, None, None],
        rows[:, None, :, None],
        columns[:, None, None, :],
    ]


@torch.no_grad()
def evaluate(model, images, labels):
    model.eval()
    loss, correct = 0.0, 0
    for x, y in zip(images.split(500), labels.split(500)):
        logits = model(normalize(x))
        loss += F.cross_entropy(logits, y, reduction="sum").item()
        correct += (logits.argmax(1) == y).sum().item()
    return loss / len(labels), 100 * correct / len(labels)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--lr", type=float, default=0.2, help="the highest of the cycle")
    parser.add_argument("--steps", type=int, help="of each epoch, to try the script out")
    parser.add_argument("--resume", action="store_true")
    args = parse(parser)

    images, labels = cifar10(args.data, "train")
    test_images, test_labels = cifar10(args.data, "test")
    padded = F.pad(images, (4, 4, 4, 4))
    model = ResNet()
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters, {len(images):,} images")

    steps = args.steps or len(images) // args.batch
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9, weight_decay=1e-4)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, args.lr, total_steps=args.epochs * steps, pct_start=0.25, cycle_momentum=False
    )
    checkpoint, done = Path(args.out) / "checkpoint.pt", 0
    if args.resume:
        state = torch.load(checkpoint)
        done = state["epoch"]
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        scheduler.load_state_dict(state["scheduler"])
        torch.set_rng_state(state["rng"])
    log = Log(args.out, keep=done)

    for epoch in range(done + 1, args.epochs + 1):
        model.train()
        total, correct, seen = 0.0, 0, 0
        order = torch.randperm(len(images))
        for step in range(steps):
            batch = order[step * args.batch : (step + 1) * args.batch]
            x, y = normalize(augment(padded[batch])), labels[batch]
            logits = model(x)
            loss = F.cross_entropy(logits, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
            total += loss.item() * len(y)
            correct += (logits.argmax(1) == y).sum().item()
            seen += len(y)
            if step % 50 == 0:
                print(f"epoch {epoch}  step {step}/{steps}  loss {loss.item():.3f}", flush=True)
        test_loss, test_accuracy = evaluate(model, test_images, test_labels)
        log.add(
            epoch=epoch,
            train_loss=total / seen,
            train_accuracy=100 * correct / seen,
            test_loss=test_loss,
            test_accuracy=test_accuracy,
            learning_rate=scheduler.get_last_lr()[0],
        )
        log.draw(
            "ResNet-20 on CIFAR-10",
            {"": "cross entropy", "train_loss": "training", "test_loss": "test"},
            {"": "accuracy (%)", "train_accuracy": "training", "test_accuracy": "test"},
        )
        state = {"epoch": epoch, "model": model.state_dict(), "optimizer": optimizer.state_dict()}
        torch.save({**state, "scheduler": scheduler.state_dict(), "rng": torch.get_rng_state()}, checkpoint)


if __name__ == "__main__":
    main()
