"""Initialisers, and help with gradients and parameters."""

import pytest
import rutile as rt
from nn_helpers import assert_close
from rutile import nn
from rutile.nn import functional as F

# Initialisation


@pytest.mark.parametrize("distribution", ["uniform", "normal"])
@pytest.mark.parametrize("family", ["", "xavier_", "kaiming_"])
def test_random_initialisers_have_torchs_moments(family, distribution):
    torch = pytest.importorskip("torch")
    name = f"{family}{distribution}_"
    ours = getattr(nn.init, name)(rt.empty(64, 32, 3, 3))
    theirs = getattr(torch.nn.init, name)(torch.empty(64, 32, 3, 3))
    scale = theirs.std().item()
    assert ours.mean().item() == pytest.approx(theirs.mean().item(), abs=0.05 * scale)
    assert ours.std().item() == pytest.approx(scale, rel=0.05)
    assert ours.max().item() == pytest.approx(theirs.max().item(), rel=0.4)


def test_layers_start_with_torchs_distributions():
    torch = pytest.importorskip("torch")
    for name, args in (
        ("Linear", (200, 100)),
        ("Conv2d", (32, 64, 3)),
        ("Embedding", (100, 50)),
        ("Bilinear", (9, 20, 30)),
    ):
        ours, theirs = getattr(nn, name)(*args).state_dict(), getattr(torch.nn, name)(*args).state_dict()
        for key, value in theirs.items():
            assert ours[key].std().item() == pytest.approx(value.std().item(), rel=0.3), (name, key)


def test_truncated_normal():
    values = nn.init.trunc_normal_(rt.empty(20000), mean=1.0, std=2.0, a=-1.0, b=1.0)
    assert values.min().item() >= -1
    assert values.max().item() <= 1
    # Left of the mean, by symmetry: E = mean - std * (pdf(0) - pdf(1)) / (cdf(0) - cdf(-1)).
    assert values.mean().item() == pytest.approx(1 - 2 * (0.398942 - 0.241971) / 0.341345, abs=0.02)


def test_exact_initialisers():
    assert nn.init.eye_(rt.empty(2, 3)).tolist() == [[1, 0, 0], [0, 1, 0]]
    assert nn.init.constant_(rt.empty(2), 3).tolist() == [3, 3]
    x = rt.randn(1, 3, 5)
    assert_close(F.conv1d(x, nn.init.dirac_(rt.empty(3, 3, 3)), padding=1), x)
    q = nn.init.orthogonal_(rt.empty(3, 5), gain=2)
    assert_close(q @ q.t(), 4 * rt.eye(3))
    assert (nn.init.sparse_(rt.empty(10, 4), 0.35) == 0).sum(0).tolist() == [4, 4, 4, 4]
    with pytest.raises(ValueError, match="fewer than 2 dimensions"):
        nn.init.xavier_uniform_(rt.empty(3))
    with pytest.warns(FutureWarning, match="nn.init.kaiming_normal_"):
        nn.init.kaiming_normal(rt.empty(2, 2))


# Utilities


def test_clip_grad():
    a, b = nn.Parameter(rt.zeros(2)), nn.Parameter(rt.zeros(1))
    a.grad, b.grad = rt.tensor([3.0, 0.0]), rt.tensor([4.0])
    assert nn.utils.clip_grad_norm_([a, b], 10.0).item() == pytest.approx(5.0)
    assert b.grad.item() == pytest.approx(4.0)
    assert nn.utils.clip_grad_norm_([a, b], 1.0, norm_type=float("inf")).item() == pytest.approx(4.0)
    assert a.grad.tolist() == pytest.approx([0.75, 0.0])
    assert b.grad.item() == pytest.approx(1.0)
    nn.utils.clip_grad_value_(a, 0.5)
    assert a.grad.tolist() == [0.5, 0.0]
    b.grad.fill_(float("inf"))
    with pytest.raises(RuntimeError, match="non-finite"):
        nn.utils.clip_grad_norm_(b, 1.0, error_if_nonfinite=True)


def test_parameters_as_one_vector():
    layer = nn.Linear(2, 3)
    nn.utils.vector_to_parameters(rt.arange(9.0), layer.parameters())
    assert layer.weight.tolist() == [[0, 1], [2, 3], [4, 5]]
    assert layer.bias.tolist() == [6, 7, 8]
    assert nn.utils.parameters_to_vector(layer.parameters()).tolist() == list(range(9))
