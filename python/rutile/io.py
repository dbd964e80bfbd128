"""Tensors on disk, safe to load from anyone: in the safetensors format, and in PyTorch's.

`save` and `load` take PyTorch's place for checkpoints and write and read its files. `save_file` and `load_file` store
one flat dictionary of tensors, readable by every safetensors library.
"""

from __future__ import annotations

import io as _io
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from rutile import _rutile, _torch_files
from rutile._files import replacing
from rutile._torch_files import CheckpointError

__all__ = ["CheckpointError", "load", "load_file", "save", "save_file"]

_STRUCTURE = "rutile.structure"


def save_file(
    tensors: Mapping[str, _rutile.Tensor], path: str | os.PathLike[str], metadata: Mapping[str, str] | None = None
) -> None:
    """Writes a dictionary of tensors to a `.safetensors` file, atomically: the path holds the old file or the new,
    never a part.

    Strided views are written densely. `metadata` is a dictionary of strings stored in the header.

    >>> import rutile as rt
    >>> rt.io.save_file(rt.nn.Linear(2, 3).state_dict(), "model.safetensors", {"accuracy": "0.99"})
    """
    for name, tensor in tensors.items():
        if not isinstance(name, str) or not isinstance(tensor, _rutile.Tensor):
            raise TypeError(f"save_file: wants names and tensors, got {name!r}: {type(tensor).__name__}")
    with replacing(path) as temporary:
        _rutile._safetensors_write(
            str(temporary),
            {name: tensor.detach() for name, tensor in tensors.items()},
            dict(metadata) if metadata else None,
        )


def load_file(path: str | os.PathLike[str]) -> dict[str, _rutile.Tensor]:
    """Reads a `.safetensors` file, ours or anyone's, into a dictionary of tensors.

    >>> model.load_state_dict(rutile.io.load_file("model.safetensors"))  # doctest: +SKIP
    """
    return load_file_with_metadata(path)[0]


def load_file_with_metadata(path: str | os.PathLike[str]) -> tuple[dict[str, _rutile.Tensor], dict[str, str]]:
    """`load_file`, together with the dictionary of strings in the header."""
    if not Path(path).is_file():
        raise FileNotFoundError(f"no file {os.fspath(path)}")
    tensors, metadata = _rutile._safetensors_read(os.fspath(path))
    return tensors, metadata


def save(
    obj: object,
    f: str | os.PathLike[str] | IO[bytes],
    pickle_module: object = None,
    pickle_protocol: int = 2,
    _use_new_zipfile_serialization: bool = True,
) -> None:
    """Writes a checkpoint, which PyTorch's `load` reads too; a path is written atomically.

    The format is PyTorch's (a zip archive), which holds tensors and containers, and whole modules and other objects as
    far as Python can pickle them. Tensors that share their elements share them again after `load`; every tensor is
    stored densely, on the CPU.

    A path that ends in `.safetensors` gets that format: tensors, numbers, strings, bools, None, in any nesting of
    dicts, lists and tuples. Each tensor lies under the path that leads to it (`model.conv1.weight`), the containers
    around them as JSON in the header, so a plain dictionary of tensors, such as a `state_dict()`, is an ordinary
    safetensors file. A tensor that occurs twice is stored once. Dictionaries keep their order and their keys' types,
    every subclass of dict, list or tuple comes back as the plain one; gradients and hooks are not stored. Other objects
    raise TypeError.

    Args:
        obj: what to write.
        f: a path, or an open file (always PyTorch's format).
        pickle_module, pickle_protocol, _use_new_zipfile_serialization: PyTorch's, accepted; the file is always of its
            newer format and of pickle protocol 2.

    >>> import rutile as rt
    >>> model = rt.nn.Linear(2, 3)
    >>> optimizer = rt.optim.Adam(model.parameters())
    >>> rt.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3}, "run.pt")
    >>> rt.save(model.state_dict(), "model.safetensors")
    """
    if not isinstance(f, str | os.PathLike):
        content = _io.BytesIO()
        _torch_files.save_zip(obj, content, "archive")
        f.write(content.getbuffer())
        return
    if os.fspath(f).endswith(".safetensors"):
        tensors: dict[str, _rutile.Tensor] = {}
        structure = _encode(obj, "", tensors, {})
        save_file(tensors, f, {_STRUCTURE: json.dumps(structure, separators=(",", ":"))})
        return
    with replacing(f) as temporary, open(temporary, "wb") as file:
        _torch_files.save_zip(obj, file, _torch_files.archive_name(f))


