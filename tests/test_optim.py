"""Optimizers and schedules: PyTorch's rules and structure, fused kernels held to the rules."""

import copy
import doctest
import importlib
import inspect
import math
import pickle

import pytest
import rutile as rt
from rutile import nn, optim
from rutile.optim import lr_scheduler

RULES = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.1, "weight_decay": 0.01}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "maximize": True}),
    ("Adam", {"lr": 0.1}),
    ("Adam", {"lr": 0.1, "amsgrad": True, "weight_decay": 0.1, "betas": (0.8, 0.9), "eps": 1e-3}),
    ("Adam", {"lr": 0.1, "maximize": True}),
    ("AdamW", {"lr": 0.1, "weight_decay": 0.2}),
    ("AdamW", {"amsgrad": True}),
    ("RMSprop", {}),
    ("RMSprop", {"momentum": 0.9, "centered": True, "weight_decay": 0.1, "maximize": True}),
    ("Adagrad", {"lr": 0.1}),
    ("Adagrad", {"lr_decay": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.5, "maximize": True}),
    ("Adadelta", {}),
    ("Adadelta", {"lr": 0.5, "rho": 0.8, "weight_decay": 0.1, "maximize": True}),
    ("Adamax", {}),
    ("Adamax", {"lr": 0.1, "betas": (0.8, 0.9), "eps": 1e-3, "weight_decay": 0.1, "maximize": True}),
    ("NAdam", {}),
    ("NAdam", {"lr": 0.1, "betas": (0.8, 0.9), "weight_decay": 0.1, "momentum_decay": 0.1, "maximize": True}),
    ("NAdam", {"lr": 0.1, "weight_decay": 0.1, "decoupled_weight_decay": True, "eps": 1e-3}),
    ("RAdam", {"lr": 0.1}),
    ("RAdam", {"lr": 0.1, "betas": (0.8, 0.6), "weight_decay": 0.1, "maximize": True}),
    ("RAdam", {"lr": 0.1, "betas": (0.8, 0.5), "weight_decay": 0.1, "decoupled_weight_decay": True, "eps": 1e-3}),
    ("Rprop", {}),
    ("Rprop", {"lr": 1.0, "etas": (0.3, 1.5), "step_sizes": (0.1, 2.0), "maximize": True}),
    ("ASGD", {}),
    ("ASGD", {"lr": 0.1, "lambd": 0.1, "alpha": 0.5, "t0": 2, "weight_decay": 0.1, "maximize": True}),
    ("Adam", {"lr": 0.1, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("AdamW", {"lr": 0.1, "betas": (0.8, 0.9), "eps": 1e-3, "maximize": True}),
    ("RMSprop", {"lr": 0.1, "alpha": 0.9, "eps": 1e-3}),
    ("Adagrad", {"lr": 0.1, "eps": 1e-3}),
    ("Adadelta", {"lr": 0.5, "eps": 1e-3}),
    ("Adafactor", {}),
    (
        "Adafactor",
        {"lr": 0.5, "beta2_decay": -0.5, "eps": (1e-3, 0.1), "d": 1.5, "weight_decay": 0.1, "maximize": True},
    ),
]
IDS = [f"{name}-{'-'.join(kwargs)}" for name, kwargs in RULES]
START = [[0.5, -1.0, 2.0], [[1.0, 2.0], [-0.5, 0.25]]]
SCALE = [[1.0, -2.0, 0.5], [[0.3, -0.7], [1.5, 2.0]]]


def train(library, optimizer, params, steps=5, skip=()):
    """Steps on a smooth function; in `skip`ped steps the second parameter has no gradient."""
    for step in range(steps):
        optimizer.zero_grad()
        loss = 0
        for number, (param, scale) in enumerate(zip(params, SCALE, strict=True)):
            if number == 0 or step not in skip:
                loss = loss + (param * library.tensor(scale, dtype=param.dtype)).sin().sum()
        loss.backward()
        optimizer.step()


def make(library, dtype):
    return [library.nn.Parameter(library.tensor(values, dtype=dtype)) for values in START]


def flat(tensor):
    return tensor.detach().double().reshape(-1).tolist()


def assert_same_state(ours, theirs):
    """Same structure and same numbers as PyTorch's state dictionary."""
    assert ours["state"].keys() == theirs["state"].keys()
    for key, state in theirs["state"].items():
        assert ours["state"][key].keys() == state.keys()
        for name, value in state.items():
            assert flat(ours["state"][key][name]) == pytest.approx(flat(value), rel=1e-5, abs=1e-7)
    for group, expected in zip(ours["param_groups"], theirs["param_groups"], strict=True):
        assert group == expected


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize(("name", "kwargs"), RULES, ids=IDS)
def test_updates_and_state_like_torch(name, kwargs, fused):
    torch = pytest.importorskip("torch")
    ours, theirs = make(rt, rt.float32), make(torch, torch.float32)
    optimizer = getattr(optim, name)(ours, **kwargs)
    if not fused:
        # Only some constructors take `fused`, every group does.
        optimizer.param_groups[0]["fused"] = False
    model = getattr(torch.optim, name)(theirs, **kwargs)
    train(rt, optimizer, ours, skip=(0, 2))
    train(torch, model, theirs, skip=(0, 2))
    for a, b in zip(ours, theirs, strict=True):
        assert flat(a) == pytest.approx(flat(b), rel=1e-5, abs=1e-6)
    if fused:
        assert_same_state(optimizer.state_dict(), model.state_dict())
        assert repr(optimizer) == repr(model)


@pytest.mark.parametrize(("name", "kwargs"), RULES, ids=IDS)
def test_fused_kernels_equal_their_rules(name, kwargs):
    results = []
    for fused in (None, False):
        params = make(rt, rt.float64)
        optimizer = getattr(optim, name)(params, **kwargs)
        optimizer.param_groups[0]["fused"] = fused
        train(rt, optimizer, params, steps=7, skip=(3,))
        results.append([value for param in params for value in flat(param)])
    assert results[0] == pytest.approx(results[1], rel=1e-12)


@pytest.mark.parametrize(("name", "kwargs"), RULES, ids=IDS)
def test_state_goes_through_a_dictionary(name, kwargs):
    first, second = make(rt, rt.float32), make(rt, rt.float32)
    optimizer = getattr(optim, name)(first, **kwargs)
    train(rt, optimizer, first)
    with rt.no_grad():
        for source, target in zip(first, second, strict=True):
            target.copy_(source)
    other = getattr(optim, name)(second, lr=77.0)
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    for group in (optimizer.param_groups[0], other.param_groups[0]):
        assert group["lr"] != 77.0
    train(rt, optimizer, first)
    train(rt, other, second)
    for a, b in zip(first, second, strict=True):
        assert a.tolist() == b.tolist()


def test_loaded_state_takes_the_parameters_dtype():
    params = make(rt, rt.float32)
    adam = optim.Adam(params)
    train(rt, adam, params)
    wide = make(rt, rt.float64)
    other = optim.Adam(wide)
    other.load_state_dict(adam.state_dict())
    assert other.state[wide[0]]["exp_avg"].dtype == rt.float64
    assert other.state[wide[0]]["step"].dtype == rt.float32
    other.state[wide[0]]["exp_avg"].zero_()
    assert adam.state[params[0]]["exp_avg"].abs().sum().item() > 0


@pytest.mark.parametrize("name", ["SGD", "Adam", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam"])
def test_steps_that_are_differentiable(name):
    lr = rt.tensor(0.1, requires_grad=True)
    w = rt.tensor([0.5, -1.0], requires_grad=True)
    moved = w.clone()
    optimizer = getattr(optim, name)([moved], lr=lr, differentiable=True)
    for _ in range(3):
        moved.grad = moved.detach().cos()
        optimizer.step()
    moved.square().sum().backward()
    assert lr.grad.item() != 0
    assert all(math.isfinite(g) for g in w.grad.tolist())


def test_tensor_rates_and_half_precision():
    w = nn.Parameter(rt.ones(2))
    w.grad = rt.ones(2)
    optim.SGD([w], lr=rt.tensor(0.25)).step()
    assert w.tolist() == [0.75, 0.75]
    h = nn.Parameter(rt.ones(2, dtype=rt.float16))
    h.grad = rt.ones(2, dtype=rt.float16)
    optim.SGD([h, w], lr=0.25).step()
    assert h.tolist() == [0.75, 0.75]
    assert w.tolist() == [0.5, 0.5]


def test_groups():
    a, b, c = (nn.Parameter(rt.ones(1)) for _ in range(3))
    sgd = optim.SGD([{"params": [a], "lr": 0.5}, {"params": b}], lr=0.25, momentum=0.0)
    assert [group["lr"] for group in sgd.param_groups] == [0.5, 0.25]
    sgd.add_param_group({"params": c, "lr": 1.0})
    for p in (a, b, c):
        p.grad = rt.ones(1)
    sgd.step()
    assert [p.item() for p in (a, b, c)] == [0.5, 0.75, 0.0]
    assert [group["params"] for group in sgd.state_dict()["param_groups"]] == [[0], [1], [2]]
    sgd.zero_grad(set_to_none=False)
    assert a.grad.item() == 0
    sgd.zero_grad()
    assert a.grad is None
    named = optim.SGD(nn.Linear(1, 1).named_parameters(), lr=0.1)
    assert named.param_groups[0]["param_names"] == ["weight", "bias"]


def test_arguments_are_checked():
    p = nn.Parameter(rt.ones(1))
    with pytest.raises(TypeError, match="should be an iterable of Tensors or dicts"):
        optim.SGD(p)
    with pytest.raises(ValueError, match="empty parameter list"):
        optim.SGD([])
    with pytest.raises(TypeError, match="can only optimize Tensors"):
        optim.SGD([1])
    with pytest.raises(ValueError, match="can't optimize a non-leaf Tensor"):
        optim.SGD([p * 2])
    with pytest.raises(TypeError, match="ordered collections"):
        optim.SGD([{"params": {p}}])
    with pytest.raises(ValueError, match="duplicate parameters"):
        optim.SGD([p, p])
    with pytest.raises(ValueError, match="more than one parameter group"):
        optim.SGD([{"params": [p]}, {"params": [p]}])
    with pytest.raises(TypeError, match="param_group must be a dict"):
        optim.SGD([p]).add_param_group([p])
    with pytest.raises(ValueError, match=r"Invalid learning rate: -0.1"):
        optim.Adam([p], lr=-0.1)
    with pytest.raises(ValueError, match=r"Invalid beta parameter at index 1: 1.0"):
        optim.Adam([p], betas=(0.9, 1.0))
    with pytest.raises(ValueError, match="Nesterov momentum requires"):
        optim.SGD([p], nesterov=True)
    with pytest.raises(ValueError, match="different number of parameter groups"):
        optim.SGD([p]).load_state_dict({"state": {}, "param_groups": []})
    with pytest.raises(ValueError, match="doesn't match the size"):
        optim.SGD([p]).load_state_dict(optim.SGD(nn.Linear(1, 1).parameters()).state_dict())


def test_closures_and_hooks():
    w, seen = nn.Parameter(rt.tensor([1.0])), []
    sgd = optim.SGD([w], lr=0.5)
    sgd.register_step_pre_hook(lambda optimizer, args, kwargs: seen.append("before"))
    handle = sgd.register_step_post_hook(lambda optimizer, args, kwargs: seen.append("after"))

    def closure():
        sgd.zero_grad()
        loss = w.square().sum()
        loss.backward()
        return loss

    with rt.no_grad():
        assert sgd.step(closure).item() == 1.0
    assert w.item() == 0.0
    assert seen == ["before", "after"]
    handle.remove()
    sgd.step()
    assert seen == ["before", "after", "before"]
    sgd.register_state_dict_post_hook(lambda optimizer, state: {**state, "more": 1})
    assert sgd.state_dict()["more"] == 1


def test_users_own_optimizers():
    class Twice(optim.SGD):
        def step(self, closure=None):
            super().step()
            return super().step(closure)

    w, seen = nn.Parameter(rt.tensor([1.0])), []
    twice = Twice([w], lr=0.25)
    twice.register_step_post_hook(lambda *_: seen.append(1))
    w.grad = rt.ones(1)
    twice.step()
    assert w.item() == 0.5
    assert seen == [1]
    assert "lr" in inspect.signature(optim.AdamW).parameters


def test_optimizers_can_be_pickled():
    w = nn.Parameter(rt.ones(2))
    w.grad = rt.ones(2)
    adam = optim.Adam([w], lr=0.5)
    adam.step()
    other = pickle.loads(pickle.dumps(adam))
    param = other.param_groups[0]["params"][0]
    assert param.tolist() == w.tolist()
    assert other.state[param]["step"].item() == 1
    other.step()


@pytest.mark.parametrize(("name", "kwargs"), RULES, ids=IDS)
def test_trajectories_in_double_like_torch(torch, name, kwargs):
    ours, theirs = make(rt, rt.float64), make(torch, torch.float64)
    optimizer, model = getattr(optim, name)(ours, **kwargs), getattr(torch.optim, name)(theirs, **kwargs)
    for _ in range(4):
        train(rt, optimizer, ours, steps=5, skip=(2,))
        train(torch, model, theirs, steps=5, skip=(2,))
        for a, b in zip(ours, theirs, strict=True):
            assert flat(a) == pytest.approx(flat(b), rel=1e-7, abs=1e-7)


SPARSE_ADAM = [{}, {"lr": 0.1, "betas": (0.8, 0.9), "eps": 1e-3, "maximize": True}]


@pytest.mark.parametrize("kwargs", SPARSE_ADAM, ids=str)
def test_rows_that_are_looked_up_like_torch(torch, kwargs):
    """`SparseAdam` changes the rows of a table that a batch used, as PyTorch's does with sparse gradients."""
    seen = []
    for library in (rt, torch):
        table = library.nn.Embedding(5, 3, sparse=True).double()
        with library.no_grad():
            table.weight.copy_(library.arange(15.0).sin().reshape(5, 3))
        optimizer = library.optim.SparseAdam(table.parameters(), **kwargs)
        for rows in ([0, 2], [2, 2, 4], [0], [3, 1], [2]):
            optimizer.zero_grad()
            table(library.tensor(rows)).cos().sum().backward()
            optimizer.step()
        state = optimizer.state_dict()["state"][0]
        group = optimizer.param_groups[0]
        seen.append([table.weight.tolist(), state["exp_avg"].tolist(), state["step"], list(group), list(state)])
    assert seen[0][0] == [pytest.approx(row, rel=1e-7) for row in seen[1][0]]
    assert seen[0][1] == [pytest.approx(row, rel=1e-7) for row in seen[1][1]]
    assert seen[0][2:] == seen[1][2:]


def rosenbrock(library, optimizer, x, calls):
    def closure():
        calls.append(1)
        optimizer.zero_grad()
        loss = ((1 - x[:-1]) ** 2 + 10 * (x[1:] - x[:-1] ** 2) ** 2).sum()
        loss.backward()
        return loss

    return closure


LBFGS = [
    {"lr": 0.01, "max_iter": 8},
    {"line_search_fn": "strong_wolfe"},
    {"line_search_fn": "strong_wolfe", "history_size": 3, "max_iter": 7, "lr": 0.5},
    {"line_search_fn": "strong_wolfe", "max_eval": 5},
    {"line_search_fn": "strong_wolfe", "max_eval": 4, "lr": 1e4},
    {"line_search_fn": "strong_wolfe", "tolerance_grad": 1.0},
    {"line_search_fn": "strong_wolfe", "tolerance_change": 0.5},
]


@pytest.mark.parametrize("kwargs", LBFGS, ids=str)
def test_lbfgs_like_torch(torch, kwargs):
    seen = []
    for library in (rt, torch):
        x = library.nn.Parameter(library.tensor([-1.2, 1.0, 0.3, 2.0], dtype=library.float64))
        optimizer, calls, path = library.optim.LBFGS([x], **kwargs), [], []
        for _ in range(5):
            path.append(optimizer.step(rosenbrock(library, optimizer, x, calls)).item())
            path += [len(calls), *x.tolist()]
        state = optimizer.state_dict()["state"][0]
        seen.append([*path, state["n_iter"], state["func_evals"]])
        assert optimizer.state_dict()["param_groups"][0].keys() >= {"max_eval", "line_search_fn"}
    assert seen[0] == pytest.approx(seen[1], rel=1e-7, abs=1e-7)


def test_lbfgs_state_from_torch(torch):
    x = torch.nn.Parameter(torch.tensor([-1.2, 1.0], dtype=torch.float64))
    theirs = torch.optim.LBFGS([x], max_iter=4, line_search_fn="strong_wolfe")
    theirs.step(rosenbrock(torch, theirs, x, []))
    state = theirs.state_dict()
    y = nn.Parameter(rt.tensor(x.tolist(), dtype=rt.float64))
    ours = optim.LBFGS([y], max_iter=4, line_search_fn="strong_wolfe")
    ours.load_state_dict(to_rutile(state, torch))
    theirs.step(rosenbrock(torch, theirs, x, []))
    ours.step(rosenbrock(rt, ours, y, []))
    assert y.tolist() == pytest.approx(x.tolist(), rel=1e-7)


def to_rutile(value, torch):
    if isinstance(value, torch.Tensor):
        return rt.tensor(value.numpy())
    if isinstance(value, dict):
        return {key: to_rutile(item, torch) for key, item in value.items()}
    return [to_rutile(item, torch) for item in value] if isinstance(value, list) else value


def test_lbfgs_wants_a_closure_and_one_group():
    x = nn.Parameter(rt.ones(1))
    with pytest.raises(TypeError, match="wants a closure"):
        optim.LBFGS([x]).step()
    with pytest.raises(ValueError, match="parameter groups"):
        optim.LBFGS([{"params": [x]}, {"params": [nn.Parameter(rt.ones(1))]}])
    with pytest.raises(RuntimeError, match="strong_wolfe"):
        optim.LBFGS([x], line_search_fn="armijo")


MUON = [
    {},
    {"nesterov": False, "lr": 0.1, "weight_decay": 0},
    {"adjust_lr_fn": "match_rms_adamw", "ns_steps": 3},
    {"momentum": 0.5, "eps": 1e-3, "ns_coefficients": (2.0, -1.5, 0.5)},
]


@pytest.mark.parametrize("kwargs", MUON)
@pytest.mark.parametrize("shape", [(4, 3), (3, 5)])
def test_muon_like_torch(torch, kwargs, shape):
    """PyTorch computes steps in bfloat16, five products in a row: they agree to that, relative to their size."""
    values = rt.randn(*shape).tolist()
    grads = [rt.randn(*shape).tolist() for _ in range(3)]
    moved = []
    for library in (rt, torch):
        w = library.nn.Parameter(library.tensor(values))
        muon = library.optim.Muon([w], **kwargs)
        for grad in grads:
            w.grad = library.tensor(grad)
            muon.step()
        moved.append((w.detach() - library.tensor(values)).numpy())
    size = abs(moved[1]).max()
    assert abs(moved[0] - moved[1]).max() < 0.06 * size
    with pytest.raises(ValueError, match="2D parameters"):
        optim.Muon([nn.Parameter(rt.ones(3))])


def test_what_is_absent_says_why():
    with pytest.raises(AttributeError, match="did you mean 'Adagrad'"):
        optim.Adagrat  # noqa: B018


@pytest.mark.parametrize("multi", [False, True])
@pytest.mark.parametrize("buffers", [False, True])
@pytest.mark.parametrize("kind", ["swa", "ema"])
def test_averages_like_torch(torch, multi, buffers, kind):
    if multi and buffers and kind == "swa":
        pytest.skip("PyTorch divides whole numbers there, which raises")
    seen = []
    for library in (rt, torch):
        utils = library.optim.swa_utils
        make = getattr(utils, f"get_{kind}_{'multi_' if multi else ''}avg_fn")
        model = library.nn.Sequential(library.nn.Linear(2, 2), library.nn.BatchNorm1d(2))
        averaged = utils.AveragedModel(model, use_buffers=buffers, **{f"{'multi_' if multi else ''}avg_fn": make()})
        with library.no_grad():
            for step in range(4):
                for number, value in enumerate([*model.parameters(), model[1].running_mean, model[1].running_var]):
                    value.fill_(step * step + number)
                averaged.update_parameters(model)
        seen.append({key: value.double().tolist() for key, value in averaged.state_dict().items()})
    assert seen[0].keys() == seen[1].keys()
    for key, value in seen[1].items():
        if not (buffers and key.endswith("num_batches_tracked")):
            assert rt.tensor(seen[0][key]).flatten().tolist() == pytest.approx(
                torch.tensor(value).flatten().tolist(), rel=1e-5
            )


def test_statistics_of_batch_norms_anew(torch):
    x = [[[0.0, 1.0], [2.0, 5.0]], [[4.0, 1.0], [7.0, 3.0]]]
    seen = []
    for library in (rt, torch):
        model = library.nn.Sequential(library.nn.BatchNorm1d(2)).eval()
        library.optim.swa_utils.update_bn([(library.tensor(batch), None) for batch in x], model)
        assert model[0].momentum == 0.1
        assert not model.training
        seen.append([*model[0].running_mean.tolist(), *model[0].running_var.tolist()])
    assert seen[0] == pytest.approx(seen[1])


@pytest.mark.parametrize("strategy", ["cos", "linear"])
@pytest.mark.parametrize("epochs", [0, 4])
def test_swalr_like_torch(torch, strategy, epochs):
    seen = []
    for library in (rt, torch):
        owner = two_groups(library)
        schedule = library.optim.swa_utils.SWALR(owner, [0.05, 0.2], anneal_epochs=epochs, anneal_strategy=strategy)
        seen.append(rates(owner, schedule, 8))
    assert seen[0] == pytest.approx(seen[1], rel=1e-9)


# Schedules

SCHEDULES = [
    ("LambdaLR", {"lr_lambda": lambda epoch: 0.9**epoch}),
    ("MultiplicativeLR", {"lr_lambda": lambda epoch: 0.9}),
    ("StepLR", {"step_size": 3, "gamma": 0.5}),
    ("MultiStepLR", {"milestones": [2, 5, 5, 9], "gamma": 0.5}),
    ("ConstantLR", {"factor": 0.5, "total_iters": 4}),
    ("ConstantLR", {"factor": 0.5, "total_iters": 5}),
    ("LinearLR", {"start_factor": 0.25, "end_factor": 0.75, "total_iters": 6}),
    ("ExponentialLR", {"gamma": 0.8}),
    ("PolynomialLR", {"total_iters": 7, "power": 2.0}),
    ("CosineAnnealingLR", {"T_max": 5, "eta_min": 0.01}),
    ("CosineAnnealingWarmRestarts", {"T_0": 3, "T_mult": 2, "eta_min": 0.01}),
    ("OneCycleLR", {"max_lr": [1.0, 2.0], "total_steps": 20}),
    (
        "OneCycleLR",
        {"max_lr": 1.0, "epochs": 4, "steps_per_epoch": 5, "three_phase": True, "anneal_strategy": "linear"},
    ),
    ("CyclicLR", {"base_lr": 0.1, "max_lr": 1.0, "step_size_up": 3, "step_size_down": 2}),
    ("OneCycleLR", {"max_lr": 1.0, "total_steps": 20, "pct_start": 0.5, "div_factor": 5.0, "final_div_factor": 50.0}),
    ("OneCycleLR", {"max_lr": 1.0, "total_steps": 20, "base_momentum": 0.7, "max_momentum": 0.8}),
    ("OneCycleLR", {"max_lr": 1.0, "total_steps": 20, "cycle_momentum": False}),
    ("CyclicLR", {"base_lr": 0.1, "max_lr": 1.0, "step_size_up": 3, "cycle_momentum": False}),
    ("CyclicLR", {"base_lr": 0.1, "max_lr": 1.0, "step_size_up": 3, "base_momentum": 0.7, "max_momentum": 0.8}),
    (
        "CyclicLR",
        {"base_lr": 0.1, "max_lr": 1, "step_size_up": 3, "scale_fn": lambda x: 0.9**x, "scale_mode": "iterations"},
    ),
    ("CyclicLR", {"base_lr": 0.1, "max_lr": 1.0, "step_size_up": 3, "mode": "triangular2"}),
    ("CyclicLR", {"base_lr": [0.1, 0.2], "max_lr": 1.0, "step_size_up": 3, "mode": "exp_range", "gamma": 0.9}),
]
SCHEDULE_IDS = [name for name, _ in SCHEDULES]


def two_groups(library, optimizer="SGD"):
    params = [{"params": [library.nn.Parameter(library.zeros(1))], "lr": lr} for lr in (0.5, 0.1)]
    kwargs = {"momentum": 0.9} if optimizer == "SGD" else {}
    return getattr(library.optim, optimizer)(params, **kwargs)


def rates(optimizer, schedule, steps, metric=None):
    """Rates and momenta before and after each of `steps` steps."""
    seen = []
    for step in range(steps):
        for group in optimizer.param_groups:
            seen += [group["lr"], group["momentum"] if "momentum" in group else group["betas"][0]]
        optimizer.step()
        schedule.step(*(() if metric is None else (metric(step),)))
        assert schedule.get_last_lr() == [group["lr"] for group in optimizer.param_groups]
    return seen


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
@pytest.mark.parametrize(("name", "kwargs"), SCHEDULES, ids=SCHEDULE_IDS)
def test_schedules_like_torch(name, kwargs, optimizer):
    torch = pytest.importorskip("torch")
    seen = []
    for library in (rt, torch):
        owner = two_groups(library, optimizer)
        schedule = getattr(library.optim.lr_scheduler, name)(owner, **kwargs)
        seen.append(rates(owner, schedule, 20))
    assert seen[0] == pytest.approx(seen[1], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("name", "kwargs"), SCHEDULES, ids=SCHEDULE_IDS)
def test_schedules_resume(name, kwargs):
    first = two_groups(rt)
    schedule = getattr(lr_scheduler, name)(first, **kwargs)
    rates(first, schedule, 7)
    second = two_groups(rt)
    other = getattr(lr_scheduler, name)(second, **kwargs)
    second.load_state_dict(first.state_dict())
    other.load_state_dict(schedule.state_dict())
    assert rates(first, schedule, 9) == rates(second, other, 9)


@pytest.mark.filterwarnings("ignore:The epoch parameter")
@pytest.mark.parametrize(
    "build",
    [
        lambda s, o: s.SequentialLR(o, [s.ConstantLR(o, 0.1, 3), s.ExponentialLR(o, 0.9)], [4]),
        lambda s, o: s.SequentialLR(
            o, [s.LinearLR(o, total_iters=3), s.CosineAnnealingLR(o, 5), s.StepLR(o, 2)], milestones=[3, 9]
        ),
        lambda s, o: s.ChainedScheduler([s.ConstantLR(o, 0.1, 3), s.ExponentialLR(o, 0.9)], optimizer=o),
    ],
)
def test_composed_schedules_like_torch(build):
    torch = pytest.importorskip("torch")
    seen = []
    for library in (rt, torch):
        owner = two_groups(library)
        schedule = build(library.optim.lr_scheduler, owner)
        seen.append(rates(owner, schedule, 15))
        fresh = two_groups(library)
        again = build(library.optim.lr_scheduler, fresh)
        fresh.load_state_dict(owner.state_dict())
        again.load_state_dict(schedule.state_dict())
        assert rates(fresh, again, 5) == rates(owner, schedule, 5)
    assert seen[0] == pytest.approx(seen[1], rel=1e-9)


PLATEAU = [
    {"patience": 2},
    {"mode": "max", "patience": 1, "cooldown": 3, "threshold": 0.3},
    {"threshold_mode": "abs", "threshold": 0.5, "patience": 0, "min_lr": [0.01, 0.05]},
    {"mode": "max", "threshold_mode": "abs", "patience": 1},
    {"mode": "max", "factor": 0.5, "patience": 1, "eps": 0.04},
]


@pytest.mark.parametrize("kwargs", PLATEAU)
def test_reduce_on_plateau_like_torch(kwargs):
    torch = pytest.importorskip("torch")
    seen = []
    for library in (rt, torch):
        owner = two_groups(library)
        schedule = library.optim.lr_scheduler.ReduceLROnPlateau(owner, **kwargs)
        seen.append(rates(owner, schedule, 25, metric=lambda step: math.sin(step * 0.7) - 0.02 * step))
    assert seen[0] == pytest.approx(seen[1], rel=1e-9)


# Where options are tested that no row above names.
ELSEWHERE = {
    "foreach": "test_flags_are_accepted",
    "capturable": "test_flags_are_accepted",
    "differentiable": "test_steps_that_are_differentiable",
    "fused": "test_updates_and_state_like_torch",
    "last_epoch": "test_schedules_go_on_from_an_epoch_like_torch",
}
COMPOSED = {"ChainedScheduler", "SequentialLR"}  # test_composed_schedules_like_torch


def test_every_option_of_optimizers_and_schedules_has_a_row():
    rows = [*RULES, *SCHEDULES, *(("ReduceLROnPlateau", row) for row in PLATEAU)]
    rows += [("SparseAdam", row) for row in SPARSE_ADAM]
    rows += [(name, row) for name, known in (("LBFGS", LBFGS), ("Muon", MUON)) for row in known]
    missing = []
    for module in (optim, lr_scheduler):
        for name in module.__all__:
            kind = getattr(module, name)
            if not inspect.isclass(kind) or name in {"Optimizer", "LRScheduler", "_LRScheduler", *COMPOSED}:
                continue
            if name not in {row for row, _ in rows}:
                missing.append(name)
            known = {option for row, options in rows if row == name for option in options}
            options = set(inspect.signature(kind).parameters) - {"params", "optimizer"} - ELSEWHERE.keys()
            missing += [f"{name}.{option}" for option in sorted(options - known)]
    assert missing == []


@pytest.mark.parametrize("name", ["SGD", "Adam", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam", "Rprop"])
def test_flags_are_accepted(name):
    """How PyTorch runs a step (many tensors at once, on a GPU's graph) changes no number."""
    kind, found = getattr(optim, name), []
    for flags in ({}, {"foreach": True}, {"foreach": False, "capturable": True}):
        params = make(rt, rt.float64)
        optimizer = kind(params, **{k: v for k, v in flags.items() if k in inspect.signature(kind).parameters})
        train(rt, optimizer, params)
        found.append([flat(param) for param in params])
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize(("name", "kwargs"), SCHEDULES, ids=SCHEDULE_IDS)
def test_schedules_go_on_from_an_epoch_like_torch(torch, name, kwargs):
    """`last_epoch=`: a new schedule on an optimizer whose groups know their first rates."""
    seen = []
    for library in (rt, torch):
        owner = two_groups(library)
        first = getattr(library.optim.lr_scheduler, name)(owner, **kwargs)
        rates(owner, first, 4)
        again = getattr(library.optim.lr_scheduler, name)(owner, **kwargs, last_epoch=4)
        seen.append(rates(owner, again, 8))
    assert seen[0] == pytest.approx(seen[1], rel=1e-9, abs=1e-12)


def test_schedule_order_is_watched():
    sgd = optim.SGD([nn.Parameter(rt.zeros(1))], lr=0.1)
    schedule = lr_scheduler.StepLR(sgd, 2)
    with pytest.warns(UserWarning, match=r"before `optimizer.step\(\)`"):
        schedule.step()
    with pytest.raises(TypeError, match="int is not an Optimizer"):
        lr_scheduler.StepLR(3, 2)
    with pytest.raises(KeyError, match="initial_lr"):
        lr_scheduler.StepLR(optim.SGD([nn.Parameter(rt.zeros(1))]), 2, last_epoch=3)


def test_users_own_schedules():
    class Halving(lr_scheduler._LRScheduler):
        def get_lr(self):
            return [base / 2**self.last_epoch for base in self.base_lrs]

    sgd = optim.SGD([nn.Parameter(rt.zeros(1))], lr=rt.tensor(1.0))
    schedule = Halving(sgd)
    rate = sgd.param_groups[0]["lr"]
    sgd.step()
    schedule.step()
    assert rate.item() == 0.5
    assert sgd.param_groups[0]["lr"] is rate


@pytest.mark.parametrize("name", ["optimizer", "sgd", "adam", "lr_scheduler.base"])
def test_examples_in_docstrings(name):
    assert doctest.testmod(importlib.import_module(f"rutile.optim.{name}"), extraglobs={"rt": rt}).failed == 0
