"""The fact check page, written from the ledger; whatever can be computed is computed while it is written."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from synscenes.errors import CourseError
from synscenes.facts.evidence import compute, describe
from synscenes.facts.ledger import Fact, agrees, load

# A sign and a word, so that nobody needs to see the colour.
MARKS = {"true": "✓ True", "partly": "◐ Partly", "outdated": "↺ Outdated", "false": "✗ False"}

LAST = "Traps"


def page_markdown(lessons: dict[str, str] | None = None) -> str:
    """Return the body of the fact check page, in MyST Markdown.

    ``lessons``: notebook names by number ({"05": "05_ilsvrc_benchmark"}) of the lessons that exist, to link to;
    None looks them up. Raises CourseError when a computed value disagrees with the ledger: a wrong page is not
    written.
    """
    entries = list(load().values())
    links = _existing_lessons() if lessons is None else lessons
    parts = [_summary(entries)]
    # In the order of the file, but the traps last: they belong to both halves of the course.
    for topic in sorted(dict.fromkeys(entry.topic for entry in entries), key=LAST.__eq__):
        parts.append(f"## {topic}")
        parts += [_card(entry, links) for entry in entries if entry.topic == topic]
    return "\n\n".join(parts) + "\n"


def _summary(entries: list[Fact]) -> str:
    verdicts = Counter(entry.verdict for entry in entries)
    counts = ", ".join(f"{verdicts[verdict]} {mark[2:].lower()}" for verdict, mark in MARKS.items())
    computed = sum(bool(entry.compute) for entry in entries)
    return (
        f"{len(entries)} claims: {counts}. {computed} of them were computed again while this page was written; "
        "the others rest on the source named with them."
    )


def _card(entry: Fact, links: dict[str, str]) -> str:
    lines = [
        f"({anchor(entry)})=",
        f"::::{{container}} fact fact-{entry.verdict}",
        f"**{MARKS[entry.verdict]}** · {entry.claim}",
        "",
        entry.what_is_so,
        "",
        _evidence(entry),
        "",
        f"Lessons: {_lessons(entry, links)}",
        "::::",
    ]
    return "\n".join(lines)


def anchor(entry: Fact) -> str:
    """Return the name of the entry's place on the page."""
    return f"fact-{entry.id}"


def _evidence(entry: Fact) -> str:
    parts = []
    if entry.compute:
        found = compute(entry.compute)
        if not agrees(found, entry):
            raise CourseError(
                f"fact {entry.id}: the ledger says {entry.value!r}, {entry.compute}() gives {found!r}: mend facts.toml."
            )
        parts.append(f"Computed: **{_shown(found)}** ({describe(entry.compute)})")
    if entry.cite:
        parts.append(f"Source: {entry.cite}")
    return ". ".join(part.rstrip(".") for part in parts) + "."


def _shown(found: Any) -> str:
    if isinstance(found, (list, tuple)):
        return ", ".join(map(_shown, found))
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, int):
        return f"{found:,}"
    return f"{found:g}" if isinstance(found, float) else str(found)


def _lessons(entry: Fact, links: dict[str, str]) -> str:
    names = [
        f"[{number}](notebooks/{links[number]}.ipynb)" if number in links else number
        for number in entry.lessons
    ]
    return ", ".join(names) or "none yet"


def _existing_lessons() -> dict[str, str]:
    from synscenes.authoring.source import lesson_paths
    from synscenes.paths import repo_root

    root: Path | None = repo_root()
    return {path.stem.partition("_")[0]: path.stem for path in lesson_paths(root)} if root else {}
