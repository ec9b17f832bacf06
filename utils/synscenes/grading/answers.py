"""Finding each exercise's answer in a submission, wherever it was moved and whatever its cell is called now."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from synscenes.grading.notebooks import SubmittedCell, SubmittedNotebook
from synscenes.grading.program import Program, Task, binds, gather, needs, top_level


@dataclass(frozen=True)
class Found:
    """The code for one exercise. ``state`` is "answer", "stub" or "missing"; ``course`` runs before ``code``."""

    task: Task
    state: str
    code: str = ""
    course: tuple[str, ...] = ()


def find_answers(notebook: SubmittedNotebook, program: Program) -> list[Found]:
    """Return what the submission holds for each exercise of the lesson.

    A cell is an exercise's answer when its identifier says so (the course's, Colab's or nbgrader's), or when it
    binds the name that the check tries. Of several the last changed one counts, as in a notebook run from the top.
    """
    return [_find(task, notebook, program) for task in program.tasks]


def _find(task: Task, notebook: SubmittedNotebook, program: Program) -> Found:
    names = set().union(*(needs(answer) for answer in task.answers))
    ours = {f"{task.identifier}-answer", task.identifier, f"{task.identifier}-solution"}
    named = [cell for cell in notebook.cells if cell.names & ours]
    taught = set(program.statements)
    binding = [
        cell
        for cell in notebook.cells
        if _defines(cell.text, names) and not (cell.text.strip() and set(top_level(cell.text)) <= taught)
    ]
    candidates = [cell for cell in notebook.cells if cell in named or cell in binding]
    if not candidates:
        return Found(task, "missing")
    changed = [cell for cell in candidates if not _same(cell.text, task.stub) and cell.text.strip()]
    # A cell that defines the name beats one that only has the identifier.
    best = [cell for cell in changed if cell in binding] or changed
    if not best:
        return Found(task, "stub", task.stub)
    return _with_needs(task, best[-1], notebook, program)


def _with_needs(task: Task, cell: SubmittedCell, notebook: SubmittedNotebook, program: Program) -> Found:
    """Add what the answer rests on: helpers the student wrote elsewhere, then the course's own statements."""
    taught = set(program.statements)
    own = [text for other in notebook.cells if other is not cell for text in top_level(other.text)]
    own = [text for text in own if text not in taught and not _forges(text)]
    course_names = set().union(*(binds(text) for text in program.statements))
    wanted = set(needs(cell.text)) | set().union(*(needs(a) for a in task.answers)) - binds(cell.text)
    helpers = gather(wanted - _settled(program, course_names, own), own)
    rest = set(wanted).union(*(needs(text) for text in helpers))
    rest -= set().union(*(binds(text) for text in helpers)) if helpers else set()
    course = gather(rest, list(program.statements), task.position)
    return Found(task, "answer", "\n".join([*helpers, cell.text]), tuple(course))


def _settled(program: Program, course_names: set[str], own: list[str]) -> set[str]:
    """Names of the course that no cell of the student's binds anew."""
    return course_names - set().union(*(binds(text) for text in own)) if own else course_names


def _forges(text: str) -> bool:
    """Whether a statement replaces the course's own tools; in the sandbox they do nothing anyway."""
    return bool(binds(text) & {"check", "record", "reveal", "show"})


def _defines(text: str, names: set[str]) -> bool:
    bound = binds(text)
    if bound or not names:
        return bool(names) and names <= bound
    # Code that does not parse: a look at its lines tells whose it is.
    return all(re.search(rf"^\s*(?:async\s+)?(?:def\s+{n}\b|{n}\s*[:=])", text, re.MULTILINE) for n in names)


def _same(text: str, stub: str) -> bool:
    """Whether code is the stub still, comments and blanks apart."""
    try:
        return ast.dump(ast.parse(text)) == ast.dump(ast.parse(stub))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text.split() == stub.split()
