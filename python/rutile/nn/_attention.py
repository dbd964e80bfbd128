"""Attention with several heads, as a function; `functional` offers it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import rutile as rt

from .._rutile import functional as engine

__all__ = ["multi_head_attention_forward"]

Tensor = rt.Tensor


def additive_mask(mask: Tensor | None, name: str, dtype: rt.dtype) -> Tensor | None:
    """A mask as numbers to add to the scores: minus infinity where a bool mask is true."""
    if mask is None or mask.is_floating_point():
        return mask
    if mask.dtype != rt.bool:
        raise AssertionError(f"only bool and floating types of {name} are supported, got {mask.dtype}")
    return rt.zeros_like(mask, dtype=dtype).masked_fill_(mask, -math.inf)


def _project(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    weights: Sequence[Tensor],
    biases: Sequence[Tensor | None],
) -> tuple[Tensor, Tensor, Tensor]:
    q, k, v = (engine.linear(x, w, b) for x, w, b in zip((query, key, value), weights, biases, strict=True))
    return q, k, v


def _check_shapes(
    query: Tensor, key: Tensor, value: Tensor, padding: Tensor | None, mask: Tensor | None, heads: int
) -> bool:
    """Whether the input has a batch axis."""
    if query.dim() not in (2, 3):
        raise AssertionError(f"query should be unbatched 2D or batched 3D tensor but received {query.dim()}-D query")
    batched = query.dim() == 3
    if key.dim() != query.dim() or value.dim() != query.dim():
        raise AssertionError(
            f"For {'batched' if batched else 'unbatched'} query, key and value must be {query.dim()}-D too, but found "
            f"{key.dim()}-D and {value.dim()}-D"
        )
    if padding is not None and padding.dim() != query.dim() - 1:
        raise AssertionError(f"key_padding_mask must be {query.dim() - 1}-D, but found {padding.dim()}-D")
    if mask is not None and mask.dim() not in (2, 3):
        raise AssertionError(f"attn_mask must be 2-D or 3-D, but found {mask.dim()}-D")
    if (
        not batched
        and mask is not None
        and mask.dim() == 3
        and tuple(mask.shape)
        != (
            heads,
            query.shape[0],
            key.shape[0],
        )
    ):
        raise AssertionError(
            f"Expected attn_mask of shape {(heads, query.shape[0], key.shape[0])} but got {tuple(mask.shape)}"
        )
    return batched


def multi_head_attention_forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None,
    bias_k: Tensor | None,
    bias_v: Tensor | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Tensor,
    out_proj_bias: Tensor | None,
    training: bool = True,
    key_padding_mask: Tensor | None = None,
    need_weights: bool = True,
    attn_mask: Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None,
    k_proj_weight: Tensor | None = None,
    v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None,
    static_v: Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """What `nn.MultiheadAttention` computes, from its parameters.

    Args:
        query: (L, N, E) or (L, E); key, value: (S, N, ...) or (S, ...).
        in_proj_weight: (3 E, E), the three projections on top of each other; or, with `use_separate_proj_weight`,
            `q_proj_weight`, `k_proj_weight` and `v_proj_weight`.
        bias_k, bias_v: one more key and value, the same for all.
        add_zero_attn: one more key and value of zeros.
        key_padding_mask: (N, S) or (S), true where a key does not count, or added to the scores.
        attn_mask: (L, S) or (N num_heads, L, S), likewise.
        is_causal: promises that `attn_mask` is the causal one, so that it need not be read.
        static_k, static_v: (N num_heads, S, E / num_heads), used instead of the projected key and value.

    Returns the output (L, N, E), and with `need_weights` the weights (N, L, S), averaged over the heads, or
    (N, num_heads, L, S).

    Source: Vaswani et al., Attention Is All You Need, 2017.

    Example:
        >>> layer = nn.MultiheadAttention(embed_dim=8, num_heads=2)
        >>> x = rt.randn(5, 3, 8)  # five places of three sequences
        >>> output, weights = F.multi_head_attention_forward(
        ...     x, x, x, 8, 2, layer.in_proj_weight, layer.in_proj_bias, None, None, False, 0.0,
        ...     layer.out_proj.weight, layer.out_proj.bias)
        >>> output.shape, weights.shape
        (rutile.Size([5, 3, 8]), rutile.Size([3, 5, 5]))
    """
    batched = _check_shapes(query, key, value, key_padding_mask, attn_mask, num_heads)
    if not batched:
        query, key, value = query.unsqueeze(1), key.unsqueeze(1), value.unsqueeze(1)
        key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
    length, batch, width = query.shape
    sources = key.shape[0]
    if width != embed_dim_to_check:
        raise AssertionError(f"was expecting embedding dimension of {embed_dim_to_check}, but got {width}")
    head = width // num_heads
    if head * num_heads != width:
        raise AssertionError(f"embed_dim {width} not divisible by num_heads {num_heads}")
    expected = key.shape[:2] if use_separate_proj_weight else key.shape
    if value.shape[: len(expected)] != expected:
        raise AssertionError(f"key shape {tuple(key.shape)} does not match value shape {tuple(value.shape)}")
    if is_causal and attn_mask is None:
        raise RuntimeError("Need attn_mask if specifying the is_causal hint.")
    padding = additive_mask(key_padding_mask, "key_padding_mask", query.dtype)
    causal = is_causal and padding is None and not need_weights and bias_k is None and not add_zero_attn
    mask = None if causal else additive_mask(attn_mask, "attn_mask", query.dtype)

    bias_parts = (None, None, None) if in_proj_bias is None else in_proj_bias.chunk(3)
    if use_separate_proj_weight:
        if q_proj_weight is None or k_proj_weight is None or v_proj_weight is None:
            raise AssertionError("use_separate_proj_weight is True but a projection weight is None")
        q, k, v = _project(query, key, value, (q_proj_weight, k_proj_weight, v_proj_weight), bias_parts)
    elif in_proj_weight is None:
        raise AssertionError("use_separate_proj_weight is False but in_proj_weight is None")
    elif (query is key and key is value) or (
        query.data_ptr() == key.data_ptr() == value.data_ptr() and query.shape == key.shape == value.shape
    ):
        # Self attention: one product for all three.
        q, k, v = engine.linear(query, in_proj_weight, in_proj_bias).chunk(3, -1)
    else:
        q, k, v = _project(query, key, value, in_proj_weight.chunk(3), bias_parts)

    if mask is not None:
        if mask.dim() == 2:
            if tuple(mask.shape) != (length, sources):
                raise RuntimeError(f"The shape of the 2D attn_mask is {mask.shape}, but should be {(length, sources)}.")
        elif tuple(mask.shape) != (batch * num_heads, length, sources):
            raise RuntimeError(
                f"The shape of the 3D attn_mask is {mask.shape}, but should be {(batch * num_heads, length, sources)}."
            )
    if (bias_k is None) != (bias_v is None):
        raise AssertionError("bias_k and bias_v must both be given, or neither")
    added = 0
    if bias_k is not None and bias_v is not None:
        k = rt.cat([k, bias_k.expand(1, batch, width)])
        v = rt.cat([v, bias_v.expand(1, batch, width)])
        added += 1
    # (S, N, heads * head) becomes (N, heads, S, head).
    q = q.reshape(length, batch, num_heads, head).permute(1, 2, 0, 3)
    k = _heads(k, static_k, "static_k", batch, num_heads, head)
    v = _heads(v, static_v, "static_v", batch, num_heads, head)
    if add_zero_attn:
        k = rt.cat([k, k.new_zeros(batch, num_heads, 1, head)], 2)
        v = rt.cat([v, v.new_zeros(batch, num_heads, 1, head)], 2)
        added += 1
    sources = k.shape[2]
    if mask is not None:
        mask = engine.pad(mask, (0, added)) if added else mask
        mask = mask.reshape(batch, num_heads, length, sources) if mask.dim() == 3 else mask
    if padding is not None:
        if tuple(padding.shape) != (batch, sources - added):
            raise AssertionError(
                f"expecting key_padding_mask shape of {(batch, sources - added)}, but got {tuple(padding.shape)}"
            )
        padding = engine.pad(padding, (0, added)) if added else padding
        padding = padding.reshape(batch, 1, 1, sources)
        mask = padding if mask is None else mask + padding
    mask = None if mask is None else mask.to(q.dtype)

    dropout_p = dropout_p if training else 0.0
    weights = None
    if need_weights:
        scores = (q * (1.0 / math.sqrt(head))) @ k.transpose(-2, -1)
        weights = (scores if mask is None else scores + mask).softmax(-1)
        if dropout_p > 0:
            weights = engine.dropout(weights, dropout_p)
        mixed = weights @ v
    else:
        mixed = engine.scaled_dot_product_attention(q, k, v, mask, dropout_p, causal)
    mixed = mixed.permute(2, 0, 1, 3).reshape(length * batch, width)
    output = engine.linear(mixed, out_proj_weight, out_proj_bias).reshape(length, batch, width)
    if weights is not None:
        weights = weights.mean(1) if average_attn_weights else weights
        weights = weights if batched else weights.squeeze(0)
    return (output if batched else output.squeeze(1)), weights


def _heads(x: Tensor, static: Tensor | None, name: str, batch: int, heads: int, head: int) -> Tensor:
    """(S, N, heads * head), or what is given instead, as (N, heads, S, head)."""
    if static is None:
        return x.reshape(x.shape[0], batch, heads, head).permute(1, 2, 0, 3)
    if static.shape[0] != batch * heads or static.shape[2] != head:
        raise AssertionError(f"expecting {name} of shape {(batch * heads, 'S', head)}, but got {tuple(static.shape)}")
    return static.reshape(batch, heads, -1, head)
