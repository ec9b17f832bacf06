"""COCO to YOLO, Pascal VOC and LabelMe, and back.

``write(document, folder, "voc")`` and ``read(folder, "voc")``. A document is a COCO instances file as ``json.load``
gives it. ``losses(document, "voc")`` lists what of *this* document the other format has no place for, with counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from synscenes.conversion.losses import losses
from synscenes.errors import CourseError

__all__ = ["FORMATS", "losses", "read", "write"]

FORMATS = ("yolo", "voc", "labelme")


def write(document: Mapping[str, Any], folder: str | Path, format: str, images: str | Path | None = None) -> Path:
    """Write a COCO document in another format under ``folder`` and return the folder.

    ``format`` is one of ``FORMATS``. ``images`` is the folder of the photographs: they are copied to where the format
    wants them. YOLO's files hold no image sizes, so reading them back needs the photographs. Raises CourseError,
    in one line, for an unknown format, for two images whose names would collide, and for a missing photograph.
    """
    return _module(format).write(document, Path(folder), None if images is None else Path(images))


def read(folder: str | Path, format: str, categories: Sequence[Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """Return what ``folder`` holds as a COCO document.

    Images are numbered from 1 in the order of their names, annotations from 1 in the order of the files.
    ``categories`` (records with ``id`` and ``name``) gives names their ids; without it categories are numbered from 1.
    Raises CourseError, in one line with file and line or field, for whatever can't be read.
    """
    return _module(format).read(Path(folder), categories)


def _module(format: str):
    from synscenes.conversion import labelme, voc, yolo

    modules = {"yolo": yolo, "voc": voc, "labelme": labelme}
    if format not in modules:
        raise CourseError(f"No format {format!r}: choose one of {', '.join(FORMATS)}.")
    return modules[format]
