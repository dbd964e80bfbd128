"""What a program of the course gets from outside: a language, a folder for pictures, a way to show progress."""

from __future__ import annotations

import argparse
import contextlib
import functools
import string
import sys
import time
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import rutile as rt
from rutile._files import replacing
from rutile.datasets import DataError
from rutile.training.progress import clock, make_bar

LANGUAGES = ("en", "ko")
_T = TypeVar("_T")

# Colours that stay apart in every common form of colour blindness, with a line style each for print.
# M. Okabe, K. Ito, *Color Universal Design*, 2008.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES = ("-", "--", "-.", ":", (0, (12, 2)), (0, (3, 1, 1, 1, 1, 1)), (0, (1, 3)))
STYLE: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": "medium",
    "grid.alpha": 0.3,
    "image.cmap": "cividis",
    "legend.edgecolor": "none",
    "legend.framealpha": 0.8,
    "savefig.dpi": 120,
}


class LessonError(Exception):
    """A program of the course cannot run as asked; the message says what would work."""


@functools.cache
def translations(module: str, lang: str) -> dict[str, str]:
    """The sentences of a program in another language, by their English form; none for English."""
    if lang == "en":
        return {}
    folder = Path(__file__).parent / lang
    files = [file for file in (folder / "common.toml", folder / f"{module}.toml") if file.exists()]
    return {english: text for file in files for english, text in tomllib.loads(file.read_text("utf-8")).items()}


