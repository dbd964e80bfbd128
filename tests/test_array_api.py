"""The array API standard: the same calls on `rutile.array_api` and on NumPy, which follows the standard from 2.0 on."""

import numpy as np
import pytest
import rutile as rt
from rutile import array_api as xp

pytestmark = pytest.mark.skipif(
    np.lib.NumpyVersion(np.__version__) < "2.1.0", reason="NumPy follows the standard from 2.1 on"
)

RNG = np.random.default_rng(0)
F = RNG.normal(size=(3, 4))
P = np.abs(F) + 0.1
I = np.array([[3, -1, 2, 3], [0, 5, 2, -4], [1, 1, 1, 0]])  # noqa: E741
B = np.array([[True, False, True, True], [False, False, True, False], [True, True, True, True]])
V = np.array([2.0, -1.0, 0.5])
S = RNG.normal(size=(3, 3)) + 3 * np.eye(3)

UNARY = {
    "abs acos asin atan ceil cos cosh exp expm1 floor isfinite isinf isnan negative positive real": np.clip(
        F, -0.9, 0.9
    ),
    "round sign signbit sin sinh square tan tanh trunc": np.clip(F, -0.9, 0.9),
    "log log1p log2 log10 sqrt reciprocal asinh": P,
    "acosh": P + 1,
    "atanh": np.clip(F, -0.9, 0.9),
    "bitwise_invert sign square abs negative": I,
    "logical_not": B,
    "conj": F,
}
BINARY = {
    "add subtract multiply divide maximum minimum equal not_equal less less_equal greater greater_equal": (F, P),
    "atan2 copysign hypot logaddexp nextafter": (F, P),
    "floor_divide remainder pow": (P, P + 1),
    "bitwise_and bitwise_or bitwise_xor floor_divide remainder": (I, np.full_like(I, 3)),
    "bitwise_left_shift bitwise_right_shift": (np.abs(I), np.full_like(I, 2)),
    "logical_and logical_or logical_xor": (B, ~B),
}
CALLS = [
    *((name, (x,), {}) for names, x in UNARY.items() for name in names.split()),
    *((name, pair, {}) for names, pair in BINARY.items() for name in names.split()),
    *(
        (name, (x,), {"axis": axis, "keepdims": keepdims})
        for name in ("sum", "mean", "max", "min", "prod", "std", "var", "all", "any", "count_nonzero")
        for x in (F, RNG.normal(size=(2, 3, 4)))
        for axis in (None, 0, -1, (0, 1))
        for keepdims in (False, True)
    ),
    *(
        (name, (F,), {"axis": axis, "keepdims": k})
        for name in ("argmax", "argmin")
        for axis in (None, 1)
        for k in (0, 1)
    ),
    ("std", (F,), {"correction": 1}),
    ("var", (F,), {"axis": 1, "correction": 1}),
    ("sum", (I,), {"dtype": "float64"}),
    ("cumulative_sum", (F,), {"axis": 1}),
    ("cumulative_sum", (V,), {"include_initial": True}),
    ("cumulative_prod", (F,), {"axis": 0, "include_initial": True}),
    ("diff", (F,), {}),
    ("diff", (F,), {"axis": 0, "n": 2}),
    ("sort", (F,), {"axis": 0}),
    ("argsort", (F,), {}),
    ("searchsorted", (np.sort(V), V), {"side": "right"}),
    ("unique_counts", (I,), {}),
    ("unique_inverse", (I,), {}),
    ("unique_all", (I,), {}),
    ("isin", (I, np.array([1, 2])), {}),
    ("nonzero", (I,), {}),
    ("where", (B, F, P), {}),
    ("take", (F, np.array([1, -1])), {"axis": 1}),
    ("take", (V, np.array([0, 0])), {}),
    ("take_along_axis", (F, np.array([[0, 1, -1]] * 3)), {}),
    ("concat", ([F, P],), {"axis": 1}),
    ("concat", ([F, V],), {"axis": None}),
    ("stack", ([F, P],), {"axis": -1}),
    ("unstack", (F,), {"axis": 1}),
    ("expand_dims", (F,), {"axis": 1}),
    ("squeeze", (F[:, :1],), {"axis": 1}),
    ("permute_dims", (F, (1, 0)), {}),
    ("moveaxis", (F, 0, 1), {}),
    ("matrix_transpose", (F,), {}),
    ("reshape", (F, (2, 6)), {}),
    ("flip", (F,), {}),
    ("flip", (F,), {"axis": 1}),
    ("roll", (F, 2), {}),
    ("roll", (F, (1, 2)), {"axis": (0, 1)}),
    ("repeat", (F, 2), {}),
    ("repeat", (F, np.array([1, 0, 2])), {"axis": 0}),
    ("tile", (F, (2, 1)), {}),
    ("broadcast_to", (V, (2, 3)), {}),
    ("broadcast_arrays", (V, F[:, :1]), {}),
    ("broadcast_shapes", ((2, 1), (3,)), {}),
    ("matmul", (S, F), {}),
    ("tensordot", (F, F), {"axes": ((0, 1), (0, 1))}),
    ("tensordot", (S, F), {"axes": 1}),
    ("vecdot", (F, F[0]), {}),
    ("arange", (5,), {}),
    ("arange", (5, 1), {}),
    ("arange", (1.0, 2.0, 0.3), {"dtype": "float64"}),
    ("linspace", (0, 1, 5), {"endpoint": False, "dtype": "float64"}),
    ("eye", (3, 4), {"k": 1, "dtype": "float64"}),
    ("eye", (2,), {"k": -5, "dtype": "int64"}),
    ("zeros", (3,), {"dtype": "int32"}),
    ("ones", ((2, 3),), {"dtype": "float32"}),
    ("full", ((2,), 7), {}),
    ("tril", (F,), {"k": 1}),
    ("triu", (F,), {"k": -1}),
    ("meshgrid", (V, V[:2]), {}),
    ("clip", (F, -0.5, 0.5), {}),
    ("astype", (F, "int32"), {}),
    ("can_cast", ("int32", "int64"), {}),
    ("can_cast", ("int64", "int32"), {}),
    ("isdtype", ("int32", "integral"), {}),
    ("isdtype", ("float32", ("bool", "real floating")), {}),
    ("result_type", ("int32", "float32", F), {}),
    ("linalg.det", (S,), {}),
    ("linalg.inv", (S,), {}),
    ("linalg.solve", (S, V), {}),
    ("linalg.cholesky", (S @ S.T,), {}),
    ("linalg.cholesky", (S @ S.T,), {"upper": True}),
    ("linalg.cross", (V, S[0]), {}),
    ("linalg.diagonal", (F,), {"offset": 1}),
    ("linalg.eigvalsh", (S + S.T,), {}),
    ("linalg.matrix_norm", (F,), {}),
    ("linalg.matrix_norm", (F,), {"ord": 2, "keepdims": True}),
    ("linalg.matrix_power", (S, 3), {}),
    ("linalg.matrix_rank", (F,), {}),
    ("linalg.matrix_transpose", (F,), {}),
    ("linalg.outer", (V, V), {}),
    ("linalg.pinv", (F,), {}),
    ("linalg.slogdet", (S,), {}),
    ("linalg.svdvals", (F,), {}),
    ("linalg.trace", (F,), {"offset": 1}),
    ("linalg.vector_norm", (F,), {}),
    ("linalg.vector_norm", (F,), {"axis": 0, "ord": 1}),
    ("linalg.vecdot", (F, F), {}),
]
NAMES = {"int32", "int64", "float32", "float64"}


