"""Quantiles, histograms, covariances beyond the samples, against PyTorch and NumPy."""

import numpy as np
import pytest
import rutile as rt
from rutile.autograd import gradcheck, gradgradcheck
from samples import RUTILE, assert_same, torch_library

INF, NAN = float("inf"), float("nan")
INTERPOLATIONS = ("linear", "lower", "higher", "midpoint", "nearest")


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["quantile", "nanquantile"])
def test_quantiles_with_nan(torch, name, dtype, interpolation):
    rng = np.random.default_rng(2)
    data = rng.standard_normal((4, 11, 3))
    data[0, 3, 1] = data[0, 7, 1] = data[2, :, 0] = NAN
    q = np.array([0.0, 0.1, 0.25, 1 / 3, 0.5, 0.9, 1.0])
    for dim in (None, 0, 1, -1):
        for keepdim in (False, True):
            for wanted in (q, q[:1], 0.3):
                results = []
                for library in (RUTILE, torch_library(torch)):
                    x = library.tensor(data, dtype)
                    at = library.tensor(wanted, dtype) if isinstance(wanted, np.ndarray) else wanted
                    function = getattr(library.module, name)
                    results.append(function(x, at, dim, keepdim, interpolation=interpolation))
                assert_same(*results, 4)


def test_derivatives_of_quantiles_and_of_reductions_without_nan():
    data = np.random.default_rng(3).permutation(12).reshape(3, 4) / 2.0
    x = rt.tensor(data, requires_grad=True)
    for interpolation in INTERPOLATIONS:
        assert gradcheck(lambda x, how=interpolation: rt.quantile(x, 0.4, 1, interpolation=how), x)
    data[0, 0] = data[1] = NAN
    for function in (rt.nansum, rt.nanmean, lambda x: rt.nanquantile(x, 0.3)):
        x = rt.tensor(data, requires_grad=True)
        (gradient,) = rt.autograd.grad(function(x), x)
        numbers = x.detach()[[0, 2]].flatten()[1:].requires_grad_()
        (expected,) = rt.autograd.grad(function(numbers), numbers)
        assert gradient[[0, 2]].flatten()[1:].tolist() == expected.tolist()
        assert not gradient[1].any()


def test_sums_and_means_without_nan(torch):
    data = np.array([[1.0, NAN, 3.0], [NAN, NAN, NAN], [INF, 1.0, NAN]])
    for dtype in ("float32", "float64", "bfloat16"):
        x, y = RUTILE.tensor(data, dtype), torch_library(torch).tensor(data, dtype)
        for kwargs in ({}, {"dim": 1}, {"dim": (0, 1), "keepdim": True}):
            assert_same(rt.nansum(x, **kwargs), torch.nansum(y, **kwargs), 2)
            assert_same(rt.nanmean(x, **kwargs), torch.nanmean(y, **kwargs), 2)
    assert_same(rt.nansum(rt.tensor([1, 2])), torch.nansum(torch.tensor([1, 2])), 0)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_histograms(torch, dtype):
    rng = np.random.default_rng(6)
    data = rng.standard_normal(500)
    data[:20] = np.linspace(-2, 2, 20).round()  # some on the edges below
    weight = rng.uniform(0, 1, 500)
    x, y = RUTILE.tensor(data, dtype), torch_library(torch).tensor(data, dtype)
    w, v = RUTILE.tensor(weight, dtype), torch_library(torch).tensor(weight, dtype)
    for bins in (1, 7, 40):
        assert_same(rt.histc(x, bins), torch.histc(y, bins), 0)
        assert_same(rt.histc(x, bins, -1, 0.5), torch.histc(y, bins, -1, 0.5), 0)
        for density in (False, True):
            for span in (None, (-1.0, 1.0), (0.0, 0.0)):
                ours = rt.histogram(x, bins, range=span, density=density)
                assert_same(ours, torch.histogram(y, bins, range=span, density=density), 100)
            ours = rt.histogram(x, bins, weight=w, density=density)
            assert_same(ours, torch.histogram(y, bins, weight=v, density=density), 500)
    edges = [-1.0, -0.5, 0.0, 2.0]
    ours = rt.histogram(x, RUTILE.tensor(edges, dtype), density=True)
    assert_same(ours, torch.histogram(y, torch_library(torch).tensor(edges, dtype), density=True), 8)
    special = np.array([NAN, 1.0, INF, 2.0])
    ours = rt.histc(RUTILE.tensor(special, dtype), 4, 0, 2)
    assert_same(ours, torch.histc(torch_library(torch).tensor(special, dtype), 4, 0, 2), 0)


