"""Panoptic fusion by rule: instance masks and a semantic map become one segmentation without overlaps.

Kirillov et al. 2019, "Panoptic Segmentation", section 7 (and panopticapi,
combine_semantic_and_instance_predictions.py, whose thresholds are the defaults).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from synscenes.panoptic.ids import VOID
from synscenes.panoptic.segments import describe, segment_id


def fuse(
    masks: Any,
    scores: Any,
    category_ids: Any,
    semantic: Any,
    stuff: Collection[int],
    score_threshold: float = 0.5,
    overlap_threshold: float = 0.5,
    stuff_area: int = 64 * 64,
) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """Return segment ids (H, W), uint32, and their ``segments_info``.

    ``masks`` (n, H, W) bool with ``scores`` and ``category_ids`` (n,) are the instances; ``semantic`` (H, W) holds a
    category a pixel, of which those in ``stuff`` are used. First the instances, the surest first: one below
    ``score_threshold`` is dropped, and so is one of whose pixels more than ``overlap_threshold`` are taken already;
    else it gets its free pixels. Then each stuff category gets what is still free, if that is at least
    ``stuff_area`` pixels. The rest is void. Raises ValueError for shapes that don't fit.
    """
    semantic = np.asarray(semantic)
    masks = np.asarray(masks, dtype=bool).reshape(-1, *semantic.shape)
    scores, category_ids = np.asarray(scores, dtype=float), np.asarray(category_ids, dtype=int)
    if not len(masks) == len(scores) == len(category_ids):
        raise ValueError(f"{len(masks)} masks, {len(scores)} scores and {len(category_ids)} categories: need as many")
    ids = np.full(semantic.shape, VOID, dtype=np.uint32)
    categories: dict[int, int] = {}

    def give(pixels: np.ndarray, category: int) -> None:
        number = segment_id(category, 1 + sum(each == category for each in categories.values()))
        ids[pixels] = number
        categories[number] = category

    for row in np.argsort(-scores, kind="stable"):
        free = masks[row] & (ids == VOID)
        area = masks[row].sum()
        if scores[row] >= score_threshold and free.any() and 1 - free.sum() / area <= overlap_threshold:
            give(free, int(category_ids[row]))
    for category in sorted(stuff):
        free = (semantic == category) & (ids == VOID)
        if free.any() and free.sum() >= stuff_area:
            give(free, int(category))
    return ids, describe(ids, categories)
