"""One image's segments: made from masks or maps, described as a panoptic JSON wants them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np

from synscenes.panoptic.ids import VOID

_PER_CATEGORY = 1000


def segment_id(category_id: int, number: int) -> int:
    """Return the id of a category's ``number``-th segment in an image (from 1): category × 1000 + number."""
    if not 1 <= number < _PER_CATEGORY:
        raise ValueError(f"number must lie from 1 to {_PER_CATEGORY - 1}, got {number}")
    return category_id * _PER_CATEGORY + number


def describe(ids: np.ndarray, categories: Mapping[int, int], crowds: Collection[int] = ()) -> list[dict[str, Any]]:
    """Return the ``segments_info`` of an image: id, category_id, area, bbox (xywh) and iscrowd of each segment.

    ``ids``: (H, W) segment ids. ``categories``: segment id -> category id; ids without a pixel are left out.
    """
    from scipy.ndimage import find_objects

    numbers, place = np.unique(ids, return_inverse=True)
    place = place.reshape(ids.shape)
    areas = np.bincount(place.ravel(), minlength=len(numbers))
    segments = []
    for number, area, (rows, columns) in zip(numbers.tolist(), areas.tolist(), find_objects(place + 1)):
        if number != VOID:
            box = [columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start]
            segments.append(
                {
                    "id": number,
                    "category_id": int(categories[number]),
                    "area": area,
                    "bbox": box,
                    "iscrowd": int(number in crowds),
                }
            )
    return segments


def entry(image_id: int, file_name: str, segments: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return one annotation of a panoptic JSON."""
    return {"image_id": image_id, "file_name": file_name, "segments_info": [dict(each) for each in segments]}


def semantic_map(ids: np.ndarray, segments: Iterable[Mapping[str, Any]], void: int = VOID) -> np.ndarray:
    """Return the category of every pixel, (H, W) int64; ``void`` where there is no segment."""
    numbers, place = np.unique(ids, return_inverse=True)
    category = {each["id"]: each["category_id"] for each in segments}
    return np.array([category.get(number, void) for number in numbers.tolist()])[place].reshape(ids.shape)


def from_semantic_map(
    semantic: np.ndarray, things: Collection[int], void: int = VOID
) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """Guess a panoptic segmentation from categories alone: ``ids`` (H, W) and its ``segments_info``.

    A stuff category becomes one segment. Of a thing category each connected region (by edges, not corners)
    becomes one, because a semantic map can't say more: two cows that touch come back as one, one cow behind a post
    as two.
    """
    from scipy.ndimage import label

    ids = np.full(semantic.shape, VOID, dtype=np.uint32)
    categories: dict[int, int] = {}
    for category in np.unique(semantic).tolist():
        if category == void:
            continue
        regions = label(semantic == category)[0] if category in things else (semantic == category).astype(int)
        for number in range(1, regions.max() + 1):
            new = segment_id(category, number)
            ids[regions == number] = new
            categories[new] = category
    return ids, describe(ids, categories)
