"""A classroom's cache: many users read it, none may write to it, and each keeps what is their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from synscenes import made_once, paths, progress
from synscenes.grading import walls

pwd = pytest.importorskip("pwd", reason="system users as Unix knows them")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def shared(tmp_path, monkeypatch) -> Path:
    """A cache that this user finds read-only, whoever runs the tests."""
    folder = tmp_path / "shared"
    folder.mkdir()
    (folder / "drawn-1").mkdir()
    refused = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != folder and refused(path, mode))
    monkeypatch.setenv("SYNSCENES_HOME", str(folder))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "own"))
    monkeypatch.delenv("SYNSCENES_PROGRESS", raising=False)
    return folder


def test_progress_is_kept_in_the_users_own_folder(shared):
    progress.note_check("97-x", "passed")
    assert progress.load_progress()["checks"]["97-x"]["passed"]
    assert shared not in progress.progress_path().parents
    assert [path.name for path in shared.iterdir()] == ["drawn-1"]


def test_what_is_made_once_is_read_from_the_shared_folder_or_made_in_the_own_one(shared):
    assert made_once.made_once("drawn-1", lambda folder: pytest.fail("it is there")) == shared / "drawn-1"
    made = made_once.made_once("drawn-2", lambda folder: (folder / "x").write_text("x"))
    assert made == paths.own() / "drawn-2" and (made / "x").is_file()
    assert made_once.made_once("drawn-2", lambda folder: pytest.fail("made twice")) == made


def test_a_writable_cache_is_the_users_own(tmp_path, monkeypatch):
    for folder in (tmp_path, tmp_path / "not there yet"):
        monkeypatch.setenv("SYNSCENES_HOME", str(folder))
        assert paths.own() == folder


_LESSON = """
import json, os, sys
for statement in json.load(open(sys.argv[1])):
    exec(statement, globals())
from synscenes.progress import note_check, load_progress, progress_path
note_check("97-shared", "passed")
assert load_progress()["checks"]["97-shared"]["passed"]
print(json.dumps({"uid": os.getuid(), "progress": str(progress_path()), "photos": len(photos),
                  "mammal": wn.name("n01861778"), "images": len(micro.images)}))
"""


def _learner() -> list[str]:
    """The beginning of a command that an ordinary user runs: nobody where root runs the tests, else this user."""
    command = list(walls.become_nobody()) if walls.is_root() else []
    try:
        tried = [*command, sys.executable, "-c", "import numpy, synscenes"]
        works = subprocess.run(tried, capture_output=True, cwd="/", check=False).returncode == 0
    except OSError:
        works = False
    if not works:
        pytest.skip("no ordinary user can run this interpreter")
    return command


def test_two_users_run_lesson_01_at_once_from_one_read_only_cache(tmp_path):
    """Lesson 01's preludes and micro-COCO, from links into a folder without write permission, by two processes."""
    from synscenes import assets, coco
    from synscenes.authoring.source import read_lesson
    from synscenes.grading.program import gather, program

    learner = _learner()
    shared = tmp_path / "shared"
    _copy([assets.path(name) for name in ("wordnet", "photos_foolbox", "photos_rvb")], shared)
    _copy([coco.folder("micro").root / "annotations"], shared)
    _close(shared)
    lesson = program(read_lesson(next((ROOT / "course/lessons").glob("01_*.md"))))
    statements = gather(["photos", "wn", "lists"], list(lesson.statements))
    statements += ["from synscenes import coco", "micro = coco.load(coco.folder('micro').instances('val'))"]
    (tmp_path / "lesson.json").write_text(json.dumps(statements))
    for folder in (tmp_path, *tmp_path.parents):
        if learner and folder.owner() == pwd.getpwuid(os.getuid()).pw_name:
            folder.chmod(folder.stat().st_mode | 0o011)
    both = []
    for number in (1, 2):
        home = tmp_path / f"learner{number}"
        home.mkdir()
        if learner:
            os.chown(home, walls.NOBODY, walls.NOBODY)
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(home), "SYNSCENES_HOME": str(shared), "SYNSCENES_OFFLINE": "1",
            "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(ROOT / "utils"),
        }  # fmt: skip
        command = [*learner, sys.executable, "-c", _LESSON, str(tmp_path / "lesson.json")]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        both.append(subprocess.Popen(command, cwd=home, env=environment, **streams))
    said = [process.communicate(timeout=300) for process in both]
    try:
        assert [process.returncode for process in both] == [0, 0], said
        told = [json.loads(out.splitlines()[-1]) for out, _ in said]
        assert told[0]["photos"] == told[1]["photos"] >= 20 and told[0]["mammal"] == "mammal"
        assert {Path(each["progress"]).parts[len(tmp_path.parts)] for each in told} == {"learner1", "learner2"}
        assert not list(shared.rglob("*.lock")) and not (shared / "progress.json").exists()
        assert {each["uid"] for each in told} == {walls.NOBODY if learner else os.getuid()}
    finally:
        for folder in (shared, *(path for path in shared.rglob("*") if path.is_dir())):
            folder.chmod(0o755)


def _copy(folders: list[Path], shared: Path) -> None:
    """Copy parts of the cache to the places where they lie in it."""
    for folder in folders:
        shutil.copytree(folder, shared / folder.relative_to(paths.home()))


def _close(folder: Path) -> None:
    """Take everybody's permission to write."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.chmod(0o555 if path.is_dir() else 0o444)
    folder.chmod(0o555)
