"""Modules: registration, states, modes, hooks, containers."""

import copy
import pickle

import pytest
import rutile as rt
from rutile import nn
from rutile.nn import functional as F


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


def test_annotated_parts_are_found_as_others_are():
    class Base(nn.Module):
        weight: nn.Parameter | None
        inner: nn.Module
        count: rt.Tensor
        plain: int

    module = Base()
    assert not hasattr(Base, "weight")
    assert not hasattr(module, "weight")
    with pytest.raises(AttributeError, match="'Base' object has no attribute 'weight'"):
        _ = module.weight
    with pytest.raises(AttributeError, match="'Base' object has no attribute 'inner'"):
        _ = Base.__new__(Base).inner
    module.weight = weight = nn.Parameter(rt.ones(2))
    module.inner = inner = nn.ReLU()
    module.register_buffer("count", count := rt.tensor(1))
    module.plain = 3
    assert module.weight is weight
    assert module.inner is inner
    assert module.count is count
    assert module.plain == 3
    assert [name for name, _ in module.named_parameters()] == ["weight"]
    module.weight = None
    assert module.weight is None
    del module.weight
    assert not hasattr(module, "weight")
    module.weight = rt.zeros(1)  # an ordinary attribute from now on
    assert module.weight.sum().item() == 0
    assert pickle.loads(pickle.dumps(nn.Linear(2, 3))).weight.shape == (3, 2)

    class Doubled(Base):
        weight = property(lambda self: 2 * self._parameters["weight"])

        def __getattr__(self, name):
            return "made up" if name == "other" else super().__getattr__(name)

    module = Doubled()
    module._parameters["weight"] = nn.Parameter(rt.ones(2))
    assert module.weight.tolist() == [2.0, 2.0]
    assert module.other == "made up"
    module.inner = inner
    assert module.inner is inner


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


def test_functions_and_networks_that_hold_them_can_be_pickled():
    for function in (F.relu, F.gelu, rt.relu, F.conv2d, rt.special.expit):
        assert pickle.loads(pickle.dumps(function)) is function
    layer = nn.TransformerEncoderLayer(4, 2, 8, activation=F.gelu)
    assert pickle.loads(pickle.dumps(layer)).activation is F.gelu
    packed = nn.utils.rnn.pack_sequence([rt.ones(3), rt.ones(2)])
    again = pickle.loads(pickle.dumps(packed))
    assert isinstance(again, nn.utils.rnn.PackedSequence)
    assert again.batch_sizes.tolist() == [2, 2, 1]
