"""Small functions of the root against PyTorch's, and the laws of random numbers."""

import numpy as np
import pytest
import rutile as rt


@pytest.mark.parametrize("name", ["atleast_1d", "atleast_2d", "atleast_3d"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 4)])
def test_at_least_so_many_axes(torch, name, shape):
    ours, theirs = getattr(rt, name)(rt.ones(shape)), getattr(torch, name)(torch.ones(shape))
    assert tuple(ours.shape) == tuple(theirs.shape)
    assert len(getattr(rt, name)(rt.ones(shape), rt.ones(2))) == 2


@pytest.mark.parametrize("shapes", [((2, 1), (3,)), ((5,), (1,), (4, 1)), ((), (2,)), ((0,), (1,)), (3, (2, 3))])
def test_broadcast_shapes(torch, shapes):
    assert tuple(rt.broadcast_shapes(*shapes)) == tuple(torch.broadcast_shapes(*shapes))


def test_shapes_that_do_not_broadcast():
    with pytest.raises(RuntimeError, match="cannot be broadcast"):
        rt.broadcast_shapes((2,), (3,))


def test_can_cast(torch):
    names = ["bool", "uint8", "int64", "float16", "float32", "float64"]
    for a in names:
        for b in names:
            assert rt.can_cast(getattr(rt, a), getattr(rt, b)) == torch.can_cast(getattr(torch, a), getattr(torch, b))


@pytest.mark.filterwarnings("ignore:torch.range")
@pytest.mark.parametrize("args", [(1, 4), (0, 1, 0.25), (5, 1, -2), (3,)])
def test_range_includes_its_end(torch, args):
    assert rt.range(*args).tolist() == torch.range(*(args if len(args) > 1 else (0, *args))).tolist()


def test_asarray_shares_or_copies():
    array = np.ones(3, np.float32)
    shared = rt.asarray(array)
    array[0] = 7
    assert shared.tolist() == [7, 1, 1]
    assert rt.asarray(array, copy=True).data_ptr() != shared.data_ptr()
    with pytest.raises(ValueError, match="alias"):
        rt.asarray([1, 2], copy=False)


def test_names_and_counts():
    x = rt.ones(2, 3)
    assert (rt.numel(x), rt.is_floating_point(x), rt.typename(x)) == (6, True, "torch.FloatTensor")
    assert rt.zero_(x) is x
    assert x.sum().item() == 0


@pytest.mark.parametrize(
    ("draw", "median"),
    [
        (lambda x: x.cauchy_(2.0, 0.5), 2.0),
        (lambda x: x.log_normal_(0.5, 0.25), np.exp(0.5)),
        (lambda x: x.geometric_(0.3), 2.0),
    ],
)
def test_laws_by_their_median(draw, median):
    values = draw(rt.empty(20001, dtype=rt.float64))
    assert abs(values.median().item() - median) < 0.03
    for threads in (1, 2):
        rt.set_num_threads(threads)
        rt.manual_seed(3)
        drawn = draw(rt.empty(5001, dtype=rt.float64)).tolist()
        rt.manual_seed(3)
        assert drawn == draw(rt.empty(5001, dtype=rt.float64)).tolist()


@pytest.mark.parametrize(("source", "destination"), [((0, 0), (0, 1)), ((0, -2), (0, 1)), ((0, 1), (1, 1))])
def test_movedim_refuses_a_repeated_axis(torch, source, destination):
    for lib in (rt, torch):
        with pytest.raises(RuntimeError, match="repeated dim"):
            lib.movedim(lib.zeros(2, 3), source, destination)


@pytest.mark.parametrize(
    ("dtype", "low", "high"),
    [
        ("uint8", 0, 257),
        ("uint8", -1, 3),
        ("int8", 0, 129),
        ("int16", -40000, 0),
        ("int32", 0, 2**31 + 1),
        ("bool", 0, 3),
    ],
)
def test_random_integers_stay_within_the_dtype(torch, dtype, low, high):
    for lib in (rt, torch):
        with pytest.raises(RuntimeError):
            lib.randint(low, high, (2,), dtype=getattr(lib, dtype))
        with pytest.raises(RuntimeError):
            lib.zeros(2, dtype=getattr(lib, dtype)).random_(low, high)


@pytest.mark.parametrize(("dtype", "low", "high"), [("uint8", 0, 256), ("int8", -128, 128), ("bool", 0, 2)])
def test_random_integers_reach_the_ends_of_the_dtype(dtype, low, high):
    drawn = rt.randint(low, high, (20000,), dtype=getattr(rt, dtype)).to(rt.int64)
    assert (drawn.min().item(), drawn.max().item()) == (low, high - 1)


@pytest.mark.parametrize(
    "call",
    [
        lambda lib: lib.randperm(-1),
        lambda lib: lib.logspace(0, 1, -1),
        lambda lib: lib.linspace(0, 1, -1),
        lambda lib: lib.eye(-1),
        lambda lib: lib.chunk(lib.zeros(3), -1),
        lambda lib: lib.narrow(lib.zeros(3), 0, 0, -1),
        lambda lib: lib.zeros(3).unfold(0, -1, 1),
        lambda lib: lib.nonzero_static(lib.zeros(3), size=-1),
        lambda lib: lib.bincount(lib.tensor([1]), minlength=-1),
        lambda lib: lib.tril_indices(-1, 2),
    ],
)
def test_negative_lengths(torch, call):
    for lib in (rt, torch):
        with pytest.raises(RuntimeError):
            call(lib)


def test_index_reduce_refuses_other_words(torch):
    for lib in (rt, torch):
        with pytest.raises(RuntimeError, match="prod, mean, amax or amin"):
            lib.index_reduce(lib.zeros(3), 0, lib.tensor([1]), lib.zeros(1), "sum")


@pytest.mark.parametrize(
    "shapes",
    [
        ((2, 3), (2, 4), (5, 3, 3)),
        ((2, 3), (2, 4), (5, 2, 4)),
        ((2, 3), (1, 4), (5, 3, 4)),
        ((2, 3), (2, 4), (5, 3, 4), (4,)),
        ((2, 3), (2, 4), (3, 4)),
    ],
)
def test_bilinear_refuses_shapes_that_do_not_fit(torch, shapes):
    for lib in (rt, torch):
        with pytest.raises((RuntimeError, IndexError)):
            lib.nn.functional.bilinear(*map(lib.zeros, shapes))


@pytest.mark.parametrize(
    "shapes",
    [((2, 3), (1, 2, 3), (3,)), ((2, 3, 2), (2, 3), (3,)), ((2, 3, 2), (1, 3, 3), (3,)), ((2, 3, 2), (1, 2, 3), (2,))],
)
def test_conv_tbc_refuses_shapes_that_do_not_fit(torch, shapes):
    for lib in (rt, torch):
        with pytest.raises(RuntimeError):
            lib.nn.functional.conv_tbc(*map(lib.zeros, shapes))


def test_a_diagonal_as_far_away_as_can_be(torch):
    for lib in (rt, torch):
        assert [tuple(lib.diagonal(lib.ones(2, 3), offset).shape) for offset in (-(2**63), 2**63 - 1)] == [(0,), (0,)]
