"""PyTorch's checkpoint files: a zip archive with a pickle and one member per storage; and its older format of one
stream.

`archive/data.pkl` describes the object; tensors in it are views of storages, named by persistent ids; the bytes of the
storage `key` are in `archive/data/key`, not compressed. The older format is a sequence of pickles (a magic number, a
version, a description of the machine, the object, the keys of its storages), then the storages.
"""

from __future__ import annotations

import io
import os
import pickle
import sys
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np

from rutile import _rutile
from rutile._pickles import DTYPES, PickleError, Storage, read
from rutile._size import Size

_MAGIC = 0x1950A86A20F9469CFC6C
_STAMP = (1980, 1, 1, 0, 0, 0)


class CheckpointError(ValueError):
    """A checkpoint file is damaged, hostile, or of a kind that can't be read; the message says which."""


# Reading


class _Bounded(io.RawIOBase):
    """A file whose `read` never asks for more than is left: Python's own allocate what they are asked for first, and
    the numbers come out of the file.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.length = file.seek(0, os.SEEK_END)
        file.seek(0)

    def read(self, size: int | None = -1) -> bytes:
        left = max(self.length - self.file.tell(), 0)
        return self.file.read(left if size is None or size < 0 else min(size, left))

    def readline(self, size: int | None = -1) -> bytes:
        return self.file.readline()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        return self.file.tell()

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True


def load_zip(file: IO[bytes], name: str, weights_only: bool) -> Any:
    """The object in a zip file of `torch.save`."""
    bounded = _Bounded(file)
    try:
        with zipfile.ZipFile(bounded) as archive:
            return _load_archive(archive, bounded.length, weights_only)
    except (PickleError, zipfile.BadZipFile, EOFError, OSError, NotImplementedError, KeyError, RuntimeError) as error:
        raise CheckpointError(f"load: {name}: {error}") from error
    except (ValueError, OverflowError, UnicodeError, MemoryError) as error:
        raise CheckpointError(f"load: {name}: the archive is damaged ({error})") from error


def _load_archive(archive: zipfile.ZipFile, length: int, weights_only: bool) -> Any:
    names = [info.filename for info in archive.infolist() if info.filename.endswith("data.pkl")]
    if any(info.filename.endswith("constants.pkl") for info in archive.infolist()):
        raise PickleError("this is a compiled program (torch.jit.save); with PyTorch, save its state_dict()")
    if len(names) != 1:
        raise PickleError("this zip archive has no data.pkl, so torch.save did not write it")
    folder = names[0].removesuffix("data.pkl")
    read_bytes = 0

    def member(path: str) -> bytes:
        """The content of a member. The sum of all is bounded by the file: nothing is packed, and nothing read twice."""
        nonlocal read_bytes
        info = archive.getinfo(path)
        read_bytes += info.file_size
        if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size or read_bytes > length:
            raise PickleError(f"the member {path} is packed or larger than the file; torch.save stores it as it is")
        return archive.read(info)

    swap = False
    if f"{folder}byteorder" in archive.namelist():
        swap = member(f"{folder}byteorder").strip() != sys.byteorder.encode()
    known: dict[str, Storage] = {}

    def storage(dtype: _rutile.dtype, key: Any, location: Any, count: Any, *_: Any) -> Storage:
        key = str(key)
        if key not in known:
            known[key] = Storage(_elements(member(f"{folder}data/{key}"), dtype, swap))
        found = known[key]
        if found.elements.dtype != dtype or found.elements.numel() != count:
            raise PickleError(f"the storage {key} holds {found.elements.numel()} elements, the pickle says {count}")
        return found

    content = io.BytesIO(member(names[0]))
    return read(content, storage) if weights_only else _Trusting(content, storage).load()


def load_stream(file: IO[bytes], name: str, weights_only: bool) -> Any:
    """The object in a file of the older format."""
    try:
        return _load_stream(_Bounded(file), weights_only)
    except PickleError as error:
        raise CheckpointError(f"load: {name}: {error}") from error
    except (ValueError, EOFError, OverflowError, RuntimeError, MemoryError, pickle.UnpicklingError) as error:
        raise CheckpointError(f"load: {name}: the file is damaged ({error})") from error


def _load_stream(file: _Bounded, weights_only: bool) -> Any:
    def nothing(*_: Any) -> Storage:
        raise PickleError("a storage in the header")

    if read(file, nothing) != _MAGIC:
        raise PickleError("this is a pickle, but not one of torch.save")
    read(file, nothing)
    machine = read(file, nothing)
    swap = isinstance(machine, dict) and machine.get("little_endian", True) != (sys.byteorder == "little")
    known: dict[str, Storage] = {}
    used = 0

    def storage(dtype: _rutile.dtype, key: Any, location: Any, count: Any, view: Any = None, *_: Any) -> Storage:
        nonlocal used
        if view is not None:
            raise PickleError(
                "storages that are views of others are not read; save the file again with a newer PyTorch"
            )
        if not isinstance(count, int) or count < 0:
            raise PickleError(f"a storage of {count} elements")
        if str(key) not in known:
            used += count * dtype.itemsize
            if used > file.length:
                raise PickleError("the storages would be larger than the file")
            known[str(key)] = Storage(_rutile.zeros(count, dtype=dtype))
        return known[str(key)]

    result = read(file, storage) if weights_only else _Trusting(file, storage).load()
    for key in read(file, nothing):
        found = known.get(str(key))
        count = int.from_bytes(_exactly(file, 8), "little")
        if found is None or count != found.elements.numel():
            raise PickleError(f"the storage {key!r} holds {count} elements, the pickle says otherwise")
        elements = found.elements
        elements.copy_(_elements(_exactly(file, count * elements.itemsize), elements.dtype, swap))
    return result


def _exactly(file: _Bounded, count: int) -> bytes:
    content = file.read(count)
    if len(content) != count:
        raise PickleError("the file is cut off")
    return content


def _elements(content: bytes, dtype: _rutile.dtype, swap: bool) -> _rutile.Tensor:
    """A tensor of the bytes of a storage."""
    size = dtype.itemsize
    if len(content) % size:
        raise PickleError(f"{len(content)} bytes are no whole number of {dtype}")
    if dtype.is_complex:
        return _rutile.view_as_complex(_elements(content, dtype.to_real(), swap).reshape(-1, 2))
    numbers = np.frombuffer(bytearray(content), f"{'>' if swap else '<'}i{size}")
    if swap or sys.byteorder == "big":
        numbers = numbers.astype(f"=i{size}")
    if dtype == _rutile.bool:
        return _rutile.from_numpy(numbers != 0)
    tensor = _rutile.from_numpy(numbers)
    return tensor if tensor.dtype == dtype else tensor.view(dtype)


class _Trusting(pickle.Unpickler):
    """Unpickles whatever is there, running its code. PyTorch's classes become ours of the same name."""

    def __init__(self, file: Any, storage: Callable[..., Storage]) -> None:
        super().__init__(file)
        self.storage = storage

    def persistent_load(self, pid: Any) -> Storage:
        kind, kind_of_elements, *rest = pid
        if kind != "storage":
            raise PickleError(f"the pickle names a storage in an unknown way: {str(pid)[:100]}")
        return self.storage(kind_of_elements.dtype, *rest)

    def find_class(self, module: str, name: str) -> Any:
        from rutile import _pickles

        if module.split(".")[0] == "torch":
            known = _pickles._TABLE.get((module, name))
            if known is not None:
                return known.function if isinstance(known, _pickles._Call) else known
            module = f"rutile{module.removeprefix('torch')}"
        return super().find_class(module, name)


