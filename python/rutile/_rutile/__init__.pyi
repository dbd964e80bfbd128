# Written by tools/stubs.py: do not edit. `make stubs` writes it again.
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
    def abs(self) -> Tensor:
        """`|input|`, of complex numbers their length. The derivative at 0 is 0."""
    def abs_(self) -> Self:
        """`abs` in place: writes to the tensor itself."""
    def absolute(self) -> Tensor:
        """`|input|`, of complex numbers their length. The derivative at 0 is 0."""
    def absolute_(self) -> Self:
        """`absolute` in place: writes to the tensor itself."""
    def acos(self) -> Tensor:
        """Inverse cosine, in [0, pi]; NaN outside [-1, 1]."""
    def acos_(self) -> Self:
        """`acos` in place: writes to the tensor itself."""
    def arccos(self) -> Tensor:
        """Inverse cosine, in [0, pi]; NaN outside [-1, 1]."""
    def arccos_(self) -> Self:
        """`arccos` in place: writes to the tensor itself."""
    def acosh(self) -> Tensor:
        """Inverse hyperbolic cosine; NaN below 1."""
    def acosh_(self) -> Self:
        """`acosh` in place: writes to the tensor itself."""
    def arccosh(self) -> Tensor:
        """Inverse hyperbolic cosine; NaN below 1."""
    def arccosh_(self) -> Self:
        """`arccosh` in place: writes to the tensor itself."""
    def add(self, other: Tensor | _Number, *, alpha: _float = 1.0) -> Tensor:
        """`input + alpha * other`, element by element, with broadcasting and type promotion. Bools add up as `or`."""
    def add_(self, other: Tensor | _Number, *, alpha: _float = 1.0) -> Self:
        """`add` in place: writes to the tensor itself."""
    def addbmm(
        self, batch1: Tensor | _Number, batch2: Tensor | _Number, *, beta: _float = 1.0, alpha: _float = 1.0
    ) -> Tensor:
        """`beta * input + alpha * sum(batch1[i] @ batch2[i])` over all matrices of `batch1` (b, n, k) and `batch2` (b, k, m);
        `input` broadcasts to (n, m). It is one product of matrices whose inner axis is the batch's and theirs.
        Raises: RuntimeError if the shapes or dtypes do not fit."""
    def addbmm_(
        self, batch1: Tensor | _Number, batch2: Tensor | _Number, *, beta: _float = 1.0, alpha: _float = 1.0
    ) -> Self:
        """`addbmm` in place: writes to the tensor itself."""
    def addcdiv(self, tensor1: Tensor | _Number, tensor2: Tensor | _Number, *, value: _float = 1.0) -> Tensor:
        """`input + value * tensor1 / tensor2`; all broadcast.
        Raises: RuntimeError if both `tensor1` and `tensor2` hold integers."""
    def addcdiv_(self, tensor1: Tensor | _Number, tensor2: Tensor | _Number, *, value: _float = 1.0) -> Self:
        """`addcdiv` in place: writes to the tensor itself."""
    def addcmul(self, tensor1: Tensor | _Number, tensor2: Tensor | _Number, *, value: _float = 1.0) -> Tensor:
        """`input + value * tensor1 * tensor2`; all broadcast."""
    def addcmul_(self, tensor1: Tensor | _Number, tensor2: Tensor | _Number, *, value: _float = 1.0) -> Self:
        """`addcmul` in place: writes to the tensor itself."""
    def addmm(
        self, mat1: Tensor | _Number, mat2: Tensor | _Number, *, beta: _float = 1.0, alpha: _float = 1.0
    ) -> Tensor:
        """`beta * input + alpha * (mat1 @ mat2)` with `mat1` (n, k) and `mat2` (k, m); `input` broadcasts to (n, m). With
        `beta` 0 it does not matter, not even NaN in it.
        Raises: RuntimeError if the shapes or dtypes do not fit."""
    def addmm_(
        self, mat1: Tensor | _Number, mat2: Tensor | _Number, *, beta: _float = 1.0, alpha: _float = 1.0
    ) -> Self:
        """`addmm` in place: writes to the tensor itself."""
    def addmv(self, mat: Tensor | _Number, vec: Tensor | _Number, *, beta: _float = 1.0, alpha: _float = 1.0) -> Tensor:
        """`beta * input + alpha * (mat @ vec)` with `mat` (n, m) and `vec` (m); `input` broadcasts to (n). With `beta` 0 it
        does not matter, not even NaN in it.
        Raises: RuntimeError if the shapes or dtypes do not fit."""
    def addmv_(self, mat: Tensor | _Number, vec: Tensor | _Number, *, beta: _float = 1.0, alpha: _float = 1.0) -> Self:
        """`addmv` in place: writes to the tensor itself."""
    def addr(
        self, vec1: Tensor | _Number, vec2: Tensor | _Number, *, beta: _float = 1.0, alpha: _float = 1.0
    ) -> Tensor:
        """`beta * input + alpha * outer(vec1, vec2)` with `vec1` (n) and `vec2` (m); `input` broadcasts to (n, m). With `beta`
        0 it does not matter, not even NaN in it.
        Raises: RuntimeError if the shapes do not fit."""
    def addr_(self, vec1: Tensor | _Number, vec2: Tensor | _Number, *, beta: _float = 1.0, alpha: _float = 1.0) -> Self:
        """`addr` in place: writes to the tensor itself."""
    def adjoint(self) -> Tensor:
        """The matrices (..., m, n) conjugated and transposed, (..., n, m): of reals a view with the last two axes exchanged.
        Raises: RuntimeError if there are fewer than 2 axes."""
    def all(self, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False) -> Tensor:
        """Whether all elements over axes `dim` (all if None) are not zero: bool, but uint8 of uint8. True of nothing.
        Raises: IndexError if an axis is out of range."""
    def allclose(
        self, other: Tensor | _Number, rtol: _float = 1e-05, atol: _float = 1e-08, equal_nan: _bool = False
    ) -> _bool:
        """Whether all elements are close: a Python bool; see `isclose`."""
    def amax(self, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False) -> Tensor:
        """The largest element over axes `dim` (one, several, all without it); NaN wins. Ties share the gradient evenly.
        Raises: IndexError if there is no axis `dim`, or it has no elements; RuntimeError for an empty tensor without `dim`."""
    def amin(self, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False) -> Tensor:
        """The smallest element over axes `dim` (one, several, all without it); NaN wins. Ties share the gradient evenly.
        Raises: IndexError if there is no axis `dim`, or it has no elements; RuntimeError for an empty tensor without `dim`."""
    def aminmax(self, *, dim: _int | None = None, keepdim: _bool = False) -> _min_max:
        """The smallest and the largest elements along axis `dim` (of all if None).
        Raises: IndexError if `dim` is out of range or that axis is empty; ValueError if all is empty."""
    def angle(self) -> Tensor:
        """The angle in radians between the positive real axis and `input`: in (-pi, pi] of complex numbers, 0 or pi by the
        sign of real ones. The gradient at 0 is 0."""
    def any(self, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False) -> Tensor:
        """Whether any element over axes `dim` (all if None) is not zero: bool, but uint8 of uint8. False of nothing.
        Raises: IndexError if an axis is out of range."""
    def argmax(self, dim: _int | None = None, keepdim: _bool = False) -> Tensor:
        """The index (int64) of the largest element along axis `dim`, or in the flattened tensor; the first one of equals. NaN
        is the largest.
        Raises: IndexError if there is no axis `dim`, or it has no elements."""
    def argmin(self, dim: _int | None = None, keepdim: _bool = False) -> Tensor:
        """The index (int64) of the smallest element along axis `dim`, or in the flattened tensor; the first one of equals. NaN
        is the smallest.
        Raises: IndexError if there is no axis `dim`, or it has no elements."""
    def argsort(self, dim: _int = -1, descending: _bool = False, stable: _bool | None = False) -> Tensor:
        """The indices that sort `input` along axis `dim`: `sort(...).indices`.
        Raises: IndexError if `dim` is out of range."""
    def argwhere(self) -> Tensor:
        """The indices of elements that are not zero: (count, axes), int64, in row-major order."""
    def as_strided(
        self, size: _int | Sequence[_int], stride: _int | Sequence[_int], storage_offset: _int | None = None
    ) -> Tensor:
        """A window of the given size, strides and offset (in elements) on the tensor's storage. Elements that several places
        share collect the gradients of all.
        Raises: RuntimeError if the window reaches outside the storage; ValueError for negative numbers."""
    def as_strided_(
        self, size: _int | Sequence[_int], stride: _int | Sequence[_int], storage_offset: _int | None = None
    ) -> Self:
        """Makes the tensor itself a window of the given size, strides and offset (in elements) on its storage.
        Raises: RuntimeError if the window reaches outside the storage."""
    def as_strided_scatter(
        self,
        src: Tensor | _Number,
        size: _int | Sequence[_int],
        stride: _int | Sequence[_int],
        storage_offset: _int | None = None,
    ) -> Tensor:
        """`input` with `src` in place of a window of the given size, strides and offset (in elements, as for `as_strided`),
        copied; `src` has shape `size`.
        Raises: RuntimeError if the shape of `src` is not `size`, or the window reaches outside."""
    def asin(self) -> Tensor:
        """Inverse sine, in [-pi/2, pi/2]; NaN outside [-1, 1]."""
    def asin_(self) -> Self:
        """`asin` in place: writes to the tensor itself."""
    def arcsin(self) -> Tensor:
        """Inverse sine, in [-pi/2, pi/2]; NaN outside [-1, 1]."""
    def arcsin_(self) -> Self:
        """`arcsin` in place: writes to the tensor itself."""
    def asinh(self) -> Tensor:
        """Inverse hyperbolic sine."""
    def asinh_(self) -> Self:
        """`asinh` in place: writes to the tensor itself."""
    def arcsinh(self) -> Tensor:
        """Inverse hyperbolic sine."""
    def arcsinh_(self) -> Self:
        """`arcsinh` in place: writes to the tensor itself."""
    def atan(self) -> Tensor:
        """Inverse tangent, in [-pi/2, pi/2]."""
    def atan_(self) -> Self:
        """`atan` in place: writes to the tensor itself."""
    def arctan(self) -> Tensor:
        """Inverse tangent, in [-pi/2, pi/2]."""
    def arctan_(self) -> Self:
        """`arctan` in place: writes to the tensor itself."""
    def atan2(self, other: Tensor | _Number) -> Tensor:
        """The angle of the point (`other`, `input`), in (-pi, pi]: unlike `atan(input / other)` it knows the quadrant.
        Both broadcast."""
    def atan2_(self, other: Tensor | _Number) -> Self:
        """`atan2` in place: writes to the tensor itself."""
    def arctan2(self, other: Tensor | _Number) -> Tensor:
        """The angle of the point (`other`, `input`), in (-pi, pi]: unlike `atan(input / other)` it knows the quadrant.
        Both broadcast."""
    def arctan2_(self, other: Tensor | _Number) -> Self:
        """`arctan2` in place: writes to the tensor itself."""
    def atanh(self) -> Tensor:
        """Inverse hyperbolic tangent: infinite at -1 and 1, NaN outside."""
    def atanh_(self) -> Self:
        """`atanh` in place: writes to the tensor itself."""
    def arctanh(self) -> Tensor:
        """Inverse hyperbolic tangent: infinite at -1 and 1, NaN outside."""
    def arctanh_(self) -> Self:
        """`arctanh` in place: writes to the tensor itself."""
    def baddbmm(
        self, batch1: Tensor | _Number, batch2: Tensor | _Number, *, beta: _float = 1.0, alpha: _float = 1.0
    ) -> Tensor:
        """`beta * input + alpha * (batch1 @ batch2)` with `batch1` (b, n, k) and `batch2` (b, k, m); `input` broadcasts to (b,
        n, m). With `beta` 0 it does not matter, not even NaN in it.
        Raises: RuntimeError if the shapes or dtypes do not fit."""
    def baddbmm_(
        self, batch1: Tensor | _Number, batch2: Tensor | _Number, *, beta: _float = 1.0, alpha: _float = 1.0
    ) -> Self:
        """`baddbmm` in place: writes to the tensor itself."""
    def bernoulli(self, p: _float | None = None, *, generator: Generator | None = None) -> Tensor:
        """One with probability `input`, else zero, element by element. With `p`, that probability everywhere and only the
        shape and dtype of `input`.
        Raises: ValueError for a probability outside [0, 1]; RuntimeError for probabilities that are not floats."""
    def bernoulli_(self, p: Tensor | _Number = 0.5, *, generator: Generator | None = None) -> Self:
        """Overwrites the tensor with ones with probability `p` (a number, or a tensor that broadcasts), else zeros.
        Raises: ValueError for a probability outside [0, 1].

        >>> rt.empty(2, 3).bernoulli_(rt.tensor([0.0, 1.0, 0.0]))
        tensor([[0., 1., 0.],
                [0., 1., 0.]])"""
    def bincount(self, weights: Tensor | _Number | None = None, minlength: _int = 0) -> Tensor:
        """How often each of the integers 0, 1, ... up to the largest one (at least `minlength` of them) occurs in `input`
        (1-d, not negative): int64. With `weights` the sums of the weights instead: float32 of float32, else float64.
        Raises: RuntimeError if `input` is not 1-d, not integer or has negative elements, or `weights` has another shape."""
    def bitwise_and(self, other: Tensor | _Number) -> Tensor:
        """The bits set in both: `input & other` with broadcasting; logical and of bools.
        Raises: RuntimeError for floats."""
    def bitwise_and_(self, other: Tensor | _Number) -> Self:
        """`bitwise_and` in place: writes to the tensor itself."""
    def bitwise_left_shift(self, other: Tensor | _Number) -> Tensor:
        """The bits of integers moved `other` places up, `input * 2**other`; zeros come in. Also `input << other`.
        Raises: RuntimeError for floats."""
    def bitwise_left_shift_(self, other: Tensor | _Number) -> Self:
        """`bitwise_left_shift` in place: writes to the tensor itself."""
    def bitwise_not(self) -> Tensor:
        """All bits inverted, `~input`: `-input - 1` of signed integers; logical not of bools.
        Raises: RuntimeError for floats."""
    def bitwise_not_(self) -> Self:
        """`bitwise_not` in place: writes to the tensor itself."""
    def bitwise_or(self, other: Tensor | _Number) -> Tensor:
        """The bits set in either: `input | other` with broadcasting; logical or of bools.
        Raises: RuntimeError for floats."""
    def bitwise_or_(self, other: Tensor | _Number) -> Self:
        """`bitwise_or` in place: writes to the tensor itself."""
    def bitwise_right_shift(self, other: Tensor | _Number) -> Tensor:
        """The bits of integers moved `other` places down, `floor(input / 2**other)`; copies of the sign come in. Also
        `input >> other`.
        Raises: RuntimeError for floats."""
    def bitwise_right_shift_(self, other: Tensor | _Number) -> Self:
        """`bitwise_right_shift` in place: writes to the tensor itself."""
    def bitwise_xor(self, other: Tensor | _Number) -> Tensor:
        """The bits set in just one: `input ^ other` with broadcasting; logical exclusive or of bools.
        Raises: RuntimeError for floats."""
    def bitwise_xor_(self, other: Tensor | _Number) -> Self:
        """`bitwise_xor` in place: writes to the tensor itself."""
    def bmm(self, mat2: Tensor | _Number) -> Tensor:
        """The products of two batches of matrices: (b, n, k) times (b, k, m) is (b, n, m). Nothing broadcasts.
        Raises: RuntimeError if an operand is not 3-d, or `b`, `k` or the dtypes differ."""
    def broadcast_to(self, size: _int | Sequence[_int]) -> Tensor:
        """Axes of length one (and new leading ones) repeated to `size` without copying.
        Raises: RuntimeError if another axis would have to grow."""
    def cauchy_(self, median: _float = 0.0, sigma: _float = 1.0, *, generator: Generator | None = None) -> Self:
        """Overwrites the tensor with numbers of Cauchy's distribution around `median` of scale `sigma`; it has no mean.
        Raises: ValueError unless `sigma > 0`; RuntimeError for integers.

        >>> x = rt.empty(10001).cauchy_(median=3.0)
        >>> (x.median() - 3).abs().item() < 0.1
        True"""
    def ceil(self) -> Tensor:
        """Smallest integer not below, in the dtype of `input`."""
    def ceil_(self) -> Self:
        """`ceil` in place: writes to the tensor itself."""
    def cholesky(self, upper: _bool = False) -> Tensor:
        """As `linalg.cholesky`, with its errors."""
    def cholesky_inverse(self, upper: _bool = False) -> Tensor:
        """The inverse of `A` from its Cholesky factor: of `L L'`, or with `upper` of `L' L`.
        Raises: RuntimeError if a matrix is not square."""
    def cholesky_solve(self, L: Tensor | _Number, upper: _bool = False) -> Tensor:
        """The solution `X` (..., n, k) of `A X = B` from the Cholesky factor `L` of `A`: `A = L L'`, or with `upper` `A = L'
        L`.
        Raises: RuntimeError if shapes do not fit, or `B` has fewer than 2 axes."""
    def chunk(self, chunks: _int, dim: _int = 0) -> tuple[Tensor, ...]:
        """At most `chunks` pieces of equal length along axis `dim`, views; the last may be shorter.
        Raises: ValueError unless `chunks` is positive; IndexError if `dim` is out of range."""
    def unsafe_chunk(self, chunks: _int, dim: _int = 0) -> tuple[Tensor, ...]:
        """At most `chunks` pieces of equal length along axis `dim`, views; the last may be shorter.
        Raises: ValueError unless `chunks` is positive; IndexError if `dim` is out of range."""
    def clamp(self, min: Tensor | _Number | None = None, max: Tensor | _Number | None = None) -> Tensor:
        """`input` limited to `[min, max]`; either bound may be missing, and each is a number or a tensor that broadcasts.
        Where `min > max` the result is `max`. The gradient is 0 outside the bounds.
        Raises: ValueError if both bounds are missing."""
    def clamp_(self, min: Tensor | _Number | None = None, max: Tensor | _Number | None = None) -> Self:
        """`clamp` in place: writes to the tensor itself."""
    def clip(self, min: Tensor | _Number | None = None, max: Tensor | _Number | None = None) -> Tensor:
        """`input` limited to `[min, max]`; either bound may be missing, and each is a number or a tensor that broadcasts.
        Where `min > max` the result is `max`. The gradient is 0 outside the bounds.
        Raises: ValueError if both bounds are missing."""
    def clip_(self, min: Tensor | _Number | None = None, max: Tensor | _Number | None = None) -> Self:
        """`clip` in place: writes to the tensor itself."""
    def clamp_max(self, max: Tensor | _Number) -> Tensor:
        """`input`, but at most `max`, a number or a tensor."""
    def clamp_max_(self, max: Tensor | _Number) -> Self:
        """`clamp_max` in place: writes to the tensor itself."""
    def clamp_min(self, min: Tensor | _Number) -> Tensor:
        """`input`, but at least `min`, a number or a tensor."""
    def clamp_min_(self, min: Tensor | _Number) -> Self:
        """`clamp_min` in place: writes to the tensor itself."""
    def clone(self, *, memory_format: _memory_format | None = None) -> Tensor:
        """A copy in memory of its own, with its gradient: what is computed from it flows back to `input`. Its axes lie in
        memory as those of `input` unless `memory_format` says otherwise."""
    def conj(self) -> Tensor:
        """The complex conjugate, in memory of its own; a real tensor as it is. (In PyTorch a view that is computed later.)"""
    def conj_physical(self) -> Tensor:
        """The complex conjugate, in memory of its own; a real tensor as it is."""
    def conj_physical_(self) -> Self:
        """`conj_physical` in place: writes to the tensor itself."""
    def contiguous(self, *, memory_format: _memory_format | None = None) -> Tensor:
        """The tensor itself if its elements lie row by row without gaps (or in the order of `memory_format`), else a copy that
        does.
        Raises: ValueError if a copy is to have `memory_format=rt.preserve_format`, which is no order.

        >>> x = rt.arange(6).reshape(2, 3).T
        >>> x.is_contiguous(), x.contiguous().is_contiguous()
        (False, True)"""
    def copysign(self, other: Tensor | _Number) -> Tensor:
        """The magnitude of `input` with the sign of `other`, also that of -0; both broadcast."""
    def copysign_(self, other: Tensor | _Number) -> Self:
        """`copysign` in place: writes to the tensor itself."""
    def corrcoef(self) -> Tensor:
        """The matrix (k, k) of Pearson's correlation coefficients of the rows of `input` (k, n): covariances over standard
        deviations, within [-1, 1]."""
    def cos(self) -> Tensor:
        """Cosine of an angle in radians."""
    def cos_(self) -> Self:
        """`cos` in place: writes to the tensor itself."""
    def cosh(self) -> Tensor:
        """Hyperbolic cosine."""
    def cosh_(self) -> Self:
        """`cosh` in place: writes to the tensor itself."""
    def count_nonzero(self, dim: _int | Sequence[_int] | None = None) -> Tensor:
        """How many elements over axes `dim` (all if None) are not zero, int64.
        Raises: IndexError if an axis is out of range."""
    def cov(self, *, correction: _int = 1, fweights: Tensor | None = None, aweights: Tensor | None = None) -> Tensor:
        """The covariance matrix (k, k) of the rows of `input` (k, n): variables of `n` observations; of one row, or a 1-d
        tensor, its variance. Sums are divided by the number of observations less `correction`. `fweights` (n integers) says
        how often each observation counts, `aweights` (n floats) how much.
        Raises: RuntimeError for more than two axes, or if weights do not fit; ValueError for negative weights."""
    def cross(self, other: Tensor | _Number, dim: _int | None = None) -> Tensor:
        """The cross products of the vectors of length 3 along axis `dim`; without `dim`, along the first axis of that length.
        The other axes broadcast.
        Raises: RuntimeError if the axis has another length, or there is none."""
    def cummax(self, dim: _int) -> _values_indices:
        """The largest elements so far along axis `dim`, and their indices (the last of equals). From the first NaN on all are
        NaN.
        Raises: IndexError if `dim` is out of range."""
    def cummin(self, dim: _int) -> _values_indices:
        """The smallest elements so far along axis `dim`, and their indices (the last of equals). From the first NaN on all are
        NaN.
        Raises: IndexError if `dim` is out of range."""
    def cumprod(self, dim: _int, *, dtype: _dtype | None = None) -> Tensor:
        """The products of all elements so far along axis `dim`, in a tensor of the same shape. Integers and bool give int64;
        `dtype` converts the input first. The derivative holds at zeros too.
        Raises: IndexError if `dim` is out of range."""
    def cumprod_(self, dim: _int, *, dtype: _dtype | None = None) -> Self:
        """`cumprod` in place: writes to the tensor itself."""
    def cumsum(self, dim: _int, *, dtype: _dtype | None = None) -> Tensor:
        """The sums of all elements so far along axis `dim`, in a tensor of the same shape. Integers and bool give int64;
        `dtype` converts the input first. Sums of float32 are accumulated in float64.
        Raises: IndexError if `dim` is out of range."""
    def cumsum_(self, dim: _int, *, dtype: _dtype | None = None) -> Self:
        """`cumsum` in place: writes to the tensor itself."""
    def deg2rad(self) -> Tensor:
        """Degrees to radians."""
    def deg2rad_(self) -> Self:
        """`deg2rad` in place: writes to the tensor itself."""
    def det(self) -> Tensor:
        """The determinants (...) of square matrices (..., n, n), 1 for those of no rows. The derivative is right for singular
        matrices too.
        Raises: RuntimeError if a matrix is not square."""
    def detach(self) -> Tensor:
        """The same elements outside the tape: no gradient flows through them; the bytes are shared."""
    def diag(self, diagonal: _int = 0) -> Tensor:
        """A matrix with the vector `input` on its diagonal, `diagonal` places above the main one; of a matrix that diagonal,
        copied.
        Raises: RuntimeError unless `input` is 1-d or 2-d."""
    def diag_embed(self, offset: _int = 0, dim1: _int = -2, dim2: _int = -1) -> Tensor:
        """Matrices on axes `dim1` and `dim2` of the result, with the last axis of `input` on their diagonals, `offset` places
        above the main one: (..., n) gives (..., n + |offset|, n + |offset|).
        Raises: ValueError if `dim1` and `dim2` are the same axis."""
    def diagflat(self, offset: _int = 0) -> Tensor:
        """A matrix with all elements of `input` on its diagonal, `offset` places above the main one."""
    def diagonal(self, offset: _int = 0, dim1: _int = 0, dim2: _int = 1) -> Tensor:
        """The diagonal of axes `dim1` and `dim2`, `offset` places above it, as a new last axis. A view.
        Raises: IndexError if an axis is out of range; ValueError if both are the same."""
    def diagonal_scatter(self, src: Tensor | _Number, offset: _int = 0, dim1: _int = 0, dim2: _int = 1) -> Tensor:
        """`input` with `src` on the diagonal of axes `dim1` and `dim2`, `offset` places above the main one, copied; `src` has
        the shape of `input.diagonal(offset, dim1, dim2)`.
        Raises: IndexError if an axis is out of range; RuntimeError if the shape of `src` does not fit."""
    def diff(
        self,
        n: _int = 1,
        dim: _int = -1,
        prepend: Tensor | _Number | None = None,
        append: Tensor | _Number | None = None,
    ) -> Tensor:
        """The `n`-th differences of neighbours along axis `dim`: `input[i + 1] - input[i]`, `n` times. `prepend` and `append`
        are joined to the input first. Differences of bools say whether they differ.
        Raises: ValueError if `n` is negative; RuntimeError for a 0-d tensor, or if `prepend` or `append` does not fit."""
    def digamma(self) -> Tensor:
        """The derivative of `lgamma`, by reflection, recurrence and the asymptotic series (DLMF 5.5.2, 5.5.4, 5.11.2)."""
    def digamma_(self) -> Self:
        """`digamma` in place: writes to the tensor itself."""
    def dist(self, other: Tensor | _Number, p: _float = 2.0) -> Tensor:
        """The `p`-norm of `input - other`, broadcast: a 0-d tensor."""
    def div(self, other: Tensor | _Number, *, rounding_mode: str | None = None) -> Tensor:
        """`input / other`, element by element, with broadcasting. `rounding_mode` is None (integers give floats), `"trunc"`
        (towards zero) or `"floor"` (both: integers stay integers).
        Raises: ValueError for another mode; RuntimeError if integers are divided by zero with rounding."""
    def div_(self, other: Tensor | _Number, *, rounding_mode: str | None = None) -> Self:
        """`div` in place: writes to the tensor itself."""
    def divide(self, other: Tensor | _Number, *, rounding_mode: str | None = None) -> Tensor:
        """`input / other`, element by element, with broadcasting. `rounding_mode` is None (integers give floats), `"trunc"`
        (towards zero) or `"floor"` (both: integers stay integers).
        Raises: ValueError for another mode; RuntimeError if integers are divided by zero with rounding."""
    def divide_(self, other: Tensor | _Number, *, rounding_mode: str | None = None) -> Self:
        """`divide` in place: writes to the tensor itself."""
    def dot(self, tensor: Tensor | _Number) -> Tensor:
        """The inner product of two vectors of one length: a 0-d tensor. Complex elements are not conjugated; see `vdot`.
        Raises: RuntimeError if an operand is not 1-d, or the lengths or dtypes differ."""
    def dsplit(self, indices_or_sections: Any) -> tuple[Tensor, ...]:
        """Pieces one behind the other, views: along axis 2. A number of equal ones, or cut before the given indices.
        Raises: RuntimeError if the number does not divide the length, or `input` has fewer than three axes."""
    def eq(self, other: Tensor | _Number) -> Tensor:
        """`input == other`, element by element, with broadcasting. NaN equals nothing."""
    def eq_(self, other: Tensor | _Number) -> Self:
        """`eq` in place: writes to the tensor itself."""
    def equal(self, other: Tensor | _Number) -> _bool:
        """Whether both have the same shape and elements: a Python bool. Nothing broadcasts, and NaN equals nothing."""
    def erf(self) -> Tensor:
        """Gauss error function, `2 / sqrt(pi)` times the integral of `e**(-t**2)` from 0 to `input`."""
    def erf_(self) -> Self:
        """`erf` in place: writes to the tensor itself."""
    def erfc(self) -> Tensor:
        """`1 - erf(input)`, accurate for large arguments."""
    def erfc_(self) -> Self:
        """`erfc` in place: writes to the tensor itself."""
    def erfinv(self) -> Tensor:
        """The inverse of `erf`: infinite at -1 and 1, NaN outside."""
    def erfinv_(self) -> Self:
        """`erfinv` in place: writes to the tensor itself."""
    def exp(self) -> Tensor:
        """`e ** input`."""
    def exp_(self) -> Self:
        """`exp` in place: writes to the tensor itself."""
    def exp2(self) -> Tensor:
        """`2 ** input`."""
    def exp2_(self) -> Self:
        """`exp2` in place: writes to the tensor itself."""
    def expand(self, *size: Any) -> Tensor:
        """Axes of length one (and new leading ones) repeated to `size` without copying; -1 keeps an axis. Elements share
        memory: clone it before writing to it in place.
        Raises: RuntimeError if another axis would have to grow.

        >>> rt.tensor([[1], [2]]).expand(-1, 3)
        tensor([[1, 1, 1],
                [2, 2, 2]])"""
    def expm1(self) -> Tensor:
        """`e ** input - 1`, accurate near 0."""
    def expm1_(self) -> Self:
        """`expm1` in place: writes to the tensor itself."""
    def exponential_(self, lambd: _float = 1.0, *, generator: Generator | None = None) -> Self:
        """Overwrites the tensor with exponential random numbers of rate `lambd`, whose mean is `1 / lambd`.
        Raises: ValueError unless `lambd > 0`; RuntimeError for integers.

        >>> x = rt.empty(10000).exponential_(2.0)
        >>> (x > 0).all().item(), (x.mean() - 0.5).abs().item() < 0.05
        (True, True)"""
    def fill_diagonal_(self, fill_value: _Number, wrap: _bool = False) -> Self:
        """Writes `fill_value` on the main diagonal of the tensor itself, of more than two axes where all indices are equal;
        `wrap` begins it anew below the square of a tall matrix.
        Raises: RuntimeError if it is not a matrix and has not the same length along all axes.

        >>> rt.zeros(4, 2).fill_diagonal_(1, wrap=True)
        tensor([[1., 0.],
                [0., 1.],
                [0., 0.],
                [1., 0.]])"""
    def flatten(self, start_dim: _int = 0, end_dim: _int = -1) -> Tensor:
        """Axes `start_dim` to `end_dim` (inclusive) merged into one.
        Raises: IndexError if an axis is out of range; ValueError if `start_dim` comes after `end_dim`."""
    def flip(self, *dims: Any) -> Tensor:
        """The tensor with axes `dims` in reverse order, copied.
        Raises: IndexError if there is no such axis; RuntimeError if one is named twice."""
    def fliplr(self) -> Tensor:
        """The columns (axis 1) in reverse order, copied.
        Raises: RuntimeError if `input` has fewer than two axes."""
    def flipud(self) -> Tensor:
        """The rows (axis 0) in reverse order, copied.
        Raises: RuntimeError for a 0-d tensor."""
    def float_power(self, exponent: Tensor | _Number) -> Tensor:
        """`input ** exponent` in float64, or complex128 if either operand is complex; both broadcast."""
    def floor(self) -> Tensor:
        """Largest integer not above, in the dtype of `input`."""
    def floor_(self) -> Self:
        """`floor` in place: writes to the tensor itself."""
    def floor_divide(self, other: Tensor | _Number) -> Tensor:
        """`floor(input / other)`, as Python's `//`; integers stay integers. Of floats the quotient of the exact division is
        rounded down: `1 // 0.1` is 9.
        Raises: RuntimeError if integers are divided by zero."""
    def floor_divide_(self, other: Tensor | _Number) -> Self:
        """`floor_divide` in place: writes to the tensor itself."""
    def fmax(self, other: Tensor | _Number) -> Tensor:
        """The larger of two, broadcast; the other where one is NaN. Where both are equal the first gets the gradient."""
    def fmax_(self, other: Tensor | _Number) -> Self:
        """`fmax` in place: writes to the tensor itself."""
    def fmin(self, other: Tensor | _Number) -> Tensor:
        """The smaller of two, broadcast; the other where one is NaN. Where both are equal the first gets the gradient."""
    def fmin_(self, other: Tensor | _Number) -> Self:
        """`fmin` in place: writes to the tensor itself."""
    def fmod(self, other: Tensor | _Number) -> Tensor:
        """The remainder of `input / other` with the sign of `input`, as C's `fmod`.
        Raises: RuntimeError if integers are divided by zero; floats give NaN."""
    def fmod_(self, other: Tensor | _Number) -> Self:
        """`fmod` in place: writes to the tensor itself."""
    def frac(self) -> Tensor:
        """Fractional part, with the sign of `input`: `input - trunc(input)`."""
    def frac_(self) -> Self:
        """`frac` in place: writes to the tensor itself."""
    def frexp(self) -> _mantissa_exponent:
        """`input` as `mantissa * 2**exponent` with `|mantissa|` in [0.5, 1) and an int32 exponent.
        Raises: RuntimeError for integers."""
    def gather(self, dim: _int, index: Tensor | _Number, *, sparse_grad: _bool = False) -> Tensor:
        """Elements picked along axis `dim`, in the shape of `index` (integers): `out[i][j] = input[index[i][j]][j]` for
        `dim=0`, `out[i][j] = input[i][index[i][j]]` for `dim=1`. `index` has as many axes as `input` and may be shorter
        along the others.
        Raises: RuntimeError if `index` has another number of axes, is too large or not integer; IndexError if an index or
        `dim` is out of range."""
    def gcd(self, other: Tensor | _Number) -> Tensor:
        """Greatest common divisor of integers, not negative; `gcd(0, 0)` is 0.
        Raises: RuntimeError for floats."""
    def gcd_(self, other: Tensor | _Number) -> Self:
        """`gcd` in place: writes to the tensor itself."""
    def ge(self, other: Tensor | _Number) -> Tensor:
        """`input >= other`, element by element, with broadcasting."""
    def ge_(self, other: Tensor | _Number) -> Self:
        """`ge` in place: writes to the tensor itself."""
    def greater_equal(self, other: Tensor | _Number) -> Tensor:
        """`input >= other`, element by element, with broadcasting."""
    def greater_equal_(self, other: Tensor | _Number) -> Self:
        """`greater_equal` in place: writes to the tensor itself."""
    def geometric_(self, p: _float, *, generator: Generator | None = None) -> Self:
        """Overwrites the tensor with the number of trials up to and including the first success, each of probability `p`; the
        mean is `1 / p`.
        Raises: ValueError unless `0 < p < 1`.

        >>> x = rt.empty(10000).geometric_(0.25)
        >>> x.min(), (x.mean() - 4).abs().item() < 0.2
        (tensor(1.), True)"""
    def geqrf(self) -> _a_tau:
        """The reflections that make up `Q` in `input = Q R`, as LAPACK keeps them: `a` (..., m, n) holds `R` on and above the
        diagonal and below it the vectors `v`, whose first element is 1, of the reflections `I - tau v v'`; `tau` is
        (..., min(m, n)). `ormqr` multiplies by `Q`, `linalg.householder_product` makes it. No derivative, as in PyTorch: use
        `linalg.qr`.
        Raises: RuntimeError unless `input` is a matrix or a batch of them."""
    def gt(self, other: Tensor | _Number) -> Tensor:
        """`input > other`, element by element, with broadcasting."""
    def gt_(self, other: Tensor | _Number) -> Self:
        """`gt` in place: writes to the tensor itself."""
    def greater(self, other: Tensor | _Number) -> Tensor:
        """`input > other`, element by element, with broadcasting."""
    def greater_(self, other: Tensor | _Number) -> Self:
        """`greater` in place: writes to the tensor itself."""
    def hardshrink(self, lambd: _float = 0.5) -> Tensor:
        """`input` where `|input| > lambd`, else 0."""
    def hardshrink_(self, lambd: _float = 0.5) -> Self:
        """`hardshrink` in place: writes to the tensor itself."""
    def heaviside(self, values: Tensor | _Number) -> Tensor:
        """The step function: 0 where `input` is negative, 1 where positive, `values` where zero; NaN stays. Both broadcast.
        Raises: RuntimeError if the dtypes differ."""
    def heaviside_(self, values: Tensor | _Number) -> Self:
        """`heaviside` in place: writes to the tensor itself."""
    def histc(self, bins: _int = 100, min: _float = 0.0, max: _float = 0.0) -> Tensor:
        """How many elements lie in each of `bins` intervals of equal width between `min` and `max`, or between the extremes if
        both are equal. Elements outside are left out; the last interval includes its end. The result has the dtype of the
        input.
        Raises: RuntimeError if `bins` is not positive, `min > max`, or a bound is not finite."""
    def histogram(
        self, bins: Any = 100, *, range: Any = None, weight: Tensor | None = None, density: _bool = False
    ) -> _hist_bin_edges:
        """How many elements lie between neighbouring edges, and the edges. `bins` is a number of bins of equal width within
        `range` (or between the extremes), or the edges themselves, ascending. Elements outside are left out; the last bin
        includes its upper edge. `weight` counts each element by its weight; `density` divides by the sum and by the widths.
        Raises: RuntimeError if `bins` is not positive, or the range not finite or descending."""
    def hsplit(self, indices_or_sections: Any) -> tuple[Tensor, ...]:
        """Pieces side by side, views: along axis 1, or axis 0 of vectors. A number of equal ones, or cut before the given
        indices.
        Raises: RuntimeError if the number does not divide the length, or `input` is 0-d."""
    def hypot(self, other: Tensor | _Number) -> Tensor:
        """`sqrt(input**2 + other**2)` without overflow of the squares; both broadcast."""
    def hypot_(self, other: Tensor | _Number) -> Self:
        """`hypot` in place: writes to the tensor itself."""
    def i0(self) -> Tensor:
        """Modified Bessel function of the first kind, order 0. From about 91 (float32) on it overflows; see `special.i0e`."""
    def i0_(self) -> Self:
        """`i0` in place: writes to the tensor itself."""
    def igamma(self, other: Tensor | _Number) -> Tensor:
        """Regularised lower incomplete gamma function of parameter `input` at `other`, by its power series (DLMF 8.11.4) or
        the continued fraction of the upper one (DLMF 8.9.2); differentiable by `other`."""
    def igamma_(self, other: Tensor | _Number) -> Self:
        """`igamma` in place: writes to the tensor itself."""
    def igammac(self, other: Tensor | _Number) -> Tensor:
        """Regularised upper incomplete gamma function, `1 - igamma(input, other)`; differentiable by `other`."""
    def igammac_(self, other: Tensor | _Number) -> Self:
        """`igammac` in place: writes to the tensor itself."""
    def index_add(self, dim: _int, index: Tensor | _Number, source: Tensor | _Number, *, alpha: _float = 1.0) -> Tensor:
        """`input` with `alpha` times the slices of `source` added at `index` (1-d, integers) along axis `dim`; equal indices
        add up.
        Raises: RuntimeError if `source` does not have the shape of the slices; IndexError if an index or `dim` is out of
        range."""
    def index_add_(self, dim: _int, index: Tensor | _Number, source: Tensor | _Number, *, alpha: _float = 1.0) -> Self:
        """`index_add` in place: writes to the tensor itself."""
    def index_copy(self, dim: _int, index: Tensor | _Number, source: Tensor | _Number) -> Tensor:
        """`input` with the slices of `source` written at `index` (1-d integers) along axis `dim`; the last of equal places
        wins. `source` has the shape of `input` but for `len(index)` along `dim`.
        Raises: IndexError if an index is out of range or not an integer, or there are not as many slices; RuntimeError if
        `source` does not fit otherwise."""
    def index_copy_(self, dim: _int, index: Tensor | _Number, source: Tensor | _Number) -> Self:
        """`index_copy` in place: writes to the tensor itself."""
    def index_fill(self, dim: _int, index: Tensor | _Number, value: Tensor | _Number) -> Tensor:
        """`input` with `value` (a number or a 0-d tensor) written at the slices `index` (1-d integers) of axis `dim`.
        Raises: IndexError if an index is out of range or not an integer."""
    def index_fill_(self, dim: _int, index: Tensor | _Number, value: Tensor | _Number) -> Self:
        """`index_fill` in place: writes to the tensor itself."""
    def index_reduce(
        self, dim: _int, index: Tensor | _Number, source: Tensor | _Number, reduce: str, *, include_self: _bool = True
    ) -> Tensor:
        """`input` combined with the slices of `source` at `index` (1-d integers) along axis `dim`. `reduce` is `"prod"`,
        `"mean"`, `"amax"` or `"amin"`; otherwise as `scatter_reduce`.
        Raises: ValueError if `reduce` is another word; IndexError if an index is out of range; RuntimeError if `source`
        does not fit."""
    def index_reduce_(
        self, dim: _int, index: Tensor | _Number, source: Tensor | _Number, reduce: str, *, include_self: _bool = True
    ) -> Self:
        """`index_reduce` in place: writes to the tensor itself."""
    def index_select(self, dim: _int, index: Tensor | _Number) -> Tensor:
        """The slices `index` (1-d, integers) of axis `dim`, copied.
        Raises: RuntimeError if `index` is not 1-d or not integer; IndexError if an index or `dim` is out of range."""
    def inner(self, other: Tensor | _Number) -> Tensor:
        """The sums of products over the last axis of both: (..., k) and (*, k) give (..., *). Of vectors the inner product; a
        0-d operand multiplies.
        Raises: RuntimeError if the last axes differ."""
    def inverse(self) -> Tensor:
        """The inverses of square matrices (..., n, n). To solve a system, `solve` is quicker and more exact than multiplying
        by the inverse.
        Raises: LinAlgError if a matrix is singular; RuntimeError if it is not square."""
    def is_nonzero(self) -> _bool:
        """Whether the only element is not zero: what `if tensor:` asks.
        Raises: RuntimeError if there is not exactly one element."""
    def is_same_size(self, other: Tensor | _Number) -> _bool:
        """Whether both have the same shape."""
    def isclose(
        self, other: Tensor | _Number, rtol: _float = 1e-05, atol: _float = 1e-08, equal_nan: _bool = False
    ) -> Tensor:
        """True where `|input - other| <= atol + rtol * |other|`, with broadcasting; `equal_nan` lets NaN equal NaN. Infinities
        are close to themselves only."""
    def isfinite(self) -> Tensor:
        """True where neither infinite nor NaN; of complex numbers, where neither part is."""
    def isinf(self) -> Tensor:
        """True where infinite, of either sign; of complex numbers, where either part is."""
    def isnan(self) -> Tensor:
        """True where not a number; of complex numbers, where either part is not."""
    def isneginf(self) -> Tensor:
        """True where infinite and negative."""
    def isposinf(self) -> Tensor:
        """True where infinite and positive."""
    def isreal(self) -> Tensor:
        """True where the imaginary part is zero: everywhere in real tensors."""
    def istft(
        self,
        n_fft: _int,
        hop_length: _int | None = None,
        win_length: _int | None = None,
        window: Tensor | _Number | None = None,
        center: _bool = True,
        normalized: _bool = False,
        onesided: _bool | None = None,
        length: _int | None = None,
        return_complex: _bool = False,
    ) -> Tensor:
        """The inverse of `stft`: signals of (frequency, frame) or (batch, frequency, frame), by least squares (Griffin and
        Lim, 1984): frames transformed back, windowed, added where they overlap and divided by the sum of the squared
        windows. Arguments as for `stft`; `length` cuts or fills up the result. Windows must not leave gaps.
        Raises: RuntimeError if they do, or for a real input."""
    def kron(self, other: Tensor | _Number) -> Tensor:
        """The Kronecker product: every element of `input` times the whole of `other`, block by block; lengths multiply, axis
        by axis. The one with fewer axes gets leading ones."""
    def kthvalue(self, k: _int, dim: _int = -1, keepdim: _bool = False) -> _values_indices:
        """The `k`-th smallest elements along axis `dim` (counted from 1), and their indices.
        Raises: ValueError unless `k` is from 1 to the length of the axis; IndexError if `dim` is out of range."""
    def lcm(self, other: Tensor | _Number) -> Tensor:
        """Least common multiple of integers, not negative; 0 if one of them is.
        Raises: RuntimeError for floats."""
    def lcm_(self, other: Tensor | _Number) -> Self:
        """`lcm` in place: writes to the tensor itself."""
    def ldexp(self, other: Tensor | _Number) -> Tensor:
        """`input * 2**other`; integers give floats."""
    def ldexp_(self, other: Tensor | _Number) -> Self:
        """`ldexp` in place: writes to the tensor itself."""
    def le(self, other: Tensor | _Number) -> Tensor:
        """`input <= other`, element by element, with broadcasting."""
    def le_(self, other: Tensor | _Number) -> Self:
        """`le` in place: writes to the tensor itself."""
    def less_equal(self, other: Tensor | _Number) -> Tensor:
        """`input <= other`, element by element, with broadcasting."""
    def less_equal_(self, other: Tensor | _Number) -> Self:
        """`less_equal` in place: writes to the tensor itself."""
    def lerp(self, end: Tensor | _Number, weight: Tensor | _Number) -> Tensor:
        """Linear interpolation, `input + weight * (end - input)`; all three broadcast."""
    def lerp_(self, end: Tensor | _Number, weight: Tensor | _Number) -> Self:
        """`lerp` in place: writes to the tensor itself."""
    def lgamma(self) -> Tensor:
        """The logarithm of the gamma function, `ln |Gamma(input)|`; infinite at 0, -1, -2 ..."""
    def lgamma_(self) -> Self:
        """`lgamma` in place: writes to the tensor itself."""
    def log(self) -> Tensor:
        """Natural logarithm: minus infinity at 0, NaN below."""
    def log_(self) -> Self:
        """`log` in place: writes to the tensor itself."""
    def log10(self) -> Tensor:
        """Base-10 logarithm: minus infinity at 0, NaN below."""
    def log10_(self) -> Self:
        """`log10` in place: writes to the tensor itself."""
    def log1p(self) -> Tensor:
        """`log(1 + input)`, accurate near 0."""
    def log1p_(self) -> Self:
        """`log1p` in place: writes to the tensor itself."""
    def log2(self) -> Tensor:
        """Base-2 logarithm: minus infinity at 0, NaN below."""
    def log2_(self) -> Self:
        """`log2` in place: writes to the tensor itself."""
    def log_normal_(self, mean: _float = 1.0, std: _float = 2.0, *, generator: Generator | None = None) -> Self:
        """Overwrites the tensor with `e**z` of normal random numbers `z` of the given mean and standard deviation.
        Raises: ValueError unless `std > 0`; RuntimeError for integers.

        >>> x = rt.empty(10000).log_normal_(mean=0.0, std=0.5)
        >>> (x.log().std() - 0.5).abs().item() < 0.05
        True"""
    def log_softmax(self, dim: _int, dtype: _dtype | None = None) -> Tensor:
        """`log(softmax(input))` along axis `dim`, without overflow: `input - logsumexp(input)`. `dtype` converts the input
        first.
        Raises: IndexError if `dim` is out of range; RuntimeError for integers without `dtype`."""
    def logaddexp(self, other: Tensor | _Number) -> Tensor:
        """`log(e**input + e**other)` without overflow; both broadcast."""
    def logaddexp_(self, other: Tensor | _Number) -> Self:
        """`logaddexp` in place: writes to the tensor itself."""
    def logaddexp2(self, other: Tensor | _Number) -> Tensor:
        """`log2(2**input + 2**other)` without overflow; both broadcast."""
    def logcumsumexp(self, dim: _int) -> Tensor:
        """`log(cumsum(exp(input)))` along axis `dim` without overflow. An element of -inf gets the gradient 0.
        Raises: IndexError if `dim` is out of range; RuntimeError for integers."""
    def logdet(self) -> Tensor:
        """The logarithms of the determinants of square matrices; NaN for negative ones, -inf for 0.
        Raises: RuntimeError if a matrix is not square."""
    def logical_and(self, other: Tensor | _Number) -> Tensor:
        """True where both are not zero; with broadcasting."""
    def logical_and_(self, other: Tensor | _Number) -> Self:
        """`logical_and` in place: writes to the tensor itself."""
    def logical_not(self) -> Tensor:
        """True where zero."""
    def logical_not_(self) -> Self:
        """`logical_not` in place: writes to the tensor itself."""
    def logical_or(self, other: Tensor | _Number) -> Tensor:
        """True where either is not zero; with broadcasting."""
    def logical_or_(self, other: Tensor | _Number) -> Self:
        """`logical_or` in place: writes to the tensor itself."""
    def logical_xor(self, other: Tensor | _Number) -> Tensor:
        """True where just one is not zero; with broadcasting."""
    def logical_xor_(self, other: Tensor | _Number) -> Self:
        """`logical_xor` in place: writes to the tensor itself."""
    def logit(self, eps: _float | None = None) -> Tensor:
        """`log(input / (1 - input))`, the inverse of `sigmoid`. With `eps`, elements are first limited to `[eps, 1 - eps]`;
        without, those outside [0, 1] give NaN."""
    def logit_(self, eps: _float | None = None) -> Self:
        """`logit` in place: writes to the tensor itself."""
    def logsumexp(self, dim: _int | Sequence[_int], keepdim: _bool = False) -> Tensor:
        """`log(sum(exp(input)))` over axes `dim` without overflow; minus infinity of nothing.
        Raises: IndexError if an axis is out of range."""
    def lt(self, other: Tensor | _Number) -> Tensor:
        """`input < other`, element by element, with broadcasting."""
    def lt_(self, other: Tensor | _Number) -> Self:
        """`lt` in place: writes to the tensor itself."""
    def less(self, other: Tensor | _Number) -> Tensor:
        """`input < other`, element by element, with broadcasting."""
    def less_(self, other: Tensor | _Number) -> Self:
        """`less` in place: writes to the tensor itself."""
    def lu(self, pivot: _bool = True, get_infos: _bool = False) -> Any:
        """Packed factors and pivots as of `linalg.lu_factor`, and with `get_infos` also `linalg.lu_factor_ex`'s info."""
    def lu_solve(self, LU_data: Tensor | _Number, LU_pivots: Tensor | _Number) -> Tensor:
        """As `linalg.lu_solve`, with the right sides first."""
    def masked_fill(self, mask: Tensor | _Number, value: Tensor | _Number) -> Tensor:
        """`input` with `value`, a number or a 0-d tensor, written where `mask` (bool, broadcast) holds.
        Raises: RuntimeError if `mask` is not bool, or `value` has axes."""
    def masked_fill_(self, mask: Tensor | _Number, value: Tensor | _Number) -> Self:
        """`masked_fill` in place: writes to the tensor itself."""
    def masked_scatter(self, mask: Tensor | _Number, source: Tensor | _Number) -> Tensor:
        """`input` with the elements of `source`, in order, where `mask` (bool, broadcast) holds.
        Raises: RuntimeError if `source` has fewer elements than `mask` holds places, another dtype, or `mask` is not bool."""
    def masked_scatter_(self, mask: Tensor | _Number, source: Tensor | _Number) -> Self:
        """`masked_scatter` in place: writes to the tensor itself."""
    def masked_select(self, mask: Tensor | _Number) -> Tensor:
        """The elements of `input` where `mask` (bool, broadcast) holds, 1-d in row-major order, copied.
        Raises: RuntimeError if `mask` is not bool or does not broadcast with `input`."""
    def matmul(self, other: Tensor | _Number) -> Tensor:
        """The matrix product of the last two axes: (..., n, k) times (..., k, m) is (..., n, m); further axes are batches and
        broadcast. A 1-d operand counts as a row (left) or column (right) and its axis goes again; of two the inner product
        is left, 0-d.
        Raises: RuntimeError if the inner lengths or the dtypes differ, or an operand is 0-d."""
    def matrix_exp(self) -> Tensor:
        """The exponential of square matrices: `I + A + A A / 2 + ...`, by scaling and squaring with a Padé approximant
        (Higham, 2005). The derivative is a block of the exponential of a matrix twice as large (Van Loan, 1978).
        Raises: RuntimeError if a matrix is not square."""
    def matrix_power(self, n: _int) -> Tensor:
        """The `n`-th power of square matrices by repeated squaring; negative powers are those of the inverse, and the power 0
        is the identity.
        Raises: RuntimeError if a matrix is not square; LinAlgError for negative powers of a singular one."""
    @overload
    def max(self, dim: None = None, keepdim: _bool = False) -> Tensor: ...
    @overload
    def max(self, dim: _int, keepdim: _bool = False) -> _values_indices: ...
    @overload
    def max(self, dim: Tensor) -> Tensor:
        """`max(input)`: the largest element, 0-d. `max(input, dim, keepdim=False)`: the largest along an axis, with their
        indices (the first of equals), as a named tuple `(values, indices)`. `max(input, other)`: the larger of two, element
        by element. NaN wins. `max(input)` shares the gradient among equals, `max(input, dim)` gives it to the one at
        `indices`.
        Raises: IndexError if there is no axis `dim`, or it has no elements; RuntimeError for an empty tensor without `dim`."""
    def maximum(self, other: Tensor | _Number) -> Tensor:
        """The larger of two elements; NaN if either is NaN. Where both are equal each gets half of the gradient."""
    def maximum_(self, other: Tensor | _Number) -> Self:
        """`maximum` in place: writes to the tensor itself."""
    def mean(
        self, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False, *, dtype: _dtype | None = None
    ) -> Tensor:
        """The mean over axes `dim` (all if None); NaN of nothing. Takes floats, or integers with `dtype=` a float.
        Raises: IndexError if an axis is out of range; RuntimeError for integers without `dtype`."""
    @overload
    def median(self, dim: None = None, keepdim: _bool = False) -> Tensor: ...
    @overload
    def median(self, dim: _int, keepdim: _bool = False) -> _values_indices:
        """`median(input)`: the median of all elements; of an even number the lower of the two in the middle.
        `median(input, dim, keepdim=False)`: the medians along an axis, with their indices. NaN if there is one.
        Raises: IndexError if `dim` is out of range or that axis is empty."""
    @overload
    def min(self, dim: None = None, keepdim: _bool = False) -> Tensor: ...
    @overload
    def min(self, dim: _int, keepdim: _bool = False) -> _values_indices: ...
    @overload
    def min(self, dim: Tensor) -> Tensor:
        """`min(input)`: the smallest element, 0-d. `min(input, dim, keepdim=False)`: the smallest along an axis, with their
        indices (the first of equals), as a named tuple `(values, indices)`. `min(input, other)`: the smaller of two,
        element by element. NaN wins. `min(input)` shares the gradient among equals, `min(input, dim)` gives it to the one
        at `indices`.
        Raises: IndexError if there is no axis `dim`, or it has no elements; RuntimeError for an empty tensor without `dim`."""
    def minimum(self, other: Tensor | _Number) -> Tensor:
        """The smaller of two elements; NaN if either is NaN. Where both are equal each gets half of the gradient."""
    def minimum_(self, other: Tensor | _Number) -> Self:
        """`minimum` in place: writes to the tensor itself."""
    def mm(self, mat2: Tensor | _Number) -> Tensor:
        """The product of two matrices: (n, k) times (k, m) is (n, m). Nothing broadcasts.
        Raises: RuntimeError if an operand is not 2-d, or `k` or the dtypes differ."""
    def mode(self, dim: _int = -1, keepdim: _bool = False) -> _values_indices:
        """The most frequent elements along axis `dim` (the smallest of several), and the index of one such element (the last).
        Raises: IndexError if `dim` is out of range or that axis is empty."""
    def movedim(self, source: _int | Sequence[_int], destination: _int | Sequence[_int]) -> Tensor:
        """Axes `source` (one or several) moved to the places `destination`; the others keep their order. A view.
        Raises: IndexError if an axis is out of range; ValueError if one comes twice, or there are not as many of both."""
    def moveaxis(self, source: _int | Sequence[_int], destination: _int | Sequence[_int]) -> Tensor:
        """Axes `source` (one or several) moved to the places `destination`; the others keep their order. A view.
        Raises: IndexError if an axis is out of range; ValueError if one comes twice, or there are not as many of both."""
    def msort(self) -> Tensor:
        """The elements in ascending order along the first axis: `sort(input, dim=0).values`."""
    def mul(self, other: Tensor | _Number) -> Tensor:
        """`input * other`, element by element, with broadcasting and type promotion."""
    def mul_(self, other: Tensor | _Number) -> Self:
        """`mul` in place: writes to the tensor itself."""
    def multiply(self, other: Tensor | _Number) -> Tensor:
        """`input * other`, element by element, with broadcasting and type promotion."""
    def multiply_(self, other: Tensor | _Number) -> Self:
        """`multiply` in place: writes to the tensor itself."""
    def multinomial(
        self, num_samples: _int, replacement: _bool = False, *, generator: Generator | None = None
    ) -> Tensor:
        """Indices drawn with probabilities proportional to the rows of `input` (categories) or (rows, categories): int64 of
        shape (num_samples) or (rows, num_samples). Without `replacement` no index comes twice in a row. Source: Efraimidis
        and Spirakis, "Weighted random sampling with a reservoir" (2006).
        Raises: ValueError if a weight is negative or not finite, none is positive, or without replacement fewer are than
        samples are wanted."""
    def mv(self, vec: Tensor | _Number) -> Tensor:
        """The product of a matrix (n, m) and a vector (m): a vector (n).
        Raises: RuntimeError if the shapes do not fit."""
    def mvlgamma(self, p: _int) -> Tensor:
        """The logarithm of the multivariate gamma function of dimension `p`,
        `p (p - 1) / 4 * log(pi) + sum(lgamma(input - j / 2) for j in range(p))`; elements are above `(p - 1) / 2`.
        Raises: ValueError if `p` is below 1."""
    def mvlgamma_(self, p: _int) -> Self:
        """`mvlgamma` in place: writes to the tensor itself."""
    def nan_to_num(
        self, nan: _float | None = None, posinf: _float | None = None, neginf: _float | None = None
    ) -> Tensor:
        """`input` with other numbers for NaN (`nan`, by default 0), infinity (`posinf`, by default the largest of the dtype)
        and minus infinity (`neginf`, by default the lowest)."""
    def nan_to_num_(
        self, nan: _float | None = None, posinf: _float | None = None, neginf: _float | None = None
    ) -> Self:
        """`nan_to_num` in place: writes to the tensor itself."""
    def nanmean(
        self, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False, *, dtype: _dtype | None = None
    ) -> Tensor:
        """The mean of the elements that are not NaN over axes `dim` (all if None); NaN if there are none.
        Raises: IndexError if an axis is out of range; RuntimeError for integers."""
    @overload
    def nanmedian(self, dim: None = None, keepdim: _bool = False) -> Tensor: ...
    @overload
    def nanmedian(self, dim: _int, keepdim: _bool = False) -> _values_indices:
        """As `median`, of the elements that are not NaN."""
    def nanquantile(
        self, q: Any, dim: _int | None = None, keepdim: _bool = False, *, interpolation: str = "linear"
    ) -> Tensor:
        """As `quantile`, of the elements that are not NaN; NaN if there are none.
        Raises: as `quantile`."""
    def nansum(
        self, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False, *, dtype: _dtype | None = None
    ) -> Tensor:
        """The sum of the elements that are not NaN over axes `dim` (all if None). Integers and bool give int64.
        Raises: IndexError if an axis is out of range."""
    def narrow(self, dim: _int, start: _int, length: _int) -> Tensor:
        """Elements `start` to `start + length` of axis `dim`. A view.
        Raises: IndexError if `dim` or `start` is out of range; ValueError if there are not so many elements."""
    def narrow_copy(self, dim: _int, start: _int, length: _int) -> Tensor:
        """Elements `start` to `start + length` of axis `dim`, copied; `narrow` gives a view.
        Raises: IndexError if `dim` or `start` is out of range; ValueError if there are not so many elements."""
    def ne(self, other: Tensor | _Number) -> Tensor:
        """`input != other`, element by element, with broadcasting. NaN differs from everything."""
    def ne_(self, other: Tensor | _Number) -> Self:
        """`ne` in place: writes to the tensor itself."""
    def not_equal(self, other: Tensor | _Number) -> Tensor:
        """`input != other`, element by element, with broadcasting. NaN differs from everything."""
    def not_equal_(self, other: Tensor | _Number) -> Self:
        """`not_equal` in place: writes to the tensor itself."""
    def neg(self) -> Tensor:
        """`-input`.
        Raises: RuntimeError for bools; `~` or `logical_not` is meant then."""
    def neg_(self) -> Self:
        """`neg` in place: writes to the tensor itself."""
    def negative(self) -> Tensor:
        """`-input`.
        Raises: RuntimeError for bools; `~` or `logical_not` is meant then."""
    def negative_(self) -> Self:
        """`negative` in place: writes to the tensor itself."""
    def new_empty(
        self,
        *size: Any,
        dtype: _dtype | None = None,
        device: Any = None,
        requires_grad: _bool = False,
        layout: _layout | None = None,
        pin_memory: _bool | None = False,
    ) -> Tensor:
        """A tensor of shape `size` and the dtype of `input` that holds anything: write before you read.

        >>> rt.tensor([1, 2]).new_empty(2, 3).shape
        rutile.Size([2, 3])"""
    def new_empty_strided(
        self,
        size: _int | Sequence[_int],
        stride: _int | Sequence[_int],
        *,
        dtype: _dtype | None = None,
        device: Any = None,
        requires_grad: _bool = False,
        layout: _layout | None = None,
        pin_memory: _bool | None = False,
    ) -> Tensor:
        """A tensor of the given size and strides (in elements) and the dtype of `input`; it holds zeros.
        Raises: RuntimeError for a negative size or another number of strides than sizes.

        >>> rt.zeros(1, dtype=rt.int32).new_empty_strided((2, 3), (1, 2)).dtype
        rutile.int32"""
    def new_full(
        self,
        size: _int | Sequence[_int],
        fill_value: _Number,
        *,
        dtype: _dtype | None = None,
        device: Any = None,
        requires_grad: _bool = False,
        layout: _layout | None = None,
        pin_memory: _bool | None = False,
    ) -> Tensor:
        """A tensor of shape `size` and the dtype of `input` filled with one number.

        >>> rt.tensor([1.0, 2.0]).new_full((3,), 5)
        tensor([5., 5., 5.])"""
    def new_ones(
        self,
        *size: Any,
        dtype: _dtype | None = None,
        device: Any = None,
        requires_grad: _bool = False,
        layout: _layout | None = None,
        pin_memory: _bool | None = False,
    ) -> Tensor:
        """Ones of shape `size` and the dtype of `input`.

        >>> rt.tensor([1, 2]).new_ones(3)
        tensor([1, 1, 1])"""
    def new_zeros(
        self,
        *size: Any,
        dtype: _dtype | None = None,
        device: Any = None,
        requires_grad: _bool = False,
        layout: _layout | None = None,
        pin_memory: _bool | None = False,
    ) -> Tensor:
        """Zeros of shape `size` and the dtype of `input`.

        >>> rt.tensor([1, 2]).new_zeros(2, 3)
        tensor([[0, 0, 0],
                [0, 0, 0]])"""
    def nextafter(self, other: Tensor | _Number) -> Tensor:
        """The next number after `input` in the direction of `other`, in the common dtype of both floats.
        Raises: RuntimeError for integers."""
    def nextafter_(self, other: Tensor | _Number) -> Self:
        """`nextafter` in place: writes to the tensor itself."""
    @overload
    def nonzero(self, *, as_tuple: Literal[False] = False) -> Tensor: ...
    @overload
    def nonzero(self, *, as_tuple: Literal[True]) -> tuple[Tensor, ...]:
        """The indices of elements that are not zero: (count, axes), int64, in row-major order. `as_tuple` gives one tensor an
        axis, which `x[...]` takes."""
    def nonzero_static(self, *, size: _int, fill_value: _int = -1) -> Tensor:
        """The first `size` indices of elements that are not zero: (size, axes), int64, whatever `input` holds; rows that are
        missing hold `fill_value`.
        Raises: ValueError if `size` is negative."""
    def norm(
        self,
        p: Any = "fro",
        dim: _int | Sequence[_int] | None = None,
        keepdim: _bool = False,
        dtype: _dtype | None = None,
    ) -> Tensor:
        """The vector norm of order `p` over axes `dim` (all if None): `sum(|x|**p) ** (1/p)`; `"fro"` is 2, `"nuc"` the
        nuclear norm of matrices, `inf` and `-inf` give extremes, 0 counts. The derivative of the 2-norm at 0 is 0.
        Raises: IndexError if an axis is out of range; ValueError for another word; RuntimeError for integers, and for
        `"nuc"` of vectors."""
    def normal_(self, mean: _float = 0.0, std: _float = 1.0, *, generator: Generator | None = None) -> Self:
        """Overwrites the tensor with normal random numbers of the given mean and standard deviation.
        Raises: ValueError for a negative `std`; RuntimeError for integers.

        >>> x = rt.empty(10000).normal_(5.0, 0.1)
        >>> (x.mean() - 5).abs().item() < 0.01
        True"""
    def outer(self, vec2: Tensor | _Number) -> Tensor:
        """All products of an element of one vector (n) with an element of the other (m): (n, m),
        `out[i][j] = input[i] * vec2[j]`.
        Raises: RuntimeError if an operand is not 1-d."""
    def ger(self, vec2: Tensor | _Number) -> Tensor:
        """All products of an element of one vector (n) with an element of the other (m): (n, m),
        `out[i][j] = input[i] * vec2[j]`.
        Raises: RuntimeError if an operand is not 1-d."""
    def permute(self, *dims: Any) -> Tensor:
        """The axes in the order `dims`: axis `i` of the result is axis `dims[i]` of `input`. A view.
        Raises: RuntimeError unless `dims` names every axis once; IndexError if one is out of range."""
    def pinverse(self, rcond: _float = 1e-15) -> Tensor:
        """The pseudoinverse; singular values up to `rcond` times the largest count as zero. See `linalg.pinv`."""
    def polygamma(self, n: _int) -> Tensor:
        """`rutile.polygamma(n, input)`: derivative number `n` of `digamma`.
        Raises: ValueError if `n` is negative.

        >>> rt.tensor([1.0, 2.0]).polygamma(1)
        tensor([1.6449, 0.6449])"""
    def polygamma_(self, n: _int) -> Self:
        """`polygamma` in place: writes to the tensor itself."""
    def positive(self) -> Tensor:
        """The tensor itself, what `+x` gives.
        Raises: RuntimeError for bools, which have no sign."""
    def pow(self, exponent: Tensor | _Number) -> Tensor:
        """`input` to the power `exponent`, element by element; each is a tensor or a number.
        Raises: RuntimeError for integers to a negative power."""
    def pow_(self, exponent: Tensor | _Number) -> Self:
        """`pow` in place: writes to the tensor itself."""
    def prelu(self, weight: Tensor | _Number) -> Tensor:
        """`input` where positive, else `weight * input`; `weight` has one element or one per channel (axis 1). Source: He et
        al., "Delving deep into rectifiers" (2015).
        Raises: RuntimeError if `weight` has neither one element nor one per channel."""
    def prod(
        self, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False, *, dtype: _dtype | None = None
    ) -> Tensor:
        """The product over axes `dim` (all if None); 1 of nothing. Integers and bool give int64. The derivative holds at zeros
        too.
        Raises: IndexError if an axis is out of range."""
    def put(self, index: Tensor | _Number, source: Tensor | _Number, accumulate: _bool = False) -> Tensor:
        """`input` with the elements of `source` written to (or, with `accumulate`, added at) the places `index` of the
        flattened tensor; `source` has as many elements as `index`.
        Raises: IndexError if an index is out of range or the numbers of elements differ; RuntimeError if the dtypes do."""
    def put_(self, index: Tensor | _Number, source: Tensor | _Number, accumulate: _bool = False) -> Self:
        """`put` in place: writes to the tensor itself."""
    def qr(self, some: _bool = True) -> _Q_R:
        """As `linalg.qr`: with `some` the reduced factors, else the complete ones."""
    def quantile(
        self, q: Any, dim: _int | None = None, keepdim: _bool = False, *, interpolation: str = "linear"
    ) -> Tensor:
        """The `q`-th quantiles along axis `dim` (of all elements if None): of `n` sorted elements that of rank `q * (n - 1)`.
        `q` is a number in [0, 1] or a 1-d tensor of several, which then are the first axis of the result. Between two ranks
        the result is found by `interpolation`: "linear", "lower", "higher", "midpoint" or "nearest". NaN if there is one.
        Raises: ValueError if a `q` is outside [0, 1], `interpolation` is another word, or `input` is empty; RuntimeError
        unless both are floats of one dtype."""
    def rad2deg(self) -> Tensor:
        """Radians to degrees."""
    def rad2deg_(self) -> Self:
        """`rad2deg` in place: writes to the tensor itself."""
    def random_(self, from_: _int | None = None, to: _int | None = None, *, generator: Generator | None = None) -> Self:
        """Overwrites the tensor with uniform random integers: `random_()` from 0 to the largest that the dtype holds,
        `random_(to)` in [0, to), `random_(from, to)` in [from, to).
        Raises: ValueError if `from >= to` or the dtype does not hold them all.

        >>> rt.zeros(1000).random_(1, 4).unique()
        tensor([1., 2., 3.])"""
    def ravel(self) -> Tensor:
        """All elements in row-major order along one axis. A view if strides allow, else a copy."""
    def reciprocal(self) -> Tensor:
        """`1 / input`."""
    def reciprocal_(self) -> Self:
        """`reciprocal` in place: writes to the tensor itself."""
    def relu(self, inplace: _bool = False) -> Tensor:
        """Rectified linear unit, `max(input, 0)`. The derivative at 0 is 0. Source: Nair and Hinton (2010)."""
    def relu_(self, inplace: _bool = False) -> Self:
        """`relu` in place: writes to the tensor itself."""
    def remainder(self, other: Tensor | _Number) -> Tensor:
        """The remainder of `input / other` with the sign of `other`, as Python's `%`; `input - floor_divide(input, other) *
        other`.
        Raises: RuntimeError if integers are divided by zero; floats give NaN."""
    def remainder_(self, other: Tensor | _Number) -> Self:
        """`remainder` in place: writes to the tensor itself."""
    def renorm(self, p: _float, dim: _int, maxnorm: _float) -> Tensor:
        """The slices along axis `dim`, those whose `p`-norm is above `maxnorm` scaled down to it.
        Raises: RuntimeError for fewer than two axes; ValueError unless `p > 0` and `maxnorm >= 0`."""
    def renorm_(self, p: _float, dim: _int, maxnorm: _float) -> Self:
        """`renorm` in place: writes to the tensor itself."""
    def repeat(self, *repeats: Any) -> Tensor:
        """The tensor `repeats[i]` times along axis `i`, copied; surplus repeats make new leading axes.
        Raises: RuntimeError if there are fewer repeats than axes, or one is negative.

        >>> rt.tensor([[1, 2]]).repeat(2, 2)
        tensor([[1, 2, 1, 2],
                [1, 2, 1, 2]])
        >>> rt.tensor([1, 2]).repeat(3, 1)
        tensor([[1, 2],
                [1, 2],
                [1, 2]])"""
    def repeat_interleave(self, repeats: Tensor | _Number, dim: _int | None = None) -> Tensor:
        """Every element (along axis `dim`; of the flattened tensor without it) `repeats` times in a row. `repeats` is a number
        or one integer per element of the axis.
        Raises: RuntimeError if `repeats` is negative or of another length; IndexError if there is no axis `dim`."""
    def reshape(self, *shape: Any) -> Tensor:
        """The same elements in row-major order under another shape; one size may be -1. A view if strides allow, else a copy.
        Raises: RuntimeError if the numbers of elements differ; ValueError for several -1."""
    def resize_(self, *size: Any, memory_format: _memory_format | None = None) -> Self:
        """Gives the tensor itself another shape, in row-major order (or that of `memory_format`) on its storage. Where that is
        too small it is replaced; what is beyond the old elements is zero then.
        Raises: RuntimeError if the tensor requires grad or a size is negative.

        >>> rt.tensor([1, 2, 3, 4]).resize_(2, 3)
        tensor([[1, 2, 3],
                [4, 0, 0]])"""
    def resize_as_(self, the_template: Tensor | _Number, *, memory_format: _memory_format | None = None) -> Self:
        """Gives the tensor itself the shape of `the_template`, and with `memory_format=preserve_format` its order of axes; see
        `resize_`.
        Raises: RuntimeError if the tensor requires grad."""
    def resolve_conj(self) -> Tensor:
        """The tensor itself: conjugates are computed at once."""
    def resolve_neg(self) -> Tensor:
        """The tensor itself: negations are computed at once."""
    def roll(self, shifts: _int | Sequence[_int], dims: _int | Sequence[_int] | None = None) -> Tensor:
        """The tensor shifted by `shifts` places along axes `dims`; what leaves at the end comes in at the start. Without
        `dims` the flattened tensor is shifted.
        Raises: RuntimeError unless there is a shift for each of `dims`; IndexError if there is no such axis."""
    def rot90(self, k: _int = 1, dims: _int | Sequence[_int] | None = None) -> Tensor:
        """The plane of axes `dims` (by default the first two) turned by `k` quarters, from the first axis towards the second,
        copied.
        Raises: IndexError if an axis is out of range; RuntimeError if they are not two different ones."""
    def round(self, *, decimals: _int = 0) -> Tensor:
        """Nearest number with `decimals` decimal places (left of the point if negative); ties go to even."""
    def round_(self, *, decimals: _int = 0) -> Self:
        """`round` in place: writes to the tensor itself."""
    def rsqrt(self) -> Tensor:
        """`1 / sqrt(input)`: infinite at 0, NaN below."""
    def rsqrt_(self) -> Self:
        """`rsqrt` in place: writes to the tensor itself."""
    def scatter(
        self,
        dim: _int,
        index: Tensor | _Number,
        src: Tensor | _Number | None = None,
        *,
        value: _Number | None = None,
        reduce: str | None = None,
    ) -> Tensor:
        """`input` with `src` (a tensor, or a number, which may also be called `value`) written at `index` along axis `dim`; the
        last of equal places wins. With `reduce` it is added (`"add"`) or multiplied (`"multiply"`) to what is there instead,
        equal places one after the other. See also `scatter_reduce`.
        Raises: RuntimeError if `index` is larger than `src`, or than `input` apart from `dim`; IndexError if an index or
        `dim` is out of range; TypeError unless one of `src` and `value` is given."""
    def scatter_(
        self,
        dim: _int,
        index: Tensor | _Number,
        src: Tensor | _Number | None = None,
        *,
        value: _Number | None = None,
        reduce: str | None = None,
    ) -> Self:
        """`scatter` in place: writes to the tensor itself."""
    def scatter_add(self, dim: _int, index: Tensor | _Number, src: Tensor | _Number) -> Tensor:
        """`input` with `src` added at `index` along axis `dim`: `out[index[i][j]][j] += src[i][j]` for `dim=0`. Equal places
        add up. The derivative by `src` is `gather`.
        Raises: RuntimeError if `index` is larger than `src`, or than `input` apart from `dim`; IndexError if an index or
        `dim` is out of range."""
    def scatter_add_(self, dim: _int, index: Tensor | _Number, src: Tensor | _Number) -> Self:
        """`scatter_add` in place: writes to the tensor itself."""
    def scatter_reduce(
        self, dim: _int, index: Tensor | _Number, src: Tensor | _Number, reduce: str, *, include_self: _bool = True
    ) -> Tensor:
        """`input` combined with the elements of `src` at `index` along axis `dim`, as `scatter_add` places them. `reduce` is
        `"sum"`, `"prod"`, `"mean"`, `"amax"` or `"amin"`; without `include_self` the old elements of places that are hit do
        not count. Equal extremes share the gradient.
        Raises: ValueError if `reduce` is another word; IndexError if an index is out of range; RuntimeError if `index` does
        not fit `input` and `src`."""
    def scatter_reduce_(
        self, dim: _int, index: Tensor | _Number, src: Tensor | _Number, reduce: str, *, include_self: _bool = True
    ) -> Self:
        """`scatter_reduce` in place: writes to the tensor itself."""
    def select(self, dim: _int, index: _int) -> Tensor:
        """Element `index` of axis `dim`; the axis goes. A view: `input[index]` with `dim` 0.
        Raises: IndexError if `dim` or `index` is out of range."""
    def select_scatter(self, src: Tensor | _Number, dim: _int, index: _int) -> Tensor:
        """`input` with `src` in place of element `index` of axis `dim`, copied; `src` has the shape of
        `input.select(dim, index)`.
        Raises: IndexError if `dim` or `index` is out of range; RuntimeError if the shape of `src` does not fit."""
    def set_(self, source: Tensor | _Number | None = None) -> Self:
        """Makes the tensor itself another handle on the bytes of `source`, with its shape and dtype; without `source`, empty.
        Raises: RuntimeError if the tensor requires grad or the dtypes differ.

        >>> a, b = rt.zeros(3), rt.tensor([1.0, 2.0])
        >>> _ = a.set_(b)
        >>> b[0] = 10
        >>> a
        tensor([10.,  2.])"""
    def sgn(self) -> Tensor:
        """`input / |input|`, 0 at 0: the direction of complex numbers, the sign of real ones."""
    def sgn_(self) -> Self:
        """`sgn` in place: writes to the tensor itself."""
    def sigmoid(self) -> Tensor:
        """The logistic function, `1 / (1 + e**-input)`."""
    def sigmoid_(self) -> Self:
        """`sigmoid` in place: writes to the tensor itself."""
    def sign(self) -> Tensor:
        """-1, 0 or 1 by the sign of `input`. The derivative is 0. Complex numbers have `sgn`."""
    def sign_(self) -> Self:
        """`sign` in place: writes to the tensor itself."""
    def signbit(self) -> Tensor:
        """True where the sign bit is set, also that of -0."""
    def sin(self) -> Tensor:
        """Sine of an angle in radians."""
    def sin_(self) -> Self:
        """`sin` in place: writes to the tensor itself."""
    def sinc(self) -> Tensor:
        """`sin(pi input) / (pi input)`, 1 at 0."""
    def sinc_(self) -> Self:
        """`sinc` in place: writes to the tensor itself."""
    def sinh(self) -> Tensor:
        """Hyperbolic sine."""
    def sinh_(self) -> Self:
        """`sinh` in place: writes to the tensor itself."""
    def slice_scatter(
        self, src: Tensor | _Number, dim: _int = 0, start: _int | None = None, end: _int | None = None, step: _int = 1
    ) -> Tensor:
        """`input` with `src` in place of `start:end:step` along axis `dim`, copied; `src` has the shape of that slice.
        Raises: IndexError if `dim` is out of range; RuntimeError if the shape of `src` does not fit."""
    def slogdet(self) -> _sign_logabsdet:
        """The sign (-1, 0 or 1) of each determinant and the logarithm of its size, where the determinant itself might
        overflow.
        Raises: RuntimeError if a matrix is not square."""
    def softmax(self, dim: _int, dtype: _dtype | None = None) -> Tensor:
        """`exp(input) / sum(exp(input))` along axis `dim`, without overflow. `dtype` converts the input first.
        Raises: IndexError if `dim` is out of range; RuntimeError for integers without `dtype`."""
    def sort(self, dim: _int = -1, descending: _bool = False, stable: _bool | None = False) -> _values_indices:
        """The elements in ascending order along axis `dim`, and their indices in `input`. NaN comes after everything. Equal
        elements stay in their order, with or without `stable`.
        Raises: IndexError if `dim` is out of range."""
    def split(self, split_size_or_sections: Any, dim: _int = 0) -> tuple[Tensor, ...]:
        """Pieces along axis `dim`, views: of length `split_size_or_sections` (the last may be shorter), or of the given
        lengths.
        Raises: RuntimeError if the lengths do not sum to that of the axis; IndexError if `dim` is out of range."""
    def unsafe_split(self, split_size_or_sections: Any, dim: _int = 0) -> tuple[Tensor, ...]:
        """Pieces along axis `dim`, views: of length `split_size_or_sections` (the last may be shorter), or of the given
        lengths.
        Raises: RuntimeError if the lengths do not sum to that of the axis; IndexError if `dim` is out of range."""
    def split_with_sizes(self, split_sizes: _int | Sequence[_int], dim: _int = 0) -> tuple[Tensor, ...]:
        """Pieces of the given lengths along axis `dim`, views.
        Raises: RuntimeError if the lengths do not sum to that of the axis."""
    def unsafe_split_with_sizes(self, split_sizes: _int | Sequence[_int], dim: _int = 0) -> tuple[Tensor, ...]:
        """Pieces of the given lengths along axis `dim`, views.
        Raises: RuntimeError if the lengths do not sum to that of the axis."""
    def sqrt(self) -> Tensor:
        """Square root; NaN below 0."""
    def sqrt_(self) -> Self:
        """`sqrt` in place: writes to the tensor itself."""
    def square(self) -> Tensor:
        """`input * input`."""
    def square_(self) -> Self:
        """`square` in place: writes to the tensor itself."""
    def squeeze(self, *dim: Any) -> Tensor:
        """Without axes of length one: all of them, or those among `dim` (others stay). A view.
        Raises: IndexError if `dim` is out of range."""
    def squeeze_(self, *dim: Any) -> Self:
        """Takes axes of length one from the tensor itself: all of them, or those among `dim`.
        Raises: IndexError if `dim` is out of range.

        >>> rt.zeros(1, 2, 1).squeeze_().shape
        rutile.Size([2])"""
    def std(
        self,
        dim: Any = None,
        unbiased: _bool | None = None,
        keepdim: _bool = False,
        *,
        correction: _float | None = None,
    ) -> Tensor:
        """The standard deviation over axes `dim` (all if None): the root of `var`, with the same arguments.
        Raises: IndexError if an axis is out of range; RuntimeError for integers; TypeError for both `unbiased` and
        `correction`."""
    def stft(
        self,
        n_fft: _int,
        hop_length: _int | None = None,
        win_length: _int | None = None,
        window: Tensor | _Number | None = None,
        center: _bool = True,
        pad_mode: str = "reflect",
        normalized: _bool = False,
        onesided: _bool | None = None,
        return_complex: _bool | None = None,
    ) -> Tensor:
        """The short-time Fourier transform of signals (time) or (batch, time): `fft` of windows of `n_fft` samples,
        `hop_length` (by default `n_fft // 4`) apart, as (batch, frequency, frame). `window`, of `win_length` samples (by
        default `n_fft`), multiplies each and is padded to `n_fft` on both sides. With `center`, frame `t` is around sample
        `t * hop_length`: the signal gets `n_fft // 2` more samples on both sides by `pad_mode`. `normalized` divides by
        `sqrt(n_fft)`; `onesided` (the default of real signals) leaves out the frequencies that are conjugates of others.
        `return_complex=False` gives real and imaginary parts as a last axis.
        Raises: RuntimeError if the signal is shorter than a window, or without `return_complex` for a real one."""
    def sub(self, other: Tensor | _Number, *, alpha: _float = 1.0) -> Tensor:
        """`input - alpha * other`, element by element, with broadcasting and type promotion.
        Raises: RuntimeError if both are bool; `^` or `logical_xor` is meant then."""
    def sub_(self, other: Tensor | _Number, *, alpha: _float = 1.0) -> Self:
        """`sub` in place: writes to the tensor itself."""
    def subtract(self, other: Tensor | _Number, *, alpha: _float = 1.0) -> Tensor:
        """`input - alpha * other`, element by element, with broadcasting and type promotion.
        Raises: RuntimeError if both are bool; `^` or `logical_xor` is meant then."""
    def subtract_(self, other: Tensor | _Number, *, alpha: _float = 1.0) -> Self:
        """`subtract` in place: writes to the tensor itself."""
    def sum(
        self, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False, *, dtype: _dtype | None = None
    ) -> Tensor:
        """The sum over axes `dim` (all if None). Integers and bool give int64. Sums are pairwise in fixed blocks: the same
        bits for any number of threads.
        Raises: IndexError if an axis is out of range; ValueError if one comes twice."""
    def sum_to_size(self, *size: Any) -> Tensor:
        """The sum over the axes along which a tensor of shape `size` would be broadcast to that of `input`; the result has
        shape `size`.
        Raises: RuntimeError if `size` does not broadcast to the shape of `input`.

        >>> rt.ones(3, 2).sum_to_size(1, 2)
        tensor([[3., 3.]])"""
    def svd(self, some: _bool = True, compute_uv: _bool = True) -> _U_S_V:
        """As `linalg.svd`, but with `V` in place of its transpose: `input = U diag(S) V.T`. With `some` the reduced vectors,
        without `compute_uv` zeros in place of vectors."""
    def t(self) -> Tensor:
        """A matrix transposed; 0-d and 1-d tensors as they are. A view.
        Raises: RuntimeError for more than two axes."""
    def t_(self) -> Self:
        """Transposes the matrix itself; 0-d and 1-d tensors stay as they are.
        Raises: RuntimeError for more than two axes.

        >>> rt.zeros(2, 3).t_().shape
        rutile.Size([3, 2])"""
    def take(self, index: Tensor | _Number) -> Tensor:
        """Elements of the flattened tensor at `index`, in the shape of `index`. Negative indices count from the end.
        Raises: IndexError if an index is out of range or not an integer."""
    def take_along_dim(self, indices: Tensor | _Number, dim: _int | None = None) -> Tensor:
        """Elements picked along axis `dim` by `indices`, which broadcast with `input` on the other axes; without `dim`, of the
        flattened tensor. With `argsort` or `argmax(keepdim=True)` it applies what they found.
        Raises: IndexError if an index is out of range."""
    def tan(self) -> Tensor:
        """Tangent of an angle in radians."""
    def tan_(self) -> Self:
        """`tan` in place: writes to the tensor itself."""
    def tanh(self) -> Tensor:
        """Hyperbolic tangent."""
    def tanh_(self) -> Self:
        """`tanh` in place: writes to the tensor itself."""
    def tensor_split(self, indices_or_sections: Any, dim: _int = 0) -> tuple[Tensor, ...]:
        """Pieces along axis `dim`, views: a number of them, as equal as can be (the first ones are longer by one), or cut
        before the given indices.
        Raises: ValueError if the number is not positive; RuntimeError for a 0-d tensor."""
    def tile(self, *dims: Any) -> Tensor:
        """As `repeat`, but missing leading numbers are 1: NumPy's `tile`.
        Raises: RuntimeError if a number is negative."""
    def topk(self, k: _int, dim: _int = -1, largest: _bool = True, sorted: _bool = True) -> _values_indices:
        """The `k` largest (or smallest) elements along axis `dim`, the most extreme first, and their indices: both have length
        `k` there. Of equal elements those with lower indices are taken. The result is in order whatever `sorted` says.
        Raises: ValueError if `k` is more than the axis holds or negative; IndexError if `dim` is out of range."""
    def trace(self) -> Tensor:
        """The sum of the main diagonal of a matrix (2-d), as a 0-d tensor. Integers give int64.
        Raises: RuntimeError unless the input is 2-d."""
    def transpose(self, dim0: _int, dim1: _int) -> Tensor:
        """Two axes exchanged. A view.
        Raises: IndexError if an axis is out of range."""
    def swapaxes(self, dim0: _int, dim1: _int) -> Tensor:
        """Two axes exchanged. A view.
        Raises: IndexError if an axis is out of range."""
    def swapdims(self, dim0: _int, dim1: _int) -> Tensor:
        """Two axes exchanged. A view.
        Raises: IndexError if an axis is out of range."""
    def transpose_(self, dim0: _int, dim1: _int) -> Self:
        """Exchanges two axes of the tensor itself.
        Raises: IndexError if an axis is out of range.

        >>> rt.zeros(2, 3).transpose_(0, 1).shape
        rutile.Size([3, 2])"""
    def swapaxes_(self, dim0: _int, dim1: _int) -> Self:
        """Exchanges two axes of the tensor itself.
        Raises: IndexError if an axis is out of range."""
    def swapdims_(self, dim0: _int, dim1: _int) -> Self:
        """Exchanges two axes of the tensor itself.
        Raises: IndexError if an axis is out of range."""
    def triangular_solve(
        self, A: Tensor | _Number, upper: _bool = True, transpose: _bool = False, unitriangular: _bool = False
    ) -> _solution_cloned_coefficient:
        """The solution of `A X = b` (with `transpose`, of `A' X = b`) for triangular matrices, and a copy of `A`. See
        `linalg.solve_triangular`."""
    def tril(self, diagonal: _int = 0) -> Tensor:
        """The lower triangle of the last two axes: zero above diagonal number `diagonal` (0 the main one, positive ones
        above).
        Raises: RuntimeError if there are fewer than 2 axes."""
    def tril_(self, diagonal: _int = 0) -> Self:
        """`tril` in place: writes to the tensor itself."""
    def triu(self, diagonal: _int = 0) -> Tensor:
        """The upper triangle of the last two axes: zero below diagonal number `diagonal` (0 the main one, positive ones
        above).
        Raises: RuntimeError if there are fewer than 2 axes."""
    def triu_(self, diagonal: _int = 0) -> Self:
        """`triu` in place: writes to the tensor itself."""
    def true_divide(self, other: Tensor | _Number) -> Tensor:
        """`input / other` in floats, with broadcasting; `x / 0` is infinite, `0 / 0` NaN."""
    def true_divide_(self, other: Tensor | _Number) -> Self:
        """`true_divide` in place: writes to the tensor itself."""
    def trunc(self) -> Tensor:
        """Integer part, in the dtype of `input`: rounded towards 0."""
    def trunc_(self) -> Self:
        """`trunc` in place: writes to the tensor itself."""
    def fix(self) -> Tensor:
        """Integer part, in the dtype of `input`: rounded towards 0."""
    def fix_(self) -> Self:
        """`fix` in place: writes to the tensor itself."""
    def unbind(self, dim: _int = 0) -> tuple[Tensor, ...]:
        """The slices along axis `dim`, without that axis: a tuple of views.
        Raises: IndexError if `dim` is out of range, and for a 0-d tensor."""
    def unflatten(self, dim: _int, sizes: _int | Sequence[_int]) -> Tensor:
        """Axis `dim` cut into several; one size may be -1.
        Raises: IndexError if `dim` is out of range; RuntimeError if the sizes do not fit."""
    def unfold(self, dimension: _int, size: _int, step: _int) -> Tensor:
        """All windows of `size` elements along axis `dimension`, `step` apart, as a new last axis: length `l` becomes
        `(l - size) // step + 1`. A view.
        Raises: IndexError if `dimension` is out of range; ValueError if no window fits or `step` is not positive.

        >>> rt.arange(5).unfold(0, 3, 1)
        tensor([[0, 1, 2],
                [1, 2, 3],
                [2, 3, 4]])"""
    def uniform_(self, from_: _float = 0.0, to: _float = 1.0, *, generator: Generator | None = None) -> Self:
        """Overwrites the tensor with uniform random numbers in [from, to).
        Raises: ValueError if `from > to`; RuntimeError for integers.

        >>> x = rt.empty(1000).uniform_(-1, 1)
        >>> ((x >= -1) & (x < 1)).all().item()
        True"""
    def unique(
        self, sorted: _bool = True, return_inverse: _bool = False, return_counts: _bool = False, dim: _int | None = None
    ) -> Any:
        """The different elements, 1-d, in ascending order whatever `sorted` says; with `dim` the different slices along that
        axis, in lexicographic order. `return_inverse` adds where each element (or slice) is in the result, `return_counts`
        how often it occurs. Every NaN is different."""
    def unique_consecutive(
        self, return_inverse: _bool = False, return_counts: _bool = False, dim: _int | None = None
    ) -> Any:
        """The elements without repetitions of their predecessor, 1-d; with `dim` the slices along that axis. Otherwise as
        `unique`."""
    def unsqueeze(self, dim: _int) -> Tensor:
        """A new axis of length one at `dim`, of the result. A view.
        Raises: IndexError if `dim` is out of range."""
    def unsqueeze_(self, dim: _int) -> Self:
        """Gives the tensor itself a new axis of length one at `dim`.
        Raises: IndexError if `dim` is out of range.

        >>> rt.zeros(2, 3).unsqueeze_(-1).shape
        rutile.Size([2, 3, 1])"""
    def var(
        self,
        dim: Any = None,
        unbiased: _bool | None = None,
        keepdim: _bool = False,
        *,
        correction: _float | None = None,
    ) -> Tensor:
        """The variance over axes `dim` (all if None): the sum of squared deviations from the mean, over `n - correction`
        (default 1; 0 for the variance of a whole population). NaN where that is not positive.
        Raises: IndexError if an axis is out of range; RuntimeError for integers; TypeError for both `unbiased` and
        `correction`."""
    def vdot(self, other: Tensor | _Number) -> Tensor:
        """The inner product of two vectors of one length, the first conjugated: of reals, `dot`. 0-d.
        Raises: RuntimeError if an operand is not 1-d, or the lengths or dtypes differ."""
    def vsplit(self, indices_or_sections: Any) -> tuple[Tensor, ...]:
        """Pieces one below the other, views: along axis 0. A number of equal ones, or cut before the given indices.
        Raises: RuntimeError if the number does not divide the length, or `input` has fewer than two axes."""
    def where(self, condition: Tensor | _Number, other: Tensor | _Number) -> Tensor:
        """The tensor where `condition` (bool) holds, else `other`; all three broadcast:
        `rutile.where(condition, input, other)`.
        Raises: RuntimeError if `condition` is not bool or the shapes do not fit.

        >>> x = rt.tensor([-1.0, 2.0])
        >>> x.where(x > 0, 0.0)
        tensor([0., 2.])"""
    def xlogy(self, other: Tensor | _Number) -> Tensor:
        """`input * log(other)`, and 0 where `input` is 0; both broadcast."""
    def xlogy_(self, other: Tensor | _Number) -> Self:
        """`xlogy` in place: writes to the tensor itself."""

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

