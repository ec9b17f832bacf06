"""Run the lessons the site shows, those whose inputs changed, and read the report of their last runs."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from synscenes.authoring import running
from synscenes.authoring.cost import BUDGETS, over_budget, read_budgets
from synscenes.authoring.source import lesson_paths
from synscenes.errors import CourseError

EXECUTED = Path("_build") / "run" / "solution"


def load_report(root: Path) -> dict[str, Any] | None:
    """Return the report of the last runs of the solution edition, or None where there is none."""
    try:
        return json.loads((root / EXECUTED / "report.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def stale_lessons(root: Path, profile: str) -> list[str]:
    """Return the names of lessons whose executed notebook is missing, failed, or made from other inputs."""
    entries = (load_report(root) or {}).get("lessons", {})
    stale = []
    for source in lesson_paths(root):
        entry = entries.get(source.stem.partition("_")[0], {})
        fresh = (
            entry.get("error", "not run") is None
            and entry.get("profile") == profile
            and entry.get("data") == "micro"
            and entry.get("inputs") == running.inputs_hash(root, source)
            and (root / EXECUTED / f"{source.stem}.ipynb").exists()
        )
        if not fresh:
            stale.append(source.stem)
    return stale


def run_lessons(root: Path, profile: str, jobs: int) -> None:
    """Execute the stale lessons; raises CourseError when one fails."""
    stale = stale_lessons(root, profile)
    if not stale:
        print("Nothing changed since the last run.", flush=True)
        _check_budgets(root)
        return
    options = argparse.Namespace(
        lessons=stale,
        profile=profile,
        data="micro",
        edition="solution",
        jobs=jobs,
        parameter=[],
        no_network=False,
        output=None,
    )
    if running.run(options):
        raise CourseError("A lesson failed (see above), so the website was not built.")
    _check_budgets(root)


def _check_budgets(root: Path) -> None:
    entries = (load_report(root) or {}).get("lessons", {}).values()
    budgets = read_budgets(root)
    # Reports of earlier versions of the course lack what budgets are made of.
    over = [line for entry in entries if "cpu_s" in entry for line in over_budget(entry, budgets)]
    if over:
        raise CourseError(f"{'; '.join(over)}: take the waste out, or set a new budget in {BUDGETS.as_posix()}.")