class Lesson:
    """Handed to `main` of each program: what it prints, draws and how long it may take goes through here.

    Args:
        module: the program's module, which names its translations.
        lang: the language of what it prints, one of `LANGUAGES`.
        out: the folder of its pictures; made when the first is saved.
        quick: whether to take the shortened form (see `pick`).
    """

    def __init__(self, module: str, lang: str, out: Path, quick: bool) -> None:
        if lang not in LANGUAGES:
            raise LessonError(f"--lang: no {lang!r}; there are {', '.join(LANGUAGES)}")
        self.module, self.lang, self.out, self.quick = module, lang, out, quick

    def run(self, main: Callable[[Lesson], dict[str, Any]]) -> dict[str, Any]:
        """Runs the program with random numbers that are the same every time and returns what it found."""
        try:
            import matplotlib  # noqa: F401
        except ImportError:
            raise LessonError("the lessons draw with matplotlib: pip install 'rutile[plots]'") from None
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="replace")  # a terminal without Hangul shows question marks, not a traceback
        began = time.perf_counter()
        rt.manual_seed(0)
        found = main(self)
        self.say("done in {seconds:.1f} s", seconds=time.perf_counter() - began)
        return found

    def pick(self, full: _T, quick: _T) -> _T:
        """`full`, or `quick` in the shortened form."""
        return quick if self.quick else full

    def text(self, text: str, **values: Any) -> str:
        """The sentence in the chosen language, with `values` filled in as `str.format` does."""
        return translations(self.module, self.lang).get(text, text).format(**values)

    def say(self, text: str = "", **values: Any) -> None:
        """Prints a sentence."""
        print(self.text(text, **values) if text else "", flush=True)

    def heading(self, text: str) -> None:
        """Prints the name of a part of the program."""
        line = self.text(text)
        print(f"\n{line}\n{'-' * width(line)}", flush=True)

    def table(self, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Prints columns below translated headings: numbers to the right, text to the left."""
        cells = [[str(cell) for cell in row] for row in rows]
        titles = [self.text(title) for title in header]
        widths = [max(map(width, column)) for column in zip(titles, *cells, strict=True)]
        right = [all(cell[:1] in string.digits + "-+." for cell in column) for column in zip(*cells, strict=True)]
        for row in (titles, *cells):
            padded = [
                " " * (size - width(cell)) + cell if numeric else cell + " " * (size - width(cell))
                for cell, size, numeric in zip(row, widths, right, strict=True)
            ]
            print(("  " + "  ".join(padded)).rstrip(), flush=True)

    def track(self, items: Iterable[_T], text: str) -> Iterator[_T]:
        """The items, while a bar (a line every ten seconds where there is no terminal) shows how far the loop is."""
        items = list(items)
        label = self.text(text)
        interval = 0.1 if sys.stdout.isatty() else 10.0
        bar = make_bar(sys.stdout)
        began = shown = time.perf_counter()
        try:
            for done, item in enumerate(items):
                now = time.perf_counter()
                if done and now - shown >= interval:
                    shown = now
                    left = (now - began) / done * (len(items) - done)
                    bar.show(done, len(items), label, self.text("{time} left", time=clock(left)))
                yield item
        finally:
            bar.close()

    @contextlib.contextmanager
    def picture(
        self, name: str, rows: int = 1, columns: int = 1, *, size: tuple[float, float] | None = None, **options: Any
    ) -> Iterator[Any]:
        """A figure's axes to draw on (an array of them if there are several); saved as `name.png` at the end.

        `size` is in inches, by default 4.8 x 3.8 for each of the axes; `options` go to `Figure.subplots`.
        """
        import matplotlib
        from cycler import cycler
        from matplotlib.figure import Figure  # without pyplot no display is asked for
        from matplotlib.ticker import MaxNLocator

        style = {**STYLE, "axes.prop_cycle": cycler(color=COLOURS) + cycler(linestyle=DASHES)}
        with matplotlib.rc_context(style):
            figure = Figure(figsize=size or (4.8 * columns, 3.8 * rows), layout="constrained")
            yield figure.subplots(rows, columns, **options)
            for axes in figure.axes:
                locator: Any = axes.xaxis.get_major_locator()
                if axes.get_xlabel() == "epoch" and isinstance(locator, MaxNLocator):
                    locator.set_params(integer=True)  # there is no epoch 2.5
            self.out.mkdir(parents=True, exist_ok=True)
            with replacing(self.out / f"{name}.png") as temporary:
                figure.savefig(temporary, format="png")
        self.say("picture: {path}", path=self.out / f"{name}.png")

    def show(self, axes: Any, image: Any, title: str = "", **options: Any) -> Any:
        """Draws a matrix (or height x width x 3 colours) as an image, without ticks; `options` go to `imshow`."""
        drawn = axes.imshow(image.detach().numpy() if isinstance(image, rt.Tensor) else image, **options)
        axes.set(title=title, xticks=[], yticks=[])
        axes.spines[:].set_visible(True)
        axes.grid(visible=False)
        return drawn


def smooth(values: Sequence[float], window: int, every: int = 1) -> tuple[list[int], list[float]]:
    """A noisy curve made readable: steps, and the mean of the `window` values up to each; only each `every`th."""
    means = rt.tensor(values).unfold(0, window, every).mean(1).tolist()
    return [window + every * i for i in range(len(means))], means


def width(text: str) -> int:
    """The columns that `text` takes on a terminal: two for each Hangul syllable."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def script(main: Callable[[Lesson], dict[str, Any]]) -> None:
    """Runs a program of the course that was started as a script: `python l01_tensors.py --lang ko`."""
    module = Path(sys.argv[0]).stem
    parser = argparse.ArgumentParser(description=(main.__globals__["__doc__"] or "").partition("\n")[0])
    parser.add_argument("--lang", choices=LANGUAGES, default="en", help="language of what is printed (default en)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder of the pictures (default: runs/lessons/NAME)")
    parser.add_argument("--quick", action="store_true", help="a shortened form, for tests: its results are less clear")
    options = parser.parse_args()
    name = (module.partition("_")[2] or module).replace("_", "-")
    try:
        Lesson(module, options.lang, options.out or Path("runs/lessons") / name, options.quick).run(main)
    except (LessonError, DataError) as error:
        parser.error(str(error))