# Writing


class _Global:
    """A name that goes into the pickle as it is, although nothing of that name is here."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name

    def __call__(self) -> None:
        """Pickling wants functions to be callable."""


_STORAGES = {dtype: _Global("torch", name) for name, dtype in DTYPES.items()}
_TENSOR = _Global("torch._utils", "_rebuild_tensor_v2")
_PARAMETER = _Global("torch._utils", "_rebuild_parameter")
_SIZE = _Global("torch", "Size")
_DEVICE = _Global("torch", "device")


class _Stored:
    """A storage to be written: the elements of a tensor, densely."""

    def __init__(self, key: str, tensor: _rutile.Tensor) -> None:
        self.key, self.tensor = key, tensor


_PythonPickler: Any = vars(pickle)["_Pickler"]


class _Pickler(_PythonPickler):  # type: ignore[misc]
    """Writes tensors as PyTorch does. The Python version of the pickler, because it can write names that are not
    here."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file, 2)
        self.stored: list[_Stored] = []
        self._places: dict[Any, _Stored] = {}

    def persistent_id(self, obj: Any) -> Any:
        if not isinstance(obj, _Stored):
            return None
        tensor = obj.tensor
        return "storage", _STORAGES[tensor.dtype], obj.key, "cpu", tensor.numel()

    def reducer_override(self, obj: Any) -> Any:
        from rutile.nn import Parameter

        if isinstance(obj, Parameter) and type(obj) is Parameter:
            return _PARAMETER, (obj.detach(), obj.requires_grad, OrderedDict())
        if type(obj) is _rutile.Tensor:
            dense = obj.detach().contiguous()
            stride = tuple(dense.stride())
            return _TENSOR, (self._store(dense), 0, tuple(dense.shape), stride, obj.requires_grad, OrderedDict())
        if isinstance(obj, Size):
            return _SIZE, (tuple(obj),)
        if isinstance(obj, _rutile.device):
            return _DEVICE, ("cpu",)
        return NotImplemented

    def _store(self, dense: _rutile.Tensor) -> _Stored:
        # Several tensors over the same elements (tied weights) share a storage, as they did. What is stored stays alive
        # while the pickle is written, so that no address is used twice.
        place = (dense.data_ptr(), dense.dtype, dense.numel()) if dense.numel() else object()
        if place not in self._places:
            self._places[place] = _Stored(str(len(self.stored)), dense)
            self.stored.append(self._places[place])
        return self._places[place]

    def save_global_as_is(self, obj: _Global) -> None:
        self.write(pickle.GLOBAL + f"{obj.module}\n{obj.name}\n".encode())
        self.memoize(obj)

    def save_dtype(self, obj: _rutile.dtype) -> None:
        self.write(pickle.GLOBAL + f"torch\n{str(obj).rpartition('.')[2]}\n".encode())
        self.memoize(obj)

    dispatch = {  # noqa: RUF012 - the base class's, extended
        **_PythonPickler.dispatch,
        _Global: save_global_as_is,
        _rutile.dtype: save_dtype,
    }


