"""The cells of a lesson that one result depends on, found by reading the code: what to run to see a parameter act.

A cell depends on the last cells before it that define, or may change in place, a name it uses. That is read from the
syntax alone, so a slice can hold a cell too many; a name changed behind the reader's back (by a function that changes
its argument and whose result is assigned) can be missed. Each slice therefore runs twice, unchanged and changed, and
only the two are compared.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from synscenes.errors import CourseError

# Calls that change nothing of what they are given.
_HARMLESS = {"print", "show", "record", "reveal", "check", "display"}


@dataclass(frozen=True)
class CodeCell:
    """One cell: its name, its text, and the names it defines, changes in place, and uses (``late``: in functions, which
    look a name up when they are called)."""

    name: str
    text: str
    defines: frozenset[str]
    changes: frozenset[str]
    uses: frozenset[str]
    late: frozenset[str]
    records: tuple[str, ...] = field(default=())


def read_cell(name: str, text: str) -> CodeCell:
    """Return a cell with its names; raises CourseError for code that does not parse."""
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise CourseError(f"cell {name}: {error.msg}, line {error.lineno}") from None
    reader = _Names()
    reader.read(tree.body)
    records = [
        _pattern(node.args[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "record" and node.args
    ]
    sets = (frozenset(names - {""}) for names in (reader.defines, reader.changes, reader.uses, reader.late))
    return CodeCell(name, text, *sets, tuple(records))


class _Names:
    """Reads statements in order: a name that the cell itself has set before is not asked of earlier cells."""

    def __init__(self) -> None:
        self.defines: set[str] = set()
        self.changes: set[str] = set()
        self.uses: set[str] = set()
        self.late: set[str] = set()

    def read(self, statements: Iterable[ast.stmt]) -> None:
        for node in statements:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                self.late |= _free(node, set())
                self.defines.add(node.name)
                continue
            heads = [part for part in ast.iter_child_nodes(node) if isinstance(part, (ast.expr, ast.withitem))]
            for part in heads if not isinstance(node, ast.For) else [node.iter]:
                self._use(part)
            if isinstance(node, ast.AugAssign):
                self.uses.add(_base(node.target))
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                self.changes |= _given(node.value)
            for part in [node, *heads]:
                self._set(part)
            for body in ("body", "orelse", "handlers", "finalbody"):
                inner = getattr(node, body, [])
                self.read(
                    [line for each in inner for line in getattr(each, "body", [])] if body == "handlers" else inner
                )

    def _use(self, node: ast.AST) -> None:
        self.uses |= _free(node, set()) - self.defines

    def _set(self, node: ast.AST) -> None:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            self.defines |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        elif isinstance(node, (ast.Name, ast.Tuple, ast.List, ast.Starred, ast.withitem, ast.NamedExpr)):
            for part in ast.walk(node):
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                    self.defines.add(part.id)
                elif isinstance(part, (ast.Attribute, ast.Subscript)) and isinstance(part.ctx, ast.Store):
                    self.changes.add(_base(part))
        elif isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            self.changes.add(_base(node))


def _free(node: ast.AST, bound: set[str]) -> set[str]:
    """The names that code takes from outside: neither arguments, nor set in it, nor a comprehension's own.

    ``lesson.seed`` counts as a name too, beside ``lesson``.
    """
    if isinstance(node, (ast.FunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
        inner = {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}
        inner |= {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
        bound = bound | inner
    if isinstance(node, ast.Name):
        return set() if node.id in bound or not isinstance(node.ctx, ast.Load) else {node.id}
    found = set().union(*(_free(part, bound) for part in ast.iter_child_nodes(node)))
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id not in bound:
        found.add(f"{node.value.id}.{node.attr}")
    return found


def _base(node: ast.expr) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _given(call: ast.Call) -> set[str]:
    """The names that a call on a line of its own may change: its object and its arguments."""
    if isinstance(call.func, ast.Name):
        if call.func.id in _HARMLESS:
            return set()
        owner = set()
    else:
        owner = {_base(call.func)}
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    return owner | {node.id for node in arguments if isinstance(node, ast.Name)}


def _pattern(node: ast.expr) -> str:
    """A recorded name, with ``*`` for what is filled in."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_pattern(part) if isinstance(part, ast.Constant) else "*" for part in node.values)
    if isinstance(node, ast.BinOp):
        return _pattern(node.left) + _pattern(node.right)
    return "*"


def slice_to(cells: list[CodeCell], wanted: Callable[[CodeCell], bool], always: Iterable[str] = ()) -> list[CodeCell]:
    """Return, in order, the first cell that is ``wanted`` and those it depends on.

    Cells named in ``always`` (parameters, setup) are kept whatever they define. Raises CourseError if no cell is
    wanted.
    """
    last = next((place for place, cell in enumerate(cells) if cell.name not in always and wanted(cell)), None)
    if last is None:
        raise CourseError("no cell of the lesson does what was looked for")
    late: set[str] = set()
    while True:
        kept = _backwards(cells, last, late, always)
        more = late.union(*(cells[place].late for place in kept))
        if more == late:
            return [cells[place] for place in kept]
        late = more


def _backwards(cells: list[CodeCell], last: int, late: set[str], always: Iterable[str]) -> list[int]:
    needed, kept = cells[last].uses | cells[last].changes | late, [last]
    for place in range(last - 1, -1, -1):
        cell = cells[place]
        if cell.name in always:
            kept.append(place)
        elif (cell.defines | cell.changes) & needed:
            kept.append(place)
            # What the cell makes anew need not be looked for further up; what it only changes must.
            needed = needed - (cell.defines - cell.uses - cell.changes) | cell.uses
    return sorted(kept)
