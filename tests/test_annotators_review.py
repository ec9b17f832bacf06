"""The review widget: decisions, saving, the twin."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest
from PIL import Image

from synscenes.errors import CourseError
from synscenes.widgets.label_review import CHOICES, Case, LabelReview


@pytest.fixture
def cases() -> list[Case]:
    colours = ("red", "green", "blue")
    return [Case(colour, Image.new("RGB", (64, 64), colour), f"a {colour} <b>", "grey") for colour in colours]


def test_deciding_moves_on_and_saves(cases, tmp_path):
    review = LabelReview(cases, folder=tmp_path)
    review.buttons["relabel"].click()
    assert review.place == 1 and review.decisions == {"red": "relabel"}
    assert json.loads((tmp_path / "labels.json").read_text()) == {"red": "relabel"}
    review.back.click()
    review.buttons["keep"].click()
    review.forward.click()
    review.forward.click()
    review.buttons["unsure"].click()
    assert review.place == 2 and review.tally() == {"keep": 1, "relabel": 0, "unsure": 1, "open": 1}
    assert "1 keep, 0 relabel, 1 unsure, 1 open" in review.status.value
    assert [path.name for path in tmp_path.iterdir()] == ["labels.json"]
    with pytest.raises(ValueError, match="choice must be one of"):
        review.decide("maybe")


def test_a_later_session_goes_on_where_the_last_one_stopped(cases, tmp_path):
    (tmp_path / "labels.json").write_text('{"red": "keep", "another photograph": "unsure"}')
    review = LabelReview(cases, folder=tmp_path)
    assert review.place == 1 and review.decisions == {"red": "keep"}
    review.decide("relabel")
    kept = json.loads((tmp_path / "labels.json").read_text())
    assert kept == {"red": "keep", "another photograph": "unsure", "green": "relabel"}


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"red": "maybe"}', '{"red": []}'])
def test_a_damaged_file_is_left_alone_and_named(cases, tmp_path, content):
    (tmp_path / "labels.json").write_text(content)
    with pytest.raises(CourseError, match=r"labels\.json can't be read"):
        LabelReview(cases, folder=tmp_path)
    assert (tmp_path / "labels.json").read_text() == content


def test_a_failing_disk_is_said_and_loses_nothing(cases, tmp_path, monkeypatch):
    review = LabelReview(cases, folder=tmp_path)

    def full(*_arguments):
        raise OSError("No space left on device")

    monkeypatch.setattr("synscenes.widgets.label_review.write_atomic", full)
    review.decide("keep")
    assert review.decisions == {"red": "keep"} and "Not saved: No space left" in review.status.value


def test_nothing_is_saved_where_progress_is_off(cases, monkeypatch, tmp_path):
    monkeypatch.setenv("SYNSCENES_HOME", str(tmp_path))
    monkeypatch.setenv("SYNSCENES_PROGRESS", "off")
    LabelReview(cases).decide("keep")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv("SYNSCENES_PROGRESS", "on")
    LabelReview(cases, "mine").decide("keep")
    assert (tmp_path / "reviews" / "mine.json").is_file()


def test_cases_are_needed_once_each(cases):
    for bad in ([], [cases[0], cases[0]]):
        with pytest.raises(ValueError, match="none twice"):
            LabelReview(bad)


def test_the_twin_stands_alone(cases, tmp_path):
    review = LabelReview(cases, folder=tmp_path)
    twin = review._repr_mimebundle_()["text/html"]
    assert "<b>" not in twin and "&lt;b&gt;" in twin
    assert not re.search(r"(?:src|href)=['\"]https?:", twin)
    assert all(f"data-choice='{choice}'" in twin for choice in CHOICES)
    assert twin.count("<script>") == twin.count("</script>") == 1
    assert len(re.findall(r'"jpeg":', twin)) == 3
    assert LabelReview(cases, folder=tmp_path).twin_html() != twin  # its own id


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed (it is optional)")
def test_the_twins_script_is_whole(cases, tmp_path):
    twin = LabelReview(cases, folder=tmp_path).twin_html()
    script = tmp_path / "twin.js"
    script.write_text(re.search(r"<script>(.*)</script>", twin, re.DOTALL)[1], encoding="utf-8")
    finished = subprocess.run(["node", "--check", str(script)], capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr[-500:]
