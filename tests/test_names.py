"""Every name under which an operation is found: aliases, in-place functions, and what PyTorch has besides."""

import numpy as np
import pytest
import rutile as rt
from samples import OPS, RUTILE, Call, assert_same, torch_library

ALIASES = [(op, place, alias) for op in OPS for place, alias in op["aliases"]]
MODULES = {"rutile": rt, "nn.functional": rt.nn.functional, "special": rt.special, "linalg": rt.linalg}
INPLACE_FUNCTIONS = [
    (op, place) for op in OPS if op["inplace"] for place in op["at"] if place in ("rutile", "nn.functional")
]


def first_sample(op, place, name):
    """The first sample of `op` under another name."""
    return Call({**op, "name": name, "samples": op["samples"]}, place, 0)


@pytest.mark.parametrize(("op", "place", "alias"), ALIASES, ids=[f"{p}-{a}" for _, p, a in ALIASES])
def test_an_alias_does_what_the_operation_and_pytorch_do(torch, op, place, alias):
    call = first_sample(op, place, alias)
    result = call.run(RUTILE)
    assert_same(result, call.run(torch_library(torch)), 8)
    function = RUTILE.callable(alias, place)
    assert function.__name__ == alias
    assert function.__doc__


@pytest.mark.parametrize(
    ("op", "place", "alias"), [a for a in ALIASES if a[0]["inplace"] and a[1] == "Tensor"], ids=lambda a: str(a)[:20]
)
def test_aliases_have_inplace_twins(op, place, alias):
    assert callable(getattr(rt.Tensor, f"{alias}_"))


@pytest.mark.parametrize(
    ("op", "place"), INPLACE_FUNCTIONS, ids=[f"{place}-{op['name']}" for op, place in INPLACE_FUNCTIONS]
)
def test_inplace_functions_write_to_their_argument_and_return_it(op, place):
    def make(array, kind):
        return RUTILE.tensor(array)

    for number in range(len(op["samples"])):
        call = Call(op, place, number)
        args, kwargs = call.arguments(RUTILE, make)
        if call.run(RUTILE).shape == args[0].shape:  # the result fits its target
            break
    expected = call.run(RUTILE).to(args[0].dtype)
    result = getattr(MODULES[place], f"{op['name']}_")(*args, **kwargs)
    assert result is args[0]
    assert_same(result, expected, 0)


def test_the_target_may_be_named():
    x = rt.tensor([1.0, -1.0])
    assert rt.relu_(input=x) is x
    assert x.tolist() == [1.0, 0.0]
    with pytest.raises(TypeError, match="missing required argument"):
        rt.relu_()


LAYERS = {
    "adaptive_max_pool1d": lambda t, x: t.adaptive_max_pool1d(x(2, 6), 3),
    "alpha_dropout": lambda t, x: t.alpha_dropout(x(3, 4), 0.5, False),
    "batch_norm": lambda t, x: t.batch_norm(x(3, 4), x(4), None, x(4), x(4).abs(), False, 0.1, 1e-5, False),
    "bilinear": lambda t, x: t.bilinear(x(2, 3), x(2, 4), x(5, 3, 4), x(5)),
    "channel_shuffle": lambda t, x: t.channel_shuffle(x(1, 4, 2, 2), 2),
    "constant_pad_nd": lambda t, x: t.constant_pad_nd(x(2, 3), (1, 2), 1.5),
    "cosine_similarity": lambda t, x: t.cosine_similarity(x(2, 3), x(2, 3)),
    "feature_alpha_dropout": lambda t, x: t.feature_alpha_dropout(x(3, 4, 2), 0.5, False),
    "feature_dropout": lambda t, x: t.feature_dropout(x(3, 4, 2), 0.5, False),
    "gru_cell": lambda t, x: t.gru_cell(x(2, 3), x(2, 4), x(12, 3), x(12, 4), x(12), x(12)),
    "instance_norm": lambda t, x: t.instance_norm(x(3, 4, 5), x(4), x(4), None, None, True, 0.1, 1e-5, False),
    "lstm_cell": lambda t, x: t.lstm_cell(x(2, 3), (x(2, 4), x(2, 4)), x(16, 3), x(16, 4)),
    "max_pool1d_with_indices": lambda t, x: t.max_pool1d_with_indices(x(2, 6), 2),
    "pairwise_distance": lambda t, x: t.pairwise_distance(x(2, 3), x(2, 3)),
    "pixel_shuffle": lambda t, x: t.pixel_shuffle(x(1, 4, 2, 2), 2),
    "pixel_unshuffle": lambda t, x: t.pixel_unshuffle(x(1, 1, 2, 2), 2),
    "rnn_relu_cell": lambda t, x: t.rnn_relu_cell(x(2, 3), x(2, 4), x(4, 3), x(4, 4), x(4), x(4)),
    "rnn_tanh_cell": lambda t, x: t.rnn_tanh_cell(x(2, 3), x(2, 4), x(4, 3), x(4, 4)),
    "rrelu": lambda t, x: t.rrelu(x(2, 3)),
    "rrelu_": lambda t, x: t.rrelu_(x(2, 3)),
}


def test_all_functions_of_layers_are_tried():
    assert set(LAYERS) == set(rt._LAZY["_layers"].split())


@pytest.mark.parametrize("name", LAYERS)
def test_functions_of_layers_in_the_root_as_in_pytorch(torch, name):
    def made(library):
        rng = np.random.default_rng(0)
        return lambda *shape: library.tensor(rng.uniform(-2, 2, shape))

    ours, theirs = (LAYERS[name](library.module, made(library)) for library in (RUTILE, torch_library(torch)))
    assert_same(ours, theirs, 64)
