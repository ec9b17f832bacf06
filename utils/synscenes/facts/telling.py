"""One entry of the ledger, shown inside a lesson."""

from __future__ import annotations

from synscenes.facts.ledger import fact
from synscenes.facts.page import MARKS

_COLOURS = {"true": "green", "partly": "orange", "outdated": "sky", "false": "vermilion"}


def tell(identifier: str) -> None:
    """Show a claim with its verdict, what is so, and the source, as a note in a notebook (or as plain text).

    Raises CourseError for an unknown id.
    """
    from synscenes.lesson.output import box, emit
    from synscenes.lesson.style import COLOURS

    entry = fact(identifier)
    evidence = f"Source: {entry.cite}" if entry.cite else "Computed by the course: see its fact check"
    heading = f"{MARKS[entry.verdict]}. “{entry.claim}”"
    body = f"\n{entry.what_is_so}\n{evidence.rstrip('.')}."
    emit(f"{heading}{body}", box(COLOURS[_COLOURS[entry.verdict]], heading, body))
