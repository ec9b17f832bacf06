"""What the learner has done so far, kept in one small local file."""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from synscenes.files import write_atomic
from synscenes.paths import own

VERSION = 1
_SECTIONS = ("checks", "guesses")


def progress_path() -> Path:
    """Return the path of the progress file (it may not exist)."""
    return own() / "progress.json"


def load_progress() -> dict[str, Any]:
    """Return the progress kept so far; a damaged or foreign file is set aside and an empty one begun."""
    path = progress_path()
    empty: dict[str, Any] = {"version": VERSION, "checks": {}, "guesses": {}}
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        return empty
    except (ValueError, RecursionError):
        kept = None
    if not _well_formed(kept):
        _set_aside(path)
        return empty
    return kept


def _well_formed(kept: Any) -> bool:
    if not isinstance(kept, dict) or kept.get("version") != VERSION:
        return False
    if not all(isinstance(kept.get(section), dict) for section in _SECTIONS):
        return False
    return all(
        isinstance(entry, dict) and isinstance(entry.get("tries"), int) and isinstance(entry.get("passed"), bool)
        for entry in kept["checks"].values()
    )


def _set_aside(path: Path, what: str = "The progress file could not be read; it") -> None:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    aside = path.with_name(f"progress.{stamp}.set-aside.json")
    try:
        os.replace(path, aside)
    except OSError:
        return
    print(f"{what} was kept as {aside} and a new one begun.", file=sys.stderr)


def note_check(identifier: str, verdict: str) -> None:
    """Keep the verdict of a check; an untried stub is no try, and a pass stays a pass."""
    if verdict == "not tried":
        return

    def change(kept: dict[str, Any]) -> None:
        entry = kept["checks"].setdefault(identifier, {"tries": 0, "passed": False})
        if not entry["passed"]:
            entry["tries"] += 1
        entry["passed"] = entry["passed"] or verdict == "passed"
        entry["when"] = datetime.now(UTC).isoformat(timespec="seconds")

    _update(change)


def note_guess(name: str, guess: Any) -> None:
    """Keep a prediction (nothing is kept where nobody guessed)."""
    if guess is not None:
        _update(lambda kept: kept["guesses"].__setitem__(name, str(guess)))


def _update(change: Any) -> None:
    # Progress is a convenience: a read-only home or a full disk must never stop a lesson.
    if os.environ.get("SYNSCENES_PROGRESS") == "off":
        return
    from filelock import FileLock, Timeout

    try:
        path = progress_path()
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock", timeout=30):
            kept = load_progress()
            change(kept)
            write_atomic(path, json.dumps(kept, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    except (OSError, Timeout) as error:
        print(f"Progress was not saved ({error}).", file=sys.stderr)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``python -m synscenes progress``."""
    parser.add_argument("--reset", action="store_true", help="set the progress file aside and start anew")


def run(args: argparse.Namespace) -> int:
    """Show which exercises are passed, tried and open, lesson by lesson."""
    if args.reset:
        if progress_path().exists():
            _set_aside(progress_path(), "The progress file")
        return 0
    kept = load_progress()["checks"]
    known = _known_exercises() or {name.partition("-")[0]: [] for name in kept}
    for lesson in sorted(known):
        names = sorted({*known[lesson], *(name for name in kept if name.startswith(f"{lesson}-"))})
        passed = sum(kept.get(name, {}).get("passed", False) for name in names)
        print(f"Lesson {lesson}: {passed} of {len(names)} exercises passed")
        for name in names:
            print(f"  {_mark(kept.get(name))} {name}")
    print(f"Kept in {progress_path()}")
    return 0


def _mark(entry: dict[str, Any] | None) -> str:
    if entry is None:
        return "·"
    tries = f"({entry['tries']} {'try' if entry['tries'] == 1 else 'tries'})"
    return f"{'✓' if entry['passed'] else '✗'} {tries}"


def _known_exercises() -> dict[str, list[str]]:
    import pkgutil

    from synscenes import checks

    lessons = [m.name.removeprefix("lesson_") for m in pkgutil.iter_modules(checks.__path__)]
    return {lesson: checks.identifiers(lesson) for lesson in lessons if lesson.isdigit()}
