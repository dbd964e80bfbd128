"""Networks that only answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import libraries, networks
from .libraries import Onnx, Run, Torch
from .rows import Row, section


def network(
    name: str, build: Callable[[Any], Any], batch: tuple[int, ...], *, words: int = 0, goal: float | None = None
) -> Row:
    """A forward pass without gradients. Weights are each library's own, so the results differ."""

    def inputs(lib: Torch) -> Any:
        return lib.integers(words, *batch) if words else lib.normal(*batch)

    def torch(lib: Torch) -> Run:
        model, x = lib.place(build(networks.load(lib.lib))).eval(), inputs(lib)
        forward = lib.compiled(model)

        def run() -> Any:
            with lib.lib.inference_mode():
                return forward(x)

        return run

    def onnx(lib: Onnx) -> Run:
        return lib.session(build(networks.load(lib.lib)), inputs(lib))

    flavours = ("compiled",) if words else ("channels_last", "compiled")
    runtime = onnx if libraries.can_export() else None
    return Row(name, torch, onnx=runtime, flavours=flavours, goal=goal, compare=False)


def images(count: int) -> tuple[int, ...]:
    """Shape of a batch of large images."""
    return (count, 3, 224, 224)


SECTION = section(
    "inference",
    "Inference",
    [
        network("ResNet-18, 224, batch 1", lambda n: n.resnet((2, 2, 2, 2), large=True), images(1), goal=2.3),
        network("ResNet-18, 224, batch 8", lambda n: n.resnet((2, 2, 2, 2), large=True), images(8), goal=2.3),
        network("ResNet-50, 224, batch 1", lambda n: n.resnet((3, 4, 6, 3), True, True), images(1), goal=2.2),
        network("ResNet-50, 224, batch 8", lambda n: n.resnet((3, 4, 6, 3), True, True), images(8), goal=3.2),
        network("MobileNetV2, 224, batch 1", lambda n: n.mobilenet_v2(), images(1), goal=4.4),
        network("GPT 4 x 128, batch 1", lambda n: n.GPT(), (1, 128), words=96, goal=2.2),
    ],
)
