"""Names for annotations, as in `torch.types`."""

from __future__ import annotations

import os
from typing import IO, Any, TypeAlias

from ._rutile import Tensor, device, dtype

__all__ = ["Device", "FileLike", "Number", "Tensor", "device", "dtype"]

Number: TypeAlias = int | float | bool
Device: TypeAlias = device | str | int | None
FileLike: TypeAlias = str | os.PathLike[str] | IO[bytes]
_int, _float, _bool, _dtype, _device = int, float, bool, dtype, device
_size: TypeAlias = Any
