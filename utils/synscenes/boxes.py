"""Boxes: one convention inside the course, and the converters to it.

Inside, a box is ``xyxy``: left, top, right, bottom, float pixels, with the origin at the image's top left
corner. COCO files write ``xywh``: left, top, width, height.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def xywh_to_xyxy(boxes: Any) -> np.ndarray:
    """Turn COCO's [left, top, width, height] into [left, top, right, bottom]; shape (..., 4), float64."""
    boxes = _as_boxes(boxes)
    return np.concatenate([boxes[..., :2], boxes[..., :2] + boxes[..., 2:]], axis=-1)


def xyxy_to_xywh(boxes: Any) -> np.ndarray:
    """Turn [left, top, right, bottom] into COCO's [left, top, width, height]; shape (..., 4), float64."""
    boxes = _as_boxes(boxes)
    return np.concatenate([boxes[..., :2], boxes[..., 2:] - boxes[..., :2]], axis=-1)


def area(xyxy: Any) -> np.ndarray:
    """Return width times height of xyxy boxes, square pixels: shape (...). A turned-over box has area 0."""
    boxes = _as_boxes(xyxy)
    return np.clip(boxes[..., 2:] - boxes[..., :2], 0, None).prod(axis=-1)


def _as_boxes(boxes: Any) -> np.ndarray:
    array = np.asarray(boxes, dtype=np.float64)
    if array.size == 0:
        return array.reshape(-1, 4)
    if array.shape[-1] != 4:
        raise ValueError(f"boxes: expected an array whose last axis has 4 numbers, got shape {array.shape}")
    return array
