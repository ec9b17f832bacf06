"""The course's answer to project C: let an object's nearest neighbours in the file vote on its label.

Most labels are right. So the crops that look most alike, of about the same size and shape, tell what this one is called
here; where they contradict its label, somebody should look. Neighbours come from other images only: one annotator's
slip would confirm itself. The detector's opinion is added.
"""

from __future__ import annotations

import numpy as np

from synscenes.capstone.audit import Case

SHARPNESS = 25.0  # how much more a nearer neighbour's vote weighs: e^(25 x difference in similarity)
SHAPE = 0.05  # how much another size or shape takes from a similarity
DETECTOR = 0.5  # how much the detector's opinion weighs against the vote


def suspicion(case: Case) -> np.ndarray:
    """Return how suspicious each label is: (n,)."""
    return contradiction(votes(likeness(case), case), case.labels) + DETECTOR * (case.objects - case.agrees)


def likeness(case: Case, shape: float = SHAPE) -> np.ndarray:
    """Return how alike each two crops are: (n, n), the cosine of their centred features less what shapes cost."""
    features = case.features - case.features.mean(axis=0)
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    alike = features @ features.T
    sides = np.log(np.maximum(case.boxes[:, 2:] - case.boxes[:, :2], 1))
    told = np.column_stack([sides, sides[:, 0] - sides[:, 1], case.boxes[:, 3] / 240])  # 240: where it stands
    told = (told - told.mean(axis=0)) / told.std(axis=0)
    squares = (told**2).sum(axis=1)
    return alike - shape * (squares[:, None] + squares - 2 * told @ told.T)


def votes(alike: np.ndarray, case: Case, sharpness: float = SHARPNESS) -> np.ndarray:
    """Return the share of each category in the neighbours' vote: (n, categories); an image does not vote on itself."""
    alike = np.where(case.images[:, None] == case.images, -np.inf, alike)
    weights = np.exp(sharpness * (alike - alike.max(axis=1, keepdims=True)))
    return weights @ np.eye(len(case.names))[case.labels] / weights.sum(axis=1, keepdims=True)


def contradiction(shares: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return how far the best other category is ahead of the label: (n,), -1 to 1."""
    rows, others = np.arange(len(labels)), shares.copy()
    others[rows, labels] = -np.inf
    return others.max(axis=1) - shares[rows, labels]
