# Written by tools/stubs.py: do not edit. `make stubs` writes it again.

from collections.abc import Sequence
from typing import Any

from . import Tensor, _layout, dtype

__all__ = [
    "fft",
    "fft2",
    "fftfreq",
    "fftn",
    "fftshift",
    "hfft",
    "hfft2",
    "hfftn",
    "ifft",
    "ifft2",
    "ifftn",
    "ifftshift",
    "ihfft",
    "ihfft2",
    "ihfftn",
    "irfft",
    "irfft2",
    "irfftn",
    "rfft",
    "rfft2",
    "rfftfreq",
    "rfftn",
]

def fft(
    input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Tensor | None = None
) -> Tensor:
    """The discrete Fourier transform along axis `dim`: `X[k]` is the sum of `x[j] exp(-2 pi i jk / n)`, complex. The
    input, real or complex, is cut or filled up with zeros to `n` points first. `norm` says which direction divides:
    `"backward"` (the default) only the inverse, by `n`; `"forward"` only this one; `"ortho"` both, by `sqrt(n)`.

    Stockham's passes of radix 2 to 8 and of odd primes, for long rows in two steps (Bailey, 1990); lengths with a prime
    factor above 61 by Bluestein's convolution. The error grows with the logarithm of `n`.
    Raises: RuntimeError if there are no points, or for another `norm`; IndexError if there is no axis `dim`.

    >>> rt.fft.fft(rt.tensor([1.0, 0.0, 0.0, 0.0])).real
    tensor([1., 1., 1., 1.])"""

