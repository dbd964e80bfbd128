"""Reductions against PyTorch over dtypes, shapes, choices of axes and options: values, dtypes, errors, gradients."""

import numpy as np
import pytest
import rutile as rt
from samples import FLOATS, INTS, RUTILE, assert_same, torch_library

INF, NAN = float("inf"), float("nan")
DTYPES = [*FLOATS, *INTS, "bool"]
SHAPES = [(), (1,), (4,), (0,), (2, 3), (0, 3), (3, 0), (2, 3, 4)]
ONE_AXIS = ("prod", "max", "min", "argmax", "argmin", "median", "nanmedian", "mode", "aminmax")
LISTS = ("sum", "mean", "nansum", "nanmean", "amax", "amin", "any", "all", "var", "std", "logsumexp", "norm")
WITH_DTYPE = ("sum", "mean", "prod", "nansum")

# Where we take more than PyTorch does.
LENIENT = {
    "sum() received an invalid",  # keepdim without dim
    "mean() received an invalid",
    "prod() received an invalid",
    "max() received an invalid",
    "min() received an invalid",
    "missing 1 required positional",
    "does not support bool input",  # argmax, argmin
    "not implemented for 'Bool'",  # median
    "output with shape []",  # logsumexp(dim=()) of PyTorch does not fit its own result
    "linalg.vector_norm",  # integers with dtype=
}


def numbers(dtype, shape, special, rng):
    if dtype in FLOATS:
        data = np.round(rng.uniform(-3, 3, shape), 1)
        if special:
            flat = data.reshape(-1).copy()
            flat[::5], flat[1::7] = NAN, INF
            data = flat.reshape(shape)
        return data
    if dtype == "bool":
        return rng.random(shape) < 0.5
    return rng.integers(0 if dtype == "uint8" else -4, 5, shape).astype(dtype)


def options(name):
    dims = [None, 0, -1, 1, 3]
    if name not in ONE_AXIS:
        dims += [(0,), (0, 1), (-1, 0), (), [1], (0, 0), (0, 5)]
    for dim in dims:
        for keepdim in (False, True):
            yield {**({} if dim is None else {"dim": dim}), **({"keepdim": True} if keepdim else {})}


def outcome(call):
    try:
        result = call()
    except (RuntimeError, IndexError, TypeError, ValueError, NotImplementedError) as error:
        return None, error
    return result, None


def compare(name, ours, theirs, context):
    (result, error), (expected, their_error) = ours, theirs
    if their_error is not None:
        message = str(their_error)
        if error is None:
            assert any(text in message for text in LENIENT), (*context, message)
        elif "0 appears multiple" not in str(error) and "bool input" not in message:  # which of two errors comes first
            assert isinstance(error, IndexError) == isinstance(their_error, IndexError), (*context, message)
        return
    assert error is None, (*context, str(error))
    if name in ("max", "min", "median", "nanmedian", "mode") and isinstance(result, tuple):
        result, expected = result[0], expected[0]  # indices of equals: see test_sort.py
    try:
        assert_same(result, expected, 60)
    except AssertionError as failure:
        raise AssertionError((*context, str(failure))) from failure


@pytest.mark.filterwarnings("ignore:.*(degrees of freedom is <= 0|overflow encountered|invalid value)")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", [*ONE_AXIS, *LISTS, "count_nonzero", "var_mean", "std_mean"])
def test_values_dtypes_shapes_and_errors(torch, name, dtype):
    rng = np.random.default_rng(0)
    for shape in SHAPES:
        for special in (False, True)[: 1 + (dtype in FLOATS)]:
            if special and name in ("mode", "var_mean", "std_mean"):  # NaN in the means of infinities, in PyTorch
                continue
            data = numbers(dtype, shape, special, rng)
            if name.endswith("median") and data.size == 0 and dtype not in FLOATS:
                continue  # PyTorch: the smallest integer
            x, y = RUTILE.tensor(data, dtype), torch_library(torch).tensor(data, dtype)
            for kwargs in options(name):
                if name == "count_nonzero" and "keepdim" in kwargs:
                    continue
                for target in (None, "float64", "int32") if name in WITH_DTYPE else (None,):
                    if target == "int32" and special:  # NaN as an integer is anything
                        continue
                    ours, theirs = dict(kwargs), dict(kwargs)
                    if target:
                        ours["dtype"], theirs["dtype"] = getattr(rt, target), getattr(torch, target)
                    compare(
                        name,
                        outcome(lambda kw=ours, x=x: getattr(rt, name)(x, **kw)),
                        outcome(lambda kw=theirs, y=y: getattr(torch, name)(y, **kw)),
                        (name, dtype, shape, special, kwargs, target),
                    )


