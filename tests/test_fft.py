"""Fourier transforms against NumPy and PyTorch: lengths, arguments, precision, what is inverse to what, errors."""

import itertools

import numpy as np
import pytest
import rutile as rt
from rutile.autograd import gradcheck, gradgradcheck

# Short and long, powers of two, odd, with primes that have passes of their own, and with large ones.
LENGTHS = (1, 2, 3, 5, 8, 12, 17, 61, 64, 67, 97, 128, 250, 256, 509, 1000, 1024, 2017, 4096, 30_030, 65_536)
ONE = ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")
TWO = ("fft2", "ifft2", "rfft2", "irfft2")
SEVERAL = ("fftn", "ifftn", "rfftn", "irfftn")
NORMS = (None, "forward", "backward", "ortho")


def takes_reals(name):
    return name.startswith(("rfft", "ihfft"))


def numbers(name, shape, seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(shape).astype(dtype)
    if takes_reals(name):
        return x
    return (x + 1j * rng.standard_normal(shape)).astype(np.result_type(dtype, np.complex64))


def close(ours, theirs, precision=2.0**-52):
    """The same shape, and values as near as a transform's rounding lets them be (relative to the largest)."""
    ours = np.asarray(ours)
    assert ours.shape == theirs.shape
    largest = np.abs(theirs).max(initial=1e-300)
    steps = 4 + 2 * np.log2(max(theirs.size, 1))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=steps * precision * largest)


# ---- values ----


@pytest.mark.parametrize("n", LENGTHS)
@pytest.mark.parametrize("name", ONE)
def test_every_kind_of_length(name, n):
    for count in (1, 2, 19) if n < 2000 else (1, 2):
        size = n if name in ("fft", "ifft", "rfft", "ihfft") else n // 2 + 1
        x = numbers(name, (count, size), n)
        close(getattr(rt.fft, name)(rt.tensor(x), n), getattr(np.fft, name)(x, n))


@pytest.mark.parametrize("n", [64, 100, 257, 1024, 3000])
@pytest.mark.parametrize("name", ONE)
def test_single_precision(name, n):
    x = numbers(name, (3, n), n, np.float32)
    ours = getattr(rt.fft, name)(rt.tensor(x))
    assert ours.dtype is (rt.float32 if name in ("irfft", "hfft") else rt.complex64)
    close(ours, getattr(np.fft, name)(x.astype(np.result_type(x, np.float64))), 2.0**-23)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("name", ONE)
def test_points_axes_and_norms(name, norm):
    x = numbers(name, (4, 5, 6))
    for n, dim in itertools.product((None, 1, 4, 5, 9), (-1, 0, 1)):
        close(getattr(rt.fft, name)(rt.tensor(x), n, dim, norm), getattr(np.fft, name)(x, n, dim, norm))


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("name", [*TWO, *SEVERAL])
def test_several_axes(name, norm):
    x = numbers(name, (3, 4, 5))
    cases = [(None, (0, 1)), ((2, 7), (1, 2)), ((4, 3), (-1, 0)), (None, None)]
    if name in SEVERAL:
        cases += [(None, (2, 0, 1)), ((6,), (1,))]
    for s, dim in cases:
        axes = dim or ((-2, -1) if name in TWO else None)
        close(getattr(rt.fft, name)(rt.tensor(x), s, dim, norm), getattr(np.fft, name)(x, s, axes, norm))


@pytest.mark.parametrize("name", ONE)
def test_layouts(name):
    x = numbers(name, (6, 8, 10))
    ours, theirs = getattr(rt.fft, name), getattr(np.fft, name)
    close(ours(rt.tensor(x).permute(2, 0, 1)), theirs(x.transpose(2, 0, 1)))
    close(ours(rt.tensor(x)[::2, 1:, ::3]), theirs(x[::2, 1:, ::3]))
    close(ours(rt.tensor(x)[:, :1].expand(6, 4, 10), dim=0), theirs(np.broadcast_to(x[:, :1], (6, 4, 10)), axis=0))
    close(ours(rt.tensor(x).flip(2)), theirs(x[..., ::-1]))


@pytest.mark.parametrize("shape", [(3, 700, 5), (2, 4096, 17), (2, 4099, 6), (3, 9000, 2), (1, 67, 33)])
def test_columns(shape):
    x = numbers("fft", shape)
    close(rt.fft.fft(rt.tensor(x), dim=1), np.fft.fft(x, axis=1))


def test_every_dtype():
    for dtype in (rt.bool, rt.uint8, rt.int32, rt.int64, rt.float32):
        x = rt.tensor([0, 1, 1, 0, 1]).to(dtype)
        for name in ONE:
            ours = getattr(rt.fft, name)(x)
            assert ours.dtype is (rt.float32 if name in ("irfft", "hfft") else rt.complex64)
            close(ours, getattr(np.fft, name)([0.0, 1, 1, 0, 1]), 2.0**-23)
    # There is no complex type of two halves.
    for dtype in (rt.float16, rt.bfloat16):
        assert rt.fft.fft(rt.ones(4, dtype=dtype)).dtype is rt.complex64
        assert rt.fft.irfft(rt.ones(4, dtype=dtype)).dtype is rt.float32


