"""Operations on complex numbers: values, gradients, layouts and errors, on the samples of all that take them.

The oracles are PyTorch, NumPy with longer floats, and numerical derivatives of the parts.
"""

import operator

import numpy as np
import pytest
import rutile as rt
from rutile.autograd import gradcheck, gradgradcheck
from samples import RUTILE, Call, assert_same, cases, flat, name_of, numbers, torch_library

RANDOM = {"dropout", "empty_like", "empty_strided", "new_empty", "new_empty_strided", "normal_", "rand_like"}
RANDOM |= {"randn_like", "uniform_"}
# From real numbers to complex ones, or with a real window: `test_fft.py` has their derivatives.
REAL_INPUT = {"ihfft", "ihfft2", "ihfftn", "istft", "rfft", "rfft2", "rfftn"}
# (name[, number of the sample]): why PyTorch cannot be asked.
NOT_IN_TORCH = {
    "broadcast_tensors": "takes the tensors one by one",
    "as_strided_scatter": "gives no gradient to the input that is not contiguous",
    ("bmm", 1): "does not look at the types of nothing",
    ("einsum", 14): "does not look at the types of nothing",
    ("cumprod", 5): "takes the gradient of the real part by the product of complex numbers",
}
# Vectors of any angle: `test_linalg_complex.py` holds them to their definitions.
OF_ANY_ANGLE = {"eig", "eigh", "svd"}
# Where values or gradients are not PyTorch's; numerical derivatives and `test_linalg_complex.py` say whose are right.
NOT_AS_TORCH = {
    **{(name, "gradient"): "need not be Hermitian in PyTorch" for name in ("cholesky", "cholesky_ex")},
    ("pinv", 5, "gradient"): "of a Hermitian matrix need not be Hermitian in PyTorch",
    "cholesky_inverse": "takes the diagonal of the factor for real",
    "cholesky_solve": "its gradient has the other triangle, which is not read",
    "eigvals": "they come in no particular order",
    "lu_solve": "wants int32 pivots, samples are int64",
    "lu_unpack": "wants int32 pivots, samples are int64",
    ("scatter", 5): "only PyTorch multiplies complex numbers at places",
    ("solve_triangular", "first real"): "does not look at the types",
}


def is_skipped(op, place, number):
    return op["name"] in NOT_IN_TORCH or op["name"] in RANDOM or (op["name"], number) in NOT_IN_TORCH


def has_numbers(case):
    return any(array.dtype.kind in "fc" for array in Call(*case).arrays())


def complex_cases(keep=lambda op: True):
    found = cases(lambda op: op["complex"] and keep(op))
    return [case for case in found if has_numbers(case) and not is_skipped(*case)]


def comparable_cases(keep=lambda op: True):
    """Those whose results PyTorch can be asked for."""
    return [
        case
        for case in complex_cases(keep)
        if case[0]["name"] not in OF_ANY_ANGLE | NOT_AS_TORCH.keys() and (case[0]["name"], case[2]) not in NOT_AS_TORCH
    ]


def turned(array, kind=None):
    """Floats with imaginary parts that look random and are the same for both libraries; Hermitian if `definite`."""
    if array.dtype != np.float64:
        return array
    parts = np.cos(17.0 * np.arange(array.size) + array.ravel()).reshape(array.shape)
    if kind == "definite":
        parts = 0.2 * (parts - parts.swapaxes(-1, -2))
    return array + 1j * parts


def refused_or_done(call):
    """The result of what we do, None for what we refuse in words, whatever PyTorch does. A panic is a failure."""
    try:
        return call()
    except rt.InternalError as error:
        raise AssertionError(str(error)) from error
    except (RuntimeError, TypeError):
        return None


