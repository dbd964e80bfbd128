"""Random programs: chains of views, in-place writes, indexing and arithmetic do what they do in PyTorch.

A program is a list of steps; a step is a number that picks what is done and a few that pick on what. Each runs on both
libraries at once: after every step the tensors agree (values, shape, dtype, strides of views, `requires_grad`), both or
neither raise; at the end the gradients of the leaves agree. What an in-place write must do to the other tensors on the
same memory, to their history and to what derivatives have saved is all in there.
"""

import numpy as np
import pytest
import rutile as rt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FAILURES = (RuntimeError, IndexError, ValueError, TypeError, NotImplementedError)
# PyTorch refuses what we do correctly; nothing can be compared after that.
STRICTER = (
    "some elements of the input tensor and the written-to tensor refer to a single memory location",
    "the output of a function that returns multiple views",
    "created in no_grad mode",
    "created inside a no_grad block",
    "created in inference mode",
    "output of a function that is not differentiable",
)
# Ours writes an in-place result to the tensor after saving it elsewhere, so a later write does not spoil it.
SAVED = "has been modified by an inplace operation"
# We refuse what PyTorch warns of: writing different numbers to one element.
OURS_STRICTER = "more than one element of the written-to tensor"
POOL = 7


class Skip(Exception):  # noqa: N818 - not an error
    """This step makes no sense for its operands."""


def need(condition):
    if not condition:
        raise Skip


# Every step takes (library, pool, the tensor picked, three small numbers).


def size_of(x):
    return int(np.prod(tuple(x.shape)))


def reshape(lib, pool, x, a, b, c):
    n = size_of(x)
    shapes = [(n,), (-1, 1), (1, n), (2, -1), (-1, 3), (3, 2)]
    return x.reshape(shapes[a % len(shapes)])


def view(lib, pool, x, a, b, c):
    n = size_of(x)
    shapes = [(n,), (1, -1), (2, -1), (-1, 2), (3, -1)]
    return x.view(shapes[a % len(shapes)])


def slices(lib, pool, x, a, b, c):
    need(x.dim())
    index = [slice(None)] * x.dim()
    index[a % x.dim()] = slice(b % 3, None, 1 + c % 2)
    return x[tuple(index)]


def advanced(lib, pool, x, a, b, c):
    need(x.dim())
    n = x.shape[0]
    need(n)
    index = lib.tensor([a % n, b % n, -1 - c % n])
    return x[index] if a % 2 else x[..., lib.tensor([0, -1])]


def masked(lib, pool, x, a, b, c):
    return x[x > 0.25 * (a % 5 - 2)]


def other(pool, number):
    return pool[number % len(pool)]


def operand(x, pool, number):
    """A second operand of an in-place step. One that is another window on the same memory is read while it is written:
    PyTorch's results are then undefined."""
    y = pool[number % len(pool)]
    if type(x).__module__ == "torch":
        need(y is x or x.untyped_storage().data_ptr() != y.untyped_storage().data_ptr())
    return y


def floating(x):
    return x.is_floating_point()


def write_slice(lib, pool, x, a, b, c):
    need(x.dim() and x.shape[0])
    value = 0.5 * (b % 5 - 2) if c % 2 else operand(x, pool, b)
    x[a % x.shape[0]] = value


def write_step(lib, pool, x, a, b, c):
    need(x.dim())
    x[..., a % 2 :: 1 + b % 2] = 0.5 * (c % 5 - 2) if a % 3 else operand(x, pool, c)


def write_mask(lib, pool, x, a, b, c):
    x[x > 0.25 * (a % 5 - 2)] = 1.5 * (b % 3 - 1)


def write_advanced(lib, pool, x, a, b, c):
    need(x.dim() and x.shape[0])
    n = x.shape[0]
    first = a % n
    second = (first + 1 + b % n) % n
    x[lib.tensor([first] if first == second else [first, second])] = 0.5 * (c % 5 - 2)


def in_no_grad(lib, pool, x, a, b, c):
    with lib.no_grad():
        x.mul_(0.5 + a % 3)


