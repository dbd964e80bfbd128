"""Functions of functions against PyTorch's: values, structure, nesting."""

import numpy as np
import pytest
import rutile as rt
from rutile import func
from rutile.autograd import functional

X = [[0.3, -1.2, 2.0], [0.7, 0.1, -0.4]]
Y = [1.5, -0.5, 0.25]


def both(torch, call):
    """The call on Rutile and on PyTorch, flattened to arrays."""
    results = []
    for lib, transforms, classic in ((rt, func, functional), (torch, torch.func, torch.autograd.functional)):
        result = call(lib, transforms, classic)
        results.append([np.asarray(part.detach().tolist()) for part in leaves(result)])
    return results


def leaves(tree):
    if isinstance(tree, (tuple, list)):
        return [leaf for part in tree for leaf in leaves(part)]
    if isinstance(tree, dict):
        return [leaf for key in sorted(tree) for leaf in leaves(tree[key])]
    return [tree]


def tensors(lib):
    return lib.tensor(X, dtype=lib.float64), lib.tensor(Y, dtype=lib.float64)


def mixed(x, y):
    return (x * y).sin().sum(1) * y[0]


def scalar(x, y):
    return (x.tanh() * y**2).sum()


CALLS = {
    "grad": lambda lib, f, c: f.grad(scalar)(*tensors(lib)),
    "grad by both": lambda lib, f, c: f.grad(scalar, argnums=(0, 1))(*tensors(lib)),
    "grad by the last": lambda lib, f, c: f.grad(scalar, argnums=-1)(*tensors(lib)),
    "grad_and_value": lambda lib, f, c: f.grad_and_value(scalar)(*tensors(lib)),
    "grad with aux": lambda lib, f, c: f.grad(lambda x: ((x**3).sum(), x * 2), has_aux=True)(tensors(lib)[0]),
    "grad of a dict": lambda lib, f, c: f.grad(lambda p: scalar(p["x"], p["y"]))(
        dict(zip("xy", tensors(lib), strict=True))
    ),
    "grad of grad": lambda lib, f, c: f.grad(lambda x: f.grad(lambda z: (z**3 * x).sum())(x).sum())(tensors(lib)[1]),
    "closure": lambda lib, f, c: f.grad(
        lambda x: f.grad(lambda z: (z * x).sum())(lib.ones(3, dtype=lib.float64)).sum()
    )(tensors(lib)[1]),
    "vjp": lambda lib, f, c: f.vjp(mixed, *tensors(lib))[1](lib.ones(2, dtype=lib.float64)),
    "vjp value": lambda lib, f, c: f.vjp(mixed, *tensors(lib))[0],
    "jvp": lambda lib, f, c: f.jvp(mixed, tensors(lib), tensors(lib)),
    "jacrev": lambda lib, f, c: f.jacrev(mixed)(*tensors(lib)),
    "jacrev by both": lambda lib, f, c: f.jacrev(mixed, argnums=(0, 1))(*tensors(lib)),
    "jacrev of a tuple": lambda lib, f, c: f.jacrev(lambda x: (x.sin(), x.sum()))(tensors(lib)[1]),
    "jacfwd": lambda lib, f, c: f.jacfwd(mixed)(*tensors(lib)),
    "jacfwd by both": lambda lib, f, c: f.jacfwd(mixed, argnums=(0, 1))(*tensors(lib)),
    "hessian": lambda lib, f, c: f.hessian(scalar)(*tensors(lib)),
    "hessian by both": lambda lib, f, c: f.hessian(scalar, argnums=(0, 1))(*tensors(lib)),
    "forward over reverse": lambda lib, f, c: f.jacfwd(f.jacrev(scalar))(*tensors(lib)),
    "vmap": lambda lib, f, c: f.vmap(lambda row: row.dot(row))(tensors(lib)[0]),
    "vmap with a constant": lambda lib, f, c: f.vmap(lambda a, b: a * b, in_dims=(0, None))(*tensors(lib)),
    "vmap of columns": lambda lib, f, c: f.vmap(lambda a: a * 2, in_dims=1, out_dims=1)(tensors(lib)[0]),
    "vmap of several results": lambda lib, f, c: f.vmap(lambda a: (a.sum(), a * 2), out_dims=(0, 1))(tensors(lib)[0]),
    "vmap of vmap": lambda lib, f, c: f.vmap(f.vmap(lambda a, b: a + b), in_dims=(0, None))(*tensors(lib)),
    "vmap of grad": lambda lib, f, c: f.vmap(f.grad(lambda row: (row**3).sum()))(tensors(lib)[0]),
    "grad of vmap": lambda lib, f, c: f.grad(lambda x: f.vmap(lambda row: (row**2).sum())(x).sum())(tensors(lib)[0]),
    "jacobian": lambda lib, f, c: c.jacobian(mixed, tensors(lib)),
    "jacobian of one": lambda lib, f, c: c.jacobian(lambda x: x**2, tensors(lib)[1]),
    "classic hessian": lambda lib, f, c: c.hessian(scalar, tensors(lib)),
    "classic vjp": lambda lib, f, c: c.vjp(mixed, tensors(lib), lib.ones(2, dtype=lib.float64)),
    "classic jvp": lambda lib, f, c: c.jvp(mixed, tensors(lib), tensors(lib)),
    "hvp": lambda lib, f, c: c.hvp(scalar, tensors(lib), tensors(lib)),
    "vhp": lambda lib, f, c: c.vhp(scalar, tensors(lib), tensors(lib)),
}


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
@pytest.mark.parametrize("name", CALLS)
def test_as_in_pytorch(torch, name):
    ours, theirs = both(torch, CALLS[name])
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


