"""`rutile.summary`: shapes, counts and memory, against PyTorch's counters and counting by hand."""

import pytest
import rutile as rt
from rutile import nn


def convolutional(lib):
    return lib.nn.Sequential(
        lib.nn.Conv2d(3, 8, 3, stride=2, padding=1, groups=1),
        lib.nn.BatchNorm2d(8),
        lib.nn.ReLU(),
        lib.nn.ConvTranspose2d(8, 4, 3, groups=2),
        lib.nn.Flatten(),
        lib.nn.LazyLinear(5),
    )


def transformer(lib):
    layer = lib.nn.TransformerEncoderLayer(16, 4, 32, batch_first=True)
    return lib.nn.TransformerEncoder(layer, 2)


class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.shared = nn.Linear(4, 4)
        self.unused = nn.Linear(2, 2).requires_grad_(False)

    def forward(self, first, options):
        return {"sum": self.shared(first) + self.shared(options["second"]), "scale": options["scale"]}


@pytest.mark.parametrize(("make", "shape"), [(convolutional, (2, 3, 9, 8)), (transformer, (2, 7, 16))])
def test_multiply_adds_and_parameters_are_pytorchs(torch, make, shape):
    from torch.utils.flop_counter import FlopCounterMode

    theirs = make(torch).train()
    theirs(torch.ones(shape))  # lazy layers
    with FlopCounterMode(display=False) as counter:
        theirs(torch.ones(shape))
    report = rt.summary(make(rt), rt.ones(*shape))
    assert 2 * report.multiply_adds == counter.get_total_flops()
    assert report.parameters == sum(p.numel() for p in theirs.parameters())
    assert report.buffers == sum(b.numel() for b in theirs.buffers())
    names = [name for name, _ in theirs.named_modules()]
    assert [layer.name for layer in report.layers] == names


def test_layers_have_shapes_of_nested_arguments_and_count_their_calls():
    report = rt.summary(Pair(), (rt.ones(2, 4), {"second": rt.ones(4), "scale": 3}), depth=1)
    top, shared, unused = report.layers
    assert top.input == ([2, 4], {"second": [4], "scale": 3})
    assert top.output == {"sum": [2, 4], "scale": 3}
    assert (shared.calls, shared.multiply_adds, shared.parameters, shared.trainable) == (2, 32 + 16, 20, 20)
    assert (unused.calls, unused.output, unused.parameters, unused.trainable) == (0, None, 6, 0)
    assert (report.parameters, report.trainable) == (26, 20)
    text = str(report)
    assert "shared: Linear x2" in text
    assert "not called" in text
    assert "26 (20 trainable, 6 fixed)" in text
    named = rt.summary(Pair(), {"first": rt.ones(2, 4), "options": {"second": rt.ones(4), "scale": 3}})
    assert named.multiply_adds == report.multiply_adds


def test_memory_is_what_lives():
    model = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 16))
    report = rt.summary(model, rt.ones(32, 64))
    hidden, out = 32 * 256 * 4, 32 * 16 * 4
    assert report.input_bytes == 32 * 64 * 4
    # Forward: two hidden layers at a time, or one and the output. Training: both and the output, or the ReLU's alone.
    assert 2 * hidden <= report.forward_bytes <= 2 * hidden + out
    assert hidden + out <= report.training_bytes <= 2 * hidden + out + 1024
    assert report.parameter_bytes == 4 * report.parameters
    twice = rt.summary(model, rt.ones(64, 64))
    assert twice.training_bytes == 2 * report.training_bytes


def test_nothing_of_the_model_changes():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Dropout(), nn.Flatten())
    state = {name: value.clone() for name, value in model.state_dict().items()}
    before = rt.get_rng_state()
    rt.summary(model, rt.randn(3, 1, 5, 5))
    assert model.training
    assert all(rt.equal(value, state[name]) for name, value in model.state_dict().items())
    assert all(p.grad is None for p in model.parameters())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())
    rt.set_rng_state(before)
    x = rt.randn(3, 1, 5, 5)
    rt.set_rng_state(before)
    rt.summary(model, input_size=(3, 1, 5, 5))
    assert rt.equal(rt.randn(3, 1, 5, 5), x)


def test_errors_of_the_model_come_through_and_leave_nothing_behind():
    model = nn.Linear(3, 2)
    with pytest.raises(RuntimeError):
        rt.summary(model, rt.ones(2, 5))
    assert not model._forward_hooks
    assert rt.summary(model, rt.ones(2, 3)).multiply_adds == 12
    with rt.profiler.profile(), pytest.raises(RuntimeError, match="a profile is recording"):
        rt.summary(model, rt.ones(2, 3))
    with pytest.raises(ValueError, match="got both"):
        rt.summary(model, rt.ones(2, 3), input_size=(2, 3))


def test_without_input_there_are_only_parameters():
    report = rt.summary(nn.LSTM(3, 4))
    assert report.multiply_adds is None
    assert str(report).count("144") == 3  # the layer, all, trainable
    assert "Output" not in str(report)


def test_sizes_may_be_several():
    report = rt.summary(nn.Bilinear(3, 4, 5), input_size=[(2, 3), (2, 4)])
    assert report.layers[0].output == [2, 5]


def test_a_notebook_shows_a_table():
    text = rt.summary(nn.Sequential(nn.Linear(2, 3)), rt.ones(1, 2))._repr_html_()
    assert text.count("<tr>") == 3
    assert "  0: Linear" in text
    assert "Memory of activations, training" in text
