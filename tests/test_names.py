"""Every name under which an operation is found: aliases, in-place functions, and what PyTorch has besides."""

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
