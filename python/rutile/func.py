"""Functions of functions: gradients, Jacobians and batches of plain functions of tensors, under `torch.func`'s names.

They run on the tape: `jvp` and `jacfwd` are two walks back (the derivative of a vector-Jacobian product by its vector
is the Jacobian-vector product), and `vmap` calls the function once per element of the batch and stacks the results. So
everything that can be differentiated works, in any nesting. Results have a history of their own if an argument of the
outermost transform requires grad. What PyTorch saves by batching is not saved here.

Example:
    >>> import rutile as rt
    >>> from rutile.func import grad, vmap
    >>> grad(lambda x: x.sin())(rt.tensor(0.0))
    tensor(1.)
    >>> vmap(grad(lambda x: x**2))(rt.arange(3.0))
    tensor([0., 2., 4.])
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import rutile as rt

from ._rutile import Tensor
from .autograd import grad as _tape_grad
from .nn import Module

__all__ = [
    "functional_call",
    "grad",
    "grad_and_value",
    "hessian",
    "jacfwd",
    "jacrev",
    "jvp",
    "stack_module_state",
    "vjp",
    "vmap",
]

_Argnums = int | tuple[int, ...]


# ---- nested tuples, lists and dicts ----


def _flatten(tree: Any) -> list[Any]:
    if isinstance(tree, (tuple, list)):
        return [leaf for part in tree for leaf in _flatten(part)]
    if isinstance(tree, dict):
        return [leaf for key in tree for leaf in _flatten(tree[key])]
    return [tree]


def _rebuild(tree: Any, leaves: Any) -> Any:
    """A tree like `tree` with its leaves from an iterator."""
    if isinstance(tree, (tuple, list)):
        parts = [_rebuild(part, leaves) for part in tree]
        if hasattr(tree, "_fields"):
            return type(tree)(*parts)
        return type(tree)(parts)
    if isinstance(tree, dict):
        return {key: _rebuild(part, leaves) for key, part in tree.items()}
    return next(leaves)


def _map(function: Callable[..., Any], tree: Any, *others: Any) -> Any:
    columns = [_flatten(tree), *map(_flatten, others)]
    return _rebuild(tree, iter([function(*row) for row in zip(*columns, strict=True)]))


def _tensors(who: str, tree: Any) -> list[Tensor]:
    leaves = _flatten(tree)
    for leaf in leaves:
        if not isinstance(leaf, Tensor):
            raise TypeError(f"{who}: expected tensors, got {type(leaf).__name__}")
    return leaves


def _tracked(tree: Any) -> Any:
    """The tensors as inputs to differentiate by: in memory of their own place on the tape, linked to what they were."""

    def one(x: Any) -> Any:
        if not isinstance(x, Tensor) or not x.is_floating_point():
            return x
        return x.view_as(x) if x.requires_grad else x.detach().requires_grad_()

    return _map(one, tree)


def _chosen(args: Sequence[Any], argnums: _Argnums) -> tuple[Any, ...]:
    numbers = (argnums,) if isinstance(argnums, int) else argnums
    for number in numbers:
        if not -len(args) <= number < len(args):
            raise RuntimeError(f"argnums={number}, but the function got {len(args)} positional arguments")
    return tuple(args[number] for number in numbers)


def _replaced(args: Sequence[Any], argnums: _Argnums, values: Sequence[Any]) -> list[Any]:
    args = list(args)
    for number, value in zip((argnums,) if isinstance(argnums, int) else argnums, values, strict=True):
        args[number] = value
    return args


class _Levels(threading.local):
    depth = 0


_levels = _Levels()


@contextlib.contextmanager
def _level() -> Iterator[None]:
    """While a transform calls its function: transforms within keep all history, as closures may name its inputs."""
    _levels.depth += 1
    try:
        with rt.enable_grad():
            yield
    finally:
        _levels.depth -= 1


def _wants_history(tree: Any) -> bool:
    if _levels.depth:
        return True
    return rt.is_grad_enabled() and any(isinstance(x, Tensor) and x.requires_grad for x in _flatten(tree))


def _walk(
    outputs: Sequence[Tensor], inputs: Sequence[Tensor], gradients: Sequence[Tensor | None], history: bool
) -> list[Tensor]:
    """Gradients, zeros where nothing flows; with a history of their own if somebody differentiates further."""
    pairs = [(y, g) for y, g in zip(outputs, gradients, strict=True) if y.requires_grad]
    wanted = [x for x in inputs if x.requires_grad]
    if not pairs or not wanted:
        return [rt.zeros_like(x) for x in inputs]
    results = iter(
        _tape_grad(
            [y for y, _ in pairs],
            wanted,
            [g for _, g in pairs],
            retain_graph=True,
            create_graph=history,
            materialize_grads=True,
        )
    )
    return [next(results) if x.requires_grad else rt.zeros_like(x) for x in inputs]


def _settled(tree: Any, history: bool) -> Any:
    """Results for the caller: without history unless the caller's own tensors have one."""
    return tree if history else _map(lambda x: x.detach() if isinstance(x, Tensor) else x, tree)


