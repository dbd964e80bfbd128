"""Rare names of the root against PyTorch's: differences, segments, copies of views, functions of layers."""

import inspect

import numpy as np
import pytest
import rutile as rt
from rutile.autograd import gradcheck, gradgradcheck

RNG = np.random.default_rng(0)


def pair(torch, array):
    return rt.tensor(array), torch.tensor(array)


def same(ours, theirs, tolerance=1e-12):
    ours, theirs = (x if isinstance(x, (tuple, list)) else (x,) for x in (ours, theirs))
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert tuple(a.shape) == tuple(b.shape)
        assert str(a.dtype).split(".")[-1] == str(b.dtype).split(".")[-1]
        np.testing.assert_allclose(
            np.asarray(a.detach().tolist()), np.asarray(b.detach().tolist()), rtol=tolerance, atol=tolerance
        )


# ---- gradient ----


@pytest.mark.parametrize("edge_order", [1, 2])
@pytest.mark.parametrize(
    ("shape", "arguments"),
    [
        ((5,), {}),
        ((4, 5), {}),
        ((4, 5), {"spacing": 0.5}),
        ((4, 5), {"spacing": [2.0, 3], "dim": (1, 0)}),
        ((3, 4, 5), {"dim": -2}),
        ((3, 4, 5), {"dim": (0, 2), "spacing": 2}),
        ((4, 3), {"spacing": "places"}),
        ((3,), {}),
    ],
)
def test_gradient(torch, shape, arguments, edge_order):
    x = RNG.normal(size=shape)
    given = {**arguments, "edge_order": edge_order}
    if given.get("spacing") == "places":
        places = [np.cumsum(RNG.uniform(0.5, 1.5, n)) for n in shape]
        ours = rt.gradient(rt.tensor(x), **{**given, "spacing": [rt.tensor(place) for place in places]})
        theirs = torch.gradient(torch.tensor(x), **{**given, "spacing": [torch.tensor(place) for place in places]})
        numpys = np.gradient(x, *places, edge_order=edge_order)
        for a, b in zip(ours, numpys, strict=True):
            np.testing.assert_allclose(a.numpy(), b, rtol=1e-10, atol=1e-12)
        same(ours, theirs, 1e-10)
        return
    same(rt.gradient(rt.tensor(x), **given), torch.gradient(torch.tensor(x), **given))


@pytest.mark.parametrize("dtype", ["float32", "int64", "int8", "complex64", "float16"])
def test_dtypes_of_gradient(torch, dtype):
    x = [[1, 2, 4], [8, 16, 32]]
    ours, theirs = (
        library.gradient(library.tensor(x, dtype=getattr(library, dtype)), spacing=2) for library in (rt, torch)
    )
    same(ours, theirs, 1e-3)


def test_derivatives_of_gradient():
    x = rt.tensor(RNG.normal(size=(3, 4)), requires_grad=True)
    for order in (1, 2):
        assert gradcheck(lambda x, order=order: rt.gradient(x, edge_order=order), (x,))
    places = [rt.tensor([0.0, 1.0, 1.5], dtype=rt.float64), rt.tensor([0.0, 1.0, 3.0, 4.0], dtype=rt.float64)]
    assert gradcheck(lambda x: rt.gradient(x, spacing=places), (x,))


def test_errors_of_gradient():
    x = rt.ones(2, 3)
    assert rt.gradient(x, dim=()) == ()
    for arguments, error, message in [
        ({"edge_order": 3}, RuntimeError, "edge_order=1 and edge_order=2"),
        ({"edge_order": 2}, RuntimeError, "at least edge_order"),
        ({"dim": 5}, IndexError, r"range of \[-2, 1\]"),
        ({"dim": (0, -2)}, RuntimeError, "multiple times"),
        ({"spacing": (1, 2, 3)}, RuntimeError, "length 3"),
        ({"spacing": [rt.ones(2), rt.ones(2)]}, RuntimeError, "one place per sample"),
    ]:
        with pytest.raises(error, match=message):
            rt.gradient(x, **arguments)
    with pytest.raises(RuntimeError, match="uint8"):
        rt.gradient(rt.ones(3, dtype=rt.uint8))


# ---- segments ----

LENGTHS = {"plain": ((6, 2), [2, 0, 3, 1], 0), "batched": ((2, 5, 3), [[1, 4, 0], [2, 0, 3]], 1), "one": ((4,), [4], 0)}


