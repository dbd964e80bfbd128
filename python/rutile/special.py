"""Special functions under the names of `torch.special`; most are also `rutile.<name>`.

Example:
    >>> import rutile as rt
    >>> rt.special.expit(rt.tensor([0.0, 2.0]))
    tensor([0.5000, 0.8808])
"""

from ._rutile.special import *  # noqa: F403 - the engine's operations
from ._rutile.special import __all__ as __all__
