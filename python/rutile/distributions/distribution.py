"""What distributions share."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, TypeVar

import rutile as rt

__all__ = ["Distribution", "Independent"]

Number = float | rt.Tensor
D = TypeVar("D", bound="Distribution")


class Distribution:
    """Base class: batches of distributions over events.

    A subclass sets the shapes by `super().__init__` and defines `rsample` (and `has_rsample = True`) or `sample`,
    `log_prob`, and what else it knows.

    Attributes:
        batch_shape: shape of the parameters.
        event_shape: shape of one sample.
    """

    has_rsample = False

    def __init__(
        self, batch_shape: Sequence[int] = (), event_shape: Sequence[int] = (), validate_args: bool | None = None
    ) -> None:
        self.batch_shape = rt.Size(batch_shape)
        self.event_shape = rt.Size(event_shape)
        self._validate = validate_args is not False

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Accepted: arguments are checked where a distribution is made, unless `validate_args=False`."""

    def _check(self, right: bool | rt.Tensor, what: str) -> None:
        """ValueError unless everything is right; NaN is not."""
        if self._validate and not (bool(right.all()) if isinstance(right, rt.Tensor) else right):
            raise ValueError(f"{type(self).__name__}: {what}")

    def _extended(self, sample_shape: Sequence[int]) -> tuple[int, ...]:
        return (*sample_shape, *self.batch_shape, *self.event_shape)

    def _extended_shape(self, sample_shape: Sequence[int] = ()) -> rt.Size:
        """The shape of samples: people's own distributions call it."""
        return rt.Size(self._extended(sample_shape))

    def expand(self: D, batch_shape: Sequence[int], _instance: Any = None) -> D:
        """The same distributions, repeated without copying to another batch shape.

        Example:
            >>> from rutile.distributions import Normal
            >>> Normal(0.0, 1.0).expand([2, 3]).sample().shape
            rutile.Size([2, 3])
        """
        shape, before = tuple(batch_shape), len(self.batch_shape)
        expanded = copy.copy(self)
        for name, value in vars(self).items():
            if isinstance(value, Distribution) and value.batch_shape[:before] == self.batch_shape:
                vars(expanded)[name] = value.expand((*shape, *value.batch_shape[before:]))
            elif isinstance(value, rt.Tensor) and value.shape[:before] == self.batch_shape:
                vars(expanded)[name] = value.expand(*shape, *value.shape[before:])
        expanded.batch_shape = rt.Size(shape)
        return expanded

    def sample_n(self, n: int) -> rt.Tensor:
        """`n` samples along a new first axis; `sample((n,))` is the present spelling."""
        return self.sample((n,))

    def enumerate_support(self, expand: bool = True) -> rt.Tensor:
        """All values along a new first axis, if there are finitely many."""
        raise NotImplementedError(f"{type(self).__name__} has no enumerate_support")

    def sample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        """Samples of shape `sample_shape + batch_shape + event_shape`, not recorded."""
        with rt.no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        """Samples through which gradients reach the parameters."""
        raise NotImplementedError(f"{type(self).__name__} has no rsample: gradients do not pass through its samples")

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        """The logarithm of the density or probability at `value`."""
        raise NotImplementedError(f"{type(self).__name__} has no log_prob")

    def cdf(self, value: rt.Tensor) -> rt.Tensor:
        """The probability of at most `value`."""
        raise NotImplementedError(f"{type(self).__name__} has no cdf")

    def icdf(self, value: rt.Tensor) -> rt.Tensor:
        """Where the `cdf` is `value`."""
        raise NotImplementedError(f"{type(self).__name__} has no icdf")

    def entropy(self) -> rt.Tensor:
        """The entropy in nats."""
        raise NotImplementedError(f"{type(self).__name__} has no entropy")

    @property
    def mean(self) -> rt.Tensor:
        """The mean."""
        raise NotImplementedError(f"{type(self).__name__} has no mean")

    @property
    def mode(self) -> rt.Tensor:
        """The likeliest value."""
        raise NotImplementedError(f"{type(self).__name__} has no mode")

    @property
    def variance(self) -> rt.Tensor:
        """The variance."""
        raise NotImplementedError(f"{type(self).__name__} has no variance")

    @property
    def stddev(self) -> rt.Tensor:
        """The standard deviation."""
        return self.variance.sqrt()

    def perplexity(self) -> rt.Tensor:
        """The exponential of the entropy."""
        return self.entropy().exp()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(batch_shape={list(self.batch_shape)}, event_shape={list(self.event_shape)})"


def broadcast(*values: Any) -> list[rt.Tensor]:
    """Parameters as tensors of one shape; numbers get the dtype of the tensors among them."""
    dtype = next((v.dtype for v in values if isinstance(v, rt.Tensor) and v.is_floating_point()), None)
    tensors = [v if isinstance(v, rt.Tensor) else rt.tensor(float(v), dtype=dtype) for v in values]
    return list(rt.broadcast_tensors(*tensors))


class Independent(Distribution):
    """A distribution whose last `reinterpreted_batch_ndims` batch axes count as part of the event."""

    def __init__(
        self, base_distribution: Distribution, reinterpreted_batch_ndims: int, validate_args: bool | None = None
    ) -> None:
        shape = base_distribution.batch_shape
        if reinterpreted_batch_ndims > len(shape):
            raise ValueError(f"Independent: {reinterpreted_batch_ndims} axes of the batch shape {list(shape)}")
        cut = len(shape) - reinterpreted_batch_ndims
        super().__init__(shape[:cut], (*shape[cut:], *base_distribution.event_shape), validate_args)
        self.base_dist = base_distribution
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims
        self.has_rsample = base_distribution.has_rsample

    def _summed(self, value: rt.Tensor) -> rt.Tensor:
        count = self.reinterpreted_batch_ndims
        return value.sum(tuple(range(-count, 0))) if count else value

    def sample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        return self.base_dist.sample(sample_shape)

    def rsample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        return self.base_dist.rsample(sample_shape)

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        return self._summed(self.base_dist.log_prob(value))

    def entropy(self) -> rt.Tensor:
        return self._summed(self.base_dist.entropy())

    @property
    def mean(self) -> rt.Tensor:
        return self.base_dist.mean

    @property
    def mode(self) -> rt.Tensor:
        return self.base_dist.mode

    @property
    def variance(self) -> rt.Tensor:
        return self.base_dist.variance
