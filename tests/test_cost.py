"""What a lesson may cost: seconds in units of a reference computation, memory, temporary files."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib

import pytest

from synscenes.authoring import cost
from synscenes.authoring.cost import REFERENCE_S, keep, measured, over_budget, proposed, read_budgets
from synscenes.authoring.source import lesson_paths
from synscenes.errors import CourseError
from synscenes.site import execution

BUDGETS = {"laptop": {"07": {"cpu_s": 100.0, "peak_mb": 1000.0, "disk_mb": 10.0}}}
USUAL = {
    "lesson": "07", "profile": "laptop", "cpu_s": 100.0, "peak_mb": 1000.0, "disk_mb": 10.0, "reference_s": REFERENCE_S
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, None),
        ({"cpu_s": 149}, None),
        ({"cpu_s": 151}, "151 s of CPU; its budget is 100"),
        # Twice as slow a machine, twice the seconds: as usual.
        ({"cpu_s": 200, "reference_s": 2 * REFERENCE_S}, None),
        ({"cpu_s": 100, "reference_s": REFERENCE_S / 2}, "200 s of CPU"),
        # Too busy to tell.
        ({"cpu_s": 5000, "reference_s": 5 * REFERENCE_S}, None),
        ({"peak_mb": 1501}, "1501 MB of memory"),
        ({"disk_mb": 100}, None),
        ({"disk_mb": 111}, "MB of temporary files"),
        ({"lesson": "99", "cpu_s": 5000}, None),
    ],
)
def test_half_again_is_too_much(changes, says):
    lines = over_budget({**USUAL, **changes}, BUDGETS)
    assert (lines == []) if says is None else (len(lines) == 1 and says in lines[0])


def test_what_a_child_costs_is_measured(tmp_path):
    program = """
import os, tempfile, time
held = bytearray(150_000_000)
with tempfile.NamedTemporaryFile() as file:
    file.write(bytes(20_000_000)); file.flush()
    sum(number * number for number in range(2_000_000))
    time.sleep(1.5)
"""
    with measured(0.05) as found:
        subprocess.run([sys.executable, "-c", program], check=True)
    assert found.cpu_s > 0.02 and found.peak_mb > 140 and 19 < found.disk_mb < 30 and found.reference_s > 0


def test_budgets_are_proposed_from_the_last_runs(tmp_path, capsys):
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "budgets.toml").write_text("[smoke]\n02 = {cpu_s = 1.0, peak_mb = 2.0, disk_mb = 3.0}\n")
    keep(tmp_path, {**USUAL, "cpu_s": 150.0, "reference_s": 2 * REFERENCE_S})
    keep(tmp_path, {**USUAL, "lesson": "08", "reference_s": 9 * REFERENCE_S})
    budgets = tomllib.loads(proposed(tmp_path))
    assert budgets["laptop"] == {"07": {"cpu_s": 75.0, "peak_mb": 1000.0, "disk_mb": 10.0}}
    assert budgets["smoke"]["02"]["cpu_s"] == 1.0
    assert "laptop 08: left out, the machine was busy" in capsys.readouterr().out


def test_a_site_is_not_built_from_runs_over_budget(tmp_path, monkeypatch):
    folder = tmp_path / "_build" / "run" / "solution"
    folder.mkdir(parents=True)
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "budgets.toml").write_text(
        "[laptop]\n07 = {cpu_s = 10.0, peak_mb = 2000.0, disk_mb = 3.0}\n"
    )
    (folder / "report.json").write_text(json.dumps({"lessons": {"07": USUAL, "08": {"seconds": 1.0}}}))
    monkeypatch.setattr(execution, "stale_lessons", lambda root, profile: [])
    with pytest.raises(CourseError, match=r"lesson 07 took 100 s of CPU; its budget is 10: take the waste out"):
        execution.run_lessons(tmp_path, "laptop", 1)


def test_every_lesson_has_its_budgets(root):
    budgets = read_budgets(root)
    if not budgets:
        pytest.skip("no budgets are set yet: run the tests and make book, then python -m synscenes.authoring.cost")
    numbers = {path.stem.partition("_")[0] for path in lesson_paths(root)}
    assert numbers == set(budgets["smoke"])
    # Whole runs take most of an hour on an idle machine: they are budgeted as they are measured.
    assert set(budgets["laptop"]) == numbers
    assert all(set(each) == set(cost.MEASURED) for part in budgets.values() for each in part.values())
