"""Who handed in what: students and their files, in a folder as an LMS packs it or as a teacher made it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from synscenes.errors import CourseError

# What systems and browsers leave about, and what Jupyter keeps beside a notebook.
IGNORED = {"__MACOSX", ".ipynb_checkpoints", "Thumbs.db", ".DS_Store"}
# Moodle: "Ada Lovelace_4711_assignsubmission_file_" as a folder, or as the beginning of a file's name.
_MOODLE = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<rest>.*))?")
# Canvas: "lovelaceada_LATE_123_45678_02_wordnet.ipynb": name, user, attachment, the file's own name.
_CANVAS = re.compile(r"(?P<name>[^\W_]+)(?:_(?i:late))?_(?P<id>\d+)_(?P<attachment>\d+)_(?P<rest>.+)")


@dataclass
class Student:
    """One student: a name to show, the number an LMS gave, which LMS, and the notebooks handed in."""

    name: str
    identifier: str = ""
    lms: str = ""  # "moodle", "canvas" or ""
    notebooks: list[Path] = field(default_factory=list)
    others: list[Path] = field(default_factory=list)  # files that are no notebooks


def find_students(folder: Path) -> list[Student]:
    """Return the students of a folder, by name; the same folder always gives the same list.

    A notebook directly in ``folder`` belongs to the student its file name tells; a subfolder belongs to one
    student, with all below it. Links are not followed. Raises CourseError for a folder without anything.
    """
    if folder.is_file():
        entries = [folder]
    elif folder.is_dir():
        entries = sorted(entry for entry in folder.iterdir() if not _ignored(entry))
    else:
        raise CourseError(f"There is no folder {folder}: name the folder that holds the submitted notebooks.")
    found: dict[tuple[str, str], Student] = {}
    for entry in entries:
        if entry.is_symlink() or not (entry.is_dir() or entry.suffix == ".ipynb"):
            continue
        told = _told(entry.name if entry.is_dir() else entry.stem, entry.is_dir())
        student = found.setdefault((told.name, told.identifier), told)
        files = sorted(_files(entry)) if entry.is_dir() else [entry]
        student.notebooks += [file for file in files if file.suffix == ".ipynb"]
        student.others += [file for file in files if file.suffix != ".ipynb"]
    if not found:
        raise CourseError(f"{folder} holds neither a notebook (.ipynb) nor a folder: unpack the submissions there.")
    return [found[key] for key in sorted(found)]


def _told(text: str, is_folder: bool) -> Student:
    """Read a student's name and number from the name of a folder, or of a file without its ending."""
    if match := _MOODLE.fullmatch(text):
        return Student(match["name"].strip(), match["id"], "moodle")
    if match := _CANVAS.fullmatch(text):
        return Student(match["name"], match["id"], "canvas")
    if is_folder:
        return Student(text.strip())
    return Student(_without_lesson(text) or text)


def _without_lesson(text: str) -> str:
    """Leave the lesson's name, or its number, out of a file's name: "02_wordnet_hierarchy_ada" tells "ada"."""
    from synscenes.grading.program import lesson_names

    text = re.sub(r" ?\(\d+\)$", "", text)  # a browser's second download
    name = next((name for name in lesson_names() if name in text), None)
    rest = text.replace(name, "", 1) if name else re.sub(r"(?:^|(?<=[ _-]))\d\d(?=[ _-]|$)", "", text, count=1)
    return rest.strip(" _-.")


def _files(folder: Path) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if _ignored(entry) or entry.is_symlink():
            continue
        if entry.is_dir():
            yield from _files(entry)
        elif entry.is_file():
            yield entry


def _ignored(entry: Path) -> bool:
    return entry.name in IGNORED or entry.name.startswith(".")
