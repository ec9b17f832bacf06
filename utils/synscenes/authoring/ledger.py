"""The drift ledger: each lesson's named results in ``tests/expected/NN.toml``, and which way is worse.

An entry is a value, or a table: ``{value = 0.61, abs = 0.2, better = "higher"}``. ``abs`` is how far the result may lie
from the value: another version of torch trains to other weights. ``better`` ("higher" or "lower") marks a key result,
one that says how good something is. It may improve by ``abs``, but worsen by ``fall`` only (default: half of ``abs``),
so that quality cannot seep away unseen. Results under ``[smoke]`` or ``[laptop]`` belong to that profile.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import tomllib
from pathlib import Path
from typing import Any

from synscenes.authoring.source import find_lessons
from synscenes.errors import CourseError
from synscenes.files import write_atomic
from synscenes.paths import require_repo_root

EXPECTED = Path("tests") / "expected"
PROFILES = ("smoke", "laptop")
_ENTRY = re.compile(r"^(?P<name>[a-z]\w*) = (?P<value>.*)$")


def expected_results(root: Path, lesson: str, profile: str) -> dict[str, Any]:
    """Return a lesson's ledger at a profile; raises CourseError where there is none or an entry makes no sense."""
    path = root / EXPECTED / f"{lesson}.toml"
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CourseError(f"No ledger at {path}: python -m synscenes ledger {lesson} --write starts one.") from None
    except (OSError, ValueError) as error:
        raise CourseError(f"{path} cannot be read: {error}.") from None
    shared = {name: value for name, value in content.items() if name not in PROFILES}
    expected = shared | content.get(profile, {})
    for name, entry in expected.items():
        if isinstance(entry, dict) and (
            "value" not in entry
            or set(entry) - {"value", "abs", "better", "fall"}
            or entry.get("better", "higher") not in ("higher", "lower")
        ):
            raise CourseError(f'{path}: {name} needs value, and may have abs, better ("higher" or "lower"), fall.')
    return expected


