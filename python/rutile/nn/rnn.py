"""Recurrent layers and cells."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any, ClassVar

import rutile as rt

from . import functional as F
from . import init
from ._arguments import check_positive
from .module import Module
from .parameter import Parameter
from .utils.rnn import PackedSequence

__all__ = ["GRU", "LSTM", "RNN", "GRUCell", "LSTMCell", "RNNBase", "RNNCell", "RNNCellBase"]

GATES = {"RNN_TANH": 1, "RNN_RELU": 1, "LSTM": 4, "GRU": 3}
_layer = rt._rutile._rnn_layer


def run_layers(
    mode: str,
    data: rt.Tensor,
    sizes: tuple[int, ...],
    states: Sequence[rt.Tensor],
    weights: Sequence[tuple[Any, ...]],
    directions: int,
    dropout: float,
) -> tuple[rt.Tensor, tuple[rt.Tensor, ...]]:
    """Packed rows through all layers, whose `(w_ih, w_hh, b_ih, b_hh, w_hr)` come direction by direction; gives the
    output's rows and the last states."""
    mode = mode.lower().removeprefix("rnn_")
    layers = len(weights) // directions
    last: list[list[rt.Tensor]] = [[] for _ in states]
    for layer in range(layers):
        outputs = []
        for direction in range(directions):
            number = layer * directions + direction
            first = [state[number] for state in states]
            cell = first[1] if len(first) > 1 else None
            w_ih, w_hh, b_ih, b_hh, w_hr = weights[number]
            output, *ends = _layer(data, sizes, first[0], cell, w_ih, w_hh, b_ih, b_hh, w_hr, mode, direction == 1)
            outputs.append(output)
            for collected, end in zip(last, ends, strict=True):
                collected.append(end)
        data = outputs[0] if len(outputs) == 1 else rt.cat(outputs, 1)
        if dropout and layer < layers - 1:
            data = F.dropout(data, dropout)
    return data, tuple(rt.stack(collected) for collected in last)


