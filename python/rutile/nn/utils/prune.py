"""Pruning: parameters multiplied by masks of zeros and ones.

A pruned parameter `weight` becomes `weight_orig` (learned) and the buffer `weight_mask`; before each forward pass
`module.weight` is their product. Pruning again prunes what is left. `remove` makes the zeros permanent.

Example:
    >>> from rutile.nn.utils import prune
    >>> layer = prune.l1_unstructured(rt.nn.Linear(4, 2), "weight", amount=3)
    >>> int((layer.weight == 0).sum()), sorted(layer.state_dict())
    (3, ['bias', 'weight_mask', 'weight_orig'])
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import rutile as rt

from ..module import Module
from ..parameter import Parameter

__all__ = [
    "BasePruningMethod",
    "CustomFromMask",
    "Identity",
    "L1Unstructured",
    "LnStructured",
    "PruningContainer",
    "RandomStructured",
    "RandomUnstructured",
    "custom_from_mask",
    "global_unstructured",
    "identity",
    "is_pruned",
    "l1_unstructured",
    "ln_structured",
    "random_structured",
    "random_unstructured",
    "remove",
]


class BasePruningMethod(ABC):
    """A way to choose what is pruned; subclasses say which by `compute_mask`.

    Attributes:
        PRUNING_TYPE: what a second pruning chooses among: `"unstructured"`, the entries that are left; `"structured"`,
            the channels along `dim` in which something is left; `"global"`, all entries.

    Example:
        >>> class EveryOther(nn.utils.prune.BasePruningMethod):
        ...     PRUNING_TYPE = "unstructured"
        ...     def compute_mask(self, t, default_mask):
        ...         mask = default_mask.clone()
        ...         mask.view(-1)[::2] = 0
        ...         return mask
        >>> layer = nn.Linear(2, 2)
        >>> _ = EveryOther.apply(layer, "weight")
        >>> layer.weight_mask
        tensor([[0., 1.],
                [0., 1.]])
    """

    PRUNING_TYPE: ClassVar[str]
    _tensor_name: str

    def __call__(self, module: Module, inputs: Any) -> None:
        """Before a forward pass: the parameter is its original times the mask."""
        setattr(module, self._tensor_name, self.apply_mask(module))

    @abstractmethod
    def compute_mask(self, t: rt.Tensor, default_mask: rt.Tensor) -> rt.Tensor:
        """The mask of `t`, whose importance its entries say, given the mask so far."""

    def apply_mask(self, module: Module) -> rt.Tensor:
        """The parameter of `module`, pruned."""
        original = getattr(module, f"{self._tensor_name}_orig")
        masked: rt.Tensor = original * getattr(module, f"{self._tensor_name}_mask").to(original.dtype)
        return masked

    def prune(
        self, t: rt.Tensor, default_mask: rt.Tensor | None = None, importance_scores: rt.Tensor | None = None
    ) -> rt.Tensor:
        """`t` with zeros where this method prunes it."""
        scores = _scores(t, importance_scores)
        mask = rt.ones_like(t) if default_mask is None else default_mask
        return t * self.compute_mask(scores, mask)

    @classmethod
    def apply(
        cls, module: Module, name: str, *args: Any, importance_scores: rt.Tensor | None = None, **kwargs: Any
    ) -> BasePruningMethod:
        """Prunes the parameter `name` of `module`; `args` and `kwargs` are those of the constructor."""
        method: BasePruningMethod = cls(*args, **kwargs)
        method._tensor_name = name
        previous = _hooks(module, name)
        if previous:
            (key, old), *_ = previous
            del module._forward_pre_hooks[key]
            container = old if isinstance(old, PruningContainer) else PruningContainer(old)
            container.add_pruning_method(method)
            method = container
            original, mask = getattr(module, f"{name}_orig"), getattr(module, f"{name}_mask")
            scores = _scores(original, getattr(module, name) if importance_scores is None else importance_scores)
        else:
            original = getattr(module, name)
            if not isinstance(original, Parameter):
                raise ValueError(f"prune: {name} of {type(module).__name__} is no parameter")
            mask = rt.ones_like(original)
            scores = _scores(original, importance_scores)
        with rt.no_grad():
            mask = method.compute_mask(scores.detach(), mask)
        if not previous:
            del module._parameters[name]
            module.register_parameter(f"{name}_orig", original)
        module.register_buffer(f"{name}_mask", mask)
        setattr(module, name, method.apply_mask(module))
        module.register_forward_pre_hook(method)
        return method

    def remove(self, module: Module) -> None:
        """Makes the parameter what it is with the zeros, and forgets the mask."""
        name = self._tensor_name
        original = getattr(module, f"{name}_orig")
        with rt.no_grad():
            original.copy_(self.apply_mask(module))
        delattr(module, name)
        del module._parameters[f"{name}_orig"]
        del module._buffers[f"{name}_mask"]
        module.register_parameter(name, original)


class PruningContainer(BasePruningMethod):
    """Several methods on one parameter, one after the other."""

    PRUNING_TYPE = "container"

    def __init__(self, *args: BasePruningMethod) -> None:
        methods = args[0] if len(args) == 1 and isinstance(args[0], Iterable) else args
        self._pruning_methods: tuple[BasePruningMethod, ...] = ()
        for method in methods:
            self.add_pruning_method(method)

    def add_pruning_method(self, method: BasePruningMethod) -> None:
        """Appends a method for the same parameter."""
        if not isinstance(method, BasePruningMethod):
            raise TypeError(f"PruningContainer: wants a pruning method, got {type(method).__name__}")
        if self._pruning_methods and method._tensor_name != self._tensor_name:
            raise ValueError(f"PruningContainer: is for {self._tensor_name!r}, the method for {method._tensor_name!r}")
        self._tensor_name = method._tensor_name
        self._pruning_methods += (method,)

    def __len__(self) -> int:
        return len(self._pruning_methods)

    def __iter__(self) -> Iterator[BasePruningMethod]:
        return iter(self._pruning_methods)

    def __getitem__(self, index: int) -> BasePruningMethod:
        return self._pruning_methods[index]

    def compute_mask(self, t: rt.Tensor, default_mask: rt.Tensor) -> rt.Tensor:
        """The last method's choice among what the others have left."""
        method = self._pruning_methods[-1]
        mask = default_mask.to(t.dtype)
        if method.PRUNING_TYPE == "unstructured":
            left = mask == 1
            result = mask.clone()
            result[left] = method.compute_mask(t[left], mask[left])
            return result
        if method.PRUNING_TYPE == "structured":
            axis = method.dim % t.dim()  # type: ignore[attr-defined]
            others = [other for other in range(t.dim()) if other != axis]
            channels = (mask.sum(others) != 0).nonzero().flatten()
            chosen = method.compute_mask(t.index_select(axis, channels), mask.index_select(axis, channels))
            return mask.index_copy(axis, channels, chosen)
        if method.PRUNING_TYPE == "global":
            return method.compute_mask(t, mask)
        raise ValueError(f"PruningContainer: unknown PRUNING_TYPE {method.PRUNING_TYPE!r}")


