"""``python -m synscenes validate FILE…``: what is wrong in COCO annotation files, on the terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable

from synscenes.coco.problems import Problem


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="annotation files in COCO's JSON")
    parser.add_argument("--images", metavar="FOLDER", help="the folder of their images (default: the official place)")
    parser.add_argument(
        "--most", type=int, default=20, metavar="N", help="lines for each kind of problem (default: 20)"
    )


def run(args: argparse.Namespace) -> int:
    """Check the files; the exit status is 1 where a file has an error, 0 where there are warnings at most."""
    from synscenes.coco.checking import validate

    failed = False
    for path in args.files:
        problems = validate(path, args.images, most=max(args.most, 1), progress=True)
        for problem in problems:
            _print(str(problem))
        _print(f"{path}: {_count(problems, 'error')}, {_count(problems, 'warning')}")
        failed |= any(problem.level == "error" for problem in problems)
    return int(failed)


def _count(problems: Iterable[Problem], level: str) -> str:
    count = sum(problem.level == level for problem in problems)
    return f"{count} {level}{'s' * (count != 1)}"


def _print(line: str) -> None:
    """Print a line that may hold anything a file held, on terminals of any encoding."""
    encoding = sys.stdout.encoding or "utf-8"
    print(line.encode(encoding, "backslashreplace").decode(encoding))
