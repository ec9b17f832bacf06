"""Setting up: what an environment remembers, and how one that was left half-made is mended."""

from __future__ import annotations

import importlib.util
import subprocess

import pytest


@pytest.fixture
def bootstrap(root, tmp_path, monkeypatch):
    """The script, with an environment of its own; ``calls`` holds the commands that it would have run."""
    spec = importlib.util.spec_from_file_location("bootstrap", root / "utils" / "bootstrap.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    monkeypatch.setattr(script, "ENVIRONMENT", tmp_path)
    monkeypatch.setattr(script, "STAMP", tmp_path / "stamp")
    monkeypatch.setattr(script, "CHOICE", tmp_path / "choice")
    monkeypatch.setattr(script.shutil, "which", lambda name: None)
    monkeypatch.delenv("TORCH_INDEX", raising=False)
    script.calls, script.pip_is_there = [], True

    def run(command, **_):
        script.calls.append(command[1:])
        return 0 if script.pip_is_there or "import pip" not in command else 1

    monkeypatch.setattr(subprocess, "call", run)
    monkeypatch.setattr(subprocess, "check_call", run)
    script.python().parent.mkdir(parents=True)
    script.python().touch()
    return script


def exchanged(script) -> bool:
    return any("uninstall" in call and "torch" in call for call in script.calls)


def from_the_small_index(script) -> bool:
    return any("--index-url" in call for call in script.calls)


def test_an_environment_keeps_the_pytorch_it_was_made_with(bootstrap, monkeypatch):
    monkeypatch.setenv("TORCH_INDEX", "https://example.org/cpu")
    bootstrap.set_up()
    assert from_the_small_index(bootstrap) and exchanged(bootstrap)
    monkeypatch.delenv("TORCH_INDEX")
    bootstrap.calls.clear()
    bootstrap.set_up()  # the next day, without the variable
    assert bootstrap.calls == []


def test_another_pytorch_replaces_the_one_that_is_there(bootstrap, monkeypatch):
    bootstrap.set_up()
    assert not exchanged(bootstrap) and not from_the_small_index(bootstrap)
    for index, small in (("https://example.org/cpu", True), ("", False)):
        bootstrap.calls.clear()
        monkeypatch.setenv("TORCH_INDEX", index)
        bootstrap.set_up()
        assert exchanged(bootstrap) and from_the_small_index(bootstrap) == small


def test_an_environment_without_pip_is_made_again(bootstrap):
    bootstrap.pip_is_there = False
    bootstrap.set_up()
    assert any(call[:2] == ["-m", "venv"] for call in bootstrap.calls)


def test_a_set_up_that_stops_leaves_no_stamp(bootstrap, monkeypatch):
    bootstrap.set_up()

    def fail(command, **_):
        raise KeyboardInterrupt

    bootstrap.CHOICE.write_text("changed")
    monkeypatch.setattr(subprocess, "check_call", fail)
    with pytest.raises(KeyboardInterrupt):
        bootstrap.set_up()
    assert not bootstrap.STAMP.exists()
