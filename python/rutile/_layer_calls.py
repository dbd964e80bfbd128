"""Layers and losses of the root with the arguments of PyTorch's kernels: states as tensors, options as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import rutile as rt

from ._layers import feature_dropout
from ._rutile import Tensor
from .nn import functional as F


def _word(argument: str, number: int, words: tuple[str, str, str]) -> str:
    """What a number stands for."""
    if number not in (0, 1, 2):
        raise ValueError(f"{argument} is 0 ({words[0]}), 1 ({words[1]}) or 2 ({words[2]}), got {number}")
    return words[number]


def _recurrent(
    mode: str, input: Tensor, states: Any, params: Any, biases: Any, layers: Any, *rest: Any
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Both calls that PyTorch has: (input, states, params, ..., batch_first), and of packed rows (data, batch_sizes,
    states, params, ...)."""
    from .nn.rnn import run_layers

    sizes = None
    if not isinstance(biases, bool):
        sizes, states, params, biases, layers, *rest = states, params, biases, layers, *rest  # type: ignore[assignment]
    dropout, train, bidirectional, *last = rest
    batch_first = bool(last and last[0])
    states = (states,) if isinstance(states, Tensor) else tuple(states)
    directions = 2 if bidirectional else 1
    per_layer = (4 if biases else 2) + int(len(states) > 1 and states[0].shape[-1] != states[1].shape[-1])
    if len(params) != per_layer * layers * directions:
        raise RuntimeError(
            f"{mode}: expected {per_layer * layers * directions} parameters for {layers} layers and {directions} "
            f"directions, got {len(params)}"
        )
    weights = []
    for start in range(0, len(params), per_layer):
        w_ih, w_hh, *more = params[start : start + per_layer]
        b_ih, b_hh = (more.pop(0), more.pop(0)) if biases else (None, None)
        weights.append((w_ih, w_hh, b_ih, b_hh, more[0] if more else None))
    probability = dropout if train else 0.0
    if sizes is not None:
        return run_layers(mode, input, tuple(sizes.tolist()), states, weights, directions, probability)
    if input.dim() != 3:
        raise RuntimeError(f"{mode}: expected input of 3 dimensions, got {input.dim()}")
    steps = input.transpose(0, 1) if batch_first else input
    length, batch, features = steps.shape
    rows = steps.reshape(length * batch, features)
    rows, ends = run_layers(mode, rows, (batch,) * length, states, weights, directions, probability)
    output = rows.reshape(length, batch, -1)
    return output.transpose(0, 1) if batch_first else output, ends


def lstm(
    input: Tensor,
    hx: Sequence[Tensor] | Tensor,
    params: Sequence[Tensor],
    has_biases: bool | Sequence[Tensor],
    num_layers: int | bool,
    dropout: float,
    train: bool | float,
    bidirectional: bool,
    batch_first: bool,
) -> tuple[Tensor, Tensor, Tensor]:
    """Layers of an LSTM as a function: the output and the last `(h, c)`; `nn.LSTM` keeps the parameters.

    `params` holds, for each layer and direction, `w_ih, w_hh`, if `has_biases` `b_ih, b_hh`, with projections `w_hr`.
    Packed rows are taken too: `lstm(data, batch_sizes, hx, params, has_biases, num_layers, dropout, train,
    bidirectional)`.

    Example:
        >>> x, h, w = rt.ones(5, 1, 2), rt.zeros(1, 1, 3), [rt.zeros(12, 2), rt.zeros(12, 3)]
        >>> rt.lstm(x, (h, h), w, False, 1, 0.0, False, False, False)[0].shape
        rutile.Size([5, 1, 3])
    """
    output, (h, c) = _recurrent(
        "lstm", input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first
    )
    return output, h, c


