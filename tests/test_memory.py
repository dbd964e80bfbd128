"""The cache of freed blocks: it helps, has a cap and a trim, and does not grow over changing shapes."""

import random
import subprocess
import sys
import textwrap

import pytest
import rutile as rt
from rutile import _rutile

LIMIT = 32 << 20


def run(code: str) -> dict[str, int]:
    """Runs a program in a process of its own, and reads the numbers that it prints as `name value`."""
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    return {name: int(value) for name, value in (line.split() for line in done.stdout.splitlines())}


@pytest.fixture
def limit():
    _rutile._trim_cache()
    _rutile._set_cache_limit(LIMIT)
    yield LIMIT
    _rutile._set_cache_limit(1 << 30)


def test_freed_blocks_come_back(limit):
    first = rt.empty(1 << 20)
    place = first.data_ptr()
    del first
    assert _rutile._cached_bytes() == 4 << 20
    assert rt.empty((1 << 20) - 5).data_ptr() == place  # of the same class of sizes


def test_ten_thousand_shapes_stay_below_the_cap(limit):
    chosen, alive = random.Random(0), []
    for _ in range(10_000):
        alive.append(rt.empty(*(chosen.randint(1, 300) for _ in range(chosen.randint(1, 3)))))
        if len(alive) > 4:
            alive.pop(chosen.randrange(len(alive)))
        assert _rutile._cached_bytes() <= limit
    alive.clear()
    assert 0 < _rutile._cached_bytes() <= limit


def test_trim_and_limit_give_memory_back(limit):
    tensors = [rt.empty(1 << 20) for _ in range(6)]
    tensors.clear()
    assert _rutile._cached_bytes() == 24 << 20
    _rutile._set_cache_limit(10 << 20)
    assert _rutile._cached_bytes() == 8 << 20  # whole blocks
    _rutile._trim_cache()
    assert _rutile._cached_bytes() == 0
    _rutile._set_cache_limit(0)
    tensor = rt.empty(1 << 20)
    del tensor
    assert _rutile._cached_bytes() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_resident_memory_does_not_grow_over_shapes():
    """Operations and their gradients on ever new shapes; what is resident is the cap, not the sum of the shapes."""
    found = run(
        """
        import random
        import rutile as rt
        from rutile import _rutile

        def resident():
            line = next(line for line in open("/proc/self/status") if line.startswith("VmRSS"))
            return int(line.split()[1]) * 1024

        _rutile._set_cache_limit(64 << 20)
        chosen = random.Random(0)

        def work(times):
            for _ in range(times):
                x = rt.ones(chosen.randint(1, 256), chosen.randint(1, 256), requires_grad=True)
                (x * x).sum().backward()

        work(1000)
        print("early", resident())
        work(9000)
        print("late", resident())
        _rutile._trim_cache()
        print("cached", _rutile._cached_bytes())
        """
    )
    assert found["late"] - found["early"] < 32 << 20
    assert found["cached"] == 0
