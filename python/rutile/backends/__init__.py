"""Settings of PyTorch's backends: readable, writable, without effect.

Scripts set flags such as `backends.cudnn.benchmark = True` whatever they run on. They are kept as plain attributes;
none changes a result or the speed. `is_available()` is False for every backend that is not the CPU.
"""

from . import cpu, cuda, cudnn, mkl, mps, openmp

__all__ = ["cpu", "cuda", "cudnn", "mkl", "mps", "openmp"]
