"""Every notebook of the course runs top to bottom, with the network cut, and finds what it should."""

from __future__ import annotations

import math
import re
import tomllib
from pathlib import Path

import nbformat
import pytest

from synscenes.authoring.execute import Job, execute
from synscenes.authoring.source import lesson_paths
from synscenes.lesson.answers import CHECK_MIME
from synscenes.lesson.results import results_of

ROOT = Path(__file__).resolve().parents[1]
LESSONS = {path.stem.partition("_")[0]: path for path in lesson_paths(ROOT)}
EXPECTED = ROOT / "tests" / "expected"


@pytest.fixture(scope="module", params=LESSONS)
def lesson(request) -> str:
    return request.param


def run(lesson: str, edition: str, folder: Path, profile: str):
    """Execute a lesson's edition and return the executed notebook."""
    parameters = {"PROFILE": profile, "DATA": "micro"}
    job = Job(ROOT, LESSONS[lesson], edition, folder / f"{lesson}.ipynb", parameters, network=False)
    execution = execute(job)
    assert execution.error is None, execution.error
    return nbformat.read(job.output, as_version=4)


def checks_of(notebook) -> list[tuple[dict, dict]]:
    """Return (what the check said, the cell's metadata) for every check in an executed notebook."""
    return [
        (output["data"][CHECK_MIME], cell.metadata)
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if CHECK_MIME in output.get("data", {})
    ]


def html_of(notebook) -> str:
    return "\n".join(
        output.get("data", {}).get("text/html", "") for cell in notebook.cells for output in cell.get("outputs", [])
    )


def expected_results(lesson: str, profile: str) -> dict:
    content = tomllib.loads((EXPECTED / f"{lesson}.toml").read_text(encoding="utf-8"))
    shared = {name: value for name, value in content.items() if name not in ("smoke", "laptop")}
    return shared | content.get(profile, {})


def disagreements(found: dict, expected: dict) -> list[str]:
    """Return one line for each named result that is missing, unexpected, or off by more than it may be."""
    lines = [f"{name} was recorded but is not in tests/expected" for name in found if name not in expected]
    for name, wanted in expected.items():
        value, slack = (wanted["value"], wanted.get("abs", 0)) if isinstance(wanted, dict) else (wanted, 0)
        if name not in found:
            lines.append(f"{name} was not recorded")
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            if not math.isclose(found[name], value, rel_tol=1e-9, abs_tol=slack):
                lines.append(f"{name} is {found[name]}, expected {value} ± {slack}")
        elif found[name] != value:
            lines.append(f"{name} is {found[name]!r}, expected {value!r}")
    return lines


@pytest.mark.parametrize(
    ("found", "expected", "count"),
    [
        ({"a": 1}, {"a": 1}, 0),
        ({"a": 1}, {"a": 2}, 1),
        ({"a": 1.05}, {"a": {"value": 1.0, "abs": 0.1}}, 0),
        ({"a": 1.2}, {"a": {"value": 1.0, "abs": 0.1}}, 1),
        ({}, {"a": 1}, 1),
        ({"a": 1}, {}, 1),
        ({"a": "x"}, {"a": "y"}, 1),
    ],
)
def test_disagreements_are_found(found, expected, count):
    assert len(disagreements(found, expected)) == count


def test_learner_notebook_runs_untouched(lesson, tmp_path, profile):
    notebook = run(lesson, "learner", tmp_path, profile)
    checks = checks_of(notebook)
    assert len(checks) >= 3
    assert {said["verdict"] for said, _ in checks} == {"not tried"}


def test_solution_notebook_runs_and_finds_its_results(lesson, tmp_path, profile):
    notebook = run(lesson, "solution", tmp_path, profile)
    assert {said["verdict"] for said, _ in checks_of(notebook)} == {"passed"}
    assert disagreements(results_of(notebook), expected_results(lesson, profile)) == []
    images = re.findall(r"<img\b[^>]*>", html_of(notebook))
    assert [tag[:80] for tag in images if not re.search(r'\balt="[^"]+"', tag)] == []
    bare = [cell["id"] for cell in notebook.cells for o in cell.get("outputs", []) if "image/png" in o.get("data", {})]
    assert bare == [], "figures go through show(fig, alt=...)"


def test_exercises_answer_back(lesson, tmp_path, profile):
    checks = checks_of(run(lesson, "trial", tmp_path, profile))
    assert len(checks) >= 15
    wrong = [
        f"{about['synscenes']['exercise']} {about['synscenes']['attempt']}: "
        f"expected {about['synscenes']['expect']}, the check said {[said['verdict'], said['diagnosis']]}"
        for said, about in checks
        if [said["verdict"], said["diagnosis"]] != about["synscenes"]["expect"]
    ]
    assert wrong == []