__all__ = [
    "ArgumentError",
    "DTypeError",
    "Generator",
    "InternalError",
    "OutOfMemoryError",
    "RangeError",
    "ShapeError",
    "Tensor",
    "abs",
    "abs_",
    "absolute",
    "absolute_",
    "acos",
    "acos_",
    "acosh",
    "acosh_",
    "adaptive_avg_pool1d",
    "add",
    "add_",
    "addbmm",
    "addbmm_",
    "addcdiv",
    "addcdiv_",
    "addcmul",
    "addcmul_",
    "addmm",
    "addmm_",
    "addmv",
    "addmv_",
    "addr",
    "addr_",
    "adjoint",
    "all",
    "allclose",
    "amax",
    "amin",
    "aminmax",
    "angle",
    "any",
    "arange",
    "arccos",
    "arccos_",
    "arccosh",
    "arccosh_",
    "arcsin",
    "arcsin_",
    "arcsinh",
    "arcsinh_",
    "arctan",
    "arctan2",
    "arctan2_",
    "arctan_",
    "arctanh",
    "arctanh_",
    "argmax",
    "argmin",
    "argsort",
    "argwhere",
    "as_strided",
    "as_strided_",
    "as_strided_scatter",
    "as_tensor",
    "asin",
    "asin_",
    "asinh",
    "asinh_",
    "atan",
    "atan2",
    "atan2_",
    "atan_",
    "atanh",
    "atanh_",
    "avg_pool1d",
    "baddbmm",
    "baddbmm_",
    "bartlett_window",
    "bernoulli",
    "bfloat16",
    "bincount",
    "binomial",
    "bitwise_and",
    "bitwise_and_",
    "bitwise_left_shift",
    "bitwise_left_shift_",
    "bitwise_not",
    "bitwise_not_",
    "bitwise_or",
    "bitwise_or_",
    "bitwise_right_shift",
    "bitwise_right_shift_",
    "bitwise_xor",
    "bitwise_xor_",
    "blackman_window",
    "block_diag",
    "bmm",
    "bool",
    "broadcast_tensors",
    "broadcast_to",
    "bucketize",
    "byte",
    "cartesian_prod",
    "cat",
    "cdist",
    "cdouble",
    "ceil",
    "ceil_",
    "celu",
    "celu_",
    "cfloat",
    "chain_matmul",
    "channels_last",
    "channels_last_3d",
    "char",
    "cholesky",
    "cholesky_inverse",
    "cholesky_solve",
    "chunk",
    "clamp",
    "clamp_",
    "clamp_max",
    "clamp_max_",
    "clamp_min",
    "clamp_min_",
    "clip",
    "clip_",
    "clone",
    "column_stack",
    "combinations",
    "complex",
    "complex128",
    "complex64",
    "concat",
    "concatenate",
    "conj",
    "conj_physical",
    "conj_physical_",
    "contiguous_format",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "copysign",
    "copysign_",
    "corrcoef",
    "cos",
    "cos_",
    "cosh",
    "cosh_",
    "count_nonzero",
    "cov",
    "cross",
    "cummax",
    "cummin",
    "cumprod",
    "cumprod_",
    "cumsum",
    "cumsum_",
    "cumulative_trapezoid",
    "default_generator",
    "deg2rad",
    "deg2rad_",
    "det",
    "detach",
    "device",
    "diag",
    "diag_embed",
    "diagflat",
    "diagonal",
    "diagonal_scatter",
    "diff",
    "digamma",
    "digamma_",
    "dist",
    "div",
    "div_",
    "divide",
    "divide_",
    "dot",
    "double",
    "dropout",
    "dsplit",
    "dstack",
    "dtype",
    "einsum",
    "embedding",
    "empty",
    "empty_like",
    "empty_permuted",
    "empty_strided",
    "eq",
    "eq_",
    "equal",
    "erf",
    "erf_",
    "erfc",
    "erfc_",
    "erfinv",
    "erfinv_",
    "exp",
    "exp2",
    "exp2_",
    "exp_",
    "expm1",
    "expm1_",
    "eye",
    "fill",
    "fill_",
    "fix",
    "fix_",
    "flatten",
    "flip",
    "fliplr",
    "flipud",
    "float",
    "float16",
    "float32",
    "float64",
    "float_power",
    "floor",
    "floor_",
    "floor_divide",
    "floor_divide_",
    "fmax",
    "fmax_",
    "fmin",
    "fmin_",
    "fmod",
    "fmod_",
    "frac",
    "frac_",
    "frexp",
    "frobenius_norm",
    "from_dlpack",
    "from_numpy",
    "frombuffer",
    "full",
    "full_like",
    "gather",
    "gcd",
    "gcd_",
    "ge",
    "ge_",
    "geqrf",
    "ger",
    "get_default_dtype",
    "get_device",
    "get_num_threads",
    "get_rng_state",
    "greater",
    "greater_",
    "greater_equal",
    "greater_equal_",
    "group_norm",
    "gt",
    "gt_",
    "half",
    "hamming_window",
    "hann_window",
    "hardshrink",
    "hardshrink_",
    "heaviside",
    "heaviside_",
    "histc",
    "histogram",
    "hsplit",
    "hstack",
    "hypot",
    "hypot_",
    "i0",
    "i0_",
    "igamma",
    "igamma_",
    "igammac",
    "igammac_",
    "imag",
    "index_add",
    "index_add_",
    "index_copy",
    "index_copy_",
    "index_fill",
    "index_fill_",
    "index_put",
    "index_put_",
    "index_reduce",
    "index_reduce_",
    "index_select",
    "initial_seed",
    "inner",
    "int",
    "int16",
    "int32",
    "int64",
    "int8",
    "inverse",
    "is_grad_enabled",
    "is_nonzero",
    "is_same_size",
    "is_signed",
    "is_winograd_enabled",
    "isclose",
    "isfinite",
    "isin",
    "isinf",
    "isnan",
    "isneginf",
    "isposinf",
    "isreal",
    "istft",
    "kaiser_window",
    "kron",
    "kthvalue",
    "layer_norm",
    "layout",
    "lcm",
    "lcm_",
    "ldexp",
    "ldexp_",
    "le",
    "le_",
    "lerp",
    "lerp_",
    "less",
    "less_",
    "less_equal",
    "less_equal_",
    "lgamma",
    "lgamma_",
    "linspace",
    "log",
    "log10",
    "log10_",
    "log1p",
    "log1p_",
    "log2",
    "log2_",
    "log_",
    "log_softmax",
    "logaddexp",
    "logaddexp2",
    "logaddexp_",
    "logcumsumexp",
    "logdet",
    "logical_and",
    "logical_and_",
    "logical_not",
    "logical_not_",
    "logical_or",
    "logical_or_",
    "logical_xor",
    "logical_xor_",
    "logit",
    "logit_",
    "logspace",
    "logsumexp",
    "long",
    "lt",
    "lt_",
    "lu",
    "lu_solve",
    "lu_unpack",
    "manual_seed",
    "masked_fill",
    "masked_fill_",
    "masked_scatter",
    "masked_scatter_",
    "masked_select",
    "matmul",
    "matrix_exp",
    "matrix_power",
    "max",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "maximum",
    "maximum_",
    "mean",
    "median",
    "memory_format",
    "meshgrid",
    "min",
    "minimum",
    "minimum_",
    "mm",
    "mode",
    "moveaxis",
    "movedim",
    "msort",
    "mul",
    "mul_",
    "multinomial",
    "multiply",
    "multiply_",
    "mv",
    "mvlgamma",
    "mvlgamma_",
    "nan_to_num",
    "nan_to_num_",
    "nanmean",
    "nanmedian",
    "nanquantile",
    "nansum",
    "narrow",
    "narrow_copy",
    "ne",
    "ne_",
    "neg",
    "neg_",
    "negative",
    "negative_",
    "nextafter",
    "nextafter_",
    "nonzero",
    "nonzero_static",
    "norm",
    "normal",
    "not_equal",
    "not_equal_",
    "nuclear_norm",
    "ones",
    "ones_like",
    "outer",
    "pdist",
    "permute",
    "pinverse",
    "poisson",
    "polar",
    "polygamma",
    "positive",
    "pow",
    "pow_",
    "prelu",
    "preserve_format",
    "prod",
    "promote_types",
    "put",
    "put_",
    "qr",
    "quantile",
    "rad2deg",
    "rad2deg_",
    "rand",
    "rand_like",
    "randint",
    "randint_like",
    "randn",
    "randn_like",
    "randperm",
    "ravel",
    "real",
    "reciprocal",
    "reciprocal_",
    "relu",
    "relu_",
    "remainder",
    "remainder_",
    "renorm",
    "renorm_",
    "repeat_interleave",
    "reshape",
    "resize_as_",
    "resolve_conj",
    "resolve_neg",
    "result_type",
    "rms_norm",
    "roll",
    "rot90",
    "round",
    "round_",
    "row_stack",
    "rsqrt",
    "rsqrt_",
    "rsub",
    "scalar_tensor",
    "scatter",
    "scatter_",
    "scatter_add",
    "scatter_add_",
    "scatter_reduce",
    "scatter_reduce_",
    "searchsorted",
    "seed",
    "select",
    "select_scatter",
    "selu",
    "selu_",
    "set_default_dtype",
    "set_num_threads",
    "set_rng_state",
    "set_winograd_enabled",
    "sgn",
    "sgn_",
    "short",
    "sigmoid",
    "sigmoid_",
    "sign",
    "sign_",
    "signbit",
    "sin",
    "sin_",
    "sinc",
    "sinc_",
    "sinh",
    "sinh_",
    "slice_scatter",
    "slogdet",
    "softmax",
    "sort",
    "split",
    "split_with_sizes",
    "sqrt",
    "sqrt_",
    "square",
    "square_",
    "squeeze",
    "stack",
    "std",
    "std_mean",
    "stft",
    "strided",
    "sub",
    "sub_",
    "subtract",
    "subtract_",
    "sum",
    "svd",
    "swapaxes",
    "swapdims",
    "t",
    "take",
    "take_along_dim",
    "tan",
    "tan_",
    "tanh",
    "tanh_",
    "tensor",
    "tensor_split",
    "tensordot",
    "threshold",
    "threshold_",
    "tile",
    "to_dlpack",
    "topk",
    "trace",
    "transpose",
    "trapezoid",
    "trapz",
    "triangular_solve",
    "tril",
    "tril_",
    "tril_indices",
    "triu",
    "triu_",
    "triu_indices",
    "true_divide",
    "true_divide_",
    "trunc",
    "trunc_",
    "uint8",
    "unbind",
    "unflatten",
    "unique",
    "unique_consecutive",
    "unravel_index",
    "unsafe_chunk",
    "unsafe_split",
    "unsafe_split_with_sizes",
    "unsqueeze",
    "vander",
    "var",
    "var_mean",
    "vdot",
    "view_as_complex",
    "view_as_real",
    "vsplit",
    "vstack",
    "where",
    "xlogy",
    "xlogy_",
    "zeros",
    "zeros_like",
]

