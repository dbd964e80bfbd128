"""Kullback-Leibler divergences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import rutile as rt

from .categorical import Bernoulli, Categorical, OneHotCategorical
from .distribution import Distribution, Independent
from .gamma import Beta, Dirichlet, Gamma
from .normal import MultivariateNormal, Normal
from .uniform import Exponential, Laplace, Uniform

__all__ = ["kl_divergence", "register_kl"]

Rule = Callable[[Any, Any], rt.Tensor]
_RULES: dict[tuple[type, type], Rule] = {}


def register_kl(type_p: type, type_q: type) -> Callable[[Rule], Rule]:
    """A decorator that makes a function of `p` and `q` the divergence of these classes."""

    def register(rule: Rule) -> Rule:
        _RULES[type_p, type_q] = rule
        return rule

    return register


def kl_divergence(p: Distribution, q: Distribution) -> rt.Tensor:
    """The mean of `log p(x) - log q(x)` over samples of `p`, in closed form.

    Example:
        >>> from rutile.distributions import Normal, kl_divergence
        >>> kl_divergence(Normal(1.0, 1.0), Normal(0.0, 1.0)).item()
        0.5
    """
    for kind_p in type(p).__mro__:
        for kind_q in type(q).__mro__:
            if (kind_p, kind_q) in _RULES:
                return _RULES[kind_p, kind_q](p, q)
    raise NotImplementedError(
        f"No KL(p || q) is implemented for p type {type(p).__name__} and q type {type(q).__name__}; register_kl adds it"
    )


@register_kl(Normal, Normal)
def _normal(p: Normal, q: Normal) -> rt.Tensor:
    ratio = (p.scale / q.scale).square()
    divergence: rt.Tensor = 0.5 * (ratio + ((p.loc - q.loc) / q.scale).square() - 1 - ratio.log())
    return divergence


@register_kl(MultivariateNormal, MultivariateNormal)
def _multivariate(p: MultivariateNormal, q: MultivariateNormal) -> rt.Tensor:
    mixed = rt.linalg.solve_triangular(q.scale_tril, p.scale_tril, upper=False)
    away = rt.linalg.solve_triangular(q.scale_tril, (q.loc - p.loc).unsqueeze(-1), upper=False)
    squares = mixed.square().sum((-2, -1)) + away.square().sum((-2, -1))
    return q._log_det() - p._log_det() + 0.5 * (squares - p.loc.shape[-1])


@register_kl(Categorical, Categorical)
@register_kl(OneHotCategorical, OneHotCategorical)
def _categorical(p: Any, q: Any) -> rt.Tensor:
    terms: rt.Tensor = p.probs * (p.logits - q.logits)
    terms = terms.masked_fill((q.probs == 0).expand_as(terms), rt.inf)
    return terms.masked_fill((p.probs == 0).expand_as(terms), 0).sum(-1)


@register_kl(Bernoulli, Bernoulli)
def _bernoulli(p: Bernoulli, q: Bernoulli) -> rt.Tensor:
    softplus = rt.nn.functional.softplus
    yes = p.probs * (softplus(-q.logits) - softplus(-p.logits))
    no = (1 - p.probs) * (softplus(q.logits) - softplus(p.logits))
    return yes + no


@register_kl(Uniform, Uniform)
def _uniform(p: Uniform, q: Uniform) -> rt.Tensor:
    result = ((q.high - q.low) / (p.high - p.low)).log()
    chosen: rt.Tensor = rt.where((q.low > p.low) | (q.high < p.high), rt.full_like(result, rt.inf), result)
    return chosen


@register_kl(Exponential, Exponential)
def _exponential(p: Exponential, q: Exponential) -> rt.Tensor:
    ratio = q.rate / p.rate
    return ratio - 1 - ratio.log()


@register_kl(Laplace, Laplace)
def _laplace(p: Laplace, q: Laplace) -> rt.Tensor:
    ratio, away = p.scale / q.scale, (p.loc - q.loc).abs()
    return -ratio.log() + away / q.scale + ratio * (-away / p.scale).exp() - 1


@register_kl(Gamma, Gamma)
def _gamma(p: Gamma, q: Gamma) -> rt.Tensor:
    a, b = p.concentration, q.concentration
    rates = b * (p.rate / q.rate).log() + (q.rate - p.rate) * (a / p.rate)
    return rates + b.lgamma() - a.lgamma() + (a - b) * a.digamma()


@register_kl(Dirichlet, Dirichlet)
def _dirichlet(p: Dirichlet, q: Dirichlet) -> rt.Tensor:
    a, b = p.concentration, q.concentration
    total = a.sum(-1)
    normal = total.lgamma() - b.sum(-1).lgamma() - (a.lgamma() - b.lgamma()).sum(-1)
    return normal + ((a - b) * (a.digamma() - total.digamma().unsqueeze(-1))).sum(-1)


@register_kl(Beta, Beta)
def _beta(p: Beta, q: Beta) -> rt.Tensor:
    return _dirichlet(p._dirichlet, q._dirichlet)


@register_kl(Independent, Independent)
def _independent(p: Independent, q: Independent) -> rt.Tensor:
    if p.reinterpreted_batch_ndims != q.reinterpreted_batch_ndims:
        raise NotImplementedError("kl_divergence: Independent distributions with different numbers of axes")
    return p._summed(kl_divergence(p.base_dist, q.base_dist))
