"""A Python that has already imported what lessons import, and forks for each program it is asked to run.

Importing torch, torchvision, pandas and pyplot takes a notebook's kernel 5 to 10 CPU seconds, and the suite starts some
sixty kernels. ``serve`` imports them once; ``run`` (a process of milliseconds) asks it for a copy of itself, lends it
its own input and output, waits for its end, and passes signals on. Linux only. A lesson still executes its own imports;
they only find their work done. What a fresh interpreter has and a copy would not is set anew in the copy: environment,
path, folder, random numbers, the offline hook.

    python python.py serve SOCKET
    python python.py run SOCKET (SCRIPT | -m MODULE) [ARGUMENT ...]
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
from typing import Any

PRELOADED = (
    "numpy", "scipy.stats", "scipy.optimize", "scipy.ndimage", "scipy.sparse", "pandas", "PIL.Image",
    "matplotlib.pyplot", "torch", "torch._dynamo", "torchvision", "timm", "pycocotools.mask", "IPython",
    "ipykernel.kernelapp", "ipywidgets", "anywidget", "tqdm.auto",
)  # fmt: skip
IDLE_S = 120
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # What ipykernel sets for itself before matplotlib is imported.
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}


def main(arguments: list[str]) -> int:
    """Serve or run, as the first argument says."""
    command, place, *rest = arguments
    if command == "run":
        return run(place, rest)
    request = serve(place)
    return become(request) if request else 0


def run(place: str, argv: list[str]) -> int:
    """Have the server at ``place`` run a program with this process's environment, folder, input and output."""
    line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    line.connect(place)
    request = json.dumps({"argv": argv, "cwd": os.getcwd(), "env": dict(os.environ)}).encode()
    socket.send_fds(line, [request], [0, 1, 2])
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda number, _: line.send(json.dumps({"signal": number}).encode()))
    answer = line.recv(1 << 16)
    if not answer:
        print("the warm Python is gone", file=sys.stderr)
        return 1
    ended = json.loads(answer)
    if path := os.environ.get("SYNSCENES_KERNEL_USAGE"):
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"cpu_s": ended["cpu_s"], "peak_mb": ended["peak_mb"]}, file)
    return ended["status"]


def serve(place: str) -> dict[str, Any] | None:
    """Import, listen at ``place``, and fork for each request: the copy gets the request, the server None at its end.

    It ends when the process that started it is gone and nobody has asked for two minutes.
    """
    import select
    import time

    os.environ.update(ENVIRONMENT)
    _preload()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(place + ".part")
    listener.listen(16)
    os.rename(place + ".part", place)  # so that whoever sees it can connect
    parent, running, last = os.getppid(), {}, time.monotonic()
    while running or os.getppid() == parent or time.monotonic() - last < IDLE_S:
        ready, _, _ = select.select([listener, *running.values()], [], [], 0.05 if running else 1.0)
        if running:
            last = time.monotonic()
        for line in ready:
            if line is listener:
                line, _ = listener.accept()
                copy = _fork(line, [listener, *running.values()])
                if isinstance(copy, dict):
                    return copy
                running[copy] = line
                continue
            pid = next(pid for pid, other in running.items() if other is line)
            asked = line.recv(1 << 12)
            with contextlib.suppress(ProcessLookupError):  # it may have ended meanwhile
                os.kill(pid, json.loads(asked)["signal"] if asked else signal.SIGKILL)
            if not asked:  # nobody waits any more
                os.waitpid(pid, 0)
                running.pop(pid).close()
        for pid in list(running):
            ended, status, usage = os.wait4(pid, os.WNOHANG)
            if ended:
                code = os.waitstatus_to_exitcode(status)
                told = {
                    "status": code if code >= 0 else 128 - code,
                    "cpu_s": usage.ru_utime + usage.ru_stime,
                    "peak_mb": usage.ru_maxrss * 1024 / 1e6,
                }
                with contextlib.suppress(OSError):
                    running[pid].send(json.dumps(told).encode())
                running.pop(pid).close()
    with contextlib.suppress(OSError):
        os.unlink(place)
    return None


def _preload() -> None:
    import importlib

    for name in PRELOADED:
        # A lesson that needs what is missing says so itself.
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    if len(os.listdir("/proc/self/task")) > 1:
        raise SystemExit("an import started a thread: a copy of this process would not be sound")


def _fork(line: socket.socket, others: list[socket.socket]) -> int | dict[str, Any]:
    """Return the copy's process number, or, in the copy, what it is asked to do."""
    message, streams, _, _ = socket.recv_fds(line, 1 << 20, 3)
    pid = os.fork()
    if not pid:
        _die_with_parent()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        for other in [line, *others]:
            other.close()
    for stream in streams:
        os.close(stream)
    return pid or json.loads(message)


def _die_with_parent() -> None:
    import ctypes

    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def become(request: dict[str, Any]) -> int:
    """Turn this copy into the program asked for and return its exit status."""
    import random
    import runpy
    import tempfile

    import matplotlib
    import numpy

    os.setsid()
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    random.seed()
    numpy.random.seed()
    tempfile.tempdir = None
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    sys.path[:] = [*filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)), *sys.path[1:]]
    if os.environ.get("SYNSCENES_OFFLINE"):
        sys.modules.pop("sitecustomize", None)
        __import__("sitecustomize")
    script, *rest = request["argv"]
    if script == "-m":
        module, *rest = rest
        sys.argv = [module, *rest]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    else:
        matplotlib.rcParams["backend"] = "agg"
        sys.argv = [script, *rest]
        sys.path.insert(0, os.path.dirname(os.path.abspath(script)))
        runpy.run_path(script, run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
