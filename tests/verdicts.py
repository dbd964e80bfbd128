"""What PyTorch says to a drawn call, and whether we say the same.

Both give results with the same structure, shapes, dtypes, values and (in float64) gradients, or both refuse with the
same class of exception. What differs on purpose stands here, each with its reason; docs/compatibility.md sums it up.
"""

import re
import warnings

import numpy as np
import rutile as rt
from generate import DTYPES, Bare
from samples import EPS, INTS, RUTILE, TINY, dtype_name, flat, numbers
from test_ops import DTYPES_NOT_AS_TORCH, INEXACT_IN_TORCH, NOT_UNIQUE


def cannot_ask(draw):
    """Calls on which PyTorch reads out of bounds, does not come back, or is wrong."""
    name, dtypes = draw.op["name"], {box.dtype for box in draw.boxes()}
    numbers = [part for part in flat(draw.parts()) if type(part) is int]
    empty = any(0 in box.shape for box in draw.boxes())
    return (
        name == "lu_unpack"  # reads pivots that are not there
        or (name == "embedding_bag" and "per_sample_weights" in draw.kwargs)  # so with weights
        or (name == "binomial" and any(isinstance(part, Bare) for part in draw.parts()))  # endless for NaN
        or (name == "matrix_power" and any(abs(n) > 2**40 for n in numbers))  # endless
        or (name in ("var", "std", "var_mean", "std_mean") and () in draw.parts())  # the gradient reduces no axis
        or (
            name in ("qr", "ctc_loss") and any(box.layout == "expanded" for box in draw.boxes())
        )  # equal rows; wrong for strides of 0
        or (name == "cholesky" and any(dtype.startswith("complex") for dtype in dtypes))  # drawn ones are not Hermitian
        or name == "lstsq"  # residuals are there or not by rounding
        or (empty and (name == "addmv" or name.startswith("conv")))  # forget axes and channels
        or (name == "cholesky_inverse" and any(dtype.startswith("complex") for dtype in dtypes))  # real diagonals
        or (name in ("addmm", "addmv", "addr", "addbmm", "baddbmm") and dtypes & set(INTS))  # beta=0.5 is 0
        or any((name, dtype) in DTYPES_NOT_AS_TORCH for dtype in dtypes)
    )


