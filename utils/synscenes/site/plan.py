"""The course's plan (course/_toc.yml) joined with the lessons that exist."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from synscenes.authoring.source import lesson_paths, read_lesson
from synscenes.errors import CourseError

NOTEBOOKS = "notebooks/"


@dataclass(frozen=True)
class PlannedLesson:
    """A lesson of the plan. ``front`` is its front matter, or None while it is not written."""

    name: str
    title: str
    part: str
    front: dict[str, Any] | None

    @property
    def number(self) -> str:
        """The lesson's number: "02"."""
        return self.name.partition("_")[0]


@dataclass(frozen=True)
class Plan:
    """The table of contents as data, and the lessons in it, in order."""

    contents: dict[str, Any]
    lessons: list[PlannedLesson]

    @property
    def written(self) -> list[PlannedLesson]:
        """The lessons that exist."""
        return [lesson for lesson in self.lessons if lesson.front]

    def book_contents(self) -> dict[str, Any]:
        """Return the table of contents that Jupyter Book reads: lessons that exist, pages, no empty part."""
        there = {NOTEBOOKS + lesson.name for lesson in self.written}
        parts = []
        for part in self.contents["parts"]:
            files = [entry["file"] for entry in part["chapters"]]
            kept = [{"file": file} for file in files if not file.startswith(NOTEBOOKS) or file in there]
            if kept:
                parts.append({"caption": part["caption"], "chapters": kept})
        return {**self.contents, "parts": parts}

    def pages(self) -> list[str]:
        """Return the names of the pages (not lessons) the site has, the first page first."""
        files = [entry["file"] for part in self.contents["parts"] for entry in part["chapters"]]
        return [self.contents["root"], *(file for file in files if not file.startswith(NOTEBOOKS))]


def load_plan(root: Path) -> Plan:
    """Read the plan; raises CourseError when a lesson exists that course/_toc.yml does not list."""
    path = root / "course" / "_toc.yml"
    try:
        contents = yaml.safe_load(path.read_text(encoding="utf-8"))
        entries = [(part["caption"], entry) for part in contents["parts"] for entry in part["chapters"]]
        listed = [
            (entry["file"].removeprefix(NOTEBOOKS), entry["title"], caption)
            for caption, entry in entries
            if entry["file"].startswith(NOTEBOOKS)
        ]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise CourseError(f"{path} cannot be read as a table of contents: {error!r}") from None
    fronts = {source.stem: read_lesson(source).front for source in lesson_paths(root)}
    unlisted = sorted(set(fronts) - {name for name, _, _ in listed})
    if unlisted:
        raise CourseError(f"{path} does not list the lesson {unlisted[0]}: add it under its part.")
    return Plan(contents, [PlannedLesson(name, title, part, fronts.get(name)) for name, title, part in listed])