@pytest.mark.filterwarnings("ignore:.*(Casting complex|torch.meshgrid|torch.cross|is deprecated)")
@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
@pytest.mark.parametrize("case", comparable_cases(), ids=name_of)
def test_values_as_in_pytorch(torch, case, dtype):
    def run(library):
        def make(array, kind):
            array = turned(array, kind)
            return library.tensor(array, dtype if array.dtype == np.complex128 else None)

        return Call(*case).run(library, make)

    try:
        theirs = run(torch_library(torch))
    except (RuntimeError, TypeError, NotImplementedError):
        refused_or_done(lambda: run(RUTILE))
        return
    count = sum(array.size for array in Call(*case).arrays())
    assert_same(run(RUTILE), theirs, 16 + 4 * count)


def weighted(m, result):
    """A real loss of the parts of all results that is not linear in them."""
    total = 0
    for out in flat(result):
        if getattr(out, "requires_grad", False):
            parts = m.view_as_real(out) if out.is_complex() else out
            weights = m.linspace(0.5, 1.5, max(parts.numel(), 1), dtype=m.float64)[: parts.numel()].reshape(parts.shape)
            total = total + (parts * parts * weights + parts * weights).sum()
    return total


@pytest.mark.filterwarnings("ignore:.*(Casting complex|torch.meshgrid|torch.cross|is deprecated)")
@pytest.mark.parametrize("real", [None, 0, 1], ids=["complex", "first real", "second real"])
@pytest.mark.parametrize("case", comparable_cases(lambda op: op["differentiable"]), ids=name_of)
def test_gradients_as_in_pytorch(torch, case, real):
    name = case[0]["name"]
    if {
        (name, "first real" if real == 0 else ""),
        (name, "gradient"),
        (name, case[2], "gradient"),
    } & NOT_AS_TORCH.keys():
        pytest.skip("see NOT_AS_TORCH")

    def run(m, library):
        leaves = []

        def make(array, kind):
            array = array if len(leaves) == real else turned(array, kind)
            tensor = library.tensor(array)
            if array.dtype.kind in "fc":
                leaves.append(tensor.requires_grad_())
                return tensor * 1  # not a leaf: it may be written to
            return tensor

        loss = weighted(m, Call(*case).run(library, make))
        return m.autograd.grad(loss, leaves, allow_unused=True) if hasattr(loss, "backward") else None

    try:
        theirs = run(torch, torch_library(torch))
    except (RuntimeError, TypeError, NotImplementedError):
        refused_or_done(lambda: run(rt, RUTILE))
        return
    ours = run(rt, RUTILE)
    if ours is None or theirs is None:  # either library may know that nothing depends on the inputs
        return
    for a, b in zip(ours, theirs, strict=True):
        if a is None or b is None:  # or that a gradient is zero
            assert not any(numbers(x.clone()).any() for x in (a, b) if x is not None)
        else:
            # `+ 0`: gradients without memory of their own have no elements to read.
            assert_same(a, b + torch.zeros(b.shape, dtype=b.dtype), 2000)


# ---- second derivatives, layouts, in-place twins ----


@pytest.mark.parametrize(
    "case",
    [
        (op, place, number)
        for op, place, number in complex_cases(lambda op: op["differentiable"])
        if number == 0 and place == op["at"][0] and op["name"] not in REAL_INPUT | OF_ANY_ANGLE
    ],
    ids=name_of,
)
def test_second_derivatives(case):
    leaves = []
    Call(*case).arguments(
        RUTILE,
        lambda array, kind: leaves.append(RUTILE.tensor(turned(array, kind))) if array.dtype.kind in "fc" else None,
    )
    leaves = [leaf.requires_grad_() for leaf in leaves]

    def function(*leaves):
        left = iter(leaves)

        def make(array, kind):
            if array.dtype.kind not in "fc":
                return RUTILE.tensor(array)
            leaf = next(left)
            return (leaf + leaf.mH) / 2 if kind == "definite" else leaf * 1

        return weighted(rt, Call(*case).run(RUTILE, make))

    value = function(*leaves)
    if not hasattr(value, "requires_grad"):
        pytest.skip("its result has no gradient")
    assert gradcheck(function, leaves)
    assert gradgradcheck(function, leaves)


