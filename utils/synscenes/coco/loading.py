"""Reading COCO's JSON fast: outlines are most of such a file, and most questions do not need them.

Where the time goes in pycocotools (18 MB, 36,800 annotations): nearly all of it is Python making floats of the
outlines' coordinates. So the text of each ``segmentation`` is cut out first, at the speed of a text
search; the rest is parsed, and an outline only when somebody asks for it.
"""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synscenes.errors import CourseError

if TYPE_CHECKING:
    from synscenes.coco.dataset import Dataset

_KEY = b'"segmentation"'
# After the key: a list of lists of numbers, or an object without further objects (polygons, or an RLE). Every
# repetition is possessive, so a file made to hurt cannot make it slow.
_COLON = re.compile(rb"\s*+:\s*+")
_OUTLINE = re.compile(rb'\[(?:\s*+\[[^][{}"]*+\]\s*+,?+)*+\s*+\]|\{[^{}]*+\}')


class Outlines:
    """The outlines of a file as the text they were written in, parsed one by one."""

    def __init__(self, content: bytes, spans: list[tuple[int, int]]) -> None:
        self._content, self._spans = content, spans

    def __len__(self) -> int:
        return len(self._spans)

    def __getitem__(self, mark: int) -> Any:
        """Return the outline that the number ``mark``, -1 and below, stands for: polygons, or an RLE dict."""
        place = -1 - mark
        start, end = self._spans[place]
        try:
            return json.loads(self._content[start:end])
        except ValueError as error:
            raise CourseError(f"segmentation number {place + 1} of the file is no JSON ({error}).") from None


def load(path: str | Path) -> Dataset:
    """Read instances, person_keypoints, captions, stuff or panoptic JSON into tables.

    Returns a :class:`synscenes.coco.dataset.Dataset`. Raises CourseError for a missing file, for text that is
    not JSON (with line and column), and for JSON that is not laid out like COCO's. It does not look for other
    mistakes: ``synscenes.coco.validate`` does.
    """
    from synscenes.coco.dataset import Dataset

    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CourseError(f"{path} can't be read ({error.strerror or error}): check the path.") from None
    document, outlines = parse(content, str(path))
    _check_layout(document, path)
    return Dataset(document, outlines, path)


def parse(content: bytes, name: str) -> tuple[Any, Outlines]:
    """Return the document, with -1, -2, … in place of its outlines, and the outlines."""
    pieces, spans, start = [], _spans(content), 0
    for place, span in enumerate(spans):
        pieces += [content[start : span[0]], b"%d" % (-1 - place)]
        start = span[1]
    pieces.append(content[start:])
    collecting = gc.isenabled()
    gc.disable()  # Thousands of new dicts would set off the collector again and again, and none is garbage.
    try:
        return json.loads(b"".join(pieces)), Outlines(content, spans)
    except (ValueError, RecursionError):
        raise _not_json(content, name) from None
    finally:
        if collecting:
            gc.enable()


def _spans(content: bytes) -> list[tuple[int, int]]:
    """Find where each outline's text starts and ends."""
    spans = []
    key = content.find(_KEY)
    while key >= 0:
        end = key + len(_KEY)
        if content[key - 1 : key] != b"\\":  # An escaped quote: the word stands inside a text.
            span = _polygons(content, end) or _any_outline(content, end)
            if span:
                spans.append(span)
                end = span[1]
        key = content.find(_KEY, end)
    return spans


def _polygons(content: bytes, at: int) -> tuple[int, int] | None:
    """Return the span of polygons as Python's json writes them: searching for their end is faster than matching."""
    if content.startswith(b": [[", at):
        close = content.find(b"]]", at)
        if close > 0 and content.find(b'"', at, close) < 0:
            return at + 2, close + 2
    return None


def _any_outline(content: bytes, at: int) -> tuple[int, int] | None:
    colon = _COLON.match(content, at)
    found = _OUTLINE.match(content, colon.end()) if colon else None
    return found.span() if found else None


def _not_json(content: bytes, name: str) -> CourseError:
    """Find the place in the whole text: the shortened one has other lines and columns."""
    advice = "run `python -m synscenes validate` on it"
    try:
        json.loads(content)
    except json.JSONDecodeError as error:
        return CourseError(f"{name}, line {error.lineno}, column {error.colno}: {error.msg}; {advice}.")
    except (ValueError, RecursionError) as error:
        return CourseError(f"{name} is not JSON text ({error}): {advice}.")
    return CourseError(f"{name} can't be read as COCO's JSON: {advice}.")


# What the tables and the look-ups need of every record; `validate` asks for more.
_NEEDED = {"images": ("id",), "annotations": ("image_id",), "categories": ("id", "name")}


def _check_layout(document: Any, path: Path) -> None:
    advice = "run `python -m synscenes validate` on it"
    if isinstance(document, list):
        raise CourseError(
            f"{path} is a list, as results are; annotations are an object with `images` and `annotations`."
        )
    if not isinstance(document, Mapping):
        raise CourseError(f"{path} holds no object with `images` and `annotations`: is it a COCO file?")
    for section, fields in _NEEDED.items():
        entries = document.get(section, [] if section == "categories" else None)
        if not isinstance(entries, list) or not all(type(entry) is dict for entry in entries):
            raise CourseError(f"{path}: `{section}` must be a list of objects; {advice}.")
        for field in fields:
            if not all(field in entry for entry in entries):
                place = next(place for place, entry in enumerate(entries) if field not in entry)
                raise CourseError(f"{path}: {section}[{place}] has no `{field}`; {advice}.")
            if field != "name" and any(isinstance(entry[field], (list, dict)) for entry in entries):
                raise CourseError(f"{path}: `{field}` of {section} must be a number; {advice}.")
