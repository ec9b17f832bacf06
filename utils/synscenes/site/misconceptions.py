"""What learners get wrong, lesson by lesson: taken from the lessons' wrong answers and what the checks say to them."""

from __future__ import annotations

import html
from pathlib import Path

from synscenes.authoring.source import Exercise, LessonSource, lesson_paths, read_lesson

LONGEST = 200


def misconceptions_markdown(root: Path) -> str:
    """Return a section a lesson, with a row for each typical mistake; every check is run on its wrong answers."""
    return "\n".join(line for path in lesson_paths(root) for line in _section(read_lesson(path)))


def _section(source: LessonSource) -> list[str]:
    lines = [f"## {source.number} {source.front['title']}", "", "| Exercise | Mistake | What the check says |"]
    lines.append("|:--|:--|:--|")
    for exercise in source.exercises:
        for place, (diagnosis, message) in enumerate(told(source, exercise)):
            name = f"`{exercise.identifier}` ({exercise.level})" if place == 0 else ""
            lines.append(f"| {name} | {diagnosis.replace('-', ' ')} | {_cell(message)} |")
    return [*lines, ""]


def told(source: LessonSource, exercise: Exercise) -> list[tuple[str, str]]:
    """Return (diagnosis, message) of an exercise's check for each of its typical wrong answers."""
    from synscenes.checks import run_check
    from synscenes.grading.program import gather, needs, program

    lesson = program(source)
    task = next(task for task in lesson.tasks if task.identifier == exercise.identifier)
    found = []
    for cell in exercise.wrong:
        values: dict = {}
        for statement in gather(needs(cell.text), list(lesson.statements), task.position):
            exec(statement, values)
        exec(cell.text, values)
        outcome = run_check(exercise.identifier, *[eval(text, values) for text in task.answers])
        found.append((outcome.diagnosis or outcome.verdict, outcome.message))
    return found


def _cell(message: str) -> str:
    """Return a message for a table's cell, cut after a sentence where it is long."""
    text = " ".join(message.split())
    if len(text) > LONGEST:
        end = max(text.rfind(mark, 0, LONGEST) for mark in (". ", ": ", "; ", ", "))
        text = f"{text[: end if end > 60 else LONGEST].rstrip(' .,:;')} …"
    # Markup of the page's own must not be read into a message.
    for mark in "\\`*_{}[]$|~":
        text = text.replace(mark, f"\\{mark}")
    return html.escape(text, quote=False)
