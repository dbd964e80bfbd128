"""Probability distributions with PyTorch's names: samples, log-densities, entropies, divergences.

`sample` draws without recording; `rsample` records, so that gradients reach the parameters through the sample
(D. P. Kingma, M. Welling, *Auto-Encoding Variational Bayes*, 2013), where the distribution allows it. Parameters
broadcast.

Example:
    >>> from rutile.distributions import Categorical
    >>> policy = Categorical(logits=rt.zeros(3))
    >>> action = policy.sample()
    >>> round(policy.log_prob(action).item(), 4)
    -1.0986
"""

from __future__ import annotations

from rutile._places import add_places

from . import categorical, constraints, distribution, multinomial, normal, transforms
from .categorical import Bernoulli, Binomial, Categorical, Geometric, NegativeBinomial, OneHotCategorical
from .distribution import Distribution, Independent
from .divergence import kl_divergence, register_kl
from .gamma import Beta, Chi2, Dirichlet, Gamma, InverseGamma, Poisson, StudentT
from .multinomial import Multinomial
from .normal import HalfNormal, LogNormal, MultivariateNormal, Normal
from .relaxed import OneHotCategoricalStraightThrough, RelaxedBernoulli, RelaxedOneHotCategorical
from .transformed import MixtureSameFamily, TransformedDistribution
from .transforms import (
    AbsTransform,
    AffineTransform,
    ComposeTransform,
    ExpTransform,
    IndependentTransform,
    PowerTransform,
    SigmoidTransform,
    SoftmaxTransform,
    SoftplusTransform,
    TanhTransform,
    Transform,
    identity_transform,
)
from .uniform import Cauchy, Exponential, Gumbel, HalfCauchy, Kumaraswamy, Laplace, Pareto, Uniform, Weibull

__all__ = [
    "AbsTransform",
    "AffineTransform",
    "Bernoulli",
    "Beta",
    "Binomial",
    "Categorical",
    "Cauchy",
    "Chi2",
    "ComposeTransform",
    "Dirichlet",
    "Distribution",
    "ExpTransform",
    "Exponential",
    "Gamma",
    "Geometric",
    "Gumbel",
    "HalfCauchy",
    "HalfNormal",
    "Independent",
    "IndependentTransform",
    "InverseGamma",
    "Kumaraswamy",
    "Laplace",
    "LogNormal",
    "MixtureSameFamily",
    "Multinomial",
    "MultivariateNormal",
    "NegativeBinomial",
    "Normal",
    "OneHotCategorical",
    "OneHotCategoricalStraightThrough",
    "Pareto",
    "Poisson",
    "PowerTransform",
    "RelaxedBernoulli",
    "RelaxedOneHotCategorical",
    "SigmoidTransform",
    "SoftmaxTransform",
    "SoftplusTransform",
    "StudentT",
    "TanhTransform",
    "Transform",
    "TransformedDistribution",
    "Uniform",
    "Weibull",
    "categorical",
    "constraints",
    "distribution",
    "identity_transform",
    "kl_divergence",
    "multinomial",
    "normal",
    "register_kl",
    "transforms",
]


_FILES = (
    [
        "bernoulli",
        "beta",
        "binomial",
        "cauchy",
        "chi2",
        "dirichlet",
        "exponential",
        "geometric",
        "gumbel",
        "half_normal",
    ],
    ["independent", "kl", "laplace", "log_normal", "multivariate_normal", "one_hot_categorical", "poisson", "studentT"],
    ["half_cauchy", "inverse_gamma", "kumaraswamy", "mixture_same_family", "negative_binomial", "pareto", "weibull"],
    ["relaxed_bernoulli", "relaxed_categorical", "transformed_distribution"],
)
add_places(__name__, {name: [__name__] for names in _FILES for name in names})


def __getattr__(name: str) -> object:
    from rutile.compat.missing import missing

    raise missing(f"module {__name__!r}", name, globals())