class RNNBase(Module):
    """What recurrent layers share: their parameters, and the way of a sequence through layers and directions."""

    mode: str

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: rt.dtype | None = None,
    ) -> None:
        super().__init__()
        if mode not in GATES:
            raise ValueError(f"Unrecognized RNN mode: {mode}")
        if isinstance(dropout, bool) or not 0 <= dropout <= 1:
            raise ValueError(
                "dropout should be a number in range [0, 1] representing the probability of an element "
                f"being zeroed, got {dropout}"
            )
        if dropout > 0 and num_layers == 1:
            warnings.warn(
                "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects "
                f"num_layers greater than 1, but got dropout={dropout} and num_layers={num_layers}",
                stacklevel=3,
            )
        if not isinstance(hidden_size, int):
            raise TypeError(f"hidden_size should be of type int, got: {type(hidden_size).__name__}")
        for name, value in (("hidden_size", hidden_size), ("num_layers", num_layers)):
            if value <= 0:
                raise ValueError(f"{name} must be greater than zero, got {value}")
        if proj_size < 0:
            raise ValueError(f"proj_size should be a positive integer or zero to disable projections, got {proj_size}")
        if proj_size >= hidden_size:
            raise ValueError(f"proj_size has to be smaller than hidden_size, got {proj_size} and {hidden_size}")
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        self._names: list[tuple[str | None, ...]] = []
        wide, output = GATES[mode] * hidden_size, proj_size or hidden_size

        def parameter(name: str, *shape: int) -> str:
            self.register_parameter(name, Parameter(rt.empty(*shape, device=device, dtype=dtype)))
            return name

        for layer in range(num_layers):
            features = input_size if layer == 0 else output * self._directions
            for direction in range(self._directions):
                end = f"l{layer}" + ("_reverse" if direction else "")
                names = [parameter(f"weight_ih_{end}", wide, features), parameter(f"weight_hh_{end}", wide, output)]
                biases = [parameter(f"bias_{part}_{end}", wide) for part in ("ih", "hh")] if bias else [None, None]
                last = parameter(f"weight_hr_{end}", proj_size, hidden_size) if proj_size else None
                self._names.append((*names, *biases, last))
        self.reset_parameters()

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The parameters of every layer and direction."""
        return [[getattr(self, name) for name in names if name] for names in self._names]

    @property
    def _flat_weights(self) -> list[Parameter]:
        return [weight for weights in self.all_weights for weight in weights]

    def _weight(self, name: str | None) -> Any:
        return None if name is None else getattr(self, name)

    def reset_parameters(self) -> None:
        """Draws new values from U(-k, k) with `k = 1 / √hidden_size`."""
        bound = 1 / math.sqrt(self.hidden_size)
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def flatten_parameters(self) -> None:
        """Does nothing: parameters need not lie behind each other here."""

    def extra_repr(self) -> str:
        parts = [f"{self.input_size}", f"{self.hidden_size}"]
        plain = {"proj_size": 0, "num_layers": 1, "bias": True, "batch_first": False, "dropout": 0}
        for name, default in {**plain, "bidirectional": False}.items():
            if getattr(self, name) != default:
                parts.append(f"{name}={getattr(self, name)}")
        return ", ".join(parts)

    def _first_state(self, state: rt.Tensor | None, name: str, batch: int, width: int, like: rt.Tensor) -> rt.Tensor:
        shape = (self.num_layers * self._directions, batch, width)
        if state is None:
            return like.new_zeros(shape)
        if tuple(state.shape) != shape:
            raise RuntimeError(f"Expected {name} size {shape}, got {list(state.shape)}")
        return state

    def _run(
        self, data: rt.Tensor, sizes: tuple[int, ...], states: tuple[rt.Tensor, ...]
    ) -> tuple[rt.Tensor, tuple[rt.Tensor, ...]]:
        """All layers over packed rows; gives the output's rows and the last states."""
        weights = [tuple(self._weight(name) for name in names) for names in self._names]
        dropout = self.dropout if self.training else 0.0
        return run_layers(self.mode, data, sizes, states, weights, self._directions, dropout)

    def _forward(
        self, input: rt.Tensor | PackedSequence, states: tuple[rt.Tensor | None, ...]
    ) -> tuple[Any, tuple[rt.Tensor, ...]]:
        names = ("hidden[0]", "hidden[1]") if len(states) > 1 else ("hidden",)
        widths = (self.proj_size or self.hidden_size, self.hidden_size)
        packed = input if isinstance(input, PackedSequence) else None
        if isinstance(input, PackedSequence):
            data, sizes = input.data, tuple(int(n) for n in input.batch_sizes.tolist())
            batched, batch = True, sizes[0]
        else:
            if input.dim() not in (2, 3):
                raise ValueError(f"{self.mode}: Expected input to be 2D or 3D, got {input.dim()}D instead")
            batched = input.dim() == 3
            data = input if batched else input.unsqueeze(1)
            if batched and self.batch_first:
                data = data.transpose(0, 1)
            length, batch = data.shape[:2]
            sizes = (batch,) * length
            if length == 0:
                raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
            data = data.reshape(length * batch, data.shape[2])
        if data.shape[-1] != self.input_size:
            raise RuntimeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got {data.shape[-1]}"
            )
        for state in states:
            if state is not None and state.dim() != (3 if batched else 2):
                raise RuntimeError(
                    f"For {'batched 3-D' if batched else 'unbatched 2-D'} input, hx should also be "
                    f"{3 if batched else 2}-D but got {state.dim()}-D tensor"
                )
        if not batched:
            states = tuple(None if state is None else state.unsqueeze(1) for state in states)
        elif packed is not None and packed.sorted_indices is not None:
            states = tuple(None if state is None else state.index_select(1, packed.sorted_indices) for state in states)
        firsts = tuple(
            self._first_state(state, name, batch, width, data)
            for state, name, width in zip(states, names, widths, strict=False)
        )
        rows, lasts = self._run(data, sizes, firsts)
        if packed is not None:
            if packed.unsorted_indices is not None:
                lasts = tuple(state.index_select(1, packed.unsorted_indices) for state in lasts)
            return packed._with(rows), lasts
        output = rows.reshape(len(sizes), batch, rows.shape[-1])
        if not batched:
            return output.squeeze(1), tuple(state.squeeze(1) for state in lasts)
        return (output.transpose(0, 1) if self.batch_first else output), lasts


