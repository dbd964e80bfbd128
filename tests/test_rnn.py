"""Recurrent layers: packed sequences, states, errors; the table of `test_nn_parity.py` has the rest."""

import itertools

import pytest
import rutile as rt
from rutile.nn.utils import rnn
from samples import assert_same, numbers


def to_torch(torch, tensor):
    return torch.tensor(tensor.tolist(), dtype=getattr(torch, str(tensor.dtype).split(".")[-1])).reshape(
        tuple(tensor.shape)
    )


def pair(torch, kind, **options):
    """A layer in both libraries with the same parameters, in float64."""
    ours, theirs = getattr(rt.nn, kind)(3, 4, **options).double(), getattr(torch.nn, kind)(3, 4, **options).double()
    theirs.load_state_dict({key: to_torch(torch, value) for key, value in ours.state_dict().items()})
    return ours, theirs


@pytest.mark.parametrize("lengths", [[5, 3, 3, 1], [2, 5, 1, 4], [4, 4, 4]])
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize(
    ("kind", "options"),
    [("RNN", {}), ("LSTM", {"proj_size": 2}), ("LSTM", {}), ("GRU", {})],
    ids=["RNN", "LSTM-projected", "LSTM", "GRU"],
)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_packed_sequences_as_in_pytorch(torch, kind, options, lengths, batch_first, bidirectional):
    options = {**options, "bidirectional": bidirectional, "num_layers": 2}
    ours, theirs = pair(torch, kind, **options)
    shape = (len(lengths), max(lengths), 3) if batch_first else (max(lengths), len(lengths), 3)
    x = rt.rand(*shape, dtype=rt.float64)
    directions = 2 * (1 + bidirectional)
    widths = (options.get("proj_size", 4), 4) if kind == "LSTM" else (4,)
    states = tuple(rt.rand(directions, len(lengths), width, dtype=rt.float64) for width in widths)
    results = []
    for library, module, inputs in (
        (rt, ours, [x, *states]),
        (torch, theirs, [to_torch(torch, tensor) for tensor in (x, *states)]),
    ):
        leaves = [tensor.requires_grad_() for tensor in inputs]
        packed = library.nn.utils.rnn.pack_padded_sequence(
            leaves[0], library.tensor(lengths), batch_first, enforce_sorted=lengths == sorted(lengths, reverse=True)
        )
        first = tuple(leaves[1:]) if kind == "LSTM" else leaves[1]
        output, last = module(packed, first)
        padded, sizes = library.nn.utils.rnn.pad_packed_sequence(output, batch_first, -1.5, max(lengths) + 1)
        last = last if kind == "LSTM" else (last,)
        total = (padded * library.linspace(0, 1, padded.shape[-1], dtype=library.float64)).sum()
        for number, state in enumerate(last):
            total = total + (number + 2) * (state * state).sum()
        grads = library.autograd.grad(total, [*leaves, *module.parameters()])
        results.append(([padded, sizes, output.batch_sizes, *last], list(grads)))
    (a, grad_a), (b, grad_b) = results
    assert_same(a, b, ulps=64)
    assert_same(grad_a, grad_b, ulps=512, scale=10.0)


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_second_derivatives_of_layers(kind):
    layer = getattr(rt.nn, kind)(2, 3, 2, bidirectional=True).double()
    x = rt.rand(3, 2, 2, dtype=rt.float64, requires_grad=True)
    assert rt.autograd.gradgradcheck(lambda x: layer(x)[0], [x])


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_a_layer_is_its_cell_step_by_step(kind):
    layer, cell = getattr(rt.nn, kind)(3, 4), getattr(rt.nn, f"{kind}Cell")(3, 4)
    cell.load_state_dict({key.removesuffix("_l0"): value for key, value in layer.state_dict().items()})
    x = rt.randn(5, 2, 3)
    output, _ = layer(x)
    state = None
    for step, expected in zip(x.unbind(0), output.unbind(0), strict=True):
        state = cell(step, state)
        h = state[0] if kind == "LSTM" else state
        assert_same(h, expected.to(rt.float32), ulps=16, dtypes=False)


def test_results_do_not_depend_on_the_number_of_threads():
    layer = rt.nn.LSTM(24, 40, 2)
    x = rt.randn(6, 64, 24, requires_grad=True)
    found = []
    for threads in (1, 3):
        rt.set_num_threads(threads)
        output, _ = layer(x)
        found.append([output, *rt.autograd.grad(output.sum(), [x, *layer.parameters()])])
    for a, b in zip(*found, strict=True):
        assert numbers(a).tobytes() == numbers(b).tobytes()


