"""Linear algebra beyond the samples: definitions where results are not unique, gradients against PyTorch's, conditions
that samples do not have, errors, threads."""

import numpy as np
import pytest
import rutile as rt
from rutile.autograd import gradcheck, gradgradcheck
from samples import assert_same

EPS = {"float32": 2.0**-23, "float64": 2.0**-52}
SHAPES = [(1, 1), (3, 3), (5, 2), (2, 5), (2, 4, 3), (40, 40), (70, 33), (33, 70)]
SQUARE = [(1, 1), (4, 4), (3, 2, 2), (40, 40), (70, 70)]


def draw(shape, dtype="float64", seed=0):
    return rt.from_numpy(np.random.default_rng(seed).normal(size=shape).astype(dtype))


def close(a, b, tolerance=1e-12):
    a, b = np.asarray(a.detach()), np.asarray(b.detach())
    assert a.shape == b.shape
    np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance * max(1.0, np.abs(b).max(initial=0.0)))


def eye_like(x):
    return rt.eye(x.shape[-1], dtype=x.dtype).expand(*x.shape)


# ---- definitions ----


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES)
def test_factors_multiply_to_the_matrix(shape, dtype):
    a, slack = draw(shape, dtype), 16 * max(shape) * EPS[dtype]
    q, r = rt.linalg.qr(a)
    close(q @ r, a, slack)
    close(q.mT @ q, eye_like(q.mT @ q), slack)
    assert (r.tril(-1) == 0).all()
    q, r = rt.linalg.qr(a, mode="complete")
    close(q @ r, a, slack)
    assert rt.linalg.qr(a, mode="r").Q.numel() == 0
    p, low, up = rt.linalg.lu(a)
    close(p @ low @ up, a, slack)
    for full in (False, True):
        u, s, vh = rt.linalg.svd(a, full_matrices=full)
        k = s.shape[-1]
        close(u[..., :k] * s.unsqueeze(-2) @ vh[..., :k, :], a, slack)
        close(u.mT @ u, eye_like(u.mT @ u), slack)
        close(vh @ vh.mT, eye_like(vh @ vh.mT), slack)
    close(s, rt.tensor(np.linalg.svd(a.numpy(), compute_uv=False)), slack)
    u, s, v = rt.svd(a)
    close(u * s.unsqueeze(-2) @ v.mT, a, slack)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SQUARE)
def test_symmetric_matrices(shape, dtype):
    a, slack = draw(shape, dtype), 64 * max(shape) * EPS[dtype]
    a = a + a.mT
    w, v = rt.linalg.eigh(a)
    close(v * w.unsqueeze(-2) @ v.mT, a, slack)
    close(v.mT @ v, eye_like(a), slack)
    close(rt.linalg.eigvalsh(a, UPLO="U"), w, slack)
    close(w, rt.tensor(np.linalg.eigvalsh(a.numpy())), slack)
    definite = a @ a + eye_like(a)
    low = rt.linalg.cholesky(definite)
    close(low @ low.mT, definite, slack)
    up = rt.linalg.cholesky(definite, upper=True)
    close(up.mT @ up, definite, slack)
    b = draw((*shape[:-1], 2), dtype, 1)
    close(definite @ rt.cholesky_solve(b, low), b, 1000 * slack)
    close(rt.cholesky_inverse(up, upper=True), rt.linalg.inv(definite), 100 * slack)


@pytest.mark.parametrize("left", [True, False])
@pytest.mark.parametrize("adjoint", [True, False])
def test_lu_solve_as_in_pytorch(torch, left, adjoint):
    a, b = draw((2, 5, 5)), draw((2, 5, 3) if left else (2, 3, 5), seed=1)
    results = []
    for library, make in ((rt, lambda x: x.clone()), (torch, lambda x: torch.from_numpy(x.numpy()))):
        x, y = make(a).requires_grad_(), make(b).requires_grad_()
        factors, pivots = library.linalg.lu_factor(x)
        out = library.linalg.lu_solve(factors, pivots, y, left=left, adjoint=adjoint)
        (out * out).sum().backward()
        results.append((out, pivots, *library.lu_unpack(factors, pivots), x.grad, y.grad))
    assert_same(*results, 1e5)


