"""Tensors on disk, in the safetensors format: safe to load from anyone, because nothing in a file is ever executed.

`save_file` and `load_file` store one flat dictionary of tensors, readable by every safetensors library. `save` and
`load` take PyTorch's place for checkpoints: nested containers of tensors, numbers and strings.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from rutile import _rutile
from rutile._files import replacing

__all__ = ["load", "load_file", "save", "save_file"]

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


def save(obj: object, f: str | os.PathLike[str] | IO[bytes]) -> None:
    """Writes a checkpoint: tensors, numbers, strings, bools, None, in any nesting of dicts, lists and tuples.

    The file is safetensors: each tensor lies under the path that leads to it (`model.conv1.weight`), the containers
    around them as JSON in the header. A plain dictionary of tensors, such as a `state_dict()`, is thus an ordinary
    safetensors file. A tensor that occurs twice is stored once and is one tensor again after `load`. Dictionaries keep
    their order and their keys' types, every subclass of dict, list or tuple comes back as the plain one; gradients and
    hooks are not stored. A path is written atomically. Other objects raise TypeError: give `model.state_dict()` in
    place of a model.

    >>> import rutile as rt
    >>> model = rt.nn.Linear(2, 3)
    >>> optimizer = rt.optim.Adam(model.parameters())
    >>> rt.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3}, "run.safetensors")
    """
    tensors: dict[str, _rutile.Tensor] = {}
    structure = _encode(obj, "", tensors, {})
    metadata = {_STRUCTURE: json.dumps(structure, separators=(",", ":"))}
    if not isinstance(f, str | os.PathLike):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "saved.safetensors")
            save_file(tensors, path, metadata)
            f.write(path.read_bytes())
        return
    save_file(tensors, f, metadata)


def load(f: str | os.PathLike[str] | IO[bytes], map_location: object = None, *, weights_only: bool = True) -> Any:
    """Reads what `save` wrote; of another library's safetensors file, the dictionary of tensors.

    `map_location` and `weights_only` are accepted for code written for PyTorch. Tensors live on the CPU, and a file
    never holds more than data, so neither changes anything.

    >>> import rutile as rt
    >>> rt.save({"step": 3, "weights": rt.ones(2)}, "run.safetensors")
    >>> rt.load("run.safetensors")
    {'step': 3, 'weights': tensor([1., 1.])}
    """
    if not isinstance(f, str | os.PathLike):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "loaded.safetensors")
            path.write_bytes(f.read())
            return load(path)
    with open(f, "rb") as file:
        start = file.read(2)
    if start in (b"PK", b"\x80\x02"):
        raise ValueError(
            f"load: {os.fspath(f)} is a PyTorch pickle, not safetensors; convert it with PyTorch at hand: "
            'safetensors.torch.save_file(torch.load("model.pt"), "model.safetensors")'
        )
    tensors, metadata = load_file_with_metadata(f)
    if _STRUCTURE not in metadata:
        return tensors
    return _decode(json.loads(metadata[_STRUCTURE]), tensors)


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