def on(library, value):
    if isinstance(value, np.ndarray):
        return value if library is np else rt.tensor(value)
    if isinstance(value, str) and value in NAMES:
        return getattr(library, value)
    if isinstance(value, (list, tuple)):
        return type(value)(on(library, one) for one in value)
    return value


def call(library, name, args, kwargs):
    function = library
    for part in name.split("."):
        function = getattr(function, part)
    return function(*on(library, args), **{key: on(library, value) for key, value in kwargs.items()})


def same(ours, theirs):
    if isinstance(theirs, (tuple, list)):
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs, strict=True):
            same(a, b)
    elif isinstance(theirs, (np.ndarray, np.generic)):
        assert str(ours.dtype).split(".")[-1] == str(theirs.dtype)
        assert tuple(ours.shape) == theirs.shape
        np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-10, atol=1e-12)
    else:
        assert str(ours).split(".")[-1] == str(theirs)


@pytest.mark.parametrize(("name", "args", "kwargs"), CALLS, ids=[f"{c[0]}-{i}" for i, c in enumerate(CALLS)])
def test_functions_as_in_numpy(name, args, kwargs):
    same(call(xp, name, args, kwargs), call(np, name, args, kwargs))


def test_code_for_any_array_library():
    def standardise(x):
        space = x.__array_namespace__()
        return (x - space.mean(x, axis=0, keepdims=True)) / space.std(x, axis=0, keepdims=True)

    np.testing.assert_allclose(standardise(rt.tensor(F)).numpy(), standardise(F))
    x = rt.tensor(F, requires_grad=True)
    standardise(x).square().sum().backward()
    assert x.grad is not None
    assert x.__array_namespace__(api_version="2023.12") is xp
    with pytest.raises(ValueError, match="api_version"):
        x.__array_namespace__(api_version="1999.1")
    assert x.to_device("cpu") is x


def test_the_namespace_is_complete():
    strict = pytest.importorskip("array_api_strict")
    own = {"set_array_api_strict_flags", "get_array_api_strict_flags", "reset_array_api_strict_flags", "Device"}
    own |= {"ArrayAPIStrictFlags", "uint16", "uint32", "uint64", "fft"}
    assert not [name for name in strict.__all__ if name not in own and name[:2] != "__" and not hasattr(xp, name)]
    assert not [name for name in strict.linalg.__all__ if not hasattr(xp.linalg, name)]


def test_order_and_sets():
    x = rt.tensor(I)
    assert xp.unique_values(x).tolist() == sorted(set(I.flatten().tolist()))
    values, first, inverse, counts = xp.unique_all(x)
    assert rt.equal(values[inverse], x)
    assert rt.equal(x.flatten()[first], values)
    assert counts.sum().item() == x.numel()
    assert xp.sort(x, axis=0, descending=True).tolist() == np.sort(I, axis=0)[::-1].tolist()
    assert xp.argsort(x, descending=True, stable=True)[0].tolist() == [0, 3, 2, 1]


def test_info():
    info = xp.__array_namespace_info__()
    assert info.default_dtypes()["integral"] is rt.int64
    assert set(info.dtypes(kind="real floating")) == {"float32", "float64"}
    assert info.default_device() in info.devices()
    assert info.capabilities()["boolean indexing"]
