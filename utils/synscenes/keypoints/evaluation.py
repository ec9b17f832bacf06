"""Scoring found joints: OKS-AP by the course's evaluator, PCK, and what stands behind them."""

from __future__ import annotations

from typing import Any

import numpy as np

from synscenes.keypoints.joints import GROUPS
from synscenes.keypoints.oks import joint_similarities
from synscenes.keypoints.pck import box_scales, correct, head_scales, pck
from synscenes.keypoints.people import People


def results(found: np.ndarray, people: People) -> list[dict[str, Any]]:
    """Return the records of a COCO results file for found joints (N, 17, 3), whose third column is the confidence.

    A person's score is the mean confidence of the joints. In the file the third number of a joint is v, which
    the evaluation never looks at; we write 1.
    """
    return [
        {
            "image_id": int(image),
            "category_id": 1,
            "keypoints": np.column_stack([joints[:, :2].round(2), np.ones(len(joints))]).ravel().tolist(),
            "score": float(joints[:, 2].mean()),
        }
        for image, joints in zip(people.image_ids, found)
    ]


def scores(found: np.ndarray, people: People) -> dict[str, float]:
    """Return AP, AP50, AP75 (over OKS), PCK at a tenth of the box, and PCKh of the persons found."""
    from synscenes.metrics.detection import evaluate

    stats = evaluate(people.document, results(found, people), iou_type="keypoints").stats
    heads = head_scales(people.joints)
    return {
        **{name: float(stats[name]) for name in ("AP", "AP50", "AP75")},
        "PCK": pck(found, people.joints, box_scales(people.boxes)),
        "PCKh": pck(found, people.joints, heads, 0.5) if np.isfinite(heads).any() else float("nan"),
    }


def by_joint(found: np.ndarray, people: People) -> dict[str, dict[str, float]]:
    """Return for head, shoulder, … ankle: the mean similarity, PCK at a tenth of the box, the number labelled."""
    similarity = joint_similarities(found, people.joints, people.areas)
    hits = correct(found, people.joints, box_scales(people.boxes), 0.1)
    return {
        name: {
            "similarity": _mean(similarity[:, places]),
            "PCK": _mean(hits[:, places]),
            "labelled": int(np.isfinite(similarity[:, places]).sum()),
        }
        for name, places in ((name, list(places)) for name, places in GROUPS.items())
    }


def by_visibility(found: np.ndarray, people: People) -> dict[str, float]:
    """Return the mean similarity of visible and of hidden joints."""
    similarity = joint_similarities(found, people.joints, people.areas)
    seen = people.joints[..., 2]
    return {"visible": _mean(similarity[seen == 2]), "hidden": _mean(similarity[seen == 1])}


def mean_pose(train: People, boxes: np.ndarray) -> np.ndarray:
    """Return the baseline that never looks, (N, 17, 3): each joint where it lies on average in ``train``'s boxes."""
    placed = (train.joints[..., :2] - train.boxes[:, None, :2]) / train.boxes[:, None, 2:]
    placed[train.joints[..., 2] == 0] = np.nan
    average = np.nanmean(placed, axis=0)
    points = boxes[:, None, :2] + average * boxes[:, None, 2:]
    return np.concatenate([points, np.ones((*points.shape[:2], 1))], axis=-1)


def _mean(values: np.ndarray) -> float:
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")
