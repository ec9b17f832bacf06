"""One image, one category, a pencil: the steps from overlaps to average precision, small enough to follow.

:func:`synscenes.metrics.detection.evaluate` does the same for everything at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

# The recall values of the three ways to average: Pascal VOC until 2009, VOC from 2010, COCO.
STYLES = ("voc11", "area", "coco")


def match_greedily(overlaps: np.ndarray, scores: Sequence[float], threshold: float = 0.5) -> np.ndarray:
    """Return for each of D detections the object it takes, or -1: (D,) int.

    ``overlaps``: (D, G) IoU of each detection with each object. Detections choose by falling score; each takes the
    free object it overlaps most, if that is at least ``threshold`` (COCO's rule, without crowds). Raises ValueError
    when shapes disagree.
    """
    overlaps = np.asarray(overlaps, dtype=np.float64)
    if overlaps.ndim != 2 or len(overlaps) != len(scores):
        raise ValueError(f"overlaps must be (D, G) with D = {len(scores)} scores, got {overlaps.shape}")
    taken = np.full(len(scores), -1)
    free = np.ones(overlaps.shape[1], dtype=bool)
    for d in np.argsort(-np.asarray(scores, dtype=np.float64), kind="stable"):
        fits = np.flatnonzero(free & (overlaps[d] >= threshold))
        if len(fits):
            taken[d] = fits[np.argmax(overlaps[d, fits])]
            free[taken[d]] = False
    return taken


def precision_recall(hits: Sequence[bool], objects: int) -> tuple[np.ndarray, np.ndarray]:
    """Return precision and recall down to each detection, two (D,) arrays; ``hits`` by falling score.

    ``objects``: how many there are to find. Raises ValueError when that is below 1 or below the hits.
    """
    hits = np.asarray(hits, dtype=bool)
    if objects < max(1, hits.sum()):
        raise ValueError(f"{hits.sum()} hits among {objects} objects can't be")
    found = np.cumsum(hits)
    return found / np.arange(1, len(hits) + 1), found / objects


def best_from_here_on(precision: Sequence[float]) -> np.ndarray:
    """Return, at each place, the highest precision there or further on: the staircase without its dents."""
    return np.maximum.accumulate(np.asarray(precision, dtype=np.float64)[::-1])[::-1]


def average_precision(precision: Sequence[float], recall: Sequence[float], style: str = "coco") -> float:
    """Average the best precision over recall.

    ``style``: "coco", the mean at 101 recall values 0, 0.01, … 1; "voc11", at eleven (Everingham et al. 2010); "area",
    the exact area below the staircase (VOC since 2010). A recall that is never reached counts 0. Raises
    ValueError for another style.
    """
    if style not in STYLES:
        raise ValueError(f"style must be one of {', '.join(STYLES)}, not {style!r}")
    best, recall = best_from_here_on(precision), np.asarray(recall, dtype=np.float64)
    if style == "area":
        return float((best * np.diff(recall, prepend=0)).sum())
    values = np.arange(11) / 10 if style == "voc11" else np.linspace(0, 1, 101)
    reached_at = np.searchsorted(recall, values)
    return float(np.append(best, 0)[reached_at].mean())
