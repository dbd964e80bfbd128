"""PyTorch's old place of `rutile.hub.load_state_dict_from_url`, here as `load_url`."""

from ..hub import load_state_dict_from_url as load_url

__all__ = ["load_url"]