DATA = {
    "ties": [[1.0, 3, 3, 2], [2, 2, 2, 0]],
    "zeros": [[0.0, 0, 0, 0], [0, 1, 0, 2]],
    "constant": [[2.0, 2, 2, 2], [1, 1, 1, 1]],
    "mixed": [[-1.0, 2.0, -3, 0.5], [1, -2, 4, -0.5]],
    "nothing": [[-INF] * 4, [1.0, -INF, 2, 3]],
    "nan": [[1.0, NAN, 3, 2], [2, 2, NAN, NAN]],
}
WHOLE = ["max", "min", "median", "nanmedian", "sum", "mean", "prod", "nansum", "nanmean", "std", "var", "amax", "amin"]
ALONG = ["amax", "amin", "prod", "std", "var", "nanmean", "logsumexp", "cumsum", "std_mean", "var_mean", "aminmax"]
PICKED = ["max", "min", "median", "nanmedian", "cummax", "cummin"]
GRADIENTS = {
    **{name: (lambda m, x, name=name: getattr(m, name)(x)) for name in WHOLE},
    **{f"{name} along": (lambda m, x, name=name: getattr(m, name)(x, dim=1)) for name in ALONG},
    **{f"{name} picked": (lambda m, x, name=name: getattr(m, name)(x, dim=1)[0]) for name in PICKED},
    **{f"norm {p}": (lambda m, x, p=p: m.norm(x, p, dim=1)) for p in (0, 1, 2, 3, 0.5, INF, -INF, "fro")},
    **{f"var {n}": (lambda m, x, n=n: m.var(x, dim=1, correction=n)) for n in (0, 9)},
    "maximum": lambda m, x: m.maximum(x, m.flip(x, (1,))),
    "minimum": lambda m, x: m.minimum(x, m.flip(x, (1,))),
}


@pytest.mark.filterwarnings("ignore:.*degrees of freedom is <= 0")
@pytest.mark.parametrize("kind", DATA)
@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients_at_ties_zeros_and_infinities(torch, name, kind):
    if kind == "nan" and name in ("norm 1", "norm inf", "norm -inf"):
        pytest.skip("the gradient of |NaN|: 0 in PyTorch, NaN here")
    if kind == "nothing" and name in ("var_mean along", "std_mean along"):
        pytest.skip("the mean of infinities: NaN in PyTorch's, as `mean` gives it here")
    results = []
    for module in (rt, torch):
        x = module.tensor(DATA[kind], dtype=module.float64, requires_grad=True)
        values = GRADIENTS[name](module, x)
        values = values if isinstance(values, tuple) else (values,)
        weights = [module.linspace(1, 2, v.numel(), dtype=module.float64).reshape(v.shape) for v in values]
        sum((v * w).sum() for v, w in zip(values, weights, strict=True)).backward()
        results.append([*(v.detach() for v in values), *([] if x.grad is None else [x.grad])])
    assert_same(*results, 100)


def test_out_takes_results_of_reductions(torch):
    data = np.arange(6.0).reshape(2, 3)
    out = rt.empty(3, dtype=rt.float64)
    assert rt.sum(rt.tensor(data), 0, out=out) is out
    assert_same(out, torch.tensor(data).sum(0), 0)
    values, indices = rt.empty(2, dtype=rt.float64), rt.empty(2, dtype=rt.int64)
    result = rt.max(rt.tensor(data), 1, out=(values, indices))
    assert result.values is values
    assert result.indices is indices
    assert_same((values, indices), tuple(torch.tensor(data).max(1)), 0)
    with pytest.raises(TypeError, match="tuple of 2 Tensors"):
        rt.max(rt.tensor(data), 1, out=values)
