"""Discrete Fourier transforms under the names of `torch.fft`: of real and complex numbers, along any axes.

Example:
    >>> import rutile as rt
    >>> rt.fft.rfft(rt.tensor([1.0, 2.0, 3.0, 4.0])).abs()
    tensor([10.0000,  2.8284,  2.0000])
"""

from ._rutile.fft import *  # noqa: F403 - the engine's operations
from ._rutile.fft import __all__ as __all__
