"""Transformers: encoder, decoder, and both together."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, ClassVar

import rutile as rt

from . import functional as F
from . import init
from .attention import MultiheadAttention
from .container import ModuleList
from .dropout import Dropout
from .linear import Linear
from .module import Module
from .norm import LayerNorm

__all__ = [
    "Transformer",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
]

Activation = str | Callable[[rt.Tensor], rt.Tensor]


def _get_activation_fn(activation: str) -> Callable[[rt.Tensor], rt.Tensor]:
    """`F.relu` or `F.gelu` by name."""
    if activation not in ("relu", "gelu"):
        raise RuntimeError(f"activation should be relu/gelu, not {activation}")
    return F.relu if activation == "relu" else F.gelu


def causal_mask(size: int, device: Any = None, dtype: rt.dtype | None = None) -> rt.Tensor:
    """(size, size): minus infinity above the diagonal, else 0."""
    return rt.full((size, size), float("-inf"), device=device, dtype=dtype).triu(1)


def _is_causal(mask: rt.Tensor | None, said: bool | None, size: int) -> bool:
    """Whether `mask` is the causal mask: as the caller said, else found by comparing."""
    if said is not None or mask is None:
        return bool(said)
    if tuple(mask.shape) != (size, size):
        return False
    if mask.dtype == rt.bool:
        return rt.equal(mask, rt.ones(size, size, dtype=rt.bool).triu(1))
    return rt.equal(mask, causal_mask(size, dtype=mask.dtype))


class _Layer(Module):
    """What encoder and decoder layers share: attention and two linear layers, each with a residual and a norm."""

    # One for each residual block: self-attention, attention to the encoder if there is one, the feed-forward network.
    norms: ClassVar[int]
    activation: Callable[[rt.Tensor], rt.Tensor]

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = F.relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: rt.dtype | None = None,
    ) -> None:
        super().__init__()
        names = ("self_attn", "multihead_attn")[: self.norms - 1]
        for name in names:
            attention = MultiheadAttention(
                d_model, nhead, dropout, bias, batch_first=batch_first, device=device, dtype=dtype
            )
            self.add_module(name, attention)
        self.linear1 = Linear(d_model, dim_feedforward, bias=bias, device=device, dtype=dtype)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias=bias, device=device, dtype=dtype)
        self.norm_first = norm_first
        for i in range(1, self.norms + 1):
            self.add_module(f"norm{i}", LayerNorm(d_model, layer_norm_eps, bias=bias, device=device, dtype=dtype))
        for i in range(1, self.norms + 1):
            self.add_module(f"dropout{i}", Dropout(dropout))
        self.activation = _get_activation_fn(activation) if isinstance(activation, str) else activation

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self.__dict__.setdefault("activation", F.relu)

    def _step(self, x: rt.Tensor, number: int, block: Callable[[rt.Tensor], rt.Tensor]) -> rt.Tensor:
        """One residual block with norm and dropout number `number`."""
        norm, dropout = getattr(self, f"norm{number}"), getattr(self, f"dropout{number}")
        if self.norm_first:
            result: rt.Tensor = x + dropout(block(norm(x)))
        else:
            result = norm(x + dropout(block(x)))
        return result

    def _feed_forward(self, x: rt.Tensor) -> rt.Tensor:
        result: rt.Tensor = self.linear2(self.dropout(self.activation(self.linear1(x))))
        return result


class TransformerEncoderLayer(_Layer):
    """Self-attention and a feed-forward network, each with a residual connection and layer norm.

    Source: Vaswani et al., Attention Is All You Need, 2017; `norm_first`: Xiong et al., 2020.

    Args:
        d_model: features of input and output.
        nhead: heads of the attention.
        dim_feedforward: features between the two linear layers (default: 2048).
        dropout: probability (default: 0.1).
        activation: `"relu"`, `"gelu"` or a function (default: relu).
        layer_norm_eps: added to variances (default: 1e-5).
        batch_first: tensors are (N, L, E) instead of (L, N, E) (default: False).
        norm_first: norm before each block instead of after it (default: False).
        bias: whether linear layers and norms have a bias (default: True).

    Example:
        >>> layer = rt.nn.TransformerEncoderLayer(d_model=8, nhead=2, dim_feedforward=16)
        >>> list(layer(rt.randn(10, 3, 8)).shape)
        [10, 3, 8]
    """

    norms = 2

    def forward(
        self,
        src: rt.Tensor,
        src_mask: rt.Tensor | None = None,
        src_key_padding_mask: rt.Tensor | None = None,
        is_causal: bool = False,
    ) -> rt.Tensor:
        """Encodes `src`; masks as in `MultiheadAttention`."""

        def attend(x: rt.Tensor) -> rt.Tensor:
            result: rt.Tensor = self.self_attn(
                x,
                x,
                x,
                attn_mask=src_mask,
                key_padding_mask=src_key_padding_mask,
                need_weights=False,
                is_causal=is_causal,
            )[0]
            return result

        return self._step(self._step(src, 1, attend), 2, self._feed_forward)


class TransformerDecoderLayer(_Layer):
    """Self-attention, attention to the encoder's output and a feed-forward network.

    Arguments as in `TransformerEncoderLayer`.

    Example:
        >>> layer = rt.nn.TransformerDecoderLayer(d_model=8, nhead=2, dim_feedforward=16)
        >>> list(layer(rt.randn(20, 3, 8), rt.randn(10, 3, 8)).shape)
        [20, 3, 8]
    """

    norms = 3

    def forward(
        self,
        tgt: rt.Tensor,
        memory: rt.Tensor,
        tgt_mask: rt.Tensor | None = None,
        memory_mask: rt.Tensor | None = None,
        tgt_key_padding_mask: rt.Tensor | None = None,
        memory_key_padding_mask: rt.Tensor | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> rt.Tensor:
        """Decodes `tgt` given the encoder's output `memory`; masks as in `MultiheadAttention`."""

        def attend(x: rt.Tensor) -> rt.Tensor:
            result: rt.Tensor = self.self_attn(
                x,
                x,
                x,
                attn_mask=tgt_mask,
                key_padding_mask=tgt_key_padding_mask,
                need_weights=False,
                is_causal=tgt_is_causal,
            )[0]
            return result

        def look_back(x: rt.Tensor) -> rt.Tensor:
            result: rt.Tensor = self.multihead_attn(
                x,
                memory,
                memory,
                attn_mask=memory_mask,
                key_padding_mask=memory_key_padding_mask,
                need_weights=False,
                is_causal=memory_is_causal,
            )[0]
            return result

        x = self._step(self._step(tgt, 1, attend), 2, look_back)
        return self._step(x, 3, self._feed_forward)


