"""Mixed precision as PyTorch spells it, for scripts that can also run without: everything passes through.

On a GPU, `autocast` computes some operations in 16 bits. CPUs gain little from that, so here operations keep the dtype
of their tensors: results are those of the same script with `enabled=False`, which is the more precise one. A model
whose weights are 16-bit (`model.half()`, `model.bfloat16()`) computes in float32 and stores 16 bits, with or without
autocast.
"""

from .autocast_mode import autocast, custom_bwd, custom_fwd, is_autocast_available
from .grad_scaler import GradScaler

__all__ = ["GradScaler", "autocast", "custom_bwd", "custom_fwd", "is_autocast_available"]
