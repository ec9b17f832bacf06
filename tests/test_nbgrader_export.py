"""The assignments follow nbgrader's metadata schema, version 3, and hold solutions and hidden tests in its markers."""

from __future__ import annotations

import re

import nbformat
import pytest

from synscenes.authoring import nbgrader
from synscenes.authoring.settings import Settings
from synscenes.authoring.source import lesson_paths, read_lesson
from synscenes.checks import run_check

SETTINGS = Settings("someone/course", "main")
# https://nbgrader.readthedocs.io/en/stable/contributor_guide/metadata.html
KEYS = {"schema_version": int, "grade_id": str, "grade": bool, "solution": bool, "locked": bool, "task": bool}


def cells_of(notebook) -> list:
    return [cell for cell in notebook.cells if "nbgrader" in cell.metadata]


def schema_problems(notebook) -> list[str]:
    """Return one line for each rule of the schema that a cell breaks."""
    lines, seen = [], set()
    for cell in cells_of(notebook):
        about = cell.metadata["nbgrader"]
        name = about.get("grade_id")
        lines += [f"{name}: {key}" for key, kind in KEYS.items() if type(about.get(key)) is not kind]
        lines += [f"{name}: unknown {key}" for key in set(about) - {*KEYS, "points", "cell_type", "checksum"}]
        if about.get("schema_version") != 3 or about.get("cell_type") != cell.cell_type:
            lines.append(f"{name}: version or kind of cell")
        if not re.fullmatch(r"[a-zA-Z0-9_\-]+", str(name)) or name in seen:
            lines.append(f"{name}: no name, or twice")
        if ("points" in about) != bool(about.get("grade")) or about.get("points", 1) < 0:
            lines.append(f"{name}: points belong to graded cells")
        if about.get("solution") and about.get("locked"):
            lines.append(f"{name}: a locked solution could not be filled in")
        seen.add(name)
    return lines


@pytest.mark.parametrize("path", lesson_paths(nbgrader.Path(__file__).resolve().parents[1]), ids=lambda p: p.stem[:2])
def test_each_lesson_is_a_valid_assignment(path):
    source = read_lesson(path)
    notebook = nbgrader.assignment(source, SETTINGS)
    nbformat.validate(notebook)
    assert schema_problems(notebook) == []
    by_id = {cell.metadata["nbgrader"]["grade_id"]: cell for cell in cells_of(notebook)}
    for exercise in source.exercises:
        answer, test = by_id[exercise.identifier], by_id[f"{exercise.identifier}-test"]
        assert answer.source.count("### BEGIN SOLUTION") == answer.source.count("### END SOLUTION") == 1
        assert test.metadata["nbgrader"]["locked"] and test.metadata["nbgrader"]["points"] >= 1
        visible, hidden = test.source.split("### BEGIN HIDDEN TESTS")
        assert "run_check" not in visible and "assert" in hidden
        compile(test.source, "test", "exec")
    assert not re.search(r"/(home|root|tmp|work)/", nbformat.writes(notebook))


def test_hidden_tests_tell_right_from_wrong(root):
    (path,) = [path for path in lesson_paths(root) if path.stem.startswith("02")]
    notebook = nbgrader.assignment(read_lesson(path), SETTINGS)
    test = next(c for c in cells_of(notebook) if c.metadata["nbgrader"]["grade_id"] == "02-wnid-test")
    values = {"check": run_check, "to_wnid": lambda offset: f"n{offset:08d}"}
    exec(test.source, values)
    with pytest.raises(AssertionError, match="zeros in front"):
        exec(test.source, values | {"to_wnid": lambda offset: f"n{offset}"})


def test_schema_problems_are_found(sample_path):
    notebook = nbgrader.assignment(read_lesson(sample_path), SETTINGS)
    broken = cells_of(notebook)
    broken[0].metadata["nbgrader"]["grade_id"] = broken[1].metadata["nbgrader"]["grade_id"]
    broken[-1].metadata["nbgrader"].pop("points")
    broken[2].metadata["nbgrader"]["locked"] = "yes"
    assert len(schema_problems(notebook)) >= 3


def test_export_writes_source_and_settings_once(sample_root):
    changed = nbgrader.export(sample_root)
    assert [path.relative_to(sample_root / nbgrader.FOLDER).as_posix() for path in changed] == [
        "nbgrader_config.py",
        "source/98_sample/98_sample.ipynb",
    ]
    assert nbgrader.export(sample_root) == []
    compile(changed[0].read_text(), "nbgrader_config.py", "exec")
