"""Probes of the hardware: devices, processor, memory, disks."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from synscenes.paths import home, repo_root
from synscenes.probes.common import ADVICE, OK, PROBLEM, Check, existing, first_line, tidy

_GB = 1e9


def devices() -> Iterable[Check]:
    """The devices that ``DEVICE = "auto"`` can choose from, each tried with a small computation."""
    import torch

    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            yield _gpu(torch, index)
    elif torch.backends.mps.is_available():
        total = float((torch.ones(2, device="mps") * 2).sum())
        yield Check("Device", OK if total == 4 else PROBLEM, "mps: Apple GPU, memory shared with the CPU")
    elif shutil.which("nvidia-smi"):
        found = "cpu: there is an NVIDIA driver, but PyTorch cannot use it"
        todo = "the lessons run on the CPU; for the GPU, update the driver or install PyTorch's build for it"
        yield Check("Device", ADVICE, found, todo)
    else:
        yield Check("Device", OK, "cpu: every lesson runs on it at the laptop profile")


def _gpu(torch: Any, index: int) -> Check:
    name, found = f"Device cuda:{index}", "a GPU"
    try:
        found = torch.cuda.get_device_name(index)
        free, total = torch.cuda.mem_get_info(index)
        found += f", {free / _GB:.1f} of {total / _GB:.1f} GB free"
        if float((torch.ones(2, device=f"cuda:{index}") * 2).sum()) != 4:
            raise RuntimeError("2 + 2 was not 4")
    except Exception as error:
        todo = f'it cannot compute ({first_line(error)}): set DEVICE = "cpu", or update the driver'
        return Check(name, PROBLEM, found, todo)
    if free < 2 * _GB:
        return Check(
            name, ADVICE, found, 'little memory is free: close what else uses the GPU, or set DEVICE = "cpu"'
        )
    return Check(name, OK, found)


def processor() -> Check:
    """CPU threads that this process may use."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    found = f"{usable} thread{'s' * (usable != 1)}"
    limit = os.environ.get("OMP_NUM_THREADS", "")
    if limit.isdigit() and int(limit) < usable:
        return Check(
            "Processor", ADVICE, f"{found}, limited to {limit}", "unset OMP_NUM_THREADS to use them all"
        )
    return Check("Processor", OK, found)


def memory() -> Check:
    """Main memory, and a container's limit where there is one."""
    import psutil

    memory = psutil.virtual_memory()
    total, free = float(memory.total), float(memory.available)
    limit = _cgroup_limit()
    if limit and limit < total:
        total, free = limit, min(free, limit)
    found = f"{free / _GB:.1f} of {total / _GB:.1f} GB free"
    if free < 1 * _GB:
        return Check("Memory", PROBLEM, found, "the lessons need about 2 GB: close other programs")
    if free < 3 * _GB:
        return Check(
            "Memory", ADVICE, found, "close other programs or idle notebooks before the larger lessons"
        )
    return Check("Memory", OK, found)


def _cgroup_limit() -> float | None:
    try:
        text = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        return None
    return float(text) if text.isdigit() else None


def disks() -> Iterable[Check]:
    """Free space where files are cached and where the course lies."""
    places: dict[str, Path] = {"Disk, cache": home()}
    if root := repo_root():
        places["Disk, course"] = root
    for name, folder in places.items():
        there = existing(folder)
        free = shutil.disk_usage(there).free
        found = f"{free / _GB:.1f} GB free at {tidy(there)}"
        if free < 0.3 * _GB:
            yield Check(
                name, PROBLEM, found, "free some space: the assets need up to 0.3 GB while they are unpacked"
            )
        elif free < 2 * _GB:
            yield Check(name, ADVICE, found, "free some space before you fetch data or run all lessons")
        else:
            yield Check(name, OK, found)
