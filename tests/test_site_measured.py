"""The tables of benchmarks, budgets, spoiled files and unlucky moments, from what programs kept."""

from __future__ import annotations

import json
import sys

import pytest

from synscenes.errors import CourseError
from synscenes.site import inserts, measured
from synscenes.site.plan import load_plan

SIDE = {"median_s": 1.234, "low_s": 1.1, "high_s": 1.5, "runs": 3, "peak_mb": 120.0, "note": ""}
ROW = {
    "what": "a | b", "ours": SIDE, "peer": {**SIDE, "median_s": 9.87, "runs": 1, "note": "extrapolated"},
    "peer_name": "tool", "ratio": 8.0, "bar": "at least 8 ×", "passed": True,
}  # fmt: skip
KEPT = {
    "one_thing": {"machine": {"processor": "A chip", "cores": 2}, "versions": {"numpy": "2.0"}, "rows": [ROW]},
    "alone": {"machine": {"processor": "A chip", "cores": 2}, "versions": {"numpy": "2.0"},
              "rows": [{**ROW, "peer": None, "ratio": None, "passed": False}]},
}  # fmt: skip


def test_benchmarks_tell_both_sides_the_machine_and_the_promise():
    text = measured.benchmarks(KEPT)
    assert "| a \\| b | 1.23 s (1.1 to 1.5) | tool | 9.87 s | 8 × | 120 MB / 120 MB | at least 8 ×: kept |" in text
    assert "| – | – | – | 120 MB / – | at least 8 ×: **missed** |" in text
    assert "- a | b, tool: extrapolated." in text
    assert "A chip, 2 cores" in text and "numpy 2.0 (one_thing, alone)" in text
    assert "make bench" in measured.benchmarks(None)


def test_tables_of_what_was_tried_add_up():
    kept = [
        {"name": "one", "what": "JSON", "cases": 1200, "counts": {"read": 400, "refused": 799, "error": 1}},
        {"name": "two", "what": "PNG", "cases": 10, "counts": {"refused": 10}},
    ]
    text = measured.spoiled(kept)
    assert "| one | JSON | 1,200 | 400 | 799 | 1 |" in text
    assert "| **All** | | **1,210** | **400** | **809** | **1** |" in text
    assert "| a full disk | 1,000 |" in measured.unlucky([{"what": "a full disk", "tries": 1000}])
    assert "No report" in measured.spoiled(None) and "No report" in measured.unlucky([])


def test_a_broken_report_is_named(tmp_path):
    assert measured.read_kept(tmp_path / "none.json") is None
    (tmp_path / "half.json").write_text('{"a": ')
    with pytest.raises(CourseError, match=r"half\.json cannot be read"):
        measured.read_kept(tmp_path / "half.json")


def test_budgets_are_shown_for_the_lessons_that_have_them(root):
    text = inserts.budgets({"smoke": {"02": {"cpu_s": 5.4, "peak_mb": 1234.0, "disk_mb": 0.0}}}, load_plan(root))
    assert "| 02 The WordNet hierarchy | smoke | 5 | 1,234 MB | 0 MB |" in text
    assert "No budgets" in inserts.budgets({}, load_plan(root))


def test_bench_keeps_what_it_measured_for_the_page(root, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(root))
    monkeypatch.delitem(sys.modules, "tests", raising=False)
    from tests.bench.__main__ import keep

    page = tmp_path / "benchmarks.json"
    keep("one_thing", [ROW], page)
    keep("another", [ROW], page)
    keep("skipped", [], page)
    keep("one_thing", [{**ROW, "ratio": 9.0}], page)
    kept = json.loads(page.read_text(encoding="utf-8"))
    assert list(kept) == ["another", "one_thing"] and kept["one_thing"]["rows"][0]["ratio"] == 9.0
    assert kept["another"]["versions"]["numpy"] and "tool" in measured.benchmarks(kept)


def test_the_pages_ask_for_the_tables(root):
    for page, name in (
        ("speed", "benchmarks"),
        ("robustness", "spoiled"),
        ("robustness", "unlucky"),
        ("run_times", "budgets"),
    ):
        assert f"<!-- insert: {name} -->" in (root / "course" / "pages" / f"{page}.md").read_text(encoding="utf-8")
