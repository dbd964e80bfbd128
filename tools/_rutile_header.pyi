# What the engine offers besides operations: written by hand here, completed by tools/stubs.py.
# Names of types come with an underscore, because `int`, `float`, `bool` and `dtype` are also members of Tensor.

import builtins
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self, TypeAlias, final, overload

from typing_extensions import disjoint_base

from .._size import Size
from ..storage import TypedStorage, UntypedStorage
from . import functional as functional
from . import linalg as linalg

if TYPE_CHECKING:
    import numpy as np

_bool: TypeAlias = builtins.bool
_int: TypeAlias = builtins.int
_float: TypeAlias = builtins.float
_complex: TypeAlias = builtins.complex
_dtype: TypeAlias = dtype
_device: TypeAlias = device
_memory_format: TypeAlias = memory_format
_layout: TypeAlias = layout
_Generator: TypeAlias = Generator
_Number: TypeAlias = _int | _float | _complex
_Operand: TypeAlias = Tensor | _Number | np.ndarray[Any, Any] | np.generic[Any]

class ShapeError(RuntimeError, ValueError):
    """Shapes that do not fit together."""

class ArgumentError(ValueError, RuntimeError):
    """An argument with an impossible value."""

class DTypeError(RuntimeError, TypeError):
    """A dtype that the operation does not take."""

class LinAlgError(RuntimeError, ValueError):
    """A matrix that is singular, not positive-definite or not finite."""

class RangeError(IndexError, RuntimeError):
    """An index or an axis out of range."""

class OutOfMemoryError(RuntimeError, MemoryError):
    """Memory that cannot be had."""

class InternalError(RuntimeError):
    """A bug in Rutile; please report it."""

@final
class dtype:
    """The type of a tensor's elements; one object per type, so `is` works."""

    @property
    def is_floating_point(self) -> _bool: ...
    @property
    def is_complex(self) -> _bool: ...
    @property
    def is_signed(self) -> _bool: ...
    @property
    def itemsize(self) -> _int: ...
    def to_real(self) -> dtype:
        """The type of real and imaginary part; a real type itself."""
    def to_complex(self) -> dtype:
        """The complex type whose parts are of this type; a complex type itself."""
    def __eq__(self, other: object, /) -> _bool: ...
    def __hash__(self) -> _int: ...

@final
class device:
    """Where a tensor lives. There is one place: the CPU."""

    def __new__(cls, type: Any, index: _int | None = None) -> Self: ...
    @property
    def type(self) -> str: ...
    @property
    def index(self) -> _int | None: ...
    def __eq__(self, other: object, /) -> _bool: ...
    def __hash__(self) -> _int: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, _kind: object, _value: object, _trace: object, /) -> None: ...

@final
class memory_format:
    """In which order axes lie in memory; one object per format, so `is` works."""

    def __eq__(self, other: object, /) -> _bool: ...
    def __hash__(self) -> _int: ...

@final
class layout:
    """How a tensor's elements are stored. There is one way: strided."""

    def __eq__(self, other: object, /) -> _bool: ...
    def __hash__(self) -> _int: ...

@final
class Generator:
    """A stream of random numbers: `Generator().manual_seed(0)`. Philox: the same on any machine and number of threads."""

    def __new__(cls, device: Any = None) -> Self: ...
    def manual_seed(self, seed: _int) -> Self:
        """Starts the stream `seed` from its beginning; returns the generator."""
    def initial_seed(self) -> _int:
        """The seed of the stream."""
    def seed(self) -> _int:
        """Starts a stream that nobody can predict, and returns its seed."""
    def get_state(self) -> Tensor:
        """Where the stream stands, as a uint8 tensor."""
    def set_state(self, new_state: Tensor) -> Self:
        """Moves the stream to a state of `get_state`; returns the generator."""
    @property
    def device(self) -> _device:
        """Always the CPU."""

@final
class Node:
    """A recorded operation."""

    def name(self) -> str:
        """The operation's name."""
    @property
    def next_functions(self) -> tuple[tuple[Node | None, _int], ...]:
        """The nodes of the inputs: (node, output) pairs, with None for inputs without history."""
    @property
    def _inputs(self) -> list[Node | Tensor | None]:
        """What it took: nodes, leaves as tensors, None for what has no gradient."""
    def __eq__(self, other: object, /) -> _bool: ...
    def __hash__(self) -> _int: ...

