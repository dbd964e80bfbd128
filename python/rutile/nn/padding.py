"""Widening the last axes, as modules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import rutile as rt

from . import functional as F
from .module import Module

__all__ = [
    "CircularPad1d",
    "CircularPad2d",
    "CircularPad3d",
    "ConstantPad1d",
    "ConstantPad2d",
    "ConstantPad3d",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReflectionPad3d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ReplicationPad3d",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
]


class _Pad(Module):
    _axes: ClassVar[int]
    _mode: ClassVar[str]

    def __init__(self, padding: int | Iterable[int]) -> None:
        super().__init__()
        widths = tuple(padding) if isinstance(padding, Iterable) else (padding,) * (2 * self._axes)
        if len(widths) != 2 * self._axes:
            raise ValueError(f"{type(self).__name__}: padding must be one or {2 * self._axes} integers, got {widths}")
        self.padding = widths

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return F.pad(input, self.padding, self._mode)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class _ConstantPad(_Pad):
    _mode = "constant"

    def __init__(self, padding: int | Iterable[int], value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class _ZeroPad(_ConstantPad):
    def __init__(self, padding: int | Iterable[int]) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class CircularPad1d(_Pad):
    """Widens the last axis of (N, C, L) or (C, L) by the values of the other end.

    Args:
        padding: one width for all ends, or (left, right).

    Example:
        >>> nn.CircularPad1d(2)(rt.tensor([[1.0, 2.0, 3.0]]))
        tensor([[2., 3., 1., 2., 3., 1., 2.]])
    """

    _axes = 1
    _mode = "circular"


class CircularPad2d(_Pad):
    """Widens the last two axes of (N, C, H, W) or (C, H, W) by the values of the other end.

    Args:
        padding: one width for all ends, or (left, right, top, bottom).

    Example:
        >>> nn.CircularPad2d((1, 1, 0, 0))(rt.tensor([[[1.0, 2.0, 3.0]]]))
        tensor([[[3., 1., 2., 3., 1.]]])
    """

    _axes = 2
    _mode = "circular"


class CircularPad3d(_Pad):
    """Widens the last three axes of (N, C, D, H, W) or (C, D, H, W) by the values of the other end.

    Args:
        padding: one width for all ends, or (left, right, top, bottom, front, back).

    Example:
        >>> nn.CircularPad3d(1)(rt.randn(1, 2, 3, 4)).shape
        rutile.Size([1, 4, 5, 6])
    """

    _axes = 3
    _mode = "circular"


class ConstantPad1d(_ConstantPad):
    """Widens the last axis of (N, C, L) or (C, L) by `value`.

    Args:
        padding: one width for all ends, or (left, right).
        value: the number.

    Example:
        >>> nn.ConstantPad1d((1, 2), 9.0)(rt.tensor([[1.0, 2.0]]))
        tensor([[9., 1., 2., 9., 9.]])
    """

    _axes = 1


class ConstantPad2d(_ConstantPad):
    """Widens the last two axes of (N, C, H, W) or (C, H, W) by `value`.

    Args:
        padding: one width for all ends, or (left, right, top, bottom).
        value: the number.

    Example:
        >>> nn.ConstantPad2d((1, 0, 0, 1), 9.0)(rt.tensor([[[1.0, 2.0]]]))
        tensor([[[9., 1., 2.],
                 [9., 9., 9.]]])
    """

    _axes = 2


class ConstantPad3d(_ConstantPad):
    """Widens the last three axes of (N, C, D, H, W) or (C, D, H, W) by `value`.

    Args:
        padding: one width for all ends, or (left, right, top, bottom, front, back).
        value: the number.

    Example:
        >>> nn.ConstantPad3d(1, 9.0)(rt.randn(1, 2, 3, 4)).shape
        rutile.Size([1, 4, 5, 6])
    """

    _axes = 3


class ReflectionPad1d(_Pad):
    """Widens the last axis of (N, C, L) or (C, L) by the mirror image, without the edge itself.

    Args:
        padding: one width for all ends, or (left, right).

    Example:
        >>> rt.nn.ReflectionPad1d(2)(rt.tensor([[0.0, 1.0, 2.0, 3.0]])).tolist()
        [[2.0, 1.0, 0.0, 1.0, 2.0, 3.0, 2.0, 1.0]]
    """

    _axes = 1
    _mode = "reflect"


class ReflectionPad2d(_Pad):
    """Widens the last two axes of (N, C, H, W) or (C, H, W) by the mirror image, without the edge itself.

    Args:
        padding: one width for all ends, or (left, right, top, bottom).

    Example:
        >>> nn.ReflectionPad2d((2, 1, 0, 0))(rt.tensor([[[1.0, 2.0, 3.0]]]))
        tensor([[[3., 2., 1., 2., 3., 2.]]])
    """

    _axes = 2
    _mode = "reflect"


class ReflectionPad3d(_Pad):
    """Widens the last three axes of (N, C, D, H, W) or (C, D, H, W) by the mirror image, without the edge itself.

    Args:
        padding: one width for all ends, or (left, right, top, bottom, front, back).

    Example:
        >>> nn.ReflectionPad3d(1)(rt.randn(1, 2, 3, 4)).shape
        rutile.Size([1, 4, 5, 6])
    """

    _axes = 3
    _mode = "reflect"


class ReplicationPad1d(_Pad):
    """Widens the last axis of (N, C, L) or (C, L) by the edge value.

    Args:
        padding: one width for all ends, or (left, right).

    Example:
        >>> nn.ReplicationPad1d(2)(rt.tensor([[1.0, 2.0, 3.0]]))
        tensor([[1., 1., 1., 2., 3., 3., 3.]])
    """

    _axes = 1
    _mode = "replicate"


class ReplicationPad2d(_Pad):
    """Widens the last two axes of (N, C, H, W) or (C, H, W) by the edge value.

    Args:
        padding: one width for all ends, or (left, right, top, bottom).

    Example:
        >>> nn.ReplicationPad2d((1, 0, 0, 1))(rt.tensor([[[1.0, 2.0]]]))
        tensor([[[1., 1., 2.],
                 [1., 1., 2.]]])
    """

    _axes = 2
    _mode = "replicate"


class ReplicationPad3d(_Pad):
    """Widens the last three axes of (N, C, D, H, W) or (C, D, H, W) by the edge value.

    Args:
        padding: one width for all ends, or (left, right, top, bottom, front, back).

    Example:
        >>> nn.ReplicationPad3d(1)(rt.randn(1, 2, 3, 4)).shape
        rutile.Size([1, 4, 5, 6])
    """

    _axes = 3
    _mode = "replicate"


class ZeroPad1d(_ZeroPad):
    """Widens the last axis of (N, C, L) or (C, L) by zeros.

    Args:
        padding: one width for all ends, or (left, right).

    Example:
        >>> nn.ZeroPad1d((1, 2))(rt.tensor([[1.0, 2.0]]))
        tensor([[0., 1., 2., 0., 0.]])
    """

    _axes = 1


class ZeroPad2d(_ZeroPad):
    """Widens the last two axes of (N, C, H, W) or (C, H, W) by zeros.

    Args:
        padding: one width for all ends, or (left, right, top, bottom).

    Example:
        >>> nn.ZeroPad2d((1, 0, 0, 1))(rt.tensor([[[1.0, 2.0]]]))
        tensor([[[0., 1., 2.],
                 [0., 0., 0.]]])
    """

    _axes = 2


class ZeroPad3d(_ZeroPad):
    """Widens the last three axes of (N, C, D, H, W) or (C, D, H, W) by zeros.

    Args:
        padding: one width for all ends, or (left, right, top, bottom, front, back).

    Example:
        >>> nn.ZeroPad3d(1)(rt.randn(1, 2, 3, 4)).shape
        rutile.Size([1, 4, 5, 6])
    """

    _axes = 3
