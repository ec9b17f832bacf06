"""The XML files that hold ILSVRC's boxes (the format of PASCAL VOC), read without trusting them."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

from synscenes.errors import CourseError

# The largest official file has a few dozen boxes; nothing honest comes near this.
_MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class Box:
    """A box and the class in it: ``xyxy`` is left, top, right, bottom in pixels, as the file gives them."""

    wnid: str
    xyxy: tuple[float, float, float, float]


@dataclass(frozen=True)
class Annotation:
    """One XML file: the image it speaks of (a name without extension), the image's size, its boxes."""

    filename: str
    width: int
    height: int
    boxes: tuple[Box, ...]


def read_annotation(path: str | Path) -> Annotation:
    """Read one file of ``Annotations/CLS-LOC``.

    Raises CourseError, naming the file and the field, for a missing or unreadable file, XML that is cut off or
    malformed, one with a document type or entities (they serve attacks such as "billion laughs"; no official
    file has any), a missing field, and a box whose corners are not numbers or the wrong way round.
    """
    path = Path(path)
    root = _parse(path)
    if root.tag != "annotation":
        raise CourseError(
            f"{path} is no ILSVRC annotation: its outermost element is <{root.tag}>, not <annotation>."
        )
    boxes = tuple(_box(path, place, item) for place, item in enumerate(root.findall("object"), start=1))
    size = [_number(path, root, f"size/{side}", "the image") for side in ("width", "height")]
    return Annotation(_text(path, root, "filename", "the image"), int(size[0]), int(size[1]), boxes)


def _parse(path: Path) -> ElementTree.Element:
    try:
        with open(path, "rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise CourseError(f"No annotation at {path}.") from None
    except OSError as error:
        raise CourseError(f"The annotation {path} can't be read: {error.strerror}.") from None
    if len(data) > _MOST_BYTES:
        raise CourseError(f"{path} is larger than {_MOST_BYTES:,} bytes: that is no ILSVRC annotation.")
    try:
        # As a string, because then the parser ignores an encoding that the file declares for itself, which could
        # hide from the next test what we look for.
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CourseError(f"{path} is not UTF-8 text: fetch or unpack the file again.") from None
    if "<!doctype" in text.lower() or "<!entity" in text.lower():
        raise CourseError(
            f"Refused {path}: it declares a document type or entities, and no ILSVRC file does."
        )
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise CourseError(
            f"{path} is not well-formed XML ({error}): fetch or unpack the file again."
        ) from None


def _box(path: Path, place: int, item: ElementTree.Element) -> Box:
    where = f"object {place}"
    left, top, right, bottom = (
        _number(path, item, f"bndbox/{side}", where) for side in ("xmin", "ymin", "xmax", "ymax")
    )
    if right < left or bottom < top:
        raise CourseError(
            f"{path}, {where}: the box ({left:g}, {top:g}, {right:g}, {bottom:g}) is inside out."
        )
    return Box(_text(path, item, "name", where), (left, top, right, bottom))


def _text(path: Path, item: ElementTree.Element, field: str, where: str) -> str:
    found = (item.findtext(field) or "").strip()
    if not found:
        raise CourseError(f"{path}, {where}: the field <{field.replace('/', '><')}> is missing or empty.")
    return found


def _number(path: Path, item: ElementTree.Element, field: str, where: str) -> float:
    text = _text(path, item, field, where)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise CourseError(f"{path}, {where}: <{field.replace('/', '><')}> is {text!r}, not a number.")
    return value
