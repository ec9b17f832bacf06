"""One lesson source, five notebooks: learner, solution, instructor, slides, and the trial that tests run."""

from __future__ import annotations

import html
import json
import re
import textwrap
from collections import Counter
from collections.abc import Callable
from typing import Any

import nbformat

from synscenes.authoring.settings import Settings
from synscenes.authoring.source import Cell, Exercise, LessonSource, fault, quiz_of
from synscenes.authoring.stubs import solution_code, stub_code
from synscenes.errors import CourseError

EDITIONS = ("learner", "solution", "instructor", "slides", "trial")
_SLIDE_TAGS = ("slide", "subslide", "fragment")


def make_edition(source: LessonSource, edition: str, settings: Settings) -> nbformat.NotebookNode:
    """Return one edition of a lesson as a notebook without outputs.

    The same source and settings give the same notebook, cell identifiers included. A cell that several
    editions share has the same identifier in each. Raises LessonError for a solution no stub can be made of.
    """
    builders: dict[str, Callable[[Maker], None]] = {
        "learner": _learner,
        "solution": _solution,
        "instructor": _instructor,
        "slides": _slides,
        "trial": _trial,
    }
    maker = Maker(source, settings)
    builders[edition](maker)
    notebook = nbformat.v4.new_notebook(cells=maker.cells)
    notebook.nbformat_minor = 5
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "synscenes": {"edition": edition, "lesson": source.number, "title": source.front["title"]},
    }
    nbformat.validate(notebook)
    return notebook


def notebook_text(notebook: nbformat.NotebookNode) -> str:
    """Return a notebook as the text that is written to disk."""
    return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


class Maker:
    """Collects the cells of one edition."""

    def __init__(self, source: LessonSource, settings: Settings) -> None:
        self.source = source
        self.settings = settings
        self.cells: list[nbformat.NotebookNode] = []
        self.names = cell_names(source)

    def add(self, kind: str, name: str, text: str, tags: Any = (), **metadata: Any) -> None:
        make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
        if tags:
            metadata["tags"] = sorted(tags)
        if any(cell["id"] == name for cell in self.cells):
            raise CourseError(f"{self.source.name}: two cells would be named {name}; rename a heading or an exercise")
        self.cells.append(make(source=text.strip("\n"), metadata=metadata, id=name))

    def name(self, cell: Cell) -> str:
        return self.names[cell.number]

    def plain(self, cell: Cell) -> None:
        """Add a cell that belongs to no exercise, as every edition but the slides shows it."""
        if "quiz" in cell.tags:
            self.add("markdown", self.name(cell), _quiz_markdown(self.source, cell), {"quiz"})
            return
        metadata: dict[str, Any] = {}
        if "hide-input" in cell.tags:
            metadata["jupyter"] = {"source_hidden": True}
        self.add(cell.kind, self.name(cell), cell.text, cell.tags, **metadata)
        if cell is self.source.cells[0]:
            self.add("markdown", f"{self.source.number}-card", _card(self.source), {"card"})
        if "parameters" in cell.tags:
            self.add("code", f"{self.source.number}-setup", setup_code(self.settings), {"setup"})

    def prompt(self, exercise: Exercise) -> None:
        lines = exercise.prompt.text.splitlines()
        label = f"*Exercise {exercise.identifier} · {exercise.level}*"
        head = [lines[0], "", label] if lines[0].startswith("#") else [label, "", lines[0]]
        self.add("markdown", _part(exercise, "prompt"), "\n".join([*head, *lines[1:]]), {"exercise"})

    def hints(self, exercise: Exercise) -> None:
        folds = [_fold(f"Hint {number}", hint.text) for number, hint in enumerate(exercise.hints, 1)]
        self.add("markdown", _part(exercise, "hints"), "\n\n".join(folds), {"hint"})

    def stub(self, exercise: Exercise) -> str:
        try:
            return stub_code(exercise.solution.text)
        except CourseError as error:
            raise fault(self.source.path, exercise.solution, str(error)) from None

    def check(self, exercise: Exercise) -> None:
        self.add("code", _part(exercise, "check"), exercise.check.text, {"check"})