def strided(array, kind):
    """Every second element, in another order of axes."""
    array = turned(array, kind)
    if array.dtype.kind != "c":
        return RUTILE.tensor(array)
    roomy = np.zeros([2 * n + 1 for n in array.T.shape], array.dtype)
    tensor = RUTILE.tensor(roomy)[(slice(1, None, 2),) * array.ndim].permute(tuple(reversed(range(array.ndim))))
    return tensor.copy_(RUTILE.tensor(array))


OF_STORAGE = ("as_strided", "as_strided_", "resize_", "resize_as_")


@pytest.mark.parametrize("case", complex_cases(lambda op: op["name"] not in OF_STORAGE), ids=name_of)
def test_results_do_not_depend_on_the_layout(case):
    expected = refused_or_done(lambda: Call(*case).run(RUTILE, lambda array, kind: RUTILE.tensor(turned(array, kind))))
    if expected is None:
        return
    assert_same(Call(*case).run(RUTILE, strided), expected, 200)


@pytest.mark.parametrize(
    "case", [case for case in complex_cases(lambda op: op["inplace"]) if case[1] == "Tensor"], ids=name_of
)
def test_the_inplace_twin_writes_what_the_operation_gives(case):
    call = Call(*case)
    args, kwargs = call.arguments(RUTILE, lambda array, kind: RUTILE.tensor(turned(array, kind)))
    if not isinstance(args[0], rt.Tensor) or not args[0].is_complex():
        pytest.skip("a method of something else")
    expected = refused_or_done(lambda: getattr(args[0], call.op["name"])(*args[1:], **kwargs))
    if expected is None:
        return
    target = args[0].clone()
    twin = getattr(target, f"{call.op['name']}_")
    if expected.shape != target.shape:
        with pytest.raises(RuntimeError):
            twin(*args[1:], **kwargs)
        return
    assert twin(*args[1:], **kwargs) is target
    assert_same(target, expected.to(target.dtype), 0)


@pytest.mark.parametrize("name", ["mul", "div", "pow", "exp", "abs", "sgn", "add", "square"])
def test_gradients_through_inplace_twins(name):
    x = rt.tensor([1 + 2j, -0.5 + 1j, 2.0], dtype=rt.complex128, requires_grad=True)
    y = rt.tensor([0.5 - 1j, 2j, 1.5], dtype=rt.complex128, requires_grad=True)
    operands = (y,) if name in ("mul", "div", "pow", "add") else ()

    def change(x, *rest):
        out = x * 1
        getattr(out, f"{name}_")(*rest)
        return out

    assert gradcheck(change, (x, *operands))


# ---- Python's operators ----

OPERATORS = ("add", "sub", "mul", "truediv", "pow", "eq", "ne", "matmul")


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("other", [2, 0.5, 1 - 2j, "tensor", "real", "int", "double"], ids=str)
def test_operators_as_in_pytorch(torch, name, other):
    def ask(m):
        x = m.tensor([[1 + 2j, -0.5], [0.25j, 2 - 1j]])
        y = {
            "tensor": lambda: m.tensor([[2 - 1j, 1j], [1.5, -1 + 1j]]),
            "real": lambda: m.tensor([[2.0, 1.0], [1.5, -1.0]]),
            "int": lambda: m.tensor([[2, 1], [3, 1]]),
            "double": lambda: m.tensor([[2.0, 1.0], [1.5, -1.0]], dtype=m.float64),
        }.get(other, lambda: other)()
        f = getattr(operator, name)
        return f(x, y), f(y, x)

    try:
        theirs = ask(torch)
    except (RuntimeError, TypeError):
        with pytest.raises((RuntimeError, TypeError)):
            ask(rt)
        return
    assert_same(ask(rt), theirs, 400 if name == "pow" else 16)


def test_reals_with_a_complex_number(torch):
    for dtype in ("float32", "float64", "int64", "bool"):
        ours, theirs = (
            [m.ones(2, dtype=getattr(m, dtype)) * 1j, (2 + 1j) ** m.ones(2, dtype=getattr(m, dtype))]
            for m in (rt, torch)
        )
        assert_same(ours, theirs, 8)