class RNN(RNNBase):
    """Recurrent layers, `h_t = tanh(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh)` (Elman, 1990).

    Args:
        input_size: features of the input.
        hidden_size: features H of the state.
        num_layers: layers on top of each other (default: 1).
        nonlinearity: `"tanh"` or `"relu"` (default: tanh).
        bias: whether to add the biases (default: True).
        batch_first: tensors are (N, L, ...) instead of (L, N, ...) (default: False).
        dropout: probability of dropout between layers, in training (default: 0).
        bidirectional: a second set of layers goes from the end to the start; outputs stand side by side.

    Inputs: (L, N, input_size), (L, input_size) or a `PackedSequence`, and the first state (layers * directions, N, H),
    zeros if left out. Outputs: (L, N, directions * H), and the last state.

    Attributes:
        weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, ..., `_reverse` behind those of the second direction: from
        U(-k, k) with `k = 1 / √H`.

    Example:
        >>> output, last = rt.nn.RNN(10, 20, 2)(rt.randn(5, 3, 10))
        >>> list(output.shape), list(last.shape)
        ([5, 3, 20], [2, 3, 20])
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: rt.dtype | None = None,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        super().__init__(
            f"RNN_{nonlinearity.upper()}",
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            0,
            device,
            dtype,
        )
        self.nonlinearity = nonlinearity

    def forward(self, input: rt.Tensor | PackedSequence, hx: rt.Tensor | None = None) -> tuple[Any, rt.Tensor]:
        output, (last,) = self._forward(input, (hx,))
        return output, last


class LSTM(RNNBase):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997).

    `i, f, g, o = sigmoid, sigmoid, tanh, sigmoid of (W_ih x + b_ih + W_hh h + b_hh)`; `c = f c + i g`; `h = o tanh(c)`.

    Args:
        input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional: as in `RNN`.
        proj_size: project `h` to so many features by `weight_hr_l0`, ... (Sak et al., 2014; default: 0, not at all).

    Inputs: as in `RNN`, with the pair of first states `(h, c)`. Outputs: the output, and the pair of last states.

    Example:
        >>> output, (h, c) = rt.nn.LSTM(10, 20, 2)(rt.randn(5, 3, 10))
        >>> list(output.shape), list(h.shape), list(c.shape)
        ([5, 3, 20], [2, 3, 20], [2, 3, 20])
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: rt.dtype | None = None,
    ) -> None:
        super().__init__(
            "LSTM",
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            proj_size,
            device,
            dtype,
        )

    def forward(
        self, input: rt.Tensor | PackedSequence, hx: tuple[rt.Tensor, rt.Tensor] | None = None
    ) -> tuple[Any, tuple[rt.Tensor, rt.Tensor]]:
        first, cell = (None, None) if hx is None else hx
        output, (last, last_cell) = self._forward(input, (first, cell))
        return output, (last, last_cell)


class GRU(RNNBase):
    """Gated recurrent units (Cho et al., 2014).

    `r, z = sigmoid(W_ih x + b_ih + W_hh h + b_hh)`; `n = tanh(W_in x + b_in + r (W_hn h + b_hn))`;
    `h = (1 - z) n + z h`. Arguments, inputs and outputs as in `RNN`.

    Example:
        >>> output, last = rt.nn.GRU(10, 20, bidirectional=True)(rt.randn(5, 3, 10))
        >>> list(output.shape), list(last.shape)
        ([5, 3, 40], [2, 3, 20])
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: rt.dtype | None = None,
    ) -> None:
        super().__init__(
            "GRU", input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, 0, device, dtype
        )

    def forward(self, input: rt.Tensor | PackedSequence, hx: rt.Tensor | None = None) -> tuple[Any, rt.Tensor]:
        output, (last,) = self._forward(input, (hx,))
        return output, last


