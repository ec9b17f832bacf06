"""Dawid and Skene's EM: estimate the true labels and each annotator's confusion matrix together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from synscenes.annotators.majority import vote_shares
from synscenes.annotators.votes import Votes

FLOOR = (
    1e-10  # crowd-kit's: a count or a share of nothing at all becomes this little, so that logs stay finite.
)


@dataclass(frozen=True)
class DawidSkene:
    """What EM found.

    ``posterior``: (items, classes), how probable each class is for each item. ``prior``: (classes,), how
    common. ``confusion``: (annotators, true class, answer), each row summing to 1. ``log_likelihood``: of the
    votes, before each step. ``converged``: whether it stopped by itself.
    """

    posterior: np.ndarray
    prior: np.ndarray
    confusion: np.ndarray
    log_likelihood: list[float]
    converged: bool

    @property
    def labels(self) -> np.ndarray:
        """The most probable class of each item; a tie goes to the lowest index."""
        return self.posterior.argmax(axis=1)

    @property
    def accuracy(self) -> np.ndarray:
        """How often each annotator is right by their confusion matrix, classes weighted by the prior: (annotators,)."""
        return np.einsum("k,akk->a", self.prior, self.confusion)


def dawid_skene(
    votes: Votes, iterations: int = 100, tolerance: float = 1e-6, smoothing: float = 0.0
) -> DawidSkene:
    """Fit the model of Dawid and Skene (1979) by EM, starting from the shares of the votes.

    Stops after ``iterations``, or when the log-likelihood per vote rises by less than ``tolerance``.
    ``smoothing`` is added to every count of every confusion matrix; 0 is the original and equals crowd-kit's
    ``DawidSkene`` step by step. An annotator's answers that never occurred keep probability 0 there, as in
    crowd-kit. Raises ValueError for an item without votes, fewer than one iteration, or a negative smoothing.
    """
    if iterations < 1:
        raise ValueError(f"iterations must be at least 1, got {iterations}")
    if not 0 <= smoothing < np.inf:
        raise ValueError(f"smoothing must be a finite number of at least 0, got {smoothing}")
    cast = _who_said_what(votes)
    posterior = vote_shares(votes)
    history: list[float] = []
    for _ in range(iterations):
        prior, confusion = _maximise(cast, posterior, votes, smoothing)
        posterior, likelihood = _expect(cast, prior, confusion)
        history.append(likelihood)
        if len(history) > 1 and history[-1] - history[-2] < tolerance * len(votes):
            break
    converged = len(history) > 1 and history[-1] - history[-2] < tolerance * len(votes)
    prior, confusion = _maximise(cast, posterior, votes, smoothing)
    return DawidSkene(posterior, prior, confusion.swapaxes(1, 2), history, bool(converged))


def _who_said_what(votes: Votes) -> csr_matrix:
    """The votes as (annotator and answer, item): a product with it sums over exactly the votes there are."""
    row = votes.annotators * votes.n_classes + votes.labels
    shape = (votes.n_annotators * votes.n_classes, votes.n_items)
    return csr_matrix((np.ones(len(votes)), (row, votes.items)), shape=shape)


def _maximise(cast: csr_matrix, posterior: np.ndarray, votes: Votes, smoothing: float):
    """M-step: (classes,) prior and (annotators, answer, true class) confusion, from the posterior."""
    counts = (cast @ posterior).reshape(votes.n_annotators, votes.n_classes, votes.n_classes)
    if smoothing:
        counts = counts + smoothing
    else:
        said = np.asarray(cast.sum(axis=1)).reshape(votes.n_annotators, votes.n_classes, 1) > 0
        counts = np.where(said, np.maximum(counts, FLOOR), 0)
    total = counts.sum(axis=1, keepdims=True)
    # An annotator without a single vote is known for nothing: any answer is as likely as another.
    confusion = np.divide(counts, total, out=np.full_like(counts, 1 / votes.n_classes), where=total > 0)
    return np.maximum(posterior.mean(axis=0), FLOOR), confusion


def _expect(cast: csr_matrix, prior: np.ndarray, confusion: np.ndarray) -> tuple[np.ndarray, float]:
    """E-step in log space: (items, classes) posterior, and the log-likelihood of all votes."""
    logs = np.log(np.maximum(confusion, np.finfo(float).tiny)).reshape(-1, len(prior))
    joint = np.log(prior) + cast.T @ logs
    top = joint.max(axis=1, keepdims=True)
    weights = np.exp(joint - top)
    total = weights.sum(axis=1, keepdims=True)
    return weights / total, float((top + np.log(total)).sum())
