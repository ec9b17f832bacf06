"""Call Jupyter Book in its own environment, warnings as errors, and tell what it complained about."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from synscenes.errors import CourseError

SITE, LOG = Path("_build") / "html", Path("_build") / "book.log"
_COMPLAINT = re.compile(r"\b(WARNING|ERROR|SEVERE|Exception)\b")
# MyST-NB counts a notebook's lines as cell * 10000 + line.
_PLACE = re.compile(r"(?<=\.ipynb:)(\d+)(\d{4})(?=:)")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
# The console script beside Python has another name on each system; its function has one.
_MAIN = "from jupyter_book.cli.main import main; main()"


def make_html(python: Path, book: Path, root: Path) -> Path:
    """Build ``book`` to ``_build/html`` from nothing and return that folder.

    The whole output is kept in ``_build/book.log``. Raises CourseError, after printing the complaints, when
    Jupyter Book warns or fails.
    """
    # A warning is given only for a page that is read anew, so nothing is kept from the last build.
    for stale in (root / SITE, root / "_build" / ".doctrees", root / "_build" / "jupyter_execute"):
        shutil.rmtree(stale, ignore_errors=True)
    command = [str(python), "-c", _MAIN, "build", str(book), "--path-output", str(root)]
    command += ["--config", str(book / "_config.yml"), "--toc", str(book / "_toc.yml")]
    command += ["-W", "--keep-going", "--all"]
    # Colour codes and a lost terminal width would only clutter the log.
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore"}
    lines = []
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        env=environment,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            line = _PLACE.sub(_in_words, _ANSI.sub("", line).rstrip())
            lines.append(line)
            if _COMPLAINT.search(line):
                print(line, flush=True)
    (root / LOG).write_text("\n".join(lines) + "\n", encoding="utf-8")
    if process.returncode:
        raise CourseError(f"Jupyter Book stopped with warnings or errors: see {LOG.as_posix()}.")
    return root / SITE


def _in_words(place: re.Match[str]) -> str:
    return f" cell {int(place[1])}, line {int(place[2])}"