def test_dropout_is_between_layers_and_only_in_training():
    layer = rt.nn.GRU(3, 4, 2, dropout=1.0)
    output, last = layer(rt.randn(5, 2, 3))
    below = layer.weight_ih_l1.grad
    assert below is None
    output.sum().backward()
    assert layer.weight_ih_l1.grad.abs().sum() == 0  # its input was dropped
    assert last.abs().sum() > 0
    layer.eval()
    assert not rt.equal(layer(rt.randn(5, 2, 3))[0], output)
    with pytest.warns(UserWarning, match="num_layers greater than 1"):
        rt.nn.LSTM(3, 4, dropout=0.5)


def test_writing_to_the_output_before_backward_is_an_error():
    layer = rt.nn.GRU(3, 4)
    output, _ = layer(rt.randn(5, 2, 3))
    output.detach().zero_()
    with pytest.raises(RuntimeError, match="modified by an inplace"):
        output.sum().backward()


def test_padding_and_packing_there_and_back(torch):
    parts = [rt.arange(n * 2).reshape(n, 2) for n in (3, 1, 4)]
    theirs = [to_torch(torch, part) for part in parts]
    for batch_first, side in itertools.product([False, True], ["left", "right"]):
        assert_same(
            rnn.pad_sequence(parts, batch_first, 7, side),
            torch.nn.utils.rnn.pad_sequence(theirs, batch_first, 7, side),
            0,
        )
        padded = rnn.pad_sequence(parts, batch_first)
        assert_same(rnn.unpad_sequence(padded, rt.tensor([3, 1, 4]), batch_first), parts, 0)
    packed, expected = rnn.pack_sequence(parts, False), torch.nn.utils.rnn.pack_sequence(theirs, False)
    assert_same(list(packed), list(expected), 0)
    assert_same(rnn.unpack_sequence(packed), parts, 0)
    assert packed.double().data.dtype == rt.float64
    assert packed.to(packed.data.dtype) is packed
    assert_same(rnn.invert_permutation(rt.tensor([2, 0, 1])), torch.tensor([1, 2, 0]), 0)


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_a_batch_of_none(kind):
    """What is left of a data set may be nothing: shapes stay, and so does the way back."""
    layer = getattr(rt.nn, kind)(3, 4)
    output, last = layer(rt.ones(5, 0, 3))
    assert output.shape == (5, 0, 4)
    assert [state.shape for state in (last if kind == "LSTM" else [last])] == [(1, 0, 4)] * (1 + (kind == "LSTM"))
    output.sum().backward()
    assert layer.weight_hh_l0.grad.tolist() == rt.zeros_like(layer.weight_hh_l0).tolist()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: rt.nn.LSTM(3, 4)(rt.ones(2, 2, 5)), RuntimeError, "Expected 3, got 5"),
        (lambda: rt.nn.LSTM(3, 4)(rt.ones(2)), ValueError, "2D or 3D"),
        (lambda: rt.nn.GRU(3, 4)(rt.ones(2, 2, 3), rt.ones(1, 3, 4)), RuntimeError, r"size \(1, 2, 4\)"),
        (lambda: rt.nn.GRU(3, 4)(rt.ones(2, 3), rt.ones(1, 1, 4)), RuntimeError, "2-D"),
        (lambda: rt.nn.GRU(3, 4)(rt.ones(0, 2, 3)), RuntimeError, "larger than 0"),
        (lambda: rt.nn.LSTM(3, 4, proj_size=4), ValueError, "smaller than hidden_size"),
        (lambda: rt.nn.LSTM(3, 4, dropout=2), ValueError, "range"),
        (lambda: rt.nn.RNN(3, 4, nonlinearity="sin"), ValueError, "sin"),
        (lambda: rt.nn.LSTM(3, 0), ValueError, "greater than zero"),
        (lambda: rt.nn.GRUCell(3, 4)(rt.ones(2, 5)), RuntimeError, "got 5, expected 3"),
        (lambda: rt.nn.GRUCell(3, 4)(rt.ones(2, 3), rt.ones(4)), ValueError, "2D"),
        (lambda: rnn.pack_padded_sequence(rt.ones(3, 2), [1, 3]), RuntimeError, "decreasing"),
        (lambda: rnn.pack_padded_sequence(rt.ones(3, 2), [3]), RuntimeError, "batch_size 2"),
        (lambda: rnn.pack_padded_sequence(rt.ones(3, 2), [3, 0]), RuntimeError, "greater than 0"),
        (lambda: rnn.pack_padded_sequence(rt.ones(3, 2), [4, 1]), RuntimeError, "up to 3"),
        (lambda: rnn.pad_packed_sequence(rnn.pack_sequence([rt.ones(3)]), total_length=2), ValueError, "at least"),
        (lambda: rnn.pad_sequence([rt.ones(3)], padding_side="up"), ValueError, "up"),
    ],
)
def test_errors(call, error, message):
    with pytest.raises(error, match=message):
        call()
