"""The command `rutile`: train a network, run the course, measure the engine, say what is installed."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

USAGE, FAILURE, INTERRUPTED, TERMINATED, PIPE_CLOSED = 2, 1, 130, 143, 141
"""Exit statuses besides 0."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns its exit status: 0, 1 (failure), 2 (usage), 130 (Ctrl-C), 143 (SIGTERM)."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of a pipe (`| head`) went away. Python's own flush at exit must not complain about it again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="rutile", description="Deep learning on CPUs.")
    parser.add_argument(
        "--version", action=_ShowVersion, nargs=0, default=argparse.SUPPRESS, help="show the version and exit"
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_train(commands)
    _add_lesson(commands)
    _add_bench(commands)
    info = commands.add_parser(
        "info", help="version, instruction set, threads, build", description="Says what is installed."
    )
    info.set_defaults(run=_info)
    return parser


class _ShowVersion(argparse.Action):
    """`--version`; the package is imported only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        import rutile

        print(f"rutile {rutile.__version__}")
        parser.exit()


def _add_train(commands: Any) -> None:
    train = commands.add_parser(
        "train",
        help="train a network on handwritten digits",
        description="Trains a network and leaves its weights, metrics and pictures in a folder. Without options: a "
        "convolutional network on the digits that ship with rutile, in half a minute.",
        # Only the options that were given are set: a resumed run compares them, a new one fills in the others.
        argument_default=argparse.SUPPRESS,
    )
    train.set_defaults(run=_train)
    what = train.add_argument_group("what to train")
    what.add_argument("--dataset", metavar="NAME", help="digits (default, 8x8, ships with rutile) or mnist (28x28)")
    what.add_argument("--model", metavar="NAME", help="cnn (default), mlp or lenet")
    what.add_argument(
        "--data",
        metavar="DIR",
        help="folder of the MNIST files (without it, or if it lacks them: RUTILE_DATA, else a download)",
    )
    how = train.add_argument_group("how")
    how.add_argument("--epochs", type=int, metavar="N", help="passes over the training images")
    how.add_argument("--batch", type=int, metavar="N", help="images per step")
    how.add_argument(
        "--optimizer", metavar="NAME", help="adam (default), adamw, sgd, momentum, nesterov, rmsprop, adagrad, adadelta"
    )
    how.add_argument("--rate", type=float, metavar="X", help="learning rate (default: by optimizer)")
    how.add_argument("--schedule", metavar="NAME", help="onecycle (default), cosine, step or constant")
    how.add_argument("--seed", type=int, metavar="N", help="fixes everything random (default 0)")
    how.add_argument(
        "--validation", type=float, metavar="X", help="share of the training images kept aside (default 0.1)"
    )
    how.add_argument(
        "--shift",
        type=int,
        metavar="N",
        help="move training images by up to N pixels (default: 1 for cnn on digits, else 0)",
    )
    how.add_argument(
        "--patience",
        type=int,
        metavar="N",
        help="stop after N epochs without improvement and keep the best (default 0: never)",
    )
    how.add_argument(
        "--threads", type=int, metavar="N", help="threads (default: one per core); the result is the same for any N"
    )
    run = train.add_argument_group("the run")
    run.add_argument(
        "--out", type=Path, metavar="DIR", help="folder of the run (default: a new one, runs/DATASET-MODEL-N)"
    )
    run.add_argument(
        "--resume",
        nargs="?",
        type=Path,
        const=None,
        metavar="DIR",
        help="go on with an interrupted run: the one in DIR, in --out, or the newest unfinished one in runs",
    )
    run.add_argument(
        "--checkpoint-seconds", type=float, metavar="S", help="longest time between checkpoints (default 5)"
    )


def _train(options: argparse.Namespace) -> int:
    from rutile.datasets import DataError
    from rutile.training import DivergedError, Interrupted, UsageError, train
    from rutile.training.interrupt import Terminated

    given = {name: value for name, value in vars(options).items() if name not in ("run", "out", "resume")}
    resume, folder = "resume" in options, getattr(options, "resume", None)
    out = folder or getattr(options, "out", None)
    try:
        if folder and "out" in options and options.out != folder:
            raise UsageError(f"--resume {folder} and --out {options.out} name two folders: give one of them")
        if folder and not folder.is_dir():
            raise UsageError(f"--resume: there is no folder {folder}; start a run there with --out {folder}")
        train(given, out, resume)
    except UsageError as error:
        return _complain(error, USAGE)
    except (DataError, DivergedError, OSError) as error:
        if isinstance(error, BrokenPipeError):
            raise
        return _complain(error, FAILURE)
    except Interrupted as stop:
        print(f"\nstopped; go on with: rutile train --resume {stop.folder}", file=sys.stderr)
        return TERMINATED if isinstance(stop, Terminated) else INTERRUPTED
    return 0


def _add_lesson(commands: Any) -> None:
    lesson = commands.add_parser(
        "lesson",
        help="run a program of the course, or list them",
        description="Runs a program of the course, from tensors to a GPT: it prints what it finds and saves pictures. "
        "Without a name: lists all of them. The pages beside them are in docs/lessons.",
    )
    lesson.set_defaults(run=_lesson)
    lesson.add_argument("name", nargs="?", metavar="NAME", help="its name or number, as in the list")
    lesson.add_argument("--lang", metavar="LANG", default="en", help="language of the output: en (default) or ko")
    lesson.add_argument("--out", type=Path, metavar="DIR", help="folder of the pictures (default: runs/lessons/NAME)")
    lesson.add_argument("--quick", action="store_true", help="a shortened form, for tests: its results are less clear")


def _lesson(options: argparse.Namespace) -> int:
    from rutile import lessons
    from rutile.datasets import DataError

    if options.lang not in lessons.LANGUAGES:
        return _complain(f"--lang: no {options.lang!r}; there are {', '.join(lessons.LANGUAGES)}", USAGE)
    if options.name is None:
        every = lessons.programs()
        width = max(len(program.name) for program in every)
        for program in every:
            print(f"{program.number:>3}  {program.name:<{width}}  {program.title(options.lang)}")
        return 0
    try:
        lessons.run(options.name, lang=options.lang, out=options.out, quick=options.quick)
    except lessons.LessonError as error:
        return _complain(error, USAGE)
    except (DataError, OSError) as error:
        if isinstance(error, BrokenPipeError):
            raise
        return _complain(error, FAILURE)
    return 0


def _add_bench(commands: Any) -> None:
    bench = commands.add_parser(
        "bench",
        help="time matmul, convolution and pooling beside NumPy and PyTorch",
        description="Times operations beside NumPy, and PyTorch where it is installed: one after the other in turns, "
        "best of several rounds. Leaves bench.csv and, with matplotlib, bench.png in a folder.",
    )
    bench.set_defaults(run=_bench)
    bench.add_argument("--only", choices=("matmul", "conv", "pool"), help="one family of operations")
    bench.add_argument("--quick", action="store_true", help="small sizes, few rounds")
    bench.add_argument("--threads", type=int, metavar="N", help="threads of every library (default: one per core)")
    bench.add_argument(
        "--out",
        type=Path,
        default=Path("runs/bench"),
        metavar="DIR",
        help="folder for the results (default: runs/bench)",
    )


def _bench(options: argparse.Namespace) -> int:
    from rutile import bench

    if options.threads is not None and options.threads < 1:
        return _complain(f"--threads: wants at least 1, got {options.threads}", USAGE)
    try:
        bench.run(only=options.only, quick=options.quick, threads=options.threads, out=options.out)
    except (OSError, bench.DisagreementError) as error:
        if isinstance(error, BrokenPipeError):
            raise
        return _complain(error, FAILURE)
    return 0


def _info(options: argparse.Namespace) -> int:
    import importlib.metadata
    import platform

    import rutile
    from rutile import _rutile

    lines = {"rutile": rutile.__version__}
    for name, value in _rutile._build_info().items():
        if name != "version":
            text = ", ".join(value) if isinstance(value, list) else str(value)
            lines[name.replace("_", " ")] = text
    lines["python"] = f"{platform.python_version()} ({platform.system()} {platform.machine()})"
    for package in ("numpy", "matplotlib", "tqdm", "torch"):
        try:
            lines[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            lines[package] = "not installed"
    lines["package"] = str(Path(rutile.__file__).parent) if rutile.__file__ else "unknown"
    width = max(map(len, lines))
    for name, value in lines.items():
        print(f"{name:<{width}}  {value}")
    return 0


def _complain(error: object, status: int) -> int:
    """One line on stderr, whatever the message holds."""
    print("rutile: error:", " ".join(str(error).split()), file=sys.stderr)
    return status
