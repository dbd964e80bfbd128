"""Scans beyond the samples: zeros, NaN and infinities, long rows, layouts, integers, threads."""

import itertools

import numpy as np
import pytest
import rutile as rt
from rutile.autograd import gradcheck, gradgradcheck
from samples import RUTILE, assert_same, torch_library

INF, NAN = float("inf"), float("nan")
SCANS = ("cumsum", "cumprod", "cummax", "cummin", "logcumsumexp")
SPECIAL = [
    [1.0, NAN, 2.0, 3.0, NAN, 0.0],
    [-INF, -INF, 0.0, 1.0, INF, 2.0],
    [0.0, INF, 1.0, -INF, 1.0, 1.0],
    [0.0, 0.0, -0.0, 2.0, 2.0, 1.0],
]


@pytest.mark.parametrize("name", SCANS)
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "bfloat16"])
def test_special_values_as_in_pytorch(torch, name, dtype):
    array = np.array(SPECIAL)
    for axis, data in ((1, array), (0, array.T)):
        ours = getattr(rt, name)(RUTILE.tensor(data, dtype), axis)
        theirs = getattr(torch, name)(torch_library(torch).tensor(data, dtype), axis)
        assert_same(ours, theirs, 2)


@pytest.mark.parametrize("name", [*SCANS, "diff", "trapezoid", "cumulative_trapezoid"])
@pytest.mark.parametrize("dtype", ["bool", "uint8", "int8", "int16", "int32", "int64"])
def test_integers_as_in_pytorch(torch, name, dtype):
    rng = np.random.default_rng(3)
    data = rng.integers(0, 50, (5, 7)).astype(dtype)
    if dtype == "bool" and "trapezoid" in name:
        pytest.skip("PyTorch does not integrate bools")
    for dim in (0, -1):
        args = {"dim": dim}
        try:
            theirs = getattr(torch, name)(torch_library(torch).tensor(data), **args)
        except (NotImplementedError, RuntimeError):
            with pytest.raises(rt.DTypeError):
                getattr(rt, name)(RUTILE.tensor(data), **args)
            continue
        assert_same(getattr(rt, name)(RUTILE.tensor(data), **args), theirs, 1)


@pytest.mark.parametrize("target", ["uint8", "int16", "int32", "float32", "float64"])
@pytest.mark.parametrize("name", ["cumsum", "cumprod"])
def test_dtype_converts_before_the_scan(torch, name, target):
    data = np.arange(1, 9)
    ours = getattr(rt, name)(RUTILE.tensor(data), 0, dtype=getattr(rt, target))
    assert_same(ours, getattr(torch, name)(torch.tensor(data), 0, dtype=getattr(torch, target)), 0)


@pytest.mark.parametrize("shape", [(1, 100_001), (3, 70_000), (300, 257), (257, 300), (4, 1000, 3), (1000, 130)])
@pytest.mark.parametrize("name", SCANS)
def test_long_and_wide_against_numpy(name, shape):
    """Whole tiles, tails, and rows that are cut into blocks; `cumsum` runs in both directions (its gradient)."""
    rng = np.random.default_rng(5)
    data = rng.uniform(-1, 1, shape) if name != "cumprod" else rng.choice([-1.0, 1.0, 1.0 + 2**-12], shape)
    scan = {
        "cumsum": np.cumsum,
        "cumprod": np.cumprod,
        "cummax": np.maximum.accumulate,
        "cummin": np.minimum.accumulate,
        "logcumsumexp": np.logaddexp.accumulate,
    }[name]
    for axis in range(len(shape)):
        x = rt.from_numpy(data).requires_grad_()
        result = getattr(rt, name)(x, axis)
        values = result[0] if isinstance(result, tuple) else result
        np.testing.assert_allclose(values.detach().numpy(), scan(data, axis), rtol=1e-9, atol=1e-9)
        if isinstance(result, tuple):
            at = result.indices.numpy()
            np.testing.assert_array_equal(np.take_along_axis(data, at, axis), values.detach().numpy())
        if name == "cumsum":
            weights = rng.uniform(-1, 1, shape)
            (gradient,) = rt.autograd.grad((values * rt.from_numpy(weights)).sum(), x)
            expected = np.flip(np.cumsum(np.flip(weights, axis), axis), axis)
            np.testing.assert_allclose(gradient.numpy(), expected, rtol=1e-9, atol=1e-9)


