"""Memory shared with other libraries: DLPack, NumPy's protocols, the buffer protocol, storages."""

import gc
import os
import subprocess
import sys
import warnings

import numpy as np
import pytest
import rutile as rt
from rutile.utils import dlpack

SHARED = (
    "bool",
    "uint8",
    "int8",
    "int16",
    "int32",
    "int64",
    "float16",
    "float32",
    "float64",
    "complex64",
    "complex128",
)


def sample(name, shape=(2, 3)):
    return rt.arange(int(np.prod(shape))).reshape(shape).to(getattr(rt, name))


# ---- DLPack ----


@pytest.mark.parametrize("name", [*SHARED, "bfloat16"])
@pytest.mark.parametrize("turn", [lambda x: x, lambda x: x.t(), lambda x: x[:, 1:], lambda x: x[1, 1], lambda x: x[:0]])
def test_dlpack_lends_memory_to_pytorch_and_takes_it_back(torch, name, turn):
    ours = turn(sample(name))
    theirs = torch.from_dlpack(ours)
    assert str(theirs.dtype) == f"torch.{name}"
    assert (tuple(theirs.shape), theirs.stride()) == (tuple(ours.shape), ours.stride())
    back = rt.from_dlpack(theirs)
    assert back.dtype is ours.dtype
    assert back.stride() == ours.stride()
    assert back.tolist() == ours.tolist() == theirs.tolist()
    if ours.numel():
        assert theirs.data_ptr() == back.data_ptr() == ours.data_ptr()
        theirs.zero_()
        assert ours.tolist() == theirs.tolist()


@pytest.mark.parametrize("name", SHARED)
def test_dlpack_with_numpy_shares_memory(name):
    ours = sample(name).t()
    theirs = np.from_dlpack(ours)
    assert str(theirs.dtype) == name
    assert theirs.ctypes.data == ours.data_ptr()
    back = rt.from_dlpack(theirs)
    assert (back.data_ptr(), back.stride(), back.tolist()) == (ours.data_ptr(), ours.stride(), theirs.tolist())


def test_memory_lives_as_long_as_a_borrower():
    ours = rt.arange(1000.0)
    theirs = np.from_dlpack(ours)
    del ours
    gc.collect()
    junk = [rt.full((1000,), 7.0) for _ in range(20)]
    np.testing.assert_array_equal(theirs, np.arange(1000.0))
    theirs = np.arange(1000.0)
    ours = rt.from_dlpack(theirs)[500:]
    del theirs, junk
    gc.collect()
    assert ours.tolist() == list(range(500, 1000))


def test_lent_memory_is_given_back(torch):
    class Lender:
        """Counts the borrowers of its array."""

        def __init__(self):
            self.array = np.arange(4.0)

        def __dlpack__(self, **keywords):
            return self.array.__dlpack__(**keywords)

        def __dlpack_device__(self):
            return self.array.__dlpack_device__()

    lender = Lender()

    def count():  # outside of `assert`, which keeps what it looks at
        return sys.getrefcount(lender.array)

    before = count()
    views = [rt.from_dlpack(lender)[1:] for _ in range(5)]
    assert count() > before
    del views
    gc.collect()
    assert count() == before
    lender.array.__dlpack__()  # never taken
    assert count() == before
    tensor = torch.ones(3)
    taken = rt.from_dlpack(tensor)
    tensor.add_(1)
    assert taken.tolist() == [2, 2, 2]


def test_a_capsule_is_taken_once(torch):
    x = sample("float32")
    capsule = dlpack.to_dlpack(x)
    assert dlpack.from_dlpack(capsule).data_ptr() == x.data_ptr()
    with pytest.raises(ValueError, match="only once"):
        rt.from_dlpack(capsule)
    assert torch.from_dlpack(rt.to_dlpack(x)).data_ptr() == x.data_ptr()
    for _ in range(100):
        x.__dlpack__(max_version=(1, 0))  # nobody takes it: the capsule frees what it holds


def test_read_only_memory_stays_unwritten():
    array = np.arange(6.0)
    array.flags.writeable = False
    index = rt.tensor([0])
    for x in (rt.from_dlpack(array), rt.from_numpy(array), rt.as_tensor(array)):
        assert x.data_ptr() == array.ctypes.data
        writes = [
            lambda x=x: x.add_(1),
            lambda x=x: x[1:].mul_(2),
            lambda x=x: x.fill_(1),
            lambda x=x: x.zero_(),
            lambda x=x: x.data.exp_(),
            lambda x=x: x.__setitem__(0, 1),
            lambda x=x: x.__setitem__(index, 1.0),
            lambda x=x: x.copy_(x.clone()),
            lambda x=x: rt.add(x, x, out=x),
            lambda x=x: x.uniform_(),
            lambda x=x: x.random_(),
            lambda x=x: x.scatter_(0, index, 1.0),
            lambda x=x: x.untyped_storage().fill_(1),
        ]
        for write in writes:
            with pytest.raises(ValueError, match="read-only"):
                write()
        with pytest.raises(ValueError, match="read-only"):
            x.numpy()[0] = 1
        assert not np.from_dlpack(x).flags.writeable
        with pytest.raises(BufferError, match="read-only"):
            x.__dlpack__()  # the old form can't say it
        x.clone().add_(1)
    assert array.tolist() == list(range(6))


