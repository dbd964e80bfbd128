"""Distributions whose samples are functions of a uniform number."""

from __future__ import annotations

import math
from collections.abc import Sequence

import rutile as rt

from .distribution import Distribution, Number, broadcast

__all__ = ["Cauchy", "Exponential", "Gumbel", "HalfCauchy", "Kumaraswamy", "Laplace", "Pareto", "Uniform", "Weibull"]

_EULER = 0.57721566490153286


class _Inverse(Distribution):
    """Samples are the `icdf` of uniform numbers, between 0 and 1 without the ends."""

    has_rsample = True
    _parameter: rt.Tensor

    def rsample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        dtype = self._parameter.dtype
        tiny = 2.0**-24 if dtype != rt.float64 else 2.0**-53
        return self.icdf(rt.rand(self._extended(sample_shape), dtype=dtype).clamp(tiny, 1 - tiny))


class Uniform(_Inverse):
    """Equally probable numbers from `low` up to `high`."""

    def __init__(self, low: Number, high: Number, validate_args: bool | None = None) -> None:
        self.low, self.high = broadcast(low, high)
        self._parameter = self.low
        super().__init__(self.low.shape, (), validate_args)
        self._check(self.low < self.high, "low has to be below high")

    @property
    def mean(self) -> rt.Tensor:
        return (self.low + self.high) / 2

    @property
    def variance(self) -> rt.Tensor:
        return (self.high - self.low).square() / 12

    def rsample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        return self.icdf(rt.rand(self._extended(sample_shape), dtype=self.low.dtype))

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        inside = (value >= self.low) & (value < self.high)
        chosen: rt.Tensor = (
            rt.where(inside, rt.zeros_like(self.low), rt.full_like(self.low, -math.inf)) - self.entropy()
        )
        return chosen

    def cdf(self, value: rt.Tensor) -> rt.Tensor:
        return ((value - self.low) / (self.high - self.low)).clamp(0, 1)

    def icdf(self, value: rt.Tensor) -> rt.Tensor:
        return self.low + value * (self.high - self.low)

    def entropy(self) -> rt.Tensor:
        return (self.high - self.low).log()


class Exponential(_Inverse):
    """Waiting times between events of a `rate` (positive)."""

    def __init__(self, rate: Number, validate_args: bool | None = None) -> None:
        (self.rate,) = broadcast(rate)
        self._parameter = self.rate
        super().__init__(self.rate.shape, (), validate_args)
        self._check(self.rate > 0, "the rate has to be positive")

    @property
    def mean(self) -> rt.Tensor:
        return self.rate.reciprocal()

    @property
    def variance(self) -> rt.Tensor:
        return self.rate.square().reciprocal()

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        return self.rate.log() - self.rate * value

    def cdf(self, value: rt.Tensor) -> rt.Tensor:
        return -(-self.rate * value).expm1()

    def icdf(self, value: rt.Tensor) -> rt.Tensor:
        return -(-value).log1p() / self.rate

    def entropy(self) -> rt.Tensor:
        return 1.0 - self.rate.log()


class _LocScale(_Inverse):
    """Distributions with a place and a width.

    Args:
        loc: the place.
        scale: the width, positive.
    """

    def __init__(self, loc: Number, scale: Number, validate_args: bool | None = None) -> None:
        self.loc, self.scale = broadcast(loc, scale)
        self._parameter = self.loc
        super().__init__(self.loc.shape, (), validate_args)
        self._check(self.scale > 0, "the scale has to be positive")

    def _standard(self, value: rt.Tensor) -> rt.Tensor:
        return (value - self.loc) / self.scale


