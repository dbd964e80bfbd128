"""Complex matrices: factors by what defines them, gradients against numerical derivatives and PyTorch's."""

import numpy as np
import pytest
import rutile as rt
from rutile.autograd import gradcheck, gradgradcheck

SHAPES = [(1, 1), (3, 3), (5, 2), (2, 5), (2, 4, 3), (33, 40), (70, 33), (0, 3)]
SIZES = [1, 2, 3, 5, 17, 33, 70]
DTYPES = ["complex64", "complex128"]


def numbers(*shape, seed=0):
    rng = np.random.default_rng([seed, *shape])
    return rng.standard_normal(shape) + 1j * rng.standard_normal(shape)


def adjoint(a):
    return a.conj().swapaxes(-1, -2)


def close(a, b, dtype="complex128", size=1):
    eps = 2.0**-23 if dtype == "complex64" else 2.0**-52
    np.testing.assert_allclose(a, b, atol=50 * eps * size, rtol=50 * eps)


def orthonormal(q, dtype):
    close(adjoint(q) @ q, np.broadcast_to(np.eye(q.shape[-1]), (*q.shape[:-2], *[q.shape[-1]] * 2)), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_factors_multiply_to_the_matrix(torch, shape, dtype):
    a = numbers(*shape).astype(dtype)
    m, n = shape[-2:]
    size = 4 * (m + n)
    for mode in ("reduced", "complete"):
        q, r = (x.numpy() for x in rt.linalg.qr(rt.tensor(a), mode=mode))
        close(q @ r, a, dtype, size)
        orthonormal(q, dtype)
        assert not np.tril(r, -1).any()
        assert not np.diagonal(r, axis1=-2, axis2=-1).imag.any()
        theirs = torch.linalg.qr(torch.tensor(a), mode=mode)
        close(r, theirs[1].numpy(), dtype, 10 * size)
    for full in (False, True):
        u, s, vh = (x.numpy() for x in rt.linalg.svd(rt.tensor(a), full_matrices=full))
        k = min(m, n)
        close((u[..., :k] * s[..., None, :]) @ vh[..., :k, :], a, dtype, size)
        orthonormal(u, dtype)
        orthonormal(adjoint(vh), dtype)
        assert s.dtype == np.dtype(dtype).type(0).real.dtype
        close(s, np.linalg.svd(a.astype(complex), compute_uv=False), dtype, size)
    p, low, up = rt.linalg.lu(rt.tensor(a))
    close((p @ low @ up).numpy(), a, dtype, size)
    if a.size:
        assert rt.linalg.lu_factor(rt.tensor(a)).pivots.tolist() == torch.linalg.lu_factor(torch.tensor(a))[1].tolist()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", SIZES)
def test_hermitian_matrices(n, dtype):
    a = numbers(2, n, n)
    definite = (a @ adjoint(a) + np.eye(n)).astype(dtype)
    hermitian = (a + adjoint(a)).astype(dtype)
    for given, uplo in ((np.tril(hermitian), "L"), (np.triu(hermitian), "U")):
        w, v = (x.numpy() for x in rt.linalg.eigh(rt.tensor(given), uplo))
        assert w.dtype.kind == "f"
        close(hermitian @ v, v * w[:, None, :], dtype, 20 * n)
        orthonormal(v, dtype)
        close(w, np.linalg.eigvalsh(hermitian.astype(complex)), dtype, 20 * n)
    low = rt.linalg.cholesky(rt.tensor(definite))
    close((low @ low.mH).numpy(), definite, dtype, 20 * n)
    close(rt.linalg.cholesky(rt.tensor(definite), upper=True).mH.numpy(), low.numpy(), dtype)
    b = rt.tensor(numbers(2, n, 3, seed=1).astype(dtype))
    x = rt.cholesky_solve(b, low)
    close((rt.tensor(definite) @ x).numpy(), b.numpy(), dtype, 400 * n)
    close((rt.cholesky_inverse(low) @ rt.tensor(definite)).numpy(), np.stack([np.eye(n)] * 2), dtype, 400 * n)
    close((rt.tensor(definite) @ rt.cholesky_solve(b, low.mH, upper=True)).numpy(), b.numpy(), dtype, 400 * n)


def test_equal_eigenvalues_have_orthonormal_vectors():
    q = np.linalg.qr(numbers(6, 6))[0]
    a = q @ np.diag([1.0, 1.0, 1.0, -2.0, -2.0, 5.0]) @ adjoint(q)
    w, v = (x.numpy() for x in rt.linalg.eigh(rt.tensor((a + adjoint(a)) / 2)))
    orthonormal(v, "complex128")
    close(a @ v, v * w, size=20)
    u, s, vh = (x.numpy() for x in rt.linalg.svd(rt.tensor(a)))
    close((u * s) @ vh, a, size=20)
    orthonormal(u, "complex128")


@pytest.mark.parametrize("n", SIZES)
def test_eig_solves_its_equation(n):
    a = numbers(2, n, n)
    w, v = (x.numpy() for x in rt.linalg.eig(rt.tensor(a)))
    close(a @ v, v * w[:, None, :], size=100 * n)
    close(np.linalg.norm(v, axis=1), 1)
    for ours, theirs in zip(w, np.linalg.eigvals(a), strict=True):
        gaps = np.abs(ours[:, None] - theirs[None, :])
        assert sorted(gaps.argmin(1)) == list(range(n))
        assert gaps.min(1).max() < 1e-11 * n


def test_eig_of_difficult_matrices():
    for a in (
        np.diag(np.ones(5), 1).astype(complex),  # defective: one eigenvalue, one vector
        np.roll(np.eye(6), 1, axis=0).astype(complex),  # the shifts of QR lead nowhere at first
        np.diag([1e200, 1.0, 1e-200]).astype(complex),
        np.zeros((3, 3), complex),
        np.triu(numbers(4, 4)) * 1j,
    ):
        w, v = (x.numpy() for x in rt.linalg.eig(rt.tensor(a)))
        np.testing.assert_allclose(a @ v, v * w, atol=1e-12 * max(1.0, np.abs(a).max()))
    with pytest.raises(rt.linalg.LinAlgError, match="non-finite"):
        rt.linalg.eig(rt.full((2, 2), complex(np.nan, 0)))


@pytest.mark.parametrize("dtype", DTYPES)
def test_systems_and_determinants(torch, dtype):
    a, b = numbers(2, 5, 5).astype(dtype), numbers(2, 5, 3, seed=1).astype(dtype)
    ours, theirs = (
        [
            m.linalg.det(m.tensor(a)),
            *m.linalg.slogdet(m.tensor(a)),
            m.logdet(m.tensor(a)),
            m.linalg.pinv(m.tensor(b)),
            m.linalg.matrix_rank(m.tensor(b)),
            *m.linalg.lstsq(m.tensor(a[..., :3]), m.tensor(b), driver="gelsd"),
            m.linalg.solve_ex(m.tensor(a), m.tensor(b)).result,
            m.linalg.cond(m.tensor(a)),
            m.linalg.norm(m.tensor(a), 2, dim=(-2, -1)),
            m.linalg.norm(m.tensor(a), "nuc", dim=(-2, -1)),
            m.linalg.solve_triangular(m.tensor(a), m.tensor(b), upper=False),
            m.linalg.lu_solve(*m.linalg.lu_factor(m.tensor(a)), m.tensor(b), adjoint=True),
        ]
        for m in (rt, torch)
    )
    for x, y in zip(ours, theirs, strict=True):
        assert str(x.dtype).split(".")[-1] == str(y.dtype).split(".")[-1]
        assert tuple(x.shape) == tuple(y.shape)
        close(np.asarray(x.tolist()), np.asarray(y.tolist()), dtype, 400)


def test_singular_matrices_say_so():
    ones = rt.ones(2, 2, dtype=rt.complex128)
    for call in (rt.linalg.inv, lambda a: rt.linalg.solve(a, a), lambda a: rt.linalg.cholesky(-a)):
        with pytest.raises(rt.linalg.LinAlgError):
            call(ones)
    assert rt.linalg.det(ones).item() == 0
    assert rt.linalg.slogdet(ones).logabsdet.item() == -np.inf


# ---- gradients ----


def hermitian(a):
    return (a + a.mH) / 2


# Functions of the results that the angles of vectors do not change.
FUNCTIONS = {
    "eigh": lambda m, a: (lambda w, v: (w * (v.abs() ** 4).sum(-2)).sum() + (v[..., 0] @ v[..., 0].conj()).real)(
        *m.linalg.eigh(hermitian(a))
    ),
    "projection": lambda m, a: (lambda w, v: (v[..., :1] @ v[..., :1].mH).real[0].sum())(*m.linalg.eigh(hermitian(a))),
    "eigvalsh": lambda m, a: (m.linalg.eigvalsh(hermitian(a)) ** 3).sum(),
    "svd": lambda m, a: (lambda u, s, vh: ((u * s**2) @ vh).real.sum() + (u.abs() ** 4).sum())(
        *m.linalg.svd(a, full_matrices=False)
    ),
    "wide svd": lambda m, a: (lambda u, s, vh: ((u * s**2) @ vh).imag.sum() + (vh.abs() ** 4).sum())(
        *m.linalg.svd(a[:2], full_matrices=False)
    ),
    "tall svd": lambda m, a: (lambda u, s, vh: ((u / s) @ vh).imag.sum() + (u.abs() ** 4).sum())(
        *m.linalg.svd(a[:, :2], full_matrices=False)
    ),
    "svdvals": lambda m, a: (m.linalg.svdvals(a) ** 3).sum(),
    "qr": lambda m, a: (lambda q, r: (q.real**3).sum() + (q.imag * r.real).sum() + (r.imag**2).sum())(*m.linalg.qr(a)),
    "tall qr": lambda m, a: (lambda q, r: (q.real**3).sum() + (r.imag**2).sum())(*m.linalg.qr(a[:, :2])),
    "wide qr": lambda m, a: (lambda q, r: (q.real**3).sum() + (r.imag**2).sum())(*m.linalg.qr(a[:2])),
    "cholesky": lambda m, a: (lambda x: (x.real**3).sum() + (x.imag * x.real).sum())(
        m.linalg.cholesky(a @ a.mH + m.eye(3, dtype=m.complex128))
    ),
    "det": lambda m, a: (m.linalg.det(a) * (1 + 2j)).real + m.linalg.det(a).abs() ** 2,
    "slogdet": lambda m, a: (lambda s, log: log**2 + s.real**3 + s.imag)(*m.linalg.slogdet(a)),
    "sign": lambda m, a: m.linalg.slogdet(a)[0].imag,
    "logabsdet": lambda m, a: m.linalg.slogdet(a)[1] ** 2,
    "logdet": lambda m, a: m.logdet(a).imag + m.logdet(a).real ** 2,
    "pinv": lambda m, a: (lambda x: (x.real**3).sum() + (x.imag * x.real).sum())(m.linalg.pinv(a[:, :2])),
    "lstsq": lambda m, a: (m.linalg.lstsq(a[:, :2], a[:, 2:])[0].abs() ** 3).sum(),
    "solve": lambda m, a: (m.linalg.solve(a, a[:, :1] * a[:1, :1]).real ** 3).sum(),
    "inv": lambda m, a: (m.linalg.inv(a).imag ** 3).sum(),
    "lu": lambda m, a: (lambda x: (x.real**3).sum() + (x.imag * x.real).sum())(m.linalg.lu_factor(a)[0]),
    "triangular": lambda m, a: (m.linalg.solve_triangular(a, a[:, :2] * 1j, upper=True).real ** 3).sum(),
    "eig": lambda m, a: (lambda w, v: (w * (v.abs() ** 4).sum(-2)).sum().real + (w**2).sum().imag)(*m.linalg.eig(a)),
    "eigvals": lambda m, a: (m.linalg.eigvals(a) ** 3).sum().real,
    "nuclear norm": lambda m, a: m.linalg.matrix_norm(a, "nuc"),
    "spectral norm": lambda m, a: m.linalg.matrix_norm(a, 2),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients(torch, name):
    values = numbers(3, 3, seed=4) + 2 * np.diag([1.0, -0.5, 1.5j])
    a = rt.tensor(values, requires_grad=True)
    theirs = torch.tensor(values, requires_grad=True)
    call = FUNCTIONS[name]
    assert gradcheck(lambda a: call(rt, a), (a,))
    assert gradgradcheck(lambda a: call(rt, a), (a,), atol=1e-4)
    call(rt, a).backward()
    call(torch, theirs).backward()
    np.testing.assert_allclose(a.grad.numpy(), theirs.grad.numpy(), rtol=1e-7, atol=1e-9)


def test_the_determinant_of_a_singular_matrix_has_a_gradient():
    values = numbers(3, 3)
    values[2] = values[0] * (1 - 1j)
    a = rt.tensor(values, requires_grad=True)
    assert gradcheck(lambda a: (rt.linalg.det(a) * (2 - 1j)).real, (a,))


@pytest.mark.parametrize(
    "call",
    [
        lambda a: rt.linalg.eigh(hermitian(a)).eigenvectors.imag.sum(),
        lambda a: rt.linalg.eig(a).eigenvectors.imag.sum(),
        lambda a: rt.linalg.svd(a).U.imag.sum(),
    ],
)
def test_losses_that_depend_on_angles_are_refused(call):
    a = rt.tensor(numbers(3, 3), requires_grad=True)
    with pytest.raises(RuntimeError, match="multiplication by e"):
        call(a).backward()


def test_the_same_bits_for_any_number_of_threads():
    a = rt.tensor(numbers(6, 40, 40))
    before, results = rt.get_num_threads(), []
    try:
        for threads in (1, 3):
            rt.set_num_threads(threads)
            parts = [*rt.linalg.qr(a), *rt.linalg.svd(a), *rt.linalg.eigh(a), rt.linalg.inv(a), *rt.linalg.eig(a)]
            results.append([x.numpy().tobytes() for x in parts])
    finally:
        rt.set_num_threads(before)
    assert results[0] == results[1]