@pytest.mark.parametrize("shape", [(3, 3), (5, 3), (3, 5), (2, 4, 2)])
def test_gradients_as_in_pytorch(torch, shape):
    """Of losses that do not depend on the signs of vectors."""
    n = min(shape[-2:])

    def losses(library, x):
        q, r = library.linalg.qr(x)
        u, s, vh = library.linalg.svd(x, full_matrices=False)
        yield (q**2)[..., 0].sum() + (q[..., 0] * q[..., 1] * r[..., 0, :1]).sum() + r.abs().sum()
        weights = library.arange(1, n + 1, dtype=library.float64)
        yield ((u * weights) @ u.mT)[..., 0, :].sum() + (s * weights).sum() + ((vh.mT * s) @ vh).sin().sum()
        yield library.linalg.pinv(x).exp().sum()
        p, low, up = library.linalg.lu(x)
        yield (p @ low).exp().sum() + up.sin().sum()
        if shape[-1] == shape[-2]:
            a = x + x.mT
            w, v = library.linalg.eigh(a)
            yield (v * w.exp().unsqueeze(-2) @ v.mT).sin().sum()
            definite = a @ a + library.eye(n, dtype=library.float64)
            yield library.linalg.cholesky(definite).sin().sum() + library.logdet(definite).sum()
            yield library.linalg.det(x).sum() + library.linalg.inv(x).sin().sum() + library.matrix_exp(x).sum()

    a = draw(shape, seed=3)
    ours, theirs = a.clone().requires_grad_(), torch.from_numpy(a.numpy()).requires_grad_()
    for mine, other in zip(losses(rt, ours), losses(torch, theirs), strict=True):
        (g,) = rt.autograd.grad(mine, [ours], retain_graph=True)
        (h,) = torch.autograd.grad(other, [theirs], retain_graph=True)
        assert_same(g, h, 1e6)


def test_older_names_as_in_pytorch(torch):
    a, b = draw((2, 4, 4)), draw((2, 4, 3), seed=1)
    x, y = torch.from_numpy(a.numpy()), torch.from_numpy(b.numpy())
    factors, pivots = rt.linalg.lu_factor(a)
    expected = torch.linalg.solve(x, y)
    assert_same(rt.lu_solve(b, factors, pivots), expected, 1e4)
    assert_same(b.lu_solve(factors, pivots), expected, 1e4)
    assert len(a.lu()) == 2
    assert rt.lu(a, get_infos=True)[2].tolist() == [0, 0]
    assert rt.linalg.solve_ex(a, b).info.tolist() == [0, 0]
    assert rt.linalg.solve_ex(rt.zeros(2, 2), rt.ones(2, 1)).info.item() == 1
    assert rt.norm(a, "nuc", dim=(1, 2)).tolist() == rt.linalg.matrix_norm(a, "nuc").tolist()
    assert a[0].H.tolist() == a[0].mH.tolist() == x[0].H.tolist()
    with pytest.raises(RuntimeError, match="3-D"):
        _ = a.H
    with pytest.raises(rt.ShapeError):
        rt.ones(3).adjoint()


def test_least_squares_as_in_pytorch(torch):
    rng = np.random.default_rng(0)
    for m, n in ((6, 3), (3, 6), (4, 4)):
        for driver in (None, "gels", "gelsy", "gelsd", "gelss"):
            a, b = rng.normal(size=(2, m, n)), rng.normal(size=(2, m, 2))
            ours = rt.linalg.lstsq(rt.from_numpy(a), rt.from_numpy(b), driver=driver)
            theirs = torch.linalg.lstsq(torch.from_numpy(a), torch.from_numpy(b), driver=driver)
            assert ours._fields == ("solution", "residuals", "rank", "singular_values")
            assert_same(tuple(ours), tuple(theirs), 1e4)
    # Of deficient rank: the shortest solution.
    a = np.outer(rng.normal(size=5), rng.normal(size=3))
    b = rng.normal(size=(5, 1))
    x = rt.linalg.lstsq(rt.from_numpy(a), rt.from_numpy(b))
    np.testing.assert_allclose(x.solution.numpy(), np.linalg.lstsq(a, b, rcond=None)[0], atol=1e-12)
    assert x.rank.item() == 1
    vector = rt.linalg.lstsq(rt.eye(2).expand(3, 2, 2), rt.ones(3, 2)).solution
    assert vector.tolist() == rt.ones(3, 2).tolist()


