"""What WordNet knows about a caption's words: synsets of a word in singular or plural, and what lies above them."""

from __future__ import annotations

from functools import lru_cache

from synscenes.metrics.captions.claims import COLOURS as _COLOURS

# Words that a caption can't be wrong about. Short on purpose: what is left is to be judged.
SMALL_WORDS = frozenset(
    ("a", "an", "the", "this", "that", "these", "those", "it", "its", "is", "are", "was", "were", "be", "being", "has",
     "have", "had", "do", "does", "and", "or", "but", "of", "in", "on", "at", "with", "to", "by", "from", "under",
     "over", "into", "along", "another", "other", "there", "one", "can", "see", "we", "as", "near")
)  # fmt: skip
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NUMBERS = {word: number for number, word in enumerate(_NUMBERS, 1)}
COLOURS = frozenset((*_COLOURS, "grey", "crimson", "scarlet", "azure", "golden"))


@lru_cache(maxsize=1)
def _wordnet():
    from synscenes import wordnet

    return wordnet.load()


@lru_cache(maxsize=50_000)
def singular(word: str) -> str:
    """Return the singular of a noun that WordNet knows in the singular only; else the word itself."""
    for ending, other in (("ies", "y"), ("es", ""), ("s", ""), ("men", "man")):
        shorter = word[: len(word) - len(ending)] + other
        if word.endswith(ending) and len(shorter) > 1 and _wordnet().senses(shorter):
            return shorter
    return {"people": "person", "children": "child", "mice": "mouse", "knives": "knife"}.get(word, word)


@lru_cache(maxsize=50_000)
def senses(word: str) -> frozenset[str]:
    """Return the wnids of a word and of its singular; empty for what is no noun."""
    return frozenset([*_wordnet().senses(word), *_wordnet().senses(singular(word))])


@lru_cache(maxsize=50_000)
def above(word: str, steps: int) -> frozenset[str]:
    """Return the wnids of a word's senses and of all that lies up to ``steps`` hypernyms above them."""
    reached = frontier = set(senses(word))
    for _ in range(steps):
        frontier = {parent for wnid in frontier for parent in _wordnet().parents(wnid)}
        reached = reached | frontier
    return frozenset(reached)
