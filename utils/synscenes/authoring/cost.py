"""What executing a notebook costs: processor seconds, memory, temporary files; and whether that is within its budget.

Processor time says more than a clock on a crowded machine, yet even it grows there, as programs share caches and cores,
and another machine is faster altogether. So a small fixed computation is timed before and after each notebook, and
budgets count in its units: seconds of a machine that needs ``REFERENCE_S`` for it.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import threading
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from synscenes.files import write_atomic

BUDGETS = Path("course") / "budgets.toml"
COSTS = Path("_build") / "costs"
MEASURED = ("cpu_s", "peak_mb", "disk_mb")
HEADER = """# What each lesson may cost: processor seconds of a machine that does the reference computation in 0.1 s
# (synscenes.authoring.cost), MB of memory, MB of temporary files. A run over half again is a failure. Smoke figures
# are of the tests' kernels, which find their imports done; laptop figures of whole runs. To set them anew from the last
# runs: python -m synscenes.authoring.cost"""
# The reference computation's time on the machine where the budgets were set, with nothing beside it.
REFERENCE_S = 0.1
# What nobody should be called for: starting a kernel alone varies by so much.
FREE_S, FREE_MB = 5.0, 100.0
MARGIN = 1.5
# A machine that needs so much longer than usual for the reference is too busy to judge anybody.
BUSY = 4.0


class Cost:
    """What one notebook has cost so far: ``cpu_s``, ``peak_mb`` (resident, all its processes), ``disk_mb`` (most
    temporary files at a time), ``reference_s`` (the reference computation, mean of before and after)."""

    def __init__(self) -> None:
        self.cpu_s = self.peak_mb = self.disk_mb = self.reference_s = 0.0


@contextmanager
def measured(interval_s: float = 0.2) -> Iterator[Cost]:
    """Measure the child processes of the calling process while it is in here.

    They get a folder of their own for temporary files, which is deleted at the end. A kernel forked from a warm Python
    is nobody's child here: it leaves its own figures in a file.
    """
    cost, stop, before = Cost(), threading.Event(), reference_s()
    with tempfile.TemporaryDirectory(prefix="synscenes-run-", ignore_cleanup_errors=True) as folder:
        told = Path(folder) / "usage.json"
        wanted = {"TMPDIR": folder, "TEMP": folder, "TMP": folder, "SYNSCENES_KERNEL_USAGE": str(told)}
        kept = {name: os.environ.get(name) for name in wanted}
        thread = threading.Thread(target=_watch, args=(cost, stop, interval_s, folder), daemon=True)
        begun = _children_cpu()
        os.environ.update(wanted)
        thread.start()
        try:
            yield cost
        finally:
            stop.set()
            thread.join()
            for name, value in kept.items():
                os.environ.pop(name, None) if value is None else os.environ.update({name: value})
            cost.cpu_s = _children_cpu() - begun
            if told.exists():
                cost.__dict__.update(json.loads(told.read_text(encoding="utf-8")))
    cost.reference_s = statistics.mean((before, reference_s()))


def reference_s() -> float:
    """Return the processor seconds of a small fixed computation, half plain Python, half numpy: the least of five."""
    import numpy

    values, seconds = numpy.random.default_rng(0).random(500_000), []
    for _ in range(5):
        begun = time.process_time()
        sum(number * number for number in range(400_000))
        for _ in range(2):
            numpy.sort(values)
        seconds.append(time.process_time() - begun)
    return min(seconds)


def read_budgets(root: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Return ``budgets[profile][lesson]``: cpu_s, peak_mb, disk_mb."""
    path = root / BUDGETS
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def machine_is_busy(entry: dict[str, Any]) -> bool:
    """Return whether a run's machine had too much else to do for its seconds to mean anything."""
    return entry["reference_s"] > BUSY * REFERENCE_S


def over_budget(entry: dict[str, Any], budgets: dict[str, Any]) -> list[str]:
    """Return a line for each thing of which a run, as a report tells it, took more than half again its budget.

    Seconds are not judged where the machine was too busy to measure them.
    """
    budget = budgets.get(entry["profile"], {}).get(entry["lesson"])
    if budget is None:
        return []  # a new lesson; a test asks for it
    lines = []
    seconds = entry["cpu_s"] * REFERENCE_S / entry["reference_s"]
    seconds = 0.0 if machine_is_busy(entry) else seconds
    for what, used, unit, free in (
        ("cpu_s", seconds, "s of CPU", FREE_S),
        ("peak_mb", entry["peak_mb"], "MB of memory", FREE_MB),
        ("disk_mb", entry["disk_mb"], "MB of temporary files", FREE_MB),
    ):
        if used > max(MARGIN * budget[what], budget[what] + free):
            lines.append(f"lesson {entry['lesson']} took {used:.0f} {unit}; its budget is {budget[what]:.0f}")
    return lines


def keep(root: Path, entry: dict[str, Any]) -> None:
    """Note what a run cost, for whoever sets budgets; each profile and lesson has a file of its own."""
    path = root / COSTS / f"{entry['profile']}-{entry['lesson']}.json"
    write_atomic(path, json.dumps({name: entry[name] for name in (*MEASURED, "reference_s")}))


def proposed(root: Path) -> str:
    """Return the text of a budget file: what the last runs kept cost, and the old budgets of lessons that did not run.

    Runs on a busy machine are left out.
    """
    budgets = read_budgets(root)
    for path in sorted((root / COSTS).glob("*-*.json")):
        profile, lesson = path.stem.split("-")
        cost = json.loads(path.read_text(encoding="utf-8"))
        if machine_is_busy(cost):
            print(f"{profile} {lesson}: left out, the machine was busy")
            continue
        cost["cpu_s"] *= REFERENCE_S / cost["reference_s"]
        budgets.setdefault(profile, {})[lesson] = {name: round(cost[name], 1) for name in MEASURED}
    lines = [HEADER]
    for profile, lessons in sorted(budgets.items()):
        lines += ["", f"[{profile}]"]
        for lesson, budget in sorted(lessons.items()):
            lines.append(f"{lesson} = {{{', '.join(f'{name} = {budget[name]}' for name in MEASURED)}}}")
    return "\n".join(lines) + "\n"


def _children_cpu() -> float:
    """Return the processor seconds of this process's finished children (0 where the system does not tell)."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _watch(cost: Cost, stop: threading.Event, interval_s: float, folder: str) -> None:
    import psutil

    this, turn = psutil.Process(), 0
    while not stop.wait(interval_s):
        held = 0
        for child in this.children(recursive=True):
            try:
                held += child.memory_info().rss
            except psutil.Error:
                continue
        cost.peak_mb = max(cost.peak_mb, held / 1e6)
        if turn % 5 == 0:
            cost.disk_mb = max(cost.disk_mb, _size(folder) / 1e6)
        turn += 1


def _size(folder: str) -> int:
    size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                size += os.lstat(os.path.join(place, name)).st_size
            except OSError:  # deleted meanwhile
                continue
    return size


def main() -> int:
    """Write the budgets that the last runs propose, and show what changes."""
    import difflib
    import sys

    from synscenes.paths import require_repo_root

    root = require_repo_root()
    path = root / BUDGETS
    old, new = path.read_text(encoding="utf-8") if path.exists() else "", proposed(root)
    sys.stdout.writelines(difflib.unified_diff(old.splitlines(True), new.splitlines(True), "before", "after", n=0))
    write_atomic(path, new)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
