"""For maintainers: the hashes and sizes of an archive and of chosen files in it, as text for the manifest."""

from __future__ import annotations

import fnmatch
import hashlib
import json
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from synscenes.errors import CourseError


def pin(name: str, archive: str | Path, patterns: Iterable[str]) -> str:
    """Return the tables ``[name.archive]`` and ``[name.members]`` for the manifest.

    Each pattern is ``PATH`` or ``PATH=TARGET``; ``*`` in the path stands for anything but a slash. A target
    that is empty or ends in a slash is the folder for the files, else the file's new name. Raises CourseError
    for a pattern that matches nothing.
    """
    archive = Path(archive)
    contents = dict(_contents(archive))
    kind = "wheel" if archive.suffix == ".whl" else "sdist"
    lines = [
        f"[{name}.archive]",
        f'file = "{archive.name}"',
        f'kind = "{kind}"',
        f"size = {archive.stat().st_size}",
    ]
    lines += [
        f"unpacked = {sum(map(len, contents.values()))}",
        f'sha256 = "{_sha256(archive.read_bytes())}"',
        "",
    ]
    lines.append(f"[{name}.members]")
    for pattern in patterns:
        glob, _, target = pattern.partition("=")
        matches = sorted(
            p for p in contents if p.count("/") == glob.count("/") and fnmatch.fnmatchcase(p, glob)
        )
        if not matches:
            raise CourseError(f"Nothing in {archive.name} matches {glob!r}.")
        for path in matches:
            goal = target + path.rpartition("/")[2] if not target or target.endswith("/") else target
            content = contents[path]
            lines.append(f'{json.dumps(goal)} = [{json.dumps(path)}, {len(content)}, "{_sha256(content)}"]')
    return "\n".join(lines) + "\n"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _contents(archive: Path) -> Iterator[tuple[str, bytes]]:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            yield from (
                (entry.filename, wheel.read(entry)) for entry in wheel.infolist() if not entry.is_dir()
            )
    else:
        with tarfile.open(archive, "r:gz") as sdist:
            yield from ((entry.name, sdist.extractfile(entry).read()) for entry in sdist if entry.isfile())
