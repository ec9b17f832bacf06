"""What can be wrong with captions handed in for scoring, each in one line; and COCO's two files of captions."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Mapping
from pathlib import Path
from typing import Any

from synscenes.errors import CourseError


def checked(references: Any, candidates: Any) -> tuple[list[Hashable], list[list[str]], list[str]]:
    """Return image ids, their references and their candidates, in the order of the references.

    Raises CourseError for the first thing that keeps them from being scored.
    """
    for name, value, form in (("references", references, "[caption, ...]"), ("candidates", candidates, "caption")):
        if not isinstance(value, Mapping):
            raise CourseError(f"{name} must be a dict {{image id: {form}}}, not {_kind(value)}.")
    if not references:
        raise CourseError("references are empty: give at least one image with its captions.")
    _check_ids(references, candidates)
    images = list(references)
    return images, [_captions(image, references[image]) for image in images], [
        _caption(f"candidates: image {image!r}", candidates[image]) for image in images
    ]  # fmt: skip


def _check_ids(references: Mapping, candidates: Mapping) -> None:
    unknown = [image for image in candidates if image not in references]
    missing = [image for image in references if image not in candidates]
    if unknown:
        spelled = {str(image): image for image in missing}
        twin = next((spelled[str(image)] for image in unknown if str(image) in spelled), None)
        hint = (
            f"the references have {twin!r}, {_kind(twin)}, so give ids of that type"
            if twin is not None
            else "remove it, or add its references"
        )
        raise CourseError(f"candidates: image {unknown[0]!r} is not among the references{_more(unknown)}: {hint}.")
    if missing:
        raise CourseError(
            f"candidates: image {missing[0]!r} has no caption{_more(missing)}: give one for every image of the "
            "references, or score a part of them."
        )


def _captions(image: Hashable, value: Any) -> list[str]:
    where = f"references: image {image!r}"
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise CourseError(f"{where} has {_kind(value)}: give a list of captions, even for one.")
    captions = list(value)
    if not captions:
        raise CourseError(f"{where} has no captions: add one, or leave the image out.")
    return [_caption(f"{where}, caption {place}", each) for place, each in enumerate(captions)]


def _caption(where: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    raise CourseError(f"{where} is {_kind(value)}, not a string: give its text.")


def check_words(images: Iterable[Hashable], references: Iterable[list[str]]) -> None:
    """Raise CourseError where no reference of an image has a word left after tokenising."""
    for image, captions in zip(images, references):
        if not any(caption.split() for caption in captions):
            raise CourseError(
                f"references: image {image!r} has captions without a word: there is nothing to agree with."
            )


def read_references(source: Any) -> dict[int, list[str]]:
    """Return ``{image id: [caption, ...]}`` from COCO's captions file (a path, or the parsed JSON).

    Images are in the order of the file's ``images``; those without captions are left out.
    """
    document, name = _parsed(source)
    if not isinstance(document, dict) or not isinstance(document.get("annotations"), list):
        raise CourseError(f'{name} is no captions file: it needs a list "annotations" with image_id and caption.')
    listed = document.get("images") or []
    if not isinstance(listed, list):
        raise CourseError(f'{name}: "images" is {_kind(listed)}, not a list: give the images, or leave it out.')
    ids = [each.get("id") for each in listed if isinstance(each, dict)]
    found: dict[int, list[str]] = {image: [] for image in ids if isinstance(image, (int, str))}
    for place, each in enumerate(document["annotations"]):
        image, caption = _entry(name, "annotations", place, each)
        found.setdefault(image, []).append(caption)
    return {image: captions for image, captions in found.items() if captions}


def read_candidates(source: Any) -> dict[int, str]:
    """Return ``{image id: caption}`` from a results file: ``[{"image_id": 1, "caption": "..."}, ...]``.

    Raises CourseError where an image has two captions.
    """
    document, name = _parsed(source)
    if not isinstance(document, list):
        raise CourseError(f"{name} is no results file: it needs a list of entries with image_id and caption.")
    found: dict[int, str] = {}
    for place, each in enumerate(document):
        image, caption = _entry(name, "entry", place, each)
        if image in found:
            raise CourseError(f"{name}: image {image!r} has a second caption in entry {place}: keep one.")
        found[image] = caption
    return found


def _parsed(source: Any) -> tuple[Any, str]:
    if not isinstance(source, (str, Path)):
        return source, "the document"
    path = Path(source)
    try:
        return json.loads(path.read_text(encoding="utf-8")), path.name
    except OSError as error:
        raise CourseError(f"{path.name} cannot be read ({error.strerror}): check the path.") from None
    except (ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0]
        raise CourseError(f"{path.name} is no JSON file ({reason}): download or write it anew.") from None


def _entry(name: str, part: str, place: int, entry: Any) -> tuple[int, str]:
    if not isinstance(entry, dict) or "image_id" not in entry or "caption" not in entry:
        raise CourseError(f"{name}: {part} {place} lacks image_id or caption: add it.")
    if not isinstance(entry["image_id"], (int, str)) or not isinstance(entry["caption"], str):
        raise CourseError(f"{name}: {part} {place} needs a number as image_id and a string as caption.")
    return entry["image_id"], entry["caption"]


def _kind(value: Any) -> str:
    names = {type(None): "nothing (None)", str: "a string", list: "a list", dict: "a dict", float: "a number (float)",
             int: "a number (int)", bytes: "bytes"}  # fmt: skip
    return names.get(type(value), f"of type {type(value).__name__}")


def _more(images: list) -> str:
    return f" ({len(images) - 1} more like it)" if len(images) > 1 else ""
