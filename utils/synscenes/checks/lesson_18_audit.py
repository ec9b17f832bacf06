"""Lesson 18, project C: a label audit."""

from __future__ import annotations

from collections import Counter

import numpy as np

from synscenes.checks import Mistake, call, exercise
from synscenes.checks.numbers import diagnose


@exercise("18-precision")
def _precision(precision_at) -> str:
    right = np.array([1, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1], dtype=bool)
    got = [float(call(precision_at, right, k)) for k in (1, 4, 10)]
    diagnose(
        got,
        [right[:k].mean() for k in (1, 4, 10)],
        {
            "recall": (
                [right[:k].sum() / right.sum() for k in (1, 4, 10)],
                "You divide by all mistakes: that is recall. Divide by the looks you took.",
            ),
            "of-all": (
                [right[:k].sum() / len(right) for k in (1, 4, 10)],
                "You divide by the length of the list: only k were looked at.",
            ),
            "from-the-end": (
                [right[-k:].mean() for k in (1, 4, 10)],
                "You count from the end: the most suspicious come first.",
            ),
        },
        f"With k = 4 I expected 0.75, got {got[1]:.3f}.",
    )
    return "Right: what share of the looks was not in vain."


@exercise("18-ap")
def _ap(average_precision) -> str:
    cases = [np.array(row, dtype=bool) for row in ([1, 0, 1, 0, 0, 1], [0, 1, 1, 1, 0], [1, 1, 0, 0])]
    got = [float(call(average_precision, row)) for row in cases]

    def answers(rule) -> list[float]:
        return [float(rule(row, np.flatnonzero(row), np.cumsum(row))) for row in cases]

    right = answers(lambda row, at, hits: np.mean(hits[at] / (at + 1)))
    diagnose(
        got,
        right,
        {
            "every-place": (
                answers(lambda row, at, hits: np.mean(hits / np.arange(1, len(row) + 1))),
                "You average over all places. Only the places where a mistake stands count.",
            ),
            "precision-at-r": (
                answers(lambda row, at, hits: row[: row.sum()].mean()),
                "That is the precision after as many looks as there are mistakes: one point of the curve.",
            ),
            "rank-from-zero": (
                answers(lambda row, at, hits: np.mean(hits[at] / np.maximum(at, 1))),
                "The first place has rank 1, not 0.",
            ),
        },
        f"For {cases[0].astype(int).tolist()} I expected {right[0]:.4f}, got {got[0]:.4f}.",
    )
    return "Right: one number for the whole order, whatever the budget."


@exercise("18-folds")
def _folds(folds) -> str:
    images = np.repeat(np.arange(10, 210, 10), [3, 1, 4, 2, 5, 3, 2, 6, 1, 4] * 2)  # ids like COCO's: with gaps
    got = np.asarray(call(folds, images, 5))
    if got.shape != images.shape:
        raise Mistake("shape", f"Return one fold for each of the {len(images)} annotations.")
    of_image = [set(got[images == image].tolist()) for image in np.unique(images)]
    if any(len(each) > 1 for each in of_image):
        raise Mistake(
            "torn", "Two annotations of one image are in different folds: they share light, style and annotator."
        )
    counts = Counter(next(iter(each)) for each in of_image)
    if len(counts) > 5 or not set(counts) <= set(range(5)):
        raise Mistake("too-many", f"I asked for folds 0 to 4, and got {len(counts)} different numbers.")
    if len(counts) < 5 or max(counts.values()) - min(counts.values()) > 1:
        raise Mistake(
            "uneven", f"The folds hold {sorted(counts.values())} images: number the images 0, 1, 2 … before you divide."
        )
    return "Right: whole images, and as many in each fold."


@exercise("18-rate")
def _rate(estimate) -> str:
    from synscenes.metrics.classification import wilson_interval

    rng = np.random.default_rng(184)
    looks = 100
    # Sorted by suspicion: the mistakes crowd at the top.
    wrong = rng.random(1000) < np.where(np.arange(1000) < 60, 0.7, 0.02)

    def told(labels: np.ndarray, seed: int) -> tuple[float, float, float]:
        rate, low, high = (float(x) for x in call(estimate, labels.copy(), looks, np.random.default_rng(seed)))
        return rate, low, high

    answers = np.array([told(wrong, seed) for seed in range(20)])
    if np.allclose(answers[:, 0], wrong.mean()):
        raise Mistake("overspent", f"You read all {len(wrong)} places; the budget is {looks} looks.")
    if np.allclose(answers[:, 0], wrong[:looks].mean()):
        raise Mistake(
            "from-the-top",
            "You looked at the most suspicious ones: there the mistakes crowd. For a rate, draw from all.",
        )
    high_at_zero = told(np.zeros(1000, dtype=bool), 0)[2]
    if high_at_zero <= 0 or np.isnan(high_at_zero):
        raise Mistake("wald", "After 100 looks without a mistake your interval has no width. Use `wilson_interval`.")
    hits = np.round(answers[:, 0] * looks)
    exact = np.array([(hit / looks, *wilson_interval(int(hit), looks)) for hit in hits])
    if not np.allclose(answers, exact, atol=1e-9):
        wanted, got = (tuple(row[0].round(3).tolist()) for row in (exact, answers))
        raise Mistake(
            "wrong",
            f"For {int(hits[0])} wrong ones in {looks} looks I expected (rate, low, high) = {wanted}, got {got}.",
        )
    few = wrong[:looks]  # as many labels as looks: whoever reads each once knows the rate
    if not np.isclose(told(few, 1)[0], few.mean()):
        raise Mistake("repeats", "With 100 labels and 100 looks the rate is known exactly: draw without repeats.")
    if abs(answers[:, 0].mean() - wrong.mean()) > 0.03:
        raise Mistake("biased", f"Over 20 draws your rate is {answers[:, 0].mean():.3f}, the truth {wrong.mean():.3f}.")
    return "Right: a random sample for the rate, the suspicious end for the repair."
