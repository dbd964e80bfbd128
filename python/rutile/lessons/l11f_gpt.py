"""A small GPT on Shakespeare: it writes at several temperatures, and what a temperature does."""

import math
from typing import Any

import rutile as rt
from rutile import lessons, models, nn
from rutile.lessons import _text
from rutile.nn import functional as F


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    text = _text.read("tinyshakespeare.txt")
    letters = sorted(set(text))
    number = {letter: i for i, letter in enumerate(letters)}
    codes = rt.tensor([number[letter] for letter in text])
    cut = len(codes) * 9 // 10
    train, validation = codes[:cut], codes[cut:]
    length = lesson.pick(64, 32)

    lesson.heading("Training")
    sizes = lesson.pick({"n_layer": 3, "n_embd": 96}, {"n_layer": 2, "n_embd": 64})
    model = models.GPT(vocab_size=len(letters), block_size=length, n_head=4, **sizes)
    lesson.say("{count:,} parameters", count=sum(p.numel() for p in model.parameters()))
    before = loss_of(model, windows(validation, 64, length)).item()
    losses = fit(lesson, model, train, lesson.pick(1000, 200), length)
    model.eval()
    with rt.no_grad():
        after = loss_of(model, windows(validation, 300, length)).item()
    lesson.say(
        "validation loss {before:.2f} before training (log {count} = {blind:.2f}), {after:.2f} after it: as unsure as "
        "between {choices:.1f} letters",
        before=before, after=after, count=len(letters), blind=math.log(len(letters)), choices=math.exp(after),
    )  # fmt: skip

    lesson.heading("No peeking")
    x = windows(validation, 1, length)[:, :-1]
    changed = x.clone()
    changed[:, length // 2 :] = 0
    with rt.no_grad():
        leak = (model(x) - model(changed))[:, : length // 2].abs().max().item()
    lesson.say("changing the second half of a text changes the first half's predictions by {leak:.0e}", leak=leak)

    lesson.heading("Writing")
    start = rt.tensor([[number["\n"]]])
    unlike = {}
    for temperature in (0.3, 0.8, 1.3):
        rt.manual_seed(0)
        written = model.generate(start, lesson.pick(240, 80), temperature)[0, 1:]
        words = "".join(letters[i] for i in written.tolist())
        lesson.say("temperature {temperature}:", temperature=temperature)
        print("\n".join("    " + line for line in words.split("\n")))
        known = set(text.split())
        unlike[temperature] = sum(word not in known for word in words.split()) / max(1, len(words.split()))
    lesson.table(
        ["temperature", "words that Shakespeare does not use"],
        [(temperature, f"{share:.0%}") for temperature, share in unlike.items()],
    )

    with rt.no_grad():
        prompt = rt.tensor([[number[letter] for letter in "\nROMEO:\nWhat, th"[-length:]]])
        logits = model(prompt)[0, -1]
    top = logits.topk(8).indices
    entropy = {}
    with lesson.picture("temperature", size=(7.5, 3.8)) as axes:
        for place, (temperature, hatch) in enumerate([(0.3, ""), (0.8, "//"), (1.3, "..")]):
            likely = F.softmax(logits / temperature, 0)
            entropy[temperature] = -(likely * likely.clamp(min=1e-30).log()).sum().item()
            where = [i + 0.27 * (place - 1) for i in range(8)]
            bars = axes.bar(where, likely[top].tolist(), 0.26, hatch=hatch, edgecolor="white")
            bars.set_label(f"temperature {temperature}")
        axes.set(xticks=range(8), xticklabels=[repr(letters[i]) for i in top.tolist()], xlabel="next letter")
        axes.set(ylabel="probability", title='after "What, th"')
        axes.legend()
    with lesson.picture("learning", size=(6.4, 3.8)) as axes:
        axes.plot(*lessons.smooth(losses, 25, 5), label="training, mean of 25 steps")
        axes.axhline(after, color="gray", label="validation, at the end")
        axes.set(xlabel="step", ylabel="cross entropy (nats a letter)")
        axes.legend()
    return {"before": before, "after": after, "leak": leak, "blind": math.log(len(letters)), "entropy": entropy}


def windows(codes: rt.Tensor, count: int, length: int) -> rt.Tensor:
    """Stretches of the text from random places, one letter longer than the network reads, [N, T + 1]."""
    return codes[rt.randint(0, len(codes) - length, (count, 1)) + rt.arange(length + 1)]


def loss_of(model: models.GPT, x: rt.Tensor) -> rt.Tensor:
    """Each letter is predicted from those before it."""
    return F.cross_entropy(model(x[:, :-1]).flatten(0, 1), x[:, 1:].flatten())


def fit(lesson: lessons.Lesson, model: models.GPT, train: rt.Tensor, steps: int, length: int) -> list[float]:
    optimizer = rt.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.1)
    schedule = rt.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps, pct_start=0.1)
    losses = []
    for _ in lesson.track(range(steps), "training"):
        loss = loss_of(model, windows(train, 32, length))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return losses


if __name__ == "__main__":
    lessons.script(main)
