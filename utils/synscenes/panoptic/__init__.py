"""COCO's panoptic format: ids in PNGs, files and their checks, converters, and fusion by rule.

A panoptic annotation gives every pixel of an image to exactly one segment. A PNG holds the segment ids, a
JSON entry says what each segment is. ``VOID`` (0) marks pixels that nobody labelled.
"""

from __future__ import annotations

from synscenes.panoptic.ids import LARGEST_ID, VOID, ids_to_rgb, read_png, rgb_to_ids, write_png

__all__ = ["LARGEST_ID", "VOID", "ids_to_rgb", "read_png", "rgb_to_ids", "write_png"]
