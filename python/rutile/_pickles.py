"""A reader of pickles that can build containers, numbers, text, tensors and arrays, and nothing else.

A pickle is a program for a stack machine that may call any function of any module. This machine knows the instructions
that checkpoints consist of, and a fixed table of what may be called; anything else is an error before it happens. It
never recurses, and allocates in proportion to the length of the pickle: arguments are read by `pickletools`, memo
entries live in a dictionary, what is copied is counted, and tensors are views of storages that the caller bounds.
"""

from __future__ import annotations

import io
import math
import pickletools
import sys
import warnings
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable
from typing import IO, Any

import numpy as np

from rutile import _rutile
from rutile._size import Size

__all__ = ["DTYPES", "PickleError", "Storage", "read"]


class PickleError(ValueError):
    """A pickle is damaged, or wants what a checkpoint has no need of."""


# Name of the storage class in a file, and what its elements are.
DTYPES: dict[str, _rutile.dtype] = {
    "DoubleStorage": _rutile.float64,
    "FloatStorage": _rutile.float32,
    "HalfStorage": _rutile.float16,
    "BFloat16Storage": _rutile.bfloat16,
    "LongStorage": _rutile.int64,
    "IntStorage": _rutile.int32,
    "ShortStorage": _rutile.int16,
    "CharStorage": _rutile.int8,
    "ByteStorage": _rutile.uint8,
    "BoolStorage": _rutile.bool,
    "ComplexFloatStorage": _rutile.complex64,
    "ComplexDoubleStorage": _rutile.complex128,
}

_TORCH_DTYPES = {str(dtype).rpartition(".")[2]: dtype for dtype in DTYPES.values()}


class Storage:
    """The elements of one storage of a file, as a tensor with one axis."""

    def __init__(self, elements: _rutile.Tensor) -> None:
        self.elements = elements


class _StorageKind:
    """Stands for a storage class, which persistent ids name."""

    def __init__(self, dtype: _rutile.dtype) -> None:
        self.dtype = dtype


