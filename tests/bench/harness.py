"""Measuring two contenders side by side: CPU seconds and peak memory, each in a fresh interpreter."""

from __future__ import annotations

import importlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Measured:
    """CPU seconds of one contender over its runs, and the process's peak memory in MB (10^6 bytes)."""

    median_s: float
    low_s: float
    high_s: float
    runs: int
    peak_mb: float
    note: str = ""


def repeat(work: Callable[[], Any], runs: int = 5, scale: float = 1.0, note: str = "") -> Measured:
    """Run ``work`` some times in this process and return its CPU seconds, times ``scale``.

    ``scale`` above 1 extrapolates from a sample of the work; ``note`` should then say so.
    """
    seconds = []
    for _ in range(runs):
        start = time.process_time()
        work()
        seconds.append((time.process_time() - start) * scale)
    return _summary(seconds, _peak_mb(), note)


def fresh(module: str, function: str, **arguments: Any) -> Measured:
    """Call ``function`` of ``module`` (it returns a Measured) in a new interpreter with one thread."""
    call = json.dumps([module, function, arguments])
    finished = subprocess.run(
        [sys.executable, str(HERE / "harness.py"), call],
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Measured(**json.loads(finished.stdout.splitlines()[-1]))


def process_cpu(code: str, runs: int = 15) -> Measured:
    """Run ``python -c code`` some times and return the CPU seconds of the whole processes (POSIX only)."""
    import resource

    seconds = []
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], check=True, cwd=HERE)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    return _summary(seconds, 0.0, "")


def row(what: str, ours: Measured, peer: Measured | None, peer_name: str, bar: str, passed: bool) -> dict:
    """Return one line of the table: ``bar`` says in words what is promised, ``passed`` whether it held."""
    return {
        "what": what,
        "ours": asdict(ours),
        "peer": asdict(peer) if peer else None,
        "peer_name": peer_name,
        "ratio": peer.median_s / ours.median_s if peer else None,
        "bar": bar,
        "passed": passed,
    }


def _summary(seconds: list[float], peak_mb: float, note: str) -> Measured:
    return Measured(statistics.median(seconds), min(seconds), max(seconds), len(seconds), peak_mb, note)


def _peak_mb() -> float:
    try:
        import resource
    except ImportError:  # Windows
        import psutil

        return psutil.Process().memory_info().peak_wset / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    module_name, function_name, named = json.loads(sys.argv[1])
    # The module imports Measured from "harness", not from "__main__": fields, not classes, are compared.
    print(json.dumps(asdict(getattr(importlib.import_module(module_name), function_name)(**named))))
