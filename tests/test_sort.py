"""Sorting, ranks and searching beyond the samples: ties, NaN, infinities, long rows, all dtypes."""

import numpy as np
import pytest
import rutile as rt
from hypothesis import given, settings
from hypothesis import strategies as st
from rutile.autograd import gradcheck, gradgradcheck
from samples import FLOATS, INTS, RUTILE, assert_same, numbers, torch_library

INF, NAN = float("inf"), float("nan")
DTYPES = [*FLOATS, *INTS, "bool"]
SPECIAL = [0.0, -0.0, NAN, 1.0, -INF, INF, -1.0, NAN, 0.0, 1.0, -1e-40, 1e-40, 3.0]


def data_of(dtype, shape, seed=0, ties=True):
    """Few different numbers, so that there are ties; floats with NaN and infinities."""
    rng = np.random.default_rng(seed)
    if dtype in FLOATS:
        return rng.choice(SPECIAL, shape) if ties else rng.standard_normal(shape)
    if dtype == "bool":
        return rng.random(shape) < 0.5
    low, high = (0 if dtype == "uint8" else -5), 6
    return rng.integers(low, high, shape).astype(dtype)


def plain(x):
    return RUTILE.tensor(x.astype(np.float64) if x.dtype.kind == "f" else x)


# ---- sorting ----


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
def test_sort_is_stable_and_puts_nan_last(torch, dtype, descending):
    for shape, dim in (((40,), 0), ((5, 30), 1), ((30, 5), 0), ((2, 9, 4), -2)):
        data = data_of(dtype, shape)
        ours = rt.sort(RUTILE.tensor(data, dtype), dim, descending)
        theirs = torch.sort(torch_library(torch).tensor(data, dtype), dim=dim, descending=descending, stable=True)
        assert_same(ours, theirs, 0)
        indices = rt.argsort(RUTILE.tensor(data, dtype), dim, descending, stable=True)
        assert indices.tolist() == theirs.indices.tolist()


