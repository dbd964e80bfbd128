"""`rutile.Size`: the shape of a tensor."""

from __future__ import annotations

import math
from typing import SupportsIndex, overload

_item = tuple.__getitem__


class Size(tuple[int, ...]):
    """The shape of a tensor: a tuple of extents that also counts the elements.

    Example:
        >>> import rutile as rt
        >>> rt.zeros(2, 3).shape
        rutile.Size([2, 3])
        >>> rt.zeros(2, 3).shape.numel()
        6
    """

    __slots__ = ()

    def numel(self) -> int:
        """The number of elements."""
        return math.prod(self)

    def __repr__(self) -> str:
        return f"rutile.Size([{', '.join(map(str, self))}])"

    @overload
    def __getitem__(self, index: SupportsIndex) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Size: ...
    def __getitem__(self, index: SupportsIndex | slice) -> int | Size:
        item = _item(self, index)
        return Size(item) if isinstance(item, tuple) else item

    def __add__(self, other: tuple[int, ...]) -> Size:  # type: ignore[override]
        return Size(super().__add__(tuple(other)))
