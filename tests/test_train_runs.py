"""Whole runs on the CPU: what is equal to what, what is resumed, and what is said when a run can't go on."""

from __future__ import annotations

import csv
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from synscenes.errors import CourseError
from synscenes.train import checkpoint
from synscenes.train.data import Pictures
from synscenes.train.loop import fit, speed_settings
from synscenes.train.recipe import Recipe
from synscenes.train.step import is_out_of_memory

TOY = """
import sys
import numpy as np, torch
from torch import nn
from synscenes.train.data import Pictures
from synscenes.train.loop import fit
from synscenes.train.recipe import Recipe

def toy_network(seed=0, dropout=0.2):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(2),
                         nn.Flatten(), nn.Dropout(dropout), nn.Linear(32, 3))

def toy_pictures(count=48):
    rng = np.random.default_rng(5)
    labels = np.arange(count) % 3
    pixels = rng.integers(0, 120, (count, 12, 12, 3), dtype=np.uint8)
    pixels[np.arange(count), :, :, labels] += 60
    return Pictures(pixels, labels, ["red", "green", "blue"], shift=2, mirror=True)

RECIPE = dict(epochs=6, batch_size=8, rate=0.01, ema=0.9, label_smoothing=0.1, mixup=0.2, clip=5.0, save_every=2,
              patience=5)
"""
space: dict = {}
exec(TOY, space)
toy_network, toy_pictures, RECIPE = space["toy_network"], space["toy_pictures"], space["RECIPE"]


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def train(folder=None, module=None, data=None, **changes):
    recipe = Recipe(**{**RECIPE, "patience": 0, **changes})
    return fit(module or toy_network(), data or toy_pictures(), recipe, folder=folder, progress=False)


def same(a, b):
    return all(torch.equal(one, other) for one, other in zip(a.state_dict().values(), b.state_dict().values()))


def test_it_learns():
    assert train(epochs=8, mixup=0.0).rows[-1]["accuracy"] > 0.8


def test_two_runs_of_one_seed_are_equal_bit_by_bit():
    assert same(train(epochs=2).module, train(epochs=2).module)


def test_a_run_leaves_torchs_settings_as_they_were():
    """TF32 is good for training and bad for whatever is compared afterwards."""

    def settings():
        cuda, cudnn = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn
        return cuda, cudnn.allow_tf32, cudnn.benchmark, torch.are_deterministic_algorithms_enabled()

    before = settings()
    with speed_settings(Recipe(deterministic=True), torch.device("cuda")):
        inside = settings()
    train(epochs=1, deterministic=True)
    assert settings() == before != inside


def test_another_seed_is_another_run():
    assert not same(train(epochs=1).module, train(epochs=1, seed=1).module)


def test_a_plain_loop_gives_the_same_weights():
    """What fit does without extras is what everybody writes by hand."""
    module, data = toy_network(dropout=0), toy_pictures()
    data.augmented = False
    fitted = fit(
        module,
        data,
        Recipe(epochs=2, batch_size=8, rate=0.01, weight_decay=0, warmup=0, channels_last=False),
        progress=False,
    )

    plain = toy_network(dropout=0)
    optimiser = torch.optim.AdamW(plain.parameters(), lr=0.01, weight_decay=0)
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 12)
    for epoch in range(2):
        rows = np.random.default_rng([0, epoch]).permutation(48)
        for batch in rows.reshape(6, 8):
            x = (torch.from_numpy(data.pixels[batch].transpose(0, 3, 1, 2)).float() / 255 - mean) / std
            nn.functional.cross_entropy(plain(x), torch.from_numpy(data.labels[batch])).backward()
            optimiser.step()
            optimiser.zero_grad()
            schedule.step()
    for ours, theirs in zip(fitted.module.parameters(), plain.parameters()):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("parts", [2, 3, 8])
def test_a_batch_in_parts_is_the_same_update(parts):
    """With BatchNorm's statistics frozen; otherwise it sees smaller parts."""
    settings = {"epochs": 2, "norm": "frozen", "mixup": 0.0, "optimiser": "sgd"}
    whole = train(module=toy_network(dropout=0), **settings)
    cut = train(module=toy_network(dropout=0), parts=parts, **settings)
    for one, other in zip(whole.module.parameters(), cut.module.parameters()):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


def test_frozen_norms_keep_their_statistics():
    module = toy_network()
    before = module[1].running_mean.clone()
    train(module=module, epochs=1, norm="frozen", ema=0.0)
    assert torch.equal(module[1].running_mean, before) and not torch.equal(module[1].weight, torch.ones(8))


