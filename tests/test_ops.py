"""Every operation of the registry, on its own samples: values, dtypes, layouts, in-place, errors, derivatives.

An operation that is added to the engine is tested here without a line: its samples are the test cases. The oracles are
PyTorch where it is installed, `math` for elementwise rows, and numerical derivatives.
"""

import inspect
import itertools
import math

import numpy as np
import pytest
import rutile as rt
from hypothesis import given
from hypothesis import strategies as st
from rutile.autograd import gradcheck, gradgradcheck
from samples import (
    EPS,
    FLOATS,
    OPS,
    RUTILE,
    Call,
    assert_same,
    cases,
    dtype_name,
    flat,
    name_of,
    numbers,
    torch_library,
)

# Random numbers differ from PyTorch's (another generator), uninitialised memory from everything.
RANDOM = {
    "bernoulli",
    "bernoulli_",
    "binomial",
    "cauchy_",
    "geometric_",
    "log_normal_",
    "empty",
    "empty_like",
    "empty_permuted",
    "empty_strided",
    "new_empty_strided",
    "exponential_",
    "multinomial",
    "new_empty",
    "normal",
    "normal_",
    "poisson",
    "rand",
    "rand_like",
    "randint",
    "randint_like",
    "randn",
    "randn_like",
    "random_",
    "randperm",
    "uniform_",
}

# (place, name[, number of the sample]): why PyTorch cannot be asked the same question.
NOT_IN_TORCH = {
    ("rutile", "broadcast_tensors"): "PyTorch takes the tensors one by one, not as a list",
    ("rutile", "dropout"): "torch.dropout wants `train`, torch.nn.functional.dropout `training`; ours is the latter",
    ("rutile", "max_pool2d", 3): "only torch.nn.functional.max_pool2d has return_indices",
    ("rutile", "equal", 2): "PyTorch takes no numbers here",
    ("Tensor", "equal", 2): "PyTorch takes no numbers here",
    **{
        (place, f"logical_{name}", 2): "PyTorch takes no numbers here"
        for place in ("rutile", "Tensor")
        for name in ("and", "or", "xor")
    },
    ("Tensor", "pow", 8): "a method of a number",
}

# Values that PyTorch cannot be asked for; tests/test_linalg.py holds these to their definitions.
NOT_UNIQUE = {
    "eig": "eigenvectors may have any angle",
    "eigvals": "they come in no particular order",
    "eigh": "eigenvectors may have either sign",
    "svd": "singular vectors may have either sign",
    "lu_solve": "PyTorch wants int32 pivots, samples are int64",
    "lu_unpack": "PyTorch wants int32 pivots, samples are int64",
}

# (name, dtype): where PyTorch's result is of another kind.
DTYPES_NOT_AS_TORCH = {
    **{
        (name, dtype): "computed in floats; only PyTorch has integer kernels for it"
        for name in ("hardtanh", "relu6", "threshold")
        for dtype in ("bool",)
    },
    **{
        (name, dtype): "beta=0.5 of integers: PyTorch truncates it to 0, we round the product"
        for name in ("addmm", "baddbmm")
        for dtype in ("uint8", "int32", "int64")
    },
    **{("matrix_exp", dtype): "PyTorch gives NaN" for dtype in ("float16", "bfloat16")},
    **{
        (name, dtype): "which of equal elements is taken is open in PyTorch; tests/test_sort.py has ours"
        for name in ("kthvalue", "topk")
        for dtype in ("uint8", "int32", "int64", "bool")
    },
    **{
        (name, dtype): "complex numbers of 16-bit parts are not there"
        for name in ("complex", "polar", "view_as_complex")
        for dtype in ("float16", "bfloat16")
    },
    **{
        ("istft", dtype): "PyTorch adds the squares of a window of lower precision than the spectrum in its own"
        for dtype in ("float16", "bfloat16", "float32")
    },
    ("square", "bool"): "PyTorch computes pow, in int64",
    ("floor_divide", "bfloat16"): "PyTorch rounds the number to bfloat16 first",
}

# How far PyTorch is from the exact value in float64; tests/test_special.py compares these with 30 digits.
INEXACT_IN_TORCH = {
    **{f"bessel_{kind}": 1e-5 for kind in ("j0", "j1", "y0", "y1")},
    **dict.fromkeys(("igamma", "igammac", "polygamma"), 1e-7),
}


def is_fused(op):
    return op["name"].startswith("_fused")


def is_plain(op):
    return not is_fused(op) and op["name"] not in RANDOM


def is_public(op):
    """Private operations serve a module, by which they are compared with PyTorch."""
    return is_plain(op) and not op["name"].startswith("_")