def test_dlpack_refuses_with_a_reason():
    x = rt.ones(2, requires_grad=True)
    with pytest.raises(BufferError, match=r"detach\(\)"):
        x.__dlpack__()
    with pytest.raises(BufferError, match="CPU"):
        x.detach().__dlpack__(dl_device=(2, 0))
    with pytest.raises(ValueError, match="streams"):
        x.detach().__dlpack__(stream=1)
    with pytest.raises(TypeError, match="__dlpack__"):
        rt.from_dlpack([1, 2])
    with pytest.raises(BufferError, match="no dtype"):
        rt.from_dlpack(np.arange(3, dtype=np.uint32))
    copy = rt.from_dlpack(x.detach(), copy=True)
    assert copy.data_ptr() != x.data_ptr()


# ---- NumPy ----


def test_ufuncs_give_tensors():
    x = rt.tensor([1.0, 2.0, 3.0], dtype=rt.float64)
    for result in (np.sin(x), np.add(x, 1), np.maximum(x, np.zeros(3)), np.float64(2) * x, np.add.accumulate(x)):
        assert isinstance(result, rt.Tensor)
        assert result.dtype is rt.float64
    np.testing.assert_array_equal(np.multiply(x, 2).numpy(), [2, 4, 6])
    out = rt.zeros(3, dtype=rt.float64)
    assert np.add(x, x, out=np.asarray(out)) is not None
    assert out.tolist() == [2, 4, 6]
    assert np.isnan(x).dtype is rt.bool


@pytest.mark.parametrize("operator", ["+", "-", "*", "/", "**", "@", "//", "%", "<", "==", ">="])
def test_an_array_on_the_left_is_recorded(operator):
    array = np.array([1.0, 2.0, 3.0])
    x = rt.tensor([3.0, 2.0, 1.0], dtype=rt.float64, requires_grad=True)
    result = eval(f"array {operator} x", {"array": array, "x": x})
    expected = eval(f"array {operator} y", {"array": array, "y": x.detach().numpy()})
    assert isinstance(result, rt.Tensor)
    np.testing.assert_allclose(result.detach().numpy(), expected)
    assert result.requires_grad == (operator not in ("<", "==", ">="))


def test_array_protocol(torch):
    x = sample("float32")
    assert x.__array__().ctypes.data == x.data_ptr()
    assert x.__array__(np.float64).dtype == np.float64
    assert np.array(x, copy=True).ctypes.data != x.data_ptr()
    assert np.asarray(x).ctypes.data == x.data_ptr()
    with pytest.raises(ValueError, match="copy"):
        x.__array__(np.int32, copy=False)
    with pytest.raises(RuntimeError, match="requires grad"):
        np.sin(rt.ones(2, requires_grad=True))
    for function in (np.concatenate, np.stack, np.vstack):
        np.testing.assert_array_equal(function([x, x]), function([x.numpy(), x.numpy()]))
    np.testing.assert_allclose(np.mean(x, axis=1), np.mean(x.numpy(), axis=1))
    assert np.shape(x) == (2, 3)


# ---- buffers ----


@pytest.mark.parametrize("name", SHARED)
def test_memoryview_shows_the_elements(name):
    x = sample(name).t()
    view = memoryview(x)
    array = x.numpy()
    assert (view.shape, view.strides, view.itemsize, view.readonly) == (array.shape, array.strides, x.itemsize, False)
    np.testing.assert_array_equal(np.asarray(view), array)
    assert bytes(view) == bytes(x) == array.tobytes()
    del x
    gc.collect()
    np.testing.assert_array_equal(np.asarray(view), array)


def test_buffers_are_written_and_read(tmp_path):
    x = rt.zeros(4, dtype=rt.uint8)
    memoryview(x)[1] = 9
    assert x.tolist() == [0, 9, 0, 0]
    (tmp_path / "bytes").write_bytes(x)
    with (tmp_path / "bytes").open("rb") as file:
        assert file.readinto(x[:2]) == 2
    assert bytes(x) == b"\x00\x09\x00\x00"
    for refused in (rt.ones(2, requires_grad=True), rt.ones(2, dtype=rt.bfloat16)):
        with pytest.raises(BufferError):
            memoryview(refused)


