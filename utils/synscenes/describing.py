"""Saying in words what an annotation holds: the alternative text of a figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_PLURALS = {"person": "people", "sheep": "sheep", "knife": "knives", "mouse": "mice", "bus": "buses"}
_PLURALS["broccoli"] = "pieces of broccoli"
_PAIRS = ("skis", "scissors")


def describe(
    annotations: Iterable[Mapping[str, Any]], categories: Any, stuff: Iterable[str] = (), most: int | None = None
) -> str:
    """Return what is annotated, the largest first: "a dog and a person", "two cars, with road, sky and trees".

    ``categories`` maps ids to names, or is the list of a COCO file. An annotation with ``iscrowd`` is
    "a group of …"; nothing at all is "nothing annotated". ``stuff`` holds names of regions to add (see
    ``stuff_names``). Of more than ``most`` kinds the rest is counted: "… and 4 more kinds".
    """
    names = _by_id(categories)
    counts: Counter[tuple[str, bool]] = Counter()
    sizes: Counter[tuple[str, bool]] = Counter()
    for entry in annotations:
        if entry["category_id"] not in names:
            raise ValueError(f"categories: no category with id {entry['category_id']}")
        key = (names[entry["category_id"]], bool(entry.get("iscrowd")))
        counts[key] += 1
        sizes[key] += entry.get("area", 0)
    order = sorted(counts, key=lambda key: -sizes[key])  # stable: equal sizes keep the file's order
    parts = [_counted(name, crowd, counts[name, crowd]) for name, crowd in order]
    if most is not None and len(parts) > most + 1:
        parts = [*parts[:most], f"{_number(len(parts) - most)} more kinds"]
    regions = list(stuff)
    if not regions:
        return _joined(parts)
    return f"{_joined(parts)}, with {_joined(regions)}" if parts else _joined(regions)


def stuff_names(segments: Iterable[Mapping[str, Any]], categories: Any, most: int = 3) -> list[str]:
    """Return the names of the largest regions of stuff (categories above 90), in plain words: "grass", "sky".

    COCO's own names carry their history: "sky-other-merged" is the panoptic task's sky.
    """
    names, sizes = _by_id(categories), Counter()
    for segment in segments:
        # 183 is "other" in stuff files: whatever is a thing or has no name.
        if 90 < segment["category_id"] != 183:
            words = names[segment["category_id"]].split("-")
            kept = [word for word in words if word not in ("other", "merged", "stuff")]
            sizes[" ".join(kept or words[:1])] += segment["area"]
    return [name for name, _ in sizes.most_common(most)]


def _by_id(categories: Any) -> Mapping[int, str]:
    return categories if isinstance(categories, Mapping) else {entry["id"]: entry["name"] for entry in categories}


def _counted(name: str, crowd: bool, count: int) -> str:
    if crowd:
        return f"a group of {_plural(name)}" if count == 1 else f"{_number(count)} groups of {_plural(name)}"
    if name in _PAIRS:
        return f"a pair of {name}" if count == 1 else f"{_number(count)} pairs of {name}"
    if count > 1:
        return f"{_number(count)} {_plural(name)}"
    if name == "broccoli":
        return "a piece of broccoli"
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _plural(name: str) -> str:
    head, _, last = name.rpartition(" ")
    if last in _PAIRS:
        return name
    if last in _PLURALS:
        changed = _PLURALS[last]
    else:
        changed = last + ("es" if last.endswith(("s", "sh", "ch", "x")) else "s")
    return f"{head} {changed}".strip()


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def _joined(parts: list[str]) -> str:
    if not parts:
        return "nothing annotated"
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
