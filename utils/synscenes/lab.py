"""``python -m synscenes lab``: open JupyterLab on the learner's own copy of the notebooks."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from synscenes.errors import CourseError
from synscenes.files import sha256_file, write_atomic
from synscenes.paths import require_repo_root

WORK_FOLDER = "work"
FIRST_LESSON = "00_start_here.ipynb"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``python -m synscenes lab`` (further ones go to JupyterLab)."""
    parser.add_argument("--prepare-only", action="store_true", help="make the copies and stop")


def run(args: argparse.Namespace, jupyter_options: list[str] | None = None) -> int:
    """Copy the notebooks into ``work/`` and open JupyterLab at lesson 00."""
    root = require_repo_root()
    for line in prepare(root):
        print(line)
    if args.prepare_only:
        return 0
    _quiet_start(root)
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}"]
    command += [f"--LabApp.default_url=/lab/tree/{WORK_FOLDER}/{FIRST_LESSON}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # Containers and fresh virtual machines often have no other user; JupyterLab refuses root unless told.
        command.append("--allow-root")
    return subprocess.call([*command, *(jupyter_options or [])], cwd=root)


def prepare(root: Path, work: Path | None = None) -> list[str]:
    """Bring ``work`` up to date without touching what the learner changed; return lines that tell what was done.

    ``work`` is the folder of that name in ``root``, or another where many learners share one course. A missing
    notebook is copied. A copy that is still as it was copied is replaced by a newer version. A copy the learner
    changed stays; where the lesson has changed too, a line says so.
    """
    notebooks = sorted((root / "notebooks").glob("*.ipynb"))
    if not notebooks:
        raise CourseError("notebooks/ is empty: run python -m synscenes build first.")
    work = work or root / WORK_FOLDER
    ledger_path = work / ".copied.json"
    copied = _read_ledger(ledger_path)
    lines, added = [], 0
    try:
        for source in notebooks:
            target, current = work / source.name, sha256_file(source)
            there = sha256_file(target) if target.exists() else None
            if there == current:  # also where a run was stopped before it wrote this down
                copied[source.name] = current
            untouched = there is not None and there == copied.get(source.name)
            if there is None or (untouched and copied[source.name] != current):
                added += 1
                write_atomic(target, source.read_bytes())
                copied[source.name] = current
            elif not untouched and copied.get(source.name) != current:
                lines.append(
                    f"{work.name}/{source.name}: your version is kept; the lesson has a newer one in notebooks/."
                )
        write_atomic(ledger_path, json.dumps(copied, indent=1, sort_keys=True) + "\n")
    except OSError as error:
        raise CourseError(
            f"The notebooks cannot be copied to {work}: {error.strerror}. Is the folder writable?"
        ) from None
    if added:
        lines.insert(0, f"{added} notebooks copied to {work.name}/: they are yours to change.")
    return lines


def _read_ledger(path: Path) -> dict[str, str]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _quiet_start(root: Path) -> None:
    """Keep a fresh JupyterLab from asking about news, a question that needs the network (our environment only)."""
    if Path(sys.prefix) != root / ".venv":
        return
    overrides = Path(sys.prefix) / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    if not overrides.exists():
        quiet = {"@jupyterlab/apputils-extension:notification": {"checkForUpdates": False, "fetchNews": "false"}}
        write_atomic(overrides, json.dumps(quiet, indent=1) + "\n")
