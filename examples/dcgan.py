"""A DCGAN (Radford et al., 2016) that draws 32x32 digits.

    python -m rutile.compat examples/dcgan.py --epochs 5      # --limit 5 tries it out

Writes samples of each epoch and the weights of both networks to `--out`.
"""

import argparse
import os

import torch
import torch.nn as nn
from common import parse
from torchvision import datasets, transforms, utils


def weights_init(module):
    name = module.__class__.__name__
    if name.find("Conv") != -1:
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif name.find("BatchNorm") != -1:
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)


def generator(latent, width):
    return nn.Sequential(
        nn.ConvTranspose2d(latent, width * 4, 4, 1, 0, bias=False),
        nn.BatchNorm2d(width * 4),
        nn.ReLU(True),
        nn.ConvTranspose2d(width * 4, width * 2, 4, 2, 1, bias=False),
        nn.BatchNorm2d(width * 2),
        nn.ReLU(True),
        nn.ConvTranspose2d(width * 2, width, 4, 2, 1, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(True),
        nn.ConvTranspose2d(width, 1, 4, 2, 1, bias=False),
        nn.Tanh(),
    ).apply(weights_init)


def discriminator(width):
    return nn.Sequential(
        nn.Conv2d(1, width, 4, 2, 1, bias=False),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(width, width * 2, 4, 2, 1, bias=False),
        nn.BatchNorm2d(width * 2),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(width * 2, width * 4, 4, 2, 1, bias=False),
        nn.BatchNorm2d(width * 4),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(width * 4, 1, 4, 1, 0, bias=False),
        nn.Flatten(0),
    ).apply(weights_init)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--latent", type=int, default=64)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--limit", type=int, default=-1, help="batches of each epoch")
    args = parse(parser)
    os.makedirs(args.out, exist_ok=True)

    steps = [transforms.Resize(32), transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))]
    dataset = datasets.MNIST(args.data, train=True, transform=transforms.Compose(steps))
    loader = torch.utils.data.DataLoader(dataset, args.batch_size, shuffle=True, drop_last=True)
    net_g, net_d = generator(args.latent, args.width), discriminator(args.width)
    criterion = nn.BCEWithLogitsLoss()
    optimizer_g = torch.optim.Adam(net_g.parameters(), lr=2e-4, betas=(0.5, 0.999))
    optimizer_d = torch.optim.Adam(net_d.parameters(), lr=2e-4, betas=(0.5, 0.999))
    fixed = torch.randn(64, args.latent, 1, 1)
    real, fake = torch.ones(args.batch_size), torch.zeros(args.batch_size)

    for epoch in range(1, args.epochs + 1):
        for i, (images, _) in enumerate(loader):
            if i == args.limit:
                break
            optimizer_d.zero_grad()
            drawn = net_g(torch.randn(args.batch_size, args.latent, 1, 1))
            loss_d = criterion(net_d(images), real) + criterion(net_d(drawn.detach()), fake)
            loss_d.backward()
            optimizer_d.step()

            optimizer_g.zero_grad()
            loss_g = criterion(net_d(drawn), real)
            loss_g.backward()
            optimizer_g.step()
            if i % 50 == 0:
                print(f"epoch {epoch} [{i}/{len(loader)}]  D {loss_d.item():.3f}  G {loss_g.item():.3f}", flush=True)
        with torch.no_grad():
            utils.save_image(net_g(fixed), f"{args.out}/fake_{epoch}.png", normalize=True)
        torch.save(net_g.state_dict(), f"{args.out}/generator.pth")
        torch.save(net_d.state_dict(), f"{args.out}/discriminator.pth")


if __name__ == "__main__":
    main()
