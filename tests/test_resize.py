"""Resizing, grid sampling, embedding bags, CTC, unpooling: what the tables of samples and modules cannot express."""

import itertools

import numpy as np
import pytest
import rutile as rt
from rutile.nn import functional as F
from samples import assert_same


def both(torch, *shape, dtype="float64", low=-2.0, high=2.0):
    """The same random tensor in both libraries, wanting gradients."""
    array = np.random.uniform(low, high, shape)
    return [library.tensor(array.tolist(), dtype=getattr(library, dtype)).requires_grad_() for library in (rt, torch)]


def compare(torch, ours, theirs, leaves, ulps=256):
    assert_same(ours, theirs, ulps=ulps)
    weights = [library.linspace(0.5, 1.5, ours.numel(), dtype=library.float64) for library in (rt, torch)]
    grads = [
        library.autograd.grad((result.reshape(-1) * weight).sum(), pair)
        for library, result, weight, pair in zip(
            (rt, torch), (ours, theirs), weights, zip(*leaves, strict=True), strict=True
        )
    ]
    assert_same(list(grads[0]), list(grads[1]), ulps=4 * ulps, scale=8.0)


@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
@pytest.mark.parametrize("size", [(3, 4), (9, 11), (5, 20), (1, 1)])
@pytest.mark.parametrize("align", [False, True])
def test_antialiased_images_as_in_pytorch(torch, mode, size, align):
    a, b = both(torch, 2, 2, 7, 9)
    options = {"size": size, "mode": mode, "antialias": True, "align_corners": align}
    compare(torch, F.interpolate(a, **options), torch.nn.functional.interpolate(b, **options), [(a, b)])


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact"])
def test_nearest_picks_the_same_element_in_float32(torch, mode):
    """Which element is nearest depends on how coordinates are rounded."""
    for extent, size in itertools.product(range(1, 40), (1, 2, 3, 7, 13, 36, 50, 99)):
        x = np.arange(extent, dtype=np.float32)[None, None]
        ours = F.interpolate(rt.from_numpy(x), size, mode=mode)
        theirs = torch.nn.functional.interpolate(torch.from_numpy(x), size, mode=mode)
        assert ours.tolist() == theirs.tolist(), (extent, size)
    for factor in (0.3, 0.7, 1.5, 2.3, 3.0):
        x = np.arange(30, dtype=np.float32)[None, None]
        ours = F.interpolate(rt.from_numpy(x), scale_factor=factor, mode=mode)
        theirs = torch.nn.functional.interpolate(torch.from_numpy(x), scale_factor=factor, mode=mode)
        assert ours.tolist() == theirs.tolist(), factor


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_smaller_floats_are_resized_in_float32(torch, dtype):
    a, b = both(torch, 1, 2, 5, 4, dtype=dtype)
    for mode in ("bilinear", "bicubic", "nearest"):
        ours = F.interpolate(a, (7, 3), mode=mode)
        theirs = torch.nn.functional.interpolate(b.float(), (7, 3), mode=mode)
        assert ours.dtype == a.dtype
        assert_same(ours, theirs.to(b.dtype), ulps=32 if dtype == "float32" else 4)


