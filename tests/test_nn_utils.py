"""Parametrizations, norms of weights, and fused layers, against PyTorch and against what they promise."""

import copy

import numpy as np
import pytest
import rutile as rt
from rutile import nn
from rutile.nn.utils import parametrize


def same_values(ours, theirs):
    """Copies the numbers of PyTorch's module into ours; both have the same keys."""
    state = {key: rt.tensor(value.detach().numpy()) for key, value in theirs.state_dict().items()}
    assert list(ours.state_dict()) == list(state)
    ours.load_state_dict(state)


LAYERS = [("Linear", (3, 4), (2, 3)), ("Conv2d", (3, 4, 3), (2, 3, 5, 5)), ("ConvTranspose1d", (3, 4, 3), (2, 3, 5))]


@pytest.mark.parametrize(("layer", "args", "shape"), LAYERS)
@pytest.mark.parametrize("place", ["utils", "utils.parametrizations"])
@pytest.mark.parametrize(
    ("norm", "options"),
    [("weight_norm", {}), ("weight_norm", {"dim": 1}), ("weight_norm", {"dim": None}), ("spectral_norm", {}),
     ("spectral_norm", {"n_power_iterations": 3, "dim": 1})],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning")
def test_norms_of_weights_like_torch(torch, layer, args, shape, place, norm, options):
    pair = []
    for library in (rt, torch):
        home = library.nn.utils if place == "utils" else library.nn.utils.parametrizations
        pair.append(getattr(home, norm)(getattr(library.nn, layer)(*args), **options))
    ours, theirs = pair
    same_values(ours, theirs)
    x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    for training in (True, True, False):
        outputs = []
        for module, tensor in ((ours, rt.tensor(x)), (theirs, torch.tensor(x))):
            module.train(training)
            module.zero_grad()
            y = module(tensor)
            y.square().sum().backward()
            outputs.append([y.detach().numpy(), *(p.grad.numpy() for _, p in sorted(module.named_parameters()))])
        for a, b in zip(*outputs, strict=True):
            assert np.allclose(a, b, rtol=1e-4, atol=1e-5)
    for a, b in zip(ours.state_dict().values(), theirs.state_dict().values(), strict=True):
        assert np.allclose(a.numpy(), b.numpy(), atol=1e-5)


@pytest.mark.parametrize("norm", ["weight_norm", "spectral_norm"])
def test_older_norms_are_removed(norm):
    layer = getattr(nn.utils, norm)(nn.Linear(3, 4)).eval()
    x = rt.randn(2, 3)
    before = layer(x)
    getattr(nn.utils, f"remove_{norm}")(layer)
    assert sorted(layer.state_dict()) == ["bias", "weight"]
    assert np.allclose(layer(x).detach().numpy(), before.detach().numpy(), atol=1e-6)
    with pytest.raises(ValueError, match="not found"):
        getattr(nn.utils, f"remove_{norm}")(layer)


class Symmetric(nn.Module):
    def forward(self, x):
        return x.triu() + x.triu(1).t()

    def right_inverse(self, x):
        return x.triu()


class Doubled(nn.Module):
    calls = 0

    def forward(self, x):
        Doubled.calls += 1
        return 2 * x

    def right_inverse(self, x):
        return x / 2


def test_parametrizations():
    layer = nn.Linear(3, 3)
    plain = type(layer)
    parametrize.register_parametrization(layer, "weight", Symmetric())
    assert isinstance(layer, plain)
    assert parametrize.is_parametrized(layer)
    assert not parametrize.is_parametrized(layer, "bias")
    assert sorted(name for name, _ in layer.named_parameters()) == ["bias", "parametrizations.weight.original"]
    symmetric = layer.weight
    parametrize.register_parametrization(layer, "weight", Doubled())
    assert np.allclose(layer.weight.detach().numpy(), symmetric.detach().numpy(), atol=1e-6)
    layer(rt.ones(1, 3)).sum().backward()
    assert layer.parametrizations.weight.original.grad is not None
    wanted = rt.tensor([[1.0, 2.0, 3.0], [2.0, 4.0, 5.0], [3.0, 5.0, 6.0]])
    layer.weight = wanted
    assert layer.weight.tolist() == wanted.tolist()
    other = copy.deepcopy(layer)
    other.weight = 2 * wanted
    assert layer.weight.tolist() == wanted.tolist()
    Doubled.calls = 0
    with parametrize.cached():
        assert layer.weight is layer.weight
    assert Doubled.calls == 1
    parametrize.remove_parametrizations(layer, "weight")
    assert type(layer) is plain
    assert layer.weight.tolist() == wanted.tolist()
    assert isinstance(layer.weight, nn.Parameter)


def test_parametrizations_are_checked():
    with pytest.raises(ValueError, match="does not have a parameter or buffer named 'w'"):
        parametrize.register_parametrization(nn.Linear(1, 1), "w", Doubled())
    with pytest.raises(ValueError, match="may not change the shape or dtype"):
        parametrize.register_parametrization(nn.Linear(2, 2), "weight", nn.Flatten(0))
    with pytest.raises(ValueError, match="does not have a parametrization"):
        parametrize.remove_parametrizations(nn.Linear(2, 2), "weight")


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("affine", [True, False])
def test_fused_layers(bias, affine):
    cases = [
        (nn.Conv2d(3, 4, 3, bias=bias), nn.BatchNorm2d(4, affine=affine), (2, 3, 6, 6), False),
        (nn.ConvTranspose2d(3, 4, 3, bias=bias), nn.BatchNorm2d(4, affine=affine), (2, 3, 6, 6), True),
        (nn.Linear(3, 4, bias=bias), nn.BatchNorm1d(4, affine=affine), (5, 3), False),
    ]
    for layer, norm, shape, transpose in cases:
        x = rt.randn(*shape)
        for _ in range(3):
            norm(layer(x))
        if affine:
            nn.init.uniform_(norm.weight)
            nn.init.uniform_(norm.bias)
        with pytest.raises(AssertionError, match="eval"):
            nn.utils.fuse_conv_bn_eval(layer, norm)
        layer.eval(), norm.eval()
        if isinstance(layer, nn.Linear):
            fused = nn.utils.fuse_linear_bn_eval(layer, norm)
        else:
            fused = nn.utils.fuse_conv_bn_eval(layer, norm, transpose)
        assert np.allclose(fused(x).detach().numpy(), norm(layer(x)).detach().numpy(), atol=1e-5)


@pytest.mark.parametrize("trivialize", [True, False])
@pytest.mark.parametrize("kind", [None, "matrix_exp", "cayley", "householder"])
@pytest.mark.parametrize("shape", [(3, 3), (5, 2), (2, 4), (2, 4, 3), (1, 1)])
def test_orthogonal_is_pytorchs(torch, shape, kind, trivialize):
    initial = np.random.default_rng(3).normal(size=shape)

    def make(lib):
        layer = lib.nn.Module()
        layer.weight = lib.nn.Parameter(lib.tensor(initial))
        return lib.nn.utils.parametrizations.orthogonal(layer, "weight", kind, use_trivialization=trivialize)

    ours, theirs = make(rt), make(torch)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    if trivialize:
        # The columns that complete a base are drawn at random.
        ours.parametrizations.weight[0].base = rt.tensor(theirs.parametrizations.weight[0].base.numpy())
    for lib, layer in ((rt, ours), (torch, theirs)):
        optimizer = lib.optim.SGD(layer.parameters(), 0.1)
        for _ in range(3):
            optimizer.zero_grad()
            (layer.weight * lib.tensor(initial)).exp().sum().backward()
            optimizer.step()
    weight = ours.weight.detach().numpy()
    np.testing.assert_allclose(weight, theirs.weight.detach().numpy(), rtol=1e-9, atol=1e-12)
    small = min(shape[-2:])
    tall = weight if shape[-2] >= shape[-1] else weight.swapaxes(-1, -2)
    np.testing.assert_allclose(
        tall.swapaxes(-1, -2) @ tall, np.broadcast_to(np.eye(small), (*shape[:-2], small, small)), atol=1e-12
    )


def test_an_orthogonal_weight_is_kept_and_may_be_assigned():
    layer = rt.nn.Linear(4, 4).double()
    rt.nn.init.orthogonal_(layer.weight)
    before = layer.weight.detach().clone()
    rt.nn.utils.parametrizations.orthogonal(layer)
    assert rt.allclose(layer.weight, before)
    layer.weight = before.T
    assert rt.allclose(layer.weight, before.T)
    with pytest.raises(ValueError, match="orthogonal_map has to be one of"):
        rt.nn.utils.parametrizations.orthogonal(rt.nn.Linear(2, 2), orthogonal_map="qr")
    with pytest.raises(ValueError, match="Expected a matrix"):
        rt.nn.utils.parametrizations.orthogonal(rt.nn.Linear(2, 2), "bias")
