"""The command line: ``python -m synscenes COMMAND``."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import sys

from synscenes.errors import CourseError

# Each command is a module with configure(parser) and run(args) -> exit status; it is imported only when used.
COMMANDS = {
    "doctor": ("synscenes.doctor", "check this machine: versions, device, memory, disk, assets"),
    "assets": ("synscenes.assets.cli", "fetch, verify or list the files the lessons use"),
    "data": ("synscenes.realdata.command", "get the real COCO, or install your copy of ImageNet"),
    "lab": ("synscenes.lab", "open JupyterLab on your own copy of the notebooks"),
    "build": ("synscenes.authoring.build", "make the notebooks' editions from course/lessons"),
    "run": ("synscenes.authoring.running", "execute notebooks with papermill"),
    "ledger": ("synscenes.authoring.ledger", "compare the results of the last run with those on record"),
    "book": ("synscenes.site", "build the website"),
    "validate": ("synscenes.coco.command", "check annotation files in COCO's JSON"),
    "grade": ("synscenes.grading", "score submitted notebooks, walled in, and write grades and feedback"),
    "progress": ("synscenes.progress", "show which exercises you have passed"),
}


def main(argv: list[str] | None = None) -> int:
    """Run one command; return its exit status: 0 done, 1 failed with a line that says why, 2 misused, 130 stopped."""
    argv = sys.argv[1:] if argv is None else argv
    try:
        return _main(argv)
    except KeyboardInterrupt:
        print(f"synscenes {argv[0] if argv else ''}: stopped.", file=sys.stderr)
        return 130


def _main(argv: list[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        # A terminal that knows ASCII only must not stop a command over a name with an accent.
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="backslashreplace")
    parser = argparse.ArgumentParser(prog="python -m synscenes", description="From Synsets to Scenes")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, (module, summary) in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=summary, description=summary)
        if argv and argv[0] == name:
            importlib.import_module(module).configure(subparser)
    args, unknown = parser.parse_known_args(argv)
    if unknown and args.command != "lab":
        parser.error(f"unknown options: {' '.join(unknown)}")
    # What `lab` does not know is meant for JupyterLab.
    extra = [unknown] if args.command == "lab" else []
    try:
        return importlib.import_module(COMMANDS[args.command][0]).run(args, *extra)
    except CourseError as error:
        print(f"synscenes {args.command}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