@pytest.mark.filterwarnings("ignore:Default grid_sample:UserWarning")
@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
@pytest.mark.parametrize("padding_mode", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("align_corners", [False, True])
def test_grid_sample_as_in_pytorch(torch, mode, padding_mode, align_corners):
    options = {"mode": mode, "padding_mode": padding_mode, "align_corners": align_corners}
    x, grid = both(torch, 2, 3, 5, 4), both(torch, 2, 6, 7, 2)
    ours, theirs = F.grid_sample(x[0], grid[0], **options), torch.nn.functional.grid_sample(x[1], grid[1], **options)
    compare(torch, ours, theirs, [x, grid])
    if mode != "bicubic":
        x, grid = both(torch, 2, 3, 3, 5, 4), both(torch, 2, 2, 3, 4, 3)
        ours = F.grid_sample(x[0], grid[0], **options)
        compare(torch, ours, torch.nn.functional.grid_sample(x[1], grid[1], **options), [x, grid])


@pytest.mark.filterwarnings("ignore:Since version 1.3.0, affine_grid:UserWarning")
@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize("size", [(2, 3, 4, 5), (2, 1, 1, 3), (2, 1, 2, 3, 4)])
def test_affine_grid_as_in_pytorch(torch, size, align_corners):
    axes = len(size) - 2
    theta = both(torch, 2, axes, axes + 1)
    ours = F.affine_grid(theta[0], size, align_corners)
    compare(torch, ours, torch.nn.functional.affine_grid(theta[1], list(size), align_corners), [theta])


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize("zero_infinity", [False, True])
def test_ctc_gradients_through_log_softmax_as_in_pytorch(torch, reduction, zero_infinity):
    """PyTorch's gradient by log-probabilities alone has a summand that log_softmax cancels."""
    logits = both(torch, 12, 3, 5)
    targets, steps = [[1, 2, 2, 3], [4, 4, 1, 0], [3, 1, 2, 4]], (12, 9, 3 if zero_infinity else 8)
    results = [
        library.nn.functional.ctc_loss(
            x.log_softmax(2), library.tensor(targets), steps, (4, 2, 4), 0, reduction, zero_infinity
        )
        for library, x in zip((rt, torch), logits, strict=True)
    ]
    compare(torch, *results, [logits], ulps=2048)


def test_labels_that_do_not_fit_have_infinite_loss():
    log_probs = rt.zeros(3, 1, 4, dtype=rt.float64).log_softmax(2)
    loss = F.ctc_loss(log_probs, rt.tensor([[1, 1, 2]]), (3,), (3,), reduction="none")
    assert loss.tolist() == [float("inf")]  # two equal labels want a blank between them: four steps


def test_maxima_and_unpooling_there_and_back(torch):
    x = both(torch, 2, 3, 6, 8)
    ours = F.max_unpool2d(*F.max_pool2d(x[0], 2, return_indices=True), 2)
    torch_f = torch.nn.functional
    compare(torch, ours, torch_f.max_unpool2d(*torch_f.max_pool2d(x[1], 2, return_indices=True), 2), [x])
    assert_same(list(F.max_pool2d_with_indices(x[0], 2)), list(torch_f.max_pool2d_with_indices(x[1], 2)), 0)
    assert_same(
        list(F.adaptive_max_pool2d_with_indices(x[0], 3)), list(torch_f.adaptive_max_pool2d_with_indices(x[1], 3)), 0
    )


def test_random_fractional_pooling_keeps_to_the_image():
    x = rt.arange(100.0).reshape(1, 1, 10, 10)
    values, indices = F.fractional_max_pool2d(x, 2, output_ratio=0.6, return_indices=True)
    assert values.reshape(-1).tolist() == [float(i) for i in indices.reshape(-1).tolist()]
    assert values[..., -1, -1].item() == 99  # the last window is at the end
    assert (values.diff(dim=-1) > 0).all()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.interpolate(rt.ones(1, 1, 2), 3, 2.0), ValueError, "only one"),
        (lambda: F.interpolate(rt.ones(1, 1, 2)), ValueError, "either"),
        (lambda: F.interpolate(rt.ones(1, 2), 3), NotImplementedError, "2D"),
        (lambda: F.interpolate(rt.ones(1, 1, 2), 3, mode="bilinear"), NotImplementedError, "bilinear"),
        (lambda: F.interpolate(rt.ones(1, 1, 2), 3, mode="round"), NotImplementedError, "round"),
        (lambda: F.interpolate(rt.ones(1, 1, 2), 3, align_corners=True), ValueError, "align_corners"),
        (lambda: F.interpolate(rt.ones(1, 1, 2), (3, 4)), ValueError, "dimensions"),
        (lambda: F.interpolate(rt.ones(1, 1, 2), 0), RuntimeError, "greater than 0"),
        (lambda: F.interpolate(rt.ones(1, 1, 2, dtype=rt.int64), 4), rt.DTypeError, "int64"),
        (lambda: F.interpolate(rt.ones(1, 1, 2), 3, mode="linear", antialias=True), ValueError, "Anti-alias"),
        (lambda: F.grid_sample(rt.ones(1, 1, 2, 2), rt.ones(1, 2, 2, 3)), RuntimeError, "grid"),
        (lambda: F.grid_sample(rt.ones(1, 1, 2, 2), rt.ones(2, 2, 2, 2)), RuntimeError, "grid"),
        (lambda: F.grid_sample(rt.ones(1, 1, 2, 2), rt.ones(1, 2, 2, 2), "area"), ValueError, "area"),
        (lambda: F.affine_grid(rt.ones(1, 2, 2), (1, 1, 2, 2)), ValueError, "1x2x3"),
        (lambda: F.unfold(rt.ones(1, 1, 2, 2), 3), RuntimeError, "does not fit"),
        (lambda: F.fold(rt.ones(1, 3, 4), (3, 3), 2), RuntimeError, "c \\* 4, 4"),
        (lambda: F.embedding_bag(rt.tensor([1]), rt.ones(2, 2)), ValueError, "1D"),
        (lambda: F.embedding_bag(rt.tensor([5]), rt.ones(2, 2), rt.tensor([0])), IndexError, "out of bounds"),
        (lambda: F.embedding_bag(rt.tensor([1]), rt.ones(2, 2), rt.tensor([1])), ValueError, "start with 0"),
        (lambda: F.embedding_bag(rt.tensor([[1]]), rt.ones(2, 2), mode="mid"), ValueError, "mid"),
        (lambda: F.embedding(rt.tensor([1]), rt.ones(2, 2), padding_idx=2), ValueError, "no row"),
        (lambda: F.ctc_loss(rt.zeros(2, 1, 3), rt.tensor([[5]]), (2,), (1,)), IndexError, "label 5"),
        (lambda: F.ctc_loss(rt.zeros(2, 1, 3), rt.tensor([[1]]), (3,), (1,)), RuntimeError, "at most 2"),
        (lambda: F.ctc_loss(rt.zeros(2, 1, 3), rt.tensor([1, 1]), (2,), (1,)), RuntimeError, "add up"),
        (lambda: F.max_unpool1d(rt.ones(1, 1, 1), rt.tensor([[[4]]]), 2), RuntimeError, "invalid max index"),
        (
            lambda: F.max_unpool1d(rt.ones(1, 1, 1), rt.tensor([[[0]]]), 2, output_size=(9,)),
            ValueError,
            "invalid output_size",
        ),
        (lambda: F.fractional_max_pool2d(rt.ones(1, 1, 3, 3), 2, 3), RuntimeError, "do not fit"),
        (lambda: F.binary_cross_entropy(rt.tensor([1.5]), rt.tensor([1.0])), RuntimeError, "between 0 and 1"),
        (
            lambda: F.scaled_dot_product_attention(rt.ones(2, 3), rt.ones(2, 4), rt.ones(2, 3)),
            RuntimeError,
            "last axis",
        ),
    ],
)
def test_errors(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_attention_of_queries_that_may_look_nowhere_is_zero():
    x = rt.randn(3, 4, requires_grad=True)
    mask = rt.tensor([[True, False, True], [False, False, False], [True, True, True]])
    output = F.scaled_dot_product_attention(x, x, x, mask)
    assert output[1].tolist() == [0.0] * 4
    additive = rt.zeros(3, 3).masked_fill(~mask, -float("inf"))
    assert_same(F.scaled_dot_product_attention(x, x, x, additive), output.to(output.dtype), 4)
    (gradient,) = rt.autograd.grad(output.sum(), [x])
    assert gradient.isfinite().all()


def test_attention_drops_weights_at_random():
    value = rt.eye(64).unsqueeze(0)
    output = F.scaled_dot_product_attention(rt.zeros(1, 64, 8), rt.zeros(1, 64, 8), value, dropout_p=0.25)
    kept = (output != 0).double().mean().item()
    assert abs(kept - 0.75) < 0.05
    assert len(set(output[output != 0].tolist())) == 1
