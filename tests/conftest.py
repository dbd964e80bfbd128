"""What all tests share: seeds, the switch for slow tests, PyTorch and real data where the machine has them."""

import os
import random
from pathlib import Path

import hypothesis
import numpy as np
import pytest
import rutile as rt

# The same examples in every run; time limits per example only measure how busy the machine is.
hypothesis.settings.register_profile("rutile", derandomize=True, deadline=None, max_examples=60, database=None)
hypothesis.settings.load_profile("rutile")


def pytest_addoption(parser):
    parser.addoption("--run-slow", action="store_true", help="also run the tests marked slow (`make nightly` does)")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--run-slow"):
        for item in items:
            if "slow" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="takes long; pytest --run-slow runs it"))


@pytest.fixture(autouse=True)
def _seeded():
    """Every test starts with the same random numbers, recording on, and leaves the number of threads as it was."""
    threads = rt.get_num_threads()
    random.seed(0)
    np.random.seed(0)
    rt.manual_seed(0)
    yield
    assert rt.is_grad_enabled(), "the test left recording off"
    assert rt.get_default_dtype() == rt.float32, "the test left another default dtype"
    if rt.get_num_threads() != threads:
        rt.set_num_threads(threads)


@pytest.fixture
def torch():
    """PyTorch, the oracle of parity tests; tests that want it are skipped where it is not installed."""
    return pytest.importorskip("torch", reason="PyTorch is not installed; it is the oracle of this test")


@pytest.fixture
def data_folder():
    """The folder with data sets that RUTILE_DATA names."""
    if not os.environ.get("RUTILE_DATA"):
        pytest.skip("RUTILE_DATA does not name a folder with data sets")
    return Path(os.environ["RUTILE_DATA"])