class RNNCellBase(Module):
    """What the cells share: the parameters of one step."""

    _mode: ClassVar[str]
    weight_ih: Parameter
    weight_hh: Parameter
    bias_ih: Parameter | None
    bias_hh: Parameter | None

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool,
        num_chunks: int,
        device: Any = None,
        dtype: rt.dtype | None = None,
    ) -> None:
        super().__init__()
        check_positive(type(self).__name__, "hidden_size", hidden_size)
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        wide = num_chunks * hidden_size
        self.weight_ih = Parameter(rt.empty(wide, input_size, device=device, dtype=dtype))
        self.weight_hh = Parameter(rt.empty(wide, hidden_size, device=device, dtype=dtype))
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, Parameter(rt.empty(wide, device=device, dtype=dtype)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draws new values from U(-k, k) with `k = 1 / √hidden_size`."""
        bound = 1 / math.sqrt(self.hidden_size)
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        if not self.bias:
            text += f", bias={self.bias}"
        nonlinearity = getattr(self, "nonlinearity", "tanh")
        return text if nonlinearity == "tanh" else f"{text}, nonlinearity={nonlinearity}"

    def _step(self, input: rt.Tensor, states: tuple[rt.Tensor | None, ...], mode: str) -> list[rt.Tensor]:
        name = type(self).__name__
        if input.dim() not in (1, 2):
            raise ValueError(f"{name}: Expected input to be 1D or 2D, got {input.dim()}D instead")
        for state in states:
            if state is not None and state.dim() != input.dim():
                raise ValueError(f"{name}: Expected hidden to be {input.dim()}D as input, got {state.dim()}D instead")
        batched = input.dim() == 2
        rows = input if batched else input.unsqueeze(0)
        if rows.shape[1] != self.input_size:
            raise RuntimeError(f"input has inconsistent input_size: got {rows.shape[1]}, expected {self.input_size}")
        first = [
            rows.new_zeros(rows.shape[0], self.hidden_size) if state is None else state.reshape(-1, state.shape[-1])
            for state in states
        ]
        for state in first:
            if tuple(state.shape) != (rows.shape[0], self.hidden_size):
                raise RuntimeError(
                    f"{name}: hidden must be {[rows.shape[0], self.hidden_size]} for input {list(rows.shape)}, got "
                    f"{list(state.shape)}"
                )
        cell = first[1] if len(first) > 1 else None
        weights = (self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        _, *last = _layer(rows, (rows.shape[0],), first[0], cell, *weights, None, mode, False)
        return last if batched else [state.squeeze(0) for state in last]


class RNNCell(RNNCellBase):
    """One step of `RNN`: `h' = tanh(W_ih x + b_ih + W_hh h + b_hh)`.

    Args:
        input_size, hidden_size: features of input and state.
        bias: whether to add the biases (default: True).
        nonlinearity: `"tanh"` or `"relu"` (default: tanh).

    Inputs: (N, input_size) or (input_size), and the state, zeros if left out. Output: the next state.

    Example:
        >>> list(rt.nn.RNNCell(10, 20)(rt.randn(3, 10)).shape)
        [3, 20]
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: rt.dtype | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: rt.Tensor, hx: rt.Tensor | None = None) -> rt.Tensor:
        if self.nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}")
        return self._step(input, (hx,), self.nonlinearity)[0]


class LSTMCell(RNNCellBase):
    """One step of `LSTM`; takes and gives the pair of states `(h, c)`.

    Example:
        >>> h, c = rt.nn.LSTMCell(10, 20)(rt.randn(3, 10))
        >>> list(h.shape), list(c.shape)
        ([3, 20], [3, 20])
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: rt.dtype | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input: rt.Tensor, hx: tuple[rt.Tensor, rt.Tensor] | None = None) -> tuple[rt.Tensor, rt.Tensor]:
        h, c = self._step(input, (None, None) if hx is None else hx, "lstm")
        return h, c


class GRUCell(RNNCellBase):
    """One step of `GRU`.

    Example:
        >>> list(rt.nn.GRUCell(10, 20)(rt.randn(3, 10)).shape)
        [3, 20]
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: rt.dtype | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input: rt.Tensor, hx: rt.Tensor | None = None) -> rt.Tensor:
        return self._step(input, (hx,), "gru")[0]
