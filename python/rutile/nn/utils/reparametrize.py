"""The older forms of weight and spectral norm, by hooks: their `state_dict` keys are `weight_g` and `weight_v`, and
`weight_orig`, `weight_u` and `weight_v`. New code takes `nn.utils.parametrizations`.
"""

from __future__ import annotations

from typing import Any, TypeVar

import rutile as rt

from ..module import Module
from ..parameter import Parameter
from .parametrizations import PowerIteration, norm_except

__all__ = ["remove_spectral_norm", "remove_weight_norm", "spectral_norm", "weight_norm"]

M = TypeVar("M", bound=Module)


class _WeightNormHook:
    def __init__(self, name: str, dim: int) -> None:
        self.name, self.dim = name, dim

    def compute(self, module: Any) -> rt.Tensor:
        g, v = getattr(module, f"{self.name}_g"), getattr(module, f"{self.name}_v")
        value: rt.Tensor = v * (g / norm_except(v, self.dim))
        return value

    def __call__(self, module: Any, inputs: Any) -> None:
        object.__setattr__(module, self.name, self.compute(module))


class _SpectralNormHook:
    def __init__(self, name: str, steps: int, dim: int, eps: float) -> None:
        self.name, self.steps, self.dim, self.eps = name, steps, dim, eps

    def compute(self, module: Any, iterate: bool) -> rt.Tensor:
        weight = getattr(module, f"{self.name}_orig")
        u, v = getattr(module, f"{self.name}_u"), getattr(module, f"{self.name}_v")
        matrix = weight.movedim(self.dim, 0).flatten(1)
        if iterate:
            PowerIteration.step(matrix.detach().t(), v, u, self.steps, self.eps)  # v first
        value: rt.Tensor = weight / u.clone().dot(matrix @ v.clone())
        return value

    def __call__(self, module: Any, inputs: Any) -> None:
        object.__setattr__(module, self.name, self.compute(module, module.training))


def _find(module: Module, kind: type, name: str) -> tuple[int, Any]:
    for key, hook in module._forward_pre_hooks.items():
        if isinstance(hook, kind) and getattr(hook, "name", None) == name:
            return key, hook
    raise ValueError(f"{kind.__name__.strip('_').removesuffix('Hook')} of '{name}' not found in {module}")


def _restore(module: Module, key: int, name: str, value: rt.Tensor) -> None:
    del module._forward_pre_hooks[key]
    module.__dict__.pop(name, None)
    module.register_parameter(name, Parameter(value.detach()))


def weight_norm(module: M, name: str = "weight", dim: int | None = 0) -> M:
    """Learns length and direction of a weight apart, as `weight_g` and `weight_v` (Salimans and Kingma, 2016).

    Args:
        module: with the parameter `name`.
        dim: the axis along which each slice has a length of its own; None for one length.

    Example:
        >>> layer = nn.utils.weight_norm(nn.Linear(4, 3))
        >>> layer.weight_g.shape, layer.weight_v.shape
        (rutile.Size([3, 1]), rutile.Size([3, 4]))
        >>> rt.allclose(layer.weight.norm(dim=1, keepdim=True), layer.weight_g)
        True
    """
    weight = module._parameters[name]
    if weight is None:
        raise ValueError(f"weight_norm: {name} is None")
    hook = _WeightNormHook(name, -1 if dim is None else dim)
    delattr(module, name)
    module.register_parameter(f"{name}_g", Parameter(norm_except(weight.detach(), hook.dim)))
    module.register_parameter(f"{name}_v", Parameter(weight.detach()))
    hook(module, ())
    module.register_forward_pre_hook(hook)
    return module


def remove_weight_norm(module: M, name: str = "weight") -> M:
    """Makes the weight a plain parameter again.

    Raises:
        ValueError: `weight_norm` was not applied to it.

    Example:
        >>> layer = nn.utils.remove_weight_norm(nn.utils.weight_norm(nn.Linear(2, 3)))
        >>> [name for name, _ in layer.named_parameters()]
        ['bias', 'weight']
    """
    key, hook = _find(module, _WeightNormHook, name)
    value = hook.compute(module)
    delattr(module, f"{name}_g")
    delattr(module, f"{name}_v")
    _restore(module, key, name, value)
    return module


def spectral_norm(
    module: M, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> M:
    """Divides a weight by its largest singular value, which power iteration estimates (Miyato et al., 2018).

    Args:
        module: with the parameter `name`, which becomes `weight_orig`, with the vectors `weight_u` and `weight_v`.
        n_power_iterations: steps at each call in training.
        eps: least norm that is divided by.
        dim: the axis of outputs; by default 0, and 1 for transposed convolutions.

    Raises:
        ValueError: `n_power_iterations` is below 1.

    Example:
        >>> layer = nn.utils.spectral_norm(nn.Linear(4, 3), n_power_iterations=50)
        >>> _ = layer(rt.ones(4))
        >>> abs(rt.linalg.matrix_norm(layer.weight, 2).item() - 1) < 1e-2
        True
    """
    if n_power_iterations < 1:
        raise ValueError(f"spectral_norm: n_power_iterations must be positive, got {n_power_iterations}")
    weight = module._parameters[name]
    if weight is None:
        raise ValueError(f"spectral_norm: {name} is None")
    axis = (1 if "ConvTranspose" in type(module).__name__ else 0) if dim is None else dim
    hook = _SpectralNormHook(name, n_power_iterations, axis, eps)
    u, v = PowerIteration.start(weight.detach().movedim(axis, 0).flatten(1), eps)
    delattr(module, name)
    module.register_parameter(f"{name}_orig", weight)
    module.register_buffer(f"{name}_u", u)
    module.register_buffer(f"{name}_v", v)
    object.__setattr__(module, name, weight.detach())
    module.register_forward_pre_hook(hook)
    return module


def remove_spectral_norm(module: M, name: str = "weight") -> M:
    """Makes the weight a plain parameter again, divided by its norm.

    Raises:
        ValueError: `spectral_norm` was not applied to it.

    Example:
        >>> layer = nn.utils.remove_spectral_norm(nn.utils.spectral_norm(nn.Linear(2, 3)))
        >>> [name for name, _ in layer.named_parameters()]
        ['bias', 'weight']
    """
    key, hook = _find(module, _SpectralNormHook, name)
    value = hook.compute(module, False)
    for ending in ("orig", "u", "v"):
        delattr(module, f"{name}_{ending}")
    _restore(module, key, name, value)
    return module