def test_inplace_operators():
    x = rt.tensor([1 + 1j, 2])
    same = x
    x += 1j
    x *= 2
    x -= rt.tensor([1.0, 2.0])
    x /= 1j
    assert x is same
    np.testing.assert_allclose(x.numpy(), (2 * np.array([1 + 2j, 2 + 1j]) - np.array([1, 2])) / 1j, rtol=1e-6)


# ---- functions ----

FUNCTIONS = {
    **{name: getattr(np, name) for name in ["exp", "exp2", "log", "log2", "log10", "sqrt", "square"]},
    **{name: getattr(np, name) for name in ["sin", "cos", "tan", "sinh", "cosh", "tanh", "reciprocal", "expm1"]},
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "log1p": lambda z: np.log1p(z.real * (2 + z.real) + z.imag**2) / 2 + 1j * np.angle(1 + z),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "rsqrt": lambda z: 1 / np.sqrt(z),
    "abs": np.abs,
    "angle": np.angle,
    "conj": np.conj,
}


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_against_longer_floats(name, dtype):
    """Within a few units in the last place of the number's length, over eight decimal places of both parts."""
    rng = np.random.default_rng(5)
    parts = rng.normal(size=(2, 3000)) * 10 ** rng.uniform(-6, 1.5, (2, 3000))
    z = (parts[0] + 1j * parts[1]).astype(dtype)
    with np.errstate(all="ignore"):
        expected = FUNCTIONS[name](z.astype(np.clongdouble))
    result = getattr(rt, name)(rt.from_numpy(z)).numpy()
    assert result.dtype == (z.real.dtype if name in ("abs", "angle") else dtype)
    eps = np.finfo(dtype).eps
    limit = np.finfo(dtype).max
    ok = np.isfinite(expected) & (np.abs(expected) < limit)
    error = np.abs(result[ok] - expected[ok]) / np.abs(expected[ok])
    assert ok.sum() > 2000
    # NumPy's own 2**z and roots lose digits by their detours, also in longer floats.
    assert error.max() < (8 if name not in ("exp2", "sigmoid") else 64) * eps


SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 30.0, -800.0, np.inf, -np.inf, np.nan]
BRANCHES = ("log", "sqrt", "asin", "acos", "atan", "asinh", "acosh", "atanh", "exp", "sinh", "cosh", "tanh", "angle")


@pytest.mark.parametrize("name", BRANCHES)
def test_branch_cuts_and_special_values_as_in_numpy(name):
    """Signs of zeros say on which side of a cut a number lies; where both parts are finite all is defined."""
    finite = [x for x in SPECIAL if np.isfinite(x)]
    z = np.array([complex(x, y) for x in finite for y in finite])
    with np.errstate(all="ignore"):
        expected = FUNCTIONS[name](z)
    result = getattr(rt, name)(rt.from_numpy(z)).numpy()
    ours, theirs = (np.stack([x.real, x.imag]) for x in (result, expected))
    np.testing.assert_allclose(ours, theirs, rtol=1e-13)
    np.testing.assert_array_equal(np.signbit(ours), np.signbit(theirs))


@pytest.mark.parametrize("name", ["log", "sqrt", "angle", "abs", "asinh", "acosh"])
def test_infinities_and_nan_as_in_numpy(name):
    z = np.array([complex(x, y) for x in SPECIAL for y in SPECIAL])
    with np.errstate(all="ignore"):
        expected = FUNCTIONS[name](z)
    result = getattr(rt, name)(rt.from_numpy(z)).numpy()
    np.testing.assert_allclose(result.real, expected.real, rtol=1e-13)
    np.testing.assert_allclose(np.abs(result.imag), np.abs(expected.imag), rtol=1e-13)


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_quotients_by_zero_and_infinity_as_in_pytorch(torch, dtype):
    infinity = float("inf")
    tops = [1 + 1j, 0j, 1j, complex(infinity, 1), 1 + 0j, 2 - 3j]
    bottoms = [0j, complex(infinity, 0), complex(0.0, infinity), 1 + 1j, complex(-0.0, 0.0)]

    def ask(m):
        a = m.tensor([top for top in tops for _ in bottoms], dtype=getattr(m, dtype))
        b = m.tensor(bottoms * len(tops), dtype=getattr(m, dtype))
        # One by one: PyTorch's lanes differ from its scalars in the signs of infinities.
        return [m.stack([x / y for x, y in zip(a, b, strict=True)]), m.stack([m.reciprocal(y) for y in b])]

    assert_same(ask(rt), ask(torch), 4)