def has_floats(case):
    return any(array.dtype == np.float64 for array in Call(*case).arrays())


def ulps(call):
    """How many roundings a result may be away from PyTorch's: a few for a formula, one per term for sums."""
    if call.op["name"] in INEXACT_IN_TORCH:
        return INEXACT_IN_TORCH[call.op["name"]] / EPS["float64"]
    return 4 if call.op["elementwise"] else 4 + sum(array.size for array in call.arrays())


def callable_cases(keep=is_plain, first=False):
    return [case for case in cases(keep, first) if case[1:] != ("Tensor", 8) or case[0]["name"] != "pow"]


# ---- the registry ----


def test_there_are_operations():
    assert len(OPS) > 200


@pytest.mark.parametrize("op", OPS, ids=lambda op: f"{op['name']}-{'.'.join(op['at'])}")
def test_every_operation_has_samples_and_a_docstring_with_an_example(op):
    assert op["samples"]
    assert op["doc"].strip()
    if op["at"] and not op["name"].startswith("_"):
        assert "\n>>> " in op["doc"], "its docstring has no example"
    for place in op["at"]:
        function = RUTILE.callable(op["name"], place)
        # The docstring is the registry's, or that of a Python function that refines the operation.
        assert function.__doc__
        assert function.__doc__.strip()
        if place == "rutile":
            named = list(inspect.signature(function).parameters)
            own = len(op["params"])
            assert named[:own] == op["params"]
            assert named[own:] in ([], ["out"], ["pin_memory", "out"], ["layout", "pin_memory", "out"])


@pytest.mark.parametrize(
    "case", callable_cases(lambda op: op["integers"] and not is_fused(op) and op["at"]), ids=name_of
)
def test_integers_are_kept_become_floats_or_are_refused_as_declared(case):
    def whole(array, kind):
        return RUTILE.tensor(np.round(array).astype(int) if array.dtype == np.float64 else array)

    if not has_floats(case):
        pytest.skip("all tensors of the sample hold integers or bools anyway")
    op, call = case[0], Call(*case)
    rt.set_default_dtype(rt.float64)  # which nothing gives by accident
    try:
        if op["integers"] == "refused":
            with pytest.raises(rt.DTypeError):
                call.run(RUTILE, whole)
        else:
            found = {dtype_name(result) for result in flat(call.run(RUTILE, whole))}
            assert found == {"int64" if op["integers"] == "kept" else "float64"}
    finally:
        rt.set_default_dtype(rt.float32)


@pytest.mark.filterwarnings("ignore:An output with one or more elements was resized")  # in PyTorch's binomial
@pytest.mark.parametrize("case", callable_cases(lambda op: op["name"] in RANDOM), ids=name_of)
def test_random_operations_give_shapes_and_dtypes_as_pytorch_does(torch, case):
    call = Call(*case)
    for ours, theirs in zip(flat(call.run(RUTILE)), flat(call.run(torch_library(torch))), strict=True):
        assert tuple(ours.shape) == tuple(theirs.shape)
        assert dtype_name(ours) == dtype_name(theirs)


# ---- values ----


@pytest.mark.filterwarnings(
    "ignore:.*(in beta|Implicit dimension|torch.meshgrid|padding='same'|torch.cross|is deprecated)"
)
@pytest.mark.parametrize("case", callable_cases(lambda op: is_public(op) and op["name"] not in NOT_UNIQUE), ids=name_of)
def test_values_and_dtypes_as_in_pytorch(torch, case):
    op, place, number = case
    reason = NOT_IN_TORCH.get((place, op["name"])) or NOT_IN_TORCH.get((place, op["name"], number))
    call = Call(*case)
    if reason:  # the exception is a fact, not a wish
        with pytest.raises(TypeError):
            call.run(torch_library(torch))
        return
    for dtype in FLOATS if has_floats(case) else ("float64",):
        if (op["name"], dtype) in DTYPES_NOT_AS_TORCH:
            continue
        try:
            theirs = call.run(torch_library(torch), dtype=dtype)
        except (NotImplementedError, RuntimeError):  # PyTorch has no kernel for this dtype
            assert dtype in ("float16", "bfloat16")
            theirs = None
        ours = call.run(RUTILE, dtype=dtype)
        if theirs is None:  # then the oracle is the result in float32, rounded
            theirs = call.run(torch_library(torch), make=rounded(torch_library(torch), dtype))
            assert_same(ours, theirs, 2 * ulps(call), dtypes=False)
        else:
            assert_same(ours, theirs, ulps(call))


