"""Every parameter of every lesson acts: changed, it changes a recorded result, or tests/liveness.toml says why not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

from agreement import agree
from synscenes.authoring.editions import make_edition
from synscenes.authoring.ledger import EXPECTED
from synscenes.authoring.settings import load_settings
from synscenes.authoring.slices import CodeCell, read_cell, slice_to
from synscenes.authoring.source import lesson_paths, read_lesson
from synscenes.errors import CourseError
from synscenes.paths import home

ROOT = Path(__file__).resolve().parents[1]
LESSONS = {path.stem.partition("_")[0]: path for path in lesson_paths(ROOT)}
WITNESSES = tomllib.loads((ROOT / "tests" / "liveness.toml").read_text(encoding="utf-8"))
NO_DEVICE = "abacus"


def cells_of(lesson: str) -> list[CodeCell]:
    """Return the code cells of a lesson's solution edition."""
    notebook = make_edition(read_lesson(LESSONS[lesson]), "solution", load_settings(ROOT))
    return [read_cell(cell["id"], cell.source) for cell in notebook.cells if cell.cell_type == "code"]


def given(cells: list[CodeCell], parameters: dict) -> list[str]:
    """Return the cells' texts with papermill's way of giving parameters: after the cell of their defaults."""
    values = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    place = next(number for number, cell in enumerate(cells) if "PROFILE" in cell.defines)
    return [*(cell.text for cell in cells[: place + 1]), values, *(cell.text for cell in cells[place + 1 :])]


def slice_for(cells: list[CodeCell], parameter: str, changes: str | None) -> list[CodeCell]:
    """Return the cells to the first that records ``changes``, or else to the first that reads the parameter."""
    always = [cell.name for cell in cells if "PROFILE" in cell.defines or cell.name.endswith("-setup")]
    if changes:
        # Either may hold stars: a witness names several results, a cell records one under a name it makes up.
        return slice_to(
            cells, lambda cell: any(fnmatch(changes, name) or fnmatch(name, changes) for name in cell.records), always
        )
    signs = {parameter, f"lesson.{parameter.lower()}"}
    return slice_to(cells, lambda cell: bool(cell.uses & signs), always)


def matching(results: dict, pattern: str) -> dict:
    return {name: value for name, value in results.items() if fnmatch(name, pattern)}


@pytest.fixture
def outcomes(tmp_path, request, warm_folder):
    """Run variants of cells in one process, where real data are out of reach, and return what each records."""
    shelf = tmp_path / "home"
    shelf.mkdir()
    for entry in home().iterdir() if home().is_dir() else ():
        # A lock must not be a link, and what is being made has a dot as well.
        if entry.name not in ("coco", "coco-sample", "imagenet", "imagenet-sample") and entry.name[0] != ".":
            (shelf / entry.name).symlink_to(entry)
    hidden = ("SYNSCENES_COCO", "SYNSCENES_IMAGENET")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    environment |= {"SYNSCENES_HOME": str(shelf), "MPLBACKEND": "agg", "SYNSCENES_OFFLINE": "1"}
    environment["PYTHONPATH"] = str(ROOT / "utils" / "synscenes" / "offline")
    python = [sys.executable]
    if "PYTEST_XDIST_WORKER" in os.environ or request.config.getoption("--kernels") == "warm":
        from warm.start import command

        python = command(warm_folder)

    def run(variants: list[list[str]]) -> list[dict]:
        finished = subprocess.run(
            [*python, str(ROOT / "tests" / "warm" / "slices.py")],
            input=json.dumps([{"cells": cells} for cells in variants]),
            env=environment, cwd=ROOT, capture_output=True, text=True,
        )  # fmt: skip
        assert finished.returncode == 0, finished.stderr[-2000:]
        return json.loads(finished.stdout.splitlines()[-1])

    return run


