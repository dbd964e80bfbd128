"""`Module`: a tree of parameters, buffers and children that can be called, moved, saved and shown."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self, TypeVar

import rutile as rt

from .._rutile import _Member
from . import _state
from ._calls import call_with_hooks
from ._hooks import Hooks
from .parameter import Buffer, Parameter, is_lazy

__all__ = ["Module"]

T = TypeVar("T")


class Module(Hooks):
    """Base class of all networks and layers.

    Parameters, buffers and modules assigned to attributes are registered by the attribute's name, in the order of
    assignment, and form a tree. A subclass calls `super().__init__()` first, assigns its parts, and defines `forward`.
    Parts that are annotated in the class body (`hidden: nn.Linear`) are found faster.

    Attributes:
        training: True in training mode (the default), changed by `train()` and `eval()`.

    Example:
        >>> class Net(rt.nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.hidden = rt.nn.Linear(4, 8)
        ...         self.out = rt.nn.Linear(8, 2)
        ...     def forward(self, x):
        ...         return self.out(self.hidden(x).relu())
        >>> net = Net()
        >>> list(net(rt.randn(3, 4)).shape)
        [3, 2]
        >>> sum(p.numel() for p in net.parameters())
        58
    """

    _version: int = 1
    training: bool
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, rt.Tensor | None]
    _non_persistent_buffers_set: set[str]
    _modules: dict[str, Module | None]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # Parts whose names a class annotates are found four times as fast as through `__getattr__`. Only names are of
        # interest: what they stand for may not be there yet.
        super().__init_subclass__(**kwargs)
        for name in cls.__dict__.get("__annotations__", ()):  # noqa: RUF063
            if name not in cls.__dict__ and not hasattr(cls, name):
                setattr(cls, name, _Member(name))

    def __init__(self) -> None:
        super().__init__()
        self.__dict__.update(training=True, _parameters={}, _buffers={}, _non_persistent_buffers_set=set(), _modules={})

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Computes the output; every subclass defines it. Call the module, not this, so that hooks run."""
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._forward_hooks or self._forward_pre_hooks or self._backward_hooks or self._backward_pre_hooks:
            return call_with_hooks(self, args, kwargs)
        return self.forward(*args, **kwargs)

    # Attributes and registration

    def __getattr__(self, name: str) -> Any:
        # Only reached when the name is no ordinary attribute.
        own = self.__dict__
        if "_modules" in own:  # else its constructor has not run
            if name in (members := own["_parameters"]) or name in (members := own["_modules"]):
                return members[name]
            if name in (members := own["_buffers"]):
                return members[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        own = self.__dict__
        if isinstance(value, Parameter):
            self._forget(name, "parameters", keep="_parameters")
            self.register_parameter(name, value)
        elif isinstance(value, Module):
            self._forget(name, "module", keep="_modules")
            own["_modules"][name] = value
        elif isinstance(value, Buffer):
            self._forget(name, "buffers", keep="_buffers")
            self.register_buffer(name, value, value.persistent)
        elif name in own.get("_parameters", ()):
            _require_none(name, value, "parameter", "rutile.nn.Parameter or None")
            own["_parameters"][name] = None
        elif name in own.get("_modules", ()):
            _require_none(name, value, "child module", "rutile.nn.Module or None")
            own["_modules"][name] = None
        elif name in own.get("_buffers", ()):
            if not isinstance(value, rt.Tensor):
                _require_none(name, value, "buffer", "rutile.nn.Buffer, rutile.Tensor or None")
            own["_buffers"][name] = value
        else:
            object.__setattr__(self, name, value)

    def _forget(self, name: str, kind: str, keep: str) -> None:
        """Makes room for `name` in the registry `keep`, where its place in the order is kept."""
        own = self.__dict__
        if "_parameters" not in own:
            raise AttributeError(f"cannot assign {kind} before Module.__init__() call")
        own.pop(name, None)
        for registry in ("_parameters", "_buffers", "_modules"):
            if registry != keep:
                own[registry].pop(name, None)
        own["_non_persistent_buffers_set"].discard(name)

    def __delattr__(self, name: str) -> None:
        for members in (self._parameters, self._buffers, self._modules):
            if name in members:
                del members[name]
                self._non_persistent_buffers_set.discard(name)
                return
        object.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        names = {*super().__dir__(), *self._parameters, *self._buffers, *self._modules}
        return sorted(name for name in names if not name[0].isdigit())

    def _check_new(self, name: str, kind: str, registry: str) -> None:
        if registry not in self.__dict__:
            raise AttributeError(f"cannot assign {kind} before Module.__init__() call")
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {type(name).__name__}")
        if "." in name:
            raise KeyError(f'{kind} name can\'t contain ".", got: {name}')
        if name == "":
            raise KeyError(f'{kind} name can\'t be empty string ""')
        if hasattr(self, name) and name not in self.__dict__[registry]:
            raise KeyError(f"attribute '{name}' already exists")

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Adds `param` as an attribute; None reserves the name (a layer without bias).

        Raises:
            KeyError: the name is empty, holds a dot or is taken.
            TypeError: `param` is no `Parameter`.
            ValueError: `param` was computed by operations that record gradients.
        """
        self._check_new(name, "parameter", "_parameters")
        if param is not None:
            if not isinstance(param, Parameter):
                raise TypeError(
                    f"cannot assign '{type(param).__name__}' object to parameter '{name}' "
                    "(rutile.nn.Parameter or None required)"
                )
            if param.grad_fn is not None:
                raise ValueError(
                    f"cannot assign non-leaf Tensor to parameter '{name}': parameters are created explicitly; to make "
                    f"'{name}' a function of another tensor, compute it in forward()"
                )
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: rt.Tensor | None, persistent: bool = True) -> None:
        """Adds `tensor` as an attribute that is moved and saved with the module, but not learned.

        Args:
            name: attribute; no dot, not taken.
            tensor: the buffer; None reserves the name and is not saved.
            persistent: whether it is part of `state_dict` (default: True).

        Example:
            >>> m = rt.nn.Module()
            >>> m.register_buffer("mean", rt.zeros(3))
            >>> list(m.mean.shape)
            [3]
        """
        self._check_new(name, "buffer", "_buffers")
        if tensor is not None and not isinstance(tensor, rt.Tensor):
            raise TypeError(
                f"cannot assign '{type(tensor).__name__}' object to buffer '{name}' (rutile.Tensor or None required)"
            )
        self._buffers[name] = tensor
        (self._non_persistent_buffers_set.discard if persistent else self._non_persistent_buffers_set.add)(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Adds a child under `name`; None reserves the name."""
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{type(module).__name__} is not a Module subclass")
        self._check_new(name, "module", "_modules")
        self._modules[name] = module

    def register_module(self, name: str, module: Module | None) -> None:
        """Alias of `add_module`."""
        self.add_module(name, module)

    # Finding parts

    def get_submodule(self, target: str) -> Module:
        """The module at a dotted path, such as `"layer1.0.conv"`; the empty path is the module itself.

        Raises:
            AttributeError: no such attribute, or it is no module.
        """
        module = self
        for name in target.split(".") if target else ():
            if not hasattr(module, name):
                raise AttributeError(f"{type(module).__name__} has no attribute `{name}`")
            module = getattr(module, name)
            if not isinstance(module, Module):
                raise AttributeError(f"`{name}` is not a Module")
        return module

    def set_submodule(self, target: str, module: Module, strict: bool = False) -> None:
        """Replaces the module at a dotted path; with `strict`, there must be one already."""
        if not target:
            raise ValueError("cannot set the submodule without a target name")
        path, _, name = target.rpartition(".")
        if not isinstance(module, Module):
            raise ValueError(f"`module` is not a Module, found {type(module)}")
        parent = self.get_submodule(path)
        if strict and not hasattr(parent, name):
            raise AttributeError(f"{type(parent).__name__} has no attribute `{name}`")
        if hasattr(parent, name) and not isinstance(getattr(parent, name), Module):
            raise AttributeError(f"`{name}` is not a Module")
        setattr(parent, name, module)

    def get_parameter(self, target: str) -> Parameter:
        """The parameter at a dotted path."""
        parent, name = self._owner(target)
        param = getattr(parent, name)
        if not isinstance(param, Parameter):
            raise AttributeError(f"`{name}` is not a Parameter")
        return param

    def get_buffer(self, target: str) -> rt.Tensor:
        """The buffer at a dotted path."""
        parent, name = self._owner(target)
        if name not in parent._buffers:
            raise AttributeError(f"`{name}` is not a buffer")
        buffer: rt.Tensor = getattr(parent, name)
        return buffer

    def _owner(self, target: str) -> tuple[Module, str]:
        path, _, name = target.rpartition(".")
        parent = self.get_submodule(path)
        if not hasattr(parent, name):
            raise AttributeError(f"{type(parent).__name__} has no attribute `{name}`")
        return parent, name

    def named_modules(
        self, memo: set[Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """This module and all below it with their dotted paths; a shared one once, unless `remove_duplicate=False`."""
        memo = set() if memo is None else memo
        if self not in memo:
            if remove_duplicate:
                memo.add(self)
            yield prefix, self
            for name, child in self._modules.items():
                if child is not None:
                    yield from child.named_modules(memo, f"{prefix}.{name}" if prefix else name, remove_duplicate)

    def modules(self) -> Iterator[Module]:
        """This module and all below it, each once."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The direct children with their names, each once."""
        seen = set()
        for name, child in self._modules.items():
            if child is not None and child not in seen:
                seen.add(child)
                yield name, child

    def children(self) -> Iterator[Module]:
        """The direct children, each once."""
        return (child for _, child in self.named_children())

    def _named_members(
        self, members: Callable[[Module], Mapping[str, T | None]], prefix: str, recurse: bool, remove_duplicate: bool
    ) -> Iterator[tuple[str, T]]:
        seen = set()
        if recurse:
            modules = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
        else:
            modules = iter([(prefix, self)])
        for path, module in modules:
            for name, member in members(module).items():
                if member is None or id(member) in seen:
                    continue
                if remove_duplicate:
                    seen.add(id(member))
                yield f"{path}.{name}" if path else name, member

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Parameters with their dotted paths; a tied one under its first path, unless `remove_duplicate=False`."""
        return self._named_members(lambda module: module._parameters, prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Parameters of this module and (with `recurse`) all below, each once. This is what optimizers take."""
        return (param for _, param in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, rt.Tensor]]:
        """Buffers with their dotted paths."""
        return self._named_members(lambda module: module._buffers, prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[rt.Tensor]:
        """Buffers of this module and (with `recurse`) all below, each once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    # Changing all parts

    def apply(self, fn: Callable[[Module], None]) -> Self:
        """Calls `fn` on every module of the tree, children first; the usual way to initialise weights.

        Example:
            >>> def start(m):
            ...     if isinstance(m, rt.nn.Linear):
            ...         rt.nn.init.zeros_(m.weight)
            >>> rt.nn.Linear(2, 1).apply(start).weight.sum().item()
            0.0
        """
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def _apply(self, fn: Callable[[rt.Tensor], rt.Tensor], recurse: bool = True) -> Self:
        """Replaces the data of every parameter, gradient and buffer by `fn` of it; parameters stay the same objects."""
        if recurse:
            for child in self.children():
                child._apply(fn)
        with rt.no_grad():
            for param in self._parameters.values():
                if param is not None:
                    grad = param.grad
                    param.data = fn(param.data)
                    if grad is not None:
                        param.grad = fn(grad.detach()).requires_grad_(grad.requires_grad)
            for name, buffer in self._buffers.items():
                if buffer is None:
                    continue
                if is_lazy(buffer):
                    buffer.data = fn(buffer.data)  # stays the object that waits for its shape
                else:
                    self._buffers[name] = fn(buffer)
        return self

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Casts floating-point parameters and buffers in place: `to(dtype)`, `to(device)`, `to(other_tensor)`.

        The only device is the CPU; naming another raises. Integer buffers keep their dtype. `memory_format` orders the
        axes of parameters and buffers with four (or five) axes; the others stay as they are.

        Example:
            >>> rt.nn.Linear(2, 2).to(rt.float64).weight.dtype == rt.float64
            True
        """
        dtype, options = _parse_to(args, kwargs)
        if dtype is not None and not (dtype.is_floating_point or dtype.is_complex):
            raise TypeError(
                f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={dtype}"
            )

        memory_format = options.pop("memory_format", None)

        def convert(tensor: rt.Tensor) -> rt.Tensor:
            floating = tensor.is_floating_point() or tensor.is_complex()
            ordered = {"memory_format": memory_format} if tensor.dim() in (4, 5) and memory_format is not None else {}
            return tensor.to(dtype=dtype if floating and dtype is not None else tensor.dtype, **options, **ordered)

        return self._apply(convert)

    def _cast(self, dtype: rt.dtype) -> Self:
        return self._apply(lambda tensor: tensor.to(dtype) if tensor.is_floating_point() else tensor)

    def float(self) -> Self:
        """Casts floating-point parameters and buffers to float32."""
        return self._cast(rt.float32)

    def double(self) -> Self:
        """Casts floating-point parameters and buffers to float64."""
        return self._cast(rt.float64)

    def half(self) -> Self:
        """Casts floating-point parameters and buffers to float16."""
        return self._cast(rt.float16)

    def bfloat16(self) -> Self:
        """Casts floating-point parameters and buffers to bfloat16."""
        return self._cast(rt.bfloat16)

    def type(self, dst_type: rt.dtype | str) -> Self:
        """Casts all parameters and buffers to `dst_type`."""
        return self._apply(lambda tensor: tensor.type(dst_type))

    def cpu(self) -> Self:
        """Does nothing: everything is on the CPU."""
        return self._apply(lambda tensor: tensor.cpu())

    def cuda(self, device: Any = None) -> Self:
        """Raises, as a tensor's `cuda()` does: this is a library for CPUs."""
        return self._apply(lambda tensor: tensor.cuda(device))

    def to_empty(self, *, device: Any, recurse: bool = True) -> Self:
        """Replaces all parameters and buffers by uninitialised ones of the same shape."""
        return self._apply(lambda tensor: rt.empty_like(tensor, device=device), recurse=recurse)

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """Accepted for PyTorch's sake; the module runs as it is."""

    def train(self, mode: bool = True) -> Self:
        """Switches the tree to training mode: dropout drops, batch norm uses and collects batch statistics."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for child in self.children():
            child.train(mode)
        return self

    def eval(self) -> Self:
        """Switches the tree to evaluation mode; the same as `train(False)`."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Sets whether the parameters collect gradients; False freezes them."""
        for param in self.parameters():
            param.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Drops the gradients of all parameters (default), or fills them with zeros in place."""
        for param in self.parameters():
            if param.grad is None:
                continue
            if set_to_none:
                param.grad = None
            else:
                param.grad = param.grad.detach().zero_()

    # Saving and loading

    def get_extra_state(self) -> Any:
        """Anything else that belongs into `state_dict`; defined together with `set_extra_state`."""
        raise RuntimeError(
            "Reached a code path in Module.get_extra_state() that should never be called: define it in the subclass"
        )

    def set_extra_state(self, state: Any) -> None:
        """Takes back what `get_extra_state` gave."""
        raise RuntimeError(
            "Reached a code path in Module.set_extra_state() that should never be called: define it in the subclass"
        )

    def _save_to_state_dict(self, destination: dict[str, Any], prefix: str, keep_vars: bool) -> None:
        for name, param in self._parameters.items():
            if param is not None:
                destination[prefix + name] = param if keep_vars or is_lazy(param) else param.detach()
        for name, buffer in self._buffers.items():
            if buffer is not None and name not in self._non_persistent_buffers_set:
                destination[prefix + name] = buffer if keep_vars or is_lazy(buffer) else buffer.detach()
        if type(self).get_extra_state is not Module.get_extra_state:
            destination[prefix + "_extra_state"] = self.get_extra_state()

    def state_dict(self, *, destination: Any = None, prefix: str = "", keep_vars: bool = False) -> Any:
        """Parameters and persistent buffers by their dotted paths. They share memory with the module.

        Args:
            destination: dictionary to fill (default: a new `OrderedDict`).
            prefix: put before every key.
            keep_vars: hand out the parameters themselves, not detached views.

        Example:
            >>> list(rt.nn.Linear(2, 3).state_dict())
            ['weight', 'bias']
        """
        if destination is None:
            destination = OrderedDict()
            destination._metadata = OrderedDict()
        metadata = {"version": self._version}
        if hasattr(destination, "_metadata"):
            destination._metadata[prefix[:-1]] = metadata
        for hook in self._state_dict_pre_hooks.values():
            hook(self, prefix, keep_vars)
        self._save_to_state_dict(destination, prefix, keep_vars)
        for name, child in self._modules.items():
            if child is not None:
                child.state_dict(destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
        for hook in self._state_dict_hooks.values():
            changed = hook(self, destination, prefix, metadata)
            destination = destination if changed is None else changed
        return destination

    def _load_from_state_dict(
        self,
        state_dict: Mapping[str, Any],
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        """Fills this module alone; a subclass may rename old keys in `state_dict` before calling this."""
        for hook in self._load_state_dict_pre_hooks.values():
            hook(self, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs)
        _state.load_own(self, state_dict, prefix, local_metadata, missing_keys, error_msgs)
        wants_extra = type(self).set_extra_state is not Module.set_extra_state
        if wants_extra or strict:
            _state.load_extra(self, state_dict, prefix, wants_extra, missing_keys, unexpected_keys)
        if strict:
            unexpected_keys += _state.unexpected_keys(self, state_dict, prefix)

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> _state.IncompatibleKeys:
        """Copies values of `state_dict` into parameters and buffers.

        Args:
            state_dict: tensors by dotted path, as `state_dict()` gives them.
            strict: missing and unexpected keys are errors (default: True).
            assign: take the tensors themselves (and their dtype) instead of copying their values.

        Returns:
            Named tuple `(missing_keys, unexpected_keys)`.

        Raises:
            RuntimeError: keys or shapes do not match; the message lists all of them.

        Example:
            >>> a, b = rt.nn.Linear(2, 2), rt.nn.Linear(2, 2)
            >>> a.load_state_dict(b.state_dict())
            <All keys matched successfully>
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
        metadata = getattr(state_dict, "_metadata", None)
        state: OrderedDict[str, Any] = OrderedDict(state_dict)
        missing: list[str] = []
        unexpected: list[str] = []
        errors: list[str] = []

        def load(module: Module, prefix: str) -> None:
            own = dict(metadata.get(prefix[:-1], {})) if metadata is not None else {}
            if assign:
                own["assign_to_params_buffers"] = True
            module._load_from_state_dict(state, prefix, own, True, missing, unexpected, errors)
            for name, child in module._modules.items():
                if child is not None:
                    load(child, f"{prefix}{name}.")
            keys = _state.IncompatibleKeys(missing, unexpected)
            for hook in module._load_state_dict_post_hooks.values():
                if hook(module, keys) is not None:
                    raise RuntimeError(
                        "Hooks registered with `register_load_state_dict_post_hook` must change the keys in place "
                        "and return None"
                    )

        load(self, "")
        if strict:
            for kind, keys in (("Unexpected", unexpected), ("Missing", missing)):
                if keys:
                    names = ", ".join(f'"{key}"' for key in keys)
                    errors.insert(0, f"{kind} key(s) in state_dict: {names}. ")
        if errors:
            lines = "\n\t".join(errors)
            raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\n\t{lines}")
        return _state.IncompatibleKeys(missing, unexpected)

    def __setstate__(self, state: dict[str, Any]) -> None:
        Module.__init__(self)  # A pickle of an older version may lack some registries.
        self.__dict__.update(state)

    # Showing

    def extra_repr(self) -> str:
        """What stands between the parentheses of the module's own line; a layer shows its arguments."""
        return ""

    def _get_name(self) -> str:
        return type(self).__name__

    def _repr_html_(self) -> str:
        """A tree for notebooks, with numbers of parameters."""
        from .._notebook import module_html

        return module_html(self)

    def __repr__(self) -> str:
        extra = self.extra_repr()
        lines = extra.split("\n") if extra else []
        children = [f"({name}): " + repr(child).replace("\n", "\n  ") for name, child in self._modules.items()]
        if len(lines) <= 1 and not children:
            return f"{self._get_name()}({extra})"
        return f"{self._get_name()}(\n  " + "\n  ".join(lines + children) + "\n)"


def _require_none(name: str, value: Any, kind: str, expected: str) -> None:
    """Refuses to overwrite a registered name by anything else."""
    if value is not None:
        raise TypeError(f"cannot assign '{type(value).__name__}' as {kind} '{name}' ({expected} expected)")


def _parse_to(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[rt.dtype | None, dict[str, Any]]:
    """Takes `to(device, dtype, non_blocking)`, `to(dtype, non_blocking)` or `to(tensor, non_blocking)` apart."""
    options = dict(kwargs)
    dtype = options.pop("dtype", None)
    other = options.pop("tensor", None)
    options.pop("non_blocking", None)
    for value in args:
        if isinstance(value, rt.dtype):
            dtype = value
        elif isinstance(value, rt.Tensor):
            other = value
        elif isinstance(value, rt.device | str):
            options["device"] = value
        elif value is not None and not isinstance(value, bool):
            raise TypeError(f"Module.to: expected a dtype, device or tensor, got {type(value).__name__}")
    if other is not None:
        dtype = other.dtype
    if "device" in options and options["device"] is not None:
        options["device"] = rt.device(options["device"])  # Raises for other devices, even if there is nothing to move.
    return dtype, {name: value for name, value in options.items() if value is not None}