def _learner(maker: Maker) -> None:
    source, settings = maker.source, maker.settings
    for block in source.blocks:
        if isinstance(block, Exercise):
            maker.prompt(block)
            maker.hints(block)
            maker.add("code", _part(block, "answer"), maker.stub(block), {"answer"})
            maker.check(block)
        elif not block.tags & {"instructor", "slide-only"}:
            maker.plain(block)
            if block is source.cells[0] and settings.is_public:
                link = f"[Open this lesson in Google Colab]({settings.colab_url(source.name)})"
                maker.cells[-1]["source"] += f"\n\n{link}"


def _solution(maker: Maker) -> None:
    _worked(maker, instructor=False)


def _instructor(maker: Maker) -> None:
    _worked(maker, instructor=True)


def _worked(maker: Maker, *, instructor: bool) -> None:
    for block in maker.source.blocks:
        if isinstance(block, Exercise):
            maker.prompt(block)
            maker.hints(block)
            start = f"Start from:\n\n```python\n{maker.stub(block)}\n```"
            maker.add("markdown", _part(block, "start"), start, {"stub"})
            fold = {"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
            code = solution_code(block.solution.text)
            maker.add("code", _part(block, "answer"), code, {"solution", "hide-input"}, mystnb=fold)
            maker.add("markdown", _part(block, "why"), _fold("Why this is right", block.why.text), {"solution"})
            maker.check(block)
            if instructor:
                maker.add("markdown", _part(block, "wrong"), _typical_mistakes(block), {"instructor"})
        elif "instructor" in block.tags:
            if instructor:
                quoted = textwrap.indent(f"**For the instructor.** {block.text.strip()}", "> ", lambda _: True)
                maker.add("markdown", maker.name(block), quoted, {"instructor"})
        elif "slide-only" not in block.tags:
            maker.plain(block)


def _slides(maker: Maker) -> None:
    front = maker.source.front
    title = f"# {front['title']}\n\n{front['question']}\n\n{front['part']}"
    maker.add("markdown", f"{maker.source.number}-title", title, slideshow={"slide_type": "slide"})
    on_slide = False
    for cell in maker.source.cells:
        kinds = [tag for tag in _SLIDE_TAGS if tag in cell.tags]
        if kinds or "slide-only" in cell.tags:
            on_slide = True
            slide_type = kinds[0] if kinds else "slide"
            tags = cell.tags & {"hide-input", "widget"}
            maker.add(cell.kind, maker.name(cell), cell.text, tags, slideshow={"slide_type": slide_type})
        elif "instructor" in cell.tags and on_slide:
            maker.add("markdown", maker.name(cell), cell.text, slideshow={"slide_type": "notes"})


def _trial(maker: Maker) -> None:
    """The notebook tests run: what exercises need, then each stub, wrong answer and solution with its check.

    Each check cell's metadata tells what it must find: ``synscenes.expect`` is the verdict and diagnosis.
    """
    for block in maker.source.blocks:
        if isinstance(block, Cell):
            if block.tags & {"parameters", "prelude"}:
                maker.plain(block)
            continue
        attempts = [("stub", maker.stub(block), ["not tried", None])]
        for number, cell in enumerate(block.wrong, 1):
            attempts.append((f"wrong{number}", cell.text, ["mistake", cell.meta["diagnosis"]]))
        attempts.append(("solution", solution_code(block.solution.text), ["passed", None]))
        for label, code, expected in attempts:
            maker.add("code", _part(block, label), code)
            about = {"expect": expected, "exercise": block.identifier, "attempt": label}
            maker.add("code", _part(block, f"{label}-check"), block.check.text, synscenes=about)


def _part(exercise: Exercise, part: str) -> str:
    return f"{exercise.identifier}-{part}"


def cell_names(source: LessonSource) -> dict[int, str]:
    """Name each cell after its section and its place there, so that an edit renames cells of one section only."""
    section, counts, names = "opening", Counter(), {}
    for cell in source.cells:
        heading = re.search(r"^##+ +(.+)$", cell.text, re.MULTILINE) if cell.kind == "markdown" else None
        if heading and "exercise" not in cell.tags:
            section = re.sub(r"[^a-z0-9]+", "-", heading[1].lower()).strip("-")[:40].strip("-") or "section"
        counts[section] += 1
        names[cell.number] = f"{source.number}-{section}-{counts[section]}"
    return names


def setup_code(settings: Settings) -> str:
    """Return the setup cell, the same in every lesson.

    Where the package is missing, on Colab, it installs it beside the torch, torchvision and numpy that are there; only
    if those are too old does pip replace them.
    """
    if settings.is_public:
        missing = _INSTALL.format(requirement=settings.pip_requirement())
    else:
        missing = 'raise SystemExit("synscenes is not installed here: run `make lab` in the course\'s folder.")'
    return (
        "# The same in every lesson: the course's package, then the parameters above.\n"
        "import importlib.util\n\n"
        'if importlib.util.find_spec("synscenes") is None:\n'
        f"{textwrap.indent(missing, '    ')}\n"
        "from synscenes.lesson import begin, check, record, reveal, show\n\n"
        "lesson = begin(DATA, DEVICE, PROFILE, SEED)"
    )


_INSTALL = """\
import importlib.metadata, subprocess, sys

installed = [name for name in ("torch", "torchvision", "numpy") if importlib.util.find_spec(name)]
with open("installed.txt", "w") as file:
    file.writelines(f"{{name}}=={{importlib.metadata.version(name)}}\\n" for name in installed)
print("Installing the course; this takes a minute or two.")
pip = [sys.executable, "-m", "pip", "install", "--quiet", "{requirement}"]
if subprocess.call([*pip, "--constraint", "installed.txt"]) and subprocess.call(pip):
    raise SystemExit("The course could not be installed: choose Runtime, Restart session, and run this cell again.")
importlib.invalidate_caches()"""


def _card(source: LessonSource) -> str:
    front = source.front
    minutes = front["minutes"]
    data = "; ".join(f"{entry['name']} ({entry['licence']})" for entry in front["data"])
    goals = "\n".join(f"- **G{number}** {goal}" for number, goal in enumerate(front["goals"], 1))
    run = "under a minute" if minutes["run"] < 1 else f"{minutes['run']:g} min"
    return (
        f"**After this lesson you can**\n\n{goals}\n\n"
        f"| Before | Time | Hardware | Data |\n|:--|:--|:--|:--|\n"
        f"| {'; '.join(front['prerequisites'])} | {minutes['read']:g} min to read, {run} to run "
        f"| {front['hardware']} | {data} |"
    )


def _fold(summary: str, text: str) -> str:
    # The empty lines let Markdown inside the element be rendered.
    return f"<details>\n<summary>{summary}</summary>\n\n{text.strip()}\n\n</details>"


def _quiz_markdown(source: LessonSource, cell: Cell) -> str:
    parts = ["## Quiz", "Open the choice you believe in; it answers."]
    for number, question in enumerate(quiz_of(source.path, cell), 1):
        parts.append(f"**{number}.** {question['question']}")
        for letter, choice in zip("abcdefgh", question["choices"]):
            verdict = "Right." if choice.get("correct") else "No."
            summary = f"{letter}) {_inline_html(choice['text'])}"
            parts.append(_fold(summary, f"**{verdict}** {choice['feedback']}"))
    return "\n\n".join(parts)


def _inline_html(text: str) -> str:
    """Return a choice's text for a summary element, where Markdown is not rendered: only `code` is kept."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(str(text), quote=False))


def _typical_mistakes(exercise: Exercise) -> str:
    parts = [f"**For the instructor.** Typical wrong answers to {exercise.identifier}, and what the check calls them:"]
    for cell in exercise.wrong:
        parts.append(f"*{cell.meta['diagnosis']}*\n\n```python\n{cell.text.strip()}\n```")
    return _fold("Typical mistakes", "\n\n".join(parts))
