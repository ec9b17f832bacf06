"""The generated parts of the pages, so that maps, goals, licences and times stay true by themselves."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from synscenes.errors import CourseError
from synscenes.site.plan import Plan, PlannedLesson

# A page asks for a generated part with a line of its own: <!-- insert: lesson-map -->
INSERT = re.compile(r"^<!-- insert: ([\w-]+) -->$", re.MULTILINE)


def fill_inserts(text: str, page: str, parts: dict[str, Callable[[], str]]) -> str:
    """Replace each insert line of ``text`` by its generated part; raises CourseError for an unknown name."""

    def replace(found: re.Match[str]) -> str:
        name = found.group(1)
        if name not in parts:
            raise CourseError(f"{page}: no generated part is called {name!r}; choose from {', '.join(sorted(parts))}.")
        return parts[name]().strip()

    return INSERT.sub(replace, text)


def lesson_map(plan: Plan) -> str:
    """Return, for each part, a table of its lessons (question, minutes) and a line with those still planned."""
    lines: list[str] = []
    for part in dict.fromkeys(lesson.part for lesson in plan.lessons):
        lessons = [lesson for lesson in plan.lessons if lesson.part == part]
        written = [_map_row(lesson) for lesson in lessons if lesson.front]
        planned = [f"{lesson.number} {lesson.title}" for lesson in lessons if not lesson.front]
        lines += [f"### {part}", ""]
        if written:
            lines += ["| | Lesson | Read | Run |", "|---|---|---:|---:|", *written, ""]
        if planned:
            lines += [f"*Planned:* {' · '.join(planned)}", ""]
    return "\n".join(lines)


def _map_row(lesson: PlannedLesson) -> str:
    front = lesson.front or {}
    link = f"[{_cell(front['title'])}](notebooks/{lesson.name}.ipynb)"
    minutes = front["minutes"]
    about = f"{link}<br>{_cell(front['question'])}"
    return f"| {lesson.number} | {about} | {_minutes(minutes['read'])} | {_minutes(minutes['run'])} |"


def totals(plan: Plan) -> str:
    """Return one sentence: how many lessons there are and how long they take."""
    read = sum(lesson.front["minutes"]["read"] for lesson in plan.written if lesson.front)
    run = sum(lesson.front["minutes"]["run"] for lesson in plan.written if lesson.front)
    planned = len(plan.lessons) - len(plan.written)
    more = f" {planned} more are planned." if planned else ""
    long = f"{read:g} minutes" if read < 100 else f"{read / 60:.1f} hours".replace(".0", "")
    ready = "One lesson is" if len(plan.written) == 1 else f"{len(plan.written)} lessons are"
    return (
        f"{ready} ready: about {long} to read and work through, and {_minutes(max(1, round(run)))} of computing "
        f"on a laptop with two cores.{more}"
    )


def lesson_goals(plan: Plan) -> str:
    """Return a section for each written lesson: its question, goals, prerequisites, hardware and data."""
    lines: list[str] = []
    for lesson in plan.written:
        front = lesson.front or {}
        data = "; ".join(f"{entry['name']} ({entry['licence']})" for entry in front["data"])
        minutes = front["minutes"]
        lines += [
            f"### {lesson.number} {front['title']}",
            "",
            f"*{front['question']}*",
            "",
            "After it you can:",
            "",
            *(f"- {goal}" for goal in front["goals"]),
            "",
            f"**Needs** {_from_page(_joined(front['prerequisites']))}. **Time** {_minutes(minutes['read'])} to read, "
            f"{_minutes(minutes['run'])} to run. **Hardware** {front['hardware']}. **Data** {data}. "
            f"[Open lesson {lesson.number}](notebooks/{lesson.name}.ipynb)",
            "",
        ]
    return "\n".join(lines)


def _from_page(text: str) -> str:
    """Turn a lesson's links to its neighbours into links that lead there from a page."""
    return re.sub(r"\]\((\d\d_\w+\.ipynb)", r"](notebooks/\1", text)


def slide_links(names: list[str], plan: Plan) -> str:
    """Return the list of slide decks in the site."""
    titles = {lesson.name: lesson.front["title"] for lesson in plan.written if lesson.front}
    if not names:
        return "No decks were made with this build of the site."
    # Plain HTML links: the decks are copied beside the book after Sphinx has checked its own links.
    items = [
        f'<li><a href="slides/{name}.slides.html">{name[:2]} {_html(titles.get(name, name))}</a></li>' for name in names
    ]
    return "\n".join(["<ul>", *items, "</ul>"])


def run_times(report: dict[str, Any] | None, plan: Plan) -> str:
    """Return the table of seconds, memory and temporary files by lesson, and the machine, from the last runs."""
    report = report or {}
    entries = [(lesson, report.get("lessons", {}).get(lesson.number)) for lesson in plan.written]
    entries = [(lesson, entry) for lesson, entry in entries if entry]
    if not entries:
        return "No run is recorded with this build of the site."
    lines = [
        "| Lesson | Seconds | Processor seconds | Peak memory | Temporary files | Cells | Profile | Data |",
        "|---|---:|---:|---:|---:|---:|---|---|",
    ]
    for lesson, entry in entries:
        # Reports of earlier versions of the course lack some figures.
        cpu, disk = (f"{entry[name]:,.0f}{unit}" if entry.get(name) else "–" for name, unit in _MORE)
        lines.append(
            f"| [{lesson.number} {_cell((lesson.front or {})['title'])}](notebooks/{lesson.name}.ipynb) "
            f"| {entry['seconds']:.1f} | {cpu} | {entry['peak_mb']:,.0f} MB | {disk} | {entry['cells']} "
            f"| {entry['profile']} | {entry['data']} |"
        )
    seconds = sum(entry["seconds"] for _, entry in entries)
    together = f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.1f} minutes"
    lines += ["", f"All together: {together}."]
    return "\n".join([*lines, "", _machine_line(report.get("machine", {}))])


_MORE = (("cpu_s", ""), ("disk_mb", " MB"))


def budgets(kept: dict[str, dict[str, dict[str, float]]], plan: Plan) -> str:
    """Return the table of what each lesson may cost, from ``course/budgets.toml``."""
    if not kept:
        return "No budgets are set yet."
    lines = [
        "| Lesson | Profile | Processor seconds | Memory | Temporary files |",
        "|---|---|---:|---:|---:|",
    ]
    for lesson in plan.written:
        for profile, lessons in kept.items():
            if budget := lessons.get(lesson.number):
                lines.append(
                    f"| {lesson.number} {_cell((lesson.front or {})['title'])} | {profile} | {budget['cpu_s']:.0f} "
                    f"| {budget['peak_mb']:,.0f} MB | {budget['disk_mb']:,.0f} MB |"
                )
    return "\n".join(lines)


def _machine_line(machine: dict[str, Any]) -> str:
    known = {
        "processor": "{}",
        "cores": "{} cores",
        "memory_gb": "{} GB of memory",
        "system": "{}",
        "python": "Python {}",
        "torch": "PyTorch {}",
    }
    parts = [text.format(machine[key]) for key, text in known.items() if machine.get(key)]
    return f"Measured on: {', '.join(parts)}." if parts else ""


def _minutes(value: float) -> str:
    return "under 1 min" if value < 1 else f"{value:g} min"


def _joined(value: list[str] | str) -> str:
    return value if isinstance(value, str) else "; ".join(value)


def _cell(text: str) -> str:
    """Return text safe inside a Markdown table's cell."""
    return text.replace("|", "\\|").replace("\n", " ")


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