class _LU_pivots(NamedTuple):
    LU: Tensor
    pivots: Tensor

class _LU_pivots_info(NamedTuple):
    LU: Tensor
    pivots: Tensor
    info: Tensor

class _L_info(NamedTuple):
    L: Tensor
    info: Tensor

class _P_L_U(NamedTuple):
    P: Tensor
    L: Tensor
    U: Tensor

class _Q_R(NamedTuple):
    Q: Tensor
    R: Tensor

class _U_S_V(NamedTuple):
    U: Tensor
    S: Tensor
    V: Tensor

class _U_S_Vh(NamedTuple):
    U: Tensor
    S: Tensor
    Vh: Tensor

class _a_tau(NamedTuple):
    a: Tensor
    tau: Tensor

class _eigenvalues_eigenvectors(NamedTuple):
    eigenvalues: Tensor
    eigenvectors: Tensor

class _hist_bin_edges(NamedTuple):
    hist: Tensor
    bin_edges: Tensor

class _inverse_info(NamedTuple):
    inverse: Tensor
    info: Tensor

class _mantissa_exponent(NamedTuple):
    mantissa: Tensor
    exponent: Tensor

class _min_max(NamedTuple):
    min: Tensor
    max: Tensor

class _result_info(NamedTuple):
    result: Tensor
    info: Tensor

class _sign_logabsdet(NamedTuple):
    sign: Tensor
    logabsdet: Tensor

class _solution_cloned_coefficient(NamedTuple):
    solution: Tensor
    cloned_coefficient: Tensor

class _solution_residuals_rank_singular_values(NamedTuple):
    solution: Tensor
    residuals: Tensor
    rank: Tensor
    singular_values: Tensor

class _values_indices(NamedTuple):
    values: Tensor
    indices: Tensor

def _fused_adadelta(
    params: Sequence[Tensor],
    grads: Sequence[Tensor],
    square_avgs: Sequence[Tensor],
    acc_deltas: Sequence[Tensor],
    *,
    lr: _float,
    rho: _float,
    eps: _float,
    weight_decay: _float,
    maximize: _bool,
) -> None:
    """A step of Adadelta on every parameter, in place."""

def _fused_adagrad(
    params: Sequence[Tensor],
    grads: Sequence[Tensor],
    state_sums: Sequence[Tensor],
    *,
    step: _int,
    lr: _float,
    lr_decay: _float,
    weight_decay: _float,
    eps: _float,
    maximize: _bool,
) -> None:
    """A step of Adagrad on every parameter, in place. `step` counts from 1."""

