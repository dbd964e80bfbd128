"""Downloads that arrive whole and checked, or not at all, and go on where they stopped."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Sequence
from http.client import HTTPException
from pathlib import Path
from typing import IO

from rutile.datasets.images import DataError

_TIMEOUT = 30.0
_CHUNK = 1 << 16


def fetch(urls: Sequence[str], path: Path, check: Callable[[Path], None], progress: bool = True) -> None:
    """Downloads the first of `urls` that answers and passes `check` to `path`.

    The bytes go to `path` with the ending `.part`; only after `check` (which raises DataError) has passed does the file
    take its name. What an interrupted download has brought stays in the `.part`, and the next one asks for the rest;
    what fails the check is removed. Raises DataError with the reason of each address.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    reasons = []
    for url in urls:
        try:
            _copy(url, part, progress)
            try:
                check(part)
            except DataError:
                part.unlink(missing_ok=True)
                raise
            os.replace(part, path)
            return
        except (OSError, HTTPException, DataError) as error:
            reasons.append(f"{url}: {getattr(error, 'reason', None) or error}")
    raise DataError(
        f"{path.name} could not be downloaded ({'; '.join(reasons)}); fetch it by other means into {path.parent}, "
        "or name a folder that has it with RUTILE_DATA (rutile train: --data)"
    )


def _copy(url: str, part: Path, progress: bool) -> None:
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    there = part.stat().st_size if part.exists() else 0
    headers = {"User-Agent": "rutile"} | ({"Range": f"bytes={there}-"} if there else {})
    print(f"downloading {url}{f', from byte {there} on' if there else ''}", file=sys.stderr)
    try:
        source = urlopen(Request(url, headers=headers), timeout=_TIMEOUT)
    except HTTPError as error:
        if error.code != 416 or not there:
            raise
        return  # the part has every byte: the check will tell
    with source, open(part, "ab" if source.status == 206 else "wb") as target:
        length = source.headers.get("Content-Length")
        expected = None if length is None else target.tell() + int(length)
        shown = _Progress(expected) if progress and sys.stderr.isatty() else None
        while chunk := source.read(_CHUNK):
            target.write(chunk)
            if shown:
                shown.show(target.tell())
        if shown:
            shown.end()
        target.flush()
        os.fsync(target.fileno())
        if expected is not None and target.tell() != expected:
            raise DataError(
                f"the connection ended after {target.tell()} of {expected} bytes; the next try goes on there"
            )


class _Progress:
    """How far a download is, on one line of a terminal."""

    def __init__(self, expected: int | None, stream: IO[str] | None = None) -> None:
        self.expected = expected
        self.stream = stream or sys.stderr
        self._percent = -1

    def show(self, done: int) -> None:
        if not self.expected:
            return
        percent = 100 * done // self.expected
        if percent != self._percent:
            self._percent = percent
            self.stream.write(f"\r{done / 1e6:8.1f} of {self.expected / 1e6:.1f} MB, {percent} %")
            self.stream.flush()

    def end(self) -> None:
        if self._percent >= 0:
            self.stream.write("\n")


def check_md5(expected: str) -> Callable[[Path], None]:
    """A check for `fetch`: DataError if the MD5 of a file is another. It finds damage, not malice: these are the sums
    that the makers of a dataset have published.
    """

    def check(path: Path) -> None:
        with open(path, "rb") as file:
            found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        if found != expected:
            raise DataError(f"{path.name.removesuffix('.part')} has the MD5 {found}, not {expected}")

    return check
