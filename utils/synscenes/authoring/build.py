"""``python -m synscenes build``: write every edition, or prove that the committed one is up to date."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from synscenes.authoring.bars import problems_of
from synscenes.authoring.editions import EDITIONS, make_edition, notebook_text
from synscenes.authoring.settings import load_settings
from synscenes.authoring.source import find_lessons, read_lesson
from synscenes.errors import CourseError
from synscenes.files import write_atomic
from synscenes.paths import require_repo_root


def edition_path(root: Path, edition: str, name: str) -> Path:
    """Return where an edition of lesson ``name`` is written; only the learner's is committed."""
    folder = root / "notebooks" if edition == "learner" else root / "_build" / edition
    return folder / f"{name}.ipynb"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``python -m synscenes build``."""
    parser.add_argument("lessons", nargs="*", metavar="NN", help="lessons to build (default: all)")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when notebooks/ is out of date")
    parser.add_argument("--slides", action="store_true", help="also render the slides as reveal.js pages")
    parser.add_argument("--nbgrader", action="store_true", help="also write the exercises as nbgrader's assignments")


def run(args: argparse.Namespace) -> int:
    """Build or check the editions; returns 1 when ``--check`` finds a difference or a lesson misses a bar."""
    root = require_repo_root()
    if args.check:
        differences = [*outdated(root), *bar_problems(root)]
        for line in differences:
            print(line)
        print("notebooks/ is up to date." if not differences else "Run: python -m synscenes build")
        return 1 if differences else 0
    for path in build(root, args.lessons):
        print(path.relative_to(root))
    if args.slides:
        from synscenes.slides import render_all

        for path in render_all(root):
            print(path.relative_to(root))
    if args.nbgrader:
        from synscenes.authoring.nbgrader import export

        for path in export(root, args.lessons):
            print(path.relative_to(root))
    return 0


def build(root: Path, numbers: list[str] | None = None, editions: tuple[str, ...] = EDITIONS) -> list[Path]:
    """Write the editions of the lessons named (all by default) and return the paths of changed files."""
    settings = load_settings(root)
    changed = []
    for source_path in find_lessons(root, numbers or []):
        source = read_lesson(source_path)
        for edition in editions:
            path = edition_path(root, edition, source.name)
            text = notebook_text(make_edition(source, edition, settings))
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                changed.append(write_atomic(path, text))
    return changed


def outdated(root: Path) -> list[str]:
    """Return one line for every committed notebook that differs from what its source gives."""
    settings = load_settings(root)
    lines = []
    expected = set()
    for source_path in find_lessons(root, []):
        source = read_lesson(source_path)
        path = edition_path(root, "learner", source.name)
        expected.add(path)
        wanted = make_edition(source, "learner", settings)
        shown = path.relative_to(root)
        if not path.exists():
            lines.append(f"{shown} is missing")
        elif path.read_text(encoding="utf-8") != notebook_text(wanted):
            lines.append(f"{shown} differs from course/lessons/{source_path.name}{_first_difference(path, wanted)}")
    for stray in sorted(set((root / "notebooks").glob("*.ipynb")) - expected):
        lines.append(f"{stray.relative_to(root)} has no source in course/lessons")
    return lines


def bar_problems(root: Path) -> list[str]:
    """Return one line for every lesson bar that is missed (cell lengths, quiz, exercises, ...)."""
    return [line for path in find_lessons(root, []) for line in problems_of(read_lesson(path))]


def _first_difference(path: Path, wanted: dict) -> str:
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        pairs = zip(cells, wanted["cells"])
        return next((f", first in cell {new['id']}" for old, new in pairs if old != new), "")
    except (ValueError, KeyError, TypeError):
        raise CourseError(f"{path} is not a notebook: delete it and run python -m synscenes build") from None
