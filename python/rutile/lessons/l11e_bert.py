"""A small BERT: some letters of Shakespeare are masked, the network fills them in from both sides."""

from typing import Any

import rutile as rt
from rutile import lessons, models, nn
from rutile.lessons import _text
from rutile.nn import functional as F

LENGTH = 32


class Masked(nn.Module):
    """BERT and a linear layer: [N, T] letters to [N, T, letters] logits."""

    def __init__(self, letters: int, width: int) -> None:
        super().__init__()
        self.bert = models.BERT(
            vocab_size=letters + 1,  # and the mask
            hidden_size=width, num_hidden_layers=2, num_attention_heads=4, intermediate_size=4 * width,
            max_position_embeddings=LENGTH, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, pad_token_id=0,
        )  # fmt: skip
        for layer in self.bert.modules():
            if isinstance(layer, nn.Linear):  # BERT's own deviation, 0.02, suits a width of 768
                nn.init.xavier_uniform_(layer.weight)
        # Sines as positions: neighbours are alike from the start, which learned positions take long to find out.
        rates = 10_000 ** (-rt.arange(0, width, 2) / width)
        angles = rt.arange(float(LENGTH)).unsqueeze(1) * rates
        with rt.no_grad():
            self.bert.embeddings.position_embeddings.weight.copy_(0.1 * rt.cat([angles.sin(), angles.cos()], 1))
        self.head = nn.Linear(width, letters)

    def forward(self, x: rt.Tensor) -> rt.Tensor:
        logits: rt.Tensor = self.head(self.bert(x)[0])
        return logits


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    text = _text.read("tinyshakespeare.txt")
    letters = sorted(set(text))
    number = {letter: i for i, letter in enumerate(letters)}
    codes = rt.tensor([number[letter] for letter in text])
    cut = len(codes) * 9 // 10
    train, test = codes[:cut], codes[cut:]
    mask = len(letters)
    # The commonest letter between two given ones: what counting can do.
    triples = rt.zeros(mask * mask, mask)
    triples.index_put_((train[:-2] * mask + train[2:], train[1:-1]), rt.ones(len(train) - 2), accumulate=True)

    lesson.heading("Training")
    model = Masked(mask, lesson.pick(96, 64))
    lesson.say("{count:,} parameters", count=sum(p.numel() for p in model.parameters()))
    losses = fit(lesson, model, train, mask, lesson.pick(2500, 500))

    lesson.heading("Filling in")
    rt.manual_seed(1)
    x = windows(test, 1000)
    hidden = rt.rand(x.shape) < 0.15
    hidden[:, 0] = hidden[:, -1] = False
    with rt.no_grad():
        said = model(x.masked_fill(hidden, mask)).argmax(2)
    between = triples.argmax(1)[x.roll(1, 1) * mask + x.roll(-1, 1)]
    commonest = train.bincount().argmax()
    found = {
        name: (guess == x)[hidden].float().mean().item()
        for name, guess in [("commonest", commonest), ("neighbours", between), ("bert", said)]
    }
    names = [("commonest", "the commonest letter"), ("neighbours", "counting, both neighbours seen"), ("bert", "BERT")]
    lesson.table(["guess", "masked letters right"], [(lesson.text(name), f"{found[key]:.1%}") for key, name in names])
    for row in range(3):
        for label, codes_shown in [
            ("text", x[row]), ("masked", x[row].masked_fill(hidden[row], mask)),
            ("filled in", rt.where(hidden[row], said[row], x[row])),
        ]:  # fmt: skip
            shown = "".join("_" if i == mask else letters[i].replace("\n", "/") for i in codes_shown.tolist())
            lesson.say("  {line}  {label}", line=shown, label=lesson.text(label))
        lesson.say()

    with lesson.picture("learning", size=(6.4, 3.8)) as axes:
        axes.plot(*lessons.smooth(losses, 25, 5))
        axes.set(xlabel="step", ylabel="cross entropy (nats a masked letter)", title="mean of 25 steps")
    with rt.no_grad():
        line = x[:1].masked_fill(hidden[:1], mask)
        likely = F.softmax(model(line)[0][hidden[0]], -1)
    places = hidden[0].nonzero()[:, 0].tolist()
    with lesson.picture("beliefs", size=(10, 3.4)) as axes:
        order = likely.sum(0).topk(12).indices
        drawn = axes.imshow(likely[:, order].numpy(), vmin=0, vmax=1, aspect="auto")
        truth = [letters[i] for i in x[0][hidden[0]].tolist()]
        columns = {letters[i]: column for column, i in enumerate(order.tolist())}
        dots = [(columns[letter], row) for row, letter in enumerate(truth) if letter in columns]
        axes.scatter(*zip(*dots, strict=True), color="#D55E00", edgecolor="white", s=60)
        axes.set(xticks=range(12), xticklabels=[repr(letters[i]) for i in order.tolist()], xlabel="letter")
        axes.set(yticks=range(len(truth)), yticklabels=[f"{p}: {t!r}" for p, t in zip(places, truth, strict=True)])
        axes.set(ylabel="masked place: truth", title="what the network believes (dot: the truth)")
        axes.grid(visible=False)
        axes.figure.colorbar(drawn, label="probability")
    return found


def windows(codes: rt.Tensor, count: int) -> rt.Tensor:
    """Stretches of the text from random places, [N, T]."""
    return codes[rt.randint(0, len(codes) - LENGTH, (count, 1)) + rt.arange(LENGTH)]


def fit(lesson: lessons.Lesson, model: Masked, train: rt.Tensor, mask: int, steps: int) -> list[float]:
    optimizer = rt.optim.AdamW(model.parameters(), lr=2e-3)
    schedule = rt.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps, pct_start=0.1)
    losses = []
    for _ in lesson.track(range(steps), "training"):
        x = windows(train, 32)
        chosen = rt.rand(x.shape) < 0.15
        # Of the chosen, 80 % are masked, 10 % replaced, 10 % left: the network has to doubt every letter.
        dice = rt.rand(x.shape)
        shown = x.masked_fill(chosen & (dice < 0.8), mask)
        shown = rt.where(chosen & (dice > 0.9), rt.randint(0, mask, x.shape), shown)
        loss = F.cross_entropy(model(shown)[chosen], x[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return losses


if __name__ == "__main__":
    lessons.script(main)
