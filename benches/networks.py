"""The networks of the tables, in PyTorch's words: `load` reads this file once per library."""

from __future__ import annotations

import functools
import importlib.util
import itertools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import rutile as torch
    from rutile import nn
    from rutile.nn import functional as F
else:
    torch = globals().get("torch")  # `load` has put it there
    if torch is None:
        import rutile as torch
    nn, F = torch.nn, torch.nn.functional


@functools.cache
def load(library: Any) -> Any:
    """This module, with `library` for `torch`."""
    spec = importlib.util.spec_from_file_location(f"{__name__}_{library.__name__}", __file__)
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    module.torch = library
    spec.loader.exec_module(module)
    return module


def mlp(*widths: int) -> Any:
    """Linear layers with ReLU between them."""
    layers: list[Any] = []
    for inside, outside in itertools.pairwise(widths):
        layers += [nn.Linear(inside, outside), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def block(inside: int, outside: int, kernel: int = 3, **options: Any) -> Any:
    """Convolution, batch norm, ReLU."""
    options.setdefault("padding", kernel // 2)
    return nn.Sequential(
        nn.Conv2d(inside, outside, kernel, bias=False, **options), nn.BatchNorm2d(outside), nn.ReLU(inplace=True)
    )


def cnn() -> Any:
    """Two convolutions for handwritten digits."""
    return nn.Sequential(
        block(1, 32), nn.MaxPool2d(2), block(32, 64), nn.MaxPool2d(2), nn.Flatten(),
        nn.Dropout(0.25), nn.Linear(64 * 49, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10),
    )  # fmt: skip


def lenet() -> Any:
    """LeNet-5 (Y. LeCun et al., 1998), with ReLU and max pooling."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), mlp(400, 120, 84, 10),
    )  # fmt: skip


def vgg() -> Any:
    """VGG-11 with batch norm, for images of 32 x 32."""
    layers: list[Any] = []
    inside = 3
    for outside in (64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0):
        layers.append(block(inside, outside) if outside else nn.MaxPool2d(2))
        inside = outside or inside
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(512, 10))


class Residual(nn.Module):
    """A block of a ResNet (K. He et al., 2015): two 3 x 3 convolutions, or with `deep` a bottleneck."""

    def __init__(self, inside: int, width: int, stride: int, deep: bool = False) -> None:
        super().__init__()
        outside = width * 4 if deep else width
        if deep:
            self.first = nn.Sequential(block(inside, width, 1), block(width, width, stride=stride))
        else:
            self.first = block(inside, width, stride=stride)
        kernel = 1 if deep else 3
        self.second = nn.Conv2d(width, outside, kernel, padding=kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(outside)
        self.short: Any = nn.Identity()
        if stride > 1 or inside != outside:
            self.short = nn.Sequential(
                nn.Conv2d(inside, outside, 1, stride=stride, bias=False), nn.BatchNorm2d(outside)
            )

    def forward(self, x: Any) -> Any:
        return F.relu(self.norm(self.second(self.first(x))) + self.short(x))


def resnet(depths: tuple[int, ...], deep: bool = False, large: bool = False) -> Any:
    """A ResNet; `large`: for images of 224 x 224 and 1000 classes, otherwise 32 x 32 and 10."""
    stem = [block(3, 64, 7, stride=2), nn.MaxPool2d(3, 2, 1)] if large else [block(3, 64)]
    layers: list[Any] = stem
    inside = 64
    for stage, depth in enumerate(depths):
        width = 64 << stage
        for i in range(depth):
            layers.append(Residual(inside, width, 2 if stage and i == 0 else 1, deep))
            inside = width * 4 if deep else width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inside, 1000 if large else 10))


class Dense(nn.Module):
    """A layer of a DenseNet (G. Huang et al., 2017): its output is joined to its input."""

    def __init__(self, inside: int, growth: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(inside)
        self.conv = nn.Conv2d(inside, growth, 3, padding=1, bias=False)

    def forward(self, x: Any) -> Any:
        return torch.cat([x, self.conv(F.relu(self.norm(x)))], 1)


def densenet(depth: int = 22, growth: int = 12) -> Any:
    """Three stages of dense layers, for images of 32 x 32."""
    layers: list[Any] = [nn.Conv2d(3, 2 * growth, 3, padding=1, bias=False)]
    inside = 2 * growth
    for stage in range(3):
        for _ in range((depth - 4) // 3):
            layers.append(Dense(inside, growth))
            inside += growth
        if stage < 2:
            layers += [nn.BatchNorm2d(inside), nn.ReLU(), nn.Conv2d(inside, inside, 1, bias=False), nn.AvgPool2d(2)]
    head = [nn.BatchNorm2d(inside), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inside, 10)]
    return nn.Sequential(*layers, *head)


def mobilenet() -> Any:
    """Depthwise and 1 x 1 convolutions (A. Howard et al., 2017), for images of 32 x 32."""
    layers: list[Any] = [block(3, 32)]
    inside = 32
    for outside, stride in ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)):
        layers += [block(inside, inside, stride=stride, groups=inside), block(inside, outside, 1)]
        inside = outside
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inside, 10))


class Inverted(nn.Module):
    """An inverted residual block (M. Sandler et al., 2018)."""

    def __init__(self, inside: int, outside: int, stride: int, factor: int) -> None:
        super().__init__()
        width = inside * factor
        layers = [] if factor == 1 else self.part(inside, width, 1)
        layers += self.part(width, width, 3, stride=stride, padding=1, groups=width)
        layers += [nn.Conv2d(width, outside, 1, bias=False), nn.BatchNorm2d(outside)]
        self.layers = nn.Sequential(*layers)
        self.joined = stride == 1 and inside == outside

    @staticmethod
    def part(inside: int, outside: int, kernel: int, **options: Any) -> list[Any]:
        """Convolution, batch norm, ReLU up to 6."""
        return [nn.Conv2d(inside, outside, kernel, bias=False, **options), nn.BatchNorm2d(outside), nn.ReLU6()]

    def forward(self, x: Any) -> Any:
        return x + self.layers(x) if self.joined else self.layers(x)


def mobilenet_v2() -> Any:
    """For images of 224 x 224."""
    layers = Inverted.part(3, 32, 3, stride=2, padding=1)
    inside = 32
    for factor, outside, count, stride in (
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
    ):  # fmt: skip
        for i in range(count):
            layers.append(Inverted(inside, outside, stride if i == 0 else 1, factor))
            inside = outside
    layers += Inverted.part(320, 1280, 1)
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(1280, 1000))


class Attention(nn.Module):
    """Causal self-attention and two linear layers, each added to its input."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        self.inside, self.outside = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.layers = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x: Any) -> Any:
        batch, length, width = x.shape
        parts = self.inside(self.norms[0](x)).split(width, 2)
        q, k, v = (part.view(batch, length, self.heads, width // self.heads).transpose(1, 2) for part in parts)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.outside(mixed.transpose(1, 2).reshape(batch, length, width))
        return x + self.layers(self.norms[1](x))


class GPT(nn.Module):
    """Blocks of attention over characters."""

    def __init__(self, layers: int = 4, width: int = 128, heads: int = 4, length: int = 128, words: int = 96) -> None:
        super().__init__()
        self.words, self.places = nn.Embedding(words, width), nn.Embedding(length, width)
        self.layers = nn.Sequential(*(Attention(width, heads) for _ in range(layers)))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, words, bias=False)

    def forward(self, tokens: Any) -> Any:
        x = self.words(tokens) + self.places.weight[: tokens.shape[1]]
        return self.head(self.norm(self.layers(x)))


class Recurrent(nn.Module):
    """Characters, two recurrent layers, characters."""

    def __init__(self, kind: str, width: int = 256, words: int = 96) -> None:
        super().__init__()
        self.words = nn.Embedding(words, width)
        self.layers = getattr(nn, kind)(width, width, 2, batch_first=True)
        self.head = nn.Linear(width, words)

    def forward(self, tokens: Any) -> Any:
        return self.head(self.layers(self.words(tokens))[0])


class VAE(nn.Module):
    """A variational autoencoder (D. Kingma, M. Welling, 2013); gives its loss."""

    def __init__(self, pixels: int = 784, width: int = 400, latent: int = 20) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(pixels, width), nn.ReLU(), nn.Linear(width, 2 * latent))
        self.decoder = mlp(latent, width, pixels)

    def forward(self, x: Any) -> Any:
        mean, log_variance = self.encoder(x).chunk(2, 1)
        code = mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
        error = F.binary_cross_entropy_with_logits(self.decoder(code), x, reduction="sum")
        return error - 0.5 * (1 + log_variance - mean.pow(2) - log_variance.exp()).sum()


def generator(latent: int = 100, width: int = 32) -> Any:
    """DCGAN's (A. Radford et al., 2015): numbers to images of 64 x 64."""
    layers: list[Any] = [nn.ConvTranspose2d(latent, 8 * width, 4, bias=False)]
    for inside in (8, 4, 2, 1):
        layers += [nn.BatchNorm2d(inside * width), nn.ReLU(inplace=True)]
        outside = inside // 2 * width or 3
        layers.append(nn.ConvTranspose2d(inside * width, outside, 4, 2, 1, bias=False))
    return nn.Sequential(*layers, nn.Tanh())


def discriminator(width: int = 32) -> Any:
    """DCGAN's: images of 64 x 64 to a number."""
    layers: list[Any] = [nn.Conv2d(3, width, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True)]
    for inside in (1, 2, 4):
        layers.append(nn.Conv2d(inside * width, 2 * inside * width, 4, 2, 1, bias=False))
        layers += [nn.BatchNorm2d(2 * inside * width), nn.LeakyReLU(0.2, inplace=True)]
    return nn.Sequential(*layers, nn.Conv2d(8 * width, 1, 4, bias=False), nn.Flatten(0))
