"""A siamese network that tells whether two digits are the same (Hadsell et al., 2006).

python -m rutile.compat examples/siamese.py --epochs 3      # --limit 20 tries it out
"""

import argparse
import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from common import parse
from torch.utils.data import DataLoader, Dataset
from torchvision import datasets, transforms


class Pairs(Dataset):
    """Each image with another one, in half of the cases of the same class."""

    def __init__(self, root, train):
        self.images = datasets.MNIST(root, train=train, transform=transforms.ToTensor())
        targets = self.images.targets
        self.by_class = [torch.where(targets == digit)[0].tolist() for digit in range(10)]

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        image, label = self.images[index]
        same = random.random() < 0.5
        kinds = [label] if same else [digit for digit in range(10) if digit != label and self.by_class[digit]]
        other, _ = self.images[random.choice(self.by_class[random.choice(kinds)])]
        return image, other, torch.tensor(same, dtype=torch.float32)


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 5, stride=2, padding=2),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(32 * 49, 64),
        )

    def forward(self, first, second):
        return F.pairwise_distance(self.features(first), self.features(second))


def contrastive_loss(distance, same, margin=1.0):
    return torch.mean(same * distance**2 + (1 - same) * torch.clamp(margin - distance, min=0) ** 2)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--limit", type=int, default=-1, help="batches of each epoch")
    args = parse(parser)
    random.seed(args.seed)

    train_loader = DataLoader(Pairs(args.data, True), args.batch_size, shuffle=True)
    test_loader = DataLoader(Pairs(args.data, False), 500)
    model = Siamese()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(1, args.epochs + 1):
        model.train()
        for i, (first, second, same) in enumerate(train_loader):
            if i == args.limit:
                break
            loss = contrastive_loss(model(first, second), same)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            if i % 100 == 0:
                print(f"epoch {epoch} [{i}/{len(train_loader)}]  loss {loss.item():.4f}", flush=True)
        model.eval()
        correct = seen = 0
        with torch.inference_mode():
            for first, second, same in test_loader:
                correct += ((model(first, second) < 0.5) == same.bool()).sum().item()
                seen += len(same)
        print(f"epoch {epoch}  pairs told apart {100 * correct / seen:.2f} %", flush=True)


if __name__ == "__main__":
    main()
