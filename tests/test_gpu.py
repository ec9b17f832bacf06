"""The training loop on a CUDA device: precisions, resuming, memory that really runs out, several processes.

Skipped where torch sees no GPU; the lessons' own figures there are measured by ``run --profile gpu``.
"""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from synscenes.errors import CourseError
from synscenes.train.data import Pictures
from synscenes.train.loop import fit
from synscenes.train.recipe import Recipe
from test_train_runs import RECIPE, Stop, same, toy_pictures

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
GPU = "cuda"


@pytest.fixture(autouse=True)
def equal_sums_and_all_the_memory(monkeypatch):
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS repeats its sums in one order only with this
    yield
    torch.cuda.set_per_process_memory_fraction(1.0)


def steady_network(seed=0, dropout=0.2):
    """Layers whose sums a GPU can do in one order; adaptive pooling is none."""
    torch.manual_seed(seed)
    filters = nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.AvgPool2d(5))
    return nn.Sequential(filters, nn.Flatten(), nn.Dropout(dropout), nn.Linear(32, 3))


def train(folder=None, module=None, data=None, resume=False, device=GPU, **changes):
    recipe = Recipe(**{**RECIPE, "patience": 0, "deterministic": True, **changes})
    return fit(
        module or steady_network(),
        data or toy_pictures(),
        recipe,
        folder=folder,
        resume=resume,
        device=torch.device(device),
        progress=False,
    )


def test_a_gpu_computes_what_a_cpu_does():
    """In plain fp32, over twelve updates: the sums are done in another order, so not bit by bit."""
    settings = {"epochs": 2, "mixup": 0.0, "precision": "fp32", "optimiser": "sgd"}
    there, here = (train(module=steady_network(dropout=0), device=device, **settings) for device in (GPU, "cpu"))
    assert next(there.module.parameters()).is_cuda
    for one, other in zip(there.module.parameters(), here.module.parameters()):
        torch.testing.assert_close(one.cpu(), other, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("precision", ["auto", "fp32", "fp16", "bf16"])
def test_every_precision_learns(precision):
    fitted = train(epochs=8, mixup=0.0, precision=precision)
    assert fitted.rows[-1]["accuracy"] > 0.75
    assert fitted.run.scaler.is_enabled() == (fitted.run.precision == "fp16")


def test_shared_norms_and_a_compiled_network_learn():
    assert train(epochs=8, mixup=0.0, norm="sync").rows[-1]["accuracy"] > 0.75
    assert train(epochs=8, mixup=0.0, compile=True, deterministic=False).rows[-1]["accuracy"] > 0.75


class Failing(Pictures):
    """Stops the run after 20 batches."""

    seen = 0

    def __getitem__(self, key):
        Failing.seen += 1
        if Failing.seen > 20 * RECIPE["batch_size"]:
            raise Stop
        return super().__getitem__(key)


@pytest.mark.parametrize("precision", ["fp32", "fp16", "bf16"])
def test_a_stopped_run_resumes_to_the_same_weights_and_losses(tmp_path, precision):
    whole, data, Failing.seen = train(precision=precision), toy_pictures(), 0
    with pytest.raises(Stop):
        failing = Failing(data.pixels, data.labels, data.classes, shift=2, mirror=True)
        train(tmp_path, data=failing, precision=precision)
    resumed = train(tmp_path, module=steady_network(seed=3), resume=True, precision=precision)
    assert resumed.rows == whole.rows and same(resumed.module, whole.module)


def test_a_run_begun_on_a_gpu_ends_on_a_cpu(tmp_path):
    data, Failing.seen = toy_pictures(), 0
    with pytest.raises(Stop):
        train(tmp_path, data=Failing(data.pixels, data.labels, data.classes, shift=2, mirror=True), precision="fp32")
    resumed = train(tmp_path, module=steady_network(seed=3), resume=True, device="cpu", precision="fp32")
    assert len(resumed.rows) == RECIPE["epochs"] and not next(resumed.module.parameters()).is_cuda


def test_memory_that_really_runs_out_changes_nothing_but_the_parts(capsys):
    def wide():
        torch.manual_seed(0)
        return nn.Sequential(nn.Conv2d(3, 512, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 3))

    rng = np.random.default_rng(0)
    data = Pictures(rng.integers(0, 256, (64, 64, 64, 3), dtype=np.uint8), np.arange(64) % 3, "abc")
    # All 64 at once take 500 MB for each layer's result and as much for its gradient.
    total = torch.cuda.get_device_properties(0).total_memory
    enough = train(module=wide(), data=data, epochs=2, batch_size=64, norm="frozen", precision="fp32", mixup=0.0)
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_reserved() + 600e6) / total)
    cut = train(module=wide(), data=data, epochs=2, batch_size=64, norm="frozen", precision="fp32", mixup=0.0)
    assert cut.run.parts > 1 and "The batch stays 64" in capsys.readouterr().err
    for one, other in zip(cut.module.parameters(), enough.module.parameters()):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)


def test_a_nan_is_placed_though_a_gpu_is_seldom_asked():
    def prepare(images):
        return torch.full((len(images), 3, 12, 12), float("nan"), device=GPU)

    recipe = Recipe(epochs=4, batch_size=8)
    with pytest.raises(CourseError, match=r"became nan in epoch 1, step 1, .* First not finite: the input, image 0"):
        fit(steady_network(), toy_pictures(), recipe, device=torch.device(GPU), prepare=prepare, progress=False)


def test_the_hierarchical_loss_is_the_same_there():
    from synscenes.hierarchy.losses import hierarchical_cross_entropy

    trails = np.array([[0, 1, 3], [0, 1, 4], [0, 2, 5]])
    logits, labels = torch.randn(4, 3, generator=torch.Generator().manual_seed(0)), torch.tensor([0, 1, 2, 0])
    here = hierarchical_cross_entropy(logits, labels, trails, 0.5)
    there = hierarchical_cross_entropy(logits.to(GPU), labels.to(GPU), trails, 0.5)
    torch.testing.assert_close(there.cpu(), here)


def test_a_process_without_a_gpu_of_its_own_is_told(tmp_path):
    """As torchrun starts the last of one process more than there are GPUs."""
    last = str(torch.cuda.device_count())
    place = {"RANK": last, "LOCAL_RANK": last, "WORLD_SIZE": str(int(last) + 1), "MASTER_ADDR": "127.0.0.1"}
    command = [sys.executable, "-c", "from synscenes.train.distributed import world\nwith world('cuda'): pass"]
    told = subprocess.run(command, env=os.environ | place, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert told.returncode and f"can't be used by process {last}" in told.stderr