def save_zip(obj: object, file: IO[bytes], name: str) -> None:
    """Writes `obj` as `torch.save` does; `name` is that of the folder inside of the archive."""
    pickled = io.BytesIO()
    pickler = _Pickler(pickled)
    pickler.dump(obj)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:

        def add(member: str, content: Any) -> None:
            # No time: equal objects give equal bytes.
            info = zipfile.ZipInfo(f"{name}/{member}", _STAMP)
            with archive.open(info, "w", force_zip64=len(content) > 1 << 31) as target:
                target.write(content)

        add("data.pkl", pickled.getbuffer())
        add("byteorder", b"little")
        for stored in pickler.stored:
            add(f"data/{stored.key}", _bytes(stored.tensor))
        add("version", b"3\n")


def _bytes(tensor: _rutile.Tensor) -> Any:
    if tensor.is_complex():
        tensor = _rutile.view_as_real(tensor)
    size = tensor.itemsize
    kind = {1: _rutile.uint8, 2: _rutile.int16, 4: _rutile.int32, 8: _rutile.int64}[size]
    if tensor.numel() == 0:
        return b""
    whole = tensor.reshape(-1)
    numbers = whole.numpy() if tensor.dtype == _rutile.bool else whole.view(kind).numpy()
    little: Any = numbers.astype(numbers.dtype.newbyteorder("<"), copy=False)
    return memoryview(little).cast("B")


def archive_name(path: str | os.PathLike[str]) -> str:
    """The folder inside of the archive: the file's name without its ending."""
    return Path(path).stem or "archive"