def accumulate(lib, pool, x, a, b, c):
    need(x.dim() and x.shape[0])
    index = lib.tensor([a % x.shape[0], b % x.shape[0]])
    x.index_put_((index,), lib.ones(1, dtype=x.dtype) * (c % 3), accumulate=True)


def index_add(lib, pool, x, a, b, c):
    need(x.dim() and x.shape[0])
    index = lib.tensor([a % x.shape[0], b % x.shape[0]])
    return x.index_add_(0, index, lib.ones((2, *x.shape[1:]), dtype=x.dtype) * (c % 3))


def scatter(lib, pool, x, a, b, c):
    need(x.dim() and x.shape[0])
    index = lib.full((1, *x.shape[1:]), a % x.shape[0], dtype=lib.int64)
    return x.scatter_(0, index, 0.5 * (b % 4))


def gather(lib, pool, x, a, b, c):
    need(x.dim() and x.shape[0])
    index = lib.full((2, *x.shape[1:]), a % x.shape[0], dtype=lib.int64)
    return x.gather(0, index)


def split(lib, pool, x, a, b, c):
    need(x.dim() and x.shape[0])
    pieces = x.split(1 + a % 2) if b % 2 else x.unbind()
    return pieces[c % len(pieces)] * 1  # PyTorch refuses writes to one of several views


def expand(lib, pool, x, a, b, c):
    return x.unsqueeze(0).expand(2, *x.shape) if a % 2 else x.expand(1, *x.shape)


def as_strided(lib, pool, x, a, b, c):
    need(size_of(x) >= 4 and x.is_contiguous())
    return x.as_strided((2, 2), [(2, 1), (1, 2), (1, 1)][a % 3], x.storage_offset())


def where(lib, pool, x, a, b, c):
    return lib.where(x > 0.25 * (a % 5 - 2), x, other(pool, b))


def matmul(lib, pool, x, a, b, c):
    y = other(pool, a)
    need(x.dim() == 2 and y.dim() == 2 and x.dtype == y.dtype and floating(x))
    return x @ (y if b % 2 else y.transpose(0, 1))


def cat(lib, pool, x, a, b, c):
    need(x.dim())
    return lib.cat([x, other(pool, a)], b % x.dim())


def total(lib, pool, x, a, b, c):
    return x.sum() if a % 3 == 0 or not x.dim() else x.sum(b % x.dim(), keepdim=bool(c % 2))


def convert(lib, pool, x, a, b, c):
    return x.to([lib.float32, lib.float64, lib.int64][a % 3])


def hidden(lib, pool, x, a, b, c):
    """`data`: writes that versions do not count; only for tensors without history, else results are undefined."""
    need(not x.requires_grad)
    x.data.add_(a % 3)


