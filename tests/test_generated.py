"""Calls drawn at random from the samples of every operation, legal and not, on Rutile and PyTorch alike.

Both take a call, with the same shapes, dtypes, values and (in float64) gradients, or both refuse it with the same class
of exception; what differs on purpose stands in tests/verdicts.py, with its reason. `--run-slow` draws many more.
"""

import pytest
from generate import Draw, rows
from samples import torch_library
from test_ops import RANDOM
from verdicts import verdict

ROWS = [row for row in rows() if not row[0]["name"].startswith("_")]


def name_of(row):
    op, place, inplace = row
    return f"{place}.{op['name']}{'_' * inplace}"


def compare(row, torch, draws):
    op, place, inplace = row
    wrong = []
    for seed in draws:
        draw = Draw(op, place, seed, inplace)
        found = verdict(draw, torch_library(torch), random=op["name"] in RANDOM or "dropout" in op["name"])
        if found:
            wrong.append(f"{draw}: {found}")
    assert not wrong, f"{len(wrong)} of {len(draws)} draws\n" + "\n".join(wrong)


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_drawn_calls_as_in_pytorch(torch, row):
    compare(row, torch, range(12))


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_many_drawn_calls_as_in_pytorch(torch, row):
    compare(row, torch, range(12, 60))
