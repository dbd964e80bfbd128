"""The array API standard (2024.12) for tensors: what `x.__array_namespace__()` gives.

Code that is written for any array library asks an array for its functions and calls those by the standard's names and
arguments (`axis`, `keepdims`, `permute_dims`). Most are the functions of `rutile`; here are the ones that differ.

    def standardise(x):
        xp = x.__array_namespace__()
        return (x - xp.mean(x, axis=0)) / xp.std(x, axis=0)

Not as in the standard: `x.size` is PyTorch's method (use `math.prod(x.shape)`), and there are no uint16, uint32 and
uint64. Source: <https://data-apis.org/array-api/2024.12/>.
"""

from __future__ import annotations

from typing import Any

import rutile as _rt

from . import linalg as linalg
from ._create import *  # noqa: F403
from ._order import *  # noqa: F403
from ._reduce import *  # noqa: F403
from ._shape import *  # noqa: F403

__array_api_version__ = "2024.12"

# These are what the standard says as they are.
_NAMES = """e inf nan pi newaxis bool int8 int16 int32 int64 uint8 float32 float64 complex64 complex128 abs acos acosh
add asin asinh atan atan2 atanh bitwise_and bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor ceil clip
copysign cos cosh divide exp expm1 floor floor_divide greater greater_equal hypot imag isfinite isinf isnan less
less_equal log log1p log2 log10 logaddexp logical_and logical_not logical_or logical_xor maximum minimum multiply
negative nextafter not_equal positive pow real reciprocal remainder round sign signbit sin sinh square sqrt subtract
tan tanh trunc matmul isin where broadcast_to broadcast_shapes from_dlpack finfo iinfo"""
_SAME = frozenset(_NAMES.split())


def __getattr__(name: str) -> Any:
    if name in _SAME:
        return getattr(_rt, name)
    if name == "fft":
        import importlib

        return importlib.import_module("rutile.fft")
    raise AttributeError(f"the array API has no {name!r}", name=name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_SAME})


def _check_version(version: str) -> None:
    known = ("2021.12", "2022.12", "2023.12", "2024.12")
    if version not in known:
        raise ValueError(f"__array_namespace__: api_version must be one of {', '.join(known)}, got {version!r}")


class _Info:
    """What `__array_namespace_info__()` tells."""

    def capabilities(self) -> dict[str, Any]:
        """Masks and results whose shape depends on values work; there is no limit on axes."""
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": None}

    def default_device(self) -> _rt.device:
        """The CPU."""
        return _rt.device("cpu")

    def devices(self) -> list[_rt.device]:
        """The CPU."""
        return [_rt.device("cpu")]

    def default_dtypes(self, *, device: Any = None) -> dict[str, _rt.dtype]:
        """What functions that make tensors choose."""
        real = _rt.get_default_dtype()
        return {
            "real floating": real,
            "complex floating": real.to_complex(),
            "integral": _rt.int64,
            "indexing": _rt.int64,
        }

    def dtypes(self, *, device: Any = None, kind: Any = None) -> dict[str, _rt.dtype]:
        """The dtypes of the standard, all or of one kind."""
        names = [name for name in _SAME if isinstance(getattr(_rt, name), _rt.dtype)]
        every = {name: getattr(_rt, name) for name in sorted(names)}
        return {name: kind_ for name, kind_ in every.items() if kind is None or isdtype(kind_, kind)}  # noqa: F405


def __array_namespace_info__() -> _Info:  # noqa: N807 - the standard's name
    """What the library has: `info.dtypes()`, `info.devices()`, ..."""
    return _Info()
