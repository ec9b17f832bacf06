"""How many votes are enough? Dynamic consensus after Deng et al. (2009), section 3.2, for yes-or-no questions.

The paper: of each synset, a random first sample of candidate images is shown to at least ten people each. From
their votes comes a *confidence score table*, the probability that an image is good given the votes. For every
other candidate, people are asked until a confidence threshold is reached. The paper leaves open how the table
is computed and when a candidate is given up; what is done here about either is said below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np


@dataclass(frozen=True)
class Decision:
    """``verdict``: True (keep), False (reject) or None (votes ran out undecided). ``votes``: how many were spent."""

    verdict: bool | None
    votes: int


def confidence_table(answers, good=None) -> np.ndarray:
    """Return P(image is good | y people said yes, n said no): (m + 1, m + 1), [y, n]; NaN where unknown.

    ``answers``: (images, m) of 0 and 1, the first sample. ``good``: (images,) truth; None takes each image's
    majority (more than half yes). An image with Y yes and N no among its m votes counts, at [y, n], as often
    as y + n of its votes drawn by lot would show exactly y yes and n no. Raises ValueError for an empty
    sample, or values besides 0 and 1.
    """
    answers = np.asarray(answers)
    if answers.ndim != 2 or not answers.size or not np.isin(answers, (0, 1)).all():
        raise ValueError(
            f"answers must be (images, votes) of 0 and 1, at least one of each; got {answers.shape}"
        )
    images, m = answers.shape
    yes = answers.sum(axis=1).astype(int)
    good = yes * 2 > m if good is None else np.asarray(good)
    if good.shape != (images,) or not np.isin(good, (0, 1)).all():
        raise ValueError(f"good must be {images} booleans, one an image; got shape {good.shape}")
    share = np.full((m + 1, m + 1), np.nan)
    for y in range(m + 1):
        for n in range(m + 1 - y):
            weight = np.array([comb(int(k), y) * comb(m - int(k), n) for k in yes], dtype=float)
            if weight.sum() > 0:
                share[y, n] = weight @ good / weight.sum()
    return share


def ask_until(answers: Sequence[int], table: np.ndarray, threshold: float = 0.95) -> Decision:
    """Take votes one by one until the table is sure: ``threshold`` or more keeps, 1 - ``threshold`` or less rejects.

    ``answers``: 0 and 1 in the order in which people would answer. Before the first vote nothing is decided,
    and a cell about which the table knows nothing (NaN) means: ask on. Raises ValueError for a threshold
    outside 0.5 … 1, no answers, or answers besides 0 and 1.
    """
    if not 0.5 < threshold <= 1:
        raise ValueError(f"threshold must lie above 0.5 and at most at 1, got {threshold}")
    if not len(answers) or not set(map(int, answers)) <= {0, 1}:
        raise ValueError("answers must be one or more of 0 and 1")
    yes = no = 0
    for answer in answers:
        yes, no = yes + (answer == 1), no + (answer == 0)
        if yes + no >= len(table):
            return Decision(None, yes + no - 1)
        confidence = table[yes, no]
        if confidence >= threshold:
            return Decision(True, yes + no)
        if confidence <= 1 - threshold:
            return Decision(False, yes + no)
    return Decision(None, yes + no)


def ask_until_sure(
    answers: np.ndarray, who: np.ndarray, prior: np.ndarray, confusion: np.ndarray, threshold: float = 0.95
) -> tuple[int, int]:
    """The same idea for any number of classes and annotators who are known: return (label, votes spent).

    ``answers``, ``who``: (m,) labels and annotators in the order of asking; ``prior`` and ``confusion`` as
    ``DawidSkene`` holds them. Asks until one class has a posterior of ``threshold``, or nobody is left; then
    the likeliest class wins. Raises ValueError for a threshold outside 0 … 1 or no answers.
    """
    if not 0 < threshold <= 1:
        raise ValueError(f"threshold must lie in 0 … 1, got {threshold}")
    if not len(answers) or len(answers) != len(who):
        raise ValueError(
            f"answers and who must have one length of at least 1, got {len(answers)} and {len(who)}"
        )
    logs = np.log(np.maximum(prior, 1e-300))
    spent = 0
    for answer, annotator in zip(answers, who):
        logs = logs + np.log(np.maximum(confusion[annotator, :, answer], 1e-300))
        spent += 1
        weights = np.exp(logs - logs.max())
        if weights.max() / weights.sum() >= threshold:
            break
    return int(logs.argmax()), spent
