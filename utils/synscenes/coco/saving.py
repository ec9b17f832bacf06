"""Writing COCO's JSON: whole or not at all, and the same bytes for the same content."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synscenes.errors import CourseError
from synscenes.files import write_atomic

if TYPE_CHECKING:
    import pandas as pd

    from synscenes.coco.dataset import Dataset


def save(dataset: Dataset | Mapping[str, Any], path: str | Path) -> Path:
    """Write a Dataset, or a document as ``json.load`` gives it, to ``path`` and return the path.

    The file is ASCII, with one record a line, fields in their order, and numbers as they were: what is loaded and
    saved again has the same bytes. A Dataset's tables are written as they are now, so rows may have been
    dropped, changed or added (of a panoptic file's, only those of ``images``). The file appears whole or not at
    all. Raises CourseError for a value JSON has no word for (NaN, infinity, an array).
    """
    document = dataset if isinstance(dataset, Mapping) else to_document(dataset)
    try:
        return write_atomic(path, "".join(_lines(document)))
    except (TypeError, ValueError) as error:
        raise CourseError(f"{path} not written: {error}; a COCO file holds numbers, text, lists and objects.") from None


def to_document(dataset: Dataset) -> dict[str, Any]:
    """Return the document of a Dataset with its tables as they are now, outlines included."""
    from synscenes.coco.dataset import ADDED

    document = dict(dataset.document)
    document["images"] = _records(dataset.images, dataset.document["images"])
    if "categories" in document:
        document["categories"] = _records(dataset.categories, document["categories"])
    if dataset.kind == "panoptic":
        kept = set(dataset.images["id"])
        document["annotations"] = [entry for entry in document["annotations"] if entry["image_id"] in kept]
    else:
        whole = [dataset.record_at(place) for place in range(len(document["annotations"]))]
        document["annotations"] = _records(dataset.annotations, whole, tuple(ADDED))
    return document


def _records(table: pd.DataFrame, sources: list[dict[str, Any]], derived: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    from synscenes.coco.dataset import BOX

    by_id = {source.get("id"): source for source in sources}
    boxed = bool(derived) and set(BOX) <= set(table.columns)
    columns = [name for name in table.columns if name not in (*derived, *(BOX if boxed else ()))]
    boxes, labels = table[BOX].to_numpy().tolist() if boxed else [], table.index.tolist()
    found = []
    for place, values in enumerate(zip(*(table[name].astype(object).tolist() for name in columns))):
        row = dict(zip(columns, values))
        if boxed:
            row["bbox"] = boxes[place]
        found.append(_merged(_source(labels[place], row.get("id"), sources, by_id), row))
    return found


def _source(label: Any, identifier: Any, sources: list[dict[str, Any]], by_id: Mapping[Any, dict]) -> dict[str, Any]:
    """Return the record a row came from: by its label while the ids agree, as they may repeat or be missing; else by
    its id."""
    missing = identifier is None or identifier != identifier
    if type(label) is int and 0 <= label < len(sources):
        own = sources[label].get("id")
        if own == identifier or (own is None and missing):
            return sources[label]
    return {} if missing else by_id.get(identifier, {})


def _merged(source: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """Take the source's value where the row's is equal to it: 10 stays 10 and does not become 10.0."""
    record = dict(source)
    for name, value in row.items():
        gap = value is None or value != value
        if gap and source.get(name) is None:
            continue  # a field this record never had, or had as null
        if name not in source or source[name] != value:
            record[name] = int(value) if isinstance(value, bool) else value
    return record


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    encode = json.JSONEncoder(allow_nan=False).encode
    yield "{"
    for place, (name, section) in enumerate(document.items()):
        yield f"{',' * (place > 0)}\n{encode(str(name))}: "
        if isinstance(section, list) and section:
            yield "[\n"
            yield ",\n".join(map(encode, section))
            yield "\n]"
        else:
            yield encode(section)
    yield "\n}\n"
