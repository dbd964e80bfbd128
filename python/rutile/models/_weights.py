"""Published weights of the image networks: where they are, and enumerations with torchvision's names."""

from __future__ import annotations

from enum import Enum
from typing import Any, TypeVar

from .. import hub, nn

M = TypeVar("M", bound=nn.Module)

_BASE = "https://download.pytorch.org/models/"

# The letters before the ending begin the SHA-256 of the file.
FILES: dict[str, dict[str, str]] = {
    "alexnet": {"IMAGENET1K_V1": "alexnet-owt-7be5be79.pth"},
    "vgg11": {"IMAGENET1K_V1": "vgg11-8a719046.pth"},
    "vgg11_bn": {"IMAGENET1K_V1": "vgg11_bn-6002323d.pth"},
    "vgg13": {"IMAGENET1K_V1": "vgg13-19584684.pth"},
    "vgg13_bn": {"IMAGENET1K_V1": "vgg13_bn-abd245e5.pth"},
    "vgg16": {"IMAGENET1K_V1": "vgg16-397923af.pth"},
    "vgg16_bn": {"IMAGENET1K_V1": "vgg16_bn-6c64b313.pth"},
    "vgg19": {"IMAGENET1K_V1": "vgg19-dcbb9e9d.pth"},
    "vgg19_bn": {"IMAGENET1K_V1": "vgg19_bn-c79401a0.pth"},
    "googlenet": {"IMAGENET1K_V1": "googlenet-1378be20.pth"},
    "resnet18": {"IMAGENET1K_V1": "resnet18-f37072fd.pth"},
    "resnet34": {"IMAGENET1K_V1": "resnet34-b627a593.pth"},
    "resnet50": {"IMAGENET1K_V1": "resnet50-0676ba61.pth", "IMAGENET1K_V2": "resnet50-11ad3fa6.pth"},
    "resnet101": {"IMAGENET1K_V1": "resnet101-63fe2227.pth", "IMAGENET1K_V2": "resnet101-cd907fc2.pth"},
    "resnet152": {"IMAGENET1K_V1": "resnet152-394f9c45.pth", "IMAGENET1K_V2": "resnet152-f82ba261.pth"},
    "resnext50_32x4d": {
        "IMAGENET1K_V1": "resnext50_32x4d-7cdf4587.pth",
        "IMAGENET1K_V2": "resnext50_32x4d-1a0047aa.pth",
    },
    "resnext101_32x8d": {
        "IMAGENET1K_V1": "resnext101_32x8d-8ba56ff5.pth",
        "IMAGENET1K_V2": "resnext101_32x8d-110c445d.pth",
    },
    "resnext101_64x4d": {"IMAGENET1K_V1": "resnext101_64x4d-173b62eb.pth"},
    "wide_resnet50_2": {
        "IMAGENET1K_V1": "wide_resnet50_2-95faca4d.pth",
        "IMAGENET1K_V2": "wide_resnet50_2-9ba9bcbe.pth",
    },
    "wide_resnet101_2": {
        "IMAGENET1K_V1": "wide_resnet101_2-32ee1156.pth",
        "IMAGENET1K_V2": "wide_resnet101_2-d733dc28.pth",
    },
    "densenet121": {"IMAGENET1K_V1": "densenet121-a639ec97.pth"},
    "densenet161": {"IMAGENET1K_V1": "densenet161-8d451a50.pth"},
    "densenet169": {"IMAGENET1K_V1": "densenet169-b2777c0a.pth"},
    "densenet201": {"IMAGENET1K_V1": "densenet201-c1103571.pth"},
    "mobilenet_v2": {"IMAGENET1K_V1": "mobilenet_v2-b0353104.pth", "IMAGENET1K_V2": "mobilenet_v2-7ebf99e0.pth"},
    "squeezenet1_0": {"IMAGENET1K_V1": "squeezenet1_0-b66bff10.pth"},
    "squeezenet1_1": {"IMAGENET1K_V1": "squeezenet1_1-b8a52dc0.pth"},
}

