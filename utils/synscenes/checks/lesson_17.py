"""Checks of lesson 17, May I use this?"""

from __future__ import annotations

import copy
import tempfile
from pathlib import Path

import numpy as np

from synscenes.checks import Mistake, NotTried, call, exercise, shorten
from synscenes.rights import licences
from synscenes.rights.helmets import HELMETS
from synscenes.rights.model_card import QUESTIONS, gaps


@exercise("17-combine")
def _combine(combine) -> str:
    for names in (["by", "by-nc"], ["by-nc", "by-nd", "by-sa"], ["by-sa", "by"], ["by"], ["by-nc-nd", "by-nc-sa"]):
        words = [set(name.split("-")) for name in names]
        right, got = set().union(*words), call(combine, names)
        if not isinstance(got, (set, frozenset, list, tuple)):
            raise Mistake("type", f"I expected a set of words such as {{'by', 'nc'}}, got {shorten(got)}.")
        if set(got) == right:
            continue
        if set(got) == set.intersection(*words):
            raise Mistake(
                "keeps-common",
                f"For {names} you kept only what all ask. Sharing the whole owes each author what that author asks.",
            )
        if set(got) == max(words, key=len):
            raise Mistake(
                "longest-one",
                f"For {names} you took the licence with the most conditions. Another may ask what it does not.",
            )
        if set(got) == words[-1]:
            raise Mistake("last-only", f"For {names} only the last licence is in your answer.")
        raise Mistake("wrong", f"For {names} I expected {sorted(right)}, got {sorted(map(str, got))}.")
    if set(call(combine, [])):
        raise Mistake("empty", "Nothing collected, nothing asked: for [] I expected an empty set.")
    return "Right: the conditions add up, and none is ever taken away."


@exercise("17-credit")
def _credit(credit) -> str:
    photo = {
        "author": "Ada Example", "title": "Two dogs", "source": "https://photos.example/17",
        "licence": "CC BY 2.0", "licence_url": "https://creativecommons.org/licenses/by/2.0/", "changes": "cropped",
    }  # fmt: skip
    for changed in ({}, {"title": ""}, {"changes": ""}, {"author": "B. Otherman", "title": "", "changes": "blurred"}):
        given = photo | changed
        line = call(credit, given)
        if not isinstance(line, str):
            raise Mistake("type", f"I expected a text, got {shorten(line)}.")
        for field, diagnosis in (
            ("author", "no-author"),
            ("source", "no-source"),
            ("licence", "no-licence"),
            ("licence_url", "no-licence-link"),
        ):
            if given[field] not in line:
                raise Mistake(diagnosis, f"The {field.replace('_url', ' link')} is missing in: {line}")
        if given["changes"] not in line:
            raise Mistake(
                "hides-changes", f"The photograph was {given['changes']}, and the line does not say so: {line}"
            )
        if given["title"] not in line:
            raise Mistake("no-title", f"The title is missing in: {line}")
        bare = line.replace('""', "“”").replace("''", "“”")
        if "“”" in bare or "None" in line or line.rstrip(" .").endswith((",", ";", ":")):
            raise Mistake("says-nothing", f"Where a field is empty, leave it out altogether: {line}")
    return "Right: who, what, where from, under which terms, and what you did to it."


@exercise("17-filter")
def _filter(usable) -> str:
    document = _document()
    before = copy.deepcopy(document)
    got = _answer(usable, document)
    if document != before:
        raise Mistake("changes-the-original", "Your function changed the document it was given: build a new one.")
    known = {entry["id"]: licences.read(entry["url"]) for entry in document["licenses"]}
    wanted = {one["id"] for one in document["images"] if known[one["license"]].allows(commercial=True, changes=True)}
    if not isinstance(got, dict) or not {"images", "annotations", "categories", "licenses"} <= set(got):
        raise Mistake("type", "Return a document: a dict with images, annotations, categories and licenses.")
    kept = {one["id"] for one in got["images"]}
    if extra := kept - wanted:
        number = next(one["license"] for one in document["images"] if one["id"] in extra)
        raise Mistake("keeps-forbidden", f"You kept photographs under {known[number].name}: not for this use.")
    if kept != wanted:
        raise Mistake("too-strict", f"{len(wanted - kept)} photographs are missing that may be used.")
    owners = {entry["image_id"] for entry in got["annotations"]}
    if owners - kept:
        raise Mistake(
            "orphans", "Annotations are left whose photograph is gone: programs will look for it, or count it."
        )
    if len(got["annotations"]) != sum(entry["image_id"] in wanted for entry in document["annotations"]):
        raise Mistake("lost-annotations", "Annotations of photographs that stay are missing.")
    if got["categories"] != document["categories"]:
        raise Mistake(
            "categories-gone", "Leave the categories as they are: a category without a photograph is an answer too."
        )
    if {entry["id"] for entry in got["licenses"]} != {one["license"] for one in got["images"]}:
        raise Mistake(
            "stale-licences", "The list of licences should hold those of the photographs that are left, and no other."
        )
    return "Right: photographs, annotations and licences fit each other, and the ids still mean the same."


