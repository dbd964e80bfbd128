"""What all optimizers share: parameter groups, state, hooks, saving, and the choice between rule and fused kernel."""

from __future__ import annotations

import copy
import functools
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar, TypeAlias

import rutile as rt

from ..utils.hooks import RemovableHandle

__all__ = ["Optimizer"]

Group: TypeAlias = dict[str, Any]
State: TypeAlias = dict[str, Any]
Params: TypeAlias = Iterable[rt.Tensor] | Iterable[Group] | Iterable[tuple[str, rt.Tensor]]
ParamsT = Params  # PyTorch's name


class Optimizer:
    """Base class of optimizers.

    A subclass calls `super().__init__(params, defaults)` and either defines `step`, or a rule for one parameter,
    `update(param, grad, state, **group)`, in differentiable tensor operations. If it also names a fused kernel
    (`fused`), that one is used whenever nothing records and the options allow it: one call for many parameters.

    Args:
        params: tensors, pairs of name and tensor, or dictionaries with `"params"` and options of their own.
        defaults: options of groups that do not set them.

    Attributes:
        param_groups: list of dictionaries of options, each with its `"params"`.
        state: what the rule remembers, by parameter.

    Example:
        >>> class SignDescent(rt.optim.Optimizer):
        ...     def __init__(self, params, lr=0.1):
        ...         super().__init__(params, {"lr": lr})
        ...     def update(self, param, grad, state, *, lr, **_):
        ...         param.sub_(lr * grad.sign())
        >>> w = rt.nn.Parameter(rt.ones(2))
        >>> (w * rt.tensor([1.0, -1.0])).sum().backward()
        >>> SignDescent([w]).step()
        >>> [round(v, 2) for v in w.tolist()]
        [0.9, 1.1]
    """

    fused: ClassVar[Callable[..., None] | None] = None

    def __init__(self, params: Params, defaults: Group) -> None:
        self.defaults = defaults
        self._make_hooks()
        if isinstance(params, rt.Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, "
                f"but got {type(params).__name__}"
            )
        self.state: defaultdict[Any, State] = defaultdict(dict)
        self.param_groups: list[Group] = []
        groups: list[Any] = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "step" in cls.__dict__:
            cls.step = _with_hooks(cls.__dict__["step"])  # type: ignore[method-assign]

    def _make_hooks(self) -> None:
        self._step_pre_hooks: OrderedDict[int, Any] = OrderedDict()
        self._step_post_hooks: OrderedDict[int, Any] = OrderedDict()
        self._state_dict_pre_hooks: OrderedDict[int, Any] = OrderedDict()
        self._state_dict_post_hooks: OrderedDict[int, Any] = OrderedDict()
        self._load_state_dict_pre_hooks: OrderedDict[int, Any] = OrderedDict()
        self._load_state_dict_post_hooks: OrderedDict[int, Any] = OrderedDict()
        self._stepping = False
        self._opt_called = False

    def __getstate__(self) -> dict[str, Any]:
        return {"defaults": self.defaults, "state": self.state, "param_groups": self.param_groups}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._make_hooks()
        self.__dict__.update(state)

    def __repr__(self) -> str:
        text = type(self).__name__ + " ("
        for number, group in enumerate(self.param_groups):
            text += f"\nParameter Group {number}\n"
            text += "".join(f"    {key}: {group[key]}\n" for key in sorted(group) if key != "params")
        return text + ")"

    # Groups

    def add_param_group(self, param_group: Group) -> None:
        """Adds parameters with options of their own, for example layers that are unfrozen later.

        Args:
            param_group: `"params"` and options; missing ones are the optimizer's defaults.
        """
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        group = dict(param_group)
        params = group["params"]
        if isinstance(params, rt.Tensor):
            params = [params]
        elif isinstance(params, set | frozenset):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets "
                "will change between runs. Please use a list instead."
            )
        params = list(params)
        named = [isinstance(param, tuple) for param in params]
        if any(named):
            if not all(named):
                raise ValueError("all optimizer params should be with/without names. Some param names are missing")
            group["param_names"] = [name for name, _ in params]
            params = [param for _, param in params]
        group["params"] = params
        for param in params:
            if not isinstance(param, rt.Tensor):
                raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {type(param).__name__}")
            if not self.defaults.get("differentiable") and not (param.is_leaf or param.retains_grad):
                raise ValueError("can't optimize a non-leaf Tensor")
        for name, default in self.defaults.items():
            if default is required and name not in group:
                raise ValueError(f"parameter group didn't specify a value of required optimization parameter {name}")
            group.setdefault(name, default)
        own = {id(param) for param in params}
        if len(own) != len(params):
            raise ValueError("optimizer contains a parameter group with duplicate parameters")
        if any(id(param) in own for other in self.param_groups for param in other["params"]):
            raise ValueError("some parameters appear in more than one parameter group")
        if self.param_groups and ("param_names" in group) != ("param_names" in self.param_groups[0]):
            raise ValueError("all optimizer param groups should be with/without names")
        self.param_groups.append(group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Drops the gradients of all parameters (default), or fills them with zeros in place."""
        for group in self.param_groups:
            for param in group["params"]:
                if set_to_none:
                    param.grad = None
                elif param.grad is not None:
                    param.grad = param.grad.detach().zero_()

    # Steps

    def update(self, param: rt.Tensor, grad: rt.Tensor, state: State, **group: Any) -> None:
        """Changes one parameter in place, given its gradient; `state` is what the rule keeps for it."""
        raise NotImplementedError(f"{type(self).__name__} defines neither update nor step")

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Updates all parameters that have a gradient.

        Args:
            closure: computes the loss again, with its gradients; called first.

        Returns:
            What the closure returned, or None.
        """
        loss = None
        if closure is not None:
            with rt.enable_grad():
                loss = closure()
        for group in self.param_groups:
            differentiable = group.get("differentiable", False)
            with rt.set_grad_enabled(differentiable and rt.is_grad_enabled()):
                params = [param for param in group["params"] if param.grad is not None]
                if type(self).fused is None or not _may_fuse(group, differentiable):
                    self._update_each(params, group)
                else:
                    fusable = [param for param in params if param.dtype in (rt.float32, rt.float64)]
                    self._update_fused(fusable, group)
                    if len(fusable) < len(params):
                        # Kernels compute in the parameter's own precision; rules for 16 bits go through float32.
                        self._update_each([p for p in params if p.dtype not in (rt.float32, rt.float64)], group)
        return loss

    def _update_each(self, params: list[rt.Tensor], group: Group) -> None:
        options = {name: value for name, value in group.items() if name not in ("params", "param_names")}
        for param in params:
            grad = param.grad
            assert grad is not None
            if param.is_complex():
                self._update_parts(param, grad, options)
            else:
                self.update(param, grad, self.state[param], **options)

    def _update_parts(self, param: rt.Tensor, grad: rt.Tensor, options: dict[str, Any]) -> None:
        """Complex numbers are two reals each to a rule; what it keeps for them is complex between the steps."""
        parts, state = rt.view_as_real(param), self.state[param]
        real = {name: rt.view_as_real(value) if _is_complex(value) else value for name, value in state.items()}
        self.update(parts, rt.view_as_real(grad), real, **options)
        for name, value in real.items():
            like_parts = isinstance(value, rt.Tensor) and value.shape == parts.shape
            state[name] = rt.view_as_complex(value.contiguous()) if like_parts else value

    def _update_fused(self, params: list[rt.Tensor], group: Group) -> None:
        """Calls the kernel once for all parameters of one dtype and one age."""
        batches: dict[tuple[rt.dtype, int], list[rt.Tensor]] = defaultdict(list)
        for param in params:
            state = self.state[param]
            batches[param.dtype, self.age(param, state, group)].append(param)
        for (_, age), batch in batches.items():
            grads = [param.grad for param in batch]
            type(self).fused(batch, grads, [self.state[param] for param in batch], age, group)  # type: ignore[misc]

    def age(self, param: rt.Tensor, state: State, group: Group) -> int:
        """Prepares `state` for the next step and counts it: how many steps the parameter will have taken."""
        raise NotImplementedError

    # Saving and loading

    def state_dict(self) -> dict[str, Any]:
        """`{"state": ..., "param_groups": ...}`, in which parameters are numbered in the order of the groups.

        Example:
            >>> sgd = rt.optim.SGD([rt.nn.Parameter(rt.zeros(1))], lr=0.1)
            >>> sgd.state_dict()["param_groups"][0]["params"]
            [0]
        """
        for hook in list(self._state_dict_pre_hooks.values()):
            hook(self)
        numbers = {id(param): number for number, param in enumerate(self._params())}
        groups = [{**group, "params": [numbers[id(param)] for param in group["params"]]} for group in self.param_groups]
        state = {numbers.get(id(key), key): value for key, value in self.state.items() if value}
        result = {"state": state, "param_groups": groups}
        for hook in list(self._state_dict_post_hooks.values()):
            changed = hook(self, result)
            result = result if changed is None else changed
        return result

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes over state and options of a `state_dict` of the same groups; tensors are copied where needed.

        Floating-point state takes the dtype of its parameter, except for step counts.

        Raises:
            ValueError: number or sizes of the groups differ.
        """
        state_dict = dict(state_dict)
        for hook in list(self._load_state_dict_pre_hooks.values()):
            changed = hook(self, state_dict)
            state_dict = state_dict if changed is None else changed
        saved = copy.deepcopy(state_dict["param_groups"])
        if len(saved) != len(self.param_groups):
            raise ValueError(
                "loaded state dict has a different number of parameter groups: "
                f"{len(saved)} instead of {len(self.param_groups)}"
            )
        sizes = [(len(new["params"]), len(own["params"])) for new, own in zip(saved, self.param_groups, strict=True)]
        if any(new != own for new, own in sizes):
            raise ValueError(
                "loaded state dict contains a parameter group that doesn't match the size of optimizer's group: "
                f"(loaded, own) = {sizes}"
            )
        numbers = (number for group in saved for number in group["params"])
        params = dict(zip(numbers, self._params(), strict=True))
        self.state = defaultdict(dict)
        for key, value in state_dict["state"].items():
            param = params.get(key)
            self.state[key if param is None else param] = value if param is None else _adopt(param, value)
        for group, own in zip(saved, self.param_groups, strict=True):
            group["params"] = own["params"]
            if "param_names" in own:
                group.setdefault("param_names", own["param_names"])
        self.param_groups = saved
        for hook in list(self._load_state_dict_post_hooks.values()):
            hook(self)

    def _params(self) -> Iterator[rt.Tensor]:
        return (param for group in self.param_groups for param in group["params"])

    # Hooks

    def register_step_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Calls `hook(optimizer, args, kwargs)` before `step`; it may return new `(args, kwargs)`."""
        return _register(self._step_pre_hooks, hook)

    def register_step_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Calls `hook(optimizer, args, kwargs)` after `step`."""
        return _register(self._step_post_hooks, hook)

    def register_state_dict_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Calls `hook(optimizer)` before `state_dict`."""
        return _register(self._state_dict_pre_hooks, hook, prepend)

    def register_state_dict_post_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Calls `hook(optimizer, state_dict)` after it; what it returns replaces the dictionary."""
        return _register(self._state_dict_post_hooks, hook, prepend)

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Calls `hook(optimizer, state_dict)` before loading; what it returns replaces the dictionary."""
        return _register(self._load_state_dict_pre_hooks, hook, prepend)

    def register_load_state_dict_post_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Calls `hook(optimizer)` after loading."""
        return _register(self._load_state_dict_post_hooks, hook, prepend)


def _with_hooks(step: Callable[..., Any]) -> Callable[..., Any]:
    """Runs the step hooks around `step`, once even if it calls the step of its base class."""

    @functools.wraps(step)
    def hooked(self: Optimizer, *args: Any, **kwargs: Any) -> Any:
        if self._stepping:
            return step(self, *args, **kwargs)
        self._stepping = True
        self._opt_called = True  # Schedulers warn if they step first.
        try:
            for hook in list(self._step_pre_hooks.values()):
                changed = hook(self, args, kwargs)
                if changed is not None:
                    if not (isinstance(changed, tuple) and len(changed) == 2):
                        raise RuntimeError(f"step pre-hook must return None or (args, kwargs), got {changed!r}")
                    args, kwargs = changed
            result = step(self, *args, **kwargs)
            for hook in list(self._step_post_hooks.values()):
                hook(self, args, kwargs)
            return result
        finally:
            self._stepping = False

    return hooked


Optimizer.step = _with_hooks(Optimizer.step)  # type: ignore[method-assign]


class _Required:
    """A default that is none."""

    def __repr__(self) -> str:
        return "<required parameter>"


required = _Required()


def _register(hooks: OrderedDict[int, Any], hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
    handle = RemovableHandle(hooks)
    hooks[handle.id] = hook
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle


def _is_complex(value: Any) -> bool:
    return isinstance(value, rt.Tensor) and value.is_complex()


def _may_fuse(group: Group, differentiable: bool) -> bool:
    """Kernels take numbers and do not record; `fused=False` asks for the rule."""
    return not differentiable and group.get("fused") is not False and not isinstance(group.get("lr"), rt.Tensor)


def _adopt(param: rt.Tensor, value: Any, name: str = "") -> Any:
    """Copies loaded state; floating-point tensors take the parameter's dtype, step counts keep theirs."""
    if isinstance(value, rt.Tensor):
        if name == "step" or not param.is_floating_point():
            return value.clone()
        return value.to(param.dtype).clone()
    if isinstance(value, dict):
        return {key: _adopt(param, each, key) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_adopt(param, each) for each in value)
    return copy.deepcopy(value)


def check_range(name: str, value: Any, least: float = 0.0, below: float = float("inf")) -> None:
    """Raises unless `least <= value < below`."""
    if not least <= value < below:
        raise ValueError(f"Invalid {name} value: {value}")


def check_lr(lr: Any) -> None:
    """Raises unless the learning rate is a number or one-element tensor that is not negative."""
    if isinstance(lr, rt.Tensor) and lr.numel() != 1:
        raise ValueError("Tensor lr must be 1-element")
    if not lr >= 0.0:
        raise ValueError(f"Invalid learning rate: {lr}")


def check_options(lr: Any, betas: Sequence[float] = (), **others: Any) -> None:
    """Raises unless each of `betas` is in [0, 1), and the learning rate and the other options are not negative."""
    check_lr(lr)
    for index, beta in enumerate(betas):
        if not 0.0 <= beta < 1.0:
            raise ValueError(f"Invalid beta parameter at index {index}: {beta}")
    for name, value in others.items():
        check_range(name, value)


def prepared(param: rt.Tensor, grad: rt.Tensor, weight_decay: float, maximize: bool) -> rt.Tensor:
    """The gradient of what is to become small: negated to climb, with that of the L2 penalty."""
    grad = -grad if maximize else grad
    return grad + weight_decay * param if weight_decay else grad


def count_step(state: State) -> int:
    """Advances the step count of `state`, a float32 tensor as in PyTorch, and returns it."""
    state["step"] += 1
    return int(state["step"])