@final
class RemovableHandle:
    """Takes a hook away again: `handle.remove()`."""

    def remove(self) -> None:
        """Removes the hook."""
    def __enter__(self) -> Self: ...
    def __exit__(self, _kind: object, _value: object, _trace: object, /) -> None: ...

@final
class _Member:
    """Finds what `nn.Module` has registered under a name, for classes that annotate it."""

    def __new__(cls, name: str) -> Self: ...
    def __get__(self, instance: object, owner: type | None = None, /) -> Any: ...

@disjoint_base
class Tensor:
    """An array with a place on the tape."""

    __array_interface__: dict[str, Any]
    grad: Tensor | None
    data: Tensor
    requires_grad: _bool

    def __new__(cls, *data: Any, device: Any = None) -> Self: ...
    @property
    def shape(self) -> Size: ...
    @property
    def dtype(self) -> _dtype: ...
    @property
    def device(self) -> _device: ...
    @property
    def ndim(self) -> _int: ...
    @property
    def itemsize(self) -> _int: ...
    @property
    def nbytes(self) -> _int: ...
    @property
    def is_cuda(self) -> _bool: ...
    @property
    def is_cpu(self) -> _bool: ...
    @property
    def is_xpu(self) -> _bool: ...
    @property
    def is_mps(self) -> _bool: ...
    @property
    def is_meta(self) -> _bool: ...
    @property
    def is_sparse(self) -> _bool: ...
    @property
    def is_quantized(self) -> _bool: ...
    @property
    def is_leaf(self) -> _bool: ...
    @property
    def retains_grad(self) -> _bool: ...
    @property
    def grad_fn(self) -> Node | None: ...
    @property
    def _version(self) -> _int: ...
    @property
    def T(self) -> Tensor: ...
    @property
    def mT(self) -> Tensor: ...
    @property
    def mH(self) -> Tensor: ...
    @property
    def H(self) -> Tensor: ...
    @property
    def real(self) -> Tensor:
        """The real parts, a view; a real tensor itself."""
    @real.setter
    def real(self, value: Any) -> None: ...
    @property
    def imag(self) -> Tensor:
        """The imaginary parts of a complex tensor, a view."""
    @imag.setter
    def imag(self, value: Any) -> None: ...
    def size(self, dim: _int | None = None) -> Any:
        """The shape, or the extent of one axis."""
    def stride(self, dim: _int | None = None) -> Any:
        """Strides in elements, or that of one axis."""
    def dim(self) -> _int:
        """_Number of axes."""
    def numel(self) -> _int:
        """_Number of elements."""
    def nelement(self) -> _int:
        """_Number of elements."""
    def element_size(self) -> _int:
        """Bytes per element."""
    def storage_offset(self) -> _int:
        """Where the first element lies in the storage, in elements."""
    def data_ptr(self) -> _int:
        """The address of the first element."""
    def is_contiguous(self, *, memory_format: _memory_format | None = None) -> _bool:
        """Whether elements lie row by row without gaps, or in the order of `memory_format`."""
    @property
    def layout(self) -> _layout: ...
    @property
    def output_nr(self) -> _int: ...
    def ndimension(self) -> _int:
        """_Number of axes."""
    def dim_order(self) -> tuple[_int, ...]:
        """The axes from the outermost to the innermost, as they lie in memory."""
    def is_signed(self) -> _bool:
        """Whether the dtype holds negative numbers."""
    def is_set_to(self, tensor: Tensor) -> _bool:
        """Whether both are the same window (shape, strides, offset) on the same storage."""
    def is_pinned(self, device: Any = None) -> _bool:
        """False: memory is the host's, but not locked."""
    def is_shared(self) -> _bool:
        """False: memory belongs to one process."""
    def share_memory_(self) -> None:
        """An error that says that memory belongs to one process."""
    def get_device(self) -> _int:
        """-1: the device number of the CPU."""
    def untyped_storage(self) -> UntypedStorage:
        """The bytes that the tensor and its views share."""
    def storage(self) -> TypedStorage:
        """The elements that the tensor and its views share."""
    def storage_type(self) -> str:
        """`x.type()` of its storage: `torch.FloatStorage` and so on."""
    def _storage_bytes(self) -> Tensor:
        """The whole storage as a uint8 tensor of one axis."""
    def is_floating_point(self) -> _bool:
        """Whether the element type is a float."""
    def is_complex(self) -> _bool:
        """Whether the element type is complex."""
    def is_conj(self) -> _bool:
        """Always false: conjugates are computed at once."""
    def is_neg(self) -> _bool:
        """Always false: negations are computed at once."""
    def item(self) -> Any:
        """The number in a tensor of one element."""
    def tolist(self) -> Any:
        """Nested lists of Python numbers."""
    def numpy(self, *, force: _bool = False) -> np.ndarray[Any, Any]:
        """A NumPy array on the same memory. `force=True` also takes tensors that require grad."""
    def requires_grad_(self, requires_grad: _bool = True) -> Self:
        """Makes a leaf collect gradients (or not); returns it."""
    def detach_(self) -> Self:
        """Cuts the tensor itself from the tape."""
    def retain_grad(self) -> None:
        """Keeps the gradient of a tensor that is no leaf."""
    def backward(
        self,
        gradient: Tensor | None = None,
        retain_graph: _bool | None = None,
        create_graph: _bool = False,
        inputs: Tensor | Sequence[Tensor] | None = None,
    ) -> None:
        """Computes the gradients of the leaves that this tensor was made of, and adds them to their `grad`."""
    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> RemovableHandle:
        """Calls `hook(grad)` when the gradient is computed; what it returns replaces the gradient."""
    def register_post_accumulate_grad_hook(self, hook: Callable[[Tensor], None]) -> RemovableHandle:
        """Calls `hook(tensor)` after the gradient of this leaf was accumulated."""
    def to(
        self,
        *args: Any,
        dtype: _dtype | None = None,
        device: Any = None,
        non_blocking: _bool = False,
        copy: _bool = False,
        memory_format: _memory_format | None = None,
    ) -> Tensor:
        """The tensor with another dtype: `to(dtype)`, `to("cpu")`, `to(other)`, in any combination. The same object if
        nothing changes, unless `copy=True`."""
    def type(self, dtype: Any = None, non_blocking: _bool = False) -> Any:
        """Without argument the type's name, else as `to(dtype)`."""
    def type_as(self, other: Tensor) -> Tensor:
        """As `to(other.dtype)`."""
    def float(self) -> Tensor:
        """As `to(float32)`."""
    def double(self) -> Tensor:
        """As `to(float64)`."""
    def cfloat(self) -> Tensor:
        """As `to(complex64)`."""
    def cdouble(self) -> Tensor:
        """As `to(complex128)`."""
    def half(self) -> Tensor:
        """As `to(float16)`."""
    def bfloat16(self) -> Tensor:
        """As `to(bfloat16)`."""
    def long(self) -> Tensor:
        """As `to(int64)`."""
    def int(self) -> Tensor:
        """As `to(int32)`."""
    def short(self) -> Tensor:
        """As `to(int16)`."""
    def char(self) -> Tensor:
        """As `to(int8)`."""
    def byte(self) -> Tensor:
        """As `to(uint8)`."""
    def bool(self) -> Tensor:
        """As `to(bool)`."""
    def cpu(self) -> Self:
        """The tensor itself: it is on the CPU."""
    def pin_memory(self) -> Self:
        """The tensor itself: all memory is the host's."""
    def cuda(self, device: Any = None, non_blocking: _bool = False) -> Tensor:
        """An error that says that there is no GPU."""
    def view(self, *shape: Any, dtype: _dtype | None = None) -> Tensor:
        """`view(*shape)`: the same elements under another shape, never a copy. `view(dtype)`: the same bytes."""
    def view_as(self, other: Tensor) -> Tensor:
        """As `view(other.shape)`."""
    def reshape_as(self, other: Tensor) -> Tensor:
        """As `reshape(other.shape)`."""
    def expand_as(self, other: Tensor) -> Tensor:
        """As `expand(other.shape)`."""
    def copy_(self, src: Tensor, non_blocking: _bool = False) -> Self:
        """Writes the elements of `src`, broadcast and converted; returns the tensor."""
    def fill_(self, value: Tensor | _Number) -> Self:
        """Writes one value everywhere; returns the tensor."""
    def zero_(self) -> Self:
        """Writes 0 everywhere; returns the tensor."""
    def index_put_(self, indices: Sequence[Tensor | None], values: Tensor, accumulate: _bool = False) -> Self:
        """Writes (or adds) `values` where the index tensors point."""
    def index_put(self, indices: Sequence[Tensor | None], values: Tensor, accumulate: _bool = False) -> Tensor:
        """The tensor with `values` written (or added) where the index tensors point, as a new tensor."""
    def apply_(self, callable: Callable[[Any], _Number]) -> Self:
        """Replaces each element by `callable(element)`, one Python call each; returns the tensor."""
    def map_(self, tensor: Tensor, callable: Callable[[Any, Any], _Number]) -> Self:
        """Replaces each element by `callable(element, other's)`, one Python call each; returns the tensor."""
    def map2_(self, x: Tensor, y: Tensor, callable: Callable[[Any, Any, Any], _Number]) -> Self:
        """As `map_`, with the elements of two other tensors."""
    def as_subclass(self, cls: Any) -> Any:
        """An object of the class `cls` on the same elements, with the same place on the tape."""
    def new(self, *args: Any, device: Any = None) -> Tensor:
        """A new tensor of the same dtype: `new(2, 3)` of a size, uninitialised, or `new([1, 2])` of data."""
    def new_tensor(
        self, data: Any, *, dtype: _dtype | None = None, device: Any = None, requires_grad: _bool = False
    ) -> Tensor:
        """A tensor of this dtype with the given data."""
    __array_priority__: _int
    def __array__(self, dtype: Any = None, copy: _bool | None = None) -> np.ndarray[Any, Any]:
        """A NumPy array on the same memory; a converted copy with another `dtype`."""
    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: _bool = False) -> Any:
        """The result of a NumPy function on tensors as a tensor, if there is such a dtype."""
    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        """The functions of the array API standard for tensors: `rutile.array_api`."""
    def __dlpack__(
        self,
        *,
        stream: _int | None = None,
        max_version: tuple[_int, _int] | None = None,
        dl_device: tuple[_int, _int] | None = None,
        copy: _bool | None = None,
    ) -> Any:
        """A DLPack capsule of the tensor's memory, for another library's `from_dlpack`. `copy=True` lends a copy."""
    def __dlpack_device__(self) -> tuple[_int, _int]:
        """`(1, 0)`: the CPU."""
    if sys.version_info >= (3, 12):
        def __buffer__(self, flags: _int, /) -> memoryview: ...
        def __release_buffer__(self, buffer: memoryview, /) -> None: ...

    def to_device(self, device: Any, /, *, stream: Any = None) -> Self:
        """The tensor itself: it is on the CPU, and there is no other device."""
    def __len__(self) -> _int: ...
    def __bool__(self) -> _bool: ...
    def __int__(self) -> _int: ...
    def __float__(self) -> _float: ...
    def __complex__(self) -> _complex: ...
    def __index__(self) -> _int: ...
    def __hash__(self) -> _int: ...
    def __reversed__(self) -> Tensor: ...
    def __iter__(self) -> Iterator[Tensor]: ...
    def __contains__(self, value: Any, /) -> _bool: ...
    def __format__(self, spec: str, /) -> str: ...
    def __getitem__(self, at: Any, /) -> Tensor: ...
    def __setitem__(self, at: Any, value: Any, /) -> None: ...
    def __deepcopy__(self, memo: dict[_int, Any]) -> Self: ...
    def __reduce_ex__(self, _protocol: _int) -> tuple[Any, ...]: ...  # type: ignore[override]
    def __add__(self, other: _Operand, /) -> Tensor: ...
    def __radd__(self, other: _Operand, /) -> Tensor: ...
    def __iadd__(self, other: _Operand, /) -> Self: ...
    def __sub__(self, other: _Operand, /) -> Tensor: ...
    def __rsub__(self, other: _Operand, /) -> Tensor: ...
    def __isub__(self, other: _Operand, /) -> Self: ...
    def __mul__(self, other: _Operand, /) -> Tensor: ...
    def __rmul__(self, other: _Operand, /) -> Tensor: ...
    def __imul__(self, other: _Operand, /) -> Self: ...
    def __truediv__(self, other: _Operand, /) -> Tensor: ...
    def __rtruediv__(self, other: _Operand, /) -> Tensor: ...
    def __itruediv__(self, other: _Operand, /) -> Self: ...
    def __floordiv__(self, other: _Operand, /) -> Tensor: ...
    def __rfloordiv__(self, other: _Operand, /) -> Tensor: ...
    def __ifloordiv__(self, other: _Operand, /) -> Self: ...
    def __mod__(self, other: _Operand, /) -> Tensor: ...
    def __rmod__(self, other: _Operand, /) -> Tensor: ...
    def __imod__(self, other: _Operand, /) -> Self: ...
    def __pow__(self, other: _Operand, modulo: None = None, /) -> Tensor: ...
    def __rpow__(self, other: _Operand, modulo: None = None, /) -> Tensor: ...
    def __ipow__(self, other: _Operand, /) -> Self: ...  # type: ignore[misc] # without modulo
    def __matmul__(self, other: _Operand, /) -> Tensor: ...
    def __rmatmul__(self, other: _Operand, /) -> Tensor: ...
    def __and__(self, other: _Operand, /) -> Tensor: ...
    def __rand__(self, other: _Operand, /) -> Tensor: ...
    def __iand__(self, other: _Operand, /) -> Self: ...
    def __or__(self, other: _Operand, /) -> Tensor: ...
    def __ror__(self, other: _Operand, /) -> Tensor: ...
    def __ior__(self, other: _Operand, /) -> Self: ...
    def __xor__(self, other: _Operand, /) -> Tensor: ...
    def __rxor__(self, other: _Operand, /) -> Tensor: ...
    def __ixor__(self, other: _Operand, /) -> Self: ...
    def __lt__(self, other: _Operand, /) -> Tensor: ...
    def __le__(self, other: _Operand, /) -> Tensor: ...
    def __eq__(self, other: _Operand, /) -> Tensor: ...  # type: ignore[override] # element by element
    def __ne__(self, other: _Operand, /) -> Tensor: ...  # type: ignore[override]
    def __gt__(self, other: _Operand, /) -> Tensor: ...
    def __ge__(self, other: _Operand, /) -> Tensor: ...
    def __neg__(self) -> Tensor: ...
    def __pos__(self) -> Self: ...
    def __abs__(self) -> Tensor: ...
    def __invert__(self) -> Tensor: ...

    # ---- operations ----