def rounded(library, dtype):
    """float32 tensors of numbers that `dtype` holds."""

    def make(array, kind):
        if array.dtype != np.float64:
            return library.tensor(array)
        return library.tensor(array, dtype).to(library.module.float32)

    return make


@pytest.mark.filterwarnings(
    "ignore:.*(in beta|Implicit dimension|torch.meshgrid|padding='same'|torch.cross|is deprecated)"
)
@pytest.mark.parametrize("case", [case for case in callable_cases(is_public) if has_floats(case)], ids=name_of)
def test_integers_as_in_pytorch(torch, case):
    """Where both take integers and bools they agree; what we refuse, we refuse with a DTypeError."""
    op, place, number = case
    if (place, op["name"]) in NOT_IN_TORCH or (place, op["name"], number) in NOT_IN_TORCH:
        pytest.skip("PyTorch cannot be asked, see NOT_IN_TORCH")
    call = Call(*case)
    for dtype in ("uint8", "int32", "int64", "bool"):
        if (op["name"], dtype) in DTYPES_NOT_AS_TORCH:
            continue

        def make(library, dtype=dtype):
            return lambda array, kind: library.tensor(
                np.abs(np.round(2 * array)).astype(dtype) if array.dtype == np.float64 else array
            )

        try:
            theirs = call.run(torch_library(torch), make(torch_library(torch)))
        except (RuntimeError, NotImplementedError, TypeError, IndexError):
            theirs = None
        try:
            ours = call.run(RUTILE, make(RUTILE))
        except (rt.DTypeError, rt.ArgumentError):
            continue
        if theirs is not None:
            assert_same(ours, theirs, ulps(call))


def erf_cdf(x):
    return 0.5 * math.erfc(-x / math.sqrt(2))


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def softplus(x, beta=1.0, threshold=20.0):
    return x if x * beta > threshold else math.log1p(math.exp(x * beta)) / beta


def elu(x, alpha=1.0, scale=1.0):
    return scale * (x if x > 0 else alpha * math.expm1(x))


SELU = {"alpha": 1.6732632423543772848, "scale": 1.0507009873554804934}

# What each elementwise row computes, for numbers, from its definition.
ORACLES = {
    **{
        name: getattr(math, name)
        for name in [
            "acos",
            "acosh",
            "asin",
            "asinh",
            "atan",
            "atan2",
            "atanh",
            "copysign",
            "cos",
            "cosh",
            "erf",
            "erfc",
        ]
    },
    **{
        name: getattr(math, name)
        for name in ["exp", "exp2", "expm1", "hypot", "log10", "log1p", "log2", "sin", "sinh", "sqrt", "tan", "tanh"]
    },
    **{name: getattr(math, name) for name in ["ceil", "floor", "trunc", "log"]},
    "abs": abs,
    "add": lambda a, b: a + b,
    "celu": lambda x: max(x, 0) + min(0, math.expm1(x)),
    "deg2rad": math.radians,
    "elu": elu,
    "fmax": max,
    "fmin": min,
    "frac": lambda x: math.fmod(x, 1),
    "hardshrink": lambda x: x if abs(x) > 0.5 else 0.0,
    "hardsigmoid": lambda x: min(max(x / 6 + 0.5, 0), 1),
    "hardswish": lambda x: x * min(max(x + 3, 0), 6) / 6,
    "hardtanh": lambda x: min(max(x, -1), 1),
    "leaky_relu": lambda x: x if x > 0 else 0.01 * x,
    "lerp": lambda a, b, w: a + w * (b - a),
    "logaddexp": lambda a, b: max(a, b) + math.log1p(math.exp(-abs(a - b))),
    "logsigmoid": lambda x: -softplus(-x),
    "maximum": max,
    "minimum": min,
    "mish": lambda x: x * math.tanh(softplus(x)),
    "mul": lambda a, b: a * b,
    "neg": lambda x: -x,
    "rad2deg": math.degrees,
    "reciprocal": lambda x: 1 / x,
    "relu": lambda x: max(x, 0),
    "relu6": lambda x: min(max(x, 0), 6),
    "rsqrt": lambda x: 1 / math.sqrt(x),
    "selu": lambda x: elu(x, **SELU),
    "sigmoid": sigmoid,
    "sign": lambda x: (x > 0) - (x < 0),
    "silu": lambda x: x * sigmoid(x),
    "softplus": softplus,
    "softshrink": lambda x: math.copysign(max(abs(x) - 0.5, 0), x),
    "softsign": lambda x: x / (1 + abs(x)),
    "square": lambda x: x * x,
    "sub": lambda a, b: a - b,
    "tanhshrink": lambda x: x - math.tanh(x),
    "threshold": lambda x, threshold, value: x if x > threshold else value,
    "true_divide": lambda a, b: a / b,
    "xlogy": lambda a, b: a * math.log(b),
}

