"""Special functions against 30 digits, over wider ranges than their samples."""

import math

import numpy as np
import pytest
import rutile as rt

mp = pytest.importorskip("mpmath", reason="mpmath is the oracle of these tests")
special = rt.special


def uniform(low, high, seed=0):
    return np.random.default_rng(seed).uniform(low, high, 60)


def magnitudes(low, high):
    return 10.0 ** uniform(low, high)


def log_gamma(x):
    return mp.log(abs(mp.gamma(x)))


def quantile(p):
    return -mp.sqrt(2) * mp.erfinv(1 - 2 * p)


# (function, oracle, arguments, relative error allowed beside an absolute one of 1e-14)
CASES = {
    "lgamma": (rt.lgamma, log_gamma, [uniform(-20, 100)], 1e-14),
    "lgamma small": (rt.lgamma, log_gamma, [magnitudes(-20, 0)], 1e-14),
    "digamma": (rt.digamma, mp.digamma, [uniform(-20, 100)], 1e-14),
    "trigamma": (lambda x: rt.polygamma(1, x), lambda x: mp.polygamma(1, x), [uniform(0.01, 50)], 1e-14),
    "polygamma 5": (lambda x: rt.polygamma(5, x), lambda x: mp.polygamma(5, x), [uniform(0.01, 50)], 1e-14),
    "erfinv": (rt.erfinv, mp.erfinv, [uniform(-1, 1)], 1e-14),
    "erfinv near 1": (rt.erfinv, mp.erfinv, [1 - magnitudes(-15, -1)], 1e-14),
    "erfcx": (special.erfcx, lambda x: mp.exp(x * x) * mp.erfc(x), [uniform(-5, 40)], 1e-14),
    "ndtri": (special.ndtri, quantile, [magnitudes(-25, -0.01)], 1e-13),
    "log_ndtr": (special.log_ndtr, lambda x: mp.log(mp.ncdf(x)), [uniform(-40, 5)], 1e-14),
    "i0": (rt.i0, lambda x: mp.besseli(0, x), [uniform(-100, 100)], 1e-14),
    "i1": (special.i1, lambda x: mp.besseli(1, x), [uniform(-100, 100)], 1e-14),
    "k0": (special.modified_bessel_k0, lambda x: mp.besselk(0, x), [uniform(0.01, 60)], 1e-14),
    "k1": (special.modified_bessel_k1, lambda x: mp.besselk(1, x), [uniform(0.01, 60)], 1e-14),
    "j0": (special.bessel_j0, lambda x: mp.besselj(0, x), [uniform(-60, 60)], 1e-14),
    "j1": (special.bessel_j1, lambda x: mp.besselj(1, x), [uniform(-60, 60)], 1e-14),
    "y0": (special.bessel_y0, lambda x: mp.bessely(0, x), [uniform(0.01, 60)], 1e-14),
    "y1": (special.bessel_y1, lambda x: mp.bessely(1, x), [uniform(0.01, 60)], 1e-14),
    "igamma": (
        rt.igamma,
        lambda a, x: mp.gammainc(a, 0, x, regularized=True),
        [uniform(0.1, 40), uniform(0.01, 60, 1)],
        1e-12,
    ),
    "igammac": (
        rt.igammac,
        lambda a, x: mp.gammainc(a, x, regularized=True),
        [uniform(0.1, 40), uniform(0.01, 60, 1)],
        1e-12,
    ),
    "zeta": (special.zeta, mp.zeta, [uniform(1.1, 10), uniform(0.1, 10, 1)], 1e-12),
}


@pytest.mark.parametrize("name", CASES)
def test_values_in_double_precision(name):
    function, oracle, arguments, relative = CASES[name]
    with mp.workdps(40):
        expected = [float(oracle(*map(mp.mpf, row))) for row in zip(*(a.tolist() for a in arguments), strict=True)]
    result = function(*map(rt.from_numpy, arguments)).tolist()
    np.testing.assert_allclose(result, expected, rtol=relative, atol=1e-14)


@pytest.mark.parametrize("name", CASES)
def test_float32_is_rounded_once(name):
    function, oracle, arguments, _ = CASES[name]
    narrow = [a.astype(np.float32) for a in arguments]
    with mp.workdps(40):
        rows = zip(*(a.tolist() for a in narrow), strict=True)
        expected = np.array([float(oracle(*map(mp.mpf, row))) for row in rows])
    result = np.array(function(*map(rt.from_numpy, narrow)).tolist())
    finite = np.abs(expected) < np.finfo(np.float32).max
    np.testing.assert_allclose(result[finite], expected[finite], rtol=2.0**-24 * 1.01, atol=1e-14)


@pytest.mark.parametrize(
    ("function", "x", "expected"),
    [
        (rt.lgamma, [0.0, -1.0, math.inf, -math.inf], [math.inf] * 4),
        (rt.digamma, [0.0, -0.0, -1.0, math.inf], [-math.inf, math.inf, math.nan, math.inf]),
        (rt.erfinv, [1.0, -1.0, 1.5, 0.0], [math.inf, -math.inf, math.nan, 0.0]),
        (special.ndtri, [0.0, 1.0, 0.5, -0.1], [-math.inf, math.inf, 0.0, math.nan]),
        (special.entr, [0.0, -1.0, 1.0, math.nan], [0.0, -math.inf, 0.0, math.nan]),
        (special.erfcx, [math.inf, -math.inf, 0.0, math.nan], [0.0, math.inf, 1.0, math.nan]),
        (rt.sinc, [0.0, 1.0, math.nan], [1.0, 3.8981718325193755e-17, math.nan]),
        (rt.i0, [0.0, math.nan], [1.0, math.nan]),
    ],
)
def test_special_arguments(function, x, expected):
    np.testing.assert_array_equal(function(rt.tensor(x, dtype=rt.float64)).tolist(), expected)


def test_derivatives_by_parameters_are_refused():
    a, x = rt.tensor([1.0], requires_grad=True), rt.tensor([2.0], requires_grad=True)
    with pytest.raises(NotImplementedError, match="first argument"):
        rt.igamma(a, x).sum().backward()
    rt.igamma(a.detach(), x).sum().backward()
    assert x.grad is not None
