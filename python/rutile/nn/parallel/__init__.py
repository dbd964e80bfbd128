"""Wrappers around a module, for scripts that use them whatever they run on: there is one process and one device."""

from __future__ import annotations

from typing import Any

from rutile._places import add_places

from ..module import Module

__all__ = ["DataParallel", "DistributedDataParallel", "data_parallel"]


class DataParallel(Module):
    """Calls `module` on the whole batch: there are no devices to split it over. Cores share the work anyway.

    The wrapped module is the attribute `module`, so that keys of the `state_dict` begin with `module.` as in PyTorch.

    Args:
        module: what is called.
        device_ids, output_device, dim: PyTorch's; nothing depends on them on the CPU.

    Example:
        >>> net = rt.nn.DataParallel(rt.nn.Linear(2, 1))
        >>> list(net.state_dict())
        ['module.weight', 'module.bias']
    """

    def __init__(self, module: Module, device_ids: Any = None, output_device: Any = None, dim: int = 0) -> None:
        super().__init__()
        self.module = module
        self.device_ids: list[Any] = []
        self.dim = dim

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        return self.module(*inputs, **kwargs)


class DistributedDataParallel(Module):
    """Raises when made, as PyTorch's does without a process group: training runs in one process."""

    def __init__(self, module: Module, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        raise RuntimeError(
            "DistributedDataParallel: Rutile trains in one process; use the module itself, its operations use all cores"
        )


def data_parallel(
    module: Module,
    inputs: Any,
    device_ids: Any = None,
    output_device: Any = None,
    dim: int = 0,
    module_kwargs: dict[str, Any] | None = None,
) -> Any:
    """`module(*inputs, **module_kwargs)`: there are no devices to split the batch over."""
    return module(*(inputs if isinstance(inputs, tuple) else (inputs,)), **(module_kwargs or {}))


add_places(__name__, {"distributed": [__name__]})
add_places(__name__, {"data_parallel": [__name__]}, attributes=False)
