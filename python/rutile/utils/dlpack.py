"""DLPack: memory shared with other array libraries, as in `torch.utils.dlpack`."""

from .._rutile import from_dlpack, to_dlpack

__all__ = ["from_dlpack", "to_dlpack"]
