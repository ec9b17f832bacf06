"""``python -m synscenes grade``: score submitted notebooks behind walls, and write grades and feedback.

The parts: ``submissions`` finds students, ``notebooks`` reads files, ``answers`` finds each exercise's code and
``program`` what it needs of the course; ``bench``, ``judge``, ``sandbox``, ``worker`` and ``walls`` run it; ``marking``
keeps results; ``reports`` writes. The instructor guide tells what this protects against, and what it cannot.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from synscenes.errors import CourseError


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``python -m synscenes grade``."""
    parser.add_argument("folder", type=Path, help="the submissions: notebooks, or one folder a student")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the grades go (default: FOLDER-graded)")
    parser.add_argument("--lesson", metavar="NN", help="grade this lesson only (default: what each notebook holds)")
    parser.add_argument("--timeout", type=int, default=20, metavar="S", help="seconds an answer may take (default: 20)")
    parser.add_argument(
        "--memory", type=int, default=1000, metavar="MB", help="memory an answer may take (default: 1000)"
    )
    parser.add_argument("-j", "--jobs", type=int, default=1, metavar="N", help="answers at once (default: 1)")
    parser.add_argument("--again", action="store_true", help="grade anew what has not changed, too")


def run(args: argparse.Namespace) -> int:
    """Grade a folder; returns 1 when a submission could not be graded, 0 otherwise (whatever the marks)."""
    from synscenes.grading import marking, reports, walls
    from synscenes.grading.program import Programs
    from synscenes.grading.sandbox import Limits
    from synscenes.grading.submissions import find_students
    from synscenes.paths import require_repo_root

    root = require_repo_root()
    for name, value, least in (("--timeout", args.timeout, 1), ("--memory", args.memory, 100), ("-j", args.jobs, 1)):
        if value < least:
            raise CourseError(f"{name} needs a number of at least {least}, not {value}.")
    lessons = Programs(root)
    if args.lesson and args.lesson not in lessons:
        raise CourseError(f"There is no lesson {args.lesson}: the course has {', '.join(lessons)}.")
    out = _out(args)
    students = find_students(args.folder)
    kind = walls.strongest()
    print(_about(kind), file=sys.stderr)
    rules = marking.Rules(
        root, lessons, Limits(args.timeout, args.memory), kind, args.jobs, out / "kept", args.lesson, args.again,
        marking.hidden_from_answers(root, args.folder, out),
    )  # fmt: skip
    with _Bar() as bar:
        results = marking.mark_all(students, rules, bar)
    rows = reports.rows_of(students, results)
    graded = sorted({marked.lesson for marked in results.values() if not marked.error})
    maxima = {number: sum(task.points for task in lessons[number].tasks) for number in graded}
    reports.write_reports(out, rows, maxima)
    return _tell(rows, results, out)


def _out(args: argparse.Namespace) -> Path:
    folder = args.folder.absolute()
    out = (args.out or folder.with_name(f"{folder.stem if folder.is_file() else folder.name}-graded")).absolute()
    if folder.is_dir() and (out == folder or folder in out.parents):
        raise CourseError(f"{out} lies among the submissions: name a folder outside {args.folder} with --out.")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CourseError(f"{out} cannot be made ({error.strerror}): name another folder with --out.") from None
    if not os.access(out, os.W_OK):
        raise CourseError(f"{out} cannot be written to: name another folder with --out.")
    return out


def _about(kind: str) -> str:
    if kind == "bubblewrap":
        return "Answers run walled in by bubblewrap: no network, no files but the course's, no other process."
    if kind == "namespaces":
        return (
            "Answers run without network and apart from other processes. Install bubblewrap to wall in files as well."
        )
    return (
        "Answers run under limits alone, in Python's own guard: this machine gives no stronger wall. Install "
        "bubblewrap on Linux, or use a machine with nothing on it to lose."
    )


def _tell(rows: list, results: dict, out: Path) -> int:
    from synscenes.grading.reports import common_mistakes

    for row in rows:
        shown = ", ".join(f"lesson {n} {m.points} of {m.maximum}" for n, m in row.lessons.items()) or "nothing graded"
        print(f"{row.student.name}: {shown}" + "".join(f"\n  {note}" for note in row.notes))
    for count, exercise, diagnosis, _ in common_mistakes(rows)[:5]:
        print(f"{count} × {exercise}: {diagnosis}")
    kept = sum(not marked.fresh for marked in results.values())
    print(f"Grades, feedback and a summary are in {out}" + (f" ({kept} unchanged, kept)." if kept else "."))
    return 1 if any(marked.error for marked in results.values()) else 0


class _Bar:
    """A progress bar on a terminal, nothing elsewhere."""

    def __enter__(self) -> _Bar:
        self._bar = None
        return self

    def __call__(self, done: int, total: int) -> None:
        from tqdm import tqdm

        if self._bar is None:
            self._bar = tqdm(total=total, unit="answer", disable=not sys.stderr.isatty())
        self._bar.update(done - self._bar.n)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()
