"""Lessons with DATA = "sample" on real COCO: 80 images of train2017 and 79 of val2017, in the official layout.

The photographs are not in this repository: without them the notebooks are skipped. A few lessons run always, all of
them with ``--all-real``; with ``--profile laptop`` too, their results are those that the lessons quote.
"""

from __future__ import annotations

import math
import re
import tomllib
from pathlib import Path

import nbformat
import pytest

from synscenes import on_real, paths
from synscenes.authoring.execute import Job, execute
from synscenes.authoring.ledger import disagreements, expected_results
from synscenes.authoring.source import lesson_paths
from synscenes.lesson import results
from synscenes.lesson.context import Lesson
from test_notebooks import checks_of, html_of

ROOT = Path(__file__).resolve().parents[1]
REAL = ROOT.parent / "shared" / "refs" / "coco_mini"
LESSONS = {path.stem.partition("_")[0]: path for path in lesson_paths(ROOT)}
QUICK = ("09", "11", "15")
WANTED = tomllib.loads((ROOT / "tests" / "expected_on_real.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The course's folder of files with the real photographs as its sample tier; nothing is written to either."""
    if not (REAL / "annotations").is_dir():
        pytest.skip("the real photographs (../shared/refs/coco_mini) are not on this machine")
    folder = tmp_path_factory.mktemp("home")
    for each in paths.home().iterdir():
        if each.name != "coco-sample":
            (folder / each.name).symlink_to(each)
    (folder / "coco-sample").symlink_to(REAL)
    return folder


@pytest.mark.parametrize("lesson", LESSONS)
def test_lesson_runs_on_real_photographs(lesson, home, tmp_path, monkeypatch, profile, kernels, request):
    if lesson not in QUICK and not request.config.getoption("--all-real"):
        pytest.skip("runs with --all-real")
    monkeypatch.setenv("SYNSCENES_HOME", str(home))
    parameters = {"PROFILE": profile, "DATA": "sample"}
    output = tmp_path / f"{lesson}.ipynb"
    execution = execute(Job(ROOT, LESSONS[lesson], "solution", output, parameters, network=False, kernel=kernels[0]))
    assert execution.error is None, execution.error
    notebook = nbformat.read(output, as_version=4)
    assert {said["verdict"] for said, _ in checks_of(notebook)} == {"passed"}
    assert [tag for tag in re.findall(r"<img\b[^>]*>", html_of(notebook)) if not re.search(r'\balt="[^"]+"', tag)] == []
    found = results.results_of(notebook)
    # An ImageNet lesson has the same photographs in every tier, and so the same results.
    wanted = expected_results(ROOT, lesson, profile) if lesson < "09" else wanted_of(lesson, profile)
    assert disagreements({name: value for name, value in found.items() if name in wanted}, wanted) == []


def wanted_of(lesson: str, profile: str) -> dict:
    """The results that are held fixed on the real photographs: at smoke the test's own, at laptop what is quoted."""
    if profile == "smoke":
        return WANTED.get(lesson, {})
    rows = on_real.measured()["lessons"].get(lesson, {})
    return {name: {"value": row["real"], "abs": row.get("abs", 1e-3)} for name, row in rows.items()}


# What the lessons quote


@pytest.mark.parametrize("lesson", on_real.measured()["lessons"])
def test_quoted_results_exist_and_are_micro_cocos_own(lesson):
    source = LESSONS[lesson].read_text(encoding="utf-8")
    assert f'on_real.table(lesson, "{lesson}")' in source
    expected = expected_results(ROOT, lesson, "laptop")
    rows = on_real.measured()["lessons"][lesson]
    for name, row in rows.items():
        value = expected[name]["value"] if isinstance(expected[name], dict) else expected[name]
        assert math.isclose(row["micro"], value, abs_tol=1e-3), name
        assert isinstance(row["real"], (int, float)) and row["label"]
    assert len({row["label"] for row in rows.values()}) == len(rows) >= 3


def test_every_coco_lesson_compares():
    assert {number for number in LESSONS if "09" <= number <= "16"} - {"14"} <= set(on_real.measured()["lessons"])


@pytest.mark.parametrize("data", ["micro", "sample"])
def test_one_column_is_this_run_and_the_other_is_quoted(monkeypatch, capsys, data):
    row = on_real.measured()["lessons"]["09"]["median_fill"]
    monkeypatch.setattr(results, "_of_this_run", {"median_fill": 12.5})
    table = on_real.table(Lesson(data, "cpu", "laptop", 0), "09")
    own = table[f"{'micro-COCO' if data == 'micro' else 'sample data'}, this run"]
    quoted = table["159 photographs" if data == "micro" else "micro-COCO"]
    assert own[row["label"]] == "12.5" and set(own) == {"12.5", "–"}  # nothing else was recorded
    assert quoted[row["label"]] == f"{row['real' if data == 'micro' else 'micro']:.3g}"
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and ("val2017" in said) == (data == "micro")