class Identity(BasePruningMethod):
    """Prunes nothing, but sets up original and mask."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t: rt.Tensor, default_mask: rt.Tensor) -> rt.Tensor:
        return default_mask

    @classmethod
    def apply(cls, module: Module, name: str) -> BasePruningMethod:  # type: ignore[override]
        """Sets up the parameter `name`."""
        return super().apply(module, name)


class _Amount(BasePruningMethod):
    """Prunes a number or a share of the candidates."""

    def __init__(self, amount: float) -> None:
        if isinstance(amount, bool) or not isinstance(amount, (int, float)):
            raise TypeError(f"Invalid type for amount: {amount!r}. Must be int or float.")
        if amount < 0 or (isinstance(amount, float) and amount > 1):
            raise ValueError(f"amount={amount} should be a float in [0, 1] or a non-negative integer")
        self.amount = amount

    def _count(self, candidates: int) -> int:
        if isinstance(self.amount, int):
            if self.amount > candidates:
                raise ValueError(
                    f"amount={self.amount} should be smaller than the number of parameters to prune={candidates}"
                )
            return self.amount
        return round(self.amount * candidates)


class RandomUnstructured(_Amount):
    """Prunes entries at random."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t: rt.Tensor, default_mask: rt.Tensor) -> rt.Tensor:
        return _without(default_mask, rt.rand(t.numel()), self._count(t.numel()))