def test_conditions_and_ranks_as_in_numpy():
    a = np.random.default_rng(1).normal(size=(3, 4, 4))
    for p in (None, 2, -2, 1, -1, np.inf, -np.inf, "fro", "nuc"):
        np.testing.assert_allclose(rt.linalg.cond(rt.from_numpy(a), p).numpy(), np.linalg.cond(a, p), rtol=1e-9)
    a[1] = np.ones((4, 4))
    assert rt.linalg.matrix_rank(rt.from_numpy(a)).tolist() == [4, 1, 4]
    assert rt.linalg.cond(rt.from_numpy(a), 1)[1].item() == np.inf


def test_tensors_as_matrices_as_in_pytorch(torch):
    a, b = draw((2, 3, 6)), draw((2, 3), seed=1)
    x, y = torch.from_numpy(a.numpy()), torch.from_numpy(b.numpy())
    assert_same(rt.linalg.tensorinv(a), torch.linalg.tensorinv(x), 1e4)
    assert_same(rt.linalg.tensorsolve(a, b), torch.linalg.tensorsolve(x, y), 1e4)
    moved = a.movedim(0, -1)
    assert_same(rt.linalg.tensorsolve(moved.movedim(-1, 0), b), torch.linalg.tensorsolve(x, y), 1e4)
    assert_same(rt.linalg.diagonal(a, offset=1), torch.linalg.diagonal(x, offset=1), 0)


def test_products_of_reflections_as_in_pytorch(torch):
    a, tau = draw((2, 5, 3)), draw((2, 3), seed=1)
    result = rt.linalg.householder_product(a, tau)
    expected = torch.linalg.householder_product(torch.from_numpy(a.numpy()), torch.from_numpy(tau.numpy()))
    assert_same(result, expected, 1e3)


# ---- singular, ill-conditioned, degenerate ----


def test_the_determinant_of_a_singular_matrix_has_a_gradient():
    """Its cofactors: here those of a matrix with a zero row, and of one whose rows are multiples."""
    x = rt.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0], [4.0, 5.0, 7.0]], dtype=rt.float64, requires_grad=True)
    rt.linalg.det(x).backward()
    np.testing.assert_allclose(x.grad.numpy(), [[0, 0, 0], [1, -5, 3], [0, 0, 0]], atol=1e-13)
    x = rt.tensor([[1.0, 2.0], [2.0, 4.0]], dtype=rt.float64, requires_grad=True)
    rt.linalg.det(x).backward()
    np.testing.assert_allclose(x.grad.numpy(), [[4, -2], [-2, 1]], atol=1e-13)
    sign, log = rt.linalg.slogdet(x)
    assert (sign.item(), log.item()) == (0.0, -np.inf)


def test_determinants_that_overflow_have_logarithms():
    x = 1e200 * rt.eye(4, dtype=rt.float64)
    sign, log = rt.linalg.slogdet(-x)
    assert sign.item() == 1.0
    assert abs(log.item() - 4 * np.log(1e200)) < 1e-9
    assert rt.logdet(x).item() == log.item()


def test_pseudoinverses_at_deficient_rank():
    u, v = draw((5, 2)), draw((2, 4), seed=1)
    a = u @ v
    p = rt.linalg.pinv(a)
    close(a @ p @ a, a)
    close(p @ a @ p, p)
    close(rt.tensor(np.linalg.pinv(a.numpy())), p)
    # Changes that keep the rank: through the factors.
    u, v = u.requires_grad_(), v.requires_grad_()
    assert gradcheck(lambda u, v: rt.linalg.pinv(u @ v), (u, v))
    assert gradgradcheck(lambda u, v: rt.linalg.pinv(u @ v), (u, v))


