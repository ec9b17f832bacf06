"""A small ledger: for each file its length and sha256, as they were when it was first checked.

One line of JSON a file, appended and never rewritten, so that a process may be killed at any time: a last line that
is torn is ignored, and its file is fetched again.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from synscenes.realdata.fetching import digest

NAME = "ledger.jsonl"


@dataclass(frozen=True)
class Entry:
    """A file by its place below the folder (forward slashes), its length in bytes, its sha256, and where it is from.

    With ``files``, a folder of so many files, with their length in all and the :func:`folder_digest`: a million images
    would make a ledger of hundreds of megabytes.
    """

    path: str
    bytes: int
    sha256: str
    source: str
    files: int = 0


class Ledger:
    """The ledger of ``folder``; safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / NAME
        self._lock = threading.Lock()
        self.entries: dict[str, Entry] = {}
        self._torn = False
        if self.file.is_file():
            text = self.file.read_text(encoding="utf-8", errors="replace")
            self._torn = bool(text) and not text.endswith("\n")
            for line in text.splitlines():
                entry = _read(line)
                if entry:
                    self.entries[entry.path] = entry

    def add(self, path: str, size: int, sha256: str, source: str, files: int = 0) -> None:
        """Write down a file that has just been checked, before it gets its name."""
        entry = Entry(path, size, sha256, source, files)
        with self._lock:
            if self.entries.get(path) == entry:
                return
            self.folder.mkdir(parents=True, exist_ok=True)
            with open(self.file, "a", encoding="utf-8", newline="\n") as file:
                file.write(("\n" if self._torn else "") + json.dumps(asdict(entry)) + "\n")
            self._torn = False
            self.entries[path] = entry

    def has(self, path: str) -> bool:
        """Whether the file is written down and there with its length (a folder: with its number). Reads none of it."""
        entry = self.entries.get(path)
        try:
            if entry is not None and entry.files:
                return len(os.listdir(self.folder / path)) == entry.files
            return entry is not None and os.stat(self.folder / path).st_size == entry.bytes
        except OSError:
            return False

    def problem(self, path: str, read: bool = True) -> str:
        """What is wrong with a file that is written down, "" for nothing; ``read=False`` looks at its length only."""
        entry, place = self.entries[path], self.folder / path
        if entry.files:
            return _folder_problem(entry, place, read)
        if not place.is_file():
            return f"{path} is missing"
        size = place.stat().st_size
        if size != entry.bytes:
            return f"{path} has {size:,} bytes, expected {entry.bytes:,}"
        if read and digest(place) != entry.sha256:
            return f"{path} has changed: its sha256 isn't the one it had"
        return ""


def folder_digest(digests: Mapping[str, tuple[int, str]]) -> str:
    """One sha256 for a folder, from its files' lengths and sha256: of the lines "name length sha256", by name."""
    lines = (f"{name} {size} {sha256}\n" for name, (size, sha256) in sorted(digests.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _folder_problem(entry: Entry, place: Path, read: bool) -> str:
    if not place.is_dir():
        return f"{entry.path} is missing"
    sizes = {file.name: file.stat().st_size for file in os.scandir(place)}
    if len(sizes) != entry.files or sum(sizes.values()) != entry.bytes:
        found = f"{len(sizes):,} files of {sum(sizes.values()):,} bytes"
        return f"{entry.path} has {found}, expected {entry.files:,} of {entry.bytes:,}"
    if read and folder_digest({name: (size, digest(place / name)) for name, size in sizes.items()}) != entry.sha256:
        return f"{entry.path} has changed: a file in it isn't the one it was"
    return ""


def problems(folder: Path, read: bool = True, seen: Callable[[int], None] = lambda size: None) -> list[str]:
    """Compare all files of ``folder`` with its ledger; one line for each that is missing, cut or changed.

    ``read=False`` looks at the lengths only. ``seen`` is told the length of each file that was compared.
    """
    ledger, found = Ledger(folder), []
    for path, entry in ledger.entries.items():
        line = ledger.problem(path, read)
        found += [line] if line else []
        seen(entry.bytes)
    return found


def _read(line: str) -> Entry | None:
    try:
        return Entry(**json.loads(line))
    except (ValueError, TypeError):
        return None
