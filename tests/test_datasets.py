"""Datasets: the shipped digits, IDX files, and downloads that arrive whole or not at all."""

import functools
import gzip
import hashlib
import http.server
import os
import re
import struct
import threading
from pathlib import Path

import numpy as np
import pytest
import rutile as rt
from rutile.datasets import MNIST, DataError, Digits, images, mnist
from rutile.datasets import optical_digits as digits


@pytest.mark.parametrize(("train", "count"), [(True, 1442), (False, 355)])
def test_digits(train, count):
    dataset = Digits(train=train)
    assert len(dataset) == count
    assert tuple(dataset.data.shape) == (count, 8, 8)
    assert dataset.data.dtype == rt.uint8
    assert tuple(dataset.targets.shape) == (count,)
    assert dataset.targets.dtype == rt.int64
    pixels, classes = dataset.data.numpy(), dataset.targets.numpy()
    assert pixels.max() == dataset.peak
    shares = np.bincount(classes, minlength=10) / count
    assert abs(shares - 0.1).max() < 0.005
    if train:
        assert pixels.mean() == pytest.approx(dataset.mean, abs=1e-4)
        assert pixels.std() == pytest.approx(dataset.std, abs=1e-4)


def test_digits_are_the_files_their_provenance_describes():
    folder = Path(digits.__file__).parent
    text = (folder / "PROVENANCE.md").read_text()
    listed = dict(re.findall(r"\| `(\S+\.gz)` \| \d+ \| `(\w{64})` \|", text))
    assert len(listed) == 4
    assert "CC BY 4.0" in text
    for name, expected in listed.items():
        assert hashlib.sha256(gzip.decompress((folder / name).read_bytes())).hexdigest() == expected


def test_no_digit_is_in_both_parts():
    train, test = ({image.tobytes() for image in Digits(train=part).data.numpy()} for part in (True, False))
    assert len(train) == 1442
    assert len(test) == 355
    assert not train & test


def test_items_and_transforms():
    plain = Digits(train=False)
    image, target = plain[3]
    assert image.dtype == np.uint8
    assert image.shape == (8, 8)
    assert isinstance(target, int)
    changed = Digits(train=False, transform=lambda image: image / 16, target_transform=lambda target: -target)
    assert np.array_equal(changed[3][0], image / 16)
    assert changed[3][1] == -target


def idx(array):
    return struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def test_idx_round_trip_and_damage():
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    assert np.array_equal(images.parse_idx(idx(array)).numpy(), array)
    for content, message in (
        (b"", "not an IDX file"),
        (b"<html>", "not an IDX file"),
        (idx(array)[:-1], r"shape \[2, 3, 4\] has 40 bytes, this one 39"),
        (idx(array) + b"x", "this one 41"),
    ):
        with pytest.raises(DataError, match=message):
            images.parse_idx(content)


@pytest.fixture
def tiny(monkeypatch):
    """Four tiny files that stand in for MNIST's."""
    random = np.random.default_rng(0)
    files = {}
    for part, count in (("train", 6), ("t10k", 4)):
        files[f"{part}-images-idx3-ubyte"] = idx(random.integers(0, 256, (count, 28, 28), np.uint8))
        files[f"{part}-labels-idx1-ubyte"] = idx(random.integers(0, 10, (count,), np.uint8))
    monkeypatch.setattr(mnist, "FILES", {name: hashlib.sha256(content).hexdigest() for name, content in files.items()})
    monkeypatch.delenv("RUTILE_DATA", raising=False)
    return files


@pytest.mark.parametrize("subfolder", ["", "mnist", "MNIST/raw"])
@pytest.mark.parametrize("packed", [True, False])
def test_mnist_is_found(tmp_path, tiny, monkeypatch, subfolder, packed):
    folder = tmp_path / subfolder
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in tiny.items():
        (folder / (f"{name}.gz" if packed else name)).write_bytes(gzip.compress(content) if packed else content)
    assert len(MNIST(tmp_path)) == 6
    monkeypatch.setenv("RUTILE_DATA", str(tmp_path))
    assert len(MNIST(train=False)) == 4


def test_missing_or_damaged_mnist_says_what_to_do(tmp_path, tiny):
    with pytest.raises(DataError, match="name its folder with --data or RUTILE_DATA"):
        MNIST(tmp_path)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"\x00\x00\x08\x01")
    with pytest.raises(DataError, match=r"is not MNIST's train-images-idx3-ubyte .* remove it"):
        MNIST(tmp_path)
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(tiny["train-images-idx3-ubyte"])[:-9])
    with pytest.raises(DataError, match="damaged"):
        MNIST(tmp_path)


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder; under /cut/ it promises the whole file and sends half."""

    def do_GET(self):
        if not self.path.startswith("/cut/"):
            super().do_GET()
            return
        content = Path(self.directory, self.path.removeprefix("/cut/")).read_bytes()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2])

    def log_message(self, *_):
        pass


@pytest.fixture
def server(tmp_path_factory, tiny):
    folder = tmp_path_factory.mktemp("server")
    for name, content in tiny.items():
        (folder / f"{name}.gz").write_bytes(gzip.compress(content))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", folder
        server.shutdown()


def entries(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_download_goes_on_to_the_next_mirror(tmp_path, server, monkeypatch, capsys):
    url, _ = server
    monkeypatch.setattr(mnist, "MIRRORS", (f"{url}absent/", f"{url}cut/", url))
    assert len(MNIST(tmp_path, download=True)) == 6
    assert entries(tmp_path) == ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"]
    monkeypatch.setattr(mnist, "MIRRORS", ())
    assert len(MNIST(tmp_path, download=True)) == 6, "what is there is not fetched again"


def test_download_never_leaves_half_a_file(tmp_path, server, monkeypatch):
    url, folder = server
    monkeypatch.setattr(mnist, "MIRRORS", (f"{url}cut/",))
    with pytest.raises(DataError, match=r"could not be downloaded .*the connection ended after \d+ of \d+ bytes"):
        MNIST(tmp_path, download=True)
    assert entries(tmp_path) == []
    monkeypatch.setattr(mnist, "MIRRORS", (url,))
    (folder / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(b"something else"))
    with pytest.raises(DataError, match="what was downloaded is not MNIST's"):
        MNIST(tmp_path, download=True)
    assert entries(tmp_path) == []


def test_real_mnist():
    if not os.environ.get("RUTILE_DATA"):
        pytest.skip("RUTILE_DATA does not name a folder with MNIST")
    train, test = MNIST(), MNIST(train=False)
    assert (len(train), len(test)) == (60_000, 10_000)
    pixels = train.data.numpy()
    assert pixels.mean() == pytest.approx(train.mean, abs=1e-4)
    assert pixels.std() == pytest.approx(train.std, abs=1e-4)
