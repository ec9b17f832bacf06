"""What a project is graded by: four criteria, their levels in words, and points. The self-check fills it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Criterion:
    """One thing that counts: ``levels`` are (points, what such work looks like), from the least to the best."""

    name: str
    levels: tuple[tuple[int, str], ...]


MILESTONES = Criterion(
    "Milestones",
    (
        (0, "none or one of the checks passes"),
        (10, "some of the checks pass, not all"),
        (20, "every check passes"),
    ),
)
REPORT = Criterion(
    "Report",
    (
        (0, "half of the sections or more are empty"),
        (10, "a section is empty, or nothing is said of what did not work"),
        (20, "every section says something, failures and data statement included"),
    ),
)
RUBRICS: dict[str, tuple[Criterion, ...]] = {
    "detector": (
        MILESTONES,
        Criterion(
            "Held-out AP50",
            (
                (0, "not above the starter on the sealed scenes"),
                (15, "above the starter, but the interval of the difference holds 0"),
                (30, "above the starter, the whole interval above 0"),
                (40, "above the starter by 0.10 or more, the whole interval above 0"),
            ),
        ),
        Criterion(
            "Fair play",
            (
                (0, "over the budget of compute"),
                (10, "in the budget; one seed, or more than three looks at the sealed scenes"),
                (20, "in the budget, two seeds or more, at most three looks"),
            ),
        ),
        REPORT,
    ),
    "metric": (
        MILESTONES,
        Criterion(
            "Held-out tau",
            (
                (0, "not above CIDEr on the sealed contest"),
                (15, "above CIDEr, but the interval of the difference holds 0"),
                (30, "above CIDEr, the whole interval above 0"),
                (40, "above CIDEr by 0.10 or more, the whole interval above 0"),
            ),
        ),
        Criterion(
            "Fair play",
            (
                (0, "it knows what no caption says: the canary sings"),
                (10, "it follows the practice contest much better than the sealed one (0.10 or more), or took more "
                     "than three looks"),
                (20, "practice and sealed agree within 0.10, at most three looks"),
            ),
        ),
        REPORT,
    ),
    "audit": (
        MILESTONES,
        Criterion(
            "Held-out average precision",
            (
                (0, "not above the starter on the sealed case"),
                (15, "above the starter, but the interval of the difference holds 0"),
                (30, "above the starter, the whole interval above 0"),
                (40, "above the starter by 0.15 or more, the whole interval above 0"),
            ),
        ),
        Criterion(
            "Fair play",
            (
                (0, "no estimate of the error rate, or one whose interval misses the truth by more than its own width"),
                (10, "an estimate with an interval; it misses the truth, or more than three looks were taken"),
                (20, "an estimate whose interval holds the truth, at most three looks"),
            ),
        ),
        REPORT,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Scorecard:
    """A filled-in rubric: for each criterion the level reached and the evidence, in words."""

    project: str
    reached: Mapping[str, tuple[int, str]]

    @property
    def points(self) -> int:
        """Points reached."""
        return sum(each.levels[self.reached[each.name][0]][0] for each in RUBRICS[self.project])

    @property
    def most(self) -> int:
        """Points that could be reached."""
        return sum(each.levels[-1][0] for each in RUBRICS[self.project])

    def markdown(self) -> str:
        """Return the card as a Markdown table, with what the next level asks for."""
        lines = ["| Criterion | Points | Reached | Evidence | Next level |", "|:--|--:|:--|:--|:--|"]
        for each in RUBRICS[self.project]:
            level, evidence = self.reached[each.name]
            after = each.levels[level + 1][1] if level + 1 < len(each.levels) else "none: that is the top"
            points, words = each.levels[level]
            lines.append(f"| {each.name} | {points} of {each.levels[-1][0]} | {words} | {evidence} | {after} |")
        return "\n".join([*lines, f"| **Sum** | **{self.points} of {self.most}** | | | |"])

    def _repr_markdown_(self) -> str:
        return self.markdown()

    def __str__(self) -> str:
        rows = (f"{name}: level {level}. {evidence}" for name, (level, evidence) in self.reached.items())
        return "\n".join([f"{self.points} of {self.most} points", *rows])


def table(project: str) -> str:
    """Return a project's rubric as a Markdown table. Raises KeyError for an unknown project."""
    lines = ["| Criterion | Points | Such work looks like this |", "|:--|--:|:--|"]
    for each in RUBRICS[project]:
        lines += [f"| {each.name} | {points} | {words} |" for points, words in each.levels]
    return "\n".join(lines)


def milestones(answers: Mapping[str, Sequence[Any]]) -> tuple[int, str]:
    """Run the milestones' checks on ``{exercise: its answers}`` and return (level, evidence)."""
    from synscenes.checks import run_check

    passed = [name for name, given in answers.items() if run_check(name, *given).verdict == "passed"]
    level = 2 if len(passed) == len(answers) else 1 if len(passed) > 1 else 0
    left = [name for name in answers if name not in passed]
    return level, f"{len(passed)} of {len(answers)} pass" + (f"; open: {', '.join(left)}" if left else "")


def held_out(difference: float, low: float, high: float, large: float) -> tuple[int, str]:
    """Return (level, evidence) of a difference with its interval; ``large`` is what the top level asks for."""
    level = 0 if difference <= 0 else 1 if low <= 0 else 2 if difference < large else 3
    return level, f"difference {difference:+.3f} [{low:+.3f}, {high:+.3f}]"
