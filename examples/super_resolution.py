"""Super resolution with sub-pixel convolutions (Shi et al., 2016): CIFAR-10 images at twice the size, beside bicubic
interpolation.

    python -m rutile.compat examples/super_resolution.py --epochs 5      # --limit 20 tries it out
"""

import argparse
import math
import os

import torch
import torch.nn as nn
import torch.nn.functional as F
from common import cifar10, parse
from torch.utils.data import DataLoader, TensorDataset


class Net(nn.Module):
    def __init__(self, upscale_factor=2):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 64, (5, 5), (1, 1), (2, 2))
        self.conv2 = nn.Conv2d(64, 64, (3, 3), (1, 1), (1, 1))
        self.conv3 = nn.Conv2d(64, 32, (3, 3), (1, 1), (1, 1))
        self.conv4 = nn.Conv2d(32, upscale_factor**2, (3, 3), (1, 1), (1, 1))
        self.pixel_shuffle = nn.PixelShuffle(upscale_factor)
        gain = nn.init.calculate_gain("relu")
        for conv in (self.conv1, self.conv2, self.conv3):
            nn.init.orthogonal_(conv.weight, gain)
        nn.init.orthogonal_(self.conv4.weight)

    def forward(self, x):
        # What is learned is the difference from interpolation.
        base = F.interpolate(x, scale_factor=2, mode="bicubic", align_corners=False)
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        x = F.relu(self.conv3(x))
        return base + self.pixel_shuffle(self.conv4(x))


def pairs(folder, part):
    """Grey images and the same at half the size."""
    images, _ = cifar10(folder, part)
    weights = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
    grey = (images.float() / 255 * weights).sum(1, keepdim=True)
    return TensorDataset(F.avg_pool2d(grey, 2), grey)


def psnr(squared_error):
    return 10 * math.log10(1 / squared_error)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--limit", type=int, default=-1, help="batches of each epoch")
    args = parse(parser)
    os.makedirs(args.out, exist_ok=True)

    loader = DataLoader(pairs(args.data, "train"), args.batch_size, shuffle=True)
    test_loader = DataLoader(pairs(args.data, "test"), 250)
    model, criterion = Net(), nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    for epoch in range(1, args.epochs + 1):
        for i, (small, large) in enumerate(loader):
            if i == args.limit:
                break
            optimizer.zero_grad()
            loss = criterion(model(small), large)
            loss.backward()
            optimizer.step()
            if i % 100 == 0:
                print(f"epoch {epoch} [{i}/{len(loader)}]  loss {loss.item():.5f}", flush=True)
        with torch.no_grad():
            ours, bicubic = [], []
            for i, (small, large) in enumerate(test_loader):
                if i == args.limit:
                    break
                ours.append(criterion(model(small).clamp(0, 1), large).item())
                enlarged = F.interpolate(small, scale_factor=2, mode="bicubic", align_corners=False)
                bicubic.append(criterion(enlarged.clamp(0, 1), large).item())
        mean, plain = sum(ours) / len(ours), sum(bicubic) / len(bicubic)
        print(f"epoch {epoch}  PSNR {psnr(mean):.2f} dB, bicubic {psnr(plain):.2f} dB", flush=True)
        torch.save(model, f"{args.out}/model.pth")


if __name__ == "__main__":
    main()
