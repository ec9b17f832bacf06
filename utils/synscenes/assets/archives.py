"""Read chosen files out of a wheel (zip) or a source distribution (tar.gz) that nobody vouches for.

Nothing here writes to the disk, and nothing of an archive is imported or run. The whole archive is
walked and every byte of it counted before any file is handed over, so that one bad entry refuses
all of it. Sizes and names in headers are claims: they are compared with what is really there.
"""

from __future__ import annotations

import copy
import gzip
import hashlib
import os
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from synscenes.assets.entries import Member
from synscenes.errors import CourseError

MAX_BLOW_UP = 100  # contents may be at most this many times the archive's own size
MAX_ENTRIES = 20_000
_CHUNK = 1 << 20
_TAR_PADDING = 1 << 16
_BROKEN = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, NotImplementedError, gzip.BadGzipFile)


def read_members(archive: str | Path, kind: str, members: Iterable[Member]) -> dict[str, bytes]:
    """Return the content of each wanted member by its ``target``, after checking the whole archive.

    ``kind`` is "wheel" or "sdist". Raises CourseError, naming the archive and the entry, when the archive
    cannot be read, holds anything but plain files and folders inside itself (``..``, absolute paths,
    links, devices, encrypted entries, one name twice), unpacks to more than ``MAX_BLOW_UP`` times its size,
    has more than ``MAX_ENTRIES`` entries or sizes that are not as declared, or lacks a wanted member
    with the pinned size and sha256.
    """
    archive = Path(archive)
    if kind not in ("wheel", "sdist"):
        raise ValueError(f"kind must be 'wheel' or 'sdist', got {kind!r}")
    walk = _Walk(archive, {member.source: member for member in members})
    try:
        if kind == "wheel":
            _read_zip(archive, walk)
        else:
            _read_tar(archive, walk)
    except _BROKEN as error:
        raise walk.refusal(f"it cannot be read as a {kind} ({str(error)[:200] or type(error).__name__})") from error
    except OSError as error:
        raise walk.refusal(f"it cannot be read ({error.strerror or error})") from error
    except (UnicodeError, ValueError, OverflowError, RuntimeError) as error:
        raise walk.refusal(f"its directory is malformed ({str(error)[:200]})") from error
    missing = sorted(set(walk.wanted) - set(walk.found))
    if missing:
        raise walk.refusal(f"it does not hold {missing[0]!r}")
    return {member.target: walk.found[source] for source, member in walk.wanted.items()}


class _Walk:
    """What has been seen so far of one archive, and the rules that each entry must keep."""

    def __init__(self, archive: Path, wanted: dict[str, Member]) -> None:
        self.archive = archive
        self.wanted = wanted
        self.found: dict[str, bytes] = {}
        self.limit = MAX_BLOW_UP * archive.stat().st_size
        self._seen: set[str] = set()

    def refusal(self, reason: str) -> CourseError:
        return CourseError(f"Refused the archive {self.archive.name}: {reason}. Nothing was taken from it.")

    def enter(self, name: str, is_folder: bool) -> str:
        """Check an entry's name and return it in its plain form."""
        if not name or "\0" in name or "\\" in name or name.startswith("/") or re.match(r"[A-Za-z]:", name):
            raise self.refusal(f"the entry {_shown(name)} is not a relative path with forward slashes")
        parts = [part for part in name.split("/") if part not in ("", ".")]
        if ".." in parts:
            raise self.refusal(f"the entry {_shown(name)} climbs out of the folder with '..'")
        plain = "/".join(parts)
        if not is_folder:
            if not plain or plain in self._seen:
                raise self.refusal(f"the entry {_shown(name)} is there twice")
            self._seen.add(plain)
        return plain

    def count(self, number: int) -> None:
        """Stop at too many entries."""
        if number > MAX_ENTRIES:
            raise self.refusal(f"it has more than {MAX_ENTRIES:,} entries")

    def blow_up(self) -> CourseError:
        return self.refusal(f"its contents are more than {MAX_BLOW_UP} times its size")

    def take(self, name: str, stream: IO[bytes], declared: int) -> None:
        """Read an entry to its end; keep it when it is wanted and is exactly what was pinned."""
        member = self.wanted.get(name)
        kept: list[bytes] = []
        size = 0
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > declared:
                break
            if member and size <= member.size:
                kept.append(chunk)
        if size != declared:
            raise self.refusal(f"the entry {_shown(name)} is not {declared:,} bytes long, as it declares")
        if member is None:
            return
        if size != member.size:
            raise self.refusal(f"{_shown(name)} has {size:,} bytes, expected {member.size:,}")
        content = b"".join(kept)
        got = hashlib.sha256(content).hexdigest()
        if got != member.sha256:
            raise self.refusal(f"{_shown(name)} has the wrong sha256: expected {member.sha256}, got {got}")
        self.found[name] = content


