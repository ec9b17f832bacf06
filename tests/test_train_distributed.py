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


# One process imports torch and then forks: each child is told by its environment who it is, as torchrun tells its
# processes, and both of a pair are killed together.
RESUMING = """
import os, signal, socket, sys, time
sys.path.insert(0, sys.argv[1])
from test_train_runs import RECIPE, toy_network, toy_pictures
import torch
import torch._dynamo
from synscenes.train.distributed import world
from synscenes.train.loop import fit
from synscenes.train.recipe import Recipe

def run(folder, tell, wait):
    replace = os.replace
    def slow(a, b):
        if tell is not None and str(b).endswith("last.pt"):
            os.write(tell, b"w")
            time.sleep(wait)
        replace(a, b)
    os.replace = slow
    torch.set_num_threads(1)
    recipe = Recipe(**{**RECIPE, "norm": "frozen"})
    with world("cpu") as (joined, device):
        fitted = fit(toy_network(), toy_pictures(), recipe, validation=toy_pictures(15).plain(), folder=folder,
                     resume=True, world=joined, progress=False)
        if joined.first:
            torch.save({"weights": fitted.module.state_dict(), "rows": fitted.rows}, folder + "/final.pt")

def pair(folder, tell=None, wait=0.0):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    pids = []
    for rank in ("0", "1"):
        pid = os.fork()
        if not pid:
            os.environ.update(RANK=rank, LOCAL_RANK=rank, WORLD_SIZE="2", MASTER_ADDR="127.0.0.1", MASTER_PORT=port)
            status = 1
            try:
                run(folder, tell, wait)
                status = 0
            finally:
                os._exit(status)
        pids.append(pid)
    return pids

killed = 0
for writes, wait in ((2, 0.5), (3, 0.02)):
    hear, tell = os.pipe()
    pids = pair(sys.argv[2] + "/killed", tell, wait)
    os.close(tell)
    for _ in range(writes):
        os.read(hear, 1)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    killed += sum(os.waitpid(pid, 0)[1] == signal.SIGKILL for pid in pids)
    os.close(hear)
for name in ("killed", "whole"):
    for pid in pair(sys.argv[2] + "/" + name):
        assert os.waitpid(pid, 0)[1] == 0, name
print(killed)
"""


@needs_gloo
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system can't fork")
def test_two_processes_killed_with_sigkill_end_as_if_they_had_not_been(tmp_path):
    """With dropout and in the middle of an epoch: each process has random numbers and sums of its own to find again."""
    for name in ("killed", "whole"):
        (tmp_path / name).mkdir()
    command = [sys.executable, "-c", RESUMING, os.path.dirname(os.path.abspath(__file__)), str(tmp_path)]
    finished = subprocess.run(
        command, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=300
    )
    assert finished.returncode == 0, finished.stderr[-2000:]
    assert int(finished.stdout) == 4, "too few processes were still going when they were killed"
    killed, whole = (torch.load(tmp_path / name / "final.pt", weights_only=True) for name in ("killed", "whole"))
    assert killed["rows"] == whole["rows"]
    assert all(torch.equal(killed["weights"][name], value) for name, value in whole["weights"].items())
