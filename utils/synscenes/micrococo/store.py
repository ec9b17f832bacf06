"""The default dataset: made once in the course's cache folder, whoever asks first."""

from __future__ import annotations

import sys
from pathlib import Path

from synscenes.paths import home

VERSION = "3"  # part of the folder's name: a new look is a new dataset, and old ones are left alone
TRAIN, VAL, SEED = 1000, 250, 2017


def folder() -> Path:
    """Where the default dataset lies (it may not exist yet)."""
    return home() / f"micro-coco-{VERSION}"


def is_made() -> bool:
    """Whether the default dataset is there; a folder of that name is always whole."""
    return (folder() / "annotations" / "scenes_val2017.json").is_file()


def default(progress: bool = True) -> Path:
    """Return the folder of the default dataset (1,000 train and 250 val images), making it first where needed.

    One process makes it, others wait. Raises CourseError when its sprites cannot be fetched or the disk refuses.
    """
    if is_made():
        return folder()
    import filelock

    from synscenes import assets
    from synscenes.micrococo.writer import generate

    assets.fetch(["twemoji"], progress=progress)
    folder().parent.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(folder().parent / ".micro-coco.lock")
    try:
        lock.acquire(timeout=1)
    except filelock.Timeout:
        if progress:
            print("Another process is making micro-COCO; waiting for it.", file=sys.stderr, flush=True)
        lock.acquire()
    try:
        if not is_made():
            for leftover in folder().parent.glob(f".{folder().name}.*.part"):
                _remove(leftover)  # of a process that died: we hold the lock
            generate(folder(), TRAIN, VAL, SEED, progress=progress)
    finally:
        lock.release()
    return folder()


def _remove(path: Path) -> None:
    import shutil

    shutil.rmtree(path, ignore_errors=True)