def _read_zip(archive: Path, walk: _Walk) -> None:
    with zipfile.ZipFile(archive) as file:
        entries = file.infolist()
        walk.count(len(entries))
        if sum(entry.compress_size for entry in entries) > archive.stat().st_size:
            raise walk.refusal("its entries overlap")
        names = []
        for entry in entries:
            # orig_filename: zipfile has already mended the other one (cut at NUL, backslashes on Windows).
            names.append(walk.enter(entry.orig_filename, entry.is_dir()))
            mode = stat.S_IFMT(entry.external_attr >> 16)
            if mode not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise walk.refusal(f"the entry {_shown(entry.filename)} is a link or a device, not a file")
            if entry.flag_bits & 0x41:
                raise walk.refusal(f"the entry {_shown(entry.filename)} is encrypted")
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise walk.refusal(f"the entry {_shown(entry.filename)} is packed in an unusual way")
        # A cheap refusal by what is declared first; what is really there is counted below.
        if sum(entry.file_size for entry in entries) > walk.limit:
            raise walk.blow_up()
        total = _Total(walk, walk.limit)
        for name, entry in zip(names, entries):
            # zipfile stops at the declared size. Declaring more makes it read to the real end.
            honest = copy.copy(entry)
            honest.file_size = walk.limit + 1
            with file.open(honest) as stream:
                walk.take(name, total.through(stream), entry.file_size)


def _read_tar(archive: Path, walk: _Walk) -> None:
    contents = _Total(walk, walk.limit)
    # The tar stream itself is counted too, for headers can swell; its padding is forgiven, else tiny
    # archives (10 kB of padding, packed into 100 bytes) would be refused.
    stream = _Total(walk, walk.limit + _TAR_PADDING)
    with gzip.open(archive) as unzipped, tarfile.open(fileobj=stream.through(unzipped), mode="r|") as file:
        for number, entry in enumerate(file, start=1):
            walk.count(number)
            name = walk.enter(entry.name, entry.isdir())
            if entry.isdir():
                continue
            if entry.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or entry.issparse():
                raise walk.refusal(
                    f"the entry {_shown(entry.name)} is a link, a device or has holes: not a plain file"
                )
            walk.take(name, contents.through(file.extractfile(entry)), entry.size)


class _Total:
    """Counts the bytes that really come out of one or more streams, and stops at the limit."""

    def __init__(self, walk: _Walk, limit: int) -> None:
        self._walk = walk
        self._left = limit

    def through(self, stream: IO[bytes]) -> _Counted:
        return _Counted(stream, self)

    def add(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise self._walk.blow_up()


class _Counted:
    """A stream for reading whose every byte is counted."""

    def __init__(self, stream: IO[bytes], total: _Total) -> None:
        self._stream = stream
        self._total = total

    def read(self, size: int = _CHUNK) -> bytes:
        data = self._stream.read(size)
        self._total.add(len(data))
        return data


def _shown(name: str) -> str:
    """A name from an archive, safe to print: escaped, and not longer than a line."""
    shown = repr(name)
    return shown if len(shown) <= 120 else f"{shown[:100]}...'"


def write_members(contents: dict[str, bytes], folder: Path) -> None:
    """Write the contents that ``read_members`` gave below ``folder``, readable by all, writable by the owner."""
    for target, content in contents.items():
        path = folder.joinpath(*target.split("/"))
        for parent in reversed(path.relative_to(folder).parents[:-1]):
            _make_folder(folder / parent)
        path.write_bytes(content)
        os.chmod(path, 0o644)


def _make_folder(folder: Path) -> None:
    # NLTK refuses files that a group may write: do not leave the mode to the umask.
    folder.mkdir(exist_ok=True)
    os.chmod(folder, 0o755)
