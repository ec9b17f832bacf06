"""The page that a project ends with: what a reader needs to believe it, or to doubt it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synscenes.files import write_atomic

SECTIONS = {
    "question": "The question, in one sentence that a measurement can answer",
    "data": "Which data, how many, made or collected how; what was held out, and how often it was asked",
    "baseline": "What it is compared with, and why that is fair",
    "change": "What was changed, small enough that a reader could do it again",
    "measure": "The number, its interval, over what (seeds, images), and on which data",
    "failures": "Where it still fails, with pictures or examples",
    "negative": "What was tried and did not help",
    "statement": "Whose data these are, under which licence, who could be harmed by a use of the result",
}
EMPTY = "*Not written yet.*"


@dataclass
class Report:
    """A report of a project: ``said`` maps sections to text; ``figures`` are (figure, alt text), saved beside it."""

    title: str
    said: Mapping[str, str]
    figures: list[tuple[Any, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        unknown = sorted(set(self.said) - set(SECTIONS))
        if unknown:
            raise ValueError(f"no section is called {unknown[0]!r}; known are {', '.join(SECTIONS)}")

    @property
    def missing(self) -> list[str]:
        """The sections that say nothing yet, in order."""
        return [name for name in SECTIONS if not (self.said.get(name) or "").strip()]

    @property
    def level(self) -> tuple[int, str]:
        """(level, evidence) for the rubric."""
        empty = self.missing
        level = 0 if len(empty) * 2 >= len(SECTIONS) else 1 if empty else 2
        return level, "every section is written" if not empty else f"empty: {', '.join(empty)}"

    def markdown(self) -> str:
        """Return the page."""
        lines = [f"# {self.title}", ""]
        for name, wanted in SECTIONS.items():
            lines += [f"## {name.capitalize()}", "", (self.said.get(name) or "").strip() or f"{EMPTY} {wanted}.", ""]
            if name == "failures":
                lines += [f"![{alt}](figure_{n}.png)\n" for n, (_, alt) in enumerate(self.figures, 1)]
        return "\n".join(lines)

    def shown(self, level: int = 3) -> str:
        """Return the page to be shown inside another: headings start at ``level``, figures are left out."""
        lines = self.markdown().splitlines()
        return "\n".join("#" * (level - 1) * line.startswith("#") + line for line in lines if not line.startswith("!["))

    def write(self, folder: Path | str) -> Path:
        """Write the page and its figures to a folder, close the figures, and return the page's path."""
        import io

        import matplotlib.pyplot as plt

        folder = Path(folder)
        for number, (figure, _) in enumerate(self.figures, 1):
            buffer = io.BytesIO()
            figure.savefig(buffer, format="png", dpi=120, metadata={"Software": None})
            plt.close(figure)
            write_atomic(folder / f"figure_{number}.png", buffer.getvalue())
        return write_atomic(folder / "report.md", self.markdown())


def interval(low: float, high: float, digits: int = 3) -> str:
    """Return an interval as text: "[0.120, 0.240]"."""
    return f"[{low:.{digits}f}, {high:.{digits}f}]"
