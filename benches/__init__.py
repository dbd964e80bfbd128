"""Rutile beside its peers, from matrix products to whole training steps: `python -m benches --help`."""

import os

# Threads of NumPy's OpenBLAS go on spinning long after their work, on a core that the next library needs. OpenBLAS
# reads the limit when it is loaded: 2^18 cycles are below a tenth of a millisecond.
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "18")
