"""PyTorch's checkpoint files, read and written; what is damaged or hostile raises, and nothing else happens."""

import collections
import contextlib
import importlib.util
import io
import os
import pickle
import random
import struct
import subprocess
import sys
import time
import tracemalloc
import zipfile

import numpy as np
import pytest
import rutile as rt
from rutile._files import remove_leftovers
from rutile.io import CheckpointError, load, save


def contents(library):
    """An object with every kind of tensor and container; both libraries make the same."""
    base = library.arange(12).reshape(3, 4)
    kinds = ["float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"]
    return {
        "model": collections.OrderedDict(w=library.full((2, 3), 0.5), n=library.tensor(7)),
        "kinds": {kind: library.tensor([0, 1, 3]).to(getattr(library, kind)) for kind in kinds},
        "views": [base, base.t(), base[1:, ::2]],
        "empty": library.zeros(0, 3),
        "parameter": library.nn.Parameter(library.ones(2)),
        "size": library.zeros(2, 5).shape,
        "dtype": library.bfloat16,
        "device": library.device("cpu"),
        "numbers": [3, -(2**40), 10**30, 0.1, float("inf"), True, None, 2 + 3j],
        "text": "naïve \u2603",
        "bytes": b"\x00\xff",
        "nested": ({"a": [1, (2, 3)]}, {1, 2}, collections.defaultdict(list, {"k": [1]})),
        ("key", 1): "tuple",
    }


