"""Modules, layers and losses: PyTorch's behaviour, and PyTorch's numbers where it is installed."""

import copy
import doctest
import importlib
import pickle
import warnings

import pytest
import rutile as rt
from rutile import nn
from rutile.nn import functional as F


def numbers(tensor):
    """A tensor as nested lists, comparable across libraries."""
    return (
        tensor.detach().to(rt.float64).tolist() if isinstance(tensor, rt.Tensor) else tensor.detach().double().tolist()
    )


def twin(torch, tensor):
    """The same values as a PyTorch tensor."""
    return torch.tensor(tensor.detach().tolist(), dtype=getattr(torch, str(tensor.dtype).split(".")[-1])).reshape(
        tuple(tensor.shape)
    )


def assert_close(ours, theirs, tolerance=1e-5):
    assert tuple(ours.shape) == tuple(theirs.shape)
    flat = zip(numbers(ours.reshape(-1)), numbers(theirs.reshape(-1)), strict=True)
    for a, b in flat:
        assert a == pytest.approx(b, rel=tolerance, abs=tolerance, nan_ok=True)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(2, 3)
        self.norm = nn.BatchNorm1d(3)
        self.last = nn.Linear(3, 1, bias=False)

    def forward(self, x):
        return self.last(self.norm(self.first(x)).relu())


# Registration


def test_members_are_registered_in_order_of_assignment():
    net = Net()
    assert [name for name, _ in net.named_parameters()] == [
        "first.weight",
        "first.bias",
        "norm.weight",
        "norm.bias",
        "last.weight",
    ]
    assert [name for name, _ in net.named_buffers()] == [
        "norm.running_mean",
        "norm.running_var",
        "norm.num_batches_tracked",
    ]
    assert [name for name, _ in net.named_modules()] == ["", "first", "norm", "last"]
    assert [name for name, _ in net.named_children()] == ["first", "norm", "last"]
    assert net.last.bias is None
    assert {"first", "training"} <= set(dir(net))


def test_shared_members_are_listed_once_unless_asked():
    net = nn.Module()
    net.a = nn.Linear(2, 2)
    net.b = net.a
    net.c = nn.Linear(2, 2)
    net.c.weight = net.a.weight
    assert [name for name, _ in net.named_parameters()] == ["a.weight", "a.bias", "c.bias"]
    assert len(list(net.named_parameters(remove_duplicate=False))) == 6
    assert [name for name, _ in net.named_children()] == ["a", "c"]
    assert len(list(net.named_modules(remove_duplicate=False))) == 4
    assert list(net.state_dict()) == ["a.weight", "a.bias", "b.weight", "b.bias", "c.weight", "c.bias"]


def test_assignment_rules():
    class Early(nn.Module):
        def __init__(self, value):
            self.value = value

    for value in (nn.Parameter(rt.zeros(1)), nn.ReLU(), nn.Buffer(rt.zeros(1))):
        with pytest.raises(AttributeError, match=r"before Module.__init__\(\) call"):
            Early(value)

    layer = nn.Linear(2, 2)
    with pytest.raises(TypeError, match="cannot assign 'Tensor' as parameter 'weight'"):
        layer.weight = rt.zeros(2, 2)
    layer.weight = None
    assert layer.weight is None
    assert dict(layer.named_parameters()).keys() == {"bias"}
    layer.child = nn.ReLU()
    with pytest.raises(TypeError, match="as child module 'child'"):
        layer.child = 3
    layer.register_buffer("table", rt.zeros(1))
    layer.table = rt.ones(1)
    assert layer.state_dict()["table"].item() == 1
    with pytest.raises(TypeError, match="as buffer 'table'"):
        layer.table = 3
    layer.child = nn.Parameter(rt.zeros(1))
    assert "child" not in layer._modules
    assert "child" in layer._parameters
    del layer.child
    with pytest.raises(AttributeError, match="'Linear' object has no attribute 'child'"):
        _ = layer.child


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("a.b", KeyError, "t contain"),
        ("", KeyError, "t be empty"),
        ("forward", KeyError, "attribute 'forward' already exists"),
        (3, TypeError, "should be a string"),
    ],
)
def test_names_are_checked(name, error, message):
    module = nn.Module()
    for register, value in (
        (module.register_parameter, nn.Parameter(rt.zeros(1))),
        (module.register_buffer, rt.zeros(1)),
        (module.add_module, nn.ReLU()),
    ):
        with pytest.raises(error, match=message):
            register(name, value)