def read(file: IO[bytes] | io.RawIOBase, storage: Callable[..., Storage]) -> Any:
    """The object that the pickle at the file's position describes; the file then stands behind it.

    Args:
        storage: makes a storage from a persistent id: `storage(dtype, *rest)` for `("storage", class, *rest)`.

    Raises:
        PickleError: damaged, or not only data.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes in text that a damaged file brings
            return _Machine(storage).run(file)
    except PickleError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RuntimeError, OverflowError) as error:
        raise PickleError(f"the pickle is damaged ({type(error).__name__}: {error})") from error


class _Machine:
    def __init__(self, storage: Callable[..., Storage]) -> None:
        self.storage = storage
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}
        self.position = 0
        self.copied = 0

    def charge(self, size: int) -> None:
        """Counts what an instruction copies. In a sound pickle this is what it read before, once or, on the way through
        another form (bytes as text, say), a few times; so the sum stays within a small multiple of its length."""
        self.copied += size
        if self.copied > 4 * self.position + 1000:
            raise PickleError("the pickle copies the same objects again and again")

    def run(self, file: Any) -> Any:
        for opcode, argument, position in pickletools.genops(file):
            name = opcode.name
            self.position = position or 0
            if name == "STOP":
                if len(self.stack) != 1:
                    raise PickleError(f"the pickle is damaged ({len(self.stack)} objects at its end)")
                return self.stack[0]
            if name in _LITERALS:
                self.stack.append(argument)
            elif name in _CONSTANTS:
                self.stack.append(_CONSTANTS[name]())
            else:
                step = _STEPS.get(name)
                if step is None:
                    raise PickleError(f"the pickle uses the instruction {name}, which no checkpoint needs")
                step(self, argument)
        raise PickleError("the pickle is cut off")

    def pop(self) -> Any:
        floor = self.marks[-1] if self.marks else 0
        if len(self.stack) <= floor:
            raise PickleError("the pickle is damaged (nothing on the stack)")
        return self.stack.pop()

    def top(self) -> Any:
        if not self.stack:
            raise PickleError("the pickle is damaged (nothing on the stack)")
        return self.stack[-1]

    def pop_mark(self) -> list[Any]:
        if not self.marks:
            raise PickleError("the pickle is damaged (no mark on the stack)")
        start = self.marks.pop()
        items = self.stack[start:]
        del self.stack[start:]
        return items

    # Instructions

    def mark(self, _: Any) -> None:
        self.marks.append(len(self.stack))

    def ignore(self, _: Any) -> None:
        pass

    def discard(self, _: Any) -> None:
        if self.marks and self.marks[-1] == len(self.stack):
            self.marks.pop()
        else:
            self.pop()

    def discard_mark(self, _: Any) -> None:
        self.pop_mark()

    def put(self, index: int) -> None:
        self.memo[int(index)] = self.top()

    def memoize(self, _: Any) -> None:
        self.memo[len(self.memo)] = self.top()

    def get(self, index: int) -> None:
        if int(index) not in self.memo:
            raise PickleError(f"the pickle is damaged (no memo {index})")
        self.stack.append(self.memo[int(index)])

    def tuple_of(self, count: int) -> None:
        items = [self.pop() for _ in range(count)]
        self.stack.append(tuple(reversed(items)))

    def append(self, _: Any) -> None:
        item = self.pop()
        self._expect(self.top(), list).append(item)

    def appends(self, _: Any) -> None:
        items = self.pop_mark()
        self._expect(self.top(), list).extend(items)

    def set_item(self, _: Any) -> None:
        value, key = self.pop(), self.pop()
        self._expect(self.top(), dict)[key] = value

    def set_items(self, _: Any) -> None:
        items = self.pop_mark()
        self._fill(self._expect(self.top(), dict), items)

    def dictionary(self, _: Any) -> None:
        found: dict[Any, Any] = {}
        self._fill(found, self.pop_mark())
        self.stack.append(found)

    def add_items(self, _: Any) -> None:
        items = self.pop_mark()
        self._expect(self.top(), set).update(items)

    def find(self, argument: str) -> None:
        module, _, name = argument.partition(" ")
        self.stack.append(_allowed(module, name))

    def find_on_stack(self, _: Any) -> None:
        name, module = self.pop(), self.pop()
        self.stack.append(_allowed(module, name))

    def call(self, _: Any) -> None:
        arguments, function = self.pop(), self.pop()
        if not isinstance(function, _Call) or not isinstance(arguments, tuple):
            raise PickleError(f"the pickle calls {type(function).__name__}, which is no function of a checkpoint")
        if any(isinstance(argument, _rutile.Tensor) for argument in arguments) and not function.takes_tensors:
            raise PickleError("the pickle makes a container of a tensor")
        self.charge(sum(len(argument) for argument in arguments if isinstance(argument, _SIZED)))
        self.stack.append(function.function(*arguments))

    def build(self, _: Any) -> None:
        """Sets the state of an object: attributes of an ordered dictionary, content of an array."""
        state, target = self.pop(), self.top()
        if isinstance(target, OrderedDict | Counter) and isinstance(state, dict):
            self.charge(len(state))
            target.__dict__.update({str(key): value for key, value in state.items()})
        elif isinstance(target, np.ndarray):
            version, shape, dtype, fortran, content = state
            if not isinstance(dtype, _DType) or not isinstance(content, bytes):
                raise PickleError("the pickle has an array of objects")
            self.charge(len(content))
            target.__setstate__((version, shape, dtype.dtype, fortran, content))
        elif isinstance(target, _DType):
            target.set(state)
        else:
            raise PickleError(f"the pickle sets the state of a {type(target).__name__}, which no checkpoint needs")

    def persistent(self, _: Any) -> None:
        pid = self.pop()
        if not (isinstance(pid, tuple) and len(pid) >= 5 and pid[0] == "storage" and isinstance(pid[1], _StorageKind)):
            raise PickleError(f"the pickle names a storage in an unknown way: {str(pid)[:100]}")
        self.stack.append(self.storage(pid[1].dtype, *pid[2:]))

    @staticmethod
    def _fill(target: dict[Any, Any], items: list[Any]) -> None:
        if len(items) % 2:
            raise PickleError("the pickle is damaged (a key without a value)")
        for position in range(0, len(items), 2):
            target[items[position]] = items[position + 1]

    @staticmethod
    def _expect(target: Any, kind: type) -> Any:
        if not isinstance(target, kind):
            raise PickleError(f"the pickle is damaged (a {type(target).__name__} where a {kind.__name__} should be)")
        return target


# fmt: off
_LITERALS = frozenset([
    "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "STRING", "BINSTRING", "SHORT_BINSTRING",
    "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8", "UNICODE", "SHORT_BINUNICODE", "BINUNICODE",
    "BINUNICODE8", "FLOAT", "BINFLOAT",
])
# fmt: on
_CONSTANTS: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_LIST": list,
    "EMPTY_DICT": dict,
    "EMPTY_TUPLE": tuple,
    "EMPTY_SET": set,
}
_STEPS: dict[str, Callable[[_Machine, Any], None]] = {
    "PROTO": _Machine.ignore,
    "FRAME": _Machine.ignore,
    "MARK": _Machine.mark,
    "POP": _Machine.discard,
    "POP_MARK": _Machine.discard_mark,
    "PUT": _Machine.put,
    "BINPUT": _Machine.put,
    "LONG_BINPUT": _Machine.put,
    "MEMOIZE": _Machine.memoize,
    "GET": _Machine.get,
    "BINGET": _Machine.get,
    "LONG_BINGET": _Machine.get,
    "TUPLE": lambda machine, _: machine.stack.append(tuple(machine.pop_mark())),
    "TUPLE1": lambda machine, _: machine.tuple_of(1),
    "TUPLE2": lambda machine, _: machine.tuple_of(2),
    "TUPLE3": lambda machine, _: machine.tuple_of(3),
    "LIST": lambda machine, _: machine.stack.append(machine.pop_mark()),
    "DICT": _Machine.dictionary,
    "APPEND": _Machine.append,
    "APPENDS": _Machine.appends,
    "SETITEM": _Machine.set_item,
    "SETITEMS": _Machine.set_items,
    "ADDITEMS": _Machine.add_items,
    "FROZENSET": lambda machine, _: machine.stack.append(frozenset(machine.pop_mark())),
    "GLOBAL": _Machine.find,
    "STACK_GLOBAL": _Machine.find_on_stack,
    "REDUCE": _Machine.call,
    "NEWOBJ": _Machine.call,
    "BUILD": _Machine.build,
    "BINPERSID": _Machine.persistent,
}


# What may be called


class _Call:
    """A function of the table below: the only things that the machine calls."""

    def __init__(self, function: Callable[..., Any], takes_tensors: bool = False) -> None:
        self.function = function
        self.takes_tensors = takes_tensors


_SIZED = (str, bytes, list, tuple, dict)


def _tensor(
    storage: Storage, offset: int, size: tuple[int, ...], stride: tuple[int, ...], requires_grad: bool = False, *_: Any
) -> _rutile.Tensor:
    """A view of a storage; `as_strided` checks that it stays inside."""
    if not isinstance(storage, Storage):
        raise PickleError(f"the pickle makes a tensor of a {type(storage).__name__}")
    numbers = (offset, *size, *stride)
    if len(size) != len(stride) or any(not isinstance(number, int) or number < 0 for number in numbers):
        raise PickleError(f"a tensor of size {size}, stride {stride}, offset {offset} is impossible")
    if math.prod(size) > sys.maxsize // 8:
        raise PickleError(f"a tensor of size {size} has too many elements")
    tensor = storage.elements.as_strided(tuple(size), tuple(stride), offset)
    return tensor.requires_grad_() if requires_grad else tensor


def _parameter(data: _rutile.Tensor, requires_grad: bool = True, *_: Any) -> _rutile.Tensor:
    from rutile.nn import Parameter

    if not isinstance(data, _rutile.Tensor):
        raise PickleError(f"the pickle makes a parameter of a {type(data).__name__}")
    return Parameter(data, bool(requires_grad))


def _device(kind: str = "cpu", *_: Any) -> _rutile.device:
    """The CPU, whatever the device was: that is where all tensors go."""
    return _rutile.device("cpu")


def _encode(text: str, encoding: str = "latin1") -> bytes:
    """How protocol 2 writes bytes."""
    if encoding not in ("latin1", "latin-1"):
        raise PickleError(f"bytes in the encoding {encoding!r}")
    return text.encode("latin1")


class _DType:
    """A NumPy dtype of numbers, being built."""

    def __init__(self, code: str, *_: Any) -> None:
        self.dtype = np.dtype(str(code))
        if self.dtype.kind not in "biufcSU":
            raise PickleError(f"an array of the type {code!r}")

    def set(self, state: Any) -> None:
        if isinstance(state, tuple) and len(state) > 1 and state[1] in ("<", ">", "|", "="):
            self.dtype = self.dtype.newbyteorder(state[1])


def _array(*_: Any) -> np.ndarray:
    return np.empty(0, np.uint8)


def _scalar(dtype: _DType, content: bytes) -> Any:
    return np.frombuffer(content, dtype.dtype)[0]


def _defaultdict(factory: Any = None) -> defaultdict[Any, Any]:
    if factory is None:
        return defaultdict(None)
    kinds: dict[int, Any] = {id(_TABLE["builtins", kind.__name__]): kind for kind in (list, dict, set, int, float)}
    if id(factory) not in kinds:
        raise PickleError("a defaultdict of something that is no container")
    return defaultdict(kinds[id(factory)])


def _from_list(kind: Any) -> Callable[..., Any]:
    def make(items: Any = ()) -> Any:
        if not isinstance(items, list | tuple | dict):
            raise PickleError(f"a {kind.__name__} of a {type(items).__name__}")
        return kind(items)

    return make


def _name_only(*_: Any) -> None:
    """For classes that may be named, as factories of dictionaries, but not called."""
    raise PickleError("the pickle calls a class that no checkpoint calls")


_TABLE: dict[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): _Call(_from_list(OrderedDict)),
    ("collections", "Counter"): _Call(_from_list(Counter)),
    ("collections", "defaultdict"): _Call(_defaultdict),
    ("_codecs", "encode"): _Call(_encode),
    ("torch", "Size"): _Call(_from_list(Size)),
    ("torch", "device"): _Call(_device),
    ("torch._utils", "_rebuild_tensor"): _Call(_tensor, True),
    ("torch._utils", "_rebuild_tensor_v2"): _Call(_tensor, True),
    ("torch._utils", "_rebuild_parameter"): _Call(_parameter, True),
    ("torch._utils", "_rebuild_parameter_with_state"): _Call(_parameter, True),
    ("numpy", "dtype"): _Call(_DType),
    ("numpy", "ndarray"): _Call(_name_only),
    ("builtins", "set"): _Call(_from_list(set)),
    ("builtins", "frozenset"): _Call(_from_list(frozenset)),
    ("builtins", "complex"): _Call(complex),
    **{("builtins", name): _Call(_name_only) for name in ("list", "dict", "int", "float")},
    **{(f"numpy.{core}.multiarray", "_reconstruct"): _Call(_array) for core in ("core", "_core")},
    **{(f"numpy.{core}.multiarray", "scalar"): _Call(_scalar) for core in ("core", "_core")},
    **{("torch", name): _StorageKind(dtype) for name, dtype in DTYPES.items()},
    **{("torch", name): dtype for name, dtype in _TORCH_DTYPES.items()},
}
_TABLE.update({("__builtin__", name): value for (module, name), value in _TABLE.items() if module == "builtins"})


def _allowed(module: Any, name: Any) -> Any:
    if (module, name) not in _TABLE:
        raise PickleError(
            f"the pickle names {str(module)[:60]}.{str(name)[:60]}, which is not data: load builds tensors and "
            "containers only. If you trust the file's author, load(..., weights_only=False) lets it run code"
        )
    return _TABLE[module, name]