def load(
    f: str | os.PathLike[str] | IO[bytes],
    map_location: Any = None,
    pickle_module: object = None,
    *,
    weights_only: bool | None = True,
    mmap: bool | None = None,
    **pickle_load_args: object,
) -> Any:
    """Reads a checkpoint: what `save` or `torch.save` wrote (its older format too), or anyone's safetensors file.

    The format is seen from the content. A file can't run code: of a pickle, tensors, containers, numbers, text and
    NumPy arrays are built, and anything else raises `CheckpointError`, as a damaged file does. What is read is never
    larger than the file.

    Args:
        f: a path, or an open file that can be read from its position on.
        map_location: None, "cpu", a device, a dictionary or a function; tensors come to the CPU wherever they were.
            Another device raises RuntimeError.
        weights_only: False lets a pickle make any object, whole modules for example, by RUNNING WHATEVER CODE IT NAMES:
            only for files of people you trust. Classes of PyTorch become those of Rutile.
        pickle_module, mmap, pickle_load_args: PyTorch's, accepted; safetensors files are always mapped.

    >>> import rutile as rt
    >>> rt.save({"step": 3, "weights": rt.ones(2)}, "run.pt")
    >>> rt.load("run.pt")
    {'step': 3, 'weights': tensor([1., 1.])}
    """
    if isinstance(map_location, str | _rutile.device):
        _rutile.device(str(map_location))  # raises if it is not there
    if not isinstance(f, str | os.PathLike):
        content = f.read()
        if not isinstance(content, bytes):
            raise TypeError(f"load: wants a file opened in binary mode, got one that gives {type(content).__name__}")
        if content[:2] in (b"PK", b"\x80\x02"):
            buffer = _io.BytesIO(content)
            kind = _torch_files.load_zip if content[:2] == b"PK" else _torch_files.load_stream
            return kind(buffer, "the open file", weights_only is not False)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "loaded.safetensors")
            path.write_bytes(content)
            return load(path)
    with open(f, "rb") as file:
        start = file.read(2)
        if start == b"PK":
            return _torch_files.load_zip(file, os.fspath(f), weights_only is not False)
        if start == b"\x80\x02":
            return _torch_files.load_stream(file, os.fspath(f), weights_only is not False)
    tensors, metadata = load_file_with_metadata(f)
    if _STRUCTURE not in metadata:
        return tensors
    try:
        return _decode(json.loads(metadata[_STRUCTURE]), tensors)
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise CheckpointError(f"load: {os.fspath(f)}: its description of containers is damaged ({error!r})") from error


# The structure in JSON: null, booleans, numbers, strings and arrays (lists) stand for themselves; an object has one key
# that says what it is.


def _encode(value: object, path: str, tensors: dict[str, _rutile.Tensor], names: dict[int, str]) -> object:
    """The JSON form of `value`. Tensors are collected in `tensors`; `names` says where each (by identity) was put."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, _rutile.Tensor):
        if id(value) not in names:
            name = path or "tensor"
            while name in tensors:
                name += "_"
            names[id(value)] = name
            tensors[name] = value
        return {"tensor": names[id(value)]}
    if isinstance(value, dict):
        return {"dict": [[_key(key), _encode(item, _join(path, key), tensors, names)] for key, item in value.items()]}
    if isinstance(value, list | tuple):
        values = [_encode(item, _join(path, position), tensors, names) for position, item in enumerate(value)]
        return values if isinstance(value, list) else {"tuple": values}
    where = f" at {path}" if path else ""
    remedy = "; save its state_dict()" if hasattr(value, "state_dict") else ""
    raise TypeError(
        "save: wants tensors, numbers, strings, None, dicts, lists and tuples, "
        f"got {type(value).__name__}{where}{remedy}"
    )


def _key(key: object) -> object:
    found: dict[str, _rutile.Tensor] = {}
    encoded = _encode(key, "a key", found, {})
    if found:
        raise TypeError("save: a tensor cannot be the key of a dictionary")
    return encoded


def _join(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)


def _decode(value: Any, tensors: Mapping[str, _rutile.Tensor]) -> Any:
    if isinstance(value, list):
        return [_decode(item, tensors) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    match kind:
        case "tensor":
            return tensors[content]
        case "dict":
            return {_decode(key, tensors): _decode(item, tensors) for key, item in content}
        case "tuple":
            return tuple(_decode(item, tensors) for item in content)
        case _:
            raise ValueError(
                f"load: unknown kind {kind!r} in the structure; was the file written by a later version of rutile?"
            )
