"""The hidden cases of lesson 00's exercises."""

from __future__ import annotations

from typing import Any

from synscenes.checks import Mistake, call, exercise, shorten

# As in COCO's files: ids with gaps, so that a place in the list is not an id.
_CATEGORIES = [
    {"supercategory": "person", "id": 1, "name": "person"},
    {"supercategory": "outdoor", "id": 11, "name": "fire hydrant"},
    {"supercategory": "outdoor", "id": 13, "name": "stop sign"},
    {"supercategory": "animal", "id": 17, "name": "cat"},
    {"supercategory": "animal", "id": 18, "name": "dog"},
    {"supercategory": "indoor", "id": 90, "name": "toothbrush"},
]
_NAMES = {1: "person", 13: "stop sign", 18: "dog", 90: "toothbrush"}


@exercise("00-category-name")
def _category_name(category_name: Any) -> str:
    from synscenes.first_photo import documents

    full = documents()["instances"]["categories"]
    _catch_places_in_the_list(category_name, full)
    for categories in (full, _CATEGORIES, _CATEGORIES[::-1]):
        for identifier, name in _NAMES.items():
            got = call(category_name, identifier, categories)
            if isinstance(got, dict):
                raise Mistake("returns-record", "That is the whole record. I asked for the name in it.")
            if got != name:
                raise Mistake("wrong", f"Category {identifier} is {name!r} in my list; I got {shorten(got)}.")
    return "Right: you looked for the id and did not count places. COCO's 80 ids run from 1 to 90, with ten gaps."


def _catch_places_in_the_list(category_name: Any, full: list[dict[str, Any]]) -> None:
    """Name the two mistakes that take an id for a place in the list."""
    try:
        got = call(category_name, 18, full)
    except Mistake as mistake:
        if "IndexError" not in mistake.message:
            raise
        got = None
    if got == full[18]["name"]:
        raise Mistake(
            "id-as-index", f"For id 18 I got {got!r}. An id is not a place in the list: look for it."
        )
    if got == full[17]["name"]:
        message = (
            f"For id 18 I got {got!r}. Subtracting 1 works up to id 11; then come gaps. Look for the id."
        )
        raise Mistake("id-minus-one", message)


# Left, top, width, height: no two alike, so that every mix-up shows.
_BOXES = [[10, 20, 30, 50], [0, 0, 7, 3], [117.6, 0, 194.9, 457], [4, 9, 100, 2]]


@exercise("00-corners")
def _corners(corners: Any) -> str:
    for left, top, width, height in _BOXES:
        expected = [left, top, left + width, top + height]
        box = [left, top, width, height]
        got = _four_numbers(call(corners, box))
        if _same(got, expected):
            continue
        if _same(got, box):
            raise Mistake(
                "unchanged", "Your boxes look like xywh still: the last two are a width and a height."
            )
        if _same(got, [left - width / 2, top - height / 2, left + width / 2, top + height / 2]):
            message = "You took the first two numbers for the centre. In COCO they are the top left corner."
            raise Mistake("centre", message)
        if _same(got, [left, top, left + height, top + width]):
            message = "Width belongs to x (left and right), height to y (top and bottom); yours are swapped."
            raise Mistake("swapped", message)
        raise Mistake("wrong", f"For {box} I expected {expected}, got {shorten(got)}.")
    return "Right: and you can go back by subtracting. Many a bad detector is only a forgotten conversion."


def _four_numbers(got: Any) -> list[float]:
    try:
        numbers = [float(number) for number in got]
    except (TypeError, ValueError):
        raise Mistake("not-a-box", f"A box is four numbers in a list; I got {shorten(got)}.") from None
    if len(numbers) != 4:
        raise Mistake("not-a-box", f"A box has four numbers; yours has {len(numbers)}.")
    return numbers


def _same(numbers: list[float], expected: list[float]) -> bool:
    return all(abs(a - b) < 1e-6 for a, b in zip(numbers, expected))


_SENTENCES = ["A dog, a ball and a dog.", "The dog ran.", "Two dogs: one dog sleeps."]
_VOTES = {"a": 1, "dog": 3, "ball": 1, "and": 1, "the": 1, "ran": 1, "dogs": 1, "on": 0, "cat": 0}
_REPEATED = {"a": 3, "dog": 4}  # how often the word stands in all sentences together
_IN_PIECES = {"a": 2, "on": 1}  # sentences whose letters hold the word, in "ran" or "one"


@exercise("00-votes")
def _votes(votes: Any) -> str:
    for word, expected in _VOTES.items():
        got = call(votes, word, _SENTENCES)
        if got == expected:
            continue
        if got == _REPEATED.get(word):
            message = f"{word!r} stands {got} times in {expected} of my sentences. Count each sentence once."
            raise Mistake("counts-repeats", message)
        if got == _IN_PIECES.get(word) or (
            word == "a" and got == sum(s.lower().count("a") for s in _SENTENCES)
        ):
            message = (
                f"{word!r} got {got} votes, {expected} are due: `in` on a string finds pieces of words too."
            )
            raise Mistake("parts-of-words", message)
        if got == sum(word in sentence.split() for sentence in _SENTENCES):
            message = (
                f"{word!r} got {got} votes of {expected}: strip full stops and commas, and ignore capitals."
            )
            raise Mistake("keeps-punctuation", message)
        raise Mistake("wrong", f"{word!r} is used by {expected} of my sentences; I got {shorten(got)}.")
    return "Right: captions vote too, only on what their writers thought worth saying."
