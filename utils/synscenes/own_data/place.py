"""The learner's own folder, with a few photographs to begin with."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from synscenes.conversion.records import PICTURES
from synscenes.paths import repo_root


def folder(name: str, temporary: bool = False) -> Path:
    """Return the folder for a dataset called ``name``, made if need be.

    It lies in the course's ``work/``, beside the learner's notebooks, where nothing is ever overwritten; without a
    course folder it lies here. ``temporary``: a fresh folder that nobody will miss, for test runs.
    """
    root = repo_root()
    if temporary:
        place = Path(tempfile.mkdtemp(prefix="synscenes-")) / name
    else:
        place = (root / "work" if root else Path.cwd()) / name
    (place / "photographs").mkdir(parents=True, exist_ok=True)
    return place


def lend(photographs: Iterable[Path], place: Path) -> list[Path]:
    """Copy photographs into ``place/photographs``, unless the learner has put some there; return what is there."""
    target = place / "photographs"
    if not _pictures(target):
        for path in photographs:
            shutil.copyfile(path, target / Path(path).name)
    return _pictures(target)


def _pictures(folder: Path) -> list[Path]:
    # A file manager may have left a file of its own in there.
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES)