@pytest.mark.parametrize("shape", [(0, 4), (3, 0, 4)])
def test_no_rows(shape):
    for name in ONE:
        x = numbers(name, shape)
        assert tuple(getattr(rt.fft, name)(rt.tensor(x)).shape) == getattr(np.fft, name)(x).shape
    assert rt.fft.fft2(rt.zeros(0, 4, 4)).shape == (0, 4, 4)


def test_nan_and_infinity_reach_every_result():
    x = rt.ones(3, 300)
    x[1, 7] = rt.nan
    spectrum = rt.fft.fft(x)
    assert rt.isnan(spectrum[1].real).all()
    assert not rt.isnan(rt.view_as_real(spectrum[::2])).any()


def test_inverses():
    x = rt.randn(5, 37, dtype=rt.complex128)
    assert rt.allclose(rt.fft.ifft(rt.fft.fft(x)), x)
    assert rt.allclose(rt.fft.ifftn(rt.fft.fftn(x, norm="ortho"), norm="ortho"), x)
    y = rt.randn(5, 37, dtype=rt.float64)
    assert rt.allclose(rt.fft.irfft(rt.fft.rfft(y), 37), y)
    assert rt.allclose(rt.fft.hfft(rt.fft.ihfft(y), 37), y)
    assert rt.allclose(rt.fft.hfftn(rt.fft.ihfftn(y), y.shape), y)
    assert rt.allclose(rt.fft.irfft2(rt.fft.rfft2(y), y.shape), y)


def test_parseval():
    x = rt.randn(1009, dtype=rt.complex128)
    assert rt.allclose(rt.fft.fft(x, norm="ortho").abs().square().sum(), x.abs().square().sum())


def test_same_bits_for_any_number_of_threads():
    before = rt.get_num_threads()
    try:
        for shape in ((40, 64), (3, 1 << 16), (40, 1009), (5, 300, 40)):
            results = []
            for threads in (1, 3):
                rt.set_num_threads(threads)
                rt.manual_seed(1)
                x = rt.randn(*shape)
                results += [(rt.fft.fft(x), rt.fft.rfft(x), rt.fft.fft(x, dim=-2))]
            for a, b in zip(*results, strict=True):
                assert rt.equal(rt.view_as_real(a), rt.view_as_real(b))
    finally:
        rt.set_num_threads(before)


# ---- beside PyTorch ----


@pytest.mark.parametrize("name", ["hfft2", "ihfft2", "hfftn", "ihfftn"])
@pytest.mark.parametrize("norm", NORMS)
def test_hermitian_axes_as_in_pytorch(torch, name, norm):
    x = numbers(name, (3, 4, 5))
    for s, dim in [(None, (0, 1)), ((2, 7), (1, 2)), ((4, 3), (-1, 0))]:
        ours = getattr(rt.fft, name)(rt.tensor(x), s, dim, norm)
        close(ours, getattr(torch.fft, name)(torch.tensor(x), s, dim, norm).resolve_conj().numpy())


GRADIENTS = [(name, n, dim) for name in ONE for n, dim in ((None, -1), (5, 0), (8, 1), (1, 0))]


@pytest.mark.parametrize(("name", "n", "dim"), GRADIENTS)
def test_gradients_as_in_pytorch(torch, name, n, dim):
    x = numbers(name, (6, 7))
    grads = []
    for m in (rt, torch):
        leaf = m.tensor(x, requires_grad=True)
        out = getattr(m.fft, name)(leaf, n, dim)
        # A weight at every place, so that no sum hides an error.
        weight = m.tensor(np.random.default_rng(5).standard_normal(tuple(out.shape)))
        (out.abs() * weight).sum().backward()
        grads.append(leaf.grad.detach().resolve_conj().numpy())
    close(*grads, 2.0**-46)


@pytest.mark.parametrize("name", [*TWO, *SEVERAL, "hfft2", "ihfftn"])
def test_gradients_of_both_orders(name):
    x = rt.tensor(numbers(name, (3, 2, 4)), requires_grad=True)
    f = getattr(rt.fft, name)
    assert gradcheck(lambda x: f(x.transpose(0, 2), s=(3, 4), dim=(2, 0)), [x])
    assert gradgradcheck(lambda x: f(x.transpose(0, 2), s=(3, 4), dim=(2, 0)), [x])


@pytest.mark.parametrize("n", [7, 8])
def test_frequencies(n):
    for d in (1.0, 0.25):
        for name in ("fftfreq", "rfftfreq"):
            ours = getattr(rt.fft, name)(n, d, dtype=rt.float64)
            np.testing.assert_allclose(ours.numpy(), getattr(np.fft, name)(n, d), rtol=1e-15)
    x = np.arange(3 * n).reshape(3, n)
    for name, dim in itertools.product(("fftshift", "ifftshift"), (None, 0, 1, (0, 1))):
        assert np.array_equal(getattr(rt.fft, name)(rt.tensor(x), dim).numpy(), getattr(np.fft, name)(x, dim))


# ---- short-time transforms ----


