"""The bars every lesson clears, checked by program (the reasons are on the authoring page)."""

from __future__ import annotations

import ast
import re
import statistics
from collections.abc import Iterator

from synscenes.authoring.source import Cell, Exercise, LessonSource, fault, parse_code

MEDIAN_LINES, NINTH_DECILE_LINES, MOST_LINES = 5, 15, 25
_ABSOLUTE = re.compile(r"""["'(\s](/(?:home|root|work|tmp|usr|Users|content|mnt)/|[A-Za-z]:\\\\?\w)""")


def problems_of(source: LessonSource) -> list[str]:
    """Return one line for each bar a lesson misses; an empty list is a pass."""
    checks = (_cell_lengths, _unused_parameters, _exercises, _sections, _goals, _figures, _paths, _headings)
    return [problem for check in checks for problem in check(source)]


def code_cells(source: LessonSource) -> list[Cell]:
    """Return the code cells a learner meets."""
    return [cell for cell in source.cells if cell.kind == "code" and "wrong" not in cell.tags]


def _lines(cell: Cell) -> int:
    return sum(bool(line.strip()) for line in cell.text.splitlines())


def _cell_lengths(source: LessonSource) -> Iterator[str]:
    lengths = sorted(_lines(cell) for cell in code_cells(source))
    median, decile = statistics.median(lengths), lengths[int(0.9 * (len(lengths) - 1))]
    if median > MEDIAN_LINES:
        yield f"{source.path.name}: the median code cell has {median} lines; aim for {MEDIAN_LINES}"
    if decile > NINTH_DECILE_LINES:
        yield f"{source.path.name}: one code cell in ten has {decile} lines or more; at most {NINTH_DECILE_LINES}"
    for cell in code_cells(source):
        if _lines(cell) > MOST_LINES:
            yield str(fault(source.path, cell, f"{_lines(cell)} lines of code; no cell has more than {MOST_LINES}"))


def _unused_parameters(source: LessonSource) -> Iterator[str]:
    # The setup cell, which the build adds, reads these four.
    used = {"DATA", "DEVICE", "PROFILE", "SEED"}
    for cell in code_cells(source):
        if "parameters" not in cell.tags:
            names = ast.walk(parse_code(source.path, cell)) if not _has_magic(cell) else ()
            used |= {node.id for node in names if isinstance(node, ast.Name)}
    for name in sorted(set(source.parameters) - used):
        yield f"{source.path.name}: parameter {name} is never used"


def _has_magic(cell: Cell) -> bool:
    return any(line.lstrip().startswith(("%", "!")) for line in cell.text.splitlines())


def _exercises(source: LessonSource) -> Iterator[str]:
    levels = {exercise.level for exercise in source.exercises}
    if len(source.exercises) < 3:
        yield f"{source.path.name}: {len(source.exercises)} exercises; at least 3"
    for level in ("recall", "apply", "explore"):
        if level not in levels:
            yield f"{source.path.name}: no exercise at level {level}"


def _sections(source: LessonSource) -> Iterator[str]:
    for tag in ("quiz", "instructor", "recap", "further", "slide", "predict", "prelude"):
        if not any(tag in cell.tags for cell in source.cells):
            yield f"{source.path.name}: no cell tagged `{tag}`"
    number_of_slides = sum(bool(cell.tags & {"slide", "subslide", "slide-only"}) for cell in source.cells)
    if number_of_slides < 5:
        yield f"{source.path.name}: {number_of_slides} slides; at least 5"


def _goals(source: LessonSource) -> Iterator[str]:
    recap = "\n".join(cell.text for cell in source.cells if "recap" in cell.tags)
    answered = {int(number) for number in re.findall(r"\*\*G(\d+)\*\*", recap)}
    stated = set(range(1, len(source.front["goals"]) + 1))
    for number in sorted(stated - answered):
        yield f"{source.path.name}: the recap does not answer goal G{number}"
    for number in sorted(answered - stated):
        yield f"{source.path.name}: the recap answers G{number}, which is not among the goals"


def _figures(source: LessonSource) -> Iterator[str]:
    for cell in source.cells:
        if cell.kind == "markdown" and re.search(r"!\[\s*\]\(|<img(?![^>]*\balt=)", cell.text):
            yield str(fault(source.path, cell, "a picture without alt text"))
        if cell.kind != "code" or _has_magic(cell):
            continue
        for node in ast.walk(parse_code(source.path, cell)):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            if called == "show" and len(node.args) < 2 and not any(k.arg == "alt" for k in node.keywords):
                yield str(fault(source.path, cell, "show() without alt text"))
            if called.endswith(("plt.show", ".imshow_", "display.Image")):
                yield str(
                    fault(source.path, cell, f"{called}() leaves a figure without alt text; use show(fig, alt=…)")
                )


def _paths(source: LessonSource) -> Iterator[str]:
    for cell in source.cells:
        if found := _ABSOLUTE.search(cell.text):
            yield str(fault(source.path, cell, f"an absolute path, {found[1]}…, works on one machine only"))


def _headings(source: LessonSource) -> Iterator[str]:
    """One `#` title; then no level is skipped."""
    level = 0
    blocks = (block.prompt if isinstance(block, Exercise) else block for block in source.blocks)
    for cell in blocks:
        if cell.kind != "markdown" or "instructor" in cell.tags or "slide-only" in cell.tags or "quiz" in cell.tags:
            continue
        for marks in re.findall(r"^(#+) ", re.sub(r"```.*?```", "", cell.text, flags=re.DOTALL), re.MULTILINE):
            if len(marks) == 1 and level:
                yield str(fault(source.path, cell, "a second `#` title; a lesson has one"))
            if len(marks) > level + 1:
                yield str(fault(source.path, cell, f"heading level {len(marks)} after level {level}"))
            level = len(marks)
