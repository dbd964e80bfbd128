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


class Logs(Spec):
    """Logarithms of probabilities along the last axis."""

    def draw(self, rng):
        numbers = rng.uniform(-1, 1, self.shape)
        return numbers - np.log(np.exp(numbers).sum(-1, keepdims=True))


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
    options: tuple[tuple, dict] = ((), {})


def row(kind, *args, inputs, call=None, train=True, lazy=False, ulps=512, **kwargs):
    """`nn.kind(*args, **kwargs)(*inputs, **call)`."""

    def shown(value):
        return "..." if callable(value) else str(value)

    text = ", ".join([*map(shown, args), *(f"{key}={shown(value)}" for key, value in kwargs.items())])

    def make(library):
        def plain(value):
            return value(library) if callable(value) else value

        return getattr(library.nn, kind)(*map(plain, args), **{key: plain(value) for key, value in kwargs.items()})

    shapes = " ".join(str(getattr(spec, "shape", "")) for spec in inputs)
    return Row(kind, f"{kind}({text}) {shapes}", make, tuple(inputs), call or {}, train, lazy, ulps, (args, kwargs))


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


def activation_rows():
    x = f(2, 4, 3, high=5, low=-5)
    plain = (
        ["ELU", "SELU", "CELU", "GELU", "GLU", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU"],
        ["LogSigmoid", "Mish", "PReLU", "ReLU", "ReLU6", "Sigmoid", "SiLU", "Softplus", "Softshrink", "Softsign"],
        ["Tanh", "Tanhshrink", "Identity"],
    )
    for kind in (kind for kinds in plain for kind in kinds):
        # PyTorch computes the slope 1 / 6 in float32, whatever the input.
        yield row(kind, inputs=[f(2, 3, 4, high=5, low=-5)], ulps=2**30 if kind == "Hardsigmoid" else 512)
    yield row("ELU", 0.5, inputs=[x])
    for kind in ("ReLU", "ReLU6", "ELU", "SELU", "CELU", "SiLU", "Mish", "LeakyReLU", "Hardtanh", "Hardswish"):
        yield row(kind, inplace=True, inputs=[x])
    yield row("Threshold", 0.3, 2.0, inplace=True, inputs=[x])
    yield row("CELU", 2.0, inputs=[x])
    yield row("GELU", "tanh", inputs=[x])
    yield row("GLU", 1, inputs=[x])
    yield row("Hardshrink", 1.5, inputs=[x])
    yield row("Softshrink", 1.5, inputs=[x])
    yield row("Hardtanh", -0.5, 2.0, inputs=[x])
    yield row("LeakyReLU", 0.3, inputs=[x])
    yield row("PReLU", 4, inputs=[x])
    yield row("Softplus", 2, 3, inputs=[x])
    yield row("Threshold", 0.3, 2.0, inputs=[x])
    yield row("RReLU", inputs=[x], train=False)
    yield row("RReLU", 0.1, 0.5, inputs=[x], train=False)
    for kind in ("Softmax", "Softmin", "LogSoftmax"):
        yield row(kind, dim=1, inputs=[x])
    yield row("Softmax2d", inputs=[f(2, 3, 2, 2)])


def linear_rows():
    yield row("Linear", 3, 4, inputs=[f(2, 5, 3)])
    yield row("Linear", 3, 4, bias=False, inputs=[f(3)])
    yield row("LazyLinear", 4, inputs=[f(2, 3)], lazy=True)
    yield row("Bilinear", 2, 3, 4, inputs=[f(5, 2), f(5, 3)])
    yield row("Bilinear", 2, 3, 4, bias=False, inputs=[f(5, 2), f(5, 3)])
    yield row("Flatten", inputs=[f(2, 3, 4)])
    yield row("Flatten", 0, 1, inputs=[f(2, 3, 4)])
    yield row("Unflatten", 1, (2, 3), inputs=[f(2, 6)])
    yield row("Sequential", lambda t: t.nn.Linear(3, 4), lambda t: t.nn.ReLU(), inputs=[f(2, 3)])
    yield row("DataParallel", lambda t: t.nn.Linear(3, 4), inputs=[f(2, 3)])
    yield row("CosineSimilarity", inputs=[f(2, 3, 4), f(2, 3, 4)])
    yield row("CosineSimilarity", dim=-1, eps=0.1, inputs=[f(3, 4), f(3, 4)])
    yield row("PairwiseDistance", inputs=[f(3, 4), f(3, 4)])
    yield row("PairwiseDistance", 1.0, keepdim=True, inputs=[f(3, 4), f(3, 4)])
    yield row("PixelShuffle", 2, inputs=[f(2, 8, 2, 3)])
    yield row("PixelUnshuffle", 2, inputs=[f(2, 2, 4, 6)])
    yield row("ChannelShuffle", 2, inputs=[f(2, 4, 3, 2)])


SPACES = {1: (7,), 2: (6, 5), 3: (4, 5, 4)}


def convolution_rows():
    for d, space in SPACES.items():
        x, single = f(2, 4, *space), f(4, *space)
        conv, back = f"Conv{d}d", f"ConvTranspose{d}d"
        yield row(conv, 4, 6, 3, inputs=[x])
        yield row(conv, 4, 6, 2, stride=2, padding=1, dilation=2, groups=2, bias=False, inputs=[single])
        for mode in ("zeros", "reflect", "replicate", "circular"):
            yield row(conv, 4, 2, 3, padding=1, padding_mode=mode, inputs=[x])
            yield row(conv, 4, 2, 2, padding="same", dilation=2, padding_mode=mode, inputs=[x])
        yield row(conv, 4, 2, 3, padding="valid", inputs=[x])
        yield row(back, 4, 6, 3, inputs=[x])
        yield row(back, 4, 6, 3, 2, 1, 1, groups=2, bias=False, dilation=2, inputs=[single])
        yield row(back, 4, 2, 3, stride=2, inputs=[x, None, [2 * n + 2 for n in space]][::2])
        yield row(f"Lazy{conv}", 2, 3, inputs=[x], lazy=True)
        yield row(f"Lazy{back}", 2, 3, stride=2, inputs=[x], lazy=True)


def pooling_rows():
    for d, space in SPACES.items():
        x = f(2, 3, *space)
        yield row(f"MaxPool{d}d", 2, inputs=[x])
        yield row(f"MaxPool{d}d", 3, 2, 1, return_indices=True, ceil_mode=True, inputs=[x])
        yield row(f"MaxPool{d}d", 2, 1, 0, 2, inputs=[f(3, *space)])
        yield row(f"AvgPool{d}d", 2, inputs=[x])
        yield row(f"AvgPool{d}d", 3, 2, 1, ceil_mode=True, count_include_pad=False, inputs=[x])
        yield row(f"LPPool{d}d", 2, 2, inputs=[f(2, 3, *space, low=0.1)])
        yield row(f"LPPool{d}d", 3.0, 3, stride=2, ceil_mode=True, inputs=[f(3, *space, low=0.1)])
        yield row(f"AdaptiveAvgPool{d}d", 3, inputs=[x])
        yield row(f"AdaptiveMaxPool{d}d", 3, inputs=[x])
        yield row(f"AdaptiveMaxPool{d}d", 2, return_indices=True, inputs=[x])
        if d > 1:
            yield row(f"AdaptiveAvgPool{d}d", (2, None, 3)[3 - d :], inputs=[x])
            yield row(
                f"FractionalMaxPool{d}d",
                2,
                3 if d == 2 else 2,
                return_indices=True,
                _random_samples=lambda t, d=d: t.linspace(0, 0.9, 6 * d, dtype=t.float64).reshape(2, 3, d),
                inputs=[x],
            )
    values, places = f(1, 2, 3), v(((1, 3, 4), (0, 2, 5)))
    yield row("MaxUnpool1d", 2, inputs=[values, places])
    yield row("MaxUnpool1d", 2, inputs=[values, places], call={"output_size": (7,)})
    yield row("MaxUnpool2d", (2, 1), inputs=[f(1, 2, 2), v(((0, 3), (4, 7)))])
    yield row("MaxUnpool3d", (2, 1, 1), inputs=[f(1, 1, 1, 2, 1), v(((((0,), (3,)),),))])
    yield row("MaxUnpool3d", 2, 1, inputs=[f(1, 1, 1, 2, 1), v(((((0,), (3,)),),))])


def padding_rows():
    for d, space in SPACES.items():
        x, widths = f(2, 3, *space), (1, 2, 0, 1, 2, 1)[: 2 * d]
        for kind in ("Reflection", "Replication", "Circular", "Zero"):
            yield row(f"{kind}Pad{d}d", widths, inputs=[x])
            yield row(f"{kind}Pad{d}d", 1, inputs=[f(3, *space)])
        yield row(f"ConstantPad{d}d", widths, 1.5, inputs=[x])


def norm_rows():
    for d, space in SPACES.items():
        x = f(3, 4, *space)
        for kind in ("BatchNorm", "InstanceNorm"):
            yield row(f"{kind}{d}d", 4, inputs=[x])
            yield row(f"{kind}{d}d", 4, eps=1e-2, momentum=0.3, affine=True, track_running_stats=True, inputs=[x])
            yield row(f"{kind}{d}d", 4, affine=False, track_running_stats=False, inputs=[x])
            yield row(f"Lazy{kind}{d}d", inputs=[x], lazy=True)
        yield row(f"BatchNorm{d}d", 4, momentum=None, inputs=[x])
    yield row("BatchNorm1d", 4, inputs=[f(5, 4)])
    yield row("InstanceNorm2d", 4, inputs=[f(4, 3, 3)])
    # PyTorch's SyncBatchNorm runs on GPUs only, unless in evaluation.
    yield row("SyncBatchNorm", 4, inputs=[f(3, 4, 2)], train=False)
    yield row("GroupNorm", 2, 4, inputs=[f(3, 4, 5)])
    yield row("GroupNorm", 4, 4, eps=0.1, affine=False, inputs=[f(3, 4, 2, 2)])
    yield row("LayerNorm", 4, inputs=[f(2, 3, 4)])
    yield row("LayerNorm", (3, 4), eps=0.1, elementwise_affine=False, inputs=[f(2, 3, 4)])
    yield row("LayerNorm", (3, 4), bias=False, inputs=[f(2, 3, 4)])
    yield row("RMSNorm", 4, inputs=[f(2, 3, 4)])
    yield row("RMSNorm", (3, 4), eps=0.1, elementwise_affine=False, inputs=[f(2, 3, 4)])
    yield row("LocalResponseNorm", 3, inputs=[f(2, 5, 3, 3)])
    yield row("LocalResponseNorm", 2, 0.3, 0.5, 2.0, inputs=[f(2, 5, 3)])
    # The backward that PyTorch wrote by hand for it disagrees with its own autograd.
    yield row("CrossMapLRN2d", 3, 0.3, 0.5, 2.0, inputs=[f(2, 2, 3, 3, grad=False)])


def dropout_rows():
    for kind, shape in (
        ("Dropout", (3, 4)),
        ("Dropout1d", (3, 4, 2)),
        ("Dropout2d", (3, 4, 2, 2)),
        ("Dropout3d", (3, 4, 2, 2, 2)),
        ("AlphaDropout", (3, 4)),
        ("FeatureAlphaDropout", (3, 4, 2)),
    ):
        yield row(kind, 0.3, inputs=[f(*shape)], train=False)
        yield row(kind, 0.0, inputs=[f(*shape)])


def embedding_rows():
    yield row("Embedding", 5, 3, inputs=[i(2, 4)])
    yield row("Embedding", 5, 3, padding_idx=-2, inputs=[i(2, 4)])
    yield row("Embedding", 5, 3, scale_grad_by_freq=True, inputs=[i(9)])
    yield row("Embedding", 5, 3, max_norm=0.7, norm_type=1.0, inputs=[i(3)])
    for mode in ("sum", "mean", "max"):
        yield row("EmbeddingBag", 5, 3, mode=mode, inputs=[i(2, 4)])
        yield row("EmbeddingBag", 5, 3, mode=mode, padding_idx=1, inputs=[i(7), v(0, 3, 3, 5)])
        yield row("EmbeddingBag", 5, 3, mode=mode, include_last_offset=True, inputs=[i(7), v(0, 3, 7)])
        yield row("EmbeddingBag", 5, 3, mode=mode, max_norm=0.7, inputs=[i(2, 4)])
    weights = {"per_sample_weights": f(2, 4)}
    yield row("EmbeddingBag", 5, 3, mode="sum", padding_idx=0, inputs=[i(2, 4)], call=weights)


def resize_rows():
    for mode, d in (("linear", 1), ("bilinear", 2), ("bicubic", 2), ("trilinear", 3)):
        for align in (None, True, False):
            yield row("Upsample", scale_factor=1.7, mode=mode, align_corners=align, inputs=[f(2, 3, *SPACES[d])])
            yield row("Upsample", (5, 4, 9)[3 - d :], mode=mode, align_corners=align, inputs=[f(2, 3, *SPACES[d])])
    for mode in ("nearest", "nearest-exact", "area"):
        for space in SPACES.values():
            yield row("Upsample", scale_factor=2.4, mode=mode, inputs=[f(2, 3, *space)])
            yield row("Upsample", 3, mode=mode, inputs=[f(2, 3, *space)])
    yield row("Upsample", scale_factor=(0.6, 2.1), mode="bicubic", recompute_scale_factor=True, inputs=[f(1, 2, 7, 5)])
    yield row("UpsamplingNearest2d", scale_factor=2, inputs=[f(1, 2, 3, 4)])
    yield row("UpsamplingBilinear2d", scale_factor=2, inputs=[f(1, 2, 3, 4)])
    yield row("UpsamplingBilinear2d", (5, 3), inputs=[f(1, 2, 3, 4)])
    yield row("Unfold", 2, inputs=[f(2, 3, 4, 5)])
    yield row("Unfold", (2, 3), 2, (1, 2), (2, 1), inputs=[f(3, 4, 5)])
    yield row("Fold", (4, 5), 2, inputs=[f(2, 8, 12)])
    yield row("Fold", (4, 5), (2, 3), padding=(0, 2), stride=(2, 1), inputs=[f(12, 14)])


def loss_rows():
    x, y, p = f(3, 4), f(3, 4), f(3, 4, low=0.05, high=0.95)
    signs = v((1.0, -1.0, 1.0, 1.0), (-1.0, -1.0, 1.0, -1.0), (1.0, 1.0, -1.0, 1.0))
    weight = lambda t: t.linspace(0.5, 1.5, 4, dtype=t.float64)  # noqa: E731
    classes = i(3)
    for reduction in ("mean", "sum", "none"):
        r = {"reduction": reduction}
        yield row("L1Loss", **r, inputs=[x, y])
        yield row("MSELoss", **r, inputs=[x, y])
        yield row("HuberLoss", delta=0.7, **r, inputs=[x, y])
        yield row("SmoothL1Loss", beta=0.7, **r, inputs=[x, y])
        yield row("SmoothL1Loss", beta=0.0, **r, inputs=[x, y])
        yield row("BCELoss", **r, inputs=[p, p])
        yield row("BCELoss", weight, **r, inputs=[p, p])
        yield row("BCELoss", **r, inputs=[Spec((3,), values=(0.0, 1.0, 0.0, 1.0)), v(0.0, 1.0, 1.0, 0.0)])
        yield row("BCEWithLogitsLoss", **r, inputs=[x, p])
        yield row("BCEWithLogitsLoss", weight, pos_weight=weight, **r, inputs=[x, p])
        yield row("KLDivLoss", **r, inputs=[x, p])
        yield row("KLDivLoss", log_target=True, **r, inputs=[x, y])
        yield row("SoftMarginLoss", **r, inputs=[x, signs])
        yield row("HingeEmbeddingLoss", 1.3, **r, inputs=[x, signs])
        yield row("PoissonNLLLoss", **r, inputs=[x, p])
        yield row("PoissonNLLLoss", False, True, eps=1e-3, **r, inputs=[p, f(3, 4, low=0.5, high=5)])
        yield row("GaussianNLLLoss", full=True, eps=0.5, **r, inputs=[x, y, p])
        yield row("MarginRankingLoss", 0.3, **r, inputs=[f(3), f(3), v(1.0, -1.0, 1.0)])
        yield row("CosineEmbeddingLoss", 0.3, **r, inputs=[x, y, v(1.0, -1.0, 1.0)])
        yield row("TripletMarginLoss", 1.3, swap=True, **r, inputs=[x, y, f(3, 4)])
        yield row("TripletMarginLoss", p=1, eps=1e-3, **r, inputs=[x, y, f(3, 4)])
        yield row("TripletMarginWithDistanceLoss", margin=2.0, swap=True, **r, inputs=[x, y, f(3, 4)])
        yield row("MultiMarginLoss", **r, inputs=[x, classes])
        yield row("MultiMarginLoss", 2, 1.3, weight, **r, inputs=[x, classes])
        yield row("MultiLabelMarginLoss", **r, inputs=[x, v((3, 0, -1, 1), (0, 1, 2, 3), (-1, 0, 1, 2))])
        yield row("MultiLabelSoftMarginLoss", weight, **r, inputs=[x, p])
        yield row("NLLLoss", **r, inputs=[x, classes])
        yield row("NLLLoss", weight, ignore_index=2, **r, inputs=[f(2, 4, 5), i(2, 5)])
        yield row("CrossEntropyLoss", **r, inputs=[x, classes])
        yield row("CrossEntropyLoss", weight, ignore_index=2, label_smoothing=0.2, **r, inputs=[f(2, 4, 5), i(2, 5)])
        yield row("CrossEntropyLoss", weight, label_smoothing=0.2, **r, inputs=[x, p])
        yield row("CTCLoss", **r, inputs=[Logs((6, 3, 5), grad=False), i(3, 2, low=1, high=5), (6, 5, 4), (2, 1, 2)])
        lengths = [v(6, 5, 1), v(2, 1, 2)]
        yield row(
            "CTCLoss", 2, **r, zero_infinity=True, inputs=[Logs((6, 3, 5), grad=False), i(5, low=3, high=5), *lengths]
        )
    yield row("KLDivLoss", reduction="batchmean", inputs=[x, p])
    yield row("NLLLoss2d", inputs=[f(2, 4, 3, 3), i(2, 3, 3)])
    yield row("LinearCrossEntropyLoss", 5, 4, inputs=[f(3, 5), i(3)])
    yield row(
        "LinearCrossEntropyLoss", 5, 4, out_features=(2,), bias=True, label_smoothing=0.1, inputs=[f(3, 5), i(3, 2)]
    )
    yield row("AdaptiveLogSoftmaxWithLoss", 16, 12, [3, 7], inputs=[f(5, 16), i(5, high=12)])
    yield row("AdaptiveLogSoftmaxWithLoss", 16, 12, [5], 2.0, head_bias=True, inputs=[f(16), i(high=12)])


def rest_rows():
    """Options that the rows above leave as they are."""
    x = f(2, 4, 3, high=5, low=-5)
    for kind in ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"):
        yield row(kind, 0.0, inplace=True, inputs=[f(3, 4, *[2] * int(kind[7:8] if kind[7:8].isdigit() else 1))])
    yield row("Hardsigmoid", inplace=True, inputs=[x], ulps=2**30)
    yield row("RReLU", inplace=True, inputs=[x], train=False)
    yield row("PReLU", init=0.6, inputs=[x])
    yield row("Hardtanh", min_val=-0.2, max_val=0.3, inputs=[x])
    yield row("Identity", 54, unused=True, inputs=[x])
    yield row("PairwiseDistance", 3.0, eps=0.1, inputs=[f(3, 4), f(3, 4)])
    yield row("LazyLinear", 4, bias=False, inputs=[f(2, 3)], lazy=True)
    for d, space in SPACES.items():
        x = f(3, 4, *space)
        if d > 1:
            yield row(f"AvgPool{d}d", 3, 2, divisor_override=5, inputs=[x])
            ratio = {"output_ratio": 0.5}
            yield row(f"FractionalMaxPool{d}d", 2, **ratio, _random_samples=samples(d), inputs=[x])
        yield row(f"BatchNorm{d}d", 4, bias=False, inputs=[x])
        yield row(f"InstanceNorm{d}d", 4, affine=True, bias=False, inputs=[x])
        for kind in ("BatchNorm", "InstanceNorm"):
            more = {"eps": 1e-2, "momentum": 0.3, "affine": True, "track_running_stats": True, "bias": False}
            yield row(f"Lazy{kind}{d}d", **more, inputs=[x], lazy=True)
            yield row(f"Lazy{kind}{d}d", affine=False, track_running_stats=False, inputs=[x], lazy=True)
        conv = {"stride": 2, "padding": 1, "dilation": 2, "groups": 2, "bias": False}
        yield row(f"LazyConv{d}d", 4, 2, **conv, padding_mode="circular", inputs=[x], lazy=True)
        yield row(f"LazyConvTranspose{d}d", 4, 2, **conv, output_padding=1, padding_mode="zeros", inputs=[x], lazy=True)
        yield row(f"ConvTranspose{d}d", 4, 2, 2, dilation=3, output_padding=2, padding_mode="zeros", inputs=[x])
    yield row("GroupNorm", 2, 4, bias=False, inputs=[f(3, 4, 5)])
    sync = {"eps": 1e-2, "momentum": 0.3, "process_group": None}
    yield row("SyncBatchNorm", 4, **sync, affine=False, inputs=[f(3, 4, 2)], train=False)
    yield row("SyncBatchNorm", 4, track_running_stats=True, bias=False, inputs=[f(3, 4, 2)], train=False)
    yield row("Embedding", 5, 3, _weight=table, _freeze=True, inputs=[i(2, 4)])
    yield row("EmbeddingBag", 5, 3, _weight=table, inputs=[i(2, 4)])
    yield row("EmbeddingBag", 5, 3, max_norm=0.7, norm_type=1.0, inputs=[i(2, 4)])
    yield row("Fold", (4, 6), 2, dilation=(2, 3), inputs=[f(2, 8, 6)])
    yield row("MaxUnpool1d", 3, stride=2, padding=1, inputs=[f(1, 2, 3), v(((1, 3, 4), (0, 2, 4)))])
    yield row("MaxUnpool2d", 3, 2, padding=1, inputs=[f(1, 2, 2), v(((0, 2), (4, 7)))])
    yield row("MaxUnpool3d", 3, 2, padding=1, inputs=[f(1, 1, 2, 2, 1), v(((((0,), (3,)), ((5,), (8,))),))])
    yield row("MultiheadAttention", 8, 2, dropout=0.5, inputs=[f(5, 2, 8), f(4, 2, 8), f(4, 2, 8)], train=False)
    weight = lambda t: t.linspace(0.5, 1.5, 4, dtype=t.float64)  # noqa: E731
    images = [f(2, 4, 3, 3), i(2, 3, 3)]
    yield row("NLLLoss2d", weight, ignore_index=2, reduction="sum", inputs=images)
    yield row("LinearCrossEntropyLoss", 5, 4, weight=weight, ignore_index=2, reduction="sum", inputs=[f(3, 5), i(3)])
    distance = {"distance_function": lambda t: t.nn.PairwiseDistance(1.0)}
    yield row("TripletMarginWithDistanceLoss", **distance, inputs=[f(3, 4), f(3, 4), f(3, 4)])
    yield row("UpsamplingNearest2d", size=(5, 3), inputs=[f(1, 2, 3, 4)])
    small = {"dim_feedforward": 12, "dropout": 0.0}
    layers = [f(4, 3, 8), f(5, 3, 8)]
    yield row(
        "TransformerDecoder",
        lambda t: t.nn.TransformerDecoderLayer(8, 2, **small),
        1,
        norm=lambda t: t.nn.LayerNorm(8),
        inputs=layers,
        ulps=4096,
    )
    yield row(
        "TransformerEncoder",
        lambda t: t.nn.TransformerEncoderLayer(8, 2, **small),
        1,
        enable_nested_tensor=False,
        mask_check=False,
        inputs=layers[:1],
        ulps=4096,
    )
    yield row(
        "Transformer",
        8,
        2,
        custom_encoder=lambda t: t.nn.TransformerEncoder(
            t.nn.TransformerEncoderLayer(8, 2, **small), 1, enable_nested_tensor=False
        ),
        custom_decoder=lambda t: t.nn.TransformerDecoder(t.nn.TransformerDecoderLayer(8, 2, **small), 1),
        inputs=layers,
        ulps=4096,
    )


def samples(d):
    """Where fractional pooling puts its windows, for three samples of four channels."""
    return lambda t: t.linspace(0, 0.9, 12 * d, dtype=t.float64).reshape(3, 4, d)


def table(library):
    """Rows of an embedding."""
    return library.linspace(-1, 1, 15, dtype=library.float64).reshape(5, 3)


# Containers that are not called, and PyTorch's own rows of what is made of them.
NOT_CALLED = {"ModuleDict", "ModuleList", "ParameterDict", "ParameterList"}

ROWS = [
    *activation_rows(),
    *linear_rows(),
    *convolution_rows(),
    *pooling_rows(),
    *padding_rows(),
    *norm_rows(),
    *dropout_rows(),
    *embedding_rows(),
    *resize_rows(),
    *loss_rows(),
    *attention_rows(),
    *transformer_rows(),
    *recurrent_rows(),
    *rest_rows(),
]
