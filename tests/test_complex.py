"""Complex numbers: their type, their parts, conversions and text, as in PyTorch and NumPy."""

import copy
import itertools
import pickle

import numpy as np
import pytest
import rutile as rt
from samples import RUTILE, Call, cases, name_of

COMPLEX = ("complex64", "complex128")
DTYPES = ("bool", "uint8", "int8", "int64", "bfloat16", "float32", "float64", *COMPLEX)
NUMBERS = [[1 + 2j, -3.5 - 4j, 0.25j], [0, 1e-3j, -7]]


def name(dtype):
    return str(dtype).rpartition(".")[2]


def both(torch, ask):
    """What `ask(library)` gives for Rutile and PyTorch."""
    return ask(rt), ask(torch)


def same(ours, theirs):
    assert name(ours.dtype) == name(theirs.dtype)
    assert tuple(ours.shape) == tuple(theirs.shape)
    np.testing.assert_array_equal(ours.detach().numpy(), theirs.detach().numpy())


# ---- the types ----


def test_names_and_kinds():
    assert rt.cfloat is rt.complex64
    assert rt.cdouble is rt.complex128
    for dtype, part in ((rt.complex64, rt.float32), (rt.complex128, rt.float64)):
        assert dtype.is_complex
        assert not dtype.is_floating_point
        assert dtype.is_signed
        assert dtype.itemsize == 2 * part.itemsize
        assert dtype.to_real() is part
        assert part.to_complex() is dtype
        assert pickle.loads(pickle.dumps(dtype)) is dtype
        x = rt.zeros(2, dtype=dtype)
        assert x.is_complex()
        assert rt.is_complex(x)
        assert not x.is_floating_point()
        assert not x.is_conj()
        assert not x.is_neg()
        assert rt.finfo(dtype).eps == rt.finfo(part).eps
        assert rt.finfo(dtype).bits == rt.finfo(part).bits
        with pytest.raises(TypeError, match="iinfo"):
            rt.iinfo(dtype)
    with pytest.raises(RuntimeError, match="int32"):
        rt.int32.to_complex()


@pytest.mark.parametrize(("a", "b"), list(itertools.product(DTYPES, COMPLEX)))
def test_promotion_as_in_pytorch(torch, a, b):
    def ask(m):
        first, second = getattr(m, a), getattr(m, b)
        shapes = itertools.product([(), (2,)], repeat=2)
        return (
            name(m.promote_types(first, second)),
            name(m.promote_types(second, first)),
            m.can_cast(first, second),
            m.can_cast(second, first),
            [name(m.result_type(m.ones(x, dtype=first), m.ones(y, dtype=second))) for x, y in shapes],
            name(m.result_type(m.ones(2, dtype=first), 1j)),
            name(m.result_type(m.ones((), dtype=first), 1j)),
            name(m.result_type(m.ones(2, dtype=second), 1.5)),
        )

    ours, theirs = both(torch, ask)
    assert ours == theirs


def test_float16_with_a_number_is_complex64():
    # There is no complex type of two halves.
    assert rt.result_type(rt.ones(2, dtype=rt.float16), 1j) is rt.complex64


def test_the_default_complex_type_follows_the_default_float_type():
    rt.set_default_dtype(rt.float64)
    try:
        assert rt.tensor([1j]).dtype is rt.complex128
        assert (rt.ones(2, dtype=rt.int64) + 1j).dtype is rt.complex128
        assert "dtype" not in repr(rt.tensor(1j))
    finally:
        rt.set_default_dtype(rt.float32)
    assert rt.tensor([1j]).dtype is rt.complex64


# ---- making them ----