bfloat16: dtype
bool: dtype
byte: dtype
char: dtype
cdouble: dtype
cfloat: dtype
complex64: dtype
complex128: dtype
double: dtype
float: dtype
float16: dtype
float32: dtype
float64: dtype
half: dtype
int: dtype
int8: dtype
int16: dtype
int32: dtype
int64: dtype
long: dtype
short: dtype
uint8: dtype

channels_last: memory_format
channels_last_3d: memory_format
contiguous_format: memory_format
preserve_format: memory_format
strided: layout

def frombuffer(
    buffer: Any, *, dtype: dtype, count: _int = -1, offset: _int = 0, requires_grad: _bool = False
) -> Tensor:
    """A tensor of one axis on the memory of an object with the buffer protocol (bytes, bytearray, array, mmap): `count`
    elements (all that there are if negative) from byte `offset` on. Memory that is read-only stays unwritten.
    """

def from_dlpack(ext_tensor: Any, *, device: Any = None, copy: _bool | None = None) -> Tensor:
    """A tensor on the memory of `ext_tensor`: an array of any library with `__dlpack__`, or a capsule. Nothing is copied
    unless `copy=True`; writes to one are seen by the other, and memory that is lent for reading only stays unwritten.
    """

def to_dlpack(tensor: Tensor) -> Any:
    """A DLPack capsule of a tensor's memory, in the form without a version: for libraries that take capsules."""

