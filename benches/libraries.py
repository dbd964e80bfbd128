"""The libraries that are compared, each with random data in its own form: the same numbers in all of them."""

from __future__ import annotations

import importlib
import importlib.util
import io
import logging
import os
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from rutile import bench

Run = Callable[[], Any]

NAMES = ("rutile", "torch", "channels_last", "fused", "compiled", "numpy", "jax", "onnxruntime")
"""What can be measured. The three after torch are other ways to use PyTorch."""

FLAVOURS = ("channels_last", "fused", "compiled")


def installed(threads: int) -> list[str]:
    """What there is on this machine, told to use `threads` threads."""
    cores = os.cpu_count() or 1
    if threads < cores and hasattr(os, "sched_setaffinity"):
        # JAX cannot be told how many threads to use, but it counts the cores that it may run on.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    found = bench.prepare(threads)
    if "torch" in found:
        found += FLAVOURS
    found += [name for name in ("jax", "onnxruntime") if importlib.util.find_spec(name)]
    return [name for name in NAMES if name in found]


class Library:
    """Random inputs. Every instance starts from the same numbers."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(0)

    def wrap(self, array: Any) -> Any:
        """A NumPy array in the library's own form."""
        return array

    def normal(self, *shape: int) -> Any:
        """Numbers of the normal distribution, float32."""
        return self.wrap(self._random.standard_normal(shape, dtype=np.float32))

    def integers(self, high: int, *shape: int) -> Any:
        """Integers from 0 to below `high`, int64."""
        return self.wrap(self._random.integers(high, size=shape))


class Numpy(Library):
    """NumPy."""


class Torch(Library):
    """Rutile or PyTorch. `flavour` is one of `FLAVOURS`, or empty for the way that most people use it."""

    def __init__(self, module: str, flavour: str = "") -> None:
        super().__init__()
        self.lib: Any = importlib.import_module(module)
        self.nn = self.lib.nn
        self.functional = self.lib.nn.functional
        self.flavour = flavour
        self.lib.manual_seed(0)

    def wrap(self, array: Any) -> Any:
        return self.place(self.lib.from_numpy(array))

    def place(self, value: Any) -> Any:
        """A module, or a batch of images, in the layout that is asked for."""
        images = not hasattr(value, "ndim") or value.ndim == 4
        if self.flavour == "channels_last" and images:
            value = value.to(memory_format=self.lib.channels_last)
        return value

    def parameter(self, *shape: int) -> Any:
        """As `normal`, and wants a gradient."""
        return self.normal(*shape).requires_grad_()

    def compiled(self, function: Any) -> Any:
        """`function` through `torch.compile`, if that is the flavour."""
        return self.lib.compile(function) if self.flavour == "compiled" else function


class Jax(Library):
    """JAX, compiled ahead of the measurement."""

    def __init__(self) -> None:
        super().__init__()
        import jax

        self.jax = jax
        self.np = jax.numpy
        self.nn = jax.nn
        self.lax = jax.lax

    def wrap(self, array: Any) -> Any:
        return self.np.asarray(array)

    def jit(self, function: Callable[..., Any], *inputs: Any) -> Run:
        """Runs the compiled function and waits for its result."""
        compiled = self.jax.jit(function)
        return lambda: self.jax.block_until_ready(compiled(*inputs))

    def gradients(self, function: Callable[..., Any], *inputs: Any) -> Run:
        """Runs forward and backward with a given gradient of the result; gives the gradient of the first input."""
        given = self.normal(*self.jax.eval_shape(function, *inputs).shape)

        def both(given: Any, *inputs: Any) -> Any:
            return self.jax.vjp(function, *inputs)[1](given)

        run = self.jit(both, given, *inputs)
        return lambda: run()[0]


class Onnx(Torch):
    """ONNX Runtime, on networks that PyTorch exports."""

    def __init__(self) -> None:
        super().__init__("torch")

    def session(self, module: Any, *inputs: Any) -> Run:
        """Runs the exported module."""
        import onnxruntime

        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        file = io.BytesIO()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.lib.onnx.export(module.eval(), inputs, file, dynamo=True, verbose=False)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.lib.get_num_threads()
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(file.getvalue(), options, providers=["CPUExecutionProvider"])
        given = {node.name: x.numpy() for node, x in zip(session.get_inputs(), inputs, strict=True)}
        return lambda: session.run(None, given)[0]


def can_export() -> bool:
    """Whether networks can be given to ONNX Runtime."""
    return all(importlib.util.find_spec(name) for name in ("onnxruntime", "onnx", "onnxscript", "torch"))


def make(name: str) -> Any:
    """A library of `NAMES`, with its data at the start."""
    if name in FLAVOURS:
        return Torch("torch", name)
    if name in ("rutile", "torch"):
        return Torch(name)
    return {"numpy": Numpy, "jax": Jax, "onnxruntime": Onnx}[name]()


def version(name: str) -> str:
    """The version of an installed library."""
    return str(sys.modules.get(name, importlib.import_module(name)).__version__)
