"""Checking one annotation: its box, area, outline, joints, caption, segments, each against the others."""

from __future__ import annotations

from typing import Any

import numpy as np

from synscenes.coco.outline_checks import SLACK, Shape, check_outline
from synscenes.coco.polygons import polygons_to_mask
from synscenes.coco.problems import Place
from synscenes.coco.values import check_id, check_number, check_text, numbers, odd_one, say

FIELDS = frozenset(
    (
        "id",
        "image_id",
        "category_id",
        "bbox",
        "area",
        "segmentation",
        "keypoints",
        "num_keypoints",
        "iscrowd",
        "caption",
    )
)
# Relative error of an area that is let pass: tools round, and fill outlines differently. The areas of COCO's own
# crowds were taken from outlines drawn earlier, and differ from their RLE by up to a third.
_NEAR, _NEAR_CROWD = 0.1, 0.5


class AnnotationChecks:
    """Checks annotation after annotation; ``to_fill`` bounds how many outlines are filled to settle an area."""

    def __init__(self, to_fill: int = 5_000) -> None:
        self._to_fill = to_fill

    def check(self, place: Place, record: dict[str, Any], size: tuple[int, int] | None) -> None:
        """Check an annotation of an image of ``size`` (width, height), None where that is unknown."""
        if "caption" in record:
            check_text(place, record, "caption")
        elif "segments_info" in record:
            self._segments(place, record, size)
        else:
            self._instance(place, record, size)

    def _instance(self, place: Place, record: dict[str, Any], size: tuple[int, int] | None) -> None:
        _check_crowd(place, record)
        shape = None
        if "segmentation" in record:
            shape = check_outline(place, record["segmentation"], size)
            if record.get("iscrowd") == 1 and isinstance(record["segmentation"], list):
                place.add("crowd-as-polygons", "segmentation", "a crowd drawn as polygons",
                          "COCO writes crowds as RLE; some tools rely on it", "warning")  # fmt: skip
        else:
            place.add("missing", "segmentation", "the field is missing", "add outlines, or score boxes only", "warning")
        box = _check_box(place, record, size, shape)
        area = check_number(place, record, "area")
        if area is not None:
            self._check_area(place, record, area, box, shape, size)
        if "keypoints" in record:
            _check_joints(place, record, size)

    def _segments(self, place: Place, record: dict[str, Any], size: tuple[int, int] | None) -> None:
        check_text(place, record, "file_name")
        segments = record["segments_info"]
        if not isinstance(segments, list) or not all(isinstance(segment, dict) for segment in segments):
            place.add("not-a-list", "segments_info", "it is no list of objects", "write one object for each segment")
            return
        seen = set()
        for place_in, segment in enumerate(segments):
            inner = _Inner(place, f"segments_info[{place_in}].")
            identifier = check_id(inner, segment)
            if identifier in seen:
                inner.add("duplicate-id", "id", f"the segment id {identifier} occurs twice in this image", "renumber")
            seen.add(identifier)
            if identifier is not None and identifier >= 2**24:
                inner.add(
                    "segment-id", "id", f"{identifier} doesn't fit the three bytes of a pixel", "use ids below 2^24"
                )
            _check_crowd(inner, segment)
            _check_box(inner, segment, size, None)
            area = check_number(inner, segment, "area")
            if area is not None and (area <= 0 or (size and area > size[0] * size[1])):
                inner.add("wrong-area", "area", f"the area is {area:g}", "count the segment's pixels in the PNG")

    def _check_area(
        self, place: Place, record: dict[str, Any], area: float, box: Any, shape: Shape | None, size: Any
    ) -> None:
        near = _NEAR_CROWD if record.get("iscrowd") == 1 else _NEAR
        if area <= 0:
            place.add("wrong-area", "area", f"the area is {area:g}", "write the mask's number of pixels")
        elif shape is not None and not _agree(area, shape.area, near):
            true = shape.area if shape.exact else self._filled(record["segmentation"], size)
            if true is not None and not _agree(area, true, near):
                boxed = box is not None and _agree(area, box[2] * box[3], 0.01)
                reason = "that is the box's; COCO's is the mask's" if boxed else "they should be equal"
                place.add("wrong-area", "area", f"the area is {area:g} and the outline covers {true:g}: {reason}",
                          "write the mask's number of pixels")  # fmt: skip
        elif shape is None and size and area > size[0] * size[1] * (1 + _NEAR):
            place.add("wrong-area", "area", f"the area is {area:g}, the whole image has {size[0] * size[1]}",
                      "write the mask's number of pixels")  # fmt: skip

    def _filled(self, polygons: list[list[float]], size: tuple[int, int] | None) -> int | None:
        """Fill the outline, where its own formula disagrees: parts may overlap. None where that costs too much."""
        if size is None or self._to_fill <= 0 or size[0] * size[1] > 2**24 or sum(map(len, polygons)) > 20_000:
            return None
        if max(map(max, polygons)) > 2 * max(size) or min(map(min, polygons)) < -max(size):
            return None
        self._to_fill -= 1
        return int(polygons_to_mask(polygons, size[1], size[0]).sum())


class _Inner:
    """A place inside a record: reports name the field with the way to it."""

    def __init__(self, place: Place, prefix: str) -> None:
        self._place, self._prefix = place, prefix

    def add(self, code: str, field: str, wrong: str, advice: str, level: str = "error") -> None:
        self._place.add(code, self._prefix + field, wrong, advice, level)


