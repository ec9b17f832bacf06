"""Refusing joints that cannot be right, with the file and the annotation's id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from synscenes.errors import CourseError
from synscenes.keypoints.joints import NAMES

# COCO's joints are placed by hand: one or two pixels past the edge are a slip of the mouse, not damage.
SLACK = 2.0


def joints_of(record: Mapping[str, Any], image: Mapping[str, Any] | None = None, file: str = "") -> np.ndarray:
    """Return the joints of one annotation: (17, 3) float64 of x, y, v.

    ``image`` (its record, with width and height) lets joints outside of the picture be found. Raises CourseError
    where the annotation has no ``keypoints`` or no box, for a wrong number of values, values that are not
    finite, a visibility other than 0, 1 or 2, a labelled joint outside of the image, or a ``num_keypoints``
    that disagrees.
    """
    where = f"{file + ': ' if file else ''}annotation {record.get('id', '(no id)')}"
    if "keypoints" not in record:
        raise CourseError(f'{where} has no "keypoints": use a person_keypoints file.')
    if record.get("category_id", 1) != 1:
        raise CourseError(
            f"{where} has keypoints but category_id {record['category_id']}: COCO marks joints of persons (1) only."
        )
    if len(record.get("bbox", ())) != 4:
        raise CourseError(f'{where} has keypoints without a person: "bbox" must be left, top, width, height.')
    joints = check_joints(record["keypoints"], where)
    labelled = int((joints[:, 2] > 0).sum())
    if record.get("num_keypoints", labelled) != labelled:
        raise CourseError(
            f'{where}: "num_keypoints" is {record["num_keypoints"]}, but {labelled} joints have v > 0: count again.'
        )
    if image is not None:
        check_inside(joints, image["width"], image["height"], where)
    return joints


def check_joints(values: Any, where: str = "keypoints") -> np.ndarray:
    """Return 51 numbers, or 17 rows of x, y, v, as a (17, 3) float64 array, or raise CourseError saying ``where``."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise CourseError(f"{where}: keypoints must be numbers, 17 times x, y, v.") from None
    if array.shape not in ((3 * len(NAMES),), (len(NAMES), 3)):
        got = f"{array.size} numbers" if array.ndim == 1 else f"shape {array.shape}"
        raise CourseError(f"{where}: expected {3 * len(NAMES)} numbers (17 joints of x, y, v), got {got}.")
    array = array.reshape(len(NAMES), 3)
    if (bad := np.flatnonzero(~np.isfinite(array).all(axis=1))).size:
        raise CourseError(f"{where}: {NAMES[bad[0]]} is {array[bad[0]].tolist()}: every number must be finite.")
    if (bad := np.flatnonzero(~np.isin(array[:, 2], (0, 1, 2)))).size:
        raise CourseError(
            f"{where}: {NAMES[bad[0]]} has visibility {array[bad[0], 2]:g}: 0 is not labelled, 1 hidden, 2 visible."
        )
    return array


def check_inside(joints: np.ndarray, width: float, height: float, where: str = "keypoints") -> None:
    """Raise CourseError for a labelled joint more than ``SLACK`` pixels outside of a width × height image."""
    x, y, seen = joints.T
    outside = (x < -SLACK) | (y < -SLACK) | (x > width + SLACK) | (y > height + SLACK)
    if (bad := np.flatnonzero(outside & (seen > 0))).size:
        name, place = NAMES[bad[0]], f"({x[bad[0]]:g}, {y[bad[0]]:g})"
        raise CourseError(
            f"{where}: {name} lies at {place}, outside of the {width:g} × {height:g} image: "
            "correct it, or set x, y, v to 0."
        )
