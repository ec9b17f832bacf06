"""The walls round a submitted answer, built by tools of the operating system.

Three kinds, the strongest that works here is taken:

- ``bubblewrap``: bwrap shows the process a file system of its own (system, Python, the package without its checks,
  the cache, all read-only; a small folder in memory to write to), no network, no other process.
- ``namespaces``: util-linux's unshare takes away the network and the other processes; files stay as the user sees them.
- ``process``: what every Unix has: limits, an emptied environment, and the audit hook of ``worker``.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from synscenes.errors import CourseError
from synscenes.paths import home

KINDS = ("bubblewrap", "namespaces", "process")
NOBODY = 65534
WRITABLE_MB = 64
PACKAGE = Path(__file__).resolve().parents[1]
OFFLINE = PACKAGE / "offline"


@dataclass(frozen=True)
class Wall:
    """How to start a process behind a wall; ``inside`` is the folder it may write to, as it sees it."""

    kind: str
    command: tuple[str, ...]
    inside: str

    def environment(self) -> dict[str, str]:
        """Return all that the process gets to know of the environment."""
        kept = {name: os.environ[name] for name in ("LANG", "LC_ALL") if name in os.environ}
        one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "PYTHONHASHSEED"), "1")
        return kept | one | {
            "PATH": "/usr/bin:/bin",
            "USER": "learner",
            "HOME": self.inside,
            "TMPDIR": self.inside,
            "MPLCONFIGDIR": self.inside,
            "PYTHONPATH": str(OFFLINE),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONNOUSERSITE": "1",
            "PYTHONIOENCODING": "utf-8",
            "SYNSCENES_HOME": str(home()),
            "SYNSCENES_OFFLINE": "1",
            "SYNSCENES_PROGRESS": "off",
            "MPLBACKEND": "agg",
        }  # fmt: skip


def wall(kind: str, folder: Path) -> Wall:
    """Return the wall of a kind round a process that may write to ``folder`` (or to memory in its place)."""
    python = (sys.executable, "-s", "-P")
    if kind == "bubblewrap":
        return Wall(kind, (*_bubblewrap(), *python), "/tmp")
    if kind == "namespaces":
        return Wall(kind, (*_namespaces(), *python), str(folder))
    return Wall(kind, (*(become_nobody() if is_root() else ()), *python), str(folder))


@functools.cache
def strongest() -> str:
    """Return the strongest kind that works on this machine; raises CourseError where there is none at all."""
    if os.name != "posix":
        raise CourseError("Submitted code needs walls that Windows does not give: run grade in WSL or in a container.")
    for kind in KINDS:
        if works(kind):
            return kind
    raise CourseError(
        "Submitted code cannot be walled in here: install bubblewrap (its command is bwrap), or run grade as an "
        "ordinary user."
    )


@functools.cache
def works(kind: str) -> bool:
    """Try whether a process can be started behind a wall of a kind here."""
    tool = {"bubblewrap": "bwrap", "namespaces": "unshare"}.get(kind)
    if tool and not (sys.platform == "linux" and shutil.which(tool)):
        return False
    if kind != "bubblewrap" and is_root() and not shutil.which("setpriv"):
        return False
    made = wall(kind, Path("/tmp"))
    code = f"import sys, numpy, synscenes.grading.plain; assert sys.version_info[:2] == {sys.version_info[:2]}"
    try:
        tried = subprocess.run(
            [*made.command, "-c", code],
            env=made.environment(), stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _bubblewrap() -> list[str]:
    command = ["bwrap", "--die-with-parent", "--new-session", "--unshare-pid", "--unshare-net", "--unshare-ipc"]
    command += ["--unshare-uts", "--hostname", "sandbox"]
    for name in ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"):
        path = Path(name)
        if path.is_symlink():
            command += ["--symlink", os.readlink(path), name]
        elif path.is_dir():
            command += ["--ro-bind", name, name]
    command += ["--perms", "0755", "--dir", "/etc"]
    for name in ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", "/etc/fonts"):
        command += ["--ro-bind-try", name, name]
    for folder in _readable():
        # bwrap would make the folders above it for its own user alone.
        above = [str(parent) for parent in reversed(Path(folder).parents) if str(parent) != "/"]
        command += [part for parent in above for part in ("--perms", "0755", "--dir", parent)]
        command += ["--ro-bind", folder, folder]
    checks = str(PACKAGE / "checks")
    command += ["--tmpfs", checks, "--ro-bind", f"{checks}/__init__.py", f"{checks}/__init__.py"]
    command += ["--remount-ro", checks, "--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    command += ["--size", str(WRITABLE_MB * 1_000_000), "--perms", "1777", "--tmpfs", "/tmp", "--chdir", "/tmp"]
    if not is_root():
        return [*command, "--unshare-user", "--"]
    # Root has no limit on processes, so inside it becomes nobody; without a user namespace it really does.
    command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--"]
    return [*command, *become_nobody()]


def _namespaces() -> list[str]:
    command = ["unshare", "--net", "--pid", "--ipc", "--mount", "--fork", "--kill-child=KILL", "--mount-proc"]
    if not is_root():
        return [*command, "--user", "--map-current-user", "--"]
    return [*command, "--", *become_nobody()]


def become_nobody() -> Sequence[str]:
    """Return the beginning of a command that root runs as nobody, without any of root's privileges."""
    return (
        "setpriv",
        f"--reuid={NOBODY}",
        f"--regid={NOBODY}",
        "--clear-groups",
        "--no-new-privs",
        "--inh-caps=-all",
        "--",
    )


@functools.cache
def _readable() -> tuple[str, ...]:
    """Folders Python and the answers need: interpreter, packages, this package, the cache; none twice."""
    import site

    folders = [sys.base_prefix, sys.prefix, *site.getsitepackages(), str(PACKAGE)]
    folders += [os.path.realpath(sys.executable).rsplit(os.sep, 2)[0]]
    cache = home()
    folders += [str(cache / "assets"), *(str(made) for made in sorted(cache.glob("micro-coco-*")))]
    kept: list[str] = []
    for folder in sorted({os.path.abspath(name) for name in folders if os.path.isdir(name)}):
        inside = folder == "/usr" or folder.startswith("/usr/") or any(folder.startswith(f"{k}/") for k in kept)
        if not inside:
            kept.append(folder)
    return tuple(kept)


def hidden(root: Path | None) -> list[str]:
    """Return folders and files an answer has no business in: checks, solutions, and what is graded here."""
    paths = [str(path) for path in sorted((PACKAGE / "checks").glob("lesson_*.py"))]
    if root:
        paths += [str(root / name) for name in ("course", "_build", "notebooks", "tests", "work")]
    return paths
