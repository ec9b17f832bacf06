"""How much two boxes overlap: intersection over union, and a version that also tells distances apart.

Boxes are xyxy, float pixels. Plain numpy; equal to ``torchvision.ops.box_iou`` and ``generalized_box_iou``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from synscenes.boxes import area


def intersection(one: Any, other: Any) -> np.ndarray:
    """Return the common area of every pair, square pixels: (n, 4) and (m, 4) -> (n, m)."""
    one, other = box_rows(one), box_rows(other)
    left_top = np.maximum(one[:, None, :2], other[None, :, :2])
    right_bottom = np.minimum(one[:, None, 2:], other[None, :, 2:])
    # Boxes that miss each other give a negative width or height: without the clip two of those would make an area.
    return np.clip(right_bottom - left_top, 0, None).prod(axis=-1)


def iou(one: Any, other: Any) -> np.ndarray:
    """Return intersection over union of every pair, 0 … 1: (n, 4) and (m, 4) -> (n, m).

    Two boxes without any area have an IoU of 0 here (torchvision says NaN). Raises ValueError for boxes turned
    over (right < left), NaN, or another shape.
    """
    return _iou_and_union(one, other)[0]


def giou(one: Any, other: Any) -> np.ndarray:
    """Return the generalised IoU of every pair, above -1, at most 1: (n, 4) and (m, 4) -> (n, m).

    IoU minus the share of the smallest box around both that neither of them fills (Rezatofighi et al. 2019). It goes
    on falling when boxes that don't touch move further apart, where IoU stays 0. Raises as ``iou`` does.
    """
    one, other = box_rows(one), box_rows(other)
    shared, union = _iou_and_union(one, other)
    left_top = np.minimum(one[:, None, :2], other[None, :, :2])
    right_bottom = np.maximum(one[:, None, 2:], other[None, :, 2:])
    hull = (right_bottom - left_top).prod(axis=-1)
    empty = np.divide(hull - union, hull, out=np.zeros_like(hull), where=hull > 0)
    return shared - empty


def _iou_and_union(one: Any, other: Any) -> tuple[np.ndarray, np.ndarray]:
    one, other = box_rows(one), box_rows(other)
    common = intersection(one, other)
    union = area(one)[:, None] + area(other)[None, :] - common
    return np.divide(common, union, out=np.zeros_like(common), where=union > 0), union


def box_rows(boxes: Any) -> np.ndarray:
    """Return boxes as (n, 4) float64, checked; raises ValueError for another shape, NaN, or a box turned over."""
    rows = np.asarray(boxes, dtype=np.float64)
    if rows.size == 0:
        return np.zeros((0, 4))
    if rows.ndim != 2 or rows.shape[1] != 4:
        raise ValueError(f"boxes must have shape (n, 4), got {rows.shape}")
    # A NaN makes the comparison false, so this catches it too.
    if not (rows[:, 2:] >= rows[:, :2]).all():
        bad = int(np.flatnonzero(~(rows[:, 2:] >= rows[:, :2]).all(axis=1))[0])
        raise ValueError(f"box {bad} is {rows[bad].tolist()}: xyxy needs left <= right and top <= bottom (is it xywh?)")
    return rows