MADE = {
    "list": lambda m: m.tensor(NUMBERS),
    "number": lambda m: m.tensor(1 + 2j),
    "mixture": lambda m: m.tensor([1, 2.5, 3j, True]),
    "dtype": lambda m: m.tensor(NUMBERS, dtype=m.complex128),
    "of reals": lambda m: m.tensor([1.0, 2.0], dtype=m.complex64),
    "NumPy's number": lambda m: m.tensor(np.complex64(1 + 2j)),
    "NumPy's numbers": lambda m: m.tensor([np.complex64(1 + 2j), 2]),
    "as_tensor": lambda m: m.as_tensor(np.array([1j, 2])),
    "zeros": lambda m: m.zeros(2, 3, dtype=m.cfloat),
    "ones": lambda m: m.ones(2, dtype=m.cdouble),
    "full": lambda m: m.full((2,), 1 - 1j),
    "full of reals": lambda m: m.full((2,), 2, dtype=m.complex64),
    "eye": lambda m: m.eye(2, 3, dtype=m.complex64),
    "zeros_like": lambda m: m.zeros_like(m.tensor(NUMBERS)),
    "ones_like": lambda m: m.ones_like(m.ones(2), dtype=m.complex64),
    "full_like": lambda m: m.full_like(m.tensor(NUMBERS), 2j),
    "new_zeros": lambda m: m.tensor(NUMBERS).new_zeros(3),
    "new_tensor": lambda m: m.tensor(NUMBERS).new_tensor([1, 2j]),
    "complex": lambda m: m.complex(m.tensor([[1.0], [2.0]]), m.tensor([3.0, 4.0])),
    "complex of doubles": lambda m: m.complex(m.ones(2).double(), m.ones(2).double()),
    "polar": lambda m: m.polar(m.tensor([1.0, 2.0], dtype=m.float64), m.tensor([0.0, 0.0], dtype=m.float64)),
    "cfloat": lambda m: m.tensor([1, 2]).cfloat(),
    "cdouble": lambda m: m.tensor([1.5]).cdouble(),
    "to": lambda m: m.tensor([True, False]).to(m.complex64),
    "wider": lambda m: m.tensor(NUMBERS).to(m.complex128),
    "narrower": lambda m: m.tensor(NUMBERS, dtype=m.complex128).to(m.complex64),
    "to bool": lambda m: m.tensor(NUMBERS).bool(),
}


@pytest.mark.parametrize("make", MADE.values(), ids=MADE)
def test_made_as_in_pytorch(torch, make):
    same(*both(torch, make))


def test_without_pytorch_too():
    x = rt.tensor(NUMBERS)
    np.testing.assert_array_equal(x.numpy(), np.array(NUMBERS, np.complex64))
    np.testing.assert_array_equal(
        rt.complex(rt.ones(2), rt.zeros(2)).numpy(), np.array([1, 1], np.complex64), strict=True
    )


@pytest.mark.filterwarnings("ignore:Casting complex values")
@pytest.mark.parametrize("dtype", ["int64", "float32", "float16"])
def test_conversion_to_reals_takes_the_real_part(torch, dtype):
    same(*both(torch, lambda m: m.tensor(NUMBERS).to(getattr(m, dtype))))


def test_numbers_and_lists():
    x = rt.tensor(NUMBERS, dtype=rt.complex128)
    assert x.tolist() == [[complex(n) for n in row] for row in NUMBERS]
    assert x[0, 1].item() == -3.5 - 4j
    assert complex(x[0, 1]) == -3.5 - 4j
    assert float(x[1, 2]) == -7.0
    assert int(x[1, 2]) == -7
    assert bool(rt.tensor(1j))
    assert not rt.tensor(0j)
    assert f"{x[0, 0]}" == "(1+2j)"
    for convert in (float, int):
        with pytest.raises(RuntimeError, match="real"):
            convert(x[0, 0])


@pytest.mark.parametrize("dtype", COMPLEX)
def test_numpy_shares_memory(dtype):
    array = np.arange(12).reshape(3, 4).astype(dtype) * (1 + 2j)
    x = rt.from_numpy(array[::2, 1:])
    assert name(x.dtype) == dtype
    x[0, 0] = 5j
    assert array[0, 1] == 5j
    back = x.T.numpy()
    assert back.dtype == dtype
    back[1, 1] = -1
    assert array[2, 2] == -1
    np.testing.assert_array_equal(x.imag.numpy(), array[::2, 1:].imag)
    assert rt.from_numpy(array[:0]).shape == (0, 4)