def _fused_adam(
    params: Sequence[Tensor],
    grads: Sequence[Tensor],
    exp_avgs: Sequence[Tensor],
    exp_avg_sqs: Sequence[Tensor],
    max_exp_avg_sqs: Sequence[Tensor],
    *,
    step: _int,
    lr: _float,
    beta1: _float,
    beta2: _float,
    eps: _float,
    weight_decay: _float,
    amsgrad: _bool,
    maximize: _bool,
    decoupled: _bool,
) -> None:
    """A step of Adam on every parameter, in place; `decoupled` makes it AdamW. `step` counts from 1; `max_exp_avg_sqs` is
    empty unless `amsgrad`."""

def _fused_rmsprop(
    params: Sequence[Tensor],
    grads: Sequence[Tensor],
    square_avgs: Sequence[Tensor],
    momentum_buffers: Sequence[Tensor],
    grad_avgs: Sequence[Tensor],
    *,
    lr: _float,
    alpha: _float,
    eps: _float,
    weight_decay: _float,
    momentum: _float,
    centered: _bool,
    maximize: _bool,
) -> None:
    """A step of RMSprop on every parameter, in place. `momentum_buffers` is empty if `momentum` is 0, `grad_avgs` unless
    `centered`."""

def _fused_sgd(
    params: Sequence[Tensor],
    grads: Sequence[Tensor],
    momentum_buffers: Sequence[Tensor],
    *,
    lr: _float,
    momentum: _float,
    dampening: _float,
    weight_decay: _float,
    nesterov: _bool,
    maximize: _bool,
    first_step: _bool,
) -> None:
    """A step of stochastic gradient descent on every parameter, in place. `momentum_buffers` is empty if `momentum` is 0."""

def _histogramdd(
    input: Tensor, bins: Any, *, range: Any = None, weight: Tensor | None = None, density: _bool = False
) -> tuple[Tensor, ...]:
    """The histogram of points (rows of the last axis of `input`, a coordinate per dimension), then the edges of each dimension.
    The package's `histogramdd` puts the edges into a tuple of their own."""

