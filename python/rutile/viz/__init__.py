"""Pictures of networks and of their training, as matplotlib figures. matplotlib comes with the extra `plots`.

Each function returns a `matplotlib.figure.Figure`; a notebook shows it, `figure.savefig("name.png")` writes it. Colours
are told apart by colour-blind readers too.

Example:
    >>> import rutile as rt
    >>> figure = rt.viz.curves({"cross entropy": {"training": [0.9, 0.5, 0.3], "validation": [1.0, 0.6, 0.5]}})
    >>> figure.savefig("curves.png")
"""

from ._drawing import available
from .network import feature_maps, filters
from .tape import graph
from .training import confusion_matrix, curves, mistakes

__all__ = ["available", "confusion_matrix", "curves", "feature_maps", "filters", "graph", "mistakes"]
