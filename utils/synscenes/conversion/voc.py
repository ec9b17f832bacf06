"""Pascal VOC's annotations: one XML file an image, corners as whole pixels counted from 1.

``Annotations/NAME.xml``, ``JPEGImages/NAME.jpg`` and ``ImageSets/Main/default.txt``, as in the VOC development kit
(Everingham et al. 2010). ``xmin`` and ``xmax`` both belong to the box: a box that covers only the first
pixel has xmin = xmax = 1.
"""

from __future__ import annotations

import math
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from synscenes.conversion.records import Builder, by_image, category_names, copy_pictures, plain_tail
from synscenes.errors import CourseError
from synscenes.files import write_atomic

_CORNERS = ("xmin", "ymin", "xmax", "ymax")


def write(document: Mapping[str, Any], folder: Path, images: Path | None) -> Path:
    """See ``synscenes.conversion.write``. A crowd becomes a "difficult" object, which VOC's score leaves out too."""
    names = category_names(document)
    stems = []
    for image, entries in by_image(document):
        stems.append(Path(image["file_name"]).stem)
        tree = _tree(image, entries, names)
        ElementTree.indent(tree)
        text = ElementTree.tostring(tree, encoding="unicode")
        write_atomic(folder / "Annotations" / f"{stems[-1]}.xml", text + "\n")
    copy_pictures(document, images, folder / "JPEGImages")
    write_atomic(folder / "ImageSets" / "Main" / "default.txt", "".join(f"{stem}\n" for stem in stems))
    return folder


def corners(box: Sequence[float], width: int, height: int) -> tuple[int, int, int, int]:
    """Return xmin, ymin, xmax, ymax of the pixels that an xywh box touches, inside the image, counted from 1."""
    left, top, right, bottom = box[0], box[1], box[0] + box[2], box[1] + box[3]
    xmin, ymin = max(math.floor(left), 0) + 1, max(math.floor(top), 0) + 1
    return xmin, ymin, max(min(math.ceil(right), width), xmin), max(min(math.ceil(bottom), height), ymin)


def _tree(image: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], names: dict[int, str]) -> ElementTree.Element:
    root = ElementTree.Element("annotation")
    _add(root, "folder", "JPEGImages")
    _add(root, "filename", image["file_name"])
    size = ElementTree.SubElement(root, "size")
    for name, value in (("width", image["width"]), ("height", image["height"]), ("depth", 3)):
        _add(size, name, value)
    _add(root, "segmented", 0)
    for entry in entries:
        thing = ElementTree.SubElement(root, "object")
        _add(thing, "name", names[entry["category_id"]])
        _add(thing, "pose", "Unspecified")
        _add(thing, "truncated", 0)
        _add(thing, "difficult", int(bool(entry.get("iscrowd"))))
        box = ElementTree.SubElement(thing, "bndbox")
        for name, value in zip(_CORNERS, corners(entry["bbox"], image["width"], image["height"])):
            _add(box, name, value)
    return root


def _add(parent: ElementTree.Element, name: str, value: Any) -> None:
    ElementTree.SubElement(parent, name).text = str(value)


def read(folder: Path, categories: Sequence[Mapping[str, Any]] | None) -> dict[str, Any]:
    """See ``synscenes.conversion.read``. "difficult" becomes ``iscrowd`` again."""
    if not (folder / "Annotations").is_dir():
        raise CourseError(f"No folder Annotations in {folder}: it should hold one XML file an image.")
    builder = Builder(categories)
    for path in sorted((folder / "Annotations").glob("*.xml")):
        root = _parsed(path)
        name = plain_tail(root.findtext("filename") or f"{path.stem}.jpg")
        size = [_number(root, f"size/{field}", path) for field in ("width", "height")]
        if min(size) < 1:
            raise CourseError(f"{path}: <size> says {size[0]:g} × {size[1]:g} pixels; write the photograph's own.")
        image_id = builder.image(name, *map(int, size))
        for place, thing in enumerate(root.findall("object")):
            where = f"{path}, object {place + 1}"
            xmin, ymin, xmax, ymax = (_number(thing, f"bndbox/{field}", where) for field in _CORNERS)
            if xmax < xmin or ymax < ymin:
                raise CourseError(f"{where}: xmax, ymax come before xmin, ymin; mend the corners.")
            label = (thing.findtext("name") or "").strip()
            if not label:
                raise CourseError(f"{where}: no <name>; say what the object is.")
            box = [xmin - 1, ymin - 1, xmax - xmin + 1, ymax - ymin + 1]
            difficult = int((thing.findtext("difficult") or "0").strip() == "1")
            builder.annotation(image_id, builder.category(label, where), box, iscrowd=difficult)
    return builder.document()


def _parsed(path: Path) -> ElementTree.Element:
    content = path.read_bytes()
    # Entities can blow a small file up to gigabytes; no VOC file declares any.
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise CourseError(f"{path} declares a DOCTYPE, which no VOC file needs: not read.")
    try:
        return ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise CourseError(f"{path} is not XML ({error}): save it anew.") from None


def _number(element: ElementTree.Element, field: str, where: Path | str) -> float:
    text = element.findtext(field)
    try:
        value = float(text or "")
    except ValueError:
        raise CourseError(f"{where}: <{field}> should be a number, is {text!r}.") from None
    if not math.isfinite(value) or value < 0:
        raise CourseError(f"{where}: <{field}> should be a number of pixels, is {text!r}.")
    return int(value) if value == int(value) else value
