# Written by tools/stubs.py: do not edit. `make stubs` writes it again.

from collections.abc import Sequence
from typing import Any

from . import Tensor, _Number, dtype

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "batch_norm",
    "binary_cross_entropy",
    "celu",
    "celu_",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "cross_entropy",
    "ctc_loss",
    "dropout",
    "elu",
    "elu_",
    "embedding",
    "embedding_bag",
    "fold",
    "gelu",
    "grid_sample",
    "group_norm",
    "hardshrink",
    "hardshrink_",
    "hardsigmoid",
    "hardsigmoid_",
    "hardswish",
    "hardswish_",
    "hardtanh",
    "hardtanh_",
    "instance_norm",
    "layer_norm",
    "leaky_relu",
    "leaky_relu_",
    "linear",
    "log_softmax",
    "logsigmoid",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "mish",
    "mish_",
    "nll_loss",
    "one_hot",
    "pad",
    "pdist",
    "prelu",
    "relu",
    "relu6",
    "relu6_",
    "relu_",
    "rms_norm",
    "scaled_dot_product_attention",
    "selu",
    "selu_",
    "sigmoid",
    "sigmoid_",
    "silu",
    "silu_",
    "softmax",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanh_",
    "tanhshrink",
    "threshold",
    "threshold_",
    "unfold",
]

def adaptive_avg_pool1d(input: Tensor, output_size: Any, *, out: Tensor | None = None) -> Tensor:
    """The mean of each of `output_size` nearly equal parts of (n, c, l) or (c, l): part `i` goes from
    `floor(i * l / output_size)` to `ceil((i + 1) * l / output_size)`, so neighbours may share an element.
    Raises: RuntimeError if `input` has another number of axes; TypeError if `output_size` is not a number."""

def adaptive_avg_pool2d(input: Tensor, output_size: Any, *, out: Tensor | None = None) -> Tensor:
    """The mean of each of `output_size` (a number or (h, w); None keeps an axis) nearly equal parts of (n, c, h, w) or (c,
    h, w), cut as by `adaptive_avg_pool1d`. With 1, the global mean of every channel.
    Raises: RuntimeError if `input` has another number of axes; TypeError if `output_size` is not of that form.

    >>> F.adaptive_avg_pool2d(rt.arange(16.0).reshape(1, 4, 4), 2)
    tensor([[[ 2.5000,  4.5000],
             [10.5000, 12.5000]]])
    >>> F.adaptive_avg_pool2d(rt.rand(8, 64, 7, 7), (1, None)).shape
    rutile.Size([8, 64, 1, 7])"""

def adaptive_avg_pool3d(input: Tensor, output_size: Any, *, out: Tensor | None = None) -> Tensor:
    """The mean of each of `output_size` (a number or (d, h, w); None keeps an axis) nearly equal parts of (n, c, d, h, w)
    or (c, d, h, w), cut as by `adaptive_avg_pool1d`.
    Raises: RuntimeError if `input` has another number of axes; TypeError if `output_size` is not of that form.

    >>> F.adaptive_avg_pool3d(rt.rand(2, 8, 4, 10, 10), (None, 5, 1)).shape
    rutile.Size([2, 8, 4, 5, 1])"""

def adaptive_max_pool1d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """The largest element of each of `output_size` nearly equal parts of (n, c, l) or (c, l), cut as by
    `adaptive_avg_pool1d`; with `return_indices` also their positions.
    Raises: RuntimeError if `input` has another number of axes or no elements; TypeError if `output_size` is not a
    number.

    >>> F.adaptive_max_pool1d(rt.tensor([[1.0, 5.0, 3.0, 4.0, 2.0]]), 2, return_indices=True)
    (tensor([[5., 4.]]), tensor([[1, 3]]))"""

def adaptive_max_pool2d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """The largest element of each of `output_size` (a number or (h, w); None keeps an axis) nearly equal parts of (n, c,
    h, w) or (c, h, w), cut as by `adaptive_avg_pool1d`; with `return_indices` also their positions in the plane.
    Raises: RuntimeError if `input` has another number of axes or no elements; TypeError if `output_size` is not of that
    form.

    >>> F.adaptive_max_pool2d(rt.arange(16.0).reshape(1, 4, 4), (1, 2))
    tensor([[[13., 15.]]])"""

def adaptive_max_pool3d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """The largest element of each of `output_size` (a number or (d, h, w); None keeps an axis) nearly equal parts of (n,
    c, d, h, w) or (c, d, h, w), cut as by `adaptive_avg_pool1d`; with `return_indices` also their positions in the
    volume.
    Raises: RuntimeError if `input` has another number of axes or no elements; TypeError if `output_size` is not of that
    form.

    >>> F.adaptive_max_pool3d(rt.rand(2, 8, 4, 10, 10), 2).shape
    rutile.Size([2, 8, 2, 2, 2])"""

