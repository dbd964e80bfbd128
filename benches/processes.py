"""What only a process of its own can show: the import, its size, and the peak memory of training steps.

`python -m benches.processes LIBRARY ROW` makes three steps of a row of `training.py` and prints its peak memory.
"""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from .rows import Measured, Options, Section

_IMPORTED = ("rutile", "torch", "numpy")


def imports(section: Section, options: Options) -> Iterator[Measured]:
    """Seconds from starting an interpreter that imports a library to its end."""
    if not options.wants(section.name, "import"):
        return
    names = [name for name in _IMPORTED if name in options.libraries]
    times: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(1 if options.quick else 7):  # in turns
        for name in names:
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", f"import {name}"], check=True)
            times[name].append(time.perf_counter() - began)
    yield Measured("import", {name: min(found) for name, found in times.items()})


def sizes(section: Section, options: Options) -> Iterator[Measured]:
    """Bytes of a process that has imported a library, of its files, and of processes that train."""
    names = [name for name in _IMPORTED if name in options.libraries]
    if options.wants(section.name, "import"):
        yield Measured("import", {name: _peak(f"import {name}") for name in names})
        yield Measured("installed, with dependencies", {name: _installed(name) for name in names})
    from .training import TRAININGS

    for training in TRAININGS[:1] if options.quick else TRAININGS:
        if options.wants(section.name, training.name):
            best: dict[str, float] = {}
            for name in ("rutile", "torch", "channels_last"):
                if name in options.libraries and name in ("rutile", "torch", *training.flavours):
                    command = [sys.executable, "-m", "benches.processes", name, training.name, str(options.threads)]
                    best[name] = float(subprocess.check_output(command, text=True))
            yield Measured(training.name, best)


def _peak(code: str) -> float:
    return float(subprocess.check_output([sys.executable, "-c", f"{code}\n{_PRINT_PEAK}"], text=True))


# Linux keeps `ru_maxrss` over exec, so a child would inherit the peak of the process that has forked it.
_PRINT_PEAK = """
import pathlib, re, sys
if sys.platform == "linux":
    print(int(re.search(r"VmHWM:\\s+(\\d+) kB", pathlib.Path("/proc/self/status").read_text()).group(1)) << 10)
else:
    import resource
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def _installed(name: str, seen: set[str] | None = None) -> float:
    """Bytes of a distribution's files and of all that it needs."""
    seen = set() if seen is None else seen
    seen.add(name)
    try:
        distribution = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:  # a checkout, or an optional dependency that is not there
        package = importlib.import_module(name) if name == "rutile" else None
        folder = Path(package.__file__ or "").parent if package else None
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) if folder else 0
        return size + (_installed("numpy", seen) if package else 0)
    size = sum(file.size or 0 for file in distribution.files or ())
    for requirement in distribution.requires or ():
        needed = re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower()
        if "extra ==" not in requirement and needed not in seen:
            size += int(_installed(needed, seen))
    return float(size)


IMPORTS = Section("import", "Import", "s", imports, "A whole process, from start to end.")
MEMORY = Section(
    "memory",
    "Memory and size",
    "MiB",
    sizes,
    "Peak resident memory of a process that does three training steps, the import of the library included.",
)


def _main(library: str, name: str, threads: str) -> None:
    """Trains a little and prints the peak memory of this process."""
    from . import libraries
    from .training import TRAININGS

    lib = libraries.make(library)
    lib.lib.set_num_threads(int(threads))
    step = next(training for training in TRAININGS if training.name == name).step(lib)
    for _ in range(3):
        step()
    exec(_PRINT_PEAK)


if __name__ == "__main__":
    _main(*sys.argv[1:])
