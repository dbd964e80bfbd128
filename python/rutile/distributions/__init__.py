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

from . import categorical, distribution, multinomial, normal
from .categorical import Bernoulli, Binomial, Categorical, Geometric, OneHotCategorical
from .distribution import Distribution, Independent
from .divergence import kl_divergence, register_kl
from .gamma import Beta, Chi2, Dirichlet, Gamma, Poisson, StudentT
from .multinomial import Multinomial
from .normal import HalfNormal, LogNormal, MultivariateNormal, Normal
from .uniform import Cauchy, Exponential, Gumbel, Laplace, Uniform

__all__ = [
    "Bernoulli",
    "Beta",
    "Binomial",
    "Categorical",
    "Cauchy",
    "Chi2",
    "Dirichlet",
    "Distribution",
    "Exponential",
    "Gamma",
    "Geometric",
    "Gumbel",
    "HalfNormal",
    "Independent",
    "Laplace",
    "LogNormal",
    "Multinomial",
    "MultivariateNormal",
    "Normal",
    "OneHotCategorical",
    "Poisson",
    "StudentT",
    "Uniform",
    "categorical",
    "distribution",
    "kl_divergence",
    "multinomial",
    "normal",
    "register_kl",
]


def __getattr__(name: str) -> object:
    from rutile.compat.missing import missing

    raise missing(f"module {__name__!r}", name, globals())
