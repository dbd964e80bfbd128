"""Storages: the memory that a tensor and its views share.

A storage is a window on that memory, made when it is asked for: two storages of one tensor are different objects with
one `data_ptr()`. It keeps the memory alive as a tensor does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from . import _rutile
from ._rutile import Tensor, dtype

__all__ = ["TypedStorage", "UntypedStorage"]


class _Storage:
    """What both views of the memory have: `_elements`, a tensor with one axis, covers all of it."""

    _elements: Tensor

    def data_ptr(self) -> int:
        """The address of the first element."""
        return self._elements.data_ptr()

    def nbytes(self) -> int:
        """The number of bytes."""
        return self.size() * self.element_size()

    def size(self) -> int:
        """The number of elements; of untyped storages, of bytes."""
        return self._elements.numel()

    def element_size(self) -> int:
        """Bytes per element; 1 of untyped storages."""
        return self._elements.element_size()

    @property
    def device(self) -> _rutile.device:
        """The CPU."""
        return _rutile.device("cpu")

    def tolist(self) -> list[Any]:
        """The elements as numbers."""
        return list(self._elements.tolist())

    def is_pinned(self) -> bool:
        """False: memory is the host's, but not locked."""
        return False

    def is_shared(self) -> bool:
        """False: memory belongs to one process."""
        return False

    def __len__(self) -> int:
        return self.size()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.tolist())


class UntypedStorage(_Storage):
    """The bytes that a tensor and its views share: `x.untyped_storage()`.

    >>> x = rt.ones(2, 3)
    >>> storage = x.untyped_storage()
    >>> storage.nbytes(), storage.data_ptr() == x[1].untyped_storage().data_ptr()
    (24, True)
    """

    def __init__(self, data: int | Tensor = 0) -> None:
        self._elements = data if isinstance(data, Tensor) else _rutile.zeros(data, dtype=_rutile.uint8)

    def resize_(self, size: int) -> UntypedStorage:
        """Refused, unless nothing changes: tensors hold on to their memory."""
        if size != self.nbytes():
            raise RuntimeError(
                f"resize_: a storage of {self.nbytes()} bytes can't become one of {size}: tensors hold on to their "
                "memory; resize_() the tensor, or let go of it to free memory"
            )
        return self

    def clone(self) -> UntypedStorage:
        """The same bytes in memory of their own."""
        return UntypedStorage(self._elements.clone())

    def copy_(self, source: UntypedStorage, non_blocking: bool = False) -> UntypedStorage:
        """Writes the bytes of `source`, which has as many."""
        self._elements.copy_(source._elements)
        return self

    def fill_(self, value: int) -> UntypedStorage:
        """Writes one value to every byte."""
        self._elements.fill_(value)
        return self

    def cpu(self) -> UntypedStorage:
        """The storage itself: it is on the CPU."""
        return self

    def __getitem__(self, at: int | slice) -> Any:
        return UntypedStorage(self._elements[at]) if isinstance(at, slice) else int(self._elements[at])

    def __setitem__(self, at: int | slice, value: int) -> None:
        self._elements[at] = value

    def __repr__(self) -> str:
        return f"[rutile.storage.UntypedStorage(device=cpu) of size {self.nbytes()}]"


class TypedStorage(_Storage):
    """The elements that a tensor and its views share: `x.storage()`. Old; prefer `untyped_storage()`."""

    def __init__(self, untyped: UntypedStorage, dtype: dtype) -> None:
        self._untyped = untyped
        self._elements = untyped._elements.view(dtype)
        self.dtype = dtype

    def untyped(self) -> UntypedStorage:
        """The same memory as bytes."""
        return self._untyped

    def resize_(self, size: int) -> TypedStorage:
        """Refused, unless nothing changes: tensors hold on to their memory."""
        self._untyped.resize_(size * self.element_size())
        return self

    def fill_(self, value: float) -> TypedStorage:
        """Writes one value to every element."""
        self._elements.fill_(value)
        return self

    def __getitem__(self, at: int) -> Any:
        return self._elements[at].item()

    def __setitem__(self, at: int | slice, value: float) -> None:
        self._elements[at] = value

    def __repr__(self) -> str:
        return f"[rutile.storage.TypedStorage(dtype={self.dtype}, device=cpu) of size {self.size()}]"
