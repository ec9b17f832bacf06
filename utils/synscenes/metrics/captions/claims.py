"""What a caption claims, and whether a micro-COCO scene bears it out: the truth that caption metrics can't see.

A SPICE in miniature (Anderson et al., ECCV 2016): a caption is read as claims about objects, and each is looked up in
the scene graph. It reads the small English that micro-COCO's captions are written in, not English.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from synscenes.metrics.captions.tokenizer import tokenize

NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
COLOURS = ("black", "blue", "brown", "gray", "green", "orange", "pink", "purple", "red", "silver", "white", "yellow")
# What two mentions of objects have between them, and the scene graph's word for it.
ACTS = {
    "riding": "riding", "rides": "riding", "holding": "holding", "holds": "holding", "flying": "flying",
    "flies": "flying", "behind": "behind", "in front of": "in front of",
}  # fmt: skip
_PLACES = {("train", "station"), ("train", "platform"), ("ball", "field"), ("table", "top"), ("tennis", "court")}


@dataclass(frozen=True)
class Mention:
    """A category's noun in a caption: words ``start`` to ``end``, with the number and colour said before it."""

    category: str
    start: int
    end: int
    plural: bool
    child: bool
    number: int | None
    colour: str | None


Claim = tuple[str, ...]


def read_claims(words: Sequence[str]) -> list[Claim]:
    """Return what a caption (a list of words) claims.

    ("object", category); ("count", category, "3"); ("colour", category, colour), which for a person is the shirt's;
    and ("relation", category, word, category), such as person riding bicycle.
    """
    found = mentions(words)
    claims: list[Claim] = []
    for each in found:
        who = "child" if each.child else each.category
        claims.append(("object", who))
        if each.number:
            claims.append(("count", who, str(each.number)))
        shirt = words[each.end : each.end + 4]
        if each.colour:
            claims.append(("colour", who, each.colour))
        elif len(shirt) == 4 and shirt[0] == "in" and shirt[3] == "shirt":
            claims.append(("colour", who, shirt[2]))
    for first, second in pairwise(found):
        between = " ".join(words[first.end : second.start])
        for act, relation in ACTS.items():
            if f" {act} " in f" {between} " and "," not in between:
                claims.append(("relation", first.category, relation, second.category))
    return list(dict.fromkeys(claims))


def mentions(words: Sequence[str]) -> list[Mention]:
    """Return the mentions of categories in a caption, in their order."""
    known, found, at = nouns(), [], 0
    while at < len(words):
        size = next((n for n in (3, 2, 1) if tuple(words[at : at + n]) in known), 0)
        if not size or tuple(words[at : at + 2]) in _PLACES or _is_colour(words, at, known):
            at += 1
            continue
        category, plural = known[tuple(words[at : at + size])]
        before = at - 1
        colour = words[before] if before >= 0 and words[before] in COLOURS else None
        before -= colour is not None
        number = NUMBERS.get(words[before]) if before >= 0 else None
        child = words[at] in ("child", "children", "kid", "kids")
        found.append(Mention(category, at, at + size, plural, child, number, colour))
        at += size
    return found


def _is_colour(words: Sequence[str], at: int, known: Mapping[tuple[str, ...], Any]) -> bool:
    """ "orange" is a fruit, unless a noun follows it."""
    rest = list(words[at + 1 : at + 4])
    return words[at] in COLOURS and bool(rest) and (
        rest[0] in ("sky", "shirt") or any(tuple(rest[:n]) in known for n in (1, 2, 3))
    )  # fmt: skip


@lru_cache(maxsize=1)
def nouns() -> dict[tuple[str, ...], tuple[str, bool]]:
    """The words of each category, singular and plural: ``("hot", "dogs")`` gives ``("hot dog", True)``."""
    found: dict[tuple[str, ...], tuple[str, bool]] = {}
    for category, (one, many) in words_of().items():
        found.update({tuple(word.split()): (category, True) for word in many})
        found.update({tuple(word.split()): (category, False) for word in one})
    return found


@lru_cache(maxsize=1)
def words_of() -> dict[str, tuple[list[str], list[str]]]:
    """Each category's words: in the singular, and in the plural in the same order."""
    from synscenes.micrococo.categories import THING_ID
    from synscenes.micrococo.words import SYNONYMS, plural

    found = {}
    for category in THING_ID:
        one = list(dict.fromkeys((*SYNONYMS.get(category, ()), category)))
        one += ["child", "kid", "young child"] if category == "person" else []
        spelled = [" ".join(tokenize(word)) for word in one]
        found[category] = (spelled, [" ".join(tokenize(plural(word))) for word in one])
    return found


def is_true(claim: Claim, scene: Mapping[str, Any]) -> bool:
    """Look one claim up in a scene graph of micro-COCO."""
    kind, who, *rest = claim
    things = [each for each in scene["objects"] if _fits(each, who)]
    if kind == "object":
        return bool(things)
    if kind == "count":
        return sum(each["count"] for each in things) == int(rest[0])
    if kind == "colour":
        return any(rest[0] in (each["color"], each["attributes"].get("top")) for each in things)
    relation, other = rest
    others = [each for each in scene["objects"] if _fits(each, other)]
    if relation in ("behind", "in front of"):
        sign = 1 if relation == "in front of" else -1
        return any(sign * (b["depth"] - a["depth"]) > 0 for a in things for b in others)
    pairs = {(a["annotation_id"], b["annotation_id"]) for a in things for b in others}
    return any(
        (link["subject"], link["object"]) in pairs and link["predicate"] == relation for link in scene["relations"]
    )


def _fits(thing: Mapping[str, Any], who: str) -> bool:
    if who == "child":
        return thing["category"] == "person" and bool(thing["attributes"].get("child"))
    return thing["category"] == who


def truth(caption: str, scene: Mapping[str, Any]) -> float:
    """Return the share of a caption's claims that the scene bears out; NaN where it claims nothing."""
    claims = read_claims(tokenize(caption))
    return sum(is_true(claim, scene) for claim in claims) / len(claims) if claims else float("nan")


def claim_score(candidate: str, references: Sequence[str]) -> float:
    """Return SPICE's idea in miniature: the F1 of the candidate's claims against all claims of its references."""
    ours = set(read_claims(tokenize(candidate)))
    theirs = {claim for reference in references for claim in read_claims(tokenize(reference))}
    return 2 * len(ours & theirs) / (len(ours) + len(theirs)) if ours and theirs else 0.0