def test_registered_types_are_checked():
    module = nn.Module()
    with pytest.raises(TypeError, match=r"cannot assign 'Tensor' object to parameter 'p'"):
        module.register_parameter("p", rt.zeros(1))
    with pytest.raises(TypeError, match=r"cannot assign 'int' object to buffer 'b'"):
        module.register_buffer("b", 3)
    with pytest.raises(TypeError, match="int is not a Module subclass"):
        module.add_module("m", 3)


def test_dotted_paths():
    net = nn.Sequential(nn.Linear(1, 1), nn.Sequential(nn.BatchNorm1d(1)))
    assert net.get_submodule("1.0") is net[1][0]
    assert net.get_submodule("") is net
    assert net.get_parameter("0.weight") is net[0].weight
    assert net.get_buffer("1.0.running_mean") is net[1][0].running_mean
    net.set_submodule("1.0", nn.ReLU())
    assert isinstance(net[1][0], nn.ReLU)
    for wrong in ("7", "0.weight", "1.x"):
        with pytest.raises(AttributeError):
            net.get_submodule(wrong)
    with pytest.raises(AttributeError, match="is not a Parameter"):
        net.get_parameter("0.in_features")


# State dictionaries


def test_state_dict_round_trip():
    source, target = Net(), Net()
    source(rt.randn(5, 2))
    result = target.load_state_dict(source.state_dict())
    assert repr(result) == "<All keys matched successfully>"
    missing, unexpected = result
    assert missing == []
    assert unexpected == []
    for (name, a), (_, b) in zip(source.state_dict().items(), target.state_dict().items(), strict=True):
        assert a.tolist() == b.tolist(), name
    assert not source.state_dict()["first.weight"].requires_grad
    assert source.state_dict(keep_vars=True)["first.weight"] is source.first.weight
    assert list(source.first.state_dict(prefix="x.")) == ["x.weight", "x.bias"]


def test_mismatches_are_listed():
    state = Net().state_dict()
    state["more"] = rt.zeros(1)
    del state["first.bias"]
    state["last.weight"] = rt.zeros(1, 4)
    with pytest.raises(RuntimeError) as caught:
        Net().load_state_dict(state)
    text = str(caught.value)
    assert text.startswith('Error(s) in loading state_dict for Net:\n\tMissing key(s) in state_dict: "first.bias". ')
    assert 'Unexpected key(s) in state_dict: "more". ' in text
    assert "size mismatch for last.weight: copying a param with shape" in text
    assert "[1, 4]" in text
    assert "[1, 3]" in text
    del state["last.weight"]
    assert Net().load_state_dict(state, strict=False) == (["first.bias", "last.weight"], ["more"])
    with pytest.raises(TypeError, match="Expected state_dict to be dict-like"):
        Net().load_state_dict([1])


def test_load_by_assignment_keeps_the_tensors():
    layer, values = nn.Linear(2, 2), rt.ones(2, 2, dtype=rt.float64)
    layer.load_state_dict({"weight": values, "bias": rt.zeros(2)}, assign=True)
    assert layer.weight.dtype == rt.float64
    assert isinstance(layer.weight, nn.Parameter)
    values.fill_(3)
    assert layer.weight[0, 0].item() == 3


def test_buffers_that_do_not_persist():
    module = nn.Module()
    module.register_buffer("kept", rt.zeros(1))
    module.register_buffer("dropped", rt.zeros(1), persistent=False)
    module.other = nn.Buffer(rt.zeros(1), persistent=False)
    assert list(module.state_dict()) == ["kept"]
    assert {name for name, _ in module.named_buffers()} == {"kept", "dropped", "other"}
    module.load_state_dict({"kept": rt.ones(1)})


def test_extra_state():
    class Counter(nn.Module):
        def __init__(self, count):
            super().__init__()
            self.count = count

        def get_extra_state(self):
            return {"count": self.count}

        def set_extra_state(self, state):
            self.count = state["count"]

    target = Counter(0)
    target.load_state_dict(Counter(7).state_dict())
    assert target.count == 7
    assert target.load_state_dict({}, strict=False).missing_keys == ["_extra_state"]


def test_state_dict_hooks():
    layer, seen = nn.Linear(1, 1), []
    layer.register_state_dict_pre_hook(lambda module, prefix, keep_vars: seen.append(prefix))
    layer.register_state_dict_post_hook(lambda module, state, prefix, metadata: state.pop(prefix + "bias") and None)
    layer.register_load_state_dict_pre_hook(
        lambda module, state, prefix, *rest: state.__setitem__(prefix + "bias", rt.ones(1))
    )
    layer.register_load_state_dict_post_hook(lambda module, keys: seen.append(keys))
    net = nn.Sequential(layer)
    state = net.state_dict()
    assert list(state) == ["0.weight"]
    assert seen == ["0."]
    net.load_state_dict(state)
    assert layer.bias.item() == 1
    assert seen[1] == ([], [])


