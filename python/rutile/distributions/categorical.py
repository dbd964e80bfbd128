"""Distributions over classes and counts of successes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

import rutile as rt

from .distribution import Distribution, Number, broadcast

__all__ = ["Bernoulli", "Binomial", "Categorical", "Geometric", "NegativeBinomial", "OneHotCategorical"]

F = rt.nn.functional


class Categorical(Distribution):
    """One of several classes.

    Args:
        probs: weights of the classes along the last axis; they need not add up to 1.
        logits: in place of `probs`, their logarithms, up to a constant.
    """

    def __init__(
        self, probs: rt.Tensor | None = None, logits: rt.Tensor | None = None, validate_args: bool | None = None
    ) -> None:
        given = probs if probs is not None else logits
        if given is None or (probs is not None and logits is not None):
            raise ValueError("Either `probs` or `logits` must be specified, but not both.")
        if given.dim() < 1:
            raise ValueError("Categorical: the parameter must be at least one-dimensional")
        super().__init__(given.shape[:-1], (), validate_args)
        if probs is not None:
            self._check((probs >= 0) & (probs.sum(-1, keepdim=True) > 0), "probs have to be 0 or more, not all 0")
            self.probs = probs / probs.sum(-1, keepdim=True)
            tiny = 2.0**-23 if probs.dtype != rt.float64 else 2.0**-52
            self.logits = self.probs.clamp(tiny, 1 - tiny).log()
        else:
            self._check(given == given, "logits have to be numbers")
            self.logits = given - given.logsumexp(-1, keepdim=True)
            self.probs = F.softmax(given, -1)
        self._num_events = given.shape[-1]

    @property
    def param_shape(self) -> rt.Size:
        """The shape of the parameter, with classes along the last axis."""
        return self.logits.shape

    def sample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        """Classes, int64."""
        shape = self._extended(sample_shape)
        rows = self.probs.detach().reshape(-1, self._num_events)
        count = math.prod(sample_shape)
        return rt.multinomial(rows, max(count, 1), True).t()[:count].reshape(shape)

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        value = value.long().unsqueeze(-1)
        shape = rt.broadcast_tensors(value, self.logits[..., :1])[0].shape[:-1]
        logits = self.logits.expand(*shape, self._num_events)
        return logits.gather(-1, value.expand(*shape, 1)).squeeze(-1)

    def entropy(self) -> rt.Tensor:
        lowest = -3.4e38 if self.logits.dtype != rt.float64 else -1.79e308
        return -(self.logits.clamp(min=lowest) * self.probs).sum(-1)

    @property
    def mean(self) -> rt.Tensor:
        return rt.full_like(self.probs[..., 0], math.nan)

    @property
    def variance(self) -> rt.Tensor:
        return rt.full_like(self.probs[..., 0], math.nan)

    @property
    def mode(self) -> rt.Tensor:
        """The likeliest class."""
        return self.probs.argmax(-1)

    def enumerate_support(self, expand: bool = True) -> rt.Tensor:
        """All classes, along a new first axis; with `expand`, for each distribution of the batch."""
        values = rt.arange(self._num_events).reshape(-1, *[1] * len(self.batch_shape))
        return values.expand(-1, *self.batch_shape) if expand else values


class OneHotCategorical(Distribution):
    """`Categorical` whose samples are rows with a single 1.

    Args:
        probs, logits: as in `Categorical`.
    """

    def __init__(
        self, probs: rt.Tensor | None = None, logits: rt.Tensor | None = None, validate_args: bool | None = None
    ) -> None:
        self._categorical = Categorical(probs, logits, validate_args)
        shape = self._categorical.param_shape
        super().__init__(shape[:-1], shape[-1:], validate_args)
        self.probs, self.logits = self._categorical.probs, self._categorical.logits

    @property
    def mean(self) -> rt.Tensor:
        return self.probs

    @property
    def variance(self) -> rt.Tensor:
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        """Rows with a single 1, in the dtype of the parameter."""
        return F.one_hot(self._categorical.sample(sample_shape), self.probs.shape[-1]).to(self.probs.dtype)

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        return self._categorical.log_prob(value.argmax(-1))

    def entropy(self) -> rt.Tensor:
        return self._categorical.entropy()


class _Successes(Distribution):
    """What distributions of a probability of success share: `probs` and `logits`, either of which is given."""

    def _set(self, probs: Any, logits: Any, validate_args: bool | None, *others: Any) -> list[rt.Tensor]:
        if (probs is None) == (logits is None):
            raise ValueError("Either `probs` or `logits` must be specified, but not both.")
        given, *rest = broadcast(probs if logits is None else logits, *others)
        Distribution.__init__(self, given.shape, (), validate_args)
        if probs is not None:
            self._check((given >= 0) & (given <= 1), "probs have to be between 0 and 1")
            tiny = 2.0**-23 if given.dtype != rt.float64 else 2.0**-52
            inside = given.clamp(tiny, 1 - tiny)
            self.probs, self.logits = given, inside.log() - (-inside).log1p()
        else:
            self.probs, self.logits = given.sigmoid(), given
        return rest


class Bernoulli(_Successes):
    """1 with probability `probs`, else 0.

    Args:
        probs: probability of 1.
        logits: in place of `probs`, `log(probs / (1 - probs))`.
    """

    def __init__(
        self, probs: Number | None = None, logits: Number | None = None, validate_args: bool | None = None
    ) -> None:
        self._set(probs, logits, validate_args)

    @property
    def mean(self) -> rt.Tensor:
        return self.probs

    @property
    def variance(self) -> rt.Tensor:
        return self.probs * (1 - self.probs)

    @property
    def mode(self) -> rt.Tensor:
        """The likelier of 0 and 1; NaN where they are equally likely."""
        return (self.probs >= 0.5).to(self.probs.dtype).masked_fill(self.probs == 0.5, rt.nan)

    def enumerate_support(self, expand: bool = True) -> rt.Tensor:
        """0 and 1, along a new first axis; with `expand`, for each distribution of the batch."""
        values = rt.arange(2, dtype=self.probs.dtype).reshape(-1, *[1] * len(self.batch_shape))
        return values.expand(-1, *self.batch_shape) if expand else values

    def sample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        """Zeros and ones, in the dtype of the parameter."""
        return rt.bernoulli(self.probs.detach().expand(self._extended(sample_shape)))

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        logits, value = rt.broadcast_tensors(self.logits, value)
        return -F.binary_cross_entropy_with_logits(logits, value.to(logits.dtype), reduction="none")

    def entropy(self) -> rt.Tensor:
        return F.binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none")


class Geometric(_Successes):
    """Failures before the first success.

    Args:
        probs, logits: as in `Bernoulli`.
    """

    def __init__(
        self, probs: Number | None = None, logits: Number | None = None, validate_args: bool | None = None
    ) -> None:
        self._set(probs, logits, validate_args)
        self._check(self.probs > 0, "probs have to be positive")

    @property
    def mean(self) -> rt.Tensor:
        return 1.0 / self.probs - 1.0

    @property
    def variance(self) -> rt.Tensor:
        return (1.0 / self.probs - 1.0) / self.probs

    def sample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        """Whole numbers, in the dtype of the parameter."""
        probs = self.probs.detach()
        uniform = rt.rand(self._extended(sample_shape), dtype=probs.dtype).clamp(min=2.0**-24)
        return (uniform.log() / (-probs).log1p()).floor()

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        return rt.xlogy(value, 1 - self.probs) + self.probs.log()

    def entropy(self) -> rt.Tensor:
        return F.binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none") / self.probs


class Binomial(_Successes):
    """Successes in `total_count` trials.

    Args:
        total_count: number of trials.
        probs, logits: as in `Bernoulli`.
    """

    def __init__(
        self,
        total_count: int | rt.Tensor = 1,
        probs: Number | None = None,
        logits: Number | None = None,
        validate_args: bool | None = None,
    ) -> None:
        (count,) = self._set(probs, logits, validate_args, total_count)
        self.total_count = count.to(self.probs.dtype)

    @property
    def mean(self) -> rt.Tensor:
        return self.total_count * self.probs

    @property
    def variance(self) -> rt.Tensor:
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        """Counts, in the dtype of the parameter."""
        return rt.binomial(self.total_count.expand(self._extended(sample_shape)), self.probs.detach())

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        n = self.total_count
        ways = (n + 1).lgamma() - (value + 1).lgamma() - (n - value + 1).lgamma()
        # log(1 - p) is -softplus(logits)
        return ways + value * self.logits - n * F.softplus(self.logits)


class NegativeBinomial(_Successes):
    """Successes before `total_count` failures.

    Args:
        total_count: number of failures, not negative; it need not be whole.
        probs, logits: of success, as in `Bernoulli`; below 1.
    """

    def __init__(
        self,
        total_count: Number,
        probs: Number | None = None,
        logits: Number | None = None,
        validate_args: bool | None = None,
    ) -> None:
        (count,) = self._set(probs, logits, validate_args, total_count)
        self.total_count = count.to(self.probs.dtype)
        self._check(self.total_count >= 0, "the total_count has to be 0 or more")
        self._check(self.probs < 1, "probs have to be below 1")

    @property
    def mean(self) -> rt.Tensor:
        return self.total_count * self.logits.exp()

    @property
    def variance(self) -> rt.Tensor:
        return self.mean / (-self.logits).sigmoid()

    def sample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        """Counts, in the dtype of the parameter."""
        with rt.no_grad():
            rates = numpy_generator().standard_gamma(self.total_count.double().numpy(), self._extended(sample_shape))
            return rt.poisson(rt.tensor(rates, dtype=self.probs.dtype) * self.logits.exp())

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        n = self.total_count
        ways = (n + value).lgamma() - (1 + value).lgamma() - n.lgamma()
        # At no failures and no successes this would be infinity less infinity.
        ways = ways.masked_fill((n + value) == 0, 0.0)
        return n * F.logsigmoid(-self.logits) + value * F.logsigmoid(self.logits) + ways


def numpy_generator() -> np.random.Generator:
    """NumPy's generator, seeded by a draw from Rutile's: for distributions whose samplers are long."""
    return np.random.default_rng(int(rt.randint(0, 2**62, (1,)).item()))
