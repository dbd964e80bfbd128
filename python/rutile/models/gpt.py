"""GPT-2 (A. Radford et al., *Language Models are Unsupervised Multitask Learners*, 2019)."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import rutile as rt
from rutile._modes import no_grad

from .. import nn

__all__ = ["GPT", "GPTConfig"]


@dataclasses.dataclass
class GPTConfig:
    """Sizes of a `GPT`; the defaults are those of the smallest GPT-2 (124 million parameters)."""

    block_size: int = 1024
    """Longest sequence."""
    vocab_size: int = 50257
    """Number of tokens."""
    n_layer: int = 12
    """Blocks."""
    n_head: int = 12
    """Heads of attention; they divide `n_embd`."""
    n_embd: int = 768
    """Width."""
    dropout: float = 0.0
    """After embeddings, attention and each block's parts."""
    bias: bool = True
    """Have biases in linear layers and norms, as GPT-2 does."""


class _CausalSelfAttention(nn.Module):
    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        if config.n_embd % config.n_head:
            raise ValueError(f"GPT: n_embd {config.n_embd} is no multiple of n_head {config.n_head}")
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd, bias=config.bias)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd, bias=config.bias)
        self.resid_dropout = nn.Dropout(config.dropout)
        self.n_head, self.dropout = config.n_head, config.dropout

    def forward(self, x: rt.Tensor) -> rt.Tensor:
        batch, length, width = x.shape
        heads = self.c_attn(x).reshape(batch, length, 3, self.n_head, width // self.n_head).permute(2, 0, 3, 1, 4)
        query, key, value = heads.unbind(0)
        mixed = nn.functional.scaled_dot_product_attention(
            query, key, value, dropout_p=self.dropout if self.training else 0.0, is_causal=True
        )
        out: rt.Tensor = self.resid_dropout(self.c_proj(mixed.transpose(1, 2).reshape(batch, length, width)))
        return out


class _MLP(nn.Module):
    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.c_fc = nn.Linear(config.n_embd, 4 * config.n_embd, bias=config.bias)
        self.gelu = nn.GELU(approximate="tanh")
        self.c_proj = nn.Linear(4 * config.n_embd, config.n_embd, bias=config.bias)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: rt.Tensor) -> rt.Tensor:
        out: rt.Tensor = self.dropout(self.c_proj(self.gelu(self.c_fc(x))))
        return out


class _Block(nn.Module):
    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(config.n_embd, bias=config.bias)
        self.attn = _CausalSelfAttention(config)
        self.ln_2 = nn.LayerNorm(config.n_embd, bias=config.bias)
        self.mlp = _MLP(config)

    def forward(self, x: rt.Tensor) -> rt.Tensor:
        x = x + self.attn(self.ln_1(x))
        out: rt.Tensor = x + self.mlp(self.ln_2(x))
        return out


class GPT(nn.Module):
    """A decoder of text: from tokens `(n, length)` to logits `(n, length, vocab_size)` of the token after each.

    The `state_dict` has GPT-2's keys; `from_gpt2` makes one of published weights. The embedding of tokens is also the
    last layer (tied). Norms come before attention and perceptron.

    Args:
        config: the sizes; or give its fields as keywords.

    Example:
        >>> gpt = rt.models.GPT(vocab_size=11, block_size=8, n_layer=2, n_head=2, n_embd=16)
        >>> tokens = rt.randint(0, 11, (3, 8))
        >>> gpt(tokens).shape
        rutile.Size([3, 8, 11])
        >>> gpt.generate(tokens[:, :2], 4).shape
        rutile.Size([3, 6])
    """

    def __init__(self, config: GPTConfig | None = None, **sizes: Any) -> None:
        super().__init__()
        config = dataclasses.replace(config or GPTConfig(), **sizes)
        self.config = config
        self.transformer = nn.ModuleDict(
            {
                "wte": nn.Embedding(config.vocab_size, config.n_embd),
                "wpe": nn.Embedding(config.block_size, config.n_embd),
                "drop": nn.Dropout(config.dropout),
                "h": nn.ModuleList([_Block(config) for _ in range(config.n_layer)]),
                "ln_f": nn.LayerNorm(config.n_embd, bias=config.bias),
            }
        )
        self.lm_head = nn.Linear(config.n_embd, config.vocab_size, bias=False)
        self.lm_head.weight = self.transformer["wte"].weight
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, 0.0, 0.02)
                if isinstance(module, nn.Linear) and module.bias is not None:
                    nn.init.zeros_(module.bias)
        for name, parameter in self.named_parameters():
            if name.endswith("c_proj.weight"):  # so that the sum over all blocks begins with unit variance
                nn.init.normal_(parameter, 0.0, 0.02 / math.sqrt(2 * config.n_layer))

    def forward(self, idx: rt.Tensor) -> rt.Tensor:
        length = idx.shape[1]
        if length > self.config.block_size:
            raise ValueError(f"GPT: a sequence of {length} tokens, block_size is {self.config.block_size}")
        parts = self.transformer
        x = parts["drop"](parts["wte"](idx) + parts["wpe"](rt.arange(length)))
        for block in parts["h"]:
            x = block(x)
        logits: rt.Tensor = self.lm_head(parts["ln_f"](x))
        return logits

    @no_grad()
    def generate(
        self, idx: rt.Tensor, max_new_tokens: int, temperature: float = 1.0, top_k: int | None = None
    ) -> rt.Tensor:
        """`idx` and `max_new_tokens` more, each drawn from the softmax of the logits over `temperature`.

        Args:
            idx: int64, `(n, length)`, at least one token.
            top_k: draw from the `top_k` likeliest tokens only.
        """
        for _ in range(max_new_tokens):
            logits = self(idx[:, -self.config.block_size :])[:, -1, :] / temperature
            if top_k is not None:
                least = logits.topk(min(top_k, logits.shape[-1])).values[:, -1:]
                logits = logits.masked_fill(logits < least, -math.inf)
            idx = rt.cat([idx, rt.multinomial(nn.functional.softmax(logits, -1), 1)], 1)
        return idx

    @classmethod
    def from_gpt2(cls, state: dict[str, rt.Tensor], n_head: int | None = None, dropout: float = 0.0) -> GPT:
        """A network with the weights of a published GPT-2, as the transformers library stores them.

        Its sizes follow from the shapes of the weights; heads are 64 wide, unless `n_head` says how many there are.

        >>> weights = rutile.io.load_file("gpt2/model.safetensors")  # doctest: +SKIP
        >>> gpt = rutile.models.GPT.from_gpt2(weights)  # doctest: +SKIP
        """
        state = {key.removeprefix("transformer."): value for key, value in state.items() if key != "lm_head.weight"}
        vocab, width = state["wte.weight"].shape
        layers = 1 + max(int(key.split(".")[1]) for key in state if key.startswith("h."))
        model = cls(
            vocab_size=vocab, block_size=state["wpe.weight"].shape[0], n_layer=layers,
            n_head=n_head or width // 64, n_embd=width, dropout=dropout,
        )  # fmt: skip
        # The published layers hold their weights transposed, and masks as buffers.
        turned = ("c_attn.weight", "c_proj.weight", "c_fc.weight")
        own = {
            f"transformer.{key}": value.t() if key.endswith(turned) else value
            for key, value in state.items()
            if not key.endswith((".attn.bias", ".attn.masked_bias"))
        }
        own["lm_head.weight"] = own["transformer.wte.weight"]
        model.load_state_dict(own)
        return model