def _agree(area: float, other: float, near: float) -> bool:
    return abs(area - other) <= max(near * max(area, other), 16)


def _check_crowd(place: Any, record: dict[str, Any]) -> None:
    value = record.get("iscrowd")
    if "iscrowd" not in record:
        place.add(
            "missing", "iscrowd", "the field is missing, and pycocotools stops without it", "add 0, or 1 for a crowd"
        )
    elif type(value) is not int or value not in (0, 1):
        place.add("not-0-or-1", "iscrowd", f"{say(value)} where 0 or 1 belongs",
                  "write 1 for a crowd, else 0")  # fmt: skip


def _check_box(place: Any, record: dict[str, Any], size: Any, shape: Shape | None) -> list[float] | None:
    """Return the box where it is four usable numbers; report what is wrong with it."""
    box = record.get("bbox")
    if "bbox" not in record:
        place.add("missing", "bbox", "the field is missing", "add [left, top, width, height]")
        return None
    if not isinstance(box, list) or len(box) != 4:
        what = f"a list of {len(box)}" if isinstance(box, list) else say(box)
        place.add("not-a-box", "bbox", f"{what} where four numbers belong", "write [left, top, width, height]")
        return None
    if not numbers(box):
        place.add("not-a-number", "bbox", f"{odd_one(box)}", "write finite numbers without quotes")
        return None
    left, top, width, height = box
    corners = (left, top, left + width, top + height)
    inside = size is None or _within(corners, size)
    if _read_as_corners(box, size, shape, inside):
        right = [left, top, _g(width - left), _g(height - top)]
        place.add("xyxy", "bbox", f"{box} looks like [left, top, right, bottom]",
                  f"COCO's is [left, top, width, height]: {right}")  # fmt: skip
    elif width <= 0 or height <= 0:
        place.add(
            "empty-box", "bbox", f"the box is {width:g} wide and {height:g} high", "correct it or drop the annotation"
        )
    elif not inside:
        place.add("box-outside", "bbox", f"the box {box} leaves the image, which is {size[0]} × {size[1]}",
                  "clip it, or correct the image's size")  # fmt: skip
    elif shape is not None and _apart(corners, shape.box) > max(4 * SLACK, 0.1 * max(width, height)):
        found = [_g(value) for value in (*shape.box[:2], shape.box[2] - shape.box[0], shape.box[3] - shape.box[1])]
        place.add("box-not-outline", "bbox", f"the box is {box}, the outline's {found}",
                  "one of the two is wrong", "warning")  # fmt: skip
    return box


def _read_as_corners(box: list[float], size: Any, shape: Shape | None, inside: bool) -> bool:
    """Tell xyxy from xywh: by the outline, or where only one of the two readings fits the image."""
    left, top, right, bottom = box
    if not (right > left and bottom > top) or left + top == 0:
        return False
    if shape is not None:
        as_written = (left, top, left + right, top + bottom)
        return _apart(box, shape.box) <= SLACK < _apart(as_written, shape.box)
    return size is not None and not inside and _within(box, size)


def _within(corners: Any, size: tuple[int, int]) -> bool:
    left, top, right, bottom = corners
    return min(left, top) >= -SLACK and right <= size[0] + SLACK and bottom <= size[1] + SLACK


def _apart(one: Any, other: Any) -> float:
    return max(abs(a - b) for a, b in zip(one, other))


def _g(value: float) -> float:
    return float(f"{value:.6g}")


def _check_joints(place: Place, record: dict[str, Any], size: tuple[int, int] | None) -> None:
    joints = record["keypoints"]
    if not isinstance(joints, list) or len(joints) % 3:
        what = f"a list of {len(joints)} numbers" if isinstance(joints, list) else say(joints)
        place.add(
            "keypoints-length", "keypoints", f"{what} where x, y, v of each joint belong", "write three numbers a joint"
        )
        return
    if not numbers(joints):
        place.add("not-a-number", "keypoints", odd_one(joints), "write finite numbers without quotes")
        return
    x, y, seen = np.array(joints, dtype=np.float64).reshape(-1, 3).T
    odd = ~np.isin(seen, (0, 1, 2))
    if odd.any():
        first = int(odd.argmax())
        place.add(
            "visibility",
            "keypoints",
            f"joint {first} has v = {seen[first]:g}",
            "v is 0 (not marked), 1 (hidden) or 2 (visible)",
        )
    unmarked = (seen == 0) & ((x != 0) | (y != 0))
    if unmarked.any():
        first = int(unmarked.argmax())
        place.add("unmarked-joint", "keypoints", f"joint {first} is unmarked (v = 0) but has a place",
                  "write 0, 0, 0, or v = 1 or 2", "warning")  # fmt: skip
    if size:
        out = (seen > 0) & ((np.minimum(x, y) < -SLACK) | (x > size[0] + SLACK) | (y > size[1] + SLACK))
        if out.any():
            first = int(out.argmax())
            place.add("joint-outside", "keypoints", f"joint {first} at ({x[first]:g}, {y[first]:g}) lies outside "
                      f"the image, which is {size[0]} × {size[1]}", "correct it, or mark it v = 0")  # fmt: skip
    marked, said = int((seen > 0).sum()), record.get("num_keypoints")
    if said != marked or type(said) is not int:
        place.add(
            "num-keypoints", "num_keypoints", f"it is {said!r:.20}, and {marked} joints are marked", f"write {marked}"
        )