@pytest.mark.parametrize("length", [1535, 1537, 5000, 131_073, 200_000])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "int64", "int16", "float16", "uint8"])
def test_long_rows_digit_by_digit(dtype, length):
    rng = np.random.default_rng(length)
    if dtype.startswith("float"):
        data = rng.standard_normal(length).astype(dtype)
        data[:: length // 7] = NAN
        data[3 :: length // 9] = -0.0
        data[4 :: length // 9] = 0.0
    else:
        info = np.iinfo(dtype)
        data = rng.integers(info.min, info.max, length, dtype, endpoint=True)
    for descending in (False, True):
        values, indices = rt.from_numpy(data).sort(descending=descending)
        key = np.where(np.isnan(data), np.float64(INF), data) if data.dtype.kind == "f" else data.astype(object)
        rank = np.isnan(data).astype(int) if data.dtype.kind == "f" else np.zeros(length, int)
        order = sorted(range(length), key=lambda i: (rank[i], key[i]), reverse=False)
        if descending:  # stable: ties stay in ascending order of their places
            order = sorted(range(length), key=lambda i: (-rank[i], -key[i]))
        assert indices.tolist() == order
        assert values.numpy().tobytes() == data[order].tobytes()


def test_sorting_has_the_same_bits_on_any_number_of_threads():
    before = rt.get_num_threads()
    x = rt.from_numpy(np.random.default_rng(4).integers(0, 1000, 300_000))
    try:
        results = []
        for threads in (1, 3):
            rt.set_num_threads(threads)
            results.append([*x.sort(), *x.topk(100), *x.reshape(300, 1000).sort(0)])
        for a, b in zip(*results, strict=True):
            assert rt.equal(a, b)
    finally:
        rt.set_num_threads(before)


@pytest.mark.parametrize("largest", [True, False])
@pytest.mark.parametrize("dtype", DTYPES)
def test_topk_is_the_head_of_sort(dtype, largest):
    for shape, dim, k in (((50,), 0, 7), ((4, 40), 1, 40), ((40, 4), 0, 3), ((3, 7), 1, 0), ((300_000,), 0, 1000)):
        x = RUTILE.tensor(data_of(dtype, shape), dtype)
        values, indices = x.topk(k, dim, largest)
        expected = x.sort(dim, descending=largest)
        np.testing.assert_array_equal(indices.tolist(), expected.indices.narrow(dim, 0, k).tolist())
        np.testing.assert_array_equal(numbers(values), numbers(expected.values.narrow(dim, 0, k)))


@pytest.mark.parametrize("dtype", DTYPES)
def test_kthvalue_median_and_mode(torch, dtype):
    for shape, dim in (((9,), 0), ((5, 8), 1), ((8, 5), 0)):
        data = data_of(dtype, shape, 3)
        x, y = RUTILE.tensor(data, dtype), torch_library(torch).tensor(data, dtype)
        for k in (1, 3, shape[dim]):
            try:
                expected = torch.kthvalue(y, k, dim).values
            except RuntimeError:
                expected = torch.sort(y, dim).values.select(dim, k - 1)
            values, indices = rt.kthvalue(x, k, dim)
            assert_same(values, expected, 0)
            np.testing.assert_array_equal(numbers(x.gather(dim, indices.unsqueeze(dim)).squeeze(dim)), numbers(values))
        for name in ("median", "nanmedian"):
            if dtype == "bool":
                continue
            values, indices = getattr(rt, name)(x, dim, keepdim=True)
            assert_same(values, getattr(torch, name)(y, dim, keepdim=True).values, 0)
            np.testing.assert_array_equal(numbers(x.gather(dim, indices)), numbers(values))
            assert_same(getattr(rt, name)(x), getattr(torch, name)(y), 0)
        if dtype not in FLOATS:  # how often NaN occurs is a matter of taste
            values, indices = rt.mode(x, dim)
            assert_same(values, torch.mode(y, dim).values, 0)
            np.testing.assert_array_equal(numbers(x.gather(dim, indices.unsqueeze(dim)).squeeze(dim)), numbers(values))


def test_mode_takes_the_smallest_of_the_most_frequent_and_its_last_place():
    values, indices = rt.mode(rt.tensor([[3, 1, 3, 1, 2], [0, 5, 5, 5, 0]]))
    assert values.tolist() == [1, 5]
    assert indices.tolist() == [3, 3]


def test_gradients_with_ties_as_in_pytorch(torch):
    data = [[1.0, 3.0, 3.0, 2.0], [2.0, 2.0, 2.0, 0.0]]
    calls = [
        lambda m, x: m.sort(x, dim=1, stable=True).values,
        lambda m, x: m.median(x),
        lambda m, x: m.nanmedian(x),
        lambda m, x: m.msort(x),
    ]
    for call in calls:
        results = []
        for module in (rt, torch):
            x = module.tensor(data, dtype=module.float64, requires_grad=True)
            y = call(module, x)
            weights = module.linspace(1, 2, y.numel(), dtype=module.float64).reshape(y.shape)
            (y * weights).sum().backward()
            results.append(x.grad)
        assert_same(*results, 4)


def test_second_derivatives():
    x = rt.tensor([[3.0, 1.0, 2.0], [0.5, 2.5, 1.5]], dtype=rt.float64, requires_grad=True)
    for function in (
        lambda x: x.sort(1).values ** 3,
        lambda x: x.topk(2, 0).values ** 3,
        lambda x: x.kthvalue(2, 1).values ** 3,
        lambda x: x.median() ** 3,
    ):
        assert gradcheck(function, x)
        assert gradgradcheck(function, x)


def test_named_results():
    result = rt.tensor([2.0, 1.0]).sort()
    assert result._fields == ("values", "indices")
    assert rt.aminmax(rt.tensor([2.0, 1.0]))._fields == ("min", "max")
    out = (rt.empty(0), rt.empty(0, dtype=rt.int64))
    assert rt.sort(rt.tensor([2.0, 1.0]), out=out) is not None
    assert out[0].tolist() == [1.0, 2.0]
    assert out[1].tolist() == [1, 0]


# ---- searching ----


@pytest.mark.parametrize("right", [False, True])
@pytest.mark.parametrize("dtype", [*FLOATS, *INTS])
def test_searchsorted_and_bucketize(torch, dtype, right):
    rng = np.random.default_rng(7)
    rows = np.sort(rng.integers(0, 9, (3, 12)), -1).astype(np.float64 if dtype in FLOATS else dtype)
    values = rng.integers(0, 11, (3, 5)).astype(rows.dtype)
    if dtype in FLOATS:
        values[0, 0], values[1, 1], values[2, 2] = NAN, INF, -INF
    for sequence, wanted in ((rows, values), (rows[0], values), (rows[1], values.reshape(5, 3)[:, :1])):
        ours = [RUTILE.tensor(array, dtype) for array in (sequence, wanted)]
        theirs = [torch_library(torch).tensor(array, dtype) for array in (sequence, wanted)]
        try:
            expected = torch.searchsorted(*theirs, right=right)
        except RuntimeError:
            expected = torch.searchsorted(*[t.float() for t in theirs], right=right)
        assert_same(rt.searchsorted(*ours, right=right), expected, 0)
        side = "right" if right else "left"
        assert_same(rt.searchsorted(*ours, side=side, out_int32=True), expected.int(), 0)
        if sequence.ndim == 1:
            assert_same(rt.bucketize(ours[1], ours[0], right=right), expected, 0)


def test_searchsorted_of_numbers_and_through_a_sorter(torch):
    data = np.array([5.0, 1.0, 3.0, 3.0])
    x, y = rt.tensor(data), torch.tensor(data)
    assert rt.searchsorted(rt.tensor([1.0, INF, NAN, NAN]), rt.tensor([INF, 2.0, NAN])).tolist() == [1, 1, 4]
    for value in (3, 3.5, -1, True):
        ours = rt.searchsorted(x, value, sorter=rt.argsort(x))
        assert_same(ours, torch.searchsorted(y, value, sorter=torch.argsort(y)), 0)
    assert rt.bucketize(2.5, rt.tensor([1, 2, 3])).item() == 2
    assert rt.searchsorted(rt.tensor([1, 2, 3]), 2.5).item() == torch.searchsorted(torch.tensor([1, 2, 3]), 2.5).item()


@pytest.mark.parametrize("dtype", DTYPES)
def test_isin(torch, dtype):
    for shape in ((7,), (3, 4), ()):
        elements, test = data_of(dtype, shape, 1), data_of(dtype, (4,), 2)
        for invert in (False, True):
            x, y = RUTILE.tensor(elements, dtype), RUTILE.tensor(test, dtype)
            expected = np.isin(numbers(x), numbers(y), invert=invert)
            np.testing.assert_array_equal(rt.isin(x, y, invert=invert).tolist(), expected)
    assert rt.isin(2, rt.tensor([1, 2])).item() is True
    assert rt.isin(rt.tensor([1, 2]), 2.0).tolist() == [False, True]


# ---- equal elements ----


@pytest.mark.parametrize("dtype", DTYPES)
def test_unique(torch, dtype):
    for shape in ((30,), (4, 6), (0,), ()):
        data = data_of(dtype, shape, 5)
        ours, theirs = RUTILE.tensor(data, dtype), torch_library(torch).tensor(data, dtype)
        if not np.isnan(data.astype(float)).any():
            assert_same(rt.unique(ours, True, True, True), torch.unique(theirs, True, True, True), 0)
            assert_same(ours.unique(), theirs.unique(), 0)
            assert_same(ours.unique_consecutive(True, True), theirs.unique_consecutive(True, True), 0)
        values, inverse, counts = rt.unique(ours, return_inverse=True, return_counts=True)
        assert int(counts.sum()) == data.size
        np.testing.assert_array_equal(numbers(values[inverse]), numbers(ours))


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_unique_slices(torch, dim):
    data = np.random.default_rng(1).integers(0, 2, (6, 5, 2))
    for x, y in ((rt.tensor(data), torch.tensor(data)), (rt.tensor(data * 0.5), torch.tensor(data * 0.5))):
        ours = rt.unique(x, return_inverse=True, return_counts=True, dim=dim)
        assert_same(ours, torch.unique(y, return_inverse=True, return_counts=True, dim=dim), 0)
        ours = rt.unique_consecutive(x, return_inverse=True, return_counts=True, dim=dim)
        assert_same(ours, torch.unique_consecutive(y, return_inverse=True, return_counts=True, dim=dim), 0)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(width=32), max_size=40), st.booleans())
def test_any_floats_sort_as_numpy_does(numbers, descending):
    data = np.array(numbers, np.float32)
    values, indices = rt.from_numpy(data).sort(descending=descending)
    expected = np.sort(data)  # NaN last
    np.testing.assert_array_equal(values.numpy(), expected[::-1] if descending else expected)
    np.testing.assert_array_equal(data[indices.numpy()], values.numpy())


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: rt.sort(rt.ones(2), 1), IndexError, "range"),
        (lambda: rt.topk(rt.ones(2), 3), RuntimeError, "k out of range: k is 3"),
        (lambda: rt.topk(rt.ones(2), -1), RuntimeError, "out of range"),
        (lambda: rt.kthvalue(rt.ones(2), 0), RuntimeError, "out of range"),
        (lambda: rt.kthvalue(rt.ones(0), 1), IndexError, "non-zero size"),
        (lambda: rt.median(rt.ones(2, 0), 1), IndexError, "non-zero size"),
        (lambda: rt.mode(rt.ones(0)), IndexError, "non-zero size"),
        (lambda: rt.searchsorted(rt.ones(2), rt.ones(2, dtype=rt.float64)), RuntimeError, "same dtype"),
        (lambda: rt.searchsorted(rt.ones(2, 2), rt.ones(3, 2)), RuntimeError, "must match"),
        (lambda: rt.searchsorted(rt.tensor(1.0), rt.ones(2)), RuntimeError, "positive dimension"),
        (lambda: rt.searchsorted(rt.ones(2), rt.ones(2), side="up"), RuntimeError, "'left' or 'right'"),
        (lambda: rt.searchsorted(rt.ones(2), rt.ones(2), side="left", right=True), RuntimeError, "opposites"),
        (lambda: rt.searchsorted(rt.ones(2), rt.ones(2), sorter=rt.tensor([0, 2])), IndexError, "out of range"),
        (lambda: rt.searchsorted(rt.ones(2), rt.ones(2), sorter=rt.tensor([0])), RuntimeError, "same size"),
        (lambda: rt.bucketize(rt.ones(2), rt.ones(2, 2)), RuntimeError, "1 dimension"),
        (lambda: rt.unique(rt.ones(2, 0), dim=0), RuntimeError, "0 sized"),
        (lambda: rt.unique(rt.ones(2), dim=1), IndexError, "range"),
    ],
)
def test_errors(call, error, message):
    with pytest.raises(error, match=message):
        call()