class L1Unstructured(_Amount):
    """Prunes the entries that are smallest in magnitude."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t: rt.Tensor, default_mask: rt.Tensor) -> rt.Tensor:
        return _without(default_mask, t.detach().abs().flatten(), self._count(t.numel()))


class RandomStructured(_Amount):
    """Prunes whole channels along `dim` at random."""

    PRUNING_TYPE = "structured"

    def __init__(self, amount: float, dim: int = -1) -> None:
        super().__init__(amount)
        self.dim = dim

    def compute_mask(self, t: rt.Tensor, default_mask: rt.Tensor) -> rt.Tensor:
        axis = _channels(t, self.dim)
        return self._without_channels(t, default_mask, axis, rt.rand(t.shape[axis]))

    def _without_channels(self, t: rt.Tensor, mask: rt.Tensor, axis: int, importance: rt.Tensor) -> rt.Tensor:
        kept = _without(rt.ones(t.shape[axis], dtype=mask.dtype), importance, self._count(t.shape[axis]))
        return mask * kept.reshape([-1 if other == axis else 1 for other in range(t.dim())])


class LnStructured(RandomStructured):
    """Prunes the channels along `dim` whose `n`-norm is smallest."""

    def __init__(self, amount: float, n: float | str, dim: int = -1) -> None:
        super().__init__(amount, dim)
        self.n = n

    def compute_mask(self, t: rt.Tensor, default_mask: rt.Tensor) -> rt.Tensor:
        axis = _channels(t, self.dim)
        norms = rt.norm(t.detach(), p=self.n, dim=[other for other in range(t.dim()) if other != axis])
        return self._without_channels(t, default_mask, axis, norms)


class CustomFromMask(BasePruningMethod):
    """Prunes where `mask` has zeros."""

    PRUNING_TYPE = "global"

    def __init__(self, mask: rt.Tensor) -> None:
        self.mask = mask

    def compute_mask(self, t: rt.Tensor, default_mask: rt.Tensor) -> rt.Tensor:
        if tuple(self.mask.shape) != tuple(default_mask.shape):
            raise ValueError(f"the mask {list(self.mask.shape)} does not fit the parameter {list(t.shape)}")
        return default_mask * self.mask.to(default_mask.dtype)


def identity(module: Module, name: str) -> Module:
    """Sets up parameter `name` for pruning without pruning it.

    Example:
        >>> layer = nn.utils.prune.identity(nn.Linear(2, 1), "weight")
        >>> layer.weight_mask
        tensor([[1., 1.]])
    """
    Identity.apply(module, name)
    return module


def random_unstructured(module: Module, name: str, amount: float) -> Module:
    """Prunes `amount` entries (int) or that share of them (float) at random.

    Raises:
        ValueError: `amount` is more than there is.

    Example:
        >>> layer = nn.utils.prune.random_unstructured(nn.Linear(4, 6), "weight", amount=0.5)
        >>> layer.weight_mask.sum().item()
        12.0
    """
    RandomUnstructured.apply(module, name, amount)
    return module


def l1_unstructured(module: Module, name: str, amount: float, importance_scores: rt.Tensor | None = None) -> Module:
    """Prunes the entries of least magnitude (or least `importance_scores`): `amount` of them, or that share.

    Raises:
        ValueError: `amount` is more than there is.

    Example:
        >>> layer = nn.Linear(3, 1)
        >>> layer.weight.data = rt.tensor([[0.1, -3.0, 2.0]])
        >>> nn.utils.prune.l1_unstructured(layer, "weight", amount=1).weight_mask
        tensor([[0., 1., 1.]])
    """
    L1Unstructured.apply(module, name, amount, importance_scores=importance_scores)
    return module


def random_structured(module: Module, name: str, amount: float, dim: int) -> Module:
    """Prunes `amount` channels along `dim` (or that share of them) at random.

    Raises:
        ValueError: `amount` is more than there is, or the parameter is a vector.

    Example:
        >>> layer = nn.utils.prune.random_structured(nn.Linear(4, 6), "weight", amount=2, dim=0)
        >>> (layer.weight_mask.sum(1) == 0).sum().item()
        2
    """
    RandomStructured.apply(module, name, amount, dim)
    return module


def ln_structured(
    module: Module,
    name: str,
    amount: float,
    n: float | str,
    dim: int,
    importance_scores: rt.Tensor | None = None,
) -> Module:
    """Prunes the channels along `dim` of least `n`-norm: `amount` of them, or that share.

    Raises:
        ValueError: `amount` is more than there is, or the parameter is a vector.

    Example:
        >>> layer = nn.Linear(2, 3)
        >>> layer.weight.data = rt.tensor([[3.0, 4.0], [0.1, 0.1], [1.0, 1.0]])
        >>> nn.utils.prune.ln_structured(layer, "weight", amount=1, n=2, dim=0).weight_mask
        tensor([[1., 1.],
                [0., 0.],
                [1., 1.]])
    """
    LnStructured.apply(module, name, amount, n, dim, importance_scores=importance_scores)
    return module


def custom_from_mask(module: Module, name: str, mask: rt.Tensor) -> Module:
    """Prunes where `mask` has zeros.

    Example:
        >>> layer = nn.utils.prune.custom_from_mask(nn.Linear(2, 1), "weight", rt.tensor([[1, 0]]))
        >>> layer.weight[0, 1].item()
        0.0
    """
    CustomFromMask.apply(module, name, mask)
    return module


def global_unstructured(
    parameters: Iterable[tuple[Module, str]],
    pruning_method: type[BasePruningMethod],
    importance_scores: dict[tuple[Module, str], rt.Tensor] | None = None,
    **kwargs: Any,
) -> None:
    """Prunes all `(module, name)` of `parameters` as if they were one, by an unstructured method:
    `global_unstructured(parameters, prune.L1Unstructured, amount=0.2)`.

    Example:
        >>> net = nn.Sequential(nn.Linear(10, 8), nn.Linear(8, 5))
        >>> chosen = [(layer, "weight") for layer in net]
        >>> nn.utils.prune.global_unstructured(chosen, nn.utils.prune.L1Unstructured, amount=0.25)
        >>> sum((layer.weight == 0).sum().item() for layer in net)
        30
    """
    pairs = list(parameters)
    if not pairs:
        raise TypeError("global_unstructured: wants a list of (module, name) pairs, got none")
    method = pruning_method(**kwargs)
    if method.PRUNING_TYPE != "unstructured":
        raise TypeError(f"global_unstructured: wants an unstructured method, got a {method.PRUNING_TYPE} one")
    given = importance_scores or {}
    scores = [_scores(getattr(module, name), given.get((module, name))) for module, name in pairs]
    masks = [
        getattr(module, f"{name}_mask", rt.ones_like(score))
        for (module, name), score in zip(pairs, scores, strict=True)
    ]
    method._tensor_name = "temp"
    container = PruningContainer(method)
    with rt.no_grad():
        flat = [rt.cat([t.detach().flatten() for t in tensors]) for tensors in (scores, masks)]
        mask = container.compute_mask(*flat)
    for (module, name), part in zip(pairs, mask.split([score.numel() for score in scores]), strict=True):
        custom_from_mask(module, name, part.reshape(getattr(module, name).shape))


def remove(module: Module, name: str) -> Module:
    """Makes the pruning of `name` permanent: an ordinary parameter, with zeros.

    Raises:
        ValueError: it was not pruned.

    Example:
        >>> layer = nn.utils.prune.random_unstructured(nn.Linear(4, 6), "weight", amount=0.5)
        >>> _ = nn.utils.prune.remove(layer, "weight")
        >>> [name for name, _ in layer.named_parameters()], (layer.weight == 0).sum().item()
        (['bias', 'weight'], 12)
    """
    for key, hook in _hooks(module, name):
        hook.remove(module)
        del module._forward_pre_hooks[key]
        return module
    raise ValueError(
        f"Parameter '{name}' of module {type(module).__name__} has to be pruned before pruning can be removed"
    )


def is_pruned(module: Module) -> bool:
    """Whether a parameter of `module` or of a module inside of it is pruned.

    Example:
        >>> layer = nn.Linear(2, 1)
        >>> before = nn.utils.prune.is_pruned(layer)
        >>> before, nn.utils.prune.is_pruned(nn.utils.prune.identity(layer, "weight"))
        (False, True)
    """
    return any(
        isinstance(hook, BasePruningMethod) for part in module.modules() for hook in part._forward_pre_hooks.values()
    )


def _hooks(module: Module, name: str) -> list[tuple[int, BasePruningMethod]]:
    return [
        (key, hook)
        for key, hook in module._forward_pre_hooks.items()
        if isinstance(hook, BasePruningMethod) and hook._tensor_name == name
    ]


def _scores(t: rt.Tensor, importance: rt.Tensor | None) -> rt.Tensor:
    if importance is not None and tuple(importance.shape) != tuple(t.shape):
        raise ValueError(
            f"importance_scores {list(importance.shape)} should have the shape of the parameter, {list(t.shape)}"
        )
    return t if importance is None else importance


def _channels(t: rt.Tensor, dim: int) -> int:
    if t.dim() <= 1:
        raise ValueError(
            f"Structured pruning can only be applied to a multidimensional tensor, got shape {list(t.shape)}; "
            "use an unstructured method"
        )
    if not -t.dim() <= dim < t.dim():
        raise IndexError(f"Invalid index {dim} for tensor of size {list(t.shape)}")
    return dim % t.dim()


def _without(mask: rt.Tensor, importance: rt.Tensor, count: int) -> rt.Tensor:
    """A copy of `mask` with zeros at the `count` places of least importance."""
    result = mask.clone()
    if count:
        result.view(-1)[importance.topk(count, largest=False)[1]] = 0
    return result
