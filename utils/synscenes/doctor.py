"""The doctor: what this machine has, what is amiss, and what to do about it.

``python -m synscenes doctor`` prints the report; a notebook shows ``doctor.report()`` as a table.
"""

from __future__ import annotations

import argparse
import html
import json
import shutil
import sys
import textwrap
from dataclasses import asdict

from synscenes.probes import ADVICE, OK, PROBES, PROBLEM, Check

__all__ = ["Check", "Report", "configure", "report", "run"]

_MARKS = {OK: "✓", ADVICE: "!", PROBLEM: "✗"}
_WORDS = {OK: "ok", ADVICE: "advice", PROBLEM: "problem"}


class Report(list[Check]):
    """A list of findings that knows how to show itself in a console and in a notebook."""

    @property
    def problems(self) -> list[Check]:
        """The findings that will make something fail."""
        return [check for check in self if check.status == PROBLEM]

    def summary(self) -> str:
        """Return one line: is this machine ready?"""
        advice = sum(check.status == ADVICE for check in self)
        if self.problems:
            few = f"{len(self.problems)} problem{'s' * (len(self.problems) > 1)} to solve first"
            return f"Not ready yet: {few}."
        if advice:
            return f"Ready, with {advice} piece{'s' * (advice > 1)} of advice."
        return "Ready: everything is in place."

    def __str__(self) -> str:
        """Return the report as lines of text, wrapped to the terminal's width."""
        wide = max((len(check.name) for check in self), default=0)
        columns = max(60, min(shutil.get_terminal_size((100, 24)).columns, 110))
        wrap = textwrap.TextWrapper(columns, subsequent_indent=" " * (wide + 4), break_on_hyphens=False)
        lines = []
        for check in self:
            lines += wrap.wrap(f"{_MARKS[check.status]} {check.name:<{wide}}  {check.found}")
            if check.todo:
                lines += textwrap.wrap(
                    f"→ {check.todo}",
                    columns,
                    initial_indent=" " * (wide + 4),
                    subsequent_indent=" " * (wide + 6),
                )
        return "\n".join([*lines, "", self.summary()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Return a small table; colours are inherited, so it suits light and dark."""
        rows = "".join(_row(check) for check in self)
        return (
            f'<table style="border-collapse: collapse; max-width: 52em;">{rows}</table>'
            f"<p><strong>{html.escape(self.summary())}</strong></p>"
        )


# Inline, because notebooks have rules of their own for the cells of tables.
_CELL = (
    "text-align: left; vertical-align: top; padding: 0.2em 1em 0.2em 0; "
    "white-space: normal; overflow-wrap: anywhere;"
)


def _row(check: Check) -> str:
    todo = f"<br>→ {_code(check.todo)}" if check.todo else ""
    mark = f"{_MARKS[check.status]}&nbsp;{_WORDS[check.status]}"
    name = html.escape(check.name).replace(" ", "&nbsp;")
    cells = (mark, name, html.escape(check.found) + todo)
    return "<tr>" + "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells) + "</tr>"


def _code(text: str) -> str:
    """Escape text and set what stands between backticks as code."""
    parts = html.escape(text).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))


def report() -> Report:
    """Look at this machine. Never raises: a probe that fails is reported as a finding of its own."""
    found = Report()
    for name, probe in PROBES.items():
        try:
            result = probe()
            found.extend([result] if isinstance(result, Check) else result)
        except Exception as error:
            missing = isinstance(error, ImportError)
            reason = " ".join(str(error).split())[:160] or type(error).__name__
            todo = (
                "run `make lab` again to install what is missing" if missing else "the lessons may still work"
            )
            found.append(
                Check(name, PROBLEM if missing else ADVICE, f"could not be examined: {reason}", todo)
            )
    return found


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def run(args: argparse.Namespace) -> int:
    """Print the report; return 1 where there is a problem, else 0."""
    found = report()
    if args.json:
        text = json.dumps(
            {"ready": not found.problems, "checks": [asdict(check) for check in found]}, indent=2
        )
    else:
        text = str(found)
    _print(text)
    return 1 if found.problems else 0


def _print(text: str) -> None:
    """Print; where the console's encoding lacks a character (old Windows ones), print a plain one."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        for fancy, plain in (("✓", "+"), ("✗", "x"), ("→", "->"), ("…", "...")):
            text = text.replace(fancy, plain)
        text = text.encode(encoding, "replace").decode(encoding)
    print(text)
