"""Distributions made of others: of functions of their samples, and mixtures."""

from __future__ import annotations

from collections.abc import Sequence

import rutile as rt

from .categorical import Categorical
from .distribution import Distribution, Independent
from .transforms import ComposeTransform, Transform, sum_last

__all__ = ["MixtureSameFamily", "TransformedDistribution"]


class TransformedDistribution(Distribution):
    """The distribution of `transforms(x)` of a sample `x` of `base_distribution`.

    Args:
        base_distribution: where samples come from.
        transforms: a transform or several, the first one first.

    Example:
        >>> from rutile.distributions import Normal, TransformedDistribution
        >>> from rutile.distributions.transforms import AffineTransform, ExpTransform
        >>> skewed = TransformedDistribution(Normal(0.0, 1.0), [AffineTransform(1.0, 0.5), ExpTransform()])
        >>> round(skewed.log_prob(rt.tensor(2.0)).item(), 4)
        -1.1073
    """

    def __init__(
        self,
        base_distribution: Distribution,
        transforms: Transform | Sequence[Transform],
        validate_args: bool | None = None,
    ) -> None:
        self.transforms = [transforms] if isinstance(transforms, Transform) else list(transforms)
        if not all(isinstance(transform, Transform) for transform in self.transforms):
            raise ValueError(f"transforms must be a Transform or a list, but was {transforms}")
        transform = ComposeTransform(self.transforms)
        shape = (*base_distribution.batch_shape, *base_distribution.event_shape)
        axes = max(len(base_distribution.event_shape), transform.event_dim)
        if len(shape) < axes:
            raise ValueError(f"base_distribution needs to have shape with size at least {axes}, but got {list(shape)}.")
        self.has_rsample = base_distribution.has_rsample
        self.base_dist = base_distribution
        if more := axes - len(base_distribution.event_shape):
            self.base_dist = Independent(base_distribution, more)
        shape = tuple(transform.forward_shape(shape))
        cut = len(shape) - axes
        super().__init__(shape[:cut], shape[cut:], validate_args)

    def _transformed(self, x: rt.Tensor) -> rt.Tensor:
        for transform in self.transforms:
            x = transform(x)
        return x

    def sample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        with rt.no_grad():
            return self._transformed(self.base_dist.sample(sample_shape))

    def rsample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        return self._transformed(self.base_dist.rsample(sample_shape))

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        axes, y = len(self.event_shape), value
        total: rt.Tensor | float = 0.0
        for transform in reversed(self.transforms):
            x = transform.inv(y)
            axes += transform.domain.event_dim - transform.codomain.event_dim
            total = total - sum_last(transform.log_abs_det_jacobian(x, y), axes - transform.domain.event_dim)
            y = x
        return total + sum_last(self.base_dist.log_prob(y), axes - len(self.base_dist.event_shape))

    def _rises(self, value: rt.Tensor) -> rt.Tensor:
        """The value, mirrored where the transforms fall."""
        sign: int | rt.Tensor = 1
        for transform in self.transforms:
            sign = sign * transform.sign
        return sign * (value - 0.5) + 0.5

    def cdf(self, value: rt.Tensor) -> rt.Tensor:
        for transform in reversed(self.transforms):
            value = transform.inv(value)
        return self._rises(self.base_dist.cdf(value))

    def icdf(self, value: rt.Tensor) -> rt.Tensor:
        return self._transformed(self.base_dist.icdf(self._rises(value)))


class MixtureSameFamily(Distribution):
    """A sample of one of several distributions, which are the last batch axis of `component_distribution`.

    Args:
        mixture_distribution: `Categorical`: how probable each is.
        component_distribution: the distributions.

    Example:
        >>> from rutile.distributions import Categorical, MixtureSameFamily, Normal
        >>> two = MixtureSameFamily(Categorical(rt.ones(2)), Normal(rt.tensor([-1.0, 1.0]), rt.ones(2)))
        >>> two.mean, two.variance
        (tensor(0.), tensor(2.))
    """

    def __init__(
        self,
        mixture_distribution: Categorical,
        component_distribution: Distribution,
        validate_args: bool | None = None,
    ) -> None:
        if not isinstance(mixture_distribution, Categorical):
            raise ValueError(" The Mixture distribution needs to be an  instance of distributions.Categorical")
        shape = component_distribution.batch_shape
        count = mixture_distribution.param_shape[-1]
        if not shape or shape[-1] != count:
            raise ValueError(f"MixtureSameFamily: {count} probabilities for the batch shape {list(shape)}")
        self.mixture_distribution = mixture_distribution
        self.component_distribution = component_distribution
        self._axes = len(component_distribution.event_shape)
        super().__init__(shape[:-1], component_distribution.event_shape, validate_args)

    def _padded(self, probs: rt.Tensor) -> rt.Tensor:
        return probs.reshape(*probs.shape, *[1] * self._axes)

    def _mean_over(self, values: rt.Tensor) -> rt.Tensor:
        return (self._padded(self.mixture_distribution.probs) * values).sum(-1 - self._axes)

    @property
    def mean(self) -> rt.Tensor:
        return self._mean_over(self.component_distribution.mean)

    @property
    def variance(self) -> rt.Tensor:
        away = self.component_distribution.mean - self.mean.unsqueeze(-1 - self._axes)
        return self._mean_over(self.component_distribution.variance) + self._mean_over(away.square())

    def sample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        """Samples, not recorded."""
        with rt.no_grad():
            samples = self.component_distribution.sample(sample_shape)
            axis = len(sample_shape) + len(self.batch_shape)
            chosen = self._padded(self.mixture_distribution.sample(sample_shape).unsqueeze(-1))
            chosen = chosen.expand(*samples.shape[:axis], 1, *samples.shape[axis + 1 :])
            return samples.gather(axis, chosen).squeeze(axis)

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        inside = self.component_distribution.log_prob(value.unsqueeze(-1 - self._axes))
        return (inside + self.mixture_distribution.logits.log_softmax(-1)).logsumexp(-1)

    def cdf(self, value: rt.Tensor) -> rt.Tensor:
        inside = self.component_distribution.cdf(value.unsqueeze(-1 - self._axes))
        return (inside * self.mixture_distribution.probs).sum(-1)
