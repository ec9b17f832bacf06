"""Reading a submitted notebook: never executed here, and never trusted."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LARGEST_MB = 50
_CHECK = re.compile(r"""\bcheck\(\s*["'](\d\d-[\w-]+)["']""")


class Unreadable(Exception):
    """A submission that cannot be graded, with one line that says why and what to do."""


@dataclass(frozen=True)
class SubmittedCell:
    """One code cell: its text without magics, and the names that may tell which cell it is."""

    text: str
    names: frozenset[str]  # the cell's identifier, Colab's, nbgrader's


@dataclass(frozen=True)
class SubmittedNotebook:
    """The code cells of a submission in their order; ``lesson`` is its number, or "" where nothing tells."""

    cells: tuple[SubmittedCell, ...]
    lesson: str


def read_submission(path: Path) -> SubmittedNotebook:
    """Read a submitted notebook; raises Unreadable with one line."""
    try:
        size = path.stat().st_size
        if size > LARGEST_MB * 1e6:
            raise Unreadable(
                f"too large ({size / 1e6:.0f} MB, at most {LARGEST_MB}): clear the outputs (Kernel menu) and save"
            )
        data = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"cannot be read ({error.strerror})") from None
    if not data.strip():
        raise Unreadable("the file is empty")
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Unreadable("not a Jupyter notebook (no JSON): save it from Jupyter as .ipynb") from None
    if not isinstance(content, dict) or ("cells" not in content and "worksheets" not in content):
        raise Unreadable("not a Jupyter notebook (JSON without cells)")
    if content.get("nbformat") != 4 or not isinstance(content.get("cells"), list):
        shown = str(content.get("nbformat"))[:10]
        raise Unreadable(f"notebook format {shown}, not 4: open it in a current Jupyter and save it")
    cells = tuple(cell for raw in content["cells"] if (cell := _cell(raw)))
    return SubmittedNotebook(cells, _lesson(content, cells, path))


def _cell(raw: Any) -> SubmittedCell | None:
    if not isinstance(raw, dict) or raw.get("cell_type") != "code":
        return None
    text = raw.get("source", "")
    if isinstance(text, list):
        text = "".join(line for line in text if isinstance(line, str))
    if not isinstance(text, str):
        return None
    metadata = raw.get("metadata") if isinstance(raw.get("metadata"), dict) else {}
    nbgrader = metadata.get("nbgrader") if isinstance(metadata.get("nbgrader"), dict) else {}
    names = (raw.get("id"), metadata.get("id"), nbgrader.get("grade_id"))
    return SubmittedCell(_without_magics(text), frozenset(name for name in names if isinstance(name, str)))


def _without_magics(text: str) -> str:
    """Leave out IPython's own lines: they would not be Python, and an answer needs none."""
    lines = text.replace("\r\n", "\n").replace("\0", "").split("\n")
    if lines and lines[0].lstrip().startswith("%%"):
        return ""
    return "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in lines)


def _lesson(content: dict[str, Any], cells: tuple[SubmittedCell, ...], path: Path) -> str:
    metadata = content.get("metadata") if isinstance(content.get("metadata"), dict) else {}
    ours = metadata.get("synscenes") if isinstance(metadata.get("synscenes"), dict) else {}
    if re.fullmatch(r"\d\d", str(ours.get("lesson", ""))):
        return str(ours["lesson"])
    # A tool that rewrote the metadata keeps the check calls.
    votes = Counter(found[:2] for cell in cells for found in _CHECK.findall(cell.text))
    if votes:
        return max(sorted(votes), key=votes.__getitem__)
    match = re.search(r"(?<!\d)(\d\d)_[a-z]+_", path.name)
    return match[1] if match else ""
