"""Actor-critic on a cart with a pole (Barto, Sutton and Anderson, 1983).

python -m rutile.compat examples/actor_critic.py      # --episodes 5 tries it out
"""

import argparse
import math
import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from common import parse
from torch.distributions import Categorical


class CartPole:
    """A cart on a rail, pushed left or right; the episode ends when the pole falls or the cart leaves."""

    def reset(self):
        self.state = [random.uniform(-0.05, 0.05) for _ in range(4)]
        self.steps = 0
        return self.state

    def step(self, action):
        x, speed, angle, turn = self.state
        force = 10.0 if action == 1 else -10.0
        sine, cosine = math.sin(angle), math.cos(angle)
        push = (force + 0.05 * turn**2 * sine) / 1.1
        turning = (9.8 * sine - cosine * push) / (0.5 * (4.0 / 3.0 - 0.1 * cosine**2 / 1.1))
        moving = push - 0.05 * turning * cosine / 1.1
        self.state = [x + 0.02 * speed, speed + 0.02 * moving, angle + 0.02 * turn, turn + 0.02 * turning]
        self.steps += 1
        fallen = abs(self.state[0]) > 2.4 or abs(self.state[2]) > 12 * math.pi / 180
        return self.state, 1.0, fallen or self.steps >= 500


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.affine = nn.Linear(4, 128)
        self.action_head = nn.Linear(128, 2)
        self.value_head = nn.Linear(128, 1)

    def forward(self, x):
        x = F.relu(self.affine(x))
        return F.softmax(self.action_head(x), dim=-1), self.value_head(x)


def finish_episode(optimizer, log_probs, values, rewards, gamma):
    returns, total = [], 0.0
    for reward in reversed(rewards):
        total = reward + gamma * total
        returns.insert(0, total)
    returns = torch.tensor(returns)
    returns = (returns - returns.mean()) / (returns.std() + 1e-7)
    policy_losses, value_losses = [], []
    for log_prob, value, target in zip(log_probs, values, returns):
        advantage = target - value.item()
        policy_losses.append(-log_prob * advantage)
        value_losses.append(F.smooth_l1_loss(value, target.unsqueeze(0)))
    optimizer.zero_grad()
    loss = torch.stack(policy_losses).sum() + torch.stack(value_losses).sum()
    loss.backward()
    optimizer.step()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--episodes", type=int, default=2000)
    parser.add_argument("--gamma", type=float, default=0.99)
    parser.add_argument("--lr", type=float, default=0.01)
    args = parse(parser)
    random.seed(args.seed)

    env, model = CartPole(), Policy()
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    running = 10.0
    for episode in range(1, args.episodes + 1):
        state, done = env.reset(), False
        log_probs, values, rewards = [], [], []
        while not done:
            probabilities, value = model(torch.tensor(state).float())
            choice = Categorical(probabilities)
            action = choice.sample()
            log_probs.append(choice.log_prob(action))
            values.append(value)
            state, reward, done = env.step(action.item())
            rewards.append(reward)
        running = 0.05 * len(rewards) + 0.95 * running
        finish_episode(optimizer, log_probs, values, rewards, args.gamma)
        if episode % 10 == 0 or episode == args.episodes:
            print(f"episode {episode}  steps {len(rewards)}  average {running:.1f}", flush=True)
        if running > 475:
            print(f"solved: {running:.1f} steps on average")
            break


if __name__ == "__main__":
    main()
