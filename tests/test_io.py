"""Tensors on disk: what comes back is what went in, and no half file is ever seen."""

import collections
import io
import os
import stat

import numpy as np
import pytest
import rutile as rt
from rutile.io import load, load_file, save, save_file


def equal(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a.numpy(), b.numpy())


def test_dictionary_of_tensors_with_views_dtypes_and_metadata(tmp_path):
    whole = rt.arange(24).reshape(4, 6)
    tensors = {
        "strided": whole[::2, 1::2],
        "transposed": whole.t(),
        "empty": rt.zeros(0, 3),
        "scalar": rt.tensor(2.5),
        "bool": whole > 3,
        "double": whole.double(),
        "byte": whole.to(rt.uint8),
    }
    path = tmp_path / "tensors.safetensors"
    save_file(tensors, path, {"note": "hello"})
    found = load_file(path)
    assert set(found) == set(tensors)
    for name, tensor in tensors.items():
        assert equal(found[name], tensor), name


def test_file_is_readable_by_the_safetensors_library(tmp_path):
    numpy = pytest.importorskip("safetensors.numpy", reason="the safetensors library is not installed")
    save({"a": rt.arange(6).reshape(2, 3)}, tmp_path / "a.safetensors")
    assert np.array_equal(numpy.load_file(tmp_path / "a.safetensors")["a"], np.arange(6).reshape(2, 3))
    numpy.save_file({"b": np.ones(3, np.float32)}, tmp_path / "b.safetensors")
    assert equal(load(tmp_path / "b.safetensors")["b"], rt.ones(3))


def test_nested_containers_come_back_with_types_order_and_identity(tmp_path):
    shared = rt.randn(3, 2)
    saved = {
        "model": collections.OrderedDict(w=shared, b=rt.zeros(2)),
        "tied": [shared, (shared, None)],
        "state": {0: {"step": 3, "lr": 0.1 + 0.2}, 1: {}, (1, "a"): True},
        "floats": [float("inf"), -0.0, 5e-324],
        "text": "naïve \u2603",
        "model.w": rt.ones(1),
    }
    save(saved, tmp_path / "nested")
    found = load(tmp_path / "nested")
    assert list(found) == list(saved)
    assert list(found["model"]) == ["w", "b"]
    assert equal(found["model"]["w"], shared)
    assert equal(found["model.w"], rt.ones(1))
    assert found["tied"][0] is found["tied"][1][0] is found["model"]["w"]
    assert isinstance(found["tied"][1], tuple)
    assert found["tied"][1][1] is None
    assert found["state"] == saved["state"]
    assert str(found["floats"]) == str(saved["floats"])
    assert found["text"] == saved["text"]


def test_a_lone_tensor_and_a_buffer():
    buffer = io.BytesIO()
    save(rt.arange(3), buffer)
    buffer.seek(0)
    assert equal(load(buffer, map_location="cpu", weights_only=True), rt.arange(3))


def test_optimizer_state_round_trip(tmp_path):
    model = rt.nn.Linear(3, 2)
    optimizer = rt.optim.Adam(model.parameters())
    model(rt.ones(4, 3)).sum().backward()
    optimizer.step()
    save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, tmp_path / "run")
    found = load(tmp_path / "run")
    again = rt.nn.Linear(3, 2)
    again.load_state_dict(found["model"])
    other = rt.optim.Adam(again.parameters())
    other.load_state_dict(found["optimizer"])
    for network, rule in ((model, optimizer), (again, other)):
        rule.zero_grad()
        network(rt.ones(4, 3)).sum().backward()
        rule.step()
    assert equal(model.weight.detach(), again.weight.detach())


def test_what_cannot_be_saved_is_named(tmp_path):
    with pytest.raises(TypeError, match=r"got Linear at model; save its state_dict\(\)"):
        save({"model": rt.nn.Linear(1, 1)}, tmp_path / "x.safetensors")
    with pytest.raises(TypeError, match="cannot be the key"):
        save({rt.ones(1): 1}, tmp_path / "x.safetensors")
    with pytest.raises(TypeError, match="names and tensors"):
        save_file({"a": 3}, tmp_path / "x.safetensors")
    assert not list(tmp_path.iterdir())


def test_a_failed_write_leaves_the_old_file_and_no_litter(tmp_path, monkeypatch):
    path = tmp_path / "weights"
    save_file({"a": rt.ones(2)}, path)

    def broken(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "replace", broken)
    with pytest.raises(OSError, match="full"):
        save_file({"a": rt.zeros(2)}, path)
    monkeypatch.undo()
    assert equal(load_file(path)["a"], rt.ones(2))
    assert [entry.name for entry in tmp_path.iterdir()] == ["weights"]


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_new_file_has_the_usual_permissions(tmp_path):
    umask = os.umask(0)
    os.umask(umask)
    save_file({"a": rt.ones(1)}, tmp_path / "a")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o666 & ~umask


def test_what_cannot_be_loaded_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent"):
        load_file(tmp_path / "absent")
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "absent")
    (tmp_path / "old.pt").write_bytes(b"PK\x03\x04")
    with pytest.raises(ValueError, match=r"old\.pt: File is not a zip file"):
        load(tmp_path / "old.pt")
