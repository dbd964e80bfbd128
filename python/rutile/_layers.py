"""Functions of layers in the root, with the arguments that PyTorch's have there; `nn.functional` has better ones."""

from __future__ import annotations

from collections.abc import Sequence

from . import _rutile
from ._rutile import Tensor
from .nn import functional as F

bilinear = F.bilinear
channel_shuffle = F.channel_shuffle
cosine_similarity = F.cosine_similarity
pairwise_distance = F.pairwise_distance
pixel_shuffle = F.pixel_shuffle
pixel_unshuffle = F.pixel_unshuffle
rrelu = F.rrelu
max_pool1d_with_indices = F.max_pool1d_with_indices
adaptive_max_pool1d = F.adaptive_max_pool1d_with_indices


def rrelu_(input: Tensor, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False) -> Tensor:
    """`nn.functional.rrelu` in place.

    Example:
        >>> x = rt.tensor([-8.0, 2.0])
        >>> rt.rrelu_(x, 0.25, 0.25)
        tensor([-2.,  2.])
    """
    return F.rrelu_(input, lower, upper, training)


def alpha_dropout(input: Tensor, p: float, train: bool) -> Tensor:
    """`nn.functional.alpha_dropout`, with all arguments.

    Example:
        >>> rt.alpha_dropout(rt.ones(3), 0.5, False)
        tensor([1., 1., 1.])
    """
    return F.alpha_dropout(input, p, train)


def feature_alpha_dropout(input: Tensor, p: float, train: bool) -> Tensor:
    """`nn.functional.feature_alpha_dropout`, with all arguments.

    Example:
        >>> rt.feature_alpha_dropout(rt.ones(1, 3, 1), 0.5, False).shape
        rutile.Size([1, 3, 1])
    """
    return F.feature_alpha_dropout(input, p, train)


def feature_dropout(input: Tensor, p: float, train: bool) -> Tensor:
    """Zeroes whole channels of (N, C, ...) with probability `p`; the others are scaled by `1 / (1 - p)`.

    Raises:
        ValueError: `p` is outside [0, 1].

    Example:
        >>> x = rt.feature_dropout(rt.ones(8, 100, 5), 0.5, True)
        >>> (x == x[..., :1]).all()
        tensor(True)
    """
    kept = F.dropout(input.new_ones([*input.shape[:2], *[1] * (input.dim() - 2)]), p, train)
    return input * kept


def batch_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    training: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool = False,
) -> Tensor:
    """`nn.functional.batch_norm`, with weight and bias first; `cudnn_enabled` is not used.

    Example:
        >>> mean, var = rt.zeros(2), rt.ones(2)
        >>> rt.batch_norm(rt.tensor([[1.0, 3.0]]), rt.tensor([2.0, 2.0]), None, mean, var, False, 0.1, 0.0, False)
        tensor([[2., 6.]])
    """
    return F.batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)


def instance_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    use_input_stats: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool = False,
) -> Tensor:
    """`nn.functional.instance_norm`, with weight and bias first; `cudnn_enabled` is not used.

    Example:
        >>> x = rt.tensor([[[1.0, 2.0, 3.0]]])
        >>> rt.instance_norm(x, None, None, None, None, True, 0.1, 1e-5, False)
        tensor([[[-1.2247,  0.0000,  1.2247]]])
    """
    return F.instance_norm(input, running_mean, running_var, weight, bias, use_input_stats, momentum, eps)


def constant_pad_nd(input: Tensor, pad: Sequence[int], value: float = 0) -> Tensor:
    """`nn.functional.pad` with a constant.

    Example:
        >>> rt.constant_pad_nd(rt.tensor([1, 2]), (1, 2), 9)
        tensor([9, 1, 2, 9, 9])
    """
    return F.pad(input, tuple(pad), "constant", value)


def _cell(
    mode: str,
    input: Tensor,
    hx: Tensor,
    cx: Tensor | None,
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None,
    b_hh: Tensor | None,
) -> tuple[Tensor, ...]:
    return _rutile._rnn_layer(input, (input.shape[0],), hx, cx, w_ih, w_hh, b_ih, b_hh, None, mode, False)[1:]


def lstm_cell(
    input: Tensor,
    hx: Sequence[Tensor],
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None = None,
    b_hh: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """One step of an LSTM: the next `(h, c)` from input (N, features) and `hx = (h, c)`, all (N, hidden); see
    `nn.LSTMCell`.

    The weights are (4 hidden, features) and (4 hidden, hidden), for the gates i, f, g, o; the biases (4 hidden).

    Example:
        >>> cell = nn.LSTMCell(2, 3)
        >>> x, state = rt.ones(5, 2), (rt.zeros(5, 3), rt.zeros(5, 3))
        >>> h, c = rt.lstm_cell(x, state, cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh)
        >>> h.shape, rt.equal(h, cell(x, state)[0])
        (rutile.Size([5, 3]), True)
    """
    h, c = _cell("lstm", input, hx[0], hx[1], w_ih, w_hh, b_ih, b_hh)
    return h, c


def gru_cell(
    input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None = None, b_hh: Tensor | None = None
) -> Tensor:
    """One step of a GRU: the next state (N, hidden) from input (N, features) and state `hx` (N, hidden); see
    `nn.GRUCell`.

    The weights are (3 hidden, features) and (3 hidden, hidden), for the gates r, z, n; the biases (3 hidden).

    Example:
        >>> cell = nn.GRUCell(2, 3)
        >>> x, h = rt.ones(5, 2), rt.zeros(5, 3)
        >>> next_h = rt.gru_cell(x, h, cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh)
        >>> rt.equal(next_h, cell(x, h))
        True
    """
    return _cell("gru", input, hx, None, w_ih, w_hh, b_ih, b_hh)[0]


def rnn_tanh_cell(
    input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None = None, b_hh: Tensor | None = None
) -> Tensor:
    """One step of a recurrent layer: `tanh(w_ih x + b_ih + w_hh h + b_hh)`; see `nn.RNNCell`.

    `input` is (N, features), `hx` and the result (N, hidden), the weights (hidden, features) and (hidden, hidden).

    Example:
        >>> eye = rt.eye(2)
        >>> rt.rnn_tanh_cell(rt.tensor([[1.0, -1.0]]), rt.tensor([[0.5, 0.5]]), eye, eye)
        tensor([[ 0.9051, -0.4621]])
    """
    return _cell("tanh", input, hx, None, w_ih, w_hh, b_ih, b_hh)[0]


def rnn_relu_cell(
    input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None = None, b_hh: Tensor | None = None
) -> Tensor:
    """One step of a recurrent layer: `relu(w_ih x + b_ih + w_hh h + b_hh)`; see `nn.RNNCell`.

    `input` is (N, features), `hx` and the result (N, hidden), the weights (hidden, features) and (hidden, hidden).

    Example:
        >>> eye = rt.eye(2)
        >>> rt.rnn_relu_cell(rt.tensor([[1.0, -1.0]]), rt.tensor([[0.5, 0.5]]), eye, eye)
        tensor([[1.5000, 0.0000]])
    """
    return _cell("relu", input, hx, None, w_ih, w_hh, b_ih, b_hh)[0]