def attempt(draw, library, make=None, wrap=False):
    """(result, None) or (None, exception)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return draw.run(library, make, wrap), None
        except Exception as error:
            return None, error


# What PyTorch leaves open, or has otherwise than its definition says: then only shapes and dtypes are compared.
VALUES_OPEN = {
    **{name: reason for name, reason in NOT_UNIQUE.items() if name not in ("lu_solve", "lu_unpack")},
    **dict.fromkeys(("resize_", "resize_as_"), "new elements are uninitialised memory"),
    "as_strided_scatter": "PyTorch's result has the storage of the input, gaps included; ours is contiguous",
    "cholesky_ex": "of a matrix that is not positive-definite anything",
    "fill_diagonal_": "wrap=True of strided tensors: PyTorch counts in storage",
    **dict.fromkeys(("lu_factor_ex", "solve_ex", "inv_ex", "lstsq"), "singular matrices"),
}
TIES = ("kthvalue", "topk", "sort", "msort", "mode", "median", "nanmedian")  # which of equal elements is open
NOT_FINITE = {
    **dict.fromkeys(
        ("addbmm", "addmm", "addmv", "addr", "baddbmm", "trapezoid", "round", "std", "var"),
        "whether 0 is multiplied by infinity",
    ),
    **dict.fromkeys(
        ("cdist", "vector_norm", "norm", "logit", "threshold", "pinverse"), "limits and orders that are no number"
    ),
}
# name: why its gradient is not PyTorch's. tests/test_ops.py compares ours with differences.
GRADIENTS_NOT_AS_TORCH = {
    **dict.fromkeys(
        ("cholesky_solve", "cholesky_inverse", "pinv", "as_strided_scatter"),
        "PyTorch gives one to elements that the result does not depend on",
    ),
    "digamma": "PyTorch's trigamma is exact to nine digits",
    "hardsigmoid": "PyTorch rounds 1/6 to float32",
    "ldexp": "PyTorch computes powers of two in integers or float32",
    "xlog1py": "PyTorch rounds the number to float32",
    "atan2": "PyTorch squares integers in their own type",
    "ctc_loss": "PyTorch's is that of the inputs of log_softmax",
    "embedding_bag": "scale_grad_by_freq: PyTorch counts other rows",
    **dict.fromkeys(("matrix_norm", "nuclear_norm", "norm", "cond", "svdvals"), "of equal singular values open"),
    "scatter_reduce": "products without self: PyTorch gives one to sources that no index uses",
    "pdist": "PyTorch crashes on no rows",
    "block_diag": "PyTorch gives that of another element, where an empty row stands before",
}
CONSTANTS = {"quantile": "q", "nanquantile": "q", "cross_entropy": "weight", "nll_loss": "weight"}  # no gradient here
NO_KERNEL = re.compile(
    r"not implemented for|not supported for|only supports? |[uU]nsupported (dtype|ScalarType)|not support|No kernel"
)
# Deliberate differences: (what our outcome says, what PyTorch's says, why that is as it should be). Either both refuse
# the call, with other classes, or one takes it.
DELIBERATE = [
    # More is taken than there.
    (
        r"",
        r"TypeError: .*must be (int|float|bool|Number|tuple of ints|tuple of bools)\b.*, not (bool|int|float"
        r"|NoneType)\b",
        "a bool is an int, an int a bool or a tuple of one, None the default",
    ),
    (
        r"accepts",
        r"TypeError: .*(unexpected keyword argument '(inplace|return_indices|operands)'|takes no (keyword )?arg"
        r"|(threshold|relu)\(\) takes \d)",
        "PyTorch has it in another place",
    ),
    (
        r"",
        r"TypeError: dropout\(\) (missing|received)",
        "torch.dropout wants train, torch.nn.functional.dropout training",
    ),
    (
        r"",
        r"(same (scalar |d)?type|scalar type|did not match|same dtype|equal to (self|src)\.dtype|dtype .* should"
        r"|dtypes must be the same|convertible without narrowing|Bad in-place call"
        r"|expected dtype \w+ .*for `(end|weight)`)",
        "operands of several dtypes are promoted",
    ),
    (
        r"",
        r"(int32/int64 for index|int32 or int64 for index|a long tensor for index|to be Long or Byte)",
        "any integers are indices",
    ),
    (
        r"",
        r"(without overflow|must not be a floating point|must not be a complex|Boolean alpha)",
        "numbers are converted as values are",
    ),
    (
        r"accepts",
        r"(non-zero size for non-batch|tensor with optional 0 dim batch|to be 3D or 4D|`shifts` required"
        r"|N must be greater than|batch size for input|non-batch dimensions to|weights sum to zero)",
        "a result of nothing",
    ),
    (r"accepts", r"view size is not compatible", "copied where a view is not possible"),
    (
        r"accepts",
        r"not a boolean tensor|may not be a boolean|floating point dtype but got aweights",
        "bools are numbers",
    ),
    (
        r"accepts",
        r"same number of dimensions as src|`weight` to be a scalar or 1D|output with shape \[\]",
        "broadcasts",
    ),
    # Less.
    (r"DTypeError: .*not there for complex", r"", "complex numbers: docs/compatibility.md says where"),
    (
        r"DTypeError: (conv|max_pool|avg_pool|lp_pool|dropout|unfold|fold|inner|addr|where|bucketize|searchsorted)",
        r"takes",
        "convolutions, pooling and windows are of floats, conditions bools",
    ),
    (r"degree `n` above|does not fit a 64-bit|takes n from 0|sum of \d+ terms", r"takes", "too large to be meant"),
    (r"padding_idx|label_smoothing must be", r"takes", "PyTorch does not look"),
    (r" TypeError: .*must be (bool|str|float|int)\b", r"", "PyTorch's Python takes anything for true"),
    (r"NotImplementedError: .*refers to a single", r"takes", "every write through an expanded tensor is refused"),
    # Another class.
    (
        r"(Shape|Argument|Linalg|DType)Error",
        r"IndexError: (Dimension|dimension|tuple index|.*index is expected|index \d+ is out)",
        "an axis that the shape lacks; ours names the shape",
    ),
    (
        r"",
        r"IndexError: .*(Expected source and index|Index is supposed|source and destination|Number of indices)",
        "shapes, not places",
    ),
    (r" TypeError", r"(Runtime|Value|Index|Attribute|NotImplemented)Error", "a wrong type is a TypeError"),
    (
        r"(Range|Shape|Argument|DType|Overflow|NotImplemented)Error",
        r"TypeError: .*(must be tuple|invalid combination|unexpected keyword|failed to unpack|must be \S+, not"
        r"|missing \d|expected 'shape')",
        "another fault of the same call is named first",
    ),
    (r"", r"object has no attribute|pivots (is expected|should be)", "no checks in PyTorch's Python"),
    (r"device", r"accelerator|[Dd]evice", "there is only the CPU"),
    (r"", r"MKL FFT|internal error|split_size can only be 0", "PyTorch fails inside"),
    (r"accepts", r"Dimension specified as .* has no dimensions", "a tensor without axes counts as one of one element"),
    (r"", r"bad_alloc|max_size|SymInt|ZeroDivisionError|setStorage|cannot compute the", "PyTorch fails inside"),
    # Single operations.
    (r" accepts", r"received an invalid combination of arguments", "PyTorch's overloads are stricter"),
    (r"^addbmm_ ", r"takes", "PyTorch resizes the tensor"),
    (
        r"^(bincount|cond|matrix_rank|lu\w*|adjoint|linear|pow|masked_fill|solve_triangular|eigh?)_? ",
        r"takes",
        "PyTorch does not look: arguments that it does not need, or integers",
    ),
    (
        r"^(quantile|nanquantile|pinv|pinverse|lstsq|vecdot|hardtanh|max|min|median|nanmedian) accepts",
        r"",
        "more dtypes, defaults where PyTorch has none",
    ),
    (r"^(batch_norm|conv\w+) ", r"IndexError: select|at least \d at dimension 0", "a result of nothing"),
    (r"^(adaptive_)?(avg|max)_pool\dd ", r"takes|non-zero|smaller than|no len", "extents of 0, divisors below 0"),
    (r"^(amin|amax) ", r"non-zero size", "a result of nothing"),
    (r"^as_strided_ ", r"takes", "PyTorch lets a tensor point outside its memory"),
    (r"^cholesky ", r"takes", "singular matrices"),
    (r"DTypeError", r"ValueError", "a dtype is refused with one class"),
    (
        r"^(lstsq|lu_factor|scatter_reduce|istft|rfftfreq|scatter|vander)_? ",
        r"takes|division by zero",
        "drivers in capitals, singular matrices, lengths below 0, indices of nothing",
    ),
    (
        r"^(ctc_loss|matrix_norm|addmv|max|min|[hvd]split)_? ",
        r"takes",
        "labels out of range, extremes and products of nothing",
    ),
    (
        r"^(isin|vander|vector_norm|split|tile|expand|vsplit|softshrink|batch_norm|instance_norm|equal)_? ",
        r"",
        "more is taken",
    ),
    (r"sparse_grad=True is not there", r"takes", "gradients are dense"),
    (r"^take_along_dim ", r"takes", "PyTorch does not look at the index into one element"),
    (
        r"^(cholesky_solve|chain_matmul|contiguous|trapezoid|fold|logical_\w+|scatter_add|lerp|index_fill|norm)_? ",
        r"",
        "more ways to call it",
    ),
]


def is_open(draw):
    """Whether values are not compared."""
    name = draw.op["name"]
    given = [part for part in flat(draw.parts()) if isinstance(part, (int, float, complex))]
    return name in VALUES_OPEN or (name in NOT_FINITE and not (np.abs(given) < 1e12).all())


def ulps(draw):
    if draw.op["name"] in INEXACT_IN_TORCH:
        return INEXACT_IN_TORCH[draw.op["name"]] / EPS["float64"]
    # (The rounding of a mean of equal elements is divided by the root of `eps` in normalizations.)
    terms = sum(box.array.size for box in draw.boxes())
    return 8 if draw.op["elementwise"] else (8 + 2 * terms) * (8 if draw.op["name"].endswith("_norm") else 1)


def disagreement(draw, ours, theirs):
    """What differs between two results, or None."""
    if is_open(draw):
        return None if outline(ours) == outline(theirs) else f"{outline(ours)}, expected {outline(theirs)}"
    ours, theirs = flat(ours), flat(theirs)
    if len(ours) != len(theirs):
        return f"{len(ours)} results, expected {len(theirs)}"
    for a, b in zip(ours, theirs, strict=True):
        if hasattr(a, "dtype") != hasattr(b, "dtype"):
            return f"a {type(a).__name__}, expected {type(b).__name__}"
        if hasattr(a, "dtype"):
            if tuple(a.shape) != tuple(b.shape):
                return f"shape {list(a.shape)}, expected {list(b.shape)}"
            if dtype_name(a) != dtype_name(b):
                return f"dtype {dtype_name(a)}, expected {dtype_name(b)}"
        different = distance(numbers(a), numbers(b), dtype_name(a) if hasattr(a, "dtype") else "float64", draw)
        if different:
            return different
    return None


def distance(x, y, dtype, draw, factor=1):
    if x.dtype.kind != "f":
        wrong = np.asarray(x != y)
    else:
        inputs = [np.abs(box.array[np.isfinite(box.array)]).max(initial=1) for box in draw.boxes()]
        scale = np.abs(y[np.isfinite(y)]).max(initial=max([1, *inputs]))
        dtypes = [dtype, *(box.dtype for box in draw.boxes())]
        dtypes += [str(part).split(".")[-1] for part in draw.parts() if isinstance(part, rt.dtype)]
        eps = max(EPS.get(name, 0) for name in dtypes)
        with np.errstate(invalid="ignore"):
            slack = factor * ulps(draw) * (eps * scale + TINY[dtype])
            wrong = ~((x == y) | (np.isnan(x) & np.isnan(y)) | (np.abs(x - y) <= slack))
    if not wrong.any():
        return None
    at = tuple(int(i) for i in np.argwhere(wrong)[0])
    return f"values: {int(wrong.sum())} of {wrong.size} differ; at {at}: {x[at]!r}, expected {y[at]!r}"


def expected_class(error):
    """What our exception has to be an instance of, given PyTorch's."""
    for known in (NotImplementedError, AssertionError):  # no kernel; a check in Python
        if isinstance(error, known):
            return (RuntimeError, ValueError, TypeError)
    return type(error) if type(error).__module__ == "builtins" else RuntimeError