def test_powers(torch):
    def ask(m):
        z = m.tensor([0, 1j, 2, -0.5 + 1j, -3], dtype=m.complex128)
        exponents = [0, 1, 2, 3, -1, -2, 0.5, 2.5, 7, 1j, 2 - 1j]
        powers = [z[1:] ** n for n in exponents]
        return [*powers, z**2, z**0, z**2.5, m.pow(2.0, z), m.tensor([-2.0, 3.0]) ** 0.5j, z[1:].pow(z[1:])]

    assert_same(ask(rt), ask(torch), 64, scale=4000.0)


# ---- gradients that PyTorch defines ----


def test_the_gradient_is_that_of_the_parts():
    z = rt.tensor([3 - 4j, 1j], requires_grad=True)
    (z * z.conj()).real.sum().backward()
    assert z.grad.tolist() == [6 - 8j, 2j]
    z.grad = None
    (z**2).real.sum().backward()
    assert z.grad.tolist() == [6 + 8j, -2j]


@pytest.mark.parametrize("name", ["abs", "angle", "sgn", "log", "sqrt"])
def test_gradients_at_zero_as_in_pytorch(torch, name):
    def ask(m):
        z = m.tensor([0j, 1 + 1j], dtype=m.complex128, requires_grad=True)
        out = getattr(m, name)(z)
        (m.view_as_real(out) if out.is_complex() else out)[1:].sum().backward()
        first = z.grad.clone()
        if name in ("abs", "angle", "sgn"):
            z.grad = None
            out = getattr(m, name)(z)
            (m.view_as_real(out) if out.is_complex() else out).sum().backward()
            return first[1:], z.grad
        return (first[1:],)

    assert_same(ask(rt), ask(torch), 16)


def test_backward_of_complex_results_wants_a_gradient():
    z = rt.tensor(1 + 1j, requires_grad=True)
    with pytest.raises(RuntimeError, match="real scalar outputs but got complex64"):
        (z * z).backward()
    (z * z).backward(rt.tensor(1 + 0j))
    assert z.grad.item() == 2 - 2j
    with pytest.raises(RuntimeError, match="floating point and complex"):
        rt.ones(2, dtype=rt.int64).requires_grad_()


def test_real_inputs_get_real_gradients():
    x = rt.tensor([1.0, 2.0], requires_grad=True)
    (x * (1 + 2j)).abs().sum().backward()
    assert x.grad.dtype is rt.float32
    np.testing.assert_allclose(x.grad.numpy(), [5**0.5] * 2, rtol=1e-6)


def test_gradcheck_of_complex_functions():
    z = rt.randn(3, dtype=rt.complex128, requires_grad=True)
    w = rt.randn(3, dtype=rt.float64, requires_grad=True)
    assert gradcheck(lambda z, w: (z.exp() * w, z.abs()), (z, w))
    assert gradgradcheck(lambda z, w: (z.sin() * w).conj(), (z, w))
    with pytest.raises(RuntimeError, match="mismatch"):
        gradcheck(lambda z: z.detach() * z, z)
    with pytest.raises(ValueError, match="complex128"):
        gradcheck(lambda z: z, z.detach().cfloat().requires_grad_())


# ---- products of matrices ----


