"""Semantic segmentation scores: the confusion matrix of pixels, IoU, and where along a border the errors lie.

``mean_iou`` equals torchmetrics' MulticlassJaccardIndex with average="macro".
"""

from __future__ import annotations

from typing import Any

import numpy as np


def confusion_matrix(truth: Any, predicted: Any, classes: int, ignore: int | None = None) -> np.ndarray:
    """Count pixels: entry (t, p) is how many of true class t were called p; (classes, classes) int64.

    ``truth``, ``predicted``: integer arrays of one shape. Pixels whose truth is ``ignore`` are left out. Matrices of
    several images add up. Raises ValueError for shapes that differ and for classes outside 0 to classes - 1.
    """
    truth, predicted = np.asarray(truth), np.asarray(predicted)
    if truth.shape != predicted.shape:
        raise ValueError(f"truth has shape {truth.shape}, predicted {predicted.shape}: they must be the same")
    truth, predicted = truth.ravel().astype(np.int64), predicted.ravel().astype(np.int64)
    if ignore is not None:
        kept = truth != ignore
        truth, predicted = truth[kept], predicted[kept]
    for name, values in (("truth", truth), ("predicted", predicted)):
        if values.size and not 0 <= values.min() <= values.max() < classes:
            raise ValueError(f"{name} holds {values.min()} to {values.max()}, but classes run from 0 to {classes - 1}")
    return np.bincount(truth * classes + predicted, minlength=classes**2).reshape(classes, classes)


def class_iou(matrix: Any) -> np.ndarray:
    """Return each class's IoU, (classes,): the diagonal over row plus column minus diagonal.

    NaN for a class that is neither in the truth nor predicted.
    """
    matrix = np.asarray(matrix, dtype=float)
    shared = np.diagonal(matrix)
    union = matrix.sum(axis=0) + matrix.sum(axis=1) - shared
    return np.divide(shared, union, out=np.full(len(matrix), np.nan), where=union > 0)


def mean_iou(matrix: Any) -> float:
    """Return the mean IoU over the classes that occur; NaN when none does."""
    each = class_iou(matrix)
    return float(np.nanmean(each)) if np.isfinite(each).any() else float("nan")


def pixel_accuracy(matrix: Any) -> float:
    """Return the share of pixels with the right class; NaN without pixels."""
    matrix = np.asarray(matrix, dtype=float)
    return float(np.trace(matrix) / matrix.sum()) if matrix.sum() else float("nan")


def border_distance(classes: Any) -> np.ndarray:
    """Return how far each pixel of a map (H, W) is from the next one of another class, in pixels (at least 1).

    Infinite where the map has one class only.
    """
    from scipy.ndimage import distance_transform_edt

    classes = np.asarray(classes)
    if (classes == classes.flat[0]).all():
        return np.full(classes.shape, np.inf)
    distance = np.zeros(classes.shape)
    for each in np.unique(classes):
        inside = classes == each
        distance[inside] = distance_transform_edt(inside)[inside]
    return distance


def iou(first: Any, second: Any) -> float:
    """Return the IoU of two boolean masks of one shape; 0 when both are empty."""
    first, second = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    if first.shape != second.shape:
        raise ValueError(f"masks of shapes {first.shape} and {second.shape} cannot be compared")
    union = (first | second).sum()
    return float((first & second).sum() / union) if union else 0.0
