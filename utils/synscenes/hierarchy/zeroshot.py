"""Naming classes that no photograph was labelled with, from the probabilities of other classes.

Sources: ConSE: Norouzi et al., "Zero-Shot Learning by Convex Combination of Semantic Embeddings", ICLR 2014, after
DeViSE: Frome et al., NeurIPS 2013. The second function puts WordNet similarity where ConSE has word vectors.
"""

from __future__ import annotations

import numpy as np

from synscenes.hierarchy.heads import unit_rows
from synscenes.hierarchy.inputs import probability_rows


def seen_probabilities(logits, unseen) -> np.ndarray:
    """Return the softmax over the seen classes alone: (n, classes), 0 for the ``unseen`` (indices).

    Masking a logit takes the class away from the answer, not from the training. Raises ValueError.
    """
    from synscenes.metrics.classification import softmax

    scores = np.array(logits, dtype=np.float64)
    unseen = _indices(unseen, scores.shape[-1])
    if len(unseen) == scores.shape[-1]:
        raise ValueError("unseen must leave at least one class")
    scores[:, unseen] = -np.inf
    return softmax(scores)


def top_only(probabilities, top: int) -> np.ndarray:
    """Keep each row's ``top`` highest probabilities, made to add up to 1: (n, classes). Raises ValueError."""
    rows = probability_rows(probabilities)
    if top < 1:
        raise ValueError(f"top must be at least 1, got {top}")
    order = np.argsort(-rows, axis=1, kind="stable")[:, :top]
    kept = np.zeros_like(rows)
    np.put_along_axis(kept, order, np.take_along_axis(rows, order, axis=1), axis=1)
    return kept / kept.sum(axis=1, keepdims=True)


def conse(probabilities, vectors, unseen, top: int = 10) -> np.ndarray:
    """Return the unseen class nearest, by cosine, to the mean vector of the likeliest seen classes: (n,) indices.

    ``vectors``: (classes, dims), one per class, used at unit length. A row of zeros stands for "no vector": such a
    seen class contributes nothing. Raises ValueError, also for an unseen class without a vector.
    """
    weights, vectors = top_only(probabilities, top), _unit_or_zero(vectors)
    if len(vectors) != weights.shape[1]:
        raise ValueError(f"vectors must have {weights.shape[1]} rows, one per class, got {len(vectors)}")
    unseen = _indices(unseen, len(vectors))
    if not vectors[unseen].any(axis=1).all():
        raise ValueError("an unseen class has no vector: it could never be found")
    mixed = weights @ vectors  # Its length does not matter: for one photograph it divides every cosine alike.
    return unseen[(mixed @ vectors[unseen].T).argmax(axis=1)]


def most_similar_unseen(probabilities, similarity, unseen, top: int = 10) -> np.ndarray:
    """Return the unseen class of the highest mean similarity to the likeliest seen classes: (n,) indices.

    ``similarity``: (classes, classes), any of the taxonomy's. With ``similarity = V @ V.T`` of unit vectors V it is
    ``conse``. Raises ValueError.
    """
    weights, similarity = top_only(probabilities, top), np.asarray(similarity, dtype=np.float64)
    if similarity.shape != (weights.shape[1],) * 2 or np.isnan(similarity).any():
        raise ValueError(f"similarity must be {(weights.shape[1],) * 2} without NaN, got {similarity.shape}")
    unseen = _indices(unseen, len(similarity))
    return unseen[(weights @ similarity[:, unseen]).argmax(axis=1)]


def _unit_or_zero(vectors) -> np.ndarray:
    vectors = np.array(vectors, dtype=np.float32)
    some = vectors.any(axis=-1)
    vectors[some] = unit_rows(vectors[some])
    return vectors


def _indices(unseen, classes: int) -> np.ndarray:
    unseen = np.asarray(unseen)
    if unseen.ndim != 1 or not len(unseen) or unseen.dtype.kind not in "iu":
        raise ValueError("unseen must be a list of at least one class index")
    if unseen.min() < 0 or unseen.max() >= classes or len(np.unique(unseen)) != len(unseen):
        raise ValueError(f"unseen must hold different class indices from 0 to {classes - 1}")
    return unseen
