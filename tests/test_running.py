"""Lessons are executed with papermill: measured, reported, cut from the network, and honest about failures."""

from __future__ import annotations

import json

import nbformat
import pytest

from synscenes.__main__ import main
from synscenes.authoring.running import inputs_hash
from synscenes.lesson.results import results_of


def command(monkeypatch, folder, *words: str) -> int:
    monkeypatch.chdir(folder)
    return main(["run", *words])


def executed(folder, edition: str = "solution"):
    return nbformat.read(folder / "_build" / "run" / edition / "98_sample.ipynb", as_version=4)


def test_run_executes_records_and_reports(monkeypatch, sample_root, capfd):
    assert command(monkeypatch, sample_root, "98", "--profile", "smoke", "-p", "FACTOR", "5", "--no-network") == 0
    notebook = executed(sample_root)
    assert results_of(notebook) == {"total": 30}
    assert "smoke profile" in "".join(str(cell.get("outputs", "")) for cell in notebook.cells)
    entry = json.loads((sample_root / "_build/run/solution/report.json").read_text())["lessons"]["98"]
    assert entry["error"] is None and entry["seconds"] > 0 and entry["peak_mb"] > 10
    assert entry["cells"] == len(notebook.cells) and entry["profile"] == "smoke"
    printed = capfd.readouterr()
    assert "98  ok" in printed.out and "98_sample" in printed.err


def test_two_notebooks_at_once_share_one_report(monkeypatch, sample_root, sample_path):
    second = sample_path.with_name("97_other.md")
    second.write_text(sample_path.read_text().replace("98-double", "97-double"))
    assert command(monkeypatch, sample_root, "--profile", "smoke", "-j", "2", "--edition", "trial") == 0
    report = json.loads((sample_root / "_build/run/trial/report.json").read_text())
    assert sorted(report["lessons"]) == ["97", "98"]


def test_unknown_parameter_is_an_error(monkeypatch, sample_root, capsys):
    assert command(monkeypatch, sample_root, "98", "-p", "FACTR", "5") == 1
    assert "lesson 98 has no parameter FACTR: it has DATA" in capsys.readouterr().err
    assert not (sample_root / "_build").exists()


def test_failure_names_lesson_cell_and_source_line(monkeypatch, sample_root, sample_path, capfd):
    text = sample_path.read_text().replace("FACTOR * sum(numbers))\nreveal", "FACTOR / 0)\nreveal")
    sample_path.write_text(text)
    assert command(monkeypatch, sample_root, "98", "--profile", "smoke") == 1
    line = text.splitlines().index('record("total", FACTOR / 0)') + 1
    # Jupyter's own loggers may speak in between when the machine is busy.
    error = capfd.readouterr().err.strip().splitlines()[-1]
    assert f"lesson 98, cell 98-doubling-5 (course/lessons/98_sample.md:{line})" in error
    assert error.endswith("ZeroDivisionError: division by zero")
    report = json.loads((sample_root / "_build/run/solution/report.json").read_text())
    assert "ZeroDivisionError" in report["lessons"]["98"]["error"]


def test_a_dying_kernel_is_told_in_one_line(monkeypatch, sample_root, sample_path, capfd):
    sample_path.write_text(sample_path.read_text().replace('record("total"', 'import os; os._exit(3)\nrecord("total"'))
    assert command(monkeypatch, sample_root, "98", "--profile", "smoke") == 1
    error = capfd.readouterr().err
    assert "lesson 98" in error and "died" in error.lower() and "Traceback" not in error


@pytest.mark.parametrize(
    "attempt",
    [
        'import socket; socket.create_connection(("192.0.2.1", 80), timeout=1)',
        'import urllib.request; urllib.request.urlopen("http://example.org")',
        'import subprocess, sys; subprocess.run([sys.executable, "-c", '
        "\"import socket; socket.gethostbyname('example.org')\"], check=True)",
    ],
    ids=["address", "name", "child process"],
)
def test_the_network_is_cut_inside_the_kernel(monkeypatch, sample_root, sample_path, attempt, capfd):
    sample_path.write_text(sample_path.read_text().replace('record("total"', f'{attempt}\nrecord("total"'))
    assert command(monkeypatch, sample_root, "98", "--profile", "smoke", "--no-network") == 1
    outputs = str([cell.get("outputs") for cell in executed(sample_root).cells])
    assert "the network is cut here" in outputs + capfd.readouterr().err


def test_inputs_hash_follows_the_lesson(sample_root, sample_path):
    before = inputs_hash(sample_root, sample_path)
    assert inputs_hash(sample_root, sample_path) == before
    sample_path.write_text(sample_path.read_text() + "\nMore.\n")
    assert inputs_hash(sample_root, sample_path) != before