def test_small_eigenvalues_beside_large_ones():
    hilbert = np.array([[1 / (i + j + 1) for j in range(8)] for i in range(8)])
    x = rt.linalg.solve(rt.from_numpy(hilbert), rt.from_numpy(hilbert @ np.ones(8)))
    assert np.abs(x.numpy() - 1).max() < 1e-5  # the condition is 1.5e10
    w = rt.linalg.eigvalsh(rt.from_numpy(hilbert)).numpy()
    np.testing.assert_allclose(w, np.linalg.eigvalsh(hilbert), atol=1e-15)


@pytest.mark.parametrize("n", [1, 3, 20])
def test_equal_singular_values(n):
    u, s, vh = rt.linalg.svd(3 * rt.eye(n, dtype=rt.float64))
    assert s.tolist() == [3.0] * n
    close(u @ vh, rt.eye(n, dtype=rt.float64))
    w, v = rt.linalg.eigh(rt.zeros(n, n))
    assert w.tolist() == [0.0] * n
    close(v @ v.T, rt.eye(n))


@pytest.mark.parametrize("scale", [1e-300, 1e-150, 1e150, 1e300])
def test_extreme_sizes_neither_overflow_nor_vanish(scale):
    a = draw((4, 4)).abs() + 4 * rt.eye(4, dtype=rt.float64)
    a = a + a.mT
    s = rt.linalg.svdvals(a)
    close(rt.linalg.svdvals(a * scale) / scale, s)
    close(rt.linalg.eigvalsh(a * scale) / scale, rt.linalg.eigvalsh(a))
    q, r = rt.linalg.qr(a * scale)
    close(q @ (r / scale), a)


def test_products_of_nothing():
    assert rt.linalg.det(rt.ones(0, 0)).item() == 1.0
    assert rt.linalg.det(rt.ones(2, 0, 0)).tolist() == [1.0, 1.0]
    assert list(rt.linalg.inv(rt.ones(3, 0, 0)).shape) == [3, 0, 0]
    u, s, vh = rt.linalg.svd(rt.ones(3, 0))
    assert [list(x.shape) for x in (u, s, vh)] == [[3, 3], [0], [0, 0]]
    close(u, rt.eye(3))
    assert list(rt.linalg.lstsq(rt.ones(3, 2), rt.ones(3, 0)).solution.shape) == [2, 0]
    assert list(rt.linalg.solve(rt.ones(0, 2, 2), rt.ones(2, 1)).shape) == [0, 2, 1]


# ---- errors ----

SINGULAR = rt.tensor([[1.0, 2.0], [2.0, 4.0]])
ERRORS = {
    "inv": lambda: rt.linalg.inv(SINGULAR),
    "inverse": lambda: SINGULAR.inverse(),
    "solve": lambda: rt.linalg.solve(SINGULAR, rt.ones(2)),
    "cholesky": lambda: rt.linalg.cholesky(SINGULAR - 3),
    "torch.cholesky": lambda: rt.cholesky(-SINGULAR),
    "inv_ex": lambda: rt.linalg.inv_ex(SINGULAR, check_errors=True),
    "cholesky_ex": lambda: rt.linalg.cholesky_ex(-SINGULAR, check_errors=True),
    "power": lambda: rt.linalg.matrix_power(SINGULAR, -1),
    "eigh": lambda: rt.linalg.eigh(rt.full((2, 2), float("nan"))),
    "svd": lambda: rt.linalg.svd(rt.full((2, 3), float("inf"))),
}


@pytest.mark.parametrize("call", ERRORS.values(), ids=ERRORS)
def test_impossible_matrices_are_linalg_errors(call):
    with pytest.raises(rt.linalg.LinAlgError) as caught:
        call()
    assert isinstance(caught.value, RuntimeError)


def test_the_error_names_the_matrix_of_a_batch():
    with pytest.raises(rt.linalg.LinAlgError, match="Batch element 1"):
        rt.linalg.inv(rt.stack([rt.eye(2), SINGULAR]))
    info = rt.linalg.inv_ex(rt.stack([rt.eye(2), SINGULAR])).info
    assert info.dtype == rt.int32
    assert info.tolist() == [0, 2]
    assert rt.linalg.cholesky_ex(rt.stack([rt.eye(2), -rt.eye(2)])).info.tolist() == [0, 1]


