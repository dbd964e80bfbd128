"""Trading time for memory: `checkpoint` computes a part of a network again instead of keeping what it saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import rutile as rt

__all__ = ["checkpoint", "checkpoint_sequential"]


class _Checkpoint(rt.autograd.Function):
    @staticmethod
    def forward(ctx: Any, run: Callable[..., Any], state: Any, *args: Any) -> Any:
        ctx.run, ctx.state = run, state
        ctx.tensors = [isinstance(arg, rt.Tensor) for arg in args]
        ctx.rest = [None if isinstance(arg, rt.Tensor) else arg for arg in args]
        ctx.save_for_backward(*(arg for arg in args if isinstance(arg, rt.Tensor)))
        with rt.no_grad():
            return run(*args)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        saved = iter(ctx.saved_tensors)
        args = [_leaf(next(saved)) if is_tensor else arg for is_tensor, arg in zip(ctx.tensors, ctx.rest, strict=True)]
        now = rt.get_rng_state()
        if ctx.state is not None:
            rt.set_rng_state(ctx.state)
        try:
            with rt.enable_grad():
                outputs = ctx.run(*args)
        finally:
            rt.set_rng_state(now)
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        pairs = [(y, g) for y, g in zip(outputs, grads, strict=True) if isinstance(y, rt.Tensor) and y.requires_grad]
        if not pairs:
            raise RuntimeError("checkpoint: none of the outputs wants a gradient, there is nothing to compute again")
        rt.autograd.backward([y for y, _ in pairs], [g for _, g in pairs])
        return None, None, *(arg.grad if isinstance(arg, rt.Tensor) else None for arg in args)


def _leaf(tensor: rt.Tensor) -> rt.Tensor:
    leaf = tensor.detach()
    leaf.requires_grad_(tensor.requires_grad)
    return leaf


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    preserve_rng_state: bool = True,
    **kwargs: Any,
) -> Any:
    """`function(*args, **kwargs)`, which is run a second time in `backward` in place of keeping what it saved.

    T. Chen, B. Xu, C. Zhang, C. Guestrin, *Training Deep Nets with Sublinear Memory Cost*, 2016. The gradients are
    those of a plain call. At least one of `args` must want a gradient.

    Args:
        use_reentrant: accepted; the second run always happens inside of the first walk.
        preserve_rng_state: draw the same random numbers (dropout) in the second run.

    Example:
        >>> from rutile.utils.checkpoint import checkpoint
        >>> x = rt.ones(2, requires_grad=True)
        >>> checkpoint(lambda x: (x * 3).sum(), x).backward()
        >>> x.grad
        tensor([3., 3.])
    """

    def run(*args: Any) -> Any:
        return function(*args, **kwargs)

    return _Checkpoint.apply(run, rt.get_rng_state() if preserve_rng_state else None, *args)


def checkpoint_sequential(
    functions: Any, segments: int, input: Any, use_reentrant: bool | None = None, preserve_rng_state: bool = True
) -> Any:
    """A chain of functions, or an `nn.Sequential`, cut into `segments`, all but the last of them checkpointed.

    Example:
        >>> net = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 2))
        >>> x = rt.ones(1, 4, requires_grad=True)
        >>> y = rt.utils.checkpoint.checkpoint_sequential(net, 2, x, use_reentrant=False)
        >>> rt.equal(y, net(x))
        True
    """
    functions = list(functions.children()) if isinstance(functions, rt.nn.Module) else list(functions)
    size = len(functions) // segments

    def chain(start: int, end: int) -> Callable[[Any], Any]:
        def run(x: Any) -> Any:
            for function in functions[start:end]:
                x = function(x)
            return x

        return run

    x = input
    for segment in range(segments - 1):
        run = chain(segment * size, (segment + 1) * size)
        x = checkpoint(run, x, preserve_rng_state=preserve_rng_state)
    return chain((segments - 1) * size, len(functions))(x)
