"""L-BFGS."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import rutile as rt
from rutile._modes import no_grad

from .optimizer import Optimizer, Params, State, check_options

__all__ = ["LBFGS"]

Evaluation = tuple[float, rt.Tensor]


def _reals(x: rt.Tensor) -> rt.Tensor:
    """The numbers of a tensor, of complex ones both parts, on the same memory."""
    return rt.view_as_real(x) if x.is_complex() else x


class LBFGS(Optimizer):
    """Newton's method with the inverse Hessian estimated from the last `history_size` steps (Liu and Nocedal, 1989).

    `step` takes a closure, which it calls several times: it must clear the gradients, compute the loss, call
    `backward`, and return the loss. All parameters are in one group. For problems without noise: whole datasets, fits,
    style transfer.

    Args:
        params: tensors, one group.
        lr: length of the step, the first trial of a line search (default: 1).
        max_iter: iterations in one `step` (default: 20).
        max_eval: calls of the closure in one `step` (default: 1.25 max_iter).
        tolerance_grad: ends when no element of the gradient is larger (default: 1e-7).
        tolerance_change: ends when neither parameters nor loss change by more (default: 1e-9).
        history_size: steps that are remembered (default: 100).
        line_search_fn: None, or "strong_wolfe" (Nocedal and Wright, *Numerical Optimization*, algorithms 3.5 and 3.6).

    Example:
        >>> x = rt.nn.Parameter(rt.tensor([-1.0, 2.0]))
        >>> lbfgs = rt.optim.LBFGS([x], line_search_fn="strong_wolfe")
        >>> def closure():
        ...     lbfgs.zero_grad()
        ...     loss = (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
        ...     loss.backward()
        ...     return loss
        >>> for _ in range(3):
        ...     loss = lbfgs.step(closure)
        >>> x.detach().allclose(rt.ones(2), atol=1e-3)
        True
    """

    def __init__(
        self,
        params: Params,
        lr: float | rt.Tensor = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        check_options(lr)
        if line_search_fn not in (None, "strong_wolfe"):
            raise RuntimeError(f"only 'strong_wolfe' is supported as a line search, got {line_search_fn!r}")
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        super().__init__(params, defaults)
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")

    def _gradient(self) -> rt.Tensor:
        parts = [rt.zeros_like(p) if p.grad is None else p.grad for p in self.param_groups[0]["params"]]
        return rt.cat([_reals(part.detach()).reshape(-1) for part in parts])

    def _move(self, direction: rt.Tensor, length: float) -> None:
        start = 0
        for param in self.param_groups[0]["params"]:
            reals = _reals(param)
            end = start + reals.numel()
            reals.add_(length * direction[start:end].view_as(reals))
            start = end

    @no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Iterates until converged or `max_iter`; returns the loss before.

        Args:
            closure: clears the gradients, computes the loss, calls `backward` and returns the loss.
        """
        if closure is None:
            raise TypeError("LBFGS.step wants a closure that computes the loss and its gradients, and returns the loss")
        compute = rt.enable_grad()(closure)
        group = self.param_groups[0]
        params = group["params"]
        rate = float(group["lr"])
        # One state for all, at the first parameter, as in PyTorch.
        state = self.state[params[0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)

        first = compute()
        loss = float(first)
        evaluations = 1
        state["func_evals"] += 1
        gradient = self._gradient()
        if gradient.abs().max().item() <= group["tolerance_grad"]:
            return first

        def evaluate(base: list[rt.Tensor], direction: rt.Tensor, length: float) -> Evaluation:
            """Loss and gradient at `base + length direction`; the parameters are then at `base` again."""
            self._move(direction, length)
            value = float(compute())
            found = self._gradient()
            for param, before in zip(params, base, strict=True):
                param.copy_(before)
            return value, found

        iterations = 0
        while iterations < group["max_iter"]:
            iterations += 1
            state["n_iter"] += 1
            direction = _direction(state, gradient, group["history_size"])
            state["prev_flat_grad"], state["prev_loss"], before = gradient.clone(), loss, loss
            length = min(1.0, 1.0 / gradient.abs().sum().item()) * rate if state["n_iter"] == 1 else rate
            slope = gradient.dot(direction).item()
            state["t"] = length
            if slope > -group["tolerance_change"]:
                break
            calls = 0
            if group["line_search_fn"] is not None:
                base = [param.clone() for param in params]
                loss, gradient, length, calls = _strong_wolfe(
                    functools.partial(evaluate, base, direction),
                    length,
                    direction,
                    loss,
                    gradient,
                    slope,
                    trials=group["max_eval"] - evaluations,
                )
                self._move(direction, length)
            else:
                self._move(direction, length)
                if iterations != group["max_iter"]:
                    loss = float(compute())
                    gradient = self._gradient()
                    calls = 1
            state["t"] = length
            evaluations += calls
            state["func_evals"] += calls
            if (
                evaluations >= group["max_eval"]
                or gradient.abs().max().item() <= group["tolerance_grad"]
                or (direction * length).abs().max().item() <= group["tolerance_change"]
                or abs(loss - before) < group["tolerance_change"]
            ):
                break
        return first


def _direction(state: State, gradient: rt.Tensor, history_size: int) -> rt.Tensor:
    """Minus the gradient times the estimated inverse Hessian, by the two loops of Nocedal (1980)."""
    if state["n_iter"] == 1:
        state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1)
        first = state["d"] = -gradient
        return first
    change = gradient - state["prev_flat_grad"]
    moved = state["d"] * state["t"]
    curvature = change.dot(moved).item()
    if curvature > 1e-10:
        if len(state["old_dirs"]) == history_size:
            for name in ("old_dirs", "old_stps", "ro"):
                state[name].pop(0)
        state["old_dirs"].append(change)
        state["old_stps"].append(moved)
        state["ro"].append(1.0 / curvature)
        state["H_diag"] = curvature / change.dot(change).item()
    memory = list(zip(state["old_dirs"], state["old_stps"], state["ro"], strict=True))
    direction: rt.Tensor = -gradient
    shares = []
    for old, moved, inverse in reversed(memory):
        shares.append(moved.dot(direction).item() * inverse)
        direction = direction - shares[-1] * old
    direction = direction * state["H_diag"]
    for (old, moved, inverse), share in zip(memory, reversed(shares), strict=True):
        direction = direction + moved * (share - old.dot(direction).item() * inverse)
    state["d"] = direction
    return direction


def _cubic(
    x1: float, f1: float, g1: float, x2: float, f2: float, g2: float, bounds: tuple[float, float] | None = None
) -> float:
    """The minimum, within `bounds`, of the cubic with these values and slopes (Nocedal and Wright, equation 3.59)."""
    low, high = bounds or (min(x1, x2), max(x1, x2))
    d1 = g1 + g2 - 3 * (f1 - f2) / (x1 - x2)
    radicand = d1**2 - g1 * g2
    if not radicand >= 0:
        return (low + high) / 2.0
    d2 = radicand**0.5
    if x1 <= x2:
        place = x2 - (x2 - x1) * ((g2 + d2 - d1) / (g2 - g1 + 2 * d2))
    else:
        place = x1 - (x1 - x2) * ((g1 + d2 - d1) / (g1 - g2 + 2 * d2))
    return float(min(max(place, low), high))


def _strong_wolfe(
    evaluate: Callable[[float], Evaluation],
    length: float,
    direction: rt.Tensor,
    loss: float,
    gradient: rt.Tensor,
    slope: float,
    c1: float = 1e-4,
    c2: float = 0.9,
    tolerance_change: float = 1e-9,
    trials: int = 25,
) -> tuple[float, rt.Tensor, float, int]:
    """A length with enough descent and a flat enough slope: loss, gradient, length, and calls of `evaluate`."""
    scale = direction.abs().max().item()
    value, found = evaluate(length)
    calls = 1
    steepness = found.dot(direction).item()

    # Lengths, losses, gradients and slopes of points; first one before and one now, then the two ends of a bracket.
    before = (0.0, loss, gradient, slope)
    bracket = []
    done = False
    trial = 0
    while trial < trials:
        now = (length, value, found, steepness)
        if value > loss + c1 * length * slope or (trial > 1 and value >= before[1]) or steepness >= 0:
            done = abs(steepness) <= -c2 * slope and not (
                value > loss + c1 * length * slope or (trial > 1 and value >= before[1])
            )
            bracket = [now] if done else [before, now]
            break
        if abs(steepness) <= -c2 * slope:
            bracket, done = [now], True
            break
        bounds = (length + 0.01 * (length - before[0]), length * 10)
        length = _cubic(before[0], before[1], before[3], length, value, steepness, bounds)
        before = now
        value, found = evaluate(length)
        calls += 1
        steepness = found.dot(direction).item()
        trial += 1
    if not bracket:
        bracket = [(0.0, loss, gradient, slope), (length, value, found, steepness)]

    low, high = (0, -1) if bracket[0][1] <= bracket[-1][1] else (1, 0)
    stalled = False
    while not done and trial < trials:
        (a, fa, _, ga), (b, fb, _, gb) = bracket
        if abs(b - a) * scale < tolerance_change:
            break
        length = _cubic(a, fa, ga, b, fb, gb)
        least, most = min(a, b), max(a, b)
        # Twice in a row close to an end would be slow: then the point is moved inwards.
        margin = 0.1 * (most - least)
        if min(most - length, length - least) < margin:
            if stalled or length >= most or length <= least:
                length = most - margin if abs(length - most) < abs(length - least) else least + margin
                stalled = False
            else:
                stalled = True
        else:
            stalled = False
        value, found = evaluate(length)
        calls += 1
        steepness = found.dot(direction).item()
        trial += 1
        now = (length, value, found, steepness)
        if value > loss + c1 * length * slope or value >= bracket[low][1]:
            bracket[high] = now
            low, high = (0, 1) if bracket[0][1] <= bracket[1][1] else (1, 0)
        else:
            if abs(steepness) <= -c2 * slope:
                done = True
            elif steepness * (bracket[high][0] - bracket[low][0]) >= 0:
                bracket[high] = bracket[low]
            bracket[low] = now
    length, value, found, _ = bracket[low]
    return value, found, length, calls
