"""The doctor: it reports, it never crashes, and it gives nothing away."""

from __future__ import annotations

import argparse
import errno
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import namedtuple

import pytest

from synscenes import doctor, probes
from synscenes.probes import Check, hardware, software
from synscenes.probes.common import tidy


def _run(capsys, **options) -> tuple[int, str]:
    code = doctor.run(argparse.Namespace(**{"json": False, **options}))
    return code, capsys.readouterr().out


@pytest.fixture
def only(monkeypatch):
    """Replace the probes by the given ones."""

    def replace(**wanted):
        monkeypatch.setattr(doctor, "PROBES", wanted)

    return replace


def test_command_runs_on_this_machine():
    done = subprocess.run(
        [sys.executable, "-m", "synscenes", "doctor", "--json"], capture_output=True, text=True
    )
    result = json.loads(done.stdout)
    assert done.returncode == (0 if result["ready"] else 1), done.stderr
    names = [check["name"] for check in result["checks"]]
    assert {"Python", "Packages", "PyTorch", "Memory", "Cache folder"} <= set(names)
    assert next(check for check in result["checks"] if check["name"] == "PyTorch")["status"] == "ok"


@pytest.mark.parametrize(
    ("statuses", "code", "summary"),
    [
        (["ok"], 0, "Ready: everything is in place."),
        (["ok", "advice"], 0, "Ready, with 1 piece of advice."),
        (["advice", "problem", "problem"], 1, "Not ready yet: 2 problems to solve first."),
    ],
)
def test_exit_code_and_summary(only, capsys, statuses, code, summary):
    only(**{f"p{i}": lambda s=s: Check("Thing", s, "found") for i, s in enumerate(statuses)})
    got, text = _run(capsys)
    assert got == code and text.strip().endswith(summary)


@pytest.mark.parametrize("probe", list(probes.PROBES))
def test_a_probe_that_crashes_becomes_a_line(only, capsys, probe):
    def crash():
        raise RuntimeError("broken\nin two lines")

    only(**{**{probe: crash}, "After": lambda: Check("After", "ok", "still here")})
    code, text = _run(capsys)
    assert code == 0 and "could not be examined: broken in two lines" in text and "still here" in text


def test_a_probe_that_crashes_halfway_keeps_its_first_finding(only):
    def half():
        yield Check("First", "ok", "found")
        raise OSError("gone")

    only(Half=half)
    assert [check.name for check in doctor.report()] == ["First", "Half"]


def test_a_missing_package_is_a_problem(only, capsys):
    def gone():
        raise ModuleNotFoundError("No module named 'torch'")

    only(PyTorch=gone)
    code, text = _run(capsys)
    assert code == 1 and "make lab" in text


def test_missing_and_old_packages_are_named(monkeypatch):
    wanted = ["numpy>=1.26", "frobnicate>=2", 'ruff>=99; extra == "test"', "torch>=999"]
    monkeypatch.setattr(software.importlib.metadata, "requires", lambda name: wanted)
    found = software.packages()
    assert found.status == "problem" and "frobnicate" in found.found and "torch" in found.found
    assert "numpy" not in found.found and "ruff" not in found.found


def test_torch_and_torchvision_that_do_not_fit(monkeypatch):
    import torchvision

    def broken(*_):
        raise RuntimeError("operator torchvision::nms does not exist")

    monkeypatch.setattr(torchvision.ops, "nms", broken)
    found = software.torch_pair()
    assert found.status == "problem" and "nms does not exist" in found.todo


def test_gpu_that_cannot_compute_is_a_problem(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda index: "Some GPU")
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda index: (int(7e9), int(8e9)))

    def no_kernel(*args, **kwargs):
        raise RuntimeError("no kernel image is available\nlong story")

    monkeypatch.setattr(torch, "ones", no_kernel)
    (found,) = hardware.devices()
    assert found.status == "problem" and found.found == "Some GPU, 7.0 of 8.0 GB free"
    assert "no kernel image" in found.todo and "long story" not in found.todo


def test_driver_without_a_usable_gpu_is_advice(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/nvidia-smi")
    (found,) = hardware.devices()
    assert found.status == "advice"


def test_little_memory(monkeypatch):
    import psutil

    memory = namedtuple("memory", "total available")
    monkeypatch.setattr(hardware, "_cgroup_limit", lambda: None)
    for free, status in ((0.5e9, "problem"), (2e9, "advice"), (8e9, "ok")):
        monkeypatch.setattr(psutil, "virtual_memory", lambda free=free: memory(16e9, free))
        assert hardware.memory().status == status


def test_containers_limit_counts(monkeypatch):
    import psutil

    memory = namedtuple("memory", "total available")
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory(64e9, 60e9))
    monkeypatch.setattr(hardware, "_cgroup_limit", lambda: 2e9)
    assert hardware.memory() == Check("Memory", "advice", "2.0 of 2.0 GB free", hardware.memory().todo)


def test_full_disk(monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(1e9, 9e8, 1e8))
    assert {check.status for check in hardware.disks()} == {"problem"}


def test_threads_held_back(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1, 2, 3}, raising=False)
    assert hardware.processor().status == "advice"
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert hardware.processor() == Check("Processor", "ok", "4 threads")


def test_cache_that_does_not_exist_yet(monkeypatch, tmp_path):
    monkeypatch.setenv("SYNSCENES_HOME", str(tmp_path / "new" / "cache"))
    assert software.cache().status == "ok"
    assert not list(tmp_path.iterdir()), "the doctor changed the disk"


def test_cache_that_cannot_be_written(monkeypatch, tmp_path):
    monkeypatch.setenv("SYNSCENES_HOME", str(tmp_path))

    def refuse(**_):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    found = software.cache()
    assert found.status == "problem" and "Read-only" in found.found and "SYNSCENES_HOME" in found.todo
    monkeypatch.setattr(software, "_needed_assets", list)
    assert software.cache().status == "advice"


def test_assets_missing_and_damaged(monkeypatch, tmp_path):
    from synscenes import assets

    monkeypatch.setenv("SYNSCENES_HOME", str(tmp_path))
    (found,) = software.assets()
    assert found.status == "advice" and "MB to download" in found.found and "assets fetch" in found.todo
    next(row.folder for row in assets.status() if row.asset.name == "wordnet").mkdir(parents=True)
    damaged = next(check for check in software.assets() if check.status == "problem")
    assert damaged.found == "damaged: wordnet" and damaged.todo.endswith("assets fetch wordnet`")


def test_report_names_no_home_folder_and_no_secret(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SYNSCENES_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_TOKEN", "hf_secret123")
    _, text = _run(capsys)
    assert "hf_secret123" not in text and str(tmp_path) not in text and "~" in text


def test_long_paths_are_cut(tmp_path):
    assert tidy(tmp_path / "a" / "b" / "c") == os.path.join("…", "c")
    assert str(tmp_path) not in tidy(tmp_path / "a" / "b" / "c")


def test_console_without_the_signs_gets_plain_ones(only, monkeypatch):
    only(Thing=lambda: Check("Thing", "problem", "gone…", "mend it"))
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="cp1252", newline=""))
    assert doctor.run(argparse.Namespace(json=False)) == 1
    sys.stdout.flush()
    text = raw.getvalue().decode("cp1252")
    assert text.startswith("x Thing") and "-> mend it" in text


def test_notebook_table_escapes_what_it_shows(only):
    only(Thing=lambda: Check("Thing", "advice", "<b>bold</b> & more", "run `make lab`"))
    page = doctor.report()._repr_html_()
    assert "&lt;b&gt;bold" in page and "<code>make lab</code>" in page and "<b>" not in page
