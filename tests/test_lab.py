"""The learner's own copies are brought up to date and never lost."""

from __future__ import annotations

import pytest

from synscenes.errors import CourseError
from synscenes.lab import prepare


@pytest.fixture
def course(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "00_a.ipynb").write_text("first")
    return tmp_path


def test_copies_appear_and_follow_the_lessons(course):
    assert prepare(course) == ["1 notebooks copied to work/: they are yours to change."]
    assert prepare(course) == []
    (course / "notebooks" / "00_a.ipynb").write_text("second")
    assert len(prepare(course)) == 1
    assert (course / "work" / "00_a.ipynb").read_text() == "second"


def test_a_changed_copy_is_kept_and_told(course):
    prepare(course)
    (course / "work" / "00_a.ipynb").write_text("mine")
    assert prepare(course) == []
    (course / "notebooks" / "00_a.ipynb").write_text("second")
    assert "your version is kept" in prepare(course)[0]
    assert (course / "work" / "00_a.ipynb").read_text() == "mine"


def test_a_lost_ledger_never_costs_work(course):
    prepare(course)
    (course / "work" / "00_a.ipynb").write_text("mine")
    (course / "work" / ".copied.json").write_text("{broken")
    prepare(course)
    assert (course / "work" / "00_a.ipynb").read_text() == "mine"


def test_copies_of_a_run_that_was_stopped_still_follow_the_lessons(course):
    prepare(course)
    (course / "work" / ".copied.json").unlink()
    prepare(course)
    (course / "notebooks" / "00_a.ipynb").write_text("second")
    assert prepare(course) == ["1 notebooks copied to work/: they are yours to change."]


def test_no_notebooks_is_told(tmp_path):
    with pytest.raises(CourseError, match="notebooks/ is empty"):
        prepare(tmp_path)