@pytest.mark.parametrize(
    "call",
    [
        lambda: rt.linalg.inv(rt.ones(2, 3)),
        lambda: rt.linalg.det(rt.ones(2)),
        lambda: rt.linalg.solve(rt.eye(2), rt.ones(3, 1)),
        lambda: rt.linalg.solve_triangular(rt.eye(2), rt.ones(3, 1), upper=True),
        lambda: rt.linalg.eigh(rt.ones(2, 3)),
        lambda: rt.linalg.matrix_norm(rt.ones(3)),
        lambda: rt.linalg.tensorinv(rt.ones(2, 3)),
        lambda: rt.linalg.lstsq(rt.ones(2, 3), rt.ones(3, 1)),
    ],
)
def test_shapes_that_do_not_fit(call):
    with pytest.raises(rt.ShapeError):
        call()


def test_options_that_do_not_exist():
    for call in (
        lambda: rt.linalg.qr(rt.eye(2), mode="full"),
        lambda: rt.linalg.eigh(rt.eye(2), UPLO="X"),
        lambda: rt.linalg.lstsq(rt.eye(2), rt.eye(2), driver="best"),
        lambda: rt.linalg.matrix_norm(rt.eye(2), ord=3),
        lambda: rt.linalg.norm(rt.eye(2), ord="max"),
    ):
        with pytest.raises(rt.ArgumentError):
            call()
    with pytest.raises(NotImplementedError):
        rt.linalg.lu(rt.eye(2), pivot=False)
    with pytest.raises(rt.DTypeError):
        rt.linalg.inv(rt.ones(2, 2, dtype=rt.int64))


def test_derivatives_that_do_not_exist_say_so():
    x = draw((4, 2)).requires_grad_()
    for out in (rt.linalg.qr(x, mode="r").R, rt.linalg.qr(x, mode="complete").Q, rt.linalg.svd(x).U):
        with pytest.raises(RuntimeError, match="derivative"):
            out.sum().backward()
    rt.linalg.svd(x).S.sum().backward()  # the values are unique


# ---- threads ----


def test_the_same_bits_for_any_number_of_threads():
    a, b = draw((6, 90, 90)), draw((200, 150))
    results = []
    for threads in (1, 3):
        rt.set_num_threads(threads)
        results.append(
            [
                *rt.linalg.svd(a),
                *rt.linalg.qr(b),
                *rt.linalg.eigh(a + a.mT),
                rt.linalg.inv(a),
                rt.matrix_exp(a),
                rt.cdist(b, b),
            ]
        )
    for one, several in zip(*results, strict=True):
        assert one.numpy().tobytes() == several.numpy().tobytes()


# ---- eigenvalues of general matrices ----


def paired(values):
    """The places of complex numbers in an order that rounding does not change."""
    return np.lexsort((np.round(values.imag, 6), np.round(values.real, 6)))


@pytest.mark.parametrize("n", [1, 2, 3, 8, 33])
def test_eig_solves_its_equation(n):
    for seed in range(3):
        a = np.random.default_rng(100 * n + seed).standard_normal((2, n, n))
        w, v = rt.linalg.eig(rt.tensor(a))
        assert w.dtype is v.dtype is rt.complex128
        w, v = w.numpy(), v.numpy()
        np.testing.assert_allclose(a @ v, v * w[:, None, :], atol=1e-12 * n)
        np.testing.assert_allclose(np.linalg.norm(v, axis=1), 1, rtol=1e-13)
        for ours, theirs in zip(w, np.linalg.eigvals(a).astype(complex), strict=True):
            np.testing.assert_allclose(ours[paired(ours)], theirs[paired(theirs)], atol=1e-12 * n)
        assert np.array_equal(rt.linalg.eigvals(rt.tensor(a)).numpy(), w)


