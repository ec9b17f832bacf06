"""The functions behind the ledger's ``compute``: each takes nothing, is quick, and needs no network.

They are grouped by what they examine. A function's docstring is one line that completes "Computed: 42 (…)" on the
fact check page, so it says from what the number is made.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache
from typing import Any

from synscenes.errors import CourseError

MODULES = ("imagenet", "models", "coco", "traps", "beyond")


@cache
def compute(name: str) -> Any:
    """Call the evidence function ``name`` and return its value (kept for the next call).

    Raises CourseError for a name that is no evidence function.
    """
    return function(name)()


def describe(name: str) -> str:
    """Return in one line how the function ``name`` computes its value."""
    lines = (function(name).__doc__ or "").strip().splitlines()
    return lines[0].rstrip(".") if lines else name


def function(name: str) -> Callable[[], Any]:
    """Return an evidence function by its name; raises CourseError where there is none."""
    for module in MODULES:
        found = getattr(importlib.import_module(f"{__name__}.{module}"), name, None)
        if callable(found) and found.__module__ == f"{__name__}.{module}" and not name.startswith("_"):
            return found
    raise CourseError(f"no evidence function is called {name!r}: write it in synscenes/facts/evidence.")
