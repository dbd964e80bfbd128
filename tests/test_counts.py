"""Poisson and binomial numbers follow their laws, the seed, and nothing else."""

import math

import numpy as np
import pytest
import rutile as rt

RATES = [0.3, 3.0, 9.99, 10.0, 30.0, 1000.0, 1e9]
TRIALS = [(5, 0.3), (40, 0.2), (40, 0.24), (40, 0.5), (40, 0.9), (1000, 0.001), (1000, 0.4), (10**9, 0.3)]
DRAWS = 100_000


def check_law(drawn, mean, variance, log_probability):
    """Mean and variance within five standard errors, and Pearson's chi-squared over the values that are expected."""
    deviation = np.sqrt(variance)
    assert abs(drawn.mean() - mean) < 5 * deviation / np.sqrt(DRAWS)
    # The variance of the sample variance has the kurtosis in it: 3 + 1 / variance is as much as these laws have.
    assert abs(drawn.var() / variance - 1) < 5 * np.sqrt((2 + 1 / variance) / DRAWS)
    low, high = max(0, np.floor(mean - 6 * deviation)), np.ceil(mean + 6 * deviation)
    if high - low > 2000:
        return
    values = np.arange(low, high + 1)
    expected = DRAWS * np.exp([log_probability(k) for k in values])
    counted = np.array([(drawn == k).sum() for k in values])
    often = expected >= 10
    chi2 = ((counted - expected)[often] ** 2 / expected[often]).sum()
    assert chi2 < often.sum() + 5 * np.sqrt(2 * often.sum())


@pytest.mark.parametrize("rate", RATES)
def test_law_of_poisson(rate):
    generator = rt.Generator().manual_seed(11)
    drawn = rt.poisson(rt.full((DRAWS,), rate, dtype=rt.float64), generator).numpy()
    check_law(drawn, rate, rate, lambda k: k * math.log(rate) - rate - math.lgamma(k + 1))
    numpys = np.random.default_rng(0).poisson(rate, DRAWS)
    assert abs(drawn.mean() - numpys.mean()) < 7 * np.sqrt(2 * rate / DRAWS)


@pytest.mark.parametrize(("n", "p"), TRIALS)
def test_law_of_binomial(n, p):
    generator = rt.Generator().manual_seed(12)
    drawn = rt.binomial(rt.full((DRAWS,), n, dtype=rt.float64), rt.tensor(p, dtype=rt.float64), generator).numpy()
    assert drawn.min() >= 0
    assert drawn.max() <= n
    ways = lambda k: math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)  # noqa: E731
    check_law(
        drawn,
        n * p,
        n * p * (1 - p),
        lambda k: ways(k) + k * math.log(p) + (n - k) * math.log1p(-p) if k <= n else -math.inf,
    )
    numpys = np.random.default_rng(0).binomial(n, p, DRAWS)
    assert abs(drawn.mean() - numpys.mean()) < 7 * np.sqrt(2 * n * p * (1 - p) / DRAWS)


def test_counts_do_not_depend_on_threads_and_follow_the_seed():
    rates = rt.linspace(0, 40, 50_000)
    counts, probs = rt.full((50_000,), 60.0), rt.linspace(0, 1, 50_000)
    before, results = rt.get_num_threads(), []
    try:
        for threads in (1, 2, 5):
            rt.set_num_threads(threads)
            rt.manual_seed(3)
            results.append((rt.poisson(rates), rt.binomial(counts, probs), rt.poisson(rates)))
    finally:
        rt.set_num_threads(before)
    for again in results[1:]:
        assert all(rt.equal(a, b) for a, b in zip(results[0], again, strict=True))
    first, _, second = results[0]
    assert not rt.equal(first, second)
    # Neighbours, and the draws of one element, are not related.
    a, b = (first - rates).double().numpy(), (second - rates).double().numpy()
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.03
    assert abs(np.corrcoef(a[:-1], a[1:])[0, 1]) < 0.03


def test_corners_of_counts():
    nan, inf = float("nan"), float("inf")
    drawn = rt.poisson(rt.tensor([0.0, inf]))
    assert drawn[0].item() == 0
    assert drawn[1].isinf()
    drawn = rt.binomial(rt.tensor([10.0, 10.0, 10.0, -3.0, nan, 2.5]), rt.tensor([1.5, -1.0, nan, 0.5, 0.5, 1.0]))
    assert drawn[:2].tolist() == [10, 0]
    assert drawn[2].isnan()
    assert drawn[3].item() == 0
    assert drawn[4].isnan()
    assert drawn[5].item() == 2
    for bad in (
        lambda: rt.poisson(rt.tensor([-1.0])),
        lambda: rt.poisson(rt.tensor([nan])),
        lambda: rt.binomial(rt.ones(2), rt.ones(3)),
    ):
        with pytest.raises(RuntimeError):
            bad()
    for bad in (
        lambda: rt.poisson(rt.tensor([1])),
        lambda: rt.binomial(rt.tensor([1]), rt.tensor([0.5])),
        lambda: rt.binomial(rt.ones(1), rt.ones(1, dtype=rt.float64)),
    ):
        with pytest.raises(rt.DTypeError):
            bad()
