"""Products that the samples of the registry cannot express: equations drawn at random, sublists, tensors one by one."""

import numpy as np
import pytest
import rutile as rt
from hypothesis import given
from hypothesis import strategies as st
from samples import assert_same

EXTENTS = {"a": 2, "b": 3, "c": 1, "d": 2, "B": 3}


@st.composite
def equations(draw):
    """An equation with its operands: repeated names, extents of one, ellipses, with and without `->`."""
    count = draw(st.integers(1, 4))
    dots = draw(st.booleans())
    shared = draw(st.lists(st.integers(1, 3), max_size=2)) if dots else []
    terms, arrays = [], []
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    for _ in range(count):
        names = draw(st.text("abcdB", max_size=3))
        # A name twice takes a diagonal: both axes have its extent. Otherwise one may be 1 and broadcast.
        shape = [1 if names.count(n) == 1 and draw(st.integers(0, 5)) == 0 else EXTENTS[n] for n in names]
        if dots and draw(st.booleans()):
            at = draw(st.integers(0, len(names)))
            inner = shared[draw(st.integers(0, len(shared))) :]
            shape = shape[:at] + inner + shape[at:]
            names = names[:at] + "..." + names[at:]
        terms.append(names)
        arrays.append(rng.uniform(-2, 2, shape))
    text = ", ".join(terms)
    if draw(st.booleans()):
        used = sorted(set(text) & set("abcdB"))
        output = draw(st.permutations(used))[: draw(st.integers(0, len(used)))]
        text += " -> " + ("..." if "..." in text else "") + "".join(output)
    return text, arrays


def test_random_equations_as_in_pytorch(torch):
    @given(equations())
    def check(case):
        text, arrays = case
        expected = torch.einsum(text, *(torch.from_numpy(array) for array in arrays))
        size = sum(array.size for array in arrays)
        assert_same(rt.einsum(text, *(rt.from_numpy(array) for array in arrays)), expected, 64 * (1 + size), scale=16.0)

    check()


def test_einsum_takes_sublists_and_lists(torch):
    a, b = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
    for library, make in ((rt, rt.from_numpy), (torch, torch.from_numpy)):
        x, y = make(a), make(b)
        results = [
            library.einsum(x, [0, 1], y, [1, 2], [0, 2]),
            library.einsum(x, [0, 1], y, [1, 2]),
            library.einsum(x, [Ellipsis, 1], y, [1, 51], [Ellipsis, 51]),
            library.einsum("ij,jk->ik", x, y),
            library.einsum("ij,jk", [x, y]),
        ]
        for result in results:
            np.testing.assert_array_equal(np.asarray(result), a @ b)
        assert library.einsum(x, [0, 0 + 1], []).item() == a.sum()


@pytest.mark.parametrize(
    ("equation", "shapes"),
    [
        ("ij,jk->ik", [(2, 3)]),
        ("ij->ik", [(2, 3)]),
        ("ij->ii", [(2, 3)]),
        ("ij", [(2, 3, 4)]),
        ("ijk", [(2, 3)]),
        ("ii", [(2, 3)]),
        ("ij,jk", [(2, 3), (4, 2)]),
        ("i.j", [(2, 3)]),
        ("i......j", [(2, 3)]),
        ("i1", [(2, 3)]),
        ("...i,...i", [(2, 3), (4, 3)]),
    ],
)
def test_wrong_equations_are_runtime_errors_as_in_pytorch(torch, equation, shapes):
    with pytest.raises(RuntimeError):
        torch.einsum(equation, *(torch.zeros(shape) for shape in shapes))
    with pytest.raises(RuntimeError, match=r"einsum\(\)") as caught:
        rt.einsum(equation, *(rt.zeros(shape) for shape in shapes))
    assert isinstance(caught.value, ValueError)


