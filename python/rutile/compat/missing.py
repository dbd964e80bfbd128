"""What to say about names of PyTorch that are not here."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_GPU = "Rutile computes on the CPU; guard the line by torch.cuda.is_available()"
_SPARSE = "tensors are dense here; use a dense tensor and matmul, or index_add for sums over edges"
_GRAPH = "Rutile has no graph capture; call the module itself"

PACKAGES = {
    "torch.fx": _GRAPH,
    "torch.export": _GRAPH,
    "torch._dynamo": "there is no compiler; leave its settings out",
    "torch._inductor": "there is no compiler; leave its settings out",
    "torch.ao": "there is no quantization",
    "torch.quantization": "there is no quantization",
    "torch.sparse": _SPARSE,
    "torch.xpu": _GPU,
    "torch.futures": "use concurrent.futures",
    "torch.nested": "pad with nn.utils.rnn.pad_sequence and mask",
    "torch.masked": "use masked_fill, or boolean masks",
    "torch.overrides": "subclasses of Tensor do not take part in operations; leave the check out",
    "torch._C": "the engine of PyTorch; its names have places in the root",
    "torch.utils.benchmark": "use timeit, or rutile.profiler",
    "torch.utils.flop_counter": "rutile.summary(model, input) counts multiply-adds",
    "torchvision.ops": "write the operation with tensor operations",
}
"""Packages of PyTorch that are absent on purpose, and what to do without them."""

NAMES = {
    "sparse_coo_tensor": _SPARSE,
    "sparse_csr_tensor": _SPARSE,
    "to_sparse": _SPARSE,
    "to_dense": "tensors are dense already",
    "saved_tensors_hooks": "saved tensors stay in memory; utils.checkpoint recomputes activations instead",
    "save_on_cpu": "tensors are in main memory already",
    "Stream": _GPU,
    "Event": f"{_GPU}, and measure with time.perf_counter()",
    "quantize_per_tensor": "there is no quantization; use float16 to halve the size of weights",
    "to_mkldnn": "leave it out: layouts are chosen inside",
    "symbolic_trace": _GRAPH,
    "fx": _GRAPH,
    "QUInt8Tensor": "there is no quantization",
    "roi_pool": "crop by indexing and use adaptive_max_pool2d",
}
"""Names of PyTorch that are absent on purpose, wherever they would be, and what to do without them."""


def hint(name: str, present: Iterable[str] = ()) -> str:
    """One sentence about a missing name: what to use instead, or which present one looks like it; else nothing."""
    if name in NAMES:
        return NAMES[name]
    close = difflib.get_close_matches(name, [other for other in present if not other.startswith("_")], 1, 0.75)
    return f"did you mean {close[0]!r}?" if close else ""


def missing(owner: str, name: str, present: Iterable[str] = ()) -> AttributeError:
    """The error for `owner.name`, to be raised by a module's `__getattr__`."""
    advice = hint(name, present) if not name.startswith("_") else ""
    return AttributeError(f"{owner} has no attribute {name!r}{': ' if advice else ''}{advice}", name=name)
