"""Checking ``segmentation``: polygons that can be filled, runs that fit the image. Nothing is unfolded into pixels
on a file's word: a run may claim any length."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from synscenes.checks import shorten
from synscenes.coco.problems import Place
from synscenes.coco.rle import counts_of, to_bbox
from synscenes.coco.values import number, numbers, odd_one, say
from synscenes.errors import CourseError

SLACK = 2.0  # Pixels by which annotators' outlines may leave the image: hand-made data do.


class Shape(NamedTuple):
    """What an outline covers: its box as xyxy, its area, and whether that area is exact."""

    box: tuple[float, float, float, float]
    area: float
    exact: bool


def check_outline(place: Place, outline: Any, size: tuple[int, int] | None) -> Shape | None:
    """Check polygons or an RLE against the image's (width, height); return the shape where it is usable."""
    if isinstance(outline, list):
        return _polygons(place, outline, size)
    if isinstance(outline, dict):
        return _runs(place, outline, size)
    place.add("odd-outline", "segmentation", f"{say(outline)} where polygons or an RLE belong",
              "write a list of polygons, or an object with `size` and `counts`")  # fmt: skip
    return None


def _polygons(place: Place, polygons: list[Any], size: tuple[int, int] | None) -> Shape | None:
    def wrong(text: str, advice: str) -> None:
        place.add("odd-polygon", "segmentation", text, advice)

    if not polygons:
        return wrong("the list of polygons is empty", "add the outline, or drop the annotation")
    if all(number(item) for item in polygons):
        return wrong("a flat list of numbers", "put it into a list: an object may have several polygons")
    usable = True
    boxes, total = [], 0.0
    for index, points in enumerate(polygons):
        name = f"polygon {index}"
        if not isinstance(points, list):
            wrong(f"{name} is no list", "write it as [x, y, x, y, …]")
        elif not numbers(points):
            wrong(f"in {name} {odd_one(points)}", "write finite numbers")
        elif len(points) % 2:
            wrong(f"{name} has {len(points)} numbers, an odd one", "a corner has x and y: add or drop one")
        elif len(points) < 6:
            wrong(f"{name} has {len(points) // 2} corners", "an outline needs three or more")
        else:
            x, y = np.array(points, dtype=np.float64).reshape(-1, 2).T
            area = abs(x[:-1] @ y[1:] - x[1:] @ y[:-1] + x[-1] * y[0] - x[0] * y[-1]) / 2
            box = (float(x.min()), float(y.min()), float(x.max()), float(y.max()))
            boxes.append(box)
            total += area
            if box[0] == box[2] or box[1] == box[3]:
                wrong(f"{name} is a line without area", "draw it again or drop it")
            if size and (min(box[:2]) < -SLACK or box[2] > size[0] + SLACK or box[3] > size[1] + SLACK):
                reach = "from ({:g}, {:g}) to ({:g}, {:g})".format(*box)
                wrong(f"{name} leaves the image, which is {size[0]} × {size[1]}: its corners reach {reach}",
                      "clip it, or correct the image's size")  # fmt: skip
            continue
        usable = False
    if not usable:
        return None
    left, top, right, bottom = zip(*boxes)
    return Shape((min(left), min(top), max(right), max(bottom)), total, exact=False)


def _runs(place: Place, rle: dict[str, Any], size: tuple[int, int] | None) -> Shape | None:
    def wrong(text: str, advice: str) -> None:
        place.add("odd-rle", "segmentation", text, advice)

    shape, counts = rle.get("size"), rle.get("counts")
    if not (isinstance(shape, list) and len(shape) == 2 and all(type(side) is int and side > 0 for side in shape)):
        return wrong(f"the RLE's size is {shorten(shape, 40)}", "write [height, width] of the image")
    if size and shape != [size[1], size[0]]:
        if shape == list(size):
            wrong(f"the RLE's size {shape} is width, height", "write [height, width], and encode down the columns")
        else:
            wrong(f"the RLE's size is {shape}, the image is {size[1]} high and {size[0]} wide", "encode the mask anew")
        return None
    if isinstance(counts, list):
        if not all(type(count) is int and 0 <= count <= 2**53 for count in counts):
            return wrong("`counts` holds something else than whole numbers from 0 up", "encode the mask anew")
        total = sum(counts)
    elif isinstance(counts, str):
        try:
            counts = counts_of(rle).tolist()
            total = sum(counts)
        except (CourseError, OverflowError) as error:
            reason = str(error).rstrip(".") if isinstance(error, CourseError) else "RLE: a run is far too long"
            return wrong(reason, "encode the mask anew")
    else:
        return wrong("`counts` is neither a list of runs nor their text", "encode the mask anew")
    if total != shape[0] * shape[1]:
        return wrong(
            f"the runs add up to {total}, not to {shape[0]} × {shape[1]} = {shape[0] * shape[1]}",
            "encode the mask anew",
        )
    covered = sum(counts[1::2])
    if not covered:
        return wrong("the mask is empty", "drop the annotation")
    if total > 2**62:
        return None
    left, top, width, height = to_bbox({"size": shape, "counts": counts})
    return Shape((left, top, left + width, top + height), float(covered), exact=True)
