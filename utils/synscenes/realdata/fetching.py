"""One file from the web to its place: whole, checked, or not at all; what broke off is resumed.

While ``dog.zip`` is on its way there are ``dog.zip.part`` and ``dog.zip.part.json``, which says of which version of the
file the part is the beginning. Both may be left by a process that was killed: the next one goes on with them.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Callable
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

from synscenes.files import write_atomic
from synscenes.linkrot.policy import Trouble
from synscenes.realdata.transport import Client

_CHUNK = 1 << 20
Check = Callable[[Path], None]


def fetch(
    client: Client,
    url: str,
    path: Path,
    *,
    size: int | None = None,
    hashes: dict[str, str] | None = None,
    check: Check = lambda part: None,
    on_bytes: Callable[[int], None] = lambda total: None,
) -> Path:
    """Fetch ``url`` to ``path`` and return it.

    ``size`` is the length the file must have, ``hashes`` maps hashlib's names to hexadecimal digits, ``check`` looks at
    the complete part and raises Trouble if it is not what was wanted. ``on_bytes`` is told how many bytes are
    there. Raises Trouble (nothing is at ``path`` then; a part that can be resumed stays) and Stopped.
    """
    part = _Part(path, url)
    path.parent.mkdir(parents=True, exist_ok=True)

    def attempt() -> Path:
        resumed = _receive(client, part, size, on_bytes)
        try:
            _verify(part.path, size, hashes or {})
            check(part.path)
        except Trouble as trouble:
            part.clear()
            # Two halves of different files, maybe: a whole one is worth another try.
            trouble.again = trouble.again or resumed
            raise
        client.check()
        os.replace(part.path, path)
        part.clear()
        return path

    return client.persist(attempt, part.size)


class _Part:
    """The beginning of a file, and which version of the file it belongs to."""

    def __init__(self, path: Path, url: str) -> None:
        self.url = url
        self.path = path.with_name(f"{path.name}.part")
        self.notes = path.with_name(f"{path.name}.part.json")

    def size(self) -> int:
        return self.path.stat().st_size if self.path.is_file() else 0

    def resumable(self) -> dict[str, Any] | None:
        """What was noted of a part that can be resumed; None, and a clean place, otherwise."""
        try:
            notes = json.loads(self.notes.read_text(encoding="utf-8"))
            if notes["url"] == self.url and notes["validator"] and 0 < self.size() <= notes["total"]:
                return notes
        except (OSError, ValueError, KeyError, TypeError):
            pass
        self.clear()
        return None

    def begin(self, validator: str, total: int | None) -> None:
        self.clear()
        if validator and total:
            notes = {"url": self.url, "validator": validator, "total": total}
            write_atomic(self.notes, json.dumps(notes))

    def clear(self) -> None:
        for path in (self.path, self.notes):
            with contextlib.suppress(FileNotFoundError):
                path.unlink()


def _receive(client: Client, part: _Part, size: int | None, on_bytes: Callable[[int], None]) -> bool:
    """Complete the part; return whether it was begun before. Raises Trouble."""
    notes = part.resumable()
    if notes and part.size() == notes["total"]:
        return True
    begun = part.size() if notes else 0
    headers = {"Range": f"bytes={begun}-", "If-Range": notes["validator"]} if notes else {}
    try:
        with client.ask(part.url, headers) as response:
            start, total = _start(response, part, begun)
            if size is not None and total is not None and total != size:
                part.clear()
                raise Trouble("wrong length", f"the server has {total:,} bytes, the official file {size:,}")
            _append(client, response, part.path, start, total, on_bytes)
    except Trouble as trouble:
        if trouble.code == 416:  # Our beginning is longer than the file is now.
            part.clear()
        raise
    return start > 0


def _start(response: HTTPResponse, part: _Part, begun: int) -> tuple[int, int | None]:
    """Return the byte at which this answer starts and the file's whole length, with the part ready for it."""
    length = response.length
    if response.status == 206:
        found = content_range(response)
        if begun and found and found[0] == begun:
            return begun, found[2]
        part.clear()
        raise Trouble("server error", "a range that was not asked for", again=True, code=206)
    part.begin(validator(response), length)
    return 0, length


def _append(
    client: Client, response: HTTPResponse, path: Path, start: int, total: int | None, on_bytes: Callable[[int], None]
) -> None:
    size = start
    with open(path, "ab") as file:
        on_bytes(size)
        for chunk in client.body(response):
            if total is not None and size + len(chunk) > total:
                raise Trouble("wrong length", f"more than the {total:,} bytes announced", again=True)
            file.write(chunk)
            size += len(chunk)
            on_bytes(size)
        file.flush()
        os.fsync(file.fileno())
    if total is not None and size < total:
        raise Trouble("cut short", f"{size:,} of {total:,} bytes arrived", again=True)


def _verify(path: Path, size: int | None, hashes: dict[str, str]) -> None:
    there = path.stat().st_size
    if size is not None and there != size:
        raise Trouble("wrong length", f"{there:,} bytes, the official file has {size:,}")
    for name, expected in hashes.items():
        got = digest(path, name)
        if got != expected:
            raise Trouble("wrong content", f"its {name} is {got}, the published one {expected}")


def digest(path: Path, name: str = "sha256", on_bytes: Callable[[int], None] = lambda gained: None) -> str:
    """The hash of a file, in hexadecimal digits."""
    # MD5 and SHA-1 serve only to recognise a file, where nothing better is published.
    found = hashlib.new(name, usedforsecurity=False)
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
            on_bytes(len(chunk))
    return found.hexdigest()


def validator(response: HTTPResponse) -> str:
    """What If-Range may hold: a strong ETag, else a date; "" where the answer can't be resumed."""
    tag = response.headers.get("ETag", "")
    if "bytes" not in response.headers.get("Accept-Ranges", "").lower() and response.status != 206:
        return ""
    return tag if tag.startswith('"') else response.headers.get("Last-Modified", "")


def content_range(response: HTTPResponse) -> tuple[int, int, int] | None:
    """The first and last byte of an answer, and the file's length; None where the header is missing or odd."""
    found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", response.headers.get("Content-Range", "").strip())
    return (int(found[1]), int(found[2]), int(found[3])) if found else None