def _simple(mode: str, like: str) -> Any:
    def function(
        input: Tensor,
        hx: Tensor,
        params: Sequence[Tensor] | Tensor,
        has_biases: bool | Sequence[Tensor],
        num_layers: int | bool,
        dropout: float,
        train: bool | float,
        bidirectional: bool,
        batch_first: bool,
    ) -> tuple[Tensor, Tensor]:
        output, (h,) = _recurrent(
            mode, input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first
        )
        return output, h

    function.__doc__ = f"""{like} as a function: the output and the last state; arguments as of `lstm`, with one `hx`.

    Example:
        >>> x, h, w = rt.ones(5, 1, 2), rt.zeros(1, 1, 3), [rt.zeros(9, 2), rt.zeros(9, 3)]
        >>> rt.gru(x, h, w, False, 1, 0.0, False, False, False)[0].shape
        rutile.Size([5, 1, 3])
    """
    function.__name__ = function.__qualname__ = mode
    return function


gru = _simple("gru", "Layers of gated recurrent units (`nn.GRU`)")
rnn_tanh = _simple("rnn_tanh", "Recurrent layers with tanh (`nn.RNN`)")
rnn_relu = _simple("rnn_relu", "Recurrent layers with relu (`nn.RNN`)")


def embedding_bag(
    weight: Tensor,
    indices: Tensor,
    offsets: Tensor,
    scale_grad_by_freq: bool = False,
    mode: int = 0,
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """`nn.functional.embedding_bag` with the table first and `mode` as a number: 0 sum, 1 mean, 2 max.

    Returns the bags, and what PyTorch's kernel keeps for its derivative: the bag of each index, how many indices each
    bag has, and for `max` the row that each element is from (else the counts once more).

    Example:
        >>> rt.embedding_bag(rt.tensor([[1.0], [2.0]]), rt.tensor([0, 1, 1]), rt.tensor([0, 1]))[0]
        tensor([[1.],
                [4.]])
    """
    bags = F.embedding_bag(
        indices,
        weight,
        offsets,
        scale_grad_by_freq=scale_grad_by_freq,
        mode=_word("embedding_bag: mode", mode, ("sum", "mean", "max")),
        sparse=sparse,
        per_sample_weights=per_sample_weights,
        include_last_offset=include_last_offset,
        padding_idx=padding_idx,
    )
    starts = offsets[:-1] if include_last_offset else offsets
    bag = rt.searchsorted(starts.contiguous(), rt.arange(len(indices), dtype=starts.dtype), right=True) - 1
    counted = rt.ones_like(bag) if padding_idx is None else (indices != padding_idx % len(weight)).to(bag.dtype)
    sizes = rt.zeros(len(starts), dtype=bag.dtype).scatter_add(0, bag, counted)
    if mode < 2:
        return bags, bag, sizes, sizes
    with rt.no_grad():
        # Of every bag and column, the first index whose row holds the maximum.
        place = rt.arange(len(indices)).unsqueeze(1).expand(-1, weight.shape[1])
        hit = (weight[indices] == bags[bag]) & counted.bool().unsqueeze(1)
        none = rt.full(bags.shape, len(indices))
        where = none.scatter_reduce(0, bag.unsqueeze(1).expand_as(place), rt.where(hit, place, len(indices)), "amin")
        rows = rt.cat([indices, indices.new_zeros(1)])[where]
    return bags, bag, sizes, rows


def grid_sampler(
    input: Tensor, grid: Tensor, interpolation_mode: int, padding_mode: int, align_corners: bool
) -> Tensor:
    """`nn.functional.grid_sample` with modes as numbers: 0 bilinear, 1 nearest, 2 bicubic; 0 zeros, 1 border, 2
    reflection.

    Example:
        >>> rt.grid_sampler(rt.ones(1, 1, 2, 2), rt.zeros(1, 1, 1, 2), 0, 0, False).item()
        1.0
    """
    mode = _word("grid_sampler: interpolation_mode", interpolation_mode, ("bilinear", "nearest", "bicubic"))
    padding = _word("grid_sampler: padding_mode", padding_mode, ("zeros", "border", "reflection"))
    return F.grid_sample(input, grid, mode, padding, align_corners)


grid_sampler_2d = grid_sampler
grid_sampler_3d = grid_sampler


def affine_grid_generator(theta: Tensor, size: Sequence[int], align_corners: bool) -> Tensor:
    """`nn.functional.affine_grid`.

    Example:
        >>> rt.affine_grid_generator(rt.eye(2, 3).unsqueeze(0), [1, 1, 1, 2], True)[0, 0, :, 0].tolist()
        [-1.0, 1.0]
    """
    return F.affine_grid(theta, tuple(size), align_corners)


conv_tbc = F.conv_tbc
native_channel_shuffle = F.channel_shuffle


def convolution(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    transposed: bool,
    output_padding: Sequence[int],
    groups: int,
) -> Tensor:
    """`nn.functional.conv1d` to `conv3d`, by the dimensions of `input`, or if `transposed` `conv_transpose1d` to `3d`.

    Example:
        >>> rt.convolution(rt.ones(1, 1, 3), rt.ones(1, 1, 2), None, [1], [0], [1], False, [0], 1)
        tensor([[[2., 2.]]])
    """
    axes = input.dim() - 2
    if axes not in (1, 2, 3):
        raise RuntimeError(f"convolution: expected input of 3, 4 or 5 dimensions, got {input.dim()}")
    step, widths, gaps = tuple(stride), tuple(padding), tuple(dilation)
    if transposed:
        across = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[axes - 1]
        return across(input, weight, bias, step, widths, tuple(output_padding), groups, gaps)
    return (F.conv1d, F.conv2d, F.conv3d)[axes - 1](input, weight, bias, step, widths, gaps, groups)


def alpha_dropout_(input: Tensor, p: float, train: bool) -> Tensor:
    """`nn.functional.alpha_dropout` in place.

    Example:
        >>> rt.alpha_dropout_(rt.ones(2), 0.5, False)
        tensor([1., 1.])
    """
    return F.alpha_dropout(input, p, train, inplace=True)


def feature_alpha_dropout_(input: Tensor, p: float, train: bool) -> Tensor:
    """`nn.functional.feature_alpha_dropout` in place.

    Example:
        >>> rt.feature_alpha_dropout_(rt.ones(1, 2), 0.5, False)
        tensor([[1., 1.]])
    """
    return F.feature_alpha_dropout(input, p, train, inplace=True)


def dropout_(input: Tensor, p: float, train: bool) -> Tensor:
    """`nn.functional.dropout` in place.

    Example:
        >>> rt.dropout_(rt.ones(2), 1.0, True)
        tensor([0., 0.])
    """
    F.dropout(input, p, train, inplace=True)
    return input


def feature_dropout_(input: Tensor, p: float, train: bool) -> Tensor:
    """`feature_dropout` in place.

    Example:
        >>> rt.feature_dropout_(rt.ones(1, 1, 2), 1.0, True)
        tensor([[[0., 0.]]])
    """
    return input.copy_(feature_dropout(input, p, train))


def embedding_renorm_(input: Tensor, indices: Tensor, max_norm: float, norm_type: float) -> Tensor:
    """Scales those rows of a table that `indices` names to a norm of at most `max_norm`, in place.

    Example:
        >>> rt.embedding_renorm_(rt.tensor([[3.0, 4.0], [0.0, 2.0]]), rt.tensor([1]), 1.0, 2.0)
        tensor([[3.0000, 4.0000],
                [0.0000, 1.0000]])
    """
    F.embedding(indices, input.detach(), max_norm=max_norm, norm_type=norm_type)
    return input


# ---- losses whose `reduction` is a number in the root ----


def _reduction(number: int) -> str:
    return _word("reduction", number, ("none", "mean", "sum"))


def binary_cross_entropy_with_logits(
    input: Tensor, target: Tensor, weight: Tensor | None = None, pos_weight: Tensor | None = None, reduction: int = 1
) -> Tensor:
    """`nn.functional.binary_cross_entropy_with_logits`; `reduction` is 0 (none), 1 (mean) or 2 (sum).

    Example:
        >>> rt.binary_cross_entropy_with_logits(rt.zeros(2), rt.tensor([0.0, 1.0]))
        tensor(0.6931)
    """
    return F.binary_cross_entropy_with_logits(
        input, target, weight=weight, pos_weight=pos_weight, reduction=_reduction(reduction)
    )


def cosine_embedding_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0.0, reduction: int = 1
) -> Tensor:
    """`nn.functional.cosine_embedding_loss`; `reduction` is 0 (none), 1 (mean) or 2 (sum).

    Example:
        >>> rt.cosine_embedding_loss(rt.ones(1, 2), -rt.ones(1, 2), rt.tensor([1.0]))
        tensor(2.)
    """
    return F.cosine_embedding_loss(input1, input2, target, margin=margin, reduction=_reduction(reduction))


