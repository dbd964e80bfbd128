"""Names letter by letter: counting pairs, then RNN, LSTM and GRU; new names from each."""

from typing import Any

import rutile as rt
from rutile import lessons, nn
from rutile.lessons import _text
from rutile.nn import functional as F

LETTERS = ".abcdefghijklmnopqrstuvwxyz"  # the dot begins and ends a name
LONGEST = 16
CELLS: dict[str, Any] = {"RNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}


class Speller(nn.Module):
    """Logits of the next letter after each: [N, T] to [N, T, 27]."""

    def __init__(self, cell: str, hidden: int = 96) -> None:
        super().__init__()
        self.letters = nn.Embedding(len(LETTERS), 24)
        self.cell = CELLS[cell](24, hidden, batch_first=True)
        self.head = nn.Linear(hidden, len(LETTERS))

    def forward(self, x: rt.Tensor, state: Any = None) -> tuple[rt.Tensor, Any]:
        out, state = self.cell(self.letters(x), state)
        return self.head(out), state


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    names = [name for name in _text.read("names.txt").split() if len(name) <= LONGEST]
    order = rt.randperm(len(names)).tolist()
    lines = encode([names[i] for i in order])
    train, test = lines[: -len(lines) // 10], lines[-len(lines) // 10 :]
    lesson.say("{count:,} names; the first: {some}", count=len(names), some=", ".join(names[:5]))

    lesson.heading("Counting pairs")
    counts = rt.ones(27, 27)  # one of each pair for those that never came
    targets = train[:, 1:]
    here = targets >= 0
    counts.index_put_((train[:, :-1][here], targets[here]), rt.ones(int(here.sum())), accumulate=True)
    pairs = (counts / counts.sum(1, keepdim=True)).log()
    found = {"pairs": loss_of(pairs[test[:, :-1].clamp(min=0)], test).item()}
    lesson.say("{loss:.3f} nats a letter; guessing blindly would cost {blind:.3f}", loss=found["pairs"], blind=3.296)

    lesson.heading("Recurrent networks")
    rows, curves, samples = [("pairs", 27 * 27, f"{found['pairs']:.3f}")], {}, {}
    for name in CELLS:
        rt.manual_seed(0)
        model = Speller(name)
        curves[name] = fit(lesson, model, train, lesson.pick(700, 200))
        with rt.no_grad():
            found[name] = loss_of(model(test[:, :-1].clamp(min=0))[0], test).item()
        rows.append((name, f"{sum(p.numel() for p in model.parameters()):,}", f"{found[name]:.3f}"))
        samples[name] = sample(model, 8)
    rows[0] = (lesson.text("pairs"), *rows[0][1:])
    lesson.table(["model", "parameters", "nats a letter (test)"], rows)
    known = set(names)
    for name, made in samples.items():
        lesson.say("{name}: {names}", name=name, names=" ".join(word + "*" * (word not in known) for word in made))
    lesson.say("(* not in the list)")

    with lesson.picture("pairs", size=(6.4, 5.6)) as axes:
        drawn = axes.imshow(pairs.exp().numpy())
        axes.set(xlabel="next letter", ylabel="letter", title="probability of the next letter (dot: begin or end)")
        axes.set(xticks=range(27), yticks=range(27), xticklabels=LETTERS, yticklabels=LETTERS)
        axes.grid(visible=False)
        axes.figure.colorbar(drawn, label="probability")
    with lesson.picture("learning", size=(6.4, 3.8)) as axes:
        for name, values in curves.items():
            axes.plot(*lessons.smooth(values, 20, 10), label=name)
        axes.axhline(found["pairs"], color="gray", linewidth=1)
        axes.annotate("pairs", (0.99, found["pairs"]), xycoords=("axes fraction", "data"), ha="right", va="bottom")
        axes.set(xlabel="step (128 names each)", ylabel="loss (nats a letter)", title="mean of 20 steps")
        axes.legend()
    return found


def encode(names: list[str]) -> rt.Tensor:
    """A row for each name: its letters between dots, then -100, which the loss leaves out."""
    rows = [[LETTERS.index(letter) for letter in f".{name}."] for name in names]
    return rt.tensor([row + [-100] * (LONGEST + 2 - len(row)) for row in rows])


def loss_of(logits: rt.Tensor, lines: rt.Tensor) -> rt.Tensor:
    return F.cross_entropy(logits.flatten(0, 1), lines[:, 1:].flatten())


def fit(lesson: lessons.Lesson, model: Speller, train: rt.Tensor, steps: int) -> list[float]:
    optimizer = rt.optim.Adam(model.parameters(), lr=5e-3)
    schedule = rt.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    losses = []
    for _ in lesson.track(range(steps), "training"):
        lines = train[rt.randint(0, len(train), (128,))]
        loss = loss_of(model(lines[:, :-1].clamp(min=0))[0], lines)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return losses


@rt.no_grad()
def sample(model: Speller, count: int) -> list[str]:
    """New names, all at once, letter by letter until the dot."""
    letter, state, rows = rt.zeros(count, 1, dtype=rt.int64), None, []
    for _ in range(LONGEST):
        logits, state = model(letter, state)
        letter = rt.multinomial(F.softmax(logits[:, -1], -1), 1)
        rows.append(letter)
    words = ["".join(LETTERS[i] for i in row) for row in rt.cat(rows, 1).tolist()]
    return [word.partition(".")[0] for word in words]


if __name__ == "__main__":
    lessons.script(main)