def test_histograms_of_points(torch):
    data = np.random.default_rng(8).uniform(-1, 1, (60, 2))
    x, y = rt.tensor(data), torch.tensor(data)
    for bins in (3, [2, 4]):
        for kwargs in ({}, {"density": True}, {"range": [-1.0, 0.5, 0.0, 1.0]}):
            ours, theirs = rt.histogramdd(x, bins, **kwargs), torch.histogramdd(y, bins, **kwargs)
            assert_same([ours.hist, *ours.bin_edges], [theirs.hist, *theirs.bin_edges], 100)
    edges = ([-1.0, 0.0, 1.0], [-0.5, 0.1, 0.2, 0.9])
    ours = rt.histogramdd(x, [rt.tensor(e, dtype=rt.float64) for e in edges])
    theirs = torch.histogramdd(y, [torch.tensor(e, dtype=torch.float64) for e in edges])
    assert_same(ours.hist, theirs.hist, 0)


def test_bincount(torch):
    data = np.random.default_rng(9).integers(0, 20, 1000)
    for dtype in ("uint8", "int16", "int32", "int64"):
        x, y = RUTILE.tensor(data.astype(dtype)), torch_library(torch).tensor(data.astype(dtype))
        assert_same(rt.bincount(x, minlength=25), torch.bincount(y, minlength=25), 0)
        for weights in ("float32", "float64", "float16", "int64", "bool"):
            w = np.abs(np.sin(data)).astype(weights)
            ours = rt.bincount(x, RUTILE.tensor(w))
            assert_same(ours, torch.bincount(y, torch_library(torch).tensor(w)), 4)


@pytest.mark.filterwarnings("ignore:.*degrees of freedom is <= 0")
@pytest.mark.parametrize("kwargs", [{}, {"correction": 0}, {"correction": 3}])
def test_covariances(torch, kwargs):
    data = np.random.default_rng(1).standard_normal((3, 6))
    counts, parts = np.array([1, 2, 3, 1, 0, 2]), np.array([0.5, 0.1, 1.0, 0.2, 0.3, 0.9])
    for array in (data, data[0], data[:1], data[:, :1], (data * 10).astype(np.int64)):
        n = array.shape[-1]
        for weights in ({}, {"fweights": counts[:n]}, {"aweights": parts[:n]}):
            ours = rt.cov(rt.tensor(array), **kwargs, **{k: rt.tensor(w) for k, w in weights.items()})
            theirs = torch.cov(torch.tensor(array), **kwargs, **{k: torch.tensor(w) for k, w in weights.items()})
            assert_same(ours, theirs, 100)
    both = {"fweights": counts, "aweights": parts}
    ours = rt.cov(rt.tensor(data), **kwargs, **{k: rt.tensor(w) for k, w in both.items()})
    assert_same(ours, torch.cov(torch.tensor(data), **kwargs, **{k: torch.tensor(w) for k, w in both.items()}), 100)
    assert_same(rt.corrcoef(rt.tensor(data)), torch.corrcoef(torch.tensor(data)), 100)
    x = rt.tensor(data, requires_grad=True)
    assert gradcheck(rt.corrcoef, x)
    assert gradgradcheck(rt.cov, x)


