"""One instruction set for every library: what a machine without AVX-512 would show."""

from __future__ import annotations

import importlib
import os
import sys

HELD = {
    "avx2": {
        "RUTILE_ISA": "avx2",
        "ATEN_CPU_CAPABILITY": "avx2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "OPENBLAS_CORETYPE": "Haswell",
        "XLA_FLAGS": "--xla_cpu_max_isa=AVX2",
    }
}
"""The variables by which libraries are held to an instruction set. They read them when they are loaded."""


def hold(isa: str) -> None:
    """Starts this program again, every library held to `isa`, unless they are."""
    if os.environ.get("RUTILE_ISA") == isa:
        return
    os.environ.update(HELD[isa], NPY_DISABLE_CPU_FEATURES=" ".join(_beyond_avx2()))
    os.execv(sys.executable, sys.orig_argv)


def _beyond_avx2() -> list[str]:
    """What NumPy has kernels for and this machine has, and AVX2 is not."""
    core = importlib.import_module("numpy._core._multiarray_umath")
    found = [name for name in core.__cpu_dispatch__ if name.startswith(("AVX512", "X86_V4"))]
    return [name for name in found if core.__cpu_features__.get(name)]
