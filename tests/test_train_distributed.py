"""Two processes joined by torchrun compute what one computes on the same global batch."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch
import torch.distributed as dist

PROGRAM = """
import json, sys
import torch
from torch import nn
sys.path.insert(0, TESTS)
from test_train_runs import toy_network, toy_pictures
from synscenes.train.distributed import world
from synscenes.train.loop import fit
from synscenes.train.recipe import Recipe

torch.set_num_threads(1)
with world("cpu") as (joined, device):
    recipe = Recipe(epochs=3, batch_size=12, rate=0.05, optimiser="sgd", norm="frozen", label_smoothing=0.1,
                    balance="loss", parts=int(sys.argv[2]), ema=0.9)
    fitted = fit(toy_network(dropout=0), toy_pictures(50), recipe, validation=toy_pictures(17).plain(),
                 folder=sys.argv[1], world=joined, device=device, progress=False, resume=True)
    if joined.first:
        kept = {"weights": fitted.module.state_dict(), "rows": fitted.rows, "size": joined.size}
        torch.save(kept, sys.argv[1] + "/final.pt")
"""

needs_gloo = pytest.mark.skipif(
    not dist.is_available() or not dist.is_gloo_available(), reason="this torch was built without gloo"
)


def launch(tmp_path, processes, name, parts=1, program=PROGRAM):
    script = tmp_path / "program.py"
    script.write_text(program.replace("TESTS", repr(os.path.dirname(__file__))), encoding="utf-8")
    folder = tmp_path / name
    folder.mkdir(exist_ok=True)
    command = [sys.executable]
    if processes > 1:
        command += ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    finished = subprocess.run(
        [*command, str(script), str(folder), str(parts)], env=environment, capture_output=True, text=True
    )
    assert finished.returncode == 0, finished.stderr[-2000:]
    return torch.load(folder / "final.pt", weights_only=True)


@needs_gloo
@pytest.mark.parametrize("parts", [1, 2])
def test_two_processes_equal_one(tmp_path, parts):
    """BatchNorm is frozen: two processes would each see half of the batch's statistics."""
    one, two = launch(tmp_path, 1, "one"), launch(tmp_path, 2, "two", parts)
    assert (one["size"], two["size"]) == (1, 2)
    for name, value in one["weights"].items():
        torch.testing.assert_close(two["weights"][name], value, rtol=1e-5, atol=1e-5)
    for mine, other in zip(one["rows"], two["rows"], strict=True):
        assert mine == pytest.approx(other, abs=1e-5)


def command_line(*arguments, processes=1, cwd):
    command = [sys.executable, "-m"]
    if processes > 1:
        command += ["torch.distributed.run", "--standalone", "--nproc-per-node", str(processes), "-m"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "SYNSCENES_OFFLINE": "1"}
    return subprocess.run(
        [*command, "synscenes.train", *arguments], env=environment, capture_output=True, text=True, cwd=cwd
    )


@needs_gloo
def test_torchrun_on_the_command_line_resumes_too(tmp_path):
    options = ["--data", "branch_photos", "--side", "32", "--batch-size", "48", "--norm", "frozen", "--device", "cpu"]
    options += ["--quiet", "--scratch", "--out", "run"]
    first = command_line(*options, "--epochs", "1", processes=2, cwd=tmp_path)
    assert first.returncode == 0, first.stderr[-2000:]
    assert "mobilenet_v2 on 2 x cpu" in first.stdout and first.stdout.count("was best") == 1
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["best.pt", "last.pt", "log.csv"]
    again = command_line(*options, "--epochs", "1", "--resume", processes=2, cwd=tmp_path)
    assert again.returncode == 0 and again.stdout.splitlines()[-1] == first.stdout.splitlines()[-1]


def test_help_shows_how_to_use_several_gpus(tmp_path):
    assert "torchrun --nproc-per-node 4 -m synscenes.train" in command_line("--help", cwd=tmp_path).stdout