def is_signed(input: Tensor) -> _bool:
    """Whether the dtype of `input` holds negative numbers."""

def get_device(input: Tensor) -> _int:
    """-1: the device number of the CPU."""

def index_put(input: Tensor, indices: Sequence[Tensor | None], values: Tensor, accumulate: _bool = False) -> Tensor:
    """`input` with `values` written (or added) where the index tensors point, as a new tensor."""

def index_put_(input: Tensor, indices: Sequence[Tensor | None], values: Tensor, accumulate: _bool = False) -> Tensor:
    """Writes (or adds) `values` to `input` where the index tensors point; returns it."""

def is_grad_enabled() -> _bool:
    """Whether operations are recorded on this thread."""

def get_num_threads() -> _int:
    """How many threads a kernel may use."""

def set_num_threads(threads: _int) -> None:
    """Sets how many threads a kernel may use; results do not depend on it."""

def _multiply_add_peak() -> _float:
    """Floating-point operations per second that the multiply-add units of one core reach when nothing waits for memory."""

def is_winograd_enabled() -> _bool:
    """Whether convolutions may use Winograd's algorithm."""

def set_winograd_enabled(enabled: _bool) -> None:
    """Lets convolutions with 3 x 3 kernels and stride 1 use Winograd's algorithm (the default), or not. It needs a
    quarter of the multiplications; in exchange rounding errors in `float32` are about ten times those of plain sums, and
    an infinite or NaN input makes all outputs of its tile of 4 x 4 NaN.
    """

