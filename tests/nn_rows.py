"""The rows of `test_nn_parity.py`: modules, how they are made, and what they are fed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Spec:
    """A tensor of random numbers."""

    shape: tuple
    kind: str = "float"
    low: float = -2.0
    high: float = 2.0
    grad: bool = True
    values: tuple | None = None

    def draw(self, rng):
        if self.values is not None:
            return np.array(self.values)
        if self.kind == "float":
            return rng.uniform(self.low, self.high, self.shape)
        if self.kind == "int":
            return rng.integers(int(self.low), int(self.high), self.shape)
        return rng.random(self.shape) < 0.5


def f(*shape, low=-2.0, high=2.0, grad=True):
    """Floats."""
    return Spec(shape, "float", low, high, grad)


def i(*shape, low=0, high=4):
    """Integers."""
    return Spec(shape, "int", low, high)


def b(*shape):
    """Truth values."""
    return Spec(shape, "bool")


def v(*values):
    """These values (bools, integers or floats)."""
    return Spec((), "given", values=values)


def pair(*parts):
    """A tuple of tensors as one argument."""
    return ("pair", *parts)


@dataclass
class Row:
    """A module, made by `make(library)`, and the arguments of its call."""

    kind: str
    name: str
    make: Callable[[Any], Any]
    inputs: tuple
    kwargs: dict = field(default_factory=dict)
    train: bool = True
    lazy: bool = False
    ulps: int = 512


def row(kind, *args, inputs, call=None, train=True, lazy=False, ulps=512, **kwargs):
    """`nn.kind(*args, **kwargs)(*inputs, **call)`."""
    text = ", ".join([*map(str, args), *(f"{key}={value}" for key, value in kwargs.items())])

    def make(library):
        def plain(value):
            return value(library) if callable(value) else value

        return getattr(library.nn, kind)(*map(plain, args), **{key: plain(value) for key, value in kwargs.items()})

    shapes = " ".join(str(getattr(spec, "shape", "")) for spec in inputs)
    return Row(kind, f"{kind}({text}) {shapes}", make, tuple(inputs), call or {}, train, lazy, ulps)


def attention_rows():
    x, y = f(5, 2, 8), f(4, 2, 8)
    yield row("MultiheadAttention", 8, 2, inputs=[x, y, y])
    yield row("MultiheadAttention", 8, 2, inputs=[x, y, f(4, 2, 8)], call={"need_weights": False})
    yield row("MultiheadAttention", 8, 4, bias=False, inputs=[f(5, 8), f(4, 8), f(4, 8)])
    yield row("MultiheadAttention", 8, 2, batch_first=True, inputs=[f(2, 5, 8), f(2, 4, 8), f(2, 4, 8)])
    yield row("MultiheadAttention", 8, 2, kdim=3, vdim=5, inputs=[x, f(4, 2, 3), f(4, 2, 5)])
    for weights in (True, False):
        call = {"need_weights": weights, "average_attn_weights": False}
        yield row(
            "MultiheadAttention",
            8,
            2,
            add_bias_kv=True,
            add_zero_attn=True,
            inputs=[x, y, y],
            call={
                **call,
                "key_padding_mask": v((True, False, False, False), (False, False, True, True)),
                "attn_mask": f(5, 4, grad=False),
            },
        )
        yield row("MultiheadAttention", 8, 2, inputs=[x, y, y], call={**call, "attn_mask": f(4, 5, 4)})
        causal = tuple(tuple(j > i for j in range(5)) for i in range(5))
        masked = {"attn_mask": v(*causal), "is_causal": True}
        yield row("MultiheadAttention", 8, 2, inputs=[x, x, x], call={**call, **masked})


def transformer_rows():
    small = {"dim_feedforward": 12, "dropout": 0.0}
    for options in (
        {},
        {"norm_first": True, "activation": "gelu"},
        {"batch_first": True, "bias": False, "layer_norm_eps": 1e-3},
    ):
        yield row("TransformerEncoderLayer", 8, 2, **small, **options, inputs=[f(4, 3, 8)])
        yield row("TransformerDecoderLayer", 8, 2, **small, **options, inputs=[f(4, 3, 8), f(4, 3, 8)])
        yield row("Transformer", 8, 2, 2, 1, **small, **options, inputs=[f(4, 3, 8), f(4, 3, 8)], ulps=4096)
    causal = tuple(tuple(j > i for j in range(4)) for i in range(4))
    yield row(
        "TransformerEncoder",
        lambda t: t.nn.TransformerEncoderLayer(8, 2, **small),
        2,
        lambda t: t.nn.LayerNorm(8),
        enable_nested_tensor=False,
        inputs=[f(4, 3, 8)],
        call={"mask": v(*causal)},
        ulps=4096,
    )
    yield row(
        "TransformerDecoder",
        lambda t: t.nn.TransformerDecoderLayer(8, 2, **small),
        2,
        inputs=[f(4, 3, 8), f(5, 3, 8)],
        call={"tgt_mask": v(*causal), "memory_key_padding_mask": v(*[(False, False, False, True, True)] * 3)},
        ulps=4096,
    )


def recurrent_rows():
    for kind, states in (("RNN", 1), ("LSTM", 2), ("GRU", 1)):

        def state(*shape, states=states):
            return f(*shape) if states == 1 else pair(f(*shape), f(*shape))

        yield row(kind, 3, 4, inputs=[f(5, 2, 3)])
        yield row(kind, 3, 4, 2, inputs=[f(5, 2, 3), state(2, 2, 4)])
        yield row(kind, 3, 4, 2, bidirectional=True, batch_first=True, inputs=[f(2, 5, 3), state(4, 2, 4)])
        yield row(kind, 3, 4, bias=False, inputs=[f(5, 3), state(1, 4)])
        yield row(f"{kind}Cell", 3, 4, inputs=[f(2, 3), state(2, 4)])
        yield row(f"{kind}Cell", 3, 4, bias=False, inputs=[f(3)])
        yield row(kind, 3, 4, 2, dropout=0.5, inputs=[f(5, 2, 3)], train=False)
    yield row("RNN", 3, 4, 2, nonlinearity="relu", inputs=[f(5, 2, 3)])
    yield row("RNNCell", 3, 4, nonlinearity="relu", inputs=[f(2, 3)])
    yield row("LSTM", 3, 4, 2, proj_size=2, bidirectional=True, inputs=[f(5, 2, 3), pair(f(4, 2, 2), f(4, 2, 4))])


ROWS = [*attention_rows(), *transformer_rows(), *recurrent_rows()]
