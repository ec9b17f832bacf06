"""Datasets that a lesson makes for itself: once, whole, and whoever asks first."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from synscenes.paths import home


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """Return the folder ``name`` among the course's files; ``make(folder)`` fills it the first time.

    It appears when ``make`` has returned, and not at all if it fails. One process makes it, others wait.
    """
    import filelock

    root = home() / name
    root.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(root.parent / f".{name}.lock"):
        if not root.is_dir():
            work = Path(tempfile.mkdtemp(prefix=f".{name}.", suffix=".part", dir=root.parent))
            try:
                make(work)
                os.chmod(work, 0o755)  # mkdtemp's folders are private; a room may share this one
                os.replace(work, root)
            except BaseException:
                shutil.rmtree(work, ignore_errors=True)
                raise
    return root