@pytest.mark.parametrize(("m", "k", "n"), [(1, 70, 1), (33, 70, 50), (64, 1, 64), (5, 0, 3), (1, 300, 40)])
@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_products_against_numpy(m, k, n, dtype):
    rng = np.random.default_rng(m + k + n)
    a, b = ((rng.normal(size=s) + 1j * rng.normal(size=s)).astype(dtype) for s in ((m, k), (n, k)))
    expected = a.astype(np.complex128) @ b.T.astype(np.complex128)
    for left, right in (
        (rt.from_numpy(a), rt.from_numpy(b).T),
        (rt.from_numpy(a.T.copy()).T, rt.from_numpy(b.T.copy())),
    ):
        result = (left @ right).numpy()
        assert result.dtype == dtype
        np.testing.assert_allclose(result, expected, atol=4 * np.finfo(dtype).eps * max(k, 1))


def test_products_broadcast_batches(torch):
    def ask(m):
        a = m.complex(m.arange(24.0).reshape(2, 1, 3, 4), m.ones(2, 1, 3, 4))
        b = m.complex(m.ones(5, 4, 2), m.arange(40.0).reshape(5, 4, 2))
        v = b[0, :, 0]
        return a @ b, a[0] @ b, a @ v, v @ b, m.einsum("abij,cjk->cik", a, b), m.vdot(v, v), m.dot(v, v), a.mH, v.conj()

    assert_same(ask(rt), ask(torch), 64)


def test_linear_systems_solve_themselves():
    rng = np.random.default_rng(8)
    a = rt.tensor(rng.normal(size=(2, 4, 4)) + 1j * rng.normal(size=(2, 4, 4)))
    b = rt.tensor(rng.normal(size=(2, 4, 3)) + 1j * rng.normal(size=(2, 4, 3)))
    np.testing.assert_allclose((a @ rt.linalg.solve(a, b)).numpy(), b.numpy(), atol=1e-12)
    np.testing.assert_allclose(rt.linalg.inv(a).numpy(), np.linalg.inv(a.numpy()), rtol=1e-10)
    with pytest.raises(rt.linalg.LinAlgError):
        rt.linalg.inv(rt.ones(2, 2, dtype=rt.complex64))
    with pytest.raises(rt.ShapeError):
        rt.linalg.inv(rt.ones(2, 3, dtype=rt.complex64))
    turn = rt.linalg.matrix_exp(rt.tensor([[0, 1j], [1j, 0]], dtype=rt.complex128))
    np.testing.assert_allclose(turn.numpy(), [[np.cos(1), 1j * np.sin(1)], [1j * np.sin(1), np.cos(1)]], rtol=1e-14)


def test_rotary_positions_as_llama_writes_them(torch):
    """Rotations of pairs of features by multiples of an angle, as in Meta's `apply_rotary_emb`."""

    def ask(m):
        frequencies = 1.0 / (10000.0 ** (m.arange(0, 8, 2)[:4].float() / 8))
        angles = m.outer(m.arange(5).float(), frequencies)
        rotations = m.polar(m.ones_like(angles), angles)
        x = (m.arange(2 * 5 * 3 * 8).float() / 100).reshape(2, 5, 3, 8).requires_grad_()
        pairs = m.view_as_complex(x.float().reshape(*x.shape[:-1], -1, 2))
        turned = m.view_as_real(pairs * rotations.view(1, 5, 1, 4)).flatten(3).type_as(x)
        (turned**2 * m.arange(8.0)).sum().backward()
        return turned, x.grad

    assert_same(ask(rt), ask(torch), 16)


def test_a_complex_layer_learns(torch):
    """nn.Linear of complex numbers, with PyTorch's weights, gives its results and gradients."""
    theirs = torch.nn.Linear(3, 2, dtype=torch.complex64)
    ours = rt.nn.Linear(3, 2, dtype=rt.complex64)
    ours.load_state_dict({name: rt.tensor(value.detach().numpy()) for name, value in theirs.state_dict().items()})
    x = np.random.default_rng(2).normal(size=(4, 3, 2)).astype(np.float32).view(np.complex64)[..., 0]
    ours(rt.tensor(x)).abs().square().mean().backward()
    theirs(torch.tensor(x)).abs().square().mean().backward()
    assert_same([p.grad for p in ours.parameters()], [p.grad for p in theirs.parameters()], 32)


