"""A variational autoencoder of MNIST (Kingma and Welling, 2014).

    python -m rutile.compat examples/vae.py --epochs 10      # --limit 20 tries it out

Writes reconstructions and samples of each epoch to `--out`.
"""

import argparse
import os

import torch
from common import parse
from torch import nn, optim
from torch.nn import functional as F
from torchvision import datasets, transforms
from torchvision.utils import save_image


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(784, 400)
        self.mean = nn.Linear(400, 20)
        self.log_variance = nn.Linear(400, 20)
        self.decoder = nn.Sequential(nn.Linear(20, 400), nn.ReLU(), nn.Linear(400, 784), nn.Sigmoid())

    def encode(self, x):
        h = F.relu(self.hidden(x))
        return self.mean(h), self.log_variance(h)

    def forward(self, x):
        mean, log_variance = self.encode(x.view(-1, 784))
        std = torch.exp(0.5 * log_variance)
        z = mean + torch.randn_like(std) * std
        return self.decoder(z), mean, log_variance


def loss_function(reconstruction, x, mean, log_variance):
    likelihood = F.binary_cross_entropy(reconstruction, x.view(-1, 784), reduction="sum")
    divergence = -0.5 * torch.sum(1 + log_variance - mean.pow(2) - log_variance.exp())
    return likelihood + divergence


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--limit", type=int, default=-1, help="batches of each epoch")
    args = parse(parser)
    os.makedirs(args.out, exist_ok=True)

    def loader(train):
        dataset = datasets.MNIST(args.data, train=train, transform=transforms.ToTensor())
        return torch.utils.data.DataLoader(dataset, batch_size=args.batch_size, shuffle=train)

    train_loader, test_loader = loader(True), loader(False)
    model = VAE()
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(1, args.epochs + 1):
        model.train()
        total, seen = 0.0, 0
        for i, (data, _) in enumerate(train_loader):
            if i == args.limit:
                break
            optimizer.zero_grad()
            reconstruction, mean, log_variance = model(data)
            loss = loss_function(reconstruction, data, mean, log_variance)
            loss.backward()
            optimizer.step()
            total += loss.item()
            seen += len(data)
        model.eval()
        test_loss, test_seen = 0.0, 0
        with torch.no_grad():
            for i, (data, _) in enumerate(test_loader):
                if i == args.limit:
                    break
                reconstruction, mean, log_variance = model(data)
                test_loss += loss_function(reconstruction, data, mean, log_variance).item()
                test_seen += len(data)
                if i == 0:
                    comparison = torch.cat([data[:8], reconstruction.view(-1, 1, 28, 28)[:8]])
                    save_image(comparison, f"{args.out}/reconstruction_{epoch}.png", nrow=8)
            sample = model.decoder(torch.randn(64, 20))
            save_image(sample.view(64, 1, 28, 28), f"{args.out}/sample_{epoch}.png")
        print(f"epoch {epoch}  train loss {total / seen:.2f}  test loss {test_loss / test_seen:.2f}", flush=True)


if __name__ == "__main__":
    main()
