"""The class Tensor: making, reading, writing, converting and printing, against NumPy and PyTorch."""

import copy
import gc
import itertools
import math
import pickle
import re
import weakref

import numpy as np
import pytest
import rutile as rt
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from samples import FLOATS, INTS, dtype_name, numbers

DTYPES = ("bool", *INTS, *FLOATS)


def like(library, name):
    return getattr(library, name)


# ---- making ----

DATA = [
    1,
    True,
    2.5,
    [],
    [[], []],
    [1, 2],
    [1, 2.5],
    [True, False],
    [True, 2],
    [[1, 2], [3, 4]],
    ((1.0,), (2.0,)),
    [math.inf, math.nan],
    range(3),
]


@pytest.mark.parametrize("data", DATA, ids=repr)
def test_tensor_of_python_data_as_in_pytorch(torch, data):
    ours, theirs = rt.tensor(data), torch.tensor(data)
    assert dtype_name(ours) == dtype_name(theirs)
    assert tuple(ours.shape) == tuple(theirs.shape)
    np.testing.assert_array_equal(numbers(ours), numbers(theirs))


@pytest.mark.parametrize("data", [[[1, 2], [3]], [1, [2]], [[1], 2]])
def test_ragged_data_is_a_value_error(data):
    with pytest.raises(ValueError, match=r"sequence|number"):
        rt.tensor(data)


@pytest.mark.parametrize("data", ["text", {1: 2}, None, object(), [None], ["a"]])
def test_other_data_is_a_type_error(data):
    with pytest.raises(TypeError):
        rt.tensor(data)


@pytest.mark.parametrize(("source", "target"), list(itertools.product(DTYPES, DTYPES)))
def test_conversions_between_all_dtypes_as_in_pytorch(torch, source, target):
    values = [0, 1, 2, 100, 127] if source != "bool" else [False, True]
    if source in FLOATS or source in ("int8", "int16", "int32", "int64"):
        values = [*values, -1, -100]
    if source in FLOATS:
        values = [*values, 0.5, 1.25, -1.75, 2.5]
    if source in ("int32", "int64"):
        values = [*values, 300, 70000, -70000]
    if target == "uint8" and source in FLOATS:
        values = [value for value in values if value > -1]  # beyond the range the C conversion is undefined
    if target == "uint8":
        values = [value for value in values if value >= 0]
    ours = rt.tensor(values, dtype=like(rt, source)).to(like(rt, target))
    theirs = torch.tensor(values, dtype=like(torch, source)).to(like(torch, target))
    assert dtype_name(ours) == target
    np.testing.assert_array_equal(numbers(ours), numbers(theirs))


def test_tensor_copies_and_as_tensor_does_not():
    array = np.arange(3.0)
    copied, shared = rt.tensor(array), rt.as_tensor(array)
    array[0] = 7
    assert copied.tolist() == [0, 1, 2]
    assert shared.tolist() == [7, 1, 2]
    assert rt.as_tensor(shared) is shared
    assert rt.as_tensor(shared, dtype=rt.float32).dtype == rt.float32


def test_subclasses_and_weak_references():
    class Named(rt.Tensor):
        pass

    named = Named(rt.ones(2))
    named.name = "weights"
    assert isinstance(named, rt.Tensor)
    reference = weakref.ref(named)
    del named
    gc.collect()
    assert reference() is None


# ---- promotion ----


