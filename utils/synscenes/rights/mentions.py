"""Who is said to do what: counts over captions, with intervals. Words are the annotators', not the people's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from synscenes.metrics.classification import wilson_interval

if TYPE_CHECKING:
    import pandas

# Words by which COCO's captions call people. Nobody in the pictures was asked.
_MEN = "man men boy boys guy guys gentleman gentlemen male males father dad he his him"
_WOMEN = "woman women girl girls lady ladies female females mother mom she her"
CALLED = {"man": frozenset(_MEN.split()), "woman": frozenset(_WOMEN.split())}
_WORD = re.compile(r"[a-z]+")


def of_images(captions: Iterable[Mapping[str, Any]], words: Iterable[str]) -> dict[int, bool]:
    """Return for each image of some caption records whether any of its sentences has one of the words.

    A word of several parts ("red shirt") must stand as it is. Letters' case does not matter.
    """
    wanted = [tuple(_WORD.findall(word.lower())) for word in words]
    found: dict[int, bool] = {}
    for record in captions:
        sentence = _WORD.findall(record["caption"].lower())
        has = any(
            tuple(sentence[start : start + len(word)]) == word for word in wanted for start in range(len(sentence))
        )
        found[record["image_id"]] = found.get(record["image_id"], False) or has
    return found


def exclusive(captions: Sequence[Mapping[str, Any]], groups: Mapping[str, Iterable[str]]) -> dict[int, str]:
    """Return the group of each image whose sentences mention exactly one of the groups."""
    mentioned = {name: of_images(captions, words) for name, words in groups.items()}
    images = dict.fromkeys(record["image_id"] for record in captions)
    found = {image: [name for name in groups if mentioned[name][image]] for image in images}
    return {image: names[0] for image, names in found.items() if len(names) == 1}


def share(
    group_of: Mapping[int, str], group: str, images: Iterable[int] | None = None
) -> tuple[int, int, float, float]:
    """Return (with the group, all, low, high): how many images show a group, and the 95 % interval of its share.

    ``images`` keeps some of the images. Raises ValueError where none is left.
    """
    wanted = group_of.keys() if images is None else set(images)
    kept = [name for image, name in group_of.items() if image in wanted]
    if not kept:
        raise ValueError("no image is left to count: take more images, or another word")
    count = kept.count(group)
    return count, len(kept), *wilson_interval(count, len(kept))


def shown(document: Mapping[str, Any], images: Iterable[int], at_least: int = 1) -> dict[str, dict[int, bool]]:
    """Return for each category but "person" which of the images show it: name -> image -> True or False.

    ``document``: an instances file; categories on fewer than ``at_least`` of the images are left out.
    """
    images = sorted(set(images))
    holders: dict[int, set[int]] = {}
    for entry in document["annotations"]:
        holders.setdefault(entry["category_id"], set()).add(entry["image_id"])
    found = {}
    for category in document["categories"]:
        holding = holders.get(category["id"], set()).intersection(images)
        if category["name"] != "person" and len(holding) >= at_least:
            found[category["name"]] = {image: image in holding for image in images}
    return found


def pairs(groups: Mapping[str, Mapping[int, bool]], things: Mapping[str, Mapping[int, bool]]) -> pandas.DataFrame:
    """Compare every group with every thing: is the thing mentioned more often where the group is?

    ``groups`` and ``things``: name -> image -> mentioned. Columns: group, thing, both (images), with_group and
    without_group (the thing's share), z (of the difference of the two shares; Agresti and Caffo's added counts keep
    it finite). |z| above 1.96 is what a single test would call significant at 5 %.
    """
    import pandas

    rows = []
    for group, in_group in groups.items():
        images = list(in_group)
        member = np.array([in_group[image] for image in images])
        for thing, shown in things.items():
            has = np.array([shown[image] for image in images])
            if not member.any() or member.all() or not has.any():
                continue
            counts = [(has[member].sum(), member.sum()), (has[~member].sum(), (~member).sum())]
            p, q = ((k + 1) / (n + 2) for k, n in counts)
            spread = np.sqrt(sum(s * (1 - s) / (n + 2) for s, (_, n) in zip((p, q), counts)))
            rows.append(
                (group, thing, int(counts[0][0]), has[member].mean(), has[~member].mean(), float((p - q) / spread))
            )
    return pandas.DataFrame(rows, columns=["group", "thing", "both", "with_group", "without_group", "z"])
