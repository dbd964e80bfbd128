"""The gamma distribution and its relatives. Samples are NumPy's, seeded by Rutile's generator."""

from __future__ import annotations

from collections.abc import Sequence

import rutile as rt

from .categorical import numpy_generator
from .distribution import Distribution, Number, broadcast

__all__ = ["Beta", "Chi2", "Dirichlet", "Gamma", "InverseGamma", "Poisson", "StudentT"]


class Gamma(Distribution):
    """Sums of exponential waiting times.

    `rsample` records the dependence on `rate` only; a `concentration` that wants gradients raises.

    Args:
        concentration: the shape, positive.
        rate: the inverse scale, positive.
    """

    has_rsample = True

    def __init__(self, concentration: Number, rate: Number, validate_args: bool | None = None) -> None:
        self.concentration, self.rate = broadcast(concentration, rate)
        super().__init__(self.rate.shape, (), validate_args)
        self._check((self.concentration > 0) & (self.rate > 0), "concentration and rate have to be positive")

    @property
    def mean(self) -> rt.Tensor:
        return self.concentration / self.rate

    @property
    def variance(self) -> rt.Tensor:
        return self.concentration / self.rate.square()

    def rsample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        return _standard(self.concentration, self._extended(sample_shape)) / self.rate

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        a, b = self.concentration, self.rate
        return rt.xlogy(a, b) + rt.xlogy(a - 1, value) - b * value - a.lgamma()

    def entropy(self) -> rt.Tensor:
        a = self.concentration
        return a - self.rate.log() + a.lgamma() + (1.0 - a) * a.digamma()


def _standard(concentration: rt.Tensor, shape: tuple[int, ...]) -> rt.Tensor:
    """Gamma numbers of rate 1, above 0."""
    if concentration.requires_grad and rt.is_grad_enabled():
        raise NotImplementedError("rsample: gradients with respect to a concentration are not there; use sample")
    dtype = concentration.dtype
    drawn = numpy_generator().standard_gamma(concentration.detach().double().numpy(), shape)
    return rt.tensor(drawn, dtype=dtype).clamp(min=1.2e-38 if dtype != rt.float64 else 2.3e-308)


class Chi2(Gamma):
    """Sums of squares of `df` normal numbers."""

    def __init__(self, df: Number, validate_args: bool | None = None) -> None:
        (self.df,) = broadcast(df)
        super().__init__(0.5 * self.df, 0.5, validate_args)


class InverseGamma(Distribution):
    """The distribution of `1 / x` of a gamma `x`.

    Args:
        concentration, rate: of the gamma distribution.
    """

    has_rsample = True

    def __init__(self, concentration: Number, rate: Number, validate_args: bool | None = None) -> None:
        self.base_dist = Gamma(concentration, rate, validate_args)
        self.concentration, self.rate = self.base_dist.concentration, self.base_dist.rate
        super().__init__(self.rate.shape, (), validate_args)

    @property
    def mean(self) -> rt.Tensor:
        above = self.concentration - 1
        return (self.rate / above).masked_fill(above <= 0, rt.inf)

    @property
    def variance(self) -> rt.Tensor:
        a = self.concentration
        spread = self.rate.square() / ((a - 1).square() * (a - 2))
        return spread.masked_fill(a <= 2, rt.inf)

    def rsample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        return self.base_dist.rsample(sample_shape).reciprocal()

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        return self.base_dist.log_prob(value.reciprocal()) - 2 * value.log()

    def entropy(self) -> rt.Tensor:
        a = self.concentration
        return a + self.rate.log() + a.lgamma() - (1 + a) * a.digamma()


class Dirichlet(Distribution):
    """Shares that add up to 1.

    Args:
        concentration: positive, along the last axis.
    """

    has_rsample = True

    def __init__(self, concentration: rt.Tensor, validate_args: bool | None = None) -> None:
        if concentration.dim() < 1:
            raise ValueError("`concentration` parameter must be at least one-dimensional.")
        self.concentration = concentration
        super().__init__(concentration.shape[:-1], concentration.shape[-1:], validate_args)
        self._check(concentration > 0, "the concentration has to be positive")

    @property
    def mean(self) -> rt.Tensor:
        return self.concentration / self.concentration.sum(-1, keepdim=True)

    @property
    def variance(self) -> rt.Tensor:
        total = self.concentration.sum(-1, keepdim=True)
        return self.mean * (1 - self.mean) / (total + 1)

    def rsample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        drawn = _standard(self.concentration, self._extended(sample_shape))
        return drawn / drawn.sum(-1, keepdim=True)

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        a = self.concentration
        return rt.xlogy(a - 1.0, value).sum(-1) + a.sum(-1).lgamma() - a.lgamma().sum(-1)

    def entropy(self) -> rt.Tensor:
        a = self.concentration
        size, total = a.shape[-1], a.sum(-1)
        normal = a.lgamma().sum(-1) - total.lgamma()
        return normal - (size - total) * total.digamma() - ((a - 1.0) * a.digamma()).sum(-1)


