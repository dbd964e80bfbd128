"""Distributions against PyTorch's; samples against the moments they promise."""

import math

import numpy as np
import pytest
import rutile as rt
from rutile import distributions as D

# Name, parameters, and values at which densities are compared.
CASES = [
    ("Normal", {"loc": [0.5, -1.0], "scale": [1.5, 0.3]}, [0.2, -1.1]),
    ("LogNormal", {"loc": [0.5, -1.0], "scale": [0.5, 0.3]}, [0.2, 1.1]),
    ("HalfNormal", {"scale": [1.5, 0.3]}, [0.2, 1.1]),
    ("Uniform", {"low": [0.5, -1.0], "high": [1.5, 0.3]}, [0.7, 0.1]),
    ("Exponential", {"rate": [0.5, 2.0]}, [0.7, 0.9]),
    ("Laplace", {"loc": [0.5, -1.0], "scale": [1.5, 0.3]}, [0.2, -1.1]),
    ("Cauchy", {"loc": [0.5, -1.0], "scale": [1.5, 0.3]}, [0.2, -1.1]),
    ("Gumbel", {"loc": [0.5, -1.0], "scale": [1.5, 0.3]}, [0.2, -1.1]),
    ("HalfCauchy", {"scale": [1.5, 0.3]}, [0.2, 1.1]),
    ("Pareto", {"scale": [0.5, 1.0], "alpha": [6.0, 8.0]}, [0.7, 1.1]),
    ("Weibull", {"scale": [0.5, 2.0], "concentration": [1.5, 3.0]}, [0.7, 1.1]),
    ("Kumaraswamy", {"concentration1": [0.5, 3.0], "concentration0": [1.5, 2.0]}, [0.2, 0.9]),
    ("InverseGamma", {"concentration": [8.0, 9.0], "rate": [1.5, 0.3]}, [0.2, 1.1]),
    ("NegativeBinomial", {"total_count": [5.0, 9.0], "probs": [0.2, 0.7]}, [2.0, 8.0]),
    ("Gamma", {"concentration": [0.5, 3.0], "rate": [1.5, 0.3]}, [0.2, 1.1]),
    ("Chi2", {"df": [1.5, 3.0]}, [0.2, 1.1]),
    ("Beta", {"concentration1": [0.5, 3.0], "concentration0": [1.5, 2.0]}, [0.2, 0.9]),
    ("Dirichlet", {"concentration": [[0.5, 3.0, 1.0], [2.0, 2.0, 2.0]]}, [[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]]),
    ("StudentT", {"df": [2.5, 7.0], "loc": [0.5, -1.0], "scale": [1.5, 0.3]}, [0.2, -1.1]),
    ("Poisson", {"rate": [0.5, 4.0]}, [0.0, 3.0]),
    ("Bernoulli", {"probs": [0.2, 0.7]}, [0.0, 1.0]),
    ("Bernoulli", {"logits": [0.2, -3.0]}, [0.0, 1.0]),
    ("Geometric", {"probs": [0.2, 0.7]}, [0.0, 3.0]),
    ("Binomial", {"total_count": [5.0, 9.0], "probs": [0.2, 0.7]}, [2.0, 8.0]),
    ("Categorical", {"probs": [[1.0, 2.0, 5.0], [0.2, 0.3, 0.5]]}, [0, 2]),
    ("Categorical", {"logits": [[1.0, 2.0, 5.0], [-0.2, 0.3, 0.5]]}, [0, 2]),
    ("OneHotCategorical", {"logits": [[1.0, 2.0, 5.0], [-0.2, 0.3, 0.5]]}, [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]),
    (
        "MultivariateNormal",
        {"loc": [0.5, -1.0], "covariance_matrix": [[2.0, 0.5], [0.5, 1.0]]},
        [[0.2, -1.1], [1.0, 1.0]],
    ),
    ("MultivariateNormal", {"loc": [0.5, -1.0], "scale_tril": [[2.0, 0.0], [0.5, 1.0]]}, [0.2, -1.1]),
    ("MultivariateNormal", {"loc": [0.5, -1.0], "precision_matrix": [[2.0, 0.5], [0.5, 1.0]]}, [0.2, -1.1]),
]
IDS = [f"{name}-{'-'.join(parameters)}" for name, parameters, _ in CASES]


def make(library, name, parameters, grad=False):
    tensors = {key: library.tensor(value, dtype=library.float64) for key, value in parameters.items()}
    if grad:
        tensors = {key: tensor.requires_grad_() for key, tensor in tensors.items()}
    return getattr(library.distributions, name)(**tensors), list(tensors.values())


