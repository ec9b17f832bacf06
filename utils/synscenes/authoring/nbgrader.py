"""Assignments for nbgrader: each lesson's exercises as a source notebook that its own tools take as it is.

The metadata follow nbgrader's schema 3: https://nbgrader.readthedocs.io/en/stable/contributor_guide/metadata.html
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat

from synscenes.authoring.editions import Maker, notebook_text
from synscenes.authoring.settings import Settings, load_settings
from synscenes.authoring.source import Cell, Exercise, LessonSource, find_lessons, read_lesson
from synscenes.files import write_atomic
from synscenes.grading.program import POINTS

FOLDER = Path("_build") / "nbgrader"
# In nbgrader every folder of source/ is an assignment; the lesson's file name is its name.
CONFIG = '''"""nbgrader's settings for the course: run `nbgrader generate_assignment NN_name` in this folder."""

c = get_config()  # noqa: F821  (nbgrader gives it)
c.CourseDirectory.course_id = "from-synsets-to-scenes"
# Preludes load WordNet or weights; nbgrader's 30 seconds are short for a busy server.
c.ExecutePreprocessor.timeout = 300
'''


def export(root: Path, numbers: list[str] | None = None) -> list[Path]:
    """Write the assignments of the lessons named (all by default) and nbgrader's settings; return changed files."""
    settings = load_settings(root)
    folder = root / FOLDER
    texts = {folder / "nbgrader_config.py": CONFIG}
    for path in find_lessons(root, numbers or []):
        source = read_lesson(path)
        texts[folder / "source" / source.name / f"{source.name}.ipynb"] = notebook_text(assignment(source, settings))
    changed = []
    for path, text in texts.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            changed.append(write_atomic(path, text))
    return changed


def assignment(source: LessonSource, settings: Settings) -> nbformat.NotebookNode:
    """Return one lesson's source notebook: what its exercises need, then each exercise with solution and tests."""
    maker = Maker(source, settings)
    title = source.front["title"]
    text = (
        f"# {title}: exercises\n\nThey belong to lesson {source.number} of *From Synsets to Scenes*. Read it first: "
        "each exercise stands there beside the idea it practises.\n\nFill in the cells that raise "
        "`NotImplementedError`. The cell below each tells what it finds."
    )
    maker.add("markdown", f"{source.number}-title", text)
    for block in source.blocks:
        if isinstance(block, Exercise):
            _exercise(maker, block)
        elif isinstance(block, Cell) and block.kind == "code" and block.tags & {"parameters", "prelude"}:
            before = len(maker.cells)
            maker.plain(block)
            for cell in maker.cells[before:]:
                # Students' changes to these are undone before grading.
                cell.metadata["nbgrader"] = _about(cell["id"], locked=True)
    notebook = nbformat.v4.new_notebook(cells=maker.cells)
    notebook.nbformat_minor = 5
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "synscenes": {"edition": "nbgrader", "lesson": source.number, "title": title},
    }
    nbformat.validate(notebook)
    return notebook


def _exercise(maker: Maker, exercise: Exercise) -> None:
    identifier = exercise.identifier
    maker.prompt(exercise)
    maker.hints(exercise)
    # The markers are nbgrader's own, so the solution goes in as it stands in the lesson.
    maker.add("code", f"{identifier}-answer", exercise.solution.text, nbgrader=_about(identifier, solution=True))
    call = exercise.check.text.strip().replace("check(", "run_check(", 1)
    tests = (
        f"{exercise.check.text.strip()}\n### BEGIN HIDDEN TESTS\nfrom synscenes.checks import run_check\n\n"
        f'found = {call}\nassert found.verdict == "passed", found.message\n### END HIDDEN TESTS'
    )
    about = _about(f"{identifier}-test", locked=True, grade=True, points=POINTS[exercise.level])
    maker.add("code", f"{identifier}-check", tests, nbgrader=about)


def _about(grade_id: str, **flags: Any) -> dict[str, Any]:
    plain = {"grade": False, "solution": False, "locked": False, "task": False}
    return {"schema_version": 3, "grade_id": grade_id, "cell_type": "code", **plain, **flags}
