"""YOLO's labels: one text file an image, one line a box, everything as a share of the image.

``labels/NAME.txt`` holds lines ``class centre_x centre_y width height``; ``images/NAME.jpg`` lies beside it, and
``data.yaml`` names the classes, which are numbered from 0. The layout is the one that Ultralytics' tools read.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from synscenes.boxes import xywh_to_xyxy
from synscenes.conversion.records import Builder, by_image, category_names, copy_pictures, picture_sizes
from synscenes.errors import CourseError
from synscenes.files import write_atomic


def write(document: Mapping[str, Any], folder: Path, images: Path | None) -> Path:
    """See ``synscenes.conversion.write``. Crowds are left out: YOLO has no word for them."""
    import yaml

    names = category_names(document)
    number = {identifier: place for place, identifier in enumerate(names)}
    for image, entries in by_image(document):
        size = image["width"], image["height"]
        lines = [_line(number[entry["category_id"]], entry["bbox"], size) for entry in entries if not crowd(entry)]
        write_atomic(folder / "labels" / f"{Path(image['file_name']).stem}.txt", "".join(lines))
    copy_pictures(document, images, folder / "images")
    described = {"path": ".", "train": "images", "val": "images", "names": dict(enumerate(names.values()))}
    write_atomic(folder / "data.yaml", yaml.safe_dump(described, sort_keys=False, allow_unicode=True))
    return folder


def crowd(entry: Mapping[str, Any]) -> bool:
    """Return whether an annotation outlines a crowd."""
    return bool(entry.get("iscrowd"))


def _line(number: int, box: Sequence[float], size: tuple[int, int]) -> str:
    # A box may stick out of the image by a rounding error; a share above 1 stops other tools.
    left, top, right, bottom = np.clip(xywh_to_xyxy(box), 0, [*size, *size]) / [*size, *size]
    shares = (left + right) / 2, (top + bottom) / 2, right - left, bottom - top
    # repr gives the shortest text that reads back as the same number: nothing is lost to rounding.
    return f"{number} {' '.join(repr(float(share)) for share in shares)}\n"


def read(folder: Path, categories: Sequence[Mapping[str, Any]] | None) -> dict[str, Any]:
    """See ``synscenes.conversion.read``. An image without a label file has no objects."""
    names = _names(folder / "data.yaml")
    builder = Builder(categories, names if categories is None else ())
    sizes = picture_sizes(folder / "images")
    stray = {path.stem for path in (folder / "labels").glob("*.txt")} - {Path(name).stem for name in sizes}
    if stray:
        raise CourseError(f"{folder / 'labels' / min(stray)}.txt has no photograph in {folder / 'images'}: add it.")
    for name, (width, height) in sizes.items():
        image_id = builder.image(name, width, height)
        path = folder / "labels" / f"{Path(name).stem}.txt"
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        for row, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                where = f"{path}, line {row}"
                number, (x, y, w, h) = _fields(line, where, len(names))
                box = [(x - w / 2) * width, (y - h / 2) * height, w * width, h * height]
                builder.annotation(image_id, builder.category(names[number], where), box)
    return builder.document()


def _names(path: Path) -> list[str]:
    import yaml

    if not path.is_file():
        raise CourseError(f"No {path.name} in {path.parent}: it names the classes; without it numbers mean nothing.")
    try:
        names = yaml.safe_load(path.read_text(encoding="utf-8"))["names"]
        listed = [names[place] for place in range(len(names))] if isinstance(names, dict) else list(names)
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError):
        raise CourseError(f"{path}: `names` must list the classes, numbered from 0 without a gap.") from None
    return [str(name) for name in listed]


def _fields(line: str, where: str, classes: int) -> tuple[int, list[float]]:
    parts = line.split()
    if len(parts) != 5:
        hint = "; lines with outlines or joints are other dialects" if len(parts) > 5 else ""
        raise CourseError(f"{where}: expected 5 numbers (class, centre x, y, width, height), got {len(parts)}{hint}.")
    try:
        number, shares = int(parts[0]), [float(part) for part in parts[1:]]
    except ValueError:
        raise CourseError(f"{where}: {shown(line)} is not one whole number and four numbers.") from None
    if not 0 <= number < classes:
        raise CourseError(f"{where}: class {number} is not in data.yaml, which has 0 to {classes - 1}.")
    if not all(math.isfinite(share) and 0 <= share <= 1 for share in shares):
        raise CourseError(f"{where}: {shown(line)} holds a share outside 0 to 1; were pixels written?")
    return number, shares


def shown(line: str) -> str:
    """Return a line short enough for a message."""
    return repr(line.strip()[:60])