def test_frombuffer(torch):
    data = bytearray(np.arange(6, dtype=np.int16).tobytes())
    for keywords in ({}, {"count": 2}, {"offset": 4}, {"count": 3, "offset": 2}):
        ours = rt.frombuffer(data, dtype=rt.int16, **keywords)
        assert ours.tolist() == torch.frombuffer(data, dtype=torch.int16, **keywords).tolist()
    ours = rt.frombuffer(data, dtype=rt.int16)
    ours[0] = 77
    assert data[0] == 77
    with pytest.raises(BufferError):
        data.append(1)  # it is in use
    del ours
    data.append(1)
    bad = [{"offset": 13}, {"offset": -1}, {"count": 0}, {"count": 100}, {"offset": 1, "count": 7}, {"offset": 2}]
    for keywords in bad:
        with pytest.raises(ValueError, match="frombuffer"):
            rt.frombuffer(data, dtype=rt.int16, **keywords)
        with pytest.raises(ValueError, match="buffer"):
            torch.frombuffer(data, dtype=torch.int16, **keywords)
    with pytest.raises(ValueError, match="frombuffer"):
        rt.frombuffer(b"", dtype=rt.int16)
    with pytest.raises(TypeError, match="buffer protocol"):
        rt.frombuffer([1, 2], dtype=rt.int16)
    constant = rt.frombuffer(b"abcd", dtype=rt.uint8)
    with pytest.raises(ValueError, match="read-only"):
        constant.add_(1)


# ---- storages ----


def test_storages_as_in_pytorch(torch):
    for library in (rt, torch):
        x = library.arange(6.0).reshape(2, 3)
        part = x[1:, 1:]
        storage = part.untyped_storage()
        assert storage.data_ptr() == x.data_ptr() == x.untyped_storage().data_ptr()
        assert storage.nbytes() == storage.size() == len(storage) == 24
        assert storage.tolist() == list(np.arange(6, dtype=np.float32).tobytes())
        storage[0] = 0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            typed = part.storage()
            assert (typed.size(), typed.nbytes(), typed.element_size()) == (6, 24, 4)
            assert typed.tolist() == list(range(6))
            assert typed[4] == 4
            assert typed.data_ptr() == x.data_ptr()
        assert x.is_set_to(x.view(2, 3))
        assert not x.is_set_to(x[1:])
    with pytest.raises(RuntimeError, match="hold on to their memory"):
        rt.ones(3).untyped_storage().resize_(0)


def test_small_answers_as_in_pytorch(torch):
    for library in (rt, torch):
        x = library.ones(2, 3)
        assert x.get_device() == library.get_device(x) == -1
        assert x.layout is library.strided
        assert x.is_signed()
        assert library.is_signed(x)
        assert not library.ones(2, dtype=library.uint8).is_signed()
        assert x.ndimension() == 2
        assert not x.is_pinned()
        assert x.dim_order() == (0, 1)
        assert x.t().dim_order() == (1, 0)
        assert tuple(x.new(4, 5).shape) == (4, 5)
        assert x.new([1, 2]).tolist() == [1, 2]
        assert tuple(x.new().shape) == (0,)
        assert x.long().new(2).dtype is library.int64
        y = library.arange(3.0).apply_(lambda value: value + 1)
        assert y.tolist() == [1, 2, 3]
        assert y.map_(y.clone(), lambda a, b: a * b).tolist() == [1, 4, 9]
        with pytest.raises(RuntimeError, match="requires grad"):
            library.ones(2, requires_grad=True).apply_(abs)
        index = (library.tensor([0, 0]),)
        put = library.index_put(y, index, library.tensor([1.0, 2.0]), accumulate=True)
        assert (put.tolist(), y.tolist()) == ([4, 4, 9], [1, 4, 9])


def test_bytes_of_read_only_files(tmp_path):
    """A mapped file stays unwritten: a write through would end the process."""
    path = tmp_path / "numbers"
    path.write_bytes(np.arange(1000, dtype=np.float32).tobytes())
    program = (
        "import mmap, sys, rutile as rt\n"
        "with open(sys.argv[1], 'rb') as file:\n"
        "    x = rt.frombuffer(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ), dtype=rt.float32)\n"
        "try:\n"
        "    x.add_(1)\n"
        "except ValueError:\n"
        "    print(x.sum().item())\n"
    )
    if os.name == "nt":
        pytest.skip("mmap.PROT_READ is POSIX")
    done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "499500.0"


def test_reversed_gives_a_tensor_with_a_derivative():
    x = rt.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = reversed(x)
    assert isinstance(y, rt.Tensor)
    assert y.tolist() == [3.0, 2.0, 1.0]
    (y * rt.tensor([1.0, 10.0, 100.0])).sum().backward()
    assert x.grad.tolist() == [100.0, 10.0, 1.0]
    assert reversed(rt.tensor(2.0)).item() == 2.0