def test_shared_norms_need_a_gpu():
    with pytest.raises(CourseError, match="works on GPUs only"):
        train(epochs=1, norm="sync")


def test_half_precision_trains():
    assert train(epochs=8, precision="bf16", mixup=0.0).rows[-1]["accuracy"] > 0.7


def test_early_stopping_stops_and_returns_the_best_weights():
    recipe = Recipe(epochs=40, batch_size=8, rate=0.5, patience=2, warmup=0.0)
    data = toy_pictures()
    noise = Pictures(data.pixels, (data.labels + 1) % 3, data.classes)
    fitted = fit(toy_network(), data, recipe, validation=noise, progress=False)
    assert len(fitted.rows) < 40
    assert fitted.rows[-3] == fitted.best
    from synscenes.train.step import evaluate

    again = evaluate(fitted.run, torch.utils.data.DataLoader(noise, batch_size=8))
    assert again[0] == pytest.approx(fitted.best["val_loss"], abs=1e-5)


def test_the_log_says_what_the_rows_say(tmp_path):
    fitted = train(tmp_path, epochs=2)
    with open(tmp_path / "log.csv", newline="") as file:
        assert [float(row["loss"]) for row in csv.DictReader(file)] == [row["loss"] for row in fitted.rows]


def test_best_weights_can_be_loaded_as_weights(tmp_path):
    fitted = train(tmp_path, epochs=1)
    fresh = toy_network(seed=9)
    fresh.load_state_dict(checkpoint.read_weights(tmp_path / "best.pt"))
    assert same(fresh, fitted.module)


# ------------------------------------------------------------------------------------------------ nothing is lost


class Stop(Exception):
    pass


@pytest.mark.parametrize("where", [3, 6, 11, 20, 35])
def test_a_run_stopped_anywhere_resumes_to_the_same_weights_and_losses(tmp_path, where):
    whole = train(epochs=6)
    data, seen = toy_pictures(), 0
    inner = type(data).__getitem__

    class Failing(type(data)):
        def __getitem__(self, key):
            nonlocal seen
            seen += 1
            if seen > where * 8:
                raise Stop
            return inner(self, key)

    failing = Failing(data.pixels, data.labels, data.classes, shift=2, mirror=True)
    with pytest.raises(Stop):
        train(tmp_path, data=failing)
    resumed = fit(
        toy_network(seed=3),
        toy_pictures(),
        Recipe(**{**RECIPE, "patience": 0}),
        folder=tmp_path,
        resume=True,
        progress=False,
    )
    assert resumed.rows == whole.rows and same(resumed.module, whole.module)


