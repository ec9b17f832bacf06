"""The words of a caption, cut as COCO's evaluation cuts them, without Java.

COCO's caption server, and pycocoevalcap after it, run Stanford's PTBTokenizer (CoreNLP 3.4.1, with ``-preserveLines
-lowerCase``) and then drop some punctuation. tests/reference keeps its answers for sentences of our own.
"""

from __future__ import annotations

import re

from synscenes.errors import CourseError
from synscenes.metrics.captions.token_rules import ABBREVIATIONS, CUT_IN_TWO, RULES, SPELLED, STATES

# pycocoevalcap drops these after lower-casing, so its four brackets never match: "-lrb-" stays a word.
DROPPED = frozenset(
    ["''", "'", "``", "`", "-LRB-", "-RRB-", "-LCB-", "-RCB-", ".", "?", "!", ",", ":", "-", "--", "...", ";"]
)

_SIGNS = str.maketrans(
    {"(": "-lrb-", ")": "-rrb-", "[": "-lsb-", "]": "-rsb-", "{": "-lcb-", "}": "-rcb-", "’": "'"}
    # A soft hyphen vanishes; a space within a token ("1 1/2") becomes a no-break space.
    | {"\xad": "", " ": "\xa0"}
)
# Most captions are plain words, some commas and a full stop: no rule is needed.
_PLAIN_CAPTION = re.compile("[A-Za-z]+(?:,? +[A-Za-z]+)*[ .]*")
_PLAIN_WORD = re.compile("([A-Za-z]+)(?=[ \t,]|$)")
# The rules look at the case of a state's; here any case sends the caption to them.
_ABBREVIATIONS = frozenset([*ABBREVIATIONS, *(state.lower() for state in STATES)])


def tokenize(caption: str) -> list[str]:
    """Return the lower-case words of a caption as pycocoevalcap's PTBTokenizer gives them, punctuation dropped.

    The Java program reads all captions as one text, so that a caption's last abbreviation ("vitamin c.") can depend
    on the next caption; here each stands by itself. Raises CourseError for what is not a string.
    """
    if not isinstance(caption, str):
        raise CourseError(f"a caption must be a string, not of type {type(caption).__name__}: give its text.")
    if _PLAIN_CAPTION.fullmatch(caption):
        words = caption.lower().replace(",", "").rstrip(" .").split()
        last = words[-1]
        if len(last) > 1 and last not in _ABBREVIATIONS and CUT_IN_TWO.keys().isdisjoint(words):
            return words
    return [token for token in all_tokens(caption) if token not in DROPPED]


def all_tokens(caption: str) -> list[str]:
    """Return all tokens of a caption, punctuation too.

    Of the rules that match at a place the one that reads furthest wins, what must follow included; among equals the
    first. A character that no rule takes is left out.
    """
    caption = caption.replace("\n", " ")
    tokens, at = [], 0
    while at < len(caption):
        match = _PLAIN_WORD.match(caption, at) or _longest(caption, at)
        if match is None:
            at += 1
            continue
        token = match[1].lower()
        tokens += CUT_IN_TWO.get(token) or [SPELLED.get(token) or token.translate(_SIGNS) or "-"]
        at = match.end(1)
    return tokens


def _longest(caption: str, at: int) -> re.Match | None:
    if caption[at] in " \t":
        return None
    best, reach = None, at
    for rule in RULES:
        match = rule.match(caption, at)
        if match and match.end() > reach:
            best, reach = match, match.end()
    return best
