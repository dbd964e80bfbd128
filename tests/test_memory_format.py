"""Orders of axes in memory, against PyTorch: the strides of everything that takes a memory format."""

import pytest
import rutile as rt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FORMATS = ("contiguous_format", "preserve_format", "channels_last", "channels_last_3d")


def layouts(library):
    """Tensors of all ranks and orders, dense, with gaps, expanded."""
    image, volume = library.zeros(2, 3, 4, 5), library.zeros(2, 3, 2, 4, 5)
    return [
        library.zeros(3, 4),
        library.zeros(3, 4).t(),
        library.zeros(()),
        library.zeros(0, 3),
        image,
        image.permute(0, 3, 1, 2),
        image.permute(3, 2, 1, 0),
        image[:, :, ::2],
        image[:, 1:2],
        image.transpose(1, 3)[..., ::2],
        library.zeros(2, 1, 4, 5),
        library.zeros(1, 3, 1, 1),
        library.zeros(3, 1, 1).expand(2, 3, 4, 5),
        library.zeros(4, 1).expand(2, 3, 4, 5),
        volume,
        volume.permute(0, 4, 1, 2, 3),
        volume[..., 1:],
    ]


def outcome(make):
    """Strides or the class of the error."""
    try:
        result = make()
    except RuntimeError:
        return "RuntimeError"
    return result if isinstance(result, bool) else (result.stride(), tuple(result.shape))


def both(torch, make):
    for number, (ours, theirs) in enumerate(zip(layouts(rt), layouts(torch), strict=True)):
        assert outcome(lambda x=ours: make(rt, x)) == outcome(lambda x=theirs: make(torch, x)), (
            number,
            theirs.stride(),
        )


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    "make",
    [
        lambda lib, x, f: x.clone(memory_format=f),
        lambda lib, x, f: x.contiguous(memory_format=f),
        lambda lib, x, f: x.to(lib.float64, memory_format=f),
        lambda lib, x, f: x.to(lib.float32, copy=True, memory_format=f),
        lambda lib, x, f: x.is_contiguous(memory_format=f),
        lambda lib, x, f: lib.empty_like(x, memory_format=f),
        lambda lib, x, f: lib.zeros_like(x, memory_format=f),
        lambda lib, x, f: lib.full_like(x, 1, memory_format=f),
        lambda lib, x, f: lib.rand_like(x, memory_format=f),
        lambda lib, x, f: lib.randint_like(x, 5, memory_format=f),
        lambda lib, x, f: lib.empty(tuple(x.shape), memory_format=f),
        lambda lib, x, f: x.clone().resize_(2, 2, 3, 1, memory_format=f) if x.numel() > 12 else x,
    ],
)
def test_strides_as_in_pytorch(torch, name, make):
    both(torch, lambda library, x: make(library, x, getattr(library, name)))


def test_a_memory_format_alone_is_a_conversion():
    # PyTorch leaves some tensors as they are whose strides only resemble the format.
    for x in layouts(rt):
        assert x.to(memory_format=rt.contiguous_format).is_contiguous()
        assert x.to(memory_format=rt.preserve_format) is x
        if x.dim() == 4:
            assert x.to(memory_format=rt.channels_last).is_contiguous(memory_format=rt.channels_last)


def test_defaults_keep_the_order(torch):
    for make in (
        lambda lib, x: x.double(),
        lambda lib, x: x.to(lib.int32),
        lambda lib, x: x.clone(),
        lambda lib, x: lib.empty_like(x),
        lambda lib, x: lib.ones_like(x),
        lambda lib, x: lib.randn_like(x),
        lambda lib, x: x.contiguous(),
        lambda lib, x: lib.empty(tuple(x.shape)),
    ):
        both(torch, make)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_copies_of_any_strides(torch, data):
    rank = data.draw(st.integers(0, 5))
    size = data.draw(st.lists(st.integers(1, 4), min_size=rank, max_size=rank))
    stride = data.draw(st.lists(st.integers(0, 7), min_size=rank, max_size=rank))
    ours, theirs = rt.empty_strided(size, stride), torch.empty_strided(size, stride)
    assert ours.clone().stride() == theirs.clone().stride()
    assert rt.empty_like(ours).stride() == torch.empty_like(theirs).stride()
    for name in FORMATS[2:]:
        format_ = getattr(rt, name), getattr(torch, name)
        assert ours.is_contiguous(memory_format=format_[0]) == theirs.is_contiguous(memory_format=format_[1])