@pytest.mark.parametrize("initial", [None, 0.5])
@pytest.mark.parametrize("reduce", ["sum", "mean", "max", "min", "prod"])
@pytest.mark.parametrize("case", LENGTHS)
def test_segment_reduce(torch, case, reduce, initial):
    shape, lengths, axis = LENGTHS[case]
    x = RNG.uniform(0.5, 2.0, shape)
    ours, theirs = (
        (data, library.segment_reduce(data, reduce, lengths=library.tensor(lengths), axis=axis, initial=initial))
        for library in (rt, torch)
        for data in [library.tensor(x, requires_grad=True)]
    )
    same(ours[1], theirs[1])
    if reduce != "mean" or initial is not None:  # NaN of empty pieces
        ours[1].square().sum().backward()
        theirs[1].square().sum().backward()
        if initial is None:  # PyTorch's gradient takes `initial` for an element
            finite = np.isfinite(np.asarray(theirs[0].grad.tolist()))
            np.testing.assert_allclose(
                np.asarray(ours[0].grad.tolist())[finite], np.asarray(theirs[0].grad.tolist())[finite], rtol=1e-10
            )


def test_segment_reduce_by_offsets_and_its_errors(torch):
    x = [1.0, 2.0, 3.0, 4.0]
    for offsets in ([0, 2, 2, 4], [0, 1, 3]):
        same(*(m.segment_reduce(m.tensor(x), "sum", offsets=m.tensor(offsets)) for m in (rt, torch)))
    data = rt.tensor(x)
    for arguments, message in [
        ({"lengths": rt.tensor([2, 1])}, "sum to 4"),
        ({"lengths": rt.tensor([5, -1])}, "negative"),
        ({}, "Either lengths or offsets"),
        ({"indices": rt.tensor([0, 0, 1, 1])}, "not supported"),
        ({"lengths": rt.tensor([[4]])}, "last dimension of lengths"),
    ]:
        with pytest.raises(RuntimeError, match=message):
            rt.segment_reduce(data, "sum", **arguments)
    with pytest.raises(RuntimeError, match="reduce argument"):
        rt.segment_reduce(data, "median", lengths=rt.tensor([4]))
    with pytest.raises(rt.DTypeError):
        rt.segment_reduce(data.long(), "sum", lengths=rt.tensor([4]))


@pytest.mark.parametrize("reduce", ["sum", "max", "prod"])
def test_derivatives_of_segment_reduce(reduce):
    x = rt.tensor(RNG.permutation(10).reshape(5, 2) * 0.3 + 0.2, requires_grad=True)
    call = lambda x: rt.segment_reduce(x, reduce, lengths=rt.tensor([2, 3]))  # noqa: E731
    assert gradcheck(call, (x,))
    assert gradgradcheck(call, (x,))


@pytest.mark.parametrize(("shape", "pow", "dim"), [((3, 4), 2, 0), ((3, 4), 1, 1), ((2, 3, 4), 2, 2), ((2, 3), 2, -1)])
def test_norm_except_dim(torch, shape, pow, dim):
    ours, theirs = pair(torch, RNG.normal(size=shape))
    same(rt.norm_except_dim(ours, pow, dim), torch.norm_except_dim(theirs, pow, dim))
    with pytest.raises(IndexError):
        rt.norm_except_dim(ours, 2, 7)


# ---- scatter ----


@pytest.mark.filterwarnings("ignore:.*is deprecated")
@pytest.mark.parametrize("reduce", [None, "add", "multiply"])
@pytest.mark.parametrize("value", ["tensor", "number", "keyword"])
def test_forms_of_scatter(torch, reduce, value):
    results = []
    for library in (rt, torch):
        x = library.arange(12.0).reshape(3, 4)
        index = library.tensor([[0, 1], [2, 0], [1, 3]])
        rest = {} if reduce is None else {"reduce": reduce}
        src = library.arange(6.0).reshape(3, 2)
        if value == "tensor":
            calls = [lambda x, f, a=(1, index, src): f(x, *a, **rest)]  # noqa: B023
        elif value == "number":
            calls = [lambda x, f, a=(1, index, 2.5): f(x, *a, **rest)]  # noqa: B023
        else:
            calls = [lambda x, f, a=(1, index): f(x, *a, value=3, **rest)]  # noqa: B023
        kind = library.Tensor
        results.append([calls[0](x, library.scatter), calls[0](x, kind.scatter), calls[0](x.clone(), kind.scatter_)])
    for a, b in zip(*results, strict=True):
        same(a, b)


