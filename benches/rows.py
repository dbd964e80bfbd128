"""What a row of the tables is, and how it is measured."""

from __future__ import annotations

import dataclasses
import gc
from collections.abc import Callable, Iterator
from typing import Any

from rutile import _rutile, bench

from . import libraries
from .libraries import Jax, Numpy, Onnx, Run, Torch


@dataclasses.dataclass(frozen=True)
class Row:
    """One piece of work. A setup takes a library, makes the data and gives back what is timed."""

    name: str
    torch: Callable[[Torch], Run]
    """For Rutile and for PyTorch alike."""
    numpy: Callable[[Numpy], Run] | None = None
    jax: Callable[[Jax], Run] | None = None
    onnx: Callable[[Onnx], Run] | None = None
    flavours: tuple[str, ...] = ()
    """Other ways to use PyTorch that make a difference here."""
    flops: float = 0.0
    """Floating-point operations, where they are the limit."""
    bytes: float = 0.0
    """Bytes read and written at least once, where memory is the limit."""
    goal: float | None = None
    """How many times as fast as PyTorch it is to be."""
    compare: bool = True
    """Whether results can be compared: not where they are random."""

    def setup(self, name: str) -> Callable[[Any], Run] | None:
        """How `name` does it, or None."""
        if name in libraries.FLAVOURS:
            return self.torch if name in self.flavours else None
        return {"numpy": self.numpy, "jax": self.jax, "onnxruntime": self.onnx}.get(name, self.torch)


@dataclasses.dataclass(frozen=True)
class Measured:
    """A line of a table: seconds or bytes by library."""

    name: str
    best: dict[str, float]
    median: dict[str, float] = dataclasses.field(default_factory=dict)
    flops: float = 0.0
    bytes: float = 0.0
    goal: float | None = None


@dataclasses.dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    libraries: list[str]
    section: str | None = None
    """The only table to measure."""
    only: str | None = None
    """Part of the names of the rows to measure."""
    quick: bool = False
    threads: int = 1

    def wants(self, section: str, name: str) -> bool:
        """Whether a row is asked for."""
        return self.section in (None, section) and (self.only is None or self.only.lower() in name.lower())


@dataclasses.dataclass(frozen=True)
class Section:
    """A table."""

    name: str
    title: str
    unit: str
    """ms, us, s or MiB."""
    measure: Callable[[Section, Options], Iterator[Measured]]
    note: str = ""


def section(name: str, title: str, rows: list[Row], unit: str = "ms", note: str = "") -> Section:
    """A table of rows that are timed in turns."""

    def measure(self: Section, options: Options) -> Iterator[Measured]:
        for row in rows:
            if options.wants(self.name, row.name):
                yield time_row(self.name, row, options)

    return Section(name, title, unit, measure, note)


def time_row(family: str, row: Row, options: Options) -> Measured:
    """Times a row in all libraries that have it, in turns."""
    functions: dict[str, Run] = {}
    for name in options.libraries:
        setup = row.setup(name)
        if setup is not None:
            functions[name] = setup(libraries.make(name))
    case = bench.Case(family, row.name, row.flops, functions, compare=row.compare)
    rounds, budget = (2, 2.0) if options.quick else (15, 15.0)
    found = bench.measure(case, rounds, run_seconds=0.005 if options.quick else 0.03, budget=budget)
    functions.clear()
    gc.collect()
    _rutile._trim_cache()  # every row starts alike
    return Measured(row.name, found.seconds, found.medians, row.flops, row.bytes, row.goal)
