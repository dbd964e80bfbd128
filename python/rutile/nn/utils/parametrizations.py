"""Parametrizations that are in common use: `weight_norm` and `spectral_norm`."""

from __future__ import annotations

import rutile as rt
from rutile._modes import no_grad

from ..module import Module
from . import parametrize

__all__ = ["spectral_norm", "weight_norm"]


def norm_except(tensor: rt.Tensor, dim: int | None) -> rt.Tensor:
    """The norms of the slices along axis `dim`, as a tensor that broadcasts; of the whole if None or -1."""
    if dim is None or dim == -1:
        return tensor.norm()
    axes = tuple(axis for axis in range(tensor.dim()) if axis != dim % tensor.dim())
    return tensor.square().sum(axes, keepdim=True).sqrt() if axes else tensor.abs()


class _WeightNorm(Module):
    def __init__(self, dim: int | None = 0) -> None:
        super().__init__()
        self.dim = -1 if dim is None else dim

    def forward(self, weight_g: rt.Tensor, weight_v: rt.Tensor) -> rt.Tensor:
        return weight_v * (weight_g / norm_except(weight_v, self.dim))

    def right_inverse(self, weight: rt.Tensor) -> tuple[rt.Tensor, rt.Tensor]:
        return norm_except(weight, self.dim), weight


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """Learns length and direction of weights apart: `w = g v / |v|` (Salimans and Kingma, 2016).

    Args:
        module: with the parameter `name`, which is then made of `original0` (g) and `original1` (v).
        dim: the axis along which each slice has a length of its own; None for one length.

    Example:
        >>> layer = rt.nn.utils.parametrizations.weight_norm(rt.nn.Linear(3, 2))
        >>> [key for key in layer.state_dict() if key != "bias"]
        ['parametrizations.weight.original0', 'parametrizations.weight.original1']
    """
    return parametrize.register_parametrization(module, name, _WeightNorm(dim), unsafe=True)


class PowerIteration:
    """The largest singular value of a matrix, and vectors that are brought nearer to its singular vectors by each
    step."""

    @staticmethod
    def start(matrix: rt.Tensor, eps: float) -> tuple[rt.Tensor, rt.Tensor]:
        """Random unit vectors for rows and columns."""
        u, v = (rt.randn(size, dtype=matrix.dtype) for size in matrix.shape)
        return u / u.norm().clamp(min=eps), v / v.norm().clamp(min=eps)

    @staticmethod
    @no_grad()
    def step(matrix: rt.Tensor, u: rt.Tensor, v: rt.Tensor, steps: int, eps: float) -> None:
        """Moves `u` and `v` in place."""
        for _ in range(steps):
            left = matrix @ v
            u.copy_(left / left.norm().clamp(min=eps))
            right = matrix.t() @ u
            v.copy_(right / right.norm().clamp(min=eps))


class _SpectralNorm(Module):
    _u: rt.Tensor
    _v: rt.Tensor

    def __init__(self, weight: rt.Tensor, n_power_iterations: int = 1, dim: int = 0, eps: float = 1e-12) -> None:
        super().__init__()
        if n_power_iterations <= 0:
            raise ValueError(
                f"Expected n_power_iterations to be positive, but got n_power_iterations={n_power_iterations}"
            )
        self.dim, self.eps, self.n_power_iterations = dim % weight.dim(), eps, n_power_iterations
        if weight.dim() > 1:
            matrix = self._matrix(weight.detach())
            u, v = PowerIteration.start(matrix, eps)
            self.register_buffer("_u", u)
            self.register_buffer("_v", v)
            PowerIteration.step(matrix, self._u, self._v, 15, eps)

    def _matrix(self, weight: rt.Tensor) -> rt.Tensor:
        return weight.movedim(self.dim, 0).flatten(1)

    def forward(self, weight: rt.Tensor) -> rt.Tensor:
        if weight.dim() == 1:
            return weight / weight.norm().clamp(min=self.eps)
        matrix = self._matrix(weight)
        if self.training:
            PowerIteration.step(matrix.detach(), self._u, self._v, self.n_power_iterations, self.eps)
        # Copies, because the next step writes to them and backward needs these.
        return weight / self._u.clone().dot(matrix @ self._v.clone())

    def right_inverse(self, value: rt.Tensor) -> rt.Tensor:
        return value


def spectral_norm(
    module: Module, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> Module:
    """Divides a weight by its largest singular value, which power iteration estimates (Miyato et al., 2018).

    Args:
        module: with the parameter `name`.
        n_power_iterations: steps at each use in training.
        eps: least norm that is divided by.
        dim: the axis of outputs; by default 0, and 1 for transposed convolutions.
    """
    weight = getattr(module, name)
    axis = (1 if "ConvTranspose" in type(module).__name__ else 0) if dim is None else dim
    norm = _SpectralNorm(weight, n_power_iterations, axis, eps)
    return parametrize.register_parametrization(module, name, norm)
