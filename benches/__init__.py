"""Rutile beside its peers, from matrix products to whole training steps: `python -m benches --help`."""
