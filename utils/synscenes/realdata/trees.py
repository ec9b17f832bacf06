"""An unpacked COCO that answers as its archives would: for a sample out of a copy that is here already."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Self

from synscenes.errors import CourseError
from synscenes.realdata.fetching import digest
from synscenes.realdata.zips import is_inside, shown


class Unpacked:
    """The files below ``folder``, with the methods of :class:`synscenes.realdata.zips.Zip` that a sample needs."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.name = folder, str(folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def has(self, member: str) -> bool:
        """Whether there is such a file."""
        return is_inside(member) and (self.folder / member).is_file()

    def size(self, member: str) -> int:
        """The length of a file in bytes. Raises CourseError where there is none."""
        return self._path(member).stat().st_size

    def whole(self, member: str, path: Path) -> bool:
        """Whether ``path`` has the file's content."""
        source = self._path(member)
        same_length = path.is_file() and path.stat().st_size == source.stat().st_size
        return same_length and digest(path) == digest(source)

    def take(
        self, member: str, path: Path, on_bytes: Callable[[int], None] = lambda gained: None, durable: bool = True
    ) -> str:
        """Copy a file to ``path``, which appears whole or not at all; return its sha256."""
        source = self._path(member)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.part")
        try:
            shutil.copyfile(source, draft)
            found = digest(draft)
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)
        on_bytes(path.stat().st_size)
        return found

    def want(self, members: list[str]) -> None:
        """Nothing has to be asked for."""

    def inner(self, member: str, folder: Path) -> Unpacked:
        """The folder that an archive in the archive was unpacked into."""
        return Unpacked((self.folder / member).parent)

    def _path(self, member: str) -> Path:
        if not self.has(member):
            raise CourseError(f"{self.folder} holds no {shown(member)}.")
        return self.folder / member
