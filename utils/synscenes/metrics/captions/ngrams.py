"""Runs of n words, counted over a whole corpus at once: what BLEU and CIDEr look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

MOST = 4  # BLEU and CIDEr look at runs of one to four words.


@dataclass(frozen=True)
class NgramTable:
    """How often each n-gram of one length occurs in each caption; n-grams are numbered from 0 to ``kinds``.

    A row is one n-gram of one caption. ``image``, ``gram`` and ``count`` hold the rows of the candidates (one an
    image); ``reference``, ``reference_gram`` and ``reference_count`` those of the references. ``match`` says for each
    row of a reference which row of its image's candidate has the same n-gram, -1 where none has.
    """

    kinds: int
    image: np.ndarray
    gram: np.ndarray
    count: np.ndarray
    reference: np.ndarray
    reference_gram: np.ndarray
    reference_count: np.ndarray
    match: np.ndarray


@dataclass(frozen=True)
class Counted:
    """The n-grams of a corpus, a table for each n, and the captions' lengths in words."""

    lengths: np.ndarray  # (images,): of the candidates
    reference_lengths: np.ndarray  # (references,)
    reference_image: np.ndarray  # (references,): the image each belongs to
    tables: list[NgramTable]


def count_ngrams(
    candidates: Sequence[Sequence[str]], references: Sequence[Sequence[Sequence[str]]], most: int = MOST
) -> Counted:
    """Count the runs of 1 to ``most`` words in candidates (lists of words, one an image) and their references."""
    captions = [*candidates, *chain.from_iterable(references)]
    images = np.concatenate(
        [np.arange(len(candidates)), np.repeat(np.arange(len(candidates)), list(map(len, references)))]
    )
    numbers: dict[str, int] = {}
    words = np.fromiter((numbers.setdefault(word, len(numbers)) for word in chain.from_iterable(captions)), np.int64)
    lengths = np.fromiter(map(len, captions), np.int64, len(captions))
    caption = np.repeat(np.arange(len(captions)), lengths)
    # How many words of its caption follow each word: an n-gram starts only where at least n - 1 follow.
    follow = np.repeat(np.cumsum(lengths), lengths) - 1 - np.arange(len(words))
    tables, starts, grams = [], np.arange(len(words)), words
    for n in range(1, most + 1):
        if n > 1:
            longer = follow[starts] >= n - 1
            starts, grams = starts[longer], grams[longer]
            grams = grams * len(numbers) + words[starts + n - 1]
        kinds, grams = np.unique(grams, return_inverse=True)
        tables.append(_table(len(candidates), images, caption[starts], grams, len(kinds)))
    return Counted(lengths[: len(candidates)], lengths[len(candidates) :], images[len(candidates) :], tables)


def _table(candidates: int, images: np.ndarray, caption: np.ndarray, grams: np.ndarray, kinds: int) -> NgramTable:
    rows, counts = np.unique(caption * max(kinds, 1) + grams, return_counts=True)
    caption, gram = np.divmod(rows, max(kinds, 1))
    ours = int(np.searchsorted(caption, candidates))  # Rows are sorted by caption, candidates first.
    reference = caption[ours:] - candidates
    match = _places(images[caption[ours:]] * max(kinds, 1) + gram[ours:], rows[:ours])
    return NgramTable(kinds, caption[:ours], gram[:ours], counts[:ours], reference, gram[ours:], counts[ours:], match)


def _places(wanted: np.ndarray, sorted_values: np.ndarray) -> np.ndarray:
    """The place of each wanted value in a sorted array, -1 where it is not there."""
    if not len(sorted_values):
        return np.full(len(wanted), -1)
    place = np.minimum(np.searchsorted(sorted_values, wanted), len(sorted_values) - 1)
    return np.where(sorted_values[place] == wanted, place, -1)
