"""Room on the disk, looked at before anything is fetched, and one clear line where the disk refuses."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from synscenes.assets.disk import FULL, READ_ONLY
from synscenes.errors import CourseError
from synscenes.realdata.meter import megabytes

_ELSEWHERE = "make room, or name a folder on another disk with --to"


def check_space(folder: Path, needed: int, advice: str = _ELSEWHERE) -> None:
    """Raise CourseError where the disk of ``folder`` (which need not exist yet) has less than ``needed`` bytes free."""
    there = next(place for place in (folder, *folder.parents) if place.is_dir())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise CourseError(
            f"The disk of {there} has {megabytes(free)} free, and {megabytes(needed)} are needed: {advice}."
        )


def sweep(root: Path) -> None:
    """Remove the beginnings of files that killed processes left in ``root``. Only for who is :func:`alone` there."""
    for path in root.rglob("*.part*"):
        if path.name.endswith((".part", ".part.json")) and path.is_file():
            path.unlink()


@contextlib.contextmanager
def alone(root: Path) -> Iterator[None]:
    """Work on ``root`` as the only process. Raises CourseError where another one does, or the disk refuses."""
    import filelock

    lock = filelock.FileLock(root.parent / f".{root.name}.lock", timeout=0)
    try:
        root.parent.mkdir(parents=True, exist_ok=True)
        with lock:
            yield
    except filelock.Timeout:
        raise CourseError(f"Another process is at work on {root}: wait until it has finished.") from None
    except OSError as error:
        if error.errno in FULL:
            raise CourseError(
                f"The disk of {root} is full: {_ELSEWHERE}; the same command goes on from here."
            ) from None
        if error.errno in READ_ONLY:
            raise CourseError(f"{error.filename or root} can't be written ({error.strerror}): use --to.") from None
        raise CourseError(f"Working on {root} failed ({error}): run the same command again.") from None
