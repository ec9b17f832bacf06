"""Warm Pythons for the tests: started by whoever needs one first, shared by all processes of one test session."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

PROGRAM = Path(__file__).with_name("python.py")
AVAILABLE = sys.platform == "linux"


def command(folder: Path, name: str = "first") -> list[str]:
    """Return how to call a warm Python instead of ``sys.executable``; it is started if none runs yet.

    ``folder`` is shared by the processes of a session. Each ``name`` is an interpreter of its own, with hash values of
    its own: results that depend on a set's order differ between two of them, but not within one.
    """
    if not AVAILABLE:
        return [sys.executable]
    from filelock import FileLock

    place = folder / f"{name}.socket"
    with FileLock(folder / f"{name}.lock"):
        if not place.exists():
            log = open(folder / f"{name}.log", "wb")  # noqa: SIM115  (the child keeps it)
            subprocess.Popen(
                [sys.executable, str(PROGRAM), "serve", str(place)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            end = time.monotonic() + 1200
            while not place.exists():
                if time.monotonic() > end:
                    raise RuntimeError(f"no warm Python: {(folder / f'{name}.log').read_text()[-500:]}")
                time.sleep(0.1)
    return [sys.executable, "-I", "-S", str(PROGRAM), "run", str(place)]


def kernel(folder: Path, name: str = "first") -> str:
    """Return the name of a Jupyter kernel that is forked from a warm Python (where there is none: of a plain one)."""
    if not AVAILABLE:
        return "python3"
    spec = folder / "jupyter" / "kernels" / f"warm-{name}"
    spec.mkdir(parents=True, exist_ok=True)
    argv = [*command(folder, name), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    content = {"argv": argv, "display_name": f"Warm Python ({name})", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(content), encoding="utf-8")
    paths = os.environ.get("JUPYTER_PATH", "").split(os.pathsep)
    if str(folder / "jupyter") not in paths:
        os.environ["JUPYTER_PATH"] = os.pathsep.join([str(folder / "jupyter"), *filter(None, paths)])
    return f"warm-{name}"