def verdict(draw, torch, random=False, phase=lambda name: None):
    """How many results were compared (0: both refused, or one of them by right), or what is wrong as a text."""
    phase("rutile")
    ours, error = attempt(draw, RUTILE)
    if isinstance(error, rt.InternalError):
        return f"a panic: {error}"
    if error is not None and not isinstance(
        error, (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError, OverflowError, MemoryError)
    ):
        return f"raises {type(error).__name__}: {error}"
    if error is not None and not WHAT_CAME.get(type(error).__name__, re.compile(r"\S")).search(str(error)):
        return f"{type(error).__name__} does not say what came: {error}"
    if not torch_has(draw, torch) or cannot_ask(draw):
        return None
    phase("torch")
    theirs, their_error = attempt(draw, torch)
    loose = False
    receiver = draw.place == "Tensor" and draw.args and isinstance(draw.args[0], Bare)
    if isinstance(their_error, TypeError) and isinstance(error, TypeError):
        return None
    if isinstance(their_error, TypeError) and any(isinstance(part, Bare) for part in draw.parts()) and not receiver:
        theirs, their_error = attempt(draw, torch, wrap=True)  # ours takes numbers as tensors without axes
        loose = True
    phase("compare")
    if error is None and their_error is None:
        if random or loose:
            return None if outline(ours, loose) == outline(theirs, loose) else "another shape or dtype"
        if draw.op["name"] in TIES and isinstance(ours, tuple):
            ours, theirs = ours[0], theirs[0]
        if sum(t.numel() for t in flat(theirs) if hasattr(t, "numel")) > 1e6:
            return None if outline(ours) == outline(theirs) else f"{outline(ours)}, expected {outline(theirs)}"
        return disagreement(draw, ours, theirs) or gradients_disagree(draw, torch)
    mine = f"{draw.name} " + ("accepts" if error is None else f"{type(error).__name__}: {first_line(error)}")
    other = "takes" if their_error is None else f"{type(their_error).__name__}: {first_line(their_error)}"
    if any(re.search(a, mine) and re.search(b, other) for a, b, _ in DELIBERATE):
        return None
    if their_error is None and not any(t.numel() for t in flat(theirs) if hasattr(t, "numel")):
        return None  # PyTorch does not look at arguments of which nothing comes
    if error is None and isinstance(their_error, RuntimeError) and NO_KERNEL.search(str(their_error)):
        return wider_disagrees(draw, ours, torch)
    if error is not None and their_error is not None and isinstance(error, expected_class(their_error)):
        return None
    return f"{mine} /// PyTorch {other}"


