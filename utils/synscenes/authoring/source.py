"""Reading a lesson's text source (jupytext MyST Markdown) into cells and exercises."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from synscenes.errors import CourseError
from synscenes.facts import substitute

# What each tag means is told to authors in course/pages/authoring.md; a test keeps the two lists equal.
MARKDOWN_TAGS = frozenset(
    {"exercise", "hint", "solution", "quiz", "instructor", "recap", "further"}
    | {"slide", "subslide", "fragment", "slide-only"}
)
CODE_TAGS = frozenset(
    {"parameters", "prelude", "predict", "solution", "wrong", "check", "widget", "hide-input"}
    | {"slide", "subslide", "fragment"}
)
LEVELS = ("recall", "apply", "explore")
FRONT_KEYS = ("title", "part", "question", "goals", "prerequisites", "minutes", "hardware", "data")


class LessonError(CourseError):
    """A malformed lesson: the message names file, line and cell."""


@dataclass(frozen=True)
class Cell:
    """One cell of a lesson's source."""

    kind: str  # "markdown" or "code"
    text: str
    tags: frozenset[str]
    meta: dict[str, Any]
    line: int  # of the source file, 1-based
    number: int  # among the source's cells, 1-based


@dataclass(frozen=True)
class Exercise:
    """The cells that belong to one exercise."""

    identifier: str
    level: str
    prompt: Cell
    hints: tuple[Cell, ...]
    solution: Cell
    why: Cell
    wrong: tuple[Cell, ...]
    check: Cell


@dataclass(frozen=True)
class LessonSource:
    """A parsed lesson. ``blocks`` holds its cells in order, each exercise gathered into one Exercise."""

    path: Path
    front: dict[str, Any]
    cells: list[Cell]
    blocks: list[Cell | Exercise] = field(repr=False)

    @property
    def name(self) -> str:
        """The file name without its suffix: "02_wordnet_hierarchy"."""
        return self.path.stem

    @property
    def number(self) -> str:
        """The lesson's number as written in its file name: "02"."""
        return self.name.partition("_")[0]

    @property
    def exercises(self) -> list[Exercise]:
        """The lesson's exercises, in order."""
        return [block for block in self.blocks if isinstance(block, Exercise)]

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters cell's names and default values."""
        cell = next(cell for cell in self.cells if "parameters" in cell.tags)
        return _literals(self.path, cell)


def lesson_paths(root: Path) -> list[Path]:
    """Return the sources of all lessons under ``root``, in order."""
    return sorted((root / "course" / "lessons").glob("[0-9][0-9]_*.md"))


def find_lessons(root: Path, numbers: list[str]) -> list[Path]:
    """Return the sources of the lessons named ("2", "02" or "02_name"); all of them when none is named.

    Raises CourseError for a lesson that does not exist.
    """
    paths = lesson_paths(root)
    if not numbers:
        return paths
    found = []
    for wanted in numbers:
        digits = wanted.partition("_")[0].zfill(2)
        matches = [path for path in paths if path.stem == wanted or path.stem.partition("_")[0] == digits]
        if not matches:
            there = ", ".join(path.stem.partition("_")[0] for path in paths)
            raise CourseError(f'There is no lesson "{wanted}": choose from {there}.')
        found += [path for path in matches if path not in found]
    return sorted(found)


def read_lesson(path: Path) -> LessonSource:
    """Read and check one lesson; raises LessonError that names file, line and cell."""
    from jupytext.myst import myst_to_notebook

    try:
        notebook = myst_to_notebook(path.read_text(encoding="utf-8"), add_source_map=True)
    except (OSError, UnicodeDecodeError) as error:
        raise LessonError(f"{_short(path)} cannot be read: {error}") from None
    except Exception as error:
        # jupytext and its YAML reader raise many kinds; each means that the text is malformed.
        raise LessonError(f"{_short(path)}: the MyST Markdown is malformed: {' '.join(str(error).split())}") from None
    cells = [
        _read_cell(path, raw, line + 1, number)
        for number, (raw, line) in enumerate(zip(notebook.cells, notebook.metadata.get("source_map", [])), 1)
        if raw.source.strip()
    ]
    front = _checked_front(path, notebook.metadata.get("synscenes"))
    _check_parameters(path, cells)
    source = LessonSource(path, front, cells, _gather(path, cells))
    if cells[0].kind != "markdown" or not cells[0].text.lstrip().startswith("# "):
        raise fault(path, cells[0], "a lesson opens with a Markdown cell that starts with its `# title`")
    for cell in cells:
        if "quiz" in cell.tags:
            quiz_of(path, cell)
    return source


