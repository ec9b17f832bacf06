"""What a teacher and a student get: tables an LMS takes, feedback pages, and the class's commonest mistakes."""

from __future__ import annotations

import csv
import html
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from synscenes.files import write_atomic
from synscenes.grading.marking import Mark, Marked
from synscenes.grading.submissions import Student

COURSE = "From Synsets to Scenes"
VERDICTS = {"passed": "passed", "mistake": "not yet", "not tried": "not tried", "crashed": "stopped"}
_STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;"
    "padding:0 1rem}table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;"
    "padding:.4rem .6rem;border-bottom:1px solid #8886}td.n,th.n{text-align:right;white-space:nowrap}"
    "td.v{white-space:nowrap;font-weight:600}"
)


@dataclass(frozen=True)
class Row:
    """One student with what counts: for each lesson the best of the notebooks handed in."""

    student: Student
    lessons: dict[str, Marked]
    notes: tuple[str, ...]

    @property
    def points(self) -> int:
        """Points in all lessons together."""
        return sum(marked.points for marked in self.lessons.values())


def rows_of(students: list[Student], results: dict[Path, Marked]) -> list[Row]:
    """Choose what counts for each student, and note what did not."""
    rows = []
    for student in students:
        best: dict[str, Marked] = {}
        notes = []
        for path in student.notebooks:
            marked = results[path]
            if marked.error:
                notes.append(f"{path.name}: {marked.error}")
            elif marked.lesson not in best or marked.points > best[marked.lesson].points:
                best[marked.lesson] = marked
        doubles = Counter(results[path].lesson for path in student.notebooks if not results[path].error)
        notes += [f"lesson {n}: {count} notebooks, the best counts" for n, count in doubles.items() if count > 1]
        if not student.notebooks:
            notes.append("no notebook (.ipynb) handed in")
        rows.append(Row(student, dict(sorted(best.items())), tuple(notes)))
    return rows


def write_reports(folder: Path, rows: list[Row], maxima: dict[str, int]) -> list[Path]:
    """Write all reports below ``folder``; ``maxima`` are the points of each lesson graded. Return their paths."""
    written = [_table(folder / "grades.csv", _grades(rows, maxima)), _table(folder / "exercises.csv", _exercises(rows))]
    if any(row.student.lms == "moodle" for row in rows):
        written.append(_table(folder / "moodle.csv", _moodle(rows, maxima)))
    if any(row.student.lms == "canvas" for row in rows):
        written.append(_table(folder / "canvas.csv", _canvas(rows, maxima)))
    for row, name in zip(rows, _file_names(rows)):
        written.append(write_atomic(folder / "feedback" / f"{name}.html", _feedback(row)))
    written.append(write_atomic(folder / "summary.html", _summary(rows)))
    return written


def _table(path: Path, lines: list[list[object]]) -> Path:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([[_harmless(value) for value in line] for line in lines])
    return write_atomic(path, text.getvalue())


def _harmless(value: object) -> object:
    """A name that a spreadsheet would take for a formula gets an apostrophe in front."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _grades(rows: list[Row], maxima: dict[str, int]) -> list[list[object]]:
    lines: list[list[object]] = [
        ["Student", "ID", *(f"Lesson {number} (of {most})" for number, most in maxima.items()), "Grade",
         "Maximum Grade", "Notes"]
    ]  # fmt: skip
    for row in rows:
        points = [row.lessons[number].points if number in row.lessons else "" for number in maxima]
        notes = "; ".join(row.notes)
        lines.append([row.student.name, row.student.identifier, *points, row.points, sum(maxima.values()), notes])
    return lines


def _exercises(rows: list[Row]) -> list[list[object]]:
    lines: list[list[object]] = [["Student", "ID", "Exercise", "Level", "Verdict", "Diagnosis", "Points", "Of"]]
    for row in rows:
        for marked in row.lessons.values():
            for mark in marked.marks:
                lines.append(
                    [row.student.name, row.student.identifier, mark.exercise, mark.level, VERDICTS[mark.verdict],
                     mark.diagnosis or "", mark.points, mark.maximum]
                )  # fmt: skip
    return lines


def _moodle(rows: list[Row], maxima: dict[str, int]) -> list[list[object]]:
    """The columns of Moodle's offline grading worksheet."""
    lines: list[list[object]] = [["Identifier", "Full name", "Grade", "Maximum Grade", "Feedback comments"]]
    for row in rows:
        about = [f"{m.exercise}: {VERDICTS[m.verdict]}" for marked in row.lessons.values() for m in marked.marks]
        comment = "; ".join([*about, *row.notes])
        identifier = f"Participant {row.student.identifier}" if row.student.identifier else ""
        lines.append([identifier, row.student.name, row.points, sum(maxima.values()), comment])
    return lines


