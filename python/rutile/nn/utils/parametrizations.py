"""Parametrizations that are in common use: `weight_norm`, `spectral_norm` and `orthogonal`."""

from __future__ import annotations

import rutile as rt
from rutile._modes import no_grad

from ..module import Module
from . import parametrize

__all__ = ["orthogonal", "spectral_norm", "weight_norm"]


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

    Raises:
        ValueError: `n_power_iterations` is below 1.

    Example:
        >>> layer = nn.utils.parametrizations.spectral_norm(nn.Linear(4, 3), n_power_iterations=50)
        >>> abs(rt.linalg.matrix_norm(layer.weight, 2).item() - 1) < 1e-2
        True
    """
    weight = getattr(module, name)
    axis = (1 if "ConvTranspose" in type(module).__name__ else 0) if dim is None else dim
    norm = _SpectralNorm(weight, n_power_iterations, axis, eps)
    return parametrize.register_parametrization(module, name, norm)


class _Orthogonal(Module):
    """A matrix with orthonormal columns (or rows, if it is wide), made of any matrix by one of three maps."""

    base: rt.Tensor

    def __init__(self, kind: str, trivialize: bool) -> None:
        super().__init__()
        self.kind = kind
        # `original` starts at the identity, `base` holds the weight that it was made for (Lezcano-Casado, 2019).
        self.trivialize = trivialize
        if trivialize:
            self.register_buffer("base", None)

    def forward(self, x: rt.Tensor) -> rt.Tensor:
        wide = x.shape[-2] < x.shape[-1]
        x = x.mT if wide else x
        q = self._reflections(x) if self.kind == "householder" else self._rotation(x)
        if self.trivialize:
            q = self.base @ q
        return q.mT if wide else q

    def _rotation(self, x: rt.Tensor) -> rt.Tensor:
        rows, columns = x.shape[-2:]
        x = x.tril()
        if columns < rows:
            x = rt.cat([x, x.new_zeros([*x.shape[:-1], rows - columns])], dim=-1)
        skew = x - x.mT
        if self.kind == "matrix_exp":
            q = rt.linalg.matrix_exp(skew)
        else:
            identity = rt.eye(rows, dtype=x.dtype)
            q = rt.linalg.solve(identity - 0.5 * skew, identity + 0.5 * skew)
        return q[..., :columns]

    def _reflections(self, x: rt.Tensor) -> rt.Tensor:
        vectors = x.tril(-1)
        q = rt.linalg.householder_product(vectors, 2 / (1 + vectors.square().sum(-2)))
        return q * x.detach().diagonal(dim1=-2, dim2=-1).sign().unsqueeze(-2)

    @no_grad()
    def right_inverse(self, q: rt.Tensor) -> rt.Tensor:
        wide = q.shape[-2] < q.shape[-1]
        tall = q.mT if wide else q
        rows, columns = tall.shape[-2:]
        if not self.trivialize:
            if self.kind != "householder":
                raise NotImplementedError(
                    "orthogonal: can't assign to the matrix exponential or Cayley maps with use_trivialization=False"
                )
            made = self._factored(tall)
            return made.mT if wide else made
        if columns < rows:
            tall = rt.cat([tall, rt.randn([*tall.shape[:-1], rows - columns], dtype=tall.dtype)], dim=-1)
        # The QR factor is unique once R has a positive diagonal; an orthogonal matrix is its own.
        factor, r = rt.linalg.qr(tall)
        self.base = factor * r.diagonal(dim1=-2, dim2=-1).sign().unsqueeze(-2)
        return -rt.eye(*q.shape[-2:], dtype=q.dtype).expand(q.shape).contiguous()

    @staticmethod
    def _factored(x: rt.Tensor) -> rt.Tensor:
        """Householder vectors below the diagonal, on it the signs of R's."""
        columns = x.shape[-1]
        x = x.clone()
        for i in range(columns):
            alpha, rest = x[..., i, i], x[..., i + 1 :, i]
            still = (rest == 0).all(-1)  # nothing to reflect
            beta = -rt.where(alpha < 0, -1.0, 1.0) * (alpha.square() + rest.square().sum(-1)).sqrt()
            v = rt.where(still.unsqueeze(-1), 0.0, rest / (alpha - beta).unsqueeze(-1))
            scale = rt.where(still, 0.0, (beta - alpha) / beta)
            if i + 1 < columns:
                vector = rt.cat([rt.ones_like(v[..., :1]), v], dim=-1).unsqueeze(-1)
                right = x[..., i:, i + 1 :].clone()
                x[..., i:, i + 1 :] = right - scale[..., None, None] * vector @ (vector.mT @ right)
            x[..., i + 1 :, i] = v
            x[..., i, i] = rt.where(still, -alpha.sign(), beta.sign())
        return x


def orthogonal(
    module: Module, name: str = "weight", orthogonal_map: str | None = None, *, use_trivialization: bool = True
) -> Module:
    """Keeps a matrix orthogonal while it is learned: orthonormal columns, or rows if it is wider than high.

    Args:
        module: with the parameter `name`, of two or more axes; the last two are the matrix.
        orthogonal_map: `"matrix_exp"` (default for square matrices) and `"cayley"` turn a skew-symmetric matrix into an
            orthogonal one, `"householder"` (default for others) multiplies reflections.
        use_trivialization: start from the weight as it is, made orthogonal, and learn a factor of it. Without,
            `matrix_exp` and `cayley` read the weight as the skew-symmetric matrix.

    Example:
        >>> layer = rt.nn.utils.parametrizations.orthogonal(rt.nn.Linear(3, 5))
        >>> rt.allclose(layer.weight.T @ layer.weight, rt.eye(3), atol=1e-5)
        True
    """
    weight = getattr(module, name)
    if weight.dim() < 2:
        raise ValueError(f"Expected a matrix or batch of matrices. Got a tensor of {weight.dim()} dimensions.")
    square = weight.shape[-2] == weight.shape[-1]
    kind = orthogonal_map or ("matrix_exp" if square else "householder")
    if kind not in ("matrix_exp", "cayley", "householder"):
        raise ValueError(
            f'orthogonal_map has to be one of "matrix_exp", "cayley", "householder". Got: {orthogonal_map}'
        )
    return parametrize.register_parametrization(module, name, _Orthogonal(kind, use_trivialization), unsafe=True)
