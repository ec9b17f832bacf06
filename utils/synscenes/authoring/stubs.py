"""From a solution to the stub a learner starts with."""

from __future__ import annotations

import ast
import textwrap

from synscenes.errors import CourseError

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
PLACEHOLDER = "...  # your code here"


def solution_code(text: str) -> str:
    """Return a solution cell's code without the marker lines."""
    return "\n".join(line for line in text.splitlines() if line.strip() not in (BEGIN, END))


def stub_code(text: str) -> str:
    """Return the learner's stub: each marked block becomes one line that runs and holds ``...``.

    A block that ends in ``return`` becomes ``return ...``; one that ends in an assignment becomes
    ``name = ...``. Raises CourseError for missing or crossed markers, and for a block that ends otherwise.
    """
    stub: list[str] = []
    block: list[str] | None = None
    found = False
    for line in text.splitlines():
        marker = line.strip()
        if marker == BEGIN:
            if block is not None:
                raise CourseError(f"a second {BEGIN!r} before {END!r}")
            block, found = [], True
        elif marker == END:
            if not block:
                raise CourseError(f"{END!r} without lines after {BEGIN!r}")
            stub.append(_placeholder(block))
            block = None
        elif block is None:
            stub.append(line)
        else:
            block.append(line)
    if block is not None or not found:
        raise CourseError(f"a solution has its answer between {BEGIN!r} and {END!r}")
    return "\n".join(stub)


def _placeholder(block: list[str]) -> str:
    first = next(line for line in block if line.strip())
    indent = first[: len(first) - len(first.lstrip())]
    try:
        # A return is only legal inside a function, so the block is parsed as the body of one.
        body = ast.parse("def _():\n" + textwrap.indent(textwrap.dedent("\n".join(block)), "    ")).body[0].body
    except SyntaxError as error:
        raise CourseError(f"the solution's lines do not parse: {error.msg}") from None
    last = body[-1]
    if isinstance(last, ast.Return):
        return f"{indent}return {PLACEHOLDER}"
    if isinstance(last, ast.Assign) and all(isinstance(target, ast.Name) for target in last.targets):
        return f"{indent}{' = '.join(target.id for target in last.targets)} = {PLACEHOLDER}"
    raise CourseError("a solution block must end in a return or in an assignment to a name")
