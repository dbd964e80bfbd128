"""Functions with an inverse and the logarithm of their derivative, which make one distribution of another."""

from __future__ import annotations

import math
from collections.abc import Sequence

import rutile as rt

from . import constraints
from .distribution import Number

__all__ = [
    "AbsTransform",
    "AffineTransform",
    "ComposeTransform",
    "ExpTransform",
    "IndependentTransform",
    "PowerTransform",
    "SigmoidTransform",
    "SoftmaxTransform",
    "SoftplusTransform",
    "TanhTransform",
    "Transform",
    "identity_transform",
]

F = rt.nn.functional


def sum_last(value: rt.Tensor, axes: int) -> rt.Tensor:
    """The sum over the last `axes` axes."""
    return value.sum(tuple(range(-axes, 0))) if axes > 0 else value


class Transform:
    """Base class. A subclass defines `_call`, `_inverse` and `log_abs_det_jacobian(x, y)`.

    Args:
        cache_size: 1 to remember the last pair of input and output: the inverse of an output just computed is then its
            input to the last digit.

    Attributes:
        domain, codomain: the sets of inputs and outputs.
        bijective: whether there is an inverse.
        sign: 1 where it rises, -1 where it falls.
    """

    domain: constraints.Constraint = constraints.real
    codomain: constraints.Constraint = constraints.real
    bijective = True
    sign: int | rt.Tensor = 1

    def __init__(self, cache_size: int = 0) -> None:
        if cache_size not in (0, 1):
            raise ValueError("cache_size must be 0 or 1")
        self._cache_size = cache_size
        self._last: tuple[rt.Tensor | None, rt.Tensor | None] = (None, None)

    @property
    def event_dim(self) -> int:
        """How many axes, the last ones, are transformed together."""
        return max(self.domain.event_dim, self.codomain.event_dim)

    @property
    def inv(self) -> Transform:
        """The inverse."""
        return _Inverse(self)

    def __call__(self, x: rt.Tensor) -> rt.Tensor:
        if x is self._last[0] and self._last[1] is not None:
            return self._last[1]
        y = self._call(x)
        if self._cache_size:
            self._last = (x, y)
        return y

    def _back(self, y: rt.Tensor) -> rt.Tensor:
        if y is self._last[1] and self._last[0] is not None:
            return self._last[0]
        x = self._inverse(y)
        if self._cache_size:
            self._last = (x, y)
        return x

    def _call(self, x: rt.Tensor) -> rt.Tensor:
        raise NotImplementedError(f"{type(self).__name__} defines no _call")

    def _inverse(self, y: rt.Tensor) -> rt.Tensor:
        raise NotImplementedError(f"{type(self).__name__} has no inverse")

    def log_abs_det_jacobian(self, x: rt.Tensor, y: rt.Tensor) -> rt.Tensor:
        """The logarithm of how much volumes grow at `x`, where the output is `y`."""
        raise NotImplementedError(f"{type(self).__name__} defines no log_abs_det_jacobian")

    def forward_shape(self, shape: Sequence[int]) -> Sequence[int]:
        """The shape of the output for an input of `shape`."""
        return shape

    def inverse_shape(self, shape: Sequence[int]) -> Sequence[int]:
        """The shape of the input for an output of `shape`."""
        return shape

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class _Inverse(Transform):
    def __init__(self, base: Transform) -> None:
        super().__init__()
        self._base = base
        self.domain, self.codomain = base.codomain, base.domain
        self.bijective, self.sign = base.bijective, base.sign

    @property
    def inv(self) -> Transform:
        return self._base

    def __call__(self, x: rt.Tensor) -> rt.Tensor:
        return self._base._back(x)

    def log_abs_det_jacobian(self, x: rt.Tensor, y: rt.Tensor) -> rt.Tensor:
        return -self._base.log_abs_det_jacobian(y, x)