def test_values_and_gradients_follow(torch):
    for library in (rt, torch):
        x = library.arange(120.0, dtype=library.float64).reshape(2, 3, 4, 5).requires_grad_()
        y = x.contiguous(memory_format=library.channels_last)
        assert y.stride() == (60, 1, 15, 3)
        assert y.tolist() == x.tolist()
        (y * y).sum().backward()
        assert x.grad.tolist() == (2 * x).tolist()
        assert y.contiguous(memory_format=library.channels_last) is y or library is torch
        weight = library.ones(2, 3, 1, 1, dtype=library.float64)
        expected = library.nn.functional.conv2d(x, weight)
        assert library.allclose(library.nn.functional.conv2d(y, weight), expected)


def test_modules_take_a_memory_format(torch):
    for library in (rt, torch):
        model = library.nn.Sequential(library.nn.Conv2d(3, 4, 3), library.nn.BatchNorm2d(4)).eval()
        x = library.ones(1, 3, 5, 5)
        expected = model(x).tolist()
        model = model.to(memory_format=library.channels_last)
        assert model[0].weight.is_contiguous(memory_format=library.channels_last)
        assert model[0].weight.requires_grad
        assert library.allclose(model(x.to(memory_format=library.channels_last)), library.tensor(expected), atol=1e-6)


def test_empty_permuted_and_new_empty_strided(torch):
    for library in (rt, torch):
        x = library.empty_permuted((2, 3, 4), (1, 2, 0), dtype=library.float64)
        assert (x.stride(), x.dtype) == ((1, 8, 2), library.float64)
        for bad in ((0, 1), (0, 0, 1), (0, 1, 3)):
            with pytest.raises(RuntimeError):
                library.empty_permuted((2, 3, 4), bad)
        y = x.new_empty_strided((2, 3), (1, 4))
        assert (y.stride(), y.dtype) == ((1, 4), library.float64)
        with pytest.raises(RuntimeError):
            x.new_empty_strided((2, 3), (1,))


def test_constants(torch):
    import copy
    import pickle

    for name in FORMATS:
        constant = getattr(rt, name)
        assert str(constant) == f"rutile.{name}"
        assert pickle.loads(pickle.dumps(constant)) is constant
        assert copy.deepcopy(constant) == constant
    assert isinstance(rt.channels_last, rt.memory_format)
    assert isinstance(rt.strided, rt.layout)
    with pytest.raises(TypeError, match="memory_format"):
        rt.ones(2).clone(memory_format="channels_last")
    with pytest.raises(TypeError, match="layout"):
        rt.tril_indices(2, 2, layout="sparse")


@pytest.mark.parametrize(
    ("shape", "old", "new"),
    [((2, 4), "float32", "uint8"), ((2, 4), "uint8", "int32"), ((2, 4), "int16", "int64"), ((3,), "uint8", "int16"),
     ((), "float32", "uint8"), ((), "float32", "int32"), ((0, 4), "uint8", "int32")],
)  # fmt: skip
def test_bytes_as_another_dtype(torch, shape, old, new):
    def run(library):
        count = 1
        for n in shape:
            count *= n
        return library.arange(count).reshape(shape).to(getattr(library, old)).view(getattr(library, new))

    try:
        theirs = run(torch)
    except RuntimeError:
        with pytest.raises(RuntimeError):
            run(rt)
        return
    ours = run(rt)
    assert ours.tolist() == theirs.tolist()
    assert ours.stride() == theirs.stride()
