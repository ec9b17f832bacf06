"""The licences of a COCO file's photographs: read, counted, dealt out for practice, and a file cut down to some."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from synscenes.errors import CourseError
from synscenes.rights.decision import Part, part
from synscenes.rights.licences import COCO, Licence, read

# Photographs per licence id among the 159 of a small public excerpt of COCO 2017 (80 of train, 79 of val), counted by
# the authors of this course. Ids 7 and 8 do not occur there.
MEASURED = {1: 34, 2: 16, 3: 52, 4: 29, 5: 22, 6: 6}


def of(document: Mapping[str, Any]) -> dict[int, Licence]:
    """Return the licence of every id in a file's section ``licenses``.

    Raises CourseError, naming the entry, for one that cannot be read.
    """
    found = {}
    for entry in document.get("licenses", []):
        try:
            found[entry["id"]] = read(f"{entry.get('url', '')} {entry.get('name', '')}")
        except CourseError as error:
            raise CourseError(f"licenses, id {entry.get('id')}: {error}") from None
    return found


def count(document: Mapping[str, Any]) -> dict[Licence, int]:
    """Return how many photographs have each licence, the most frequent first.

    Raises CourseError for an image whose ``license`` is missing or stands for nothing.
    """
    known = of(document)
    counts: Counter[Licence] = Counter()
    for image in document["images"]:
        if image.get("license") not in known:
            raise CourseError(
                f"image {image.get('id')}: its license, {image.get('license')!r}, is not in the file's list: "
                "ask where it is from."
            )
        counts[known[image["license"]]] += 1
    return dict(counts.most_common())


def parts(document: Mapping[str, Any], people: bool | None = None) -> list[Part]:
    """Return the photographs of a file as parts to decide about.

    ``people``: whether somebody can be recognised; without an answer, whether a category is called "person".
    """
    found = [part("photos", licence.name) for licence in count(document)]
    if people is None:
        people = any(entry["name"] == "person" for entry in document.get("categories", []))
    return [*found, *([part("photos", "people")] if people else [])]


def dealt(document: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Return a copy whose photographs have INVENTED licences: COCO's eight, at random, in the shares of ``MEASURED``.

    For practice on data that all have one licence, such as micro-COCO. Nothing else is changed.
    """
    ids = np.array(list(MEASURED))
    shares = np.array(list(MEASURED.values())) / sum(MEASURED.values())
    drawn = rng.choice(ids, size=len(document["images"]), p=shares)
    images = [{**image, "license": int(number)} for image, number in zip(document["images"], drawn)]
    return {**document, "licenses": copy.deepcopy(list(COCO)), "images": images}


def kept(document: Mapping[str, Any], wanted: Callable[[Licence], bool]) -> dict[str, Any]:
    """Return a copy with only the photographs whose licence is ``wanted``, and what belongs to them.

    Annotations of other photographs go, and so do licences that no photograph has any more. Categories stay: ids
    must mean the same in the smaller file. The given document is left as it is.
    """
    known = of(document)
    images = [image for image in document["images"] if wanted(known[image["license"]])]
    ids, used = {image["id"] for image in images}, {image["license"] for image in images}
    smaller = {
        "images": images,
        "annotations": [entry for entry in document["annotations"] if entry["image_id"] in ids],
        "licenses": [entry for entry in document["licenses"] if entry["id"] in used],
    }
    return copy.deepcopy({**document, **smaller})