def test_eig_of_other_kinds():
    assert rt.linalg.eig(rt.eye(3)).eigenvalues.dtype is rt.complex64
    assert rt.linalg.eigvals(rt.zeros(2, 0, 0)).shape == (2, 0)
    # A real spectrum is exactly real, and conjugates are exact.
    w = rt.linalg.eigvals(rt.tensor([[2.0, 1.0, 0.0], [0.0, 2.0, 1.0], [0.0, 0.0, 2.0]]))
    assert w.tolist() == [2, 2, 2]
    w = rt.linalg.eigvals(rt.tensor([[0.0, -1.0], [1.0, 0.0]]))
    assert w.tolist() == [1j, -1j]
    with pytest.raises(rt.linalg.LinAlgError, match="non-finite"):
        rt.linalg.eig(rt.full((2, 2), rt.nan))
    with pytest.raises(RuntimeError, match="square"):
        rt.linalg.eigvals(rt.ones(2, 3))


def unturned(m):
    """Of a matrix, numbers that the angles of eigenvectors do not change: sums over all of them."""

    def f(a):
        w, v = m.linalg.eig(a)
        return (w * (v.abs() ** 4).sum(-2)).sum().abs() + (w**2 * v[..., 0, :].abs() ** 2).sum().real

    return f


def test_gradients_of_eig():
    a = rt.tensor(np.random.default_rng(3).standard_normal((2, 4, 4)), requires_grad=True)
    assert gradcheck(unturned(rt), [a])
    assert gradgradcheck(unturned(rt), [a])
    _, v = rt.linalg.eig(a)
    with pytest.raises(RuntimeError, match="ill-defined"):
        (v.real.sum() + v.imag.square().sum() * 3).backward()


def test_gradients_of_eig_as_in_pytorch(torch):
    a = np.random.default_rng(4).standard_normal((3, 5, 5))
    grads = []
    for m in (rt, torch):
        leaf = m.tensor(a, requires_grad=True)
        unturned(m)(leaf).backward()
        (m.linalg.eigvals(leaf).abs() ** 3).sum().backward()
        grads.append(leaf.grad.numpy())
    np.testing.assert_allclose(*grads, rtol=1e-9, atol=1e-10)


# ---- reflections, low rank ----


@pytest.mark.parametrize("left", [True, False])
@pytest.mark.parametrize("transpose", [True, False])
def test_ormqr_multiplies_by_all_reflections(left, transpose):
    # By reflections of vectors below the diagonal, orthogonal for these factors.
    below = rt.randn(2, 5, 3, dtype=rt.float64)
    vectors = below.tril(-1) + rt.eye(5, 3, dtype=rt.float64)
    tau = 2 / vectors.square().sum(-2)
    padded = rt.cat([below, rt.zeros(2, 5, 2, dtype=rt.float64)], -1)
    q = rt.orgqr(padded, rt.cat([tau, rt.zeros(2, 2, dtype=rt.float64)], -1))
    close(q.mT @ q, rt.eye(5, dtype=rt.float64).expand(2, 5, 5))
    other = rt.randn(2, *((5, 4) if left else (4, 5)), dtype=rt.float64)
    factor = q.mT if transpose else q
    close(rt.ormqr(below, tau, other, left, transpose), factor @ other if left else other @ factor)


def test_ormqr_as_in_pytorch(torch):
    a, tau = torch.geqrf(torch.randn(5, 3, dtype=torch.float64))
    for left, transpose in ((True, False), (True, True), (False, False), (False, True)):
        other = torch.randn((5, 2) if left else (2, 5), dtype=torch.float64)
        ours = [rt.tensor(x.numpy()).requires_grad_() for x in (a, tau, other)]
        theirs = [x.clone().requires_grad_() for x in (a, tau, other)]
        result, expected = rt.ormqr(*ours, left, transpose), torch.ormqr(*theirs, left, transpose)
        np.testing.assert_allclose(result.detach().numpy(), expected.detach().numpy(), atol=1e-13)
        result.sum().backward()
        expected.sum().backward()
        for x, y in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(x.grad.numpy(), y.grad.numpy(), atol=1e-12)


