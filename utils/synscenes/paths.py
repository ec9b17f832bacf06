"""Where things lie: the cache of fetched files, and the course's own folder."""

from __future__ import annotations

import os
from pathlib import Path

from synscenes.errors import CourseError


def home() -> Path:
    """Return the folder that holds fetched assets and progress (it may not exist yet).

    ``SYNSCENES_HOME`` overrides the user's cache folder of the operating system.
    """
    override = os.environ.get("SYNSCENES_HOME")
    if override:
        return Path(override).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_cache_dir("synscenes", appauthor=False))


def own() -> Path:
    """Return the folder for what belongs to this user alone: progress, decisions, what a lesson computed and keeps.

    It is ``home()``. Where that is a shared folder that this user may not write to, as in a classroom, it is the
    user's data folder of the operating system.
    """
    folder = home()
    if not folder.is_dir() or os.access(folder, os.W_OK | os.X_OK):
        return folder
    import platformdirs

    return Path(platformdirs.user_data_dir("synscenes", appauthor=False))


def found_or_own(name: str) -> Path:
    """Return ``name`` in the cache where it is there already, else its place in the user's own folder."""
    shared = home() / name
    return shared if shared.exists() else own() / name


def repo_root() -> Path | None:
    """Return the course's folder (it holds ``course/lessons``), or None for a bare installation."""
    candidates = [Path.cwd(), *Path.cwd().parents, *Path(__file__).resolve().parents]
    for folder in candidates:
        if (folder / "course" / "lessons").is_dir():
            return folder
    return None


def require_repo_root() -> Path:
    """Return the course's folder, or raise CourseError where there is none."""
    root = repo_root()
    if root is None:
        raise CourseError(
            "No course folder found here: run this inside a clone of the course (it holds course/lessons)."
        )
    return root