@pytest.mark.filterwarnings("ignore:A window was not provided")
@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize("normalized", [True, False])
def test_short_time_transforms_as_in_pytorch(torch, center, normalized):
    x = np.random.default_rng(2).standard_normal((2, 400))
    for n_fft, hop, length, windowed in ((64, None, None, True), (30, 7, 20, True), (16, 4, None, False)):
        results = []
        for m in (rt, torch):
            window = m.hann_window(length or n_fft, dtype=m.float64) if windowed else None
            options = {"hop_length": hop, "win_length": length, "window": window}
            options |= {"center": center, "normalized": normalized}
            spectrum = m.stft(m.tensor(x), n_fft, return_complex=True, **options)
            both = m.stft(m.tensor(x + 1j), n_fft, **options)
            results.append([spectrum.numpy(), both.numpy()])
            if center or not windowed:
                back = m.istft(spectrum, n_fft, length=390, **options)
                complete = m.istft(both, n_fft, return_complex=True, onesided=False, **options)
                results[-1] += [back.numpy(), complete.numpy()]
        for ours, theirs in zip(*results, strict=True):
            close(ours, theirs)


def test_a_signal_comes_back():
    x = rt.randn(3, 500, dtype=rt.float64)
    for n_fft, hop in ((64, 16), (100, 30), (33, 11)):
        window = rt.hann_window(n_fft, dtype=rt.float64)
        spectrum = rt.stft(x, n_fft, hop, window=window, return_complex=True)
        assert rt.allclose(rt.istft(spectrum, n_fft, hop, window=window, length=500), x)


def test_parts_of_a_short_time_transform():
    x = rt.randn(64)
    parts = rt.stft(x, 16, return_complex=False)
    assert rt.equal(parts, rt.view_as_real(x.stft(16, return_complex=True)))


# ---- errors ----

REFUSED = {
    "no points": (RuntimeError, "data points", lambda m: m.fft.fft(m.ones(3), 0)),
    "negative points": (RuntimeError, "data points", lambda m: m.fft.rfft(m.ones(3), -2)),
    "an empty axis": (RuntimeError, "data points", lambda m: m.fft.fft(m.ones(2, 0))),
    "one value to real": (RuntimeError, "data points", lambda m: m.fft.irfft(m.ones(1))),
    "norm": (RuntimeError, "normalization mode", lambda m: m.fft.fft(m.ones(3), norm="none")),
    "dim": (IndexError, "out of range", lambda m: m.fft.fft(m.ones(3), dim=1)),
    "0-d": (IndexError, "no dimensions", lambda m: m.fft.fft(m.tensor(1.0))),
    "rfft of complex": (RuntimeError, "real input", lambda m: m.fft.rfft(m.ones(3, dtype=m.complex64))),
    "ihfft of complex": (RuntimeError, "real input", lambda m: m.fft.ihfft(m.ones(3, dtype=m.complex64))),
    "dims twice": (RuntimeError, "unique", lambda m: m.fft.fftn(m.ones(3, 3), dim=(0, -2))),
    "lengths": (RuntimeError, "same length", lambda m: m.fft.fftn(m.ones(3, 3), s=(2,), dim=(0, 1))),
    "too many points": (RuntimeError, "dimensions", lambda m: m.fft.fftn(m.ones(3), s=(2, 2))),
    "no axis": (RuntimeError, "at least one axis", lambda m: m.fft.rfftn(m.ones(3), dim=())),
    "stft dims": (RuntimeError, "1D or 2D", lambda m: m.stft(m.ones(2, 2, 2), 2, return_complex=True)),
    "stft without return_complex": (RuntimeError, "return_complex", lambda m: m.stft(m.ones(8), 4)),
    "stft too long": (RuntimeError, "n_fft", lambda m: m.stft(m.ones(8), 9, center=False, return_complex=True)),
    "stft window": (RuntimeError, "window", lambda m: m.stft(m.ones(8), 4, window=m.ones(3), return_complex=True)),
    "stft of integers": (RuntimeError, "floating", lambda m: m.stft(m.ones(8, dtype=m.int64), 4, return_complex=True)),
    "istft of reals": (RuntimeError, "complex", lambda m: m.istft(m.ones(3, 4), 4, window=m.ones(4))),
    "istft frequencies": (
        RuntimeError,
        "frequency",
        lambda m: m.istft(m.ones(4, 4, dtype=m.complex64), 4, window=m.ones(4), onesided=True),
    ),
    "istft gaps": (
        RuntimeError,
        "overlap",
        lambda m: m.istft(m.ones(3, 4, dtype=m.complex64), 4, window=m.zeros(4)),
    ),
}


@pytest.mark.filterwarnings("ignore:A window was not provided")
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name):
    kind, text, call = REFUSED[name]
    with pytest.raises(kind, match=text):
        call(rt)


@pytest.mark.filterwarnings("ignore:A window was not provided")
@pytest.mark.parametrize("name", REFUSED)
def test_pytorch_refuses_the_same(torch, name):
    kind, _, call = REFUSED[name]
    with pytest.raises(kind):
        call(torch)
