"""How whole steps would spread over more cores than there are: `python -m benches balance`.

What is cut into tasks depends on shapes (and, for single products, on the number of threads), not on which thread
takes a task. So a step is run on one core as if it had `n` threads, the time of each task is kept, and the tasks are
dealt out to `n` cores as the pool does it: in order, each to the first that is free. Between the parallel regions runs
one core.

Cores are taken to be as fast together as alone: what memory bandwidth takes is not in it.
"""

from __future__ import annotations

import heapq
import statistics
import time
from collections.abc import Sequence

import rutile
from rutile import _rutile

from . import libraries
from .libraries import Run
from .training import TRAININGS

THREADS = (2, 4, 8, 16, 32, 64)
WAKE = 5e-6
"""Seconds until a helper has been woken, as measured on two cores."""


def makespan(tasks: Sequence[float], threads: int, wake: float = WAKE) -> float:
    """Seconds that tasks take when each goes to the first free thread; helpers come `wake` late."""
    free = [0.0] + [wake] * (min(threads, len(tasks)) - 1)
    heapq.heapify(free)
    end = 0.0
    for task in tasks:
        done = heapq.heappop(free) + task
        heapq.heappush(free, done)
        end = max(end, done)
    return end


def simulated(step: Run, threads: int, rounds: int) -> tuple[float, float, float]:
    """Seconds of a step on `threads` cores; of these, those in parallel regions, and as many in perfect balance."""
    rutile.set_num_threads(threads)
    step()
    totals, inside, ideal = [], [], []
    for _ in range(rounds):
        _rutile._record_tasks(True)
        start = time.perf_counter()
        step()
        elapsed = time.perf_counter() - start
        regions = [[task / 1e9 for task in tasks] for tasks in _rutile._record_tasks(False)]
        shared = sum(map(sum, regions))
        spans = sum(makespan(tasks, threads) for tasks in regions)
        totals.append(elapsed - shared + spans)
        inside.append(spans)
        ideal.append(shared / threads)
    return statistics.median(totals), statistics.median(inside), statistics.median(ideal)


def run(rounds: int, only: str | None = None) -> None:
    """Prints a table for the training steps whose name has `only` in it (ResNet-18 and GPT if not given)."""
    lib = libraries.make("rutile")
    names = [only] if only is not None else ["ResNet-18", "GPT"]
    print("| step | cores | ms | times as fast | between regions | lost to imbalance |")
    print("| --- | --- | --- | --- | --- | --- |")
    for training in TRAININGS:
        if not any(name in training.name for name in names):
            continue
        step = training.step(lib)
        rutile.set_num_threads(1)
        step()
        alone = []
        for _ in range(rounds):
            start = time.perf_counter()
            step()
            alone.append(time.perf_counter() - start)
        single = statistics.median(alone)
        print(f"| {training.name} | 1 | {1e3 * single:.1f} | 1 | | |")
        for threads in THREADS:
            total, inside, ideal = simulated(step, threads, rounds)
            print(
                f"| | {threads} | {1e3 * total:.2f} | {single / total:.1f} | "
                f"{(total - inside) / total:.0%} | {(inside - ideal) / total:.0%} |",
                flush=True,
            )
