"""Anchors: a fixed set of boxes laid over the image, and which object each of them answers for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from synscenes.detection.overlap import box_rows, iou

BACKGROUND, IGNORED = -1, -2


def centres(height: int, width: int, stride: int) -> np.ndarray:
    """Return the centres of a grid's cells, row by row: (rows · columns, 2) as x, y in pixels.

    A cell is ``stride`` pixels wide and high; one that only partly lies in the image counts.
    """
    rows, columns = -(-height // stride), -(-width // stride)
    y, x = np.mgrid[:rows, :columns]
    return (np.stack([x, y], axis=-1).reshape(-1, 2) + 0.5) * stride


def anchors(
    height: int, width: int, stride: int, sizes: Sequence[float], ratios: Sequence[float] = (1.0,)
) -> np.ndarray:
    """Return the anchors of one grid: (cells · sizes · ratios, 4) xyxy, cell by cell.

    A size is the square root of the area, a ratio height / width: all ratios of one size have the same area.
    """
    shapes = np.array([(size / np.sqrt(ratio), size * np.sqrt(ratio)) for size in sizes for ratio in ratios])
    middle = centres(height, width, stride)[:, None]
    return np.concatenate([middle - shapes / 2, middle + shapes / 2], axis=-1).reshape(-1, 4)


def match(anchor_boxes: Any, objects: Any, high: float = 0.5, low: float = 0.4) -> np.ndarray:
    """Return for each anchor the index of its object, ``BACKGROUND`` or ``IGNORED``: (anchors,) int64.

    An anchor takes the object it overlaps most if that is at least ``high``; below ``low`` it is background; between
    the two it is left out of the loss. And since each object must be learned by someone, the anchors that overlap an
    object most of all (however little) count as matched too, to the object that *they* overlap most. The rule of
    Faster R-CNN and RetinaNet; equal to torchvision's ``Matcher`` with ``allow_low_quality_matches=True``, except for
    an object that no anchor touches: it gets none here, and all of them there. Raises ValueError for
    thresholds out of order or boxes turned over.
    """
    if not 0 <= low <= high <= 1:
        raise ValueError(f"thresholds must be in order 0 <= low <= high <= 1, got low {low} and high {high}")
    anchor_boxes, objects = box_rows(anchor_boxes), box_rows(objects)
    if not len(objects) or not len(anchor_boxes):
        return np.full(len(anchor_boxes), BACKGROUND, dtype=np.int64)
    overlaps = iou(anchor_boxes, objects)
    favourite, best = overlaps.argmax(axis=1), overlaps.max(axis=1)
    found = np.where(best >= high, favourite, np.where(best < low, BACKGROUND, IGNORED))
    top = overlaps.max(axis=0)
    rescued = ((overlaps == top) & (top > 0)).any(axis=1)
    return np.where(rescued, favourite, found)
