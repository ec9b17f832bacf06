"""COCO from the inside: find its files, load them into tables, check them, write them.

Nothing heavy is imported here. ``load`` and ``validate`` are functions; their modules are ``loading`` and ``checking``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from synscenes.coco.folders import Folder, folder

if TYPE_CHECKING:
    from synscenes.coco.dataset import Dataset
    from synscenes.coco.problems import Problem

__all__ = ["Folder", "folder", "load", "save", "validate"]


def load(path: str | Path) -> Dataset:
    """Read a COCO annotation file into tables; see :func:`synscenes.coco.loading.load`."""
    from synscenes.coco import loading

    return loading.load(path)


def save(dataset: Any, path: str | Path) -> Path:
    """Write a dataset as COCO JSON; see :func:`synscenes.coco.saving.save`."""
    from synscenes.coco import saving

    return saving.save(dataset, path)


def validate(path: str | Path, images: str | Path | None = None) -> list[Problem]:
    """Return every problem found in a COCO file; see :func:`synscenes.coco.checking.validate`."""
    from synscenes.coco import checking

    return checking.validate(path, images)
