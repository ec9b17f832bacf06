"""Folders that the course makes for itself: once, whole, and by whoever asks first."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from synscenes.errors import CourseError
from synscenes.paths import found_or_own


def made_once(name: str, make: Callable[[Path], object], what: str = "") -> Path:
    """Return the folder ``name`` in the course's cache; ``make(folder)`` fills an empty one the first time.

    The folder appears when ``make`` has returned, and not at all if it fails. So one that is there is whole, and is
    returned without a lock, even from a cache that nobody may write to. One process makes it, others wait and are
    told for ``what``. Where the cache is shared and read-only, what is not in it is made in the user's own folder.
    Raises CourseError where that cannot be written to either.
    """
    root = found_or_own(name)
    if root.is_dir():
        return root
    with _one_at_a_time(root, what or name):
        if not root.is_dir():
            # Of a process that died (we hold the lock); what `make` drafted beside its folder has a second dot.
            for leftover in (*root.parent.glob(f".{name}.*.part"), *root.parent.glob(f"..{name}.*.part.*")):
                shutil.rmtree(leftover, ignore_errors=True)
            work = Path(tempfile.mkdtemp(prefix=f".{name}.", suffix=".part", dir=root.parent))
            try:
                make(work)
                os.chmod(work, 0o755)  # mkdtemp's folders are private; a room may share this one
                os.replace(work, root)
            except BaseException:
                shutil.rmtree(work, ignore_errors=True)
                raise
    return root


@contextlib.contextmanager
def _one_at_a_time(root: Path, what: str) -> Iterator[None]:
    import filelock

    lock = filelock.FileLock(root.parent / f".{root.name}.lock")
    try:
        root.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=1)
        except filelock.Timeout:
            print(f"Another process is making {what}; waiting for it.", file=sys.stderr, flush=True)
            lock.acquire()
    except OSError as error:
        raise CourseError(
            f"{what} is not in {root.parent} yet and cannot be made there ({error.strerror}): run this once as "
            "somebody who may write there, or name another folder in SYNSCENES_HOME."
        ) from error
    try:
        yield
    finally:
        lock.release()
