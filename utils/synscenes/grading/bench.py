"""The judges at work: a few processes that outlive any answer, and are replaced when one hangs."""

from __future__ import annotations

import json
import os
import queue
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from synscenes.grading.sandbox import PREPARE_S


class Judge:
    """One judge process. ``ask`` returns a verdict for every job, whatever the answer does."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, job: dict[str, Any]) -> dict[str, Any]:
        """Return the verdict on one job; a judge that does not answer in time is ended and replaced."""
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "synscenes.grading.judge"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
                env={**os.environ, "SYNSCENES_PROGRESS": "off"} | dict.fromkeys(
                    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
            )  # fmt: skip
        deadline = time.monotonic() + PREPARE_S + 2 * job["limits"]["seconds"] + 30
        try:
            self._process.stdin.write(json.dumps(job).encode() + b"\n")
            self._process.stdin.flush()
            return json.loads(self._line(deadline))
        except (OSError, ValueError, EOFError):
            self.close()
            message = "The check did not come to an end with what your code returned."
            return {"verdict": "crashed", "diagnosis": "check", "message": message}

    def _line(self, deadline: float) -> bytes:
        handle, parts = self._process.stdout.fileno(), b""
        while not parts.endswith(b"\n"):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([handle], [], [], left)[0]:
                raise EOFError
            part = os.read(handle, 1 << 16)
            if not part:
                raise EOFError
            parts += part
        return parts

    def close(self) -> None:
        """End the judge and its sandbox."""
        if self._process is None:
            return
        _end(self._process)
        self._process = None


def _end(process: subprocess.Popen[bytes]) -> None:
    import contextlib

    import psutil

    with contextlib.suppress(psutil.Error):
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        for each in family:
            with contextlib.suppress(psutil.Error):
                each.kill()
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            stream.close()


def judge_all(
    jobs: Iterable[tuple[Any, dict[str, Any]]], workers: int, done: Callable[[Any, dict[str, Any]], None]
) -> None:
    """Judge ``(key, job)`` pairs with several judges; ``done(key, verdict)`` is called in this thread, as they end."""
    todo: queue.SimpleQueue[Any] = queue.SimpleQueue()
    ready: queue.SimpleQueue[Any] = queue.SimpleQueue()
    count = 0
    for pair in jobs:
        todo.put(pair)
        count += 1
    stop = threading.Event()
    judges = [Judge() for _ in range(min(workers, count))]

    def work(judge: Judge) -> None:
        while not stop.is_set():
            try:
                key, job = todo.get_nowait()
            except queue.Empty:
                return
            ready.put((key, judge.ask(job)))

    threads = [threading.Thread(target=work, args=(judge,), daemon=True) for judge in judges]
    for thread in threads:
        thread.start()
    try:
        for _ in range(count):
            done(*ready.get())
    finally:
        stop.set()
        for judge in judges:
            judge.close()
