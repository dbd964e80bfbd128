"""Linear algebra in `torch.linalg`'s shape: products, decompositions, solvers, norms.

Matrices lie on the last two axes, all others are batches. Float32 input is computed in float64 and rounded at the end.

Example:
    >>> rt.linalg.vecdot(rt.tensor([1.0, 2.0]), rt.tensor([3.0, 4.0]))
    tensor(11.)
"""

from ._rutile.linalg import *  # noqa: F403
