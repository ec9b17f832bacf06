"""The fixed rule by which the sample's photographs are chosen, and the annotation files cut down to them.

Anybody who applies the rule to the official files gets the same photographs.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

Document = Mapping[str, Any]
Traits = dict[int, set[str]]


def traits(instances: Document, keypoints: Document) -> Traits:
    """For each image id, what its annotations show: category ids, "crowd", "joints"; "empty" where there are none."""
    found: Traits = {image["id"]: set() for image in instances["images"]}
    for record in instances["annotations"]:
        found[record["image_id"]].add(f"category {record['category_id']}")
        if record["iscrowd"]:
            found[record["image_id"]].add("crowd")
    for record in keypoints["annotations"]:
        if record["num_keypoints"] and record["image_id"] in found:
            found[record["image_id"]].add("joints")
    return {number: words or {"empty"} for number, words in found.items()}


def choose(found: Traits, count: int) -> list[int]:
    """Choose ``count`` image ids: first so that each trait occurs, then as they come; in ascending order.

    "As they come" is the order of the sha256 of the twelve-digit id: a shuffle that is the same everywhere. The rarest
    trait is served first. So rare categories are over-represented, and shares counted on the sample are not COCO's.
    """
    order = sorted(found, key=lambda number: hashlib.sha256(f"{number:012d}".encode()).digest())
    often = Counter(word for words in found.values() for word in words)
    chosen: dict[int, None] = {}
    shown: set[str] = set()
    for word in sorted(often, key=lambda word: (often[word], word)):
        if word not in shown and len(chosen) < count:
            number = next(number for number in order if word in found[number])
            chosen[number] = None
            shown |= found[number]
    for number in order:
        if len(chosen) >= count:
            break
        chosen[number] = None
    return sorted(chosen)


def split(found: Traits, each: int) -> dict[str, list[int]]:
    """Choose the ids of "val" and, among the rest, of "train": ``each`` of both, or half where there are fewer."""
    each = min(each, len(found) // 2) or len(found)
    val = choose(found, each)
    rest = {number: words for number, words in found.items() if number not in set(val)}
    return {"val": val, "train": choose(rest, each)}


def cut(document: Document, ids: Iterable[int], note: str) -> dict[str, Any]:
    """The part of an annotation file that speaks of these images, all fields kept; ``note`` goes into its ``info``."""
    wanted = set(ids)
    part = dict(document)
    part["info"] = {**document.get("info", {}), "sample": note}
    part["images"] = [image for image in document["images"] if image["id"] in wanted]
    part["annotations"] = [record for record in document["annotations"] if record["image_id"] in wanted]
    return part
