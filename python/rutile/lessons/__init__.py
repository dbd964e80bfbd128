"""The course: short programs, one per idea, in the order in which courses teach them.

`rutile lesson` lists them, `rutile lesson NAME` runs one; each file is also a plain script. The pictures need the extra
`plots`. The programs read best beside their pages, `docs/lessons/` (in Korean `docs/ko/lessons/`).

A program is a file `lNN_name.py` (`lNNa_name.py`, `lNNb_name.py` if a lesson has several) with a docstring, whose first
line is its line in the list, and a function `main(lesson)` that returns what it found. What it prints is written in
English; `ko/` has the same sentences in Korean.

>>> from rutile import lessons
>>> [program.number for program in lessons.programs()][0], lessons.find("tensors").name
('1', 'tensors')
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rutile.lessons._lesson import LANGUAGES, Lesson, LessonError, script, smooth, translations

__all__ = ["LANGUAGES", "Lesson", "LessonError", "Program", "find", "programs", "run", "script", "smooth"]


@dataclasses.dataclass(frozen=True)
class Program:
    """One program of the course."""

    number: str
    """Its lesson, and a letter if that has several programs: `1`, `2a`."""
    name: str
    """What `rutile lesson` calls it: `linear-regression`."""
    module: str
    """The module's name: `l02a_linear_regression`."""

    def load(self) -> Any:
        """The module."""
        return importlib.import_module(f"{__name__}.{self.module}")

    def title(self, lang: str = "en") -> str:
        """Its line in the list."""
        title = (self.load().__doc__ or "").partition("\n")[0]
        return translations(self.module, lang).get(title, title)


def programs() -> list[Program]:
    """All programs of the course in its order."""
    found = []
    for module in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        match = re.fullmatch(r"l(\d\d)([a-z]?)_(\w+)", module)
        if match:
            number, letter, name = match.groups()
            found.append(Program(number.lstrip("0") + letter, name.replace("_", "-"), module))
    return found


def find(name: str) -> Program:
    """The program of this name (`tensors`) or number (`1`, `2a`); `LessonError` if there is none."""
    every = programs()
    for program in every:
        if name in (program.name, program.number, program.module):
            return program
    several = [program.name for program in every if program.number.rstrip("abcdefghijklmnopqrstuvwxyz") == name]
    if several:
        raise LessonError(f"lesson {name} has several programs: {', '.join(several)}")
    raise LessonError(f"no lesson {name!r}; `rutile lesson` lists them")


def run(name: str, *, lang: str = "en", out: str | Path | None = None, quick: bool = False) -> dict[str, Any]:
    """Runs a program of the course and returns what it found.

    Args:
        name: as `find` takes it.
        lang: the language of what it prints, `en` or `ko`.
        out: the folder of its pictures, by default `runs/lessons/NAME`.
        quick: a shortened form, for tests; what it finds is less clear.
    """
    program = find(name)
    main: Callable[[Lesson], dict[str, Any]] = program.load().main
    return Lesson(program.module, lang, Path(out or Path("runs/lessons") / program.name), quick).run(main)
