"""Pruning: masks, parameters and their history agree with PyTorch's."""

import numpy as np
import pytest
import rutile as rt
from rutile import nn
from rutile.nn.utils import prune

# Each program prunes a convolution and a linear layer; `lib` is the library's prune module.
PROGRAMS = {
    "l1": lambda lib, net: lib.l1_unstructured(net[0], "weight", 0.3),
    "l1 count": lambda lib, net: lib.l1_unstructured(net[0], "bias", 2),
    "l1 nothing": lambda lib, net: lib.l1_unstructured(net[0], "weight", 0.0),
    "l1 twice": lambda lib, net: [lib.l1_unstructured(net[0], "weight", 0.5) for _ in range(3)],
    "ln": lambda lib, net: lib.ln_structured(net[0], "weight", 0.5, n=2, dim=0),
    "ln last": lambda lib, net: lib.ln_structured(net[0], "weight", 1, n=1, dim=-1),
    "ln infinite": lambda lib, net: lib.ln_structured(net[2], "weight", 2, n=float("inf"), dim=1),
    "ln after l1": lambda lib, net: [
        lib.l1_unstructured(net[2], "weight", 0.4),
        lib.ln_structured(net[2], "weight", 1, n=2, dim=0),
        lib.ln_structured(net[2], "weight", 1, n=2, dim=0),
        lib.l1_unstructured(net[2], "weight", 0.5),
    ],
    "identity": lambda lib, net: lib.identity(net[0], "weight"),
    "global": lambda lib, net: lib.global_unstructured(
        [(net[0], "weight"), (net[2], "weight"), (net[2], "bias")], lib.L1Unstructured, amount=0.6
    ),
    "global after l1": lambda lib, net: [
        lib.l1_unstructured(net[2], "weight", 0.5),
        lib.global_unstructured([(net[0], "weight"), (net[2], "weight")], lib.L1Unstructured, amount=9),
    ],
    "removed": lambda lib, net: [lib.l1_unstructured(net[0], "weight", 0.3), lib.remove(net[0], "weight")],
}


def network(lib, arrays):
    net = lib.nn.Sequential(lib.nn.Conv2d(2, 4, 3), lib.nn.Flatten(), lib.nn.Linear(16, 5)).double()
    net.load_state_dict({name: lib.tensor(array) for name, array in arrays.items()})
    return net


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=list(PROGRAMS))
def test_pruning_is_pytorchs(torch, program):
    import torch.nn.utils.prune as torch_prune

    arrays = {name: value.numpy().copy() for name, value in network_arrays().items()}
    ours, theirs = network(rt, arrays), network(torch, arrays)
    program(prune, ours)
    program(torch_prune, theirs)
    x = np.random.default_rng(1).normal(size=(3, 2, 4, 4))
    for lib, net in ((rt, ours), (torch, theirs)):
        optimizer = lib.optim.SGD(net.parameters(), 0.1)
        for _ in range(2):
            optimizer.zero_grad()
            net(lib.tensor(x)).square().sum().backward()
            optimizer.step()
    mine, other = ours.state_dict(), theirs.state_dict()
    assert list(mine) == list(other)
    for name in mine:
        np.testing.assert_allclose(mine[name].numpy(), other[name].numpy(), rtol=1e-12, err_msg=name)
    assert [name for name, _ in ours.named_parameters()] == [name for name, _ in theirs.named_parameters()]
    assert prune.is_pruned(ours) == torch_prune.is_pruned(theirs)


def network_arrays():
    net = nn.Sequential(nn.Conv2d(2, 4, 3), nn.Flatten(), nn.Linear(16, 5)).double()
    return net.state_dict()


def test_random_methods_prune_as_many_as_they_are_told():
    layer = prune.random_unstructured(nn.Linear(10, 10), "weight", 0.3)
    assert int((layer.weight_mask == 0).sum()) == 30
    prune.random_unstructured(layer, "weight", 20)
    assert int((layer.weight_mask == 0).sum()) == 50
    layer = prune.random_structured(nn.Conv2d(3, 8, 3), "weight", 0.25, dim=0)
    kept = layer.weight_mask.sum((1, 2, 3))
    assert sorted(kept.tolist()) == [0.0] * 2 + [27.0] * 6
    prune.random_structured(layer, "weight", 3, dim=0)
    assert int((layer.weight_mask.sum((1, 2, 3)) == 0).sum()) == 5


def test_importance_and_masks_may_be_given():
    layer = prune.l1_unstructured(nn.Linear(3, 1), "weight", 1, importance_scores=rt.tensor([[3.0, 1.0, 2.0]]))
    assert layer.weight_mask.tolist() == [[1, 0, 1]]
    prune.custom_from_mask(layer, "weight", rt.tensor([[0, 1, 1]]))
    assert layer.weight_mask.tolist() == [[0, 0, 1]]
    assert len(next(iter(layer._forward_pre_hooks.values()))) == 2
    t = rt.tensor([1.0, -3.0, 2.0])
    method = prune.L1Unstructured(2)
    assert method.prune(t).tolist() == [0, -3, 0]
    assert method.prune(t, importance_scores=rt.tensor([2.0, 0.0, 1.0])).tolist() == [1, 0, 0]


def test_masks_come_with_the_state():
    net = nn.Sequential(prune.l1_unstructured(nn.Linear(3, 2), "weight", 0.5))
    twin = nn.Sequential(prune.identity(nn.Linear(3, 2), "weight"))
    twin.load_state_dict(net.state_dict())
    x = rt.ones(1, 3)
    assert rt.equal(net(x), twin(x))
    prune.remove(net[0], "weight")
    assert not prune.is_pruned(net)
    assert prune.is_pruned(twin)
    assert rt.equal(net(x), twin(x))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda layer: prune.l1_unstructured(layer, "weight", 1.5), ValueError, "amount=1.5"),
        (lambda layer: prune.l1_unstructured(layer, "weight", -1), ValueError, "amount=-1"),
        (lambda layer: prune.l1_unstructured(layer, "weight", 99), ValueError, "amount=99"),
        (lambda layer: prune.l1_unstructured(layer, "weight", "half"), TypeError, "Must be int or float"),
        (lambda layer: prune.ln_structured(layer, "bias", 1, 2, 0), ValueError, "multidimensional"),
        (lambda layer: prune.ln_structured(layer, "weight", 1, 2, 4), IndexError, "Invalid index 4"),
        (lambda layer: prune.remove(layer, "weight"), ValueError, "has to be pruned before"),
        (lambda layer: prune.custom_from_mask(layer, "weight", rt.ones(2)), ValueError, "does not fit"),
        (lambda layer: prune.l1_unstructured(layer, "weight", 1, rt.ones(2)), ValueError, "importance_scores"),
        (lambda layer: prune.global_unstructured([], prune.L1Unstructured, amount=1), TypeError, "got none"),
        (
            lambda layer: prune.global_unstructured([(layer, "weight")], prune.LnStructured, amount=1, n=2),
            TypeError,
            "unstructured",
        ),
    ],
)
def test_errors_leave_the_parameter_alone(call, error, message):
    layer = nn.Linear(3, 2)
    with pytest.raises(error, match=message):
        call(layer)
    assert sorted(layer.state_dict()) == ["bias", "weight"]
    assert not prune.is_pruned(layer)
