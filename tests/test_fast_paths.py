"""Trainings with Winograd's algorithm and with plain sums: what differs is less than what another seed changes."""

import numpy as np
import pytest
import rutile as rt
from rutile import nn
from rutile.datasets import CIFAR10, MNIST
from rutile.nn import functional as F

SEEDS = (0, 1, 2)


class Residual(nn.Module):
    """Two 3 x 3 convolutions beside a shortcut."""

    def __init__(self, channels):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x):
        return F.relu(x + self.layers(x))


def cnn():
    return nn.Sequential(
        *(nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(64 * 49, 10)),
    )


def resnet():
    layers, inside = [], 3
    for outside in (16, 32, 64):
        stride = 1 if inside == 3 else 2
        layers += [nn.Conv2d(inside, outside, 3, stride, 1, bias=False), nn.BatchNorm2d(outside), nn.ReLU()]
        layers += [Residual(outside), Residual(outside)]
        inside = outside
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def curve(build, images, labels, steps, seed):
    """The loss of every step."""
    rt.manual_seed(seed)
    net = build()
    optimizer = rt.optim.SGD(net.parameters(), 0.05, momentum=0.9)
    losses = []
    for batch in rt.randperm(len(images))[: steps * 128].split(128):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(images[batch]), labels[batch])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return np.array(losses)


@pytest.mark.slow
@pytest.mark.parametrize("dataset", ["mnist", "cifar10"])
def test_curves_agree_with_fast_paths_on_and_off(dataset, data_folder):
    if dataset == "mnist":
        data = MNIST(data_folder / "mnist")
        images, labels = data.data.unsqueeze(1).float() / 255, rt.as_tensor(data.targets)
        build, steps = cnn, 200
    else:
        data = CIFAR10(data_folder)
        images = rt.from_numpy(np.ascontiguousarray(np.asarray(data.data)[:13000].transpose(0, 3, 1, 2))).float() / 255
        labels, build, steps = rt.as_tensor(data.targets[:13000]), resnet, 100
    try:
        curves = {}
        for fast in (True, False):
            rt.set_winograd_enabled(fast)
            curves[fast] = np.stack([curve(build, images, labels, steps, seed) for seed in SEEDS])
    finally:
        rt.set_winograd_enabled(True)

    assert curves[True][:, -20:].mean() < 0.7 * curves[True][:, 0].mean()  # it learns
    assert np.any(curves[True] != curves[False])  # and took other ways

    def distance(a, b):
        return np.abs(a - b).mean()

    between_seeds = np.mean([distance(curves[True][i], curves[True][j]) for i in SEEDS for j in SEEDS if i < j])
    between_paths = np.mean([distance(curves[True][i], curves[False][i]) for i in SEEDS])
    assert between_paths < between_seeds
