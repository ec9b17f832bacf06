"""Non-maximum suppression: of several boxes around one object, keep the best.

Plain numpy, in the three usual forms; the first two keep exactly what ``torchvision.ops`` keeps.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from synscenes.detection.overlap import box_rows, iou


def nms(boxes: Any, scores: Any, iou_threshold: float = 0.5) -> np.ndarray:
    """Return the indices of the boxes that stay, best first.

    Take the best box, drop all others that overlap it by more than the threshold, and go on with the rest.
    ``boxes``: (n, 4) xyxy; ``scores``: (n,). Equal scores go by index. Equal to ``torchvision.ops.nms``. Raises
    ValueError for mismatched shapes, NaN scores or a threshold outside 0 … 1.
    """
    boxes, scores = _checked(boxes, scores, iou_threshold)
    overlaps = iou(boxes, boxes) > iou_threshold
    waiting, kept = np.ones(len(boxes), dtype=bool), []
    for index in np.argsort(-scores, kind="stable"):
        if waiting[index]:
            kept.append(index)
            waiting &= ~overlaps[index]
    return np.array(kept, dtype=np.int64)


def nms_by_class(boxes: Any, scores: Any, labels: Any, iou_threshold: float = 0.5) -> np.ndarray:
    """Return the indices that stay when only boxes of the same class suppress each other, best first.

    A dog on a sofa keeps its box however much it overlaps the sofa's. Equal to
    ``torchvision.ops.batched_nms``. Raises as ``nms`` does.
    """
    boxes, scores = _checked(boxes, scores, iou_threshold)
    labels = np.asarray(labels)
    if labels.shape != scores.shape:
        raise ValueError(f"labels must have shape {scores.shape}, got {labels.shape}")
    kept = [np.zeros(0, dtype=np.int64)]
    for label in np.unique(labels):
        own = np.flatnonzero(labels == label)
        kept.append(own[nms(boxes[own], scores[own], iou_threshold)])
    every = np.sort(np.concatenate(kept))
    return every[np.argsort(-scores[every], kind="stable")]


def soft_nms(
    boxes: Any, scores: Any, sigma: float = 0.5, score_threshold: float = 0.001
) -> tuple[np.ndarray, np.ndarray]:
    """Return (indices, new scores), best first: overlapping boxes lose score instead of being dropped.

    Whenever a box is taken, every other score is multiplied by exp(-IoU² / sigma), and the next best is chosen by
    the new scores; those that fall below ``score_threshold`` leave (Bodla et al. 2017, the Gaussian form). Raises
    ValueError as ``nms`` does, or for a sigma that isn't positive.
    """
    boxes, scores = _checked(boxes, scores, 0.0)
    if not sigma > 0:
        raise ValueError(f"sigma must be above 0, got {sigma}")
    decay = np.exp(-(iou(boxes, boxes) ** 2) / sigma)
    current, waiting, kept = scores.copy(), scores >= score_threshold, []
    while waiting.any():
        index = int(np.where(waiting, current, -np.inf).argmax())
        kept.append(index)
        waiting[index] = False
        current[waiting] *= decay[index][waiting]
        waiting &= current >= score_threshold
    order = np.array(kept, dtype=np.int64)
    return order, current[order]


def _checked(boxes: Any, scores: Any, iou_threshold: float) -> tuple[np.ndarray, np.ndarray]:
    boxes, scores = box_rows(boxes), np.asarray(scores, dtype=np.float64).reshape(-1)
    if len(boxes) != len(scores):
        raise ValueError(f"{len(boxes)} boxes need {len(boxes)} scores, got {len(scores)}")
    if np.isnan(scores).any():
        raise ValueError(f"score {int(np.flatnonzero(np.isnan(scores))[0])} is NaN")
    if not 0 <= iou_threshold <= 1:
        raise ValueError(f"iou_threshold must be between 0 and 1, got {iou_threshold}")
    return boxes, scores
