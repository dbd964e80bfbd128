"""Training runs end to end, on real digits: they learn, they leave their results, and a break does not show in them."""

import csv
import json
import os
import signal
import subprocess
import sys
import time

import pytest
import rutile as rt
from rutile import models
from rutile.datasets import MNIST, Digits
from rutile.training import Config, DivergedError, Progress, UsageError, train
from rutile.training.state import CHECKPOINT

SHORT = {"epochs": 3, "batch": 100, "model": "mlp", "checkpoint_seconds": 0}


class Quiet(Progress):
    """Keeps what a run says."""

    def __init__(self):
        super().__init__()
        self.lines = []

    def note(self, text):
        self.lines += text.splitlines()


class KilledError(Exception):
    """Stands for a kill: nothing in a run expects it."""


class Kill(Quiet):
    """Ends the run at the given step, counted over the whole sitting."""

    def __init__(self, step):
        super().__init__()
        self.left = step

    def step(self, state):
        self.left -= 1
        if self.left == 0:
            raise KilledError


def weights(folder):
    """The file with the final weights."""
    return (folder / "model.safetensors").read_bytes()


def run(given, folder, resume=False, progress=None):
    return train(given, folder, resume, progress or Quiet())


def test_digits_cnn_passes_98_percent(tmp_path):
    progress = Quiet()
    began = time.process_time()
    result = run({}, tmp_path / "run", progress=progress)
    assert result.test_accuracy >= 0.98
    assert time.process_time() - began < 120  # a minute on two cores, whoever else computes on them
    # The printed instructions work.
    text = "\n".join(line.strip() for line in progress.lines)
    found: dict = {}
    exec(text[text.index("from rutile import") :], found)
    test = found["test"]
    assert (found["model"].predict(test.data) == test.targets).float().mean().item() == pytest.approx(
        result.test_accuracy
    )


@pytest.mark.parametrize("model", ["mlp", pytest.param("lenet", marks=pytest.mark.slow)])
def test_other_models_learn_digits(tmp_path, model):
    assert run({"model": model}, tmp_path / "run").test_accuracy >= 0.95


SLOW_CNN = pytest.param("cnn", 5, 0.99, marks=pytest.mark.slow)  # minutes on two cores


@pytest.mark.parametrize(("model", "epochs", "least"), [SLOW_CNN, ("mlp", 10, 0.975)])
def test_mnist(tmp_path, model, epochs, least):
    if not os.environ.get("RUTILE_DATA"):
        pytest.skip("RUTILE_DATA does not name a folder with MNIST")
    assert run({"dataset": "mnist", "model": model, "epochs": epochs}, tmp_path / "run").test_accuracy >= least
    assert MNIST(train=False)


def test_results(tmp_path):
    folder = tmp_path / "run"
    result = run(SHORT, folder)
    rows = list(csv.DictReader((folder / "metrics.csv").read_text().splitlines()))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert float(rows[-1]["train_loss"]) == result.history[-1].train_loss < float(rows[0]["train_loss"])
    summary = json.loads((folder / "results.json").read_text())
    assert summary["test_accuracy"] == result.test_accuracy
    assert summary["config"]["model"] == "mlp"
    test = Digits(train=False)
    loaded = models.load(folder / "model.safetensors")
    assert not loaded.training
    assert (loaded.predict(test.data) == test.targets).float().mean().item() == pytest.approx(result.test_accuracy)
    assert loaded.predict(test.data[:1]).tolist() == loaded.predict(test.data[:1].float()).tolist()
    assert not list(folder.glob(".*"))


def test_pictures(tmp_path):
    pytest.importorskip("matplotlib", reason="pictures need the extra 'plots'")
    run(SHORT | {"epochs": 1}, tmp_path / "run")
    for name in ("curves.png", "confusion.png", "mistakes.png"):
        assert (tmp_path / "run" / name).read_bytes().startswith(b"\x89PNG")