def get_default_dtype() -> dtype:
    """The float type of Python floats and of creation functions without `dtype=`."""

def set_default_dtype(d: dtype) -> None:
    """Changes the default float type."""

def result_type(tensor1: Tensor | _Number, tensor2: Tensor | _Number) -> dtype:
    """The type that an operation on both operands computes in."""

def promote_types(type1: dtype, type2: dtype) -> dtype:
    """The smaller type that holds both."""

def tensor(
    data: Any,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
) -> Tensor:
    """A new tensor from numbers, nested sequences, arrays or tensors. Always a copy."""

def as_tensor(data: Any, dtype: dtype | None = None, device: Any = None) -> Tensor:
    """A tensor of anything: tensors as they are, arrays without copying, the rest as `tensor()` does."""

def from_numpy(ndarray: np.ndarray[Any, Any]) -> Tensor:
    """A tensor on the memory of a NumPy array: writes to one are seen by the other."""

def manual_seed(seed: _int) -> Generator:
    """Starts the default stream `seed` from its beginning; returns the default generator."""

def initial_seed() -> _int:
    """The seed of the default stream."""

def seed() -> _int:
    """Starts the default stream from an unpredictable seed, and returns it."""

def default_generator() -> Generator:
    """The default generator."""

def get_rng_state() -> Tensor:
    """Where the default stream stands, as a uint8 tensor."""