RULES = {
    "SGD": {"lr": 0.1, "momentum": 0.9, "nesterov": True},
    "Adam": {"lr": 0.1, "amsgrad": True},
    "AdamW": {"lr": 0.1, "weight_decay": 0.1},
    "RMSprop": {"lr": 0.1, "momentum": 0.5},
    "Adagrad": {"lr": 0.1},
    "Adamax": {"lr": 0.1},
}


@pytest.mark.parametrize("rule", RULES)
def test_optimizers_take_complex_parameters_by_their_parts(torch, rule):
    def ask(m):
        z = m.nn.Parameter(m.tensor([3 + 4j, -1j, 0.5], dtype=m.complex128))
        optimizer = getattr(m.optim, rule)([z], **RULES[rule])
        for _ in range(4):
            optimizer.zero_grad()
            ((z * (1 - 2j)).abs() ** 2).sum().backward()
            optimizer.step()
        kept = [value for name, value in sorted(optimizer.state[z].items()) if name != "step" and value is not None]
        return [z.detach(), *[value for value in kept if hasattr(value, "dtype")]]

    assert_same(ask(rt), ask(torch), 200)


def test_lbfgs_finds_a_complex_minimum():
    z = rt.nn.Parameter(rt.tensor([3 + 4j, 1j]))
    optimizer = rt.optim.LBFGS([z], line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = ((z - (2 - 1j)) * (1 - 1j)).abs().square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    np.testing.assert_allclose(z.detach().numpy(), [2 - 1j] * 2, rtol=1e-4)


# ---- random numbers, places, errors ----


def test_random_numbers():
    z = rt.randn(20000, dtype=rt.complex64)
    assert z.dtype is rt.complex64
    assert abs(float((z.abs() ** 2).mean()) - 1) < 0.05  # variance 1, half in each part
    assert abs(float(z.real.var()) - 0.5) < 0.03
    u = rt.rand(2000, dtype=rt.complex128)
    assert float(u.real.min()) >= 0
    assert float(u.imag.max()) < 1
    assert rt.randn_like(u).dtype is rt.complex128
    z.normal_(3.0, 2.0)
    assert abs(complex(z.mean()) - 3) < 0.1
    assert abs(float(z.var()) - 4) < 0.2
    z.uniform_(1, 2)
    assert float(rt.view_as_real(z).min()) >= 1
    dropped = rt.nn.functional.dropout(z, 0.25)
    assert abs(float((dropped == 0).float().mean()) - 0.25) < 0.02
    np.testing.assert_allclose(dropped[dropped != 0].numpy(), z[dropped != 0].numpy() / 0.75, rtol=1e-6)
    rt.manual_seed(3)
    first = rt.randn(5, dtype=rt.complex64)
    rt.manual_seed(3)
    assert rt.randn(5, dtype=rt.complex64).tolist() == first.tolist()


def test_tests_of_numbers(torch):
    nan, inf = float("nan"), float("inf")

    def ask(m):
        z = m.tensor([1 + 0j, complex(nan, 1), complex(1, inf), complex(inf, nan), 0j, -2j])
        tests = [getattr(m, name)(z) for name in ("isnan", "isinf", "isfinite", "isreal", "logical_not")]
        near = m.isclose(z, z + 1e-9), m.isclose(z, z, equal_nan=True), m.isclose(z[:1], m.tensor([1 + 1e-7j]))
        return [*tests, *near, m.equal(z[:1], z[:1]), z.any(), z[4:].all(), m.count_nonzero(z), m.nonzero(z)]

    assert_same(ask(rt), ask(torch), 0)


def test_assert_close_of_complex_numbers():
    z = rt.tensor([1 + 1j])
    rt.testing.assert_close(z, z * (1 + 1e-7))
    with pytest.raises(AssertionError, match="1 of 1"):
        rt.testing.assert_close(z, z + 1e-3j)