def test_results_have_a_history_only_if_the_arguments_have():
    x = rt.tensor(Y, dtype=rt.float64)
    assert not func.grad(lambda x: (x**3).sum())(x).requires_grad
    x.requires_grad_()
    gradient = func.grad(lambda x: (x**3).sum())(x)
    (second,) = rt.autograd.grad(gradient.sum(), x)
    np.testing.assert_allclose(second.tolist(), [6 * y for y in Y])


def test_create_graph_makes_jacobians_differentiable():
    x = rt.tensor(Y, dtype=rt.float64, requires_grad=True)
    functional.jacobian(lambda x: x**3, x, create_graph=True).sum().backward()
    np.testing.assert_allclose(x.grad.tolist(), [6 * y for y in Y])


def test_functional_call_replaces_parameters_for_one_call():
    layer = rt.nn.Linear(3, 2)
    before = layer.weight
    weight, bias = rt.ones(2, 3), rt.zeros(2)
    result = func.functional_call(layer, {"weight": weight, "bias": bias}, (rt.ones(1, 3),))
    assert result.tolist() == [[3.0, 3.0]]
    assert layer.weight is before
    with pytest.raises(RuntimeError, match="unexpected keys"):
        func.functional_call(layer, {"nonsense": weight}, (rt.ones(1, 3),))


def test_ensembles_of_modules():
    models = [rt.nn.Linear(3, 2) for _ in range(4)]
    parameters, buffers = func.stack_module_state(models)
    x = rt.randn(5, 3)
    result = func.vmap(lambda p, b: func.functional_call(models[0], (p, b), (x,)))(parameters, buffers)
    expected = rt.stack([model(x) for model in models])
    np.testing.assert_allclose(result.tolist(), expected.tolist(), rtol=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: func.grad(lambda x: x * 2)(rt.ones(3)), "0-d tensor"),
        (lambda: func.grad(lambda x: x.sum(), argnums=3)(rt.ones(3)), "argnums"),
        (lambda: func.vmap(lambda x: x)(rt.tensor(1.0)), "out of range"),
        (lambda: func.vmap(lambda x, y: x)(rt.ones(2), rt.ones(3)), "different sizes"),
        (lambda: func.vmap(lambda x: x, in_dims=None)(rt.ones(2)), "nothing"),
        (lambda: functional.hvp(lambda x: x * 2, rt.ones(3), rt.ones(3)), "single element"),
        (lambda: functional.vjp(lambda x: x * 2, rt.ones(3), rt.ones(2)), "shapes"),
        (lambda: functional.jacobian(lambda x: rt.ones(2), rt.ones(3), strict=True), "does not depend"),
    ],
)
def test_errors_say_what_was_expected(call, message):
    with pytest.raises((RuntimeError, ValueError), match=message):
        call()
