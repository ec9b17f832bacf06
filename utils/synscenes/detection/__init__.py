"""Detection, taken apart: overlap, suppression, anchors, and a small detector made of them."""

from __future__ import annotations

from synscenes.detection.anchors import BACKGROUND, IGNORED, anchors, centres, match
from synscenes.detection.overlap import giou, intersection, iou
from synscenes.detection.suppression import nms, nms_by_class, soft_nms

__all__ = [
    "BACKGROUND",
    "IGNORED",
    "anchors",
    "centres",
    "giou",
    "intersection",
    "iou",
    "match",
    "nms",
    "nms_by_class",
    "soft_nms",
]
