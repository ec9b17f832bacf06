"""Classification scores and the intervals that belong to them, in numpy.

Arrays may be numpy arrays, torch tensors or nested lists. ``logits`` are (n, classes) scores of any
scale, since only their order counts here; ``labels`` are (n,) class indices.
"""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

import numpy as np


def softmax(logits, temperature: float = 1.0, axis: int = -1) -> np.ndarray:
    """Turn scores into probabilities: exp(logit / temperature), divided by their sum along ``axis``.

    Shape as given, float64. The row's maximum is subtracted first, which changes nothing but keeps exp()
    finite. Raises ValueError for a NaN, an infinite maximum, or a temperature that isn't positive.
    """
    scores = np.asarray(_numpy(logits), dtype=np.float64)
    if not temperature > 0:
        raise ValueError(f"temperature must be above 0, got {temperature}")
    if scores.size == 0:
        raise ValueError("logits are empty")
    top = scores.max(axis=axis, keepdims=True)
    if not np.isfinite(top).all():
        raise ValueError("logits hold NaN, or a row without a finite maximum")
    weights = np.exp((scores - top) / temperature)
    return weights / weights.sum(axis=axis, keepdims=True)


def label_ranks(logits, labels) -> np.ndarray:
    """Return the place of the true class in each row, 0 for the highest score: (n,) int64.

    Ties go to the lower class index, as ``numpy.argmax`` and a stable sort do. So exactly k classes
    have a rank below k, and a model that scores all classes alike is one that always answers class 0.
    Raises ValueError for NaN, empty input, mismatched shapes and labels that aren't class indices.
    """
    scores, truth = _scores_and_labels(logits, labels)
    ranks = np.empty(len(truth), dtype=np.int64)
    step = max(1, 4_000_000 // scores.shape[1])  # some 4 MB of booleans at a time
    for start in range(0, len(truth), step):
        rows, own = scores[start : start + step], truth[start : start + step]
        value = np.take_along_axis(rows, own[:, None], axis=1)
        rank = np.count_nonzero(rows > value, axis=1)
        equal = rows == value
        tied = np.flatnonzero(np.count_nonzero(equal, axis=1) > 1)
        for row in tied:
            rank[row] += np.count_nonzero(equal[row, : own[row]])
        ranks[start : start + step] = rank
    return ranks


def topk_hits(logits, labels, k: int = 1) -> np.ndarray:
    """Return for each row whether its label is among the k highest scores: (n,) bool.

    Ties and errors as in ``label_ranks``; k must be an integer of at least 1. With k at or above the
    number of classes every row is a hit.
    """
    if isinstance(k, bool | np.bool_) or not isinstance(k, int | np.integer):
        raise ValueError(f"k must be an integer, got {k!r}")
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    return label_ranks(logits, labels) < k


def topk_accuracy(logits, labels, k: int = 1) -> float:
    """Return the share of rows whose label is among the k highest scores, 0 to 1.

    ``logits``: (n, classes); ``labels``: (n,) integers in 0 … classes - 1. Exact ties go to the lower
    class index (see ``label_ranks``). k >= classes gives 1.0. Equal to torchmetrics'
    ``multiclass_accuracy(..., average="micro", top_k=k)`` where no scores tie. Raises ValueError.
    """
    return float(topk_hits(logits, labels, k).mean())


def wilson_interval(successes: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the (low, high) score interval for a proportion seen as ``successes`` of ``n``.

    Wilson (1927), "Probable inference, the law of succession, and statistical inference". It stays
    within 0 and 1 and has a width at 0 and at n successes, where the textbook p ± z·s collapses to a
    point. Raises ValueError unless 0 <= successes <= n, n >= 1 and 0 < confidence < 1.
    """
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    if not 0 <= successes <= n:
        raise ValueError(f"successes must lie between 0 and n = {n}, got {successes}")
    z = _normal_quantile(confidence)
    p = successes / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    # At the two ends the formula gives exactly 0 and 1; rounding must not push it past them.
    low = 0.0 if successes == 0 else max(0.0, float(centre - half))
    high = 1.0 if successes == n else min(1.0, float(centre + half))
    return low, high


def paired_difference_interval(hits_a, hits_b, confidence: float = 0.95) -> tuple[float, float]:
    """Return the (low, high) interval for accuracy(a) - accuracy(b), both measured on the same rows.

    ``hits_a``, ``hits_b``: (n,) booleans, right or wrong. Newcombe (1998), "Improved confidence
    intervals for the difference between binomial proportions based on paired data", method 10: the two
    Wilson intervals combined, with the correlation of the two columns taken into account. Raises
    ValueError for empty or mismatched input.
    """
    a, b = _paired(hits_a, hits_b)
    n = len(a)
    both, only_a = int((a & b).sum()), int((a & ~b).sum())
    only_b, neither = int((~a & b).sum()), int((~a & ~b).sum())
    p_a, p_b = a.mean(), b.mean()
    low_a, high_a = wilson_interval(int(a.sum()), n, confidence)
    low_b, high_b = wilson_interval(int(b.sum()), n, confidence)
    margins = (both + only_a) * (only_b + neither) * (both + only_b) * (only_a + neither)
    product = both * neither - only_a * only_b
    if product > n / 2:  # a continuity correction, for positive correlation only
        product -= n / 2
    elif product > 0:
        product = 0
    phi = product / sqrt(margins) if margins else 0.0
    down = _combine(p_a - low_a, high_b - p_b, phi)
    up = _combine(high_a - p_a, p_b - low_b, phi)
    return float(p_a - p_b - down), float(p_a - p_b + up)


def mcnemar_exact(hits_a, hits_b) -> float:
    """Return the two-sided exact McNemar p-value for two classifiers judged on the same rows.

    Only rows where exactly one of the two is right count: under "equally good" each such row is a fair
    coin (McNemar 1947; exact binomial form). 1.0 when they never differ. Raises ValueError as above.
    """
    from scipy.stats import binomtest

    a, b = _paired(hits_a, hits_b)
    only_a, only_b = int((a & ~b).sum()), int((~a & b).sum())
    if only_a + only_b == 0:
        return 1.0
    return float(binomtest(only_a, only_a + only_b, 0.5).pvalue)


def _combine(first: float, second: float, phi: float) -> float:
    return sqrt(max(0.0, first**2 - 2 * phi * first * second + second**2))


def _normal_quantile(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence}")
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def _paired(hits_a, hits_b) -> tuple[np.ndarray, np.ndarray]:
    a, b = (np.asarray(_numpy(hits)) for hits in (hits_a, hits_b))
    if a.ndim != 1 or a.shape != b.shape or not len(a):
        raise ValueError(f"hits must be two 1-D arrays of one length, at least 1; got {a.shape} and {b.shape}")
    if not all(np.isin(hits, (0, 1)).all() for hits in (a, b)):
        raise ValueError("hits must be booleans (right or wrong)")
    return a.astype(bool), b.astype(bool)


def _scores_and_labels(logits, labels) -> tuple[np.ndarray, np.ndarray]:
    scores, truth = np.asarray(_numpy(logits)), np.asarray(_numpy(labels))
    if scores.ndim != 2:
        raise ValueError(f"logits must have shape (n, classes), got {scores.shape}")
    if truth.shape != (scores.shape[0],):
        raise ValueError(f"labels must have shape ({scores.shape[0]},) to match logits, got {truth.shape}")
    if scores.size == 0:
        raise ValueError(f"logits are empty: shape {scores.shape}")
    if scores.dtype.kind not in "fiub":
        raise ValueError(f"logits must be real numbers, got {scores.dtype}")
    if truth.dtype.kind not in "iu":
        raise ValueError(f"labels must be integer class indices, got {truth.dtype}")
    if truth.min() < 0 or truth.max() >= scores.shape[1]:
        raise ValueError(
            f"labels must lie in 0 … {scores.shape[1] - 1}, got values from {truth.min()} to {truth.max()}"
        )
    if scores.dtype.kind == "f" and np.isnan(scores).any():
        raise ValueError(f"logits hold NaN, first in row {int(np.argwhere(np.isnan(scores))[0, 0])}")
    return scores, truth.astype(np.int64)


def _numpy(values):
    """Torch tensors (any device, any dtype, with or without grad) to numpy, without importing torch."""
    if hasattr(values, "detach"):
        values = values.detach().cpu()
        # numpy has no bfloat16; float() is exact for it.
        return (values.float() if "bfloat16" in str(values.dtype) else values).numpy()
    return values
