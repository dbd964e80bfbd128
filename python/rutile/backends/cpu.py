"""What the CPU offers."""

from __future__ import annotations


def get_cpu_capability() -> str:
    """The instruction set that the kernels use on this machine, in capitals as PyTorch writes it (`AVX2`)."""
    from rutile import _rutile

    return str(_rutile._build_info()["instruction_set"]).upper()
