"""The same computation on micro-COCO and on real photographs, side by side.

One of the two columns is this run. The other one is quoted from ``data/on_real.toml``, which says on which photographs
each number was measured, and how to measure it again.
"""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas

    from synscenes.lesson.context import Lesson


def measured() -> dict[str, Any]:
    """Return the file's content: ``photographs``, ``when``, ``profile``, and for each lesson its rows by result name.

    A row has ``label``, ``micro`` and ``real``, and may have ``percent`` (shown times 100) and ``abs``, by how much a
    rerun may differ.
    """
    return tomllib.loads(resources.files("synscenes").joinpath("data/on_real.toml").read_text(encoding="utf-8"))


def table(lesson: Lesson, number: str) -> pandas.DataFrame:
    """Return a row for each of a lesson's results that is compared, and print where the quoted column is from.

    ``number``: the lesson's, such as "09". The run's own column holds what ``record`` has kept; a result without a
    value on this data shows as "–".
    """
    import pandas

    from synscenes.lesson.results import recorded

    content, here = measured(), recorded()
    rows = content["lessons"][number]
    micro = lesson.data == "micro"
    run = f"{'micro-COCO' if micro else lesson.data + ' data'}, this run"
    quoted = f"{content['photographs']} photographs" if micro else "micro-COCO"
    shown = {
        row["label"]: {run: _text(here.get(name), row), quoted: _text(row["real" if micro else "micro"], row)}
        for name, row in rows.items()
    }
    table = pandas.DataFrame.from_dict(shown, orient="index")[[run, quoted] if micro else [quoted, run]]
    said = content["source"] if micro else "as this course draws it"
    more = (
        "`data get coco --tier sample` fetches another set, of 200: expect other numbers."
        if micro
        else f"The text's numbers are from another set, of {content['photographs']} photographs."
    )
    print(f"{quoted}: {said}; profile {content['profile']}, {content['when']}. {more}")
    return table


def _text(value: Any, row: dict[str, Any]) -> str:
    if value is None or isinstance(value, str):
        return value or "–"
    if row.get("percent"):
        return f"{100 * value:.1f} %"
    return f"{value:,}" if isinstance(value, int) else f"{value:.3g}"
