"""A character language model with a 2x256 LSTM on tiny Shakespeare, to a validation loss under 1.85.

    RUTILE_DATA=... python -m rutile.compat examples/char_lstm.py --out runs/lstm      # on Rutile
    RUTILE_DATA=... python examples/char_lstm.py --out runs/lstm-torch                 # on PyTorch

The text is read as `--batch` streams side by side; the state goes from one piece to the next (truncated
backpropagation through time). `--epochs 1 --steps 20` tries it out. Writes `log.csv`, `curves.png`, `sample.txt` and
after each epoch `checkpoint.pt`, from which `--resume` goes on.
"""

import argparse
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F
from common import Log, parse, shakespeare


class CharLSTM(nn.Module):
    def __init__(self, vocabulary, embedding=64, hidden=256, layers=2, dropout=0.2):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, embedding)
        self.lstm = nn.LSTM(embedding, hidden, layers, batch_first=True, dropout=dropout)
        self.drop = nn.Dropout(dropout)
        self.head = nn.Linear(hidden, vocabulary)

    def forward(self, x, state=None):
        x, state = self.lstm(self.embedding(x), state)
        return self.head(self.drop(x)), state

    @torch.no_grad()
    def generate(self, x, length, temperature=0.8):
        self.eval()
        result, state = [x], None
        for _ in range(length):
            logits, state = self(result[-1], state)
            result.append(torch.multinomial(F.softmax(logits[:, -1] / temperature, dim=-1), 1))
        return torch.cat(result, dim=1)


def pieces(text, batch, length):
    """Inputs and targets of `length` characters, one after the other from `batch` streams of `text`."""
    width = (len(text) - 1) // batch
    inputs = text[: batch * width].view(batch, width)
    targets = text[1 : batch * width + 1].view(batch, width)
    return list(zip(inputs.split(length, dim=1), targets.split(length, dim=1)))


@torch.no_grad()
def evaluate(model, text):
    """The mean loss per character of `text`, read in 16 streams."""
    model.eval()
    total, count, state = 0.0, 0, None
    for x, y in pieces(text, 16, 200):
        logits, state = model(x, state)
        total += F.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="sum").item()
        count += y.numel()
    return total / count


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--length", type=int, default=64)
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--steps", type=int, help="of each epoch, to try the script out")
    parser.add_argument("--sample", type=int, default=500, help="characters to write at the end")
    parser.add_argument("--resume", action="store_true")
    args = parse(parser)

    train, validation, characters = shakespeare(args.data)
    model = CharLSTM(len(characters))
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters")
    batches = pieces(train, args.batch, args.length)[: args.steps]
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.epochs * len(batches))
    checkpoint, done = Path(args.out) / "checkpoint.pt", 0
    if args.resume:
        saved = torch.load(checkpoint)
        done = saved["epoch"]
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        scheduler.load_state_dict(saved["scheduler"])
        torch.set_rng_state(saved["rng"])
    log = Log(args.out, keep=done)

    for epoch in range(done + 1, args.epochs + 1):
        model.train()
        total, state = 0.0, None
        for step, (x, y) in enumerate(batches):
            logits, state = model(x, state)
            state = tuple(part.detach() for part in state)
            loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            total += loss.item()
            if step % 50 == 0:
                print(f"epoch {epoch}  step {step}/{len(batches)}  loss {loss.item():.3f}", flush=True)
        log.add(epoch=epoch, train_loss=total / len(batches), validation_loss=evaluate(model, validation))
        log.draw(
            "2x256 LSTM on tiny Shakespeare",
            {"": "cross entropy per character (nats)", "train_loss": "training", "validation_loss": "validation"},
        )
        saved = {"epoch": epoch, "model": model.state_dict(), "optimizer": optimizer.state_dict()}
        torch.save({**saved, "scheduler": scheduler.state_dict(), "rng": torch.get_rng_state()}, checkpoint)
    start = torch.tensor([[characters.index("\n")]])
    sample = "".join(characters[i] for i in model.generate(start, args.sample)[0].tolist())
    (Path(args.out) / "sample.txt").write_text(sample)
    print(sample)


if __name__ == "__main__":
    main()