class Laplace(_LocScale):
    """The double exponential distribution, of mean `loc` and mean distance `scale`."""

    @property
    def mean(self) -> rt.Tensor:
        return self.loc

    @property
    def mode(self) -> rt.Tensor:
        return self.loc

    @property
    def variance(self) -> rt.Tensor:
        return 2 * self.scale.square()

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        return -(2 * self.scale).log() - self._standard(value).abs()

    def cdf(self, value: rt.Tensor) -> rt.Tensor:
        away = self._standard(value)
        return 0.5 - 0.5 * away.sign() * (-away.abs()).expm1()

    def icdf(self, value: rt.Tensor) -> rt.Tensor:
        middle = value - 0.5
        return self.loc - self.scale * middle.sign() * (-2 * middle.abs()).log1p()

    def entropy(self) -> rt.Tensor:
        return 1 + (2 * self.scale).log()


class Cauchy(_LocScale):
    """The distribution of the ratio of two normal numbers; it has no mean."""

    @property
    def mean(self) -> rt.Tensor:
        return rt.full_like(self.loc, math.nan)

    @property
    def variance(self) -> rt.Tensor:
        return rt.full_like(self.loc, math.inf)

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        return -math.log(math.pi) - self.scale.log() - self._standard(value).square().log1p()

    def cdf(self, value: rt.Tensor) -> rt.Tensor:
        return self._standard(value).atan() / math.pi + 0.5

    def icdf(self, value: rt.Tensor) -> rt.Tensor:
        return (math.pi * (value - 0.5)).tan() * self.scale + self.loc

    def entropy(self) -> rt.Tensor:
        return math.log(4 * math.pi) + self.scale.log()


class Gumbel(_LocScale):
    """The distribution of maxima; `argmax(logits + Gumbel noise)` is a draw from the softmax."""

    @property
    def mean(self) -> rt.Tensor:
        return self.loc + self.scale * _EULER

    @property
    def variance(self) -> rt.Tensor:
        return self.scale.square() * (math.pi**2 / 6)

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        away = -self._standard(value)
        return away - away.exp() - self.scale.log()

    def cdf(self, value: rt.Tensor) -> rt.Tensor:
        return (-(-self._standard(value)).exp()).exp()

    def icdf(self, value: rt.Tensor) -> rt.Tensor:
        return self.loc - self.scale * (-value.log()).log()

    def entropy(self) -> rt.Tensor:
        return self.scale.log() + (1 + _EULER)


class HalfCauchy(_Inverse):
    """The distribution of `|x|` of a Cauchy `x` around 0; it has no mean.

    Args:
        scale: the width, positive.
    """

    def __init__(self, scale: Number, validate_args: bool | None = None) -> None:
        (self.scale,) = broadcast(scale)
        self._parameter = self.scale
        super().__init__(self.scale.shape, (), validate_args)
        self._check(self.scale > 0, "the scale has to be positive")

    @property
    def mean(self) -> rt.Tensor:
        return rt.full_like(self.scale, math.inf)

    @property
    def variance(self) -> rt.Tensor:
        return rt.full_like(self.scale, math.inf)

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        inside = math.log(2 / math.pi) - self.scale.log() - (value / self.scale).square().log1p()
        chosen: rt.Tensor = rt.where(value >= 0, inside, rt.full_like(inside, -math.inf))
        return chosen

    def cdf(self, value: rt.Tensor) -> rt.Tensor:
        return (value / self.scale).atan() * (2 / math.pi)

    def icdf(self, value: rt.Tensor) -> rt.Tensor:
        return (value * (math.pi / 2)).tan() * self.scale

    def entropy(self) -> rt.Tensor:
        return (2 * math.pi * self.scale).log()