def disagreements(found: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """Return one line for each named result that is missing, unexpected, worse, or off by more than it may be."""
    lines = [f"{name} was recorded but is not in the ledger" for name in found if name not in expected]
    for name, entry in expected.items():
        if name not in found:
            lines.append(f"{name} was not recorded")
        elif complaint := _complaint(found[name], entry if isinstance(entry, dict) else {"value": entry}):
            lines.append(f"{name} {complaint}")
    return lines


def _complaint(got: Any, entry: dict[str, Any]) -> str:
    wanted, slack = entry["value"], entry.get("abs", 0)
    if isinstance(wanted, bool) or not isinstance(wanted, (int, float)):
        return "" if got == wanted else f"is {got!r}, expected {wanted!r}"
    if isinstance(got, bool) or not isinstance(got, (int, float)):
        return f"is {got!r}, expected a number"
    better = entry.get("better")
    worse_by = {"higher": wanted - got, "lower": got - wanted}.get(better, 0)
    if worse_by > _fall(entry) + 1e-9 * abs(wanted):
        return f"is worse: {got:.6g}, it was {wanted:.6g} and {better} is better (it may lose {_fall(entry):.3g})"
    if not math.isclose(got, wanted, rel_tol=1e-9, abs_tol=slack):
        return f"is {got:.6g}, expected {wanted:.6g} ± {slack:.3g}"
    return ""


def _fall(entry: dict[str, Any]) -> float:
    return entry.get("fall", entry.get("abs", 0) / 2)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``python -m synscenes ledger``."""
    parser.add_argument("lessons", nargs="*", metavar="NN", help="lessons to look at (default: all that were executed)")
    parser.add_argument("--write", action="store_true", help="take the values found into tests/expected")
    parser.add_argument("--folder", type=Path, help="executed solution notebooks (default: _build/run/solution)")


def run(args: argparse.Namespace) -> int:
    """Compare the last executed notebooks with the ledger; 1 if a result is off and was not written."""
    import nbformat

    from synscenes.lesson.results import results_of

    root = require_repo_root()
    folder = args.folder or root / "_build" / "run" / "solution"
    try:
        report = json.loads((folder / "report.json").read_text(encoding="utf-8"))["lessons"]
    except (OSError, ValueError, KeyError, TypeError):
        raise CourseError(f"No executed notebooks in {folder}: python -m synscenes run comes first.") from None
    off = 0
    for path in find_lessons(root, args.lessons):
        number = path.stem.partition("_")[0]
        entry = report.get(number)
        if entry is None or entry.get("error") or entry.get("profile") not in PROFILES:
            if args.lessons:
                raise CourseError(f"Lesson {number} has no finished smoke or laptop run in {folder}.")
            continue
        found = results_of(nbformat.read(folder / f"{path.stem}.ipynb", as_version=4))
        off += _compare(root, number, entry["profile"], found, args.write)
    return 1 if off and not args.write else 0


def _compare(root: Path, lesson: str, profile: str, found: dict[str, Any], write: bool) -> int:
    """Print what differs between a run and the ledger; with ``write`` the ledger takes it over. Return how many are
    off."""
    path = root / EXPECTED / f"{lesson}.toml"
    expected = expected_results(root, lesson, profile) if path.exists() else {}
    lines = disagreements(found, expected)
    moved = [name for name, value in found.items() if name in expected and _value(expected[name]) != value]
    print(f"lesson {lesson}, {profile}: {len(found)} results, {len(moved)} moved, {len(lines)} off")
    for name in moved:
        entry = expected[name] if isinstance(expected[name], dict) else {"value": expected[name]}
        verdict = _complaint(found[name], entry) and "  <- off"
        print(f"  - {name} = {_shown(entry['value'])}\n  + {name} = {_shown(found[name])}{verdict}")
    for line in lines:
        if line.endswith(("recorded", "ledger")):
            print(f"  ! {line}")
    if write:
        text = path.read_text(encoding="utf-8") if path.exists() else f"# Named results of lesson {lesson}.\n"
        write_atomic(path, rewritten(text, profile, found))
    return len(lines)


def rewritten(text: str, profile: str, found: dict[str, Any]) -> str:
    """Return a ledger with the values found in a profile's run; comments, tolerances and the other profile stay.

    A result that has no entry yet gets one in the profile's section, without tolerance. One that was not recorded
    stays: delete its line if that is meant.
    """
    lines, section, left = text.splitlines(), "", dict(found)
    ends = {"": 0}
    for place, line in enumerate(lines):
        if line.startswith("["):
            section = line.strip("[] ")
        if line.strip():
            ends[section] = place + 1
        match = _ENTRY.match(line)
        if match and section in ("", profile) and match["name"] in left:
            lines[place] = f"{match['name']} = {_replaced(match['value'], left.pop(match['name']))}"
    if left:
        new = [f"{name} = {_literal(value)}" for name, value in left.items()]
        if profile not in ends:
            new, ends[profile] = ["", f"[{profile}]", *new], len(lines)
        lines[ends[profile] : ends[profile]] = new
    return "\n".join(lines) + "\n"


def _replaced(old: str, value: Any) -> str:
    """Return an entry's text with another value; a value within rounding of the old one keeps its digits."""
    entry = tomllib.loads(f"entry = {old}")["entry"]
    before = _value(entry)
    if before == value and type(before) is type(value):
        return old
    if not isinstance(entry, dict):
        return _literal(value)
    slack = entry.get("abs", 0)
    number = isinstance(value, float) and slack > 0
    text = f"{value:.{max(0, 2 - math.floor(math.log10(slack)))}f}" if number else _literal(value)
    return re.sub(r"value = (\"[^\"]*\"|[^,}\s]+)", lambda _: f"value = {text}", old, count=1)


def _value(entry: Any) -> Any:
    return entry["value"] if isinstance(entry, dict) else entry


def _literal(value: Any) -> str:
    return json.dumps(value) if not isinstance(value, float) else repr(value)


def _shown(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else repr(value)