def set_rng_state(new_state: Tensor) -> None:
    """Moves the default stream to a state of `get_rng_state`."""

def ops() -> list[dict[str, Any]]:
    """What the standard tests run: a dict per operation, with its samples."""

def _set_anomaly(on: _bool) -> _bool:
    """Turns the search for NaN in walks back on or off; returns what it was."""

def _set_grad_enabled(enabled: _bool) -> _bool:
    """Turns recording on or off on this thread; returns what it was."""

def _backward(
    tensors: Sequence[Tensor],
    grad_tensors: Sequence[Tensor | None],
    retain_graph: _bool,
    create_graph: _bool,
    inputs: Tensor | Sequence[Tensor] | None,
) -> None:
    """`autograd.backward`"""

def _grad(
    outputs: Sequence[Tensor],
    inputs: Sequence[Tensor],
    grad_outputs: Sequence[Tensor | None],
    retain_graph: _bool,
    create_graph: _bool,
    allow_unused: _bool,
    materialize_grads: _bool,
) -> tuple[Tensor, ...]:
    """`autograd.grad`"""

def _record(outputs: Sequence[Tensor], inputs: Sequence[Tensor], backward: Callable[..., Any]) -> list[Tensor]:
    """Records a derivative written in Python: `backward(*grad_outputs)` gives a gradient (or None) per input.
    Returns new tensors on the memory of `outputs` that remember it."""

def _rebuild(class_: type[Tensor], dtype: dtype, shape: Sequence[_int], bytes: bytes, requires_grad: _bool) -> Tensor:
    """For pickle: a tensor from its bytes."""

def _safetensors_write(path: str, tensors: dict[str, Tensor], metadata: dict[str, str] | None = None) -> None:
    """Writes tensors and text to a safetensors file."""

def _safetensors_read(path: str) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Reads a safetensors file: tensors and text."""

def _build_info() -> dict[str, Any]:
    """Version, instruction set, threads, build."""

def _trim_cache() -> None:
    """Gives cached memory back to the system."""

def _set_cache_limit(bytes: _int) -> None:
    """Sets how many bytes of freed memory are kept for reuse."""

def _cached_bytes() -> _int:
    """Bytes of freed memory that are kept for reuse."""

def _profile_start(events: _bool, shapes: _bool) -> _bool:
    """Starts counting bytes and multiply-adds, and recording events if they are wanted; False if that is going on."""

def _profile_stop() -> list[tuple[str, _bool, _int, _int, _int, list[list[_int]], _int, _int]]:
    """Stops, and returns the events in the order in which they ended: name, whether it is a derivative, thread, start
    and end in nanoseconds, shapes, bytes, multiply-adds."""

def _profile_counts(reset: _bool = False) -> tuple[_int, _int, _int]:
    """Bytes that live, the most that did (since the last call with `reset`), and multiply-adds."""

def _record_tasks(on: _bool) -> list[list[_int]]:
    """While `on`, shared work stays on the calling thread and the nanoseconds of its tasks are kept; gives what was kept."""

def _profile_now() -> tuple[_int, _int]:
    """Nanoseconds on the clock of the events, and the number of this thread."""

def _stubs() -> dict[str, str]:
    """The generated parts of the stubs: functions by place (`rutile`, `nn.functional`) and the methods of `Tensor`."""

# ---- operations ----
