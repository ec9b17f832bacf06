"""Related data sets side by side. The numbers come from the fact ledger, so each has its source."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import TYPE_CHECKING, Any

from synscenes import facts

if TYPE_CHECKING:
    import pandas

_TEXTS = ("labels", "photo_terms", "label_terms", "used_for", "status")


def table() -> pandas.DataFrame:
    """Return a row for each data set: year, images, classes (<NA> where labels are free text), and texts.

    Texts: labels, photo_terms, label_terms, used_for, status.
    """
    import pandas

    raw = tomllib.loads(resources.files("synscenes").joinpath("data/benchmarks.toml").read_text("utf-8"))
    rows = {
        entry["name"]: {
            "year": entry["year"],
            "images": _number(*entry["images"]),
            "classes": _number(*entry["classes"]) if "classes" in entry else pandas.NA,
            **{text: entry[text] for text in _TEXTS},
        }
        for entry in raw["set"]
    }
    return pandas.DataFrame.from_dict(rows, orient="index").astype({"classes": "Int64"})


def withdrawn(found: pandas.DataFrame) -> pandas.Series:
    """Return which rows were withdrawn by their makers, as a boolean column."""
    return found["status"].str.startswith("withdrawn")


def short(count: float) -> str:
    """Say a large count in a few letters: "60 thousand", "9.2 million", "5.85 billion"."""
    for size, word in ((1e9, "billion"), (1e6, "million"), (1e3, "thousand")):
        if count >= size:
            return f"{count / size:.3g} {word}"
    return f"{count:g}"


def _number(fact: str, place: int, factor: float) -> int:
    value: Any = facts.value(fact)
    return round((value if place < 0 else value[place]) * factor)
