"""Captions without a language model: what any decoder has to beat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from synscenes.captioning.data import Split
from synscenes.errors import CourseError
from synscenes.metrics.captions.tokenizer import tokenize


def most_frequent(train: Split) -> str:
    """Return the training caption that was written most often, capitals and punctuation aside (first among equals)."""
    return Counter(" ".join(tokenize(caption)) for caption in train.sentences).most_common(1)[0][0]


def neighbours(train: np.ndarray, images: np.ndarray, count: int) -> np.ndarray:
    """Return the rows of the ``count`` training vectors most alike by cosine, the nearest first: (images, count).

    ``train`` (N, D), ``images`` (M, D): one vector an image. Raises CourseError for a count that can't be had.
    """
    if not 1 <= count <= len(train):
        raise CourseError(f"count must be between 1 and the {len(train)} training images, not {count}.")
    ours, theirs = (np.asarray(rows, dtype=np.float32) for rows in (images, train))
    ours, theirs = (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9) for rows in (ours, theirs))
    return np.argsort(-(ours @ theirs.T), axis=1, kind="stable")[:, :count]


def consensus(captions: Sequence[str]) -> str:
    """Return the caption that agrees most with the others, by the F-score of shared runs of one and two words.

    Devlin et al. 2015, "Exploring Nearest Neighbor Approaches for Image Captioning": of the captions of similar images
    the one in the middle of the crowd. Raises CourseError for no captions.
    """
    if not captions:
        raise CourseError("there is no caption to choose from.")
    counted = [_runs(tokenize(caption)) for caption in captions]
    totals = [sum(_agreement(ours, theirs) for theirs in counted) for ours in counted]
    return " ".join(tokenize(captions[int(np.argmax(totals))]))


def nearest(train: Split, train_vectors: np.ndarray, vectors: np.ndarray, count: int = 5) -> list[str]:
    """Return for each image the consensus of the captions of its ``count`` nearest training images."""
    rows = neighbours(train_vectors, vectors, count)
    return [consensus([caption for row in some for caption in train.captions[row]]) for some in rows]


def _runs(words: Sequence[str]) -> Counter:
    return Counter(words) + Counter(pairwise(words))


def _agreement(ours: Counter, theirs: Counter) -> float:
    total = ours.total() + theirs.total()
    return 2 * (ours & theirs).total() / total if total else 0.0
