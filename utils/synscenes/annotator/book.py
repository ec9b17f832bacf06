"""The COCO file an annotator works on: every change is on the disk before the next one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from synscenes.conversion.records import picture_sizes, read_json
from synscenes.draw import KEYPOINTS, SKELETON
from synscenes.errors import CourseError

# Fewer square pixels than this are a slip of the hand, not an object.
LEAST_AREA = 4.0


class Book:
    """A COCO file and the folder of its photographs.

    An existing file is gone on with, an absent one begun; photographs that the file does not list are added, in the
    order of their names. ``categories`` are records with ``id`` and ``name``; an existing file must have the same.
    Every method that changes something writes the file, whole, before it returns. Raises CourseError for a
    file that is no COCO file, other categories, an empty folder, and for strokes that make no sense.
    """

    def __init__(self, path: str | Path, photographs: str | Path, categories: Sequence[Mapping[str, Any]]) -> None:
        self.path, self.photographs = Path(path), Path(photographs)
        wanted = [_category(entry) for entry in categories]
        sizes = picture_sizes(self.photographs)
        if not sizes:
            raise CourseError(f"No photograph in {self.photographs}: put JPEG or PNG files there.")
        self.document = self._opened(wanted) if self.path.exists() else _empty(wanted)
        known = {image["file_name"] for image in self.document["images"]}
        gone = known - set(sizes)
        if gone:
            raise CourseError(f"{self.path} lists {min(gone)}, which is not in {self.photographs}: put it back.")
        for name, (width, height) in sizes.items():
            if name not in known:
                record = {"id": _free(self.document["images"]), "file_name": name, "width": width, "height": height}
                self.document["images"].append(record)

    def _opened(self, wanted: list[dict[str, Any]]) -> dict[str, Any]:
        document = read_json(self.path)
        if not all(isinstance(document.get(name), list) for name in ("images", "annotations", "categories")):
            raise CourseError(f"{self.path} lacks images, annotations or categories: it is no COCO file.")
        needed = {
            "images": ("id", "file_name", "width", "height"),
            "annotations": ("id", "image_id"),
            "categories": ("id", "name"),
        }
        for section, fields in needed.items():
            for place, entry in enumerate(document[section]):
                lacking = [name for name in fields if not isinstance(entry, dict) or not _plain(name, entry.get(name))]
                if lacking:
                    raise CourseError(f"{self.path}: {section}[{place}] has no usable {lacking[0]}: mend the file.")
        found = [(entry.get("id"), entry.get("name")) for entry in document["categories"]]
        if found != [(entry["id"], entry["name"]) for entry in wanted]:
            raise CourseError(f"{self.path} has other categories than those asked for: use them, or another file.")
        return document

    @property
    def images(self) -> list[dict[str, Any]]:
        """The image records, in order."""
        return self.document["images"]

    def of_image(self, image_id: int) -> list[dict[str, Any]]:
        """Return an image's annotations, in the order in which they were drawn."""
        return [entry for entry in self.document["annotations"] if entry["image_id"] == image_id]

    def add(self, image_id: int, category_id: int, points: Sequence[Sequence[float]], kind: str) -> dict[str, Any]:
        """Add a box (two opposite corners) or a polygon (three corners or more) and return its record.

        ``points``: [x, y] in pixels; what sticks out of the image is cut off. The very same stroke a second time
        (a browser that could not know that the first was saved) changes nothing and returns the first record.
        """
        record = self._outlined(self._image(image_id), category_id, points, kind)
        for entry in self.of_image(image_id):
            if all(entry.get(name) == record.get(name) for name in (*record, "segmentation")):
                self.save()  # the disk may have refused it the first time
                return entry
        record = {"id": _free(self.document["annotations"]), **record}
        self.document["annotations"].append(record)
        self.save()
        return record

    def _outlined(
        self, image: Mapping[str, Any], category_id: int, points: Sequence[Sequence[float]], kind: str
    ) -> dict[str, Any]:
        if category_id not in {entry["id"] for entry in self.document["categories"]}:
            raise CourseError(f"No category has the id {category_id!r}: choose one of the list.")
        least = {"box": 2, "polygon": 3}.get(kind)
        if least is None:
            raise CourseError(f'A stroke is a "box" or a "polygon", not {kind!r}.')
        corners = [_inside(point, image) for point in points]
        if len(corners) < least or (kind == "box" and len(corners) != 2):
            raise CourseError(f"A {kind} needs {least}{' or more' * (kind == 'polygon')} corners, got {len(corners)}.")
        left, right = min(x for x, _ in corners), max(x for x, _ in corners)
        top, bottom = min(y for _, y in corners), max(y for _, y in corners)
        outline = [] if kind == "box" else [[value for corner in corners for value in corner]]
        area = (right - left) * (bottom - top) if kind == "box" else _filled(outline, image)
        if area < LEAST_AREA:
            raise CourseError(f"That covers {area:.0f} square pixels: too small to be meant; draw it again.")
        record = {
            "image_id": image["id"],
            "category_id": category_id,
            "bbox": [_short(value) for value in (left, top, right - left, bottom - top)],
            "area": _short(area),
            "iscrowd": 0,
        }
        # A box says nothing about the outline, so no outline is made up for it.
        return {**record, "segmentation": outline} if outline else record

    def set_joints(self, annotation_id: int, joints: Sequence[Sequence[float]]) -> dict[str, Any]:
        """Give a person the 17 joints [x, y, v] of COCO (v: 0 not labelled, 1 hidden, 2 visible)."""
        record = self.annotation(annotation_id)
        image = self._image(record["image_id"])
        category = next(entry for entry in self.document["categories"] if entry["id"] == record["category_id"])
        if category["name"] != "person":
            raise CourseError(f"The 17 joints are a person's; number {annotation_id} is called {category['name']}.")
        if len(joints) != len(KEYPOINTS):
            raise CourseError(f"A person has {len(KEYPOINTS)} joints, got {len(joints)}; skip what can't be seen.")
        flat: list[float] = []
        for name, joint in zip(KEYPOINTS, joints):
            if len(joint) != 3 or joint[2] not in (0, 1, 2):
                raise CourseError(f"{name}: expected x, y and a visibility of 0, 1 or 2, got {joint!r}.")
            flat += [*_inside(joint[:2], image), int(joint[2])] if joint[2] else [0, 0, 0]
        record["keypoints"] = flat
        record["num_keypoints"] = sum(visible > 0 for visible in flat[2::3])
        category.setdefault("keypoints", list(KEYPOINTS))
        category.setdefault("skeleton", [[start + 1, end + 1] for start, end in SKELETON])
        self.save()
        return record

    def set_category(self, annotation_id: int, category_id: int) -> dict[str, Any]:
        """Change what an annotation is called."""
        if category_id not in {entry["id"] for entry in self.document["categories"]}:
            raise CourseError(f"No category has the id {category_id!r}: choose one of the list.")
        record = self.annotation(annotation_id)
        record["category_id"] = category_id
        self.save()
        return record

    def remove(self, annotation_id: int) -> dict[str, Any]:
        """Take an annotation out and return it."""
        record = self.annotation(annotation_id)
        self.document["annotations"].remove(record)
        self.save()
        return record

    def put_back(self, record: Mapping[str, Any]) -> None:
        """Put an annotation in again, with its old id; replaces one that has this id."""
        kept = [entry for entry in self.document["annotations"] if entry["id"] != record["id"]]
        self.document["annotations"] = sorted([*kept, dict(record)], key=lambda entry: entry["id"])
        self.save()

    def save(self) -> Path:
        """Write the file atomically."""
        from synscenes import coco

        return coco.save(self.document, self.path)

    def _image(self, image_id: int) -> dict[str, Any]:
        return _found(self.document["images"], image_id, "image")

    def annotation(self, annotation_id: int) -> dict[str, Any]:
        """Return the record with this id."""
        return _found(self.document["annotations"], annotation_id, "annotation")


