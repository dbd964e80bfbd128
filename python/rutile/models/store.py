"""Networks by name, and in files that know which network they hold."""

from __future__ import annotations

import json
import os

from rutile import io
from rutile.models.classifier import ImageClassifier
from rutile.models.networks import CNN, MLP, LeNet

NETWORKS: dict[str, type[ImageClassifier]] = {"mlp": MLP, "cnn": CNN, "lenet": LeNet}
"""The networks that `build` and `rutile train --model` know."""

_KEY = "rutile.model"


def build(name: str, image: tuple[int, int, int], classes: int, mean: float = 0.0, std: float = 1.0) -> ImageClassifier:
    """A new network of the kind `name` (mlp, cnn or lenet), with random weights."""
    if name not in NETWORKS:
        raise ValueError(f"no model {name!r}; there are {', '.join(NETWORKS)}")
    return NETWORKS[name](image, classes, mean, std)


def save(
    model: ImageClassifier,
    path: str | os.PathLike[str],
) -> None:
    """Writes a network that `build` made to a safetensors file from which `load` makes it again.

    Equal weights give equal bytes: the header has a single entry, because safetensors does not order several.
    """
    name = next(name for name, network in NETWORKS.items() if type(model) is network)
    recipe = {"name": name, "image": model.image, "classes": model.classes, "mean": model.mean, "std": model.std}
    io.save_file(model.state_dict(), path, {_KEY: json.dumps(recipe)})


def load(path: str | os.PathLike[str]) -> ImageClassifier:
    """The network in a file written by `save` or `rutile train`, ready to predict (in evaluation mode).

    >>> model = rutile.models.load("runs/digits-cnn-1/model.safetensors")  # doctest: +SKIP
    >>> model.predict(images)  # doctest: +SKIP
    """
    weights, metadata = io.load_file_with_metadata(path)
    if _KEY not in metadata:
        raise ValueError(
            f"{os.fspath(path)} does not say which network it holds; read its tensors with rutile.io.load_file"
        )
    recipe = json.loads(metadata[_KEY])
    model = build(**(recipe | {"image": tuple(recipe["image"])}))
    model.load_state_dict(weights)
    model.eval()
    return model
