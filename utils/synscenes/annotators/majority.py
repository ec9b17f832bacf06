"""The simplest rule: the answer with most votes wins."""

from __future__ import annotations

import numpy as np

from synscenes.annotators.votes import Votes


def majority_vote(votes: Votes, rng: np.random.Generator | None = None) -> np.ndarray:
    """Return the class with most votes for each item: (items,) int64.

    A tie goes to the lowest class index, or, given ``rng``, to one of the tied classes by lot. Raises
    ValueError for an item without votes.
    """
    votes.require_every_item()
    counts = votes.counts()
    if rng is None:
        return counts.argmax(axis=1)
    # A random number below 1 decides among equals and nowhere else.
    return (counts + rng.random(counts.shape)).argmax(axis=1)


def vote_shares(votes: Votes) -> np.ndarray:
    """Return the share of each item's votes that each class got: (items, classes), rows sum to 1."""
    votes.require_every_item()
    counts = votes.counts()
    return counts / counts.sum(axis=1, keepdims=True)


def tied(votes: Votes) -> np.ndarray:
    """Return which items have no single winner: (items,) bool."""
    counts = votes.counts()
    return (counts == counts.max(axis=1, keepdims=True)).sum(axis=1) > 1
