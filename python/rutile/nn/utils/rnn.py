"""Sequences of different lengths: packed one behind the other, or padded to the longest.

Example:
    >>> from rutile.nn.utils.rnn import pack_sequence, pad_packed_sequence
    >>> packed = pack_sequence([rt.tensor([1, 2, 3]), rt.tensor([4, 5])])
    >>> packed.data.tolist(), packed.batch_sizes.tolist()
    ([1, 4, 2, 5, 3], [2, 2, 1])
    >>> padded, lengths = pad_packed_sequence(packed, batch_first=True)
    >>> padded.tolist(), lengths.tolist()
    ([[1, 2, 3], [4, 5, 0]], [3, 2])
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import rutile as rt

__all__ = [
    "PackedSequence",
    "invert_permutation",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpack_sequence",
    "unpad_sequence",
]


class _Packed(NamedTuple):
    data: rt.Tensor
    batch_sizes: rt.Tensor
    sorted_indices: rt.Tensor | None
    unsorted_indices: rt.Tensor | None


def invert_permutation(permutation: rt.Tensor | None) -> rt.Tensor | None:
    """The permutation that undoes `permutation`.

    Example:
        >>> nn.utils.rnn.invert_permutation(rt.tensor([2, 0, 1]))
        tensor([1, 2, 0])
    """
    if permutation is None:
        return None
    output = rt.empty_like(permutation)
    return output.scatter_(0, permutation, rt.arange(permutation.numel()))


class PackedSequence(_Packed):
    """Sequences step by step, without padding: what `pack_padded_sequence` makes and recurrent layers take.

    Attributes:
        data: the first elements of all sequences, then the second ones, ...; longer sequences come first.
        batch_sizes: (longest) int64, how many sequences reach each step.
        sorted_indices: for each row of a step, which sequence it belongs to; None if they were sorted already.
        unsorted_indices: for each sequence, its row.

    Example:
        >>> packed = nn.utils.rnn.pack_sequence([rt.tensor([1, 2, 3]), rt.tensor([4, 5])])
        >>> packed.data, packed.batch_sizes
        (tensor([1, 4, 2, 5, 3]), tensor([2, 2, 1]))
    """

    def __new__(
        cls,
        data: rt.Tensor,
        batch_sizes: rt.Tensor | None = None,
        sorted_indices: rt.Tensor | None = None,
        unsorted_indices: rt.Tensor | None = None,
    ) -> PackedSequence:
        if batch_sizes is None:
            raise ValueError("PackedSequence needs batch_sizes")
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def _with(self, data: rt.Tensor) -> PackedSequence:
        return type(self)(data, self.batch_sizes, self.sorted_indices, self.unsorted_indices)

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """The same with `data.to(...)`."""
        data = self.data.to(*args, **kwargs)
        return self if data is self.data else self._with(data)

    def double(self) -> PackedSequence:
        """The same in float64."""
        return self.to(rt.float64)

    def float(self) -> PackedSequence:
        """The same in float32."""
        return self.to(rt.float32)

    def half(self) -> PackedSequence:
        """The same in float16."""
        return self.to(rt.float16)

    def long(self) -> PackedSequence:
        """The same in int64."""
        return self.to(rt.int64)

    def int(self) -> PackedSequence:
        """The same in int32."""
        return self.to(rt.int32)

    def cpu(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """Itself: everything is in main memory."""
        return self

    def pin_memory(self) -> PackedSequence:
        """Itself: there is no other memory to copy to."""
        return self

    def is_pinned(self) -> bool:
        """False."""
        return False

    @property
    def is_cuda(self) -> bool:
        """False."""
        return False


def _lengths(lengths: rt.Tensor | Sequence[int]) -> list[int]:
    values = lengths.tolist() if isinstance(lengths, rt.Tensor) else [int(n) for n in lengths]
    return values if isinstance(values, list) else [values]


def _steps(lengths: list[int]) -> list[int]:
    """How many of the (falling) lengths reach each step."""
    sizes, left = [], len(lengths)
    for step in range(lengths[0] if lengths else 0):
        while lengths[left - 1] <= step:
            left -= 1
        sizes.append(left)
    return sizes


def pack_padded_sequence(
    input: rt.Tensor, lengths: rt.Tensor | Sequence[int], batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Packs padded sequences.

    Args:
        input: (longest, N, ...), or (N, longest, ...) with `batch_first`.
        lengths: how long each of the N sequences is.
        enforce_sorted: the sequences are sorted by falling length (default: True); False sorts them.

    Raises:
        RuntimeError: a length is not positive, or they are not sorted, with `enforce_sorted`.

    Example:
        >>> padded = rt.tensor([[1, 2, 3], [4, 5, 0]])
        >>> packed = nn.utils.rnn.pack_padded_sequence(padded, [3, 2], batch_first=True)
        >>> packed.data, packed.batch_sizes
        (tensor([1, 4, 2, 5, 3]), tensor([2, 2, 1]))
    """
    values, padded = _lengths(lengths), input
    sorted_indices = None
    if not enforce_sorted:
        order = sorted(range(len(values)), key=lambda i: -values[i])
        sorted_indices = rt.tensor(order, dtype=rt.int64)
        padded = padded.index_select(0 if batch_first else 1, sorted_indices)
        values = [values[i] for i in order]
    if batch_first:
        padded = padded.transpose(0, 1)
    if any(a < b for a, b in itertools.pairwise(values)):
        raise RuntimeError(
            f"lengths must be sorted in decreasing order when enforce_sorted=True, got {values}; pass "
            "enforce_sorted=False to sort them"
        )
    if len(values) != padded.shape[1]:
        raise RuntimeError(
            f"Expected `len(lengths)` to be equal to batch_size {padded.shape[1]}, but got {len(values)}"
        )
    if not values or values[-1] <= 0:
        raise RuntimeError("Length of all samples has to be greater than 0, but found an element in 'lengths' <= 0")
    if values[0] > padded.shape[0]:
        raise RuntimeError(f"Expected lengths up to {padded.shape[0]}, the padded length, but got {values[0]}")
    sizes = _steps(values)
    batch = len(values)
    flat = padded[: len(sizes)].reshape(len(sizes) * batch, *padded.shape[2:])
    if sizes[-1] < batch:
        flat = flat.index_select(0, _places(sizes, batch))
    return PackedSequence(flat, rt.tensor(sizes, dtype=rt.int64), sorted_indices)