def plain(value):
    """Numbers and containers of either library in a form that compares."""
    if hasattr(value, "requires_grad"):
        return str(value.dtype).split(".")[1], tuple(value.shape), value.detach().double().tolist(), value.requires_grad
    if isinstance(value, dict):
        return [(plain(key), plain(item)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value if isinstance(value, int | float | str | bytes | complex | set | None) else str(value).split(".")[-1]


@pytest.mark.parametrize("zipped", [True, False])
def test_files_of_torch(torch, tmp_path, zipped):
    torch.save(contents(torch), tmp_path / "theirs.pt", _use_new_zipfile_serialization=zipped)
    found = load(tmp_path / "theirs.pt")
    assert plain(found) == plain(contents(rt))
    assert isinstance(found["parameter"], rt.nn.Parameter)
    assert isinstance(found["size"], rt.Size)
    # Views of one storage are views of one storage again.
    found["views"][0][0, 1] = 77
    assert found["views"][1][1, 0].item() == 77
    with open(tmp_path / "theirs.pt", "rb") as file:
        assert plain(load(file)) == plain(load(tmp_path / "theirs.pt"))


@pytest.mark.parametrize("mmap", [True, False])
def test_files_for_torch(torch, tmp_path, mmap):
    save(contents(rt), tmp_path / "ours.pt")
    assert plain(torch.load(tmp_path / "ours.pt", mmap=mmap, weights_only=False)) == plain(contents(torch))
    save({"model": contents(rt)["model"], "views": contents(rt)["views"]}, tmp_path / "safe.pt")
    assert plain(torch.load(tmp_path / "safe.pt", weights_only=True)["views"]) == plain(contents(torch)["views"])
    assert plain(load(tmp_path / "ours.pt")) == plain(contents(rt))
    buffer = io.BytesIO()
    save(contents(rt), buffer)
    buffer.seek(0)
    assert plain(torch.load(buffer, weights_only=False)) == plain(contents(torch))


def test_training_goes_on_in_the_other_library(torch, tmp_path):
    def make(library):
        net = library.nn.Sequential(
            library.nn.Linear(3, 4), library.nn.BatchNorm1d(4), library.nn.Linear(4, 2)
        ).double()
        return net, library.optim.Adam(net.parameters(), lr=0.05)

    def train(library, net, optimizer, steps):
        x = library.tensor([[0.1, -0.2, 0.3], [1.0, 2.0, -1.0], [0.5, 0.5, 0.0]], dtype=library.float64)
        for _ in range(steps):
            optimizer.zero_grad()
            net(x).square().sum().backward()
            optimizer.step()
        return [p.detach().numpy() for p in net.parameters()]

    first, other = (torch, rt), (rt, torch)
    for here, there in (first, other):
        net, optimizer = make(here)
        train(here, net, optimizer, 3)
        here.save({"net": net.state_dict(), "optimizer": optimizer.state_dict()}, tmp_path / "run.pt")
        again, restored = make(there)
        state = there.load(tmp_path / "run.pt")
        again.load_state_dict(state["net"])
        restored.load_state_dict(state["optimizer"])
        for a, b in zip(train(here, net, optimizer, 4), train(there, again, restored, 4), strict=True):
            assert np.allclose(a, b, atol=1e-7)


def test_tied_weights_stay_tied_and_small(tmp_path):
    w = rt.nn.Parameter(rt.ones(1000))
    save({"a": w.detach(), "b": w.detach(), "c": w}, tmp_path / "tied.pt")
    assert (tmp_path / "tied.pt").stat().st_size < 6000
    found = load(tmp_path / "tied.pt")
    found["a"][0] = 5
    assert found["b"][0].item() == found["c"][0].item() == 5


def test_whole_modules_want_trust(tmp_path):
    net = rt.nn.Sequential(rt.nn.Linear(2, 3), rt.nn.ReLU())
    save(net, tmp_path / "net.pt")
    with pytest.raises(CheckpointError, match=r"Sequential, which is not data.*weights_only=False"):
        load(tmp_path / "net.pt")
    again = load(tmp_path / "net.pt", weights_only=False)
    assert again(rt.ones(1, 2)).tolist() == net(rt.ones(1, 2)).tolist()


def test_whole_modules_of_torch(torch, tmp_path):
    theirs = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.ReLU(), torch.nn.BatchNorm2d(2)).eval()
    torch.save(theirs, tmp_path / "net.pt")
    ours = load(tmp_path / "net.pt", weights_only=False)
    x = np.random.default_rng(0).random((1, 1, 5, 5), np.float32)
    assert np.allclose(ours(rt.tensor(x)).detach().numpy(), theirs(torch.tensor(x)).detach().numpy(), atol=1e-6)


def test_numpy_arrays_inside(torch, tmp_path):
    arrays = {
        "a": np.arange(6.0).reshape(2, 3),
        "f": np.asfortranarray(np.ones((2, 2), np.int16)),
        "s": np.float64(2.5),
    }
    torch.save(arrays, tmp_path / "arrays.pt")
    found = load(tmp_path / "arrays.pt")
    for key, value in arrays.items():
        assert type(found[key]) is type(value)
        assert np.array_equal(found[key], value)
    torch.save(np.array([{}], object), tmp_path / "objects.pt")
    with pytest.raises(CheckpointError):
        load(tmp_path / "objects.pt")


def test_large_numpy_array(tmp_path):
    array = np.sin(np.arange(20_000.0))
    with open(tmp_path / "array.pt", "wb") as file:
        save(array, file)
    assert np.array_equal(load(tmp_path / "array.pt", weights_only=False), array)


def test_map_location(tmp_path):
    save(rt.ones(1), tmp_path / "a.pt")
    for location in (None, "cpu", rt.device("cpu"), {"cuda:0": "cpu"}, lambda storage, place: storage):
        assert load(tmp_path / "a.pt", map_location=location).tolist() == [1.0]
    with pytest.raises(RuntimeError, match="Rutile computes on the CPU"):
        load(tmp_path / "a.pt", map_location="cuda:0")


def packed(pickled, **members):
    """A zip file as `torch.save` writes it, around any pickle."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/data.pkl", pickled)
        for name, content in members.items():
            archive.writestr(f"archive/{name}", content)
    return buffer.getvalue()


class Harm:
    def __reduce__(self):
        return os.mkdir, ("harm",)


def tensor_of(size, stride, offset=0, count=4):
    """A pickle of one tensor over a storage of four floats."""
    saved = io.BytesIO()
    save(rt.zeros(4), saved)
    pickled = zipfile.ZipFile(saved).read("archive/data.pkl")
    assert pickled.count(b"K\x04\x85") + pickled.count(b"(K\x04t") >= 1

    def ints(values):
        return b"(" + b"".join(b"J" + struct.pack("<i", value) for value in values) + b"t"

    start = b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\n"
    start += b"X\x01\x00\x00\x000X\x03\x00\x00\x00cpuJ" + struct.pack("<i", count) + b"tQ"
    return start + b"J" + struct.pack("<i", offset) + ints(size) + ints(stride) + b"\x89NtR."


HOSTILE = {
    "code": pickle.dumps(Harm(), 2),
    "code in protocol 4": pickle.dumps({"a": Harm()}, 4),
    "eval": b"\x80\x02cbuiltins\neval\nX\x04\x00\x00\x001+11\x85R.",
    "attributes": b"\x80\x02cos\nsystem\n.",
    "huge memo": b"\x80\x02]r\xff\xff\xff\x7f" + b"r\xff\xff\xff\xff" + b"0.",
    "huge text": b"\x80\x02X\xff\xff\xff\x7fab.",
    "huge bytes": b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7fab.",
    "bytearray of a number": b"\x80\x02cbuiltins\nbytearray\nJ\xff\xff\xff\x7f\x85R.",
    "copies of copies": b"\x80\x02]q\x00(" + b"K\x01" * 4000 + b"e0" + b"cbuiltins\nset\nh\x00\x85R0" * 4000 + b"N.",
    "set of a tensor": b"\x80\x02cbuiltins\nset\n" + tensor_of([2**30, 2**20], [0, 0])[2:-1] + b"\x85R.",
    "outside of its storage": tensor_of([5], [1]),
    "negative stride": tensor_of([2], [-1], 3),
    "negative offset": tensor_of([2], [1], -1),
    "too many elements": tensor_of([2**31 - 1] * 4, [0] * 4),
    "storage of another size": tensor_of([2], [1], 0, 2**31 - 1),
    "empty": b"",
    "cut off": pickle.dumps({"a": 1}, 2)[:-1],
    "no mark": b"\x80\x02t.",
    "empty stack": b"\x80\x02R.",
    "list as a key": b"\x80\x02}]Ns.",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pickles(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.pt").write_bytes(packed(HOSTILE[name], **{"data/0": b"\x00" * 16}))
    tracemalloc.start()
    try:
        with pytest.raises(CheckpointError, match=r"load: .*a\.pt: "):
            load("a.pt")
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert not (tmp_path / "harm").exists()


def test_huge_memo_numbers_are_not_huge(tmp_path):
    """A memo index is only a name."""
    (tmp_path / "a.pt").write_bytes(packed(b"\x80\x02]r\xff\xff\xff\x7f."))
    assert load(tmp_path / "a.pt") == []


def test_archives_that_are_none(tmp_path):
    path = tmp_path / "a.pt"
    for content, message in (
        (b"PK\x03\x04", "not a zip file"),
        (packed(b"N.")[:-4], "zip"),
        (b"\x80\x02N.", "not one of torch.save"),
        (b"\x80\x02", "exhausted|damaged|cut off"),
    ):
        path.write_bytes(content)
        with pytest.raises(CheckpointError, match=message):
            load(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", b"]" * 1_000_000)
    with pytest.raises(CheckpointError, match="packed or larger"):
        load(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("notes.txt", b"hello")
    with pytest.raises(CheckpointError, match=r"no data\.pkl"):
        load(path)


def originals(library, tmp_path):
    """The bytes of a zip file, of its pickle with the storages, and of a file of the older format."""
    state = contents(library)
    library.save(state, tmp_path / "zip.pt")
    with zipfile.ZipFile(tmp_path / "zip.pt") as archive:
        pickled = next(archive.read(name) for name in archive.namelist() if name.endswith("data.pkl"))
        data = {f"data/{n.rpartition('/')[2]}": archive.read(n) for n in archive.namelist() if "/data/" in n}
    kinds = {"zip": (tmp_path / "zip.pt").read_bytes(), "pickle": pickled}
    save({"model": contents(rt)["model"], "views": contents(rt)["views"]}, tmp_path / "a.safetensors")
    kinds["safetensors"] = (tmp_path / "a.safetensors").read_bytes()
    if library is not rt:
        library.save(state, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
        kinds["old"] = (tmp_path / "old.pt").read_bytes()
    return kinds, data


def mutated(content, chance):
    content = bytearray(content)
    for _ in range(chance.choice([1, 1, 2, 5])):
        place = chance.randrange(len(content))
        match chance.randrange(5):
            case 0:
                content[place] = chance.randrange(256)
            case 1:
                content[place] ^= 1 << chance.randrange(8)
            case 2:
                del content[place : place + chance.randrange(1, 20)]
            case 3:
                content[place:place] = chance.randbytes(chance.randrange(1, 9))
            case 4:
                end = min(len(content), place + chance.choice([1, 2, 4, 8]))
                content[place:end] = b"\xff" * (end - place)
        if not content:
            return b"\x80"
    return bytes(content[: chance.randrange(1, len(content) + 1)] if chance.random() < 0.1 else content)


# What a harmless file makes no loader do; an audit hook can't be taken away again, so it asks whether it is wanted.
FORBIDDEN = ("os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess.Popen", "socket.connect", "os.remove")
watching, seen = False, []


@sys.addaudithook
def _audit(event, args):
    if watching and event in FORBIDDEN:
        seen.append((event, args))


@contextlib.contextmanager
def bounded(seed):
    """Inside of it, little time passes, little memory is taken by Python or the engine, and no process is started."""
    global watching
    tracemalloc.start()
    assert rt._rutile._profile_start(False, False)
    watching, began = True, time.perf_counter()
    try:
        yield
    finally:
        watching = False
        took = time.perf_counter() - began
        engine = rt._rutile._profile_counts()[1]
        rt._rutile._profile_stop()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert not seen, f"seed {seed}: {seen}"
    assert took < 20, f"seed {seed}: {took} s"
    assert peak < 30_000_000, f"seed {seed}: {peak} bytes"
    assert engine < 30_000_000, f"seed {seed}: {engine} bytes"


def mutations(library, tmp_path, rounds):
    kinds, data = originals(library, tmp_path)
    path = tmp_path / "mutated.pt"
    loaded = raised = 0
    for seed in range(rounds):
        chance = random.Random(seed)
        kind = chance.choice(sorted(kinds))
        content = mutated(kinds[kind], chance)
        path.write_bytes(packed(content, **data) if kind == "pickle" else content)
        try:
            with bounded(seed):
                load(path)
            loaded += 1
        except CheckpointError:
            raised += 1
        except (ValueError, RuntimeError) as error:  # safetensors, or what is no longer of this format
            if content[:2] in (b"PK", b"\x80\x02"):
                pytest.fail(f"seed {seed}: {error!r}")
            raised += 1
    assert raised > rounds / 5
    assert loaded + raised == rounds


def test_mutated_files(tmp_path):
    library = rt if importlib.util.find_spec("torch") is None else importlib.import_module("torch")
    mutations(library, tmp_path, 200)


@pytest.mark.slow
def test_many_mutated_files(torch, tmp_path):
    mutations(torch, tmp_path, 10_000)


SAVER = """
import itertools, sys
import rutile as rt

for version in itertools.count(int(sys.argv[1])):
    for path in sys.argv[2:]:
        rt.save({"version": version, "data": rt.full((100_000,), float(version))}, path)
    print("saved", flush=True)
"""


def kills(tmp_path, rounds):
    """A process saves in both formats without end, and is killed at any moment."""
    paths = [tmp_path / "a.pt", tmp_path / "b.safetensors"]
    chance, left = random.Random(0), 0
    for number in range(rounds):
        arguments = [sys.executable, "-c", SAVER, str(1000 * number), *map(str, paths)]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout.readline() == "saved\n"
            time.sleep(chance.uniform(0, 0.05))
            process.kill()
        for path in paths:
            state = load(path)
            assert state["version"] >= 1000 * number
            assert state["data"].shape == (100_000,)
            assert bool((state["data"] == state["version"]).all())
        left += len(list(tmp_path.glob(".*.tmp")))
        remove_leftovers(tmp_path)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a.pt", "b.safetensors"]
    return left


def test_a_kill_while_saving_leaves_a_whole_file(tmp_path):
    kills(tmp_path, 3)


@pytest.mark.slow
def test_many_kills_while_saving(tmp_path):
    # Some have to come in the middle of a write, or this proves nothing.
    assert kills(tmp_path, 200) > 20
