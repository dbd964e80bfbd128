"""Neural style (Gatys et al., 2016) with the features of a small network with random filters, which do for textures
(Ustyuzhaninov et al., 2017).

    python -m rutile.compat examples/neural_style.py --content photo.jpg --style painting.jpg

Without images it takes rings as content and stripes as style. Writes `styled.png` to `--out`.
"""

import argparse
import os

import torch
import torch.nn as nn
import torch.nn.functional as F
from common import parse
from torchvision import transforms
from torchvision.utils import save_image


def load(path, size):
    from PIL import Image

    steps = [transforms.Resize(size), transforms.CenterCrop(size), transforms.ToTensor()]
    return transforms.Compose(steps)(Image.open(path).convert("RGB")).unsqueeze(0)


def rings(size):
    y, x = torch.meshgrid(torch.linspace(-1, 1, size), torch.linspace(-1, 1, size), indexing="ij")
    radius = torch.sqrt(x**2 + y**2)
    return torch.stack([torch.sin(12 * radius), torch.cos(12 * radius), 1 - radius]).unsqueeze(0) * 0.5 + 0.5


def stripes(size):
    y, x = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    wave = torch.sin((x + 2 * y) * 0.5) * 0.5 + 0.5
    return torch.stack([wave, 0.3 * wave, 1 - wave]).unsqueeze(0)


def gram(features):
    n, c, h, w = features.size()
    flat = features.view(n * c, h * w)
    return torch.mm(flat, flat.t()).div(n * c * h * w)


class Features(nn.Module):
    """Feature maps of four scales."""

    def __init__(self, widths=(16, 32, 64, 64)):
        super().__init__()
        self.convs = nn.ModuleList()
        channels = 3
        for width in widths:
            self.convs.append(nn.Conv2d(channels, width, 3, padding=1, padding_mode="reflect"))
            channels = width
        for parameter in self.parameters():
            parameter.requires_grad_(False)

    def forward(self, x):
        found = []
        for conv in self.convs:
            x = F.relu(conv(x))
            found.append(x)
            x = F.avg_pool2d(x, 2)
        return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--content")
    parser.add_argument("--style")
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--style-weight", type=float, default=1e5)
    args = parse(parser)
    os.makedirs(args.out, exist_ok=True)

    content = load(args.content, args.size) if args.content else rings(args.size)
    style = load(args.style, args.size) if args.style else stripes(args.size)
    network = Features().eval()
    wanted = network(content)[2]
    textures = [gram(found) for found in network(style)]
    image = content.clone().requires_grad_(True)
    optimizer = torch.optim.LBFGS([image], history_size=20, line_search_fn="strong_wolfe")
    run = [0]

    while run[0] < args.steps:

        def closure():
            with torch.no_grad():
                image.clamp_(0, 1)
            optimizer.zero_grad()
            found = network(image)
            style_loss = sum(F.mse_loss(gram(f), g, reduction="sum") for f, g in zip(found, textures))
            content_loss = F.mse_loss(found[2], wanted)
            loss = args.style_weight * style_loss + content_loss
            loss.backward()
            run[0] += 1
            if run[0] % 20 == 0 or run[0] == 1:
                print(f"{run[0]}  style {style_loss.item():.3e}  content {content_loss.item():.3e}", flush=True)
            return loss

        optimizer.step(closure)
    with torch.no_grad():
        save_image(torch.cat([content, style, image.clamp(0, 1)]), f"{args.out}/styled.png")


if __name__ == "__main__":
    main()