def _interpolate(
    input: Tensor,
    size: _int | Sequence[_int],
    scales: Any,
    mode: str,
    align_corners: _bool,
    antialias: _bool,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The image (n, c, ...) resampled to `size` on its last axes, for `nn.functional.interpolate`. `scales` (or None) are
    the factors by which coordinates are scaled, where they are not the ratio of the extents. `mode` is 'nearest',
    'nearest-exact', 'linear', 'bilinear', 'trilinear', 'bicubic' or 'area'; `align_corners` maps the centres of the
    outermost elements onto each other instead of their edges; `antialias` widens the filter when the image shrinks.
    Source of the cubic: Keys, "Cubic convolution interpolation" (1981)."""

def _rnn_layer(
    input: Tensor,
    batch_sizes: _int | Sequence[_int],
    h0: Tensor | _Number,
    c0: Tensor | _Number | None,
    w_ih: Tensor | _Number,
    w_hh: Tensor | _Number,
    b_ih: Tensor | _Number | None,
    b_hh: Tensor | _Number | None,
    w_hr: Tensor | _Number | None,
    mode: str,
    reverse: _bool,
) -> tuple[Tensor, ...]:
    """One direction of one recurrent layer over packed sequences, for `nn.RNN`, `nn.LSTM`, `nn.GRU` and their cells.
    `input` (rows, features) has `batch_sizes[t]` rows for step t, never more than for the step before; `h0` (batch,
    output) and, for an LSTM, `c0` (batch, hidden) are the first states. Weights are (gates * hidden, features),
    (gates * hidden, output), biases (gates * hidden), the projection `w_hr` (output, hidden). `mode` is 'tanh', 'relu',
    'lstm' or 'gru'; `reverse` starts at the last step. Gives the output (rows, output), and the last states.
    Sources: Hochreiter and Schmidhuber (1997); Sak et al. (2014), projection; Cho et al. (2014), GRU."""

def abs(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`|input|`, of complex numbers their length. The derivative at 0 is 0.

    >>> rt.abs(rt.tensor([-3, 2]))
    tensor([3, 2])
    >>> rt.abs(rt.tensor([3 + 4j]))
    tensor([5.])"""

def abs_(input: Tensor | _Number) -> Tensor:
    """`abs` in place: writes to the tensor itself."""

def absolute(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`|input|`, of complex numbers their length. The derivative at 0 is 0."""

def absolute_(input: Tensor | _Number) -> Tensor:
    """`absolute` in place: writes to the tensor itself."""

def acos(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Inverse cosine, in [0, pi]; NaN outside [-1, 1].

    >>> rt.acos(rt.tensor([-1.0, 0.5, 1.0]))
    tensor([3.1416, 1.0472, 0.0000])"""

def acos_(input: Tensor | _Number) -> Tensor:
    """`acos` in place: writes to the tensor itself."""

def arccos(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Inverse cosine, in [0, pi]; NaN outside [-1, 1]."""

def arccos_(input: Tensor | _Number) -> Tensor:
    """`arccos` in place: writes to the tensor itself."""

def acosh(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Inverse hyperbolic cosine; NaN below 1.

    >>> rt.acosh(rt.tensor([1.0, 2.0]))
    tensor([0.0000, 1.3170])"""

def acosh_(input: Tensor | _Number) -> Tensor:
    """`acosh` in place: writes to the tensor itself."""

def arccosh(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Inverse hyperbolic cosine; NaN below 1."""

def arccosh_(input: Tensor | _Number) -> Tensor:
    """`arccosh` in place: writes to the tensor itself."""

def adaptive_avg_pool1d(input: Tensor, output_size: Any, *, out: Tensor | None = None) -> Tensor:
    """The mean of each of `output_size` nearly equal parts of (n, c, l) or (c, l): part `i` goes from
    `floor(i * l / output_size)` to `ceil((i + 1) * l / output_size)`, so neighbours may share an element.
    Raises: RuntimeError if `input` has another number of axes; TypeError if `output_size` is not a number.

    >>> F.adaptive_avg_pool1d(rt.tensor([[1.0, 2.0, 3.0, 4.0, 5.0]]), 2)
    tensor([[2., 4.]])"""

def add(input: Tensor | _Number, other: Tensor | _Number, *, alpha: _float = 1.0, out: Tensor | None = None) -> Tensor:
    """`input + alpha * other`, element by element, with broadcasting and type promotion. Bools add up as `or`.

    >>> rt.add(rt.tensor([[1], [2]]), rt.tensor([10, 20]), alpha=2)
    tensor([[21, 41],
            [22, 42]])
    >>> rt.add(rt.tensor([1, 2]), 0.5)
    tensor([1.5000, 2.5000])"""

def add_(input: Tensor | _Number, other: Tensor | _Number, *, alpha: _float = 1.0) -> Tensor:
    """`add` in place: writes to the tensor itself."""

def addbmm(
    input: Tensor,
    batch1: Tensor | _Number,
    batch2: Tensor | _Number,
    *,
    beta: _float = 1.0,
    alpha: _float = 1.0,
    out: Tensor | None = None,
) -> Tensor:
    """`beta * input + alpha * sum(batch1[i] @ batch2[i])` over all matrices of `batch1` (b, n, k) and `batch2` (b, k, m);
    `input` broadcasts to (n, m). It is one product of matrices whose inner axis is the batch's and theirs.
    Raises: RuntimeError if the shapes or dtypes do not fit.

    >>> rt.addbmm(rt.zeros(2, 2), rt.ones(10, 2, 3), rt.ones(10, 3, 2))
    tensor([[30., 30.],
            [30., 30.]])"""

def addbmm_(
    input: Tensor, batch1: Tensor | _Number, batch2: Tensor | _Number, *, beta: _float = 1.0, alpha: _float = 1.0
) -> Tensor:
    """`addbmm` in place: writes to the tensor itself."""

def addcdiv(
    input: Tensor,
    tensor1: Tensor | _Number,
    tensor2: Tensor | _Number,
    *,
    value: _float = 1.0,
    out: Tensor | None = None,
) -> Tensor:
    """`input + value * tensor1 / tensor2`; all broadcast.
    Raises: RuntimeError if both `tensor1` and `tensor2` hold integers.

    >>> rt.addcdiv(rt.zeros(2), rt.tensor([1.0, 2.0]), rt.tensor([4.0, 8.0]), value=-2)
    tensor([-0.5000, -0.5000])"""

def addcdiv_(input: Tensor, tensor1: Tensor | _Number, tensor2: Tensor | _Number, *, value: _float = 1.0) -> Tensor:
    """`addcdiv` in place: writes to the tensor itself."""

def addcmul(
    input: Tensor,
    tensor1: Tensor | _Number,
    tensor2: Tensor | _Number,
    *,
    value: _float = 1.0,
    out: Tensor | None = None,
) -> Tensor:
    """`input + value * tensor1 * tensor2`; all broadcast.

    >>> rt.addcmul(rt.ones(2), rt.tensor([1.0, 2.0]), rt.tensor([3.0, 4.0]), value=0.1)
    tensor([1.3000, 1.8000])"""

def addcmul_(input: Tensor, tensor1: Tensor | _Number, tensor2: Tensor | _Number, *, value: _float = 1.0) -> Tensor:
    """`addcmul` in place: writes to the tensor itself."""

def addmm(
    input: Tensor,
    mat1: Tensor | _Number,
    mat2: Tensor | _Number,
    *,
    beta: _float = 1.0,
    alpha: _float = 1.0,
    out: Tensor | None = None,
) -> Tensor:
    """`beta * input + alpha * (mat1 @ mat2)` with `mat1` (n, k) and `mat2` (k, m); `input` broadcasts to (n, m). With
    `beta` 0 it does not matter, not even NaN in it.
    Raises: RuntimeError if the shapes or dtypes do not fit.

    >>> rt.addmm(rt.tensor([10.0, 20.0]), rt.eye(2), rt.tensor([[1.0, 2.0], [3.0, 4.0]]), alpha=2)
    tensor([[12., 24.],
            [16., 28.]])"""

def addmm_(
    input: Tensor, mat1: Tensor | _Number, mat2: Tensor | _Number, *, beta: _float = 1.0, alpha: _float = 1.0
) -> Tensor:
    """`addmm` in place: writes to the tensor itself."""

def addmv(
    input: Tensor,
    mat: Tensor | _Number,
    vec: Tensor | _Number,
    *,
    beta: _float = 1.0,
    alpha: _float = 1.0,
    out: Tensor | None = None,
) -> Tensor:
    """`beta * input + alpha * (mat @ vec)` with `mat` (n, m) and `vec` (m); `input` broadcasts to (n). With `beta` 0 it
    does not matter, not even NaN in it.
    Raises: RuntimeError if the shapes or dtypes do not fit.

    >>> rt.addmv(rt.tensor([1.0, 1.0]), rt.tensor([[1.0, 2.0], [3.0, 4.0]]), rt.tensor([1.0, 10.0]))
    tensor([22., 44.])"""

def addmv_(
    input: Tensor, mat: Tensor | _Number, vec: Tensor | _Number, *, beta: _float = 1.0, alpha: _float = 1.0
) -> Tensor:
    """`addmv` in place: writes to the tensor itself."""

def addr(
    input: Tensor,
    vec1: Tensor | _Number,
    vec2: Tensor | _Number,
    *,
    beta: _float = 1.0,
    alpha: _float = 1.0,
    out: Tensor | None = None,
) -> Tensor:
    """`beta * input + alpha * outer(vec1, vec2)` with `vec1` (n) and `vec2` (m); `input` broadcasts to (n, m). With `beta`
    0 it does not matter, not even NaN in it.
    Raises: RuntimeError if the shapes do not fit.

    >>> rt.addr(rt.zeros(2, 2), rt.tensor([1.0, 2.0]), rt.tensor([1.0, 10.0]))
    tensor([[ 1., 10.],
            [ 2., 20.]])"""

def addr_(
    input: Tensor, vec1: Tensor | _Number, vec2: Tensor | _Number, *, beta: _float = 1.0, alpha: _float = 1.0
) -> Tensor:
    """`addr` in place: writes to the tensor itself."""

def adjoint(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The matrices (..., m, n) conjugated and transposed, (..., n, m): of reals a view with the last two axes exchanged.
    Raises: RuntimeError if there are fewer than 2 axes.

    >>> rt.adjoint(rt.tensor([[1, 2j], [3, 4]]))
    tensor([[1.-0.j, 3.-0.j],
            [0.-2.j, 4.-0.j]])"""

def all(
    input: Tensor, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False, *, out: Tensor | None = None
) -> Tensor:
    """Whether all elements over axes `dim` (all if None) are not zero: bool, but uint8 of uint8. True of nothing.
    Raises: IndexError if an axis is out of range.

    >>> rt.all(rt.tensor([[1, 2], [0, 3]]), dim=1)
    tensor([ True, False])"""

def allclose(
    input: Tensor, other: Tensor | _Number, rtol: _float = 1e-05, atol: _float = 1e-08, equal_nan: _bool = False
) -> _bool:
    """Whether all elements are close: a Python bool; see `isclose`.

    >>> rt.allclose(rt.tensor([1.0, 2.0]), rt.tensor([1.0, 2.000001]))
    True"""

def amax(
    input: Tensor, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False, *, out: Tensor | None = None
) -> Tensor:
    """The largest element over axes `dim` (one, several, all without it); NaN wins. Ties share the gradient evenly.
    Raises: IndexError if there is no axis `dim`, or it has no elements; RuntimeError for an empty tensor without `dim`.

    >>> x = rt.tensor([[1.0, 5.0], [7.0, 2.0]])
    >>> rt.amax(x, dim=1)
    tensor([5., 7.])
    >>> rt.amax(x, dim=(0, 1), keepdim=True)
    tensor([[7.]])"""

def amin(
    input: Tensor, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False, *, out: Tensor | None = None
) -> Tensor:
    """The smallest element over axes `dim` (one, several, all without it); NaN wins. Ties share the gradient evenly.
    Raises: IndexError if there is no axis `dim`, or it has no elements; RuntimeError for an empty tensor without `dim`.

    >>> rt.amin(rt.tensor([[1.0, 5.0], [7.0, 2.0]]), dim=1)
    tensor([1., 2.])"""

def aminmax(input: Tensor, *, dim: _int | None = None, keepdim: _bool = False) -> _min_max:
    """The smallest and the largest elements along axis `dim` (of all if None).
    Raises: IndexError if `dim` is out of range or that axis is empty; ValueError if all is empty.

    >>> rt.aminmax(rt.tensor([[3, 1, 2], [9, 7, 8]]), dim=1)
    aminmax(min=tensor([1, 7]), max=tensor([3, 9]))"""

def angle(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The angle in radians between the positive real axis and `input`: in (-pi, pi] of complex numbers, 0 or pi by the
    sign of real ones. The gradient at 0 is 0.

    >>> rt.angle(rt.tensor([1j, -1 + 0j, 1 + 1j]))
    tensor([1.5708, 3.1416, 0.7854])"""

def any(
    input: Tensor, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False, *, out: Tensor | None = None
) -> Tensor:
    """Whether any element over axes `dim` (all if None) is not zero: bool, but uint8 of uint8. False of nothing.
    Raises: IndexError if an axis is out of range.

    >>> rt.any(rt.tensor([[0, 1], [0, 0]]), dim=1)
    tensor([ True, False])"""

def arange(
    start: _Number | None = None,
    end: _Number | None = None,
    step: _Number = 1,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    layout: _layout | None = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """`start, start + step, ...` up to but without `end`: `arange(end)`, `arange(start, end, step=1)`. Integers give
    int64, floats the default float type. Floats are `start + i * step`, computed in float64 and rounded once.
    Raises: ValueError if `step` is 0 or leads away from `end`, or a bound is not finite.

    >>> rt.arange(5)
    tensor([0, 1, 2, 3, 4])
    >>> rt.arange(1.0, 2.0, 0.25)
    tensor([1.0000, 1.2500, 1.5000, 1.7500])"""

def argmax(input: Tensor, dim: _int | None = None, keepdim: _bool = False, *, out: Tensor | None = None) -> Tensor:
    """The index (int64) of the largest element along axis `dim`, or in the flattened tensor; the first one of equals. NaN
    is the largest.
    Raises: IndexError if there is no axis `dim`, or it has no elements.

    >>> x = rt.tensor([[1.0, 5.0], [7.0, 2.0]])
    >>> rt.argmax(x), rt.argmax(x, dim=1)
    (tensor(2), tensor([1, 0]))"""

def argmin(input: Tensor, dim: _int | None = None, keepdim: _bool = False, *, out: Tensor | None = None) -> Tensor:
    """The index (int64) of the smallest element along axis `dim`, or in the flattened tensor; the first one of equals. NaN
    is the smallest.
    Raises: IndexError if there is no axis `dim`, or it has no elements.

    >>> rt.argmin(rt.tensor([[1.0, 5.0], [7.0, 2.0]]), dim=1)
    tensor([0, 1])"""

def argsort(
    input: Tensor, dim: _int = -1, descending: _bool = False, stable: _bool | None = False, *, out: Tensor | None = None
) -> Tensor:
    """The indices that sort `input` along axis `dim`: `sort(...).indices`.
    Raises: IndexError if `dim` is out of range.

    >>> rt.argsort(rt.tensor([3.0, 1.0, 2.0]))
    tensor([1, 2, 0])"""

def argwhere(input: Tensor) -> Tensor:
    """The indices of elements that are not zero: (count, axes), int64, in row-major order.

    >>> rt.argwhere(rt.tensor([[0, 1], [2, 3]]))
    tensor([[0, 1],
            [1, 0],
            [1, 1]])"""

def as_strided(
    input: Tensor,
    size: _int | Sequence[_int],
    stride: _int | Sequence[_int],
    storage_offset: _int | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """A window of the given size, strides and offset (in elements) on the tensor's storage. Elements that several places
    share collect the gradients of all.
    Raises: RuntimeError if the window reaches outside the storage; ValueError for negative numbers.

    >>> rt.as_strided(rt.arange(5), (3, 3), (1, 1))
    tensor([[0, 1, 2],
            [1, 2, 3],
            [2, 3, 4]])"""

def as_strided_(
    input: Tensor,
    size: _int | Sequence[_int],
    stride: _int | Sequence[_int],
    storage_offset: _int | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Makes the tensor itself a window of the given size, strides and offset (in elements) on its storage.
    Raises: RuntimeError if the window reaches outside the storage.

    >>> rt.arange(6).as_strided_((2, 2), (3, 1), 1)
    tensor([[1, 2],
            [4, 5]])"""

def as_strided_scatter(
    input: Tensor,
    src: Tensor | _Number,
    size: _int | Sequence[_int],
    stride: _int | Sequence[_int],
    storage_offset: _int | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """`input` with `src` in place of a window of the given size, strides and offset (in elements, as for `as_strided`),
    copied; `src` has shape `size`.
    Raises: RuntimeError if the shape of `src` is not `size`, or the window reaches outside.

    >>> rt.as_strided_scatter(rt.zeros(2, 3), rt.tensor([1.0, 2.0]), size=(2,), stride=(2,))
    tensor([[1., 0., 2.],
            [0., 0., 0.]])"""

def asin(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Inverse sine, in [-pi/2, pi/2]; NaN outside [-1, 1].

    >>> rt.asin(rt.tensor([-1.0, 0.0, 0.5]))
    tensor([-1.5708,  0.0000,  0.5236])"""

def asin_(input: Tensor | _Number) -> Tensor:
    """`asin` in place: writes to the tensor itself."""

def arcsin(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Inverse sine, in [-pi/2, pi/2]; NaN outside [-1, 1]."""

def arcsin_(input: Tensor | _Number) -> Tensor:
    """`arcsin` in place: writes to the tensor itself."""

def asinh(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Inverse hyperbolic sine.

    >>> rt.asinh(rt.tensor([-1.0, 0.0, 1.0]))
    tensor([-0.8814,  0.0000,  0.8814])"""

def asinh_(input: Tensor | _Number) -> Tensor:
    """`asinh` in place: writes to the tensor itself."""

def arcsinh(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Inverse hyperbolic sine."""

def arcsinh_(input: Tensor | _Number) -> Tensor:
    """`arcsinh` in place: writes to the tensor itself."""

def atan(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Inverse tangent, in [-pi/2, pi/2].

    >>> rt.atan(rt.tensor([1.0, -rt.inf]))
    tensor([ 0.7854, -1.5708])"""

def atan_(input: Tensor | _Number) -> Tensor:
    """`atan` in place: writes to the tensor itself."""

def arctan(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Inverse tangent, in [-pi/2, pi/2]."""

def arctan_(input: Tensor | _Number) -> Tensor:
    """`arctan` in place: writes to the tensor itself."""

def atan2(input: Tensor | _Number, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The angle of the point (`other`, `input`), in (-pi, pi]: unlike `atan(input / other)` it knows the quadrant.
    Both broadcast.

    >>> rt.atan2(rt.tensor([1.0, 1.0, -1.0]), rt.tensor([1.0, -1.0, -1.0]))
    tensor([ 0.7854,  2.3562, -2.3562])"""

def atan2_(input: Tensor | _Number, other: Tensor | _Number) -> Tensor:
    """`atan2` in place: writes to the tensor itself."""

def arctan2(input: Tensor | _Number, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The angle of the point (`other`, `input`), in (-pi, pi]: unlike `atan(input / other)` it knows the quadrant.
    Both broadcast."""

def arctan2_(input: Tensor | _Number, other: Tensor | _Number) -> Tensor:
    """`arctan2` in place: writes to the tensor itself."""

def atanh(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Inverse hyperbolic tangent: infinite at -1 and 1, NaN outside.

    >>> rt.atanh(rt.tensor([-1.0, 0.0, 0.5]))
    tensor([  -inf, 0.0000, 0.5493])"""

def atanh_(input: Tensor | _Number) -> Tensor:
    """`atanh` in place: writes to the tensor itself."""

def arctanh(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Inverse hyperbolic tangent: infinite at -1 and 1, NaN outside."""

def arctanh_(input: Tensor | _Number) -> Tensor:
    """`arctanh` in place: writes to the tensor itself."""

def avg_pool1d(
    input: Tensor,
    kernel_size: _int | Sequence[_int],
    stride: _int | Sequence[_int] | None = None,
    padding: _int | Sequence[_int] = 0,
    ceil_mode: _bool = False,
    count_include_pad: _bool = True,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The mean of each window of `kernel_size` elements along the last axis of (n, c, l) or (c, l). Windows are `stride`
    (by default `kernel_size`) apart; there are `(l + 2 * padding - kernel_size) // stride + 1`, with `ceil_mode`
    rounded up. Padding counts as zeros if `count_include_pad`.
    Raises: RuntimeError if no window fits, or `padding` is more than half of one.

    >>> F.avg_pool1d(rt.tensor([[2.0, 4.0, 6.0, 8.0]]), 2)
    tensor([[3., 7.]])
    >>> F.avg_pool1d(rt.tensor([[2.0, 4.0, 6.0, 8.0]]), 2, padding=1, count_include_pad=False)
    tensor([[2., 5., 8.]])"""

def baddbmm(
    input: Tensor,
    batch1: Tensor | _Number,
    batch2: Tensor | _Number,
    *,
    beta: _float = 1.0,
    alpha: _float = 1.0,
    out: Tensor | None = None,
) -> Tensor:
    """`beta * input + alpha * (batch1 @ batch2)` with `batch1` (b, n, k) and `batch2` (b, k, m); `input` broadcasts to (b,
    n, m). With `beta` 0 it does not matter, not even NaN in it.
    Raises: RuntimeError if the shapes or dtypes do not fit.

    >>> rt.baddbmm(rt.ones(4), rt.ones(8, 2, 3), rt.ones(8, 3, 4)).shape
    rutile.Size([8, 2, 4])"""

def baddbmm_(
    input: Tensor, batch1: Tensor | _Number, batch2: Tensor | _Number, *, beta: _float = 1.0, alpha: _float = 1.0
) -> Tensor:
    """`baddbmm` in place: writes to the tensor itself."""

def bartlett_window(
    window_length: _int,
    periodic: _bool = True,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    layout: _layout | None = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """The triangle window `1 - |2 t - 1|`; otherwise as `hann_window`.

    >>> rt.bartlett_window(4)
    tensor([0.0000, 0.5000, 1.0000, 0.5000])"""

def bernoulli(
    input: Tensor, p: _float | None = None, *, generator: Generator | None = None, out: Tensor | None = None
) -> Tensor:
    """One with probability `input`, else zero, element by element. With `p`, that probability everywhere and only the
    shape and dtype of `input`.
    Raises: ValueError for a probability outside [0, 1]; RuntimeError for probabilities that are not floats.

    >>> rt.bernoulli(rt.tensor([0.0, 1.0, 1.0]))
    tensor([0., 1., 1.])
    >>> (rt.bernoulli(rt.zeros(10000), 0.3).mean() - 0.3).abs().item() < 0.05
    True"""

def bincount(
    input: Tensor, weights: Tensor | _Number | None = None, minlength: _int = 0, *, out: Tensor | None = None
) -> Tensor:
    """How often each of the integers 0, 1, ... up to the largest one (at least `minlength` of them) occurs in `input`
    (1-d, not negative): int64. With `weights` the sums of the weights instead: float32 of float32, else float64.
    Raises: RuntimeError if `input` is not 1-d, not integer or has negative elements, or `weights` has another shape.

    >>> rt.bincount(rt.tensor([0, 1, 1, 3]))
    tensor([1, 2, 0, 1])
    >>> rt.bincount(rt.tensor([0, 1, 1]), weights=rt.tensor([0.5, 1.0, 2.0]))
    tensor([0.5000, 3.0000])"""

def binomial(
    count: Tensor, prob: Tensor | _Number, generator: Generator | None = None, *, out: Tensor | None = None
) -> Tensor:
    """The number of successes in `count` trials (rounded down) of probability `prob`, both floats that broadcast.
    Probabilities outside [0, 1] count as 0 and 1.
    Source: Hörmann, "The generation of binomial random variates" (1993).

    >>> rt.binomial(rt.tensor([3.0, 7.0]), rt.tensor([0.0, 1.0]))
    tensor([0., 7.])"""

def bitwise_and(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The bits set in both: `input & other` with broadcasting; logical and of bools.
    Raises: RuntimeError for floats.

    >>> rt.bitwise_and(rt.tensor([12, 7]), 10)
    tensor([8, 2])"""

def bitwise_and_(input: Tensor, other: Tensor | _Number) -> Tensor:
    """`bitwise_and` in place: writes to the tensor itself."""

def bitwise_left_shift(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The bits of integers moved `other` places up, `input * 2**other`; zeros come in. Also `input << other`.
    Raises: RuntimeError for floats.

    >>> rt.bitwise_left_shift(rt.tensor([1, 3, -1]), rt.tensor([4, 1, 2]))
    tensor([16,  6, -4])"""

def bitwise_left_shift_(input: Tensor, other: Tensor | _Number) -> Tensor:
    """`bitwise_left_shift` in place: writes to the tensor itself."""

def bitwise_not(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """All bits inverted, `~input`: `-input - 1` of signed integers; logical not of bools.
    Raises: RuntimeError for floats.

    >>> rt.bitwise_not(rt.tensor([0, 1, -5]))
    tensor([-1, -2,  4])
    >>> rt.bitwise_not(rt.tensor([True, False]))
    tensor([False,  True])"""

def bitwise_not_(input: Tensor) -> Tensor:
    """`bitwise_not` in place: writes to the tensor itself."""

def bitwise_or(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The bits set in either: `input | other` with broadcasting; logical or of bools.
    Raises: RuntimeError for floats.

    >>> rt.bitwise_or(rt.tensor([12, 7]), 10)
    tensor([14, 15])"""

def bitwise_or_(input: Tensor, other: Tensor | _Number) -> Tensor:
    """`bitwise_or` in place: writes to the tensor itself."""

def bitwise_right_shift(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The bits of integers moved `other` places down, `floor(input / 2**other)`; copies of the sign come in. Also
    `input >> other`.
    Raises: RuntimeError for floats.

    >>> rt.bitwise_right_shift(rt.tensor([16, 7, -8]), rt.tensor([4, 1, 2]))
    tensor([ 1,  3, -2])"""

def bitwise_right_shift_(input: Tensor, other: Tensor | _Number) -> Tensor:
    """`bitwise_right_shift` in place: writes to the tensor itself."""

def bitwise_xor(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The bits set in just one: `input ^ other` with broadcasting; logical exclusive or of bools.
    Raises: RuntimeError for floats.

    >>> rt.bitwise_xor(rt.tensor([12, 7]), 10)
    tensor([ 6, 13])"""

def bitwise_xor_(input: Tensor, other: Tensor | _Number) -> Tensor:
    """`bitwise_xor` in place: writes to the tensor itself."""

def blackman_window(
    window_length: _int,
    periodic: _bool = True,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    layout: _layout | None = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """The Blackman window `0.42 - 0.5 cos(2 pi t) + 0.08 cos(4 pi t)`; otherwise as `hann_window`.

    >>> rt.blackman_window(5, periodic=False)[1:4]
    tensor([0.3400, 1.0000, 0.3400])"""

def block_diag(*tensors: Any, out: Tensor | None = None) -> Tensor:
    """A matrix with the tensors (at most 2-d) as blocks along its diagonal, zero elsewhere. A vector is one row.
    Raises: RuntimeError if a tensor has more than 2 axes.

    >>> rt.block_diag(rt.tensor([[1, 2], [3, 4]]), rt.tensor([5, 6]))
    tensor([[1, 2, 0, 0],
            [3, 4, 0, 0],
            [0, 0, 5, 6]])"""

def bmm(input: Tensor, mat2: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The products of two batches of matrices: (b, n, k) times (b, k, m) is (b, n, m). Nothing broadcasts.
    Raises: RuntimeError if an operand is not 3-d, or `b`, `k` or the dtypes differ.

    >>> rt.bmm(rt.ones(10, 2, 3), rt.ones(10, 3, 4)).shape
    rutile.Size([10, 2, 4])"""

def broadcast_tensors(*tensors: Any) -> tuple[Tensor, ...]:
    """All tensors broadcast to their common shape, without copying.
    Raises: RuntimeError if extents differ where neither is 1.

    >>> a, b = rt.broadcast_tensors(rt.tensor([[1], [2]]), rt.tensor([3, 4]))
    >>> a
    tensor([[1, 1],
            [2, 2]])
    >>> b
    tensor([[3, 4],
            [3, 4]])"""

def broadcast_to(input: Tensor, size: _int | Sequence[_int], *, out: Tensor | None = None) -> Tensor:
    """Axes of length one (and new leading ones) repeated to `size` without copying.
    Raises: RuntimeError if another axis would have to grow.

    >>> rt.broadcast_to(rt.tensor([1, 2, 3]), (2, 3))
    tensor([[1, 2, 3],
            [1, 2, 3]])"""

def bucketize(
    input: Tensor,
    boundaries: Tensor | _Number,
    *,
    out_int32: _bool = False,
    right: _bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """The number of the bucket between `boundaries` (1-d, ascending) in which each element lies: `i` with
    `boundaries[i - 1] < input <= boundaries[i]`; with `right=True` the equality is on the left.
    Raises: RuntimeError if `boundaries` is not 1-d.

    >>> rt.bucketize(rt.tensor([1.0, 2.0, 7.0]), rt.tensor([0.0, 2.0, 4.0]))
    tensor([1, 1, 3])"""

def cartesian_prod(*tensors: Any, out: Tensor | None = None) -> Tensor:
    """All tuples with an element of each vector, one a row, the last changing fastest: (product of the lengths, vectors).
    A single vector is itself.
    Raises: RuntimeError unless all are 1-d.

    >>> rt.cartesian_prod(rt.tensor([1, 2]), rt.tensor([5, 6]))
    tensor([[1, 5],
            [1, 6],
            [2, 5],
            [2, 6]])"""

def cat(tensors: Sequence[Tensor], dim: _int = 0, *, out: Tensor | None = None) -> Tensor:
    """The tensors one behind the other along axis `dim`; the other extents are equal. Dtypes promote. Empty 1-d tensors
    are left out.
    Raises: RuntimeError if the list is empty, or extents or numbers of axes differ; IndexError if there is no axis
    `dim`.

    >>> a, b = rt.tensor([[1, 2]]), rt.tensor([[3, 4]])
    >>> rt.cat([a, b])
    tensor([[1, 2],
            [3, 4]])
    >>> rt.cat([a, b], dim=1)
    tensor([[1, 2, 3, 4]])"""

def concat(tensors: Sequence[Tensor], dim: _int = 0, *, out: Tensor | None = None) -> Tensor:
    """The tensors one behind the other along axis `dim`; the other extents are equal. Dtypes promote. Empty 1-d tensors
    are left out.
    Raises: RuntimeError if the list is empty, or extents or numbers of axes differ; IndexError if there is no axis
    `dim`."""

def concatenate(tensors: Sequence[Tensor], dim: _int = 0, *, out: Tensor | None = None) -> Tensor:
    """The tensors one behind the other along axis `dim`; the other extents are equal. Dtypes promote. Empty 1-d tensors
    are left out.
    Raises: RuntimeError if the list is empty, or extents or numbers of axes differ; IndexError if there is no axis
    `dim`."""

def cdist(
    x1: Tensor,
    x2: Tensor | _Number,
    p: _float = 2.0,
    compute_mode: str | None = "use_mm_for_euclid_dist_if_necessary",
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The distances in the `p`-norm between the points of `x1` (..., P, M) and those of `x2` (..., R, M), as (..., P, R).
    `p` is from 0 (how many coordinates differ) to inf (the largest difference). Batches broadcast. Differences are
    taken directly, without the less exact detour over a matrix product, whatever `compute_mode` allows. The derivative
    of a distance of 0 is 0.
    Raises: RuntimeError if the points have different numbers of coordinates, or `p` is negative; ValueError for an
    unknown `compute_mode`.

    >>> rt.cdist(rt.tensor([[0.0, 0.0], [3.0, 0.0]]), rt.tensor([[0.0, 4.0]]))
    tensor([[4.],
            [5.]])"""

def ceil(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Smallest integer not below, in the dtype of `input`.

    >>> rt.ceil(rt.tensor([1.2, -1.7]))
    tensor([ 2., -1.])"""

def ceil_(input: Tensor | _Number) -> Tensor:
    """`ceil` in place: writes to the tensor itself."""

def celu(input: Tensor | _Number, alpha: _float = 1.0, inplace: _bool = False, *, out: Tensor | None = None) -> Tensor:
    """Continuously differentiable exponential linear unit: `max(input, 0) + min(alpha * (e**(input / alpha) - 1), 0)`.
    Source: Barron (2017).

    >>> F.celu(rt.tensor([-2.0, 0.0, 2.0]), alpha=2.0)
    tensor([-1.2642,  0.0000,  2.0000])"""

def celu_(input: Tensor | _Number, alpha: _float = 1.0, inplace: _bool = False) -> Tensor:
    """`celu` in place: writes to the tensor itself."""

def chain_matmul(*matrices: Any, out: Tensor | None = None) -> Tensor:
    """The product of matrices, in the order of the fewest multiplications: `linalg.multi_dot` of separate arguments.
    Raises: RuntimeError if neighbours do not fit.

    >>> rt.chain_matmul(rt.ones(2, 3), rt.ones(3, 4), rt.ones(4, 5)).shape
    rutile.Size([2, 5])"""

def cholesky(input: Tensor, upper: _bool = False, *, out: Tensor | None = None) -> Tensor:
    """As `linalg.cholesky`, with its errors.

    >>> rt.cholesky(rt.tensor([[4.0, 2.0], [2.0, 5.0]]), upper=True)
    tensor([[2., 1.],
            [0., 2.]])"""

def cholesky_inverse(L: Tensor, upper: _bool = False, *, out: Tensor | None = None) -> Tensor:
    """The inverse of `A` from its Cholesky factor: of `L L'`, or with `upper` of `L' L`.
    Raises: RuntimeError if a matrix is not square.

    >>> rt.cholesky_inverse(rt.tensor([[2.0, 0.0], [1.0, 2.0]]))
    tensor([[ 0.3125, -0.1250],
            [-0.1250,  0.2500]])"""

def cholesky_solve(B: Tensor, L: Tensor | _Number, upper: _bool = False, *, out: Tensor | None = None) -> Tensor:
    """The solution `X` (..., n, k) of `A X = B` from the Cholesky factor `L` of `A`: `A = L L'`, or with `upper` `A = L'
    L`.
    Raises: RuntimeError if shapes do not fit, or `B` has fewer than 2 axes.

    >>> A = rt.tensor([[4.0, 2.0], [2.0, 5.0]])
    >>> rt.cholesky_solve(rt.tensor([[8.0], [12.0]]), rt.linalg.cholesky(A))
    tensor([[1.],
            [2.]])"""

def chunk(input: Tensor, chunks: _int, dim: _int = 0) -> tuple[Tensor, ...]:
    """At most `chunks` pieces of equal length along axis `dim`, views; the last may be shorter.
    Raises: ValueError unless `chunks` is positive; IndexError if `dim` is out of range.

    >>> rt.chunk(rt.arange(5), 3)
    (tensor([0, 1]), tensor([2, 3]), tensor([4]))"""

def unsafe_chunk(input: Tensor, chunks: _int, dim: _int = 0) -> tuple[Tensor, ...]:
    """At most `chunks` pieces of equal length along axis `dim`, views; the last may be shorter.
    Raises: ValueError unless `chunks` is positive; IndexError if `dim` is out of range."""

def clamp(
    input: Tensor,
    min: Tensor | _Number | None = None,
    max: Tensor | _Number | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """`input` limited to `[min, max]`; either bound may be missing, and each is a number or a tensor that broadcasts.
    Where `min > max` the result is `max`. The gradient is 0 outside the bounds.
    Raises: ValueError if both bounds are missing.

    >>> rt.clamp(rt.tensor([-2.0, 0.5, 3.0]), min=-1, max=1)
    tensor([-1.0000,  0.5000,  1.0000])
    >>> rt.clamp(rt.tensor([-2.0, 0.5, 3.0]), min=rt.tensor([0.0, 1.0, 2.0]))
    tensor([0., 1., 3.])"""

def clamp_(input: Tensor, min: Tensor | _Number | None = None, max: Tensor | _Number | None = None) -> Tensor:
    """`clamp` in place: writes to the tensor itself."""

def clip(
    input: Tensor,
    min: Tensor | _Number | None = None,
    max: Tensor | _Number | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """`input` limited to `[min, max]`; either bound may be missing, and each is a number or a tensor that broadcasts.
    Where `min > max` the result is `max`. The gradient is 0 outside the bounds.
    Raises: ValueError if both bounds are missing."""

def clip_(input: Tensor, min: Tensor | _Number | None = None, max: Tensor | _Number | None = None) -> Tensor:
    """`clip` in place: writes to the tensor itself."""

def clamp_max(input: Tensor, max: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input`, but at most `max`, a number or a tensor.

    >>> rt.clamp_max(rt.tensor([-1.0, 2.0]), 0.0)
    tensor([-1.,  0.])"""

def clamp_max_(input: Tensor, max: Tensor | _Number) -> Tensor:
    """`clamp_max` in place: writes to the tensor itself."""

def clamp_min(input: Tensor, min: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input`, but at least `min`, a number or a tensor.

    >>> rt.clamp_min(rt.tensor([-1.0, 2.0]), 0.0)
    tensor([0., 2.])"""

def clamp_min_(input: Tensor, min: Tensor | _Number) -> Tensor:
    """`clamp_min` in place: writes to the tensor itself."""

def clone(input: Tensor, *, memory_format: _memory_format | None = None, out: Tensor | None = None) -> Tensor:
    """A copy in memory of its own, with its gradient: what is computed from it flows back to `input`. Its axes lie in
    memory as those of `input` unless `memory_format` says otherwise.

    >>> x = rt.tensor([1.0, 2.0])
    >>> y = x.clone()
    >>> y[0] = 9.0
    >>> x
    tensor([1., 2.])"""

def column_stack(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """The tensors side by side along axis 1, vectors (n) and numbers as columns (n, 1).
    Raises: RuntimeError if the other axes differ.

    >>> rt.column_stack([rt.tensor([1, 2]), rt.tensor([[3, 4], [5, 6]])])
    tensor([[1, 3, 4],
            [2, 5, 6]])"""

def combinations(input: Tensor, r: _int = 2, with_replacement: _bool = False, *, out: Tensor | None = None) -> Tensor:
    """All choices of `r` elements of a vector, in their order, one a row; `with_replacement` takes elements repeatedly.
    Raises: RuntimeError unless `input` is 1-d, or if `r` is negative.

    >>> rt.combinations(rt.tensor([1, 2, 3]), r=2)
    tensor([[1, 2],
            [1, 3],
            [2, 3]])"""

def complex(real: Tensor, imag: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Complex numbers of their real and imaginary parts: floats of one type, broadcast.
    Raises: RuntimeError unless both are float32 or both float64.

    >>> rt.complex(rt.tensor([1.0, 3.0]), rt.tensor([2.0, -4.0]))
    tensor([1.+2.j, 3.-4.j])"""

def conj(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The complex conjugate, in memory of its own; a real tensor as it is. (In PyTorch a view that is computed later.)

    >>> rt.conj(rt.tensor([1 + 2j, 3 - 4j]))
    tensor([1.-2.j, 3.+4.j])"""

def conj_physical(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The complex conjugate, in memory of its own; a real tensor as it is.

    >>> rt.conj_physical(rt.tensor([1 + 2j]))
    tensor([1.-2.j])"""

def conj_physical_(input: Tensor) -> Tensor:
    """`conj_physical` in place: writes to the tensor itself."""

def conv1d(
    input: Tensor,
    weight: Tensor | _Number,
    bias: Tensor | _Number | None = None,
    stride: _int | Sequence[_int] = 1,
    padding: Any = 0,
    dilation: _int | Sequence[_int] = 1,
    groups: _int = 1,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The cross-correlation of `input` (n, in, l) or (in, l) with `weight` (out, in / groups, k), plus `bias` (out): the
    result is (n, out, length) with `length = (l + 2 * padding - dilation * (k - 1) - 1) // stride + 1`. `padding` is a
    number of zeros on both sides, `"valid"` (none) or `"same"` (the output is as long as the input; stride 1). With
    `groups`, each part of the channels has weights of its own.
    Raises: RuntimeError if shapes or dtypes do not fit, or the kernel is longer than the padded input; ValueError for
    another `padding`.

    >>> x = rt.tensor([[[1.0, 2.0, 4.0, 8.0]]])
    >>> F.conv1d(x, rt.tensor([[[-1.0, 1.0]]]))  # differences
    tensor([[[1., 2., 4.]]])"""

def conv2d(
    input: Tensor,
    weight: Tensor | _Number,
    bias: Tensor | _Number | None = None,
    stride: _int | Sequence[_int] = 1,
    padding: Any = 0,
    dilation: _int | Sequence[_int] = 1,
    groups: _int = 1,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The cross-correlation of `input` (n, in, h, w) or (in, h, w) with `weight` (out, in / groups, kh, kw), plus `bias`
    (out). The result is (n, out, height, width) with `height = (h + 2 * padding - dilation * (kh - 1) - 1) // stride +
    1`, `width` alike. `stride`, `padding` and `dilation` are one number or one per axis; `padding` may also be
    `"valid"` (none) or `"same"` (the output is as large as the input; stride 1). `groups=in` is a depthwise
    convolution.

    An implicit matrix product: patches of the input are gathered as the product needs them (Chellapilla et al., 2006,
    without the copy). 3 x 3 kernels, and 4 x 4 ones with stride 2, use Winograd's algorithm (Lavin and Gray, 2016); see
    `set_winograd_enabled`.
    Raises: RuntimeError if shapes or dtypes do not fit, or the kernel is larger than the padded input; ValueError for
    another `padding`.

    >>> x = rt.arange(9.0).reshape(1, 1, 3, 3)
    >>> F.conv2d(x, rt.ones(1, 1, 2, 2))  # sums of 2 x 2 windows
    tensor([[[[ 8., 12.],
              [20., 24.]]]])
    >>> F.conv2d(x, rt.ones(1, 1, 3, 3), bias=rt.tensor([0.5]), stride=2, padding=1).shape
    rutile.Size([1, 1, 2, 2])"""

def conv3d(
    input: Tensor,
    weight: Tensor | _Number,
    bias: Tensor | _Number | None = None,
    stride: _int | Sequence[_int] = 1,
    padding: Any = 0,
    dilation: _int | Sequence[_int] = 1,
    groups: _int = 1,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The cross-correlation of `input` (n, in, d, h, w) or (in, d, h, w) with `weight` (out, in / groups, kd, kh, kw),
    plus `bias` (out), as (n, out, depth, height, width). Sizes and arguments as for `conv2d`, with three axes.
    Raises: as `conv2d`.

    >>> F.conv3d(rt.ones(1, 2, 4, 4, 4), rt.ones(3, 2, 2, 2, 2)).shape
    rutile.Size([1, 3, 3, 3, 3])"""

def conv_transpose1d(
    input: Tensor,
    weight: Tensor | _Number,
    bias: Tensor | _Number | None = None,
    stride: _int | Sequence[_int] = 1,
    padding: _int | Sequence[_int] = 0,
    output_padding: _int | Sequence[_int] = 0,
    groups: _int = 1,
    dilation: _int | Sequence[_int] = 1,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The transposed convolution: the gradient of `conv1d` by its input. `input` is (n, in, l) or (in, l), `weight` (in,
    out / groups, k), the result (n, out, length) with `length = (l - 1) * stride - 2 * padding + dilation * (k - 1) +
    output_padding + 1`. `output_padding` lengthens the output on one side, since several inputs of `conv1d` have
    outputs of one length.
    Raises: RuntimeError if shapes or dtypes do not fit, or `output_padding` is not smaller than stride or dilation.

    >>> x = rt.tensor([[[1.0, 2.0]]])
    >>> F.conv_transpose1d(x, rt.tensor([[[1.0, 1.0, 0.5]]]), stride=2)
    tensor([[[1.0000, 1.0000, 2.5000, 2.0000, 1.0000]]])"""

def conv_transpose2d(
    input: Tensor,
    weight: Tensor | _Number,
    bias: Tensor | _Number | None = None,
    stride: _int | Sequence[_int] = 1,
    padding: _int | Sequence[_int] = 0,
    output_padding: _int | Sequence[_int] = 0,
    groups: _int = 1,
    dilation: _int | Sequence[_int] = 1,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The transposed convolution: the gradient of `conv2d` by its input. `input` is (n, in, h, w) or (in, h, w), `weight`
    (in, out / groups, kh, kw), the result (n, out, height, width) with `height = (h - 1) * stride - 2 * padding +
    dilation * (kh - 1) + output_padding + 1`. `output_padding` enlarges the output on one side, since several inputs of
    `conv2d` have outputs of one size. Source: Zeiler et al., "Deconvolutional networks" (2010).
    Raises: RuntimeError if shapes or dtypes do not fit, or `output_padding` is not smaller than stride or dilation.

    >>> F.conv_transpose2d(rt.ones(1, 1, 2, 2), rt.ones(1, 1, 2, 2))
    tensor([[[[1., 2., 1.],
              [2., 4., 2.],
              [1., 2., 1.]]]])
    >>> F.conv_transpose2d(rt.ones(1, 8, 5, 5), rt.ones(8, 4, 3, 3), stride=2, padding=1, output_padding=1).shape
    rutile.Size([1, 4, 10, 10])"""

def conv_transpose3d(
    input: Tensor,
    weight: Tensor | _Number,
    bias: Tensor | _Number | None = None,
    stride: _int | Sequence[_int] = 1,
    padding: _int | Sequence[_int] = 0,
    output_padding: _int | Sequence[_int] = 0,
    groups: _int = 1,
    dilation: _int | Sequence[_int] = 1,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The transposed convolution: the gradient of `conv3d` by its input. `input` is (n, in, d, h, w) or (in, d, h, w),
    `weight` (in, out / groups, kd, kh, kw), the result (n, out, depth, height, width). Sizes and arguments as for
    `conv_transpose2d`, with three axes.
    Raises: as `conv_transpose2d`.

    >>> F.conv_transpose3d(rt.ones(1, 2, 2, 2, 2), rt.ones(2, 3, 2, 2, 2), stride=2).shape
    rutile.Size([1, 3, 4, 4, 4])"""

def copysign(input: Tensor | _Number, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The magnitude of `input` with the sign of `other`, also that of -0; both broadcast.

    >>> rt.copysign(rt.tensor([1.0, -2.0]), rt.tensor([-0.0, 3.0]))
    tensor([-1.,  2.])"""

def copysign_(input: Tensor | _Number, other: Tensor | _Number) -> Tensor:
    """`copysign` in place: writes to the tensor itself."""

def corrcoef(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The matrix (k, k) of Pearson's correlation coefficients of the rows of `input` (k, n): covariances over standard
    deviations, within [-1, 1].

    >>> rt.corrcoef(rt.tensor([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])"""

def cos(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Cosine of an angle in radians.

    >>> rt.cos(rt.tensor([0.0, 1.0, rt.pi]))
    tensor([ 1.0000,  0.5403, -1.0000])"""

def cos_(input: Tensor | _Number) -> Tensor:
    """`cos` in place: writes to the tensor itself."""

def cosh(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Hyperbolic cosine.

    >>> rt.cosh(rt.tensor([-1.0, 0.0, 1.0]))
    tensor([1.5431, 1.0000, 1.5431])"""

def cosh_(input: Tensor | _Number) -> Tensor:
    """`cosh` in place: writes to the tensor itself."""

def count_nonzero(input: Tensor, dim: _int | Sequence[_int] | None = None, *, out: Tensor | None = None) -> Tensor:
    """How many elements over axes `dim` (all if None) are not zero, int64.
    Raises: IndexError if an axis is out of range.

    >>> rt.count_nonzero(rt.tensor([[0, 1, 2], [0, 0, 3]]), dim=0)
    tensor([0, 1, 2])"""

def cov(
    input: Tensor,
    *,
    correction: _int = 1,
    fweights: Tensor | None = None,
    aweights: Tensor | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The covariance matrix (k, k) of the rows of `input` (k, n): variables of `n` observations; of one row, or a 1-d
    tensor, its variance. Sums are divided by the number of observations less `correction`. `fweights` (n integers) says
    how often each observation counts, `aweights` (n floats) how much.
    Raises: RuntimeError for more than two axes, or if weights do not fit; ValueError for negative weights.

    >>> rt.cov(rt.tensor([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])"""

def cross(input: Tensor, other: Tensor | _Number, dim: _int | None = None, *, out: Tensor | None = None) -> Tensor:
    """The cross products of the vectors of length 3 along axis `dim`; without `dim`, along the first axis of that length.
    The other axes broadcast.
    Raises: RuntimeError if the axis has another length, or there is none.

    >>> rt.cross(rt.tensor([1.0, 0.0, 0.0]), rt.tensor([0.0, 1.0, 0.0]))
    tensor([0., 0., 1.])"""

def cummax(input: Tensor, dim: _int) -> _values_indices:
    """The largest elements so far along axis `dim`, and their indices (the last of equals). From the first NaN on all are
    NaN.
    Raises: IndexError if `dim` is out of range.

    >>> rt.cummax(rt.tensor([1, 3, 2, 3]), dim=0)
    cummax(values=tensor([1, 3, 3, 3]), indices=tensor([0, 1, 1, 3]))"""

def cummin(input: Tensor, dim: _int) -> _values_indices:
    """The smallest elements so far along axis `dim`, and their indices (the last of equals). From the first NaN on all are
    NaN.
    Raises: IndexError if `dim` is out of range.

    >>> rt.cummin(rt.tensor([3, 1, 2, 1]), dim=0)
    cummin(values=tensor([3, 1, 1, 1]), indices=tensor([0, 1, 1, 3]))"""

def cumprod(input: Tensor, dim: _int, *, dtype: dtype | None = None, out: Tensor | None = None) -> Tensor:
    """The products of all elements so far along axis `dim`, in a tensor of the same shape. Integers and bool give int64;
    `dtype` converts the input first. The derivative holds at zeros too.
    Raises: IndexError if `dim` is out of range.

    >>> rt.cumprod(rt.tensor([1, 2, 3, 4]), dim=0)
    tensor([ 1,  2,  6, 24])"""

def cumprod_(input: Tensor, dim: _int, *, dtype: dtype | None = None) -> Tensor:
    """`cumprod` in place: writes to the tensor itself."""

def cumsum(input: Tensor, dim: _int, *, dtype: dtype | None = None, out: Tensor | None = None) -> Tensor:
    """The sums of all elements so far along axis `dim`, in a tensor of the same shape. Integers and bool give int64;
    `dtype` converts the input first. Sums of float32 are accumulated in float64.
    Raises: IndexError if `dim` is out of range.

    >>> rt.cumsum(rt.tensor([[1, 2, 3], [4, 5, 6]]), dim=1)
    tensor([[ 1,  3,  6],
            [ 4,  9, 15]])"""

def cumsum_(input: Tensor, dim: _int, *, dtype: dtype | None = None) -> Tensor:
    """`cumsum` in place: writes to the tensor itself."""

def cumulative_trapezoid(
    y: Tensor, x: Tensor | _Number | None = None, *, dx: Any = None, dim: _int = -1, out: Tensor | None = None
) -> Tensor:
    """The integral of the samples `y` up to each of them but the first, along axis `dim`; otherwise as `trapezoid`.

    >>> rt.cumulative_trapezoid(rt.tensor([1.0, 5.0, 10.0]))
    tensor([ 3.0000, 10.5000])"""

def deg2rad(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Degrees to radians.

    >>> rt.deg2rad(rt.tensor([180.0, 90.0]))
    tensor([3.1416, 1.5708])"""

def deg2rad_(input: Tensor | _Number) -> Tensor:
    """`deg2rad` in place: writes to the tensor itself."""

def det(A: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The determinants (...) of square matrices (..., n, n), 1 for those of no rows. The derivative is right for singular
    matrices too.
    Raises: RuntimeError if a matrix is not square."""

def detach(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The same elements outside the tape: no gradient flows through them; the bytes are shared.

    >>> w = rt.ones(2, requires_grad=True)
    >>> (2 * w).detach().requires_grad
    False"""

def diag(input: Tensor, diagonal: _int = 0, *, out: Tensor | None = None) -> Tensor:
    """A matrix with the vector `input` on its diagonal, `diagonal` places above the main one; of a matrix that diagonal,
    copied.
    Raises: RuntimeError unless `input` is 1-d or 2-d.

    >>> rt.diag(rt.tensor([1, 2]))
    tensor([[1, 0],
            [0, 2]])
    >>> rt.diag(rt.tensor([[1, 2], [3, 4]]), 1)
    tensor([2])"""

def diag_embed(
    input: Tensor, offset: _int = 0, dim1: _int = -2, dim2: _int = -1, *, out: Tensor | None = None
) -> Tensor:
    """Matrices on axes `dim1` and `dim2` of the result, with the last axis of `input` on their diagonals, `offset` places
    above the main one: (..., n) gives (..., n + |offset|, n + |offset|).
    Raises: ValueError if `dim1` and `dim2` are the same axis.

    >>> rt.diag_embed(rt.tensor([1, 2]), offset=1)
    tensor([[0, 1, 0],
            [0, 0, 2],
            [0, 0, 0]])"""

def diagflat(input: Tensor, offset: _int = 0, *, out: Tensor | None = None) -> Tensor:
    """A matrix with all elements of `input` on its diagonal, `offset` places above the main one.

    >>> rt.diagflat(rt.tensor([[1], [2]]))
    tensor([[1, 0],
            [0, 2]])"""

def diagonal(input: Tensor, offset: _int = 0, dim1: _int = 0, dim2: _int = 1, *, out: Tensor | None = None) -> Tensor:
    """The diagonal of axes `dim1` and `dim2`, `offset` places above it, as a new last axis. A view.
    Raises: IndexError if an axis is out of range; ValueError if both are the same.

    >>> rt.diagonal(rt.tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]]), offset=1)
    tensor([2, 6])"""

def diagonal_scatter(
    input: Tensor, src: Tensor | _Number, offset: _int = 0, dim1: _int = 0, dim2: _int = 1, *, out: Tensor | None = None
) -> Tensor:
    """`input` with `src` on the diagonal of axes `dim1` and `dim2`, `offset` places above the main one, copied; `src` has
    the shape of `input.diagonal(offset, dim1, dim2)`.
    Raises: IndexError if an axis is out of range; RuntimeError if the shape of `src` does not fit.

    >>> rt.diagonal_scatter(rt.zeros(3, 3), rt.tensor([1.0, 2.0]), offset=1)
    tensor([[0., 1., 0.],
            [0., 0., 2.],
            [0., 0., 0.]])"""

def diff(
    input: Tensor,
    n: _int = 1,
    dim: _int = -1,
    prepend: Tensor | _Number | None = None,
    append: Tensor | _Number | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The `n`-th differences of neighbours along axis `dim`: `input[i + 1] - input[i]`, `n` times. `prepend` and `append`
    are joined to the input first. Differences of bools say whether they differ.
    Raises: ValueError if `n` is negative; RuntimeError for a 0-d tensor, or if `prepend` or `append` does not fit.

    >>> rt.diff(rt.tensor([1, 3, 2]))
    tensor([ 2, -1])
    >>> rt.diff(rt.tensor([1, 3, 2]), prepend=rt.tensor([0]))
    tensor([ 1,  2, -1])"""

def digamma(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The derivative of `lgamma`, by reflection, recurrence and the asymptotic series (DLMF 5.5.2, 5.5.4, 5.11.2).

    >>> rt.digamma(rt.tensor([1.0, 2.0]))
    tensor([-0.5772,  0.4228])"""

def digamma_(input: Tensor) -> Tensor:
    """`digamma` in place: writes to the tensor itself."""

def dist(input: Tensor, other: Tensor | _Number, p: _float = 2.0, *, out: Tensor | None = None) -> Tensor:
    """The `p`-norm of `input - other`, broadcast: a 0-d tensor.

    >>> rt.dist(rt.tensor([0.0, 3.0]), rt.tensor([4.0, 0.0]))
    tensor(5.)"""

def div(
    input: Tensor, other: Tensor | _Number, *, rounding_mode: str | None = None, out: Tensor | None = None
) -> Tensor:
    """`input / other`, element by element, with broadcasting. `rounding_mode` is None (integers give floats), `"trunc"`
    (towards zero) or `"floor"` (both: integers stay integers).
    Raises: ValueError for another mode; RuntimeError if integers are divided by zero with rounding.

    >>> rt.div(rt.tensor([7, -7]), 2)
    tensor([ 3.5000, -3.5000])
    >>> rt.div(rt.tensor([7, -7]), 2, rounding_mode="floor")
    tensor([ 3, -4])
    >>> rt.div(rt.tensor([7, -7]), 2, rounding_mode="trunc")
    tensor([ 3, -3])"""

def div_(input: Tensor, other: Tensor | _Number, *, rounding_mode: str | None = None) -> Tensor:
    """`div` in place: writes to the tensor itself."""

def divide(
    input: Tensor, other: Tensor | _Number, *, rounding_mode: str | None = None, out: Tensor | None = None
) -> Tensor:
    """`input / other`, element by element, with broadcasting. `rounding_mode` is None (integers give floats), `"trunc"`
    (towards zero) or `"floor"` (both: integers stay integers).
    Raises: ValueError for another mode; RuntimeError if integers are divided by zero with rounding."""

def divide_(input: Tensor, other: Tensor | _Number, *, rounding_mode: str | None = None) -> Tensor:
    """`divide` in place: writes to the tensor itself."""

def dot(input: Tensor, tensor: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The inner product of two vectors of one length: a 0-d tensor. Complex elements are not conjugated; see `vdot`.
    Raises: RuntimeError if an operand is not 1-d, or the lengths or dtypes differ.

    >>> rt.dot(rt.tensor([1, 2, 3]), rt.tensor([4, 5, 6]))
    tensor(32)"""

def dropout(
    input: Tensor, p: _float = 0.5, training: _bool = True, inplace: _bool = False, *, out: Tensor | None = None
) -> Tensor:
    """Zeroes elements with probability `p` and scales the others by `1 / (1 - p)`; gives `input` itself unless `training`.
    Source: Srivastava et al., "Dropout" (2014).
    Raises: ValueError if `p` is outside [0, 1]; RuntimeError for integers.

    >>> y = F.dropout(rt.ones(1000), p=0.2)
    >>> y.unique(), (y.mean() - 1).abs().item() < 0.1
    (tensor([0.0000, 1.2500]), True)"""

def dsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Pieces one behind the other, views: along axis 2. A number of equal ones, or cut before the given indices.
    Raises: RuntimeError if the number does not divide the length, or `input` has fewer than three axes.

    >>> [part.shape for part in rt.dsplit(rt.zeros(2, 3, 4), [1])]
    [rutile.Size([2, 3, 1]), rutile.Size([2, 3, 3])]"""

def dstack(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """The tensors one behind the other: along axis 2; tensors of fewer axes as (1, n, 1) or (m, n, 1).
    Raises: RuntimeError if the list is empty, or other extents differ.

    >>> rt.dstack([rt.tensor([1, 2]), rt.tensor([3, 4])])
    tensor([[[1, 3],
             [2, 4]]])"""

def einsum(equation: Any, *operands: Any, out: Tensor | None = None) -> Tensor:
    """Sums of products by Einstein's convention: `einsum("bij, bjk -> bik", a, b)` names the axes of each operand; axes of
    one name go together, and names that stand not behind `->` are summed. Without `->` the result has the axes under
    `...` and then the names that occur once, in alphabetical order. A name twice in one operand takes its diagonal;
    `...` stands for any axes, which broadcast, as axes of length one do. Spaces do not matter.

    Also `einsum(a, [0, 1], b, [1, 2], [0, 2])`, where integers below 52 name the axes. Three and more operands are
    contracted two by two, the cheapest pair first.
    Raises: RuntimeError if the equation does not fit the operands, or axes of one name have different lengths.

    >>> a, b = rt.tensor([[1, 2], [3, 4]]), rt.tensor([[5, 6], [7, 8]])
    >>> rt.einsum("ij, jk -> ik", a, b)  # a @ b
    tensor([[19, 22],
            [43, 50]])
    >>> rt.einsum("ii", a), rt.einsum("ij -> j", a)  # trace, sums of columns
    (tensor(5), tensor([4, 6]))"""

def embedding(
    weight: Tensor,
    indices: Tensor | _Number,
    padding_idx: _int = -1,
    scale_grad_by_freq: _bool = False,
    sparse: _bool = False,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """As `nn.functional.embedding`, with the table first; `padding_idx` -1 means none.

    >>> rt.embedding(rt.tensor([[1.0, 2.0], [3.0, 4.0]]), rt.tensor([1, 1]))
    tensor([[3., 4.],
            [3., 4.]])"""

def empty(
    *size: Any,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    memory_format: _memory_format | None = None,
    layout: _layout | None = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """A tensor of shape `size` that holds anything: write before you read. By default in the default float type.
    Raises: RuntimeError if a size is negative.

    >>> rt.empty(2, 3).fill_(7.0)
    tensor([[7., 7., 7.],
            [7., 7., 7.]])"""

def empty_like(
    input: Tensor,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    memory_format: _memory_format | None = None,
    layout: _layout | None = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """A tensor of the shape and dtype of `input`, and with its order of axes in memory, that holds anything: write before
    you read.

    >>> rt.empty_like(rt.tensor([[1, 2], [3, 4]])).shape
    rutile.Size([2, 2])"""

def empty_permuted(
    size: _int | Sequence[_int],
    physical_layout: _int | Sequence[_int],
    *,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: _bool = False,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """A tensor of shape `size` without gaps, whose axes lie in memory in the order `physical_layout`, the outermost first;
    it holds anything.
    Raises: RuntimeError unless `physical_layout` names every axis once.

    >>> x = rt.empty_permuted((8, 3, 32, 32), (0, 2, 3, 1))
    >>> x.stride(), x.is_contiguous(memory_format=rt.channels_last)
    ((3072, 1, 96, 3), True)"""

def empty_strided(
    size: _int | Sequence[_int],
    stride: _int | Sequence[_int],
    *,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    layout: _layout | None = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """A tensor of the given size and strides (in elements) on storage of its own; it holds zeros.
    Raises: RuntimeError for a negative size or another number of strides than sizes.

    >>> rt.empty_strided((2, 3), (1, 2)).stride()
    (1, 2)"""

def eq(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input == other`, element by element, with broadcasting. NaN equals nothing.

    >>> rt.eq(rt.tensor([1, 2, 3]), rt.tensor([1, 0, 3]))
    tensor([ True, False,  True])"""

def eq_(input: Tensor, other: Tensor | _Number) -> Tensor:
    """`eq` in place: writes to the tensor itself."""

def equal(input: Tensor, other: Tensor | _Number) -> _bool:
    """Whether both have the same shape and elements: a Python bool. Nothing broadcasts, and NaN equals nothing.

    >>> rt.equal(rt.tensor([1, 2]), rt.tensor([1, 2]))
    True
    >>> rt.equal(rt.tensor([1, 2]), rt.tensor([[1, 2]]))
    False"""

def erf(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Gauss error function, `2 / sqrt(pi)` times the integral of `e**(-t**2)` from 0 to `input`.

    >>> rt.erf(rt.tensor([-1.0, 0.0, 1.0]))
    tensor([-0.8427,  0.0000,  0.8427])"""

def erf_(input: Tensor | _Number) -> Tensor:
    """`erf` in place: writes to the tensor itself."""

def erfc(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`1 - erf(input)`, accurate for large arguments.

    >>> rt.erfc(rt.tensor([0.0, 1.0, -1.0]))
    tensor([1.0000, 0.1573, 1.8427])"""

def erfc_(input: Tensor | _Number) -> Tensor:
    """`erfc` in place: writes to the tensor itself."""

def erfinv(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of `erf`: infinite at -1 and 1, NaN outside.

    >>> rt.erfinv(rt.tensor([-1.0, 0.0, 0.5]))
    tensor([  -inf, 0.0000, 0.4769])"""

def erfinv_(input: Tensor) -> Tensor:
    """`erfinv` in place: writes to the tensor itself."""

def exp(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`e ** input`.

    >>> rt.exp(rt.tensor([0.0, 1.0]))
    tensor([1.0000, 2.7183])"""

def exp_(input: Tensor | _Number) -> Tensor:
    """`exp` in place: writes to the tensor itself."""

def exp2(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`2 ** input`.

    >>> rt.exp2(rt.tensor([-1.0, 3.0]))
    tensor([0.5000, 8.0000])"""

def exp2_(input: Tensor | _Number) -> Tensor:
    """`exp2` in place: writes to the tensor itself."""

def expm1(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`e ** input - 1`, accurate near 0.

    >>> rt.expm1(rt.tensor([1e-10])) == 1e-10
    tensor([True])"""

def expm1_(input: Tensor | _Number) -> Tensor:
    """`expm1` in place: writes to the tensor itself."""

def eye(
    n: _int,
    m: _int | None = None,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    layout: _layout | None = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """Ones on the diagonal of an `n` x `m` matrix (`n` x `n` without `m`), zeros elsewhere; by default in the default float
    type.
    Raises: RuntimeError if a size is negative.

    >>> rt.eye(2, 3)
    tensor([[1., 0., 0.],
            [0., 1., 0.]])"""

def fill(input: Tensor, value: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """A tensor like `input` with `value` (a number or a 0-d tensor) everywhere.

    >>> rt.fill(rt.zeros(3), 2)
    tensor([2., 2., 2.])"""

def fill_(input: Tensor, value: Tensor | _Number) -> Tensor:
    """`fill` in place: writes to the tensor itself."""

def flatten(input: Tensor, start_dim: _int = 0, end_dim: _int = -1, *, out: Tensor | None = None) -> Tensor:
    """Axes `start_dim` to `end_dim` (inclusive) merged into one.
    Raises: IndexError if an axis is out of range; ValueError if `start_dim` comes after `end_dim`.

    >>> rt.flatten(rt.zeros(8, 3, 32, 32), start_dim=1).shape
    rutile.Size([8, 3072])"""

def flip(input: Tensor, *dims: Any, out: Tensor | None = None) -> Tensor:
    """The tensor with axes `dims` in reverse order, copied.
    Raises: IndexError if there is no such axis; RuntimeError if one is named twice.

    >>> rt.flip(rt.tensor([[1, 2], [3, 4]]), dims=(1,))
    tensor([[2, 1],
            [4, 3]])"""

def fliplr(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The columns (axis 1) in reverse order, copied.
    Raises: RuntimeError if `input` has fewer than two axes.

    >>> rt.fliplr(rt.tensor([[1, 2], [3, 4]]))
    tensor([[2, 1],
            [4, 3]])"""

def flipud(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The rows (axis 0) in reverse order, copied.
    Raises: RuntimeError for a 0-d tensor.

    >>> rt.flipud(rt.tensor([[1, 2], [3, 4]]))
    tensor([[3, 4],
            [1, 2]])"""

def float_power(input: Tensor, exponent: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input ** exponent` in float64, or complex128 if either operand is complex; both broadcast.

    >>> rt.float_power(rt.tensor([2, 4]), -1)
    tensor([0.5000, 0.2500], dtype=rutile.float64)"""

def floor(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Largest integer not above, in the dtype of `input`.

    >>> rt.floor(rt.tensor([1.7, -1.2]))
    tensor([ 1., -2.])"""

def floor_(input: Tensor | _Number) -> Tensor:
    """`floor` in place: writes to the tensor itself."""

def floor_divide(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`floor(input / other)`, as Python's `//`; integers stay integers. Of floats the quotient of the exact division is
    rounded down: `1 // 0.1` is 9.
    Raises: RuntimeError if integers are divided by zero.

    >>> rt.floor_divide(rt.tensor([7, -7]), 2)
    tensor([ 3, -4])
    >>> rt.floor_divide(rt.tensor([1.0]), 0.1)
    tensor([9.])"""

def floor_divide_(input: Tensor, other: Tensor | _Number) -> Tensor:
    """`floor_divide` in place: writes to the tensor itself."""

def fmax(input: Tensor | _Number, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The larger of two, broadcast; the other where one is NaN. Where both are equal the first gets the gradient.

    >>> rt.fmax(rt.tensor([1.0, rt.nan, 3.0]), rt.tensor([2.0, 0.0, rt.nan]))
    tensor([2., 0., 3.])"""

def fmax_(input: Tensor | _Number, other: Tensor | _Number) -> Tensor:
    """`fmax` in place: writes to the tensor itself."""

def fmin(input: Tensor | _Number, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The smaller of two, broadcast; the other where one is NaN. Where both are equal the first gets the gradient.

    >>> rt.fmin(rt.tensor([1.0, rt.nan, 3.0]), rt.tensor([2.0, 0.0, rt.nan]))
    tensor([1., 0., 3.])"""

def fmin_(input: Tensor | _Number, other: Tensor | _Number) -> Tensor:
    """`fmin` in place: writes to the tensor itself."""

def fmod(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The remainder of `input / other` with the sign of `input`, as C's `fmod`.
    Raises: RuntimeError if integers are divided by zero; floats give NaN.

    >>> rt.fmod(rt.tensor([7, -7]), 3)
    tensor([ 1, -1])"""

def fmod_(input: Tensor, other: Tensor | _Number) -> Tensor:
    """`fmod` in place: writes to the tensor itself."""

def frac(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Fractional part, with the sign of `input`: `input - trunc(input)`.

    >>> rt.frac(rt.tensor([1.5, -1.75]))
    tensor([ 0.5000, -0.7500])"""

def frac_(input: Tensor | _Number) -> Tensor:
    """`frac` in place: writes to the tensor itself."""

def frexp(input: Tensor) -> _mantissa_exponent:
    """`input` as `mantissa * 2**exponent` with `|mantissa|` in [0.5, 1) and an int32 exponent.
    Raises: RuntimeError for integers.

    >>> mantissa, exponent = rt.frexp(rt.tensor([1.0, 6.0, -0.25]))
    >>> mantissa, exponent
    (tensor([ 0.5000,  0.7500, -0.5000]), tensor([ 1,  3, -1], dtype=rutile.int32))"""

def frobenius_norm(
    input: Tensor, dim: _int | Sequence[_int], keepdim: _bool = False, *, out: Tensor | None = None
) -> Tensor:
    """The root of the sum of squares over axes `dim`.
    Raises: IndexError if there is no such axis.

    >>> rt.frobenius_norm(rt.tensor([[3.0, 4.0], [0.0, 0.0]]), dim=(0, 1))
    tensor(5.)"""

def full(
    size: _int | Sequence[_int],
    fill_value: _Number,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    layout: _layout | None = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """A tensor of shape `size` filled with one number, whose type is the default dtype: int64 for an integer.
    Raises: RuntimeError if a size is negative.

    >>> rt.full((2, 2), 7)
    tensor([[7, 7],
            [7, 7]])
    >>> rt.full((2,), 0.5)
    tensor([0.5000, 0.5000])"""

def full_like(
    input: Tensor,
    fill_value: _Number,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    memory_format: _memory_format | None = None,
    layout: _layout | None = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """A tensor of the shape and dtype of `input`, and with its order of axes in memory, filled with one number.

    >>> rt.full_like(rt.tensor([1.0, 2.0]), 5)
    tensor([5., 5.])"""

def gather(
    input: Tensor, dim: _int, index: Tensor | _Number, *, sparse_grad: _bool = False, out: Tensor | None = None
) -> Tensor:
    """Elements picked along axis `dim`, in the shape of `index` (integers): `out[i][j] = input[index[i][j]][j]` for
    `dim=0`, `out[i][j] = input[i][index[i][j]]` for `dim=1`. `index` has as many axes as `input` and may be shorter
    along the others.
    Raises: RuntimeError if `index` has another number of axes, is too large or not integer; IndexError if an index or
    `dim` is out of range.

    >>> x = rt.tensor([[1, 2], [3, 4]])
    >>> rt.gather(x, 1, rt.tensor([[0, 0], [1, 0]]))
    tensor([[1, 1],
            [4, 3]])"""

def gcd(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Greatest common divisor of integers, not negative; `gcd(0, 0)` is 0.
    Raises: RuntimeError for floats.

    >>> rt.gcd(rt.tensor([12, -18, 0]), rt.tensor([8, 12, 5]))
    tensor([4, 6, 5])"""

def gcd_(input: Tensor, other: Tensor | _Number) -> Tensor:
    """`gcd` in place: writes to the tensor itself."""

def ge(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input >= other`, element by element, with broadcasting.

    >>> rt.ge(rt.tensor([1, 2, 3]), 2)
    tensor([False,  True,  True])"""

def ge_(input: Tensor, other: Tensor | _Number) -> Tensor:
    """`ge` in place: writes to the tensor itself."""

def greater_equal(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input >= other`, element by element, with broadcasting."""

def greater_equal_(input: Tensor, other: Tensor | _Number) -> Tensor:
    """`greater_equal` in place: writes to the tensor itself."""

def geqrf(input: Tensor) -> _a_tau:
    """The reflections that make up `Q` in `input = Q R`, as LAPACK keeps them: `a` (..., m, n) holds `R` on and above the
    diagonal and below it the vectors `v`, whose first element is 1, of the reflections `I - tau v v'`; `tau` is
    (..., min(m, n)). `ormqr` multiplies by `Q`, `linalg.householder_product` makes it. No derivative, as in PyTorch: use
    `linalg.qr`.
    Raises: RuntimeError unless `input` is a matrix or a batch of them.

    >>> a, tau = rt.geqrf(rt.tensor([[3.0], [4.0]]))
    >>> a  # R, and v
    tensor([[-5.0000],
            [ 0.5000]])
    >>> tau
    tensor([1.6000])"""

def group_norm(
    input: Tensor,
    num_groups: _int,
    weight: Tensor | _Number | None = None,
    bias: Tensor | _Number | None = None,
    eps: _float = 1e-05,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Normalises each of `num_groups` groups of channels of each sample of `input` (n, c, ...) to mean 0 and variance 1,
    then times `weight` plus `bias` (c). Source: Wu and He, "Group normalization" (2018).
    Raises: RuntimeError if `num_groups` does not divide `c`, or `weight` or `bias` has not `c` elements.

    >>> x = rt.tensor([[1.0, 3.0, 10.0, 30.0]])  # one sample, four channels
    >>> F.group_norm(x, num_groups=2)
    tensor([[-1.0000,  1.0000, -1.0000,  1.0000]])"""

def gt(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input > other`, element by element, with broadcasting.

    >>> rt.gt(rt.tensor([1, 2, 3]), 2)
    tensor([False, False,  True])"""

def gt_(input: Tensor, other: Tensor | _Number) -> Tensor:
    """`gt` in place: writes to the tensor itself."""

def greater(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input > other`, element by element, with broadcasting."""

def greater_(input: Tensor, other: Tensor | _Number) -> Tensor:
    """`greater` in place: writes to the tensor itself."""

def hamming_window(
    window_length: _int,
    periodic: _bool = True,
    alpha: _float = 0.54,
    beta: _float = 0.46,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    layout: _layout | None = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """The Hamming window `alpha - beta * cos(2 pi t)`; otherwise as `hann_window`.

    >>> rt.hamming_window(4)
    tensor([0.0800, 0.5400, 1.0000, 0.5400])"""

def hann_window(
    window_length: _int,
    periodic: _bool = True,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    layout: _layout | None = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """The Hann window `sin(pi t)**2` at `window_length` places `t` of [0, 1]. With `periodic` it goes on smoothly when
    repeated, as the Fourier transform wants it; else it is symmetric.
    Raises: ValueError if `window_length` is negative; RuntimeError if the dtype is not a float.

    >>> rt.hann_window(4), rt.hann_window(5, periodic=False)
    (tensor([0.0000, 0.5000, 1.0000, 0.5000]), tensor([0.0000, 0.5000, 1.0000, 0.5000, 0.0000]))"""

def hardshrink(input: Tensor | _Number, lambd: _float = 0.5, *, out: Tensor | None = None) -> Tensor:
    """`input` where `|input| > lambd`, else 0.

    >>> F.hardshrink(rt.tensor([-2.0, 0.3, 2.0]), lambd=0.5)
    tensor([-2.,  0.,  2.])"""

def hardshrink_(input: Tensor | _Number, lambd: _float = 0.5) -> Tensor:
    """`hardshrink` in place: writes to the tensor itself."""

def heaviside(input: Tensor, values: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The step function: 0 where `input` is negative, 1 where positive, `values` where zero; NaN stays. Both broadcast.
    Raises: RuntimeError if the dtypes differ.

    >>> rt.heaviside(rt.tensor([-1.5, 0.0, 2.0]), rt.tensor([0.5]))
    tensor([0.0000, 0.5000, 1.0000])"""

def heaviside_(input: Tensor, values: Tensor | _Number) -> Tensor:
    """`heaviside` in place: writes to the tensor itself."""

def histc(
    input: Tensor, bins: _int = 100, min: _float = 0.0, max: _float = 0.0, *, out: Tensor | None = None
) -> Tensor:
    """How many elements lie in each of `bins` intervals of equal width between `min` and `max`, or between the extremes if
    both are equal. Elements outside are left out; the last interval includes its end. The result has the dtype of the
    input.
    Raises: RuntimeError if `bins` is not positive, `min > max`, or a bound is not finite.

    >>> rt.histc(rt.tensor([1.0, 2.0, 1.0]), bins=4, min=0, max=3)
    tensor([0., 2., 1., 0.])"""

def histogram(
    input: Tensor, bins: Any = 100, *, range: Any = None, weight: Tensor | None = None, density: _bool = False
) -> _hist_bin_edges:
    """How many elements lie between neighbouring edges, and the edges. `bins` is a number of bins of equal width within
    `range` (or between the extremes), or the edges themselves, ascending. Elements outside are left out; the last bin
    includes its upper edge. `weight` counts each element by its weight; `density` divides by the sum and by the widths.
    Raises: RuntimeError if `bins` is not positive, or the range not finite or descending.

    >>> rt.histogram(rt.tensor([1.0, 2.0, 1.0]), bins=2, range=(0.0, 3.0)).hist
    tensor([2., 1.])"""

def hsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Pieces side by side, views: along axis 1, or axis 0 of vectors. A number of equal ones, or cut before the given
    indices.
    Raises: RuntimeError if the number does not divide the length, or `input` is 0-d.

    >>> rt.hsplit(rt.tensor([[1, 2, 3, 4]]), 2)
    (tensor([[1, 2]]), tensor([[3, 4]]))"""

def hstack(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """The tensors side by side: along axis 1, or axis 0 if they are 1-d. Numbers (0-d) count as 1-d.
    Raises: RuntimeError if the list is empty, or other extents differ.

    >>> rt.hstack([rt.tensor([[1], [2]]), rt.tensor([[3], [4]])])
    tensor([[1, 3],
            [2, 4]])"""

def hypot(input: Tensor | _Number, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`sqrt(input**2 + other**2)` without overflow of the squares; both broadcast.

    >>> rt.hypot(rt.tensor([3.0, 3e30]), rt.tensor([4.0, 4e30]))
    tensor([5.0000e+00, 5.0000e+30])"""

def hypot_(input: Tensor | _Number, other: Tensor | _Number) -> Tensor:
    """`hypot` in place: writes to the tensor itself."""

def i0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Modified Bessel function of the first kind, order 0. From about 91 (float32) on it overflows; see `special.i0e`.

    >>> rt.i0(rt.tensor([0.0, 1.0, 2.0]))
    tensor([1.0000, 1.2661, 2.2796])"""

def i0_(input: Tensor) -> Tensor:
    """`i0` in place: writes to the tensor itself."""

def igamma(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Regularised lower incomplete gamma function of parameter `input` at `other`, by its power series (DLMF 8.11.4) or
    the continued fraction of the upper one (DLMF 8.9.2); differentiable by `other`.

    >>> rt.igamma(rt.tensor([1.0]), rt.tensor([0.0, 1.0, 5.0]))
    tensor([0.0000, 0.6321, 0.9933])"""

def igamma_(input: Tensor, other: Tensor | _Number) -> Tensor:
    """`igamma` in place: writes to the tensor itself."""

def igammac(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Regularised upper incomplete gamma function, `1 - igamma(input, other)`; differentiable by `other`.

    >>> rt.igammac(rt.tensor([1.0]), rt.tensor([0.0, 1.0, 5.0]))
    tensor([1.0000, 0.3679, 0.0067])"""

def igammac_(input: Tensor, other: Tensor | _Number) -> Tensor:
    """`igammac` in place: writes to the tensor itself."""

def imag(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The imaginary parts of a complex tensor, on the same bytes.
    Raises: RuntimeError for a real tensor.

    >>> rt.imag(rt.tensor([1 + 2j, 3 - 4j]))
    tensor([ 2., -4.])"""

def index_add(
    input: Tensor,
    dim: _int,
    index: Tensor | _Number,
    source: Tensor | _Number,
    *,
    alpha: _float = 1.0,
    out: Tensor | None = None,
) -> Tensor:
    """`input` with `alpha` times the slices of `source` added at `index` (1-d, integers) along axis `dim`; equal indices
    add up.
    Raises: RuntimeError if `source` does not have the shape of the slices; IndexError if an index or `dim` is out of
    range.

    >>> x = rt.zeros(3, 2)
    >>> rt.index_add(x, 0, rt.tensor([0, 2, 0]), rt.tensor([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]))
    tensor([[4., 4.],
            [0., 0.],
            [2., 2.]])"""

def index_add_(
    input: Tensor, dim: _int, index: Tensor | _Number, source: Tensor | _Number, *, alpha: _float = 1.0
) -> Tensor:
    """`index_add` in place: writes to the tensor itself."""

def index_copy(
    input: Tensor, dim: _int, index: Tensor | _Number, source: Tensor | _Number, *, out: Tensor | None = None
) -> Tensor:
    """`input` with the slices of `source` written at `index` (1-d integers) along axis `dim`; the last of equal places
    wins. `source` has the shape of `input` but for `len(index)` along `dim`.
    Raises: IndexError if an index is out of range or not an integer, or there are not as many slices; RuntimeError if
    `source` does not fit otherwise.

    >>> rt.index_copy(rt.zeros(3, 2), 0, rt.tensor([2, 0]), rt.tensor([[1.0, 2.0], [3.0, 4.0]]))
    tensor([[3., 4.],
            [0., 0.],
            [1., 2.]])"""

def index_copy_(input: Tensor, dim: _int, index: Tensor | _Number, source: Tensor | _Number) -> Tensor:
    """`index_copy` in place: writes to the tensor itself."""

def index_fill(
    input: Tensor, dim: _int, index: Tensor | _Number, value: Tensor | _Number, *, out: Tensor | None = None
) -> Tensor:
    """`input` with `value` (a number or a 0-d tensor) written at the slices `index` (1-d integers) of axis `dim`.
    Raises: IndexError if an index is out of range or not an integer.

    >>> rt.index_fill(rt.zeros(2, 3), 1, rt.tensor([0, 2]), 7)
    tensor([[7., 0., 7.],
            [7., 0., 7.]])"""

def index_fill_(input: Tensor, dim: _int, index: Tensor | _Number, value: Tensor | _Number) -> Tensor:
    """`index_fill` in place: writes to the tensor itself."""

def index_reduce(
    input: Tensor,
    dim: _int,
    index: Tensor | _Number,
    source: Tensor | _Number,
    reduce: str,
    *,
    include_self: _bool = True,
    out: Tensor | None = None,
) -> Tensor:
    """`input` combined with the slices of `source` at `index` (1-d integers) along axis `dim`. `reduce` is `"prod"`,
    `"mean"`, `"amax"` or `"amin"`; otherwise as `scatter_reduce`.
    Raises: ValueError if `reduce` is another word; IndexError if an index is out of range; RuntimeError if `source`
    does not fit.

    >>> rt.index_reduce(rt.ones(2), 0, rt.tensor([0, 0]), rt.tensor([3.0, 4.0]), "prod")
    tensor([12.,  1.])"""

def index_reduce_(
    input: Tensor,
    dim: _int,
    index: Tensor | _Number,
    source: Tensor | _Number,
    reduce: str,
    *,
    include_self: _bool = True,
) -> Tensor:
    """`index_reduce` in place: writes to the tensor itself."""

def index_select(input: Tensor, dim: _int, index: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The slices `index` (1-d, integers) of axis `dim`, copied.
    Raises: RuntimeError if `index` is not 1-d or not integer; IndexError if an index or `dim` is out of range.

    >>> x = rt.tensor([[1, 2, 3], [4, 5, 6]])
    >>> rt.index_select(x, 1, rt.tensor([2, 0]))
    tensor([[3, 1],
            [6, 4]])"""

def inner(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The sums of products over the last axis of both: (..., k) and (*, k) give (..., *). Of vectors the inner product; a
    0-d operand multiplies.
    Raises: RuntimeError if the last axes differ.

    >>> rt.inner(rt.tensor([[1, 2], [3, 4]]), rt.tensor([[1, 0], [0, 1], [1, 1]]))
    tensor([[1, 2, 3],
            [3, 4, 7]])"""

def inverse(A: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverses of square matrices (..., n, n). To solve a system, `solve` is quicker and more exact than multiplying
    by the inverse.
    Raises: LinAlgError if a matrix is singular; RuntimeError if it is not square."""

def is_nonzero(input: Tensor) -> _bool:
    """Whether the only element is not zero: what `if tensor:` asks.
    Raises: RuntimeError if there is not exactly one element.

    >>> rt.is_nonzero(rt.tensor([-0.5])), rt.is_nonzero(rt.tensor(0))
    (True, False)"""

def is_same_size(input: Tensor, other: Tensor | _Number) -> _bool:
    """Whether both have the same shape.

    >>> rt.is_same_size(rt.zeros(2, 3), rt.ones(3, 2))
    False"""

def isclose(
    input: Tensor,
    other: Tensor | _Number,
    rtol: _float = 1e-05,
    atol: _float = 1e-08,
    equal_nan: _bool = False,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """True where `|input - other| <= atol + rtol * |other|`, with broadcasting; `equal_nan` lets NaN equal NaN. Infinities
    are close to themselves only.

    >>> rt.isclose(rt.tensor([100.0, 1.0]), rt.tensor([100.0001, 1.1]))
    tensor([ True, False])"""

def isfinite(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """True where neither infinite nor NaN; of complex numbers, where neither part is.

    >>> rt.isfinite(rt.tensor([1.0, rt.nan, -rt.inf]))
    tensor([ True, False, False])"""

def isin(
    elements: Tensor,
    test_elements: Tensor | _Number,
    *,
    assume_unique: _bool = False,
    invert: _bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """Whether each element is one of `test_elements`, in the shape of `elements`; `invert` asks whether it is none. NaN is
    in no set. `assume_unique` is not used.

    >>> rt.isin(rt.tensor([1, 2, 3]), rt.tensor([3, 1]))
    tensor([ True, False,  True])"""

def isinf(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """True where infinite, of either sign; of complex numbers, where either part is.

    >>> rt.isinf(rt.tensor([1.0, rt.nan, -rt.inf]))
    tensor([False, False,  True])"""

def isnan(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """True where not a number; of complex numbers, where either part is not.

    >>> rt.isnan(rt.tensor([1.0, rt.nan, rt.inf]))
    tensor([False,  True, False])"""

def isneginf(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """True where infinite and negative.

    >>> rt.isneginf(rt.tensor([rt.inf, -rt.inf, 1.0]))
    tensor([False,  True, False])"""

def isposinf(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """True where infinite and positive.

    >>> rt.isposinf(rt.tensor([rt.inf, -rt.inf, 1.0]))
    tensor([ True, False, False])"""

def isreal(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """True where the imaginary part is zero: everywhere in real tensors.

    >>> rt.isreal(rt.tensor([1 + 0j, 1 + 1j]))
    tensor([ True, False])"""

def istft(
    input: Tensor,
    n_fft: _int,
    hop_length: _int | None = None,
    win_length: _int | None = None,
    window: Tensor | _Number | None = None,
    center: _bool = True,
    normalized: _bool = False,
    onesided: _bool | None = None,
    length: _int | None = None,
    return_complex: _bool = False,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The inverse of `stft`: signals of (frequency, frame) or (batch, frequency, frame), by least squares (Griffin and
    Lim, 1984): frames transformed back, windowed, added where they overlap and divided by the sum of the squared
    windows. Arguments as for `stft`; `length` cuts or fills up the result. Windows must not leave gaps.
    Raises: RuntimeError if they do, or for a real input.

    >>> x = rt.arange(32.0)
    >>> window = rt.hann_window(8)
    >>> y = rt.istft(rt.stft(x, 8, window=window, return_complex=True), 8, window=window)
    >>> rt.allclose(x, y, atol=1e-4)
    True"""

def kaiser_window(
    window_length: _int,
    periodic: _bool = True,
    beta: _float = 12.0,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    layout: _layout | None = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """The Kaiser window `I0(beta sqrt(1 - (2 t - 1)**2)) / I0(beta)`; a larger `beta` makes it narrower. Otherwise as
    `hann_window`.

    >>> rt.kaiser_window(5, periodic=False, beta=2.0)
    tensor([0.4387, 0.8348, 1.0000, 0.8348, 0.4387])"""

def kron(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The Kronecker product: every element of `input` times the whole of `other`, block by block; lengths multiply, axis
    by axis. The one with fewer axes gets leading ones.

    >>> rt.kron(rt.eye(2), rt.tensor([[1.0, 2.0]]))
    tensor([[1., 2., 0., 0.],
            [0., 0., 1., 2.]])"""

def kthvalue(input: Tensor, k: _int, dim: _int = -1, keepdim: _bool = False) -> _values_indices:
    """The `k`-th smallest elements along axis `dim` (counted from 1), and their indices.
    Raises: ValueError unless `k` is from 1 to the length of the axis; IndexError if `dim` is out of range.

    >>> rt.kthvalue(rt.tensor([5.0, 1.0, 3.0]), 2)
    kthvalue(values=tensor(3.), indices=tensor(2))"""

def layer_norm(
    input: Tensor,
    normalized_shape: _int | Sequence[_int],
    weight: Tensor | _Number | None = None,
    bias: Tensor | _Number | None = None,
    eps: _float = 1e-05,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Normalises over the last axes, whose extents are `normalized_shape`, to mean 0 and variance 1, then times `weight`
    plus `bias` of that shape: `(x - mean) / sqrt(var + eps) * weight + bias`. Source: Ba et al., "Layer normalization"
    (2016).
    Raises: RuntimeError if `input` does not end in `normalized_shape`, or `weight` or `bias` has another shape.

    >>> F.layer_norm(rt.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 6.0]]), (3,))
    tensor([[-1.2247,  0.0000,  1.2247],
            [-0.7071, -0.7071,  1.4142]])"""

def lcm(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Least common multiple of integers, not negative; 0 if one of them is.
    Raises: RuntimeError for floats.

    >>> rt.lcm(rt.tensor([4, -6, 0]), rt.tensor([6, 4, 5]))
    tensor([12, 12,  0])"""

def lcm_(input: Tensor, other: Tensor | _Number) -> Tensor:
    """`lcm` in place: writes to the tensor itself."""

def ldexp(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input * 2**other`; integers give floats.

    >>> rt.ldexp(rt.tensor([1.0, 3.0]), rt.tensor([4, -1]))
    tensor([16.0000,  1.5000])"""

def ldexp_(input: Tensor, other: Tensor | _Number) -> Tensor:
    """`ldexp` in place: writes to the tensor itself."""

def le(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input <= other`, element by element, with broadcasting.

    >>> rt.le(rt.tensor([1, 2, 3]), 2)
    tensor([ True,  True, False])"""

def le_(input: Tensor, other: Tensor | _Number) -> Tensor:
    """`le` in place: writes to the tensor itself."""

def less_equal(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input <= other`, element by element, with broadcasting."""

def less_equal_(input: Tensor, other: Tensor | _Number) -> Tensor:
    """`less_equal` in place: writes to the tensor itself."""

def lerp(
    input: Tensor | _Number, end: Tensor | _Number, weight: Tensor | _Number, *, out: Tensor | None = None
) -> Tensor:
    """Linear interpolation, `input + weight * (end - input)`; all three broadcast.

    >>> rt.lerp(rt.tensor([0.0, 10.0]), rt.tensor([4.0, 20.0]), 0.25)
    tensor([ 1.0000, 12.5000])"""

def lerp_(input: Tensor | _Number, end: Tensor | _Number, weight: Tensor | _Number) -> Tensor:
    """`lerp` in place: writes to the tensor itself."""

def lgamma(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The logarithm of the gamma function, `ln |Gamma(input)|`; infinite at 0, -1, -2 ...

    >>> rt.lgamma(rt.tensor([1.0, 5.0, 0.0]))
    tensor([0.0000, 3.1781,    inf])"""

def lgamma_(input: Tensor) -> Tensor:
    """`lgamma` in place: writes to the tensor itself."""

def linspace(
    start: _float,
    end: _float,
    steps: _int,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    layout: _layout | None = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """`steps` numbers from `start` to `end`, both included, evenly spaced; in the default float type unless `dtype` says
    otherwise.
    Raises: RuntimeError if `steps` is negative.

    >>> rt.linspace(0, 1, 5)
    tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])"""

def log(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Natural logarithm: minus infinity at 0, NaN below.

    >>> rt.log(rt.tensor([1.0, 2.0, 0.0]))
    tensor([0.0000, 0.6931,   -inf])"""

def log_(input: Tensor | _Number) -> Tensor:
    """`log` in place: writes to the tensor itself."""

def log10(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Base-10 logarithm: minus infinity at 0, NaN below.

    >>> rt.log10(rt.tensor([1000.0, 0.5]))
    tensor([ 3.0000, -0.3010])"""

def log10_(input: Tensor | _Number) -> Tensor:
    """`log10` in place: writes to the tensor itself."""

def log1p(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`log(1 + input)`, accurate near 0.

    >>> rt.log1p(rt.tensor([1e-10])) == 1e-10
    tensor([True])"""

def log1p_(input: Tensor | _Number) -> Tensor:
    """`log1p` in place: writes to the tensor itself."""

def log2(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Base-2 logarithm: minus infinity at 0, NaN below.

    >>> rt.log2(rt.tensor([8.0, 10.0]))
    tensor([3.0000, 3.3219])"""

def log2_(input: Tensor | _Number) -> Tensor:
    """`log2` in place: writes to the tensor itself."""

def log_softmax(input: Tensor, dim: _int, dtype: dtype | None = None, *, out: Tensor | None = None) -> Tensor:
    """`log(softmax(input))` along axis `dim`, without overflow: `input - logsumexp(input)`. `dtype` converts the input
    first.
    Raises: IndexError if `dim` is out of range; RuntimeError for integers without `dtype`.

    >>> rt.log_softmax(rt.tensor([[0.0, 0.0], [1.0, 1001.0]]), dim=1)
    tensor([[-6.9315e-01, -6.9315e-01],
            [-1.0000e+03,  0.0000e+00]])"""

def logaddexp(input: Tensor | _Number, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`log(e**input + e**other)` without overflow; both broadcast.

    >>> rt.logaddexp(rt.tensor([0.0, 1000.0]), rt.tensor([0.0, 1000.0]))
    tensor([6.9315e-01, 1.0007e+03])"""

def logaddexp_(input: Tensor | _Number, other: Tensor | _Number) -> Tensor:
    """`logaddexp` in place: writes to the tensor itself."""

def logaddexp2(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`log2(2**input + 2**other)` without overflow; both broadcast.

    >>> rt.logaddexp2(rt.tensor([3.0, 500.0]), rt.tensor([3.0, 500.0]))
    tensor([  4., 501.])"""

def logcumsumexp(input: Tensor, dim: _int, *, out: Tensor | None = None) -> Tensor:
    """`log(cumsum(exp(input)))` along axis `dim` without overflow. An element of -inf gets the gradient 0.
    Raises: IndexError if `dim` is out of range; RuntimeError for integers.

    >>> rt.logcumsumexp(rt.zeros(3), dim=0)
    tensor([0.0000, 0.6931, 1.0986])"""

def logdet(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The logarithms of the determinants of square matrices; NaN for negative ones, -inf for 0.
    Raises: RuntimeError if a matrix is not square.

    >>> rt.logdet(rt.tensor([[2.0, 0.0], [0.0, 3.0]]))
    tensor(1.7918)"""

def logical_and(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """True where both are not zero; with broadcasting.

    >>> rt.logical_and(rt.tensor([0.0, 1.5, -2.0]), rt.tensor([1, 1, 0]))
    tensor([False,  True, False])"""

def logical_and_(input: Tensor, other: Tensor | _Number) -> Tensor:
    """`logical_and` in place: writes to the tensor itself."""

def logical_not(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """True where zero.

    >>> rt.logical_not(rt.tensor([0, 1, -2]))
    tensor([ True, False, False])"""

def logical_not_(input: Tensor) -> Tensor:
    """`logical_not` in place: writes to the tensor itself."""

def logical_or(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """True where either is not zero; with broadcasting.

    >>> rt.logical_or(rt.tensor([0.0, 1.5, 0.0]), rt.tensor([1, 1, 0]))
    tensor([ True,  True, False])"""

def logical_or_(input: Tensor, other: Tensor | _Number) -> Tensor:
    """`logical_or` in place: writes to the tensor itself."""

def logical_xor(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """True where just one is not zero; with broadcasting.

    >>> rt.logical_xor(rt.tensor([0.0, 1.5, -2.0]), rt.tensor([1, 1, 0]))
    tensor([ True, False,  True])"""

def logical_xor_(input: Tensor, other: Tensor | _Number) -> Tensor:
    """`logical_xor` in place: writes to the tensor itself."""

def logit(input: Tensor, eps: _float | None = None, *, out: Tensor | None = None) -> Tensor:
    """`log(input / (1 - input))`, the inverse of `sigmoid`. With `eps`, elements are first limited to `[eps, 1 - eps]`;
    without, those outside [0, 1] give NaN.

    >>> rt.logit(rt.tensor([0.1, 0.5, 0.9]))
    tensor([-2.1972,  0.0000,  2.1972])
    >>> rt.logit(rt.tensor([0.0, 1.0]), eps=0.1)
    tensor([-2.1972,  2.1972])"""

def logit_(input: Tensor, eps: _float | None = None) -> Tensor:
    """`logit` in place: writes to the tensor itself."""

def logspace(
    start: _float,
    end: _float,
    steps: _int,
    base: _float = 10.0,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    layout: _layout | None = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """`base` to the power of `steps` evenly spaced numbers from `start` to `end`, both included: (steps).
    Raises: ValueError if `steps` is negative.

    >>> rt.logspace(0, 3, steps=4, base=2)
    tensor([1., 2., 4., 8.])"""

def logsumexp(
    input: Tensor, dim: _int | Sequence[_int], keepdim: _bool = False, *, out: Tensor | None = None
) -> Tensor:
    """`log(sum(exp(input)))` over axes `dim` without overflow; minus infinity of nothing.
    Raises: IndexError if an axis is out of range.

    >>> rt.logsumexp(rt.tensor([[1000.0, 1000.0], [0.0, -rt.inf]]), dim=1)
    tensor([1000.6932,    0.0000])"""

def lt(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input < other`, element by element, with broadcasting.

    >>> rt.lt(rt.tensor([1, 2, 3]), 2)
    tensor([ True, False, False])"""

def lt_(input: Tensor, other: Tensor | _Number) -> Tensor:
    """`lt` in place: writes to the tensor itself."""

def less(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input < other`, element by element, with broadcasting."""

def less_(input: Tensor, other: Tensor | _Number) -> Tensor:
    """`less` in place: writes to the tensor itself."""

def lu(A: Tensor, pivot: _bool = True, get_infos: _bool = False) -> Any:
    """Packed factors and pivots as of `linalg.lu_factor`, and with `get_infos` also `linalg.lu_factor_ex`'s info.

    >>> LU, pivots = rt.tensor([[1.0, 2.0], [4.0, 6.0]]).lu()
    >>> LU
    tensor([[4.0000, 6.0000],
            [0.2500, 0.5000]])"""

def lu_solve(b: Tensor, LU_data: Tensor | _Number, LU_pivots: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """As `linalg.lu_solve`, with the right sides first.

    >>> LU, pivots = rt.linalg.lu_factor(rt.tensor([[1.0, 2.0], [4.0, 6.0]]))
    >>> rt.lu_solve(rt.tensor([[5.0], [16.0]]), LU, pivots)
    tensor([[1.],
            [2.]])"""

def lu_unpack(
    LU_data: Tensor, LU_pivots: Tensor | _Number, unpack_data: _bool = True, unpack_pivots: _bool = True
) -> _P_L_U:
    """`P`, `L` and `U` of what `linalg.lu_factor` gives; `unpack_data` and `unpack_pivots` say which of them are wanted.

    >>> A = rt.tensor([[1.0, 2.0], [4.0, 6.0]])
    >>> P, L, U = rt.lu_unpack(*rt.linalg.lu_factor(A))
    >>> P @ L @ U
    tensor([[1., 2.],
            [4., 6.]])"""

def masked_fill(input: Tensor, mask: Tensor | _Number, value: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input` with `value`, a number or a 0-d tensor, written where `mask` (bool, broadcast) holds.
    Raises: RuntimeError if `mask` is not bool, or `value` has axes.

    >>> x = rt.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> rt.masked_fill(x, x > 2, -1.0)
    tensor([[ 1.,  2.],
            [-1., -1.]])"""

def masked_fill_(input: Tensor, mask: Tensor | _Number, value: Tensor | _Number) -> Tensor:
    """`masked_fill` in place: writes to the tensor itself."""

def masked_scatter(
    input: Tensor, mask: Tensor | _Number, source: Tensor | _Number, *, out: Tensor | None = None
) -> Tensor:
    """`input` with the elements of `source`, in order, where `mask` (bool, broadcast) holds.
    Raises: RuntimeError if `source` has fewer elements than `mask` holds places, another dtype, or `mask` is not bool.

    >>> rt.masked_scatter(rt.zeros(4), rt.tensor([True, False, True, False]), rt.tensor([5.0, 6.0, 7.0]))
    tensor([5., 0., 6., 0.])"""

def masked_scatter_(input: Tensor, mask: Tensor | _Number, source: Tensor | _Number) -> Tensor:
    """`masked_scatter` in place: writes to the tensor itself."""

def masked_select(input: Tensor, mask: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The elements of `input` where `mask` (bool, broadcast) holds, 1-d in row-major order, copied.
    Raises: RuntimeError if `mask` is not bool or does not broadcast with `input`.

    >>> x = rt.tensor([[1, 2], [3, 4]])
    >>> rt.masked_select(x, x > 1)
    tensor([2, 3, 4])"""

def matmul(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The matrix product of the last two axes: (..., n, k) times (..., k, m) is (..., n, m); further axes are batches and
    broadcast. A 1-d operand counts as a row (left) or column (right) and its axis goes again; of two the inner product
    is left, 0-d.
    Raises: RuntimeError if the inner lengths or the dtypes differ, or an operand is 0-d.

    >>> rt.matmul(rt.tensor([[1.0, 2.0], [3.0, 4.0]]), rt.tensor([1.0, -1.0]))
    tensor([-1., -1.])
    >>> rt.matmul(rt.ones(5, 1, 2, 3), rt.ones(4, 3, 2)).shape
    rutile.Size([5, 4, 2, 2])"""

def matrix_exp(A: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The exponential of square matrices: `I + A + A A / 2 + ...`, by scaling and squaring with a Padé approximant
    (Higham, 2005). The derivative is a block of the exponential of a matrix twice as large (Van Loan, 1978).
    Raises: RuntimeError if a matrix is not square."""

def matrix_power(input: Tensor, n: _int, *, out: Tensor | None = None) -> Tensor:
    """The `n`-th power of square matrices by repeated squaring; negative powers are those of the inverse, and the power 0
    is the identity.
    Raises: RuntimeError if a matrix is not square; LinAlgError for negative powers of a singular one.

    >>> rt.matrix_power(rt.tensor([[1, 1], [1, 0]]), 10)  # Fibonacci numbers
    tensor([[89, 55],
            [55, 34]])"""

@overload
def max(input: Tensor, dim: None = None, keepdim: _bool = False) -> Tensor: ...
@overload
def max(input: Tensor, dim: _int, keepdim: _bool = False) -> _values_indices: ...
@overload
def max(input: Tensor, dim: Tensor) -> Tensor:
    """`max(input)`: the largest element, 0-d. `max(input, dim, keepdim=False)`: the largest along an axis, with their
    indices (the first of equals), as a named tuple `(values, indices)`. `max(input, other)`: the larger of two, element
    by element. NaN wins. `max(input)` shares the gradient among equals, `max(input, dim)` gives it to the one at
    `indices`.
    Raises: IndexError if there is no axis `dim`, or it has no elements; RuntimeError for an empty tensor without `dim`.

    >>> x = rt.tensor([[1, 5], [7, 2]])
    >>> rt.max(x)
    tensor(7)
    >>> rt.max(x, dim=1).values, rt.max(x, dim=1).indices
    (tensor([5, 7]), tensor([1, 0]))"""

def max_pool1d(
    input: Tensor,
    kernel_size: _int | Sequence[_int],
    stride: _int | Sequence[_int] | None = None,
    padding: _int | Sequence[_int] = 0,
    dilation: _int | Sequence[_int] = 1,
    ceil_mode: _bool = False,
    return_indices: _bool = False,
) -> Any:
    """The largest element of each window of `kernel_size` elements, `dilation` apart, along the last axis of (n, c, l) or
    (c, l). Windows are `stride` (by default `kernel_size`) apart; there are
    `(l + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1`, with `ceil_mode` rounded up. Padding never
    wins. With `return_indices` also their positions.
    Raises: RuntimeError if no window fits, or `padding` is more than half of one.

    >>> F.max_pool1d(rt.tensor([[1.0, 3.0, 2.0, 5.0, 4.0]]), kernel_size=2)
    tensor([[3., 5.]])
    >>> F.max_pool1d(rt.tensor([[1.0, 3.0, 2.0, 5.0, 4.0]]), kernel_size=3, stride=1, return_indices=True)
    (tensor([[3., 5., 5.]]), tensor([[1, 3, 3]]))"""

def max_pool2d(
    input: Tensor,
    kernel_size: _int | Sequence[_int],
    stride: _int | Sequence[_int] | None = None,
    padding: _int | Sequence[_int] = 0,
    dilation: _int | Sequence[_int] = 1,
    ceil_mode: _bool = False,
    return_indices: _bool = False,
) -> Any:
    """The largest element of each window of (n, c, h, w) or (c, h, w); sizes are one number or (h, w), and there are as
    many windows along each axis as for `max_pool1d`. With `return_indices` also their positions in the plane,
    `row * w + column`.
    Raises: RuntimeError if no window fits, or `padding` is more than half of one.

    >>> x = rt.arange(16.0).reshape(1, 4, 4)
    >>> F.max_pool2d(x, 2)
    tensor([[[ 5.,  7.],
             [13., 15.]]])
    >>> F.max_pool2d(x, kernel_size=3, stride=2, padding=1).shape
    rutile.Size([1, 2, 2])"""

def max_pool3d(
    input: Tensor,
    kernel_size: _int | Sequence[_int],
    stride: _int | Sequence[_int] | None = None,
    padding: _int | Sequence[_int] = 0,
    dilation: _int | Sequence[_int] = 1,
    ceil_mode: _bool = False,
    return_indices: _bool = False,
) -> Any:
    """The largest element of each window of (n, c, d, h, w) or (c, d, h, w); sizes are one number or (d, h, w), and there
    are as many windows along each axis as for `max_pool1d`. With `return_indices` also their positions in the volume.
    Raises: RuntimeError if no window fits, or `padding` is more than half of one.

    >>> F.max_pool3d(rt.rand(8, 3, 16, 32, 32), kernel_size=(1, 2, 2)).shape
    rutile.Size([8, 3, 16, 16, 16])"""

def maximum(input: Tensor | _Number, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The larger of two elements; NaN if either is NaN. Where both are equal each gets half of the gradient.

    >>> rt.maximum(rt.tensor([1.0, rt.nan, 3.0]), rt.tensor([2.0, 0.0, 3.0]))
    tensor([2., nan, 3.])"""

def maximum_(input: Tensor | _Number, other: Tensor | _Number) -> Tensor:
    """`maximum` in place: writes to the tensor itself."""

def mean(
    input: Tensor,
    dim: _int | Sequence[_int] | None = None,
    keepdim: _bool = False,
    *,
    dtype: dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The mean over axes `dim` (all if None); NaN of nothing. Takes floats, or integers with `dtype=` a float.
    Raises: IndexError if an axis is out of range; RuntimeError for integers without `dtype`.

    >>> x = rt.tensor([[1.0, 2.0], [3.0, 6.0]])
    >>> x.mean(), x.mean(dim=1)
    (tensor(3.), tensor([1.5000, 4.5000]))"""

@overload
def median(input: Tensor, dim: None = None, keepdim: _bool = False) -> Tensor: ...
@overload
def median(input: Tensor, dim: _int, keepdim: _bool = False) -> _values_indices:
    """`median(input)`: the median of all elements; of an even number the lower of the two in the middle.
    `median(input, dim, keepdim=False)`: the medians along an axis, with their indices. NaN if there is one.
    Raises: IndexError if `dim` is out of range or that axis is empty.

    >>> rt.median(rt.tensor([4.0, 1.0, 3.0, 2.0]))
    tensor(2.)
    >>> rt.median(rt.tensor([[4, 1, 3], [7, 9, 8]]), dim=1)
    median(values=tensor([3, 8]), indices=tensor([2, 2]))"""

def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Tensor, ...]:
    """Coordinates of a grid: tensor `i` of the result varies along axis `i` as vector `i` does. `indexing="xy"` exchanges
    the first two axes, as NumPy does by default.
    Raises: ValueError for another `indexing`; RuntimeError if a tensor has more than one axis.

    >>> y, x = rt.meshgrid(rt.tensor([0, 1]), rt.tensor([5, 6, 7]), indexing="ij")
    >>> y
    tensor([[0, 0, 0],
            [1, 1, 1]])
    >>> x
    tensor([[5, 6, 7],
            [5, 6, 7]])"""

@overload
def min(input: Tensor, dim: None = None, keepdim: _bool = False) -> Tensor: ...
@overload
def min(input: Tensor, dim: _int, keepdim: _bool = False) -> _values_indices: ...
@overload
def min(input: Tensor, dim: Tensor) -> Tensor:
    """`min(input)`: the smallest element, 0-d. `min(input, dim, keepdim=False)`: the smallest along an axis, with their
    indices (the first of equals), as a named tuple `(values, indices)`. `min(input, other)`: the smaller of two,
    element by element. NaN wins. `min(input)` shares the gradient among equals, `min(input, dim)` gives it to the one
    at `indices`.
    Raises: IndexError if there is no axis `dim`, or it has no elements; RuntimeError for an empty tensor without `dim`.

    >>> x = rt.tensor([[1, 5], [7, 2]])
    >>> rt.min(x)
    tensor(1)
    >>> rt.min(x, rt.tensor(3))
    tensor([[1, 3],
            [3, 2]])
    >>> rt.min(x, dim=0).indices
    tensor([0, 1])"""

def minimum(input: Tensor | _Number, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The smaller of two elements; NaN if either is NaN. Where both are equal each gets half of the gradient.

    >>> rt.minimum(rt.tensor([1.0, rt.nan, 3.0]), rt.tensor([2.0, 0.0, 3.0]))
    tensor([1., nan, 3.])"""

def minimum_(input: Tensor | _Number, other: Tensor | _Number) -> Tensor:
    """`minimum` in place: writes to the tensor itself."""

def mm(input: Tensor, mat2: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The product of two matrices: (n, k) times (k, m) is (n, m). Nothing broadcasts.
    Raises: RuntimeError if an operand is not 2-d, or `k` or the dtypes differ.

    >>> rt.mm(rt.tensor([[1, 2], [3, 4]]), rt.tensor([[0, 1], [1, 0]]))
    tensor([[2, 1],
            [4, 3]])"""

def mode(input: Tensor, dim: _int = -1, keepdim: _bool = False) -> _values_indices:
    """The most frequent elements along axis `dim` (the smallest of several), and the index of one such element (the last).
    Raises: IndexError if `dim` is out of range or that axis is empty.

    >>> rt.mode(rt.tensor([2, 1, 1, 2, 3]))
    mode(values=tensor(1), indices=tensor(2))"""

def movedim(
    input: Tensor, source: _int | Sequence[_int], destination: _int | Sequence[_int], *, out: Tensor | None = None
) -> Tensor:
    """Axes `source` (one or several) moved to the places `destination`; the others keep their order. A view.
    Raises: IndexError if an axis is out of range; ValueError if one comes twice, or there are not as many of both.

    >>> rt.movedim(rt.zeros(8, 32, 32, 3), -1, 1).shape
    rutile.Size([8, 3, 32, 32])"""

def moveaxis(
    input: Tensor, source: _int | Sequence[_int], destination: _int | Sequence[_int], *, out: Tensor | None = None
) -> Tensor:
    """Axes `source` (one or several) moved to the places `destination`; the others keep their order. A view.
    Raises: IndexError if an axis is out of range; ValueError if one comes twice, or there are not as many of both."""

def msort(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The elements in ascending order along the first axis: `sort(input, dim=0).values`.

    >>> rt.msort(rt.tensor([[3, 1], [2, 4]]))
    tensor([[2, 1],
            [3, 4]])"""

def mul(input: Tensor | _Number, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input * other`, element by element, with broadcasting and type promotion.

    >>> rt.mul(rt.tensor([[1], [2]]), rt.tensor([3.0, 4.0]))
    tensor([[3., 4.],
            [6., 8.]])"""

def mul_(input: Tensor | _Number, other: Tensor | _Number) -> Tensor:
    """`mul` in place: writes to the tensor itself."""

def multiply(input: Tensor | _Number, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input * other`, element by element, with broadcasting and type promotion."""

def multiply_(input: Tensor | _Number, other: Tensor | _Number) -> Tensor:
    """`multiply` in place: writes to the tensor itself."""

def multinomial(
    input: Tensor,
    num_samples: _int,
    replacement: _bool = False,
    *,
    generator: Generator | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Indices drawn with probabilities proportional to the rows of `input` (categories) or (rows, categories): int64 of
    shape (num_samples) or (rows, num_samples). Without `replacement` no index comes twice in a row. Source: Efraimidis
    and Spirakis, "Weighted random sampling with a reservoir" (2006).
    Raises: ValueError if a weight is negative or not finite, none is positive, or without replacement fewer are than
    samples are wanted.

    >>> rt.multinomial(rt.tensor([0.0, 3.0, 1.0]), 2).sort().values
    tensor([1, 2])
    >>> rt.multinomial(rt.tensor([[1.0, 0.0], [0.0, 1.0]]), 3, replacement=True)
    tensor([[0, 0, 0],
            [1, 1, 1]])"""

def mv(input: Tensor, vec: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The product of a matrix (n, m) and a vector (m): a vector (n).
    Raises: RuntimeError if the shapes do not fit.

    >>> rt.mv(rt.tensor([[1, 2], [3, 4]]), rt.tensor([1, 10]))
    tensor([21, 43])"""

def mvlgamma(input: Tensor, p: _int, *, out: Tensor | None = None) -> Tensor:
    """The logarithm of the multivariate gamma function of dimension `p`,
    `p (p - 1) / 4 * log(pi) + sum(lgamma(input - j / 2) for j in range(p))`; elements are above `(p - 1) / 2`.
    Raises: ValueError if `p` is below 1.

    >>> rt.mvlgamma(rt.tensor([2.0, 3.0]), p=2)
    tensor([0.4516, 1.5502])"""

def mvlgamma_(input: Tensor, p: _int) -> Tensor:
    """`mvlgamma` in place: writes to the tensor itself."""

def nan_to_num(
    input: Tensor,
    nan: _float | None = None,
    posinf: _float | None = None,
    neginf: _float | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """`input` with other numbers for NaN (`nan`, by default 0), infinity (`posinf`, by default the largest of the dtype)
    and minus infinity (`neginf`, by default the lowest).

    >>> rt.nan_to_num(rt.tensor([rt.nan, 1.5, rt.inf]), posinf=100.0)
    tensor([  0.0000,   1.5000, 100.0000])"""

def nan_to_num_(
    input: Tensor, nan: _float | None = None, posinf: _float | None = None, neginf: _float | None = None
) -> Tensor:
    """`nan_to_num` in place: writes to the tensor itself."""

def nanmean(
    input: Tensor,
    dim: _int | Sequence[_int] | None = None,
    keepdim: _bool = False,
    *,
    dtype: dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The mean of the elements that are not NaN over axes `dim` (all if None); NaN if there are none.
    Raises: IndexError if an axis is out of range; RuntimeError for integers.

    >>> rt.nanmean(rt.tensor([1.0, rt.nan, 2.0]))
    tensor(1.5000)"""

@overload
def nanmedian(input: Tensor, dim: None = None, keepdim: _bool = False) -> Tensor: ...
@overload
def nanmedian(input: Tensor, dim: _int, keepdim: _bool = False) -> _values_indices:
    """As `median`, of the elements that are not NaN.

    >>> rt.nanmedian(rt.tensor([4.0, rt.nan, 3.0]))
    tensor(3.)"""

def nanquantile(
    input: Tensor,
    q: Any,
    dim: _int | None = None,
    keepdim: _bool = False,
    *,
    interpolation: str = "linear",
    out: Tensor | None = None,
) -> Tensor:
    """As `quantile`, of the elements that are not NaN; NaN if there are none.
    Raises: as `quantile`.

    >>> rt.nanquantile(rt.tensor([1.0, rt.nan, 3.0]), 0.5)
    tensor(2.)"""

def nansum(
    input: Tensor,
    dim: _int | Sequence[_int] | None = None,
    keepdim: _bool = False,
    *,
    dtype: dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The sum of the elements that are not NaN over axes `dim` (all if None). Integers and bool give int64.
    Raises: IndexError if an axis is out of range.

    >>> rt.nansum(rt.tensor([1.0, rt.nan, 2.0]))
    tensor(3.)"""

def narrow(input: Tensor, dim: _int, start: _int, length: _int, *, out: Tensor | None = None) -> Tensor:
    """Elements `start` to `start + length` of axis `dim`. A view.
    Raises: IndexError if `dim` or `start` is out of range; ValueError if there are not so many elements.

    >>> rt.narrow(rt.arange(5), 0, 1, 3)
    tensor([1, 2, 3])"""

def narrow_copy(input: Tensor, dim: _int, start: _int, length: _int, *, out: Tensor | None = None) -> Tensor:
    """Elements `start` to `start + length` of axis `dim`, copied; `narrow` gives a view.
    Raises: IndexError if `dim` or `start` is out of range; ValueError if there are not so many elements.

    >>> rt.narrow_copy(rt.arange(5), 0, 1, 3)
    tensor([1, 2, 3])"""

def ne(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input != other`, element by element, with broadcasting. NaN differs from everything.

    >>> rt.ne(rt.tensor([1, 2, 3]), 2)
    tensor([ True, False,  True])"""

def ne_(input: Tensor, other: Tensor | _Number) -> Tensor:
    """`ne` in place: writes to the tensor itself."""

def not_equal(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input != other`, element by element, with broadcasting. NaN differs from everything."""

def not_equal_(input: Tensor, other: Tensor | _Number) -> Tensor:
    """`not_equal` in place: writes to the tensor itself."""

def neg(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`-input`.
    Raises: RuntimeError for bools; `~` or `logical_not` is meant then.

    >>> rt.neg(rt.tensor([1, -2, 0]))
    tensor([-1,  2,  0])"""

def neg_(input: Tensor | _Number) -> Tensor:
    """`neg` in place: writes to the tensor itself."""

def negative(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`-input`.
    Raises: RuntimeError for bools; `~` or `logical_not` is meant then."""

def negative_(input: Tensor | _Number) -> Tensor:
    """`negative` in place: writes to the tensor itself."""

def nextafter(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The next number after `input` in the direction of `other`, in the common dtype of both floats.
    Raises: RuntimeError for integers.

    >>> rt.nextafter(rt.tensor([1.0]), rt.tensor([2.0])) - 1 == rt.finfo(rt.float32).eps
    tensor([True])"""

def nextafter_(input: Tensor, other: Tensor | _Number) -> Tensor:
    """`nextafter` in place: writes to the tensor itself."""

@overload
def nonzero(input: Tensor, *, as_tuple: Literal[False] = False) -> Tensor: ...
@overload
def nonzero(input: Tensor, *, as_tuple: Literal[True]) -> tuple[Tensor, ...]:
    """The indices of elements that are not zero: (count, axes), int64, in row-major order. `as_tuple` gives one tensor an
    axis, which `x[...]` takes.

    >>> x = rt.tensor([[0, 5], [6, 0]])
    >>> rt.nonzero(x)
    tensor([[0, 1],
            [1, 0]])
    >>> x[rt.nonzero(x, as_tuple=True)]
    tensor([5, 6])"""

def nonzero_static(input: Tensor, *, size: _int, fill_value: _int = -1, out: Tensor | None = None) -> Tensor:
    """The first `size` indices of elements that are not zero: (size, axes), int64, whatever `input` holds; rows that are
    missing hold `fill_value`.
    Raises: ValueError if `size` is negative.

    >>> rt.nonzero_static(rt.tensor([0, 5, 0, 7]), size=3)
    tensor([[ 1],
            [ 3],
            [-1]])"""

def norm(
    input: Tensor,
    p: Any = "fro",
    dim: _int | Sequence[_int] | None = None,
    keepdim: _bool = False,
    dtype: dtype | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The vector norm of order `p` over axes `dim` (all if None): `sum(|x|**p) ** (1/p)`; `"fro"` is 2, `"nuc"` the
    nuclear norm of matrices, `inf` and `-inf` give extremes, 0 counts. The derivative of the 2-norm at 0 is 0.
    Raises: IndexError if an axis is out of range; ValueError for another word; RuntimeError for integers, and for
    `"nuc"` of vectors.

    >>> x = rt.tensor([[3.0, 4.0], [5.0, 12.0]])
    >>> rt.norm(x, dim=1), rt.norm(x, p=1), rt.norm(x, p=rt.inf)
    (tensor([ 5., 13.]), tensor(24.), tensor(12.))"""

def normal(
    mean: Tensor,
    std: Tensor | _Number = 1.0,
    size: _int | Sequence[_int] | None = None,
    *,
    generator: Generator | None = None,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    layout: _layout | None = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """Normal random numbers. `mean` and `std` are tensors, which broadcast, (or one of them a number), or both numbers
    with a `size`.
    Raises: ValueError for a negative `std`; RuntimeError if the shapes do not broadcast; TypeError for two numbers
    without `size`.

    >>> rt.normal(0.0, 1.0, (2, 3)).shape
    rutile.Size([2, 3])
    >>> rt.normal(rt.tensor([1.0, 2.0]), rt.tensor([0.0, 0.0]))
    tensor([1., 2.])"""

def nuclear_norm(
    input: Tensor, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False, *, out: Tensor | None = None
) -> Tensor:
    """The sum of the singular values of matrices, on the axes `dim` (the last two if None).
    Raises: RuntimeError if there are fewer than 2 axes.

    >>> rt.nuclear_norm(rt.tensor([[3.0, 0.0], [0.0, -4.0]]))
    tensor(7.)"""

def ones(
    *size: Any,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    layout: _layout | None = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """Ones of shape `size`, by default in the default float type.
    Raises: RuntimeError if a size is negative.

    >>> rt.ones(2, 3)
    tensor([[1., 1., 1.],
            [1., 1., 1.]])"""

def ones_like(
    input: Tensor,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    memory_format: _memory_format | None = None,
    layout: _layout | None = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """Ones of the shape and dtype of `input`, and with its order of axes in memory.

    >>> rt.ones_like(rt.tensor([1, 2]), dtype=rt.float32)
    tensor([1., 1.])"""

def outer(input: Tensor, vec2: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """All products of an element of one vector (n) with an element of the other (m): (n, m),
    `out[i][j] = input[i] * vec2[j]`.
    Raises: RuntimeError if an operand is not 1-d.

    >>> rt.outer(rt.tensor([1, 2, 3]), rt.tensor([1, 10]))
    tensor([[ 1, 10],
            [ 2, 20],
            [ 3, 30]])"""

def ger(input: Tensor, vec2: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """All products of an element of one vector (n) with an element of the other (m): (n, m),
    `out[i][j] = input[i] * vec2[j]`.
    Raises: RuntimeError if an operand is not 1-d."""

def pdist(input: Tensor, p: _float = 2.0, *, out: Tensor | None = None) -> Tensor:
    """The distances in the `p`-norm between every two rows of a matrix (n, m), as a vector of n (n - 1) / 2: those above
    the diagonal of `cdist(input, input)`, row by row.
    Raises: RuntimeError unless `input` is 2-d, or if `p` is negative.

    >>> F.pdist(rt.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]]))
    tensor([5.0000, 1.0000, 4.2426])"""

def permute(input: Tensor, *dims: Any, out: Tensor | None = None) -> Tensor:
    """The axes in the order `dims`: axis `i` of the result is axis `dims[i]` of `input`. A view.
    Raises: RuntimeError unless `dims` names every axis once; IndexError if one is out of range.

    >>> rt.permute(rt.zeros(2, 3, 5), (2, 0, 1)).shape
    rutile.Size([5, 2, 3])"""

def pinverse(input: Tensor, rcond: _float = 1e-15, *, out: Tensor | None = None) -> Tensor:
    """The pseudoinverse; singular values up to `rcond` times the largest count as zero. See `linalg.pinv`.

    >>> rt.pinverse(rt.tensor([[1.0], [1.0]]))
    tensor([[0.5000, 0.5000]])"""

def poisson(input: Tensor, generator: Generator | None = None, *, out: Tensor | None = None) -> Tensor:
    """Poisson random numbers of mean `input`, element by element, in its dtype; negative means are a `ValueError`.
    Source: Hörmann, "The transformed rejection method for generating Poisson random variables" (1993).

    >>> rt.poisson(rt.tensor([0.0, 0.0]))
    tensor([0., 0.])"""

def polar(abs: Tensor, angle: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Complex numbers of their absolute value and angle in radians: `abs * (cos(angle) + i sin(angle))`, broadcast.
    Raises: RuntimeError unless both are float32 or both float64.

    >>> rt.polar(rt.tensor([1.0, 2.0]), rt.tensor([0.0, rt.pi / 3]))
    tensor([1.0000+0.0000j, 1.0000+1.7321j])"""

def polygamma(n: _int, input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Derivative number `n` of `digamma`: `(-1)**(n+1) n! zeta(n+1, input)` for `n > 0`.
    Raises: ValueError if `n` is negative.

    >>> rt.polygamma(1, rt.tensor([1.0])) == rt.pi**2 / 6
    tensor([True])"""

def positive(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The tensor itself, what `+x` gives.
    Raises: RuntimeError for bools, which have no sign.

    >>> +rt.tensor([1.0, -2.0])
    tensor([ 1., -2.])"""

def pow(input: Tensor, exponent: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input` to the power `exponent`, element by element; each is a tensor or a number.
    Raises: RuntimeError for integers to a negative power.

    >>> rt.pow(rt.tensor([1.0, 2.0, 3.0]), 2)
    tensor([1., 4., 9.])
    >>> rt.pow(2, rt.tensor([0, 1, 10]))
    tensor([   1,    2, 1024])"""

def pow_(input: Tensor, exponent: Tensor | _Number) -> Tensor:
    """`pow` in place: writes to the tensor itself."""

def prelu(input: Tensor, weight: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input` where positive, else `weight * input`; `weight` has one element or one per channel (axis 1). Source: He et
    al., "Delving deep into rectifiers" (2015).
    Raises: RuntimeError if `weight` has neither one element nor one per channel.

    >>> F.prelu(rt.tensor([[-1.0, -1.0], [2.0, 2.0]]), weight=rt.tensor([0.1, 0.5]))
    tensor([[-0.1000, -0.5000],
            [ 2.0000,  2.0000]])"""

def prod(
    input: Tensor,
    dim: _int | Sequence[_int] | None = None,
    keepdim: _bool = False,
    *,
    dtype: dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The product over axes `dim` (all if None); 1 of nothing. Integers and bool give int64. The derivative holds at zeros
    too.
    Raises: IndexError if an axis is out of range.

    >>> rt.prod(rt.tensor([[1, 2], [3, 4]]), dim=0)
    tensor([3, 8])"""

def put(
    input: Tensor,
    index: Tensor | _Number,
    source: Tensor | _Number,
    accumulate: _bool = False,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """`input` with the elements of `source` written to (or, with `accumulate`, added at) the places `index` of the
    flattened tensor; `source` has as many elements as `index`.
    Raises: IndexError if an index is out of range or the numbers of elements differ; RuntimeError if the dtypes do.

    >>> rt.put(rt.zeros(2, 2), rt.tensor([3, 3]), rt.tensor([1.0, 2.0]), accumulate=True)
    tensor([[0., 0.],
            [0., 3.]])"""

def put_(input: Tensor, index: Tensor | _Number, source: Tensor | _Number, accumulate: _bool = False) -> Tensor:
    """`put` in place: writes to the tensor itself."""

def qr(input: Tensor, some: _bool = True) -> _Q_R:
    """As `linalg.qr`: with `some` the reduced factors, else the complete ones.

    >>> rt.qr(rt.tensor([[3.0], [4.0]]), some=False).Q
    tensor([[-0.6000, -0.8000],
            [-0.8000,  0.6000]])"""

def quantile(
    input: Tensor,
    q: Any,
    dim: _int | None = None,
    keepdim: _bool = False,
    *,
    interpolation: str = "linear",
    out: Tensor | None = None,
) -> Tensor:
    """The `q`-th quantiles along axis `dim` (of all elements if None): of `n` sorted elements that of rank `q * (n - 1)`.
    `q` is a number in [0, 1] or a 1-d tensor of several, which then are the first axis of the result. Between two ranks
    the result is found by `interpolation`: "linear", "lower", "higher", "midpoint" or "nearest". NaN if there is one.
    Raises: ValueError if a `q` is outside [0, 1], `interpolation` is another word, or `input` is empty; RuntimeError
    unless both are floats of one dtype.

    >>> rt.quantile(rt.tensor([1.0, 2.0, 4.0]), 0.75)
    tensor(3.)
    >>> rt.quantile(rt.tensor([[1.0, 2.0, 4.0], [5.0, 6.0, 7.0]]), rt.tensor([0.0, 0.5]), dim=1)
    tensor([[1., 5.],
            [2., 6.]])"""

def rad2deg(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Radians to degrees.

    >>> rt.rad2deg(rt.tensor([rt.pi, 1.0]))
    tensor([180.0000,  57.2958])"""

def rad2deg_(input: Tensor | _Number) -> Tensor:
    """`rad2deg` in place: writes to the tensor itself."""

def rand(
    *size: Any,
    generator: Generator | None = None,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    layout: _layout | None = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """Uniform random numbers in [0, 1) of shape `size`, the same for any number of threads. Source: Salmon et al.,
    "Parallel random numbers: as easy as 1, 2, 3" (2011), Philox4x32-10.
    Raises: RuntimeError for a negative size or a dtype that is not a float.

    >>> _ = rt.manual_seed(0)
    >>> rt.rand(3)
    tensor([0.3990, 0.9722, 0.0194])
    >>> x = rt.rand(1000)
    >>> x.min().item() >= 0, x.max().item() < 1
    (True, True)"""

def rand_like(
    input: Tensor,
    *,
    generator: Generator | None = None,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    memory_format: _memory_format | None = None,
    layout: _layout | None = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """Uniform random numbers in [0, 1) of the shape and dtype of `input`.
    Raises: RuntimeError if the dtype is not a float.

    >>> rt.rand_like(rt.zeros(2, 3)).shape
    rutile.Size([2, 3])"""

def randint(
    low: _int | None = None,
    high: Any = None,
    size: _int | Sequence[_int] | None = None,
    *,
    generator: Generator | None = None,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    layout: _layout | None = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """Uniform random integers in [low, high) of shape `size`, by default int64: `randint(high, size)` or
    `randint(low, high, size)`.
    Raises: ValueError if `low >= high` or the dtype does not hold them all.

    >>> x = rt.randint(-2, 3, (1000,))
    >>> x.unique()
    tensor([-2, -1,  0,  1,  2])"""

def randint_like(
    input: Tensor,
    low: _int,
    high: _int | None = None,
    *,
    generator: Generator | None = None,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    memory_format: _memory_format | None = None,
    layout: _layout | None = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """Uniform random integers in [low, high) of the shape and dtype of `input`: `randint_like(input, high)` or
    `randint_like(input, low, high)`.
    Raises: ValueError if `low >= high` or the dtype does not hold them all.

    >>> rt.randint_like(rt.zeros(1000), 1, 4).unique()
    tensor([1., 2., 3.])"""

def randn(
    *size: Any,
    generator: Generator | None = None,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    layout: _layout | None = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """Normal random numbers of mean 0 and standard deviation 1 of shape `size`, the same for any number of threads.
    Source: Box and Muller, "A note on the generation of random normal deviates" (1958).
    Raises: RuntimeError for a negative size or a dtype that is not a float.

    >>> _ = rt.manual_seed(0)
    >>> x = rt.randn(100, 100)
    >>> x.mean().abs().item() < 0.1, (x.std() - 1).abs().item() < 0.1
    (True, True)"""

def randn_like(
    input: Tensor,
    *,
    generator: Generator | None = None,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    memory_format: _memory_format | None = None,
    layout: _layout | None = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """Normal random numbers of mean 0 and standard deviation 1 of the shape and dtype of `input`.
    Raises: RuntimeError if the dtype is not a float.

    >>> x = rt.zeros(2, 3, dtype=rt.float64)
    >>> rt.randn_like(x).dtype
    rutile.float64"""

def randperm(
    n: _int,
    *,
    generator: Generator | None = None,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    layout: _layout | None = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """The integers from 0 to `n - 1` in random order, by default int64.
    Raises: ValueError if `n` is negative.

    >>> order = rt.randperm(5)
    >>> order.sort().values
    tensor([0, 1, 2, 3, 4])"""

def ravel(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """All elements in row-major order along one axis. A view if strides allow, else a copy.

    >>> rt.ravel(rt.tensor([[1, 2], [3, 4]]))
    tensor([1, 2, 3, 4])"""

def real(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The real parts, on the same bytes; a real tensor as it is.

    >>> rt.real(rt.tensor([1 + 2j, 3 - 4j]))
    tensor([1., 3.])"""

def reciprocal(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`1 / input`.

    >>> rt.reciprocal(rt.tensor([4.0, -0.5]))
    tensor([ 0.2500, -2.0000])"""

def reciprocal_(input: Tensor | _Number) -> Tensor:
    """`reciprocal` in place: writes to the tensor itself."""

def relu(input: Tensor | _Number, inplace: _bool = False, *, out: Tensor | None = None) -> Tensor:
    """Rectified linear unit, `max(input, 0)`. The derivative at 0 is 0. Source: Nair and Hinton (2010).

    >>> F.relu(rt.tensor([-1.0, 0.0, 2.0]))
    tensor([0., 0., 2.])"""

def relu_(input: Tensor | _Number, inplace: _bool = False) -> Tensor:
    """`relu` in place: writes to the tensor itself."""

def remainder(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The remainder of `input / other` with the sign of `other`, as Python's `%`; `input - floor_divide(input, other) *
    other`.
    Raises: RuntimeError if integers are divided by zero; floats give NaN.

    >>> rt.remainder(rt.tensor([7, -7]), 3)
    tensor([1, 2])"""

def remainder_(input: Tensor, other: Tensor | _Number) -> Tensor:
    """`remainder` in place: writes to the tensor itself."""

def renorm(input: Tensor, p: _float, dim: _int, maxnorm: _float, *, out: Tensor | None = None) -> Tensor:
    """The slices along axis `dim`, those whose `p`-norm is above `maxnorm` scaled down to it.
    Raises: RuntimeError for fewer than two axes; ValueError unless `p > 0` and `maxnorm >= 0`.

    >>> rt.renorm(rt.tensor([[3.0, 4.0], [0.3, 0.4]]), 2, 0, 1.0)
    tensor([[0.6000, 0.8000],
            [0.3000, 0.4000]])"""

def renorm_(input: Tensor, p: _float, dim: _int, maxnorm: _float) -> Tensor:
    """`renorm` in place: writes to the tensor itself."""

def repeat_interleave(
    input: Tensor, repeats: Tensor | _Number, dim: _int | None = None, *, out: Tensor | None = None
) -> Tensor:
    """Every element (along axis `dim`; of the flattened tensor without it) `repeats` times in a row. `repeats` is a number
    or one integer per element of the axis.
    Raises: RuntimeError if `repeats` is negative or of another length; IndexError if there is no axis `dim`.

    >>> rt.repeat_interleave(rt.tensor([1, 2]), 2)
    tensor([1, 1, 2, 2])
    >>> rt.repeat_interleave(rt.tensor([[1, 2], [3, 4]]), rt.tensor([1, 2]), dim=0)
    tensor([[1, 2],
            [3, 4],
            [3, 4]])"""

def reshape(input: Tensor, *shape: Any, out: Tensor | None = None) -> Tensor:
    """The same elements in row-major order under another shape; one size may be -1. A view if strides allow, else a copy.
    Raises: RuntimeError if the numbers of elements differ; ValueError for several -1.

    >>> rt.reshape(rt.arange(6), (2, -1))
    tensor([[0, 1, 2],
            [3, 4, 5]])"""

def resize_as_(
    input: Tensor,
    the_template: Tensor | _Number,
    *,
    memory_format: _memory_format | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Gives the tensor itself the shape of `the_template`, and with `memory_format=preserve_format` its order of axes; see
    `resize_`.
    Raises: RuntimeError if the tensor requires grad.

    >>> rt.tensor([1, 2, 3, 4]).resize_as_(rt.zeros(2, 2))
    tensor([[1, 2],
            [3, 4]])"""

def resolve_conj(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The tensor itself: conjugates are computed at once.

    >>> x = rt.tensor([1 + 2j])
    >>> x.resolve_conj() is x
    True"""

def resolve_neg(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The tensor itself: negations are computed at once.

    >>> x = rt.tensor([1 + 2j])
    >>> x.resolve_neg() is x
    True"""

def rms_norm(
    input: Tensor,
    normalized_shape: _int | Sequence[_int],
    weight: Tensor | _Number | None = None,
    eps: _float | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Divides by the root mean square over the last axes, whose extents are `normalized_shape`, then times `weight` of
    that shape. `eps` is added to the mean square; without it the dtype's machine epsilon. Source: Zhang and Sennrich,
    "Root mean square layer normalization" (2019).
    Raises: RuntimeError if `input` does not end in `normalized_shape`.

    >>> F.rms_norm(rt.tensor([[3.0, 4.0], [0.0, 1.0]]), (2,))
    tensor([[0.8485, 1.1314],
            [0.0000, 1.4142]])"""

def roll(
    input: Tensor,
    shifts: _int | Sequence[_int],
    dims: _int | Sequence[_int] | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The tensor shifted by `shifts` places along axes `dims`; what leaves at the end comes in at the start. Without
    `dims` the flattened tensor is shifted.
    Raises: RuntimeError unless there is a shift for each of `dims`; IndexError if there is no such axis.

    >>> rt.roll(rt.tensor([1, 2, 3, 4]), 1)
    tensor([4, 1, 2, 3])
    >>> rt.roll(rt.tensor([[1, 2], [3, 4], [5, 6]]), shifts=(1, 1), dims=(0, 1))
    tensor([[6, 5],
            [2, 1],
            [4, 3]])"""

def rot90(
    input: Tensor, k: _int = 1, dims: _int | Sequence[_int] | None = None, *, out: Tensor | None = None
) -> Tensor:
    """The plane of axes `dims` (by default the first two) turned by `k` quarters, from the first axis towards the second,
    copied.
    Raises: IndexError if an axis is out of range; RuntimeError if they are not two different ones.

    >>> rt.rot90(rt.tensor([[1, 2], [3, 4]]))
    tensor([[2, 4],
            [1, 3]])"""

def round(input: Tensor, *, decimals: _int = 0, out: Tensor | None = None) -> Tensor:
    """Nearest number with `decimals` decimal places (left of the point if negative); ties go to even.

    >>> rt.round(rt.tensor([0.5, 1.5, -2.7]))
    tensor([ 0.,  2., -3.])
    >>> rt.round(rt.tensor([1234.567]), decimals=-2)
    tensor([1200.])"""

def round_(input: Tensor, *, decimals: _int = 0) -> Tensor:
    """`round` in place: writes to the tensor itself."""

def rsqrt(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`1 / sqrt(input)`: infinite at 0, NaN below.

    >>> rt.rsqrt(rt.tensor([4.0, 0.0]))
    tensor([0.5000,    inf])"""

def rsqrt_(input: Tensor | _Number) -> Tensor:
    """`rsqrt` in place: writes to the tensor itself."""

def rsub(input: Tensor, other: Tensor | _Number, *, alpha: _float = 1.0, out: Tensor | None = None) -> Tensor:
    """`other - alpha * input`, broadcast.

    >>> rt.rsub(rt.tensor([1, 2]), 10, alpha=2)
    tensor([8, 6])"""

def scalar_tensor(
    s: _Number,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    layout: _layout | None = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """A 0-d tensor of a number, by default in the default float type.

    >>> rt.scalar_tensor(3), rt.scalar_tensor(3, dtype=rt.int64)
    (tensor(3.), tensor(3))"""

def scatter(
    input: Tensor,
    dim: _int,
    index: Tensor | _Number,
    src: Tensor | _Number | None = None,
    *,
    value: _Number | None = None,
    reduce: str | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """`input` with `src` (a tensor, or a number, which may also be called `value`) written at `index` along axis `dim`; the
    last of equal places wins. With `reduce` it is added (`"add"`) or multiplied (`"multiply"`) to what is there instead,
    equal places one after the other. See also `scatter_reduce`.
    Raises: RuntimeError if `index` is larger than `src`, or than `input` apart from `dim`; IndexError if an index or
    `dim` is out of range; TypeError unless one of `src` and `value` is given.

    >>> labels = rt.tensor([[2], [0]])
    >>> rt.scatter(rt.zeros(2, 3), 1, labels, 1.0)  # one-hot rows
    tensor([[0., 0., 1.],
            [1., 0., 0.]])
    >>> rt.zeros(4).scatter(0, rt.tensor([1, 1, 3]), 2.0, reduce="add")
    tensor([0., 4., 0., 2.])"""

def scatter_(
    input: Tensor,
    dim: _int,
    index: Tensor | _Number,
    src: Tensor | _Number | None = None,
    *,
    value: _Number | None = None,
    reduce: str | None = None,
) -> Tensor:
    """`scatter` in place: writes to the tensor itself."""

def scatter_add(
    input: Tensor, dim: _int, index: Tensor | _Number, src: Tensor | _Number, *, out: Tensor | None = None
) -> Tensor:
    """`input` with `src` added at `index` along axis `dim`: `out[index[i][j]][j] += src[i][j]` for `dim=0`. Equal places
    add up. The derivative by `src` is `gather`.
    Raises: RuntimeError if `index` is larger than `src`, or than `input` apart from `dim`; IndexError if an index or
    `dim` is out of range.

    >>> rt.scatter_add(rt.zeros(3), 0, rt.tensor([0, 2, 0]), rt.tensor([1.0, 2.0, 3.0]))
    tensor([4., 0., 2.])"""

def scatter_add_(input: Tensor, dim: _int, index: Tensor | _Number, src: Tensor | _Number) -> Tensor:
    """`scatter_add` in place: writes to the tensor itself."""

def scatter_reduce(
    input: Tensor,
    dim: _int,
    index: Tensor | _Number,
    src: Tensor | _Number,
    reduce: str,
    *,
    include_self: _bool = True,
    out: Tensor | None = None,
) -> Tensor:
    """`input` combined with the elements of `src` at `index` along axis `dim`, as `scatter_add` places them. `reduce` is
    `"sum"`, `"prod"`, `"mean"`, `"amax"` or `"amin"`; without `include_self` the old elements of places that are hit do
    not count. Equal extremes share the gradient.
    Raises: ValueError if `reduce` is another word; IndexError if an index is out of range; RuntimeError if `index` does
    not fit `input` and `src`.

    >>> group = rt.tensor([0, 1, 0, 1])
    >>> rt.scatter_reduce(rt.zeros(2), 0, group, rt.tensor([1.0, 2.0, 3.0, 4.0]), "amax", include_self=False)
    tensor([3., 4.])"""

def scatter_reduce_(
    input: Tensor, dim: _int, index: Tensor | _Number, src: Tensor | _Number, reduce: str, *, include_self: _bool = True
) -> Tensor:
    """`scatter_reduce` in place: writes to the tensor itself."""

def searchsorted(
    sorted_sequence: Tensor,
    input: Tensor | _Number,
    *,
    out_int32: _bool = False,
    right: _bool = False,
    side: str | None = None,
    sorter: Tensor | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Where `input` belongs in `sorted_sequence`, whose last axis is in ascending order: the index before which each
    element is to be inserted to keep the order; with `right=True` (or `side="right"`) behind its equals.
    `sorted_sequence` is 1-d, or has the leading axes of `input`. `sorter` holds the indices that sort it, if it is not
    sorted itself. The result has the shape of `input`, int64 or, with `out_int32`, int32.
    Raises: RuntimeError if the leading axes differ; ValueError if `side` is another word or contradicts `right`.

    >>> rt.searchsorted(rt.tensor([1, 3, 5]), rt.tensor([0, 3, 6]))
    tensor([0, 1, 3])
    >>> rt.searchsorted(rt.tensor([1, 3, 5]), rt.tensor([0, 3, 6]), right=True)
    tensor([0, 2, 3])"""

def select(input: Tensor, dim: _int, index: _int, *, out: Tensor | None = None) -> Tensor:
    """Element `index` of axis `dim`; the axis goes. A view: `input[index]` with `dim` 0.
    Raises: IndexError if `dim` or `index` is out of range.

    >>> rt.select(rt.tensor([[1, 2], [3, 4]]), 1, 0)
    tensor([1, 3])"""

def select_scatter(
    input: Tensor, src: Tensor | _Number, dim: _int, index: _int, *, out: Tensor | None = None
) -> Tensor:
    """`input` with `src` in place of element `index` of axis `dim`, copied; `src` has the shape of
    `input.select(dim, index)`.
    Raises: IndexError if `dim` or `index` is out of range; RuntimeError if the shape of `src` does not fit.

    >>> rt.select_scatter(rt.zeros(2, 3), rt.tensor([1.0, 2.0, 3.0]), dim=0, index=1)
    tensor([[0., 0., 0.],
            [1., 2., 3.]])"""

def selu(input: Tensor | _Number, inplace: _bool = False, *, out: Tensor | None = None) -> Tensor:
    """Scaled exponential linear unit, `scale * elu(input, alpha)`. Its constants, `scale` 1.0507 and `alpha` 1.6733,
    keep mean 0 and variance 1 from layer to layer. Source: Klambauer et al. (2017).

    >>> F.selu(rt.tensor([-1.0, 0.0, 1.0]))
    tensor([-1.1113,  0.0000,  1.0507])"""

def selu_(input: Tensor | _Number, inplace: _bool = False) -> Tensor:
    """`selu` in place: writes to the tensor itself."""

def sgn(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """`input / |input|`, 0 at 0: the direction of complex numbers, the sign of real ones.

    >>> rt.sgn(rt.tensor([3 + 4j, 0j]))
    tensor([0.6000+0.8000j, 0.0000+0.0000j])"""

def sgn_(input: Tensor) -> Tensor:
    """`sgn` in place: writes to the tensor itself."""

def sigmoid(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The logistic function, `1 / (1 + e**-input)`.

    >>> rt.sigmoid(rt.tensor([-rt.inf, 0.0, 2.0]))
    tensor([0.0000, 0.5000, 0.8808])"""

def sigmoid_(input: Tensor | _Number) -> Tensor:
    """`sigmoid` in place: writes to the tensor itself."""

def sign(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """-1, 0 or 1 by the sign of `input`. The derivative is 0. Complex numbers have `sgn`.

    >>> rt.sign(rt.tensor([-2.5, 0.0, 7.0]))
    tensor([-1.,  0.,  1.])"""

def sign_(input: Tensor | _Number) -> Tensor:
    """`sign` in place: writes to the tensor itself."""

def signbit(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """True where the sign bit is set, also that of -0.

    >>> rt.signbit(rt.tensor([-1.0, -0.0, 0.0, 2.0]))
    tensor([ True,  True, False, False])"""

def sin(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Sine of an angle in radians.

    >>> rt.sin(rt.tensor([1.0, rt.pi / 2]))
    tensor([0.8415, 1.0000])"""

def sin_(input: Tensor | _Number) -> Tensor:
    """`sin` in place: writes to the tensor itself."""

def sinc(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """`sin(pi input) / (pi input)`, 1 at 0.

    >>> rt.sinc(rt.tensor([0.0, 0.5, 1.5]))
    tensor([ 1.0000,  0.6366, -0.2122])"""

def sinc_(input: Tensor) -> Tensor:
    """`sinc` in place: writes to the tensor itself."""

def sinh(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Hyperbolic sine.

    >>> rt.sinh(rt.tensor([-1.0, 0.0, 1.0]))
    tensor([-1.1752,  0.0000,  1.1752])"""

def sinh_(input: Tensor | _Number) -> Tensor:
    """`sinh` in place: writes to the tensor itself."""

def slice_scatter(
    input: Tensor,
    src: Tensor | _Number,
    dim: _int = 0,
    start: _int | None = None,
    end: _int | None = None,
    step: _int = 1,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """`input` with `src` in place of `start:end:step` along axis `dim`, copied; `src` has the shape of that slice.
    Raises: IndexError if `dim` is out of range; RuntimeError if the shape of `src` does not fit.

    >>> rt.slice_scatter(rt.zeros(5), rt.tensor([1.0, 2.0]), start=1, end=5, step=2)
    tensor([0., 1., 0., 2., 0.])"""

def slogdet(A: Tensor) -> _sign_logabsdet:
    """The sign (-1, 0 or 1) of each determinant and the logarithm of its size, where the determinant itself might
    overflow.
    Raises: RuntimeError if a matrix is not square."""

def softmax(input: Tensor, dim: _int, dtype: dtype | None = None, *, out: Tensor | None = None) -> Tensor:
    """`exp(input) / sum(exp(input))` along axis `dim`, without overflow. `dtype` converts the input first.
    Raises: IndexError if `dim` is out of range; RuntimeError for integers without `dtype`.

    >>> rt.softmax(rt.tensor([[0.0, 0.0], [1.0, 3.0]]), dim=1)
    tensor([[0.5000, 0.5000],
            [0.1192, 0.8808]])"""

def sort(input: Tensor, dim: _int = -1, descending: _bool = False, stable: _bool | None = False) -> _values_indices:
    """The elements in ascending order along axis `dim`, and their indices in `input`. NaN comes after everything. Equal
    elements stay in their order, with or without `stable`.
    Raises: IndexError if `dim` is out of range.

    >>> rt.sort(rt.tensor([3.0, 1.0, 2.0]))
    sort(values=tensor([1., 2., 3.]), indices=tensor([1, 2, 0]))
    >>> rt.sort(rt.tensor([3.0, 1.0, 2.0]), descending=True).indices
    tensor([0, 2, 1])"""

def split(input: Tensor, split_size_or_sections: Any, dim: _int = 0) -> tuple[Tensor, ...]:
    """Pieces along axis `dim`, views: of length `split_size_or_sections` (the last may be shorter), or of the given
    lengths.
    Raises: RuntimeError if the lengths do not sum to that of the axis; IndexError if `dim` is out of range.

    >>> rt.split(rt.arange(5), 2)
    (tensor([0, 1]), tensor([2, 3]), tensor([4]))
    >>> rt.split(rt.arange(5), [1, 4])
    (tensor([0]), tensor([1, 2, 3, 4]))"""

def unsafe_split(input: Tensor, split_size_or_sections: Any, dim: _int = 0) -> tuple[Tensor, ...]:
    """Pieces along axis `dim`, views: of length `split_size_or_sections` (the last may be shorter), or of the given
    lengths.
    Raises: RuntimeError if the lengths do not sum to that of the axis; IndexError if `dim` is out of range."""

def split_with_sizes(input: Tensor, split_sizes: _int | Sequence[_int], dim: _int = 0) -> tuple[Tensor, ...]:
    """Pieces of the given lengths along axis `dim`, views.
    Raises: RuntimeError if the lengths do not sum to that of the axis.

    >>> rt.split_with_sizes(rt.arange(4), [1, 3])
    (tensor([0]), tensor([1, 2, 3]))"""

def unsafe_split_with_sizes(input: Tensor, split_sizes: _int | Sequence[_int], dim: _int = 0) -> tuple[Tensor, ...]:
    """Pieces of the given lengths along axis `dim`, views.
    Raises: RuntimeError if the lengths do not sum to that of the axis."""

def sqrt(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Square root; NaN below 0.

    >>> rt.sqrt(rt.tensor([4.0, 2.0, -1.0]))
    tensor([2.0000, 1.4142,    nan])"""

def sqrt_(input: Tensor | _Number) -> Tensor:
    """`sqrt` in place: writes to the tensor itself."""

def square(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input * input`.

    >>> rt.square(rt.tensor([-2.0, 3.0]))
    tensor([4., 9.])"""

def square_(input: Tensor | _Number) -> Tensor:
    """`square` in place: writes to the tensor itself."""

def squeeze(input: Tensor, *dim: Any, out: Tensor | None = None) -> Tensor:
    """Without axes of length one: all of them, or those among `dim` (others stay). A view.
    Raises: IndexError if `dim` is out of range.

    >>> x = rt.zeros(1, 2, 1, 3)
    >>> rt.squeeze(x).shape, rt.squeeze(x, 0).shape, rt.squeeze(x, 1).shape
    (rutile.Size([2, 3]), rutile.Size([2, 1, 3]), rutile.Size([1, 2, 1, 3]))"""

def stack(tensors: Sequence[Tensor], dim: _int = 0, *, out: Tensor | None = None) -> Tensor:
    """The tensors, all of one shape, side by side along a new axis `dim`: `n` tensors (3, 4) give (n, 3, 4) for `dim=0`.
    Raises: RuntimeError if the list is empty or the shapes differ; IndexError if `dim` is out of range.

    >>> a, b = rt.tensor([1, 2]), rt.tensor([3, 4])
    >>> rt.stack([a, b])
    tensor([[1, 2],
            [3, 4]])
    >>> rt.stack([a, b], dim=1)
    tensor([[1, 3],
            [2, 4]])"""

def std(
    input: Tensor,
    dim: Any = None,
    unbiased: _bool | None = None,
    keepdim: _bool = False,
    *,
    correction: _float | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The standard deviation over axes `dim` (all if None): the root of `var`, with the same arguments.
    Raises: IndexError if an axis is out of range; RuntimeError for integers; TypeError for both `unbiased` and
    `correction`.

    >>> rt.std(rt.tensor([1.0, 2.0, 3.0])), rt.std(rt.tensor([1.0, 2.0, 3.0]), correction=0)
    (tensor(1.), tensor(0.8165))"""

def std_mean(
    input: Tensor,
    dim: Any = None,
    unbiased: _bool | None = None,
    keepdim: _bool = False,
    *,
    correction: _float | None = None,
) -> tuple[Tensor, Tensor]:
    """The standard deviation and the mean over axes `dim`; see `std`.

    >>> rt.std_mean(rt.tensor([1.0, 2.0, 3.0]))
    (tensor(1.), tensor(2.))"""

def stft(
    input: Tensor,
    n_fft: _int,
    hop_length: _int | None = None,
    win_length: _int | None = None,
    window: Tensor | _Number | None = None,
    center: _bool = True,
    pad_mode: str = "reflect",
    normalized: _bool = False,
    onesided: _bool | None = None,
    return_complex: _bool | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The short-time Fourier transform of signals (time) or (batch, time): `fft` of windows of `n_fft` samples,
    `hop_length` (by default `n_fft // 4`) apart, as (batch, frequency, frame). `window`, of `win_length` samples (by
    default `n_fft`), multiplies each and is padded to `n_fft` on both sides. With `center`, frame `t` is around sample
    `t * hop_length`: the signal gets `n_fft // 2` more samples on both sides by `pad_mode`. `normalized` divides by
    `sqrt(n_fft)`; `onesided` (the default of real signals) leaves out the frequencies that are conjugates of others.
    `return_complex=False` gives real and imaginary parts as a last axis.
    Raises: RuntimeError if the signal is shorter than a window, or without `return_complex` for a real one.

    >>> rt.stft(rt.ones(64), 16, window=rt.hann_window(16), return_complex=True).shape
    rutile.Size([9, 17])"""

def sub(input: Tensor | _Number, other: Tensor | _Number, *, alpha: _float = 1.0, out: Tensor | None = None) -> Tensor:
    """`input - alpha * other`, element by element, with broadcasting and type promotion.
    Raises: RuntimeError if both are bool; `^` or `logical_xor` is meant then.

    >>> rt.sub(rt.tensor([5, 7]), rt.tensor([1, 2]), alpha=2)
    tensor([3, 3])"""

def sub_(input: Tensor | _Number, other: Tensor | _Number, *, alpha: _float = 1.0) -> Tensor:
    """`sub` in place: writes to the tensor itself."""

def subtract(
    input: Tensor | _Number, other: Tensor | _Number, *, alpha: _float = 1.0, out: Tensor | None = None
) -> Tensor:
    """`input - alpha * other`, element by element, with broadcasting and type promotion.
    Raises: RuntimeError if both are bool; `^` or `logical_xor` is meant then."""

def subtract_(input: Tensor | _Number, other: Tensor | _Number, *, alpha: _float = 1.0) -> Tensor:
    """`subtract` in place: writes to the tensor itself."""

def sum(
    input: Tensor,
    dim: _int | Sequence[_int] | None = None,
    keepdim: _bool = False,
    *,
    dtype: dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The sum over axes `dim` (all if None). Integers and bool give int64. Sums are pairwise in fixed blocks: the same
    bits for any number of threads.
    Raises: IndexError if an axis is out of range; ValueError if one comes twice.

    >>> x = rt.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    >>> x.sum(), x.sum(dim=0), x.sum(dim=1, keepdim=True).shape
    (tensor(21.), tensor([5., 7., 9.]), rutile.Size([2, 1]))"""

def svd(input: Tensor, some: _bool = True, compute_uv: _bool = True) -> _U_S_V:
    """As `linalg.svd`, but with `V` in place of its transpose: `input = U diag(S) V.T`. With `some` the reduced vectors,
    without `compute_uv` zeros in place of vectors.

    >>> U, S, V = rt.svd(rt.tensor([[3.0, 0.0], [0.0, 2.0], [0.0, 0.0]]))
    >>> U.shape, S, V.shape
    (rutile.Size([3, 2]), tensor([3., 2.]), rutile.Size([2, 2]))"""

def t(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """A matrix transposed; 0-d and 1-d tensors as they are. A view.
    Raises: RuntimeError for more than two axes.

    >>> rt.t(rt.tensor([[1, 2], [3, 4]]))
    tensor([[1, 3],
            [2, 4]])"""

def take(input: Tensor, index: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Elements of the flattened tensor at `index`, in the shape of `index`. Negative indices count from the end.
    Raises: IndexError if an index is out of range or not an integer.

    >>> rt.take(rt.tensor([[10, 20], [30, 40]]), rt.tensor([3, 0, -2]))
    tensor([40, 10, 30])"""

def take_along_dim(
    input: Tensor, indices: Tensor | _Number, dim: _int | None = None, *, out: Tensor | None = None
) -> Tensor:
    """Elements picked along axis `dim` by `indices`, which broadcast with `input` on the other axes; without `dim`, of the
    flattened tensor. With `argsort` or `argmax(keepdim=True)` it applies what they found.
    Raises: IndexError if an index is out of range.

    >>> x = rt.tensor([[3, 1, 2], [4, 6, 5]])
    >>> rt.take_along_dim(x, x.argmax(dim=1, keepdim=True), dim=1)
    tensor([[3],
            [6]])"""

def tan(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Tangent of an angle in radians.

    >>> rt.tan(rt.tensor([0.0, 1.0]))
    tensor([0.0000, 1.5574])"""

def tan_(input: Tensor | _Number) -> Tensor:
    """`tan` in place: writes to the tensor itself."""

def tanh(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Hyperbolic tangent.

    >>> rt.tanh(rt.tensor([-1.0, 0.0, 100.0]))
    tensor([-0.7616,  0.0000,  1.0000])"""

def tanh_(input: Tensor | _Number) -> Tensor:
    """`tanh` in place: writes to the tensor itself."""

def tensor_split(input: Tensor, indices_or_sections: Any, dim: _int = 0) -> tuple[Tensor, ...]:
    """Pieces along axis `dim`, views: a number of them, as equal as can be (the first ones are longer by one), or cut
    before the given indices.
    Raises: ValueError if the number is not positive; RuntimeError for a 0-d tensor.

    >>> rt.tensor_split(rt.arange(5), 2)
    (tensor([0, 1, 2]), tensor([3, 4]))
    >>> rt.tensor_split(rt.arange(5), (1, 3))
    (tensor([0]), tensor([1, 2]), tensor([3, 4]))"""

def tensordot(a: Tensor, b: Tensor | _Number, dims: Any = 2, *, out: Tensor | None = None) -> Tensor:
    """Sums of products over `dims` axes: the last of `a` with the first of `b`, or, given as a pair of lists, any axes of
    `a` with as many of `b`. The other axes of `a`, then of `b` are left. An axis of length one goes with any length.
    Raises: RuntimeError if the lengths differ; ValueError if the lists do.

    >>> a, b = rt.ones(3, 4, 5), rt.ones(4, 3, 2)
    >>> rt.tensordot(a, b, dims=([1, 0], [0, 1])).shape
    rutile.Size([5, 2])"""

def threshold(
    input: Tensor | _Number, threshold: _float, value: _float, inplace: _bool = False, *, out: Tensor | None = None
) -> Tensor:
    """`input` where above `threshold`, else `value`.

    >>> F.threshold(rt.tensor([0.0, 1.0, 2.0]), threshold=1.0, value=-5.0)
    tensor([-5., -5.,  2.])"""

def threshold_(input: Tensor | _Number, threshold: _float, value: _float, inplace: _bool = False) -> Tensor:
    """`threshold` in place: writes to the tensor itself."""

def tile(input: Tensor, *dims: Any, out: Tensor | None = None) -> Tensor:
    """As `repeat`, but missing leading numbers are 1: NumPy's `tile`.
    Raises: RuntimeError if a number is negative.

    >>> rt.tile(rt.tensor([[1, 2], [3, 4]]), (2,))
    tensor([[1, 2, 1, 2],
            [3, 4, 3, 4]])"""

def topk(input: Tensor, k: _int, dim: _int = -1, largest: _bool = True, sorted: _bool = True) -> _values_indices:
    """The `k` largest (or smallest) elements along axis `dim`, the most extreme first, and their indices: both have length
    `k` there. Of equal elements those with lower indices are taken. The result is in order whatever `sorted` says.
    Raises: ValueError if `k` is more than the axis holds or negative; IndexError if `dim` is out of range.

    >>> rt.topk(rt.tensor([1.0, 4.0, 2.0, 3.0]), 2)
    topk(values=tensor([4., 3.]), indices=tensor([1, 3]))"""

def trace(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The sum of the main diagonal of a matrix (2-d), as a 0-d tensor. Integers give int64.
    Raises: RuntimeError unless the input is 2-d.

    >>> rt.trace(rt.tensor([[1, 2], [3, 4]]))
    tensor(5)"""

def transpose(input: Tensor, dim0: _int, dim1: _int, *, out: Tensor | None = None) -> Tensor:
    """Two axes exchanged. A view.
    Raises: IndexError if an axis is out of range.

    >>> rt.transpose(rt.tensor([[1, 2, 3], [4, 5, 6]]), 0, 1)
    tensor([[1, 4],
            [2, 5],
            [3, 6]])"""

def swapaxes(input: Tensor, dim0: _int, dim1: _int, *, out: Tensor | None = None) -> Tensor:
    """Two axes exchanged. A view.
    Raises: IndexError if an axis is out of range."""

def swapdims(input: Tensor, dim0: _int, dim1: _int, *, out: Tensor | None = None) -> Tensor:
    """Two axes exchanged. A view.
    Raises: IndexError if an axis is out of range."""

def trapezoid(
    y: Tensor, x: Tensor | _Number | None = None, *, dx: Any = None, dim: _int = -1, out: Tensor | None = None
) -> Tensor:
    """The integral of the samples `y` along axis `dim` by the trapezoidal rule. `x` has the places of the samples: 1-d, or
    of a shape that broadcasts; without it they are `dx` apart (1).
    Raises: RuntimeError if `x` does not fit; TypeError for both `x` and `dx`.

    >>> rt.trapezoid(rt.tensor([1.0, 5.0, 10.0]), rt.tensor([1.0, 3.0, 6.0]))
    tensor(28.5000)"""

def trapz(
    y: Tensor, x: Tensor | _Number | None = None, *, dx: Any = None, dim: _int = -1, out: Tensor | None = None
) -> Tensor:
    """The integral of the samples `y` along axis `dim` by the trapezoidal rule. `x` has the places of the samples: 1-d, or
    of a shape that broadcasts; without it they are `dx` apart (1).
    Raises: RuntimeError if `x` does not fit; TypeError for both `x` and `dx`."""

def triangular_solve(
    b: Tensor, A: Tensor | _Number, upper: _bool = True, transpose: _bool = False, unitriangular: _bool = False
) -> _solution_cloned_coefficient:
    """The solution of `A X = b` (with `transpose`, of `A' X = b`) for triangular matrices, and a copy of `A`. See
    `linalg.solve_triangular`.

    >>> rt.triangular_solve(rt.tensor([[4.0], [8.0]]), rt.tensor([[2.0, 1.0], [0.0, 4.0]])).solution
    tensor([[1.],
            [2.]])"""

def tril(input: Tensor, diagonal: _int = 0, *, out: Tensor | None = None) -> Tensor:
    """The lower triangle of the last two axes: zero above diagonal number `diagonal` (0 the main one, positive ones
    above).
    Raises: RuntimeError if there are fewer than 2 axes.

    >>> rt.tril(rt.ones(3, 3))
    tensor([[1., 0., 0.],
            [1., 1., 0.],
            [1., 1., 1.]])"""

def tril_(input: Tensor, diagonal: _int = 0) -> Tensor:
    """`tril` in place: writes to the tensor itself."""

def tril_indices(
    row: _int,
    col: _int,
    offset: _int = 0,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    layout: Any = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """The indices (2, count) of the lower triangle of a `row` x `col` matrix, row by row; diagonal `offset` is the last
    kept.

    >>> rt.tril_indices(3, 3)
    tensor([[0, 1, 1, 2, 2, 2],
            [0, 0, 1, 0, 1, 2]])"""

def triu(input: Tensor, diagonal: _int = 0, *, out: Tensor | None = None) -> Tensor:
    """The upper triangle of the last two axes: zero below diagonal number `diagonal` (0 the main one, positive ones
    above).
    Raises: RuntimeError if there are fewer than 2 axes.

    >>> rt.triu(rt.ones(3, 3), diagonal=1)
    tensor([[0., 1., 1.],
            [0., 0., 1.],
            [0., 0., 0.]])"""

def triu_(input: Tensor, diagonal: _int = 0) -> Tensor:
    """`triu` in place: writes to the tensor itself."""

def triu_indices(
    row: _int,
    col: _int,
    offset: _int = 0,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    layout: Any = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """The indices (2, count) of the upper triangle of a `row` x `col` matrix, row by row; diagonal `offset` is the first
    kept.

    >>> rt.triu_indices(3, 3, offset=1)
    tensor([[0, 0, 1],
            [1, 2, 2]])"""

def true_divide(input: Tensor | _Number, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input / other` in floats, with broadcasting; `x / 0` is infinite, `0 / 0` NaN.

    >>> rt.true_divide(rt.tensor([3, -1, 0]), rt.tensor([2, 0, 0]))
    tensor([1.5000,   -inf,    nan])"""

def true_divide_(input: Tensor | _Number, other: Tensor | _Number) -> Tensor:
    """`true_divide` in place: writes to the tensor itself."""

def trunc(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Integer part, in the dtype of `input`: rounded towards 0.

    >>> rt.trunc(rt.tensor([1.7, -1.7]))
    tensor([ 1., -1.])"""

def trunc_(input: Tensor | _Number) -> Tensor:
    """`trunc` in place: writes to the tensor itself."""

def fix(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Integer part, in the dtype of `input`: rounded towards 0."""

def fix_(input: Tensor | _Number) -> Tensor:
    """`fix` in place: writes to the tensor itself."""

def unbind(input: Tensor, dim: _int = 0) -> tuple[Tensor, ...]:
    """The slices along axis `dim`, without that axis: a tuple of views.
    Raises: IndexError if `dim` is out of range, and for a 0-d tensor.

    >>> rt.unbind(rt.tensor([[1, 2], [3, 4]]), dim=1)
    (tensor([1, 3]), tensor([2, 4]))"""

def unflatten(input: Tensor, dim: _int, sizes: _int | Sequence[_int], *, out: Tensor | None = None) -> Tensor:
    """Axis `dim` cut into several; one size may be -1.
    Raises: IndexError if `dim` is out of range; RuntimeError if the sizes do not fit.

    >>> rt.unflatten(rt.zeros(2, 12), 1, (3, -1)).shape
    rutile.Size([2, 3, 4])"""

def unique(
    input: Tensor,
    sorted: _bool = True,
    return_inverse: _bool = False,
    return_counts: _bool = False,
    dim: _int | None = None,
) -> Any:
    """The different elements, 1-d, in ascending order whatever `sorted` says; with `dim` the different slices along that
    axis, in lexicographic order. `return_inverse` adds where each element (or slice) is in the result, `return_counts`
    how often it occurs. Every NaN is different.

    >>> rt.unique(rt.tensor([3, 1, 3]), return_counts=True)
    (tensor([1, 3]), tensor([1, 2]))"""

def unique_consecutive(
    input: Tensor, return_inverse: _bool = False, return_counts: _bool = False, dim: _int | None = None
) -> Any:
    """The elements without repetitions of their predecessor, 1-d; with `dim` the slices along that axis. Otherwise as
    `unique`.

    >>> rt.unique_consecutive(rt.tensor([1, 1, 2, 1]))
    tensor([1, 2, 1])"""

def unravel_index(indices: Tensor, shape: _int | Sequence[_int]) -> tuple[Tensor, ...]:
    """Indices of a flattened tensor of shape `shape` as a tuple of index tensors, one an axis, each in the shape of
    `indices`.

    >>> rt.unravel_index(rt.tensor([0, 4, 5]), (2, 3))
    (tensor([0, 1, 1]), tensor([0, 1, 2]))"""

def unsqueeze(input: Tensor, dim: _int, *, out: Tensor | None = None) -> Tensor:
    """A new axis of length one at `dim`, of the result. A view.
    Raises: IndexError if `dim` is out of range.

    >>> x = rt.zeros(2, 3)
    >>> rt.unsqueeze(x, 0).shape, rt.unsqueeze(x, -1).shape
    (rutile.Size([1, 2, 3]), rutile.Size([2, 3, 1]))"""

def vander(x: Tensor, N: _int | None = None, increasing: _bool = False, *, out: Tensor | None = None) -> Tensor:
    """The Vandermonde matrix of a vector: its powers below `N` (by default its length) as columns, the highest first
    unless `increasing`. Integers give int64.
    Raises: RuntimeError unless `x` is 1-d.

    >>> rt.vander(rt.tensor([1, 2, 3]), N=3)
    tensor([[1, 1, 1],
            [4, 2, 1],
            [9, 3, 1]])"""

def var(
    input: Tensor,
    dim: Any = None,
    unbiased: _bool | None = None,
    keepdim: _bool = False,
    *,
    correction: _float | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The variance over axes `dim` (all if None): the sum of squared deviations from the mean, over `n - correction`
    (default 1; 0 for the variance of a whole population). NaN where that is not positive.
    Raises: IndexError if an axis is out of range; RuntimeError for integers; TypeError for both `unbiased` and
    `correction`.

    >>> x = rt.tensor([[1.0, 3.0], [2.0, 6.0]])
    >>> x.var(dim=1), x.var(dim=1, correction=0)
    (tensor([2., 8.]), tensor([1., 4.]))"""

def var_mean(
    input: Tensor,
    dim: Any = None,
    unbiased: _bool | None = None,
    keepdim: _bool = False,
    *,
    correction: _float | None = None,
) -> tuple[Tensor, Tensor]:
    """The variance and the mean over axes `dim` (all if None), in one pass; see `var`.
    Raises: IndexError if an axis is out of range; RuntimeError for integers.

    >>> rt.var_mean(rt.tensor([[1.0, 3.0], [2.0, 6.0]]), dim=1)
    (tensor([2., 8.]), tensor([2., 4.]))"""

def vdot(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The inner product of two vectors of one length, the first conjugated: of reals, `dot`. 0-d.
    Raises: RuntimeError if an operand is not 1-d, or the lengths or dtypes differ.

    >>> rt.vdot(rt.tensor([1 + 1j, 2]), rt.tensor([1 + 1j, 3]))
    tensor(8.+0.j)"""

def view_as_complex(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Pairs along the last axis as complex numbers, on the same bytes: (..., 2) of floats gives (...). The pairs must lie
    together, at even places; `clone()` or `contiguous()` brings others there.
    Raises: RuntimeError if the last axis is not a pair or lies otherwise, or the dtype is not float32 or float64.

    >>> rt.view_as_complex(rt.tensor([[1.0, 2.0], [3.0, -4.0]]))
    tensor([1.+2.j, 3.-4.j])"""

def view_as_real(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The real and imaginary parts of complex numbers along a new last axis of two, on the same bytes.
    Raises: RuntimeError for a real tensor.

    >>> rt.view_as_real(rt.tensor([1 + 2j, 3 - 4j]))
    tensor([[ 1.,  2.],
            [ 3., -4.]])"""

def vsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Pieces one below the other, views: along axis 0. A number of equal ones, or cut before the given indices.
    Raises: RuntimeError if the number does not divide the length, or `input` has fewer than two axes.

    >>> rt.vsplit(rt.tensor([[1, 2], [3, 4]]), 2)
    (tensor([[1, 2]]), tensor([[3, 4]]))"""

def vstack(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """The tensors one below the other: along axis 0, 1-d ones as rows.
    Raises: RuntimeError if the list is empty, or other extents differ.

    >>> rt.vstack([rt.tensor([1, 2]), rt.tensor([[3, 4], [5, 6]])])
    tensor([[1, 2],
            [3, 4],
            [5, 6]])"""

def row_stack(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """The tensors one below the other: along axis 0, 1-d ones as rows.
    Raises: RuntimeError if the list is empty, or other extents differ."""

@overload
def where(condition: Tensor, input: None = None, other: None = None) -> tuple[Tensor, ...]: ...
@overload
def where(condition: Tensor, input: Tensor | _Number, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input` where `condition` (bool) holds, else `other`; all three broadcast, and both tensors get gradients. With
    `condition` alone, the indices of what is not zero, one tensor an axis, as `nonzero(as_tuple=True)`.
    Raises: RuntimeError if `condition` is not bool.

    >>> x = rt.tensor([-1.0, 2.0, -3.0])
    >>> rt.where(x > 0, x, 0.0)
    tensor([0., 2., 0.])
    >>> rt.where(x < 0)
    (tensor([0, 2]),)"""

def xlogy(input: Tensor | _Number, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input * log(other)`, and 0 where `input` is 0; both broadcast.

    >>> rt.xlogy(rt.tensor([0.0, 2.0]), rt.tensor([0.0, 3.0]))
    tensor([0.0000, 2.1972])"""

def xlogy_(input: Tensor | _Number, other: Tensor | _Number) -> Tensor:
    """`xlogy` in place: writes to the tensor itself."""

def zeros(
    *size: Any,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    layout: _layout | None = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """Zeros of shape `size`, by default in the default float type. `size` is several integers or one sequence, as in all
    functions that create tensors.
    Raises: RuntimeError if a size is negative.

    >>> rt.zeros(2, 3)
    tensor([[0., 0., 0.],
            [0., 0., 0.]])
    >>> rt.zeros((2,), dtype=rt.int64)
    tensor([0, 0])"""

def zeros_like(
    input: Tensor,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    memory_format: _memory_format | None = None,
    layout: _layout | None = None,
    pin_memory: _bool | None = False,
    out: Tensor | None = None,
) -> Tensor:
    """Zeros of the shape and dtype of `input`, and with its order of axes in memory.

    >>> rt.zeros_like(rt.tensor([[1, 2], [3, 4]]))
    tensor([[0, 0],
            [0, 0]])"""