def test_old_batch_norm_states_load():
    state = nn.BatchNorm1d(2).state_dict()
    del state["num_batches_tracked"]
    state._metadata[""]["version"] = 1
    nn.BatchNorm1d(2).load_state_dict(state)


def test_copies_and_pickles():
    net = Net()
    net.tied = net.first
    for other in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert other.first.weight.tolist() == net.first.weight.tolist()
        assert other.first.weight is not net.first.weight
        assert other.tied is other.first
        assert isinstance(other.first.weight, nn.Parameter)
        assert other.first.weight.requires_grad
        assert list(other.state_dict()) == list(net.state_dict())


# Modes, casts, gradients


def test_casts_keep_the_parameters_and_integer_buffers():
    net = Net()
    weight = net.first.weight
    net(rt.randn(4, 2)).sum().backward()
    assert net.double() is net
    assert net.first.weight is weight
    assert weight.dtype == rt.float64
    assert weight.grad.dtype == rt.float64
    assert net.norm.num_batches_tracked.dtype == rt.int64
    assert net.to(rt.float32).norm.running_mean.dtype == rt.float32
    assert net.to("cpu", rt.float64).to(weight.float()).first.weight.dtype == rt.float32
    assert net.half().first.weight.dtype == rt.float16
    assert net.float().cpu().first.weight.dtype == rt.float32
    with pytest.raises(TypeError, match="only accepts floating point"):
        net.to(rt.int64)


def test_train_and_eval():
    net = Net()
    assert net.eval() is net
    assert not net.norm.training
    assert net.train().norm.training
    with pytest.raises(ValueError, match="boolean"):
        net.train(1)


def test_zero_grad_and_freezing():
    net = Net()
    net(rt.randn(4, 2)).sum().backward()
    net.zero_grad(set_to_none=False)
    assert net.first.weight.grad.abs().sum().item() == 0
    net.zero_grad()
    assert net.first.weight.grad is None
    assert not any(p.requires_grad for p in net.requires_grad_(False).parameters())


def test_apply_visits_children_first():
    seen = []
    net = nn.Sequential(nn.ReLU(), nn.Sequential(nn.Tanh()))
    assert net.apply(lambda module: seen.append(type(module).__name__)) is net
    assert seen == ["ReLU", "Tanh", "Sequential", "Sequential"]


def test_module_without_forward():
    with pytest.raises(NotImplementedError, match=r"Module \[Module\] is missing the required"):
        nn.Module()(1)


# Hooks


class Affine(nn.Module):
    def forward(self, x, *, shift=0.0):
        if shift is None:
            raise ValueError("no shift")
        return x * 2 + shift


def test_forward_hooks_change_arguments_and_output():
    module, one = Affine(), rt.tensor(1.0)
    pre = module.register_forward_pre_hook(lambda m, args: args[0] + 1)
    pre_kwargs = module.register_forward_pre_hook(
        lambda m, args, kwargs: (args, {"shift": kwargs["shift"] + 10}), with_kwargs=True
    )
    post = module.register_forward_hook(lambda m, args, output: output * 100)
    first = module.register_forward_hook(
        lambda m, args, kwargs, output: output + kwargs["shift"], with_kwargs=True, prepend=True
    )
    assert module(one, shift=1.0).item() == ((1 + 1) * 2 + 11 + 11) * 100
    for handle in (pre, pre_kwargs, post, first):
        handle.remove()
        handle.remove()
    assert module(one).item() == 2
    with module.register_forward_hook(lambda m, args, output: 3):
        assert module(one) == 3
    assert module(one).item() == 2


def test_hooks_that_are_always_called():
    module, seen = Affine(), []
    module.register_forward_hook(lambda m, args, output: seen.append("plain"))
    module.register_forward_hook(lambda m, args, output: seen.append("always"), always_call=True)
    with pytest.raises(ValueError, match="no shift"):
        module(rt.tensor(1.0), shift=None)
    assert seen == ["always"]


