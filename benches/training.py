"""Whole training steps: forward, loss, backward, optimizer, on a fixed batch."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from . import networks
from .libraries import Run, Torch
from .rows import Row, section


@dataclasses.dataclass(frozen=True)
class Training:
    """A network and how it is trained."""

    name: str
    build: Callable[[Any], Any]
    """The network, from the module `networks` of a library."""
    batch: tuple[int, ...]
    """Shape of the input: images, vectors, or tokens if it has two extents and `words`."""
    optimizer: str
    goal: float
    words: int = 0
    flavours: tuple[str, ...] = ("fused", "compiled")

    def step(self, lib: Torch) -> Run:
        """A function that makes one step."""
        made = networks.load(lib.lib)
        model = lib.place(self.build(made))
        update = optimizer(lib, self.optimizer, model)
        if self.words:
            x = lib.integers(self.words, *self.batch)
            target = lib.integers(self.words, self.batch[0] * self.batch[1])
        else:
            x, target = lib.normal(*self.batch), lib.integers(10, self.batch[0])
        forward = lib.compiled(model)

        def run() -> Any:
            update.zero_grad()
            out = forward(x)
            loss = lib.functional.cross_entropy(out.flatten(0, -2), target)
            loss.backward()
            update.step()
            return loss.detach()

        return run


def optimizer(lib: Torch, name: str, model: Any) -> Any:
    """By name, fused if that is the flavour."""
    options: dict[str, Any] = {"fused": True} if lib.flavour == "fused" else {}
    if name == "SGD":
        options["momentum"] = 0.9
    return getattr(lib.lib.optim, name)(model.parameters(), lr=1e-3, **options)


class VAE(Training):
    """The network gives its loss itself."""

    def step(self, lib: Torch) -> Run:
        model = self.build(networks.load(lib.lib))
        update = optimizer(lib, self.optimizer, model)
        x = lib.normal(*self.batch).sigmoid()
        forward = lib.compiled(model)

        def run() -> Any:
            update.zero_grad()
            loss = forward(x)
            loss.backward()
            update.step()
            return loss.detach()

        return run


class DCGAN(Training):
    """Two networks that learn against each other."""

    def step(self, lib: Torch) -> Run:
        made = networks.load(lib.lib)
        makes, judges = lib.place(made.generator()), lib.place(made.discriminator())
        updates = [optimizer(lib, self.optimizer, model) for model in (makes, judges)]
        real, noise = lib.normal(*self.batch), lib.normal(self.batch[0], 100, 1, 1)
        zeros, ones = lib.lib.zeros(self.batch[0]), lib.lib.ones(self.batch[0])
        loss_of = lib.functional.binary_cross_entropy_with_logits
        make, judge = lib.compiled(makes), lib.compiled(judges)

        def run() -> Any:
            fake = make(noise)
            updates[1].zero_grad()
            (loss_of(judge(real), ones) + loss_of(judge(fake.detach()), zeros)).backward()
            updates[1].step()
            updates[0].zero_grad()
            loss = loss_of(judge(fake), ones)
            loss.backward()
            updates[0].step()
            return loss.detach()

        return run


ALL = ("fused", "channels_last", "compiled")

TRAININGS = [
    Training("MLP 784-256-10, 256, Adam", lambda n: n.mlp(784, 256, 10), (256, 784), "Adam", 1.8),
    Training("MLP 784-1024-1024-10, 128, SGD", lambda n: n.mlp(784, 1024, 1024, 10), (128, 784), "SGD", 1.7),
    Training("CNN, 128, Adam", lambda n: n.cnn(), (128, 1, 28, 28), "Adam", 3.3, flavours=ALL),
    Training("LeNet-5, 64, SGD", lambda n: n.lenet(), (64, 1, 28, 28), "SGD", 3.7, flavours=ALL),
    Training("VGG-11 BN, 32, SGD", lambda n: n.vgg(), (32, 3, 32, 32), "SGD", 1.9, flavours=ALL),
    Training("ResNet-18, 32, SGD", lambda n: n.resnet((2, 2, 2, 2)), (32, 3, 32, 32), "SGD", 2.2, flavours=ALL),
    Training("DenseNet-22, 32, SGD", lambda n: n.densenet(), (32, 3, 32, 32), "SGD", 2.7, flavours=ALL),
    Training("MobileNet, 32, SGD", lambda n: n.mobilenet(), (32, 3, 32, 32), "SGD", 3.0, flavours=ALL),
    Training("GPT 4 x 128, 16, AdamW", lambda n: n.GPT(), (16, 128), "AdamW", 1.6, words=96),
    Training("LSTM 2 x 256, 32, Adam", lambda n: n.Recurrent("LSTM"), (32, 64), "Adam", 2.1, words=96),
    Training("GRU 2 x 256, 32, Adam", lambda n: n.Recurrent("GRU"), (32, 64), "Adam", 2.8, words=96),
    DCGAN("DCGAN 64 x 64, 16, Adam", lambda n: n, (16, 3, 64, 64), "Adam", 1.8, flavours=ALL),
    VAE("VAE 784-400-20, 128, Adam", lambda n: n.VAE(), (128, 784), "Adam", 2.0),
]

SECTION = section(
    "training",
    "Training steps",
    [Row(t.name, t.step, flavours=t.flavours, goal=t.goal, compare=False) for t in TRAININGS],
    note="Images are of 28 x 28 (CNN, LeNet-5) or 32 x 32 pixels, sequences of 128 (GPT) or 64 tokens.",
)
