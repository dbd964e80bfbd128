"""Sequence to sequence with attention: dates as people write them become 2026-11-21."""

import datetime
import random
from typing import Any

import rutile as rt
from rutile import lessons, nn
from rutile.nn import functional as F

FORMATS = ("%d %B %Y", "%B %d, %Y", "%A, %d %B %Y", "%d/%m/%y", "%d %b %Y", "%b %d %Y")
LENGTH = 30  # of what people write, padded with spaces
OUT = "0123456789-"
BEGIN = len(OUT)


class Translator(nn.Module):
    """A GRU in both directions reads, another writes; before each letter it looks where it wants to read."""

    def __init__(self, letters: int, hidden: int = 64) -> None:
        super().__init__()
        self.read = nn.Embedding(letters, 24)
        self.encoder = nn.GRU(24, hidden, batch_first=True, bidirectional=True)
        self.written = nn.Embedding(len(OUT) + 1, 24)
        self.decoder = nn.GRUCell(24 + 2 * hidden, hidden)
        self.key, self.query = nn.Linear(2 * hidden, hidden), nn.Linear(hidden, hidden)
        self.score, self.head = nn.Linear(hidden, 1), nn.Linear(3 * hidden, len(OUT))
        self.hidden = hidden

    def forward(self, x: rt.Tensor, target: rt.Tensor | None = None) -> tuple[rt.Tensor, rt.Tensor]:
        """Logits [N, 10, 11] and attention [N, 10, 30]; fed with `target` or with what it wrote itself."""
        memory, _ = self.encoder(self.read(x))  # [N, 30, 2H]
        keys = self.key(memory)
        state = rt.zeros(len(x), self.hidden)
        last = rt.full((len(x),), BEGIN)
        logits, looks = [], []
        for place in range(10):
            # D. Bahdanau et al., 2015: score = v . tanh(W q + U k)
            score = self.score(rt.tanh(self.query(state).unsqueeze(1) + keys))[..., 0]  # [N, 30]
            look = F.softmax(score, -1)
            context = (look.unsqueeze(1) @ memory)[:, 0]  # [N, 2H]
            state = self.decoder(rt.cat([self.written(last), context], 1), state)
            logits.append(self.head(rt.cat([state, context], 1)))
            looks.append(look)
            last = logits[-1].argmax(1) if target is None else target[:, place]
        return rt.stack(logits, 1), rt.stack(looks, 1)


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    random.seed(0)
    pairs = [one() for _ in range(lesson.pick(8000, 2500))]
    letters = sorted({letter for written, _ in pairs for letter in written} | {" "})
    x = rt.tensor([[letters.index(c) for c in written.ljust(LENGTH)] for written, _ in pairs])
    y = rt.tensor([[OUT.index(c) for c in plain] for _, plain in pairs])
    tests = 500
    lesson.say("{count:,} dates such as {some}", count=len(pairs), some=" | ".join(written for written, _ in pairs[:3]))

    lesson.heading("Training")
    model = Translator(len(letters))
    lesson.say("{count:,} parameters", count=sum(p.numel() for p in model.parameters()))
    losses = fit(lesson, model, x[tests:], y[tests:], lesson.pick(500, 220))
    with rt.no_grad():
        logits, looks = model(x[:tests])
    said = logits.argmax(2)
    found = {
        "letters": (said == y[:tests]).float().mean().item(),
        "dates": (said == y[:tests]).all(1).float().mean().item(),
        "attention_sum": looks.sum(2).max().item(),
    }
    lesson.say(
        "test: {letters:.1%} of the letters, {dates:.1%} of the dates right",
        letters=found["letters"],
        dates=found["dates"],
    )
    words = ["".join(OUT[i] for i in row) for row in said.tolist()]
    lesson.table(
        ["written", "said", "meant"],
        [(written, word, plain) for (written, plain), word in zip(pairs[:8], words, strict=False)],
    )

    longest = max(range(tests), key=lambda i: len(pairs[i][0]))
    shortest = next(i for i in range(tests) if "/" in pairs[i][0])
    with lesson.picture("attention", 1, 2, size=(11, 4.4), width_ratios=(3, 2)) as axes:
        for axis, i in zip(axes, (longest, shortest), strict=True):
            text = pairs[i][0]
            drawn = axis.imshow(looks[i, :, : len(text)].numpy(), vmin=0, vmax=1)
            axis.set(xticks=range(len(text)), yticks=range(10), xticklabels=text, yticklabels=words[i])
            axis.set(xlabel="read", ylabel="written")
            axis.grid(visible=False)
        axes[1].figure.colorbar(drawn, ax=axes, label="attention")
    with lesson.picture("learning", size=(6, 3.6)) as axes:
        axes.semilogy(losses)
        axes.set(xlabel="step (64 dates each)", ylabel="cross entropy (nats a letter)")
    return found


def one() -> tuple[str, str]:
    """A date as people write it, and plainly."""
    date = datetime.date(1970, 1, 1) + datetime.timedelta(days=random.randrange(60 * 365))
    return date.strftime(random.choice(FORMATS)).lower(), date.isoformat()


def fit(lesson: lessons.Lesson, model: Translator, x: rt.Tensor, y: rt.Tensor, steps: int) -> list[float]:
    optimizer = rt.optim.Adam(model.parameters(), lr=5e-3)
    schedule = rt.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    losses = []
    for _ in lesson.track(range(steps), "training"):
        batch = rt.randint(0, len(x), (64,))
        logits, _ = model(x[batch], y[batch])
        loss = F.cross_entropy(logits.flatten(0, 1), y[batch].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return losses


if __name__ == "__main__":
    lessons.script(main)
