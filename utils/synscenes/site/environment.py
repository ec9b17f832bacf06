"""The website's own virtual environment, made from its lock file when it is missing or out of date."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from synscenes.errors import CourseError
from synscenes.files import sha256_file, write_atomic

ENVIRONMENT, LOCK, STAMP = ".venv-book", "requirements-book.lock", "synscenes-lock.sha256"


def ensure_environment(root: Path) -> Path:
    """Return the Python of ``.venv-book``, installing the locked packages first where needed.

    A stamp inside the environment holds the lock's hash, so a second call is instant and a changed lock leads
    to a fresh environment. Raises CourseError when a package cannot be installed.
    """
    folder, lock = root / ENVIRONMENT, root / LOCK
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp, wanted = folder / STAMP, sha256_file(lock)
    if python.exists() and stamp.exists() and stamp.read_text(encoding="utf-8").strip() == wanted:
        return python
    print(f"Making {ENVIRONMENT} for Jupyter Book (once; about 200 MB) …", flush=True)
    if folder.exists():
        shutil.rmtree(folder)
    _call([sys.executable, "-m", "venv", str(folder)], "could not be made")
    _call(_installer(python, lock), "could not be filled: is there a network? Run the same command again")
    write_atomic(stamp, wanted + "\n")
    return python


def _installer(python: Path, lock: Path) -> list[str]:
    """Return the command that installs the lock: uv where it is at hand, which is faster, else pip."""
    uv = shutil.which("uv")
    if uv:
        return [uv, "pip", "install", "--python", str(python), "--require-hashes", "-r", str(lock)]
    quiet = ["--disable-pip-version-check", "--progress-bar", "on"]
    return [str(python), "-m", "pip", "install", *quiet, "--require-hashes", "-r", str(lock)]


def _call(command: list[str], problem: str) -> None:
    try:
        status = subprocess.run(command, check=False).returncode
    except OSError as error:
        raise CourseError(f"The website's environment {ENVIRONMENT} {problem} ({error}).") from None
    if status:
        raise CourseError(f"The website's environment {ENVIRONMENT} {problem} (exit status {status}).")
