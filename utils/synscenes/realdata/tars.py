"""Tar archives, walked without trusting them; a tar inside a tar is walked in its place.

Nothing is unpacked by name here: a walk yields plain files with their position, and the caller decides by the file's
own name what it is and where it goes. One entry that is anything but a plain file or a folder, or whose path could
lead out of a folder, refuses the archive.
"""

from __future__ import annotations

import gzip
import io
import re
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from synscenes.errors import CourseError
from synscenes.realdata.zips import Slice, is_inside, shown

MOST_BLOW_UP = 200
_FORGIVEN = 1 << 20
_BLOCK = 512
_BROKEN = (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError, OverflowError, UnicodeError)


@dataclass(frozen=True)
class Entry:
    """A plain file in a tar: its path there, its length, and the byte of the outermost file at which it begins."""

    path: str
    size: int
    offset: int

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]


def walk(file: IO[bytes], label: str, start: int = 0, length: int | None = None) -> Iterator[Entry]:
    """Yield the plain files of the tar that lies in ``file`` from byte ``start`` on, ``length`` bytes long.

    Only headers are read. ``label`` is what errors call the archive. Raises CourseError for an archive that is
    damaged or cut off (also between two entries, where tarfile itself sees an end), or isn't to be trusted.
    """
    length = file.seek(0, io.SEEK_END) - start if length is None else length
    view = Slice(file, start, length)
    try:
        # Unbuffered: entries are far apart, and only their headers are wanted.
        with tarfile.open(fileobj=view, mode="r:") as tar:
            while (entry := tar.next()) is not None:
                tar.members = []  # else tarfile remembers a million of them
                path = vet(entry, label)
                if path is not None:
                    yield Entry(path, entry.size, start + entry.offset_data)
            _expect_the_end(view, tar.offset, label)
    except _BROKEN as error:
        raise damaged(label, error) from None


def unzipped(path: Path, limit: int) -> Iterator[tuple[Entry, bytes]]:
    """Yield the plain files of a ``.tar.gz`` with their content (offset -1), each at most ``limit`` bytes long.

    Raises CourseError as ``walk`` does, and for an archive that unpacks to more than ``MOST_BLOW_UP`` times itself.
    """
    label = path.name
    try:
        counted = _Counted(path)
        with counted.stream, tarfile.open(fileobj=counted, mode="r|") as tar:
            while (entry := tar.next()) is not None:
                tar.members = []
                name = vet(entry, label)
                if name is None:
                    continue
                if entry.size > limit:
                    raise refusal(label, f"{shown(name)} has {entry.size:,} bytes, more than any file of it has")
                content = tar.extractfile(entry).read()
                if len(content) != entry.size:
                    raise EOFError("it ends in the middle of a file")
                yield Entry(name, entry.size, -1), content
            while counted.read(1 << 16):
                pass  # the end of the gzip stream holds its CRC
    except _BROKEN as error:
        raise damaged(label, error) from None


def vet(entry: tarfile.TarInfo, label: str) -> str | None:
    """Return an entry's path, None for a folder. Raises CourseError for all that an honest archive lacks."""
    path = re.sub(r"^(\./)+", "", entry.name)
    if entry.isdir() and path in ("", "."):
        return None
    if not is_inside(path):
        raise refusal(label, f"the entry {shown(entry.name)} isn't a relative path inside it")
    if entry.isdir():
        return None
    if entry.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or entry.issparse():
        raise refusal(label, f"the entry {shown(entry.name)} is a link, a device or has holes: not a plain file")
    return path


def refusal(label: str, reason: str) -> CourseError:
    """The error for an archive that isn't to be trusted."""
    return CourseError(f"Refused the archive {label}: {reason}.")


def damaged(label: str, error: object) -> CourseError:
    """The error for an archive that isn't whole."""
    return CourseError(f"{label} is damaged or cut off ({error or type(error).__name__}): get it again.")


def _expect_the_end(view: Slice, offset: int, label: str) -> None:
    """tarfile takes a damaged header, and a missing one, for the end; the end is a block of zeros."""
    view.seek(offset)
    block = view.read(_BLOCK)
    if len(block) < _BLOCK or any(block):
        raise damaged(label, f"no header and no end at byte {offset:,}")


class _Counted:
    """A stream for reading that stops where an archive swells beyond reason."""

    def __init__(self, path: Path) -> None:
        self.stream, self._label = gzip.GzipFile(path), path.name
        self._left = MOST_BLOW_UP * path.stat().st_size + _FORGIVEN

    def read(self, size: int = -1) -> bytes:
        data = self.stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise refusal(self._label, f"it unpacks to more than {MOST_BLOW_UP} times its size")
        return data
