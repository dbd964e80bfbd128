"""The benches: that every row runs, what the page says of them, and which shapes a sweep tries."""

import dataclasses
import json
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parent.parent))  # `benches` is no part of the package

from benches import balance, libraries, report, rows, sections, sweep
from benches import matmul as products
from benches.training import TRAININGS

MACHINE = {"processor": "p", "isa": "avx2", "threads": 2, "versions": {"rutile": "1"}, "peak": 1e11, "bandwidth": 1e10}
TIMED = [section for section in sections.SECTIONS if section.unit in ("ms", "us")]


@pytest.fixture
def setups(monkeypatch):
    """What `time_row` would time, without timing it."""
    found = {}
    monkeypatch.setattr(
        rows,
        "time_row",
        lambda family, row, options: (
            found.setdefault(row.name, row),
            rows.Measured(row.name, {"rutile": 1.0}),
        )[1],
    )
    return found


@pytest.mark.parametrize("section", TIMED, ids=lambda section: section.name)
def test_every_row_runs(section, setups):
    names = [row.name for row in section.measure(section, rows.Options(["rutile"]))]
    assert names == list(setups)
    assert len(set(names)) == len(names)
    for row in setups.values():
        result = row.setup("rutile")(libraries.make("rutile"))()
        if row.compare:
            assert np.isfinite(np.asarray(result)).all(), row.name


def test_options_choose_rows(setups):
    def names(**asked):
        options = rows.Options(["rutile"], **asked)
        return [row.name for section in TIMED for row in section.measure(section, options)]

    assert len(names(section="matmul")) == 10
    assert names(only="BMM") == ["bmm (32, 128, 64) @ (32, 64, 128)"]
    assert names(section="convolution", only="bmm") == []
    assert len(names(section="training")) == len(TRAININGS)


def test_libraries_have_the_same_numbers():
    ours, theirs = libraries.make("rutile"), libraries.make("numpy")
    assert np.array_equal(ours.normal(3, 4).numpy(), theirs.normal(3, 4))
    assert np.array_equal(ours.integers(9, 5).numpy(), theirs.integers(9, 5))


def test_a_row_is_timed_and_wrong_results_are_refused():
    row = rows.Row("one", lambda lib: lambda: np.ones(2), lambda lib: lambda: np.ones(2))
    options = rows.Options(["rutile", "numpy"], quick=True)
    found = rows.time_row("family", row, options)
    assert set(found.best) == set(found.median) == {"rutile", "numpy"}
    assert all(0 < found.best[name] <= found.median[name] for name in found.best)
    wrong = dataclasses.replace(row, numpy=lambda lib: lambda: np.zeros(2))
    with pytest.raises(RuntimeError, match="one: rutile and numpy give different results"):
        rows.time_row("family", wrong, options)


def test_flavours_are_rows_own():
    row = rows.Row("one", lambda lib: lambda: 0, flavours=("fused",))
    assert row.setup("fused") is row.torch
    assert row.setup("channels_last") is None
    assert row.setup("jax") is None


def page(*measured):
    found = report.Report(MACHINE, {})
    for row in measured:
        found.add(products.SECTION, row)
    return found, report.markdown(found, sections.SECTIONS, None)


def test_page_marks_what_is_behind():
    level = rows.Measured("level", {"rutile": 1.0, "torch": 0.96, "numpy": 3.0}, flops=5e10, goal=2.0)
    behind = rows.Measured("behind", {"rutile": 2.0, "torch": 4.0, "numpy": 1.0}, bytes=1e10)
    _, text = page(level, behind)
    lines = {line.split(" | ")[0].strip("| "): line for line in text.splitlines() if line.startswith("| ")}
    assert lines["level"] == "| level | 1e+03 | 50 % | 960 (0.96) | 3e+03 (3.00) | 2 |  |"
    assert lines["behind"] == "| behind | 2e+03 | 50 % | 4e+03 (2.00) | 1e+03 (0.50) |  | **behind NumPy** |"
    # sqrt(0.96 * 2) and sqrt(0.96 * 0.5)
    assert "1.39 times as fast as PyTorch, 0.69 times as fast as the best peer of each row; 1 of 2 rows" in text


def test_page_says_how_quiet_the_machine_was():
    calm = rows.Measured("calm", {"rutile": 1.0, "torch": 2.0}, {"rutile": 1.0, "torch": 8.0})
    assert "The median turn took 2.00 times as long as the best" in page(calm)[1]  # sqrt(1 * 4)


def test_report_keeps_other_rows_of_the_same_machine(tmp_path):
    old, _ = page(rows.Measured("a", {"rutile": 1.0}), rows.Measured("b", {"rutile": 1.0}))
    old.save(tmp_path / "numbers.json")
    found = report.Report.load(tmp_path / "numbers.json", MACHINE)
    found.add(products.SECTION, rows.Measured("a", {"rutile": 2.0}))
    assert [(row.name, row.best["rutile"]) for row in found.sections["matmul"]] == [("a", 2.0), ("b", 1.0)]
    assert report.Report.load(tmp_path / "numbers.json", MACHINE | {"threads": 1}).sections == {}
    assert json.loads((tmp_path / "numbers.json").read_text())["machine"] == MACHINE


def test_chart(tmp_path):
    pytest.importorskip("matplotlib")
    found, _ = page(
        rows.Measured("a", {"rutile": 1.0, "torch": 2.0}), rows.Measured("b", {"rutile": 1.0, "numpy": 0.5})
    )
    assert report.draw(found, sections.SECTIONS, tmp_path / "chart.png")
    assert (tmp_path / "chart.png").read_bytes()[:4] == b"\x89PNG"


def test_sweep_shapes():
    shapes = [*sweep.shapes(200)]
    assert len(shapes) == 200
    assert shapes == [*sweep.shapes(200)]
    assert all(1 <= extent <= 64 for shape in shapes[:100] for extent in shape)
    assert max(max(shape) for shape in shapes) == 2048
    assert {extent for shape in shapes[100:] for extent in shape} > {63, 64, 65, 1023, 1025}


@pytest.mark.parametrize("training", TRAININGS, ids=lambda training: training.name)
def test_training_is_the_same_network_everywhere(training):
    """Equal shapes of all parameters, in order: both libraries train the same thing."""
    pytest.importorskip("torch")
    from benches import networks

    def shapes(name):
        made = training.build(networks.load(libraries.make(name).lib))
        models = [made.generator(), made.discriminator()] if hasattr(made, "generator") else [made]
        return [tuple(p.shape) for model in models for p in model.parameters()]

    assert shapes("rutile") == shapes("torch")


def test_tasks_go_to_the_first_free_thread():
    assert balance.makespan([3, 1, 1, 1], threads=2, wake=0) == 3
    assert balance.makespan([1, 1, 1, 3], threads=2, wake=0) == 4  # in order: the long one starts last
    assert balance.makespan([1] * 64, threads=16, wake=0) == 4
    assert balance.makespan([1, 1], threads=8, wake=0.5) == 1.5
    assert balance.makespan([], threads=8) == 0


def test_balance_prints_a_row_per_number_of_cores(capsys):
    threads = balance.rutile.get_num_threads()
    try:
        balance.run(rounds=1, only="MLP 784-256")
    finally:
        balance.rutile.set_num_threads(threads)
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    assert len(rows) == 2 + 1 + len(balance.THREADS)