def test_errors_of_scatter():
    x, index = rt.zeros(3), rt.tensor([0])
    with pytest.raises(TypeError, match="either src"):
        x.scatter(0, index)
    with pytest.raises(TypeError, match="either src"):
        x.scatter(0, index, rt.ones(1), value=1)
    with pytest.raises(RuntimeError, match="add or multiply"):
        x.scatter(0, index, 1.0, reduce="mean")


# ---- copies ----

COPIES = [
    ("alias", (), (2, 3)),
    ("as_strided", ((2, 2), (1, 2)), (2, 3)),
    ("detach", (), (2, 3)),
    ("diagonal", (), (2, 3)),
    ("expand", ((4, 2, 3),), (2, 3)),
    ("permute", ((1, 0),), (2, 3)),
    ("select", (1, 2), (2, 3)),
    ("slice", (1, 0, 3, 2), (2, 3)),
    ("slice", (-1, 1), (2, 3)),
    ("split", (2, 1), (2, 3)),
    ("split_with_sizes", ((1, 2), 1), (2, 3)),
    ("squeeze", (), (2, 1)),
    ("t", (), (2, 3)),
    ("transpose", (0, 1), (2, 3)),
    ("unbind", (1,), (2, 3)),
    ("unfold", (1, 2, 1), (2, 3)),
    ("unsqueeze", (0,), (2, 3)),
    ("view_as_complex", (), (3, 2)),
    ("view", ((6,),), (2, 3)),
]


@pytest.mark.parametrize(("name", "args", "shape"), COPIES)
def test_copies_of_views(torch, name, args, shape):
    ours, theirs = pair(torch, RNG.normal(size=shape))
    mine = getattr(rt, f"{name}_copy")(ours, *args)
    parts = getattr(torch, f"{name}_copy")(theirs, *args)
    same([rt.view_as_real(mine)] if name == "view_as_complex" else mine,
         [torch.view_as_real(parts)] if name == "view_as_complex" else parts)  # fmt: skip
    first = mine[0] if isinstance(mine, tuple) else mine
    assert first.untyped_storage().data_ptr() != ours.untyped_storage().data_ptr()


# ---- layers ----


def weights(mode, features, hidden, layers, directions, biases, projection=0):
    gates = {"lstm": 4, "gru": 3}.get(mode, 1) * hidden
    found = []
    for layer in range(layers):
        width = features if layer == 0 else (projection or hidden) * directions
        for _ in range(directions):
            found += [RNG.normal(size=(gates, width)), RNG.normal(size=(gates, projection or hidden))]
            found += [RNG.normal(size=gates), RNG.normal(size=gates)] if biases else []
            found += [RNG.normal(size=(projection, hidden))] if projection else []
    return found


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("layers", "bidirectional", "biases"), [(1, False, True), (2, True, True), (2, False, False)])
@pytest.mark.parametrize("mode", ["lstm", "gru", "rnn_tanh", "rnn_relu", "projected"])
def test_recurrent_layers_as_functions(torch, mode, layers, bidirectional, biases, packed):
    projection, mode = (2, "lstm") if mode == "projected" else (0, mode)
    directions = 2 if bidirectional else 1
    params = weights(mode, 4, 3, layers, directions, biases, projection)
    h = RNG.normal(size=(layers * directions, 2, projection or 3))
    c = RNG.normal(size=(layers * directions, 2, 3))
    x = RNG.normal(size=(2, 5, 4))
    results = []
    for library in (rt, torch):
        tensors = [library.tensor(p) for p in params]
        states = (library.tensor(h), library.tensor(c)) if mode == "lstm" else library.tensor(h)
        rest = (biases, layers, 0.0, False, bidirectional)
        if packed:
            rows = library.tensor(x.reshape(-1, 4)[:8])
            results.append(getattr(library, mode)(rows, library.tensor([2, 2, 2, 1, 1]), states, tensors, *rest))
        else:
            results.append(getattr(library, mode)(library.tensor(x), states, tensors, *rest, True))
    same(*results, 1e-9)


@pytest.mark.parametrize("mode", [0, 1, 2])
def test_embedding_bag_of_the_root(torch, mode):
    table = RNG.normal(size=(6, 2))
    ours, theirs = (
        m.embedding_bag(m.tensor(table), m.tensor([1, 2, 4, 5, 4]), m.tensor([0, 2, 2]), False, mode)
        for m in (rt, torch)
    )
    same(ours[0], theirs[0])
    if mode:  # PyTorch's sum leaves these out
        assert ours[1].tolist() == theirs[1].tolist()
        assert ours[2].tolist() == theirs[2].tolist()
    if mode == 2:
        assert ours[3][[0, 2]].tolist() == theirs[3][[0, 2]].tolist()


