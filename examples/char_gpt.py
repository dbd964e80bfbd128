"""A character GPT on tiny Shakespeare: 4 layers, 128 wide, to a validation loss under 1.75.

    RUTILE_DATA=... python -m rutile.compat examples/char_gpt.py --out runs/gpt      # on Rutile
    RUTILE_DATA=... python examples/char_gpt.py --out runs/gpt-torch                 # on PyTorch

`--steps 20` tries it out. Writes `log.csv`, `curves.png`, `sample.txt`, and at each validation `checkpoint.pt`, from
which `--resume` goes on.
"""

import argparse
import math
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F
from common import Log, parse, shakespeare


class Attention(nn.Module):
    def __init__(self, width, heads, dropout):
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x):
        batch, time, width = x.shape
        q, k, v = self.qkv(x).view(batch, time, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        dropout = self.dropout if self.training else 0.0
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=dropout)
        return self.out(y.transpose(1, 2).reshape(batch, time, width))


class Block(nn.Module):
    """A layer of the pre-norm transformer of GPT-2."""

    def __init__(self, width, heads, dropout):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attention = Attention(width, heads, dropout)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        x = x + self.drop(self.attention(self.norm1(x)))
        return x + self.drop(self.mlp(self.norm2(x)))


class GPT(nn.Module):
    def __init__(self, vocabulary, context, width=128, layers=4, heads=4, dropout=0.1):
        super().__init__()
        self.context = context
        self.tokens = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(context, width)
        self.drop = nn.Dropout(dropout)
        self.blocks = nn.Sequential(*(Block(width, heads, dropout) for _ in range(layers)))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocabulary, bias=False)
        self.head.weight = self.tokens.weight
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                # Layers that write to the residual stream start smaller, as in GPT-2.
                residual = name.endswith(("out.weight", "mlp.2.weight"))
                nn.init.normal_(parameter, std=0.02 / (math.sqrt(2 * layers) if residual else 1))
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)

    def forward(self, x):
        x = self.tokens(x) + self.positions(torch.arange(x.shape[1]))
        return self.head(self.norm(self.blocks(self.drop(x))))

    @torch.no_grad()
    def generate(self, x, length, temperature=0.8):
        self.eval()
        for _ in range(length):
            logits = self(x[:, -self.context :])[:, -1] / temperature
            x = torch.cat([x, torch.multinomial(F.softmax(logits, dim=-1), 1)], dim=1)
        return x


def batch_of(text, context, size):
    starts = torch.randint(0, len(text) - context, (size, 1))
    windows = text[starts + torch.arange(context + 1)]
    return windows[:, :-1], windows[:, 1:]


@torch.no_grad()
def evaluate(model, text, context):
    """The mean loss per character over all of `text`, in windows side by side."""
    model.eval()
    count = (len(text) - 1) // context
    x = text[: count * context].view(count, context)
    y = text[1 : count * context + 1].view(count, context)
    total = 0.0
    for inputs, targets in zip(x.split(64), y.split(64)):
        logits = model(inputs)
        total += F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum").item()
    return total / y.numel()


def learning_rate(step, args):
    """Linear warm-up, then half a cosine to a tenth."""
    if step < args.warmup:
        return (step + 1) / args.warmup
    progress = (step - args.warmup) / max(1, args.steps - args.warmup)
    return 0.1 + 0.45 * (1 + math.cos(math.pi * progress))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--every", type=int, default=250, help="steps between validations")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--context", type=int, default=128)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--warmup", type=int, default=100)
    parser.add_argument("--sample", type=int, default=500, help="characters to write at the end")
    parser.add_argument("--resume", action="store_true")
    args = parse(parser)

    train, validation, characters = shakespeare(args.data)
    model = GPT(len(characters), args.context)
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters")
    decay = [p for p in model.parameters() if p.dim() == 2]
    rest = [p for p in model.parameters() if p.dim() != 2]
    groups = [{"params": decay, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=args.lr, betas=(0.9, 0.99))
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: learning_rate(step, args))
    checkpoint, done, kept = Path(args.out) / "checkpoint.pt", 0, 0
    if args.resume:
        state = torch.load(checkpoint)
        done, kept = state["step"], state["rows"]
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        scheduler.load_state_dict(state["scheduler"])
        torch.set_rng_state(state["rng"])
    log = Log(args.out, keep=kept)

    losses = []
    for step in range(done + 1, args.steps + 1):
        model.train()
        x, y = batch_of(train, args.context, args.batch)
        loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
        if step % args.every == 0 or step == args.steps:
            log.add(
                step=step,
                train_loss=sum(losses) / len(losses),
                validation_loss=evaluate(model, validation, args.context),
            )
            losses = []
            log.draw(
                "Character GPT on tiny Shakespeare",
                {"": "cross entropy per character (nats)", "train_loss": "training", "validation_loss": "validation"},
            )
            state = {"step": step, "rows": len(log.rows), "model": model.state_dict(), "rng": torch.get_rng_state()}
            torch.save({**state, "optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}, checkpoint)
    start = torch.tensor([[characters.index("\n")]])
    sample = "".join(characters[i] for i in model.generate(start, args.sample)[0].tolist())
    (Path(args.out) / "sample.txt").write_text(sample)
    print(sample)


if __name__ == "__main__":
    main()
