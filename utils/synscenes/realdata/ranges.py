"""A file on a server, read as if it were here: only the blocks that are looked at are fetched, and kept on disk.

COCO's validation annotations lie in an archive of 241 MB. Whoever wants one member reads the archive's directory,
which stands at its end, then that member: a few megabytes. Blocks that were fetched survive a killed process.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import threading
from collections.abc import Callable
from http.client import HTTPResponse
from pathlib import Path

from synscenes.files import write_atomic
from synscenes.linkrot.policy import Trouble
from synscenes.realdata.fetching import content_range, validator
from synscenes.realdata.together import together
from synscenes.realdata.transport import CONNECTIONS, Client

BLOCK = 1 << 16
_IN_MEMORY = 512  # blocks, where there is no folder for them
_LONGEST_RUN = 32  # blocks in one request, so that a large piece comes over several connections
_ABOUT = "about.json"


class NoRanges(Exception):
    """The server sends files only whole (or does not say which version it sends)."""


class RemoteFile(io.RawIOBase):
    """A seekable file for reading: the file at ``url``, its blocks kept in ``folder`` (None: the last ones in memory).

    Raises NoRanges at the start where the server can't do it, and Trouble, also when the file changes while it is read.
    """

    def __init__(
        self, client: Client, url: str, folder: Path | None, on_bytes: Callable[[int], None] = lambda gained: None
    ) -> None:
        super().__init__()
        self.client, self.url, self.folder, self.on_bytes = client, url, folder, on_bytes
        self._position = self._wanted = 0
        self._recent: dict[int, bytes] = {}
        self._lock = threading.Lock()
        self.length, self._tag = client.persist(self._look)
        if folder is not None:
            self._prepare(folder)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.length}[whence]
        self._position = max(base + offset, 0)
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill at most up to the end of a block."""
        if self._position >= self.length:
            return 0
        number, offset = divmod(self._position, BLOCK)
        piece = self._block(number)[offset : offset + len(buffer)]
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def want(self, *spans: tuple[int, int]) -> None:
        """Fetch what is missing of the bytes of each span (start, end): neighbours in one request, a few at a time."""
        missing: set[int] = set()
        for start, end in spans:
            blocks = range(max(start, 0) // BLOCK, -(-min(end, self.length) // BLOCK))
            missing |= {number for number in blocks if not self._has(number)}
        runs: list[tuple[int, int]] = []
        ordered = sorted(missing)
        if self.folder is None:  # no more than memory holds: reading asks for the rest when it gets there
            self._wanted = max((end for _, end in spans), default=0)
            ordered = ordered[: _IN_MEMORY // 2]
        for number in ordered:
            if runs and runs[-1][1] + 1 == number and number - runs[-1][0] < _LONGEST_RUN:
                runs[-1] = (runs[-1][0], number)
            else:
                runs.append((number, number))
        failed = together(self.client, runs, lambda run: self._fetch(*run), min(len(runs), CONNECTIONS))
        if failed:
            raise failed[0][1]

    def _look(self) -> tuple[int, str]:
        """Ask for one byte, to learn the file's length and version."""
        with self.client.ask(self.url, {"Range": "bytes=0-0"}) as response:
            found, tag = content_range(response), validator(response)
            if response.status != 206 or found is None or not tag:
                raise NoRanges(self.url)
            return found[2], tag

    def _prepare(self, folder: Path) -> None:
        """Keep the blocks that are there if they are of this version, else start anew."""
        about = {"url": self.url, "tag": self._tag, "length": self.length, "block": BLOCK}
        try:
            same = json.loads((folder / _ABOUT).read_text(encoding="utf-8")) == about
        except (OSError, ValueError):
            same = False
        if not same:
            shutil.rmtree(folder, ignore_errors=True)
            write_atomic(folder / _ABOUT, json.dumps(about))

    def _size(self, number: int) -> int:
        return min(BLOCK, self.length - number * BLOCK)

    def _has(self, number: int) -> bool:
        if number in self._recent:
            return True
        return self.folder is not None and (self.folder / f"{number:07d}").is_file()

    def _block(self, number: int) -> bytes:
        if number not in self._recent:
            if not self._has(number):
                if self.folder is None and number * BLOCK < self._wanted:
                    self.want((number * BLOCK, self._wanted))
                else:
                    self._fetch(number, number)
            if number not in self._recent:  # it lies on disk
                self._remember(number, (self.folder / f"{number:07d}").read_bytes())
        return self._recent[number]

    def _remember(self, number: int, content: bytes) -> None:
        with self._lock:
            self._recent[number] = content
            while len(self._recent) > (8 if self.folder is not None else _IN_MEMORY):
                self._recent.pop(next(iter(self._recent)))

    def _fetch(self, first: int, last: int) -> None:
        done = [first]  # the first block that is not there yet

        def attempt() -> None:
            start, end = done[0] * BLOCK, min((last + 1) * BLOCK, self.length)
            headers = {"Range": f"bytes={start}-{end - 1}", "If-Range": self._tag}
            with self.client.ask(self.url, headers) as response:
                self._agree(response, start, end)
                waiting = b""
                for chunk in self.client.body(response):
                    waiting += chunk
                    while done[0] <= last and len(waiting) >= self._size(done[0]):
                        size = self._size(done[0])
                        self._keep(done[0], waiting[:size])
                        waiting = waiting[size:]
                        done[0] += 1
            if done[0] <= last:
                raise Trouble("cut short", f"the answer ended {end - done[0] * BLOCK:,} bytes early", again=True)

        self.client.persist(attempt, lambda: done[0])

    def _agree(self, response: HTTPResponse, start: int, end: int) -> None:
        found = content_range(response)
        if response.status == 200 or (found and found[2] != self.length):
            raise Trouble("changed", "the file on the server changed while it was read")
        if found is None or found[:2] != (start, end - 1):
            raise Trouble("server error", "a range that was not asked for", again=True)

    def _keep(self, number: int, content: bytes) -> None:
        if self.folder is None:
            self._remember(number, content)
        else:
            self.client.check()
            draft = self.folder / f"{number:07d}.part"
            draft.write_bytes(content)
            os.replace(draft, self.folder / f"{number:07d}")
        self.on_bytes(len(content))
