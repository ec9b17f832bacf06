"""Made-up test results with known truth: for what seventy photographs are too few to show.

Everything here is synthetic and must be called so where it is shown.
"""

from __future__ import annotations

import numpy as np


def overconfident_logits(
    n: int, classes: int, factor: float, rng: np.random.Generator, spread: float = 8.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return logits (n, classes) float32 and labels (n,) of a classifier that is too sure by a known ``factor``.

    Honest scores are drawn (normal, with standard deviation ``spread``); each label is drawn from their softmax, so the
    honest probabilities are exactly right. The scores returned are ``factor`` times as large. Dividing by
    ``factor``, and by nothing else, makes them honest again. Raises ValueError for sizes below 1 or a factor or
    spread that isn't positive.
    """
    if n < 1 or classes < 2:
        raise ValueError(f"n must be at least 1 and classes at least 2, got {n} and {classes}")
    if not factor > 0 or not spread > 0:
        raise ValueError(f"factor and spread must be above 0, got {factor} and {spread}")
    logits = np.empty((n, classes), dtype=np.float32)
    labels = np.empty(n, dtype=np.int64)
    step = max(1, 4_000_000 // classes)
    for start in range(0, n, step):
        part = logits[start : start + step]
        rng.standard_normal(out=part, dtype=np.float32)
        part *= np.float32(spread)
        # The class with the highest score plus Gumbel noise is a draw from the softmax.
        waiting = rng.standard_exponential(part.shape, dtype=np.float32)
        noise = -np.log(np.maximum(waiting, np.finfo(np.float32).tiny))
        labels[start : start + step] = (part + noise).argmax(axis=1)
        part *= np.float32(factor)
    return logits, labels


def chosen_on_test(
    accuracies: np.ndarray, n: int, rng: np.random.Generator, repeats: int = 1_000
) -> tuple[np.ndarray, np.ndarray]:
    """Test models of known accuracy on n images, choose the best-looking one, and tell what it was worth.

    ``accuracies``: (models,) true shares. Returns the chosen model's measured and true accuracy in each of ``repeats``
    runs: two (repeats,) arrays. The measured one is too high on average: the winner's curse. The models' mistakes
    are drawn independently; real models' mistakes go together, which makes the curse smaller. Raises ValueError for
    no model, accuracies outside 0 … 1, or n below 1.
    """
    accuracies = np.asarray(accuracies, dtype=np.float64)
    if accuracies.ndim != 1 or not len(accuracies) or not ((accuracies >= 0) & (accuracies <= 1)).all():
        raise ValueError("accuracies must be a 1-D array of shares between 0 and 1, at least one")
    if n < 1 or repeats < 1:
        raise ValueError(f"n and repeats must be at least 1, got {n} and {repeats}")
    measured = rng.binomial(n, accuracies, size=(repeats, len(accuracies))) / n
    best = measured.argmax(axis=1)
    return measured[np.arange(repeats), best], accuracies[best]