def test_backward_hooks_see_and_change_gradients():
    module, seen = Affine(), []
    module.register_full_backward_pre_hook(lambda m, grad_output: (grad_output[0] * 3,))
    module.register_full_backward_hook(
        lambda m, grads, grad_output: seen.append((grads[0].item(), grad_output[0].item()))
    )
    module.register_full_backward_hook(lambda m, grads, grad_output: (grads[0] * 10,))
    x = rt.tensor(1.0, requires_grad=True)
    module(x).backward()
    assert seen == [(6.0, 3.0)]
    assert x.grad.item() == 60.0


def test_backward_hook_when_no_input_wants_a_gradient():
    layer, seen = nn.Linear(2, 1), []
    layer.register_full_backward_hook(lambda m, grads, grad_output: seen.append((grads, grad_output[0].shape)))
    layer(rt.ones(3, 2)).sum().backward()
    assert seen == [((None,), (3, 1))]


# Containers


def test_sequential():
    net = nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Linear(2, 1))
    assert net[-1] is net[2]
    assert len(net[:2]) == 2
    assert [*net][1] is net[1]
    with pytest.raises(IndexError, match="index 3 is out of range"):
        net[3]
    net[1] = nn.Tanh()
    net.append(nn.ReLU()).insert(0, nn.Identity())
    assert [type(m).__name__ for m in net] == ["Identity", "Linear", "Tanh", "Linear", "ReLU"]
    assert isinstance(net.pop(0), nn.Identity)
    del net[1]
    assert list(net._modules) == ["0", "1", "2"]
    assert len(net + net) == 6
    assert len(net * 2) == 6
    named = nn.Sequential({"a": nn.Linear(1, 1), "b": nn.ReLU()})
    assert named.a is named[0]
    assert list(named.state_dict()) == ["a.weight", "a.bias"]


def test_module_list_and_dict():
    layers = nn.ModuleList([nn.Linear(1, 1)])
    layers.append(nn.ReLU())
    layers += [nn.Tanh()]
    layers.insert(0, nn.Identity())
    assert [type(m).__name__ for m in layers] == ["Identity", "Linear", "ReLU", "Tanh"]
    assert type(layers[1:]) is nn.ModuleList
    assert list(layers.state_dict()) == ["1.weight", "1.bias"]
    with pytest.raises(NotImplementedError):
        layers(1)
    table = nn.ModuleDict([("a", nn.ReLU())])
    table["b"] = nn.Linear(1, 1)
    table.update({"a": nn.Tanh()})
    assert list(table) == ["a", "b"]
    assert isinstance(table.a, nn.Tanh)
    assert "b" in table
    assert len(table) == 2
    assert isinstance(table.pop("a"), nn.Tanh)
    assert list(table.keys()) == ["b"]


def test_parameter_containers():
    values = nn.ParameterList([rt.zeros(1), nn.Parameter(rt.ones(1))])
    values.append(rt.zeros(2)).extend([3])
    assert [name for name, _ in values.named_parameters()] == ["0", "1", "2"]
    assert values[-1] == 3
    assert len(values[:2]) == 2
    assert isinstance(values[0], nn.Parameter)
    table = nn.ParameterDict({"b": rt.zeros(1), "a": rt.ones(1)})
    table["c"] = rt.zeros(2)
    assert list(table) == ["b", "a", "c"]
    assert table.get("x") is None
    assert "a" in table
    assert len(list(table.parameters())) == 3
    assert table.pop("b").item() == 0
    assert list(copy.deepcopy(table).state_dict()) == ["a", "c"]


# Layers


