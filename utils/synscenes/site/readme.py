"""README's map of the lessons: written from the plan and the lessons' front matter, so that it stays true.

``python -m synscenes.site.readme`` rewrites it; a test fails where it has not been.
"""

from __future__ import annotations

from pathlib import Path

from synscenes.errors import CourseError
from synscenes.files import write_atomic
from synscenes.paths import require_repo_root
from synscenes.site.inserts import lesson_map
from synscenes.site.plan import load_plan

START, END = "<!-- lesson map: written by python -m synscenes.site.readme -->", "<!-- end of lesson map -->"


def with_map(text: str, root: Path) -> str:
    """Return README's text with today's map between its two marks; raises CourseError without them."""
    head, start, rest = text.partition(START)
    _, end, tail = rest.partition(END)
    if not start or not end:
        raise CourseError(f"README.md lacks the lines {START!r} and {END!r}: put them where the map belongs.")
    return f"{head}{START}\n\n{lesson_map(load_plan(root)).strip()}\n\n{END}{tail}"


def main() -> None:
    """Rewrite the map in README.md."""
    root = require_repo_root()
    path = root / "README.md"
    write_atomic(path, with_map(path.read_text(encoding="utf-8"), root))


if __name__ == "__main__":
    main()
