"""Sets the course up and runs it: ``python3 utils/bootstrap.py lab|test|book|bench|env [options]``.

``make`` calls this; on Windows, or wherever make is missing, call it yourself. It needs nothing but Python 3.11
or newer with pip: it makes the virtual environment ``.venv``, installs the exact versions of
``requirements.lock`` (every file checked against its hash, but for PyTorch's from ``TORCH_INDEX``), fetches the
course's files, and starts what was asked for. A second run finds all that done and starts at once.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv"
STAMP = ENVIRONMENT / ".synscenes-installed"
CHOICE = ENVIRONMENT / ".synscenes-torch-index"  # an environment keeps the PyTorch it was made with
LOCK = ROOT / "requirements.lock"
NEEDED_GB = 7
# These come in two sizes: with CUDA from the default index, without from PyTorch's own.
TORCH_PACKAGES = ("torch", "torchvision")
CUDA_PACKAGES = ("nvidia-", "cuda-", "triton")

COMMANDS = {
    "lab": [["-m", "synscenes", "assets", "fetch"], ["-m", "synscenes", "lab"]],
    "test": [["-m", "synscenes", "assets", "fetch", "--all"], ["-m", "pytest", "-n", "2", "--dist", "worksteal"]],
    "book": [["-m", "synscenes", "assets", "fetch", "--all"], ["-m", "synscenes", "book"]],
    "bench": [["-m", "synscenes", "assets", "fetch"], ["-m", "tests.bench"]],
    "env": [],
}


def main(arguments: list[str]) -> int:
    """Set up, then run one command; its last step receives the remaining arguments."""
    if not arguments or arguments[0] not in COMMANDS:
        print(f"usage: python3 utils/bootstrap.py {'|'.join(COMMANDS)} [options]", file=sys.stderr)
        return 2
    if sys.version_info < (3, 11):  # noqa: UP036  (an older interpreter runs this very file)
        found = ".".join(map(str, sys.version_info[:3]))
        print(
            f"The course needs Python 3.11 or newer; {sys.executable} is {found}. Call a newer one: "
            "make lab PYTHON=python3.12",
            file=sys.stderr,
        )
        return 1
    try:
        set_up()
        steps = COMMANDS[arguments[0]]
        for number, step in enumerate(steps):
            last = number == len(steps) - 1
            status = subprocess.call([str(python()), *step, *(arguments[1:] if last else [])], cwd=ROOT)
            if status:
                return status
    except subprocess.CalledProcessError as error:
        print(
            f"Setting up stopped: `{' '.join(map(str, error.cmd[:6]))} …` failed. Is the network there? "
            "Run the same command again: it goes on where it stopped.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print("Stopped. Run the same command again: it goes on where it stopped.", file=sys.stderr)
        return 130
    return 0


def python() -> Path:
    """Return the environment's interpreter."""
    return ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def set_up() -> None:
    """Make the environment unless it is there and holds the locked versions."""
    wanted = fingerprint()
    if python().exists() and STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted:
        return
    free_gb = shutil.disk_usage(ROOT).free / 1e9
    if not python().exists() and free_gb < NEEDED_GB:
        raise SystemExit(f"Setting up needs about {NEEDED_GB} GB of free disk at {ROOT}; {free_gb:.1f} GB are free.")
    print("Setting up the course's environment in .venv (once; some minutes, about 3 GB to download) …", flush=True)
    # A run that was stopped, or a system without ensurepip, leaves an interpreter without pip.
    if not python().exists() or subprocess.call([str(python()), "-c", "import pip"], stderr=subprocess.DEVNULL):
        subprocess.check_call([sys.executable, "-m", "venv", str(ENVIRONMENT)])
    STAMP.unlink(missing_ok=True)  # from here on it is neither the old environment nor the new one
    index = torch_index()
    if kept_index() != index:
        # 2.15.0+cpu satisfies ==2.15.0 and the other way round: no installer would exchange them.
        subprocess.call([str(python()), "-m", "pip", "uninstall", "--yes", *TORCH_PACKAGES])
    CHOICE.write_text(index, encoding="utf-8")
    requirements = LOCK
    if index:
        pins = [f"{name}=={version}" for name, version in pinned(LOCK, TORCH_PACKAGES)]
        install(["--index-url", index, *pins])
        requirements = ENVIRONMENT / "requirements-without-cuda.lock"
        requirements.write_text(without_cuda(LOCK.read_text(encoding="utf-8")), encoding="utf-8")
    install(["--require-hashes", "-r", str(requirements)])
    install(["--no-deps", "--no-build-isolation", "-e", str(ROOT)])
    STAMP.write_text(wanted, encoding="utf-8")


def fingerprint() -> str:
    """Return what an installed environment must match: the lock, the package's own metadata, the interpreter."""
    digest = hashlib.sha256(LOCK.read_bytes() + (ROOT / "pyproject.toml").read_bytes())
    digest.update(f"{sys.version_info[:2]} {torch_index()}".encode())
    return digest.hexdigest()


def torch_index() -> str:
    """Return where a smaller PyTorch comes from: TORCH_INDEX, else what the environment was made with ("": neither)."""
    return os.environ["TORCH_INDEX"] if "TORCH_INDEX" in os.environ else kept_index()


def kept_index() -> str:
    """Return the index that the environment was made with, "" for none."""
    return CHOICE.read_text(encoding="utf-8") if CHOICE.exists() else ""


def install(arguments: list[str]) -> None:
    """Install with uv where it is at hand (four times faster), else, or if it fails, with pip."""
    uv = shutil.which("uv")
    if uv and subprocess.call([uv, "pip", "install", "--python", str(python()), *arguments]) == 0:
        return
    subprocess.check_call([str(python()), "-m", "pip", "install", "--disable-pip-version-check", *arguments])


def pinned(lock: Path, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return ``(name, version)`` of the packages named, as locked."""
    found = dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", lock.read_text(encoding="utf-8"), re.MULTILINE))
    return [(name, found[name]) for name in names]


def without_cuda(lock: str) -> str:
    """Return the lock's text without torch, torchvision and the CUDA packages they bring."""
    entries = re.split(r"^(?=[\w.-]+==)", lock, flags=re.MULTILINE)
    dropped = tuple(f"{name}==" for name in TORCH_PACKAGES) + CUDA_PACKAGES
    return "".join(entry for entry in entries if not entry.startswith(dropped))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
