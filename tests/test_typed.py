"""Constructors of one dtype each, and the limits of dtypes, against NumPy and PyTorch."""

import numpy as np
import pytest
import rutile as rt

NAMES = {
    "HalfTensor": "float16",
    "BFloat16Tensor": "bfloat16",
    "FloatTensor": "float32",
    "DoubleTensor": "float64",
    "BoolTensor": "bool",
    "ByteTensor": "uint8",
    "CharTensor": "int8",
    "ShortTensor": "int16",
    "IntTensor": "int32",
    "LongTensor": "int64",
}


@pytest.mark.parametrize(("name", "dtype"), NAMES.items())
def test_typed_constructors(name, dtype):
    made, dtype = getattr(rt, name), getattr(rt, dtype)
    x = made([[1, 0], [1, 1]])
    assert x.dtype == dtype
    assert x.tolist() == [[1, 0], [1, 1]]
    assert made(2, 3).shape == made(rt.Size([2, 3])).shape == (2, 3)
    assert made().shape == (0,)
    assert made((1, 0)).shape == (2,)
    assert made(np.ones(3)).dtype == dtype
    assert isinstance(x, made)
    assert isinstance(x, rt.Tensor)
    assert not isinstance([1], made)
    assert [isinstance(x, getattr(rt, other)) for other in NAMES].count(True) == 1


def test_a_typed_tensor_is_a_copy():
    x = rt.ones(2)
    y = rt.FloatTensor(x)
    y[0] = 5
    assert x.tolist() == [1, 1]


@pytest.mark.parametrize("name", ["float32", "float64", "float16"])
def test_limits_of_floats(name):
    ours, theirs = rt.finfo(getattr(rt, name)), np.finfo(name)  # its fields are rounded to the dtype
    assert ours.dtype == name
    for field in ("bits", "eps", "max", "min", "tiny", "smallest_normal", "resolution"):
        assert float(getattr(ours, field)) == pytest.approx(float(getattr(theirs, field)), rel=1e-3), field
    assert rt.finfo().dtype == "float32"
    assert rt.tensor(ours.max, dtype=getattr(rt, name)).isfinite().item()


@pytest.mark.parametrize(
    "name", ["bfloat16", "float16", "float32", "float64", "uint8", "int8", "int16", "int32", "int64"]
)
def test_limits_equal_torch(name):
    torch = pytest.importorskip("torch")
    kind = "finfo" if "float" in name else "iinfo"
    ours, theirs = (getattr(library, kind)(getattr(library, name)) for library in (rt, torch))
    fields = ("bits", "min", "max", "dtype", *(("eps", "tiny", "resolution") if kind == "finfo" else ()))
    assert [getattr(ours, f) for f in fields] == [getattr(theirs, f) for f in fields]
    assert ours.max < float("inf")


@pytest.mark.parametrize(("call", "dtype"), [(rt.finfo, rt.int64), (rt.finfo, rt.bool), (rt.iinfo, rt.float32)])
def test_limits_of_other_dtypes(call, dtype):
    with pytest.raises(TypeError, match=f"got rutile.{str(dtype).rpartition('.')[2]}|got torch"):
        call(dtype)
