"""BLEU (Papineni et al., ACL 2002) with the constants of pycocoevalcap: clipped n-gram precision, brevity penalty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synscenes.metrics.captions.ngrams import Counted, NgramTable

# pycocoevalcap adds these to every numerator and denominator, so that an empty caption scores 0 and not 0 / 0.
TINY, SMALL = 1e-15, 1e-9


@dataclass(frozen=True)
class Tally:
    """What BLEU needs to know: of each image (arrays begin with the images), or of a corpus."""

    found: np.ndarray  # (..., 4): n-grams of the candidate that its references have, for n = 1, 2, 3, 4
    total: np.ndarray  # (..., 4): all its n-grams
    length: np.ndarray  # (...): its words
    reference_length: np.ndarray  # (...): the words of the reference closest in length

    def corpus(self) -> Tally:
        """Return the sum over the images: corpus BLEU comes from it, and is no mean of sentence scores."""
        return Tally(*(np.sum(each, axis=0) for each in (self.found, self.total, self.length, self.reference_length)))


def tally(counted: Counted) -> Tally:
    """Count for each image: an n-gram of the candidate counts at most as often as one reference has it.

    The reference length is the one closest to the candidate's; of two as close, the shorter.
    """
    images, most = len(counted.lengths), len(counted.tables)
    found = np.stack([_found(table, images) for table in counted.tables], axis=1)
    total = np.maximum(0, counted.lengths[:, None] - np.arange(most))
    away = np.abs(counted.reference_lengths - counted.lengths[counted.reference_image])
    order = np.lexsort((counted.reference_lengths, away, counted.reference_image))
    _, first = np.unique(counted.reference_image[order], return_index=True)
    return Tally(found, total, counted.lengths, counted.reference_lengths[order[first]])


def _found(table: NgramTable, images: int) -> np.ndarray:
    most = np.zeros(len(table.gram), dtype=np.int64)  # the most often one reference has it
    shared = table.match >= 0
    np.maximum.at(most, table.match[shared], table.reference_count[shared])
    return np.bincount(table.image, np.minimum(table.count, most), minlength=images)


def bleu(counts: Tally) -> np.ndarray:
    """Return BLEU-1 to BLEU-4, (..., 4): geometric means of the precisions, times the brevity penalty.

    Equal to pycocoevalcap's, for single images and (from ``counts.corpus()``) for a corpus.
    """
    precisions = (counts.found + TINY) / (counts.total + SMALL)
    lengths = (counts.length + TINY) / (counts.reference_length + SMALL)
    penalty = np.exp(np.minimum(0, 1 - 1 / lengths))
    return np.cumprod(precisions, axis=-1) ** (1 / np.arange(1, precisions.shape[-1] + 1)) * penalty[..., None]


def smoothed_bleu(counts: Tally) -> np.ndarray:
    """Return BLEU with one added to the n-grams found and in all, for n of 2 and more (Lin and Och, 2004).

    For single captions. Equal to NLTK's ``SmoothingFunction().method2``; 0 when not one word is found.
    """
    added = np.arange(counts.found.shape[-1]) > 0
    scores = bleu(Tally(counts.found + added, counts.total + added, counts.length, counts.reference_length))
    return np.where(counts.found[..., :1] > 0, scores, 0.0)