def compare(call, ours, theirs):
    try:
        expected = call(theirs)
    except NotImplementedError:
        with pytest.raises(NotImplementedError):
            call(ours)
        return
    assert np.allclose(call(ours).detach().numpy(), expected.detach().numpy(), rtol=1e-6, atol=1e-8, equal_nan=True)


@pytest.mark.parametrize(("name", "parameters", "values"), CASES, ids=IDS)
def test_like_torch(torch, name, parameters, values):
    ours, theirs = make(rt, name, parameters)[0], make(torch, name, parameters)[0]
    assert tuple(ours.batch_shape) == tuple(theirs.batch_shape)
    assert tuple(ours.event_shape) == tuple(theirs.event_shape)
    x = {rt: rt.tensor(values, dtype=rt.float64), torch: torch.tensor(values, dtype=torch.float64)}
    assert np.allclose(ours.log_prob(x[rt]).numpy(), theirs.log_prob(x[torch]).numpy(), rtol=1e-9)
    for name in ("mean", "variance", "stddev"):
        compare(lambda d, name=name: getattr(d, name), ours, theirs)
    if name not in ("Poisson", "Binomial", "StudentT"):
        try:
            theirs.entropy()
        except NotImplementedError:
            return
        if ours.entropy.__func__ is not D.Distribution.entropy:
            compare(lambda d: d.entropy(), ours, theirs)


@pytest.mark.parametrize(
    "name",
    [
        "Normal",
        "Uniform",
        "Exponential",
        "Laplace",
        "Cauchy",
        "Gumbel",
        "HalfCauchy",
        "Pareto",
        "Weibull",
        "Kumaraswamy",
    ],
)
def test_cumulative_functions_like_torch(torch, name):
    parameters = next(parameters for case, parameters, _ in CASES if case == name)
    ours, theirs = make(rt, name, parameters)[0], make(torch, name, parameters)[0]
    shares = [0.1, 0.8]
    where = ours.icdf(rt.tensor(shares, dtype=rt.float64))
    assert np.allclose(where.numpy(), theirs.icdf(torch.tensor(shares, dtype=torch.float64)).numpy())
    assert np.allclose(ours.cdf(where).numpy(), shares)


@pytest.mark.parametrize(("name", "parameters", "values"), CASES, ids=IDS)
def test_gradients_of_densities_like_torch(torch, name, parameters, values):
    found = []
    for library in (rt, torch):
        distribution, tensors = make(library, name, parameters, grad=True)
        distribution.log_prob(library.tensor(values, dtype=library.float64)).sum().backward()
        found.append([tensor.grad for tensor in tensors])
    for ours, theirs in zip(*found, strict=True):
        assert (ours is None) == (theirs is None)
        if ours is not None:
            assert np.allclose(ours.numpy(), theirs.numpy(), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("name", "parameters", "values"), CASES, ids=IDS)
def test_samples_have_the_moments(name, parameters, values):
    distribution = make(rt, name, parameters)[0]
    count = 20_000
    drawn = distribution.sample((count,))
    assert tuple(drawn.shape) == (count, *distribution.batch_shape, *distribution.event_shape)
    assert not drawn.requires_grad
    rt.manual_seed(5)
    again = distribution.sample((3,)).tolist()
    rt.manual_seed(5)
    assert again == distribution.sample((3,)).tolist()
    assert distribution.sample().shape == drawn.shape[1:]
    if name == "Categorical":
        for row in range(2):
            shares = np.bincount(drawn[:, row].numpy(), minlength=3) / count
            assert np.allclose(shares, distribution.probs[row].numpy(), atol=0.02)
        return
    if name == "HalfCauchy":
        return  # Neither a mean nor a variance.
    if name in ("Cauchy", "StudentT"):
        assert np.allclose(np.median(drawn.numpy(), 0), [0.5, -1.0], atol=0.08)
        return
    mean, deviation = distribution.mean.numpy(), distribution.stddev.numpy()
    assert np.all(np.abs(drawn.numpy().mean(0) - mean) < 5 * deviation / math.sqrt(count))
    assert np.allclose(drawn.numpy().std(0), deviation, rtol=0.15)


@pytest.mark.parametrize("name", ["Normal", "Laplace", "Exponential", "Gumbel", "Uniform", "MultivariateNormal"])
def test_gradients_pass_through_samples(name):
    parameters = next(parameters for case, parameters, _ in CASES if case == name)
    distribution, tensors = make(rt, name, parameters, grad=True)
    assert distribution.has_rsample
    distribution.rsample((50,)).square().sum().backward()
    assert all(tensor.grad is not None for tensor in tensors)


