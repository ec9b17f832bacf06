"""Creative Commons licences: what their names say, and what happens when several come together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from synscenes.errors import CourseError

CONDITIONS = {
    "by": "name the author",
    "nc": "no commercial use",
    "nd": "no changed copies",
    "sa": "changed copies under the same licence",
}
# COCO's file of 2017 has eight licences; ids and names are those of its section `licenses`.
_CC = "http://creativecommons.org/licenses"
COCO = (
    {"url": f"{_CC}/by-nc-sa/2.0/", "id": 1, "name": "Attribution-NonCommercial-ShareAlike License"},
    {"url": f"{_CC}/by-nc/2.0/", "id": 2, "name": "Attribution-NonCommercial License"},
    {"url": f"{_CC}/by-nc-nd/2.0/", "id": 3, "name": "Attribution-NonCommercial-NoDerivs License"},
    {"url": f"{_CC}/by/2.0/", "id": 4, "name": "Attribution License"},
    {"url": f"{_CC}/by-sa/2.0/", "id": 5, "name": "Attribution-ShareAlike License"},
    {"url": f"{_CC}/by-nd/2.0/", "id": 6, "name": "Attribution-NoDerivs License"},
    {"url": "http://flickr.com/commons/usage/", "id": 7, "name": "No known copyright restrictions"},
    {"url": "http://www.usa.gov/copyright.shtml", "id": 8, "name": "United States Government Work"},
)

_NAME = re.compile(r"CC[ -]BY((?:-(?:NC|ND|SA))*)(?:[ -](\d\.\d))?", re.IGNORECASE)
_URL = re.compile(r"creativecommons\.org/licenses/by((?:-(?:nc|nd|sa))*)/(\d\.\d)", re.IGNORECASE)
_FREE = re.compile(r"\b(CC0|PDDL|public domain)\b|creativecommons\.org/publicdomain", re.IGNORECASE)
_COMMONS = re.compile(r"flickr\.com/commons|no known copyright", re.IGNORECASE)
_GOVERNMENT = re.compile(r"usa\.gov/|united states government", re.IGNORECASE)


@dataclass(frozen=True)
class Licence:
    """A licence as this course tells them apart.

    ``name``: "CC BY-NC 2.0", "public domain", "no known copyright restrictions" or "United States government work".
    ``conditions``: some of ``CONDITIONS``.
    """

    name: str
    conditions: frozenset[str] = frozenset()

    def allows(self, *, commercial: bool = False, changes: bool = False) -> bool:
        """Return whether copies may be shared for money, or with changes. Credit and ShareAlike do not forbid it."""
        return not (commercial and "nc" in self.conditions) and not (changes and "nd" in self.conditions)


def read(text: str) -> Licence:
    """Return the licence that a name or an address stands for: "CC BY-NC-SA 2.0", a licence's URL of COCO's list.

    Raises CourseError for anything else: guessing a licence is how one breaks it.
    """
    found = _URL.search(text) or _NAME.search(text)
    if found:
        words = [word for word in found[1].lower().split("-") if word]
        if {"nd", "sa"} <= set(words) or len(set(words)) < len(words):
            raise CourseError(f"There is no licence CC BY{found[1].upper()}: NoDerivs leaves nothing to share alike.")
        ordered = [word for word in ("nc", "nd", "sa") if word in words]
        version = found[2] or ""
        return Licence(
            " ".join(["-".join(["CC BY", *map(str.upper, ordered)]), version]).strip(), frozenset(["by", *words])
        )
    for pattern, name in (
        (_FREE, "public domain"),
        (_COMMONS, "no known copyright restrictions"),
        (_GOVERNMENT, "United States government work"),
    ):
        if pattern.search(text):
            return Licence(name)
    raise CourseError(f"{text!r} is no licence that this course knows: read its text, or ask its owner.")


def combine(conditions: Iterable[Iterable[str]]) -> frozenset[str]:
    """Return the conditions of a collection: every condition of any of its parts.

    Whoever passes on the whole must keep all of them, so the strictest part decides.
    """
    return frozenset().union(*map(frozenset, conditions))


def mixable(licences: Iterable[Licence]) -> bool:
    """Return whether material under these licences may be melted into one new work (a collage) that is shared.

    Not with NoDerivs, and not with two different ShareAlike licences: each wants the whole for itself. Versions of
    one ShareAlike licence count as one (Creative Commons lets you use a later version).
    """
    licences = list(licences)
    asked = {each.conditions for each in licences if "sa" in each.conditions}
    if any("nd" in each.conditions for each in licences) or len(asked) > 1:
        return False
    return not (asked and any(each.conditions - next(iter(asked)) for each in licences))
