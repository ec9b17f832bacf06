"""Named results: the numbers a lesson finds, kept in the notebook where tests can read them."""

from __future__ import annotations

import math
import re
from typing import Any

from synscenes.lesson.output import emit

RESULT_MIME = "application/vnd.synscenes.result+json"
_of_this_run: dict[str, Any] = {}


def record(name: str, value: float | int | str | bool) -> None:
    """Print one result and keep it, by name, in the executed notebook.

    ``name`` is lower_snake_case; ``value`` is a number, a string or a bool (numpy and torch scalars are
    converted). Raises ValueError for another name, another type, or a number that is not finite.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ValueError(f"a result's name is lower_snake_case, not {name!r}")
    if hasattr(value, "item"):
        value = value.item()
    if not isinstance(value, (bool, int, float, str)):
        raise ValueError(f"result {name!r} must be a number, a string or a bool, not {type(value).__name__}")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"result {name!r} is {value}: a result must be finite")
    _of_this_run[name] = value
    shown = f"{value:.6g}" if isinstance(value, float) else str(value)
    emit(f"{name} = {shown}", **{RESULT_MIME: {"name": name, "value": value}})


def recorded() -> dict[str, Any]:
    """Return what ``record`` has kept so far in this process, by name."""
    return dict(_of_this_run)


def results_of(notebook: Any) -> dict[str, Any]:
    """Return the named results kept in an executed notebook; a name recorded twice keeps its last value."""
    found: dict[str, Any] = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            entry = output.get("data", {}).get(RESULT_MIME)
            if entry:
                found[entry["name"]] = entry["value"]
    return found
