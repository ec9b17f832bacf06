"""Comparing two classifiers on one test set, and how large the test set must be to see a difference.

``synscenes.metrics.classification`` has Wilson's interval, McNemar's exact test and Newcombe's interval for the
difference; this module adds resampling and planning.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, sqrt
from statistics import NormalDist

import numpy as np

from synscenes.metrics.classification import _paired


def bootstrap(statistic: Callable[..., float], *columns, rng: np.random.Generator, repeats: int = 2_000) -> np.ndarray:
    """Return ``statistic`` of ``repeats`` resamples of the rows: (repeats,) float64.

    ``columns``: arrays of one length n; each resample draws n rows with replacement, the *same* rows from all of
    them, so that pairs stay together (Efron 1979). Raises ValueError for empty or mismatched columns.
    """
    arrays = [np.asarray(column) for column in columns]
    if not arrays or any(len(array) != len(arrays[0]) for array in arrays) or not len(arrays[0]):
        raise ValueError("bootstrap needs columns of one length, at least 1")
    if repeats < 1:
        raise ValueError(f"repeats must be at least 1, got {repeats}")
    n = len(arrays[0])
    rows = (rng.integers(0, n, n) for _ in range(repeats))
    return np.array([statistic(*(array[chosen] for array in arrays)) for chosen in rows], dtype=np.float64)


def percentile_interval(values, confidence: float = 0.95) -> tuple[float, float]:
    """Return the (low, high) quantiles that hold the middle ``confidence`` of ``values``. Raises ValueError."""
    values = np.asarray(values, dtype=np.float64)
    if not values.size or np.isnan(values).any():
        raise ValueError("values must hold at least one number and no NaN")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence}")
    low, high = np.quantile(values, [0.5 - confidence / 2, 0.5 + confidence / 2])
    return float(low), float(high)


def paired_bootstrap(hits_a, hits_b, rng: np.random.Generator, repeats: int = 10_000) -> np.ndarray:
    """Return accuracy(a) - accuracy(b) of ``repeats`` resamples of the images: (repeats,) float64.

    A resample of n images is a draw from a multinomial over four kinds of image (both right, only a, only b, both
    wrong), so no loop over images is needed. Raises ValueError unless both are (n,) booleans.
    """
    a, b = _paired(hits_a, hits_b)
    n = len(a)
    shares = np.array([(a & ~b).sum(), (~a & b).sum(), (a == b).sum()]) / n
    counts = rng.multinomial(n, shares, size=repeats)
    return (counts[:, 0] - counts[:, 1]) / n


def mcnemar_exact_many(only_a, only_b) -> np.ndarray:
    """Return two-sided exact McNemar p-values of many comparisons at once: float64, shape as given.

    ``only_a``, ``only_b``: how many images only the one, and only the other, got right. 1.0 where both are 0.
    Equal to ``mcnemar_exact`` of the corresponding hits. Raises ValueError for negative counts.
    """
    from scipy.stats import binom

    only_a, only_b = np.asarray(only_a), np.asarray(only_b)
    if (only_a < 0).any() or (only_b < 0).any():
        raise ValueError("only_a and only_b must not be negative")
    return np.minimum(1.0, 2 * binom.cdf(np.minimum(only_a, only_b), only_a + only_b, 0.5))


def images_for_paired(difference: float, disagreement: float, power: float = 0.8, alpha: float = 0.05) -> int:
    """Return how many images let McNemar's test see a true ``difference`` of two accuracies with ``power``.

    ``disagreement``: the share of images that exactly one of the two gets right (at least ``difference``). Normal
    approximation; Connor 1987, "Sample size for testing differences in proportions for the paired-sample design".
    Raises ValueError for shares that can't be.
    """
    _check_shares(difference, power, alpha)
    if not difference <= disagreement <= 1:
        raise ValueError(f"disagreement must lie between the difference {difference} and 1, got {disagreement}")
    z_alpha, z_power = _quantiles(power, alpha)
    root = z_alpha * sqrt(disagreement) + z_power * sqrt(disagreement - difference**2)
    return ceil((root / difference) ** 2)


def images_for_separate(difference: float, accuracy: float, power: float = 0.8, alpha: float = 0.05) -> int:
    """Return how many images *each* of two classifiers needs when they are tested on different images.

    ``accuracy`` is the worse one's. The textbook two-sample formula. Raises ValueError for impossible shares.
    """
    _check_shares(difference, power, alpha)
    if not 0 <= accuracy <= 1 - difference:
        raise ValueError(f"accuracy must lie between 0 and 1 - difference, got {accuracy}")
    z_alpha, z_power = _quantiles(power, alpha)
    better = accuracy + difference
    mean = (accuracy + better) / 2
    spread = sqrt(accuracy * (1 - accuracy) + better * (1 - better))
    root = z_alpha * sqrt(2 * mean * (1 - mean)) + z_power * spread
    return ceil((root / difference) ** 2)


def simulated_power(
    n: int,
    difference: float,
    disagreement: float,
    rng: np.random.Generator,
    repeats: int = 2_000,
    alpha: float = 0.05,
) -> float:
    """Return the share of ``repeats`` simulated test sets of n images in which McNemar's exact p is below ``alpha``.

    No formula for the power: it draws the images. Raises ValueError for impossible shares or n below 1.
    """
    if n < 1 or repeats < 1:
        raise ValueError(f"n and repeats must be at least 1, got {n} and {repeats}")
    if not 0 <= difference <= disagreement <= 1:
        raise ValueError(f"need 0 <= difference <= disagreement <= 1, got {difference} and {disagreement}")
    only_a, only_b = (disagreement + difference) / 2, (disagreement - difference) / 2
    counts = rng.multinomial(n, [only_a, only_b, 1 - disagreement], size=repeats)
    return float((mcnemar_exact_many(counts[:, 0], counts[:, 1]) < alpha).mean())


def _check_shares(difference: float, power: float, alpha: float) -> None:
    if not 0 < difference < 1:
        raise ValueError(f"difference must lie between 0 and 1, got {difference}")
    if not 0 < power < 1 or not 0 < alpha < 1:
        raise ValueError(f"power and alpha must lie between 0 and 1, got {power} and {alpha}")


def _quantiles(power: float, alpha: float) -> tuple[float, float]:
    normal = NormalDist()
    return normal.inv_cdf(1 - alpha / 2), normal.inv_cdf(power)
