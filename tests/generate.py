"""Calls that nobody wrote by hand: the samples of the registry, changed at random.

Every draw starts from a sample and is changed a few times: sizes, axes, layouts, dtypes, arguments, how it is called.
Some changes leave it legal, most do not; PyTorch, given the same call, says which.
"""

import copy
import dataclasses
import re
import zlib

import numpy as np
import rutile as rt
from samples import FLOATS, INTS, OPS, values

DTYPES = ("bool", *INTS, *FLOATS, "complex64", "complex128")
BIG = 2**62  # no sizes between what is quick and what cannot be had: PyTorch would try


@dataclasses.dataclass
class Box:
    """A tensor of a call, before a library makes it."""

    shape: tuple
    kind: str
    low: float
    high: float
    dtype: str = None
    layout: str = "plain"
    array: np.ndarray = None

    def fill(self, rng):
        kind = self.kind
        square = len(self.shape) >= 2 and self.shape[-1] == self.shape[-2]
        if (kind == "definite" and not square) or (kind == "regular" and len(self.shape) < 2):
            kind = "float"
        array = np.asarray(values((None, self.shape, kind, self.low, self.high), rng))
        if self.layout == "expanded" and array.ndim and array.shape[0]:
            array = np.broadcast_to(array[:1], array.shape)
        self.array = cast(array, self.dtype) if self.dtype else array
        self.dtype = self.dtype or str(array.dtype)

    def make(self, library):
        array, layout = self.array, self.layout
        if layout == "expanded" and array.ndim and array.shape[0]:
            return library.tensor(array[:1], self.dtype).expand(*array.shape)
        if layout == "transposed" and array.ndim:
            return library.tensor(array.T, self.dtype).permute(*reversed(range(array.ndim)))
        if layout == "strided":
            roomy = np.zeros([2 * n + 1 for n in array.shape], array.dtype)
            inner = (slice(1, None, 2),) * array.ndim
            roomy[inner] = array
            return library.tensor(roomy, self.dtype)[inner]
        if layout == "offset":
            return library.tensor(np.concatenate([array[:1].ravel(), array.ravel()]), self.dtype)[
                array[:1].size :
            ].reshape(array.shape)
        return library.tensor(array, self.dtype)

    def __str__(self):
        return f"{self.dtype}{list(self.shape)}" + ("" if self.layout == "plain" else f" {self.layout}")


@dataclasses.dataclass
class Bare:
    """A Python number where a tensor is expected."""

    value: float

    def __str__(self):
        return repr(self.value)


def cast(array, dtype):
    """The numbers as `dtype` holds them, in the NumPy type of the same kind."""
    if dtype == "bool":
        return np.abs(array) > 0.5
    if dtype in INTS:
        array = array.real if array.dtype.kind == "c" else array
        array = np.round(2 * array) if array.dtype.kind == "f" else array
        return (np.abs(array) if dtype == "uint8" else array).astype(np.int64)
    if dtype.startswith("complex"):
        return array + (0.5j * np.flip(array) if array.dtype.kind == "f" else 0j)
    return (array.real if array.dtype.kind == "c" else array).astype(np.float64)


class Object:
    """Of a type that no library knows."""

    def __repr__(self):
        return "Object()"


