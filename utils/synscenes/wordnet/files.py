"""Where WordNet's files lie, how a wnid is spelled, and how one line of data.noun reads."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from synscenes.errors import CourseError

# lexnames(5WN): the 26 lexicographer files that hold nouns are numbered from 03.
_NOUN_FILES = """
    Tops act animal artifact attribute body cognition communication event feeling food group location
    motive object person phenomenon plant possession process quantity relation shape state substance time
""".split()  # noqa: SIM905

_WNID = re.compile(r"n[0-9]{8}")
_PARTS_OF_SPEECH = {"v": "verb", "a": "adjective", "s": "adjective", "r": "adverb"}


class BadWnid(CourseError, ValueError):
    """Not spelled like a noun's wnid (the letter n, then 8 digits)."""


class UnknownSynset(CourseError, KeyError):
    """Spelled like a wnid, but no noun synset of this WordNet has it."""

    __str__ = Exception.__str__  # KeyError would show the message in quotes.


class NounLine(NamedTuple):
    """One line of data.noun, parsed; see wndb(5WN)."""

    lexname: str
    lemmas: tuple[str, ...]
    instance: bool
    definition: str
    examples: tuple[str, ...]


def offset_of(wnid: object) -> int:
    """Return the number in a wnid: 2084071 for "n02084071".

    Raises BadWnid, with what to write instead, for anything that is not n and 8 digits.
    """
    if isinstance(wnid, str) and _WNID.fullmatch(wnid):
        return int(wnid[1:])
    raise BadWnid(f"{wnid!r} is not a wnid: {_what_is_wrong(wnid)}")


def wnid_of(offset: int) -> str:
    """Return the wnid of a noun's offset: "n02084071" for 2084071."""
    return f"n{offset:08d}"


def noun_folder(folder: str | Path) -> Path:
    """Return the folder that holds data.noun and index.noun: ``folder`` or one just below it.

    Raises CourseError where neither is found.
    """
    folder = Path(folder)
    for below in ("", "wordnet", "corpora/wordnet", "nltk_data/corpora/wordnet", "dict"):
        if (folder / below / "data.noun").is_file() and (folder / below / "index.noun").is_file():
            return folder / below
    raise CourseError(
        f"No WordNet in {folder}: it needs data.noun and index.noun. "
        'Fetch them with "python -m synscenes assets fetch wordnet", or name a folder that holds them.'
    )


def parse_line(line: bytes) -> NounLine:
    """Parse one line of data.noun (its pointers to other synsets apart)."""
    head, _, gloss = line.decode("utf-8", errors="replace").partition("|")
    fields = head.split()
    words = int(fields[3], 16)
    pointers = fields[5 + 2 * words :: 4]
    definition = re.sub(r'".*?"', "", gloss.strip()).strip().strip("; ")
    return NounLine(
        lexname=f"noun.{_NOUN_FILES[int(fields[1]) - 3]}",
        lemmas=tuple(fields[4 : 4 + 2 * words : 2]),
        instance="@i" in pointers,
        definition=definition,
        examples=tuple(re.findall(r'"([^"]*)"', gloss)),
    )


def _what_is_wrong(wnid: object) -> str:
    if isinstance(wnid, int) and not isinstance(wnid, bool) and 0 <= wnid < 10**8:
        return f'that is a bare number; write the string "{wnid_of(wnid)}".'
    if not isinstance(wnid, str):
        return f'a wnid is a string such as "n02084071", and this is of type {type(wnid).__name__}.'
    text = wnid.strip()
    if re.fullmatch(r"[vasr][0-9]{8}", text):
        kind = _PARTS_OF_SPEECH[text[0]]
        return (
            f"{text[0]} marks one of WordNet's {kind}s; ImageNet and this course use nouns, n and 8 digits."
        )
    digits = re.fullmatch(r"[nN]?[-_]?([0-9]{1,8})(-n)?", text)
    if digits:
        return f'write n and exactly 8 digits, here "{wnid_of(int(digits[1]))}".'
    return 'it is the letter n and 8 digits, such as "n02084071"; to look up a word, use search().'