ELEMENTWISE = [op for op in OPS if op["elementwise"] and op["at"]]


def domains(op):
    """Where the arguments of an elementwise row are drawn, and its further arguments."""
    args = op["samples"][0][0]
    return [arg[3:] for arg in args if arg[0] == "tensor"], [arg[1] for arg in args if arg[0] == "value"]


def test_every_elementwise_operation_has_an_oracle():
    assert {op["name"] for op in ELEMENTWISE} == set(ORACLES)


@pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op["name"])
def test_elementwise_rows_compute_their_definition(op):
    """In float32 against Python's float64: within 4 units in the last place of the largest number in the formula, over
    the domain and for any length (tails of vectors) at any offset."""
    bounds, rest = domains(op)
    function = RUTILE.callable(op["name"], op["at"][0])
    oracle = ORACLES[op["name"]]

    @given(st.integers(0, 40), st.integers(0, 3), st.integers(0, 2**32 - 1))
    def check(length, offset, seed):
        rng = np.random.default_rng(seed)
        columns = [rng.uniform(low, high, length + offset).astype(np.float32) for low, high in bounds]
        result = function(*(rt.from_numpy(column)[offset:] for column in columns), *rest)
        rows = [[float(x) for x in row] for row in zip(*(column[offset:] for column in columns), strict=True)]
        expected = np.array([oracle(*row, *rest) for row in rows], np.float64)
        assert result.dtype == rt.float32
        largest = max([1.0, *(abs(bound) for pair in bounds for bound in pair)])
        np.testing.assert_allclose(
            numbers(result), expected, rtol=4 * EPS["float32"], atol=4 * EPS["float32"] * largest
        )

    check()


SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, 1e-30, -1e30, 1e30, math.inf, -math.inf, math.nan]
# Formulas of three numbers round and overflow at other places than PyTorch's; infinities beside infinities are theirs.
SPECIAL_OF_THREE = [0.0, 1.0, -2.5, math.nan]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op["name"])
def test_nan_infinities_and_extremes_as_in_pytorch(torch, op, dtype):
    bounds, rest = domains(op)
    rows = itertools.product(SPECIAL_OF_THREE if len(bounds) == 3 else SPECIAL, repeat=len(bounds))
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    results = [
        library.callable(op["name"], op["at"][0])(*(library.tensor(column, dtype) for column in columns), *rest)
        for library in (RUTILE, torch_library(torch))
    ]
    with np.errstate(over="ignore"):
        assert_same(*results, ulps=8, scale=0.0)


@pytest.mark.parametrize(
    "name",
    ["abs", "neg", "sqrt", "sin", "tan", "asin", "atan", "sinh", "tanh", "asinh", "atanh", "erf", "expm1", "log1p"],
)
def test_odd_functions_keep_the_sign_of_zero(name):
    results = getattr(rt, name)(rt.tensor([-0.0, 0.0])).tolist()
    expected = {"abs": (1.0, 1.0), "neg": (1.0, -1.0)}.get(name, (-1.0, 1.0))
    assert results == [0.0, 0.0]
    assert tuple(math.copysign(1.0, x) for x in results) == expected