class TransformerEncoder(Module):
    """A stack of copies of an encoder layer.

    Args:
        encoder_layer: the layer that is copied.
        num_layers: how many copies.
        norm: a module for the output, such as `LayerNorm` (default: none).
        enable_nested_tensor, mask_check: taken for compatibility; there are no nested tensors.

    Example:
        >>> layer = rt.nn.TransformerEncoderLayer(d_model=8, nhead=2, dim_feedforward=16)
        >>> list(rt.nn.TransformerEncoder(layer, 2)(rt.randn(10, 3, 8)).shape)
        [10, 3, 8]
    """

    def __init__(
        self,
        encoder_layer: Module,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        super().__init__()
        self.layers = ModuleList([copy.deepcopy(encoder_layer) for _ in range(num_layers)])
        self.num_layers = num_layers
        self.norm = norm
        self.enable_nested_tensor = enable_nested_tensor
        self.mask_check = mask_check

    def forward(
        self,
        src: rt.Tensor,
        mask: rt.Tensor | None = None,
        src_key_padding_mask: rt.Tensor | None = None,
        is_causal: bool | None = None,
    ) -> rt.Tensor:
        """Encodes `src`. `is_causal` says that `mask` is causal; None finds out."""
        causal = _is_causal(mask, is_causal, _length(src, self.layers))
        output = src
        for layer in self.layers:
            output = layer(output, src_mask=mask, is_causal=causal, src_key_padding_mask=src_key_padding_mask)
        return output if self.norm is None else self.norm(output)


class TransformerDecoder(Module):
    """A stack of copies of a decoder layer.

    Args:
        decoder_layer: the layer that is copied.
        num_layers: how many copies.
        norm: a module for the output, such as `LayerNorm` (default: none).

    Example:
        >>> layer = rt.nn.TransformerDecoderLayer(d_model=8, nhead=2, dim_feedforward=16)
        >>> list(rt.nn.TransformerDecoder(layer, 2)(rt.randn(20, 3, 8), rt.randn(10, 3, 8)).shape)
        [20, 3, 8]
    """

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__()
        self.layers = ModuleList([copy.deepcopy(decoder_layer) for _ in range(num_layers)])
        self.num_layers = num_layers
        self.norm = norm

    def forward(
        self,
        tgt: rt.Tensor,
        memory: rt.Tensor,
        tgt_mask: rt.Tensor | None = None,
        memory_mask: rt.Tensor | None = None,
        tgt_key_padding_mask: rt.Tensor | None = None,
        memory_key_padding_mask: rt.Tensor | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> rt.Tensor:
        """Decodes `tgt` given `memory`. `tgt_is_causal` says that `tgt_mask` is causal; None finds out."""
        causal = _is_causal(tgt_mask, tgt_is_causal, _length(tgt, self.layers))
        output = tgt
        for layer in self.layers:
            output = layer(
                output,
                memory,
                tgt_mask=tgt_mask,
                memory_mask=memory_mask,
                tgt_key_padding_mask=tgt_key_padding_mask,
                memory_key_padding_mask=memory_key_padding_mask,
                tgt_is_causal=causal,
                memory_is_causal=memory_is_causal,
            )
        return output if self.norm is None else self.norm(output)


def _length(x: rt.Tensor, layers: ModuleList) -> int:
    """The length of a sequence (L, N, E), (N, L, E) or (L, E)."""
    attention = getattr(layers[0], "self_attn", None) if len(layers) else None
    return x.shape[1 if x.dim() == 3 and getattr(attention, "batch_first", False) else 0]


class Transformer(Module):
    """Encoder and decoder (Vaswani et al., Attention Is All You Need, 2017).

    Args:
        d_model: features of input and output (default: 512).
        nhead: heads (default: 8).
        num_encoder_layers, num_decoder_layers: how many layers (default: 6).
        dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias: as in
            `TransformerEncoderLayer`.
        custom_encoder, custom_decoder: modules used instead.

    All matrices start from Glorot's uniform distribution.

    Example:
        >>> model = rt.nn.Transformer(8, 2, 1, 1, dim_feedforward=16)
        >>> list(model(rt.randn(10, 3, 8), rt.randn(20, 3, 8)).shape)
        [20, 3, 8]
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = F.relu,
        custom_encoder: Any = None,
        custom_decoder: Any = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: rt.dtype | None = None,
    ) -> None:
        super().__init__()
        shared = (
            d_model,
            nhead,
            dim_feedforward,
            dropout,
            activation,
            layer_norm_eps,
            batch_first,
            norm_first,
            bias,
            device,
            dtype,
        )

        def norm() -> LayerNorm:
            return LayerNorm(d_model, layer_norm_eps, bias=bias, device=device, dtype=dtype)

        if custom_encoder is None:
            self.encoder = TransformerEncoder(TransformerEncoderLayer(*shared), num_encoder_layers, norm())
        else:
            self.encoder = custom_encoder
        if custom_decoder is None:
            self.decoder = TransformerDecoder(TransformerDecoderLayer(*shared), num_decoder_layers, norm())
        else:
            self.decoder = custom_decoder
        self._reset_parameters()
        self.d_model = d_model
        self.nhead = nhead
        self.batch_first = batch_first

    def _reset_parameters(self) -> None:
        for p in self.parameters():
            if p.dim() > 1:
                init.xavier_uniform_(p)

    def forward(
        self,
        src: rt.Tensor,
        tgt: rt.Tensor,
        src_mask: rt.Tensor | None = None,
        tgt_mask: rt.Tensor | None = None,
        memory_mask: rt.Tensor | None = None,
        src_key_padding_mask: rt.Tensor | None = None,
        tgt_key_padding_mask: rt.Tensor | None = None,
        memory_key_padding_mask: rt.Tensor | None = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> rt.Tensor:
        """Encodes `src`, decodes `tgt` with it; masks as in `TransformerDecoder`."""
        if (
            src.dim() == 3
            and tgt.dim() == 3
            and src.shape[0 if self.batch_first else 1] != tgt.shape[0 if self.batch_first else 1]
        ):
            raise RuntimeError(f"the batch number of src and tgt must be equal, got {src.shape} and {tgt.shape}")
        if src.shape[-1] != self.d_model or tgt.shape[-1] != self.d_model:
            raise RuntimeError(
                f"the feature number of src and tgt must be equal to d_model {self.d_model}, got {src.shape} and "
                f"{tgt.shape}"
            )
        memory = self.encoder(src, mask=src_mask, src_key_padding_mask=src_key_padding_mask, is_causal=src_is_causal)
        result: rt.Tensor = self.decoder(
            tgt,
            memory,
            tgt_mask=tgt_mask,
            memory_mask=memory_mask,
            tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask,
            tgt_is_causal=tgt_is_causal,
            memory_is_causal=memory_is_causal,
        )
        return result

    @staticmethod
    def generate_square_subsequent_mask(sz: int, device: Any = None, dtype: rt.dtype | None = None) -> rt.Tensor:
        """The causal mask (sz, sz): minus infinity above the diagonal, else 0.

        Example:
            >>> rt.nn.Transformer.generate_square_subsequent_mask(2).tolist()
            [[0.0, -inf], [0.0, 0.0]]
        """
        return causal_mask(sz, device, dtype)