@pytest.mark.parametrize(("a", "b"), list(itertools.product(DTYPES, DTYPES)))
def test_promotion_table_is_pytorch_s(torch, a, b):
    """promote_types, and result_type for every mixture of tensors with axes, 0-d tensors and numbers."""
    assert dtype_name_of(rt.promote_types(like(rt, a), like(rt, b))) == dtype_name_of(
        torch.promote_types(like(torch, a), like(torch, b))
    )
    for first, second in itertools.product(((2,), ()), repeat=2):
        ours = rt.zeros(first, dtype=like(rt, a)), rt.zeros(second, dtype=like(rt, b))
        theirs = torch.zeros(first, dtype=like(torch, a)), torch.zeros(second, dtype=like(torch, b))
        expected = dtype_name_of(torch.result_type(*theirs))
        assert dtype_name_of(rt.result_type(*ours)) == expected
        assert dtype_name(ours[0] * ours[1]) == dtype_name(theirs[0] * theirs[1]) == expected
    for number in (True, 2, 2.5):
        for shape in ((2,), ()):
            ours, theirs = rt.zeros(shape, dtype=like(rt, a)), torch.zeros(shape, dtype=like(torch, a))
            assert dtype_name(ours * number) == dtype_name(theirs * number)
            assert dtype_name(number + ours) == dtype_name(number + theirs)


def dtype_name_of(dtype):
    return str(dtype).split(".")[-1]


@pytest.mark.parametrize("dtype", DTYPES)
def test_division_and_means_of_every_dtype(torch, dtype):
    ours, theirs = rt.ones(3, dtype=like(rt, dtype)), torch.ones(3, dtype=like(torch, dtype))
    assert dtype_name(ours / ours) == dtype_name(theirs / theirs)
    assert dtype_name(ours.sum()) == dtype_name(theirs.sum())
    assert dtype_name(ours.exp()) == dtype_name(theirs.exp())


def test_the_default_dtype():
    rt.set_default_dtype(rt.float64)
    try:
        assert rt.tensor(1.5).dtype == rt.zeros(2).dtype == (rt.arange(3) / 2).dtype == rt.float64
    finally:
        rt.set_default_dtype(rt.float32)
    with pytest.raises(TypeError, match="floating-point"):
        rt.set_default_dtype(rt.int32)


# ---- square brackets ----


@st.composite
def indices(draw, shape):
    """What may stand between square brackets for an array of `shape`."""
    if draw(st.booleans()):
        return draw(hnp.basic_indices(shape, allow_newaxis=True, allow_ellipsis=True))
    kind = draw(st.sampled_from(["mask", "arrays", "mixed"]))
    if kind == "mask":
        return draw(hnp.arrays(bool, shape[: draw(st.integers(1, len(shape)))]))
    rows = hnp.arrays(
        np.int64, draw(st.sampled_from([(), (2,), (3,), (2, 3)])), elements=st.integers(-shape[0], shape[0] - 1)
    )
    if kind == "arrays" or len(shape) == 1:
        return draw(rows)
    return (draw(rows), draw(st.slices(shape[1])))


