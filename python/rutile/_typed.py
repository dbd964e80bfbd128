"""Constructors of one dtype each, as old PyTorch code has them, and the limits of dtypes."""

from __future__ import annotations

import math
from typing import Any

from . import _rutile
from ._rutile import Tensor, dtype
from ._size import Size

# Bits of the mantissa that are stored, and the largest exponent.
_FLOATS = {
    _rutile.float16: (10, 15),
    _rutile.bfloat16: (7, 127),
    _rutile.float32: (23, 127),
    _rutile.float64: (52, 1023),
}


class _Typed(type):
    """The class of `LongTensor` and its like: calling one makes a tensor, `isinstance` asks for the dtype."""

    dtype: _rutile.dtype

    def __new__(mcs, name: str, of: _rutile.dtype) -> _Typed:
        made = super().__new__(mcs, name, (), {"__module__": "rutile", "__doc__": mcs.__init__.__doc__})
        made.dtype = of
        return made

    def __init__(cls, name: str, of: _rutile.dtype) -> None:
        """A tensor of this dtype: a copy of data (a list, an array, a tensor), or uninitialised, from sizes.

        `isinstance(x, rutile.LongTensor)` is whether `x` is a tensor of that dtype.
        """

    def __call__(cls, *data: Any) -> Tensor:
        if len(data) == 1 and not isinstance(data[0], int | Size):
            if isinstance(data[0], Tensor):
                return data[0].detach().to(cls.dtype, copy=True)
            return _rutile.tensor(data[0], dtype=cls.dtype)
        return _rutile.empty(*(data or (0,)), dtype=cls.dtype)

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, Tensor) and instance.dtype == cls.dtype


HalfTensor = _Typed("HalfTensor", _rutile.float16)
BFloat16Tensor = _Typed("BFloat16Tensor", _rutile.bfloat16)
FloatTensor = _Typed("FloatTensor", _rutile.float32)
DoubleTensor = _Typed("DoubleTensor", _rutile.float64)
BoolTensor = _Typed("BoolTensor", _rutile.bool)
ByteTensor = _Typed("ByteTensor", _rutile.uint8)
CharTensor = _Typed("CharTensor", _rutile.int8)
ShortTensor = _Typed("ShortTensor", _rutile.int16)
IntTensor = _Typed("IntTensor", _rutile.int32)
LongTensor = _Typed("LongTensor", _rutile.int64)


class finfo:  # noqa: N801 - PyTorch's name
    """Limits of a float dtype (IEEE 754; `bfloat16` with 7 stored bits of mantissa), or of the parts of a complex one.

    Attributes: `bits`, `eps` (the distance from 1 to the next number), `max`, `min`, `tiny` and `smallest_normal` (the
    smallest positive normal number), `resolution` (the last decimal digit that numbers around 1 keep), `dtype` (its
    name).

    Args:
        type: the dtype; by default the default dtype.

    Raises:
        TypeError: for other dtypes.

    Example:
        >>> rt.finfo(rt.float32).eps
        1.1920928955078125e-07
    """

    def __init__(self, type: dtype | None = None) -> None:
        of = _rutile.get_default_dtype() if type is None else type
        if of.to_real() not in _FLOATS:
            raise TypeError(f"finfo: wants a float dtype, got {of}; iinfo describes integers")
        stored, largest = _FLOATS[of.to_real()]
        self.dtype = str(of.to_real()).rpartition(".")[2]
        self.bits = 8 * of.to_real().itemsize
        self.eps = 2.0**-stored
        self.max = (2.0 - self.eps) * 2.0**largest
        self.min = -self.max
        self.tiny = self.smallest_normal = 2.0 ** (1 - largest)
        self.resolution = float(f"1e-{math.floor(stored * math.log10(2))}")

    def __repr__(self) -> str:
        names = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")
        values = ", ".join(f"{name}={getattr(self, name):g}" for name in names)
        return f"finfo({values}, dtype={self.dtype})"


class iinfo:  # noqa: N801 - PyTorch's name
    """Limits of an integer dtype: `bits`, `min`, `max`, `dtype` (its name).

    Args:
        type: the dtype.

    Raises:
        TypeError: for other dtypes.

    Example:
        >>> rt.iinfo(rt.uint8).max
        255
    """

    def __init__(self, type: dtype) -> None:
        if not isinstance(type, dtype) or type in _FLOATS or type == _rutile.bool or type.is_complex:
            raise TypeError(f"iinfo: wants an integer dtype, got {type}; finfo describes floats")
        self.dtype = str(type).rpartition(".")[2]
        self.bits = 8 * type.itemsize
        sign = 1 if type.is_signed else 0
        self.max = 2 ** (self.bits - sign) - 1
        self.min = -(2 ** (self.bits - 1)) if sign else 0

    def __repr__(self) -> str:
        return f"iinfo(min={self.min}, max={self.max}, dtype={self.dtype})"