@exercise("17-strip")
def _strip(strip) -> str:
    from PIL import Image

    from synscenes.rights import metadata

    pixels = np.zeros((60, 90, 3), dtype=np.uint8)
    pixels[:30, :45] = (200, 40, 40)  # one corner is red, so that a turned picture shows
    pixels[30:, 45:] = (40, 40, 200)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "telling.jpg"), Path(folder, "bare.jpg")
        metadata.telling_photo(Image.fromarray(pixels), source)
        before = source.read_bytes()
        _answer(strip, source, target, may_return_none=True)
        if not target.is_file():
            raise Mistake("no-file", "Your function wrote no file to `target`.")
        if source.read_bytes() != before:
            raise Mistake("changes-the-original", "The original file was changed: write to `target` only.")
        told = metadata.told(target)
        if "place" in told:
            raise Mistake("keeps-place", f"The file still says where it was taken: {told['place']}.")
        shown = np.asarray(metadata.shown(target)).astype(int)
        if shown.shape != pixels.shape:
            raise Mistake(
                "lies-on-its-side",
                f"A viewer shows it as {shown.shape[1]} × {shown.shape[0]}, the original as 90 × 60: turn it upright "
                "before its Orientation tag is gone.",
            )
        if told:
            raise Mistake("keeps-notes", f"The place is gone, but the file still tells: {metadata.tags(told)}.")
        if np.abs(shown - pixels).mean() > 12:
            raise Mistake("other-picture", "The picture itself is not the same any more.")
    return "Right: upright, and silent."


@exercise("17-card")
def _card(answers) -> str:
    if not isinstance(answers, dict):
        raise Mistake("type", f"I expected a dictionary from questions to texts, got {shorten(answers)}.")
    if unknown := set(answers) - set(QUESTIONS):
        raise Mistake("type", f"No question is called {min(unknown)!r}; they are {', '.join(QUESTIONS)}.")
    found = gaps(answers, HELMETS)
    if found:
        others = f" ({len(found) - 1} more to mend)" if len(found) > 1 else ""
        raise Mistake(found[0].code, f"{found[0]}{others}")
    return "Right: complete, and no word claims more than was measured. Whether it is true, only you can know."


def _answer(function, *arguments, may_return_none=False):
    """Call without copying the arguments: these exercises ask that they stay as they are."""
    if not callable(function):
        raise Mistake("not-a-function", f"I expected a function here and got {shorten(function)}.")
    try:
        result = function(*arguments)
    except Exception as error:
        raise Mistake("raises", f"Your function stopped with {type(error).__name__}: {error}.") from error
    if result is ...:
        raise NotTried
    if result is None and not may_return_none:
        raise Mistake("returns-none", "Your function returns None: does its last line say `return`?")
    return result


def _document():
    numbers = [1, 2, 3, 4, 5, 6, 4, 7, 8, 3, 5]
    images = [
        {"id": 100 + place, "license": number, "file_name": f"{place}.jpg"} for place, number in enumerate(numbers)
    ]
    annotations = [
        {"id": 1 + place, "image_id": image["id"], "category_id": 1 + place % 3}
        for place, image in enumerate(images * 2)
        if image["id"] != 106  # a photograph without annotations stays a photograph
    ]
    categories = [{"id": number, "name": name} for number, name in enumerate(("dog", "cat", "kite", "bus"), 1)]
    return {
        "images": images,
        "annotations": annotations,
        "categories": categories,
        "licenses": copy.deepcopy(list(licences.COCO)),
    }
