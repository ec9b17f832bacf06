"""Every notebook of the course runs top to bottom, with the network cut, and finds what it should."""

from __future__ import annotations

import functools
import html
import re
from dataclasses import asdict
from pathlib import Path

import nbformat
import pytest

from agreement import agree
from synscenes.authoring.cost import BUDGETS, keep, over_budget, read_budgets
from synscenes.authoring.editions import make_edition
from synscenes.authoring.execute import Job, execute
from synscenes.authoring.ledger import disagreements, expected_results
from synscenes.authoring.settings import load_settings
from synscenes.authoring.slices import CodeCell, read_cell
from synscenes.authoring.source import lesson_paths, read_lesson
from synscenes.lesson.answers import CHECK_MIME
from synscenes.lesson.results import results_of
from synscenes.site.alt import poor_alt
from synscenes.site.assemble import prepare_notebook

ROOT = Path(__file__).resolve().parents[1]
LESSONS = {path.stem.partition("_")[0]: path for path in lesson_paths(ROOT)}
# The capstone is put together from its exercises: its solution edition does more than the learner's.
BUILDING = ["18"]


@pytest.fixture(scope="module", params=LESSONS)
def lesson(request) -> str:
    return request.param


@pytest.fixture
def run(lesson, tmp_path, profile, kernels, warm_folder):
    """Execute an edition of a lesson; returns the executed notebook and what it cost.

    The learner edition runs in another Python than the two others, whose sets come in another order. What several
    editions, and the slices of test_liveness.py, record, they must agree on.
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
        agree(warm_folder / f"results-{lesson}", edition, results_of(notebook))
        return notebook, {**asdict(execution), "profile": profile}

    return run


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


@functools.cache
def code_of(lesson: str, edition: str) -> list[CodeCell]:
    notebook = make_edition(read_lesson(LESSONS[lesson]), edition, load_settings(ROOT))
    return [read_cell(cell["id"], cell.source) for cell in notebook.cells if cell.cell_type == "code"]


def is_answer(cell: CodeCell) -> bool:
    return cell.name.endswith("-answer")


def builds_on_answers(lesson: str) -> list[str]:
    """The cells outside the exercises that use what a learner writes, so that they do more once it is right."""
    source, found = {}, []
    for cell in code_of(lesson, "solution"):
        if not is_answer(cell) and not cell.name.endswith("-check"):
            names = {name for name in cell.uses | cell.late if source.get(name, "").endswith("-answer")}
            found += [f"{cell.name}: {', '.join(sorted(names))}"] if names else []
        source |= dict.fromkeys(cell.defines | (cell.changes if is_answer(cell) else set()), cell.name)
    return found


@pytest.mark.parametrize("number", LESSONS)
def test_editions_differ_in_the_answers_alone_and_only_the_capstone_builds_on_them(number):
    """So one run of the learner's edition, whose exercises another test tries out, stands for the solution's too."""
    learner, solution = code_of(number, "learner"), code_of(number, "solution")
    assert [cell.name for cell in learner] == [cell.name for cell in solution]
    assert [a.name for a, b in zip(learner, solution, strict=True) if a.text != b.text and not is_answer(a)] == []
    assert bool(builds_on_answers(number)) == (number in BUILDING), builds_on_answers(number)


def test_learner_notebook_runs_untouched_and_finds_its_results(lesson, run, kernels):
    notebook, cost = run("learner")
    checks = checks_of(notebook)
    assert len(checks) >= 3
    assert {said["verdict"] for said, _ in checks} == {"not tried"}
    prepare_notebook(notebook, lesson)  # raises for what would be a dead control on the site
    if lesson not in BUILDING:
        is_as_it_should_be(lesson, notebook, cost, kernels)


@pytest.mark.parametrize("lesson", BUILDING, scope="module")
def test_solution_notebook_runs_and_finds_its_results(lesson, run, kernels):
    notebook, cost = run("solution")
    assert {said["verdict"] for said, _ in checks_of(notebook)} == {"passed"}
    is_as_it_should_be(lesson, notebook, cost, kernels)


def is_as_it_should_be(lesson: str, notebook, cost: dict, kernels: tuple[str, str]) -> None:
    """Results as expected, every figure with words that say what it shows, costs within the budget."""
    assert disagreements(results_of(notebook), expected_results(ROOT, lesson, cost["profile"])) == []
    images = re.findall(r"<img\b[^>]*>", html_of(notebook))
    assert [tag[:80] for tag in images if not re.search(r'\balt="[^"]+"', tag)] == []
    alts = [html.unescape(alt) for alt in re.findall(r'<img\b[^>]*\balt="([^"]+)"', html_of(notebook))]
    assert [f"{alt!r} {problem}" for alt in alts if (problem := poor_alt(alt))] == []
    bare = [cell["id"] for cell in notebook.cells for o in cell.get("outputs", []) if "image/png" in o.get("data", {})]
    assert bare == [], "figures go through show(fig, alt=...)"
    if cost["profile"] == "laptop" or kernels[0] != "python3":  # what a cold start costs says little of the lesson
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