class Pareto(_Inverse):
    """Numbers from `scale` on whose density falls with the power `alpha + 1`."""

    def __init__(self, scale: Number, alpha: Number, validate_args: bool | None = None) -> None:
        self.scale, self.alpha = broadcast(scale, alpha)
        self._parameter = self.scale
        super().__init__(self.scale.shape, (), validate_args)
        self._check((self.scale > 0) & (self.alpha > 0), "scale and alpha have to be positive")

    @property
    def mean(self) -> rt.Tensor:
        a = self.alpha.clamp(min=1)
        return a * self.scale / (a - 1)

    @property
    def variance(self) -> rt.Tensor:
        a = self.alpha.clamp(min=2)
        return self.scale.square() * a / ((a - 1).square() * (a - 2))

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        return self.alpha.log() + self.alpha * self.scale.log() - (self.alpha + 1) * value.log()

    def cdf(self, value: rt.Tensor) -> rt.Tensor:
        return 1 - (self.scale / value) ** self.alpha

    def icdf(self, value: rt.Tensor) -> rt.Tensor:
        return self.scale * ((-value).log1p() / -self.alpha).exp()

    def entropy(self) -> rt.Tensor:
        return (self.scale / self.alpha).log() + 1 + self.alpha.reciprocal()


class Weibull(_Inverse):
    """Lifetimes: `scale` times an exponential number to the power `1 / concentration`."""

    def __init__(self, scale: Number, concentration: Number, validate_args: bool | None = None) -> None:
        self.scale, self.concentration = broadcast(scale, concentration)
        self._parameter = self.scale
        super().__init__(self.scale.shape, (), validate_args)
        self._check((self.scale > 0) & (self.concentration > 0), "scale and concentration have to be positive")

    def _moment(self, order: int) -> rt.Tensor:
        return (1 + order / self.concentration).lgamma().exp()

    @property
    def mean(self) -> rt.Tensor:
        return self.scale * self._moment(1)

    @property
    def variance(self) -> rt.Tensor:
        return self.scale.square() * (self._moment(2) - self._moment(1).square())

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        k, part = self.concentration, value / self.scale
        return k.log() - self.scale.log() + (k - 1) * part.log() - part**k

    def cdf(self, value: rt.Tensor) -> rt.Tensor:
        return -(-((value / self.scale) ** self.concentration)).expm1()

    def icdf(self, value: rt.Tensor) -> rt.Tensor:
        return self.scale * (-(-value).log1p()) ** self.concentration.reciprocal()

    def entropy(self) -> rt.Tensor:
        return _EULER * (1 - self.concentration.reciprocal()) + (self.scale / self.concentration).log() + 1


class Kumaraswamy(_Inverse):
    """Numbers between 0 and 1, much like those of `Beta`, with a closed `cdf`."""

    def __init__(self, concentration1: Number, concentration0: Number, validate_args: bool | None = None) -> None:
        self.concentration1, self.concentration0 = broadcast(concentration1, concentration0)
        self._parameter = self.concentration1
        super().__init__(self.concentration1.shape, (), validate_args)
        self._check((self.concentration1 > 0) & (self.concentration0 > 0), "concentrations have to be positive")

    def _moment(self, order: int) -> rt.Tensor:
        b, part = self.concentration0, 1 + order / self.concentration1
        return (b.log() + part.lgamma() + b.lgamma() - (part + b).lgamma()).exp()

    @property
    def mean(self) -> rt.Tensor:
        return self._moment(1)

    @property
    def variance(self) -> rt.Tensor:
        return self._moment(2) - self._moment(1).square()

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        a, b = self.concentration1, self.concentration0
        return a.log() + b.log() + (a - 1) * value.log() + (b - 1) * (-(value**a)).log1p()

    def cdf(self, value: rt.Tensor) -> rt.Tensor:
        return 1 - (1 - value**self.concentration1) ** self.concentration0

    def icdf(self, value: rt.Tensor) -> rt.Tensor:
        return (1 - (1 - value) ** self.concentration0.reciprocal()) ** self.concentration1.reciprocal()

    def entropy(self) -> rt.Tensor:
        a, b = self.concentration1, self.concentration0
        harmonic = (b + 1).digamma() + _EULER
        return (1 - b.reciprocal()) + (1 - a.reciprocal()) * harmonic - a.log() - b.log()
