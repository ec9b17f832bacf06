"""A panoptic annotation file with its folder of PNGs, read and checked: every error names file and id."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from synscenes.errors import CourseError
from synscenes.panoptic.ids import LARGEST_ID, VOID, read_png

Segments = dict[int, dict[str, Any]]


@dataclass(frozen=True)
class PanopticSet:
    """A panoptic JSON and the folder of its PNGs.

    ``name``: how errors call the JSON. ``annotations``: image id -> its entry. ``sizes``: image id -> (height,
    width), for those images whose size the file gives. ``categories``: id -> category. ``content``: the whole file.
    """

    name: str
    folder: Path
    annotations: dict[int, dict[str, Any]]
    sizes: dict[int, tuple[int, int]]
    categories: dict[int, dict[str, Any]]
    content: Mapping[str, Any]

    def segments(self, image_id: int, categories: Mapping[int, Any] | None = None) -> Segments:
        """Return the image's segments by id; ``categories`` are those allowed (default: the file's own).

        Raises CourseError for an id that occurs twice or isn't from 1 to 2^24 - 1, and for an unknown category.
        """
        allowed = self.categories if categories is None else categories
        found: Segments = {}
        for segment in _records(self.annotations[image_id], "segments_info", self.name, f"image {image_id}"):
            number = _field(segment, "id", self.name, f"a segment of image {image_id}")
            place = f"image {image_id}, segment {number!r:.40}"
            category = _field(segment, "category_id", self.name, place)
            where = f"{self.name}, {place}"
            if not isinstance(number, int) or not VOID < number <= LARGEST_ID:
                raise CourseError(
                    f"{where}: ids are whole numbers from 1 to {LARGEST_ID:,} (0 is void): choose another."
                )
            if number in found:
                raise CourseError(f"{where}: this id stands there twice: give each segment an id of its own.")
            if not isinstance(category, int) or category not in allowed:
                raise CourseError(
                    f"{where}: category_id {category!r:.40} isn't among the categories: correct it or add it."
                )
            found[number] = segment
        return found

    def pixels(self, image_id: int) -> np.ndarray:
        """Return the image's segment ids, (H, W) uint32. Raises CourseError when the PNG has another size than the
        JSON says, or can't be read."""
        entry = self.annotations[image_id]
        file_name = _field(entry, "file_name", self.name, f"image {image_id}")
        if not isinstance(file_name, str) or not file_name.isprintable():
            raise CourseError(f"{self.name}: image {image_id} has the file_name {file_name!r}, which is no name.")
        ids = read_png(self.folder / file_name)
        check_size(ids.shape, self.sizes.get(image_id), f"{self.folder.name}/{entry['file_name']}", self.name, image_id)
        return ids

    def check_segments(self, image_id: int, segments: Segments, areas: Mapping[int, int], areas_too: bool) -> None:
        """Compare the JSON's segments with the pixels counted in the PNG (``areas``: id -> pixels).

        Raises CourseError for an id that only one of the two has and, with ``areas_too``, for an area that
        differs.
        """
        png = f"{self.folder.name}/{self.annotations[image_id].get('file_name')}"
        for number in areas:
            if number != VOID and number not in segments:
                raise CourseError(
                    f"{png}: segment {number} ({areas[number]} pixels) isn't in {self.name}, image {image_id}: "
                    "add it to segments_info, or paint it 0 (void)."
                )
        for number, segment in segments.items():
            if number not in areas:
                raise CourseError(
                    f"{self.name}, image {image_id}, segment {number}: {png} has no pixel of it: "
                    "remove it from segments_info, or paint it."
                )
            if areas_too and segment.get("area", areas[number]) != areas[number]:
                raise CourseError(
                    f"{self.name}, image {image_id}, segment {number}: area is {segment['area']!r:.40}, but {png} has "
                    f"{areas[number]} pixels: correct the one that is wrong."
                )


def load(source: str | Path | Mapping[str, Any], folder: str | Path | None, name: str = "panoptic JSON") -> PanopticSet:
    """Read a panoptic JSON (a path, or its parsed content) whose PNGs lie in ``folder``.

    Without a folder it is the JSON's path without ``.json``, as the official files lie. ``name`` is used in
    errors where there is no path. Raises CourseError for a missing or broken file, a missing field, or an image
    with two entries.
    """
    if isinstance(source, Mapping):
        content: Mapping[str, Any] = source
    else:
        path = Path(source)
        name, content = path.name, _read(path)
        folder = path.with_suffix("") if folder is None else folder
    if folder is None:
        raise ValueError("folder: say where the PNGs of a parsed JSON lie")
    annotations: dict[int, dict[str, Any]] = {}
    for entry in _records(content, "annotations", name, "the file"):
        image_id = _identifier(entry, "image_id", name, "an annotation")
        if image_id in annotations:
            raise CourseError(f"{name}, image {image_id}: it has two annotations: keep one.")
        annotations[image_id] = entry
    sizes = {
        _identifier(image, "id", name, "an image"): (image["height"], image["width"])
        for image in _records({"images": [], **content}, "images", name, "the file")
        if isinstance(image, Mapping) and "height" in image and "width" in image
    }
    named = _records({"categories": [], **content}, "categories", name, "the file")
    categories = {_identifier(category, "id", name, "a category"): category for category in named}
    return PanopticSet(name, Path(folder), annotations, sizes, categories, content)


def check_size(found: tuple[int, ...], wanted: tuple[int, int] | None, what: str, against: str, image_id: int) -> None:
    """Raise CourseError unless (height, width) are those wanted; None accepts any."""
    if wanted is not None and tuple(found) != tuple(wanted):
        raise CourseError(
            f"{what}: {found[1]} × {found[0]} pixels, but {against} says image {image_id} is "
            f"{wanted[1]} × {wanted[0]}: masks must have the size of their image (resize with nearest neighbour)."
        )


def _read(path: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CourseError(f"{path.name}: there is no such file in {path.parent.name}: check the path.") from None
    except OSError as error:
        raise CourseError(f"{path.name} can't be read ({error.strerror}): give the JSON file.") from None
    except (ValueError, RecursionError) as error:
        raise CourseError(f"{path.name}: not valid JSON ({error}): get or write the file again.") from None
    if not isinstance(content, dict):
        raise CourseError(f"{path.name}: a panoptic file is an object with annotations, not a list.")
    return content


def _records(entry: Mapping[str, Any], name: str, file: str, where: str) -> list[Any]:
    value = _field(entry, name, file, where)
    if not isinstance(value, list):
        raise CourseError(f"{file}: {where} has {name!r}, but that is no list: is this a panoptic file?")
    return value


def _identifier(entry: Mapping[str, Any], name: str, file: str, where: str) -> int:
    value = _field(entry, name, file, where)
    if isinstance(value, bool) or not isinstance(value, int):
        raise CourseError(f"{file}: {where} has the {name} {value!r}, which is no whole number.")
    return value


def _field(entry: Mapping[str, Any], name: str, file: str, where: str) -> Any:
    if not isinstance(entry, Mapping) or name not in entry:
        raise CourseError(f"{file}: {where} has no {name!r}: is this a panoptic file?")
    return entry[name]
