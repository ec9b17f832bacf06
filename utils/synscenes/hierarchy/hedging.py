"""Saying less when less is known: the most specific node that is probable enough.

Source: Deng, Krause, Berg, Fei-Fei, "Hedging Your Bets: Optimizing Accuracy-Specificity Trade-offs in Large Scale
Visual Recognition", CVPR 2012. ``answers`` are columns of the taxonomy's nodes.
"""

from __future__ import annotations

import numpy as np

from synscenes.hierarchy.inputs import below_matrix, class_labels, share

_TIE = 1e-9  # Two gains this close are one: the more probable node then wins.


def information_gains(below) -> np.ndarray:
    """Return log2(classes) - log2(classes below) of each node, in bits: (nodes,) float64.

    The root tells nothing: 0 bits. One of 1,000 classes: 9.97 bits. Raises ValueError where a node holds none.
    """
    below = below_matrix(below, len(below))
    counts = below.sum(axis=0)
    if not counts.all():
        raise ValueError("each node must hold at least one class")
    return np.log2(len(below)) - np.log2(counts)


def hedged_answers(node_probability, gains, threshold: float) -> np.ndarray:
    """Return the most informative node whose probability is at least ``threshold``: (n,) int64.

    Among equally informative nodes the more probable one; among those the last, which is the more special where two
    nodes hold the same classes. Threshold 0: the most probable class. Where nothing reaches the threshold, which only
    rounding can cause, the root. Raises ValueError.
    """
    chances, gains = _nodes(node_probability, gains)
    share(threshold, "threshold")
    allowed = (chances >= threshold) | (gains <= _TIE)
    best = np.where(allowed, gains, -np.inf).max(axis=1, keepdims=True)
    finest = allowed & (gains >= best - _TIE)
    return _last_best(np.where(finest, chances, -1.0))


def rewarded_answers(node_probability, gains, bonus: float) -> np.ndarray:
    """Return the node of the highest expected reward, (gain + bonus) x probability: (n,) int64.

    This is the rule of DARTS: bonus 0 gambles for information, a large bonus makes it careful. Raises ValueError.
    """
    chances, gains = _nodes(node_probability, gains)
    if not bonus >= 0:
        raise ValueError(f"bonus must be at least 0, got {bonus}")
    return _last_best((gains + bonus) * chances)


def smallest_bonus(node_probability, gains, labels, below, target: float, steps: int = 40) -> float:
    """Return the smallest bonus, by bisection, whose answers on these rows are right in a share ``target``.

    DARTS: labelled rows kept apart, then this search. Accuracy need not rise at every step of a finite sample; the
    returned bonus does reach the target here. Raises ValueError for a target outside 0 … 1.
    """
    chances, gains = _nodes(node_probability, gains)
    share(target, "target")

    def enough(bonus: float) -> bool:
        return answers_right(rewarded_answers(chances, gains, bonus), labels, below).mean() >= target

    low, high = 0.0, 1.0
    if enough(low):
        return low
    while not enough(high) and high < 1e12:
        low, high = high, 2 * high
    for _ in range(steps):
        middle = (low + high) / 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def answers_right(answers, labels, below) -> np.ndarray:
    """Return whether each answer is the label or lies above it: (n,) bool. Raises ValueError."""
    below = below_matrix(below, len(below))
    labels = class_labels(labels, len(labels), len(below))
    return below[labels, class_labels(answers, len(labels), below.shape[1], "answers")]


def truth_and_bits(answers, gains, labels, below) -> tuple[float, float]:
    """Return (share of answers that are true, mean information they give). Raises ValueError.

    Only a true answer informs: a false one counts 0 bits, as in the paper's reward.
    """
    right = answers_right(answers, labels, below)
    return float(right.mean()), float((np.asarray(gains)[answers] * right).mean())


def trade_off(node_probability, gains, labels, below, thresholds) -> np.ndarray:
    """Return ``truth_and_bits`` of ``hedged_answers`` at each threshold: (thresholds, 2) float64."""
    answers = (hedged_answers(node_probability, gains, threshold) for threshold in thresholds)
    return np.array([truth_and_bits(each, gains, labels, below) for each in answers])


def _last_best(scores: np.ndarray) -> np.ndarray:
    """The last column of each row's maximum: a taxonomy's nodes come most general first."""
    return scores.shape[1] - 1 - scores[:, ::-1].argmax(axis=1)


def _nodes(node_probability, gains) -> tuple[np.ndarray, np.ndarray]:
    chances, gains = np.asarray(node_probability, dtype=np.float64), np.asarray(gains, dtype=np.float64)
    if chances.ndim != 2 or gains.shape != chances.shape[1:] or not chances.size:
        raise ValueError(f"node_probability must be (n, nodes) and gains (nodes,), got {chances.shape}, {gains.shape}")
    if np.isnan(chances).any() or np.isnan(gains).any():
        raise ValueError("node_probability and gains must not hold NaN")
    if gains.min() > _TIE:
        raise ValueError("one node must hold every class (gain 0), or there is nothing to fall back on")
    return chances, gains