def _found(records: list[dict[str, Any]], identifier: Any, what: str) -> dict[str, Any]:
    for record in records:
        if record["id"] == identifier:
            return record
    raise CourseError(f"No {what} has the id {identifier!r} any more: choose another one.")


def _plain(field: str, value: Any) -> bool:
    """Return whether a value can be what the field holds: a name, or a whole number."""
    return isinstance(value, str) if field in ("file_name", "name") else type(value) is int


def _category(entry: Mapping[str, Any]) -> dict[str, Any]:
    if type(entry.get("id")) is not int or entry["id"] < 1 or not isinstance(entry.get("name"), str):
        raise CourseError(f"Category {dict(entry)!r}: give each an id from 1 up and a name.")
    return {"supercategory": "none", **entry}


def _empty(categories: list[dict[str, Any]]) -> dict[str, Any]:
    return {"images": [], "annotations": [], "categories": categories}


def _free(records: list[dict[str, Any]]) -> int:
    return max((record["id"] for record in records), default=0) + 1


def _inside(point: Sequence[float], image: Mapping[str, Any]) -> list[float]:
    try:
        x, y = (float(value) for value in point)
    except (TypeError, ValueError):
        raise CourseError(f"A corner is two numbers, not {point!r}.") from None
    if not math.isfinite(x) or not math.isfinite(y):
        raise CourseError("A corner lies at infinity: draw it again.")
    return [_short(min(max(x, 0.0), image["width"])), _short(min(max(y, 0.0), image["height"]))]


def _short(value: float) -> float:
    """A hundredth of a pixel, as in COCO's own files."""
    return round(float(value), 2)


def _filled(outline: list[list[float]], image: Mapping[str, Any]) -> float:
    from synscenes.coco import masks

    return float(masks.polygons_to_mask(outline, image["height"], image["width"]).sum())
