"""Counts of classes."""

from __future__ import annotations

from collections.abc import Sequence

import rutile as rt

from .categorical import Categorical
from .distribution import Distribution

__all__ = ["Multinomial"]


class Multinomial(Distribution):
    """How often each class came in `total_count` draws.

    Args:
        total_count: number of draws.
        probs, logits: as in `Categorical`.
    """

    def __init__(
        self,
        total_count: int = 1,
        probs: rt.Tensor | None = None,
        logits: rt.Tensor | None = None,
        validate_args: bool | None = None,
    ) -> None:
        if not isinstance(total_count, int):
            raise NotImplementedError("inhomogeneous total_count is not supported")
        self.total_count = total_count
        self._categorical = Categorical(probs, logits, validate_args)
        shape = self._categorical.param_shape
        super().__init__(shape[:-1], shape[-1:], validate_args)
        self.probs, self.logits = self._categorical.probs, self._categorical.logits

    @property
    def mean(self) -> rt.Tensor:
        return self.probs * self.total_count

    @property
    def variance(self) -> rt.Tensor:
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Sequence[int] = ()) -> rt.Tensor:
        """Counts along the last axis, in the dtype of the parameter."""
        drawn = self._categorical.sample((self.total_count, *sample_shape))
        return rt.nn.functional.one_hot(drawn, self.probs.shape[-1]).sum(0).to(self.probs.dtype)

    def log_prob(self, value: rt.Tensor) -> rt.Tensor:
        logits, value = rt.broadcast_tensors(self.logits, value.to(self.logits.dtype))
        logits = logits.masked_fill((value == 0) & (logits == -rt.inf), 0)
        return (value.sum(-1) + 1).lgamma() - (value + 1).lgamma().sum(-1) + (logits * value).sum(-1)