def fft2(
    input: Tensor,
    s: int | Sequence[int] | None = None,
    dim: int | Sequence[int] | None = None,
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """`fftn` along two axes, by default the last ones.

    >>> rt.fft.fft2(rt.tensor([[1.0, 2.0], [3.0, 4.0]])).real
    tensor([[10., -2.],
            [-4.,  0.]])"""

def fftfreq(
    n: int,
    d: float = 1.0,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
    layout: _layout | None = None,
    pin_memory: bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """The frequencies of the `n` results of `fft`, of samples `d` apart: `[0, 1, ..., -2, -1] / (n d)`. The second half,
    from `n / 2` on, is negative.

    >>> rt.fft.fftfreq(4)
    tensor([ 0.0000,  0.2500, -0.5000, -0.2500])"""

def fftn(
    input: Tensor,
    s: int | Sequence[int] | None = None,
    dim: int | Sequence[int] | None = None,
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """`fft` along several axes: those of `dim`, or the last of which `s` gives the points, or all. `norm` as for `fft`,
    over the points of all axes.
    Raises: RuntimeError if an axis is named twice, has no points, or `s` and `dim` differ in length.

    >>> rt.fft.fftn(rt.tensor([[1.0, 2.0], [3.0, 4.0]])).real
    tensor([[10., -2.],
            [-4.,  0.]])"""

def fftshift(input: Tensor, dim: int | Sequence[int] | None = None, *, out: Tensor | None = None) -> Tensor:
    """The results of a transform with frequency zero in the middle: halves of the axes `dim` (by default all) exchanged.
    Raises: IndexError if there is no such axis.

    >>> rt.fft.fftshift(rt.fft.fftfreq(4))
    tensor([-0.5000, -0.2500,  0.0000,  0.2500])"""

def hfft(
    input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Tensor | None = None
) -> Tensor:
    """The `fft` of numbers that are conjugates of each other in reverse, of which `input` holds the first half: `n` real
    numbers, by default `2 * (m - 1)` of `m` values. Errors as for `fft`.

    >>> rt.fft.hfft(rt.tensor([1.0, 2.0, 3.0]))  # the fft of [1, 2, 3, 2]
    tensor([ 8., -2.,  0., -2.])"""

def hfft2(
    input: Tensor,
    s: int | Sequence[int] | None = None,
    dim: int | Sequence[int] | None = None,
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """`hfftn` along two axes, by default the last ones.

    >>> rt.fft.hfft2(rt.ones(2, 3))
    tensor([[8., 0., 0., 0.],
            [0., 0., 0., 0.]])"""

def hfftn(
    input: Tensor,
    s: int | Sequence[int] | None = None,
    dim: int | Sequence[int] | None = None,
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The `fftn` of numbers that equal their conjugates in reverse along all axes, of which `input` holds the first half
    along the last one: real numbers. Errors as for `fftn`.

    >>> rt.fft.hfftn(rt.ones(2, 3))
    tensor([[8., 0., 0., 0.],
            [0., 0., 0., 0.]])"""

def ifft(
    input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Tensor | None = None
) -> Tensor:
    """The inverse of `fft`: the sum of `X[k] exp(2 pi i jk / n)` over `k`, divided by `n` unless `norm` says otherwise.
    Arguments and errors as for `fft`.

    >>> rt.fft.ifft(rt.fft.fft(rt.tensor([1.0, 2.0, 4.0, 8.0]))).real
    tensor([1., 2., 4., 8.])"""

def ifft2(
    input: Tensor,
    s: int | Sequence[int] | None = None,
    dim: int | Sequence[int] | None = None,
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """`ifftn` along two axes, by default the last ones.

    >>> rt.fft.ifft2(rt.tensor([[10.0, -2.0], [-4.0, 0.0]])).real
    tensor([[1., 2.],
            [3., 4.]])"""

def ifftn(
    input: Tensor,
    s: int | Sequence[int] | None = None,
    dim: int | Sequence[int] | None = None,
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The inverse of `fftn`, with its arguments and errors.

    >>> x = rt.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> rt.fft.ifftn(rt.fft.fftn(x)).real
    tensor([[1., 2.],
            [3., 4.]])"""

def ifftshift(input: Tensor, dim: int | Sequence[int] | None = None, *, out: Tensor | None = None) -> Tensor:
    """The inverse of `fftshift`: frequency zero comes first again.
    Raises: IndexError if there is no such axis.

    >>> rt.fft.ifftshift(rt.tensor([-2, -1, 0, 1]))
    tensor([ 0,  1, -2, -1])"""

def ihfft(
    input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Tensor | None = None
) -> Tensor:
    """As `rfft` in the other direction: the first `n // 2 + 1` results of `ifft` of real numbers, the inverse of `hfft`.
    Raises: RuntimeError for a complex input, and as `fft`.

    >>> rt.fft.ihfft(rt.tensor([1.0, 2.0, 3.0, 2.0])).real
    tensor([ 2.0000, -0.5000,  0.0000])"""

def ihfft2(
    input: Tensor,
    s: int | Sequence[int] | None = None,
    dim: int | Sequence[int] | None = None,
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """`ihfftn` along two axes, by default the last ones.

    >>> rt.fft.ihfft2(rt.ones(2, 4)).real
    tensor([[1., 0., 0.],
            [0., 0., 0.]])"""

def ihfftn(
    input: Tensor,
    s: int | Sequence[int] | None = None,
    dim: int | Sequence[int] | None = None,
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The inverse of `hfftn`: `ihfft` along the last axis, then `ifft` along the others.
    Raises: RuntimeError for a complex input, and as `fftn`.

    >>> rt.fft.ihfftn(rt.ones(2, 4)).real
    tensor([[1., 0., 0.],
            [0., 0., 0.]])"""

def irfft(
    input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Tensor | None = None
) -> Tensor:
    """The inverse of `rfft`: `n` real numbers of which `input` holds the first half of the transform. `n` is by default
    even: `2 * (m - 1)` for `m` values; the input is cut or filled up with zeros to `n // 2 + 1` of them. Imaginary
    parts of values that real numbers cannot have are ignored. Errors as for `fft`.

    >>> rt.fft.irfft(rt.fft.rfft(rt.tensor([1.0, 2.0, 4.0])), n=3)
    tensor([1., 2., 4.])"""

def irfft2(
    input: Tensor,
    s: int | Sequence[int] | None = None,
    dim: int | Sequence[int] | None = None,
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """`irfftn` along two axes, by default the last ones.

    >>> rt.fft.irfft2(rt.tensor([[4.0, 0.0], [0.0, 0.0]]))
    tensor([[1., 1.],
            [1., 1.]])"""

def irfftn(
    input: Tensor,
    s: int | Sequence[int] | None = None,
    dim: int | Sequence[int] | None = None,
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The inverse of `rfftn`: real numbers. The last entry of `s` is by default even, see `irfft`. Errors as for `fftn`.

    >>> x = rt.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    >>> rt.fft.irfftn(rt.fft.rfftn(x), s=x.shape)
    tensor([[1., 2., 3.],
            [4., 5., 6.]])"""

def rfft(
    input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Tensor | None = None
) -> Tensor:
    """The first `n // 2 + 1` results of `fft` of real numbers; the others are their conjugates in reverse. `n`, `dim` and
    `norm` as there.
    Raises: RuntimeError for a complex input, and as `fft`.

    >>> rt.fft.rfft(rt.ones(4)).real
    tensor([4., 0., 0.])"""

def rfft2(
    input: Tensor,
    s: int | Sequence[int] | None = None,
    dim: int | Sequence[int] | None = None,
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """`rfftn` along two axes, by default the last ones.

    >>> rt.fft.rfft2(rt.ones(3, 8, 8)).shape
    rutile.Size([3, 8, 5])"""

def rfftfreq(
    n: int,
    d: float = 1.0,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
    layout: _layout | None = None,
    pin_memory: bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """The frequencies of the `n // 2 + 1` results of `rfft` of `n` samples `d` apart: `[0, 1, ...] / (n d)`.

    >>> rt.fft.rfftfreq(4)
    tensor([0.0000, 0.2500, 0.5000])"""

def rfftn(
    input: Tensor,
    s: int | Sequence[int] | None = None,
    dim: int | Sequence[int] | None = None,
    norm: str | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """`fftn` of real numbers, of the last axis only the first half: `rfft` along it, then `fft` along the others.
    Raises: RuntimeError for a complex input, and as `fftn`.

    >>> rt.fft.rfftn(rt.ones(4, 6)).shape
    rutile.Size([4, 4])"""
