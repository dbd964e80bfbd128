"""The command line: what it prints, its exit statuses, one-line errors."""

import csv
import os
import re
import struct
import subprocess
import sys

import pytest
import rutile as rt
from rutile import bench, cli


def call(capsys, *arguments):
    """Exit status, stdout, stderr."""
    try:
        status = cli.main([str(argument) for argument in arguments])
    except SystemExit as stop:
        status = stop.code
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_version_and_module(capsys):
    assert call(capsys, "--version") == (0, f"rutile {rt.__version__}\n", "")
    found = subprocess.run([sys.executable, "-m", "rutile", "--version"], capture_output=True, text=True, check=True)
    assert found.stdout == f"rutile {rt.__version__}\n"


def test_info(capsys):
    status, out, _ = call(capsys, "info")
    lines = dict(re.split(r"  +", line, maxsplit=1) for line in out.splitlines())
    assert status == 0
    assert lines["rutile"] == rt.__version__
    assert lines["threads"] == str(rt.get_num_threads())
    assert {"instruction set", "numpy", "python"} <= lines.keys()


def test_train_prints_a_line_per_epoch_and_how_to_use_the_result(capsys, tmp_path):
    folder = tmp_path / "run"
    status, out, err = call(capsys, "train", "--model", "mlp", "--epochs", 2, "--out", folder, "--seed", 3)
    assert (status, err) == (0, "")
    assert "\r" not in out, "no bar where stdout is no terminal"
    assert len(re.findall(r"^epoch [12]/2  loss .* accuracy .* samples/s", out, re.MULTILINE)) == 2
    assert f"model = models.load('{folder}/model.safetensors')" in out
    status, out, _ = call(capsys, "train", "--resume", folder)
    assert status == 0
    assert "training is over" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "--model", "transformer"], "--model: no 'transformer'; there are cnn, mlp, lenet"),
        (["train", "--epochs", "0"], "--epochs: wants at least 1, got 0"),
        (["train", "--epochs", "many"], "argument --epochs: invalid int value: 'many'"),
        (["train", "--resume", "absent"], "--resume: there is no folder absent; start a run there with --out absent"),
        (["train", "--resume", ".", "--out", "other"], "--resume . and --out other name two folders: give one of them"),
        (["bench", "--threads", "0"], "--threads: wants at least 1, got 0"),
        (["bench", "--only", "fft"], "argument --only: invalid choice: 'fft'"),
        ([], "the following arguments are required: COMMAND"),
    ],
)
def test_usage_errors(capsys, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    status, _, err = call(capsys, *arguments)
    assert status == 2
    assert "error: " + message in err.splitlines()[-1]
    assert "Traceback" not in err
    assert not list(tmp_path.iterdir())


def test_missing_data_is_one_line_with_a_remedy(capsys, tmp_path, monkeypatch):
    from rutile.datasets import mnist

    monkeypatch.setattr(mnist, "MIRRORS", ("http://127.0.0.1:9/",))
    monkeypatch.delenv("RUTILE_DATA", raising=False)
    status, _, err = call(capsys, "train", "--dataset", "mnist", "--data", tmp_path, "--out", tmp_path / "run")
    error = err.splitlines()[-1]
    assert status == 1
    assert error.startswith("rutile: error: train-images-idx3-ubyte.gz could not be downloaded")
    assert "--data" in error


def test_a_closed_pipe_is_no_traceback(tmp_path):
    command = f'"{sys.executable}" -m rutile train --model mlp --epochs 20 --out "{tmp_path / "run"}" | head -n 1'
    found = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=120)
    assert found.stdout.startswith("digits:")
    assert found.stderr == ""


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo terminal")
@pytest.mark.parametrize("tqdm", [True, False])
def test_a_bar_on_a_terminal(tmp_path, monkeypatch, tqdm):
    import fcntl
    import termios

    from rutile.training import Progress, train

    if tqdm:
        pytest.importorskip("tqdm", reason="the bar of the extra 'bar'")
    else:
        monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setattr("rutile.training.progress._BAR_SECONDS", 0.0)
    controller, terminal = os.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 30, 140, 0, 0))
    with os.fdopen(terminal, "w", encoding="utf-8") as stream:
        train({"model": "mlp", "epochs": 1, "batch": 300}, tmp_path / "run", progress=Progress(stream))
        stream.flush()
        shown = os.read(controller, 1 << 20).decode()
    os.close(controller)
    assert "\r" in shown
    assert re.search(r"epoch 1/1 .*loss \d+\.\d+  accuracy +\d+\.\d+ %  [\d,]+ samples/s  \d+:\d\d left", shown)


def test_bench_quick(capsys, tmp_path):
    status, out, err = call(capsys, "bench", "--quick", "--out", tmp_path / "bench")
    assert (status, err) == (0, "")
    rows = list(csv.DictReader((tmp_path / "bench" / "bench.csv").read_text().splitlines()))
    assert {row["family"] for row in rows} == {"matmul", "conv", "pool"}
    assert all(float(row["rutile_seconds"]) > 0 for row in rows)
    assert "numpy takes" in out
    assert out.count("matmul") == 2


def test_bench_refuses_wrong_results():
    import numpy as np

    case = bench.Case("matmul", "wrong", 0.0, {"rutile": lambda: np.ones(3), "numpy": lambda: np.zeros(3)})
    with pytest.raises(bench.DisagreementError, match="wrong: rutile and numpy give different results"):
        bench.measure(case, rounds=1)
