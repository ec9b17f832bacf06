"""Object keypoint similarity: how well found joints fit annotated ones, from 0 to 1.

Defined on cocodataset.org, “Keypoint Evaluation”: the mean over labelled joints of exp(-d² / (2 s² k²)), d the
distance in pixels, s² the area of the person's outline, and k = 2σ a constant of the joint.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from synscenes.keypoints.joints import SIGMAS
from synscenes.metrics.detection.overlaps import joint_overlaps


def joint_similarities(found: Any, truth: Any, areas: Any, sigmas: np.ndarray = SIGMAS) -> np.ndarray:
    """Return each joint's own similarity: (..., 17), 1 where it is exactly right. Unlabelled joints give NaN.

    ``found``: (..., 17, 2 or 3), ``truth``: (..., 17, 3), pixels; ``areas``: (...), square pixels.
    """
    found, truth = np.asarray(found, dtype=np.float64), np.asarray(truth, dtype=np.float64)
    squared = ((found[..., :2] - truth[..., :2]) ** 2).sum(axis=-1)
    scale = np.asarray(areas, dtype=np.float64)[..., None] + np.spacing(1)
    similarity = np.exp(-squared / (2 * scale * (2 * sigmas) ** 2))
    return np.where(truth[..., 2] > 0, similarity, np.nan)


def oks(found: Any, truth: Any, areas: Any, boxes: Any = None, sigmas: np.ndarray = SIGMAS) -> np.ndarray:
    """Return the OKS of every found person with every annotated one: (D, G), equal to pycocotools' ``computeOks``.

    ``found``: (D, 17, 2 or 3); ``truth``: (G, 17, 3); ``areas``: (G,). An annotation without labelled joints needs its
    box (``boxes``: (G, 4) xywh): joints inside twice the box cost nothing there. Raises ValueError where shapes
    disagree or a box is needed and missing.
    """
    found, truth = np.asarray(found, dtype=np.float64), np.asarray(truth, dtype=np.float64)
    areas = np.asarray(areas, dtype=np.float64)
    number = len(sigmas)
    if found.ndim != 3 or truth.ndim != 3 or found.shape[1] != number or truth.shape[1:] != (number, 3):
        raise ValueError(f"expected (D, {number}, 2 or 3) and (G, {number}, 3), got {found.shape} and {truth.shape}")
    if areas.shape != truth.shape[:1]:
        raise ValueError(f"areas must have one number for each of {len(truth)} persons, got shape {areas.shape}")
    if boxes is None:
        if (truth[..., 2] > 0).any(axis=1).sum() < len(truth):
            raise ValueError("a person without labelled joints needs boxes")
        boxes = np.zeros((len(truth), 4))
    d, g = np.indices((len(found), len(truth))).reshape(2, -1)
    flat = np.zeros((len(found), number, 3))
    flat[..., :2] = found[..., :2]
    boxes = np.asarray(boxes, dtype=np.float64)
    pairs = joint_overlaps(flat.reshape(len(flat), -1)[d], truth.reshape(len(truth), -1)[g], boxes[g], areas[g], sigmas)
    return pairs.reshape(len(found), len(truth))


def person_oks(found: Any, truth: Any, areas: Any, sigmas: np.ndarray = SIGMAS) -> np.ndarray:
    """Return the OKS of found person i with annotated person i: (N,). NaN where no joint is labelled."""
    similarity = joint_similarities(found, truth, areas, sigmas)
    labelled = np.isfinite(similarity)
    total = np.where(labelled, similarity, 0).sum(axis=-1)
    return np.divide(total, labelled.sum(axis=-1), out=np.full(total.shape, np.nan), where=labelled.any(axis=-1))


def tolerance(similarity: float, area: float, sigmas: np.ndarray = SIGMAS) -> np.ndarray:
    """Return how far, in pixels, each joint may be off for its own similarity to be still ``similarity``: (17,)."""
    if not 0 < similarity <= 1:
        raise ValueError(f"similarity must be above 0 and up to 1, got {similarity}")
    return 2 * sigmas * np.sqrt(-2 * np.log(similarity) * area)
