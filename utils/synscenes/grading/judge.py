"""The trusted side of one exercise: the course's own check, run on an answer that lives in another process.

The check calls a stand-in. The arguments go to the sandbox as plain data, and what comes back is plain data. The
submitted code therefore never meets the check, its hidden cases, or the verdict.
"""

from __future__ import annotations

import ast
import json
import sys
from typing import Any

from synscenes.grading.plain import NotPlain
from synscenes.grading.program import needs
from synscenes.grading.sandbox import OURS, Crash, Limits, Sandbox, adopt_orphans

# Imported before the memory limit is set: their size says nothing about an answer.
KNOWN_MODULES = ("torch", "torchvision", "scipy", "pandas", "PIL", "sklearn", "nltk", "matplotlib", "timm")


def judge(job: dict[str, Any]) -> dict[str, Any]:
    """Run one exercise's check on submitted code; return verdict, diagnosis and message as JSON values.

    ``job`` holds ``exercise``, ``code``, ``course`` (statements), ``answers`` (expressions), ``kind`` (of wall),
    ``hidden`` and ``limits``. Verdicts: those of a check, and "crashed".
    """
    limits = Limits(**job["limits"])
    try:
        with Sandbox(limits, job["kind"], job["hidden"]) as sandbox:
            try:
                sandbox.prepare(job["course"], _modules(job["code"]))
            except Crash as crash:
                return _told("crashed", OURS, f"Before your code ran: {crash}")
            described, raised = sandbox.answer(job["code"], job["answers"])
            if raised:
                return _told("crashed", raised.get("type"), _where(raised))
            return _checked(job, described, sandbox)
    except Crash as crash:
        return _told("crashed", "stopped", str(crash))
    except NotPlain as error:
        return _told("crashed", "not-plain", f"The check could not hand its case over: {error}.")


def _checked(job: dict[str, Any], described: list[dict[str, Any]], sandbox: Sandbox) -> dict[str, Any]:
    from synscenes.checks import run_check

    answers = []
    for place, (text, about) in enumerate(zip(job["answers"], described, strict=True)):
        if about.get("kind") == "missing":
            names = ", ".join(sorted(needs(text))) or text
            return _told("mistake", "name", f"I found no {names} in your notebook: keep the name the exercise gives.")
        answers.append(_stand_in(sandbox, place) if about.get("kind") == "function" else about.get("value"))
    outcome = run_check(job["exercise"], *answers)
    return _told(outcome.verdict, outcome.diagnosis, outcome.message)


def _stand_in(sandbox: Sandbox, place: int) -> Any:
    def function(*arguments: Any, **named: Any) -> Any:
        return sandbox.call(place, arguments, named)

    return function


def _where(raised: dict[str, Any]) -> str:
    line = f", line {raised['line']} of the code" if isinstance(raised.get("line"), int) else ""
    return f"Your cell stopped with {raised.get('type')}: {raised.get('message')}{line}."


def _modules(code: str) -> list[str]:
    """Return the known packages that submitted code imports anywhere."""
    try:
        nodes = list(ast.walk(ast.parse(code)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    return sorted(name for name in names if name.partition(".")[0] in KNOWN_MODULES)


def _told(verdict: str, diagnosis: Any, message: str) -> dict[str, Any]:
    return {"verdict": verdict, "diagnosis": None if diagnosis is None else str(diagnosis), "message": message[:2000]}


def main() -> None:
    """Answer one job a line with one verdict a line until the input ends."""
    adopt_orphans()
    for line in sys.stdin:
        print(json.dumps(judge(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
