"""Progress survives damage, old versions, read-only homes and two notebooks at once."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synscenes import progress
from synscenes.__main__ import main


@pytest.fixture(autouse=True)
def own_home(monkeypatch, tmp_path):
    monkeypatch.setenv("SYNSCENES_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SYNSCENES_PROGRESS", raising=False)


def set_aside() -> list:
    return list(progress.progress_path().parent.glob("progress.*.set-aside.json"))


def test_tries_are_counted_until_the_pass():
    for verdict in ("not tried", "mistake", "mistake", "passed", "mistake", "passed"):
        progress.note_check("97-x", verdict)
    entry = progress.load_progress()["checks"]["97-x"]
    assert (entry["tries"], entry["passed"]) == (3, True)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"null",
        b"[]",
        b'{"version": 0, "checks": {}, "guesses": {}}',
        b'{"version": 1, "checks": [], "guesses": {}}',
        b'{"version": 1, "checks": {"a": 3}, "guesses": {}}',
        b'{"version": 1, "checks": {"a": {"tries": "many", "passed": true}}, "guesses": {}}',
        b"[" * 100_000,
    ],
)
def test_damaged_or_older_files_are_set_aside(content):
    path = progress.progress_path()
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    progress.note_check("97-x", "passed")
    assert progress.load_progress()["checks"]["97-x"]["passed"] is True
    assert [kept.read_bytes() for kept in set_aside()] == [content]


@settings(max_examples=50, deadline=None)
@given(st.recursive(st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_any_json_is_read_or_set_aside(tmp_path_factory, content):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNSCENES_HOME", str(tmp_path_factory.mktemp("home")))
        path = progress.progress_path()
        path.write_text(json.dumps(content))
        progress.note_check("97-x", "mistake")
        assert progress.load_progress()["checks"]["97-x"]["tries"] == 1


def test_unwritable_home_costs_a_line_not_the_lesson(monkeypatch, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SYNSCENES_HOME", str(tmp_path / "file" / "home"))
    progress.note_check("97-x", "passed")
    assert "Progress was not saved" in capsys.readouterr().err


def test_two_processes_lose_nothing():
    loop = "for i in range(20): note_check(f'{sys.argv[1]}-{i}', 'passed')"
    code = f"import sys\nfrom synscenes.progress import note_check\n{loop}"
    workers = [subprocess.Popen([sys.executable, "-c", code, name]) for name in ("96", "97", "98")]
    assert [worker.wait() for worker in workers] == [0, 0, 0]
    assert len(progress.load_progress()["checks"]) == 60


def test_switched_off(monkeypatch):
    monkeypatch.setenv("SYNSCENES_PROGRESS", "off")
    progress.note_check("97-x", "passed")
    assert not progress.progress_path().exists()


def test_command_shows_passed_tried_and_open(capsys):
    progress.note_check("00-made-up", "mistake")
    assert main(["progress"]) == 0
    printed = capsys.readouterr().out
    assert "✗ (1 try) 00-made-up" in printed
    assert "Lesson 00: 0 of" in printed


def test_reset_keeps_the_old_file(capsys):
    progress.note_check("00-made-up", "passed")
    assert main(["progress", "--reset"]) == 0
    assert progress.load_progress()["checks"] == {}
    assert len(set_aside()) == 1
