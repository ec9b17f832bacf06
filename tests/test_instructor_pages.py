"""The teaching plans add up and agree with the lessons' own notes; the misconceptions are what the checks say."""

from __future__ import annotations

import re

import pytest

from synscenes.authoring.source import lesson_paths, read_lesson
from synscenes.site.misconceptions import _cell, _section, told


@pytest.fixture(scope="module")
def planned(root) -> dict[str, int]:
    """Minutes in a room by lesson, from each lesson's first instructor note."""
    minutes = {}
    for path in lesson_paths(root):
        source = read_lesson(path)
        note = next(cell.text for cell in source.cells if "instructor" in cell.tags)
        found = re.search(r"Plan \((?:(\d) × )?(\d+) min|Plan (\d+) minutes", note)
        if found:
            minutes[source.number] = int(found[1] or 1) * int(found[2] or found[3])
    return minutes


def rows(root, heading: str) -> list[list[str]]:
    text = (root / "course/pages/teaching_plans.md").read_text(encoding="utf-8")
    section = text.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if re.match(r"\| \d", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_six_weeks_hold_every_lesson_once_and_add_up(root, planned):
    table = rows(root, "Six weeks")
    lessons = [number for row in table for number in row[2].split(", ")]
    assert lessons == [path.stem[:2] for path in lesson_paths(root) if not path.stem.startswith("18")]
    for row in table:
        assert int(row[3]) == sum(planned[number] for number in row[2].split(", ")), row
    text = (root / "course/pages/teaching_plans.md").read_text(encoding="utf-8")
    assert f"That is {sum(int(row[3]) for row in table):,} minutes" in text


def test_two_days_do_not_overlap_and_add_up(root, planned):
    table = rows(root, "Two days")
    ends = {"1": 0, "2": 0}
    sums = {"1": 0, "2": 0}
    for day, clock, number, minutes, _ in table:
        hour, minute = map(int, clock.split(":"))
        assert 60 * hour + minute >= ends[day]
        assert int(minutes) <= planned.get(number, 45)
        ends[day] = 60 * hour + minute + int(minutes)
        sums[day] += int(minutes)
    text = (root / "course/pages/teaching_plans.md").read_text(encoding="utf-8")
    assert f"That is {sums['1']} minutes on the first day and {sums['2']} on the second" in text
    assert max(ends.values()) <= 17 * 60


def test_misconceptions_are_what_the_checks_say(root):
    source = read_lesson(next(path for path in lesson_paths(root) if path.stem.startswith("00")))
    exercise = source.exercises[0]
    found = told(source, exercise)
    assert [diagnosis for diagnosis, _ in found] == [cell.meta["diagnosis"] for cell in exercise.wrong]
    section = _section(source)
    assert len(section) == 4 + 3 * len(source.exercises) + 1
    assert all(line.count("|") - line.count("\\|") == 4 for line in section if line.startswith("|"))


def test_a_long_or_marked_up_message_fits_a_cell():
    assert len(_cell("word " * 200)) < 220
    assert _cell("a|b `c` <d>") == "a\\|b \\`c\\` &lt;d&gt;"