def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Tensor | Sequence[int],
    target_lengths: Tensor | Sequence[int],
    blank: int = 0,
    reduction: int = 1,
    zero_infinity: bool = False,
) -> Tensor:
    """`nn.functional.ctc_loss`; `reduction` is 0 (none), 1 (mean) or 2 (sum).

    Example:
        >>> rt.ctc_loss(rt.zeros(1, 1, 2), rt.tensor([[1]]), [1], [1])
        tensor(0.)
    """
    return F.ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, _reduction(reduction), zero_infinity)


def hinge_embedding_loss(input: Tensor, target: Tensor, margin: float = 1.0, reduction: int = 1) -> Tensor:
    """`nn.functional.hinge_embedding_loss`; `reduction` is 0 (none), 1 (mean) or 2 (sum).

    Example:
        >>> rt.hinge_embedding_loss(rt.tensor([0.5, 0.5]), rt.tensor([1.0, -1.0]), reduction=0)
        tensor([0.5000, 0.5000])
    """
    return F.hinge_embedding_loss(input, target, margin=margin, reduction=_reduction(reduction))


def kl_div(input: Tensor, target: Tensor, reduction: int = 1, *, log_target: bool = False) -> Tensor:
    """`nn.functional.kl_div`; `reduction` is 0 (none), 1 (mean) or 2 (sum).

    Example:
        >>> rt.kl_div(rt.tensor([0.5, 0.5]).log(), rt.tensor([0.0, 1.0]), 2)
        tensor(0.6931)
    """
    return F.kl_div(input, target, reduction=_reduction(reduction), log_target=log_target)


