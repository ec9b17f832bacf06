"""Captions spoiled in a known way: a wrong object, number, colour or relation; other words; no order.

Each function takes a true caption of a micro-COCO scene, the scene graph and a generator, and returns the changed
caption in lower-case words, or None where the caption offers nothing to change. What changes is little: one claim, as
``synscenes.metrics.captions.claims`` reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from synscenes.metrics.captions.claims import COLOURS, NUMBERS, Mention, mentions, words_of
from synscenes.metrics.captions.tokenizer import tokenize

Scene = Mapping[str, Any]

# Words for words: what is said stays true.
OTHER_WORDS = {
    "a person": "someone", "two people": "a pair of individuals", "people": "individuals", "person": "individual",
    "a child": "a youngster", "a kid": "a youngster", "children": "youngsters", "kids": "youngsters",
    "car": "automobile", "cars": "automobiles", "airplane": "aircraft", "plane": "aircraft", "airplanes": "aircraft",
    "planes": "aircraft", "bicycle": "two-wheeler", "bike": "two-wheeler", "boat": "vessel", "boats": "vessels",
    "couch": "settee", "sofa": "settee", "television": "tv set", "tv": "tv set", "refrigerator": "icebox",
    "fridge": "icebox", "dog": "hound", "dogs": "hounds", "bird": "feathered animal", "birds": "feathered animals",
    "cell phone": "mobile", "phone": "mobile", "three": "a trio of", "next to": "alongside", "beside": "close to",
    "near": "by", "in front of": "before", "there is": "one can see", "there are": "one can see", "with": "along with",
    "is standing": "has stopped", "stands": "has stopped", "is walking": "goes on foot", "walks": "goes on foot",
    "is riding": "travels on", "rides": "travels on", "is holding": "has got", "holds": "has got", "street": "avenue",
    "in a park": "amid lawns", "grassy": "green", "at the beach": "on the shore", "sandy beach": "seashore",
    "in the snow": "amid white slopes", "kitchen": "cooking area", "living room": "lounge", "bedroom": "sleeping room",
    "bathroom": "washroom", "on top of": "upon", "red": "crimson", "several": "a number of", "some": "a few",
    "field": "meadow", "airport": "airfield", "at an airfield": "by a runway", "harbor": "port",
}  # fmt: skip


def wrong_object(caption: str, scene: Scene, rng: np.random.Generator) -> str | None:
    """Name another category, one that the scene has not, in place of one that it has."""
    words = tokenize(caption)
    found = mentions(words)
    if not found:
        return None
    chosen = _pick(found, rng)
    present = {thing["category"] for thing in scene["objects"]}
    absent = [name for name in words_of() if name not in present and name != "person"]
    one, many = words_of()[_pick(absent, rng)]
    return _replaced(words, chosen, many[0] if chosen.plural else one[0])


def wrong_number(caption: str, scene: Scene, rng: np.random.Generator) -> str | None:
    """Say another number of something."""
    words = tokenize(caption)
    found = [each for each in mentions(words) if each.number]
    if not found:
        return None
    chosen = _pick(found, rng)
    number = _pick([word for word, value in NUMBERS.items() if value != chosen.number and value <= 6], rng)
    place = chosen.start - 1 - (chosen.colour is not None)
    return " ".join([*words[:place], number, *words[place + 1 :]])


def wrong_colour(caption: str, scene: Scene, rng: np.random.Generator) -> str | None:
    """Give something a colour that nothing of its kind has."""
    words = tokenize(caption)
    found = [each for each in mentions(words) if each.colour]
    if not found:
        return None
    chosen = _pick(found, rng)
    real = {thing["color"] for thing in scene["objects"] if thing["category"] == chosen.category}
    place = chosen.start - 1
    colour = _pick([each for each in COLOURS if each not in real], rng)
    return " ".join([*_with_article(words[:place], colour), colour, *words[place + 1 :]])


def wrong_relation(caption: str, scene: Scene, rng: np.random.Generator) -> str | None:
    """Turn a relation round: behind becomes in front of, and "a person rides a horse" "a horse rides a person"."""
    words = tokenize(caption)
    text, found = " ".join(words), mentions(words)
    if len(found) < 2:
        return None
    for one, other in (("in front of", "behind"), ("behind", "in front of")):
        if f" {one} " in text:
            return text.replace(f" {one} ", f" {other} ", 1)
    for first, second in pairwise(found):
        if {"riding", "rides", "holding", "holds", "flying", "flies"} & set(words[first.end : second.start]):
            (a, b), (c, d) = _phrase(words, first), _phrase(words, second)
            return " ".join([*words[:a], *words[c:d], *words[b:c], *words[a:b], *words[d:]])
    return None


def in_other_words(
    caption: str, scene: Scene, rng: np.random.Generator, table: Mapping[str, str] = OTHER_WORDS
) -> str | None:
    """Say the same in other words: those of ``table``, the longest first."""
    words, changed, at = tokenize(caption), [], 0
    while at < len(words):
        size = next((n for n in (3, 2, 1) if " ".join(words[at : at + n]) in table), 0)
        changed.append(table[" ".join(words[at : at + size])] if size else words[at])
        at += max(size, 1)
    text = " ".join(changed)
    return text if text != " ".join(words) else None


def as_it_is(caption: str, scene: Scene, rng: np.random.Generator) -> str | None:
    """The caption itself."""
    return " ".join(tokenize(caption))


def shuffled(caption: str, scene: Scene, rng: np.random.Generator) -> str | None:
    """The same words in random order."""
    return " ".join(rng.permutation(tokenize(caption)))


CHANGES: dict[str, Callable[[str, Scene, np.random.Generator], str | None]] = {
    "as written": as_it_is,
    "in other words": in_other_words,
    "wrong object": wrong_object,
    "wrong number": wrong_number,
    "wrong colour": wrong_colour,
    "wrong relation": wrong_relation,
}


def _replaced(words: Sequence[str], mention: Mention, noun: str) -> str:
    return " ".join([*_with_article(words[: mention.start], noun), noun, *words[mention.end :]])


def _with_article(before: Sequence[str], noun: str) -> list[str]:
    """The words before a noun; an article at their end is made to fit."""
    if not before or before[-1] not in ("a", "an"):
        return list(before)
    return [*before[:-1], "an" if noun[0] in "aeio" or noun.startswith("umbrella") else "a"]


def _phrase(words: Sequence[str], mention: Mention) -> tuple[int, int]:
    """The mention with its article, number or colour before it, and the shirt after it."""
    start = mention.start - (mention.colour is not None)
    start -= start > 0 and (words[start - 1] in ("a", "an", "some", "several") or words[start - 1] in NUMBERS)
    shirt = list(words[mention.end : mention.end + 4])
    return start, mention.end + 4 * (len(shirt) == 4 and shirt[0] == "in" and shirt[3] == "shirt")


def _pick(options: Sequence[Any], rng: np.random.Generator) -> Any:
    return options[int(rng.integers(len(options)))]
