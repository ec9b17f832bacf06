"""Percentage of correct keypoints: the share of labelled joints that lie within a distance.

PCK: within ``share`` of the longer side of the person's box (Yang & Ramanan 2013, "Articulated Human Detection with
Flexible Mixtures of Parts"). PCKh: within half of the head's length (Andriluka et al. 2014, "2D Human Pose Estimation:
New Benchmark and State of the Art Analysis").
"""

from __future__ import annotations

from typing import Any

import numpy as np

from synscenes.keypoints.joints import index


def correct(found: Any, truth: Any, scales: Any, share: float) -> np.ndarray:
    """Return 1 for joints no farther off than ``share`` × scale, 0 for others, NaN for those that don't count.

    ``found``: (N, 17, 2 or 3); ``truth``: (N, 17, 3); ``scales``: (N,), pixels; the result: (N, 17). A joint that isn't
    labelled doesn't count, nor does a person whose scale is NaN (no head to measure, say).
    """
    found, truth = np.asarray(found, dtype=np.float64), np.asarray(truth, dtype=np.float64)
    limit = share * np.asarray(scales, dtype=np.float64)[..., None]
    distance = np.hypot(*np.moveaxis(found[..., :2] - truth[..., :2], -1, 0))
    counts = (truth[..., 2] > 0) & np.isfinite(limit)
    return np.where(counts, distance <= limit, np.nan)


def pck(found: Any, truth: Any, scales: Any, share: float = 0.1) -> float:
    """Return the share of labelled joints that are within ``share`` × scale. Raises ValueError where none counts."""
    hits = correct(found, truth, scales, share)
    if np.isnan(hits).all():
        raise ValueError("no joint counts: none is labelled, or no person has a scale")
    return float(np.nanmean(hits))


def box_scales(boxes: Any) -> np.ndarray:
    """Return the longer side of xywh boxes: (N,)."""
    return np.asarray(boxes, dtype=np.float64).reshape(-1, 4)[:, 2:].max(axis=1)


def head_scales(truth: Any) -> np.ndarray:
    """Return a stand-in for the head's length, from the nose to the middle of the shoulders: (N,); NaN without these.

    MPII, for which PCKh was made, has a box around every head, and COCO has none: so these are not MPII's numbers.
    """
    truth = np.asarray(truth, dtype=np.float64)
    nose, left, right = (truth[:, index(name)] for name in ("nose", "left_shoulder", "right_shoulder"))
    length = np.hypot(*(nose - (left + right) / 2)[:, :2].T)
    known = (nose[:, 2] > 0) & (left[:, 2] > 0) & (right[:, 2] > 0) & (length > 0)
    return np.where(known, length, np.nan)