def _places(sizes: list[int], batch: int) -> rt.Tensor:
    """Where the rows of a packed sequence are among those of the padded one."""
    counts = rt.tensor(sizes).unsqueeze(1)
    steps = rt.arange(len(sizes)).unsqueeze(1)
    rows = rt.arange(batch).unsqueeze(0)
    return (steps * batch + rows).masked_select(rows < counts)


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[rt.Tensor, rt.Tensor]:
    """Undoes `pack_padded_sequence`: the padded sequences and their lengths.

    Args:
        batch_first: give (N, longest, ...) instead of (longest, N, ...).
        padding_value: what stands behind the end of shorter sequences (default: 0).
        total_length: pad up to this length instead of the longest.

    Example:
        >>> packed = nn.utils.rnn.pack_sequence([rt.tensor([1, 2, 3]), rt.tensor([4, 5])])
        >>> nn.utils.rnn.pad_packed_sequence(packed, batch_first=True, padding_value=-1)
        (tensor([[ 1,  2,  3],
                [ 4,  5, -1]]), tensor([3, 2]))
    """
    sizes = [int(n) for n in sequence.batch_sizes.tolist()]
    longest, batch = len(sizes), sizes[0]
    total = longest if total_length is None else total_length
    if total < longest:
        raise ValueError(
            "Expected total_length to be at least the length of the longest sequence in input, but got "
            f"total_length={total_length} and max sequence length being {longest}"
        )
    data = sequence.data
    if total == longest and sizes[-1] == batch:
        padded = data.reshape(total, batch, *data.shape[1:])
    else:
        flat = data.new_full((total * batch, *data.shape[1:]), padding_value)
        index = _places(sizes, batch).reshape(-1, *[1] * (data.dim() - 1)).expand(data.shape)
        padded = flat.scatter(0, index, data).reshape(total, batch, *data.shape[1:])
    lengths = rt.tensor([sum(size > row for size in sizes) for row in range(batch)], dtype=rt.int64)
    if sequence.unsorted_indices is not None:
        padded = padded.index_select(1, sequence.unsorted_indices)
        lengths = lengths[sequence.unsorted_indices]
    return (padded.transpose(0, 1) if batch_first else padded), lengths


def pad_sequence(
    sequences: rt.Tensor | Iterable[rt.Tensor],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> rt.Tensor:
    """Sequences (length, ...) side by side as (longest, N, ...), or (N, longest, ...) with `batch_first`.

    Args:
        padding_value: what fills shorter sequences up (default: 0).
        padding_side: `"right"` (behind the end) or `"left"`.

    Example:
        >>> rt.nn.utils.rnn.pad_sequence([rt.tensor([1, 2]), rt.tensor([3])], batch_first=True).tolist()
        [[1, 2], [3, 0]]
    """
    if padding_side not in ("left", "right"):
        raise ValueError(f'padding_side must be "left" or "right", got {padding_side!r}')
    parts = list(sequences.unbind(0)) if isinstance(sequences, rt.Tensor) else list(sequences)
    if not parts:
        raise RuntimeError("pad_sequence: expected at least one sequence")
    longest = max(part.shape[0] for part in parts)
    rows = []
    for part in parts:
        missing = longest - part.shape[0]
        if missing:
            fill = part.new_full((missing, *part.shape[1:]), padding_value)
            part = rt.cat([part, fill] if padding_side == "right" else [fill, part])
        rows.append(part)
    return rt.stack(rows, 0 if batch_first else 1)


def unpad_sequence(
    padded_sequences: rt.Tensor, lengths: rt.Tensor | Sequence[int], batch_first: bool = False
) -> list[rt.Tensor]:
    """Undoes `pad_sequence`: sequences (length, ...) of padded ones (longest, N, ...), or (N, longest, ...) with
    `batch_first`.

    Example:
        >>> nn.utils.rnn.unpad_sequence(rt.tensor([[1, 2, 3], [4, 5, 0]]), rt.tensor([3, 2]), batch_first=True)
        [tensor([1, 2, 3]), tensor([4, 5])]
    """
    rows = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    return [row[:length] for row, length in zip(rows.unbind(0), _lengths(lengths), strict=True)]


def pack_sequence(sequences: Sequence[rt.Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Packs sequences (length, ...); they must be sorted by falling length unless `enforce_sorted` is False.

    Raises:
        RuntimeError: the sequences are not sorted, with `enforce_sorted`.

    Example:
        >>> packed = nn.utils.rnn.pack_sequence([rt.tensor([1, 2, 3]), rt.tensor([4, 5])])
        >>> packed.data
        tensor([1, 4, 2, 5, 3])
    """
    lengths = [sequence.shape[0] for sequence in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[rt.Tensor]:
    """Undoes `pack_sequence`: the sequences, in their order.

    Example:
        >>> packed = nn.utils.rnn.pack_sequence([rt.tensor([4, 5]), rt.tensor([1, 2, 3])], enforce_sorted=False)
        >>> nn.utils.rnn.unpack_sequence(packed)
        [tensor([4, 5]), tensor([1, 2, 3])]
    """
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)
