"""Two processes joined by torchrun compute what one computes on the same global batch."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch
import torch.distributed as dist

from synscenes.train.__main__ import main
from synscenes.train.distributed import World, world
from synscenes.train.loop import fit
from synscenes.train.recipe import Recipe
from test_train_runs import toy_network, toy_pictures

PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
import test_train_distributed
test_train_distributed.both_in_a_world(sys.argv[2])
"""

needs_gloo = pytest.mark.skipif(
    not dist.is_available() or not dist.is_gloo_available(), reason="this torch was built without gloo"
)


def trained(parts, joined, device="cpu"):
    """BatchNorm is frozen: two processes would each see half of the batch's statistics."""
    recipe = Recipe(
        epochs=3, batch_size=12, rate=0.05, optimiser="sgd", norm="frozen", label_smoothing=0.1, balance="loss",
        parts=parts, ema=0.9,
    )  # fmt: skip
    validation = toy_pictures(17).plain()
    fitted = fit(
        toy_network(dropout=0),
        toy_pictures(50),
        recipe,
        validation=validation,
        world=joined,
        device=device,
        progress=False,
    )
    return {"weights": fitted.module.state_dict(), "rows": fitted.rows, "size": joined.size}


def both_in_a_world(path):
    """What each process of torchrun runs: batches whole, and in two parts."""
    with world("cpu") as (joined, device):
        results = [trained(parts, joined, device) for parts in (1, 2)]
        if joined.first:
            torch.save(results, path)


@needs_gloo
def test_two_processes_equal_one(tmp_path):
    """Whole batches and batches in parts, in one start of torchrun, as every process takes seconds to import torch."""
    script = tmp_path / "program.py"
    script.write_text(PROGRAM, encoding="utf-8")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", str(script)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command += [os.path.dirname(os.path.abspath(__file__)), str(tmp_path / "final.pt")]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr[-2000:]
    one = trained(1, World())
    for two in torch.load(tmp_path / "final.pt", weights_only=True):
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
def test_a_run_of_torchrun_is_resumed_by_one_process(tmp_path, monkeypatch, capsys):
    options = ["--data", "branch_photos", "--side", "32", "--batch-size", "48", "--norm", "frozen", "--device", "cpu"]
    options += ["--quiet", "--scratch", "--out", "run"]
    first = command_line(*options, "--epochs", "1", processes=2, cwd=tmp_path)
    assert first.returncode == 0, first.stderr[-2000:]
    assert "mobilenet_v2 on 2 x cpu" in first.stdout and first.stdout.count("was best") == 1
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["best.pt", "last.pt", "log.csv"]
    monkeypatch.chdir(tmp_path)
    assert main([*options, "--epochs", "1", "--resume"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == first.stdout.splitlines()[-1]


def test_help_shows_how_to_use_several_gpus(tmp_path):
    assert "torchrun --nproc-per-node 4 -m synscenes.train" in command_line("--help", cwd=tmp_path).stdout