@pytest.mark.parametrize(("mode", "padding", "align"), [(0, 0, False), (1, 1, True), (2, 2, False)])
def test_grid_sampler(torch, mode, padding, align):
    x, grid = RNG.normal(size=(2, 3, 4, 5)), RNG.uniform(-1.3, 1.3, (2, 3, 3, 2))
    for name in ("grid_sampler", "grid_sampler_2d"):
        same(*(getattr(m, name)(m.tensor(x), m.tensor(grid), mode, padding, align) for m in (rt, torch)), 1e-9)


@pytest.mark.parametrize("transposed", [False, True])
def test_convolution(torch, transposed):
    x, w = RNG.normal(size=(2, 4, 7, 6)), RNG.normal(size=(4, 2, 3, 3))
    bias = RNG.normal(size=4)
    arguments = ([2, 1], [1, 0], [1, 1], transposed, [1, 0] if transposed else [0, 0], 2)
    same(
        *(m.convolution(m.tensor(x), m.tensor(w), m.tensor(bias), *arguments) for m in (rt, torch)),
        1e-9,
    )


LOSSES = {
    "binary_cross_entropy_with_logits": [(3, 4), "unit"],
    "cosine_embedding_loss": [(3, 4), (3, 4), "sign"],
    "hinge_embedding_loss": [(3,), "sign"],
    "kl_div": [(3, 4), "unit"],
    "margin_ranking_loss": [(3,), (3,), "sign"],
    "triplet_margin_loss": [(3, 4), (3, 4), (3, 4)],
}


@pytest.mark.filterwarnings("ignore:reduction")
@pytest.mark.parametrize("reduction", [0, 1, 2])
@pytest.mark.parametrize("name", LOSSES)
def test_losses_of_the_root(torch, name, reduction):
    arrays = []
    for shape in LOSSES[name]:
        if shape == "unit":
            arrays.append(RNG.uniform(0.1, 0.9, LOSSES[name][0]))
        elif shape == "sign":
            arrays.append(np.array([1.0, -1.0, 1.0]))
        else:
            arrays.append(RNG.normal(size=shape))
    same(*(getattr(m, name)(*map(m.tensor, arrays), reduction=reduction) for m in (rt, torch)), 1e-10)
    with pytest.raises(ValueError, match="reduction"):
        getattr(rt, name)(*map(rt.tensor, arrays), reduction=3)


def test_losses_with_more_arguments(torch):
    x, target = RNG.normal(size=(3, 4)), RNG.poisson(2.0, (3, 4)).astype(float)
    same(*(m.poisson_nll_loss(m.tensor(x), m.tensor(target), True, True, 1e-8, 1) for m in (rt, torch)), 1e-10)
    log_probs = np.log(RNG.dirichlet(np.ones(4), (6, 2)))
    labels = [[1, 2, 3], [2, 2, 1]]
    same(
        *(
            m.ctc_loss(m.tensor(log_probs), m.tensor(labels), m.tensor([6, 5]), m.tensor([3, 2]), 0, 2)
            for m in (rt, torch)
        ),
        1e-9,
    )


def test_in_place_functions_of_layers(torch):
    x = rt.ones(2, 3, 4)
    for name in ("dropout_", "alpha_dropout_", "feature_dropout_", "feature_alpha_dropout_"):
        y = x.clone()
        assert getattr(rt, name)(y, 0.5, False) is y
        assert y.tolist() == x.tolist()
    table = RNG.normal(size=(4, 3)) * 5
    same(*(m.embedding_renorm_(m.tensor(table), m.tensor([1, 3]), 1.0, 2.0) for m in (rt, torch)), 1e-6)
    theta = RNG.normal(size=(2, 2, 3))
    same(*(m.affine_grid_generator(m.tensor(theta), [2, 1, 3, 4], False) for m in (rt, torch)), 1e-9)


def test_copies_are_found_by_name():
    assert all(inspect.isfunction(getattr(rt, f"{name}_copy")) for name, _, _ in COPIES)
    assert (
        rt.unsafe_split(rt.arange(5), 2)[0].tolist() == rt.ones(5).unsafe_chunk(3)[0].long().cumsum(0).sub(1).tolist()
    )


