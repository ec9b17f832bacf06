"""Is a classifier as sure as it should be? Reliability, expected calibration error, temperature scaling.

Source: Guo, Pleiss, Sun, Weinberger 2017, "On Calibration of Modern Neural Networks". ``logits`` are (n, classes)
real numbers, ``labels`` (n,) class indices, both as in ``synscenes.metrics.classification``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synscenes.metrics.classification import _numpy, _scores_and_labels


@dataclass(frozen=True)
class Reliability:
    """Predictions sorted into bins by confidence, the lower edge excluded and the upper included.

    All arrays have one entry a bin. ``confidence`` and ``accuracy`` are means, NaN in an empty bin.
    """

    low: np.ndarray
    high: np.ndarray
    count: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray

    @property
    def gap(self) -> np.ndarray:
        """Mean confidence minus accuracy in each bin: above 0 is too sure."""
        return self.confidence - self.accuracy


def confidences(logits, labels, temperature: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Return each row's highest probability and whether its class is the label: (n,) float64, (n,) bool.

    ``temperature`` divides the logits first; the hits don't depend on it. Ties go to the lower class index.
    Raises ValueError for NaN, empty input, labels out of range, or a temperature that isn't positive.
    """
    scores, truth = _checked(logits, labels)
    if not temperature > 0:
        raise ValueError(f"temperature must be above 0, got {temperature}")
    top = np.empty(len(truth))
    for rows in _chunks(scores):
        part = scores[rows]
        shifted = np.exp((part - part.max(axis=1, keepdims=True)) / temperature)
        top[rows] = 1.0 / shifted.sum(axis=1, dtype=np.float64)  # the highest one is exp(0) = 1
    return top, scores.argmax(axis=1) == truth


def reliability(confidence, hits, bins: int = 15) -> Reliability:
    """Sort predictions into ``bins`` bins of equal width between 0 and 1.

    ``confidence``: (n,) in 0 … 1; ``hits``: (n,) booleans. Raises ValueError for anything else.
    """
    confidence, hits = _confidence_and_hits(confidence, hits)
    if isinstance(bins, bool) or not isinstance(bins, int | np.integer) or bins < 1:
        raise ValueError(f"bins must be an integer of at least 1, got {bins!r}")
    edges = np.linspace(0, 1, bins + 1)
    place = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)
    count = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        mean_confidence = np.bincount(place, weights=confidence, minlength=bins) / count
        accuracy = np.bincount(place, weights=hits, minlength=bins) / count
    return Reliability(edges[:-1], edges[1:], count, mean_confidence, accuracy)


def expected_calibration_error(confidence, hits, bins: int = 15) -> float:
    """Return the ECE: the mean distance of confidence and accuracy over the bins, weighted by their counts.

    0 is calibrated, 1 the worst. It equals torchmetrics' ``calibration_error(..., norm="l1")``. It depends on
    ``bins``, and on a few images it is biased upwards: noise alone makes a gap. Raises ValueError as
    ``reliability`` does.
    """
    table = reliability(confidence, hits, bins)
    filled = table.count > 0
    return float(np.sum(table.count[filled] * np.abs(table.gap[filled])) / table.count.sum())


def negative_log_likelihood(logits, labels, temperature: float = 1.0) -> float:
    """Return the mean of -log p(label), in nats, with the logits divided by ``temperature``. Raises ValueError."""
    scores, truth = _checked(logits, labels)
    if not temperature > 0:
        raise ValueError(f"temperature must be above 0, got {temperature}")
    total = 0.0
    for rows in _chunks(scores):
        part, own = scores[rows], truth[rows]
        top = part.max(axis=1, keepdims=True)
        log_sum = np.log(np.exp((part - top) / temperature).sum(axis=1, dtype=np.float64))
        chosen = np.take_along_axis(part, own[:, None], axis=1) - top
        total += float(np.sum(log_sum - chosen[:, 0] / temperature))
    return total / len(truth)


def fit_temperature(logits, labels, low: float = 0.05, high: float = 20.0) -> float:
    """Return the temperature between ``low`` and ``high`` that minimises the negative log-likelihood.

    One number for all classes, so the order of the classes, and with it accuracy, stays (Guo et al. 2017). Fit it
    on images that you don't test on. Raises ValueError for bad input.
    """
    from scipy.optimize import minimize_scalar

    if not 0 < low < high:
        raise ValueError(f"low and high must satisfy 0 < low < high, got {low} and {high}")
    found = minimize_scalar(
        lambda log_t: negative_log_likelihood(logits, labels, float(np.exp(log_t))),
        bounds=(np.log(low), np.log(high)),
        method="bounded",
        options={"xatol": 1e-4},
    )
    return float(np.exp(found.x))


def _chunks(scores: np.ndarray):
    """Slices of rows, so that no temporary grows beyond some 16 MB."""
    step = max(1, 2_000_000 // scores.shape[1])
    return (slice(start, start + step) for start in range(0, len(scores), step))


def _checked(logits, labels) -> tuple[np.ndarray, np.ndarray]:
    scores, truth = _scores_and_labels(logits, labels)
    if scores.dtype.kind != "f":
        scores = scores.astype(np.float64)
    if np.isinf(scores).any():
        raise ValueError("logits hold an infinite value, so a probability can't be told")
    return scores, truth


def _confidence_and_hits(confidence, hits) -> tuple[np.ndarray, np.ndarray]:
    confidence = np.asarray(_numpy(confidence), dtype=np.float64)
    hits = np.asarray(_numpy(hits))
    if confidence.ndim != 1 or hits.shape != confidence.shape or not len(hits):
        raise ValueError(
            f"confidence and hits must be 1-D of one length, at least 1; got {confidence.shape} and {hits.shape}"
        )
    if not ((confidence >= 0) & (confidence <= 1)).all():  # also catches NaN
        raise ValueError("confidence must lie between 0 and 1, without NaN")
    if not np.isin(hits, (0, 1)).all():
        raise ValueError("hits must be booleans (right or wrong)")
    return confidence, hits.astype(bool)