# ---- first derivatives ----


def grad_and_value(func: Callable[..., Any], argnums: _Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """A function that gives the gradient of `func` and its value.

    Args:
        func: gives one number as a tensor, or with `has_aux` that and anything else.
        argnums: which positional arguments to differentiate by: a number, or a tuple (then the gradient is a tuple).
            Each is a tensor or a nest of tuples, lists and dicts of tensors.
        has_aux: then the result is `(gradient, (value, aux))`.

    Raises:
        RuntimeError: `func` gives anything but one number.

    Example:
        >>> rt.func.grad_and_value(lambda a, b: a * b, argnums=(0, 1))(rt.tensor(2.0), rt.tensor(5.0))
        ((tensor(5.), tensor(2.)), tensor(10.))
    """

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        history = _wants_history((args, kwargs))
        with _level():
            inputs = _tracked(_chosen(args, argnums))
            result = func(*_replaced(args, argnums, inputs), **kwargs)
            value, aux = result if has_aux else (result, None)
            if not isinstance(value, Tensor) or value.numel() != 1 or value.dim() != 0:
                shape = tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__
                raise RuntimeError(f"grad: the function must return a 0-d tensor, got {shape}")
            # Inner derivatives: recorded, as an outer transform may differentiate them.
            gradients = _walk([value], _tensors("grad", inputs), [None], history)
        tree = _settled(_rebuild(inputs, iter(gradients)), history)
        value = _settled(value, history)
        gradient = tree[0] if isinstance(argnums, int) else tree
        return (gradient, (value, _settled(aux, history))) if has_aux else (gradient, value)

    return wrapper


def grad(func: Callable[..., Any], argnums: _Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """A function that gives the gradient of `func`, which returns one number as a tensor.

    See `grad_and_value` for the arguments; with `has_aux` the result is `(gradient, aux)`.

    Raises:
        RuntimeError: `func` gives anything but one number.

    Example:
        >>> rt.func.grad(lambda x: (x**3).sum())(rt.tensor([1.0, 2.0]))
        tensor([ 3., 12.])
        >>> rt.func.grad(rt.func.grad(rt.sin))(rt.tensor(0.5)) == -rt.sin(rt.tensor(0.5))
        tensor(True)
    """
    both = grad_and_value(func, argnums, has_aux)

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        gradient, value = both(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    return wrapper


def vjp(func: Callable[..., Any], *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """`(func(*primals), f)`: `f(cotangents)` gives the products of `cotangents`, shaped as the output, and the
    Jacobians, one per primal. With `has_aux` the function returns `(output, aux)`, and `aux` comes third.

    Raises:
        RuntimeError: the cotangents have another shape than the output.

    Example:
        >>> output, f = rt.func.vjp(lambda x: x**2, rt.tensor([1.0, 3.0]))
        >>> output, f(rt.tensor([1.0, 0.5]))
        (tensor([1., 9.]), (tensor([2., 3.]),))
    """
    history = _wants_history(primals)
    with _level():
        inputs = _tracked(primals)
        result = func(*inputs)
    output, aux = result if has_aux else (result, None)

    def product(cotangents: Any, retain_graph: bool = True, create_graph: bool | None = None) -> Any:
        further = history or _wants_history(cotangents) if create_graph is None else create_graph
        gradients = _walk(_tensors("vjp", output), _tensors("vjp", inputs), _tensors("vjp", cotangents), further)
        return _settled(_rebuild(inputs, iter(gradients)), further)

    settled = _settled(output, history)
    return (settled, product, aux) if has_aux else (settled, product)


def jvp(
    func: Callable[..., Any], primals: Any, tangents: Any, *, strict: bool = False, has_aux: bool = False
) -> tuple[Any, ...]:
    """`(func(*primals), tangents of the output)`: the product of the Jacobian and `tangents`, shaped as the primals.

    It costs two walks back: the vector-Jacobian product is linear in its vector, and its derivative by that vector is
    this product. Source: Townsend, "A new trick for calculating Jacobian vector products" (2017).

    Raises:
        RuntimeError: a tangent has another shape than its primal.

    Example:
        >>> rt.func.jvp(lambda x: x**2, (rt.tensor([1.0, 3.0]),), (rt.tensor([1.0, 0.5]),))
        (tensor([1., 9.]), tensor([2., 3.]))
    """
    history = _wants_history((primals, tangents))
    with _level():
        inputs = _tracked(tuple(primals))
        result = func(*inputs)
        output, aux = result if has_aux else (result, None)
        outputs = _tensors("jvp", output)
        if strict and not all(y.requires_grad for y in outputs):
            raise RuntimeError("jvp: an output does not depend on the primals (strict=True)")
        dummies = [rt.zeros_like(y).requires_grad_() for y in outputs]
        leaves = _tensors("jvp", inputs)
        back = _walk(outputs, leaves, list(dummies), True)
        forth = _walk(back, dummies, _tensors("jvp", tuple(tangents)), history)
    result = (_settled(output, history), _settled(_rebuild(output, iter(forth)), history))
    return (*result, aux) if has_aux else result


# ---- Jacobians ----


def jacrev(
    func: Callable[..., Any], argnums: _Argnums = 0, *, has_aux: bool = False, chunk_size: int | None = None
) -> Callable[..., Any]:
    """A function that gives the Jacobian of `func`, one walk back per element of the output.

    For an output of shape O and an argument of shape I the result has shape (*O, *I); nests of outputs and arguments
    give nests. `chunk_size` is accepted: rows are computed one by one.

    Example:
        >>> rt.func.jacrev(lambda x: rt.stack([x[0] * x[1], x[1]]))(rt.tensor([2.0, 3.0]))
        tensor([[3., 2.],
                [0., 1.]])
    """
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError(f"jacrev: chunk_size must be positive, got {chunk_size}")

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        history = _wants_history((args, kwargs))
        with _level():
            inputs = _tracked(_chosen(args, argnums))
            result = func(*_replaced(args, argnums, inputs), **kwargs)
            output, aux = result if has_aux else (result, None)
            leaves = _tensors("jacrev", inputs)

            def of(y: Tensor) -> Any:
                rows = [_walk([part], leaves, [None], history) for part in y.reshape(-1).unbind()]
                columns = zip(*rows, strict=True) if rows else ([] for _ in leaves)
                blocks = [
                    (rt.stack(list(column)) if rows else x.new_zeros((0, *x.shape))).reshape((*y.shape, *x.shape))
                    for column, x in zip(columns, leaves, strict=True)
                ]
                tree = _settled(_rebuild(inputs, iter(blocks)), history)
                return tree[0] if isinstance(argnums, int) else tree

            jacobian = _map(of, output)
        return (jacobian, aux) if has_aux else jacobian

    return wrapper


def jacfwd(
    func: Callable[..., Any], argnums: _Argnums = 0, has_aux: bool = False, *, randomness: str = "error"
) -> Callable[..., Any]:
    """As `jacrev`, one `jvp` per element of the arguments: for functions with more outputs than inputs.

    Example:
        >>> rt.func.jacfwd(lambda x: rt.stack([x, x**2, x**3]))(rt.tensor(2.0))
        tensor([ 1.,  4., 12.])
    """
    if randomness not in ("error", "same", "different"):
        raise ValueError(f"jacfwd: randomness must be 'error', 'same' or 'different', got {randomness!r}")

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        chosen = _chosen(args, argnums)
        leaves = _tensors("jacfwd", chosen)
        aux: Any = None

        def plain(*inputs: Any) -> Any:
            nonlocal aux
            result = func(*_replaced(args, argnums, inputs), **kwargs)
            if has_aux:
                result, aux = result
            return result

        columns: list[list[Tensor]] = []
        output: Any = None
        for x in leaves:
            for at in range(x.numel()):
                unit = rt.zeros(x.numel(), dtype=x.dtype)
                unit[at] = 1
                tangents = [unit.reshape(x.shape) if other is x else rt.zeros_like(other) for other in leaves]
                output, tangent = jvp(plain, chosen, _rebuild(chosen, iter(tangents)))
                columns.append(_tensors("jacfwd", tangent))
        if output is None:
            output = plain(*chosen)

        def of(number: int, y: Tensor) -> Any:
            blocks, at = [], 0
            for x in leaves:
                parts = [column[number] for column in columns[at : at + x.numel()]]
                at += x.numel()
                block = rt.stack(parts, -1) if parts else y.new_zeros((*y.shape, 0))
                blocks.append(block.reshape((*y.shape, *x.shape)))
            tree = _rebuild(chosen, iter(blocks))
            return tree[0] if isinstance(argnums, int) else tree

        numbered = [of(number, y) for number, y in enumerate(_tensors("jacfwd", output))]
        jacobian = _rebuild(output, iter(numbered))
        return (jacobian, aux) if has_aux else jacobian

    return wrapper


def hessian(func: Callable[..., Any], argnums: _Argnums = 0) -> Callable[..., Any]:
    """A function that gives the second derivatives of `func`: the Jacobian of the Jacobian.

    Example:
        >>> rt.func.hessian(lambda x: x[0] ** 2 * x[1])(rt.tensor([3.0, 5.0]))
        tensor([[10.,  6.],
                [ 6.,  0.]])
    """
    return jacrev(jacrev(func, argnums), argnums)


# ---- batches ----


def vmap(
    func: Callable[..., Any],
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "error",
    *,
    chunk_size: int | None = None,
) -> Callable[..., Any]:
    """`func` over a batch: it is called once per element of the batch axes, and the results are stacked.

    It gives what PyTorch's vmap gives, at the speed of the loop that it is. Where speed counts, write
    batched operations.

    Args:
        func: a function of tensors; its results are tensors or nests of them.
        in_dims: the batch axis of every argument: one number for all, or a tuple of numbers, None (the same for every
            element) or nests that match the arguments.
        out_dims: where the batch axis of each result goes.
        randomness: "same" draws the same random numbers for every element; "different" and "error" draw new ones.
        chunk_size: accepted; elements are computed one by one.

    Raises:
        ValueError: the batch axes have different lengths, or an argument has no such axis.

    Example:
        >>> dot = lambda a, b: (a * b).sum()
        >>> rt.func.vmap(dot)(rt.tensor([[1.0, 2.0], [3.0, 4.0]]), rt.tensor([[1.0, 1.0], [0.0, 1.0]]))
        tensor([3., 4.])
        >>> rt.func.vmap(dot, in_dims=(1, None))(rt.eye(2), rt.tensor([5.0, 6.0]))
        tensor([5., 6.])
    """
    if randomness not in ("error", "same", "different"):
        raise ValueError(f"vmap: randomness must be 'error', 'same' or 'different', got {randomness!r}")
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError(f"vmap: chunk_size must be positive, got {chunk_size}")

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        leaves = _flatten(args)
        dims = _spread(in_dims if isinstance(in_dims, (tuple, list)) else (in_dims,) * len(args), args)
        sizes = {leaf.shape[dim] for leaf, dim in zip(leaves, dims, strict=True) if dim is not None}
        if len(sizes) != 1:
            what = f"different sizes {sorted(sizes)}" if sizes else "nothing"
            raise ValueError(f"vmap: the batch axes of the arguments must have one size, got {what}")
        (size,) = sizes
        state = rt.get_rng_state() if randomness == "same" else None
        results = []
        for i in range(size):
            if state is not None:
                rt.set_rng_state(state)
            element = [leaf if dim is None else leaf.select(dim, i) for leaf, dim in zip(leaves, dims, strict=True)]
            results.append(func(*_rebuild(args, iter(element)), **kwargs))
        if not results:
            raise ValueError("vmap: the batch is empty, so the shape of the results is not known")
        nest = isinstance(out_dims, (tuple, list)) and isinstance(results[0], (tuple, list))
        places = _flatten(out_dims) if nest else [out_dims] * len(_flatten(results[0]))
        columns = list(zip(*map(_flatten, results), strict=True))
        if len(places) != len(columns):
            raise ValueError(f"vmap: out_dims has {len(places)} axes for {len(columns)} results")
        stacked = [
            rt.stack([rt.as_tensor(part) for part in column], 0).movedim(0, 0 if place is None else place)
            for column, place in zip(columns, places, strict=True)
        ]
        return _rebuild(results[0], iter(stacked))

    return wrapper


def _spread(dims: Any, tree: Any) -> list[int | None]:
    """The batch axis of every leaf of `tree`, from numbers that stand for whole branches."""
    if isinstance(tree, (tuple, list)):
        if not isinstance(dims, (tuple, list)):
            dims = [dims] * len(tree)
        if len(dims) != len(tree):
            raise ValueError(f"vmap: {len(dims)} batch axes for {len(tree)} values")
        return [dim for part, branch in zip(dims, tree, strict=True) for dim in _spread(part, branch)]
    if isinstance(tree, dict):
        branches = dims if isinstance(dims, dict) else dict.fromkeys(tree, dims)
        return [dim for key in tree for dim in _spread(branches[key], tree[key])]
    if dims is not None and not isinstance(tree, Tensor):
        raise ValueError(f"vmap: batch axis {dims} of a value that is no tensor; give None for it")
    if dims is not None and not -tree.dim() <= dims < tree.dim():
        raise ValueError(f"vmap: batch axis {dims} is out of range for a tensor of shape {tuple(tree.shape)}")
    return [dims]


# ---- modules ----


def functional_call(
    module: Module,
    parameter_and_buffer_dicts: Mapping[str, Tensor] | Sequence[Mapping[str, Tensor]],
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """`module(*args, **kwargs)` with the given tensors in place of its parameters and buffers of those names.

    Args:
        parameter_and_buffer_dicts: tensors by name, or several such dicts.
        tie_weights: a parameter that has several names is replaced under all of them.
        strict: then every parameter and buffer must be given.

    Raises:
        RuntimeError: a name is unknown, or with `strict` one is missing.

    Example:
        >>> layer = nn.Linear(2, 1)
        >>> params = {"weight": rt.tensor([[1.0, 10.0]]), "bias": rt.tensor([0.5])}
        >>> rt.func.functional_call(layer, params, rt.tensor([2.0, 3.0]))
        tensor([32.5000])
    """
    given: dict[str, Tensor] = {}
    dicts = (
        [parameter_and_buffer_dicts] if isinstance(parameter_and_buffer_dicts, Mapping) else parameter_and_buffer_dicts
    )
    for part in dicts:
        given.update(part)
    own: dict[str, Tensor] = dict(module.named_parameters(remove_duplicate=False))
    own.update(module.named_buffers(remove_duplicate=False))
    unknown = [name for name in given if name not in own]
    missing = [name for name in own if name not in given]
    if unknown or (strict and missing):
        raise RuntimeError(f"functional_call: unexpected keys {unknown}, missing keys {missing if strict else []}")
    if tie_weights:
        replaced = {id(own[name]): value for name, value in given.items()}
        for name, tensor in own.items():
            if id(tensor) in replaced:
                given.setdefault(name, replaced[id(tensor)])
    saved: list[tuple[dict[str, Any], str, Any]] = []
    try:
        for name, value in given.items():
            path, _, last = name.rpartition(".")
            owner = module.get_submodule(path)
            store: dict[str, Any] = owner._parameters if last in owner._parameters else owner._buffers
            saved.append((store, last, store[last]))
            store[last] = value
        positional = () if args is None else args if isinstance(args, tuple) else (args,)
        return module(*positional, **(kwargs or {}))
    finally:
        for store, last, value in reversed(saved):
            store[last] = value


def stack_module_state(models: Sequence[Module]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Parameters and buffers of modules of one kind, stacked along a new first axis, for `functional_call`.

    Example:
        >>> models = [nn.Linear(2, 3) for _ in range(4)]
        >>> params, buffers = rt.func.stack_module_state(models)
        >>> params["weight"].shape
        rutile.Size([4, 3, 2])
        >>> def call(params, x):
        ...     return rt.func.functional_call(models[0], params, x)
        >>> rt.func.vmap(call, in_dims=(0, None))(params, rt.ones(2)).shape
        rutile.Size([4, 3])
    """
    if not models:
        raise RuntimeError("stack_module_state: expected at least one model, got 0")
    if len({type(model) for model in models}) != 1:
        raise RuntimeError("stack_module_state: expected all models to be of the same class")

    def stacked(states: list[dict[str, Tensor]], leaf: bool) -> dict[str, Tensor]:
        tensors = {name: rt.stack([state[name] for state in states]).detach() for name in states[0]}
        return {name: x.requires_grad_(leaf and states[0][name].requires_grad) for name, x in tensors.items()}

    parameters: list[dict[str, Tensor]] = [dict(model.named_parameters()) for model in models]
    return stacked(parameters, True), stacked([dict(model.named_buffers()) for model in models], False)
