"""Columns out of lists of records, with an error that names the record and the field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from synscenes.errors import CourseError


class Records:
    """A list of dicts read from JSON, and what to call one of them in an error ("annotation", "result")."""

    def __init__(self, items: Any, kind: str, file: str = "") -> None:
        self.items: Sequence[dict[str, Any]] = items
        self.kind = kind
        self.file = file
        if not isinstance(items, (list, tuple)):
            raise CourseError(f"{self._prefix()}expected a list of {kind}s, got {_brief(items)}.")

    def __len__(self) -> int:
        return len(self.items)

    def where(self, row: int) -> str:
        """Say which record: its place in the list, counted from 0, and its id if it has one."""
        item = self.items[row]
        identifier = item.get("id") if isinstance(item, dict) else None
        known = "" if identifier is None or self.kind == "result" else f" (id {_brief(identifier)})"
        return f"{self._prefix()}{self.kind} {row}{known}"

    def column(self, field: str) -> list[Any]:
        """Return one field of every record. Raises CourseError where it is missing."""
        try:
            return [item[field] for item in self.items]
        except (KeyError, TypeError, IndexError):
            pass
        for row, item in enumerate(self.items):
            if not isinstance(item, dict):
                raise CourseError(f"{self.where(row)} is {_brief(item)}: expected a record such as {{...}}.")
            if field not in item:
                raise CourseError(f'{self.where(row)} has no "{field}": add it.')
        raise AssertionError("unreachable")

    def ids(self, field: str) -> np.ndarray:
        """Return a column of ids as int64. Raises CourseError for text, fractions, or what is no number."""
        values = self.column(field)
        array = _plain_array(values)
        if array is not None and array.ndim == 1:
            if array.dtype.kind == "i" or (array.dtype.kind == "u" and array.itemsize < 8) or not len(array):
                return array.astype(np.int64)
            if array.dtype.kind == "f" and (array == np.round(array)).all() and (abs(array) < 2**53).all():
                return array.astype(np.int64)
        for row, value in enumerate(values):
            if isinstance(value, str):
                raise CourseError(
                    f'{self.where(row)}: "{field}" is the text {_brief(value)}; ids are whole numbers: '
                    "write it without quotation marks."
                )
            if not _whole(value):
                raise CourseError(f'{self.where(row)}: "{field}" is {_brief(value)}; ids are whole numbers.')
        raise CourseError(f'{self._prefix()}"{field}" holds a number that does not fit in 64 bits.')

    def numbers(self, field: str, width: int | None = None) -> np.ndarray:
        """Return a column of finite numbers: (n,) float64, or (n, width) where each value is a list of ``width``."""
        values = self.column(field)
        shape = (len(values),) if width is None else (len(values), width)
        if not values:
            return np.zeros(shape)
        array = _plain_array(values)
        if array is not None and array.shape == shape and array.dtype.kind in "fiu":
            array = array.astype(np.float64)
            if np.isfinite(array).all():
                return array
        expected = "a number" if width is None else f"a list of {width} numbers"
        for row, value in enumerate(values):
            single = _plain_array(value)
            if single is None or single.shape != shape[1:] or single.dtype.kind not in "fiu":
                raise CourseError(f'{self.where(row)}: "{field}" is {_brief(value)}; expected {expected}.')
            if not np.isfinite(single.astype(np.float64)).all():
                raise CourseError(f'{self.where(row)}: "{field}" is {_brief(value)}; it must be finite.')
        raise CourseError(f'{self._prefix()}"{field}" does not make a table of {expected} each.')

    def places(self, field: str, known: np.ndarray, owner: str) -> np.ndarray:
        """Return where each record's id stands in ``known`` (sorted). Raises CourseError for an unknown id."""
        values = self.ids(field)
        places = np.searchsorted(known, values).clip(max=len(known) - 1)
        unknown = np.flatnonzero(known[places] != values) if len(known) else np.arange(len(values))
        if len(unknown):
            row = int(unknown[0])
            more = f" ({len(unknown):,} {self.kind}s have this problem)" if len(unknown) > 1 else ""
            raise CourseError(
                f"{self.where(row)}: {field} {values[row]} is not among the {len(known):,} {owner} of the "
                f"ground truth{more}: leave it out, or use the ground truth it belongs to."
            )
        return places

    def _prefix(self) -> str:
        return f"{self.file}: " if self.file else ""


def _plain_array(values: Any) -> np.ndarray | None:
    """Return an array of numbers, or None for ragged lists and whatever else numpy can't lay out."""
    try:
        array = np.array(values)
    except (ValueError, TypeError, OverflowError):
        return None
    return array


def _whole(value: Any) -> bool:
    if isinstance(value, (bool, np.bool_)):
        return False
    if isinstance(value, (float, np.floating)):
        return float(value).is_integer()
    return isinstance(value, (int, np.integer))


def _brief(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:59] + "…"