_NAMES = {
    "alexnet": "AlexNet",
    "googlenet": "GoogLeNet",
    "mobilenet_v2": "MobileNet_V2",
    **{f"vgg{depth}{bn}": f"VGG{depth}{bn.upper()}" for depth in (11, 13, 16, 19) for bn in ("", "_bn")},
    **{f"resnet{depth}": f"ResNet{depth}" for depth in (18, 34, 50, 101, 152)},
    **{f"densenet{depth}": f"DenseNet{depth}" for depth in (121, 161, 169, 201)},
    "resnext50_32x4d": "ResNeXt50_32X4D",
    "resnext101_32x8d": "ResNeXt101_32X8D",
    "resnext101_64x4d": "ResNeXt101_64X4D",
    "wide_resnet50_2": "Wide_ResNet50_2",
    "wide_resnet101_2": "Wide_ResNet101_2",
    "squeezenet1_0": "SqueezeNet1_0",
    "squeezenet1_1": "SqueezeNet1_1",
}


class Weights(Enum):
    """Base of the enumerations of published weights; the value is an address."""

    @property
    def url(self) -> str:
        """Where the file is."""
        return str(self.value)

    def get_state_dict(self, progress: bool = True, check_hash: bool = True) -> dict[str, Any]:
        """The weights, fetched unless they are there already (see `rutile.hub`)."""
        return hub.load_state_dict_from_url(self.url, progress=progress, check_hash=check_hash)

    def transforms(self) -> Any:
        """What images went through: shorter edge to 256, the middle 224 x 224, ImageNet's mean and deviation."""
        from .. import transforms as T

        return T.Compose(
            [
                T.Resize(256),
                T.CenterCrop(224),
                T.Lambda(lambda image: image if hasattr(image, "is_floating_point") else T.functional.to_tensor(image)),
                T.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
            ]
        )


def name_of(network: str) -> str:
    """The name of the enumeration of a network's weights."""
    return f"{_NAMES[network]}_Weights"


def _enumeration(network: str) -> Any:
    files = {name: _BASE + file for name, file in FILES[network].items()}
    files["DEFAULT"] = list(files.values())[-1]  # an alias of the newest
    return Weights(name_of(network), files)  # type: ignore[call-arg]


ENUMERATIONS: dict[str, Any] = {name_of(network): _enumeration(network) for network in FILES}


def wanted(network: str, weights: Any, pretrained: bool | None) -> Any:
    """The enumeration member that `weights` (a member, its name, or None) or the old `pretrained` asks for, or None."""
    kinds = ENUMERATIONS.get(f"{_NAMES.get(network)}_Weights")
    if pretrained and weights is None:
        # What `pretrained=True` meant when it was the way to ask.
        weights = "IMAGENET1K_V1"
    if weights is None:
        return None
    if kinds is None:
        raise ValueError(f"{network}: there are no published weights; leave weights out")
    if isinstance(weights, str):
        name = weights.rpartition(".")[2]
        if name not in kinds.__members__:
            raise ValueError(f"{network}: no weights {weights!r}; there are {', '.join(kinds.__members__)}")
        return kinds[name]
    if not isinstance(weights, kinds):
        raise TypeError(f"{network}: weights of another network: {weights!r}; there are {', '.join(kinds.__members__)}")
    return weights


def with_weights(network: str, build: Any, weights: Any, pretrained: bool | None, progress: bool, options: Any) -> Any:
    """`build(**options)`, with published weights if asked for."""
    member = wanted(network, weights, pretrained)
    if member is None:
        return build(**options)
    if options.get("num_classes", 1000) != 1000:
        raise ValueError(f"{network}: published weights have 1000 classes, got num_classes={options['num_classes']}")
    model = build(**options)
    model.load_state_dict(getattr(type(model), "renamed", lambda state: state)(member.get_state_dict(progress)))
    return model
