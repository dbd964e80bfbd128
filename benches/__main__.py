"""The command line: measures, prints rows as they come, and writes a page, a chart and the numbers."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import rutile
from rutile import bench

from . import balance, isa, libraries, limits, report, sweep
from .rows import Options


def arguments() -> argparse.Namespace:
    """What can be asked for."""
    parser = argparse.ArgumentParser(prog="python -m benches", description="Rutile beside its peers.")
    parser.add_argument("command", nargs="?", choices=("tables", "sweep", "balance"), default="tables")
    parser.add_argument("--only", metavar="TEXT", help="a section, or rows whose name has this in it")
    parser.add_argument("--threads", type=int, metavar="N", help="threads of every library (default: one per core)")
    parser.add_argument("--isa", choices=sorted(isa.HELD), help="hold every library to this instruction set")
    parser.add_argument("--quick", action="store_true", help="few rounds: shows that it runs, measures little")
    parser.add_argument(
        "--compile", action="store_true", help="torch.compile as well; takes minutes and a C++ compiler"
    )
    parser.add_argument("--without", default="", metavar="NAMES", help="libraries to leave out, with commas")
    parser.add_argument("--out", type=Path, default=Path("runs/benches"), help="folder (default: runs/benches)")
    parser.add_argument("--shapes", type=int, default=600, help="of the sweep (default: 600)")
    return parser.parse_args()


def main() -> None:
    """Runs what was asked for."""
    asked = arguments()
    if asked.isa:
        isa.hold(asked.isa)
    if asked.threads is not None:
        rutile.set_num_threads(asked.threads)
    threads = rutile.get_num_threads()
    left_out = {*asked.without.split(","), *([] if asked.compile else ["compiled"])}
    names = [name for name in libraries.installed(threads) if name not in left_out]
    if asked.command == "sweep":
        sweep.run(names, 30 if asked.quick else asked.shapes, asked.only)
        return
    if asked.command == "balance":
        balance.run(3 if asked.quick else 15, asked.only)
        return
    from .sections import SECTIONS  # after the number of threads is known: rows may import their library

    whole = asked.only in {section.name for section in SECTIONS}
    part = {"section" if whole else "only": asked.only}
    options = Options(names, quick=asked.quick, threads=threads, **part)
    peak, bandwidth = limits.peak(threads), limits.bandwidth(names)
    print(f"{threads} threads of {os.cpu_count()} cores; {peak / 1e9:.0f} GFLOP/s, {bandwidth / 1e9:.0f} GB/s")
    asked.out.mkdir(parents=True, exist_ok=True)
    name = f"benchmarks-{asked.isa}" if asked.isa else "benchmarks"
    numbers = asked.out / f"{name}.json"
    found = report.Report.load(numbers, report.machine(threads, names, peak, bandwidth))
    for section in SECTIONS:
        title = f"\n{section.title} ({report.UNITS[section.unit][1]}; x: times as long as Rutile)"
        try:
            for row in section.measure(section, options):
                if title:
                    print(title)
                    title = ""
                print(report.line(row, section.unit), flush=True)
                found.add(section, row)
                found.save(numbers)  # after every row: an interrupted run keeps what it has
        except bench.DisagreementError as error:
            raise SystemExit(f"error: {error}") from None
    chart = f"{name}.png" if report.draw(found, SECTIONS, asked.out / f"{name}.png") else None
    (asked.out / f"{name}.md").write_text(report.markdown(found, SECTIONS, chart), encoding="utf-8")
    print(f"\n{asked.out} has {name}.md, {name}.json" + (f", {name}.png" if chart else ""))


if __name__ == "__main__":
    main()
