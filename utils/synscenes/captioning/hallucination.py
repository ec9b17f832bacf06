"""Things said that are not there: CHAIR, and how often numbers, colours and relations are true."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from synscenes.errors import CourseError
from synscenes.metrics.captions.claims import is_true, mentions, read_claims
from synscenes.metrics.captions.tokenizer import tokenize

if TYPE_CHECKING:
    from synscenes.coco import Folder

KINDS = ("object", "count", "colour", "relation")


def scenes(folder: Folder, split: str) -> dict[int, dict[str, Any]] | None:
    """Return the scene graph of every image by its id, or None where the dataset has none: only micro-COCO has."""
    path = folder.root / "annotations" / f"scenes_{split}2017.json"
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {scene["image_id"]: scene for scene in content["scenes"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CourseError(f"{path.name} can't be used ({type(error).__name__}): make micro-COCO anew.") from None


def things_in(folder: Folder, split: str, images: Sequence[int]) -> dict[int, set[str]]:
    """Return the names of the categories annotated in each image, crowds included, from the instances file."""
    from synscenes import coco

    document = coco.load(folder.instances(split)).document
    names = {each["id"]: each["name"] for each in document["categories"]}
    found: dict[int, set[str]] = {number: set() for number in images}
    for each in document["annotations"]:
        if each["image_id"] in found:
            found[each["image_id"]].add(names[each["category_id"]])
    return found


def named(caption: str) -> list[str]:
    """Return the COCO categories that a caption mentions, each once, by the words micro-COCO's captions use.

    Of COCO's own captions these words catch the categories' names and plurals, but not all their synonyms.
    """
    return list(dict.fromkeys(each.category for each in mentions(tokenize(caption))))


def chair(said: Mapping[int, str], things: Mapping[int, set[str]]) -> dict[str, float]:
    """Return CHAIR (Rohrbach et al. 2018): how much of what is mentioned is not there.

    ``CHAIRi``: the share of mentioned categories that the image lacks. ``CHAIRs``: the share of captions with at least
    one such. ``mentions``: categories mentioned, an image. Two departures from the paper: a category counts once a
    caption, and what is there is known from the annotations alone. Raises CourseError for captions of unknown images,
    or when nothing at all is mentioned.
    """
    if strange := [image for image in said if image not in things]:
        raise CourseError(f"image {strange[0]!r} has a caption, but nobody knows what is in it: give its things.")
    told = {image: named(caption) for image, caption in said.items()}
    false = {image: [name for name in names if name not in things[image]] for image, names in told.items()}
    total = sum(map(len, told.values()))
    if not total:
        raise CourseError("these captions mention no category of COCO: there is nothing to count.")
    return {
        "CHAIRi": sum(map(len, false.values())) / total,
        "CHAIRs": sum(map(bool, false.values())) / len(told),
        "mentions": total / len(told),
    }


def true_claims(said: Mapping[int, str], scenes: Mapping[int, Mapping[str, Any]]) -> dict[str, tuple[int, int]]:
    """Return, for each kind of claim, how many are true of the scene graph and how many were made.

    Kinds: "object", "count" (a number of them), "colour", "relation"; see ``synscenes.metrics.captions.claims``.
    """
    right, made = Counter(), Counter()
    for image, caption in said.items():
        for claim in read_claims(tokenize(caption)):
            made[claim[0]] += 1
            right[claim[0]] += is_true(claim, scenes[image])
    return {kind: (right[kind], made[kind]) for kind in KINDS}


def imagined(said: Mapping[int, str], things: Mapping[int, set[str]]) -> Counter:
    """Return which categories are mentioned where they are not, and how often."""
    return Counter(name for image, caption in said.items() for name in named(caption) if name not in things[image])
