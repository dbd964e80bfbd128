"""Smooth relatives of discrete distributions (Maddison et al., *The Concrete Distribution*, 2016; Jang et al.,
*Categorical Reparameterization with Gumbel-Softmax*, 2016), whose samples have gradients.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import rutile as rt

from .categorical import Bernoulli, Categorical, OneHotCategorical
from .distribution import Distribution, Number

__all__ = ["OneHotCategoricalStraightThrough", "RelaxedBernoulli", "RelaxedOneHotCategorical"]

F = rt.nn.functional


def _uniform(shape: Sequence[int], like: rt.Tensor) -> rt.Tensor:
    edge = rt.finfo(like.dtype).eps
    return rt.rand(tuple(shape), dtype=like.dtype).clamp(edge, 1 - edge)


class RelaxedOneHotCategorical(Distribution):
    """The softmax of `(logits + Gumbel noise) / temperature`: a `OneHotCategorical` as `temperature` goes to 0.

    Args:
        temperature: positive.
        probs, logits: as in `Categorical`.
    """

    has_rsample = True

    def __init__(
        self,
        temperature: Number,
        probs: rt.Tensor | None = None,
        logits: rt.Tensor | None = None,
        validate_args: bool | None = None,
    ) -> None:
        self._categorical = Categorical(probs, logits, validate_args)
        self.probs, self.logits = self._categorical.probs, self._categorical.logits
        self.temperature = rt.as_tensor(temperature, dtype=self.logits.dtype)
        super().__init__(self.logits.shape[:-1], self.logits.shape[-1:], validate_args)

    def rsample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        noise = -(-_uniform(self._extended(sample_shape), self.logits).log()).log()
        return F.softmax((self.logits + noise) / self.temperature, -1)

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        count = self.logits.shape[-1]
        logs = value.log()
        score = self.logits - logs * self.temperature
        score = (score - score.logsumexp(-1, keepdim=True)).sum(-1)
        return score + math.lgamma(count) + (count - 1) * self.temperature.log() - logs.sum(-1)


class RelaxedBernoulli(Distribution):
    """The sigmoid of `(logits + logistic noise) / temperature`: a `Bernoulli` as `temperature` goes to 0.

    Args:
        temperature: positive.
        probs, logits: as in `Bernoulli`.
    """

    has_rsample = True

    def __init__(
        self,
        temperature: Number,
        probs: Number | None = None,
        logits: Number | None = None,
        validate_args: bool | None = None,
    ) -> None:
        self._bernoulli = Bernoulli(probs, logits, validate_args)
        self.probs, self.logits = self._bernoulli.probs, self._bernoulli.logits
        self.temperature = rt.as_tensor(temperature, dtype=self.logits.dtype)
        super().__init__(self.logits.shape, (), validate_args)

    def rsample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        u = _uniform(self._extended(sample_shape), self.logits)
        return ((u.log() - (-u).log1p() + self.logits) / self.temperature).sigmoid()

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        x = value.log() - (-value).log1p()
        away = self.logits - x * self.temperature
        inside = self.temperature.log() + away - 2 * F.softplus(away)
        return inside + F.softplus(-x) + F.softplus(x)


class OneHotCategoricalStraightThrough(OneHotCategorical):
    """`OneHotCategorical` whose samples pass gradients to the probabilities as if they were these (Bengio et al.,
    2013).
    """

    has_rsample = True

    def rsample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        return self.sample(sample_shape) + (self.probs - self.probs.detach())
