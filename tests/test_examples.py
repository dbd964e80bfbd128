"""The example scripts run unmodified under `python -m rutile.compat`, on a few made-up images and characters."""

import gzip
import io
import os
import random
import re
import struct
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
# Script: arguments, what the last lines say, files in the folder of the run.
SCRIPTS = {
    "resnet20_cifar10": (
        ["--epochs", "1", "--steps", "1", "--batch", "4"],
        r"test_accuracy",
        ["log.csv", "checkpoint.pt"],
    ),
    "char_gpt": (
        ["--steps", "2", "--every", "1", "--batch", "2", "--context", "16", "--sample", "9"],
        r"validation_loss [2-5]",
        ["log.csv", "checkpoint.pt", "sample.txt"],
    ),
    "char_lstm": (
        ["--epochs", "1", "--steps", "2", "--batch", "4", "--length", "8", "--sample", "9"],
        r"validation_loss [2-5]",
        ["log.csv", "checkpoint.pt", "sample.txt"],
    ),
    "mnist_cnn": (["--epochs", "1", "--limit", "2", "--batch-size", "4"], r"accuracy \d", []),
    "vae": (["--epochs", "1", "--limit", "2", "--batch-size", "8"], r"test loss \d+", ["sample_1.png"]),
    "dcgan": (
        ["--epochs", "1", "--limit", "1", "--batch-size", "4", "--width", "4"],
        r"G \d",
        ["fake_1.png", "generator.pth"],
    ),
    "actor_critic": (["--episodes", "3"], r"episode 3  steps \d+", []),
    "siamese": (["--epochs", "1", "--limit", "2", "--batch-size", "4"], r"told apart \d", []),
    "super_resolution": (["--epochs", "1", "--limit", "1", "--batch-size", "2"], r"PSNR \d", ["model.pth"]),
    "neural_style": (["--size", "16", "--steps", "2"], r"style \d", ["styled.png"]),
}
# `python -m rutile.compat`, to which the images below are those of MNIST.
RUN = """
import hashlib, os, sys
from pathlib import Path
from rutile.compat.__main__ import main
from rutile.datasets import mnist

for name in mnist.FILES:
    content = mnist.read_maybe_gzip(Path(os.environ["RUTILE_DATA"]) / "mnist" / f"{name}.gz")
    mnist.FILES[name] = hashlib.sha256(content).hexdigest()
main(sys.argv[1:])
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder as RUTILE_DATA names it, with 24 images each to train and to test, and 4,000 characters."""
    pytest.importorskip("PIL", reason="the data are images")
    from PIL import Image

    folder, noise = tmp_path_factory.mktemp("data"), np.random.default_rng(0)
    (folder / "mnist").mkdir()
    for part in ("train", "t10k"):
        images = noise.integers(0, 256, (24, 28, 28), np.uint8)
        with gzip.open(folder / "mnist" / f"{part}-images-idx3-ubyte.gz", "wb") as file:
            file.write(struct.pack(">IIII", 0x803, 24, 28, 28) + images.tobytes())
        with gzip.open(folder / "mnist" / f"{part}-labels-idx1-ubyte.gz", "wb") as file:
            file.write(struct.pack(">II", 0x801, 24) + bytes(i % 10 for i in range(24)))
    (folder / "cifar10").mkdir()
    with tarfile.open(folder / "cifar10" / "cifar10-jpeg.tar.xz", "w:xz") as archive:
        for number in range(24):
            for part in ("train", "test"):
                buffer = io.BytesIO()
                Image.fromarray(noise.integers(0, 256, (32, 32, 3), np.uint8)).save(buffer, "JPEG")
                member = tarfile.TarInfo(f"{part}/class{number % 10}/{number:04}.jpg")
                member.size = buffer.tell()
                buffer.seek(0)
                archive.addfile(member, buffer)
    (folder / "text").mkdir()
    letters = random.Random(0).choices("abcdefghij klmno\n", k=4000)
    (folder / "text" / "tinyshakespeare.txt").write_text("".join(letters))
    return folder


def run(script, data, out, *arguments):
    command = [sys.executable, "-W", "error", "-c", RUN, str(EXAMPLES / f"{script}.py"), *arguments]
    done = subprocess.run(
        [*command, "--data", str(data), "--out", str(out)],
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "RUTILE_DATA": str(data)},
        cwd=out.parent,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_script_is_here():
    assert {path.stem for path in EXAMPLES.glob("*.py")} - {"common"} == set(SCRIPTS)


@pytest.mark.parametrize("script", sorted(SCRIPTS))
def test_a_script_runs(script, data, tmp_path):
    arguments, said, files = SCRIPTS[script]
    output = run(script, data, tmp_path / "out", *arguments)
    assert re.search(said, output), output
    assert "nan" not in output
    assert [name for name in files if not (tmp_path / "out" / name).is_file()] == []


def test_a_run_goes_on_where_it_stopped(data, tmp_path):
    """`--resume` keeps the log up to the checkpoint and adds to it."""
    settings = ["--steps", "1", "--batch", "4", "--length", "8", "--sample", "9"]
    run("char_lstm", data, tmp_path / "out", "--epochs", "2", *settings)
    rows = (tmp_path / "out" / "log.csv").read_text().splitlines()
    output = run("char_lstm", data, tmp_path / "out", "--epochs", "3", *settings, "--resume")
    again = (tmp_path / "out" / "log.csv").read_text().splitlines()
    assert again[:3] == rows[:3]
    assert len(again) == 4
    assert "epoch 3" in output
    assert "epoch 2 " not in output