def margin_ranking_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0.0, reduction: int = 1
) -> Tensor:
    """`nn.functional.margin_ranking_loss`; `reduction` is 0 (none), 1 (mean) or 2 (sum).

    Example:
        >>> rt.margin_ranking_loss(rt.tensor([1.0]), rt.tensor([3.0]), rt.tensor([1.0]))
        tensor(2.)
    """
    return F.margin_ranking_loss(input1, input2, target, margin=margin, reduction=_reduction(reduction))


def poisson_nll_loss(input: Tensor, target: Tensor, log_input: bool, full: bool, eps: float, reduction: int) -> Tensor:
    """`nn.functional.poisson_nll_loss`; `reduction` is 0 (none), 1 (mean) or 2 (sum).

    Example:
        >>> rt.poisson_nll_loss(rt.zeros(1), rt.ones(1), True, False, 1e-8, 1)
        tensor(1.)
    """
    return F.poisson_nll_loss(input, target, log_input, full, eps=eps, reduction=_reduction(reduction))


def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: int = 1,
) -> Tensor:
    """`nn.functional.triplet_margin_loss`; `reduction` is 0 (none), 1 (mean) or 2 (sum).

    Example:
        >>> rt.triplet_margin_loss(rt.zeros(1, 2), rt.zeros(1, 2), rt.zeros(1, 2))
        tensor(1.)
    """
    return F.triplet_margin_loss(
        anchor, positive, negative, margin=margin, p=p, eps=eps, swap=swap, reduction=_reduction(reduction)
    )