PAIRS = ["Normal", "Uniform", "Exponential", "Laplace", "Gamma", "Beta", "Dirichlet", "Bernoulli", "Categorical"]
PAIRS += ["OneHotCategorical", "MultivariateNormal"]


@pytest.mark.parametrize("name", PAIRS)
def test_divergences_like_torch(torch, name):
    parameters = next(parameters for case, parameters, _ in CASES if case == name)
    other = {key: (np.array(value) * 0.7 + 0.1 * np.eye(2)).tolist() if "matrix" in key else
             (np.array(value) * 0.7 + 0.05).tolist() for key, value in parameters.items()}  # fmt: skip
    found = []
    for library in (rt, torch):
        p, q = make(library, name, parameters)[0], make(library, name, other)[0]
        kl = library.distributions.kl_divergence
        found.append([kl(p, q).numpy(), kl(q, p).numpy(), kl(p, p).numpy()])
    assert np.allclose(found[0], found[1], rtol=1e-6, atol=1e-9)


def test_multinomial_and_independent(torch):
    found = []
    for library in (rt, torch):
        counts = library.distributions.Multinomial(6, probs=library.tensor([[1.0, 2.0, 3.0], [1.0, 1.0, 0.0]]))
        value = library.tensor([[1.0, 2.0, 3.0], [2.0, 4.0, 0.0]])
        normal = library.distributions.Normal(library.zeros(2, 3), library.ones(2, 3))
        both = library.distributions.Independent(normal, 1)
        found.append([counts.log_prob(value).numpy(), counts.mean.numpy(), both.log_prob(value).numpy()])
        assert tuple(counts.sample((5,)).shape) == (5, 2, 3)
        assert counts.sample().sum(-1).tolist() == [6, 6]
        assert tuple(both.event_shape) == (3,)
    for a, b in zip(*found, strict=True):
        assert np.allclose(a, b, rtol=1e-5)


def test_arguments_are_checked():
    with pytest.raises(ValueError, match="scale has to be positive"):
        D.Normal(0.0, -1.0)
    D.Normal(0.0, -1.0, validate_args=False)
    with pytest.raises(ValueError, match="but not both"):
        D.Categorical()
    with pytest.raises(ValueError, match="between 0 and 1"):
        D.Bernoulli(1.5)
    with pytest.raises(NotImplementedError, match="register_kl"):
        D.kl_divergence(D.Normal(0.0, 1.0), D.Poisson(1.0))
    with pytest.raises(NotImplementedError, match="concentration"):
        D.Gamma(rt.ones(1, requires_grad=True), 1.0).rsample()
    assert repr(D.Normal(rt.zeros(2), 1.0)) == "Normal(batch_shape=[2], event_shape=[])"


def build_made_of_others(library, kind):
    d, t = library.distributions, library.distributions.transforms

    def tensor(*values):
        return library.tensor(values, dtype=library.float64)

    normal = d.Normal(tensor(0.3, -0.5), tensor(1.5, 0.4))
    if kind == "tanh":
        return d.TransformedDistribution(normal, [t.TanhTransform(cache_size=1)]), tensor(0.2, -0.4)
    if kind == "chain":
        parts = [t.AffineTransform(tensor(0.5, 1.0), -2.0), t.SigmoidTransform(), t.PowerTransform(tensor(2.0))]
        return d.TransformedDistribution(normal, parts), tensor(0.2, 0.4)
    if kind == "flow":  # a transform of vectors makes vectors of the numbers
        parts = [t.IndependentTransform(t.SoftplusTransform(), 1), t.ExpTransform(), t.AffineTransform(1.0, 3.0, 1)]
        return d.TransformedDistribution(normal, parts), tensor(6.2, 7.4)
    if kind == "mixture":
        return d.MixtureSameFamily(d.Categorical(probs=tensor(0.3, 0.7)), normal), tensor(0.2)[0]
    if kind == "mixture of vectors":
        parts = d.Independent(d.Normal(tensor(0.3, -0.5, 1.0).view(3, 1).repeat(1, 2), 1.0), 1)
        return d.MixtureSameFamily(d.Categorical(logits=tensor(0.3, 0.7, -1.0)), parts), tensor(0.2, 1.0)
    if kind == "relaxed classes":
        return d.RelaxedOneHotCategorical(tensor(0.7)[0], logits=tensor(0.3, 0.7, -1.0)), tensor(0.2, 0.5, 0.3)
    return d.RelaxedBernoulli(tensor(0.7)[0], probs=tensor(0.3, 0.9)), tensor(0.2, 0.6)


