"""Every module of `nn` beside PyTorch's, in float64 with the same parameters: outputs, gradients of inputs and
parameters, keys of the state, text, in training and in evaluation. A row of the table is a test.
"""

import inspect
import warnings
from dataclasses import dataclass, field

import numpy as np
import pytest
import rutile as rt
from nn_rows import NOT_CALLED, ROWS, Spec
from samples import assert_same


def from_numpy(library, array):
    return library.tensor(array.ravel().tolist(), dtype=getattr(library, str(array.dtype))).reshape(array.shape)


@dataclass
class Side:
    """One library: its module and its inputs."""

    library: object
    module: object = None
    inputs: list = field(default_factory=list)
    kwargs: dict = field(default_factory=dict)

    def leaves(self):
        floats = [x for x in [*self.flat(self.inputs), *self.kwargs.values()] if getattr(x, "requires_grad", False)]
        return [*floats, *self.module.parameters()]

    def flat(self, value):
        if isinstance(value, (list, tuple)):
            return [part for item in value for part in self.flat(item)]
        return [value]


def build(row, library, arrays):
    """The module and its inputs; `arrays` are the numbers, in order."""
    left = iter(arrays)

    def make(spec):
        if isinstance(spec, tuple) and spec and spec[0] == "pair":
            return tuple(make(part) for part in spec[1:])
        if isinstance(spec, Spec):
            tensor = from_numpy(library, next(left))
            return tensor.requires_grad_() if spec.kind == "float" and spec.grad else tensor
        return spec

    side = Side(library, row.make(library))
    side.inputs = [make(spec) for spec in row.inputs]
    side.kwargs = {key: make(spec) for key, spec in row.kwargs.items()}
    return side


def specs(value):
    if isinstance(value, Spec):
        return [value]
    if isinstance(value, (tuple, list)):
        return [spec for item in value for spec in specs(item)]
    return []


def both(row, torch, seed=0):
    rng = np.random.default_rng(seed)
    arrays = [spec.draw(rng) for spec in [*specs(row.inputs), *specs(list(row.kwargs.values()))]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours, theirs = build(row, rt, arrays), build(row, torch, arrays)
    for side in (ours, theirs):
        side.module.to(side.library.float64)
    if row.lazy:  # the first input decides the sizes
        with rt.no_grad(), torch.no_grad():
            for side in (ours, theirs):
                side.module.to(side.library.float64)(*side.inputs, **side.kwargs)
    state = {}
    for key, value in theirs.module.state_dict().items():
        array = value.numpy()
        state[key] = from_numpy(torch, rng.uniform(0.2, 1.0, array.shape) if array.dtype == np.float64 else array)
    theirs.module.load_state_dict(state)
    assert list(ours.module.state_dict()) == list(state)
    ours.module.load_state_dict({key: from_numpy(rt, value.numpy()) for key, value in state.items()})
    return ours, theirs


def results(side):
    def copied(value):
        """Layers may overwrite what they are given, but not a leaf."""
        if isinstance(value, tuple):
            return tuple(copied(part) for part in value)
        return value * 1 if getattr(value, "requires_grad", False) else value

    output = side.module(*map(copied, side.inputs), **{key: copied(value) for key, value in side.kwargs.items()})
    outputs = [x for x in side.flat(output) if x is not None]
    outputs = [x for x in outputs if hasattr(x, "shape")]
    total = None
    for x in outputs:
        if x.requires_grad:
            weights = side.library.linspace(0.5, 1.5, max(x.numel(), 1), dtype=side.library.float64)[: x.numel()]
            part = (x * weights.reshape(x.shape)).sum()
            total = part if total is None else total + part
    leaves = side.leaves()
    if total is None or not leaves:
        return outputs, []
    grads = side.library.autograd.grad(total, leaves, allow_unused=True)
    zeros = [side.library.zeros_like(leaf) if grad is None else grad for grad, leaf in zip(grads, leaves, strict=True)]
    return outputs, zeros


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 5))])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_module_as_in_pytorch(torch, row, seed):
    ours, theirs = both(row, torch, seed)
    assert repr(ours.module) == repr(theirs.module)
    for training in (True, False) if row.train else (False,):
        ours.module.train(training)
        theirs.module.train(training)
        for side in (ours, theirs):
            assert side.module.training is training
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            (a, grad_a), (b, grad_b) = results(ours), results(theirs)
        assert_same(a, b, ulps=row.ulps)
        largest = max([1.0, *(float(grad.abs().max()) for grad in grad_b if grad.numel())])
        assert_same(grad_a, grad_b, ulps=row.ulps, scale=largest)
        # Running statistics, counters.
        assert_same(list(ours.module.state_dict().values()), list(theirs.module.state_dict().values()), ulps=row.ulps)


def test_every_module_has_a_row():
    modules = {
        name
        for name in rt.nn.__all__
        if isinstance(getattr(rt.nn, name), type) and issubclass(getattr(rt.nn, name), rt.nn.Module)
    }
    bases = {"Module", "RNNBase", "RNNCellBase"}
    assert modules - bases - NOT_CALLED - {row.kind for row in ROWS} == set()


# Options without a row, and where they are tested.
ELSEWHERE = {
    "device": "test_nn_module.py: there is one",
    "dtype": "test_nn_module.py",
    "size_average": "test_nn_layers.py: old words for reduction",
    "reduce": "test_nn_layers.py",
    "Hardtanh.min_value": "test_nn_layers.py: an old word for min_val",
    "Hardtanh.max_value": "test_nn_layers.py",
    "DataParallel.device_ids": "test_compat.py: there is one device",
    "DataParallel.output_device": "test_compat.py",
    "DataParallel.dim": "test_compat.py",
    "Embedding.sparse": "test_optim.py: gradients are dense",
    "EmbeddingBag.sparse": "test_optim.py",
    "EmbeddingBag.scale_grad_by_freq": "below: PyTorch divides by how often other rows occur",
    "LinearCrossEntropyLoss.options": "test_nn_layers.py: how PyTorch cuts the work",
}


def exercised(kind):
    """The options of a module that some row gives."""
    signature = inspect.signature(getattr(rt.nn, kind))
    return {
        name for row in ROWS if row.kind == kind for name in signature.bind(*row.options[0], **row.options[1]).arguments
    }


def test_every_option_has_a_row():
    missing = []
    for kind in sorted({row.kind for row in ROWS}):
        for name in inspect.signature(getattr(rt.nn, kind)).parameters:
            if not {name, f"{kind}.{name}"} & ELSEWHERE.keys() and name not in exercised(kind):
                missing.append(f"{kind}.{name}")
    assert missing == []


def test_bags_divide_gradients_by_how_often_a_row_occurs():
    layer = rt.nn.EmbeddingBag(5, 1, mode="sum", scale_grad_by_freq=True)
    layer(rt.tensor([[1, 1, 2], [1, 2, 3]])).sum().backward()
    assert layer.weight.grad.flatten().tolist() == [0, 1, 1, 1, 0]
