"""Drawing images in several processes.

Each worker is a fresh interpreter that calls ``main``: that works alike in scripts, notebooks, tests and a
console, where multiprocessing would want to import the main module again.
"""

from __future__ import annotations

import json
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from synscenes.micrococo.dials import Dials

FEW = 24  # up to so many images the start of a process costs more than it gains
LONGEST_WAIT = 300.0  # seconds without an image, after which the workers are given up

_COMMAND = "import sys; from synscenes.micrococo.workers import main; main(sys.argv[1])"
Make = Callable[[int], dict[str, Any]]


def run(make: Make, job: dict[str, Any], count: int, workers: int | None, step: Callable[[], object]) -> list[dict]:
    """Return ``make(index)`` for all indices below ``count``, in order; ``step()`` is called after each.

    ``job`` is what a worker needs to build ``make`` again (see ``main``). Raises OSError as the disk does in a worker.
    """
    wanted = min(workers if workers is not None else min(os.cpu_count() or 1, 8), max(count // FEW, 1))
    if wanted > 1:
        started = _start(job, count, wanted)
        if started:
            return _gather(started, count, step)
    records = []
    for index in range(count):
        records.append(make(index))
        step()
    return records


def _start(job: dict[str, Any], count: int, wanted: int) -> list[subprocess.Popen]:
    """Start the workers; an empty list where this system allows no further process."""
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    # One thread each: the workers are as many as the cores.
    env = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    started: list[subprocess.Popen] = []
    try:
        for k in range(wanted):
            text = json.dumps({**job, "indices": [k, count, wanted]})
            command = [sys.executable, "-c", _COMMAND, text]
            started.append(subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE))
    except OSError:
        _end(started)
        _close(started)
        return []
    return started


def _gather(started: list[subprocess.Popen], count: int, step: Callable[[], object]) -> list[dict]:
    arrived: queue.Queue = queue.Queue()
    listeners = [threading.Thread(target=_listen, args=(process, arrived), daemon=True) for process in started]
    for listener in listeners:
        listener.start()
    records: dict[int, dict] = {}
    try:
        while len(records) < count:
            try:
                kind, *rest = arrived.get(timeout=LONGEST_WAIT)
            except queue.Empty:
                raise RuntimeError("a worker that draws micro-COCO has stopped answering") from None
            if kind == "error":
                raise OSError(*rest)
            if kind == "died":
                raise RuntimeError(f"a worker that draws micro-COCO died (exit code {rest[0]}); its message is above")
            records[rest[0]] = rest[1]
            step()
    finally:
        _end(started)
        for listener in listeners:
            listener.join()  # it ends with its process; only then may the pipe be closed
        _close(started)
    return [records[index] for index in range(count)]


def _listen(process: subprocess.Popen, arrived: queue.Queue) -> None:
    """Pass on what a worker says until it ends."""
    while True:
        try:
            arrived.put(pickle.load(process.stdout))
        except (EOFError, pickle.UnpicklingError):
            break
    if process.wait():
        arrived.put(("died", process.returncode))


def _end(started: list[subprocess.Popen]) -> None:
    for process in started:
        if process.poll() is None:
            process.terminate()
        process.wait()


def _close(started: list[subprocess.Popen]) -> None:
    for process in started:
        process.stdout.close()


def job_of(root: Path, seed: int, split: str, dials: Dials) -> dict[str, Any]:
    """What ``main`` needs, as plain JSON."""
    return {"root": str(root), "seed": seed, "split": split, "dials": asdict(dials)}


def main(text: str) -> None:
    """Draw this worker's share of the images; say each record, pickled, on standard output."""
    from synscenes.micrococo.writer import make_one

    job = json.loads(text)
    dials = Dials(**{**job["dials"], "kinds": tuple(job["dials"]["kinds"])})
    out = sys.stdout.buffer
    first, count, step = job["indices"]
    try:
        for index in range(first, count, step):
            record = make_one(index, job["root"], job["seed"], job["split"], dials)
            pickle.dump(("made", index, record), out)
            out.flush()
    except BrokenPipeError:  # the parent has gone: nobody wants the rest
        os._exit(1)
    except OSError as error:
        pickle.dump(("error", error.errno, error.strerror), out)
        out.flush()