LAYERS = [
    ("Linear", (3, 4), {}, (2, 3)),
    ("Linear", (3, 4), {"bias": False}, (3,)),
    ("Conv1d", (2, 4, 3), {"stride": 2, "padding": 1, "groups": 2}, (2, 2, 9)),
    ("Conv2d", (3, 4, 3), {"padding": "same", "dilation": 2, "bias": False}, (1, 3, 6, 7)),
    ("Conv2d", (3, 4, (3, 2)), {"padding": (1, 0), "stride": (2, 1)}, (2, 3, 6, 7)),
    ("Conv2d", (2, 2, 3), {"padding": 1, "padding_mode": "reflect"}, (1, 2, 5, 5)),
    ("Conv2d", (2, 2, (4, 3)), {"padding": "same", "padding_mode": "circular"}, (1, 2, 5, 5)),
    ("Conv2d", (2, 2, 3), {"padding": (2, 1), "padding_mode": "replicate"}, (2, 5, 5)),
    ("Conv3d", (1, 2, 2), {}, (1, 1, 3, 4, 3)),
    ("ConvTranspose1d", (2, 4, 3), {"stride": 2, "groups": 2, "output_padding": 1}, (2, 2, 4)),
    ("ConvTranspose2d", (3, 2, 4), {"stride": 2, "padding": 1, "bias": False}, (1, 3, 3, 4)),
    ("ConvTranspose2d", (3, 2, 3), {"stride": 2, "output_padding": (1, 0), "dilation": 2}, (3, 3, 2)),
    ("MaxPool1d", (2,), {}, (1, 2, 7)),
    ("MaxPool2d", (3,), {"stride": 2, "padding": 1}, (1, 2, 7, 6)),
    ("MaxPool2d", (2,), {"ceil_mode": True}, (2, 7, 5)),
    ("MaxPool3d", (2,), {}, (1, 1, 4, 4, 4)),
    ("AvgPool1d", (2,), {}, (1, 2, 7)),
    ("AvgPool2d", ((3, 2),), {"stride": 2, "padding": 1, "count_include_pad": False}, (1, 2, 7, 6)),
    ("AvgPool3d", (2,), {}, (1, 1, 4, 4, 4)),
    ("AdaptiveAvgPool1d", (3,), {}, (1, 2, 7)),
    ("AdaptiveAvgPool2d", ((1, None),), {}, (1, 2, 7, 3)),
    ("AdaptiveMaxPool2d", ((2, 3),), {}, (1, 2, 7, 5)),
    ("BatchNorm1d", (3,), {}, (5, 3)),
    ("BatchNorm2d", (2,), {"momentum": None}, (2, 2, 3, 3)),
    ("BatchNorm2d", (2,), {"affine": False, "track_running_stats": False}, (2, 2, 3, 3)),
    ("InstanceNorm2d", (2,), {"affine": True, "track_running_stats": True}, (3, 2, 3, 3)),
    ("InstanceNorm1d", (2,), {}, (2, 4)),
    ("LayerNorm", ((3, 2),), {}, (4, 3, 2)),
    ("LayerNorm", (4,), {"bias": False}, (3, 4)),
    ("GroupNorm", (2, 4), {}, (2, 4, 3)),
    ("RMSNorm", (4,), {}, (2, 4)),
    ("LocalResponseNorm", (3,), {"alpha": 0.5}, (2, 5, 3, 2)),
    ("Bilinear", (2, 3, 4), {}, None),
    ("Flatten", (), {}, (2, 3, 4)),
    ("Unflatten", (1, (2, 3)), {}, (2, 6)),
    ("Identity", (1, 2), {"x": 3}, (2,)),
    ("Dropout", (0.5,), {}, None),
    ("Dropout2d", (), {"inplace": True}, None),
    ("Embedding", (5, 3), {"padding_idx": -1, "max_norm": 2.0}, None),
    ("ReLU", (), {"inplace": True}, (3, 4)),
    ("ReLU6", (), {"inplace": True}, (3, 4)),
    ("LeakyReLU", (0.1,), {}, (3, 4)),
    ("ELU", (), {"inplace": True}, (3, 4)),
    ("CELU", (2.0,), {}, (3, 4)),
    ("SELU", (), {}, (3, 4)),
    ("GELU", (), {"approximate": "tanh"}, (3, 4)),
    ("GELU", (), {}, (3, 4)),
    ("SiLU", (), {}, (3, 4)),
    ("Mish", (), {}, (3, 4)),
    ("Softplus", (2.0,), {}, (3, 4)),
    ("Softsign", (), {}, (3, 4)),
    ("Sigmoid", (), {}, (3, 4)),
    ("Tanh", (), {}, (3, 4)),
    ("LogSigmoid", (), {}, (3, 4)),
    ("Hardtanh", (-2, 0.5), {}, (3, 4)),
    ("Hardsigmoid", (), {}, (3, 4)),
    ("Hardswish", (), {}, (3, 4)),
    ("Hardshrink", (), {}, (3, 4)),
    ("Softshrink", (0.25,), {}, (3, 4)),
    ("Tanhshrink", (), {}, (3, 4)),
    ("Threshold", (0.1, 20), {}, (3, 4)),
    ("PReLU", (4,), {}, (3, 4)),
    ("RReLU", (0.3, 0.3), {}, (3, 4)),
    ("GLU", (), {"dim": 0}, (4, 3)),
    ("Softmax", (1,), {}, (3, 4)),
    ("Softmin", (), {"dim": 0}, (3, 4)),
    ("LogSoftmax", (-1,), {}, (3, 4)),
    ("Softmax2d", (), {}, (2, 3, 2, 2)),
    ("ReflectionPad2d", (1,), {}, (1, 2, 3, 3)),
    ("ReplicationPad1d", ((3, 1),), {}, (2, 3)),
    ("CircularPad2d", ((1, 2, 0, 1),), {}, (1, 2, 3, 3)),
    ("ReplicationPad3d", (1,), {}, (1, 1, 2, 2, 3)),
    ("ConstantPad1d", (2, 3.5), {}, (2, 3)),
    ("ZeroPad2d", (2,), {}, (1, 2, 3, 3)),
    ("PixelShuffle", (2,), {}, (1, 8, 2, 3)),
    ("PixelUnshuffle", (2,), {}, (2, 1, 4, 6)),
    ("ChannelShuffle", (2,), {}, (1, 4, 2, 2)),
    ("CosineSimilarity", (), {}, None),
    ("PairwiseDistance", (), {}, None),
    ("LazyLinear", (3,), {}, (2, 4)),
    ("LazyConv2d", (3, 2), {"stride": 2}, (1, 2, 5, 5)),
    ("LazyBatchNorm2d", (), {}, (2, 3, 2, 2)),
]


