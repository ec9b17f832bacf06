"""How far annotators agree beyond what chance alone would give: kappa for two, alpha for any number."""

from __future__ import annotations

import numpy as np

from synscenes.annotators.votes import Votes


def observed_agreement(a, b) -> float:
    """Return the share of items on which two annotators gave the same label; errors as in ``cohen_kappa``."""
    a, b = _two_columns(a, b)
    return float((a == b).mean())


def cohen_kappa(a, b) -> float:
    """Return Cohen's kappa of two annotators who labelled the same items: (observed - chance) / (1 - chance).

    ``a``, ``b``: (n,) integer labels. Chance: two people who keep their own frequencies and answer blindly. 1
    is perfect, 0 is what chance gives, below 0 is worse. Cohen 1960, "A coefficient of agreement for nominal
    scales". Raises ValueError for empty or mismatched columns, and where both always gave one and the same
    label: chance is then 1, and kappa is 0 / 0.
    """
    a, b = _two_columns(a, b)
    labels, places = np.unique(np.concatenate([a, b]), return_inverse=True)
    shares = [np.bincount(side, minlength=len(labels)) / len(a) for side in np.split(places, 2)]
    chance = float(shares[0] @ shares[1])
    if len(labels) == 1:
        raise ValueError(
            "kappa is undefined: both gave one and the same label throughout, so chance agrees fully"
        )
    return (float((a == b).mean()) - chance) / (1 - chance)


def krippendorff_alpha(votes: Votes) -> float:
    """Return Krippendorff's alpha for nominal labels: 1 - observed disagreement / disagreement by chance.

    Any number of annotators; each may answer some items only. Items with a single vote say nothing about
    agreement and are left out. Krippendorff 2004, *Content Analysis*, chapter 11. Raises ValueError where no
    item has two votes, and where only one label was ever given: there is then no variation to agree about.
    """
    counts = votes.counts()
    counts = counts[counts.sum(axis=1) >= 2].astype(np.float64)
    if not len(counts):
        raise ValueError("alpha is undefined: no item has two votes or more")
    size = counts.sum(axis=1, keepdims=True)
    total, of_label = counts.sum(), counts.sum(axis=0)
    # Of each item, the ordered pairs of votes that differ; an item of m votes weighs m.
    observed = ((counts * (size - counts)) / (size - 1)).sum() / total
    chance = (of_label * (total - of_label)).sum() / (total * (total - 1))
    if chance == 0:
        raise ValueError("alpha is undefined: only one label was ever given")
    return float(1 - observed / chance)


def _two_columns(a, b) -> tuple[np.ndarray, np.ndarray]:
    a, b = np.asarray(a), np.asarray(b)
    if a.ndim != 1 or a.shape != b.shape or not len(a):
        raise ValueError(f"need two columns of one length, at least 1; got shapes {a.shape} and {b.shape}")
    if a.dtype.kind not in "iub" or b.dtype.kind not in "iub":
        raise ValueError(f"labels must be integers, got {a.dtype} and {b.dtype}")
    return a, b