def test_renorm_scales_only_what_is_too_long(torch):
    data = np.random.default_rng(1).standard_normal((4, 3, 2))
    for p in (1.0, 2.0, 3.5):
        for dim in (0, 1, -1):
            ours = rt.renorm(rt.tensor(data), p, dim, 2.0)
            assert_same(ours, torch.renorm(torch.tensor(data), p, dim, 2.0), 8)
    x = rt.tensor(data)
    assert x.renorm_(2, 0, 1.0) is x
    assert float(x.norm(dim=(1, 2)).max()) < 1 + 1e-6


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: rt.quantile(rt.arange(3), 0.5), RuntimeError, "float"),
        (lambda: rt.quantile(rt.ones(3), 1.5), RuntimeError, r"\[0, 1\] but got 1.5"),
        (lambda: rt.quantile(rt.ones(3), rt.ones(1, dtype=rt.float64)), RuntimeError, "same dtype"),
        (lambda: rt.quantile(rt.ones(3), rt.ones(1, 1)), RuntimeError, "1D"),
        (lambda: rt.quantile(rt.ones(0), 0.5), RuntimeError, "non-empty"),
        (lambda: rt.quantile(rt.ones(3), 0.5, interpolation="up"), RuntimeError, "linear"),
        (lambda: rt.quantile(rt.ones(3), 0.5, 1), IndexError, "range"),
        (lambda: rt.nanmean(rt.arange(3)), RuntimeError, "floating"),
        (lambda: rt.histc(rt.arange(3)), RuntimeError, "floats"),
        (lambda: rt.histc(rt.ones(3), 0), RuntimeError, "bins must be > 0"),
        (lambda: rt.histc(rt.ones(3), 3, 2, 1), RuntimeError, "larger than min"),
        (lambda: rt.histc(rt.tensor([1.0, NAN])), RuntimeError, "not finite"),
        (lambda: rt.histogram(rt.ones(3), 2, weight=rt.ones(2)), RuntimeError, "shape"),
        (lambda: rt.histogram(rt.ones(3), rt.ones(2, dtype=rt.float64)), RuntimeError, "same dtype"),
        (lambda: rt.histogram(rt.ones(3), 2, range=(1.0,)), RuntimeError, "2 elements"),
        (lambda: rt.histogramdd(rt.ones(3), 2), RuntimeError, "at least 2"),
        (lambda: rt.histogramdd(rt.ones(3, 2), [2]), RuntimeError, "2 dimensions"),
        (lambda: rt.bincount(rt.ones(2)), RuntimeError, "integers"),
        (lambda: rt.bincount(rt.tensor([1, -1])), RuntimeError, "non-negative"),
        (lambda: rt.bincount(rt.tensor([[1]])), RuntimeError, "1-d"),
        (lambda: rt.bincount(rt.tensor([1]), minlength=-1), RuntimeError, "minlength"),
        (lambda: rt.bincount(rt.tensor([1]), rt.ones(2)), RuntimeError, "same length"),
        (lambda: rt.cov(rt.ones(2, 2, 2)), RuntimeError, "two or fewer"),
        (lambda: rt.cov(rt.ones(2, 2), fweights=rt.ones(2)), RuntimeError, "integral"),
        (lambda: rt.cov(rt.ones(2, 2), aweights=-rt.ones(2)), RuntimeError, "negative"),
        (lambda: rt.cov(rt.ones(2, 2), fweights=rt.tensor([1])), RuntimeError, "observations"),
        (lambda: rt.renorm(rt.ones(3), 2, 0, 1.0), RuntimeError, "at least 2"),
        (lambda: rt.renorm(rt.ones(3, 2), 0, 0, 1.0), RuntimeError, "non-positive"),
        (lambda: rt.renorm(rt.ones(3, 2), 2, 0, -1.0), RuntimeError, "maxnorm"),
    ],
)
def test_errors(call, error, message):
    with pytest.raises(error, match=message):
        call()
