"""Runs parts of lessons and tells what they record: reads a list of variants as JSON, writes a list of outcomes.

A variant is ``{"cells": [text, ...]}``. An outcome holds ``results`` by name, or ``error``, one line.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from typing import Any


def main() -> None:
    """Run the variants on standard input, one after the other, in this process."""
    outcomes = [outcome(variant["cells"]) for variant in json.load(sys.stdin)]
    sys.stdout.write("\n" + json.dumps(outcomes) + "\n")


def outcome(cells: list[str]) -> dict[str, Any]:
    """Execute cells in one namespace; figures are not drawn and nothing is shown."""
    import synscenes.lesson
    from synscenes.errors import CourseError
    from synscenes.lesson import results

    found: dict[str, Any] = {}

    def keep(text: str, html_text: str | None = None, **extra: Any) -> None:
        entry = extra[results.RESULT_MIME]
        found[entry["name"]] = entry["value"]

    before = results.emit, synscenes.lesson.show
    results.emit, synscenes.lesson.show = keep, lambda *_, **__: None
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            namespace: dict[str, Any] = {"__name__": "__main__"}
            for number, cell in enumerate(cells):
                exec(compile(cell, f"cell {number}", "exec"), namespace)
    except CourseError as error:
        return {"results": found, "error": str(error)}
    except Exception as error:
        return {"results": found, "failure": f"{type(error).__name__}: {error}"}
    finally:
        results.emit, synscenes.lesson.show = before
    return {"results": found}


if __name__ == "__main__":
    main()
