"""From submissions to results, one for each notebook; what was graded before and has not changed is kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from synscenes.authoring.running import inputs_hash
from synscenes.files import write_atomic
from synscenes.grading import walls
from synscenes.grading.answers import Found, find_answers
from synscenes.grading.bench import judge_all
from synscenes.grading.notebooks import SubmittedNotebook, Unreadable, read_submission
from synscenes.grading.program import Program, Programs
from synscenes.grading.sandbox import OURS, Limits
from synscenes.grading.submissions import Student

NOT_TRIED = "The cell holds the three dots still."
MISSING = "I did not find this exercise's answer cell, nor the name it asks for."


@dataclass
class Mark:
    """One exercise of one submission."""

    exercise: str
    level: str
    verdict: str
    points: int
    maximum: int
    message: str
    diagnosis: str | None = None


@dataclass
class Marked:
    """One submitted notebook: its marks, or the one line that says why it has none."""

    path: Path
    lesson: str = ""
    title: str = ""
    marks: list[Mark] = field(default_factory=list)
    error: str | None = None
    fresh: bool = True  # False where an earlier run's result was kept

    @property
    def points(self) -> int:
        """Points earned."""
        return sum(mark.points for mark in self.marks)

    @property
    def maximum(self) -> int:
        """Points there were to earn."""
        return sum(mark.maximum for mark in self.marks)


@dataclass(frozen=True)
class Rules:
    """How to grade: the course's folder and lessons, limits, wall, how many at once, where results are kept."""

    root: Path
    programs: Programs
    limits: Limits
    kind: str
    workers: int
    store: Path
    only: str | None = None  # grade this lesson and no other
    again: bool = False
    hidden: tuple[str, ...] = ()


def mark_all(students: list[Student], rules: Rules, progress: Callable[[int, int], None]) -> dict[Path, Marked]:
    """Grade every notebook; ``progress(done, of)`` counts exercises. The same submissions give the same result."""
    results: dict[Path, Marked] = {}
    keys: dict[Path, str] = {}
    jobs: list[tuple[tuple[Path, str], dict[str, Any]]] = []
    for path in [path for student in students for path in student.notebooks]:
        results[path] = marked = Marked(path)
        try:
            notebook, program = _opened(path, rules)
        except Unreadable as error:
            marked.error = str(error)
            continue
        marked.lesson, marked.title = program.lesson, program.title
        keys[path] = _key(path, program.lesson, rules)
        if not rules.again and _take_kept(rules.store / f"{keys[path]}.json", marked):
            continue
        for found in find_answers(notebook, program):
            marked.marks.append(_mark_of(found))
            if found.state == "answer":
                jobs.append(((path, found.task.identifier), _job(found, rules)))
    open_jobs = dict.fromkeys(keys, 0)
    for (path, _), _ in jobs:
        open_jobs[path] += 1
    for path, number in open_jobs.items():
        if number == 0 and results[path].fresh:
            _keep(rules.store / f"{keys[path]}.json", results[path])
    finished = 0

    def done(key: tuple[Path, str], verdict: dict[str, Any]) -> None:
        nonlocal finished
        path, exercise = key
        mark = next(mark for mark in results[path].marks if mark.exercise == exercise)
        mark.verdict, mark.diagnosis, mark.message = verdict["verdict"], verdict["diagnosis"], verdict["message"]
        mark.points = mark.maximum if mark.verdict == "passed" else 0
        open_jobs[path] -= 1
        if not open_jobs[path] and all(mark.diagnosis != OURS for mark in results[path].marks):
            # Kept as soon as it is whole: a run that is stopped goes on from here.
            _keep(rules.store / f"{keys[path]}.json", results[path])
        finished += 1
        progress(finished, len(jobs))

    if jobs:
        progress(0, len(jobs))
        judge_all(jobs, rules.workers, done)
    return results


def _opened(path: Path, rules: Rules) -> tuple[SubmittedNotebook, Program]:
    notebook = read_submission(path)
    program = rules.programs.get(notebook.lesson)
    if program is None:
        raise Unreadable("no answer cell of the course in it: is it the right notebook?")
    if rules.only and notebook.lesson != rules.only:
        raise Unreadable(f"this is lesson {notebook.lesson}, and lesson {rules.only} is graded")
    return notebook, program


def _mark_of(found: Found) -> Mark:
    message = {"missing": MISSING, "stub": NOT_TRIED}.get(found.state, "")
    return Mark(found.task.identifier, found.task.level, "not tried", 0, found.task.points, message)


def _job(found: Found, rules: Rules) -> dict[str, Any]:
    return {
        "exercise": found.task.identifier,
        "code": found.code,
        "course": list(found.course),
        "answers": list(found.task.answers),
        "kind": rules.kind,
        "hidden": list(rules.hidden),
        "limits": asdict(rules.limits),
    }


def hidden_from_answers(root: Path, *folders: Path) -> tuple[str, ...]:
    """Return what the audit hook keeps from answers: the course's checks and texts, and the folders graded."""
    return (*walls.hidden(root), *(str(folder.resolve()) for folder in folders))


def _key(path: Path, lesson: str, rules: Rules) -> str:
    """Hash all that a result rests on: the file, the lesson, the package with its checks, the limits."""
    source = next((rules.root / "course" / "lessons").glob(f"{lesson}_*.md"))
    about = json.dumps([inputs_hash(rules.root, source), asdict(rules.limits)])
    return hashlib.sha256(path.read_bytes() + b"\0" + about.encode()).hexdigest()[:24]


def _keep(path: Path, marked: Marked) -> None:
    content = {"lesson": marked.lesson, "marks": [asdict(mark) for mark in marked.marks]}
    write_atomic(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def _take_kept(path: Path, marked: Marked) -> bool:
    try:
        kept = [Mark(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))["marks"]]
    except (OSError, ValueError, TypeError, KeyError):
        return False
    marked.marks, marked.fresh = kept, False
    return True
