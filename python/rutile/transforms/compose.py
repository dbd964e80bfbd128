"""Transforms of transforms: `Compose`, `Lambda`, `RandomApply`, `RandomChoice`, `RandomOrder`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import _rutile, nn
from . import _draw

Transform = Callable[[Any], Any]


def _listed(name: str, transforms: Sequence[Transform], probability: str = "") -> str:
    lines = "".join(f"\n    {transform}" for transform in transforms)
    return f"{name}({probability}{lines}\n)"


class Compose:
    """Several transforms, one after the other.

    Args:
        transforms: functions of one argument.
    """

    def __init__(self, transforms: Sequence[Transform]) -> None:
        self.transforms = list(transforms)

    def __call__(self, img: Any) -> Any:
        for transform in self.transforms:
            img = transform(img)
        return img

    def __repr__(self) -> str:
        return _listed(type(self).__name__, self.transforms)


class Lambda:
    """Any function as a transform.

    Args:
        lambd: a function of one argument.
    """

    def __init__(self, lambd: Transform) -> None:
        if not callable(lambd):
            raise TypeError(f"Lambda: a function is expected, not {type(lambd).__name__}")
        self.lambd = lambd

    def __call__(self, img: Any) -> Any:
        return self.lambd(img)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class _Several(nn.Module):
    """What the random ones share: a list of transforms."""

    def __init__(self, transforms: Sequence[Transform]) -> None:
        super().__init__()
        if not isinstance(transforms, Sequence | nn.ModuleList):
            raise TypeError(
                f"{type(self).__name__}: a sequence of transforms is expected, got {type(transforms).__name__}"
            )
        self.transforms = transforms


class RandomApply(_Several):
    """All transforms with probability `p`, else none.

    Args:
        transforms: a list.
        p: the probability.
    """

    def __init__(self, transforms: Sequence[Transform], p: float = 0.5) -> None:
        super().__init__(transforms)
        self.p = p

    def forward(self, img: Any) -> Any:
        if not _draw.chance(self.p):
            return img
        for transform in self.transforms:
            img = transform(img)
        return img

    def __repr__(self) -> str:
        return _listed(type(self).__name__, self.transforms, f"\n    p={self.p}")


class RandomChoice(_Several):
    """One of the transforms.

    Args:
        transforms: a list.
        p: how probable each is, relative to the others; by default all are equal.
    """

    def __init__(self, transforms: Sequence[Transform], p: Sequence[float] | None = None) -> None:
        super().__init__(transforms)
        if p is not None and len(p) != len(transforms):
            raise ValueError(f"RandomChoice: {len(transforms)} transforms want as many probabilities, got {len(p)}")
        self.p = p

    def forward(self, img: Any) -> Any:
        weights = _rutile.tensor([float(value) for value in self.p] if self.p else [1.0] * len(self.transforms))
        return self.transforms[int(_rutile.multinomial(weights, 1).item())](img)

    def __repr__(self) -> str:
        return _listed(type(self).__name__, self.transforms, f"\n    p={self.p}")


class RandomOrder(_Several):
    """All transforms, in random order.

    Args:
        transforms: a list.
    """

    def forward(self, img: Any) -> Any:
        for place in _draw.order(len(self.transforms)):
            img = self.transforms[place](img)
        return img

    def __repr__(self) -> str:
        return _listed(type(self).__name__, self.transforms)
