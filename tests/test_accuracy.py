"""The bounds that docs/accuracy.md states hold over float32 numbers of every magnitude."""

import re
from pathlib import Path

import numpy as np
import pytest
import rutile as rt

PAGE = Path(__file__).parents[1] / "docs" / "accuracy.md"
BOUNDS = {name: float(bound) for name, bound in re.findall(r"^\| `(\w+)` \| ([\d.]+)", PAGE.read_text(), re.MULTILINE)}
# Every 20,011th of the bit patterns: a prime, so that all exponents and mantissas come up.
NUMBERS = np.arange(0, 2**32, 20_011, dtype=np.uint64).astype(np.uint32).view(np.float32)
NUMBERS = NUMBERS[np.isfinite(NUMBERS)]


def function(name):
    return getattr(rt, name, None) or getattr(rt.special, name)


def exact(name, x):
    """In double precision: NumPy's function, else ours, which has its own tests against 30 digits."""
    if hasattr(np, name):
        return getattr(np, name)(x)
    if name == "rsqrt":
        return 1 / np.sqrt(x)
    if name == "logit":
        return np.where(x < 0.25, np.log(x / (1 - x)), np.log1p((2 * x - 1) / (1 - x)))
    return function(name)(rt.from_numpy(x)).numpy()


def units(got, want):
    """The distance from `want` in units in the last place of the float32 there; infinite between special values."""
    with np.errstate(over="ignore"):
        rounded = want.astype(np.float32)
    special = ~np.isfinite(rounded)
    place = np.spacing(np.maximum(np.abs(rounded), np.finfo(np.float32).tiny)).astype(np.float64)
    error = np.abs(got.astype(np.float64) - want) / place
    same = (got == rounded) | (np.isnan(got) & np.isnan(rounded))
    return np.where(special | ~np.isfinite(got), np.where(same, 0.0, np.inf), error)


def test_the_page_has_its_table():
    assert {"exp", "log", "sin", "tanh", "erf", "sqrt"} <= BOUNDS.keys()
    assert max(BOUNDS.values()) <= 2.0


@pytest.mark.parametrize("name", BOUNDS)
def test_results_are_within_the_stated_bound(name):
    got = function(name)(rt.from_numpy(NUMBERS)).numpy()
    with np.errstate(all="ignore"):
        error = units(got, exact(name, NUMBERS.astype(np.float64)))
    worst = int(np.argmax(error))
    assert error[worst] <= BOUNDS[name], (name, NUMBERS[worst], got[worst], error[worst])


@pytest.mark.parametrize(("name", "bound"), [("logit", 4.0), ("sigmoid", 2.5)])
def test_functions_of_others(name, bound):
    x = NUMBERS[NUMBERS > -87.0]  # below, the sigmoid is subnormal or 0
    got = function(name)(rt.from_numpy(x)).numpy()
    wide = x.astype(np.float64)
    with np.errstate(all="ignore"):
        error = units(got, 1 / (1 + np.exp(-wide)) if name == "sigmoid" else exact(name, wide))
    worst = int(np.argmax(error))
    assert error[worst] <= bound, (name, x[worst], got[worst], error[worst])


def test_gelu_keeps_the_tail():
    x = np.linspace(-12.0, 5.0, 20_001).astype(np.float32)
    wide = rt.from_numpy(x.astype(np.float64))
    want = (wide * 0.5 * rt.special.erfc(-wide / 2**0.5)).numpy()
    got = rt.nn.functional.gelu(rt.from_numpy(x)).numpy()
    assert np.all(
        np.abs(got - want) <= np.minimum(2.0**-21 * np.maximum(np.abs(x), 1), 2.0**-16 * np.abs(want) + 1e-37)
    )