class Beta(Distribution):
    """Shares between 0 and 1.

    Args:
        concentration1, concentration0: powers of the share and of the rest, positive.
    """

    has_rsample = True

    def __init__(self, concentration1: Number, concentration0: Number, validate_args: bool | None = None) -> None:
        both = rt.stack(broadcast(concentration1, concentration0), -1)
        self._dirichlet = Dirichlet(both, validate_args)
        super().__init__(both.shape[:-1], (), validate_args)

    @property
    def concentration1(self) -> rt.Tensor:
        """The power of the share."""
        return self._dirichlet.concentration[..., 0]

    @property
    def concentration0(self) -> rt.Tensor:
        """The power of the rest."""
        return self._dirichlet.concentration[..., 1]

    @property
    def mean(self) -> rt.Tensor:
        return self._dirichlet.mean[..., 0]

    @property
    def variance(self) -> rt.Tensor:
        return self._dirichlet.variance[..., 0]

    def rsample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        return self._dirichlet.rsample(sample_shape)[..., 0]

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        return self._dirichlet.log_prob(rt.stack([value, 1.0 - value], -1))

    def entropy(self) -> rt.Tensor:
        return self._dirichlet.entropy()


class StudentT(Distribution):
    """Student's t: normal numbers over the root of a chi-square one.

    Args:
        df: degrees of freedom, positive.
        loc, scale: place and width.
    """

    has_rsample = True

    def __init__(self, df: Number, loc: Number = 0.0, scale: Number = 1.0, validate_args: bool | None = None) -> None:
        self.df, self.loc, self.scale = broadcast(df, loc, scale)
        super().__init__(self.df.shape, (), validate_args)
        self._check((self.df > 0) & (self.scale > 0), "df and scale have to be positive")

    @property
    def mean(self) -> rt.Tensor:
        chosen: rt.Tensor = rt.where(self.df > 1, self.loc, rt.full_like(self.loc, float("nan")))
        return chosen

    @property
    def variance(self) -> rt.Tensor:
        wide = rt.where(self.df > 1, rt.full_like(self.loc, float("inf")), rt.full_like(self.loc, float("nan")))
        chosen: rt.Tensor = rt.where(self.df > 2, self.scale.square() * self.df / (self.df - 2), wide)
        return chosen

    def rsample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        shape = self._extended(sample_shape)
        square = 2 * _standard(self.df / 2, shape)
        return self.loc + self.scale * rt.randn(shape, dtype=self.df.dtype) * (square / self.df).rsqrt()

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        away = (value - self.loc) / self.scale
        normal = self.scale.log() + 0.5 * self.df.log() + 0.5 * rt.tensor(rt.pi, dtype=self.df.dtype).log()
        normal = normal + (0.5 * self.df).lgamma() - (0.5 * (self.df + 1.0)).lgamma()
        return -0.5 * (self.df + 1.0) * (away.square() / self.df).log1p() - normal


class Poisson(Distribution):
    """Counts of events of a mean `rate`."""

    def __init__(self, rate: Number, validate_args: bool | None = None) -> None:
        (self.rate,) = broadcast(rate)
        super().__init__(self.rate.shape, (), validate_args)
        self._check(self.rate >= 0, "the rate must not be negative")

    @property
    def mean(self) -> rt.Tensor:
        return self.rate

    @property
    def variance(self) -> rt.Tensor:
        return self.rate

    def sample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        """Counts, in the dtype of the parameter."""
        return rt.poisson(self.rate.detach().expand(self._extended(sample_shape)))

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        return rt.xlogy(value, self.rate) - self.rate - (value + 1).lgamma()
