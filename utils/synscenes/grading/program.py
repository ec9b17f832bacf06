"""What an answer runs with: the course's own statements that it needs, and no other cell of the submission."""

from __future__ import annotations

import ast
import builtins
import functools
import symtable
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from synscenes.authoring.settings import Settings
from synscenes.authoring.source import Exercise, LessonSource, lesson_paths, read_lesson
from synscenes.authoring.stubs import stub_code
from synscenes.paths import require_repo_root

POINTS = {"recall": 1, "apply": 2, "explore": 3}
# An answer cell may call these; in the sandbox they do nothing, and no verdict comes from them.
QUIET = "def check(*_, **__):\n    pass\n\n\nrecord = reveal = show = check"
_IMPORTS = ("import ", "from ")
_BINDING = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign, ast.AugAssign)


@dataclass(frozen=True)
class Task:
    """One exercise as the grader sees it."""

    identifier: str
    level: str
    stub: str
    answers: tuple[str, ...]  # the expressions that check() is called with
    position: int  # how many of the lesson's statements come before it

    @property
    def points(self) -> int:
        """What a pass earns."""
        return POINTS[self.level]


@dataclass(frozen=True)
class Program:
    """A lesson: its exercises, and the top-level statements of its code cells in order."""

    lesson: str
    title: str
    tasks: tuple[Task, ...]
    statements: tuple[str, ...]


def lesson_names() -> list[str]:
    """Return the file names of all lessons, without ending."""
    return [path.stem for path in lesson_paths(require_repo_root())]


class Programs(Mapping[str, Program]):
    """Every lesson of the course by its number, each read when it is first asked for."""

    def __init__(self, root: Path) -> None:
        self._paths = {path.stem[:2]: path for path in lesson_paths(root)}
        self._read: dict[str, Program] = {}

    def __getitem__(self, number: str) -> Program:
        if number not in self._read:
            self._read[number] = program(read_lesson(self._paths[number]))
        return self._read[number]

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def program(source: LessonSource) -> Program:
    """Return what grading needs of one lesson."""
    from synscenes.authoring.editions import setup_code

    statements: list[str] = []
    tasks = []
    for block in source.blocks:
        if isinstance(block, Exercise):
            # The imports that come with a stub: an answer may have lost them.
            statements += [text for text in top_level(stub_code(block.solution.text)) if text.startswith(_IMPORTS)]
            tasks.append(_task(block, len(statements)))
        elif block.kind == "code":
            statements += top_level(block.text)
            if "parameters" in block.tags:
                statements += ['PROFILE = "smoke"', *top_level(setup_code(Settings("OWNER_NOT_SET/x", "main"))), QUIET]
    return Program(source.number, source.front["title"], tuple(tasks), tuple(statements))


def _task(exercise: Exercise, position: int) -> Task:
    calls = [node for node in ast.walk(ast.parse(exercise.check.text)) if isinstance(node, ast.Call)]
    call = next(node for node in calls if isinstance(node.func, ast.Name) and node.func.id == "check")
    answers = tuple(ast.unparse(argument) for argument in call.args[1:])
    return Task(exercise.identifier, exercise.level, stub_code(exercise.solution.text), answers, position)


def top_level(text: str) -> list[str]:
    """Return the top-level statements of a cell that bind names; an unparsable cell has none."""
    lines = "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in text.splitlines())
    try:
        body = ast.parse(textwrap.dedent(lines)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return [ast.unparse(node) for node in body if isinstance(node, _BINDING)]


@functools.lru_cache(maxsize=4096)
def binds(code: str) -> frozenset[str]:
    """Return the names that code binds at its top level; none for code that does not parse."""
    try:
        table = symtable.symtable(code, "answer", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    return frozenset(s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported())


@functools.lru_cache(maxsize=4096)
def needs(code: str) -> frozenset[str]:
    """Return the names that code takes from outside: read globally, and neither bound by it nor builtins."""
    try:
        table = symtable.symtable(code, "answer", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    read: set[str] = set()
    todo = [table]
    while todo:
        scope = todo.pop()
        todo += scope.get_children()
        for symbol in scope.get_symbols():
            if symbol.is_referenced() and (scope is table or symbol.is_global()):
                read.add(symbol.get_name())
    return frozenset(read - binds(code) - set(dir(builtins)))


def gather(wanted: Iterable[str], statements: list[str], position: int | None = None) -> list[str]:
    """Return the statements that give the wanted names, and all those rest on, in their order.

    Of several that bind a name the last before ``position`` counts, as in a notebook run from the top.
    """
    limit = len(statements) if position is None else position
    chosen: set[int] = set()
    todo, done = list(wanted), set()
    while todo:
        name = todo.pop()
        if name in done:
            continue
        done.add(name)
        places = [place for place, text in enumerate(statements) if name in binds(text)]
        before = [place for place in places if place < limit]
        for place in before[-1:] or places[:1]:
            if place not in chosen:
                chosen.add(place)
                todo += needs(statements[place])
    return [statements[place] for place in sorted(chosen)]
