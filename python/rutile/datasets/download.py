"""Downloads that arrive whole and checked, or not at all."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from http.client import HTTPException
from pathlib import Path

from rutile._files import replacing
from rutile.datasets.images import DataError

_TIMEOUT = 30.0
_CHUNK = 1 << 16


def fetch(urls: Sequence[str], path: Path, check: Callable[[Path], None]) -> None:
    """Downloads the first of `urls` that answers and passes `check` to `path`.

    The bytes go to a temporary file; only after `check` (which raises DataError) has passed does it take the name
    `path`. An interrupted download leaves nothing behind and the next one starts anew. Raises DataError with the reason
    of each address.
    """
    reasons = []
    for url in urls:
        try:
            with replacing(path) as temporary:
                _copy(url, temporary)
                check(temporary)
            return
        except (OSError, HTTPException, DataError) as error:
            reasons.append(f"{url}: {getattr(error, 'reason', None) or error}")
    raise DataError(
        f"{path.name} could not be downloaded ({'; '.join(reasons)}); fetch it by other means into {path.parent}, "
        "or name a folder that has it with --data or RUTILE_DATA"
    )


def _copy(url: str, path: Path) -> None:
    from urllib.request import Request, urlopen

    print(f"downloading {url}", file=sys.stderr)
    request = Request(url, headers={"User-Agent": "rutile"})
    with urlopen(request, timeout=_TIMEOUT) as source, open(path, "wb") as target:
        expected = source.headers.get("Content-Length")
        while chunk := source.read(_CHUNK):
            target.write(chunk)
        if expected is not None and target.tell() != int(expected):
            raise DataError(f"the connection ended after {target.tell()} of {expected} bytes")
