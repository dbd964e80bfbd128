"""Attention with several heads."""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Iterator, Sequence
from typing import Any

import rutile as rt

from . import functional as F
from . import init
from ._attention import additive_mask
from .linear import Linear
from .module import Module
from .parameter import Parameter

__all__ = ["MultiheadAttention", "NonDynamicallyQuantizableLinear", "SDPBackend", "sdpa_kernel"]


class SDPBackend(enum.IntEnum):
    """PyTorch's implementations of `scaled_dot_product_attention`; here is one."""

    ERROR = -1
    MATH = 0
    FLASH_ATTENTION = 1
    EFFICIENT_ATTENTION = 2
    CUDNN_ATTENTION = 3
    OVERRIDEABLE = 4


@contextlib.contextmanager
def sdpa_kernel(backends: SDPBackend | Sequence[SDPBackend], set_priority: bool = False) -> Iterator[None]:
    """Accepts a choice among implementations that differ in speed and memory only: there is one.

    Example:
        >>> with nn.attention.sdpa_kernel(nn.attention.SDPBackend.MATH):
        ...     F.scaled_dot_product_attention(rt.ones(1, 2), rt.ones(1, 2), rt.ones(1, 2))
        tensor([[1., 1.]])
    """
    if not all(isinstance(b, SDPBackend) for b in ([backends] if isinstance(backends, int) else backends)):
        raise TypeError(f"sdpa_kernel: expected SDPBackend or several, got {backends!r}")
    yield


class NonDynamicallyQuantizableLinear(Linear):
    """`Linear` under the name that PyTorch gives the last layer of `MultiheadAttention`."""