# One process imports torch and then forks: every child is a process of its own, and is really killed.
_KILLER = """
import os, random, signal, time

def run(folder, wait=0.0, tell=None):
    replace = os.replace
    def slow(a, b):
        if tell is not None and str(b).endswith("last.pt"):
            os.write(tell, b"w")
            time.sleep(wait)
        replace(a, b)
    os.replace = slow
    torch.set_num_threads(1)
    fitted = fit(toy_network(), toy_pictures(), Recipe(**RECIPE), validation=toy_pictures(15).plain(), folder=folder,
                 resume=True, progress=False)
    torch.save({"weights": fitted.module.state_dict(), "rows": fitted.rows}, folder + "/final.pt")

def child(*arguments):
    pid = os.fork()
    if not pid:
        try:
            run(*arguments)
        finally:
            os._exit(0)
    return pid

import torch._dynamo  # which any optimiser needs: once here, or each child spends seconds on it
rng = random.Random(1)
folder, kills = sys.argv[1] + "/killed", 0
for wait in (0.5, 0.03, 0.03, 0.5, 0.03, 0.03):
    hear, tell = os.pipe()
    pid = child(folder, wait, tell)
    os.close(tell)
    writes = rng.randint(1, 4)
    heard = sum(len(os.read(hear, 1)) for _ in range(writes))
    time.sleep(0.0 if wait == 0.5 else rng.uniform(0, 0.1))
    os.kill(pid, signal.SIGKILL)
    kills += os.waitpid(pid, 0)[1] == signal.SIGKILL
    os.close(hear)
for name in ("killed", "whole"):
    os.waitpid(child(sys.argv[1] + "/" + name), 0)
print(kills)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system can't fork")
def test_a_run_killed_with_sigkill_ends_as_if_it_had_not_been(tmp_path):
    """Killed while a checkpoint is being written, and at random moments afterwards, several times in one run."""
    for name in ("killed", "whole"):
        (tmp_path / name).mkdir()
    program = TOY + _KILLER
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", program, str(tmp_path)]
    finished = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert finished.returncode == 0, finished.stderr
    assert int(finished.stdout) >= 3, "too few of the runs were still going when they were killed"
    killed, whole = (torch.load(tmp_path / name / "final.pt", weights_only=True) for name in ("killed", "whole"))
    assert killed["rows"] == whole["rows"]
    assert all(torch.equal(killed["weights"][name], value) for name, value in whole["weights"].items())
    assert not list((tmp_path / "killed").glob(".*.part"))


def test_a_finished_run_resumes_to_its_end(tmp_path):
    first = train(tmp_path, epochs=2)
    again = fit(toy_network(seed=8), toy_pictures(), first.run.recipe, folder=tmp_path, resume=True, progress=False)
    assert again.rows == first.rows and same(again.module, first.module)


def _resume(folder, module=None, data=None, **changes):
    recipe = Recipe(**{**RECIPE, "patience": 0, "epochs": 1, **changes})
    return fit(module or toy_network(), data or toy_pictures(), recipe, folder=folder, resume=True, progress=False)


@pytest.fixture
def kept(tmp_path):
    train(tmp_path, epochs=1)
    return tmp_path


def test_another_architecture_is_named(kept):
    other = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(16, 3))
    with pytest.raises(CourseError, match="is of another network") as caught:
        _resume(kept, other)
    assert "\n" not in str(caught.value)


def test_another_width_is_named_by_its_tensor(kept):
    other = toy_network()
    other[6] = nn.Linear(32, 5)
    with pytest.raises(CourseError, match=r"6\.bias is \[3\] there and \[5\] here"):
        _resume(kept, other)


def test_other_settings_are_named(kept):
    with pytest.raises(CourseError, match=r"other settings \(batch_size: 8 -> 4; rate: 0.01 -> 0.02\)"):
        _resume(kept, rate=0.02, batch_size=4)


def test_other_images_are_noticed(kept):
    with pytest.raises(CourseError, match="other images"):
        _resume(kept, data=toy_pictures(51))


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_truncated_checkpoint_is_an_error_in_one_line(kept, share):
    path = kept / "last.pt"
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(CourseError, match=r"last\.pt isn't a usable checkpoint \(damaged or cut off") as caught:
        _resume(kept)
    assert "\n" not in str(caught.value)


class Evil:
    def __reduce__(self):
        return os.system, ("touch EVIL",)


@pytest.mark.parametrize("write", [torch.save, lambda content, path: path.write_bytes(pickle.dumps(content))])
def test_an_evil_pickle_is_not_opened(kept, write, monkeypatch):
    monkeypatch.chdir(kept)
    write({"format": 2, "model": Evil()}, kept / "last.pt")
    with pytest.raises(CourseError, match=r"isn't a usable checkpoint") as caught:
        _resume(kept)
    assert not (kept / "EVIL").exists() and "\n" not in str(caught.value)


def test_plain_weights_are_no_checkpoint(kept):
    torch.save(toy_network().state_dict(), kept / "last.pt")
    with pytest.raises(CourseError, match="no checkpoint of a training run"):
        _resume(kept)


def test_a_full_disk_leaves_the_old_checkpoint(kept, monkeypatch):
    before = (kept / "last.pt").read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CourseError, match="can't be written"):
        train(kept, epochs=1)
    assert (kept / "last.pt").read_bytes() == before and not list(kept.glob(".*.part"))


def test_a_log_that_cannot_be_written_is_one_line(tmp_path, monkeypatch):
    def locked(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("synscenes.train.log.write_atomic", locked)
    with pytest.raises(CourseError, match=r"log\.csv can't be written \(Permission denied\)"):
        train(tmp_path, epochs=1)


def test_no_validation_images_are_told_before_training():
    data = toy_pictures()
    with pytest.raises(CourseError, match="no validation images"):
        fit(toy_network(), data, Recipe(epochs=1), validation=data.only([]), progress=False)


# ------------------------------------------------------------------------------------------- what stops a run


CUDA = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB.")
# The words of torch 2.15's allocators: Linux, Windows, an Apple GPU.
PLAIN = [
    RuntimeError("[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you tried"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:127] data. DefaultCPUAllocator: not enough memory: you tried to"),
    RuntimeError("MPS backend out of memory (MPS allocated: 8.88 GB, other allocations: 220.05 MB, max allowed: 9.07"),
    MemoryError(),
]


class Hungry(nn.Module):
    """Runs out of memory with more than ``most`` images at once."""

    def __init__(self, module, most, error=CUDA):
        super().__init__()
        self.module, self.most, self.error = module, most, error

    def forward(self, inputs):
        if len(inputs) > self.most:
            raise self.error
        return self.module(inputs)


@pytest.mark.parametrize("error", PLAIN)
def test_memory_of_a_cpu_and_of_an_apple_gpu_runs_out_in_words_only(error, capsys):
    fitted = train(module=Hungry(toy_network(), 4, error), epochs=1)
    assert fitted.run.parts == 2 and "in 2 parts of about 4" in capsys.readouterr().err


def test_this_torch_says_so_in_the_words_we_know():
    with pytest.raises(RuntimeError) as caught:
        torch.empty(10**15)
    assert is_out_of_memory(caught.value)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process limit its own memory")
def test_memory_that_really_runs_out_changes_nothing_but_the_parts(capsys):
    import resource

    import psutil

    torch.manual_seed(0)
    wide = nn.Sequential(nn.Conv2d(3, 256, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(256, 3))
    data = Pictures(np.full((64, 64, 64, 3), 99, np.uint8), np.arange(64) % 3, "abc")
    before, held = resource.getrlimit(resource.RLIMIT_AS), psutil.Process().memory_info().vms
    resource.setrlimit(resource.RLIMIT_AS, (held + 300_000_000, before[1]))  # all 64 at once take 270 MB a layer
    try:
        fitted = fit(wide, data, Recipe(epochs=1, batch_size=64, norm="frozen"), progress=False)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    assert fitted.run.parts > 1 and "The batch stays 64" in capsys.readouterr().err


def test_any_other_error_goes_on_up():
    with pytest.raises(RuntimeError, match="mat1 and mat2"):
        train(module=Hungry(toy_network(), 4, RuntimeError("mat1 and mat2 shapes cannot be multiplied")), epochs=1)


def test_out_of_memory_halves_the_parts_says_so_and_computes_the_same(capsys):
    settings = {"epochs": 2, "norm": "frozen", "mixup": 0.0, "optimiser": "sgd", "ema": 0.0}
    hungry = train(module=Hungry(toy_network(dropout=0), 3), **settings)
    enough = train(module=toy_network(dropout=0), **settings)
    assert "8 images go through the network in 4 parts of about 2. The batch stays 8." in capsys.readouterr().err
    assert hungry.run.parts == 4
    for one, other in zip(hungry.module.parameters(), enough.module.parameters()):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


def test_out_of_memory_while_validating_is_survived():
    data = toy_pictures()
    fitted = fit(
        Hungry(toy_network(), 2), data, Recipe(epochs=1, batch_size=8, parts=4), validation=data.plain(), progress=False
    )
    assert fitted.run.parts == 4 and fitted.rows[0]["val_loss"] > 0


def test_a_single_image_too_large_ends_the_run():
    with pytest.raises(CourseError, match="Out of memory with a single image"):
        train(module=Hungry(toy_network(), 0))


def test_a_nan_image_stops_the_run_and_says_where(tmp_path):
    from synscenes.train.data import normaliser

    data = toy_pictures()
    inner = normaliser((0.5,) * 3, (0.5,) * 3, "cpu")

    def prepare(images):
        images = inner(images)
        prepare.calls += 1
        if prepare.calls == 9:
            images[1, 0, 0, 0] = float("nan")
        return images

    prepare.calls = 0
    with pytest.raises(CourseError, match=r"epoch 2, step 9, at a rate of .*the input, image 1 of the batch \(1 of 8"):
        fit(toy_network(), data, Recipe(epochs=3, batch_size=8), prepare=prepare, folder=tmp_path, progress=False)
    assert all(torch.isfinite(v).all() for v in checkpoint.read_weights(tmp_path / "last.pt").values())


def test_a_rate_too_high_stops_the_run_and_names_a_place():
    with pytest.raises(CourseError, match=r"loss became (nan|inf) in epoch .* First not finite: the "):
        train(rate=1e30, warmup=0.0, optimiser="sgd", clip=0.0, epochs=20)