STEPS = {
    # views
    "transpose": lambda lib, pool, x, a, b, c: x.transpose(-1, -2),
    "permute": lambda lib, pool, x, a, b, c: x.permute(tuple(range(x.dim() - 1, -1, -1))),
    "movedim": lambda lib, pool, x, a, b, c: x.movedim(0, -1),
    "reshape": reshape,
    "view": view,
    "flatten": lambda lib, pool, x, a, b, c: x.flatten(),
    "narrow": lambda lib, pool, x, a, b, c: x.narrow(0, a % 2, b % 3),
    "select": lambda lib, pool, x, a, b, c: x.select(a % max(x.dim(), 1), b % 3),
    "slices": slices,
    "unsqueeze": lambda lib, pool, x, a, b, c: x.unsqueeze(a % (x.dim() + 1)),
    "squeeze": lambda lib, pool, x, a, b, c: x.squeeze() if a % 2 else x.squeeze(0),
    "expand": expand,
    "diagonal": lambda lib, pool, x, a, b, c: x.diagonal(a % 3 - 1),
    "unfold": lambda lib, pool, x, a, b, c: x.unfold(-1, 1 + a % 2, 1 + b % 2),
    "as_strided": as_strided,
    "ellipsis": lambda lib, pool, x, a, b, c: x[..., a % 3],
    "new axis": lambda lib, pool, x, a, b, c: x[None],
    "detach": lambda lib, pool, x, a, b, c: x.detach(),
    "expand_as": lambda lib, pool, x, a, b, c: x.expand_as(other(pool, a)),
    # in place
    "add_": lambda lib, pool, x, a, b, c: x.add_(operand(x, pool, a)),
    "add_ number": lambda lib, pool, x, a, b, c: x.add_(a % 4 - 1),
    "mul_": lambda lib, pool, x, a, b, c: x.mul_(operand(x, pool, a)),
    "mul_ number": lambda lib, pool, x, a, b, c: x.mul_(1.5 if a % 2 else 2),
    "sub_": lambda lib, pool, x, a, b, c: x.sub_(operand(x, pool, a), alpha=1 + b % 2),
    "copy_": lambda lib, pool, x, a, b, c: x.copy_(operand(x, pool, a)),
    "fill_": lambda lib, pool, x, a, b, c: x.fill_(0.5 * (a % 5)),
    "zero_": lambda lib, pool, x, a, b, c: x.zero_(),
    "relu_": lambda lib, pool, x, a, b, c: x.relu_(),
    "tanh_": lambda lib, pool, x, a, b, c: x.tanh_(),
    "sin_": lambda lib, pool, x, a, b, c: x.sin_(),
    "neg_": lambda lib, pool, x, a, b, c: x.neg_(),
    "clamp_": lambda lib, pool, x, a, b, c: x.clamp_(-0.5, 1.0 + a % 2),
    "masked_fill_": lambda lib, pool, x, a, b, c: x.masked_fill_(x > 0.25 * (a % 5 - 2), b % 3),
    "lt_": lambda lib, pool, x, a, b, c: x.lt_(0.25 * (a % 5 - 2)),
    "unsqueeze_": lambda lib, pool, x, a, b, c: x.unsqueeze_(a % (x.dim() + 1)),
    "squeeze_": lambda lib, pool, x, a, b, c: x.squeeze_(),
    "transpose_": lambda lib, pool, x, a, b, c: x.transpose_(0, -1),
    "in no_grad": in_no_grad,
    "data": hidden,
    "index_add_": index_add,
    "scatter_": scatter,
    "accumulate": accumulate,
    "x[i] =": write_slice,
    "x[..., i::j] =": write_step,
    "x[mask] =": write_mask,
    "x[tensor] =": write_advanced,
    # copies
    "x[tensor]": advanced,
    "x[mask]": masked,
    "gather": gather,
    "split": split,
    "add": lambda lib, pool, x, a, b, c: x + other(pool, a),
    "mul": lambda lib, pool, x, a, b, c: x * other(pool, a),
    "sub": lambda lib, pool, x, a, b, c: other(pool, a) - x,
    "scale": lambda lib, pool, x, a, b, c: x * (a % 3) + 0.5,
    "maximum": lambda lib, pool, x, a, b, c: lib.maximum(x, other(pool, a)),
    "tanh": lambda lib, pool, x, a, b, c: x.tanh(),
    "sin": lambda lib, pool, x, a, b, c: x.sin(),
    "square": lambda lib, pool, x, a, b, c: x * x,
    "where": where,
    "matmul": matmul,
    "cat": cat,
    "sum": total,
    "to": convert,
    "clone": lambda lib, pool, x, a, b, c: x.clone(),
}
NAMES = list(STEPS)
# Results in memory of their own. PyTorch lays some out as their operands lie, we in row-major order.
COPIES = NAMES[NAMES.index("x[tensor]") :]
WRITES = {name for name in NAMES if name.endswith(("_", "=", "number")) or name in ("in no_grad", "data", "accumulate")}


def overlapping(x):
    """Whether two of its places are one element: then the result of a write is undefined."""
    strides = sorted((stride, n) for stride, n in zip(x.stride(), x.shape, strict=True) if n > 1 and stride)
    reach = 0
    for stride, n in strides:
        if stride <= reach:
            return True
        reach += stride * (n - 1)
    return False


number = st.integers(0, 60)
programs = st.lists(st.tuples(st.sampled_from(NAMES), number, number, number, number), min_size=4, max_size=14)