@pytest.mark.parametrize("shape", [(9, 6), (6, 9), (2, 7, 5)])
def test_low_rank(shape):
    rt.manual_seed(0)
    *batch, m, n = shape
    a = rt.randn(*batch, m, 3, dtype=rt.float64) @ rt.randn(*batch, 3, n, dtype=rt.float64)
    u, s, v = rt.svd_lowrank(a, q=4)
    assert (u.shape, s.shape, v.shape) == ((*batch, m, 4), (*batch, 4), (*batch, n, 4))
    close(u @ rt.diag_embed(s) @ v.mT, a)
    np.testing.assert_allclose(s.numpy(), np.linalg.svd(a.numpy())[1][..., :4], atol=1e-12)
    close(rt.svd_lowrank(a + 1, q=4, M=rt.ones(m, n, dtype=rt.float64))[1][..., :3], s[..., :3])
    _, s, v = rt.pca_lowrank(a)
    centred = a.numpy() - a.numpy().mean(-2, keepdims=True)
    np.testing.assert_allclose(s.numpy(), np.linalg.svd(centred)[1][..., : s.shape[-1]], atol=1e-12)
    with pytest.raises(ValueError, match="non-negative"):
        rt.svd_lowrank(a, q=8)
    with pytest.raises(ValueError, match="non-negative"):
        rt.pca_lowrank(a, q=-1)


@pytest.mark.parametrize("largest", [True, False])
@pytest.mark.parametrize("case", ["plain", "batch", "B", "preconditioned", "complex"])
def test_lobpcg_finds_the_extreme_eigenvalues(case, largest):
    rng = np.random.default_rng(6)
    q = np.linalg.qr(
        rng.standard_normal((2, 40, 40)) + (1j * rng.standard_normal((2, 40, 40)) if case == "complex" else 0)
    )[0]
    spectrum = np.linspace(1, 50, 40) + np.arange(40) ** 2
    a = (q * spectrum) @ q.conj().swapaxes(-1, -2)
    a = a if case == "batch" else a[0]
    b = np.eye(40) + 0.1 * np.ones((40, 40)) if case == "B" else None
    expected = np.linalg.eigvalsh(
        a if b is None else np.linalg.solve(np.linalg.cholesky(b), np.linalg.solve(np.linalg.cholesky(b), a).T)
    )
    expected = expected[..., ::-1][..., :3] if largest else expected[..., :3]
    rt.manual_seed(0)
    values, vectors = rt.lobpcg(
        rt.tensor(a),
        k=3,
        n=5,
        B=None if b is None else rt.tensor(b),
        iK=rt.tensor(np.linalg.inv(a)) if case == "preconditioned" and not largest else None,
        tol=1e-10,
        largest=largest,
    )
    np.testing.assert_allclose(values.numpy(), expected, rtol=1e-8)
    left = rt.tensor(a) @ vectors
    right = (vectors if b is None else rt.tensor(b) @ vectors) * values.unsqueeze(-2)
    np.testing.assert_allclose(left.numpy(), right.numpy(), atol=1e-5)


def test_lobpcg_as_in_pytorch(torch):
    rng = np.random.default_rng(6)
    a = rng.standard_normal((12, 12))
    a, start = a @ a.T, rng.standard_normal((12, 2))
    ours, theirs = rt.tensor(a, requires_grad=True), torch.tensor(a, requires_grad=True)
    for given, m in ((ours.detach(), rt), (theirs.detach(), torch)):
        values, _ = m.lobpcg(given, X=m.tensor(start), niter=-1, tol=1e-12)
        np.testing.assert_allclose(values.numpy(), np.linalg.eigvalsh(a)[::-1][:2], rtol=1e-10)
    # Gradients, of what the signs of vectors do not change.
    for given, m in ((ours, rt), (theirs, torch)):
        values, vectors = m.lobpcg(given, k=2, X=m.tensor(start), niter=-1, tol=1e-13)
        (values.sum() + (vectors[0] ** 2).sum()).backward()
    symmetric = theirs.grad.numpy()
    np.testing.assert_allclose(ours.grad.numpy(), (symmetric + symmetric.T) / 2, atol=1e-6)
    for arguments, error in (
        ({"k": 5}, ValueError),
        ({"tracker": print}, NotImplementedError),
        ({"method": "x"}, ValueError),
    ):
        with pytest.raises(error):
            rt.lobpcg(ours.detach(), **arguments)