def _canvas(rows: list[Row], maxima: dict[str, int]) -> list[list[object]]:
    """The columns of Canvas's gradebook: a column of a new name becomes a new assignment."""
    names = [f"{COURSE} {number}" for number in maxima]
    lines: list[list[object]] = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *names]]
    lines.append(["    Points Possible", "", "", "", "", *maxima.values()])
    for row in rows:
        points = [row.lessons[number].points if number in row.lessons else "" for number in maxima]
        lines.append([row.student.name, row.student.identifier, "", "", "", *points])
    return lines


def _file_names(rows: list[Row]) -> list[str]:
    """A file name for each student: letters and digits of the name, the number, and a count where two agree."""
    names: list[str] = []
    for row in rows:
        plain = re.sub(r"[^\w-]+", "_", f"{row.student.name}_{row.student.identifier}").strip("_")[:80] or "student"
        count = sum(name == plain or name.startswith(f"{plain}.") for name in names)
        names.append(f"{plain}.{count + 1}" if count else plain)
    return names


def _feedback(row: Row) -> str:
    parts = [f"<h1>{html.escape(row.student.name)}</h1>"]
    for number, marked in row.lessons.items():
        parts.append(f"<h2>Lesson {number}: {html.escape(marked.title)}</h2>")
        parts.append(f"<p>{marked.points} of {marked.maximum} points.</p>")
        parts.append(
            "<table><tr><th>Exercise</th><th>Result</th><th class=n>Points</th><th>What the check says</th></tr>"
        )
        parts += [_line(mark) for mark in marked.marks]
        parts.append("</table>")
    if row.notes:
        parts.append("<h2>Notes</h2><ul>" + "".join(f"<li>{html.escape(note)}</li>" for note in row.notes) + "</ul>")
    return _page(f"{row.student.name}: feedback", parts)


def _line(mark: Mark) -> str:
    cells = [
        f"<td><code>{html.escape(mark.exercise)}</code><br>{html.escape(mark.level)}</td>",
        f"<td class=v>{VERDICTS[mark.verdict]}</td>",
        f"<td class=n>{mark.points} of {mark.maximum}</td>",
        f"<td>{html.escape(mark.message)}</td>",
    ]
    return f"<tr>{''.join(cells)}</tr>"


def common_mistakes(rows: list[Row]) -> list[tuple[int, str, str, str]]:
    """Return (students, exercise, diagnosis, one message) for each mistake, the most frequent first."""
    counts: Counter[tuple[str, str]] = Counter()
    messages: dict[tuple[str, str], str] = {}
    for row in rows:
        for marked in row.lessons.values():
            for mark in marked.marks:
                if mark.verdict in ("mistake", "crashed"):
                    key = (mark.exercise, mark.diagnosis or "wrong")
                    counts[key] += 1
                    messages.setdefault(key, mark.message)
    ordered = sorted(counts, key=lambda key: (-counts[key], key))
    return [(counts[key], *key, messages[key]) for key in ordered]


def _summary(rows: list[Row]) -> str:
    parts = [f"<h1>{len(rows)} students</h1>", "<h2>Exercises</h2>", "<table><tr><th>Exercise</th>"]
    parts += [f"<th class=n>{text}</th>" for text in VERDICTS.values()]
    parts.append("</tr>")
    marks = [mark for row in rows for marked in row.lessons.values() for mark in marked.marks]
    for exercise in dict.fromkeys(mark.exercise for mark in marks):
        counts = Counter(mark.verdict for mark in marks if mark.exercise == exercise)
        cells = "".join(f"<td class=n>{counts[verdict]}</td>" for verdict in VERDICTS)
        parts.append(f"<tr><td><code>{html.escape(exercise)}</code></td>{cells}</tr>")
    parts.append("</table><h2>Most frequent mistakes</h2><table>")
    parts.append("<tr><th class=n>Students</th><th>Exercise</th><th>Diagnosis</th><th>For example</th></tr>")
    for count, exercise, diagnosis, message in common_mistakes(rows)[:25]:
        texts = "".join(f"<td>{html.escape(text)}</td>" for text in (exercise, diagnosis, message))
        parts.append(f"<tr><td class=n>{count}</td>{texts}</tr>")
    parts.append("</table>")
    if notes := [f"{row.student.name}: {note}" for row in rows for note in row.notes]:
        parts.append("<h2>Notes</h2><ul>" + "".join(f"<li>{html.escape(note)}</li>" for note in notes) + "</ul>")
    return _page(f"{COURSE}: the class", parts)


def _page(title: str, parts: list[str]) -> str:
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width">\n<style>{_STYLE}</style></head>\n<body>\n'
        + "\n".join(parts)
        + "\n</body></html>\n"
    )