def avg_pool1d(
    input: Tensor,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The mean of each window of `kernel_size` elements along the last axis of (n, c, l) or (c, l). Windows are `stride`
    (by default `kernel_size`) apart; there are `(l + 2 * padding - kernel_size) // stride + 1`, with `ceil_mode`
    rounded up. Padding counts as zeros if `count_include_pad`.
    Raises: RuntimeError if no window fits, or `padding` is more than half of one."""

def avg_pool2d(
    input: Tensor,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The mean of each window of (n, c, h, w) or (c, h, w); sizes are one number or (h, w), and there are as many windows
    along each axis as for `avg_pool1d`. Padding counts as zeros if `count_include_pad`; `divisor_override` replaces the
    number of elements.
    Raises: RuntimeError if no window fits, or `padding` is more than half of one; ValueError if `divisor_override` is
    not positive.

    >>> F.avg_pool2d(rt.arange(16.0).reshape(1, 4, 4), 2)
    tensor([[[ 2.5000,  4.5000],
             [10.5000, 12.5000]]])"""

def avg_pool3d(
    input: Tensor,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The mean of each window of (n, c, d, h, w) or (c, d, h, w); sizes are one number or (d, h, w), and there are as many
    windows along each axis as for `avg_pool1d`. Padding counts as zeros if `count_include_pad`; `divisor_override`
    replaces the number of elements.
    Raises: RuntimeError if no window fits, or `padding` is more than half of one; ValueError if `divisor_override` is
    not positive.

    >>> F.avg_pool3d(rt.ones(1, 4, 4, 4), 2, divisor_override=4).unique()
    tensor([2.])"""

def batch_norm(
    input: Tensor,
    running_mean: Tensor | _Number | None,
    running_var: Tensor | _Number | None,
    weight: Tensor | _Number | None = None,
    bias: Tensor | _Number | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-05,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Normalises each channel of `input` (n, c, ...) to mean 0 and variance 1:
    `(x - mean) / sqrt(var + eps) * weight + bias`, with `weight` and `bias` (c). In training with the statistics of
    `input` over all other axes, of which `momentum` enters `running_mean` and `running_var` (c) in place (the variance
    unbiased); else with the running ones.
    Source: Ioffe and Szegedy, "Batch normalization" (2015), algorithms 1 and 2.
    Raises: RuntimeError if an argument has not `c` elements or, outside training, a running one is missing; ValueError
    if in training a channel has only one value.

    >>> x = rt.tensor([[1.0, 10.0], [3.0, 30.0]])
    >>> F.batch_norm(x, None, None, training=True)
    tensor([[-1.0000, -1.0000],
            [ 1.0000,  1.0000]])
    >>> F.batch_norm(x, rt.tensor([0.0, 0.0]), rt.tensor([4.0, 100.0]))
    tensor([[0.5000, 1.0000],
            [1.5000, 3.0000]])"""

def binary_cross_entropy(
    input: Tensor,
    target: Tensor | _Number,
    weight: Tensor | _Number | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    *,
    out: Tensor | None = None,
) -> Tensor:
    """`-(target * log(input) + (1 - target) * log(1 - input))` of probabilities; `weight` are factors that broadcast.
    Logarithms are kept above -100, and the gradient finite at 0 and 1. Logits should go to
    `binary_cross_entropy_with_logits`, which loses no precision.
    Raises: ValueError if the shapes differ; RuntimeError if the dtypes do, or a probability is outside [0, 1].

    >>> F.binary_cross_entropy(rt.tensor([0.9, 0.2]), rt.tensor([1.0, 0.0]), reduction="none")
    tensor([0.1054, 0.2231])"""

def celu(input: Tensor | _Number, alpha: float = 1.0, inplace: bool = False, *, out: Tensor | None = None) -> Tensor:
    """Continuously differentiable exponential linear unit: `max(input, 0) + min(alpha * (e**(input / alpha) - 1), 0)`.
    Source: Barron (2017)."""

def celu_(input: Tensor | _Number, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """`celu` in place: writes to the tensor itself."""

def conv1d(
    input: Tensor,
    weight: Tensor | _Number,
    bias: Tensor | _Number | None = None,
    stride: int | Sequence[int] = 1,
    padding: Any = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The cross-correlation of `input` (n, in, l) or (in, l) with `weight` (out, in / groups, k), plus `bias` (out): the
    result is (n, out, length) with `length = (l + 2 * padding - dilation * (k - 1) - 1) // stride + 1`. `padding` is a
    number of zeros on both sides, `"valid"` (none) or `"same"` (the output is as long as the input; stride 1). With
    `groups`, each part of the channels has weights of its own.
    Raises: RuntimeError if shapes or dtypes do not fit, or the kernel is longer than the padded input; ValueError for
    another `padding`."""

def conv2d(
    input: Tensor,
    weight: Tensor | _Number,
    bias: Tensor | _Number | None = None,
    stride: int | Sequence[int] = 1,
    padding: Any = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The cross-correlation of `input` (n, in, h, w) or (in, h, w) with `weight` (out, in / groups, kh, kw), plus `bias`
    (out). The result is (n, out, height, width) with `height = (h + 2 * padding - dilation * (kh - 1) - 1) // stride +
    1`, `width` alike. `stride`, `padding` and `dilation` are one number or one per axis; `padding` may also be
    `"valid"` (none) or `"same"` (the output is as large as the input; stride 1). `groups=in` is a depthwise
    convolution."""

def conv3d(
    input: Tensor,
    weight: Tensor | _Number,
    bias: Tensor | _Number | None = None,
    stride: int | Sequence[int] = 1,
    padding: Any = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The cross-correlation of `input` (n, in, d, h, w) or (in, d, h, w) with `weight` (out, in / groups, kd, kh, kw),
    plus `bias` (out), as (n, out, depth, height, width). Sizes and arguments as for `conv2d`, with three axes.
    Raises: as `conv2d`."""

def conv_transpose1d(
    input: Tensor,
    weight: Tensor | _Number,
    bias: Tensor | _Number | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    output_padding: int | Sequence[int] = 0,
    groups: int = 1,
    dilation: int | Sequence[int] = 1,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The transposed convolution: the gradient of `conv1d` by its input. `input` is (n, in, l) or (in, l), `weight` (in,
    out / groups, k), the result (n, out, length) with `length = (l - 1) * stride - 2 * padding + dilation * (k - 1) +
    output_padding + 1`. `output_padding` lengthens the output on one side, since several inputs of `conv1d` have
    outputs of one length.
    Raises: RuntimeError if shapes or dtypes do not fit, or `output_padding` is not smaller than stride or dilation."""

def conv_transpose2d(
    input: Tensor,
    weight: Tensor | _Number,
    bias: Tensor | _Number | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    output_padding: int | Sequence[int] = 0,
    groups: int = 1,
    dilation: int | Sequence[int] = 1,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The transposed convolution: the gradient of `conv2d` by its input. `input` is (n, in, h, w) or (in, h, w), `weight`
    (in, out / groups, kh, kw), the result (n, out, height, width) with `height = (h - 1) * stride - 2 * padding +
    dilation * (kh - 1) + output_padding + 1`. `output_padding` enlarges the output on one side, since several inputs of
    `conv2d` have outputs of one size. Source: Zeiler et al., "Deconvolutional networks" (2010).
    Raises: RuntimeError if shapes or dtypes do not fit, or `output_padding` is not smaller than stride or dilation."""

def conv_transpose3d(
    input: Tensor,
    weight: Tensor | _Number,
    bias: Tensor | _Number | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    output_padding: int | Sequence[int] = 0,
    groups: int = 1,
    dilation: int | Sequence[int] = 1,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The transposed convolution: the gradient of `conv3d` by its input. `input` is (n, in, d, h, w) or (in, d, h, w),
    `weight` (in, out / groups, kd, kh, kw), the result (n, out, depth, height, width). Sizes and arguments as for
    `conv_transpose2d`, with three axes.
    Raises: as `conv_transpose2d`."""

def cross_entropy(
    input: Tensor,
    target: Tensor | _Number,
    weight: Tensor | _Number | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The cross entropy of unnormalised log-probabilities `input` (c), (n, c) or (n, c, d1, ...) and `target`: class
    indices of that shape without c, or probabilities of the same shape. `weight` is one factor per class; targets equal
    to `ignore_index` do not count; `label_smoothing` spreads that much of each target evenly over the classes.
    `reduction` is "mean" (weighted by `weight`), "sum", or "none" for losses of the shape of indices. The same as
    `nll_loss` of `log_softmax`, in one pass and without overflow. Label smoothing: Szegedy et al. (2016).
    Raises: RuntimeError if shapes or dtypes do not fit; IndexError if a target is no class; ValueError for another
    `reduction`.

    >>> logits = rt.tensor([[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    >>> F.cross_entropy(logits, rt.tensor([0, 1]), reduction="none")  # the second is log(3)
    tensor([0.2395, 1.0986])
    >>> F.cross_entropy(logits, rt.tensor([0, -100]))  # the second does not count
    tensor(0.2395)"""

def ctc_loss(
    log_probs: Tensor,
    targets: Tensor | _Number,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Minus the log-probability of label sequences, summed over all their alignments with the input. `log_probs` (steps,
    batch, classes) or (steps, classes) are logarithms of probabilities (see `log_softmax`); `targets` (batch, labels),
    or all labels one after another; `input_lengths` and `target_lengths` say how many steps and labels each sequence
    has. The mean is over the losses divided by the number of labels. A sequence whose labels do not fit has an infinite
    loss; `zero_infinity` makes it and its gradient 0. The gradient is the derivative by `log_probs`; PyTorch's adds
    `exp(log_probs)` to it, which `log_softmax` cancels. Source: Graves et al., "Connectionist temporal classification"
    (2006).
    Raises: RuntimeError if `log_probs` are not floats, or shapes or lengths do not fit; IndexError if a label is no
    class; ValueError for an unknown `reduction`.

    >>> log_probs = rt.zeros(2, 1, 3).log_softmax(-1)  # 2 steps, 1 sequence, the blank and 2 labels
    >>> F.ctc_loss(log_probs, rt.tensor([[1]]), rt.tensor([2]), rt.tensor([1])).exp()  # 1 / P(1 1, 1 -, - 1)
    tensor(3.)"""

def dropout(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False, *, out: Tensor | None = None
) -> Tensor:
    """Zeroes elements with probability `p` and scales the others by `1 / (1 - p)`; gives `input` itself unless `training`.
    Source: Srivastava et al., "Dropout" (2014).
    Raises: ValueError if `p` is outside [0, 1]; RuntimeError for integers."""

def elu(input: Tensor | _Number, alpha: float = 1.0, inplace: bool = False, *, out: Tensor | None = None) -> Tensor:
    """Exponential linear unit: `input` where positive, else `alpha * (e**input - 1)`. Source: Clevert et al. (2015).

    >>> F.elu(rt.tensor([-2.0, 0.0, 2.0]))
    tensor([-0.8647,  0.0000,  2.0000])"""

def elu_(input: Tensor | _Number, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """`elu` in place: writes to the tensor itself."""

def embedding(
    input: Tensor,
    weight: Tensor | _Number,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Rows of a table: `weight[input]`. `input` holds integers of any shape, `weight` is (rows, columns); the result has
    the shape of `input` with a last axis of `columns`. The row `padding_idx` gets no gradient. Rows that are looked up
    and whose `norm_type`-norm exceeds `max_norm` are scaled down to it first, in place. `scale_grad_by_freq` divides
    the gradient of a row by how often it was looked up. Gradients are dense, also with `sparse`.
    Raises: IndexError if an index is not a row; RuntimeError if `input` holds no integers, or `weight` is not 2-d.

    >>> table = rt.tensor([[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]])
    >>> F.embedding(rt.tensor([2, 0, 2]), table)
    tensor([[3., 4.],
            [0., 0.],
            [3., 4.]])"""

def embedding_bag(
    input: Tensor,
    weight: Tensor | _Number,
    offsets: Tensor | _Number | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Tensor | _Number | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Sums, means or maxima of rows of a table: of the rows that each line of `input` (bags, entries) names; or, if
    `input` is 1-d, of its parts that start at `offsets`, the last of which is the end if `include_last_offset`.
    `weight` is (rows, columns), the result (bags, columns); an empty bag gives zeros. `per_sample_weights`, shaped as
    `input`, are factors of the rows (sums only). Entries equal to `padding_idx` do not count. `max_norm`, `norm_type`
    and `scale_grad_by_freq` as in `embedding`. Gradients are dense, also with `sparse`.
    Raises: ValueError for another `mode`, or if shapes do not fit; IndexError if an index is not a row;
    NotImplementedError for weights of samples in another mode than "sum".

    >>> table = rt.tensor([[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]])
    >>> F.embedding_bag(rt.tensor([[0, 1], [2, 2]]), table, mode="sum")
    tensor([[1., 2.],
            [6., 8.]])
    >>> F.embedding_bag(rt.tensor([0, 1, 2]), table, offsets=rt.tensor([0, 2]))  # means of rows 0, 1 and of row 2
    tensor([[0.5000, 1.0000],
            [3.0000, 4.0000]])"""

def fold(
    input: Tensor,
    output_size: int | Sequence[int],
    kernel_size: int | Sequence[int],
    dilation: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    stride: int | Sequence[int] = 1,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Adds columns (n, c * taps, windows) or (c * taps, windows) up to images (n, c, h, w) or (c, h, w) of `output_size`
    (h, w): the sum of what `unfold` would read. Arguments as there.
    Raises: RuntimeError if the columns are not those of such an image.

    >>> x = rt.ones(1, 1, 3, 3)
    >>> F.fold(F.unfold(x, kernel_size=2), output_size=(3, 3), kernel_size=2)  # in how many windows an element is
    tensor([[[[1., 2., 1.],
              [2., 4., 2.],
              [1., 2., 1.]]]])"""

def gelu(input: Tensor, *, approximate: str = "none", out: Tensor | None = None) -> Tensor:
    """Gaussian error linear unit, `x * cdf(x)` with the normal distribution's `cdf`; `approximate="tanh"` uses the cheaper
    formula. Source: Hendrycks and Gimpel (2016).
    Raises: ValueError if `approximate` is neither "none" nor "tanh".

    >>> F.gelu(rt.tensor([-1.0, 0.0, 1.0]))
    tensor([-0.1587,  0.0000,  0.8413])
    >>> F.gelu(rt.tensor([-1.0, 0.0, 1.0]), approximate="tanh")
    tensor([-0.1588,  0.0000,  0.8412])"""

def grid_sample(
    input: Tensor,
    grid: Tensor | _Number,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The images `input` (n, c, h, w) read at the places of `grid` (n, p, q, 2), which holds x and y from -1 (left, top)
    to 1; or volumes (n, c, d, h, w) at (n, o, p, q, 3). The result is (n, c, p, q), or (n, c, o, p, q). `mode` is
    'bilinear', 'nearest' or (images only) 'bicubic'. What is outside: 'zeros', the 'border', or the 'reflection' of the
    image. `align_corners` puts -1 and 1 on the centres of the outermost elements instead of their edges. Source:
    Jaderberg et al., "Spatial transformer networks" (2015).
    Raises: RuntimeError if shapes or dtypes do not fit; ValueError for an unknown mode.

    >>> image = rt.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
    >>> grid = rt.tensor([[[[-1.0, -1.0], [0.0, 0.0], [1.0, 0.0]]]])
    >>> F.grid_sample(image, grid, align_corners=True)
    tensor([[[[1.0000, 2.5000, 3.0000]]]])"""

def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | _Number | None = None,
    bias: Tensor | _Number | None = None,
    eps: float = 1e-05,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Normalises each of `num_groups` groups of channels of each sample of `input` (n, c, ...) to mean 0 and variance 1,
    then times `weight` plus `bias` (c). Source: Wu and He, "Group normalization" (2018).
    Raises: RuntimeError if `num_groups` does not divide `c`, or `weight` or `bias` has not `c` elements."""

def hardshrink(input: Tensor | _Number, lambd: float = 0.5, *, out: Tensor | None = None) -> Tensor:
    """`input` where `|input| > lambd`, else 0."""

def hardshrink_(input: Tensor | _Number, lambd: float = 0.5) -> Tensor:
    """`hardshrink` in place: writes to the tensor itself."""

def hardsigmoid(input: Tensor | _Number, inplace: bool = False, *, out: Tensor | None = None) -> Tensor:
    """`min(max(input / 6 + 1/2, 0), 1)`. Source: Howard et al., "Searching for MobileNetV3" (2019).

    >>> F.hardsigmoid(rt.tensor([-4.0, 0.0, 1.5]))
    tensor([0.0000, 0.5000, 0.7500])"""

def hardsigmoid_(input: Tensor | _Number, inplace: bool = False) -> Tensor:
    """`hardsigmoid` in place: writes to the tensor itself."""

def hardswish(input: Tensor | _Number, inplace: bool = False, *, out: Tensor | None = None) -> Tensor:
    """`input * hardsigmoid(input)`. Source: Howard et al., "Searching for MobileNetV3" (2019).

    >>> F.hardswish(rt.tensor([-4.0, -1.0, 5.0]))
    tensor([-0.0000, -0.3333,  5.0000])"""

def hardswish_(input: Tensor | _Number, inplace: bool = False) -> Tensor:
    """`hardswish` in place: writes to the tensor itself."""

def hardtanh(
    input: Tensor | _Number,
    min_val: float = -1.0,
    max_val: float = 1.0,
    inplace: bool = False,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """`input` limited to `[min_val, max_val]`; the derivative is 0 at the bounds and outside.

    >>> F.hardtanh(rt.tensor([-3.0, 0.5, 3.0]))
    tensor([-1.0000,  0.5000,  1.0000])"""

def hardtanh_(input: Tensor | _Number, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """`hardtanh` in place: writes to the tensor itself."""

def instance_norm(
    input: Tensor,
    running_mean: Tensor | _Number | None = None,
    running_var: Tensor | _Number | None = None,
    weight: Tensor | _Number | None = None,
    bias: Tensor | _Number | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-05,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Normalises each channel of each sample of `input` (n, c, ...) over its positions, then times `weight` plus `bias`
    (c). With `use_input_stats` false by the running statistics, which otherwise take in `momentum` of the mean over the
    samples. Source: Ulyanov et al., "Instance normalization" (2016).
    Raises: ValueError if a channel of a sample has only one position; RuntimeError if an argument has not `c` elements.

    >>> F.instance_norm(rt.tensor([[[1.0, 2.0, 3.0], [10.0, 10.0, 40.0]]]))
    tensor([[[-1.2247,  0.0000,  1.2247],
             [-0.7071, -0.7071,  1.4142]]])"""

def layer_norm(
    input: Tensor,
    normalized_shape: int | Sequence[int],
    weight: Tensor | _Number | None = None,
    bias: Tensor | _Number | None = None,
    eps: float = 1e-05,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Normalises over the last axes, whose extents are `normalized_shape`, to mean 0 and variance 1, then times `weight`
    plus `bias` of that shape: `(x - mean) / sqrt(var + eps) * weight + bias`. Source: Ba et al., "Layer normalization"
    (2016).
    Raises: RuntimeError if `input` does not end in `normalized_shape`, or `weight` or `bias` has another shape."""

def leaky_relu(
    input: Tensor | _Number, negative_slope: float = 0.01, inplace: bool = False, *, out: Tensor | None = None
) -> Tensor:
    """`input` where positive, else `negative_slope * input`. Source: Maas et al. (2013).

    >>> F.leaky_relu(rt.tensor([-1.0, 0.0, 2.0]), negative_slope=0.1)
    tensor([-0.1000,  0.0000,  2.0000])"""

def leaky_relu_(input: Tensor | _Number, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """`leaky_relu` in place: writes to the tensor itself."""

def linear(
    input: Tensor, weight: Tensor | _Number, bias: Tensor | _Number | None = None, *, out: Tensor | None = None
) -> Tensor:
    """`input @ weight.T + bias`: `input` is (*, in), `weight` (out, in) or (in), `bias` (out); the result is (*, out).
    Raises: RuntimeError if the shapes or dtypes do not fit.

    >>> weight = rt.tensor([[1.0, 0.0, -1.0], [0.0, 2.0, 0.0]])
    >>> F.linear(rt.tensor([[1.0, 2.0, 3.0]]), weight, rt.tensor([0.5, 0.0]))
    tensor([[-1.5000,  4.0000]])"""

def log_softmax(
    input: Tensor,
    dim: int | None = None,
    _stacklevel: int = 3,
    dtype: dtype | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """`log(softmax(input))` along axis `dim`, without overflow. Without `dim` it is axis 0 of 0-d, 1-d and 3-d tensors,
    else axis 1: better say which. `_stacklevel` is not used.
    Raises: IndexError if `dim` is out of range; RuntimeError for integers without `dtype`.

    >>> F.log_softmax(rt.tensor([[0.0, 0.0], [1.0, 3.0]]), dim=1)
    tensor([[-0.6931, -0.6931],
            [-2.1269, -0.1269]])"""

def logsigmoid(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`log(sigmoid(input))` without overflow.

    >>> F.logsigmoid(rt.tensor([-1000.0, 0.0, 1000.0]))
    tensor([-1.0000e+03, -6.9315e-01,  0.0000e+00])"""

def max_pool1d(
    input: Tensor,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest element of each window of `kernel_size` elements, `dilation` apart, along the last axis of (n, c, l) or
    (c, l). Windows are `stride` (by default `kernel_size`) apart; there are
    `(l + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1`, with `ceil_mode` rounded up. Padding never
    wins. With `return_indices` also their positions.
    Raises: RuntimeError if no window fits, or `padding` is more than half of one."""

def max_pool2d(
    input: Tensor,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest element of each window of (n, c, h, w) or (c, h, w); sizes are one number or (h, w), and there are as
    many windows along each axis as for `max_pool1d`. With `return_indices` also their positions in the plane,
    `row * w + column`.
    Raises: RuntimeError if no window fits, or `padding` is more than half of one."""

def max_pool3d(
    input: Tensor,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest element of each window of (n, c, d, h, w) or (c, d, h, w); sizes are one number or (d, h, w), and there
    are as many windows along each axis as for `max_pool1d`. With `return_indices` also their positions in the volume.
    Raises: RuntimeError if no window fits, or `padding` is more than half of one."""

def mish(input: Tensor | _Number, inplace: bool = False, *, out: Tensor | None = None) -> Tensor:
    """`input * tanh(softplus(input))`. Source: Misra (2019).

    >>> F.mish(rt.tensor([-1.0, 0.0, 1.0]))
    tensor([-0.3034,  0.0000,  0.8651])"""

def mish_(input: Tensor | _Number, inplace: bool = False) -> Tensor:
    """`mish` in place: writes to the tensor itself."""

def nll_loss(
    input: Tensor,
    target: Tensor | _Number,
    weight: Tensor | _Number | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The negative log-likelihood: `-input` at the target classes. `input` holds log-probabilities (c), (n, c) or (n, c,
    d1, ...), `target` class indices of that shape without c; otherwise as `cross_entropy`.
    Raises: RuntimeError if shapes or dtypes do not fit; IndexError if a target is no class.

    >>> log_probs = rt.tensor([[0.5, 0.5], [0.25, 0.75]]).log()
    >>> F.nll_loss(log_probs, rt.tensor([0, 1]), reduction="none")
    tensor([0.6931, 0.2877])"""

def one_hot(tensor: Tensor, num_classes: int = -1, *, out: Tensor | None = None) -> Tensor:
    """Integers (int64) as rows of zeros with a one at their place: shape (*, classes), int64. `num_classes` -1 means the
    largest value plus one.
    Raises: RuntimeError if `tensor` is not int64, or a value is negative or not below `num_classes`.

    >>> F.one_hot(rt.tensor([0, 2]), num_classes=3)
    tensor([[1, 0, 0],
            [0, 0, 1]])"""

def pad(
    input: Tensor,
    pad: int | Sequence[int],
    mode: str = "constant",
    value: float | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """`input` with a constant border: `pad` are (before, after) widths per axis, the last axis first; negative ones cut.
    Raises: RuntimeError if the widths are not pairs, more than the axes, or cut more than there is.

    >>> F.pad(rt.tensor([[1, 2], [3, 4]]), (1, 0, 0, 1), value=9)
    tensor([[9, 1, 2],
            [9, 3, 4],
            [9, 9, 9]])"""

def pdist(input: Tensor, p: float = 2.0, *, out: Tensor | None = None) -> Tensor:
    """The distances in the `p`-norm between every two rows of a matrix (n, m), as a vector of n (n - 1) / 2: those above
    the diagonal of `cdist(input, input)`, row by row.
    Raises: RuntimeError unless `input` is 2-d, or if `p` is negative."""

def prelu(input: Tensor, weight: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input` where positive, else `weight * input`; `weight` has one element or one per channel (axis 1). Source: He et
    al., "Delving deep into rectifiers" (2015).
    Raises: RuntimeError if `weight` has neither one element nor one per channel."""

def relu(input: Tensor | _Number, inplace: bool = False, *, out: Tensor | None = None) -> Tensor:
    """Rectified linear unit, `max(input, 0)`. The derivative at 0 is 0. Source: Nair and Hinton (2010)."""

def relu_(input: Tensor | _Number, inplace: bool = False) -> Tensor:
    """`relu` in place: writes to the tensor itself."""

def relu6(input: Tensor | _Number, inplace: bool = False, *, out: Tensor | None = None) -> Tensor:
    """`min(max(input, 0), 6)`. Source: Howard et al., "MobileNets" (2017).

    >>> F.relu6(rt.tensor([-1.0, 3.0, 8.0]))
    tensor([0., 3., 6.])"""

def relu6_(input: Tensor | _Number, inplace: bool = False) -> Tensor:
    """`relu6` in place: writes to the tensor itself."""

def rms_norm(
    input: Tensor,
    normalized_shape: int | Sequence[int],
    weight: Tensor | _Number | None = None,
    eps: float | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Divides by the root mean square over the last axes, whose extents are `normalized_shape`, then times `weight` of
    that shape. `eps` is added to the mean square; without it the dtype's machine epsilon. Source: Zhang and Sennrich,
    "Root mean square layer normalization" (2019).
    Raises: RuntimeError if `input` does not end in `normalized_shape`."""

def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor | _Number,
    value: Tensor | _Number,
    attn_mask: Tensor | _Number | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """`softmax(query @ key.T * scale + mask) @ value`: for each query a mean of the values, weighted by how well its key
    fits. `query` is (..., l, e), `key` (..., s, e), `value` (..., s, v), the result (..., l, v); leading axes
    broadcast. `scale` is `1 / sqrt(e)` unless given. `attn_mask` (broadcast to (..., l, s)) is true where a query may
    look, or is added to the scores; a query that may look nowhere gets 0. `is_causal` lets query i look at keys up to
    i. `dropout_p` zeroes weights at random, always: pass 0 in evaluation. `enable_gqa` lets several heads (axis -3) of
    `query` share one of `key` and `value`. Source: Vaswani et al., "Attention is all you need" (2017).
    Raises: RuntimeError if the lengths or features do not fit, dtypes differ, or a mask comes with `is_causal`.

    >>> query, key = rt.zeros(3, 4), rt.zeros(3, 4)  # all keys fit all queries equally
    >>> value = rt.tensor([[1.0], [2.0], [6.0]])
    >>> F.scaled_dot_product_attention(query, key, value)
    tensor([[3.],
            [3.],
            [3.]])
    >>> F.scaled_dot_product_attention(query, key, value, is_causal=True)
    tensor([[1.0000],
            [1.5000],
            [3.0000]])"""

def selu(input: Tensor | _Number, inplace: bool = False, *, out: Tensor | None = None) -> Tensor:
    """Scaled exponential linear unit, `scale * elu(input, alpha)`. Its constants, `scale` 1.0507 and `alpha` 1.6733,
    keep mean 0 and variance 1 from layer to layer. Source: Klambauer et al. (2017)."""

def selu_(input: Tensor | _Number, inplace: bool = False) -> Tensor:
    """`selu` in place: writes to the tensor itself."""

def sigmoid(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The logistic function, `1 / (1 + e**-input)`."""

def sigmoid_(input: Tensor | _Number) -> Tensor:
    """`sigmoid` in place: writes to the tensor itself."""

def silu(input: Tensor | _Number, inplace: bool = False, *, out: Tensor | None = None) -> Tensor:
    """`input * sigmoid(input)`, also called swish. Source: Elfwing et al. (2017).

    >>> F.silu(rt.tensor([-1.0, 0.0, 1.0]))
    tensor([-0.2689,  0.0000,  0.7311])"""

def silu_(input: Tensor | _Number, inplace: bool = False) -> Tensor:
    """`silu` in place: writes to the tensor itself."""

def softmax(
    input: Tensor,
    dim: int | None = None,
    _stacklevel: int = 3,
    dtype: dtype | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """`exp(input) / sum(exp(input))` along axis `dim`, without overflow. Without `dim` it is axis 0 of 0-d, 1-d and 3-d
    tensors, else axis 1: better say which. `_stacklevel` is not used.
    Raises: IndexError if `dim` is out of range; RuntimeError for integers without `dtype`.

    >>> F.softmax(rt.tensor([[0.0, 0.0], [1.0, 3.0]]), dim=1)
    tensor([[0.5000, 0.5000],
            [0.1192, 0.8808]])"""

def softplus(
    input: Tensor | _Number, beta: float = 1.0, threshold: float = 20.0, *, out: Tensor | None = None
) -> Tensor:
    """A smooth `relu`: `log(1 + e**(beta * input)) / beta`; linear where `beta * input > threshold`.

    >>> F.softplus(rt.tensor([-1.0, 0.0, 100.0]))
    tensor([  0.3133,   0.6931, 100.0000])"""

def softshrink(input: Tensor | _Number, lambd: float = 0.5, *, out: Tensor | None = None) -> Tensor:
    """`input` moved towards 0 by `lambd`, 0 within: the proximal operator of `lambd * |x|`.

    >>> F.softshrink(rt.tensor([-2.0, 0.3, 2.0]), lambd=0.5)
    tensor([-1.5000,  0.0000,  1.5000])"""

def softsign(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input / (1 + |input|)`.

    >>> F.softsign(rt.tensor([-3.0, 0.0, 1.0]))
    tensor([-0.7500,  0.0000,  0.5000])"""

def tanh(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Hyperbolic tangent."""

def tanh_(input: Tensor | _Number) -> Tensor:
    """`tanh` in place: writes to the tensor itself."""

def tanhshrink(input: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input - tanh(input)`.

    >>> F.tanhshrink(rt.tensor([-1.0, 0.0, 1.0]))
    tensor([-0.2384,  0.0000,  0.2384])"""

def threshold(
    input: Tensor | _Number, threshold: float, value: float, inplace: bool = False, *, out: Tensor | None = None
) -> Tensor:
    """`input` where above `threshold`, else `value`."""

def threshold_(input: Tensor | _Number, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """`threshold` in place: writes to the tensor itself."""

def unfold(
    input: Tensor,
    kernel_size: int | Sequence[int],
    dilation: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    stride: int | Sequence[int] = 1,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The windows of images (n, c, h, w) or (c, h, w) as columns: (n, c * taps, windows), where a window has the taps of
    `kernel_size`, `dilation` apart; windows are `stride` apart, the image is surrounded by `padding` zeros. A
    convolution is `weight.flatten(1) @ unfold(input)`.
    Raises: RuntimeError if the input is not 3-d or 4-d, or smaller than a window.

    >>> x = rt.arange(9.0).reshape(1, 1, 3, 3)
    >>> F.unfold(x, kernel_size=2)
    tensor([[[0., 1., 3., 4.],
             [1., 2., 4., 5.],
             [3., 4., 6., 7.],
             [4., 5., 7., 8.]]])"""