@pytest.mark.parametrize("name", ["remainder", "fmod", "floor_divide"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_remainders_and_quotients_of_far_apart_numbers(name, dtype):
    """Against Python: remainders are exact, so the quotient must not be rounded first."""
    oracle = {"remainder": lambda a, b: a % b, "fmod": math.fmod, "floor_divide": lambda a, b: a // b}[name]
    pairs = [(x, y) for x in (1.0, -1.0, 1e5, -1e5, 123457.0, 7.25) for y in (0.1, -0.1, 3.0, -3.0, 0.7)]
    a, b = (rt.tensor(column, dtype=getattr(rt, dtype)) for column in zip(*pairs, strict=True))
    result = getattr(rt, name)(a, b)
    expected = [oracle(x, y) for x, y in zip(a.tolist(), b.tolist(), strict=True)]
    np.testing.assert_allclose(result.tolist(), expected, rtol=2 * EPS[dtype], atol=2 * EPS[dtype])


# ---- layouts ----


def transposed(array, kind):
    """The axes lie in reverse order in memory."""
    axes = tuple(reversed(range(array.ndim)))
    return RUTILE.tensor(array.T).permute(axes)


def strided(array, kind):
    """Every second element, behind an offset."""
    roomy = np.zeros([2 * n + 1 for n in array.shape], array.dtype)
    tensor = RUTILE.tensor(roomy)[(slice(1, None, 2),) * array.ndim]
    return tensor.copy_(RUTILE.tensor(array))


def expanded(array, kind):
    """All rows are the first, in the same memory."""
    if kind in ("constant", "regular", "definite") or array.ndim == 0 or array.shape[0] == 0:
        return RUTILE.tensor(array)
    return RUTILE.tensor(array[:1]).expand(*array.shape)


def repeated(array, kind):
    """What `expanded` shows, in memory of its own."""
    return expanded(array, kind).clone()


def plain(array, kind):
    return RUTILE.tensor(array)


# What they do is about the layout.
OF_STORAGE = ("view_as_complex", "as_strided", "as_strided_", "resize_", "resize_as_")


@pytest.mark.parametrize("layout", [transposed, strided, expanded], ids=lambda layout: layout.__name__)
@pytest.mark.parametrize(
    "case",
    [case for case in callable_cases() if case[0]["name"] not in OF_STORAGE and Call(*case).arrays()],
    ids=name_of,
)
def test_results_do_not_depend_on_the_layout(case, layout):
    call = Call(*case)
    result = call.run(RUTILE, layout)
    expected = call.run(RUTILE, repeated if layout is expanded else plain)
    if call.op["elementwise"]:
        for a, b in zip(flat(result), flat(expected), strict=True):
            assert a.tolist() == b.tolist()
    assert_same(result, expected, ulps(call))


@pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op["name"])
def test_elementwise_rows_of_nothing(op):
    bounds, rest = domains(op)
    for shape in ((0,), (3, 0), (2, 0, 4)):
        for dtype in FLOATS:
            tensors = [rt.zeros(shape, dtype=getattr(rt, dtype)) for _ in bounds]
            result = RUTILE.callable(op["name"], op["at"][0])(*tensors, *rest)
            assert (tuple(result.shape), dtype_name(result)) == (shape, dtype)


EMPTY_CALLS = [
    (name, shape, kwargs)
    for name in [
        "sum",
        "mean",
        "prod",
        "all",
        "any",
        "amax",
        "amin",
        "argmax",
        "argmin",
        "max",
        "min",
        "std",
        "var",
        "norm",
        "logsumexp",
        "count_nonzero",
    ]
    for shape in ((0,), (0, 3), (2, 0))
    for kwargs in ({}, {"dim": 0}, {"dim": -1})
    if name != "logsumexp" or kwargs
]


@pytest.mark.filterwarnings("ignore:.*degrees of freedom is <= 0")
@pytest.mark.parametrize(("name", "shape", "kwargs"), EMPTY_CALLS)
def test_reductions_of_nothing_as_in_pytorch(torch, name, shape, kwargs):
    try:
        expected = getattr(torch, name)(torch.zeros(shape), **kwargs)
    except (RuntimeError, IndexError):
        with pytest.raises((RuntimeError, IndexError)):
            getattr(rt, name)(rt.zeros(shape), **kwargs)
        return
    assert_same(getattr(rt, name)(rt.zeros(shape), **kwargs), expected, 0)


# ---- in-place twins ----


def inplace_cases():
    return [case for case in cases(lambda op: op["inplace"]) if case[1] == "Tensor" and case[0]["name"] != "pow"] + [
        case for case in cases(lambda op: op["inplace"] and op["name"] == "pow") if case[1] == "Tensor" and case[2] < 8
    ]


def inplace(call, make=None):
    """The receiver, whether the twin returned it, its version before and after."""
    args, kwargs = call.arguments(RUTILE, make or plain)
    target = args[0].clone()
    before = target._version
    result = getattr(target, f"{call.op['name']}_")(*args[1:], **kwargs)
    return target, result is target, before, target._version


@pytest.mark.parametrize("case", inplace_cases(), ids=name_of)
def test_the_inplace_twin_writes_what_the_operation_gives(case):
    call = Call(*case)
    expected = call.run(RUTILE, plain)
    args, _ = call.arguments(RUTILE, plain)
    if expected.shape != args[0].shape:
        with pytest.raises(rt.ShapeError):
            inplace(call)
        return
    target, same, before, after = inplace(call)
    assert same
    assert after > before
    assert numbers(target).tobytes() == numbers(expected.to(target.dtype)).tobytes()
    # Through a view the base changes, and only there.
    args, kwargs = call.arguments(RUTILE, plain)
    base = rt.full((2, *args[0].shape), 77).to(args[0].dtype)
    row = base[0].clone()
    base[1] = args[0]
    getattr(base[1], f"{call.op['name']}_")(*args[1:], **kwargs)
    assert numbers(base[1]).tobytes() == numbers(target).tobytes()
    assert (base[0] == row).all()


@pytest.mark.parametrize("name", ["exp", "sqrt", "sigmoid", "true_divide", "reciprocal"])
def test_a_float_result_does_not_fit_integers_in_place(name):
    x = rt.tensor([1, 2, 3])
    with pytest.raises(RuntimeError, match="can't be cast"):
        getattr(x, f"{name}_")(*([2] if name == "true_divide" else []))
    assert x.tolist() == [1, 2, 3]


# ---- errors ----


@pytest.mark.parametrize("case", callable_cases(first=True), ids=name_of)
def test_unknown_keywords_and_surplus_arguments_are_type_errors(case):
    call = Call(*case)
    function = RUTILE.callable(call.op["name"], call.place)
    args, kwargs = call.arguments(RUTILE, plain)
    with pytest.raises(TypeError, match="nonsense"):
        function(*args, **kwargs, nonsense=1)
    required = [arg for arg in call.args if arg[0] == "tensor"]
    if required and call.args[0][0] == "tensor":
        if not call.variadic:
            with pytest.raises(TypeError):
                function()
        with pytest.raises(TypeError):
            function("a string", *args[1:], **kwargs)


@pytest.mark.parametrize("op", [op for op in OPS if "dim" in op["params"] and is_plain(op)], ids=lambda op: op["name"])
def test_axes_out_of_range_are_index_errors(op):
    place = op["at"][0]
    for number, (args, kwargs) in enumerate(op["samples"]):
        position = op["params"].index("dim")
        if not ("dim" in kwargs or position < len(args)) or any(spec[:2] == ("tensor", ()) for spec in args):
            continue
        call = Call(op, place, number)
        built, named = call.arguments(RUTILE, plain)
        if "dim" in named:
            named["dim"] = [9] * len(named["dim"]) if isinstance(named["dim"], list | tuple) else 9
        elif isinstance(built[position], int):
            built[position] = 9
        else:
            continue
        with pytest.raises(IndexError, match="range"):
            RUTILE.callable(op["name"], place)(*built, **named)
        return
    pytest.skip("no sample of it names an axis")


f = rt.nn.functional
WRONG_SHAPES = {
    "add": lambda: rt.ones(2, 3) + rt.ones(4),
    "addmm": lambda: rt.addmm(rt.ones(2), rt.ones(2, 3), rt.ones(4, 2)),
    "batch_norm": lambda: f.batch_norm(rt.ones(2, 3), rt.zeros(2), rt.ones(2)),
    "bmm": lambda: rt.bmm(rt.ones(2, 3, 4), rt.ones(3, 4, 5)),
    "broadcast_to": lambda: rt.ones(3).broadcast_to(2),
    "cat": lambda: rt.cat([rt.ones(2, 3), rt.ones(2, 4)]),
    "conv2d channels": lambda: f.conv2d(rt.ones(1, 4, 5, 5), rt.ones(2, 3, 3, 3)),
    "conv2d kernel": lambda: f.conv2d(rt.ones(1, 3, 2, 2), rt.ones(2, 3, 3, 3)),
    "cross_entropy": lambda: f.cross_entropy(rt.ones(2, 3), rt.zeros(4, dtype=rt.int64)),
    "dot": lambda: rt.dot(rt.ones(2), rt.ones(3)),
    "expand": lambda: rt.ones(2, 3).expand(4, 3),
    "layer_norm": lambda: f.layer_norm(rt.ones(2, 3), (4,)),
    "linear": lambda: f.linear(rt.ones(2, 3), rt.ones(4, 5)),
    "matmul": lambda: rt.ones(2, 3) @ rt.ones(2, 3),
    "max_pool2d": lambda: f.max_pool2d(rt.ones(1, 1, 2, 2), 3),
    "mm": lambda: rt.mm(rt.ones(2), rt.ones(2, 2)),
    "mv": lambda: rt.mv(rt.ones(2, 3), rt.ones(2)),
    "permute": lambda: rt.ones(2, 3).permute(0),
    "reshape": lambda: rt.ones(2, 3).reshape(4),
    "reshape twice unknown": lambda: rt.ones(2, 3).reshape(-1, -1),
    "stack": lambda: rt.stack([rt.ones(2), rt.ones(3)]),
    "t": lambda: rt.ones(2, 3, 4).t(),
    "view": lambda: rt.ones(2, 3).t().view(6),
    "where": lambda: rt.where(rt.ones(2) > 0, rt.ones(3), rt.ones(3)),
    "in-place growth": lambda: rt.ones(3).add_(rt.ones(2, 3)),
}
WRONG_DTYPES = {
    "softmax": lambda: rt.softmax(rt.arange(3), 0),
    "mean": lambda: rt.arange(3).mean(),
    "conv2d": lambda: f.conv2d(rt.ones(1, 1, 3, 3), rt.ones(1, 1, 3, 3, dtype=rt.float64)),
    "bitwise_and": lambda: rt.ones(2) & rt.ones(2),
    "bool minus bool": lambda: rt.ones(2, dtype=rt.bool) - rt.ones(2, dtype=rt.bool),
    "mm": lambda: rt.mm(rt.ones(2, 2), rt.ones(2, 2, dtype=rt.float64)),
    "masked_select": lambda: rt.ones(3).masked_select(rt.tensor([0, 1, 1])),
    "gather": lambda: rt.gather(rt.ones(3), 0, rt.tensor([1.0])),
    "embedding": lambda: f.embedding(rt.tensor([1.0]), rt.ones(3, 2)),
}
WRONG_VALUES = {
    "rounding_mode": lambda: rt.div(rt.ones(2), 2, rounding_mode="up"),
    "integer power": lambda: rt.arange(3) ** -1,
    "integer division": lambda: rt.arange(3) // 0,
    "clamp": lambda: rt.ones(2).clamp(),
    "dropout": lambda: f.dropout(rt.ones(2), 1.5),
    "bernoulli": lambda: rt.ones(2).bernoulli_(1.5),
    "reduction": lambda: f.cross_entropy(rt.ones(1, 2), rt.tensor([0]), reduction="most"),
    "negative size": lambda: rt.zeros(-1),
    "negative rows": lambda: rt.eye(-1),
    "negative steps": lambda: rt.linspace(0, 1, -1),
    "an axis twice": lambda: rt.flip(rt.ones(2, 3), (0, -2)),
    "no order of axes": lambda: rt.ones(2, 3).T.contiguous(memory_format=rt.preserve_format),
    "arange": lambda: rt.arange(0, 5, -1),
    "extreme of nothing": lambda: rt.zeros(0).max(),
}


@pytest.mark.parametrize("call", WRONG_SHAPES.values(), ids=WRONG_SHAPES)
def test_wrong_shapes_are_runtime_and_value_errors(call):
    """PyTorch's users catch RuntimeError, NumPy's ValueError."""
    with pytest.raises((rt.ShapeError, rt.ArgumentError), match=r"\d") as caught:
        call()
    assert isinstance(caught.value, RuntimeError)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("call", WRONG_DTYPES.values(), ids=WRONG_DTYPES)
def test_wrong_dtypes_are_runtime_and_type_errors(call):
    with pytest.raises(rt.DTypeError) as caught:
        call()
    assert isinstance(caught.value, RuntimeError)
    assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize("call", WRONG_VALUES.values(), ids=WRONG_VALUES)
def test_impossible_values_are_value_and_runtime_errors(call):
    with pytest.raises((rt.ArgumentError, rt.ShapeError)):
        call()


@pytest.mark.parametrize(
    "call",
    [
        lambda: rt.ones(3)[3],
        lambda: rt.ones(3).select(0, 5),
        lambda: rt.index_select(rt.ones(3), 0, rt.tensor([3])),
        lambda: rt.gather(rt.ones(3), 0, rt.tensor([-4])),
        lambda: f.embedding(rt.tensor([5]), rt.ones(5, 2)),
        lambda: f.cross_entropy(rt.ones(1, 2), rt.tensor([2])),
        lambda: rt.ones(2).sum(dim=1),
        lambda: rt.zeros(0).max(0),
    ],
)
def test_places_that_do_not_exist_are_index_errors(call):
    with pytest.raises(IndexError):
        call()


# ---- derivatives ----


def differentiable_cases(first):
    seen = set()
    for case in callable_cases(lambda op: is_plain(op) and op["differentiable"]):
        op, place, number = case
        key = (op["name"], tuple(op["at"]), number)
        if key not in seen and place == op["at"][0] and (not first or number == 0) and has_floats(case):
            seen.add(key)
            yield case


DIFFERENTIATED = ("float", "distinct", "regular", "definite", "complex")


class Scalarised:
    """A call as a function of its floats: a weighted sum of its results, so that a check needs one walk back."""

    def __init__(self, case, layout=None):
        self.call = Call(*case)
        self.layout = layout
        self.leaves = []
        self.call.arguments(RUTILE, self.note)

    def note(self, array, kind):
        if kind == "complex":  # the leaf is real: its parts
            array = np.stack([array.real, array.imag], -1)
        if kind in DIFFERENTIATED:
            self.leaves.append(RUTILE.tensor(array).requires_grad_())

    def __call__(self, *leaves):
        left = iter(leaves)

        def make(array, kind):
            if kind not in DIFFERENTIATED:
                return RUTILE.tensor(array)
            leaf = next(left)
            if kind == "complex":
                leaf = rt.view_as_complex(leaf)
            if (
                kind == "definite"
            ):  # the derivative is that of a function of symmetric matrices: changes stay among them
                leaf = (leaf + leaf.transpose(-2, -1)) / 2
            return self.layout(leaf, kind) if self.layout else leaf

        total = rt.zeros((), dtype=rt.float64)
        for result in flat(self.call.run(RUTILE, make)):
            if result.requires_grad:
                result = rt.view_as_real(result) if result.is_complex() else result
                weights = rt.linspace(0.5, 1.5, result.numel(), dtype=rt.float64).reshape(result.shape)
                total = total + (result * weights).sum()
        return total


def check_derivatives(case, layout=None):
    function = Scalarised(case, layout)
    if not any(leaf.numel() for leaf in function.leaves) or not function(*function.leaves).requires_grad:
        pytest.skip("this sample has nothing to differentiate")
    assert gradcheck(function, function.leaves)
    start = rt.ones((), dtype=rt.float64)
    first = rt.autograd.grad(
        function(*function.leaves), function.leaves, start, create_graph=True, materialize_grads=True
    )
    if any(gradient.requires_grad for gradient in first):
        assert gradgradcheck(function, function.leaves)


@pytest.mark.parametrize("case", list(differentiable_cases(first=True)), ids=name_of)
def test_derivatives(case):
    check_derivatives(case)


@pytest.mark.slow
@pytest.mark.parametrize("case", list(differentiable_cases(first=False)), ids=name_of)
def test_derivatives_of_every_sample(case):
    check_derivatives(case)


def recorded_transposed(x, kind):
    axes = tuple(reversed(range(x.ndim)))
    return x.permute(axes).contiguous().permute(axes)


def recorded_strided(x, kind):
    return rt.stack([x, x], -1)[..., 0]


def recorded_expanded(x, kind):
    """All rows are the first, in the same memory; not where equal numbers have no derivative."""
    return x[:1].expand(x.shape) if kind == "float" and x.ndim and x.shape[0] else x


# Distances of equal rows and the spread of equal numbers have no derivative.
NOT_OF_EQUAL_ROWS = {"cdist", "pdist", "dist", "std"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "layout", [recorded_transposed, recorded_strided, recorded_expanded], ids=["transposed", "strided", "expanded"]
)
@pytest.mark.parametrize("case", list(differentiable_cases(first=False)), ids=name_of)
def test_derivatives_of_any_layout(case, layout):
    name = case[0]["name"]
    if name in ("view_as_complex", "as_strided"):
        pytest.skip("what these give depends on the layout")
    if layout is recorded_expanded and name in NOT_OF_EQUAL_ROWS:
        pytest.skip("equal rows have no derivative here")
    check_derivatives(case, layout)


@pytest.mark.parametrize("case", [c for c in inplace_cases() if c[0]["differentiable"] and c[2] == 0], ids=name_of)
def test_derivatives_of_the_inplace_twins(case):
    call = Call(*case)
    args, kwargs = call.arguments(RUTILE, plain)
    leaves = [arg for arg in args if isinstance(arg, rt.Tensor) and (arg.is_floating_point() or arg.is_complex())]
    if call.run(RUTILE, plain).shape != leaves[0].shape or call.op["name"] in (
        "floor_divide",
        "igamma",
        "igammac",
    ):
        pytest.skip("the result does not fit the receiver, is constant, or has no derivative by its first argument")
    for leaf in leaves:
        leaf.requires_grad_()
    target = args[0].clone()
    getattr(target, f"{call.op['name']}_")(*args[1:], **kwargs)
    weights = rt.linspace(0.5, 1.5, target.numel(), dtype=rt.float64).reshape(target.shape)
    weights = weights * (1 - 2j) if target.is_complex() else weights
    ours = rt.autograd.grad((target * weights).sum().real, leaves, materialize_grads=True)
    beside = getattr(rt.Tensor, call.op["name"])(*args, **kwargs)
    expected = rt.autograd.grad((beside * weights).sum().real, leaves, materialize_grads=True)
    assert_same(ours, expected, 4)
