"""The real case of project C: lesson 03's 500 small photographs, and the neighbours' vote on their labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from synscenes.small_photos import SmallPhoto, enlarged, our_review


def by_eye(photos: Sequence[SmallPhoto]) -> np.ndarray:
    """Return which labels the course's authors call clearly wrong: (n,) bool. An opinion, not the truth."""
    review = our_review()
    return np.array([review.get(photo.key, ("", ""))[0] == "wrong" for photo in photos])


def features(photos: Sequence[SmallPhoto], side: int = 128, device: Any = "cpu") -> np.ndarray:
    """Return MobileNetV2's pooled features of the photographs, enlarged to ``side`` pixels: (n, 1280)."""
    import torch

    from synscenes import models

    model = models.load("mobilenet_v2")
    network, rows = model.module.features.to(device), []
    for start in range(0, len(photos), 25):
        batch = torch.stack([enlarged(photo, side, model) for photo in photos[start : start + 25]])
        with torch.inference_mode():
            rows.append(network(batch.to(device)).mean((2, 3)).cpu().numpy())
    return np.concatenate(rows)


def neighbours_doubt(seen: np.ndarray, labels: np.ndarray, sharpness: float = 25.0) -> np.ndarray:
    """Return how far the neighbours' best other class is ahead of each label: (n,), as in ``model_audit``."""
    from synscenes.capstone.model_audit import contradiction

    centred = seen - seen.mean(axis=0)
    centred /= np.linalg.norm(centred, axis=1, keepdims=True)
    alike = centred @ centred.T
    np.fill_diagonal(alike, -np.inf)  # a photograph does not vote on itself
    weights = np.exp(sharpness * (alike - alike.max(axis=1, keepdims=True)))
    shares = weights @ np.eye(labels.max() + 1)[labels] / weights.sum(axis=1, keepdims=True)
    return contradiction(shares, labels)
