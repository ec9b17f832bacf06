"""Reading the fact ledger and quoting from it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from synscenes.errors import CourseError

VERDICTS = ("true", "partly", "outdated", "false")
_REQUIRED = ("id", "topic", "claim", "verdict", "what_is_so", "quote", "lessons")
_OPTIONAL = ("value", "tolerance", "compute", "cite", "year", "system")
_QUOTED = re.compile(r"\{\{\s*fact:([^{}]*?)\s*\}\}")
_NUMBER = re.compile(r"(?<![\d.,])[-−]?\d+(?:,\d{3})*(?:\.\d+)?")


@dataclass(frozen=True)
class Fact:
    """One entry. ``claim`` is what one reads; ``what_is_so`` is what holds; ``quote`` is what lessons insert.

    ``value`` (a number, a string, a bool or a list of them) is what the function ``compute`` of
    ``synscenes.facts.evidence`` must return, within ``tolerance``. ``cite`` names the primary source. An entry has
    one of the two, or both. ``year`` and ``system`` mark the winners of ILSVRC, see :func:`history`.
    """

    id: str
    topic: str
    claim: str
    verdict: str
    what_is_so: str
    quote: str
    lessons: tuple[str, ...] = field(default=())
    value: Any = None
    tolerance: float = 0.0
    compute: str = ""
    cite: str = ""
    year: int | None = None
    system: str = ""


def ledger_path() -> Path:
    """Return the ledger's file."""
    return Path(__file__).resolve().parents[1] / "data" / "facts.toml"


@cache
def load(path: Path | None = None) -> dict[str, Fact]:
    """Return all entries by id, in the file's order.

    Raises CourseError, naming the entry, for a missing or unknown key, an unknown verdict, a repeated id, an
    entry without evidence, or a quote that leaves out its own number.
    """
    path = path or ledger_path()
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["fact"]
    except (OSError, ValueError, KeyError) as error:
        reason = f"{type(error).__name__}: {str(error)[:200]}"
        raise CourseError(f"{path.name} cannot be read as a ledger of facts ({reason}).") from None
    found: dict[str, Fact] = {}
    for place, entry in enumerate(entries, 1):
        name = entry.get("id", f"number {place}")
        problem = _problem(entry) or ("the id is taken already" if name in found else "")
        if problem:
            raise CourseError(f"{path.name}: fact {name}: {problem}.")
        found[name] = Fact(**{**entry, "lessons": tuple(entry["lessons"])})
    return found


def fact(identifier: str) -> Fact:
    """Return one entry; raises CourseError for an unknown id, with the nearest known ones."""
    try:
        return load()[identifier]
    except KeyError:
        import difflib

        near = difflib.get_close_matches(identifier, load(), n=3, cutoff=0.4)
        hint = f"did you mean {' or '.join(near)}?" if near else "see utils/synscenes/data/facts.toml."
        raise CourseError(f"the ledger has no fact {identifier!r}: {hint}") from None


def quote(identifier: str) -> str:
    """Return the short wording that lessons insert."""
    return fact(identifier).quote


def value(identifier: str) -> Any:
    """Return an entry's value; raises CourseError where it has none."""
    entry = fact(identifier)
    if entry.value is None:
        raise CourseError(f"fact {identifier} has no value to compute with: quote it.")
    return entry.value


def history() -> list[Fact]:
    """Return ILSVRC's winners in order: entries with ``year``, ``system`` and the top-5 error in per cent."""
    return sorted((entry for entry in load().values() if entry.year), key=lambda entry: entry.year)


def substitute(text: str) -> str:
    """Replace each ``{{fact:id}}`` in ``text`` by the entry's quote.

    Raises CourseError for an unknown id and for an unfinished ``{{fact``.
    """
    text = _QUOTED.sub(lambda found: quote(found[1]), text)
    if "{{fact" in text:
        raise CourseError("a fact is quoted as {{fact:some-id}}, with two braces on either side")
    return text


def mentions(text: str, value: Any) -> bool:
    """Return whether ``text`` holds ``value``: numbers perhaps rounded (16.4 for 16.42), a list's items each."""
    if isinstance(value, list):
        return all(mentions(text, item) for item in value)
    if isinstance(value, bool):
        return True  # "It changes" says as much as "True".
    if isinstance(value, str):
        return value.lower() in text.lower()
    for written in _NUMBER.findall(text):
        digits = len(written.partition(".")[2])
        number = float(written.replace(",", "").replace("−", "-"))
        if abs(number - value) <= 0.5001 * 10**-digits and abs(number - value) <= 0.01 * abs(value):
            return True
    return False


def agrees(found: Any, entry: Fact) -> bool:
    """Return whether a computed result is the ledger's value, numbers within the entry's tolerance."""
    if isinstance(entry.value, list):
        same = isinstance(found, (list, tuple)) and len(found) == len(entry.value)
        return same and all(_same(got, want, entry.tolerance) for got, want in zip(found, entry.value))
    return _same(found, entry.value, entry.tolerance)


def _same(found: Any, wanted: Any, tolerance: float) -> bool:
    if isinstance(wanted, (bool, str)) or isinstance(found, (bool, str)):
        return type(found) is type(wanted) and found == wanted
    return abs(found - wanted) <= tolerance


def _problem(entry: dict[str, Any]) -> str:
    missing = [key for key in _REQUIRED if key not in entry]
    unknown = sorted(set(entry) - set(_REQUIRED) - set(_OPTIONAL))
    if missing or unknown:
        return f"it lacks {', '.join(missing)}" if missing else f"unknown key {unknown[0]!r}"
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", entry["id"]):
        return "an id is kebab-case: lower-case letters, digits, hyphens"
    if entry["verdict"] not in VERDICTS:
        return f"verdict {entry['verdict']!r} is none of {', '.join(VERDICTS)}"
    if not all(re.fullmatch(r"\d\d", lesson) for lesson in entry["lessons"]):
        return 'lessons are two digits: "05"'
    if not entry.get("compute") and not entry.get("cite"):
        return "it has no evidence: give `compute`, `cite`, or both"
    if entry.get("compute") and "value" not in entry:
        return "`compute` needs the `value` it must give"
    if set(entry["quote"]) & set('"\\\n'):
        # It may stand inside a quiz, whose text is a quoted YAML string.
        return "the quote must be one line without double quotes or backslashes"
    if "value" in entry and not mentions(entry["quote"], entry["value"]):
        return f"the quote {entry['quote']!r} does not hold the value {entry['value']!r}"
    return ""
