"""How varied captions are: of how many words, how many different, how many never written before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from synscenes.errors import CourseError
from synscenes.metrics.captions.tokenizer import tokenize


def variety(said: Sequence[str], known: Iterable[str] = ()) -> dict[str, float]:
    """Return what a set of captions is like, one caption an image.

    ``different``: the share that no other image got first; ``new``: the share that is not among the captions
    ``known`` (the training captions); ``words``: how many different words occur; ``length``: words a caption, on
    average. Raises CourseError for no captions.
    """
    if not said:
        raise CourseError("there are no captions to look at.")
    cut = [tuple(tokenize(caption)) for caption in said]
    old = {tuple(tokenize(caption)) for caption in known}
    return {
        "different": len(set(cut)) / len(cut),
        "new": float(np.mean([words not in old for words in cut])),
        "words": len({word for words in cut for word in words}),
        "length": float(np.mean([len(words) for words in cut])),
    }


def distinct(captions: Sequence[str], n: int = 2) -> float:
    """Return the share of different n-grams among all n-grams of several captions of one image (Div-n).

    1 means that nothing is said twice (Li et al. 2016, distinct-n). Raises CourseError when no n-gram is there.
    """
    runs = [run for words in map(tokenize, captions) for run in zip(*(words[start:] for start in range(n)))]
    if not runs:
        raise CourseError(f"these captions hold no {n} words in a row.")
    return len(set(runs)) / len(runs)
