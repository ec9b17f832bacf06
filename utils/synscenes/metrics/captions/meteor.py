"""METEOR through NLTK, with the course's WordNet for synonyms.

NLTK follows Lavie and Agarwal (2007): words match when equal, when their Porter stems are, or when WordNet calls them
synonyms; alpha 0.9, beta 3, gamma 0.5. COCO's server runs the Java program METEOR 1.5, which adds paraphrase tables,
weighs function words less and has other parameters: its numbers differ, and are not comparable with these.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any


class _Remembering:
    """NLTK's stemmer and WordNet reader under one roof; each word is looked up once."""

    def __init__(self) -> None:
        from nltk.stem.porter import PorterStemmer

        from synscenes.wordnet.nltk_reader import nltk_wordnet

        self.stem = lru_cache(maxsize=100_000)(PorterStemmer().stem)
        self.synsets = lru_cache(maxsize=100_000)(nltk_wordnet().synsets)


@lru_cache(maxsize=1)
def _words() -> Any:
    return _Remembering()


def meteor(candidate: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """Return NLTK's METEOR of one candidate: the best over its references.

    The first call reads WordNet, which takes seconds.
    """
    from nltk.translate.meteor_score import meteor_score

    words = _words()
    return float(meteor_score(references, candidate, stemmer=words, wordnet=words))
