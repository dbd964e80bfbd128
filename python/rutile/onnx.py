"""`torch.onnx` for scripts that import it and export only when asked to: `export` raises."""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = ["export"]


def export(model: Any, args: Any = None, f: Any = None, **kwargs: Any) -> NoReturn:
    """Not there: Rutile has no graph capture.

    Raises:
        NotImplementedError: always.
    """
    raise NotImplementedError(
        "onnx.export: Rutile has no graph capture; save the weights with rutile.save, "
        "which PyTorch reads, and export there"
    )