KINDS = ["tanh", "chain", "flow", "mixture", "mixture of vectors", "relaxed classes", "relaxed bits"]


@pytest.mark.parametrize("kind", KINDS)
def test_made_of_others_like_torch(torch, kind):
    (ours, value), (theirs, same) = (build_made_of_others(library, kind) for library in (rt, torch))
    assert (tuple(ours.batch_shape), tuple(ours.event_shape)) == (tuple(theirs.batch_shape), tuple(theirs.event_shape))
    assert np.allclose(ours.log_prob(value).numpy(), theirs.log_prob(same).numpy(), rtol=1e-9)
    if kind in ("mixture", "mixture of vectors"):
        compare(lambda d: d.mean, ours, theirs)
        compare(lambda d: d.variance, ours, theirs)
    if kind in ("tanh", "chain", "mixture"):
        assert np.allclose(ours.cdf(value).numpy(), theirs.cdf(same).numpy())
    wide = ours.expand([3, *ours.batch_shape])
    assert wide.sample((4,)).shape == (4, 3, *ours.batch_shape, *ours.event_shape)
    assert np.allclose(wide.log_prob(value).numpy(), theirs.log_prob(same).numpy(), rtol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_samples_fit_the_density(kind):
    """A mean or a median of samples, beside one computed from the density on a grid, or from the formula."""
    rt.manual_seed(3)
    distribution, _ = build_made_of_others(rt, kind)
    drawn = distribution.rsample((4000,)) if distribution.has_rsample else distribution.sample((4000,))
    drawn = drawn.detach().reshape(4000, -1)[:, 0]
    if kind == "mixture of vectors":
        weights, places = np.exp([0.3, 0.7, -1.0]), np.array([0.3, -0.5, 1.0])
        expected, width = (weights / weights.sum() * places).sum(), 1.2
    elif kind in ("tanh", "chain"):
        # The middle of the samples is where the cdf is one half.
        half = distribution.icdf(rt.tensor([0.5, 0.5], dtype=rt.float64))[0].item()
        assert drawn.median().item() == pytest.approx(half, abs=0.06)
        return
    elif kind == "flow":
        base = np.random.default_rng(0).normal(0.3, 1.5, 200_000)
        assert drawn.median().item() == pytest.approx(np.median(1 + 3 * np.exp(np.log1p(np.exp(base)))), rel=0.06)
        return
    elif kind == "mixture":
        expected, width = 0.3 * 0.3 - 0.7 * 0.5, 1.0
    else:
        grid = (np.arange(200) + 0.5) / 200
        if kind == "relaxed bits":
            values = rt.tensor(np.stack([grid, grid], 1))
            density = distribution.log_prob(values).exp()[:, 0].numpy()
            expected, width = (grid * density).sum() / density.sum(), 0.5
        else:
            a, b = np.meshgrid(grid, grid, indexing="ij")
            inside = a + b < 1
            values = rt.tensor(np.stack([a[inside], b[inside], 1 - a[inside] - b[inside]], 1))
            density = distribution.log_prob(values).exp().numpy()
            expected, width = (a[inside] * density).sum() / density.sum(), 0.5
    assert drawn.mean().item() == pytest.approx(expected, abs=5 * width / math.sqrt(4000))


def test_gradients_pass_through_one_hot_samples():
    logits = rt.zeros(2, 3, requires_grad=True)
    drawn = D.OneHotCategoricalStraightThrough(logits=logits).rsample()
    assert drawn.detach().sum(-1).tolist() == [1, 1]
    (drawn * rt.arange(3.0)).sum().backward()
    assert logits.grad[0].tolist() == pytest.approx([-1 / 3, 0, 1 / 3])


def test_modes_and_supports_like_torch(torch):
    for library in (rt, torch):
        d = library.distributions
        assert d.Normal(0.5, 2.0).mode.item() == 0.5
        assert d.Bernoulli(library.tensor([0.2, 0.9])).mode.tolist() == [0, 1]
        assert d.Independent(d.Normal(library.zeros(2), 1.0), 1).mode.tolist() == [0, 0]
        assert d.Categorical(library.ones(2, 3)).enumerate_support().tolist() == [[0, 0], [1, 1], [2, 2]]
        assert d.Bernoulli(library.tensor([0.2])).enumerate_support(expand=False).tolist() == [[0], [1]]
        assert d.constraints.simplex.check(library.tensor([[0.5, 0.5], [1.0, 0.5]])).tolist() == [True, False]
        assert d.transforms.TanhTransform().inv(library.tensor(0.5)).item() == pytest.approx(math.atanh(0.5))
