"""Recurrent networks on a sine wave: RNN, LSTM, GRU; how far back gradients reach; truncated backpropagation."""

from typing import Any

import rutile as rt
from rutile import lessons, nn
from rutile.nn import functional as F

CELLS: dict[str, Any] = {"RNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}


class Forecaster(nn.Module):
    """Says the next value after each of a sequence, [N, T, 1] to [N, T, 1]."""

    def __init__(self, cell: str, hidden: int = 32) -> None:
        super().__init__()
        self.cell, self.head = CELLS[cell](1, hidden, batch_first=True), nn.Linear(hidden, 1)

    def forward(self, x: rt.Tensor, state: Any = None) -> tuple[rt.Tensor, Any]:
        out, state = self.cell(x, state)
        return self.head(out), state


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    found: dict[str, Any] = {}

    lesson.heading("One step by hand")
    cell, x = nn.RNN(1, 4, batch_first=True), rt.randn(1, 3, 1)
    h = rt.zeros(1, 4)
    for t in range(3):
        h = rt.tanh(x[:, t] @ cell.weight_ih_l0.T + cell.bias_ih_l0 + h @ cell.weight_hh_l0.T + cell.bias_hh_l0)
    found["by_hand"] = (h - cell(x)[1][0]).abs().max().item()
    lesson.say("three steps of the formula and of the library differ by {error:.0e}", error=found["by_hand"])

    lesson.heading("A noisy sine wave, twenty steps at a time")
    wave = rt.sin(rt.arange(2000.0) * 0.2) + 0.1 * rt.randn(2000)
    rows, curves, forecasts = [], {}, {}
    for name in CELLS:
        rt.manual_seed(0)
        model = Forecaster(name)
        curves[name] = train(lesson, model, wave, window=20, epochs=lesson.pick(6, 3))
        forecasts[name] = forecast(model, wave[:100], 100)
        truth = rt.sin((100 + rt.arange(100.0)) * 0.2)
        error = (forecasts[name] - truth).square().mean().sqrt().item()
        parameters = sum(p.numel() for p in model.parameters())
        rows.append((name, f"{parameters:,}", f"{curves[name][-1]:.4f}", f"{error:.3f}"))
        found[name] = curves[name][-1]
    lesson.table(["cell", "parameters", "last loss", "error over 100 steps alone"], rows)
    lesson.say("the noise alone makes a loss of {noise:.4f}; always saying 0 makes {zero:.4f}", noise=0.01, zero=0.51)

    lesson.heading("How far back gradients reach")
    reach = {name: gradient_by_distance(name) for name in CELLS}
    distances = [1, 10, 25, 50]
    lesson.table(["steps back", *CELLS], [(d, *(f"{reach[name][d]:.0e}" for name in CELLS)) for d in distances])
    found["reach"] = {name: values[50] for name, values in reach.items()}

    lesson.heading("Truncated backpropagation")
    rows, losses, found["truncated"] = [], {}, {}
    for window in (1, 5, 50):
        rt.manual_seed(0)
        losses[window] = recall(lesson, window, lesson.pick(500, 250))
        found["truncated"][window] = sum(losses[window][-50:]) / 50
        rows.append((window, f"{found['truncated'][window]:.3f}"))
    lesson.say("recall a sign that was shown 20 steps ago:")
    lesson.table(["steps of gradient", "mean of the last 50 losses"], rows)

    with lesson.picture("sine", 1, 2, size=(11, 3.8)) as (left, right):
        left.plot(range(60, 100), wave[60:100].tolist(), ".", color="gray", label="seen")
        for name, said in forecasts.items():
            left.plot(range(100, 200), said.tolist(), label=name)
        left.plot(range(100, 200), truth.tolist(), color="black", linewidth=0.8, linestyle=":", label="truth")
        left.set(xlabel="step", ylabel="value", title="on their own from step 100", ylim=(-1.5, 2.2))
        left.legend(ncols=3, loc="upper right")
        for name, values in curves.items():
            right.semilogy(range(1, len(values) + 1), values, label=name)
        right.axhline(0.01, color="gray", linewidth=1)
        right.set(xlabel="epoch", ylabel="mean squared error", title="learning (grey: the noise)")
        right.legend()
    with lesson.picture("memory", 1, 2, size=(11, 3.8)) as (left, right):
        for name, values in reach.items():
            left.semilogy(values, label=name)
        left.set(xlabel="steps back", ylabel="size of the gradient", title="untrained cells, 64 wide")
        left.legend()
        for window, values in losses.items():
            right.plot(*lessons.smooth(values, 20, 10), label=f"{window} step{'s' * (window > 1)}")
        right.set(xlabel="training step", ylabel="cross entropy (nats)", title="recalling after 20 steps")
        right.legend(title="gradient through")
    return found


def train(lesson: lessons.Lesson, model: Forecaster, wave: rt.Tensor, window: int, epochs: int) -> list[float]:
    """Eight stretches of the wave side by side; the state goes on, gradients stop after `window` steps."""
    stretches = wave.reshape(8, -1, 1)
    optimizer = rt.optim.Adam(model.parameters(), lr=1e-2)
    losses = []
    for _ in lesson.track(range(epochs), "training"):
        state, total = None, []
        for start in range(0, stretches.shape[1] - window, window):
            part = stretches[:, start : start + window + 1]
            said, state = model(part[:, :-1], state)
            loss = F.mse_loss(said, part[:, 1:])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            # The next window starts from these numbers, without their history.
            state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
            total.append(loss.item())
        losses.append(sum(total) / len(total))
    return losses


@rt.no_grad()
def forecast(model: Forecaster, seen: rt.Tensor, steps: int) -> rt.Tensor:
    """The model's values after `seen`, each fed back as the next input."""
    said, state = model(seen.reshape(1, -1, 1))
    values = [said[:, -1:]]
    for _ in range(steps - 1):
        said, state = model(values[-1], state)
        values.append(said)
    return rt.cat(values, 1).flatten()


def gradient_by_distance(name: str) -> list[float]:
    """How strongly the last output depends on each input before it."""
    rt.manual_seed(1)
    cell = CELLS[name](8, 64, batch_first=True)
    if name == "LSTM":
        with rt.no_grad():
            cell.bias_ih_l0[64:128] = 2.0  # the forget gate starts open (R. Jozefowicz et al., 2015)
    x = rt.randn(16, 60, 8, requires_grad=True)
    cell(x)[0][:, -1].sum().backward()
    sizes: list[float] = x.grad.norm(dim=2).mean(0).flip(0).tolist()
    return sizes


def recall(lesson: lessons.Lesson, window: int, steps: int) -> list[float]:
    """Shows a sign, then 20 zeros, and asks for the sign, with gradients through the last `window` steps only."""
    cell, head = nn.GRU(1, 32, batch_first=True), nn.Linear(32, 1)
    optimizer = rt.optim.Adam([*cell.parameters(), *head.parameters()], lr=2e-3)
    losses = []
    for _ in lesson.track(range(steps), "training"):
        sign = rt.randint(0, 2, (32, 1)).float()
        x = rt.cat([2 * sign.unsqueeze(1) - 1, rt.zeros(32, 20, 1)], 1)
        cut = max(0, x.shape[1] - window)
        state = None
        if cut:
            with rt.no_grad():
                state = cell(x[:, :cut])[1]
        out = cell(x[:, cut:], state)[0][:, -1]
        loss = F.binary_cross_entropy_with_logits(head(out), sign)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


if __name__ == "__main__":
    lessons.script(main)