def test_the_list_names_every_parameter_of_every_lesson_and_no_other():
    assert set(WITNESSES) <= set(LESSONS)
    for lesson, path in LESSONS.items():
        parameters = set(read_lesson(path).parameters)
        listed = set(WITNESSES.get(lesson, {}))
        assert listed <= parameters, f"tests/liveness.toml, lesson {lesson}: no such parameter"
        missing = parameters - listed - {"PROFILE", "DEVICE"}
        assert not missing, f"tests/liveness.toml says nothing of {sorted(missing)} of lesson {lesson}"
    for witness in (entry for lesson in WITNESSES.values() for entry in lesson.values()):
        assert len({"changes", "stops", "inert"} & set(witness)) == 1
        assert ("to" in witness) != ("inert" in witness) and len(witness.get("inert", "a good reason")) > 10


@pytest.mark.parametrize("lesson", LESSONS)
def test_profiles_differ(lesson):
    """The notebooks' tests compare each column with what a run finds."""
    content = tomllib.loads((ROOT / EXPECTED / f"{lesson}.toml").read_text(encoding="utf-8"))
    smoke, laptop = content.get("smoke", {}), content.get("laptop", {})
    differing = [name for name in smoke if name in laptop and smoke[name] != laptop[name]]
    inert = "PROFILE" in WITNESSES.get(lesson, {})
    assert bool(differing) != inert, f"lesson {lesson}: PROFILE is {'not ' if differing else ''}inert"


@pytest.mark.parametrize("lesson", LESSONS)
def test_parameters_act(lesson, outcomes, profile, warm_folder):
    cells, runs = cells_of(lesson), []
    witnesses = WITNESSES.get(lesson, {})
    if "DEVICE" not in witnesses:
        witnesses = {**witnesses, "DEVICE": {"to": NO_DEVICE, "stops": NO_DEVICE}}
    for name, witness in witnesses.items():
        if "inert" in witness:
            continue
        part = slice_for(cells, name, witness.get("changes"))
        usual = {"PROFILE": "smoke"}
        changed = {**usual, **witness.get("with", {}), name: witness["to"]}
        runs.append((name, witness, [given(part, changed)] + ([given(part, usual)] if "changes" in witness else [])))
    told = iter(outcomes([variant for *_, variants in runs for variant in variants]))
    for name, witness, variants in runs:
        got = [next(told) for _ in variants]
        failures = [outcome["failure"] for outcome in got if "failure" in outcome]
        assert not failures, f"{name} of lesson {lesson}: {failures}"
        if "stops" in witness:
            assert witness["stops"] in got[0].get("error", "no error"), (
                f"{name} of lesson {lesson} is not noticed: {got}"
            )
            continue
        assert "error" not in got[0] and "error" not in got[1], got
        if profile == "smoke":
            agree(warm_folder / f"results-{lesson}", f"slice of {name}", got[1]["results"])
        values = [
            {key: v for key, v in outcome["results"].items() if fnmatch(key, witness["changes"])} for outcome in got
        ]
        assert values[0] and values[0] != values[1], f"{name} of lesson {lesson} changes nothing: {values}"


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_device_said_to_be_unused_is_unused(lesson):
    used = any("lesson.device" in cell.uses for cell in cells_of(lesson))
    assert used != ("DEVICE" in WITNESSES.get(lesson, {})), f"lesson {lesson}: tests/liveness.toml is wrong on DEVICE"


CELLS = """
PROFILE = "smoke"
# ---
import numpy as np
# ---
values = [3]
# ---
values.append(PROFILE)
# ---
other = np.zeros(3)
# ---
def total(x):
    return sum(x) + offset
# ---
offset = 2
# ---
values = values + [1]
# ---
for n in range(3):
    record(f"sum_{n}", total(values))
"""


def test_a_slice_holds_what_a_result_depends_on():
    cells = [read_cell(str(number), text) for number, text in enumerate(CELLS.split("# ---"))]
    names = [cell.name for cell in slice_to(cells, lambda cell: "sum_*" in cell.records, always=["0"])]
    assert names == ["0", "2", "3", "5", "6", "7", "8"]
    with pytest.raises(CourseError, match="no cell"):
        slice_to(cells, lambda cell: "product" in cell.records)