class MultiheadAttention(Module):
    """Attention: each query becomes a mean of values, weighted by how well their keys fit, in several heads at once.

    Each head projects queries, keys and values to `embed_dim / num_heads` features, computes
    `softmax(Q Kᵀ / √d) V`, and the heads' results side by side go through a last linear layer.
    Source: Vaswani et al., Attention Is All You Need, 2017.

    Args:
        embed_dim: features E of queries and output; num_heads divides it.
        num_heads: number of heads.
        dropout: probability that a weight is dropped in training (default: 0).
        bias: whether the projections add a bias (default: True).
        add_bias_kv: learn one more key and value (default: False).
        add_zero_attn: add a key and value of zeros (default: False).
        kdim, vdim: features of keys and values (default: `embed_dim`).
        batch_first: tensors are (N, L, E) instead of (L, N, E) (default: False).

    Attributes:
        in_proj_weight: (3 E, E); or q_proj_weight (E, E), k_proj_weight (E, kdim), v_proj_weight (E, vdim), from
            Glorot's uniform distribution. in_proj_bias: (3 E), zeros.
        bias_k, bias_v: (1, 1, E), from Glorot's normal distribution, or None.
        out_proj: the last layer.

    Example:
        >>> attention = rt.nn.MultiheadAttention(8, 2, batch_first=True)
        >>> x = rt.randn(3, 5, 8)
        >>> output, weights = attention(x, x, x)
        >>> list(output.shape), list(weights.shape)
        ([3, 5, 8], [3, 5, 5])
    """

    in_proj_weight: Parameter | None
    q_proj_weight: Parameter | None
    k_proj_weight: Parameter | None
    v_proj_weight: Parameter | None
    in_proj_bias: Parameter | None
    bias_k: Parameter | None
    bias_v: Parameter | None

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: rt.dtype | None = None,
    ) -> None:
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(
                f"embed_dim and num_heads must be greater than 0, got embed_dim={embed_dim} and "
                f"num_heads={num_heads} instead"
            )
        if embed_dim % num_heads:
            raise AssertionError(f"embed_dim must be divisible by num_heads, got {embed_dim} and {num_heads}")
        super().__init__()
        self.embed_dim = embed_dim
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self._qkv_same_embed_dim = self.kdim == embed_dim and self.vdim == embed_dim
        self.num_heads = num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.head_dim = embed_dim // num_heads

        def parameter(*shape: int) -> Parameter:
            return Parameter(rt.empty(*shape, device=device, dtype=dtype))

        if self._qkv_same_embed_dim:
            self.in_proj_weight = parameter(3 * embed_dim, embed_dim)
            for name in ("q_proj_weight", "k_proj_weight", "v_proj_weight"):
                self.register_parameter(name, None)
        else:
            self.q_proj_weight = parameter(embed_dim, embed_dim)
            self.k_proj_weight = parameter(embed_dim, self.kdim)
            self.v_proj_weight = parameter(embed_dim, self.vdim)
            self.register_parameter("in_proj_weight", None)
        self.register_parameter("in_proj_bias", parameter(3 * embed_dim) if bias else None)
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias=bias, device=device, dtype=dtype)
        if add_bias_kv:
            self.bias_k = parameter(1, 1, embed_dim)
            self.bias_v = parameter(1, 1, embed_dim)
        else:
            self.bias_k = self.bias_v = None
        self.add_zero_attn = add_zero_attn
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        for weight in (self.in_proj_weight, self.q_proj_weight, self.k_proj_weight, self.v_proj_weight):
            if weight is not None:
                init.xavier_uniform_(weight)
        if self.in_proj_bias is not None:
            init.zeros_(self.in_proj_bias)
            assert self.out_proj.bias is not None
            init.zeros_(self.out_proj.bias)
        for bias in (self.bias_k, self.bias_v):
            if bias is not None:
                init.xavier_normal_(bias)

    def __setstate__(self, state: dict[str, Any]) -> None:
        # Pickles of before separate projections.
        state.setdefault("_qkv_same_embed_dim", True)
        super().__setstate__(state)

    def forward(
        self,
        query: rt.Tensor,
        key: rt.Tensor,
        value: rt.Tensor,
        key_padding_mask: rt.Tensor | None = None,
        need_weights: bool = True,
        attn_mask: rt.Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[rt.Tensor, rt.Tensor | None]:
        """Attends.

        Args:
            query: (L, N, E), or (N, L, E) with `batch_first`, or (L, E); key and value likewise with length S.
            key_padding_mask: (N, S) or (S), true where a key does not count, or numbers added to the scores.
            need_weights: return the weights too (default: True); False is faster.
            attn_mask: (L, S) or (N num_heads, L, S), true where a query may not look, or added to the scores.
            average_attn_weights: average the weights over the heads (default: True).
            is_causal: promises that `attn_mask` is the causal mask (default: False).

        Returns the output, shaped as `query`, and the weights (N, L, S) or (N, num_heads, L, S), or None.
        """
        swap = self.batch_first and query.dim() == 3
        if swap:
            # One tensor in all roles stays one, so that one product projects it.
            same_key, same_value = key is query, value is key
            query = query.transpose(0, 1)
            key = query if same_key else key.transpose(0, 1)
            value = key if same_value else value.transpose(0, 1)
        output, weights = F.multi_head_attention_forward(
            query,
            key,
            value,
            self.embed_dim,
            self.num_heads,
            self.in_proj_weight,
            self.in_proj_bias,
            self.bias_k,
            self.bias_v,
            self.add_zero_attn,
            self.dropout,
            self.out_proj.weight,
            self.out_proj.bias,
            training=self.training,
            key_padding_mask=key_padding_mask,
            need_weights=need_weights,
            attn_mask=attn_mask,
            use_separate_proj_weight=not self._qkv_same_embed_dim,
            q_proj_weight=self.q_proj_weight,
            k_proj_weight=self.k_proj_weight,
            v_proj_weight=self.v_proj_weight,
            average_attn_weights=average_attn_weights,
            is_causal=is_causal,
        )
        return (output.transpose(0, 1) if swap else output), weights

    def merge_masks(
        self, attn_mask: rt.Tensor | None, key_padding_mask: rt.Tensor | None, query: rt.Tensor
    ) -> tuple[rt.Tensor | None, int | None]:
        """Both masks as one (N, num_heads, L, S), and its kind: 0 attention, 1 padding, 2 both; None without masks."""
        attention = additive_mask(attn_mask, "attn_mask", query.dtype)
        padding = additive_mask(key_padding_mask, "key_padding_mask", query.dtype)
        if attention is None:
            return padding, None if padding is None else 1
        batch, length = query.shape[:2]
        shape = (batch, self.num_heads, length, attention.shape[-1])
        attention = attention.reshape(shape) if attention.dim() == 3 else attention.expand(shape)
        if padding is None:
            return attention, 0
        return attention + padding.reshape(batch, 1, 1, -1), 2
