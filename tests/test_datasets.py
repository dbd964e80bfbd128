"""Datasets: the shipped digits, IDX files, and downloads that arrive whole or not at all."""

import functools
import gzip
import hashlib
import http.server
import os
import pickle
import re
import shutil
import struct
import tarfile
import threading
from pathlib import Path

import numpy as np
import pytest
import rutile as rt
from rutile.datasets import (
    CIFAR10,
    CIFAR100,
    EMNIST,
    MNIST,
    DataError,
    DatasetFolder,
    Digits,
    FakeData,
    FashionMNIST,
    ImageFolder,
    images,
    mnist,
    utils,
)
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
    pixels = np.asarray(image)
    assert pixels.dtype == np.uint8
    assert np.array_equal(pixels, plain.data[3].numpy())
    assert isinstance(target, int)
    changed = Digits(
        train=False, transform=lambda image: np.asarray(image) / 16, target_transform=lambda target: -target
    )
    assert np.array_equal(changed[3][0], pixels / 16)
    assert changed[3][1] == -target


def test_without_pillow_images_are_arrays(monkeypatch):
    monkeypatch.setattr(images, "_pillow", lambda: None)
    image, _ = Digits(train=False)[3]
    assert isinstance(image, np.ndarray)
    assert rt.transforms.ToTensor()(image).shape == (1, 8, 8)


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
    with pytest.raises(DataError, match="name its folder with RUTILE_DATA"):
        MNIST(tmp_path)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"\x00\x00\x08\x01")
    with pytest.raises(DataError, match=r"is not MNIST's train-images-idx3-ubyte .* remove it"):
        MNIST(tmp_path)
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(tiny["train-images-idx3-ubyte"])[:-9])
    with pytest.raises(DataError, match="damaged"):
        MNIST(tmp_path)


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder; under /cut/ it promises the whole file and sends half, under /ranges/ it sends the rest."""

    ranges = []  # noqa: RUF012 - the server makes a handler per request

    def do_GET(self):
        if self.path.startswith("/ranges/"):
            content = Path(self.directory, self.path.removeprefix("/ranges/")).read_bytes()
            asked = self.headers["Range"]
            Handler.ranges.append(asked)
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            self.send_response(206)
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            self.wfile.write(content[start:])
            return
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


def test_download_never_gives_half_a_file_its_name(tmp_path, server, monkeypatch):
    url, folder = server
    monkeypatch.setattr(mnist, "MIRRORS", (f"{url}cut/",))
    with pytest.raises(DataError, match=r"could not be downloaded .*the connection ended after \d+ of \d+ bytes"):
        MNIST(tmp_path, download=True)
    assert entries(tmp_path) == ["train-images-idx3-ubyte.gz.part"]
    shutil.rmtree(tmp_path / "mnist")
    monkeypatch.setattr(mnist, "MIRRORS", (url,))
    (folder / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(b"something else"))
    with pytest.raises(DataError, match="what was downloaded is not MNIST's"):
        MNIST(tmp_path, download=True)
    assert entries(tmp_path) == []


def test_download_goes_on_where_it_stopped(tmp_path, server, monkeypatch, capsys):
    url, _ = server
    monkeypatch.setattr(mnist, "MIRRORS", (f"{url}cut/", f"{url}ranges/"))
    assert len(MNIST(tmp_path, download=True)) == 6
    assert Handler.ranges
    assert all(re.fullmatch(r"bytes=[1-9]\d*-", asked) for asked in Handler.ranges)
    assert entries(tmp_path) == ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"]
    assert "from byte" in capsys.readouterr().err
    Handler.ranges.clear()


def test_downloads_for_peoples_own_datasets(tmp_path, server, capsys):
    url, folder = server
    with tarfile.open(folder / "pack.tar.gz", "w:gz") as archive:
        archive.add(folder / "train-labels-idx1-ubyte.gz", "part/labels.gz")
    md5 = utils.calculate_md5(folder / "pack.tar.gz")
    utils.download_and_extract_archive(f"{url}pack.tar.gz", tmp_path, tmp_path / "out", md5=md5)
    assert utils.check_integrity(tmp_path / "pack.tar.gz", md5)
    assert not utils.check_integrity(tmp_path / "pack.tar.gz", "0" * 32)
    labels = tmp_path / "out" / "part" / "labels.gz"
    assert utils.list_dir(tmp_path / "out") == ["part"]
    assert utils.list_files(tmp_path / "out" / "part", ".gz", prefix=True) == [str(labels)]
    assert utils.extract_archive(labels) == str(labels.with_suffix(""))
    assert gzip.decompress(labels.read_bytes()) == labels.with_suffix("").read_bytes()
    with pytest.raises(DataError, match="has the MD5"):
        utils.download_url(f"{url}pack.tar.gz", tmp_path, "other.tar.gz", md5="0" * 32)
    with tarfile.open(folder / "evil.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo("../outside"))
    utils.download_url(f"{url}evil.tar", tmp_path)
    with pytest.raises(tarfile.TarError):
        utils.extract_archive(tmp_path / "evil.tar", tmp_path / "out")
    with pytest.raises(ValueError, match="Unknown value 'x' for argument split"):
        utils.verify_str_arg("x", "split", ("train", "test"))


def test_relatives_of_mnist(tmp_path, tiny, monkeypatch):
    folder = tmp_path / "FashionMNIST/raw"
    folder.mkdir(parents=True)
    sums = {}
    for name, content in tiny.items():
        packed = gzip.compress(content)
        (folder / f"{name}.gz").write_bytes(packed)
        sums[name] = hashlib.md5(packed).hexdigest()
    with pytest.raises(DataError, match=r"is not FashionMNIST's: .* has the MD5"):
        FashionMNIST(tmp_path)
    monkeypatch.setattr(FashionMNIST, "sums", sums)
    fashion = FashionMNIST(tmp_path, train=False)
    assert len(fashion) == 4
    assert fashion.class_to_idx["Bag"] == 8
    assert repr(fashion).splitlines()[:2] == ["Dataset FashionMNIST", "    Number of datapoints: 4"]
    letters = tmp_path / "emnist"
    letters.mkdir()
    for kind, part in (("images-idx3", "train-images-idx3"), ("labels-idx1", "train-labels-idx1")):
        (letters / f"emnist-letters-train-{kind}-ubyte").write_bytes(tiny[f"{part}-ubyte"])
    assert len(EMNIST(tmp_path, "letters", train=True)) == 6
    with pytest.raises(ValueError, match="unknown split"):
        EMNIST(tmp_path, "greek")


CIFAR_PIXELS = np.random.default_rng(1).integers(0, 256, (4, 3, 32, 32), np.uint8)


def test_cifar_batches(tmp_path, monkeypatch):
    monkeypatch.delenv("RUTILE_DATA", raising=False)
    binary = tmp_path / "cifar-10-batches-bin"
    binary.mkdir()
    rows = [bytes([label]) + image.tobytes() for label, image in zip([3, 0, 9, 3], CIFAR_PIXELS, strict=True)]
    (binary / "test_batch.bin").write_bytes(b"".join(rows))
    test = CIFAR10(tmp_path, train=False)
    assert test.targets == [3, 0, 9, 3]
    assert np.array_equal(test.data, CIFAR_PIXELS.transpose(0, 2, 3, 1))
    assert np.array_equal(np.asarray(test[2][0]), test.data[2])
    assert test.classes[9] == "truck"
    with pytest.raises(DataError, match=r"no cifar-10-batches-bin, .*download=True"):
        CIFAR10(tmp_path)
    (binary / "test_batch.bin").write_bytes(rows[0][:-1])
    with pytest.raises(DataError, match="no multiple of 3073"):
        CIFAR10(tmp_path, train=False)
    hundred = tmp_path / "cifar-100-binary"
    hundred.mkdir()
    (hundred / "test.bin").write_bytes(b"".join(b"\x07" + row for row in rows))
    assert CIFAR100(tmp_path, train=False).targets == [3, 0, 9, 3]


def test_cifar_in_pickles_runs_no_code(tmp_path):
    python = tmp_path / "cifar-10-batches-py"
    python.mkdir()
    batch = {"data": CIFAR_PIXELS.reshape(4, -1), "labels": [1, 2, 3, 4]}
    (python / "test_batch").write_bytes(pickle.dumps(batch, protocol=2))
    assert CIFAR10(tmp_path, train=False).targets == [1, 2, 3, 4]
    (python / "test_batch").write_bytes(pickle.dumps({"data": os.system, "labels": []}))
    with pytest.raises(DataError, match="neither a container nor an array"):
        CIFAR10(tmp_path, train=False)


@pytest.mark.parametrize("packed", [False, True])
def test_cifar_as_images(tmp_path, packed):
    image_module = pytest.importorskip("PIL.Image")
    source = tmp_path / "cifar10"
    for label, image in zip(["ship", "cat", "cat"], CIFAR_PIXELS, strict=False):
        folder = source / "test" / label
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{len(list(folder.iterdir())):04}.png"
        image_module.fromarray(image.transpose(1, 2, 0)).save(folder / name)
    if packed:
        with tarfile.open(tmp_path / "pictures.tar.xz", "w:xz") as archive:
            archive.add(source / "test", "test")
        shutil.rmtree(source)
        source.mkdir()
        (tmp_path / "pictures.tar.xz").rename(source / "pictures.tar.xz")
    test = CIFAR10(tmp_path, train=False)
    assert test.targets == [3, 3, 8]
    assert np.array_equal(test.data, CIFAR_PIXELS[[1, 2, 0]].transpose(0, 2, 3, 1))


def test_folders_of_images(tmp_path):
    image_module = pytest.importorskip("PIL.Image")
    for name in ("b/2.png", "a/1.png", "a/deep/0.JPG", "b/notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("") if name.endswith("txt") else image_module.new("L", (5, 4), 9).save(path)
    images = ImageFolder(tmp_path, transform=rt.transforms.ToTensor(), target_transform=str)
    assert images.classes == ["a", "b"]
    assert [Path(path).name for path, _ in images.samples] == ["1.png", "0.JPG", "2.png"]
    assert images.targets == [0, 0, 1]
    image, target = images[2]
    assert image.shape == (3, 4, 5)
    assert target == "1"
    texts = DatasetFolder(tmp_path, Path, extensions=(".txt",), allow_empty=True)
    assert [(path.name, target) for path, target in texts] == [("notes.txt", 1)]
    with pytest.raises(FileNotFoundError, match="no valid file for the classes a"):
        DatasetFolder(tmp_path, Path, extensions=(".txt",))


def test_fake_data():
    pytest.importorskip("PIL.Image")
    fake = FakeData(5, (3, 8, 6), num_classes=4)
    image, target = fake[1]
    assert image.size == (6, 8)
    assert 0 <= target < 4
    assert np.array_equal(np.asarray(image), np.asarray(fake[1][0]))
    assert not np.array_equal(np.asarray(image), np.asarray(fake[2][0]))
    with pytest.raises(IndexError):
        fake[5]


def test_real_mnist():
    if not os.environ.get("RUTILE_DATA"):
        pytest.skip("RUTILE_DATA does not name a folder with MNIST")
    train, test = MNIST(), MNIST(train=False)
    assert (len(train), len(test)) == (60_000, 10_000)
    pixels = train.data.numpy()
    assert pixels.mean() == pytest.approx(train.mean, abs=1e-4)
    assert pixels.std() == pytest.approx(train.std, abs=1e-4)