class ComposeTransform(Transform):
    """Several transforms, one after the other."""

    def __init__(self, parts: Sequence[Transform], cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.parts = list(parts)
        self.bijective = all(part.bijective for part in self.parts)
        if self.parts:
            axes = max(part.event_dim for part in self.parts)
            first, last = self.parts[0].domain, self.parts[-1].codomain
            self.domain = constraints.independent(first, axes - first.event_dim)
            self.codomain = constraints.independent(last, axes - last.event_dim)
        for part in self.parts:
            self.sign = self.sign * part.sign

    def _call(self, x: rt.Tensor) -> rt.Tensor:
        for part in self.parts:
            x = part(x)
        return x

    def _inverse(self, y: rt.Tensor) -> rt.Tensor:
        for part in reversed(self.parts):
            y = part.inv(y)
        return y

    def log_abs_det_jacobian(self, x: rt.Tensor, y: rt.Tensor) -> rt.Tensor:
        total = sum_last(rt.zeros_like(x), self.event_dim)
        for part in self.parts:
            after = part(x)
            total = total + sum_last(part.log_abs_det_jacobian(x, after), self.event_dim - part.event_dim)
            x = after
        return total


identity_transform = ComposeTransform([])


class IndependentTransform(Transform):
    """A transform whose derivative is summed over the last `reinterpreted_batch_ndims` axes."""

    def __init__(self, base_transform: Transform, reinterpreted_batch_ndims: int, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.base_transform = base_transform
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims
        self.domain = constraints.independent(base_transform.domain, reinterpreted_batch_ndims)
        self.codomain = constraints.independent(base_transform.codomain, reinterpreted_batch_ndims)
        self.bijective, self.sign = base_transform.bijective, base_transform.sign

    def _call(self, x: rt.Tensor) -> rt.Tensor:
        return self.base_transform(x)

    def _inverse(self, y: rt.Tensor) -> rt.Tensor:
        return self.base_transform.inv(y)

    def log_abs_det_jacobian(self, x: rt.Tensor, y: rt.Tensor) -> rt.Tensor:
        return sum_last(self.base_transform.log_abs_det_jacobian(x, y), self.reinterpreted_batch_ndims)


class ExpTransform(Transform):
    """`exp(x)`."""

    codomain = constraints.positive

    def _call(self, x: rt.Tensor) -> rt.Tensor:
        return x.exp()

    def _inverse(self, y: rt.Tensor) -> rt.Tensor:
        return y.log()

    def log_abs_det_jacobian(self, x: rt.Tensor, y: rt.Tensor) -> rt.Tensor:
        return x


class PowerTransform(Transform):
    """`x` to the power `exponent`, of positive numbers."""

    domain = codomain = constraints.positive

    def __init__(self, exponent: Number, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.exponent = exponent if isinstance(exponent, rt.Tensor) else rt.tensor(float(exponent))
        self.sign = self.exponent.sign()

    def _call(self, x: rt.Tensor) -> rt.Tensor:
        return x.pow(self.exponent)

    def _inverse(self, y: rt.Tensor) -> rt.Tensor:
        return y.pow(1 / self.exponent)

    def log_abs_det_jacobian(self, x: rt.Tensor, y: rt.Tensor) -> rt.Tensor:
        return (self.exponent * y / x).abs().log()


class SigmoidTransform(Transform):
    """`1 / (1 + exp(-x))`."""

    codomain = constraints.unit_interval

    def _call(self, x: rt.Tensor) -> rt.Tensor:
        edge = rt.finfo(x.dtype)
        return x.sigmoid().clamp(edge.tiny, 1.0 - edge.eps)

    def _inverse(self, y: rt.Tensor) -> rt.Tensor:
        edge = rt.finfo(y.dtype)
        y = y.clamp(edge.tiny, 1.0 - edge.eps)
        return y.log() - (-y).log1p()

    def log_abs_det_jacobian(self, x: rt.Tensor, y: rt.Tensor) -> rt.Tensor:
        return -F.softplus(-x) - F.softplus(x)


class SoftplusTransform(Transform):
    """`log(1 + exp(x))`."""

    codomain = constraints.positive

    def _call(self, x: rt.Tensor) -> rt.Tensor:
        return F.softplus(x)

    def _inverse(self, y: rt.Tensor) -> rt.Tensor:
        return (-y).expm1().neg().log() + y

    def log_abs_det_jacobian(self, x: rt.Tensor, y: rt.Tensor) -> rt.Tensor:
        return -F.softplus(-x)


class TanhTransform(Transform):
    """`tanh(x)`; with `cache_size=1`, the inverse of a sample is exact where `atanh` would not be.

    Example:
        >>> from rutile.distributions import Normal, TransformedDistribution
        >>> from rutile.distributions.transforms import TanhTransform
        >>> policy = TransformedDistribution(Normal(0.0, 1.0), [TanhTransform(cache_size=1)])
        >>> round(policy.log_prob(rt.tensor(0.0)).item(), 4)
        -0.9189
    """

    codomain = constraints.interval(-1.0, 1.0)

    def _call(self, x: rt.Tensor) -> rt.Tensor:
        return x.tanh()

    def _inverse(self, y: rt.Tensor) -> rt.Tensor:
        return y.atanh()

    def log_abs_det_jacobian(self, x: rt.Tensor, y: rt.Tensor) -> rt.Tensor:
        return 2.0 * (math.log(2.0) - x - F.softplus(-2.0 * x))


class AbsTransform(Transform):
    """`|x|`, which has no inverse; its `inv` gives the positive one."""

    codomain = constraints.positive
    bijective = False

    def _call(self, x: rt.Tensor) -> rt.Tensor:
        return x.abs()

    def _inverse(self, y: rt.Tensor) -> rt.Tensor:
        return y


class AffineTransform(Transform):
    """`loc + scale * x`.

    Args:
        loc, scale: numbers or tensors.
        event_dim: how many axes, the last ones, belong to one value (default: 0).
    """

    def __init__(self, loc: Number, scale: Number, event_dim: int = 0, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.loc, self.scale = loc, scale
        self.domain = self.codomain = (
            constraints.independent(constraints.real, event_dim) if event_dim else (constraints.real)
        )
        self.sign = scale.sign() if isinstance(scale, rt.Tensor) else int(math.copysign(1, scale))

    def _call(self, x: rt.Tensor) -> rt.Tensor:
        return self.loc + self.scale * x

    def _inverse(self, y: rt.Tensor) -> rt.Tensor:
        return (y - self.loc) / self.scale

    def log_abs_det_jacobian(self, x: rt.Tensor, y: rt.Tensor) -> rt.Tensor:
        scale = self.scale if isinstance(self.scale, rt.Tensor) else rt.full_like(x, self.scale)
        return sum_last(scale.abs().log().expand(x.shape), self.event_dim)


class SoftmaxTransform(Transform):
    """`softmax(x)` over the last axis; its `inv` gives logarithms."""

    domain = constraints.real_vector
    codomain = constraints.simplex
    bijective = False

    def _call(self, x: rt.Tensor) -> rt.Tensor:
        return F.softmax(x, -1)

    def _inverse(self, y: rt.Tensor) -> rt.Tensor:
        return y.log()
