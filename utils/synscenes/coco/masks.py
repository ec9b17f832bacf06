"""Masks in COCO's three writings - polygons, runs as numbers, runs as text - and the way between them.

Equal to pycocotools.mask, written in the open: see ``rle`` for runs and ``polygons`` for outlines.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from synscenes.coco.polygons import mask_to_polygons, polygons_to_mask
from synscenes.coco.rle import area, compress, decode, decompress, encode, iou, merge, to_bbox
from synscenes.errors import CourseError

__all__ = [
    "area",
    "compress",
    "decode",
    "decompress",
    "encode",
    "iou",
    "mask_to_polygons",
    "merge",
    "polygons_to_mask",
    "to_bbox",
    "to_mask",
]


def to_mask(segmentation: Any, height: int, width: int) -> np.ndarray:
    """Return the (H, W) bool mask of an annotation's ``segmentation``: polygons, or an RLE of either kind.

    Raises CourseError for an RLE of another size, ValueError for anything that is neither.
    """
    if isinstance(segmentation, dict):
        if list(segmentation["size"]) != [height, width]:
            raise CourseError(
                f"RLE of size {segmentation['size']} in an image of {height} × {width}: correct its size."
            )
        return decode(segmentation)
    if not isinstance(segmentation, (list, tuple)):
        raise ValueError(f"segmentation: expected polygons or an RLE, got {type(segmentation).__name__}")
    return polygons_to_mask(segmentation, height, width)
