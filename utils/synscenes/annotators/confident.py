"""Confident learning: use a model's probabilities to find labels that are probably wrong.

Northcutt, Jiang and Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels". The
probabilities must be *out of sample*: of each example, from a model that never saw its label.
"""

from __future__ import annotations

import numpy as np

from synscenes.metrics.classification import softmax


def confident_thresholds(probabilities, labels) -> np.ndarray:
    """Return each class's threshold: the mean probability of class k over the examples labelled k. (classes,).

    A class no example carries gets infinity: nothing can be found to belong to it. ``probabilities``: (n,
    classes); ``labels``: (n,) class indices. Raises ValueError for empty input, NaN, values outside 0 … 1,
    rows that don't sum to 1 (within 0.001), and labels out of range.
    """
    probabilities, labels = _checked(probabilities, labels)
    count = np.bincount(labels, minlength=probabilities.shape[1])
    own = probabilities[np.arange(len(labels)), labels]
    total = np.bincount(labels, weights=own, minlength=probabilities.shape[1])
    return np.divide(total, count, out=np.full(len(count), np.inf), where=count > 0)


def confident_classes(probabilities, labels) -> np.ndarray:
    """Return the class each example confidently belongs to: (n,) int; -1 for none.

    It is the likeliest among the classes whose probability reaches their threshold (less 1e-6, so that rounding
    does not matter). Errors as in ``confident_thresholds``.
    """
    thresholds = confident_thresholds(probabilities, labels)
    probabilities = np.asarray(probabilities, dtype=np.float64)
    reached = probabilities >= thresholds - 1e-6
    best = np.where(reached, probabilities, -1.0).argmax(axis=1)
    return np.where(reached.any(axis=1), best, -1)


def confident_joint(probabilities, labels) -> np.ndarray:
    """Return how many examples labelled i confidently belong to class j: (classes, classes) int, [i, j].

    Off the diagonal lie the suspects. Errors as in ``confident_thresholds``.
    """
    found = confident_classes(probabilities, labels)
    n = np.shape(probabilities)[1]
    sure = found >= 0
    place = np.asarray(labels)[sure] * n + found[sure]
    return np.bincount(place, minlength=n * n).reshape(n, n)


def label_margin(probabilities, labels) -> np.ndarray:
    """Return P(given label) minus the largest probability of any other class: (n,), -1 to 1; low is suspicious."""
    probabilities, labels = _checked(probabilities, labels)
    rows = np.arange(len(labels))
    others = probabilities.copy()
    others[rows, labels] = -np.inf
    return probabilities[rows, labels] - others.max(axis=1)


def suspects(probabilities, labels) -> np.ndarray:
    """Return the rows off the confident joint's diagonal, lowest margin first: (suspects,) int.

    Errors as in ``confident_thresholds``.
    """
    found = confident_classes(probabilities, labels)
    rows = np.flatnonzero((found >= 0) & (found != np.asarray(labels)))
    return rows[np.argsort(label_margin(probabilities, labels)[rows], kind="stable")]


def out_of_sample(logits, labels, classes, strength: float = 1000.0) -> np.ndarray:
    """Adapt a pretrained model to these examples without letting any example's label speak for itself.

    ``logits``: (n, outputs) of a pretrained network; ``classes``: its outputs that the labels 0 … len(classes)
    - 1 stand for. The network's own probabilities for them are corrected by ridge regression from all its
    logits, and of every example that correction is the one which the *other* n - 1 examples give
    (leave-one-out, in closed form: each residual is divided by 1 minus its own leverage). ``strength``: the
    ridge penalty; large leaves the network's opinion as it is. Returns (n, len(classes)) probabilities. Raises
    ValueError as above, for infinite logits or strength <= 0.
    """
    logits = np.asarray(logits, dtype=np.float64)
    if logits.ndim != 2 or not np.isfinite(logits).all():
        raise ValueError(f"logits must be finite numbers (n, outputs), got shape {logits.shape}")
    if not strength > 0:
        raise ValueError(f"strength must be above 0, got {strength}")
    prior, labels = _checked(softmax(logits[:, np.asarray(classes)]), labels)
    features = logits - logits.mean(axis=1, keepdims=True)
    gram = features @ features.T
    hat = np.linalg.solve(gram + strength * np.eye(len(gram)), gram)
    residual = np.eye(prior.shape[1])[labels] - prior
    leverage = np.diag(hat)[:, None]
    corrected = prior + (hat.T @ residual - leverage * residual) / (1 - leverage)
    corrected = np.maximum(corrected, 1e-6)
    return corrected / corrected.sum(axis=1, keepdims=True)


def _checked(probabilities, labels) -> tuple[np.ndarray, np.ndarray]:
    probabilities, labels = np.asarray(probabilities, dtype=np.float64), np.asarray(labels)
    if probabilities.ndim != 2 or probabilities.shape[1] < 2 or not len(probabilities):
        raise ValueError(
            f"probabilities must be (n, classes), n and classes - 1 above 0; got {probabilities.shape}"
        )
    if labels.shape != probabilities.shape[:1] or labels.dtype.kind not in "iu":
        raise ValueError(f"labels must be {len(probabilities)} integers, got {labels.dtype} {labels.shape}")
    bad = ~np.isfinite(probabilities).all(axis=1)
    if bad.any():
        raise ValueError(f"probabilities hold NaN or infinity, first in row {int(bad.argmax())}")
    if probabilities.min() < 0 or np.abs(probabilities.sum(axis=1) - 1).max() > 1e-3:
        raise ValueError(
            "probabilities must be 0 or more and sum to 1 in each row: is this softmax's output?"
        )
    if labels.min() < 0 or labels.max() >= probabilities.shape[1]:
        raise ValueError(
            f"labels must lie in 0 … {probabilities.shape[1] - 1}, got values from {labels.min()} to {labels.max()}"
        )
    return probabilities, labels.astype(np.int64)
