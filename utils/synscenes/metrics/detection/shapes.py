"""Masks of annotations and results, and boxes for results that come without one.

Run-length codes are made and measured by pycocotools.mask, which is C; ``synscenes.coco.masks`` does the same in
the open.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from synscenes.errors import CourseError
from synscenes.metrics.detection.fields import Records

# pycocotools follows an outline point by point: a corner farther out would fill the memory.
_FAR = 1_000_000


def masks_of(records: Records, sizes: dict[int, tuple[int, int]]) -> list[dict]:
    """Return the run-length code of every record, which must have a mask."""
    return [
        _code(records, row, shape, image, sizes)
        for row, (shape, image) in enumerate(zip(records.column("segmentation"), records.column("image_id")))
    ]


def masks_of_results(records: Records, sizes: dict[int, tuple[int, int]]) -> list[Any]:
    """Return the run-length code of every result; a result with a box only stands for the filled box."""
    codes = []
    for row, item in enumerate(records.items):
        shape = item.get("segmentation")
        if shape is None:
            shape = _filled_box(records, row)
        codes.append(_code(records, row, shape, item["image_id"], sizes))
    return codes


def derived_boxes(records: Records, sizes: dict[int, tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Return boxes (n, 4) xywh and areas of results without boxes: from their masks, or around their joints."""
    if "segmentation" in records.items[0]:
        codes = masks_of(records, sizes)
        return mask_boxes(codes), mask_areas(codes)
    if "keypoints" not in records.items[0]:
        raise CourseError(f'{records.where(0)} has no "bbox", "segmentation" or "keypoints": add one.')
    joints = records.numbers("keypoints", len(records.items[0]["keypoints"]))
    x, y = joints[:, 0::3], joints[:, 1::3]
    left, top = x.min(axis=1), y.min(axis=1)
    width, height = x.max(axis=1) - left, y.max(axis=1) - top
    return np.stack([left, top, width, height], axis=1), width * height


def mask_areas(codes: list[dict]) -> np.ndarray:
    """Return the number of pixels of each run-length code: (n,) float64."""
    # pycocotools 2.0.11 counts the masks in one byte there, and NumPy 2 refuses more than 255.
    parts = [_tools().area(codes[start : start + 255]) for start in range(0, len(codes), 255)]
    return np.concatenate(parts).astype(np.float64) if parts else np.zeros(0)


def mask_boxes(codes: list[dict]) -> np.ndarray:
    """Return the box around each run-length code: (n, 4) xywh."""
    return np.reshape(_tools().toBbox(codes), (-1, 4)) if codes else np.zeros((0, 4))


def _filled_box(records: Records, row: int) -> list[list[float]]:
    try:
        left, top, width, height = records.items[row]["bbox"]
    except (KeyError, TypeError, ValueError):
        raise CourseError(f'{records.where(row)} has no "segmentation", and no box to fill: add one.') from None
    right, bottom = left + width, top + height
    return [[left, top, left, bottom, right, bottom, right, top]]


def _code(records: Records, row: int, shape: Any, image: int, sizes: dict[int, tuple[int, int]]) -> dict:
    """Return pycocotools' compressed run-length code of polygons or of either kind of RLE."""
    size = sizes.get(image)
    try:
        if isinstance(shape, dict):
            height, width = shape["size"]
            if size is not None and (height, width) != size:
                raise CourseError(
                    f"{records.where(row)}: its mask is {height} × {width} (height × width), but image {image} is "
                    f"{size[0]} × {size[1]}."
                )
            if isinstance(shape["counts"], (str, bytes)):
                return shape
            return _tools().frPyObjects(shape, height, width)
        if not shape:
            raise CourseError(f'{records.where(row)}: "segmentation" is empty: draw it, or leave the record out.')
        if size is None:
            raise CourseError(f"{records.where(row)}: polygons need image {image}'s height and width; it has none.")
        if not all(abs(value) <= _FAR for polygon in shape for value in polygon):  # NaN would crash pycocotools
            raise CourseError(
                f"{records.where(row)}: its outline leaves the image by more than a million pixels, or is NaN."
            )
        parts = _tools().frPyObjects(shape, *size)
        return parts[0] if len(parts) == 1 else _tools().merge(parts)
    except CourseError:
        raise
    except Exception as error:  # pycocotools raises bare Exceptions.
        raise CourseError(
            f'{records.where(row)}: "segmentation" is neither polygons (lists of x, y, x, y, …) nor RLE '
            f'{{"size": [height, width], "counts": …}} ({error}).'
        ) from None


def _tools() -> Any:
    from pycocotools import mask

    return mask