def wider_disagrees(draw, ours, torch):
    """Where PyTorch has no kernel for 16-bit floats: our result beside its own in float32."""
    if not any(box.dtype in ("float16", "bfloat16") for box in draw.boxes()):
        return None

    def make(box):
        made = box.make(torch)
        return made.float() if box.dtype in ("float16", "bfloat16") else made

    theirs, error = attempt(draw, torch, make)
    if error is not None or is_open(draw):
        return None
    for a, b in zip(flat(ours), flat(theirs), strict=True):
        if dtype_name(a) in ("float16", "bfloat16"):
            if tuple(a.shape) != tuple(b.shape):
                return f"shape {list(a.shape)}, expected {list(b.shape)} of float32"
            with np.errstate(over="ignore"):
                rounded = numbers(b.to(getattr(torch.module, dtype_name(a))))
            different = distance(numbers(a), rounded, dtype_name(a), draw, 2)
            if different:
                return f"beside float32: {different}"
    return None


def gradients(draw, library):
    """Of a weighted sum of the results by every float64 tensor, zeros where it does not depend on it."""
    leaves = []
    given = {**dict(zip(draw.op["params"], draw.args, strict=False)), **draw.kwargs}
    constant = given.get(CONSTANTS.get(draw.op["name"]))

    def make(box):
        made = box.make(library)
        if box.dtype == "float64" and box is not constant:
            made.requires_grad_()
            leaves.append(made)
        return made

    total = 0
    for result in flat(draw.run(library, make)):
        if getattr(result, "requires_grad", False):
            result = library.module.view_as_real(result) if dtype_name(result).startswith("complex") else result
            weights = np.linspace(0.5, 1.5, result.numel()).reshape(tuple(result.shape))
            total = total + (result * library.tensor(weights, dtype_name(result))).sum()
    if not leaves or isinstance(total, int):
        return None
    found = library.module.autograd.grad(total, leaves, allow_unused=True)
    return [np.zeros(tuple(leaf.shape)) if g is None else numbers(g) for leaf, g in zip(leaves, found, strict=True)]