def test_complex64_may_lie_at_any_multiple_of_four():
    memory = np.zeros(9, np.float32)
    array = memory[1:].view(np.complex64)
    x = rt.from_numpy(array)
    x.copy_(rt.tensor([1j, 2, 3, 4]))
    assert memory.tolist() == [0, 0, 1, 2, 0, 3, 0, 4, 0]
    assert x.clone().tolist() == [1j, 2, 3, 4]


@pytest.mark.parametrize("dtype", COMPLEX)
def test_copies_pickles_and_files(dtype, tmp_path):
    x = rt.tensor(NUMBERS, dtype=getattr(rt, dtype)).T
    for other in (x.clone(), copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert other.dtype is x.dtype
        assert other.tolist() == x.tolist()
        assert other.data_ptr() != x.data_ptr()
    rt.save({"x": x}, tmp_path / "x.pt")
    assert rt.load(tmp_path / "x.pt")["x"].tolist() == x.tolist()
    if dtype == "complex64":
        rt.save({"x": x}, tmp_path / "x.safetensors")
        assert rt.load(tmp_path / "x.safetensors")["x"].tolist() == x.tolist()
    else:
        with pytest.raises(ValueError, match="complex128"):
            rt.save({"x": x}, tmp_path / "x.safetensors")


@pytest.mark.parametrize("dtype", COMPLEX)
def test_files_go_to_pytorch_and_back(torch, dtype, tmp_path):
    rt.save([rt.tensor(NUMBERS, dtype=getattr(rt, dtype)).T], tmp_path / "ours.pt")
    theirs = torch.load(tmp_path / "ours.pt")
    same(rt.tensor(NUMBERS, dtype=getattr(rt, dtype)).T, theirs[0])
    torch.save(theirs, tmp_path / "theirs.pt")
    same(rt.load(tmp_path / "theirs.pt")[0], theirs[0])


# ---- text ----

SHOWN = {
    "plain": lambda m: m.tensor(NUMBERS),
    "number": lambda m: m.tensor(1 + 2j),
    "double": lambda m: m.tensor([1 + 2j], dtype=m.complex128),
    "special": lambda m: m.tensor([float("nan") + 1j, complex(1, float("inf")), complex(-0.0, -0.0), 1 - 1j]),
    "infinite": lambda m: m.tensor([1.5 + 0j, complex(float("-inf"), -2.25)]),
    "large": lambda m: m.tensor([1e10 + 1j, -3 + 1e-5j]),
    "lines": lambda m: m.complex(m.arange(24.0).reshape(2, 12) * 1.5, m.arange(24.0).reshape(2, 12) * 0.25),
    "empty": lambda m: m.zeros(0, dtype=m.complex64),
    "long": lambda m: m.zeros(2000, dtype=m.complex64),
    "leaf": lambda m: m.zeros(1, dtype=m.complex64, requires_grad=True),
}


@pytest.mark.parametrize("make", SHOWN.values(), ids=SHOWN)
def test_printed_as_in_pytorch(torch, make):
    ours, theirs = both(torch, make)
    assert repr(ours).replace("rutile.", "torch.") == repr(theirs)


# ---- parts and views ----

VIEWS = {
    "view_as_real": lambda m, x: m.view_as_real(x),
    "view_as_complex": lambda m, x: m.view_as_complex(m.view_as_real(x)[1:]),
    "real": lambda m, x: x.T.real,
    "imag": lambda m, x: x[:, 1:].imag,
    "imag of an expansion": lambda m, x: x.unsqueeze(0).expand(2, 2, 3).imag,
    "flatten": lambda m, x: x.T.flatten(),
    "diagonal": lambda m, x: x.diagonal(),
    "unfold": lambda m, x: x.unfold(1, 2, 1),
    "as_strided": lambda m, x: x.as_strided((2, 2), (1, 2), 1),
    "squeeze": lambda m, x: x[:, :1].squeeze(-1),
    "split": lambda m, x: x.split(2, 1)[0],
    "index": lambda m, x: x[[1, 0], [2, 1]],
    "mask": lambda m, x: x[m.tensor([[True, False, True], [False, True, False]])],
    "gather": lambda m, x: x.gather(1, m.tensor([[0, 2], [1, 1]])),
    "index_select": lambda m, x: x.index_select(1, m.tensor([2, 0, 2])),
    "contiguous": lambda m, x: x.T.contiguous(),
    "where": lambda m, x: m.where(m.tensor([True, False, True]), x, m.tensor(2.5)),
    "masked_fill": lambda m, x: x.masked_fill(m.tensor([True, False, True]), 1j),
    "scatter": lambda m, x: x.scatter(1, m.tensor([[0, 2], [1, 0]]), x[:, 1:]),
    "scatter_add": lambda m, x: x.scatter_add(1, m.tensor([[0, 0], [1, 1]]), x[:, 1:]),
    "index_add": lambda m, x: x.index_add(1, m.tensor([0, 0]), x[:, 1:]),
    "nonzero": lambda m, x: m.nonzero(x),
    "tril": lambda m, x: m.tril(x),
}


@pytest.mark.parametrize("dtype", COMPLEX)
@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_views_and_places_with_gradients_as_in_pytorch(torch, view, dtype):
    def ask(m):
        x = m.tensor(NUMBERS, dtype=getattr(m, dtype), requires_grad=True)
        out = view(m, x * 1.0 if m is torch else x + 0)
        if not out.requires_grad:
            return out, out
        flat = m.view_as_real(out) if out.is_complex() else out
        weights = m.arange(1.0, 1.0 + flat.numel()).reshape(flat.shape).to(flat.dtype)
        flat.backward(weights)
        return out, x.grad

    for ours, theirs in zip(*both(torch, ask), strict=True):
        same(ours, theirs)


def test_parts_are_views_to_write_to():
    x = rt.tensor(NUMBERS)
    x.real = 7
    x.imag = rt.tensor([1.0, 2.0, 3.0])
    assert x.tolist() == [[7 + 1j, 7 + 2j, 7 + 3j]] * 2
    x.imag[0] -= 1
    rt.view_as_real(x)[1, :, 0] = 0
    assert x.tolist() == [[7, 7 + 1j, 7 + 2j], [1j, 2j, 3j]]
    x[0] = rt.tensor([1.0, 2.0, 3.0])
    x[1, 1:] = 2 - 1j
    assert x.tolist() == [[1, 2, 3], [1j, 2 - 1j, 2 - 1j]]
    real = rt.ones(2)
    assert real.real is real
    pairs = rt.zeros(2, 2)
    rt.view_as_complex(pairs).fill_(3 - 4j)
    assert pairs.tolist() == [[3, -4], [3, -4]]


def test_gradients_through_writes_to_parts_as_in_pytorch(torch):
    def ask(m):
        x = m.complex(m.arange(4.0).reshape(2, 2), m.ones(2, 2)).requires_grad_()
        y = x.clone()
        y.real.mul_(3)
        m.view_as_real(y)[0, 1, 1] = 5.0
        y[1].imag.copy_(m.tensor([3.0, 4.0]))
        (m.view_as_real(y) ** 2).sum().backward()
        pairs = m.ones(2, 2, 2).requires_grad_()
        z = pairs * 2
        m.view_as_complex(z)[0].real.mul_(3.0)
        m.view_as_complex(z)[1] = 1j
        (z**2).sum().backward()
        return x.grad, y, pairs.grad

    for ours, theirs in zip(*both(torch, ask), strict=True):
        same(ours, theirs)


def test_gradients_of_broadcast_parts(torch):
    def ask(m):
        a = m.tensor([1.0, 2.0], requires_grad=True)
        b = m.tensor([[3.0], [4.0]], requires_grad=True)
        (m.view_as_real(m.complex(a, b)) * m.tensor([1.0, 3.0])).sum().backward()
        return a.grad, b.grad

    for ours, theirs in zip(*both(torch, ask), strict=True):
        same(ours, theirs)


@pytest.mark.parametrize(
    "call",
    [
        lambda m: m.view_as_complex(m.ones(2, 3)),
        lambda m: m.view_as_complex(m.ones(2, 3).t()),
        lambda m: m.view_as_complex(m.ones(7)[1:].reshape(3, 2)),
        lambda m: m.view_as_complex(m.ones(9)[:6].as_strided((2, 2), (3, 1))),
        lambda m: m.view_as_complex(m.ones(2, 2).long()),
        lambda m: m.view_as_real(m.ones(2)),
        lambda m: m.ones(2).imag,
        lambda m: m.complex(m.ones(2), m.ones(2).double()),
        lambda m: m.complex(m.ones(2).long(), m.ones(2).long()),
        lambda m: m.full((2,), 1j, dtype=m.float32),
        lambda m: m.ones(2).fill_(1j),
        lambda m: m.ones(2).add_(1j),
        lambda m: m.ones(2).masked_fill(m.tensor([True, False]), 1j),
        lambda m: m.ones(2).__setitem__(0, 1j),
        lambda m: m.ones(2).__setitem__(m.tensor([0]), 1j),
        lambda m: m.ones(2).__setitem__(m.tensor([True, False]), m.tensor(1j)),
        lambda m: m.ones(2).scatter(0, m.tensor([1]), 1j),
        lambda m: m.ones(2).scatter_add(0, m.tensor([1]), m.tensor([1j])),
        lambda m: m.ones(2).index_fill(0, m.tensor([1]), 1j),
        lambda m: m.ones(2).index_add(0, m.tensor([1]), m.tensor([1j])),
        lambda m: m.ones(2).index_copy(0, m.tensor([1]), m.tensor([1j])),
        lambda m: m.add(m.ones(2), 1j, out=m.ones(2)),
        lambda m: m.ones(2, dtype=m.cfloat).max(),
        lambda m: m.ones(2, dtype=m.cfloat).sort(),
        lambda m: m.ones(2, dtype=m.cfloat).sign(),
        lambda m: m.relu(m.ones(2, dtype=m.cfloat)),
        lambda m: m.ones(2).mul_(m.ones(2, dtype=m.cfloat)),
        lambda m: m.arange(3, dtype=m.complex64),
        lambda m: m.ones((), dtype=m.complex64, requires_grad=True).clone().backward(),
        lambda m: m.ones(2, dtype=m.cfloat) < 1,
        lambda m: m.ones(2, dtype=m.cfloat) // 1,
        lambda m: m.ones(2, dtype=m.cfloat) % 2,
        lambda m: m.ones(2, dtype=m.cfloat) & 1,
        lambda m: m.floor(m.ones(2, dtype=m.cfloat)),
    ],
)
def test_refused_as_in_pytorch(torch, call):
    with pytest.raises((RuntimeError, NotImplementedError)):
        call(torch)
    with pytest.raises(RuntimeError, match=r"complex|parts|real|last dimension|storage_offset|stride"):
        call(rt)


def has_floats(case):
    return any(array.dtype == np.float64 for array in Call(*case).arrays())


REFUSED = cases(lambda op: not op["complex"], first=True)


@pytest.mark.parametrize("case", [case for case in REFUSED if has_floats(case)], ids=name_of)
def test_operations_without_complex_numbers_name_themselves_and_the_type(case):
    def make(array, kind):
        tensor = RUTILE.tensor(array)
        return tensor.to(rt.complex64) if array.dtype == np.float64 else tensor

    with pytest.raises(rt.DTypeError, match=r"complex64"):
        Call(*case).run(RUTILE, make)
