"""Members out of zip archives, one by one: local archives, remote ones, and archives inside archives.

Names in an archive are claims of whoever made it. An archive with a name that could lead out of a folder is refused
whole; and no name is ever used as a place to write to: the caller says which member goes where.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO

from synscenes.errors import CourseError
from synscenes.realdata.ranges import RemoteFile

MOST_ENTRIES = 3_000_000  # Kaggle's ImageNet has two million
# Deflate reaches 1,032 : 1 on zeros; COCO's JSON is near 5 : 1.
MOST_BLOW_UP = 200
_FORGIVEN = 1 << 20
_CHUNK = 1 << 20
_NEAR = 1 << 16  # fetching so much in vain is cheaper than another request
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error, ValueError, OverflowError)


class Zip:
    """A zip archive open for reading; ``name`` is what errors call it.

    Raises CourseError, and takes nothing, for an archive that can't be read, has more than ``MOST_ENTRIES`` entries,
    or holds a name twice, a name that isn't a relative path inside the archive, a link or a device.
    """

    def __init__(self, file: IO[bytes] | RemoteFile, name: str) -> None:
        self.file, self.name = file, name
        try:
            # A view of its own: an archive inside this one reads the same file, and moves its position.
            view = Slice(file, 0, file.seek(0, io.SEEK_END))
            self._zip = zipfile.ZipFile(io.BufferedReader(view, 1 << 17))
        except _BROKEN as error:
            raise CourseError(f"{name} can't be read as a zip archive ({error}): fetch it again.") from None
        entries = self._zip.infolist()
        if len(entries) > MOST_ENTRIES:
            raise self.refusal(f"it has more than {MOST_ENTRIES:,} entries")
        self.members: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            self._vet(entry)
            if not entry.is_dir():
                self.members[entry.orig_filename] = entry

    def __enter__(self) -> Zip:
        return self

    def __exit__(self, *exception: object) -> None:
        self._zip.close()
        self.file.close()

    def refusal(self, reason: str) -> CourseError:
        """The error for an archive that isn't to be trusted."""
        return CourseError(f"Refused the archive {self.name}: {reason}. Nothing was taken from it.")

    def has(self, member: str) -> bool:
        """Whether there is such a member."""
        return member in self.members

    def in_order(self) -> list[str]:
        """The members' names in the order in which they lie in the archive."""
        return sorted(self.members, key=lambda name: self.members[name].header_offset)

    def size(self, member: str) -> int:
        """The length of a member in bytes, as the archive declares it. Raises CourseError where there is none."""
        return self._entry(member).file_size

    def packed_size(self, member: str) -> int:
        """How many bytes of the archive a member takes."""
        return self._entry(member).compress_size

    def whole(self, member: str, path: Path) -> bool:
        """Whether ``path`` has the member's length and CRC."""
        entry = self._entry(member)
        if not path.is_file() or path.stat().st_size != entry.file_size:
            return False
        crc = 0
        with open(path, "rb") as file:
            while chunk := file.read(_CHUNK):
                crc = zlib.crc32(chunk, crc)
        return crc == entry.CRC

    def take(
        self, member: str, path: Path, on_bytes: Callable[[int], None] = lambda gained: None, durable: bool = True
    ) -> str:
        """Write a member to ``path``, which appears whole or not at all; return its sha256.

        ``durable`` waits until the disk has it. Raises CourseError for a member that is missing, encrypted, packed in
        an unusual way, not of the declared length and CRC, or that unpacks to more than ``MOST_BLOW_UP`` times itself.
        """
        entry = self._entry(member)
        self._ask([self._span(entry)])
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.part")
        sha256, size = hashlib.sha256(), 0
        try:
            with self._zip.open(entry) as source, open(draft, "wb") as target:
                while chunk := source.read(_CHUNK):
                    size += len(chunk)
                    if size > entry.file_size:
                        break
                    target.write(chunk)
                    sha256.update(chunk)
                    on_bytes(len(chunk))
                if durable:
                    target.flush()
                    os.fsync(target.fileno())
            if size != entry.file_size:
                raise self.refusal(f"{shown(member)} isn't {entry.file_size:,} bytes long, as it declares")
            os.replace(draft, path)
        except _BROKEN as error:
            raise CourseError(f"{shown(member)} in {self.name} is damaged ({error}): fetch it again.") from None
        finally:
            draft.unlink(missing_ok=True)
        return sha256.hexdigest()

    def read(self, member: str) -> bytes:
        """The content of a member, for small ones. Raises CourseError as ``take`` does."""
        entry = self._entry(member)
        try:
            content = self._zip.read(entry)
        except _BROKEN as error:
            raise CourseError(f"{shown(member)} in {self.name} is damaged ({error}): fetch it again.") from None
        if len(content) != entry.file_size:
            raise self.refusal(f"{shown(member)} isn't {entry.file_size:,} bytes long, as it declares")
        return content

    def inner(self, member: str, folder: Path) -> Zip:
        """Open an archive that is a member of this one.

        One that was stored uncompressed is read in its place, so that of a remote archive only the parts looked at are
        fetched; else it is written into ``folder`` first.
        """
        entry = self._entry(member)
        name = f"{member} in {self.name}"
        if entry.compress_type == zipfile.ZIP_STORED:
            return Zip(Slice(self.file, self._data_start(entry), entry.file_size), name)
        path = folder / Path(member).name
        if not self.whole(member, path):
            self.take(member, path)
        return Zip(open(path, "rb"), name)

    def want(self, members: list[str]) -> None:
        """Tell a remote file what will be taken next, so that neighbours come in one request."""
        spans: list[tuple[int, int]] = []
        for start, end in sorted(self._span(self._entry(member)) for member in members):
            if spans and start <= spans[-1][1] + _NEAR:
                spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
            else:
                spans.append((start, end))
        self._ask(spans)

    def _entry(self, member: str) -> zipfile.ZipInfo:
        entry = self.members.get(member)
        if entry is None:
            raise CourseError(f"{self.name} holds no {shown(member)}: is it the official archive?")
        if entry.flag_bits & 0x41:
            raise self.refusal(f"{shown(member)} is encrypted")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise self.refusal(f"{shown(member)} is packed in an unusual way")
        if entry.file_size > MOST_BLOW_UP * entry.compress_size + _FORGIVEN:
            raise self.refusal(f"{shown(member)} unpacks to {entry.file_size:,} bytes from {entry.compress_size:,}")
        return entry

    def _vet(self, entry: zipfile.ZipInfo) -> None:
        # orig_filename: zipfile has already mended the other one (cut at NUL, backslashes on Windows).
        name = entry.orig_filename
        if not is_inside(name):
            raise self.refusal(f"the entry {shown(name)} isn't a relative path inside it")
        if not entry.is_dir() and name in self.members:
            raise self.refusal(f"the entry {shown(name)} is there twice")
        if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise self.refusal(f"the entry {shown(name)} is a link or a device, not a file")

    def _data_start(self, entry: zipfile.ZipInfo) -> int:
        """Where a member's bytes begin: behind its local header, whose length only the header itself tells."""
        header = io.BufferedReader(Slice(self.file, entry.header_offset, 30)).read(30)
        if len(header) != 30 or header[:4] != b"PK\3\4":
            raise self.refusal(f"{shown(entry.filename)} has no header where the directory says")
        name_length, extra_length = struct.unpack("<HH", header[26:30])
        return entry.header_offset + 30 + name_length + extra_length

    def _span(self, entry: zipfile.ZipInfo) -> tuple[int, int]:
        """Where a member begins and, at the latest, ends."""
        # The local header's extra field may be longer than the directory's.
        margin = 30 + len(entry.orig_filename.encode()) + len(entry.extra) + 256
        return entry.header_offset, entry.header_offset + margin + entry.compress_size

    def _ask(self, spans: list[tuple[int, int]]) -> None:
        file = self.file
        while isinstance(file, Slice):
            start, file = file.start, file.file
            spans = [(first + start, last + start) for first, last in spans]
        if isinstance(file, RemoteFile):
            file.want(*spans)


class Slice(io.RawIOBase):
    """A part of a file, as a file."""

    def __init__(self, file: IO[bytes] | RemoteFile | Slice, start: int, length: int) -> None:
        super().__init__()
        self.file, self.start, self.length, self._position = file, start, length, 0

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
        size = min(len(buffer), max(self.length - self._position, 0))
        self.file.seek(self.start + self._position)
        piece = self.file.read(size) if size else b""
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)


def is_inside(name: str) -> bool:
    """Whether a name from an archive is a relative path, with forward slashes, that stays inside its folder."""
    # A colon: a drive, or a hidden stream of a file, on Windows.
    return bool(name) and not re.search(r"[\0\\:]", name) and name[0] != "/" and ".." not in name.split("/")


def shown(name: str) -> str:
    """A name from an archive, safe to print: escaped, and not longer than a line."""
    text = repr(name)
    return text if len(text) <= 120 else f"{text[:100]}...'"