def gradients_disagree(draw, torch):
    repeated = [box for box in draw.boxes() if box.layout == "expanded"]
    if repeated and (draw.op["name"] in TIES or any(box.kind in ("regular", "definite") for box in repeated)):
        return None  # equal elements, matrices of equal rows
    if not draw.op["differentiable"] or draw.inplace or is_open(draw) or draw.op["name"] in GRADIENTS_NOT_AS_TORCH:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            theirs = gradients(draw, torch)
        except (RuntimeError, ValueError, TypeError):  # no derivative, or overloads that want no gradient
            return None
        try:
            ours = gradients(draw, RUTILE)
        except RuntimeError as error:
            return None if "leaf" in str(error) else f"the gradient raises {type(error).__name__}: {error}"
    # No gradient is one of zeros.
    ours, theirs = (found or [np.zeros_like(g) for g in ours or theirs or []] for found in (ours, theirs))
    for at, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        different = distance(a, b, "float64", draw, 64)
        if different:
            return f"gradient {at}: {different}"
    return None


def outline(result, loose=False):
    """Shapes and (unless `loose`) dtypes."""
    return [(tuple(t.shape), loose or dtype_name(t)) if hasattr(t, "dtype") else type(t) for t in flat(result)]


def torch_has(draw, torch):
    try:
        return bool(torch.callable(draw.name, draw.place))
    except AttributeError:
        return False


# What messages of our own classes have to hold: a number or shape, a dtype, a value.
WHAT_CAME = {
    "ShapeError": re.compile(r"\d|\[\]"),
    "RangeError": re.compile(r"\d"),
    "DTypeError": re.compile(rf"\b({'|'.join(DTYPES)})\b"),
    "ArgumentError": re.compile(r"\d|=|nan|inf|NaN|None|True|False|['\"(\[]"),
    "OverflowError": re.compile(r"\d{10}"),
    "OutOfMemoryError": re.compile(r"\d"),
}


def first_line(error):
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else ""