def test_float32_sums_are_accumulated_in_float64():
    x = rt.full((1_000_000,), 0.1)
    exact = np.cumsum(np.full(1_000_000, np.float32(0.1), np.float64))
    np.testing.assert_array_equal(x.cumsum(0).numpy(), exact.astype(np.float32))


@pytest.mark.parametrize("zeros", [[2], [0, 3], [0, 1, 2], [4]])
def test_derivatives_of_products_with_zeros(torch, zeros):
    data = np.random.default_rng(1).uniform(0.5, 1.5, (2, 5))
    data[:, zeros] = 0.0
    x = RUTILE.tensor(data).requires_grad_()
    assert gradcheck(lambda x: rt.cumprod(x, 1), x)
    assert gradgradcheck(lambda x: rt.cumprod(x, 1), x)
    y = torch.tensor(data, requires_grad=True)
    ours = rt.autograd.grad(rt.cumprod(x, 1).sum(), x)
    assert_same(ours, torch.autograd.grad(torch.cumprod(y, 1).sum(), y), 8)


def test_derivatives_of_logcumsumexp_do_not_overflow(torch):
    data = np.array([[700.0, -700.0, 800.0, 10.0], [-1000.0, 1000.0, 0.0, 1000.0]])
    x, y = RUTILE.tensor(data).requires_grad_(), torch.tensor(data, requires_grad=True)
    ours = rt.autograd.grad(rt.logcumsumexp(x, 1).sum(), x)
    assert_same(ours, torch.autograd.grad(torch.logcumsumexp(y, 1).sum(), y), 2000)
    x = rt.tensor([-INF, -INF, 0.0, 1.0], dtype=rt.float64, requires_grad=True)
    (gradient,) = rt.autograd.grad(rt.logcumsumexp(x, 0)[2:].sum(), x)
    np.testing.assert_allclose(gradient.tolist(), [0.0, 0.0, 2 - 1 / (1 + np.exp(-1)), 1 / (1 + np.exp(-1))])


def test_the_inplace_twins_keep_the_dtype(torch):
    for name in ("cumsum_", "cumprod_"):
        x = rt.tensor([1, 2, 3], dtype=rt.int32)
        y = torch.tensor([1, 2, 3], dtype=torch.int32)
        assert getattr(x, name)(0) is x
        assert_same(x, getattr(y, name)(0), 0)


def test_scans_have_the_same_bits_on_any_number_of_threads():
    before = rt.get_num_threads()
    rng = np.random.default_rng(2)
    try:
        for shape, axis in itertools.product([(300_000,), (700, 300)], [0, -1]):
            x = rt.from_numpy(rng.standard_normal(shape).astype(np.float32))
            results = []
            for threads in (1, 3):
                rt.set_num_threads(threads)
                results.append([getattr(x, name)(axis) for name in ("cumsum", "cumprod", "logcumsumexp")])
            for a, b in zip(*results, strict=True):
                assert a.numpy().tobytes() == b.numpy().tobytes()
    finally:
        rt.set_num_threads(before)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: rt.cumsum(rt.ones(2, 3), 2), IndexError, r"range of \[-2, 1\], but got 2"),
        (lambda: rt.cummax(rt.tensor(1.0), 1), IndexError, "range"),
        (lambda: rt.logcumsumexp(rt.arange(3), 0), rt.DTypeError, "floats"),
        (lambda: rt.diff(rt.tensor(1.0)), RuntimeError, "one-dimensional"),
        (lambda: rt.diff(rt.ones(3), n=-1), RuntimeError, "non-negative"),
        (lambda: rt.diff(rt.ones(2, 3), prepend=rt.ones(3)), RuntimeError, "same dimension"),
        (lambda: rt.diff(rt.ones(2, 3), prepend=rt.ones(3, 1)), RuntimeError, "Sizes|sizes|shape"),
        (lambda: rt.trapezoid(rt.ones(3, 4), rt.ones(3)), RuntimeError, "one `x` value"),
        (lambda: rt.trapezoid(rt.tensor(1.0)), IndexError, "no dimensions"),
        (lambda: rt.trapezoid(rt.ones(3), rt.ones(3), dx=2), TypeError, "not both"),
    ],
)
def test_errors(call, error, message):
    with pytest.raises(error, match=message):
        call()