def test_without_matplotlib_the_run_says_how_to_get_the_pictures(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    progress = Quiet()
    run(SHORT | {"epochs": 1}, tmp_path / "run", progress=progress)
    assert any("pip install 'rutile[plots]'" in line for line in progress.lines)
    monkeypatch.undo()
    if "matplotlib" in sys.modules or pytest.importorskip("matplotlib"):
        run({}, tmp_path / "run", resume=True)
        assert (tmp_path / "run" / "curves.png").exists()


# Everything that carries state from batch to batch is in one of these: batch norm's statistics, dropout's and the
# shift's random numbers, moments and step counts, momentum, the schedule, the best weights.
STATEFUL = [
    {"model": "cnn", "optimizer": "adam", "schedule": "onecycle"},
    {"model": "cnn", "optimizer": "nesterov", "schedule": "cosine", "patience": 2},
    {"model": "mlp", "optimizer": "adamw", "schedule": "step"},
    {"model": "mlp", "optimizer": "rmsprop", "schedule": "constant"},
    {"model": "mlp", "optimizer": "adagrad"},
    {"model": "mlp", "optimizer": "adadelta"},
]


@pytest.mark.parametrize("choices", STATEFUL, ids=lambda choices: "-".join(map(str, choices.values())))
def test_kills_do_not_show_in_the_weights(tmp_path, choices):
    given = choices | {"epochs": 3, "batch": 200, "checkpoint_seconds": 0}
    whole = run(given, tmp_path / "whole")
    rt.manual_seed(99)  # What was drawn before a run must not matter.
    folder = tmp_path / "killed"
    for step in (1, 3, 6, 2, 5, 1):
        with pytest.raises(KilledError):
            run(given, folder, True, Kill(step))
        rt.randn(7)
    result = run({}, folder, True)
    assert weights(folder) == weights(tmp_path / "whole")
    assert [row.train_loss for row in result.history] == [row.train_loss for row in whole.history]
    assert result.test_loss == whole.test_loss


def test_checkpoints_at_epoch_ends_suffice(tmp_path):
    given = SHORT | {"checkpoint_seconds": 1e9}
    run(given, tmp_path / "whole")
    with pytest.raises(KilledError):
        run(given, tmp_path / "killed", False, Kill(20))
    run({"checkpoint_seconds": 0.5}, tmp_path / "killed", True)
    assert weights(tmp_path / "killed") == weights(tmp_path / "whole")


def test_a_real_kill_at_any_moment(tmp_path):
    """SIGKILL after random times, wherever that is: in an import, in a step, in a write, between the results."""
    command = [sys.executable, "-m", "rutile", "train", "--model", "mlp", "--epochs", "4", "--batch", "16"]
    command += ["--checkpoint-seconds", "0"]
    subprocess.run([*command, "--out", str(tmp_path / "whole")], check=True, capture_output=True)
    folder = tmp_path / "killed"
    for milliseconds in (5, 250, 400, 600, 800, 1000):
        process = subprocess.Popen([*command, "--resume", "--out", str(folder)], stdout=subprocess.DEVNULL)
        time.sleep(milliseconds / 1000)
        process.kill()
        process.wait()
    subprocess.run([*command, "--resume", "--out", str(folder)], check=True, capture_output=True)
    assert weights(folder) == weights(tmp_path / "whole")
    assert not list(folder.glob(".*.tmp"))


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_says_how_to_go_on(tmp_path, number, status):
    folder = tmp_path / "run"
    command = [sys.executable, "-m", "rutile", "train", "--model", "mlp", "--epochs", "100000", "--out", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    # "up to 100000 epochs" comes before the run holds signals back, the first epoch's line within it.
    while not process.stdout.readline().startswith("epoch"):
        pass
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == status
    assert errors.strip() == f"stopped; go on with: rutile train --resume {folder}"
    assert (folder / CHECKPOINT).is_file()


@pytest.mark.parametrize("model", ["cnn", "mlp"])
def test_the_number_of_threads_does_not_show_in_the_weights(tmp_path, model):
    given = SHORT | {"model": model, "epochs": 1}
    before = rt.get_num_threads()
    try:
        for threads in (1, 2, 3):
            run(given | {"threads": threads}, tmp_path / str(threads))
    finally:
        rt.set_num_threads(before)
    assert weights(tmp_path / "1") == weights(tmp_path / "2") == weights(tmp_path / "3")


def test_seeds_matter(tmp_path):
    for seed in (1, 2):
        run(SHORT | {"epochs": 1, "seed": seed}, tmp_path / str(seed))
    assert weights(tmp_path / "1") != weights(tmp_path / "2")


def test_patience_stops_early_and_keeps_the_best_epoch(tmp_path):
    progress = Quiet()
    given = {
        "model": "mlp",
        "optimizer": "sgd",
        "rate": 1e-30,
        "schedule": "constant",
        "epochs": 9,
        "patience": 2,
        "shift": 0,
    }
    result = run(given, tmp_path / "still", progress=progress)
    # Weights that do not move stay equal, and the later of equal epochs counts as the better: no early stop.
    assert len(result.history) == 9
    given |= {"optimizer": "adam", "rate": 1e-2, "epochs": 200}
    result = run(given, tmp_path / "run", progress=progress)
    best = max(result.history, key=lambda row: (row.validation_accuracy, -row.validation_loss, row.epoch)).epoch
    assert len(result.history) == best + 2 < 200
    assert any(line == f"stopped early: no better validation accuracy since epoch {best}" for line in progress.lines)
    assert json.loads((tmp_path / "run" / "results.json").read_text())["weights_of_epoch"] == best


def test_runs_do_not_mix(tmp_path):
    folder = tmp_path / "run"
    with pytest.raises(KilledError):
        run(SHORT, folder, False, Kill(20))
    with pytest.raises(UsageError, match=r"holds an unfinished run: go on with --resume .*, or .* --out"):
        run(SHORT, folder)
    with pytest.raises(
        UsageError, match=r"was started with --batch 100 \(now 64\), --rate 0.002 \(now 0.5\): resume it without"
    ):
        run({"batch": 64, "rate": 0.5, "epochs": 3}, folder, True)
    (folder / CHECKPOINT).write_bytes(b"nonsense")
    with pytest.raises(UsageError, match="is no checkpoint of a run"):
        run({}, folder, True)


def test_a_run_killed_before_its_first_checkpoint_keeps_its_choices(tmp_path, monkeypatch):
    def killed(*_):
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr("rutile.training.data.load", killed)
        with pytest.raises(KilledError):
            run(SHORT | {"epochs": 1, "seed": 5}, tmp_path / "run")
    result = run({}, tmp_path / "run", resume=True)
    assert len(result.history) == 1
    assert json.loads((tmp_path / "run" / "config.json").read_text())["seed"] == 5


def test_default_folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(SHORT | {"epochs": 1}, None).folder.as_posix() == "runs/digits-mlp-1"
    for step in (1, 3):
        with pytest.raises(KilledError):
            run(SHORT | {"seed": step}, None, False, Kill(step))
    # The newest unfinished one, then the other, then none.
    os.utime("runs/digits-mlp-2/config.json", (1e9, 1e9))
    assert [run({"epochs": 3}, None, True).folder.name for _ in range(2)] == ["digits-mlp-3", "digits-mlp-2"]
    progress = Quiet()
    assert run(SHORT | {"epochs": 1}, None, True, progress).folder.name == "digits-mlp-4"
    assert progress.lines[0].startswith("nothing to resume in")


def test_divergence_stops_the_run(tmp_path):
    with pytest.raises(DivergedError, match="try a lower --rate"):
        run(SHORT | {"optimizer": "sgd", "rate": 1e30, "schedule": "constant"}, tmp_path / "run")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"dataset": "cats"}, "--dataset: no 'cats'; there are digits, mnist"),
        ({"optimizer": "magic"}, "--optimizer: no 'magic'"),
        ({"epochs": 0}, "--epochs: wants at least 1, got 0"),
        ({"threads": 0}, "--threads: wants at least 1, got 0"),
        ({"rate": float("nan")}, "--rate: wants a positive number, got nan"),
        ({"validation": 1.0}, "--validation: wants a share between 0 and 1, got 1.0"),
    ],
)
def test_impossible_choices(given, message):
    with pytest.raises(UsageError) as caught:
        Config.make(**given)
    assert str(caught.value).startswith(message)


def test_a_validation_share_without_images(tmp_path):
    with pytest.raises(UsageError, match="leaves a part without images"):
        run({"validation": 1e-9}, tmp_path / "run")
