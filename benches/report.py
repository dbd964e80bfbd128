"""From measurements to a page: tables with ratios, a chart, and the numbers for the next report."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import math
import os
import platform
from pathlib import Path
from typing import Any

from rutile import _rutile
from rutile._files import replacing

from . import libraries
from .rows import Measured, Section

LEVEL = 0.95
"""From this ratio on, two libraries are level."""

UNITS = {"s": (1.0, "s"), "ms": (1e-3, "ms"), "us": (1e-6, "µs"), "MiB": (1 << 20, "MiB")}

LABELS = {
    "torch": "PyTorch",
    "channels_last": "channels_last",
    "fused": "fused optimizer",
    "compiled": "torch.compile",
    "numpy": "NumPy",
    "jax": "JAX",
    "onnxruntime": "ONNX Runtime",
}


@dataclasses.dataclass
class Report:
    """What was measured, by section; rows that are measured again replace the old ones."""

    machine: dict[str, Any]
    sections: dict[str, list[Measured]]

    @classmethod
    def load(cls, path: Path, machine: dict[str, Any]) -> Report:
        """The report of `path`, if there is one of the same machine, else an empty one."""
        if path.exists():
            content = json.loads(path.read_text())
            if all(content["machine"].get(key) == machine[key] for key in ("processor", "isa", "threads", "versions")):
                sections = {name: [Measured(**row) for row in rows] for name, rows in content["sections"].items()}
                return cls(machine, sections)
        return cls(machine, {})

    def add(self, section: Section, row: Measured) -> None:
        """Puts a row into its table, in the place of an older one of its name."""
        rows = self.sections.setdefault(section.name, [])
        for at, old in enumerate(rows):
            if old.name == row.name:
                rows[at] = row
                return
        rows.append(row)

    def save(self, path: Path) -> None:
        """Writes what `load` reads."""
        sections = {name: [dataclasses.asdict(row) for row in rows] for name, rows in self.sections.items()}
        text = json.dumps({"machine": self.machine, "sections": sections}, indent=1)
        with replacing(path) as temporary:
            temporary.write_text(text + "\n")


def machine(threads: int, names: list[str], peak: float, bandwidth: float) -> dict[str, Any]:
    """What the numbers depend on."""
    versions = {name: libraries.version(name) for name in names if name not in libraries.FLAVOURS}
    return {
        "processor": _processor(),
        "isa": _rutile._build_info()["instruction_set"],
        "threads": threads,
        "versions": versions,
        "peak": peak,
        "bandwidth": bandwidth,
    }


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    if path.exists():
        for line in path.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def best_peer(row: Measured) -> tuple[str, float] | None:
    """The quickest of the others, and how many times as long it takes."""
    others = [(seconds / row.best["rutile"], name) for name, seconds in row.best.items() if name != "rutile"]
    return min(others)[::-1] if others else None


def mark(row: Measured) -> str:
    """What a row has to say for itself: nothing if it is level with or ahead of every peer."""
    peer = best_peer(row)
    return f"**behind {LABELS[peer[0]]}**" if peer and peer[1] < LEVEL else ""


def line(row: Measured, unit: str) -> str:
    """A row for the terminal."""
    scale, _ = UNITS[unit]
    others = "  ".join(
        f"{name} {seconds / scale:.4g} (x{seconds / row.best['rutile']:.2f})"
        for name, seconds in row.best.items()
        if name != "rutile"
    )
    return f"{row.name:44} {row.best['rutile'] / scale:10.4g}  {others}  {mark(row).strip('*')}".rstrip()


def markdown(report: Report, sections: list[Section], chart: str | None) -> str:
    """The page."""
    m = report.machine
    versions = ", ".join(f"{LABELS.get(name, 'Rutile')} {version}" for name, version in m["versions"].items())
    held = os.environ.get("RUTILE_ISA")
    option = f" --isa {held}" if held else ""
    out = [
        "# Benchmarks" + (f", held to {held.upper()}" if held else ""),
        "",
        f"Written by `make bench-docs` (`python -m benches{option} --out docs`), not by hand.",
        "",
        f"{m['processor']}, {'every library held to ' if held else ''}{m['isa'].upper()}, {m['threads']} threads in "
        f"every library, float32, random data. {versions}.",
        "",
        "Every row is measured in one process, the libraries in turns, with an untimed call before each turn;",
        "the table has the best turn. A peer's cell says how long it takes and, in brackets, how many times as long as",
        "Rutile.",
        f"Rows that take longer than the best peer are marked; {LEVEL} counts as level. `share` is the part of",
        f"{m['peak'] / 1e9:.0f} GFLOP/s (multiply-adds of {m['threads']} cores that do nothing else) or of"
        f" {m['bandwidth'] / 1e9:.0f} GB/s (the quickest `a + b` of",
        "16 M elements into memory that is there); what fits a cache can exceed the latter. `goal` is how many times",
        f"as fast as PyTorch the row is to be. The median turn took {_unrest(report):.2f} times as long as the best:",
        "much more than 1 means that the machine had other work, and that the ratios say little.",
        "",
    ]
    if chart:
        out += [f"![Speed beside the best peer]({chart})", ""]
    for section in sections:
        rows = report.sections.get(section.name)
        if rows:
            out += [f"## {section.title}", ""] + ([section.note, ""] if section.note else [])
            out += [*_table(section, rows, m), "", *_means(rows), ""]
    return "\n".join(out).rstrip() + "\n"


def _table(section: Section, rows: list[Measured], machine: dict[str, Any]) -> list[str]:
    scale, unit = UNITS[section.unit]
    names = [name for name in LABELS if any(name in row.best for row in rows)]
    shares, goals = any(row.flops or row.bytes for row in rows), any(row.goal for row in rows)
    medians = any(row.median for row in rows)
    head = [f"{unit}", "Rutile", *(["median"] if medians else []), *(["share"] if shares else [])]
    head += [*(LABELS[name] for name in names), *(["goal"] if goals else []), ""]
    out = [_cells(head), _cells(["---", *["---:"] * (len(head) - 2), "---"])]
    for row in rows:
        cells = [row.name, f"{row.best['rutile'] / scale:.3g}"]
        if medians:
            cells.append(f"{row.median['rutile'] / scale:.3g}" if row.median else "")
        if shares:
            cells.append(_share(row, machine))
        for name in names:
            seconds = row.best.get(name)
            cells.append("" if seconds is None else f"{seconds / scale:.3g} ({seconds / row.best['rutile']:.2f})")
        if goals:
            cells.append("" if row.goal is None else f"{row.goal:g}")
        out.append(_cells([*cells, mark(row)]))
    return out


def _cells(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _share(row: Measured, machine: dict[str, Any]) -> str:
    limit, work = (machine["peak"], row.flops) if row.flops else (machine["bandwidth"], row.bytes)
    return f"{100 * work / row.best['rutile'] / limit:.0f} %" if work else ""


def _means(rows: list[Measured]) -> list[str]:
    """Geometric means of a table."""
    torch = [row.best["torch"] / row.best["rutile"] for row in rows if "torch" in row.best]
    peers = [peer[1] for peer in map(best_peer, rows) if peer]
    if not torch or len(rows) < 2:
        return []
    behind = sum(ratio < LEVEL for ratio in peers)
    return [
        f"Geometric means: {_mean(torch):.2f} times as fast as PyTorch, {_mean(peers):.2f} times as fast as the best"
        f" peer of each row; {behind} of {len(rows)} rows are behind it."
    ]


def _unrest(report: Report) -> float:
    """How many times as long as the best turn the median takes, over all rows and libraries."""
    rows = [row for rows in report.sections.values() for row in rows]
    ratios = [row.median[name] / row.best[name] for row in rows for name in row.median]
    return _mean(ratios) if ratios else 1.0


def _mean(ratios: list[float]) -> float:
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def draw(report: Report, sections: list[Section], path: Path) -> bool:
    """A chart of every row beside PyTorch and beside its best peer; False without matplotlib."""
    if not importlib.util.find_spec("matplotlib"):
        return False
    from matplotlib.figure import Figure

    rows = [(section.title, row) for section in sections for row in report.sections.get(section.name, [])]
    rows = [(title, row) for title, row in rows if best_peer(row)]
    figure = Figure(figsize=(8, 1.5 + 0.17 * len(rows)), layout="constrained")
    axes = figure.subplots()
    peers = [(best_peer(row) or ("", 1.0))[1] for _, row in rows]
    places = range(len(rows))
    axes.barh(places, [math.log2(ratio) for ratio in peers], 0.7, color=["C0" if r >= LEVEL else "C3" for r in peers])
    torch = [
        (y, math.log2(row.best["torch"] / row.best["rutile"]))
        for y, (_, row) in zip(places, rows, strict=True)
        if "torch" in row.best
    ]
    axes.plot([x for _, x in torch], [y for y, _ in torch], ".", color="C1", markersize=4)
    axes.set_yticks(places, [row.name for _, row in rows], fontsize=7)
    for y in places:
        if y and rows[y][0] != rows[y - 1][0]:
            axes.axhline(y - 0.5, color="grey", linewidth=0.5)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.axvline(0, color="black", linewidth=0.8)
    low, high = math.floor(axes.get_xlim()[0]), math.ceil(axes.get_xlim()[1])
    axes.set_xticks(range(low, high + 1), [f"{2.0**x:g}" for x in range(low, high + 1)])
    axes.set_xlabel("times as fast as the best peer (bars; red: behind) and as PyTorch (dots)")
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=110)
    return True
