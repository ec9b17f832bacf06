"""Colab: each notebook's link and setup cell, and a package that holds all it needs once pip has installed it."""

from __future__ import annotations

import fnmatch
import importlib.metadata
import importlib.util
import subprocess
import sys
import tomllib

import pytest

from synscenes.authoring.editions import make_edition, setup_code
from synscenes.authoring.settings import Settings
from synscenes.authoring.source import lesson_paths, read_lesson

PUBLIC = Settings("someone/course", "main")
PRIVATE = Settings("OWNER_NOT_SET/course", "main")


@pytest.fixture
def colab(monkeypatch, tmp_path):
    """A machine without the course, and a pip that is only written down; ``codes`` are its exit statuses."""
    find = importlib.util.find_spec
    calls, codes = [], [0, 0]
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "synscenes" else find(name))
    monkeypatch.setattr(subprocess, "call", lambda command: calls.append(command) or codes[len(calls) - 1])
    monkeypatch.chdir(tmp_path)
    return calls, codes


def run(settings: Settings) -> dict:
    values = {"DATA": "micro", "DEVICE": "cpu", "PROFILE": "smoke", "SEED": 0}
    exec(setup_code(settings), values)
    return values


def test_every_lesson_has_the_link_and_the_one_setup_cell_once_an_owner_is_set(root):
    cells = set()
    for path in lesson_paths(root):
        public = make_edition(read_lesson(path), "learner", PUBLIC)
        address = f"https://colab.research.google.com/github/someone/course/blob/main/notebooks/{path.stem}.ipynb"
        assert f"[Open this lesson in Google Colab]({address})" in public.cells[1]["source"], "on the card"
        code = [cell for cell in public.cells if cell.cell_type == "code"]
        assert code[1]["id"].endswith("-setup"), "the setup cell comes right after the parameters"
        cells.add(code[1]["source"])
    assert cells == {setup_code(PUBLIC)}


def test_where_the_course_is_installed_nothing_is(monkeypatch):
    monkeypatch.setattr(subprocess, "call", lambda command: pytest.fail("pip was called"))
    assert run(PUBLIC)["lesson"].profile == "smoke"


def test_on_colab_the_package_is_installed_beside_the_torch_that_is_there(colab, tmp_path):
    calls, _ = colab
    assert run(PUBLIC)["lesson"].data == "micro"
    (command,) = calls
    assert command[:4] == [sys.executable, "-m", "pip", "install"]
    assert "synscenes @ git+https://github.com/someone/course@main" in command
    assert command[-2:] == ["--constraint", "installed.txt"]
    pinned = (tmp_path / "installed.txt").read_text().split()
    assert f"torch=={importlib.metadata.version('torch')}" in pinned and len(pinned) == 3


def test_a_torch_that_is_too_old_is_replaced_after_all(colab):
    calls, codes = colab
    codes[0] = 1
    run(PUBLIC)
    assert len(calls) == 2 and "--constraint" not in calls[1]


def test_a_failed_install_is_one_line(colab):
    _, codes = colab
    codes[:] = [1, 1]
    with pytest.raises(SystemExit, match="could not be installed"):
        run(PUBLIC)


def test_without_an_owner_the_cell_says_how_to_install(colab):
    with pytest.raises(SystemExit, match="make lab"):
        run(PRIVATE)


def test_pip_installs_every_file_of_the_package(root):
    """An editable installation hides a missing pattern; Colab's would not."""
    patterns = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["synscenes"]
    package = root / "utils" / "synscenes"
    listed = subprocess.run(["git", "ls-files", "-z", "."], cwd=package, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    names = [name for name in listed.stdout.decode().split("\0") if name]
    left_out = [n for n in names if not n.endswith(".py") and not any(fnmatch.fnmatch(n, p) for p in patterns)]
    assert left_out == []
    folders = {name.rpartition("/")[0] for name in names if name.endswith(".py")}
    bare = [f for f in folders if not (package / f / "__init__.py").is_file() and f != "offline"]
    assert bare == [], "a folder without __init__.py is not installed"
