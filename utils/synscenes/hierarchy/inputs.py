"""The checks of this package's inputs, in one place."""

from __future__ import annotations

import numpy as np


def probability_rows(probabilities, name: str = "probabilities") -> np.ndarray:
    """Return (n, classes) float64 whose rows are probabilities. Raises ValueError for anything else."""
    rows = np.asarray(probabilities, dtype=np.float64)
    if rows.ndim != 2 or not rows.size:
        raise ValueError(f"{name} must have shape (n, classes) with n and classes at least 1, got {rows.shape}")
    if np.isnan(rows).any():
        raise ValueError(f"{name} hold NaN, first in row {int(np.argwhere(np.isnan(rows))[0, 0])}")
    if rows.min() < 0 or not np.allclose(rows.sum(axis=1), 1, atol=1e-4):
        raise ValueError(f"each row of {name} must hold numbers from 0 on that add up to 1: apply softmax first")
    return rows


def class_labels(labels, n: int, classes: int, name: str = "labels") -> np.ndarray:
    """Return (n,) int64 class indices below ``classes``. Raises ValueError for anything else."""
    found = np.asarray(labels)
    if found.shape != (n,):
        raise ValueError(f"{name} must have shape ({n},), got {found.shape}")
    if found.dtype.kind not in "iu":
        raise ValueError(f"{name} must be integer class indices, got {found.dtype}")
    if n and not 0 <= found.min() <= found.max() < classes:
        raise ValueError(f"{name} must lie in 0 … {classes - 1}, got values from {found.min()} to {found.max()}")
    return found.astype(np.int64)


def cost_matrix(costs, classes: int) -> np.ndarray:
    """Return (answers, classes) float64 costs. Raises ValueError for another width, or for NaN."""
    found = np.asarray(costs, dtype=np.float64)
    if found.ndim != 2 or found.shape[1] != classes or not len(found):
        raise ValueError(f"costs must have shape (answers, {classes}), got {found.shape}")
    if np.isnan(found).any():
        raise ValueError("costs hold NaN")
    return found


def below_matrix(below, classes: int) -> np.ndarray:
    """Return (classes, nodes) bool, node a over class i or not. Raises ValueError for another shape or kind."""
    found = np.asarray(below)
    if found.ndim != 2 or len(found) != classes or not found.shape[1] or found.dtype != bool:
        raise ValueError(f"below must be booleans of shape ({classes}, nodes), got {found.dtype} {found.shape}")
    return found


def share(value: float, name: str) -> float:
    """Return ``value`` when it lies between 0 and 1. Raises ValueError otherwise (NaN included)."""
    if not 0 <= value <= 1:
        raise ValueError(f"{name} must lie between 0 and 1, got {value}")
    return float(value)
