"""Small networks for images, as `rutile train` uses them: `build` makes one by name, `save` and `load` keep it."""

from rutile.models.classifier import ImageClassifier
from rutile.models.networks import CNN, MLP, LeNet
from rutile.models.store import NETWORKS, build, load, save

__all__ = ["CNN", "MLP", "NETWORKS", "ImageClassifier", "LeNet", "build", "load", "save"]
