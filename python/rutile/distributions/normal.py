"""Normal distributions and their relatives."""

from __future__ import annotations

import math
from collections.abc import Sequence

import rutile as rt

from .distribution import Distribution, Number, broadcast

__all__ = ["HalfNormal", "LogNormal", "MultivariateNormal", "Normal"]

_LOG_ROOT = 0.5 * math.log(2 * math.pi)


class Normal(Distribution):
    """The normal distribution.

    Args:
        loc: mean.
        scale: standard deviation, positive.
    """

    has_rsample = True

    def __init__(self, loc: Number, scale: Number, validate_args: bool | None = None) -> None:
        self.loc, self.scale = broadcast(loc, scale)
        super().__init__(self.loc.shape, (), validate_args)
        self._check(self.scale > 0, "the scale has to be positive")
        self._check(self.loc == self.loc, "the loc has to be a number")

    @property
    def mean(self) -> rt.Tensor:
        return self.loc

    @property
    def mode(self) -> rt.Tensor:
        return self.loc

    @property
    def variance(self) -> rt.Tensor:
        return self.scale.square()

    def rsample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        return self.loc + self.scale * rt.randn(self._extended(sample_shape), dtype=self.loc.dtype)

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        return -0.5 * ((value - self.loc) / self.scale).square() - self.scale.log() - _LOG_ROOT

    def cdf(self, value: rt.Tensor) -> rt.Tensor:
        return 0.5 * (1 + ((value - self.loc) / (self.scale * math.sqrt(2))).erf())

    def icdf(self, value: rt.Tensor) -> rt.Tensor:
        return self.loc + self.scale * math.sqrt(2) * (2 * value - 1).erfinv()

    def entropy(self) -> rt.Tensor:
        return 0.5 + _LOG_ROOT + self.scale.log()


class LogNormal(Distribution):
    """The distribution of `exp(x)` of a normal `x`.

    Args:
        loc, scale: of the normal distribution.
    """

    has_rsample = True

    def __init__(self, loc: Number, scale: Number, validate_args: bool | None = None) -> None:
        self.base_dist = Normal(loc, scale, validate_args)
        self.loc, self.scale = self.base_dist.loc, self.base_dist.scale
        super().__init__(self.loc.shape, (), validate_args)

    @property
    def mean(self) -> rt.Tensor:
        return (self.loc + self.scale.square() / 2).exp()

    @property
    def mode(self) -> rt.Tensor:
        return (self.loc - self.scale.square()).exp()

    @property
    def variance(self) -> rt.Tensor:
        square = self.scale.square()
        return square.expm1() * (2 * self.loc + square).exp()

    def rsample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        return self.base_dist.rsample(sample_shape).exp()

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        return self.base_dist.log_prob(value.log()) - value.log()

    def cdf(self, value: rt.Tensor) -> rt.Tensor:
        return self.base_dist.cdf(value.log())

    def entropy(self) -> rt.Tensor:
        return self.base_dist.entropy() + self.loc


class HalfNormal(Distribution):
    """The distribution of `|x|` of a normal `x` of mean 0.

    Args:
        scale: standard deviation of the normal distribution.
    """

    has_rsample = True

    def __init__(self, scale: Number, validate_args: bool | None = None) -> None:
        self.base_dist = Normal(0.0 if not isinstance(scale, rt.Tensor) else rt.zeros_like(scale), scale, validate_args)
        self.scale = self.base_dist.scale
        super().__init__(self.scale.shape, (), validate_args)

    @property
    def mean(self) -> rt.Tensor:
        return self.scale * math.sqrt(2 / math.pi)

    @property
    def variance(self) -> rt.Tensor:
        return self.scale.square() * (1 - 2 / math.pi)

    def rsample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        return self.base_dist.rsample(sample_shape).abs()

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        inside = self.base_dist.log_prob(value) + math.log(2)
        chosen: rt.Tensor = rt.where(value >= 0, inside, rt.full_like(inside, -math.inf))
        return chosen

    def cdf(self, value: rt.Tensor) -> rt.Tensor:
        return 2 * self.base_dist.cdf(value) - 1

    def entropy(self) -> rt.Tensor:
        return self.base_dist.entropy() - math.log(2)


class MultivariateNormal(Distribution):
    """The normal distribution of vectors.

    Args:
        loc: mean, `(..., n)`.
        covariance_matrix, precision_matrix, scale_tril: one of the three, `(..., n, n)`: covariance, its inverse, or
            the lower triangular factor whose product with its transpose is the covariance.
    """

    has_rsample = True

    def __init__(
        self,
        loc: rt.Tensor,
        covariance_matrix: rt.Tensor | None = None,
        precision_matrix: rt.Tensor | None = None,
        scale_tril: rt.Tensor | None = None,
        validate_args: bool | None = None,
    ) -> None:
        given = [m for m in (covariance_matrix, precision_matrix, scale_tril) if m is not None]
        if len(given) != 1:
            raise ValueError("Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified.")
        matrix = given[0]
        if loc.dim() < 1 or matrix.dim() < 2 or matrix.shape[-2:] != (loc.shape[-1],) * 2:
            raise ValueError(f"MultivariateNormal: loc {list(loc.shape)} and matrix {list(matrix.shape)} do not fit")
        if scale_tril is not None:
            self.scale_tril = scale_tril
        elif covariance_matrix is not None:
            self.scale_tril = rt.linalg.cholesky(covariance_matrix)
        else:
            self.scale_tril = rt.linalg.cholesky(rt.linalg.inv(matrix))
        batch = rt.broadcast_tensors(loc[..., 0], self.scale_tril[..., 0, 0])[0].shape
        size = loc.shape[-1]
        self.loc = loc.expand(*batch, size)
        self.scale_tril = self.scale_tril.expand(*batch, size, size)
        super().__init__(batch, (size,), validate_args)

    @property
    def covariance_matrix(self) -> rt.Tensor:
        """The covariance, `(..., n, n)`."""
        return self.scale_tril @ self.scale_tril.transpose(-1, -2)

    @property
    def precision_matrix(self) -> rt.Tensor:
        """The inverse of the covariance, `(..., n, n)`."""
        return rt.linalg.inv(self.covariance_matrix)

    @property
    def mean(self) -> rt.Tensor:
        return self.loc

    @property
    def mode(self) -> rt.Tensor:
        return self.loc

    @property
    def variance(self) -> rt.Tensor:
        return self.scale_tril.square().sum(-1)

    def rsample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        noise = rt.randn(self._extended(sample_shape), dtype=self.loc.dtype)
        return self.loc + (self.scale_tril @ noise.unsqueeze(-1)).squeeze(-1)

    def _log_det(self) -> rt.Tensor:
        return self.scale_tril.diagonal(dim1=-2, dim2=-1).log().sum(-1)

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        away = (value - self.loc).unsqueeze(-1)
        standard = rt.linalg.solve_triangular(self.scale_tril, away, upper=False).squeeze(-1)
        return -0.5 * standard.square().sum(-1) - self._log_det() - self.loc.shape[-1] * _LOG_ROOT

    def entropy(self) -> rt.Tensor:
        return self._log_det() + self.loc.shape[-1] * (0.5 + _LOG_ROOT)
