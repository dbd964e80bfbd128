"""Flags of CUDA, kept and without effect."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from types import SimpleNamespace

matmul = SimpleNamespace(
    allow_tf32=False,
    allow_fp16_reduced_precision_reduction=False,
    allow_bf16_reduced_precision_reduction=False,
    fp32_precision="none",
)


def is_built() -> bool:
    """False: there is no CUDA."""
    return False


def is_available() -> bool:
    """False: there is no CUDA."""
    return False


def flash_sdp_enabled() -> bool:
    """False: attention on the CPU needs no choice of kernels."""
    return False


def enable_flash_sdp(enabled: bool) -> None:
    """Does nothing: attention on the CPU needs no choice of kernels."""


enable_mem_efficient_sdp = enable_math_sdp = enable_cudnn_sdp = enable_flash_sdp


@contextlib.contextmanager
def sdp_kernel(
    enable_flash: bool = True, enable_math: bool = True, enable_mem_efficient: bool = True, enable_cudnn: bool = True
) -> Iterator[None]:
    """A context without effect."""
    yield
