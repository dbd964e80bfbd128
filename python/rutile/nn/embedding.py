"""Tables of learned vectors."""

from __future__ import annotations

from typing import Any, Self

import rutile as rt

from . import functional as F
from . import init
from ._arguments import check_positive
from .module import Module
from .parameter import Parameter

__all__ = ["Embedding", "EmbeddingBag"]


class _Table(Module):
    """What both layers share: the table, its checks and its first values."""

    weight: Parameter

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None,
        max_norm: float | None,
        norm_type: float,
        scale_grad_by_freq: bool,
        sparse: bool,
        weight: rt.Tensor | None,
        freeze: bool,
        device: Any,
        dtype: rt.dtype | None,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        check_positive(name, "num_embeddings", num_embeddings, least=0)
        if padding_idx is not None:
            if not -num_embeddings <= padding_idx < num_embeddings:
                raise ValueError(f"padding_idx={padding_idx} must be within num_embeddings={num_embeddings}")
            padding_idx %= num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.sparse = sparse
        if weight is not None and tuple(weight.shape) != (num_embeddings, embedding_dim):
            raise ValueError(
                "Shape of weight does not match num_embeddings and embedding_dim: "
                f"{list(weight.shape)} instead of {[num_embeddings, embedding_dim]}"
            )
        table = rt.empty(num_embeddings, embedding_dim, device=device, dtype=dtype) if weight is None else weight
        self.weight = Parameter(table, requires_grad=not freeze)
        if weight is None:
            self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draws new values from N(0, 1), and zeros for the padding row."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            with rt.no_grad():
                self.weight[self.padding_idx].fill_(0)


def _table_shape(embeddings: rt.Tensor) -> tuple[int, int]:
    if embeddings.dim() != 2:
        raise ValueError(f"Embeddings parameter is expected to be 2-dimensional, got {list(embeddings.shape)}")
    rows, length = embeddings.shape
    return rows, length


class Embedding(_Table):
    """Looks up rows of a learned table by integer.

    Args:
        num_embeddings: rows of the table.
        embedding_dim: length of a row.
        padding_idx: row that starts as zeros and gets no gradient; negative counts from the end.
        max_norm: rows that are looked up and whose `norm_type`-norm is larger are scaled down to it, in place.
        norm_type: which norm (default: 2).
        scale_grad_by_freq: divide gradients by how often the row occurs in the batch.
        sparse: accepted; gradients are dense. Steps of `SGD`, `Adagrad` and `SparseAdam` are those of sparse ones.

    Attributes:
        weight: (num_embeddings, embedding_dim), from N(0, 1).

    Shapes: integers (*) give (*, embedding_dim).

    Example:
        >>> list(rt.nn.Embedding(10, 3)(rt.tensor([[1, 2, 4, 5], [4, 3, 2, 9]])).shape)
        [2, 4, 3]
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: rt.Tensor | None = None,
        _freeze: bool = False,
        device: Any = None,
        dtype: rt.dtype | None = None,
    ) -> None:
        super().__init__(
            num_embeddings,
            embedding_dim,
            padding_idx,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            sparse,
            _weight,
            _freeze,
            device,
            dtype,
        )

    @classmethod
    def from_pretrained(
        cls,
        embeddings: rt.Tensor,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Self:
        """An embedding over the given table (rows, length), by default not learned any further."""
        rows, length = _table_shape(embeddings)
        return cls(
            rows,
            length,
            padding_idx,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            sparse,
            _weight=embeddings,
            _freeze=freeze,
        )

    def forward(self, input: rt.Tensor) -> rt.Tensor:
        return F.embedding(
            input, self.weight, self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.sparse
        )

    def extra_repr(self) -> str:
        text = f"{self.num_embeddings}, {self.embedding_dim}"
        if self.padding_idx is not None:
            text += f", padding_idx={self.padding_idx}"
        if self.max_norm is not None:
            text += f", max_norm={self.max_norm}"
        if self.norm_type != 2:
            text += f", norm_type={self.norm_type}"
        if self.scale_grad_by_freq:
            text += f", scale_grad_by_freq={self.scale_grad_by_freq}"
        return text


class EmbeddingBag(_Table):
    """Sums, means or maxima of rows of a learned table, without the rows in between.

    Args:
        num_embeddings: rows of the table.
        embedding_dim: length of a row.
        max_norm, norm_type, scale_grad_by_freq, padding_idx: as in `Embedding`; padding does not count.
        mode: `"mean"` (default), `"sum"` or `"max"`.
        sparse: accepted; gradients are dense. Steps of `SGD`, `Adagrad` and `SparseAdam` are those of sparse ones.
        include_last_offset: the last of the offsets is the end of the last bag.

    Inputs: integers (bags, entries); or (entries) and `offsets` (bags), where each bag starts; and perhaps
    `per_sample_weights`, factors of the rows.

    Example:
        >>> bag = rt.nn.EmbeddingBag(10, 3, mode="sum")
        >>> list(bag(rt.tensor([1, 2, 4, 5, 4]), rt.tensor([0, 3])).shape)
        [2, 3]
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: rt.Tensor | None = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        device: Any = None,
        dtype: rt.dtype | None = None,
    ) -> None:
        super().__init__(
            num_embeddings,
            embedding_dim,
            padding_idx,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            sparse,
            _weight,
            False,
            device,
            dtype,
        )
        self.mode = mode
        self.include_last_offset = include_last_offset

    @classmethod
    def from_pretrained(
        cls,
        embeddings: rt.Tensor,
        freeze: bool = True,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
    ) -> Self:
        """A bag over the given table (rows, length), by default not learned any further."""
        rows, length = _table_shape(embeddings)
        bag = cls(
            rows,
            length,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            mode,
            sparse,
            embeddings,
            include_last_offset,
            padding_idx,
        )
        bag.weight.requires_grad = not freeze
        return bag

    def forward(
        self, input: rt.Tensor, offsets: rt.Tensor | None = None, per_sample_weights: rt.Tensor | None = None
    ) -> rt.Tensor:
        return F.embedding_bag(
            input,
            self.weight,
            offsets,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.mode,
            self.sparse,
            per_sample_weights,
            self.include_last_offset,
            self.padding_idx,
        )

    def extra_repr(self) -> str:
        text = f"{self.num_embeddings}, {self.embedding_dim}"
        for name, default in (("max_norm", None), ("norm_type", 2), ("scale_grad_by_freq", False)):
            if getattr(self, name) != default:
                text += f", {name}={getattr(self, name)}"
        text += f", mode={self.mode!r}"
        return text if self.padding_idx is None else f"{text}, padding_idx={self.padding_idx}"
