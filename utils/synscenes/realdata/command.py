"""``python -m synscenes data get | list | check``."""

from __future__ import annotations

import argparse
from pathlib import Path

from synscenes.errors import CourseError
from synscenes.paths import home
from synscenes.realdata import sources


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands to ``parser``."""
    commands = parser.add_subparsers(dest="data_command", metavar="get", required=True)
    get = commands.add_parser("get", help="get the real COCO from its hosts, or ImageNet from your own copy")
    get.add_argument("name", choices=("coco", "imagenet"))
    get.add_argument("--tier", choices=("sample", "full"), default="sample", help="how much (default: sample)")
    get.add_argument("--from", dest="folder", metavar="FOLDER", type=Path, help="a folder with the official archives")
    get.add_argument("--to", metavar="FOLDER", type=Path, help="where it goes (default: the course's folder of files)")
    get.add_argument("--host", metavar="URL", help=f"a mirror of COCO's host (or the variable {sources.HOST_VARIABLE})")
    get.add_argument("--unofficial", action="store_true", help="also take archives that aren't the official ones")
    get.add_argument("--quiet", action="store_true", help="print nothing but errors and the place")


def run(args: argparse.Namespace) -> int:
    """Run the chosen subcommand. Raises CourseError."""
    if args.name == "coco" and args.tier == "sample":
        return _coco_sample(args)
    raise CourseError("not yet")


def _coco_sample(args: argparse.Namespace) -> int:
    from synscenes.realdata import sample
    from synscenes.realdata.origin import Origin
    from synscenes.realdata.transport import Client

    root = (args.to or home() / "coco-sample").expanduser().absolute()
    work = root.parent / f".{root.name}.part"
    origin = Origin(Client(), work, args.host, args.folder, not args.unofficial, not args.quiet)
    sample.get(root, origin)
    print(f'COCO sample: {root} (DATA = "sample")')
    return 0