class Draw:
    """One call: a sample of an operation, changed as the seed says."""

    def __init__(self, op, place, seed, inplace=False):
        self.op, self.place, self.seed, self.inplace = op, place, seed, inplace
        self.name = op["name"] + "_" * inplace
        rng = self.rng = np.random.default_rng(zlib.crc32(f"{self.name} {place} {seed}".encode()))
        args, kwargs = op["samples"][rng.integers(len(op["samples"]))]
        self.args = [tree(arg) for arg in args]
        self.kwargs = {key: tree(arg) for key, arg in kwargs.items()}
        for at, kind in enumerate(op["kinds"][: len(self.args)]):
            if kind == "Tensor" and isinstance(self.args[at], (bool, int, float, complex)):
                self.args[at] = Bare(self.args[at])
        if op["name"] == "broadcast_tensors" and isinstance(self.args[0], list):
            self.args = self.args[0]
        if op["name"] in ("lu_solve", "lu_unpack"):  # pivots
            for box in self.boxes():
                box.dtype = "int32" if box.kind == "int" else None
        self.changes = []
        legal = [sizes, sizes, layouts, dtypes, axes]
        others = [one_size, one_axis, one_dtype, argument, argument, argument, added, form]
        few = int(rng.integers(0, 3))
        chosen = [legal[i] for i in rng.integers(len(legal), size=few)]
        if few < 2 and rng.random() < 0.7:
            chosen.append(others[rng.integers(len(others))])
        for change in chosen:
            change(self, rng)
            self.changes.append(change.__name__)
        for box in self.boxes():
            box.fill(rng)

    def boxes(self):
        return boxes([*self.args, *self.kwargs.values()])

    def parts(self):
        return [*self.args, *self.kwargs.values()]

    def build(self, library, make=None, wrap=False):
        make = make or (lambda box: box.make(library))

        def built(part):
            if isinstance(part, Box):
                return make(part)
            if isinstance(part, Bare):
                return library.tensor(part.value) if wrap else part.value
            if isinstance(part, (list, tuple)):
                return type(part)(built(item) for item in part)
            return library.plain(part)

        return [built(arg) for arg in self.args], {key: built(arg) for key, arg in self.kwargs.items()}

    def run(self, library, make=None, wrap=False):
        args, kwargs = self.build(library, make, wrap)
        function = library.callable(self.name, self.place)
        return function(*args, **kwargs)

    def __str__(self):
        def text(part):
            if isinstance(part, (list, tuple)):
                items = ", ".join(map(text, part))
                return f"[{items}]" if isinstance(part, list) else f"({items}{',' * (len(part) == 1)})"
            return str(part) if isinstance(part, (Box, Bare)) else repr(part)

        parts = [text(arg) for arg in self.args] + [f"{key}={text(arg)}" for key, arg in self.kwargs.items()]
        return f"{self.place}.{self.name}({', '.join(parts)})"


def boxes(part):
    if isinstance(part, Box):
        return [part]
    return [box for item in part for box in boxes(item)] if isinstance(part, (list, tuple)) else []


def tree(spec):
    if spec[0] == "tensor":
        return Box(tuple(spec[1]), *spec[2:])
    return [tree(part) for part in spec[1]] if spec[0] == "list" else copy.copy(spec[1])


# ---- changes ----


def pick(rng, choices):
    return choices[rng.integers(len(choices))]


def slots(draw):
    """Where the arguments stand: (container, key) of each, those of tuples and lists of tensors included."""
    found = [(draw.args, i) for i in range(len(draw.args))] + [(draw.kwargs, key) for key in draw.kwargs]
    inner = [(box[key], i) for box, key in found if isinstance(box[key], list) for i in range(len(box[key]))]
    return found + inner


def sizes(draw, rng):
    """One size of all tensors (and of the sizes among the arguments) becomes another."""
    known = sorted({n for box in draw.boxes() for n in box.shape})
    if not known:
        return
    old, new = int(pick(rng, known)), int(pick(rng, [0, 1, 1, 2, 3, 4, 5, 6, 7]))
    for box in draw.boxes():
        box.shape = tuple(new if n == old else n for n in box.shape)
    for container, key in slots(draw):
        value = container[key]
        if isinstance(value, tuple) and old in value and rng.random() < 0.5:
            container[key] = tuple(new if type(n) is int and n == old else n for n in value)


def one_size(draw, rng):
    some = [box for box in draw.boxes() if box.shape]
    if some:
        box = pick(rng, some)
        at = int(rng.integers(len(box.shape)))
        box.shape = (*box.shape[:at], int(rng.integers(0, 8)), *box.shape[at + 1 :])


def other_axes(shape, rng):
    way = int(rng.integers(5))
    if way == 0:
        return shape[1:]
    if way == 1:
        return shape[:-1]
    if way == 2:
        return (*shape, int(rng.integers(0, 4)))
    return (int(rng.integers(0, 4)), *shape)


def axes(draw, rng):
    """All tensors get or lose the same axis."""
    seed = rng.integers(2**31)
    for box in draw.boxes():
        box.shape = other_axes(box.shape, np.random.default_rng(seed))


def one_axis(draw, rng):
    if draw.boxes():
        box = pick(rng, draw.boxes())
        box.shape = pick(rng, [(), (0,), other_axes(box.shape, rng), other_axes(box.shape, rng)])


def layouts(draw, rng):
    for box in draw.boxes():
        box.layout = pick(rng, ["plain", "transposed", "strided", "expanded", "offset"])


def dtypes(draw, rng):
    """All floats (at times: all numbers) become another type."""
    dtype, all_of_them = pick(rng, DTYPES), rng.random() < 0.2
    for box in draw.boxes():
        if all_of_them or box.kind not in ("int", "bool"):
            box.dtype = dtype


