"""Decisions: deep Q-learning balances a pole on a cart; learning curves over seeds."""

import math
import random
from collections import deque
from typing import Any

import rutile as rt
from rutile import lessons, nn
from rutile.nn import functional as F


class CartPole:
    """A pole on a cart, pushed left or right every 20 ms; reward 1 a step while it stands, for up to 500 steps.

    The equations of A. Barto, R. Sutton, C. Anderson, 1983, and the methods and numbers of gymnasium's CartPole-v1.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def reset(self) -> tuple[list[float], dict[str, Any]]:
        self.steps = 0
        self.state = [self.random.uniform(-0.05, 0.05) for _ in range(4)]
        return self.state, {}

    def step(self, action: int) -> tuple[list[float], float, bool, bool, dict[str, Any]]:
        x, speed, angle, turn = self.state
        force = 10.0 if action else -10.0
        sin, cos = math.sin(angle), math.cos(angle)
        push = (force + 0.05 * turn**2 * sin) / 1.1  # 1 kg of cart, 0.1 kg of pole, half its length is 0.5 m
        turning = (9.8 * sin - cos * push) / (0.5 * (4 / 3 - 0.1 * cos**2 / 1.1))
        moving = push - 0.05 * turning * cos / 1.1
        self.state = [x + 0.02 * speed, speed + 0.02 * moving, angle + 0.02 * turn, turn + 0.02 * turning]
        self.steps += 1
        fallen = abs(self.state[0]) > 2.4 or abs(self.state[2]) > math.radians(12)
        return self.state, 1.0, fallen, self.steps >= 500, {}


def network() -> nn.Sequential:
    """How much reward will come, for each action: [N, 4] to [N, 2]."""
    return nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    lesson.heading("Learning")
    random.seed(0)
    seeds, steps = lesson.pick((5, 20_000), (1, 8_000))
    curves, agents = [], []
    for seed in range(seeds):
        returns, q = learn(lesson, seed, steps)
        curves.append(returns)
        agents.append(q)
    chance = [play(None, CartPole(1000 + i)) for i in range(50)]
    scores = [[play(q, CartPole(1000 + i)) for i in range(10)] for q in agents]
    mean = [sum(score) / len(score) for score in scores]
    rows: list[tuple[object, ...]] = [
        (lesson.text("at random"), "", f"{sum(chance) / 50:.0f}", min(chance), max(chance))
    ]
    rows += [
        (lesson.text("DQN, seed {seed}", seed=i), len(curves[i]), f"{mean[i]:.0f}", min(scores[i]), max(scores[i]))
        for i in range(seeds)
    ]
    lesson.table(["agent", "episodes played", "mean steps", "worst", "best"], rows)

    best = agents[max(range(seeds), key=lambda i: mean[i])]
    lesson.heading("In gymnasium")
    try:
        import gymnasium
    except ImportError:
        lesson.say(
            "gymnasium is not installed (pip install 'rutile[games]'): the agent is not tried in its CartPole-v1"
        )
    else:
        theirs = [play(best, gymnasium.make("CartPole-v1")) for _ in range(10)]
        lesson.say("the best agent in gymnasium's CartPole-v1: {steps:.0f} steps", steps=sum(theirs) / 10)

    with lesson.picture("learning", size=(7, 4)) as axes:
        for seed, returns in enumerate(curves):
            ends = rt.tensor(returns).cumsum(0)
            smooth = [
                sum(returns[max(0, i - 9) : i + 1]) / len(returns[max(0, i - 9) : i + 1]) for i in range(len(returns))
            ]
            axes.plot(ends.tolist(), smooth, linewidth=1, label=f"seed {seed}")
        axes.axhline(sum(chance) / 50, color="gray", linewidth=1)
        axes.set(xlabel="step", ylabel="steps until the end", title="mean of 10 episodes (grey: at random)")
        axes.legend()
    with lesson.picture("policy", size=(5.6, 4.4)) as axes:
        angles, turns = rt.linspace(-12, 12, 80), rt.linspace(-2, 2, 80)
        grid = rt.stack(rt.meshgrid(turns, angles, indexing="ij"), 2)
        states = rt.cat([rt.zeros(80, 80, 2), grid[..., 1:].deg2rad(), grid[..., :1]], 2)
        with rt.no_grad():
            values = best(states)
        prefers = (values[..., 1] - values[..., 0]).numpy()
        limit = abs(prefers).max()
        drawn = axes.imshow(prefers, vmin=-limit, vmax=limit, origin="lower", extent=(-12, 12, -2, 2), aspect="auto")
        axes.contour(prefers, levels=[0], colors="white", extent=(-12, 12, -2, 2))
        axes.text(6, 1.6, "pushes right", ha="center")
        axes.text(-6, -1.6, "pushes left", ha="center", color="white")
        axes.set(xlabel="angle of the pole (degrees)", ylabel="turning (rad/s)", title="cart at rest in the middle")
        axes.grid(visible=False)
        axes.figure.colorbar(drawn, label="Q(right) - Q(left)")
    right = best(rt.tensor([[0, 0, 0.1, 0.5], [0, 0, -0.1, -0.5]])).argmax(1).tolist()
    return {"chance": sum(chance) / 50, "scores": mean, "falls_right_and_left": right, "episodes": curves}


def learn(lesson: lessons.Lesson, seed: int, steps: int) -> tuple[list[int], nn.Module]:
    """Q-learning from replayed steps (V. Mnih et al., 2015), double (H. van Hasselt et al., 2016)."""
    rt.manual_seed(seed)
    dice, world = random.Random(seed), CartPole(seed)
    q, target = network(), network()
    target.load_state_dict(q.state_dict())
    optimizer = rt.optim.Adam(q.parameters(), lr=5e-4)
    memory: deque[tuple[list[float], int, float, list[float], float]] = deque(maxlen=10_000)
    state, _ = world.reset()
    returns: list[int] = []
    kept: tuple[float, dict[str, Any]] = (0.0, q.state_dict())
    for step in lesson.track(range(steps), "learning"):
        explore = max(0.05, 1 - step / (0.3 * steps))
        if dice.random() < explore:
            action = dice.randrange(2)
        else:
            with rt.no_grad():
                action = int(q(rt.tensor(state)).argmax())
        after, reward, fallen, over, _ = world.step(action)
        # A pole that stands at the end of time has not fallen: its future still counts.
        memory.append((state, action, reward, after, float(fallen)))
        state = after
        if fallen or over:
            returns.append(world.steps)
            state, _ = world.reset()
            recent = sum(returns[-10:]) / 10
            if recent > kept[0]:
                kept = (recent, {name: value.clone() for name, value in q.state_dict().items()})
        if step < 500 or step % 2:
            continue
        s, a, r, then, end = zip(*dice.sample(memory, 64), strict=True)
        with rt.no_grad():
            choice = q(rt.tensor(then)).argmax(1, keepdim=True)
            future = target(rt.tensor(then)).gather(1, choice)[:, 0]  # chosen by one network, valued by the other
            wanted = rt.tensor(r) + 0.99 * (1 - rt.tensor(end)) * future
        said = q(rt.tensor(s)).gather(1, rt.tensor(a).unsqueeze(1))[:, 0]
        loss = F.smooth_l1_loss(said, wanted)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(q.parameters(), 10.0)
        optimizer.step()
        if step % 500 == 0:
            target.load_state_dict(q.state_dict())
    q.load_state_dict(kept[1])  # the weights of the best ten episodes: learning can also unlearn
    return returns, q


@rt.no_grad()
def play(q: nn.Module | None, world: Any) -> int:
    """The steps of one episode, without exploring; at random without a network."""
    state, _ = world.reset()
    steps, over = 0, False
    while not over:
        action = random.randrange(2) if q is None else int(q(rt.tensor([float(v) for v in state])).argmax())
        state, _, fallen, late, _ = world.step(action)
        steps, over = steps + 1, fallen or late
    return steps


if __name__ == "__main__":
    lessons.script(main)
