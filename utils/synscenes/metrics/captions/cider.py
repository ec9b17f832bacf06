"""CIDEr (Vedantam, Zitnick and Parikh, CVPR 2015): agreement with the references in their tf-idf weighted n-grams.

What the COCO server and pycocoevalcap call CIDEr is CIDEr-D, and so it is here by default: a weight counts at most as
much as the reference's, and a Gaussian (sigma 6 words) lowers the score of a caption longer or shorter than the
reference. ``"CIDEr"`` is the plain form, without either, and like theirs without the paper's stemming. Both are
scaled by 10.
"""

from __future__ import annotations

import numpy as np

from synscenes.metrics.captions.ngrams import Counted, NgramTable

SIGMA = 6.0
KINDS = ("CIDEr-D", "CIDEr")


def cider(counted: Counted, kind: str = "CIDEr-D") -> np.ndarray:
    """Return the score of each image: the mean over n-gram lengths and references, times 10.

    An n-gram's weight is log(images / images whose references have it); one that no reference has counts as if one
    image had it. With one image every weight is log(1) = 0, and the score with it.
    """
    if kind not in KINDS:
        raise ValueError(f"cider must be one of {', '.join(KINDS)}, not {kind!r}")
    images, references = len(counted.lengths), len(counted.reference_lengths)
    similarity = np.zeros(references)
    for table in counted.tables:
        similarity += _cosine(table, counted, clip=kind == "CIDEr-D")
    if kind == "CIDEr-D":
        # Lengths are compared as pycocoevalcap does, in pairs of words.
        pairs = np.maximum(0, counted.reference_lengths - 1)
        difference = np.maximum(0, counted.lengths - 1)[counted.reference_image] - pairs
        similarity *= np.exp(-(difference**2) / (2 * SIGMA**2))
    total = np.bincount(counted.reference_image, similarity, minlength=images)
    return 10 * total / len(counted.tables) / np.bincount(counted.reference_image, minlength=images)


def weights(table: NgramTable, counted: Counted) -> np.ndarray:
    """Return the weight (idf) of each n-gram of the table."""
    images = len(counted.lengths)
    holds = np.unique(counted.reference_image[table.reference] * max(table.kinds, 1) + table.reference_gram)
    frequency = np.bincount(holds % max(table.kinds, 1), minlength=table.kinds)
    return np.log(images) - np.log(np.maximum(1, frequency))


def _cosine(table: NgramTable, counted: Counted, clip: bool) -> np.ndarray:
    """The cosine of each reference's weighted counts with those of its image's candidate."""
    idf = weights(table, counted)
    ours, theirs = table.count * idf[table.gram], table.reference_count * idf[table.reference_gram]
    norms = np.sqrt(np.bincount(table.image, ours**2, minlength=len(counted.lengths)))
    their_norms = np.sqrt(np.bincount(table.reference, theirs**2, minlength=len(counted.reference_lengths)))
    shared = table.match >= 0
    mine, their = ours[table.match[shared]], theirs[shared]
    products = (np.minimum(mine, their) if clip else mine) * their
    dots = np.bincount(table.reference[shared], products, minlength=len(counted.reference_lengths))
    scale = norms[counted.reference_image] * their_norms
    return np.divide(dots, scale, out=np.zeros(len(dots)), where=scale > 0)
