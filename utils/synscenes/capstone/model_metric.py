"""The course's answer to project B: which share of a caption's nouns do the references bear out, minus contradictions.

It uses three things that CIDEr doesn't have. It asks for support by *any* reference (precision, not overlap). It knows
from WordNet that a hound is a dog. And it notices when the number or the colour said of a thing is another one than
the references say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from synscenes.capstone.lexicon import COLOURS, NUMBERS, SMALL_WORDS, above, senses, singular

STEPS = 2  # how far up WordNet a hound may be a dog
NUMBER_COST, COLOUR_COST = 0.25, 0.15


@lru_cache(maxsize=200_000)
def alike(one: str, other: str) -> bool:
    """Whether two nouns can name one thing: the same, synonyms, or one a near hypernym of the other."""
    if singular(one) == singular(other):
        return True
    return bool(senses(one) & above(other, STEPS) or senses(other) & above(one, STEPS))


def nouns(words: Iterable[str]) -> list[str]:
    """The words that name things."""
    return [word for word in words if word not in SMALL_WORDS | COLOURS | set(NUMBERS) and senses(word)]


def said_of(words: Sequence[str], kind: Iterable[str]) -> list[tuple[str, str]]:
    """(word, noun) for each number, or colour, with the noun that follows it within two words."""
    kind, skipped, found = set(kind), SMALL_WORDS | COLOURS | set(NUMBERS), []
    for place, word in enumerate(words):
        after = [each for each in words[place + 1 : place + 3] if each not in skipped]
        if word in kind and after:
            found.append((word, after[0]))
    return found


def contradictions(candidate: Sequence[str], references: Sequence[Sequence[str]], kind: Iterable[str]) -> int:
    """How many numbers (or colours) of the candidate the references contradict.

    A number that no reference gives for that thing is no contradiction: people leave out more than they say.
    """
    kind = set(kind)
    theirs = [pair for reference in references for pair in said_of(reference, kind)]
    total = 0
    for word, noun in said_of(candidate, kind):
        heard = {other for other, thing in theirs if alike(noun, thing)}
        total += bool(heard) and word not in heard
    return total


def metric(candidate: Sequence[str], references: Sequence[Sequence[str]], seen: Sequence[str] = ()) -> float:
    """Return the share of the candidate's nouns that are borne out, less what contradictions cost.

    ``seen``: names of what a detector found in the image; they count as one more reference.
    """
    pool = {word for reference in references for word in nouns(reference)}
    pool |= {word for name in seen for word in name.split()}
    things = nouns(candidate)
    share = sum(any(alike(thing, other) for other in pool) for thing in things) / len(things) if things else 0.5
    numbers = contradictions(candidate, references, NUMBERS)
    colours = contradictions(candidate, references, COLOURS)
    return share - NUMBER_COST * numbers - COLOUR_COST * colours
