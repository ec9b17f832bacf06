"""What is wrong in a COCO file, one line each: where, what, and what to do."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from synscenes.checks import shorten

MOST_ALIKE = 1000  # Reports of one kind on one field; what exceeds them is counted.


@dataclass(frozen=True)
class Problem:
    """One problem. ``section`` and ``index`` say where in the file, ``id`` is the record's own number.

    ``code`` names the kind of problem for programs. ``level`` is "error", or "warning" for what tools accept but
    what is probably not meant. ``line`` is given for text that is no JSON.
    """

    file: str
    section: str | None
    index: int | None
    id: Any
    field: str | None
    code: str
    wrong: str
    advice: str
    level: str = "error"
    line: int | None = None

    @property
    def where(self) -> str:
        """The place in words: ``annotations[12], id 37, bbox``."""
        parts = [f"line {self.line}"] if self.line is not None else []
        if self.section is not None:
            name = shorten(self.section, 40)[1:-1]  # A file may name its sections as it likes: keep to one line.
            parts.append(name if self.index is None else f"{name}[{self.index}]")
        if self.id is not None:
            parts.append(f"id {shorten(self.id, 40)}")
        return ", ".join([*parts, self.field] if self.field else parts)

    @property
    def message(self) -> str:
        """What is wrong and what to do, without the place."""
        return f"{self.wrong}; {self.advice}"

    def __str__(self) -> str:
        place = f", {self.where}" if self.where else ""
        return f"{'warning: ' * (self.level == 'warning')}{self.file}{place}: {self.message}."


class Report:
    """Collects problems, and counts those that repeat more than ``most`` times."""

    def __init__(self, file: str, most: int = MOST_ALIKE) -> None:
        self.file, self.most = file, most
        self.problems: list[Problem] = []
        self._seen: Counter[tuple[str | None, str | None, str]] = Counter()

    def add(
        self, code: str, wrong: str, advice: str, *, section: str | None = None, index: int | None = None,
        id: Any = None, field: str | None = None, level: str = "error", line: int | None = None,
    ) -> None:  # fmt: skip
        """Note a problem."""
        kind = (section, field, code)
        self._seen[kind] += 1
        if self._seen[kind] <= self.most:
            self.problems.append(Problem(self.file, section, index, id, field, code, wrong, advice, level, line))

    def finished(self) -> list[Problem]:
        """Return all problems, with one line for each kind that was cut short."""
        more = [
            Problem(self.file, section, None, None, field, code, f"{count - self.most:,} more of the kind {code!r}",
                    "mend those listed and run this again")
            for (section, field, code), count in self._seen.items() if count > self.most
        ]  # fmt: skip
        return self.problems + more


@dataclass
class Place:
    """A record under check: reports go to its place in the file."""

    report: Report
    section: str
    index: int
    id: Any = None

    def add(self, code: str, field: str | None, wrong: str, advice: str, level: str = "error") -> None:
        """Note a problem with this record."""
        self.report.add(
            code, wrong, advice, section=self.section, index=self.index, id=self.id, field=field, level=level
        )