def one_dtype(draw, rng):
    if draw.boxes():
        pick(rng, draw.boxes()).dtype = pick(rng, DTYPES)


def other(value, rng):
    """Another value, of the same type at times, of a nonsensical one at others."""
    nonsense = [None, "nonsense", Object(), [], (), {}, 1.5, float("nan"), True, 2, -1, [1, 2], (1.5,), 1 + 2j]
    nonsense += [Box((), "int", 0, 2), Box((2,), "float", 0, 1)]
    if isinstance(value, (Box, Bare)):
        chosen = pick(rng, [*nonsense, 0, 0.5, [0.5, 1.0], [value]])
        return Bare(chosen) if isinstance(chosen, (bool, int, float, complex)) else chosen
    if rng.random() < 0.25:
        return pick(rng, nonsense)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        near = [value + 1, value - 1, value + 2, -value, -value - 1, 0, -1, 3, -3, 4, -4, 5, 7]
        far = [BIG, -BIG, 2**47, 2**63 - 1, -(2**63), 2**63, -(2**64), 10**30, float(value)]
        return pick(rng, near if rng.random() < 0.75 else far)
    if isinstance(value, float):
        return pick(rng, [float("nan"), float("inf"), -float("inf"), -value, 0.0, -0.0, 1e300, 1e-300, 2, -1, 2.5])
    if isinstance(value, str):
        return pick(rng, ["", value.upper(), value + "x", value[1:]])
    if isinstance(value, tuple):
        changed = list(value)
        way = int(rng.integers(6))
        if way == 0 or not value:
            changed.append(int(pick(rng, [0, 1, 2, -1, 3])))
        elif way == 1:
            changed.pop()
        elif way == 2:
            return changed[0]
        elif way == 3:
            return changed
        else:
            at = int(rng.integers(len(changed)))
            changed[at] = other(changed[at], rng)
        return tuple(changed)
    if isinstance(value, list):
        changed = list(value)
        way = int(rng.integers(3))
        if way == 0 and value:
            changed.pop()
        elif way == 1:
            return tuple(changed)
        else:
            changed.append(pick(rng, [*nonsense, *changed]))
        return changed
    if isinstance(value, rt.dtype):
        return getattr(rt, pick(rng, DTYPES))
    return pick(rng, nonsense)


def argument(draw, rng):
    """One argument becomes another; those that are no tensors do so more often."""
    places = slots(draw)
    simple = [(box, key) for box, key in places if not isinstance(box[key], (Box, list))]
    if places:
        container, key = pick(rng, simple if simple and rng.random() < 0.75 else places)
        container[key] = other(container[key], rng)


OF_KIND = {
    "int": 0,
    "float": 1.0,
    "bool": False,
    "str": "nonsense",
    "Number": 1,
    "dtype": rt.float32,
    "Sequence": (0, 1),
    "Tensor": Box((2, 3), "float", -2.0, 2.0),
    "memory_format": rt.contiguous_format,
}


def added(draw, rng):
    """A parameter that the sample leaves at its default gets a value of its type."""
    given = len(draw.args)
    free = [
        (name, kind)
        for name, kind in list(zip(draw.op["params"], draw.op["kinds"], strict=True))[given:]
        if name not in draw.kwargs
    ]
    if free:
        name, kind = pick(rng, free)
        kinds = [known for known in OF_KIND if re.search(rf"\b{known}\b", kind)]
        value = copy.copy(OF_KIND[pick(rng, kinds)]) if kinds else 1
        draw.kwargs[name] = other(value, rng) if rng.random() < 0.7 else value


def form(draw, rng):
    """Another way of calling: by name, with an argument less, one more, an unknown one."""
    way = int(rng.integers(5))
    if way == 0:
        draw.kwargs["nonsense"] = 1
    elif way == 1 and draw.args:
        draw.args.pop()
    elif way == 2:
        draw.args.append(pick(rng, [1, None, 0.5, True, "nonsense"]))
    elif len(draw.args) > 1:
        at = int(rng.integers(1, len(draw.args)))
        if len(draw.op["params"]) >= len(draw.args):
            for name, arg in zip(draw.op["params"][at:], draw.args[at:], strict=False):
                draw.kwargs.setdefault(name, arg)
            del draw.args[at:]


def rows():
    """(op, place, in place) of everything that can be called."""
    for op in OPS:
        for place in op["at"]:
            yield op, place, False
            if op["inplace"] and place == "Tensor":
                yield op, place, True