class Machine:
    """One library with the tensors of a program."""

    def __init__(self, lib):
        self.lib = lib
        rng = np.random.default_rng(7)

        def floats(*shape):
            return lib.tensor((rng.integers(-8, 9, shape) / 4).tolist(), dtype=lib.float64).reshape(shape)

        self.leaves = [floats(2, 3).requires_grad_(), floats(3).requires_grad_()]
        single = floats(2, 2).to(lib.float32).requires_grad_()
        self.leaves.append(single)
        self.pool = [self.leaves[0] * 1, self.leaves[1] * 1, single * 1, floats(2, 3, 2), lib.arange(6).reshape(2, 3)]
        self.fixed = len(self.pool)

    def step(self, name, at, a, b, c):
        """The exception, if there was one, and the result, if it is a new tensor."""
        x = self.pool[at % len(self.pool)]
        try:
            result = STEPS[name](self.lib, self.pool, x, a, b, c)
        except FAILURES as error:
            return error, None
        return None, None if result is x else result

    def keep(self, result, at):
        if len(self.pool) < POOL:
            self.pool.append(result)
        else:
            self.pool[self.fixed + at % (POOL - self.fixed)] = result

    def finish(self):
        """The gradients of a weighted sum of everything."""
        terms = [(i, x) for i, x in enumerate(self.pool) if floating(x) and x.requires_grad]
        try:
            if not terms:
                return None, []
            loss = sum((x.double() * (1.0 + 0.25 * i)).sum() for i, x in terms)
            grads = self.lib.autograd.grad(loss, self.leaves, allow_unused=True)
        except FAILURES as error:
            return error, None
        return None, grads


def describe(x):
    return tuple(x.shape), str(x.dtype).split(".")[-1], x.requires_grad


def same_numbers(ours, theirs, where, loose=False):
    a, b = np.asarray(ours.detach().tolist()), np.asarray(theirs.detach().tolist())
    tolerance = 1e-4 if loose or "32" in str(theirs.dtype) else 1e-9
    np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance, err_msg=str(where))


def run(torch, program):
    ours, theirs = Machine(rt), Machine(torch)
    for at, step in enumerate(program):
        where = (at, *step)
        if step[0] in WRITES and overlapping(theirs.pool[step[1] % len(theirs.pool)]):
            continue
        try:
            their_error, their_result = theirs.step(*step)
        except Skip:
            continue
        our_error, our_result = ours.step(*step)
        results = their_result is not None and our_result is not None
        if results and step[0] in COPIES and not their_result.is_contiguous():
            their_result, our_result = their_result.contiguous(), our_result.contiguous()
        if their_error is not None and any(text in str(their_error) for text in STRICTER):
            return
        if our_error is not None and their_error is None and OURS_STRICTER in str(our_error):
            return
        assert not isinstance(our_error, rt.InternalError), (where, our_error)
        assert (our_error is None) == (their_error is None), (where, our_error, their_error)
        assert (our_result is None) == (their_result is None), (where, our_result, their_result)
        if our_result is not None:
            ours.keep(our_result, at)
            theirs.keep(their_result, at)
        for i, (x, y) in enumerate(zip(ours.pool, theirs.pool, strict=True)):
            assert describe(x) == describe(y), (where, i)
            assert (x.grad_fn is None) == (y.grad_fn is None), (where, i)
            same_numbers(x, y, (where, i))
    our_error, our_grads = ours.finish()
    their_error, their_grads = theirs.finish()
    if their_error is not None and any(text in str(their_error) for text in (*STRICTER, SAVED, OURS_STRICTER)):
        return
    assert (our_error is None) == (their_error is None), ("backward", our_error, their_error)
    if our_error is None:
        assert len(our_grads) == len(their_grads)
        mixed = any("32" in str(x.dtype) for x in theirs.pool)
        for i, (x, y) in enumerate(zip(our_grads, their_grads, strict=True)):
            assert (x is None) == (y is None), ("gradient", i, x, y)
            if x is not None:
                same_numbers(x, y, ("gradient", i), loose=mixed)


quick = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(max_examples=150, suppress_health_check=quick)
@given(programs)
def test_random_programs(torch, program):
    run(torch, program)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(max_examples=10_000, suppress_health_check=quick)
@given(programs)
def test_ten_thousand_random_programs(torch, program):
    run(torch, program)
