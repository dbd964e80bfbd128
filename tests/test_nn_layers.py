"""Layers, losses and functions: what the table of `test_nn_parity.py` cannot express."""

import copy

import numpy as np
import pytest
import rutile as rt
from nn_helpers import assert_close, twin
from rutile import nn
from rutile.nn import functional as F

# Layers


def test_networks_print_like_torch():
    torch = pytest.importorskip("torch")

    def build(nn):
        block = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU())
        layers = nn.ModuleList([nn.ReLU(), nn.ReLU(), nn.Linear(1, 2), nn.Sequential(nn.Tanh())])
        return nn.Sequential(block, layers, nn.ModuleDict({"a": nn.ModuleList(), "b": nn.Sequential()}))

    assert repr(build(nn)) == repr(build(torch.nn))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: nn.Conv2d(3, 4, 3, groups=2), "in_channels=3 must be divisible by groups=2"),
        (lambda: nn.Conv2d(4, 3, 3, groups=2), "out_channels=3 must be divisible by groups=2"),
        (lambda: nn.Conv2d(3, 4, 3, groups=0), "groups must be positive, got 0"),
        (lambda: nn.Conv2d(3, 4, (3, 3, 3)), r"kernel_size must be an integer or 2 of them, got \(3, 3, 3\)"),
        (lambda: nn.Conv2d(3, 4, 3, stride=0), "stride must be positive"),
        (lambda: nn.Conv2d(3, 4, 3, padding=-1), "padding must be non-negative"),
        (lambda: nn.Conv2d(3, 4, 3, padding="full"), "'same' or 'valid', got 'full'"),
        (lambda: nn.Conv2d(3, 4, 3, stride=2, padding="same"), "not supported for strided convolutions"),
        (lambda: nn.Conv2d(3, 4, 3, padding_mode="mirror"), "padding_mode must be one of"),
        (lambda: nn.MaxPool2d(2, padding=2), "padding must be at most half of the window"),
        (lambda: nn.Dropout(1.5), "between 0 and 1, but got 1.5"),
        (lambda: nn.GroupNorm(3, 4), r"num_channels \(4\) must be divisible by num_groups \(3\)"),
        (lambda: nn.Embedding(3, 2, padding_idx=3), "padding_idx=3 must be within num_embeddings=3"),
        (lambda: nn.Linear(-1, 2), "in_features must be non-negative, got -1"),
        (lambda: nn.BatchNorm2d(2)(rt.zeros(2, 2)), r"expected 4D input \(got 2D input\)"),
        (lambda: nn.ReflectionPad2d((1, 2)), "padding must be one or 4 integers"),
    ],
)
def test_errors_quote_the_numbers(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_transposed_convolution_reaches_the_wanted_size():
    layer, x = nn.ConvTranspose2d(1, 1, 3, stride=2, padding=1), rt.randn(1, 1, 4, 4)
    for size in (7, 8):
        assert list(layer(x, output_size=(size, size)).shape) == [1, 1, size, size]
    with pytest.raises(ValueError, match=r"requested an output size of \(9, 9\), but valid sizes range from"):
        layer(x, output_size=(9, 9))


def test_embedding():
    layer = nn.Embedding(4, 3, padding_idx=1)
    assert layer.weight[1].tolist() == [0, 0, 0]
    layer(rt.tensor([[1, 2], [2, 3]])).sum().backward()
    assert layer.weight.grad.sum(1).tolist() == [0, 0, 6, 3]
    frozen = nn.Embedding.from_pretrained(rt.ones(2, 2))
    assert not frozen.weight.requires_grad
    assert frozen(rt.tensor(1)).tolist() == [1, 1]


def test_dropout_of_channels():
    x = rt.ones(8, 16, 3, 3)
    y = nn.Dropout2d(0.25)(x)
    sums = y.sum((2, 3))
    assert {round(v, 3) for v in sums.reshape(-1).tolist()} == {0.0, 12.0}
    assert nn.Dropout2d(0.25).eval()(x) is x
    assert list(nn.Dropout1d()(rt.ones(4, 5)).shape) == [4, 5]
    y = nn.AlphaDropout(0.3)(rt.randn(20000))
    assert abs(y.mean().item()) < 0.05
    assert abs(y.std().item() - 1) < 0.05


def test_lazy_layers_become_ordinary_ones():
    net = nn.Sequential(nn.LazyLinear(4), nn.LazyBatchNorm1d(), nn.LazyLinear(1))
    with pytest.raises(RuntimeError, match="no shape yet"):
        _ = net[0].weight.shape
    saved = copy.deepcopy(net)
    net(rt.randn(3, 5))
    assert [type(m).__name__ for m in net] == ["Linear", "BatchNorm1d", "Linear"]
    assert type(net[0].weight) is nn.Parameter
    assert list(net[0].weight.shape) == [4, 5]
    saved.load_state_dict(net.state_dict())
    x = rt.randn(2, 5)
    assert saved.eval()(x).tolist() == net.eval()(x).tolist()
    assert [type(m).__name__ for m in saved] == ["Linear", "BatchNorm1d", "Linear"]
    assert saved[0].in_features == 5
    assert saved[1].num_features == 4


# Losses


def probabilities(*shape):
    return rt.rand(*shape) * 0.9 + 0.05


LOSSES = [
    ("mse_loss", lambda: (rt.randn(3, 4), rt.randn(3, 4)), {}),
    ("l1_loss", lambda: (rt.randn(3, 4), rt.randn(3, 4)), {}),
    ("smooth_l1_loss", lambda: (rt.randn(3, 4) * 2, rt.randn(3, 4)), {"beta": 0.7}),
    ("smooth_l1_loss", lambda: (rt.randn(3, 4), rt.randn(3, 4)), {"beta": 0.0}),
    ("huber_loss", lambda: (rt.randn(3, 4) * 2, rt.randn(3, 4)), {"delta": 0.7}),
    ("cross_entropy", lambda: (rt.randn(3, 4), rt.tensor([0, 3, 1])), {"label_smoothing": 0.1}),
    ("nll_loss", lambda: (rt.randn(3, 4), rt.tensor([0, 3, 1])), {"ignore_index": 3}),
    ("binary_cross_entropy", lambda: (probabilities(3, 4), probabilities(3, 4)), {}),
    ("binary_cross_entropy_with_logits", lambda: (rt.randn(3, 4) * 30, probabilities(3, 4)), {}),
    ("kl_div", lambda: (probabilities(3, 4).log(), probabilities(3, 4)), {}),
    ("kl_div", lambda: (probabilities(3, 4).log(), probabilities(3, 4).log()), {"log_target": True}),
    ("poisson_nll_loss", lambda: (rt.randn(3, 4), rt.tensor([[0.0, 1, 2, 3]] * 3)), {"full": True}),
    ("poisson_nll_loss", lambda: (probabilities(3, 4), probabilities(3, 4)), {"log_input": False}),
    ("gaussian_nll_loss", lambda: (rt.randn(3, 4), rt.randn(3, 4), probabilities(3, 1)), {"full": True}),
    ("hinge_embedding_loss", lambda: (rt.randn(4), rt.tensor([1.0, -1, 1, -1])), {"margin": 0.5}),
    ("margin_ranking_loss", lambda: (rt.randn(4), rt.randn(4), rt.tensor([1.0, -1, 1, -1])), {"margin": 0.5}),
    ("soft_margin_loss", lambda: (rt.randn(4), rt.tensor([1.0, -1, 1, -1])), {}),
    ("cosine_embedding_loss", lambda: (rt.randn(4, 3), rt.randn(4, 3), rt.tensor([1, -1, 1, -1])), {"margin": 0.1}),
    ("triplet_margin_loss", lambda: tuple(rt.randn(4, 3) for _ in range(3)), {"swap": True}),
    ("multi_margin_loss", lambda: (rt.randn(3, 4), rt.tensor([0, 3, 1])), {"p": 2}),
    ("multilabel_margin_loss", lambda: (rt.randn(2, 4), rt.tensor([[3, 0, -1, 1], [1, -1, 0, 0]])), {}),
    ("multilabel_soft_margin_loss", lambda: (rt.randn(3, 4), probabilities(3, 4)), {}),
]


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize(
    ("name", "inputs", "kwargs"), LOSSES, ids=lambda value: value if isinstance(value, str) else ""
)
@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")
def test_loss_like_torch(name, inputs, kwargs, reduction):
    torch = pytest.importorskip("torch")
    ours = inputs()
    theirs = [twin(torch, x) for x in ours]
    x, expected_x = ours[0].detach().requires_grad_(), theirs[0].requires_grad_()
    loss = getattr(F, name)(x, *ours[1:], reduction=reduction, **kwargs)
    expected = getattr(torch.nn.functional, name)(expected_x, *theirs[1:], reduction=reduction, **kwargs)
    assert_close(loss, expected)
    loss.sum().backward()
    expected.sum().backward()
    assert_close(x.grad, expected_x.grad, 1e-4)


def test_weighted_losses():
    x, y, w = rt.randn(3, 2), rt.randn(3, 2), probabilities(3, 2)
    assert F.mse_loss(x, y, weight=w).item() == pytest.approx(((x - y).square() * w).sum().item() / w.sum().item())
    weight = rt.tensor([1.0, 2.0])
    loss = nn.CrossEntropyLoss(weight=weight, ignore_index=-1)
    assert list(loss.state_dict()) == ["weight"]
    assert loss(rt.zeros(3, 2), rt.tensor([0, 1, -1])).item() == pytest.approx(0.6931472)


def test_losses_check_their_arguments():
    with pytest.warns(UserWarning, match="Using a target size"):
        F.mse_loss(rt.zeros(2, 1), rt.zeros(2))
    with pytest.raises(ValueError, match="is not a valid value for reduction"):
        F.l1_loss(rt.zeros(1), rt.zeros(1), reduction="median")
    with pytest.raises(ValueError, match="must be the same as input size"):
        F.binary_cross_entropy_with_logits(rt.zeros(2), rt.zeros(3))
    with pytest.raises(RuntimeError, match="between 0 and 1"):
        F.binary_cross_entropy(rt.tensor([1.5]), rt.tensor([1.0]))
    with pytest.warns(UserWarning, match="reduction='sum'"):
        assert nn.MSELoss(size_average=False).reduction == "sum"


def test_saturated_probabilities_give_finite_gradients():
    p = rt.tensor([0.0, 1.0, 0.0, 1.0], requires_grad=True)
    loss = F.binary_cross_entropy(p, rt.tensor([0.0, 1.0, 1.0, 0.0]), reduction="none")
    assert loss.tolist() == [0.0, 0.0, 100.0, 100.0]
    loss.sum().backward()
    assert all(abs(g) < float("inf") for g in p.grad.tolist())


# Functions


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
@pytest.mark.parametrize(
    ("shape", "widths"), [((2, 5), (2, 1)), ((1, 2, 4, 5), (1, 3, 0, 2)), ((2, 3, 4, 5), (1, 2, 2, 0, 1, 1))]
)
def test_pad_like_torch(mode, shape, widths):
    torch = pytest.importorskip("torch")
    x = rt.randn(*shape)
    assert_close(F.pad(x, widths, mode), torch.nn.functional.pad(twin(torch, x), widths, mode))


def test_pad_refuses_what_it_cannot_do():
    with pytest.raises(RuntimeError, match=r"must not exceed 2 at dimension 1 of input \[1, 3\]"):
        F.pad(rt.zeros(1, 3), (3, 0), "reflect")
    with pytest.raises(NotImplementedError, match="needs 3 or 4 dimensions"):
        F.pad(rt.zeros(1, 3), (1, 1, 1, 1), "circular")


def test_gumbel_softmax():
    sample = F.gumbel_softmax(rt.zeros(50, 3), hard=True)
    assert sample.sum(1).tolist() == pytest.approx([1.0] * 50)
    assert set(sample.round().reshape(-1).tolist()) == {
        0.0,
        1.0,
    }


@pytest.mark.parametrize("out", [(), (2,), (2, 3)])
@pytest.mark.parametrize("batch", [(), (5,)])
@pytest.mark.parametrize("kind", ["indices", "probabilities", "ignored"])
def test_linear_cross_entropy_is_pytorchs(torch, out, batch, kind):
    if out and not batch:
        pytest.skip("further axes want a batch")
    rng = np.random.default_rng(0)
    features, target = rng.normal(size=(*batch, 6)), rng.integers(0, 4, (*batch, *out))
    if kind == "probabilities":
        target = rng.dirichlet(np.ones(4), (*batch, *out)).reshape(*batch, *out, 4)
        target = np.moveaxis(target, -1, len(batch))
    options = {"ignore_index": 1} if kind == "ignored" else {"label_smoothing": 0.1}
    arrays = {
        "linear.weight": rng.normal(size=(4 * int(np.prod(out)), 6)),
        "linear.bias": rng.normal(size=4 * int(np.prod(out))),
    }

    def run(lib):
        weight = lib.tensor([1.0, 2.0, 0.5, 1.5], dtype=lib.float64)
        loss = lib.nn.LinearCrossEntropyLoss(
            6, 4, out_features=out, bias=True, dtype=lib.float64, weight=weight, **options
        )
        loss.load_state_dict({name: lib.tensor(array) for name, array in arrays.items()}, strict=False)
        x = lib.tensor(features, requires_grad=True)
        value = loss(x, lib.tensor(target))
        value.backward()
        return [value.item(), x.grad.numpy(), loss.linear.weight.grad.numpy(), sorted(loss.state_dict())]

    for ours, theirs in zip(run(rt)[:3], run(torch)[:3], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-14)
    assert run(rt)[3] == run(torch)[3]
    with pytest.raises(ValueError, match="options"):
        rt.nn.LinearCrossEntropyLoss(2, 3, options={})


def test_conv_tbc_is_pytorchs(torch):
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=shape) for shape in ((7, 2, 3), (3, 3, 4), (4,))]
    ours = rt.nn.functional.conv_tbc(*map(rt.tensor, arrays), pad=1)
    theirs = torch.nn.functional.conv_tbc(*map(torch.tensor, arrays), pad=1)
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-12)
