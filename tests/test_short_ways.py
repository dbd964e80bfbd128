"""Small calls take short ways: they give what the general way gives."""

import operator

import numpy as np
import pytest
import rutile as rt

LONG = 4096
"""Elements from which on nothing is short."""

NUMBERS = [2, -0.5, True, 0, 1e300, float("nan"), float("-inf"), 2**60 + 1]
OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv]


@pytest.mark.parametrize("dtype", [rt.float32, rt.float64], ids=str)
@pytest.mark.parametrize("op", OPERATORS, ids=lambda op: op.__name__)
@pytest.mark.parametrize("length", [1, 7, 64, 65, 2048])
def test_numbers_beside_a_few_elements(op, dtype, length):
    long = rt.linspace(-3, 3, LONG, dtype=dtype)
    short = long[:length].clone()
    for number in NUMBERS:
        for way in (lambda x, number=number: op(x, number), lambda x, number=number: op(number, x)):
            found, wanted = way(short), way(long)[:length]
            assert found.dtype == wanted.dtype == dtype
            assert found.numpy().tobytes() == wanted.numpy().tobytes(), number


def test_numbers_beside_a_few_elements_have_gradients():
    x = rt.tensor([1.0, 2.0], requires_grad=True)
    ((3 / x) * 2.0 - x).sum().backward()
    assert np.allclose(x.grad.numpy(), [-7.0, -2.5])  # -6 / x^2 - 1


@pytest.mark.parametrize("other", [2.5, np.float32(2.0), 3])
def test_what_the_result_is_made_of(other):
    torch = pytest.importorskip("torch")
    ours, theirs = rt.ones(3) * other, torch.ones(3) * other
    assert str(ours.dtype).rsplit(".", maxsplit=1)[-1] == str(theirs.dtype).rsplit(".", maxsplit=1)[-1]
    assert (rt.arange(3) * 0.5).dtype == rt.float32
    assert (rt.arange(3) * other).shape == (3,)


def test_rows_by_a_number():
    x = rt.arange(12.0).reshape(3, 4).requires_grad_()
    for i in range(-3, 3):
        assert x[i].tolist() == x[i : i + 1 or None][0].tolist() == x[i, :].tolist()
        assert x.t()[i].tolist() == x.t()[i, ...].tolist()
    for i in (3, -4, 2**40):
        with pytest.raises(IndexError, match="out of bounds for dimension 0 with size 3"):
            x[i]
    with pytest.raises(IndexError):
        rt.tensor(1.0)[0]
    assert x[True].shape == (1, 3, 4)  # a flag, not a number
    (x[1] * x[-1]).sum().backward()
    assert x.grad.tolist() == [[0.0] * 4, x[2].tolist(), x[1].tolist()]


def test_rows_are_windows():
    x = rt.zeros(2, 3)
    x[1][2] = 5.0
    assert x.tolist() == [[0, 0, 0], [0, 0, 5]]
    leaf = rt.ones(2, 2, requires_grad=True)
    base = leaf * 2
    row = base[0]
    row.mul_(3.0)
    base.sum().backward()
    assert leaf.grad.tolist() == [[6, 6], [2, 2]]
    row = rt.ones(1, 3, requires_grad=True)
    row.expand(2, 3)[1].sum().backward()
    assert row.grad.tolist() == [[1, 1, 1]]