@pytest.mark.parametrize(("name", "args", "kwargs", "shape"), LAYERS, ids=lambda value: str(value))
def test_layer_prints_and_computes_like_torch(name, args, kwargs, shape):
    torch = pytest.importorskip("torch")
    layer, model = getattr(nn, name)(*args, **kwargs), getattr(torch.nn, name)(*args, **kwargs)
    assert repr(layer) == repr(model)
    assert list(layer.state_dict()) == list(model.state_dict())
    if shape is None:
        return
    inputs = [rt.randn(*shape) for _ in range(2)]
    if name.startswith("Lazy"):
        layer(inputs[0]), model(twin(torch, inputs[0]))
        assert repr(layer) == repr(model)
    model.load_state_dict({key: twin(torch, value) for key, value in layer.state_dict().items()})
    for training in (True, False):
        layer.train(training), model.train(training)
        for x in inputs:
            ours, theirs = x.clone().requires_grad_(), twin(torch, x).requires_grad_()
            # A copy goes in, so that in-place layers may overwrite it.
            y, expected = layer(ours * 1), model(theirs * 1)
            assert_close(y, expected)
            y.square().sum().backward()
            expected.square().sum().backward()
            assert_close(ours.grad, theirs.grad, 1e-4)
    for (key, value), expected in zip(layer.state_dict().items(), model.state_dict().values(), strict=True):
        assert_close(value, expected), key
    for (_, p), q in zip(layer.named_parameters(), model.parameters(), strict=True):
        assert_close(p.grad, q.grad, 1e-4)


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


LOSS_CLASSES = [
    ("L1Loss", {}),
    ("MSELoss", {}),
    ("SmoothL1Loss", {"beta": 0.5}),
    ("HuberLoss", {"delta": 0.5}),
    ("BCELoss", {"weight": 0.5}),
    ("BCEWithLogitsLoss", {"pos_weight": 2.0}),
    ("KLDivLoss", {"reduction": "batchmean"}),
    ("SoftMarginLoss", {}),
    ("PoissonNLLLoss", {}),
    ("MultiLabelSoftMarginLoss", {}),
    ("HingeEmbeddingLoss", {}),
]


@pytest.mark.parametrize(("name", "kwargs"), LOSS_CLASSES)
def test_loss_module_like_torch(name, kwargs):
    torch = pytest.importorskip("torch")
    x, y = probabilities(3, 4), probabilities(3, 4)
    with_tensors = {key: rt.tensor(value) if "weight" in key else value for key, value in kwargs.items()}
    model_kwargs = {key: torch.tensor(value) if "weight" in key else value for key, value in kwargs.items()}
    loss, model = getattr(nn, name)(**with_tensors), getattr(torch.nn, name)(**model_kwargs)
    assert_close(loss(x, y), model(twin(torch, x), twin(torch, y)))
    assert repr(loss) == repr(model)


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


MODULES = """
    module _hooks parameter functional _losses init linear conv conv_transpose pool norm activation dropout embedding
    loss container flatten padding distance shuffle utils.clip utils.vector
"""


@pytest.mark.parametrize("name", MODULES.split())
def test_examples_in_docstrings(name):
    module = importlib.import_module(f"rutile.nn.{name}")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = doctest.testmod(module, extraglobs={"rt": rt}, report=True)
    assert result.failed == 0