# ---- arguments of other devices ----

CREATED = {
    "zeros": ((2,), {}),
    "ones": ((2,), {}),
    "empty": ((2,), {}),
    "full": (((2,), 1.0), {}),
    "arange": ((3,), {}),
    "eye": ((2,), {}),
    "linspace": ((0, 1, 3), {}),
    "rand": ((2,), {}),
    "randn": ((2,), {}),
    "randint": ((5, (2,)), {}),
    "randperm": ((3,), {}),
    "hann_window": ((3,), {}),
    "zeros_like": (("tensor",), {}),
    "rand_like": (("tensor",), {}),
    "tril_indices": ((2, 2), {}),
}


@pytest.mark.parametrize("name", CREATED)
def test_layout_and_pinned_memory(torch, name):
    args, kwargs = CREATED[name]
    for library in (rt, torch):
        given = [library.ones(2) if arg == "tensor" else arg for arg in args]
        function = getattr(library, name)
        expected = function(*given, **kwargs).shape
        assert function(*given, layout=library.strided, pin_memory=False, **kwargs).shape == expected
    assert getattr(rt, name)(*[rt.ones(2) if arg == "tensor" else arg for arg in args], pin_memory=True).dtype
    function, given = getattr(rt, name), [rt.ones(2) if arg == "tensor" else arg for arg in args]
    with pytest.raises(TypeError, match="strided"):
        function(*given, layout="sparse_coo")
    with pytest.raises(TypeError, match="pin_memory"):
        function(*given, pin_memory="yes")


def test_methods_that_create_take_them_and_others_do_not():
    x = rt.ones(2)
    assert x.new_zeros(3, layout=rt.strided, pin_memory=True).shape == (3,)
    with pytest.raises(TypeError, match="unexpected keyword"):
        rt.relu(x, pin_memory=True)


# ---- writes to results that derivatives need ----

IN_PLACE = {
    "cumprod": lambda m, y: y.cumprod_(0),
    "elu": lambda m, y: m.nn.functional.elu_(y),
    "celu": lambda m, y: m.nn.functional.celu_(y),
    "selu": lambda m, y: m.nn.functional.selu_(y),
    "leaky_relu": lambda m, y: m.nn.functional.leaky_relu_(y),
    "elu, as an option": lambda m, y: m.nn.functional.elu(y, inplace=True),
    "cumsum": lambda m, y: y.cumsum_(0),
    "hardswish": lambda m, y: m.nn.functional.hardswish(y, inplace=True),
}


@pytest.mark.parametrize("name", IN_PLACE)
@pytest.mark.parametrize("view", [False, True])
def test_writes_after_in_place_operations_as_in_pytorch(torch, name, view):
    def gradient(library, again):
        """That of the input, or what the error says."""
        x = library.tensor([1.0, -2.0, 3.0], requires_grad=True)
        y = x * 1
        IN_PLACE[name](library, y[:2] if view else y)
        if again:
            y.mul_(2)
        try:
            y.sum().backward()
        except RuntimeError as error:
            return str(error)
        return [round(value, 5) for value in x.grad.tolist()]

    for again in (False, True):
        ours, theirs = gradient(rt, again), gradient(torch, again)
        if isinstance(theirs, str):
            assert "modified by an inplace operation" in ours
            assert f"backward of {name.split(',')[0]}" in ours
        else:
            assert ours == theirs


def test_forked_streams_of_random_numbers():
    rt.manual_seed(5)
    expected = [rt.rand(3).tolist(), rt.rand(3).tolist()]
    rt.random.manual_seed(5)
    first = rt.rand(3).tolist()
    with rt.random.fork_rng():
        rt.rand(7)
        rt.manual_seed(1)
    assert [first, rt.rand(3).tolist()] == expected
    with pytest.raises(RuntimeError, match="no other devices"), rt.random.fork_rng(devices=[0]):
        pass
    with rt.random.fork_rng(enabled=False):
        rt.manual_seed(5)
    assert rt.rand(3).tolist() == expected[0]


def test_there_is_no_compiler():
    assert rt.compiler.disable(rt.relu) is rt.relu
    assert rt.compiler.disable()(rt.relu) is rt.relu
    assert rt.compiler.allow_in_graph(rt.relu) is rt.compiler.compile(rt.relu)
    assert (rt.compiler.is_compiling(), rt.compiler.is_exporting(), rt.compiler.reset()) == (False, False, None)
