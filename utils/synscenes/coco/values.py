"""Checking single values: numbers that are numbers, ids that are ids. Each check reports and returns what is usable."""

from __future__ import annotations

import math
from typing import Any

from synscenes.checks import shorten
from synscenes.coco.problems import Place

LARGEST = 2**53  # Beyond it, tools that read numbers as floats (JavaScript, many others) change an id.


def number(value: Any) -> bool:
    """Return True for a finite int or float of up to 2^53."""
    return type(value) in (int, float) and -LARGEST <= value <= LARGEST  # NaN is within nothing.


def numbers(values: list[Any]) -> bool:
    """Return True where every item is a usable number: quick for long lists."""
    if not set(map(type, values)) <= {int, float}:
        return False
    # NaN compares as false with everything, so it must be looked for; where it hides, a sum shows it.
    return not values or (min(values) >= -LARGEST and max(values) <= LARGEST and not _nan(values))


def _nan(values: list[float]) -> bool:
    try:
        total = sum(values)
    except OverflowError:
        return True
    return total != total


def say(value: Any) -> str:
    """Describe a value that doesn't belong, as the subject of "… where a number belongs"."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"the text {shorten(value, 30)}"
    if number(value):
        return f"the number {value:g}"
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if value != value else "infinity"
    if isinstance(value, (int, float)):
        return "a number beyond 2^53"
    return "a list" if isinstance(value, list) else "an object"


def odd_one(values: list[Any]) -> str:
    """Say which item of a list is no usable number."""
    place = next(place for place, value in enumerate(values) if not number(value))
    return f"item {place} is {say(values[place])}, not a number"


def check_number(place: Place, record: dict[str, Any], field: str) -> float | None:
    """Return the field's number, or report and return None."""
    value = record.get(field)
    if field not in record:
        place.add("missing", field, "the field is missing", f"add `{field}`")
        return None
    if number(value):
        return value
    advice = "write the number without quotes" if isinstance(value, str) else "write a finite number"
    place.add("not-a-number", field, f"{say(value)} where a number belongs", advice)
    return None


def check_id(place: Place, record: dict[str, Any], field: str = "id", least: int | None = 1) -> int | None:
    """Return the field's whole number, or report and return None. Below ``least`` it is reported, and returned."""
    value = record.get(field)
    if field not in record:
        place.add("missing", field, "the field is missing", "give every record its whole number")
        return None
    if type(value) is not int or not number(value):
        advice = "write a whole number, without quotes" if isinstance(value, str) else "write a whole number"
        place.add("not-an-id", field, f"{say(value)} where a whole number belongs", advice)
        return None
    if least is not None and value < least:
        reason = "pycocotools takes 0 for “no match” and never counts it" if value == 0 else "ids count from 1"
        place.add("id-below-1", field, f"it is {value}, and {reason}", "renumber from 1")
    return value


def check_text(place: Place, record: dict[str, Any], field: str) -> str | None:
    """Return the field's text, or report and return None where it is missing, empty or no text."""
    value = record.get(field)
    if isinstance(value, str) and value.strip():
        return value
    if field not in record:
        place.add("missing", field, "the field is missing", f"add `{field}`")
    elif isinstance(value, str):
        place.add("empty-text", field, "the text is empty", "write it, or drop the record")
    else:
        place.add("not-a-text", field, f"{say(value)} where text belongs", "write text in quotes")
    return None


def check_oddities(place: Place, record: Any, oddities: list[tuple[str, str]], checked: frozenset[str]) -> None:
    """Report repeated keys, and NaN or infinity in fields that no other check looks at."""
    for key in dict.fromkeys(name for kind, name in oddities if kind == "duplicate"):
        place.add(
            "duplicate-key", shorten(key, 40)[1:-1], "the name occurs twice in one object", "keep one of the two values"
        )
    if any(kind == "constant" for kind, _ in oddities):
        fields = record.items() if isinstance(record, dict) else [(None, record)]
        for field, value in fields:
            if field not in checked and _holds_no_number(value):
                place.add("not-a-number", field, "NaN or infinity, which JSON doesn't know", "write a number or null")


def _holds_no_number(value: Any) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(map(_holds_no_number, inner))
