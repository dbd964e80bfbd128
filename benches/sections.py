"""The tables, in the order of the page."""

from . import convolution, elementwise, gradients, inference, matmul, overhead, processes, training

SECTIONS = [
    matmul.SECTION,
    convolution.SECTION,
    gradients.SECTION,
    elementwise.SECTION,
    overhead.SECTION,
    processes.IMPORTS,
    training.SECTION,
    inference.SECTION,
    processes.MEMORY,
]