def quiz_of(source_path: Path, cell: Cell) -> list[dict[str, Any]]:
    """Return the questions of a quiz cell, checked: one right choice each, feedback for every choice."""
    try:
        questions = yaml.safe_load(cell.text)
    except yaml.YAMLError as error:
        raise fault(source_path, cell, f"the quiz is not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(questions, list) or not questions:
        raise fault(source_path, cell, "a quiz is a YAML list of questions")
    for question in questions:
        if not isinstance(question, dict) or set(question) != {"question", "choices"}:
            raise fault(source_path, cell, 'each quiz entry has "question" and "choices" and nothing else')
        choices = question["choices"]
        whole = isinstance(choices, list) and all(
            isinstance(choice, dict) and {"text", "feedback"} <= set(choice) <= {"text", "feedback", "correct"}
            for choice in choices
        )
        if not whole or len(choices) < 2:
            raise fault(source_path, cell, "a question has at least two choices, each with text and feedback")
        if sum(choice.get("correct") is True for choice in choices) != 1:
            raise fault(source_path, cell, f"exactly one choice is correct: {question['question']!r}")
    return questions


def fault(path: Path, cell: Cell, problem: str) -> LessonError:
    """Return the error for a problem in a cell."""
    return LessonError(f"{_short(path)}:{cell.line}: cell {cell.number}: {problem}")


def _short(path: Path) -> str:
    return "/".join(path.parts[-3:])


def _read_cell(path: Path, raw: Any, line: int, number: int) -> Cell:
    meta = {key: value for key, value in raw.metadata.items() if key != "tags"}
    tags = raw.metadata.get("tags", [])
    cell = Cell(raw.cell_type, raw.source, frozenset(), meta, line, number)
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise fault(path, cell, f"tags must be a list of names, not {tags!r}")
    allowed = CODE_TAGS if raw.cell_type == "code" else MARKDOWN_TAGS
    unknown = set(tags) - allowed
    if unknown:
        raise fault(
            path, cell, f"unknown {raw.cell_type} tag {min(unknown)!r}: use one of {', '.join(sorted(allowed))}"
        )
    return Cell(raw.cell_type, _with_facts(path, cell), frozenset(tags), meta, line, number)


def _with_facts(path: Path, cell: Cell) -> str:
    try:
        return substitute(cell.text) if cell.kind == "markdown" else cell.text
    except CourseError as error:
        raise fault(path, cell, str(error)) from None


def _checked_front(path: Path, front: Any) -> dict[str, Any]:
    if not isinstance(front, dict):
        raise LessonError(f"{_short(path)}:1: the front matter has no `synscenes:` section")
    for key in FRONT_KEYS:
        if not front.get(key):
            raise LessonError(f"{_short(path)}:1: the front matter lacks `{key}`")
    minutes = front["minutes"]
    if not isinstance(minutes, dict) or not all(isinstance(minutes.get(k), (int, float)) for k in ("read", "run")):
        raise LessonError(f"{_short(path)}:1: `minutes` needs numbers for `read` and `run`")
    for entry in front["data"]:
        if not isinstance(entry, dict) or not {"name", "licence"} <= set(entry):
            raise LessonError(f"{_short(path)}:1: each entry of `data` needs `name` and `licence`")
    return front


def _check_parameters(path: Path, cells: list[Cell]) -> None:
    found = [cell for cell in cells if "parameters" in cell.tags]
    if len(found) != 1:
        raise LessonError(
            f"{_short(path)}: a lesson has exactly one cell tagged `parameters`; this one has {len(found)}"
        )
    first_code = next(cell for cell in cells if cell.kind == "code")
    if first_code is not found[0]:
        raise fault(path, first_code, "the parameters cell must be the first code cell")
    missing = {"DATA", "DEVICE", "PROFILE", "SEED"} - set(_literals(path, found[0]))
    if missing:
        raise fault(path, found[0], f"the parameters cell lacks {', '.join(sorted(missing))}")


def _literals(path: Path, cell: Cell) -> dict[str, Any]:
    values = {}
    for statement in parse_code(path, cell).body:
        plain = isinstance(statement, ast.Assign) and len(statement.targets) == 1
        if not plain or not isinstance(statement.targets[0], ast.Name):
            raise fault(path, cell, "the parameters cell holds only lines of the form NAME = literal")
        try:
            values[statement.targets[0].id] = ast.literal_eval(statement.value)
        except ValueError:
            raise fault(path, cell, f"{statement.targets[0].id} is not a literal value") from None
    return values


def parse_code(path: Path, cell: Cell) -> ast.Module:
    """Return the syntax tree of a code cell without magics; raises LessonError for a syntax error."""
    try:
        return ast.parse(cell.text)
    except SyntaxError as error:
        raise fault(path, cell, f"syntax error in line {error.lineno} of the cell: {error.msg}") from None


def _gather(path: Path, cells: list[Cell]) -> list[Cell | Exercise]:
    """Gather each exercise's run of cells: prompt, 2 hints, solution, why, 3 wrong answers, check."""
    blocks: list[Cell | Exercise] = []
    rest = list(cells)
    seen: set[str] = set()
    while rest:
        cell = rest.pop(0)
        if "exercise" in cell.tags:
            exercise, rest = _read_exercise(path, cell, rest)
            if exercise.identifier in seen:
                raise fault(path, cell, f"exercise {exercise.identifier} appears twice")
            seen.add(exercise.identifier)
            blocks.append(exercise)
        elif stray := cell.tags & {"hint", "solution", "wrong", "check"}:
            raise fault(path, cell, f"a `{min(stray)}` cell belongs to an exercise, after its `exercise` cell")
        else:
            blocks.append(cell)
    return blocks


_RUN = (
    ("markdown", "hint", 2),
    ("code", "solution", 1),
    ("markdown", "solution", 1),
    ("code", "wrong", 3),
    ("code", "check", 1),
)


def _read_exercise(path: Path, prompt: Cell, rest: list[Cell]) -> tuple[Exercise, list[Cell]]:
    identifier, level = prompt.meta.get("exercise"), prompt.meta.get("level")
    number = path.stem.partition("_")[0]
    if not isinstance(identifier, str) or not identifier.startswith(f"{number}-"):
        raise fault(path, prompt, f'an exercise needs "exercise": "{number}-name" in its metadata')
    if level not in LEVELS:
        raise fault(path, prompt, f'an exercise needs "level": one of {", ".join(LEVELS)}')
    parts: list[list[Cell]] = []
    for kind, tag, count in _RUN:
        taken, rest = rest[:count], rest[count:]
        if len(taken) < count or any(cell.kind != kind or tag not in cell.tags for cell in taken):
            where = next((cell for cell in taken if cell.kind != kind or tag not in cell.tags), prompt)
            raise fault(
                path,
                where,
                f"exercise {identifier} needs {count} {kind} cell(s) tagged `{tag}` here; "
                "an exercise is: prompt, 2 hints, solution (code), solution (text), 3 wrong answers, check",
            )
        parts.append(taken)
    hints, (solution,), (why,), wrong, (check,) = parts
    diagnoses = [cell.meta.get("diagnosis") for cell in wrong]
    if not all(isinstance(d, str) and d for d in diagnoses) or len(set(diagnoses)) != 3:
        raise fault(path, wrong[0], f"the three wrong answers of {identifier} need three different `:diagnosis:` names")
    if f'"{identifier}"' not in check.text or "check(" not in check.text:
        raise fault(path, check, f'the check cell must call check("{identifier}", …)')
    return Exercise(identifier, level, prompt, tuple(hints), solution, why, tuple(wrong), check), rest
