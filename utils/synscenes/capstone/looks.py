"""How often the sealed data were asked: each answer tells a little, and enough of them tell everything.

Dwork et al. 2015, "The reusable holdout", say what happens to a test set that is asked again and again.
"""

from __future__ import annotations

import json
from pathlib import Path

from synscenes.files import write_atomic

FREE = 3  # looks that cost nothing: one for the starter, one for the solution, one because a bug was found


class Looks:
    """A file that counts looks by project; without a folder it counts in memory only."""

    def __init__(self, folder: Path | str | None = None) -> None:
        self.path = None if folder is None else Path(folder) / "looks.json"
        self._counts: dict[str, int] = {}

    def note(self, project: str) -> int:
        """Count one look and return how many there have been."""
        counts = self._read()
        counts[project] = counts.get(project, 0) + 1
        self._counts = counts
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(self.path, json.dumps(counts, indent=1))
        return counts[project]

    def count(self, project: str) -> int:
        """Return how often this project's sealed data were asked."""
        return self._read().get(project, 0)

    def _read(self) -> dict[str, int]:
        if self.path is None:
            return dict(self._counts)
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return dict(self._counts)
        whole = isinstance(kept, dict) and all(isinstance(value, int) for value in kept.values())
        return kept if whole else dict(self._counts)
