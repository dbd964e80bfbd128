"""What all pictures share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito's colours, which differ in brightness too.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")


def available() -> bool:
    """Whether matplotlib is installed."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        return False
    return True


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of this size in inches."""
    # Without pyplot no display is asked for and no global state is touched.
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("rutile.viz draws with matplotlib: pip install 'rutile[plots]'") from error
    return Figure(figsize=(width, height), layout="constrained")


def array(values: Any) -> Any:
    """A tensor, array or list as a NumPy array."""
    import numpy as np

    return np.asarray(values.detach().numpy() if hasattr(values, "detach") else values)
