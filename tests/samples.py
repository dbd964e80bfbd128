"""The samples of the registry as calls, on Rutile and on PyTorch alike."""

import inspect
import zlib

import numpy as np
import rutile as rt
from rutile.nn import functional

OPS = rt._rutile.ops()
FLOATS = ("float32", "float64", "float16", "bfloat16")
INTS = ("uint8", "int8", "int16", "int32", "int64")


def name_of(case):
    """A readable test id: `softmax-nn.functional-1`."""
    op, *rest = case
    return "-".join([op["name"], *map(str, rest)])


def cases(keep=lambda op: True, first=False):
    """(op, place, number of the sample) for every op that can be called from Python and that `keep` wants."""
    return [
        (op, place, number)
        for op in OPS
        if keep(op)
        for place in op["at"]
        for number in range(1 if first else len(op["samples"]))
    ]


def values(spec, rng):
    """The numbers of one tensor of a sample, as a float64, int64 or bool array."""
    _, shape, kind, low, high = spec
    if kind in ("float", "constant"):
        return rng.uniform(low, high, shape)
    if kind == "int":
        return rng.integers(int(low), int(high), shape)
    if kind == "complex":
        return rng.uniform(low, high, shape) + 1j * rng.uniform(low, high, shape)
    if kind == "bool":
        return rng.random(shape) < 0.5
    if kind in ("regular", "definite"):
        matrix, (rows, columns) = rng.uniform(low, high, shape), shape[-2:]
        if kind == "regular":
            return matrix + max(rows, columns) * np.eye(rows, columns)
        return matrix @ matrix.swapaxes(-1, -2) + np.eye(rows)
    count = int(np.prod(shape))  # distinct: no two within 0.1, so that a step of gradcheck changes no order
    return (0.1 * rng.permutation(count) - 0.05 * count).reshape(shape)


class Library:
    """Rutile or PyTorch behind the same three questions."""

    def __init__(self, module, functions):
        self.module = module
        self.functions = functions

    def tensor(self, array, dtype=None):
        array = np.asarray(array)
        tensor = self.module.tensor(array.ravel().tolist(), dtype=getattr(self.module, dtype or str(array.dtype)))
        return tensor.reshape(array.shape)

    def callable(self, name, place):
        if place == "Tensor":
            return getattr(self.module.Tensor, name)
        if name.startswith("_"):  # for the package itself, not exported
            return getattr(self.module._rutile, name)
        if place == "nn.functional":
            return getattr(self.functions, name)
        return getattr(self.module if place == "rutile" else getattr(self.module, place), name)

    def plain(self, value):
        named = isinstance(value, (rt.dtype, rt.memory_format))
        return getattr(self.module, str(value).split(".")[-1]) if named else value


RUTILE = Library(rt, functional)


def torch_library(torch):
    return Library(torch, torch.nn.functional)


class Call:
    """One sample: its numbers, drawn once, as arguments of either library.

    Args:
        make: makes the tensor of `(array, kind)`, to vary dtype, layout or size.
    """

    def __init__(self, op, place, number):
        self.op, self.place = op, place
        self.args, self.kwargs = op["samples"][number]
        self.seed = zlib.crc32(f"{op['name']} {number}".encode())

    @property
    def variadic(self):
        """Whether the first parameter takes any number of arguments."""
        first, *_ = inspect.signature(RUTILE.callable(self.op["name"], self.place)).parameters.values()
        return first.kind is first.VAR_POSITIONAL

    def arrays(self):
        """The numbers of all tensors of the sample, flattened."""
        found = []
        self.arguments(RUTILE, lambda array, kind: found.append(array))
        return found

    def arguments(self, library, make):
        rng = np.random.default_rng(self.seed)

        def build(spec):
            if spec[0] == "tensor":
                return make(values(spec, rng), spec[2])
            if spec[0] == "list":
                return [build(part) for part in spec[1]]
            return library.plain(spec[1])

        args = [build(arg) for arg in self.args]
        return args, {key: build(arg) for key, arg in self.kwargs.items()}

    def run(self, library, make=None, dtype="float64"):
        """The call's result; floats are of `dtype` unless `make` makes the tensors."""
        make = make or (lambda array, kind: library.tensor(array, dtype if array.dtype == np.float64 else None))
        args, kwargs = self.arguments(library, make)
        return library.callable(self.op["name"], self.place)(*args, **kwargs)


def flat(result):
    """All tensors (and numbers) of a result, in order."""
    if isinstance(result, (tuple, list)):
        return [part for item in result for part in flat(item)]
    return [result]


def dtype_name(tensor):
    return str(tensor.dtype).split(".")[-1]


def numbers(tensor):
    """The elements as a NumPy array: float64, int64 or bool; of complex numbers the parts, as a last axis."""
    if not hasattr(tensor, "dtype"):
        return np.asarray(tensor)
    plain = tensor.detach()
    if dtype_name(plain).startswith("complex"):
        array = np.asarray(plain.tolist(), dtype=dtype_name(plain)).reshape(tuple(plain.shape))
        return np.stack([array.real, array.imag], -1).astype(np.float64)
    if dtype_name(plain) in FLOATS:
        plain = plain.double()
    return np.asarray(plain.tolist(), dtype=dtype_name(plain)).reshape(tuple(plain.shape))


EPS = {
    "float64": 2.0**-52,
    "complex128": 2.0**-52,
    "float32": 2.0**-23,
    "complex64": 2.0**-23,
    "float16": 2.0**-10,
    "bfloat16": 2.0**-7,
}
TINY = {
    "float64": 0.0,
    "complex128": 0.0,
    "float32": 2.0**-149,
    "complex64": 2.0**-149,
    "float16": 2.0**-24,
    "bfloat16": 2.0**-133,
}


def assert_same(ours, theirs, ulps, scale=1.0, dtypes=True):
    """Two results have the same structure, shapes and dtypes, and differ by at most `ulps` units in the last place of
    numbers of size `scale` or of the number itself, whichever is larger; NaN and infinities stand at the same places.
    """
    ours, theirs = flat(ours), flat(theirs)
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        if hasattr(b, "dtype") or hasattr(a, "dtype"):
            assert tuple(a.shape) == tuple(b.shape)
            assert not dtypes or dtype_name(a) == dtype_name(b)
        x, y = numbers(a), numbers(b)
        if x.dtype.kind != "f":
            np.testing.assert_array_equal(x, y)
            continue
        name = dtype_name(a) if hasattr(a, "dtype") else "float64"
        eps, tiny = EPS[name], TINY[name]
        with np.errstate(invalid="ignore"):
            slack = ulps * (eps * np.maximum(np.abs(y), scale) + tiny)
            wrong = ~((x == y) | (np.isnan(x) & np.isnan(y)) | (np.abs(x - y) <= slack))
        if wrong.any():
            at = tuple(int(i) for i in np.argwhere(wrong)[0])
            raise AssertionError(f"{int(wrong.sum())} of {wrong.size} differ; at {at}: {x[at]!r}, expected {y[at]!r}")
