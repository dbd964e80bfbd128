"""Networks.

Image classifiers with torchvision's names, arguments and `state_dict` keys (`resnet18`, `vgg16_bn`, `densenet121`,
...): `weights="IMAGENET1K_V1"` fetches published weights. `UNet` for segmentation, `GPT` and `BERT` for text, with the
keys of their common implementations.

Small networks that `rutile train` uses: `build` makes one by name, `save` and `load` keep it.
"""

import sys
from typing import Any

from rutile._places import add_places
from rutile.models import densenet, mobilenet, resnet, squeezenet, vgg
from rutile.models._weights import ENUMERATIONS as _ENUMERATIONS
from rutile.models._weights import name_of as _name_of
from rutile.models.alexnet import AlexNet, alexnet
from rutile.models.bert import BERT, BERTConfig
from rutile.models.classifier import ImageClassifier
from rutile.models.densenet import DenseNet, densenet121, densenet161, densenet169, densenet201
from rutile.models.googlenet import GoogLeNet, googlenet
from rutile.models.gpt import GPT, GPTConfig
from rutile.models.mobilenet import MobileNetV2, mobilenet_v2
from rutile.models.networks import CNN, MLP, LeNet
from rutile.models.resnet import (
    ResNet,
    resnet18,
    resnet34,
    resnet50,
    resnet101,
    resnet152,
    resnext50_32x4d,
    resnext101_32x8d,
    resnext101_64x4d,
    wide_resnet50_2,
    wide_resnet101_2,
)
from rutile.models.squeezenet import SqueezeNet, squeezenet1_0, squeezenet1_1
from rutile.models.store import NETWORKS, build, load, save
from rutile.models.unet import UNet
from rutile.models.vgg import VGG, vgg11, vgg11_bn, vgg13, vgg13_bn, vgg16, vgg16_bn, vgg19, vgg19_bn

__all__ = [
    "BERT",
    "CNN",
    "GPT",
    "MLP",
    "NETWORKS",
    "VGG",
    "AlexNet",
    "BERTConfig",
    "DenseNet",
    "GPTConfig",
    "GoogLeNet",
    "ImageClassifier",
    "LeNet",
    "MobileNetV2",
    "ResNet",
    "SqueezeNet",
    "UNet",
    "alexnet",
    "build",
    "densenet",
    "densenet121",
    "densenet161",
    "densenet169",
    "densenet201",
    "get_model",
    "googlenet",
    "list_models",
    "load",
    "mobilenet",
    "mobilenet_v2",
    "resnet",
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
    "resnext50_32x4d",
    "resnext101_32x8d",
    "resnext101_64x4d",
    "save",
    "squeezenet",
    "squeezenet1_0",
    "squeezenet1_1",
    "vgg",
    "vgg11",
    "vgg11_bn",
    "vgg13",
    "vgg13_bn",
    "vgg16",
    "vgg16_bn",
    "vgg19",
    "vgg19_bn",
    "wide_resnet50_2",
    "wide_resnet101_2",
]

globals().update(_ENUMERATIONS)  # ResNet18_Weights and so on


def list_models() -> list[str]:
    """Names of the image classifiers that take `weights`."""
    from rutile.models._weights import FILES

    return sorted(FILES)


def get_model(name: str, **config: Any) -> Any:
    """The network of a name from `list_models`, with random weights unless `weights` is given."""
    if name.lower() not in list_models():
        raise ValueError(f"Unknown model {name}; there are {', '.join(list_models())}")
    return globals()[name.lower()](**config)


for _builder in list_models():  # also beside the functions that take them: `models.resnet.ResNet18_Weights`
    setattr(sys.modules[globals()[_builder].__module__], _name_of(_builder), _ENUMERATIONS[_name_of(_builder)])
add_places(__name__, {"mobilenetv2": ["rutile.models.mobilenet"]})


def get_weight(name: str) -> Any:
    """A member of an enumeration of published weights by its name, as `"ResNet18_Weights.DEFAULT"`."""
    kind, _, member = name.partition(".")
    if kind not in _ENUMERATIONS or member not in _ENUMERATIONS[kind].__members__:
        raise ValueError(f"get_weight: no weights {name!r}; there are {', '.join(_ENUMERATIONS)}")
    return _ENUMERATIONS[kind][member]


def __getattr__(name: str) -> Any:
    from rutile.compat.missing import missing

    raise missing(f"module {__name__!r}", name, globals())
