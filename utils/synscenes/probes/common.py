"""What a probe of the doctor returns, and a few helpers that probes share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

OK, ADVICE, PROBLEM = "ok", "advice", "problem"
INSTALL = "run `make lab` again (Windows: `py utils\\bootstrap.py lab`)"


@dataclass(frozen=True)
class Check:
    """One finding: ``status`` is "ok", "advice" (it works, but) or "problem" (something will fail)."""

    name: str
    status: str
    found: str
    todo: str = ""


def tidy(path: str | Path) -> str:
    """Shorten a path for a report, which may be posted in public: ~ for the home folder, else its end."""
    path = Path(path)
    try:
        return str(Path("~") / path.relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return str(Path("…", path.name)) if len(path.parts) > 2 else str(path)


def existing(folder: Path) -> Path:
    """Return the nearest folder on the way up that exists."""
    return next(place for place in (folder, *folder.parents) if place.is_dir())


def first_line(error: BaseException) -> str:
    """Return an error's first line, cut to 120 characters."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:120]
