"""BERT (J. Devlin et al., *Pre-training of Deep Bidirectional Transformers for Language Understanding*, 2018)."""

from __future__ import annotations

import dataclasses
from typing import Any

import rutile as rt

from .. import nn

__all__ = ["BERT", "BERTConfig"]


@dataclasses.dataclass
class BERTConfig:
    """Sizes of a `BERT`; the defaults are those of bert-base-uncased (109,482,240 parameters)."""

    vocab_size: int = 30522
    hidden_size: int = 768
    num_hidden_layers: int = 12
    num_attention_heads: int = 12
    intermediate_size: int = 3072
    hidden_dropout_prob: float = 0.1
    attention_probs_dropout_prob: float = 0.1
    max_position_embeddings: int = 512
    type_vocab_size: int = 2
    layer_norm_eps: float = 1e-12
    pad_token_id: int = 0


class _Embeddings(nn.Module):
    def __init__(self, config: BERTConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.word_embeddings = nn.Embedding(config.vocab_size, width, padding_idx=config.pad_token_id)
        self.position_embeddings = nn.Embedding(config.max_position_embeddings, width)
        self.token_type_embeddings = nn.Embedding(config.type_vocab_size, width)
        self.LayerNorm = nn.LayerNorm(width, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, tokens: rt.Tensor, kinds: rt.Tensor) -> rt.Tensor:
        places = self.position_embeddings(rt.arange(tokens.shape[1]))
        total = self.word_embeddings(tokens) + self.token_type_embeddings(kinds) + places
        out: rt.Tensor = self.dropout(self.LayerNorm(total))
        return out


class _SelfAttention(nn.Module):
    def __init__(self, config: BERTConfig) -> None:
        super().__init__()
        width = config.hidden_size
        if width % config.num_attention_heads:
            raise ValueError(f"BERT: hidden_size {width} is no multiple of {config.num_attention_heads} heads")
        self.heads = config.num_attention_heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.dropout = nn.Dropout(config.attention_probs_dropout_prob)

    def forward(self, x: rt.Tensor, mask: rt.Tensor | None) -> rt.Tensor:
        batch, length, width = x.shape
        query, key, value = (
            layer(x).reshape(batch, length, self.heads, width // self.heads).transpose(1, 2)
            for layer in (self.query, self.key, self.value)
        )
        dropout = self.dropout.p if self.training else 0.0
        mixed = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=dropout)
        return mixed.transpose(1, 2).reshape(batch, length, width)


class _Output(nn.Module):
    """A linear layer, dropout, and the norm of the sum with what went in."""

    def __init__(self, before: int, config: BERTConfig) -> None:
        super().__init__()
        self.dense = nn.Linear(before, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, x: rt.Tensor, around: rt.Tensor) -> rt.Tensor:
        out: rt.Tensor = self.LayerNorm(self.dropout(self.dense(x)) + around)
        return out


class _Layer(nn.Module):
    def __init__(self, config: BERTConfig) -> None:
        super().__init__()
        # `self` is the published name of the attention proper, and `dense` that of single linear layers.
        self.attention = nn.ModuleDict({"self": _SelfAttention(config), "output": _Output(config.hidden_size, config)})
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(config.hidden_size, config.intermediate_size)})
        self.output = _Output(config.intermediate_size, config)

    def forward(self, x: rt.Tensor, mask: rt.Tensor | None) -> rt.Tensor:
        x = self.attention["output"](self.attention["self"](x, mask), x)
        out: rt.Tensor = self.output(nn.functional.gelu(self.intermediate["dense"](x)), x)
        return out


class BERT(nn.Module):
    """An encoder of text: from tokens `(n, length)` to vectors `(n, length, hidden_size)`, and one for the whole.

    The `state_dict` has the keys of the transformers library's BertModel, so that published weights load (with
    `load_published`).

    Args:
        config: the sizes; or give its fields as keywords.

    Example:
        >>> bert = rt.models.BERT(
        ...     vocab_size=20, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32
        ... )
        >>> states, pooled = bert(rt.randint(1, 20, (3, 7)))
        >>> states.shape, pooled.shape
        (rutile.Size([3, 7, 16]), rutile.Size([3, 16]))
    """

    def __init__(self, config: BERTConfig | None = None, **sizes: Any) -> None:
        super().__init__()
        config = dataclasses.replace(config or BERTConfig(), **sizes)
        self.config = config
        self.embeddings = _Embeddings(config)
        self.encoder = nn.ModuleDict(
            {"layer": nn.ModuleList([_Layer(config) for _ in range(config.num_hidden_layers)])}
        )
        self.pooler = nn.ModuleDict({"dense": nn.Linear(config.hidden_size, config.hidden_size)})
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, 0.0, 0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)
            if isinstance(module, nn.Embedding) and module.padding_idx is not None:
                with rt.no_grad():
                    module.weight[module.padding_idx].zero_()

    def forward(
        self,
        input_ids: rt.Tensor,
        attention_mask: rt.Tensor | None = None,
        token_type_ids: rt.Tensor | None = None,
    ) -> tuple[rt.Tensor, rt.Tensor]:
        """Vectors of all tokens, and the pooled vector of the first.

        Args:
            input_ids: int64, `(n, length)`.
            attention_mask: `(n, length)`, 1 for tokens and 0 for padding, which nobody looks at.
            token_type_ids: int64, `(n, length)`: which of two sentences a token belongs to, by default the first.
        """
        kinds = rt.zeros_like(input_ids) if token_type_ids is None else token_type_ids
        x = self.embeddings(input_ids, kinds)
        mask = None if attention_mask is None else attention_mask.to(rt.bool)[:, None, None, :]
        for layer in self.encoder["layer"]:
            x = layer(x, mask)
        return x, self.pooler["dense"](x[:, 0]).tanh()

    def load_published(self, state: dict[str, rt.Tensor]) -> None:
        """Takes over weights as the transformers library stores them, of BertModel or of a model around one.

        >>> bert.load_published(rutile.io.load_file("bert-base-uncased/model.safetensors"))  # doctest: +SKIP
        """
        own = {}
        for key, value in state.items():
            key = key.removeprefix("bert.").replace("LayerNorm.gamma", "LayerNorm.weight")
            key = key.replace("LayerNorm.beta", "LayerNorm.bias")
            if not key.startswith("cls.") and not key.endswith("position_ids"):
                own[key] = value
        self.load_state_dict(own)