def positive_steps(index):
    """PyTorch and we take no negative steps."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(part.step is None or part.step > 0 for part in parts if isinstance(part, slice))


def ours_of(index):
    if isinstance(index, tuple):
        return tuple(ours_of(part) for part in index)
    return rt.tensor(index) if isinstance(index, np.ndarray) else index


SHAPES = hnp.array_shapes(min_dims=1, max_dims=4, max_side=4)


@given(st.data())
def test_reading_by_index_as_numpy(data):
    shape = data.draw(SHAPES)
    index = data.draw(indices(shape))
    assume(positive_steps(index))
    array = np.arange(math.prod(shape), dtype=np.float32).reshape(shape)
    tensor = rt.tensor(array)
    expected = array[index]
    result = tensor[ours_of(index)]
    assert tuple(result.shape) == expected.shape
    np.testing.assert_array_equal(result.numpy(), expected)
    np.testing.assert_array_equal(tensor[index].numpy(), expected)  # NumPy's own arrays as indices


@given(st.data())
def test_writing_by_index_as_numpy(data):
    shape = data.draw(SHAPES)
    index = data.draw(indices(shape))
    assume(positive_steps(index))
    array = np.arange(math.prod(shape), dtype=np.float32).reshape(shape)
    tensor = rt.tensor(array)
    value = np.float32(-5) if data.draw(st.booleans()) else -np.ones(array[index].shape, np.float32)
    if np.asarray(array[index]).size:
        value = value * 2
    array[index] = value
    tensor[ours_of(index)] = float(value) if value.ndim == 0 else rt.tensor(value)
    np.testing.assert_array_equal(tensor.numpy(), array)


@given(st.data())
def test_slices_are_views(data):
    shape = data.draw(SHAPES)
    index = data.draw(hnp.basic_indices(shape, allow_newaxis=True, allow_ellipsis=True))
    assume(positive_steps(index))
    array = np.zeros(shape, np.float32)
    tensor = rt.tensor(array)
    tensor[index].add_(1)
    array[index] += 1
    np.testing.assert_array_equal(tensor.numpy(), array)


@pytest.mark.parametrize(
    ("index", "error"),
    [
        (5, IndexError),
        (-4, IndexError),
        ((0, 0, 0), IndexError),
        ((..., ...), IndexError),
        (rt.tensor([0.5]), IndexError),
        (rt.tensor([3]), IndexError),
        (rt.tensor([True, False]), IndexError),
        (slice(None, None, -1), ValueError),
        (slice(None, None, 0), ValueError),
        ("name", (IndexError, TypeError)),
        (1.5, (IndexError, TypeError)),
    ],
)
def test_wrong_indices(index, error):
    x = rt.zeros(3, 2)
    with pytest.raises(error):
        x[index]
    with pytest.raises(error):
        x[index] = 1.0


def test_written_values_must_fit():
    with pytest.raises(RuntimeError):
        rt.zeros(3)[:2] = rt.ones(3)
    x = rt.zeros(3, dtype=rt.int64)
    x[0] = 2.7
    assert x.tolist() == [2, 0, 0]


# ---- NumPy ----


@pytest.mark.parametrize("dtype", [name for name in DTYPES if name != "bfloat16"])
def test_numpy_both_ways_without_copying(dtype):
    array = np.zeros((3, 4), dtype)
    tensor = rt.from_numpy(array)
    assert dtype_name(tensor) == dtype
    tensor[1, 2] = 1
    assert array[1, 2] == 1
    back = tensor.t().numpy()
    assert back.dtype == array.dtype
    assert np.shares_memory(back, array)
    back[0, 0] = 1
    assert tensor[0, 0].item() == 1
    assert np.shares_memory(np.asarray(tensor), array)


def test_memory_lives_as_long_as_either_side_needs_it():
    tensor = rt.from_numpy(np.arange(1000.0))
    gc.collect()
    assert tensor.sum().item() == 499500
    array = rt.arange(1000).numpy()
    gc.collect()
    assert array.sum() == 499500


def test_numpy_arrays_of_any_layout():
    array = np.arange(24.0).reshape(2, 3, 4)
    for view in (
        array[:, ::2, ::-1],
        array.T,
        array[::-1],
        np.broadcast_to(array[0], (5, 3, 4)),
        array[:0],
        array[0, 0, 0:1],
    ):
        np.testing.assert_array_equal(rt.as_tensor(view).numpy(), view)
    with pytest.raises(TypeError, match="byte order"):
        rt.tensor(array.astype(">f8"))


def test_numpy_refusals():
    with pytest.raises(TypeError, match="bfloat16"):
        rt.zeros(2, dtype=rt.bfloat16).numpy()
    with pytest.raises(RuntimeError, match="detach"):
        rt.zeros(2, requires_grad=True).numpy()
    assert rt.zeros(2, requires_grad=True).numpy(force=True).tolist() == [0, 0]
    with pytest.raises(TypeError, match="ndarray"):
        rt.from_numpy([1, 2])
    with pytest.raises(TypeError, match="type"):
        rt.from_numpy(np.array(["text"]))


# ---- views ----


def test_views_share_memory_and_copies_do_not():
    x = rt.arange(12.0).reshape(3, 4)
    for view in (
        x.view(4, 3),
        x.t(),
        x[1:],
        x[:, 1],
        x.unsqueeze(0),
        x.expand(2, 3, 4),
        x.permute(1, 0),
        x.flatten(),
        x.detach(),
    ):
        assert np.shares_memory(view.numpy(), x.numpy())
    for copied in (x.clone(), x.t().contiguous(), x.t().reshape(12), x[rt.tensor([0, 1])], x + 0, x.repeat(1, 1)):
        assert not np.shares_memory(copied.numpy(), x.numpy())
    assert x.contiguous() is x
    assert x.t().is_contiguous() is False
    assert x.t().stride() == (1, 4)
    assert x[1:, 2].storage_offset() == 6


# ---- copies ----


@pytest.mark.parametrize("dtype", DTYPES)
def test_pickle_copy_and_deepcopy(dtype):
    x = rt.tensor([[0, 1], [1, 0]]).to(like(rt, dtype))
    for twin in (pickle.loads(pickle.dumps(x)), copy.deepcopy(x), pickle.loads(pickle.dumps(x.t())).t()):
        assert twin.dtype == x.dtype
        assert twin.tolist() == x.tolist()
        twin[0, 0] = 1
        assert x[0, 0].item() == 0
    assert copy.copy(x).tolist() == x.tolist()


def test_copies_keep_what_the_tape_knows_of_leaves():
    x = rt.tensor([1.0, 2.0], requires_grad=True)
    (x * 3).sum().backward()
    twin = copy.deepcopy(x)
    assert twin.requires_grad
    assert twin.grad.tolist() == [3.0, 3.0]
    assert pickle.loads(pickle.dumps(x)).requires_grad
    with pytest.raises(RuntimeError, match="leaves"):
        copy.deepcopy(x * 2)
    first, second = copy.deepcopy([x, x])
    assert first is second


# ---- printing ----

PRINTED = [
    "tensor(1)",
    "tensor(2.5)",
    "tensor(True)",
    "tensor(float('nan'))",
    "tensor([])",
    "zeros(2, 0)",
    "zeros(0, 3, dtype=lib.int64)",
    "tensor([1.0, 2.0, 3.5])",
    "tensor([1.0, 2.0, 30.0])",
    "tensor([0.1, 1000.0, -2.5])",
    "tensor([1e-5, 1.0])",
    "tensor([1e10, 1.5])",
    "tensor([1e9, 2e9])",
    "tensor([float('inf'), -1.0, float('nan')])",
    "tensor([float('inf'), 1.5])",
    "tensor([[1, -2], [30, 4]])",
    "tensor([[True, False]])",
    "tensor([1.5, 2.5], dtype=lib.float64)",
    "tensor([1.5, 2.5], dtype=lib.float16)",
    "tensor([1, 2], dtype=lib.int32)",
    "arange(24).reshape(2, 3, 4)",
    "arange(16.0).reshape(2, 2, 2, 2) / 3",
    "arange(30)",
    "arange(30.0) / 7",
    "arange(2000)",
    "arange(2000.0).reshape(40, 50)",
    "arange(12000.0).reshape(10, 30, 40) / 11",
    "tensor([1.0, 2.0], requires_grad=True)",
    "zeros(3)",
    "zeros(2, 2, dtype=lib.uint8)",
    "tensor(-0.0)",
    "tensor([-1e-8, 123456.0])",
]


@pytest.mark.parametrize("source", PRINTED)
def test_text_is_pytorch_s(torch, source):
    ours = eval(f"lib.{source}", {"lib": rt})
    theirs = eval(f"lib.{source}", {"lib": torch})
    assert repr(ours) == repr(theirs).replace("torch.", "rutile.")
    assert str(ours) == repr(ours)


@pytest.mark.parametrize(
    "options",
    [
        {"precision": 2},
        {"threshold": 5, "edgeitems": 1},
        {"linewidth": 30},
        {"sci_mode": True},
        {"sci_mode": False},
        {"profile": "short"},
        {"profile": "full", "precision": 6},
    ],
    ids=str,
)
def test_print_options(torch, options):
    floats = [np.linspace(0.001, 3, 12), np.linspace(1, 1e6, 12).reshape(3, 4), np.arange(4.0)]
    arrays = [np.arange(12), *(array.astype(np.float32) for array in floats)]
    for library in (rt, torch):
        library.set_printoptions(**options)
    try:
        for array in arrays:
            assert repr(rt.tensor(array)) == repr(torch.tensor(array)).replace("torch.", "rutile.")
    finally:
        for library in (rt, torch):
            library.set_printoptions(profile="default")
    with pytest.raises(ValueError, match="short"):
        rt.set_printoptions(profile="long")


def test_text_of_recorded_tensors_names_the_operation():
    assert repr(rt.ones(1, requires_grad=True) * 2) == "tensor([2.], grad_fn=<MulBackward>)"


def test_format():
    assert f"{rt.tensor(2.5):.2f}" == "2.50"
    assert f"{rt.tensor(3)}" == "3"
    with pytest.raises(TypeError):
        f"{rt.ones(2):.2f}"


# ---- Python's protocols ----


def test_iteration_length_and_membership():
    x = rt.arange(6).reshape(3, 2)
    assert [row.tolist() for row in x] == [[0, 1], [2, 3], [4, 5]]
    assert len(x) == 3
    assert 4 in x
    assert 9 not in x
    _, _, c = x
    assert c.tolist() == [4, 5]
    with pytest.raises(TypeError, match="0-d"):
        iter(rt.tensor(1))
    with pytest.raises(TypeError, match="0-d"):
        len(rt.tensor(1))


def test_numbers():
    assert (int(rt.tensor(2.9)), float(rt.tensor(2)), bool(rt.tensor([0.0])), complex(rt.tensor(2.0))) == (
        2,
        2.0,
        False,
        2,
    )
    assert [10, 20, 30][rt.tensor(1)] == 20
    assert list(range(rt.tensor(3))) == [0, 1, 2]
    assert math.sqrt(rt.tensor(4.0)) == 2.0
    assert type(rt.tensor(2).item()) is int
    assert type(rt.tensor(True).item()) is bool
    with pytest.raises(RuntimeError, match="ambiguous"):
        bool(rt.ones(2))
    with pytest.raises(RuntimeError, match="2 elements"):
        rt.ones(2).item()
    with pytest.raises(TypeError):
        [10, 20][rt.tensor(1.0)]
    with pytest.raises(ValueError, match="NaN"):
        int(rt.tensor(math.nan))
    with pytest.raises(OverflowError):
        int(rt.tensor(math.inf))


OPERATORS = [
    "a + b", "a - b", "a * b", "a / b", "a // b", "a % b", "a ** 2", "2 ** a", "3 - a", "3 / a", "7 // a", "7 % a",
    "-a", "+a", "abs(-a)", "a == b", "a != b", "a < b", "a <= b", "a > b", "a >= b", "1 < a", "divmod(9, 2)", "a @ b",
]  # fmt: skip


@pytest.mark.parametrize("expression", OPERATORS)
@pytest.mark.parametrize("dtype", ["float32", "int64"])
def test_operators_as_in_pytorch(torch, expression, dtype):
    results = []
    for library in (rt, torch):
        a, b = (library.tensor(values, dtype=like(library, dtype)) for values in ([1, 2, 3], [3, 2, 2]))
        results.append(eval(expression, {"a": a, "b": b}))
    ours, theirs = results
    if isinstance(ours, rt.Tensor):
        assert dtype_name(ours) == dtype_name(theirs)
        np.testing.assert_allclose(numbers(ours), numbers(theirs), rtol=2**-22)
    else:
        assert ours == theirs


@pytest.mark.parametrize("expression", ["a & b", "a | b", "a ^ b", "~a"])
@pytest.mark.parametrize("dtype", ["int64", "uint8", "bool"])
def test_bitwise_operators_as_in_pytorch(torch, expression, dtype):
    ours, theirs = (
        eval(expression, {n: lib.tensor(v).to(like(lib, dtype)) for n, v in (("a", [0, 1, 5]), ("b", [3, 0, 4]))})
        for lib in (rt, torch)
    )
    assert ours.tolist() == theirs.tolist()
    assert dtype_name(ours) == dtype_name(theirs)


def test_in_place_operators_keep_the_object():
    x = same = rt.tensor([8.0, 9.0])
    x += 1
    x -= 2
    x *= 4
    x /= 2
    x //= 3
    x **= 2
    x %= 7
    assert x is same
    assert x.tolist() == [2.0, 4.0]


def test_operands_that_are_no_numbers():
    class Other:
        def __radd__(self, other):
            return "other's turn"

    assert rt.ones(2) + Other() == "other's turn"
    for bad in ("text", None, object()):
        with pytest.raises(TypeError):
            rt.ones(2) + bad
        with pytest.raises(TypeError):
            _ = rt.ones(2) < bad


def test_numpy_numbers_and_arrays_as_operands():
    x = rt.ones(2)
    assert (x + np.float64(1)).dtype == rt.float32
    assert (x + np.ones(2, np.float32)).tolist() == [2.0, 2.0]


def test_hash_is_identity():
    x, y = rt.ones(2), rt.ones(2)
    assert {x: 1, y: 2}[x] == 1
    assert len({x, y, x}) == 2


def test_other_devices_are_refused():
    assert str(rt.ones(1).device) == "cpu"
    assert rt.ones(1).to("cpu").tolist() == [1.0]
    with pytest.raises((RuntimeError, ValueError, NotImplementedError)):
        rt.ones(1).to("cuda")
    with pytest.raises(RuntimeError, match="CPU"):
        rt.ones(1).cuda()


def test_enormous_sizes_are_errors_not_crashes():
    with pytest.raises((RuntimeError, ValueError, MemoryError)):
        rt.zeros(2**62, 8)
    with pytest.raises((RuntimeError, ValueError, MemoryError)):
        rt.empty(2**61)


def test_a_range_is_an_index_as_its_list_is():
    x = rt.arange(12).reshape(4, 3)
    assert x[range(3)].tolist() == x[[0, 1, 2]].tolist()
    assert x[range(0, 4, 2), 1].tolist() == [1, 7]
    assert x[range(0)].shape == (0, 3)
    x[range(2), 0] = -1
    assert x[:, 0].tolist() == [-1, -1, 6, 9]


def test_tensors_and_modules_in_notebooks():
    text = rt.tensor([[1.5, -2.0], [0.25, float("nan")]], requires_grad=True)._repr_html_()
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", text)
    assert cells == ["1.5000", "-2.", "0.2500", "nan"]
    assert "2 x 2, float32, requires grad" in text
    large = rt.arange(10_000).view(100, 100)._repr_html_()
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", large)
    assert len(cells) == 11 * 11
    assert cells[:6] == ["0", "1", "2", "3", "4", "…"]
    assert cells[-1] == "9999"
    assert "tensor(5)" in rt.tensor(5)._repr_html_()
    assert "3 x 1 x 2" in rt.zeros(3, 1, 2)._repr_html_()
    assert "0 x 2" in rt.zeros(0, 2)._repr_html_()
    assert re.findall(r"<td[^>]*>([^<]*)</td>", rt.tensor([True, False])._repr_html_()) == ["True", "False"]
    net = rt.nn.Sequential(rt.nn.Linear(2, 3), rt.nn.Sequential(rt.nn.ReLU()))
    tree = net._repr_html_()
    assert "9 parameters" in tree
    assert tree.count("<details") == tree.count("</details>") == 2
    assert "(0): Linear(in_features=2, out_features=3, bias=True)" in tree
