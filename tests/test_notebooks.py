"""Every notebook of the course runs top to bottom, with the network cut, and finds what it should."""

from __future__ import annotations

import html
import json
import re
from dataclasses import asdict
from pathlib import Path

import nbformat
import pytest

from synscenes.authoring.cost import BUDGETS, keep, over_budget, read_budgets
from synscenes.authoring.execute import Job, execute
from synscenes.authoring.ledger import disagreements, expected_results
from synscenes.authoring.source import lesson_paths
from synscenes.lesson.answers import CHECK_MIME
from synscenes.lesson.results import results_of
from synscenes.site.alt import poor_alt

ROOT = Path(__file__).resolve().parents[1]
LESSONS = {path.stem.partition("_")[0]: path for path in lesson_paths(ROOT)}


@pytest.fixture(scope="module", params=LESSONS)
def lesson(request) -> str:
    return request.param


@pytest.fixture
def run(lesson, tmp_path, profile, kernels, warm_folder):
    """Execute an edition of a lesson; returns the executed notebook and what it cost.

    The learner edition runs in another Python than the two others, whose sets come in another order. What several
    editions record, they must agree on.
    """

    def run(edition: str):
        kernel = kernels[edition == "learner"]
        parameters = {"PROFILE": profile, "DATA": "micro"}
        job = Job(
            ROOT, LESSONS[lesson], edition, tmp_path / f"{lesson}.ipynb", parameters, network=False, kernel=kernel
        )
        execution = execute(job)
        assert execution.error is None, execution.error
        notebook = nbformat.read(job.output, as_version=4)
        agree_with_other_editions(warm_folder / f"results-{lesson}", edition, results_of(notebook))
        return notebook, {**asdict(execution), "profile": profile}

    return run


def agree_with_other_editions(folder: Path, edition: str, results: dict) -> None:
    """Fail if an edition that ran before, with the same seed, recorded another value under the same name."""
    folder.mkdir(exist_ok=True)
    part = folder / f"{edition}.part"
    part.write_text(json.dumps(results), encoding="utf-8")
    part.replace(folder / f"{edition}.json")  # written before the others are read: of two at once, one sees the other
    for path in folder.glob("*.json"):
        other = json.loads(path.read_text(encoding="utf-8"))
        differing = {name: (results[name], other[name]) for name in set(results) & set(other)}
        differing = {name: pair for name, pair in differing.items() if pair[0] != pair[1]}
        assert not differing, f"{edition} and {path.stem}, one seed, two results: {differing}"


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


def test_learner_notebook_runs_untouched(run):
    notebook, _ = run("learner")
    checks = checks_of(notebook)
    assert len(checks) >= 3
    assert {said["verdict"] for said, _ in checks} == {"not tried"}


def test_solution_notebook_runs_and_finds_its_results(lesson, run, profile, kernels):
    notebook, cost = run("solution")
    assert {said["verdict"] for said, _ in checks_of(notebook)} == {"passed"}
    assert disagreements(results_of(notebook), expected_results(ROOT, lesson, profile)) == []
    images = re.findall(r"<img\b[^>]*>", html_of(notebook))
    assert [tag[:80] for tag in images if not re.search(r'\balt="[^"]+"', tag)] == []
    alts = [html.unescape(alt) for alt in re.findall(r'<img\b[^>]*\balt="([^"]+)"', html_of(notebook))]
    assert [f"{alt!r} {problem}" for alt in alts if (problem := poor_alt(alt))] == []
    bare = [cell["id"] for cell in notebook.cells for o in cell.get("outputs", []) if "image/png" in o.get("data", {})]
    assert bare == [], "figures go through show(fig, alt=...)"
    if profile == "laptop" or kernels[0] != "python3":  # what a cold start costs says little of the lesson
        keep(ROOT, cost)
        assert over_budget(cost, read_budgets(ROOT)) == [], f"take the waste out, or raise it in {BUDGETS.as_posix()}"


def test_exercises_answer_back(run):
    checks = checks_of(run("trial")[0])
    assert len(checks) >= 15
    wrong = [
        f"{about['synscenes']['exercise']} {about['synscenes']['attempt']}: "
        f"expected {about['synscenes']['expect']}, the check said {[said['verdict'], said['diagnosis']]}"
        for said, about in checks
        if [said["verdict"], said["diagnosis"]] != about["synscenes"]["expect"]
    ]
    assert wrong == []