def test_einsum_wants_operands():
    with pytest.raises(ValueError, match="at least one operand"):
        rt.einsum("i")
    with pytest.raises(TypeError):
        rt.einsum("i,i", rt.ones(2), "j")
    with pytest.raises(TypeError):
        rt.einsum(3, rt.ones(2))


def test_many_operands_are_contracted_cheaply():
    """Left to right, the first product would have 10**12 elements."""
    v, m = rt.ones(10**6, dtype=rt.float64), rt.ones(10**6, 2, dtype=rt.float64)
    assert rt.einsum("i,j,ja,ia->", v, v, m, m).item() == 2e12


@pytest.mark.parametrize("name", ["tensordot", "kron", "inner", "cross", "cdist", "addr", "multi_dot"])
def test_shapes_that_do_not_fit(name):
    calls = {
        "tensordot": lambda: rt.tensordot(rt.ones(2, 3), rt.ones(2, 3), dims=1),
        "kron": lambda: rt.kron(rt.ones(2), rt.ones(2), out=rt.ones(3)),
        "inner": lambda: rt.inner(rt.ones(2), rt.ones(3)),
        "cross": lambda: rt.cross(rt.ones(2), rt.ones(2), dim=0),
        "cdist": lambda: rt.cdist(rt.ones(2, 3), rt.ones(2, 4)),
        "addr": lambda: rt.addr(rt.ones(4), rt.ones(2), rt.ones(3)),
        "multi_dot": lambda: rt.linalg.multi_dot([rt.ones(2, 3), rt.ones(2, 3)]),
    }
    with pytest.raises(rt.ShapeError):
        calls[name]()


@pytest.mark.parametrize("p", [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, float("inf")])
def test_distances_of_equal_points(torch, p):
    """The distance is 0, and so is its derivative."""
    points = [[0.0, 1.0], [2.0, 1.0], [0.0, 1.0]]
    results = []
    for library in (rt, torch):
        x = library.tensor(points, dtype=library.float64, requires_grad=True)
        y = library.cdist(x, x.detach(), p=p)
        y.sum().backward()
        results.append((y, x.grad))
    assert_same(*results, 8)


def test_pairs_of_many_points_against_numpy():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(70, 33)), rng.normal(size=(45, 33))
    expected = np.sqrt(((a[:, None] - b[None]) ** 2).sum(-1))
    np.testing.assert_allclose(rt.cdist(rt.from_numpy(a), rt.from_numpy(b)).numpy(), expected, rtol=1e-14)
    upper = np.triu_indices(70, 1)
    own = np.sqrt(((a[:, None] - a[None]) ** 2).sum(-1))[upper]
    np.testing.assert_allclose(rt.pdist(rt.from_numpy(a)).numpy(), own, rtol=1e-14)


def test_distances_in_float32_far_from_the_origin():
    """A detour over a matrix product would lose all digits here."""
    x = rt.tensor([[1e4, 0.0], [1e4, 1e-2]])
    assert abs(rt.cdist(x, x)[0, 1].item() - 1e-2) < 1e-8


def test_combinations_and_blocks_as_in_pytorch(torch):
    for library in (rt, torch):
        assert library.combinations(library.arange(4), 3).tolist() == [[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]]
        assert list(library.block_diag().shape) == [1, 0]
        assert library.cartesian_prod(library.tensor([1, 2]), library.tensor([3])).tolist() == [[1, 3], [2, 3]]


@pytest.mark.parametrize("length", [32_768, 65_536, 1_000_003])
@pytest.mark.parametrize("columns", [1, 3])
def test_long_vectors_against_numpy(length, columns):
    x, matrix = rt.rand(length), rt.rand(columns, length)
    exact = matrix.numpy().astype(np.float64) @ x.numpy().astype(np.float64)
    for result in (matrix @ x, x @ matrix.T, (matrix @ x.unsqueeze(1)).squeeze(1)):
        np.testing.assert_allclose(result.numpy(), exact, rtol=1e-5)
    np.testing.assert_allclose((matrix[0] @ x).item(), exact[0], rtol=1e-5)
